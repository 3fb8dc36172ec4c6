"""screens - crmail's screen beside neomutt's, mutt's and aerc's, all connected to one IMAP server with the same
mail: first paint, keys, opening mail, idling, memory.
"""
import base64
import contextlib
import dataclasses
import email.utils
import json
import re
import subprocess
import time

import corpus
import dovecot
import peers
import syncing
from measure import Measure, require
from screen import QUIET, Screen

PEERS = ("neomutt", "mutt", "aerc")
USER = "rep"
BUSY = 10_000       # messages: fewer have come before a key can be pressed
KEYS = 40           # at least, while a sync runs
OPENINGS = 3        # of what takes milliseconds
ROUNDS = 8          # first syncs, at most, to press them in
IDLE = 10               # seconds
SLOWEST = 50            # messages that a first sync brings in a second, at least
AT_REST = r"bench (just now|\d+ min)"   # says crmail when nothing is left to sync
# Stand in the subjects of what is added to the corpus, newest first.
SMALL, LETTER, LARGE = "Shorthandle", "Newspaperly", "Heavyladen"
END = "endofthetext"    # stands on the first page of each of them


def _beside(name, what, unit, bounds, goals=()):
    """A row for each peer that can do it."""
    goals = dict(goals)
    return [Measure(f"{name}_{peer}", what, unit, peer, bound, goals.get(peer)) for peer, bound in bounds.items()]


MEASURES = [
    *_beside("first_paint", "start to painted inbox, all cached", "ms", {"neomutt": 3, "mutt": 3, "aerc": 1.5},
             {"neomutt": 0.02, "mutt": 0.02}),
    *_beside("first_paint_cpu", "start to painted inbox, all cached, processor", "ms", {"neomutt": 3, "mutt": 3},
             {"neomutt": 0.02, "mutt": 0.02}),
    *_beside("first_rows", "start to first rows, nothing cached", "ms", {"neomutt": 2, "mutt": 2, "aerc": 2},
             {"aerc": 1.0}),
    *_beside("row", "one row down, key to last byte", "ms", {"neomutt": 4, "mutt": 15, "aerc": 2}),
    *_beside("page", "one page down, key to last byte", "ms", {"neomutt": 6, "mutt": 8, "aerc": 3}),
    *_beside("scroll", "100 rows down as fast as keys come", "ms", {"neomutt": 4, "mutt": 8, "aerc": 2}),
    Measure("row_syncing", "one row down while a first sync runs; peer idle", "ms", "mutt", 150),
    Measure("page_syncing", "one page down while a first sync runs; peer idle", "ms", "mutt", 25, 2.0),
    Measure("keys_syncing_p99", "the same, both, slowest of a hundred", "ms", None, 250, 16.0),
    Measure("search_rare_typed", "last letter of a rare word to its first page", "ms", None, 100, 10.0),
    Measure("search_common_typed", "last letter of a common word to its first page", "ms", None, 100, 10.0),
    *_beside("open_small", "opening a mail of 5 KB", "ms", {"neomutt": 4, "mutt": 10, "aerc": 2}),
    Measure("open_letter", "opening an HTML newsletter of 500 KB", "ms", None, 500, 30.0),
    *_beside("open_large", "opening a mail with a file of 5 MB", "ms", {"neomutt": 30, "mutt": 15, "aerc": 15}),
    *_beside("memory", "resident after all this", "MiB", {"neomutt": 1.5, "mutt": 3, "aerc": 1.5}),
    Measure("memory_idle", "resident, the mailbox open", "MiB", None, 60, 40.0),
    Measure("memory_peak", "most held in a first sync with the screen open", "MiB", None, 144, 96.0),
    Measure("idle_switches", f"context switches in {IDLE} s idle, between two minutes", "count", None, 2, 0),
    Measure("idle_switches_aerc", "the same", "count", "aerc", 1.0),
    Measure("idle_cpu", f"processor time in {IDLE} s idle", "ms", None, 20, 0),
]


def _mail(subject, at, kind, text):
    """A message as it is sent."""
    return "\n".join([f"From: Bench <bench@firm.example>\nTo: rep@ourfirm.example\nSubject: {subject}",
                      f"Date: {email.utils.formatdate(at)}\nMessage-ID: <{subject}@firm.example>\nMIME-Version: 1.0",
                      f"Content-Type: {kind}\n\n{text}\n"])


def _part(kind, text):
    return f"--=b\nContent-Type: {kind}\n\n{text}\n"


def _letter(maker):
    """An HTML newsletter as they are: tables in tables, styles, links with long addresses, pictures."""
    rows, size = [], 0
    while size < 500_000:
        word = maker.rng.choice(maker.words)
        rows.append(f'<tr><td style="padding:0 12px 8px;font:14px/1.4 Helvetica,Arial"><img src="https://img.example/'
                    f'{word}.png" width="120"><a href="https://news.example/r?u={word}&amp;x={size}"><b>{word}</b></a>'
                    f"<table><tr><td><p>{maker.text(60)}</p></td></tr></table></td></tr>\n")
        size += len(rows[-1])
    return (f"<html><head><style>td {{color: #333}}</style></head><body><p>{END}</p><table>{''.join(rows)}</table>"
            "</body></html>")


def mails():
    """[(time, mail)] of the three that are opened. The first has words that differ from those searched for in
    their last letter: that letter takes it from the top of the answer."""
    maker, now = corpus.Maker(99), time.time()
    data = base64.encodebytes(maker.rng.randbytes(3_800_000)).decode()
    nearly = f"{corpus.RARE[:-1]}a {corpus.COMMON[:-1]}a"
    large = (_part("text/plain; charset=utf-8", END) +
             _part("application/pdf; name=paper.pdf\nContent-Transfer-Encoding: base64\n"
                   "Content-Disposition: attachment; filename=paper.pdf", data) + "--=b--")
    bodies = ((SMALL, "text/plain; charset=utf-8", f"{nearly}\n{END}\n\n{maker.text(640)}"),
              (LETTER, "text/html; charset=utf-8", _letter(maker)), (LARGE, 'multipart/mixed; boundary="=b"', large))
    return [(now - 10 * i, _mail(subject, now - 10 * i, kind, text))
            for i, (subject, kind, text) in enumerate(bodies)]


def _rest(s, seconds=60):
    """Until the sync that crmail begins with is over: its state of the last time is on the screen before."""
    s.settle(0.5)
    s.until(AT_REST, seconds)
    s.settle(0.3)


class Samples(dict):
    """{measure: {program: [samples]}}; of a quantity with several peers all its measures get crmail's."""

    def add(self, quantity, program, *values):
        for m in MEASURES:
            if m.name in (quantity, f"{quantity}_{m.peer}") and program in ("crmail", m.peer):
                self.setdefault(m.name, {}).setdefault(program, []).extend(values)


class Bench:
    """The programs, their samples, and what is done with them in turn."""

    def __init__(self, place, server, messages):
        first = SMALL.encode()
        self.place, self.samples = place, Samples()
        self.several = (place.runs + 1) // 2    # of what takes seconds
        self.account = syncing.Crmail(place, server, USER, "screens-home", *syncing.NO_LIMITS)
        self.crmail = peers.Program("crmail", self.account.program, place.env, first, ())
        self.programs = {"crmail": self.crmail,
                         "neomutt": peers.mutt("neomutt", place, server, USER, messages),
                         "mutt": peers.mutt("mutt", place, server, USER, messages),
                         "aerc": peers.aerc(place, server, USER, first)}

    @contextlib.contextmanager
    def screen(self, program):
        """The program's screen once its list stands; the time that took, and its processor time."""
        s = Screen(program.command, program.env)
        try:
            s.painted = s.wait(program.ready)
            s.painted_cpu = s.cpu()
            yield s
        finally:
            s.close(program.quit)

    def forget(self, program):
        program.forget()
        if program is self.crmail:
            self.account.begin()

    def nothing_cached(self):
        """From nothing to the first rows, in turn."""
        for _ in range(self.several):
            for name, program in self.programs.items():
                self.forget(program)
                with self.screen(program) as s:
                    self.samples.add("first_rows", name, s.painted)

    def first_sync(self):
        """The home is full then."""
        with self.screen(self.crmail) as s:
            _rest(s, 60 + self.place.messages / SLOWEST)

    def keys_while_syncing(self, account):
        """First syncs of that account with the screen open, until enough keys were pressed meanwhile."""
        taken = {"row": [], "page": []}
        for _ in range(ROUNDS):
            self._press_while_syncing(account, taken)
            both = sorted(taken["row"] + taken["page"])
            if len(both) >= KEYS:
                break
        else:
            raise ValueError(f"{ROUNDS} first syncs left time for {len(both)} keys only")
        for kind, values in taken.items():
            self.samples.add(f"{kind}_syncing", "crmail", *values)
        self.samples.add("keys_syncing_p99", "crmail", both[len(both) * 99 // 100])

    def _press_while_syncing(self, account, taken):
        account.begin()
        busy = dataclasses.replace(self.crmail, command=account.program)
        keys = {"row": (b"j", b"k"), "page": (self.crmail.page, self.crmail.page_back)}
        with self.screen(busy) as s:
            self._until_two_pages(s)
            while not re.search(AT_REST, s.drawn.text()):
                for kind, there_and_back in keys.items():
                    for key in there_and_back:
                        took = s.move(key)
                        if took is None:
                            raise TimeoutError(f"{key!r} was not answered while syncing:\n{s.drawn.text()}")
                        taken[kind].append(took)
                        s.settle(0.02, 0.1)
            self.samples.add("memory_peak", "crmail", s.memory("VmHWM"))

    def _until_two_pages(self, s):
        """The first rows come alone: waits until there is a page to go to."""
        end = time.perf_counter() + 60
        while s.move(self.crmail.page, 0.2) is None or s.move(self.crmail.page_back, 0.2) is None:
            if time.perf_counter() > end:
                raise TimeoutError(f"no second page came:\n{s.drawn.text()}")
        s.press(self.crmail.top)

    def all_cached(self):
        """Each program in turn on its cache: painting, keys, opening mail, memory."""
        for name, program in self.programs.items():     # fills the caches of bodies
            with self.screen(program) as s:
                self._open_all(s, name, program, Samples())
        for _ in range(self.several):
            for name, program in self.programs.items():
                with self.screen(program) as s:
                    self._visit(s, name, program)

    def _visit(self, s, name, program):
        out = self.samples
        out.add("first_paint", name, s.painted)
        out.add("first_paint_cpu", name, s.painted_cpu)
        s.settle()
        if name == "crmail":
            _rest(s)
            out.add("memory_idle", name, s.memory())
        for quantity, key, count in (("row", program.down, 15), ("page", program.page, 8)):
            taken = self._answers(s, name, key, count)
            out.add(quantity, name, *taken)
            if name == "mutt":      # there is nothing that it does meanwhile
                out.add(f"{quantity}_syncing", name, *taken)
        out.add("scroll", name, *self._answers(s, name, program.down * 100, quiet=0.1))
        self._open_all(s, name, program, out)
        out.add("memory", name, s.memory())

    def _answers(self, s, name, keys, count=1, quiet=QUIET):
        """What each took. A peer may be silent for seconds, which is no sample; crmail may not."""
        taken = [s.key(keys, quiet=quiet) for _ in range(count)]
        if name == "crmail" and None in taken:
            raise TimeoutError(f"{keys!r} was not answered:\n{s.drawn.text()}")
        return [t for t in taken if t is not None]

    def _open_all(self, s, name, program, out):
        for row, quantity in enumerate(("open_small", "open_letter", "open_large")):
            if quantity == "open_letter" and name != "crmail":
                continue        # needs another program for HTML
            try:
                # aerc was seen to end after several in a row.
                for _ in range(OPENINGS if quantity == "open_small" and name != "aerc" else 1):
                    out.add(quantity, name, self._open(s, program, row))
            except TimeoutError:
                if name == "crmail":
                    raise
                return          # aerc may take longer to go up a hundred rows of a large mailbox

    @staticmethod
    def _open(s, program, row):
        s.press(program.top)
        s.until(SMALL, 10)
        s.press(program.down * row)
        took = s.key(b"\r", shows=END, seconds=10)
        s.press(program.close)
        s.settle()
        return took

    def searching(self):
        with self.screen(self.crmail) as s:
            _rest(s)
            for quantity, word in (("search_rare_typed", corpus.RARE), ("search_common_typed", corpus.COMMON)):
                total = self._total(word)
                s.key(b"/", shows="Search")
                # The server is asked after a pause, and would be busy for long: so there is none.
                s.key(word[:-1].encode(), shows=rf"\b{total + 1} messages")
                for _ in range(2 * self.place.runs):
                    took = s.key(word[-1].encode(), shows=rf"\A(?![\s\S]*{SMALL})", quiet=0.004)
                    self.samples.add(quantity, "crmail", took)
                    s.until(rf"\b{total} messages")
                    s.key(b"\x7f", shows=SMALL)
                    s.until(rf"\b{total + 1} messages")
                s.key(b"\x1b", shows="Inbox")

    def _total(self, word):
        done = subprocess.run([*self.crmail.command, "search", word, "--json", "--limit", "1"], env=self.crmail.env,
                              capture_output=True, check=True, stdin=subprocess.DEVNULL)
        return json.loads(done.stdout)["total"]

    def idling(self):
        """All side by side, each with its list open."""
        with contextlib.ExitStack() as stack:
            screens = {name: stack.enter_context(self.screen(p)) for name, p in self.programs.items()}
            _rest(screens["crmail"])
            # When a minute ends, "1 min ago" becomes "2 min ago": not in these seconds.
            left = 60 - time.time() % 60
            time.sleep(left + 1 if left < IDLE + 1 else 0)
            for s in screens.values():
                s.settle(0.4)
            before = {name: (s.switches(), s.cpu()) for name, s in screens.items()}
            time.sleep(IDLE)
            for name, s in screens.items():
                switches, cpu = before[name]
                self.samples.add("idle_switches", name, s.switches() - switches)
                self.samples.add("idle_cpu", name, s.cpu() - cpu)


def _fill(server, maildir, user=USER):
    """The corpus and above it the mails that are opened; how many that makes. The server's own caches are
    filled, too: they are not what is measured."""
    server.fill(user, maildir)
    with server.session(user) as imap:
        for at, text in mails():
            dovecot.said(imap.append("INBOX", r"(\Seen)", at, text.replace("\n", "\r\n").encode()))
        count = int(dovecot.said(imap.select("INBOX"))[0])
        imap.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER])")
    return count


def _busy_account(place, server):
    """Of a mailbox whose first sync lasts."""
    user, mail = USER, place.mail
    if place.messages < BUSY:
        user, mail = "busy", place.work / "busy-mail"
        if not mail.exists():
            corpus.make(mail, BUSY)
        _fill(server, mail, user)
    return syncing.Crmail(place, server, user, "busy-home", *syncing.NO_LIMITS)


def run(place):
    require("dovecot", *PEERS)
    with dovecot.serve(place.work / "screens") as server:
        (server.folder / "password").write_text(dovecot.PASSWORD + "\n", encoding="ascii")
        bench = Bench(place, server, _fill(server, place.mail))
        bench.nothing_cached()
        bench.first_sync()
        bench.keys_while_syncing(_busy_account(place, server))
        bench.all_cached()
        bench.searching()
        bench.idling()
        return bench.samples
