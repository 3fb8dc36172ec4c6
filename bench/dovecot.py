"""dovecot - an IMAP server of the bench's own on a free loopback port, with TLS, for any user name and one
password; each user's mail is a Maildir below its folder. Needs no root, and ends with its caller.
"""
import contextlib
import ctypes
import grp
import imaplib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time

PASSWORD = "bench"
HOST = "127.0.0.1"
MAIL_UID = 65534        # root's mail is refused; needs no user of that number
DEATH_SIGNAL = 1        # PR_SET_PDEATHSIG

CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
listen = {host}
protocols = imap
ssl = required
ssl_cert = <{dir}/server.pem
ssl_key = <{dir}/server.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{dir}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u
}}
service imap-login {{
  {free}
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  {free}
}}
"""


def _ids():
    return (os.getuid(), os.getgid()) if os.getuid() else (MAIL_UID, MAIL_UID)


def _conf(folder, port):
    uid, gid = _ids()
    users, free = "", ""
    if os.getuid():     # everything runs as the caller, who can change no root folder
        name, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
        users = f"default_internal_user = {name}\ndefault_internal_group = {group}\ndefault_login_user = {name}"
        free = "chroot ="
    return CONF.format(dir=folder, host=HOST, port=port, password=PASSWORD, uid=uid, gid=gid, users=users, free=free)


def _make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}",
                    "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.pem"], check=True, capture_output=True)


def _free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def _die_with_caller():
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


class Server:
    """A running server; see serve()."""

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), 0
        self.certificate = self.folder / "server.pem"
        self._child = None

    def _listens(self):
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
            return True
        return False

    def start(self):
        for _ in range(4):      # a port found free may be taken by the time it is used
            self.port = _free_port()
            (self.folder / "conf").write_text(_conf(self.folder, self.port), encoding="utf-8")
            program = shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin")
            with open(self.folder / "out", "ab") as out:
                self._child = subprocess.Popen([program, "-F", "-c", str(self.folder / "conf")], stdin=subprocess.DEVNULL,
                                               stdout=out, stderr=out, preexec_fn=_die_with_caller)
            end = time.monotonic() + 20
            while time.monotonic() < end and self._child.poll() is None:
                if self._listens():
                    return
                time.sleep(0.02)
            self.stop()
        raise TimeoutError("dovecot did not start: " + (self.folder / "out").read_text(errors="replace")[-1000:])

    def stop(self):
        self._child.terminate()
        try:
            self._child.wait(20)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def maildir(self, user):
        return self.folder / "mail" / user

    def fill(self, user, maildir):
        """Gives the user a copy of the mail: what a file's time says of its arrival moves with all
        others, so that the newest came just now. Returns how many octets it has, with CRLF."""
        cur = self.maildir(user) / "cur"
        cur.mkdir(parents=True)
        files = list((pathlib.Path(maildir) / "cur").iterdir())
        later = time.time() - 60 - max(f.stat().st_mtime for f in files)
        octets = 0
        for file in files:
            data = file.read_bytes()
            octets += len(data) + data.count(b"\n")
            copy, at = cur / file.name, file.stat().st_mtime + later
            copy.write_bytes(data)
            os.utime(copy, (at, at))
        if not os.getuid():
            subprocess.run(["chown", "-R", "%d:%d" % _ids(), str(self.maildir(user))], check=True)
        return octets

    @contextlib.contextmanager
    def session(self, user):
        """An imaplib session with the user's inbox selected."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL(HOST, self.port, ssl_context=context, timeout=600) as imap:
            imap.login(user, PASSWORD)
            said(imap.select("INBOX"))
            yield imap


def said(answer):
    """What the server said, if it said OK."""
    status, data = answer
    if status != "OK":
        raise ValueError(f"the server refused: {data}")
    return data


@contextlib.contextmanager
def serve(folder):
    """A Server that keeps everything below folder and stops at the end."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir(parents=True)
        if name in ("mail", "home") and not os.getuid():
            os.chown(folder / name, *_ids())
    if not os.getuid():     # who owns the mail must reach it
        folder.parent.chmod(0o711)
    _make_certificate(folder)
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
