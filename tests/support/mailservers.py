"""Dovecot (IMAP, LMTP, SASL) and Postfix (submission), started by hand on loopback, for one test run.

Every mailbox has a domain of its own (mN.test), and a domain's users stand in a file of its own, so
that a new mailbox is there the moment its file is.  Recipients outside *.test are refused; a user
called nobody... is refused at RCPT; one that was never made bounces.
"""
import grp
import os
import pwd
import subprocess

from . import certs
from .keeper import as_root
from .ports import NotStarted, start_with_ports, wait_listening

MAIL_UID = 5000  # needs no system user

DOVECOT_CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
auth_verbose = yes
mail_debug = no
listen = 127.0.0.1, {bad_hosts}
protocols = imap lmtp
hostname = mail.example.test
ssl = required
ssl_cert = <{certs}/server.pem
ssl_key = <{certs}/server.key
{bad_certs}
disable_plaintext_auth = yes
auth_mechanisms = plain login {token_mechanisms}
auth_failure_delay = 0
mail_location = maildir:{dir}/mail/%d/%n/Maildir
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
default_process_limit = 400
default_client_limit = 4000
{tokens}
passdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users/%d
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users/%d
}}
namespace inbox {{
  inbox = yes
  separator = /
{special}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
"""

OAUTH2_CONF = """
introspection_mode = post
introspection_url = http://mail-server:mail-server-secret@{host}/token/introspection
username_attribute = sub
active_attribute = active
active_value = true
"""

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/pf-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/postfix.log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mydestination =
mynetworks = 127.0.0.1/32
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = regexp:{dir}/pf/domains
virtual_mailbox_maps = regexp:{dir}/pf/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:mail to the outside is disabled
message_size_limit = 36700160
minimal_backoff_time = 1s
queue_run_delay = 1s
smtpd_tls_cert_file = {certs}/server.pem
smtpd_tls_key_file = {certs}/server.key
smtp_address_preference = ipv4
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sasl_security_options = noanonymous
smtpd_sender_login_maps = regexp:{dir}/pf/senders
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
"""

SUBMISSION = """{host}:{port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_wrappermode={wrapped}
  -o smtpd_tls_cert_file={certs}/{cert}.pem
  -o smtpd_tls_key_file={certs}/{cert}.key
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_recipient_restrictions=reject_unauth_destination
"""

MASTER_CF = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

SPECIAL = (
    ("Sent", "\\Sent"),
    ("Drafts", "\\Drafts"),
    ("Trash", "\\Trash"),
    ("Junk", "\\Junk"),
    ("Archive", "\\Archive"),
)


def _write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def _read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return ""


def _mail_ids():
    """Whose the mail is: the caller's, unless that is root, whom Dovecot refuses."""
    return (os.getuid(), os.getgid()) if os.getuid() else (MAIL_UID, MAIL_UID)


def _missing():
    for path in (
        "/usr/sbin/dovecot",
        "/usr/lib/dovecot/imap",
        "/usr/lib/dovecot/lmtp",
        "/usr/sbin/postfix",
    ):
        if not os.path.exists(path):
            return path
    return None


def _prepare(folder):
    uid, gid = _mail_ids()
    for name in ("run", "state", "users", "mail", "pf", "spool", "pf-data"):
        os.makedirs(f"{folder}/{name}", mode=0o755)
    os.chown(f"{folder}/mail", uid, gid)
    subprocess.run(as_root(["chown", "root:root", f"{folder}/spool", f"{folder}/pf"]), check=True)
    subprocess.run(as_root(["chown", "postfix:root", f"{folder}/pf-data"]), check=True)


def _start_dovecot(folder, keeper, oidc, imap, imaps, lmtp, sasl):
    uid, gid = _mail_ids()
    conf = f"{folder}/dovecot.conf"
    bad = "\n".join(
        f"local {host} {{\n  ssl_cert = <{folder}/certs/{name}.pem\n  ssl_key = <{folder}/certs/{name}.key\n}}"
        for name, host in certs.BAD_HOSTS.items()
    )
    special = "\n".join(
        f"  mailbox {name} {{\n    special_use = {use}\n    auto = subscribe\n  }}"
        for name, use in SPECIAL
    )
    _write(
        conf,
        DOVECOT_CONF.format(
            dir=folder,
            certs=f"{folder}/certs",
            bad_hosts=", ".join(certs.BAD_HOSTS.values()),
            bad_certs=bad,
            uid=uid,
            gid=gid,
            special=special,
            tokens=TOKENS.format(dir=folder) if oidc else "",
            token_mechanisms="xoauth2 oauthbearer" if oidc else "",
            imap=imap,
            imaps=imaps,
            lmtp=lmtp,
            sasl=sasl,
        ),
    )
    if oidc:
        _write(f"{folder}/oauth2.conf", OAUTH2_CONF.format(**oidc))
    with open(f"{folder}/dovecot.out", "ab") as out:
        proc = subprocess.Popen(
            as_root(["/usr/sbin/dovecot", "-F", "-c", conf]),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    keeper.end_group_at_end(proc.pid)
    keeper.run_at_end(as_root(["doveadm", "-c", conf, "stop"]))
    for port in (imap, imaps, lmtp, sasl):
        wait_listening(port, lambda: proc.poll() is None)
    return {"imap": imap, "imaps": imaps, "lmtp": lmtp, "sasl": sasl}


def _postfix_conf(folder, lmtp, sasl, submission, submissions):
    uses = {"dir": folder, "certs": f"{folder}/certs", "lmtp": lmtp, "sasl": sasl}
    hosts = [(certs.GOOD_HOST, "server")] + [(host, name) for name, host in certs.BAD_HOSTS.items()]
    services = "".join(
        SUBMISSION.format(host=host, cert=cert, certs=f"{folder}/certs", port=port, wrapped=wrapped)
        for host, cert in hosts
        for port, wrapped in ((submission, "no"), (submissions, "yes"))
    )
    texts = {
        "main.cf": MAIN_CF.format(**uses),
        "master.cf": services + MASTER_CF,
        "domains": "/^[a-z0-9.-]+\\.test$/ ok\n",
        "mailboxes": "if !/^nobody/\n/^[^@]+@[a-z0-9.-]+\\.test$/ ok\nendif\n",
        "senders": "/^(.+)$/ $1\n",
    }
    for name, text in texts.items():
        subprocess.run(
            as_root(["tee", f"{folder}/pf/{name}"]),
            input=text,
            text=True,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _start_postfix(folder, keeper, lmtp, sasl, submission, submissions):
    _postfix_conf(folder, lmtp, sasl, submission, submissions)
    check = subprocess.run(
        as_root(["postfix", "-c", f"{folder}/pf", "check"]),
        capture_output=True,
        text=True,
        check=False,
    )
    if check.returncode:
        raise NotStarted(f"postfix check: {check.stderr.strip()} {_read(folder + '/postfix.log')}")
    with open(f"{folder}/postfix.out", "ab") as out:
        proc = subprocess.Popen(
            as_root(["postfix", "-c", f"{folder}/pf", "start-fg"]),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    keeper.end_group_at_end(proc.pid)
    keeper.run_at_end(as_root(["postfix", "-c", f"{folder}/pf", "stop"]))
    for port in (submission, submissions):
        wait_listening(port, lambda: proc.poll() is None)
    return {"submission": submission, "submissions": submissions}


def start(folder, keeper, oidc=None):
    """Starts both servers under folder; returns what a test needs to know of them.  With an identity
    provider they also take its tokens."""
    missing = _missing()
    if missing:
        raise NotStarted(
            f"{missing} is missing: Debian dovecot-imapd, dovecot-lmtpd and postfix are needed"
        )
    for user in ("dovecot", "dovenull", "postfix"):
        pwd.getpwnam(user)
    grp.getgrnam("postdrop")
    os.makedirs(folder, mode=0o755)
    certs.make(f"{folder}/certs")
    _prepare(folder)
    ports = start_with_ports(4, lambda *p: _start_dovecot(folder, keeper, oidc, *p))
    ports |= start_with_ports(
        2, lambda *p: _start_postfix(folder, keeper, ports["lmtp"], ports["sasl"], *p)
    )
    return {
        "dir": folder,
        "ca": f"{folder}/certs/ca.pem",
        "uid": _mail_ids()[0],
        "gid": _mail_ids()[1],
        **ports,
    }
