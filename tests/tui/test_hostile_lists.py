"""Hostile mails in the list, opened one by one, on a recording terminal beside their harmless twins; and the judge of that is judged."""
import os
import re

from support import hostile
from support.context import Wrong
from support.discover import mark
from support.terminal import Pty

TIMEOUT = 240
CLOCK = 1_791_900_000  # 2026-10-13, a day after the mails
SIZES = ((80, 24), (120, 40))
# What the terminal library itself sends with every change of attributes and of the cursor.
OWN = {("charset", "(B"), ("mode", "CSI ?25l"), ("mode", "CSI ?25h"), ("mode", "CSI ?12l")}
OWN_LINK = re.compile(r"8;[ -~]*;(https?://[!-~]+)?$")


def judge(record, first, last):
    """Complains about anything asked of the terminal between first and last; own checked links pass."""
    bad = [
        (kind, detail)
        for kind, detail in record[first:last]
        if kind != "wrap"
        and (kind, detail) not in OWN
        and not (kind == "hyperlink" and OWN_LINK.match(detail) and "evil" not in detail)
    ]
    if bad:
        raise Wrong(f"asked of the terminal: {bad[:12]!r}")


def home_with(t, name, harmless):
    """A data folder with the mails, and a fixed clock."""
    maildir = os.path.dirname(t.path(name + "-mail", "cur", "x"))
    os.makedirs(os.path.join(os.path.dirname(maildir), "new"))
    os.makedirs(os.path.join(os.path.dirname(maildir), "tmp"))
    for number, (_, raw) in enumerate(hostile.mails(harmless)):
        t.write(f"{name}-mail/cur/{1791800000 + number}.h{number}.x:2,", raw)
    t.crmail(
        "account",
        "add",
        "work",
        "--email",
        "minh@ourfirm.example",
        "--maildir",
        os.path.dirname(maildir),
        "--sendmail",
        "cat",
        "--history",
        "all",
        home=name,
    )
    t.crmail("sync", "--once", "--json", home=name, seconds=120)


class Visit:
    """Every mail opened in turn from the list, by keys; the screens on the way are kept."""

    def __init__(self, t, name, width, height):
        self.width = width
        env = {"CRMAIL_TEST": "clock=" + t.write("clock", str(CLOCK))}
        self.term = Pty(t, [t.crmail_program, "--home", t.home(name)], width, height, env)
        self.lists = []
        newest = hostile.tags()[::-1]
        self.term.wait(newest[0], 60)
        self.settle()
        self.first = len(self.term.screen.record)
        for tag in newest:
            self.term.wait(tag)
            self.settle(0.05)
            self.lists.append(self.term.screen.grid())
            self.full(tag)
            self.term.send("\r")
            # Ten thousand parts deep, nobody finds the text; the conversation opens all the same.
            opened = "1 message" if tag.endswith("deep") else f"first line of {tag}"
            self.term.wait(opened, 30)
            self.full(tag)
            self.term.send("q")
            self.term.wait(lambda s: "1 message" not in s and len(re.findall(r"tag\d\d-", s)) > 1)
            self.term.send("j")
        self.settle()
        self.last = len(self.term.screen.record)
        self.term.send("q")
        self.term.wait_end()

    def settle(self, seconds=0.3):
        """Reads until the program has been silent for a moment."""
        size = -1
        while size != len(self.term.sent):
            size = len(self.term.sent)
            self.term.pump(seconds)

    def full(self, tag):
        widths = self.term.screen.row_widths()
        if set(widths) != {self.width}:
            raise Wrong(f"rows of {tag} are {widths} cells wide")


def visit_both(t, width, height):
    for name, harmless in (("bad", False), ("good", True)):
        home_with(t, name, harmless)
    bad, good = Visit(t, "bad", width, height), Visit(t, "good", width, height)
    judge(good.term.screen.record, good.first, good.last)
    judge(bad.term.screen.record, bad.first, bad.last)
    t.equal(
        bad.term.screen.record[bad.last :],
        good.term.screen.record[good.last :],
        "what is sent at the end",
    )
    t.equal(bad.term.screen.kinds(), good.term.screen.kinds(), "kinds of requests")
    for tag, seen, twin in zip(hostile.tags()[::-1], bad.lists, good.lists):
        # The dates and marks at the right of each row, whether a snippet reaches there or not; the
        # lines below the list speak of the sender.
        edges = [[row[-3:].replace("…", " ") for row in grid[2:-3]] for grid in (seen, twin)]
        t.equal(edges[0], edges[1], f"the right edge of the list when {tag} is selected")
    for what in ("pwned", "evil.example/\x1b"):
        t.true(what.encode() + b"\x07" not in bytes(bad.term.sent), f"{what} was sent")


@mark(timeout=400)
def test_hostile_mail_asks_nothing_of_the_terminal_80(t):
    visit_both(t, *SIZES[0])


@mark(timeout=400)
def test_hostile_mail_asks_nothing_of_the_terminal_120(t):
    visit_both(t, *SIZES[1])


def test_a_planted_leak_is_caught(t):
    """The same judge, on a program that shows each attack as it came."""
    missed = []
    for name in (
        n
        for n in hostile.ATTACKS
        if n
        not in ("nul", "overprint", "bidi", "zero-width", "separators", "marks", "wide", "half-csi")
    ):
        term = Pty(
            t,
            [
                "/bin/sh",
                "-c",
                'printf "calm"; cat "$1"; printf "\\033\\\\end"',
                "sh",
                t.write(f"leak-{name}", hostile.ATTACKS[name]),
            ],
            80,
            24,
        )
        while term.pump(5):
            continue
        try:
            judge(term.screen.record, 0, None)
            missed.append(name)
        except Wrong:
            continue
    t.equal(missed, [], "leaks that went unnoticed")


def test_show_prints_only_harmless_text(t):
    """`show` on every hostile mail: printable text and line ends, no line wider than asked."""
    for tag, raw in hostile.mails(False):
        path = t.write(f"{tag}.eml", raw)
        out = t.run([t.crmail_program, "show", path, "--width", "72", "--plain"]).out
        odd = {
            c
            for c in out
            if (ord(c) < 0x20 and c != "\n")
            or 0x7F <= ord(c) < 0xA0
            or c in "\u202e\u2066\u200f\ufeff\u2028\udcff"
        }
        t.equal(odd, set(), f"characters of {tag}")
        t.equal(
            [line for line in out.split("\n") if line.endswith(" ")],
            [],
            f"trailing blanks of {tag}",
        )


def test_parse_survives_and_names_files_safely(t):
    for tag, raw in hostile.mails(False):
        got = t.run([t.crmail_program, "parse", t.write(f"{tag}.eml", raw)]).lines[0]
        for a in got["attachments"]:
            name = a["save_as"]
            safe = (
                0 < len(name.encode()) <= 200
                and "/" not in name
                and not name.startswith(".")
                and all(ord(c) >= 0x20 and not 0x7F <= ord(c) < 0xA0 for c in name)
            )
            t.true(safe, f"save_as {name!r} of {tag}")
