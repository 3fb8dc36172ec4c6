"""peers - the programs whose screens are compared, all looking at the INBOX of one server: how each is
configured and started, and which of its keys do the same.

All thread, newest on top, keep a cache, and look for new mail only when asked (their defaults would wake
them more often than crmail wakes); the cache of bodies is on where there is one.
"""
import dataclasses
import pathlib
import shutil

import dovecot

AERC_SHARE = pathlib.Path("/usr/share/aerc")


@dataclasses.dataclass
class Program:
    """How to start it and what to press. ready: a regular expression of what only the finished list
    shows; caches: what it keeps, which forget() takes away."""
    name: str
    command: list
    env: dict
    ready: bytes
    caches: tuple
    quit: bytes = b"q"
    top: bytes = b"gg"
    down: bytes = b"j"
    page: bytes = b"\x1b[6~"
    page_back: bytes = b"\x1b[5~"
    close: bytes = b"q"

    def forget(self):
        for folder in self.caches:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)


def mutt(name, place, server, user, messages):
    """mutt or neomutt, whose settings are the same. Both list everything before they show anything."""
    home = place.work / name
    caches = (home / "headers", home / "bodies")
    for folder in caches:
        folder.mkdir(parents=True, exist_ok=True)
    url = f"imaps://{dovecot.HOST}:{server.port}/"
    rc = home / "rc"
    rc.write_text(f"set folder={url} spoolfile={url}INBOX imap_user={user} imap_pass={dovecot.PASSWORD}\n"
                  f"set imap_authenticators=login ssl_ca_certificates_file={server.certificate}\n"
                  f"set header_cache={caches[0]} message_cachedir={caches[1]}\n"
                  "set sort=threads sort_aux=reverse-last-date-received pager_stop=yes\n"
                  "set mail_check=600 timeout=600 imap_keepalive=600 sleep_time=0\n"
                  "set quit=yes read_inc=0 net_inc=0 mark_old=no\n", encoding="ascii")
    return Program(name, [name, "-n", "-F", str(rc)], place.env | {"HOME": str(home)},
                   rb"Msgs:\s*%d" % messages, caches, top=b"=")


def aerc(place, server, user, first):
    """aerc lets the server thread and fetches the headers of the rows on the screen."""
    home = place.work / "aerc"
    config = home / "config" / "aerc"
    config.mkdir(parents=True, exist_ok=True)
    text = (AERC_SHARE / "aerc.conf").read_text(encoding="utf-8")
    (config / "aerc.conf").write_text(text.replace("#threading-enabled=false", "threading-enabled=true"),
                                      encoding="utf-8")
    shutil.copy(AERC_SHARE / "binds.conf", config)
    accounts = config / "accounts.conf"
    accounts.touch(mode=0o600)
    accounts.write_text(f"[bench]\nsource = imaps://{user}:{dovecot.PASSWORD}@{dovecot.HOST}:{server.port}\n"
                        "default = INBOX\nfrom = Rep <rep@ourfirm.example>\ncache-headers = true\ncheck-mail = 0\n",
                        encoding="ascii")
    env = place.env | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
                       "XDG_CACHE_HOME": str(home / "cache"), "SSL_CERT_FILE": str(server.certificate)}
    return Program("aerc", ["aerc"], env, first, (home / "cache",), quit=b":quit\r", top=b"g", page=b"\x06",
                   page_back=b"\x02", close=b":close\r")
