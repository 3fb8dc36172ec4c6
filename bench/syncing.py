"""syncing - crmail sync --once beside mbsync, against one server, both with TLS and a password command:
the first sync of all mail, a sync with nothing to do, with new mail, with changed flags; what the
first takes in memory, and what it leaves on the disk.
"""
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile
import time

import corpus
import dovecot
from measure import MIB, Measure, cost, require, size

BOTH = "mbsync + notmuch"
MEASURES = [
    Measure("first_sync", "first sync, all history, no limits", "s", "mbsync", bound=6.0, goal=1.0),
    Measure("first_sync_processor", "the same, processor", "s", "mbsync", bound=12.0),
    Measure("first_sync_index", "first sync with the index, beside sync and index", "s", BOTH, bound=1.5, goal=0.1),
    Measure("first_sync_index_processor", "the same, processor", "s", BOTH, bound=1.5),
    Measure("sync_peak", "most memory in the first sync", "MiB", bound=144, goal=96),
    Measure("sync_nothing", "sync with nothing to do", "ms", "mbsync", bound=10.0, goal=0.1),
    Measure("sync_nothing_processor", "the same, processor", "ms", "mbsync", bound=10.0),
    Measure("sync_new", "sync of 100 new messages", "ms", "mbsync", bound=6.0, goal=0.5),
    Measure("sync_new_processor", "the same, processor", "ms", "mbsync", bound=12.0),
    Measure("sync_flags", "sync of 1,000 changed flags (10 % at most)", "ms", "mbsync", bound=6.0, goal=0.5),
    Measure("sync_flags_processor", "the same, processor", "ms", "mbsync", bound=12.0),
    Measure("disk_default", "disk, default history and body limit", "MiB", "that mail", bound=4.0, goal=0.6),
    Measure("disk_history", "disk, all history, default body limit", "MiB", "that mail", bound=3.0),
    Measure("disk_all", "disk, all history, no limits", "MiB", "that mail", bound=3.0),
]
NEW = 100
WHOLE = 2       # message.body
STARRED = 2     # message.flags, see enum msg_flag
TUID = len("X-TUID: 123456789012\r\n")
NO_LIMITS = ("--history", "all", "--set", "body_size_limit_kb=2000")

MBSYNCRC = """
IMAPAccount far
Host {host}
Port {port}
User {user}
PassCmd "cat {password}"
SSLType IMAPS
SystemCertificates no
CertificateFile {certificate}
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
Path {near}/
Inbox {near}/INBOX

Channel all
Far :far:
Near :near:
Create Near
Sync Pull
SyncState *
"""


class Crmail:
    """crmail as a client of one user's mailbox."""

    def __init__(self, place, server, user, home, *options):
        self.home, self.env = place.work / home, place.env
        self.program = place.program(self.home)
        self._server, self._user, self._options = server, user, options

    def begin(self):
        """Forgets everything; the next sync is the first."""
        shutil.rmtree(self.home, ignore_errors=True)
        address = f"{self._user}@ourfirm.example"
        self.home.mkdir(mode=0o700)
        (self.home / "config").write_text("[sync]\ncache_limit_mb = 0\n", encoding="utf-8")
        cost([*self.program, "account", "add", "bench", "--email", address, "--user", self._user,
              "--imap", f"{dovecot.HOST}:{self._server.port}", "--smtp", f"{dovecot.HOST}:{self._server.port}",
              "--tls", "implicit", "--ca", str(self._server.certificate),
              "--password-command", f"cat {self._server.folder}/password", *self._options], self.env)

    def sync(self):
        return cost([*self.program, "sync", "--once"], self.env)

    def ask(self, query):
        """The first row that the database answers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home}/crmail.db?mode=ro", uri=True)) as db:
            return db.execute(query).fetchone()

    def counts(self):
        """Messages, those of them that are starred."""
        return self.ask(f"SELECT count(*), coalesce(sum(flags & {STARRED} <> 0), 0) FROM message")

    def whole(self):
        """Messages that are there with their whole body, and the octets of these."""
        return self.ask(f"SELECT count(*), coalesce(sum(size), 0) FROM message WHERE body = {WHOLE}")


class Mbsync:
    """mbsync as a client of the same mailbox."""

    def __init__(self, place, server, user):
        self.near, self.env = place.work / "mbsync", place.env
        self.command = ["mbsync", "-q", "-c", str(place.work / "mbsyncrc"), "-a"]
        text = MBSYNCRC.format(host=dovecot.HOST, port=server.port, user=user, password=server.folder / "password",
                               certificate=server.certificate, near=self.near)
        (place.work / "mbsyncrc").write_text(text, encoding="utf-8")

    def begin(self):
        shutil.rmtree(self.near, ignore_errors=True)
        self.near.mkdir()

    def sync(self):
        return cost(self.command, self.env)

    def _files(self):
        return [f for name in ("cur", "new") for f in (self.near / "INBOX" / name).iterdir()]

    def counts(self):
        files = self._files()
        return len(files), sum("F" in f.name.partition(":2,")[2] for f in files)

    def whole(self):
        """Every file is a whole message; on the wire each line ends with two octets, and mbsync's own
        header line was not there."""
        octets = 0
        files = self._files()
        for file in files:
            data = file.read_bytes()
            octets += len(data) + data.count(b"\n") - (TUID if b"\nX-TUID: " in data else 0)
        return len(files), octets


def _same(what, clients, wanted):
    for client in clients:
        found = getattr(client, what)()
        if tuple(found) != tuple(wanted):
            raise ValueError(f"{type(client).__name__} has {what} {found}, not {wanted}")


def _pair(clients):
    """One sync of each, in turn: their Costs."""
    return [client.sync() for client in clients]


def _first(place, clients, octets):
    pairs = []
    for _ in range(3 if place.messages > 2000 else 1):
        for client in clients:
            client.begin()
        pairs.append(_pair(clients))
        _same("whole", clients, (place.messages, octets))
    return pairs


def _deliver(server, user, number):
    """New messages arrive: NEW of them, other ones for each number."""
    with tempfile.TemporaryDirectory(dir=server.folder) as folder:
        corpus.make(folder, NEW, seed=100 + number)
        with server.session(user) as imap:
            for file in sorted(pathlib.Path(folder, "cur").iterdir()):
                dovecot.said(imap.append("INBOX", None, time.time(), file.read_bytes().replace(b"\n", b"\r\n")))


def _star(server, user, messages, number):
    """Changes the star of up to 1,000 messages all over the mailbox: sets it, or takes it away again.
    Returns how many have it now."""
    many = min(1000, messages // 10)
    uids = ",".join(str(1 + i * (messages // many)) for i in range(many))
    with server.session(user) as imap:
        dovecot.said(imap.uid("STORE", uids, "-FLAGS.SILENT" if number % 2 else "+FLAGS.SILENT", "(\\Flagged)"))
    return 0 if number % 2 else many


def _later(place, server, user, clients):
    """Costs of the syncs that follow the first, by the measure's name."""
    out = {"sync_nothing": [], "sync_new": [], "sync_flags": []}
    total = place.messages
    _pair(clients)
    for number in range(place.runs if place.messages > 2000 else 2):
        out["sync_nothing"].append(_pair(clients))
        _deliver(server, user, number)
        total += NEW
        out["sync_new"].append(_pair(clients))
        _same("counts", clients, (total, 0))
        starred = _star(server, user, place.messages, 0)
        out["sync_flags"].append(_pair(clients))
        _same("counts", clients, (total, starred))
        _star(server, user, place.messages, 1)
        _pair(clients)
        _same("counts", clients, (total, 0))
    return out


def _disk(place, server, user, home, *options):
    """What another way of syncing leaves on the disk, and the size of the mail that it brought."""
    client = Crmail(place, server, user, home, *options)
    client.begin()
    client.sync()
    found, octets = client.ask("SELECT count(*), sum(size) FROM message")
    if not 0 < found <= place.messages or client.ask("SELECT count(*) FROM message WHERE body IN (0, 3)")[0]:
        raise ValueError(f"{found} messages came, or some without a body")
    used = size(client.home)
    shutil.rmtree(client.home)
    return {"crmail": [used], "that mail": [octets / MIB]}


def _both_ways(name, pairs, peer, more=(0, 0)):
    """The samples of a measure by the clock and of the same in processor time."""
    return {name: {"crmail": [a.wall for a, _ in pairs], peer: [b.wall + more[0] for _, b in pairs]},
            f"{name}_processor": {"crmail": [a.cpu for a, _ in pairs], peer: [b.cpu + more[1] for _, b in pairs]}}


def run(place):
    require("dovecot", "mbsync", "notmuch")
    with dovecot.serve(place.work / "dovecot") as server:
        (server.folder / "password").write_text(dovecot.PASSWORD + "\n", encoding="ascii")
        octets = server.fill("rep", place.mail)
        out = {"disk_default": _disk(place, server, "rep", "syncing-default"),
               "disk_history": _disk(place, server, "rep", "syncing-history", "--history", "all")}
        clients = Crmail(place, server, "rep", "syncing", *NO_LIMITS), Mbsync(place, server, "rep")
        first = _first(place, clients, octets)
        out["disk_all"] = {"crmail": [size(clients[0].home)], "that mail": [octets / MIB]}
        out["sync_peak"] = {"crmail": [a.peak for a, _ in first]}
        index = place.notmuch_took      # of the same mail, measured once in this run
        out |= _both_ways("first_sync", first, "mbsync") | _both_ways("first_sync_index", first, BOTH, index)
        for name, pairs in _later(place, server, "rep", clients).items():
            out |= _both_ways(name, pairs, "mbsync")
    return out
