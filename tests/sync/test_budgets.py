"""What the program may take of the machine: the budgets of memory and disk, with a margin of half as much again."""
import os
import subprocess
import sys

from support.discover import mark
from support.fakeimap import FakeImap, Heap
from support.memory import MIB, is_sanitized, measured, resident
from support.terminal import Tmux

MARGIN = 1.5
IDLE = 40 * MARGIN  # MiB resident, a hundred thousand messages open
PEAK = 96 * MARGIN  # MiB in a first sync
DISK = 0.6 * MARGIN  # of the mail's size, at the default limit of bodies
ROWS = 2.0  # MiB of crmail.db for a thousand messages
CAPS = "UIDPLUS MOVE CONDSTORE QRESYNC ENABLE ESEARCH LIST-STATUS"


def letters(uid):
    return (
        f"From: Writer {uid % 997} <w{uid % 997}@elsewhere.test>\nTo: me@own.test\nSubject: note number {uid}\n"
        f"Message-ID: <note.{uid}@elsewhere.test>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n\nword wort{uid}wort\n"
    ).encode() + b"A line of the text, as long as lines are in letters of people.\n" * 20


def first_sync(t, count, make, account="work"):
    """Its largest memory in MiB."""
    server = FakeImap(t, CAPS)
    server.folders = {"INBOX": Heap(count, make)}
    t.crmail("account", "add", account, *server.account_args(t))
    text, used = measured(t, "sync", "--once", "--json")
    t.true(b'"new":%d,' % count in text.replace(b" ", b""), "all have come")
    return used


def within(t, what, used, most, unit):
    t.note(f"{what}: {used:.2f} {unit}, {most:.2f} at most")
    t.true(used < most, f"{what}: {used:.2f} {unit} are less than {most:.2f}")


def size(t, *names):
    """Bytes of files in the data folder, or of all of them but the daily copies."""
    if names:
        return sum(os.path.getsize(os.path.join(t.home(), name)) for name in names)
    walk = [(d, files) for d, _, files in os.walk(t.home()) if os.path.basename(d) != "backup"]
    return sum(os.path.getsize(os.path.join(d, name)) for d, files in walk for name in files)


def test_memory_does_not_grow_with_the_mailbox(t):
    small = first_sync(t, 300, letters)
    large = first_sync(t, 2400, lambda uid: letters(uid + 300), "private")
    t.true(large < small + (64 if is_sanitized(t) else 16), f"{large:.0f} MiB of 2,400 messages, {small:.0f} of 300")


@mark(tier="slow", timeout=1800)
def test_a_hundred_thousand_stay_within_the_memory(t):
    if is_sanitized(t):
        return t.note("a sanitizer's memory says nothing")
    count = 100_000
    within(t, "first sync, peak", first_sync(t, count, letters), PEAK, "MiB")
    within(t, "crmail.db for a thousand", size(t, "crmail.db") / MIB / (count / 1000), ROWS, "MiB")
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(f"note number {count}", 30)
    term.wait("just now", 60)
    within(t, "open and idle", resident(term.pid()), IDLE, "MiB")
    for n in range(40):
        term.keys("NPage")
        term.wait(lambda screen, n=n: f"note number {count}" not in screen, 30)
    term.keys("G")
    term.wait("note number 1 ", 30)
    term.keys("/")
    term.type("wort777wort")
    term.wait("note number 777", 30)
    term.keys("Escape")
    within(t, "after reading about", resident(term.pid()), IDLE, "MiB")
    return None


@mark(tier="slow", timeout=900)
def test_the_disk_holds_less_than_the_mail(t):
    count, folder = 6000, t.path("corpus")
    script = t.shared("corpus", "make_corpus.py")
    subprocess.run(
        [sys.executable, script, "--messages", str(count), "--seed", "6", "--out", folder],
        check=True, capture_output=True,
    )  # fmt: skip
    where = os.path.join(folder, "Maildir", "cur")
    mails = sorted(os.path.join(where, name) for name in os.listdir(where))

    def read(uid):
        with open(mails[uid - 1], "rb") as f:
            return f.read()

    used = first_sync(t, len(mails), read)
    if not is_sanitized(t):
        within(t, "first sync, peak", used, PEAK, "MiB")
    whole = sum(os.path.getsize(m) for m in mails)
    within(t, "all files to the mail", size(t) / whole, DISK, "of it")
    within(t, "crmail.db for a thousand", size(t, "crmail.db") / MIB / (len(mails) / 1000), ROWS, "MiB")
