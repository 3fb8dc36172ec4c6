"""Killed at any request to Gmail, before it gets there or before its answer comes, it ends as if nothing had
happened.

The day: 20 mails that are here, changes of the user that wait (a star, two archived conversations and
a deleted one, a read one) and an answer that waits to be sent, all made with Gmail away; 20 mails more
have come.  Each run begins with a copy of the data folder and an emulator of its own.
"""
import contextlib
import shutil
import sqlite3
import subprocess
import time

from support.discover import mark
from support.gmail import Gmail, answer, lose
from support.later import Later
from support.letters import letter
from support.terminal import Tmux

NEEDS = ("oidc",)
TIMEOUT = 900
MAILS, EARLIER = 40, 20
BEGAN = int(time.time()) - 400000


def mail(number):
    return letter(
        f"Writer {number} <w{number}@elsewhere.test>",
        "alice@example.test",
        f"note number {number}",
        f"Body of note {number}, word wort{number}wort.\n",
        f"<note{number}@elsewhere.test>",
        BEGAN + number * 60,
    ).as_bytes()


class Day:
    def __init__(self, t):
        self.t = t
        self.mails = [mail(i) for i in range(MAILS)]
        self.google = Gmail(t, self.mails[:EARLIER])
        self.later = Later(t, 120)
        self.google.add()
        t.equal(self.google.sync()["new"], EARLIER, "new")
        self.google.line.is_away = True
        self.use()
        self.google.line.is_away = False
        self.first = t.path("first")
        shutil.copytree(t.home(), self.first)
        self.begin()
        self.finish()
        self.requests = self.count
        self.want = self.state()

    def use(self):
        """What the user does, an hour ago: every undo window is over by now."""
        clock = self.t.write("clock", f"{int(time.time()) - 3600}\n")
        term = Tmux(self.t, self.google.command(), env={"CRMAIL_TEST": f"clock={clock}"})
        term.wait("note number 19")
        term.keys("s")
        term.wait("⚑")
        term.keys("j", "x", "x")
        term.wait("2 selected")
        term.keys("e")
        term.wait(lambda screen: "note number 17" not in screen and "note number 18" not in screen)
        term.keys("#")
        term.wait(lambda screen: "note number 16" not in screen)
        term.keys("Enter")
        term.wait("wort15wort")
        term.keys("r")
        term.wait("Re: note number 15")
        term.type("On Monday.")
        term.keys("M-s")
        term.wait("Send to 1 person?")
        term.keys("Enter")
        self.t.wait(lambda: self.outbox() in (["held"], ["queued"]), "the mail in the outbox")
        term.keys("Q")
        term.wait("not been sent yet")
        term.keys("k")
        term.wait_end()

    def outbox(self):
        return [m["state"] for m in self.t.crmail("outbox", "--json").json["messages"]]

    def begin(self):
        shutil.rmtree(self.t.home())
        shutil.copytree(self.first, self.t.home(), dirs_exist_ok=True)
        self.google.again(self.mails)
        self.count = 0

    def at(self, wanted, do):
        """do(line, request) at the request of that number from now on."""

        def each(_number, usual, request):
            self.count += 1
            return (do if self.count == wanted else usual)(self.google.line, request)

        self.google.line.at_request = each

    def start(self):
        return subprocess.Popen(
            self.google.command("sync", "--once"),
            env=self.t.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def finish(self):
        """Later than a mail may be in doubt."""
        self.at(0, lose)
        self.google.sync(code=None, env=self.later.env)
        self.requests = self.count
        report = self.google.sync(env=self.later.env)
        nothing = {k: report[k] for k in ("new", "changed", "gone", "ops_done", "sent", "unknown")}
        self.t.equal(set(nothing.values()), {0}, f"work of another pass: {nothing}")

    def state(self):
        """Gmail's messages with their labels, the rows here with their folders, the outbox."""
        with contextlib.closing(sqlite3.connect(f"{self.t.home()}/crmail.db")) as db:
            rows = db.execute(
                "SELECT m.subject, m.flags, m.copy_of = m.id, (SELECT group_concat(name) FROM (SELECT name"
                " FROM placement p JOIN folder f ON f.id = p.folder WHERE p.message = m.id"
                " AND p.server_id IS NOT NULL ORDER BY 1)) FROM message m ORDER BY 1, 4"
            ).fetchall()
            waiting = db.execute("SELECT count(*) FROM op").fetchall()
        there = sorted((m.split("@")[0] if m.startswith("<note") else "<answer", x) for m, x in self.google.everything())
        return {
            "there": there,
            "drafts": len(self.google.drafts()),
            "here": rows,
            "changes that wait": waiting,
            "outbox": self.outbox(),
        }

    def end(self, what):
        self.finish()
        got = self.state()
        for part, want in self.want.items():
            if got[part] != want:
                extra = [x for x in got[part] if x not in want] if isinstance(want, list) else got[part]
                lost = [x for x in want if x not in got[part]] if isinstance(want, list) else want
                self.t.true(False, f"after {what}, {part}: more {extra}, less {lost}")


def killed(t, ways):
    """Killed at each request, in the ways(number) of it: before it gets there, or before its answer."""
    day = Day(t)
    t.equal(len(day.want["there"]), MAILS + 1, "mails there")
    t.equal((day.want["drafts"], day.want["outbox"]), (0, ["sent"]), "drafts and outbox")
    t.true(day.requests >= 12, f"requests of a day: {day.requests}")
    points = [(n, is_done) for n in range(1, day.requests + 1) for is_done in ways(n)]
    for number, is_done in points:
        day.begin()
        proc = day.start()

        def die(line, request, is_done=is_done, proc=proc):
            if is_done:
                line.usual(request)
            proc.kill()
            proc.wait()

        day.at(number, die)
        t.wait(lambda p=proc: p.poll() is not None, "its end", 60)
        day.end(f"a kill at request {number}, {'done' if is_done else 'not done'}")
    t.note(f"killed {len(points)} times at {day.requests} requests")


def test_killed_at_every_request_of_a_day(t):
    killed(t, lambda number: [number % 2 == 0])


@mark(tier="slow", timeout=1800)
def test_killed_at_every_request_before_and_after(t):
    killed(t, lambda _number: [False, True])


def test_an_answer_lost_or_refused_at_every_request_ends_the_same(t):
    day = Day(t)
    for number in range(1, day.requests + 1):
        day.begin()
        day.at(number, (lose, answer(429, Retry_After="1"), answer(500))[number % 3])
        day.google.sync(code=None)
        day.end(f"request {number}")
    t.note(f"disturbed at {day.requests} requests")
