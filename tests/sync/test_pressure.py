"""More than is good for it: a server that sends faster than the disk takes, folders without end, and mails that
are larger than they were said to be.  Memory stays where it is, nothing is asked twice, and nothing is lost."""
import re
import sqlite3
import subprocess
import threading

from support.discover import mark
from support.fakeimap import FakeImap, Heap
from support.memory import MIB, bare, is_sanitized, measured, resident

TIMEOUT = 120
PEAK = 96 * 1.5  # MiB, in a first sync
CAPS = "UIDPLUS MOVE CONDSTORE ESEARCH LIST-STATUS"
FLOOD = 24 * MIB  # what the system itself takes between two processes, and one batch


def note(folder, size=0):
    """A maker of letters "FOLDER number N" with a word of their own each, and a file of that size."""
    name = re.sub(r"\W", ".", folder)
    line = "0123456789" * 7 + "\n"
    file = (
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n%s\n--b\n"
        f"Content-Type: application/octet-stream; name=a.bin\n\n{line * (size // len(line))}--b--\n"
    )

    def make(uid):
        word = f"word {name.lower()}wort{uid}\n"
        return (
            f"From: Writer {uid % 97} <w{uid % 97}@elsewhere.test>\nTo: me@own.test\nSubject: {folder} number {uid}\n"
            f"Message-ID: <{name}.{uid}@elsewhere.test>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
            + (file % word if size else "\n" + word)
        ).encode()

    return make


def connected(t, folders, answer=None, caps=CAPS):
    server = FakeImap(t, caps, answer)
    server.folders = {name: Heap(count, note(name)) for name, count in folders.items()}
    t.crmail("account", "add", "work", *server.account_args(t))
    return server


def sync(t, seconds=60):
    r = t.crmail("sync", "--once", "--json", seconds=seconds).json["accounts"][0]
    return r["new"], r["changed"], r["gone"]


# ---- many folders


def many(count, each):
    return {"INBOX": each} | {f"Customers/{n // 50:03d}/Project {n:04d}": each for n in range(count)}


def check_many_folders(t, count, each, seconds):
    server = connected(t, many(count, each))
    text, used = measured(t, "sync", "--once", "--json")
    t.true(b'"new":%d,' % ((count + 1) * each) in text.replace(b" ", b""), "all have come")
    before = {verb: server.said(verb) for verb in ("SELECT", "LIST")}
    t.equal(sync(t, seconds), (0, 0, 0), "a pass without news")
    t.equal(server.said("SELECT") - before["SELECT"], 1, "folders looked at one by one: INBOX")
    t.equal(server.said("LIST") - before["LIST"], 2, "lists: of the folders, and of what is in them")
    name = f"Customers/000/Project {min(count, 50) - 1:04d}"
    server.folders[name] = Heap(each + 3, note(name))
    server.folders[name].modseq += 1
    before = server.said("SELECT")
    t.equal(sync(t, seconds), (3, 0, 0), "news in one folder")
    asked = {words[1] for _, words in server.commands if words[0].upper() == "SELECT"}
    t.true(server.said("SELECT") - before <= 3, "folders looked at: INBOX and that one, for headers and bodies")
    t.equal(len(asked), count + 1, "folders looked at in the beginning")
    t.equal(t.crmail("search", f"customers.000.project.{min(count, 50) - 1:04d}wort{each + 3}", "--json").json["total"], 1, "found")
    return used


def test_many_folders_cost_one_look(t):
    check_many_folders(t, 60, 2, 60)


@mark(tier="slow", timeout=900)
def test_three_thousand_folders_cost_one_look(t):
    used = check_many_folders(t, 3000, 3, 300)
    t.note(f"first sync of 3,001 folders: {used:.0f} MiB at most")
    t.true(is_sanitized(t) or used < PEAK, f"{used:.0f} MiB are less than {PEAK:.0f}")


def test_without_the_extension_each_is_looked_at(t):
    server = connected(t, many(12, 2), caps="UIDPLUS MOVE CONDSTORE")
    t.equal(sync(t), (26, 0, 0), "first")
    before = server.said("SELECT")
    t.equal(sync(t), (0, 0, 0), "second")
    t.equal(server.said("SELECT") - before, 13, "folders looked at")


def test_a_server_that_promises_what_it_does_not_keep(t):
    def refuse(_conn, words, lines):
        return [lines[-1].partition(b" ")[0] + b" BAD what?"] if "RETURN" in words and words[0] == "LIST" else lines

    server = connected(t, many(12, 2), refuse)
    t.equal(sync(t), (26, 0, 0), "first")
    t.equal(sync(t), (0, 0, 0), "second")
    t.equal(server.said("LIST", "", "*", "RETURN"), 2, "asked once in each pass")


# ---- faster than the disk


class Standstill:
    """The cache's file takes nothing from start() to end(), like a disk that stands still."""

    def __init__(self, t):
        self._path, self._db = f"{t.home()}/cache.db", None
        t.at_end(self.end)

    def start(self):
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._db.execute("BEGIN IMMEDIATE")

    def end(self):
        if self._db:
            self._db.execute("ROLLBACK")
            self._db.close()
        self._db = None


def stands_still(server):
    """A claim: since it was made last, the server got rid of nothing."""
    seen = [None, 0]

    def claim():
        seen[1] = seen[1] + 1 if seen[0] == server.sent else 0
        seen[0] = server.sent
        return seen[1] >= 10

    return claim


def check_flood(t, count, size):
    """Messages that are a thousand times as large as the server says: a batch of bodies is a flood, and it
    begins when the disk stands still."""
    disk, asked, before = Standstill(t), threading.Event(), []

    def answer(_conn, words, lines):
        if "BODY.PEEK[]" in words[-1] and not asked.is_set():
            disk.start()
            before.append(server.sent)
            asked.set()
        lie = "RFC822.SIZE" in words[-1]
        return [re.sub(rb"RFC822\.SIZE \d+", b"RFC822.SIZE 1000", line) for line in lines] if lie else lines

    server = FakeImap(t, CAPS, answer)
    server.folders = {"INBOX": Heap(count, note("INBOX", size))}
    t.crmail("account", "add", "work", *server.account_args(t))
    argv = [t.crmail_program, "--home", t.home(), "sync", "--once"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=bare(t)) as p:
        try:
            t.true(asked.wait(60), "bodies are asked for")
            t.wait(stands_still(server), "a server that has to wait", 60)
            taken, most = server.sent - before[0], resident(p.pid, "VmHWM")
            disk.end()
            t.equal(p.wait(500), 0, "exit code")
        finally:
            p.kill()
    t.true(taken < FLOOD, f"{taken / MIB:.0f} MiB were taken before the disk took any")
    for uid in (1, count // 2, count):
        t.equal(t.crmail("search", f"inboxwort{uid}", "--json").json["total"], 1, f"body {uid}")
    return taken, most


def test_a_server_faster_than_the_disk_waits(t):
    check_flood(t, 60, MIB)


@mark(tier="slow", timeout=600)
def test_a_flood_takes_no_more_memory_than_a_stream(t):
    taken, most = check_flood(t, 300, 2 * MIB)
    t.note(f"{taken / MIB:.0f} MiB taken and {most:.0f} MiB of memory while the disk stood still")
    t.true(is_sanitized(t) or most < PEAK, f"{most:.0f} MiB are less than {PEAK:.0f}")
