"""A certificate authority for one test run, the server certificate, and three bad ones."""
import os
import subprocess

GOOD_HOST = "127.0.0.1"
# Each bad certificate answers on an address of its own, so that one server can show them all.
BAD_HOSTS = {"wrong-host": "127.0.0.11", "expired": "127.0.0.12", "other-ca": "127.0.0.13"}

CA_CONF = """
[ca]
default_ca = one
[one]
database = {dir}/index.txt
new_certs_dir = {dir}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


def _openssl(*argv):
    subprocess.run(["openssl", *argv], check=True, capture_output=True, text=True)


def _make_ca(folder, name):
    _openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "3650",
        "-subj",
        f"/CN={name}",
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout",
        f"{folder}/{name}.key",
        "-out",
        f"{folder}/{name}.pem",
    )


def _make_cert(folder, name, ca, names, dates=("20200101000000Z", "20491231000000Z")):
    _openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName={names}",
        "-keyout",
        f"{folder}/{name}.key",
        "-out",
        f"{folder}/{name}.csr",
    )
    _openssl(
        "ca",
        "-batch",
        "-notext",
        "-config",
        f"{folder}/ca.conf",
        "-cert",
        f"{folder}/{ca}.pem",
        "-keyfile",
        f"{folder}/{ca}.key",
        "-startdate",
        dates[0],
        "-enddate",
        dates[1],
        "-in",
        f"{folder}/{name}.csr",
        "-out",
        f"{folder}/{name}.pem",
    )


def make(folder):
    """Fills folder with ca.pem and NAME.pem, NAME.key for "server" and every name in BAD_HOSTS."""
    os.makedirs(folder)
    with open(f"{folder}/ca.conf", "w", encoding="ascii") as f:
        f.write(CA_CONF.format(dir=folder))
    open(f"{folder}/index.txt", "w", encoding="ascii").close()
    for ca in ("ca", "stranger"):
        _make_ca(folder, ca)
    _make_cert(folder, "server", "ca", f"DNS:localhost,DNS:mail.example.test,IP:{GOOD_HOST}")
    _make_cert(folder, "wrong-host", "ca", "DNS:elsewhere.example.test,IP:192.0.2.1")
    _make_cert(
        folder,
        "expired",
        "ca",
        f"DNS:localhost,IP:{BAD_HOSTS['expired']}",
        ("20200101000000Z", "20210101000000Z"),
    )
    _make_cert(folder, "other-ca", "stranger", f"DNS:localhost,IP:{BAD_HOSTS['other-ca']}")
