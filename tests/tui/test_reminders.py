"""Remind me if nobody answers: set on the screen, on the day when due, over at an answer or a bounce."""
import os
import shutil
import signal
import smtplib
import sqlite3
import time

from support.letters import letter, parse
from support.proxy import Proxy
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 240
DAY = 86400
SUBJECT = "Our offer"
COMMITS = 128  # more crash points than a pass that brings one mail has


class Scene:
    """A rep who wrote to a customer this morning, on a clock of the test's own."""

    def __init__(self, t, to=None):
        self.t = t
        self.rep, self.customer = t.mailbox("minh"), t.mailbox("laura")
        self.morning = int(time.time()) // DAY * DAY + 9 * 3600
        self.clock, self.home = t.path("clock"), t.home()
        self.at(int(time.time()))
        self.line = Proxy(t, self.rep, "imap")
        args = self.rep.account_args()
        args[args.index("--imap") + 1] = f"127.0.0.1:{self.line.port}"
        t.crmail("account", "add", "work", *args, "--history", "all")
        self.mid = f"<offer.{t.id}@{self.rep.domain}>"
        to = (to or self.customer.address).format(domain=self.rep.domain)
        mail = letter(self.rep.address, to, SUBJECT, "As asked.", self.mid)
        self.rep.append("Sent", bytes(mail), r"\Seen")
        self.sent = bytes(mail)

    def at(self, now):
        """Sets the clock; readers find the old moment or the new one."""
        with open(self.clock + ".new", "w", encoding="ascii") as f:
            f.write(str(now))
        os.replace(self.clock + ".new", self.clock)

    def hooks(self, more=""):
        return {"CRMAIL_TEST": f"clock={self.clock}{more}", "TZ": "UTC"}

    def start(self, size=(100, 30)):
        term = Tmux(self.t, [self.t.crmail_program, "--home", self.t.home()], *size, env=self.hooks())
        term.wait("Inbox")
        return term

    def sync(self, more="", code=0):
        argv = [self.t.crmail_program, "--home", self.home, "sync", "--once"]
        return self.t.run(argv, code=code, seconds=120, env=self.hooks(more))

    def rows(self, sql):
        with sqlite3.connect(os.path.join(self.home, "crmail.db")) as db:
            return db.execute(sql).fetchall()

    def ended(self):
        """[why] of each reminder; None = it has not ended."""
        return [w or None for (w,) in self.rows("SELECT why FROM reminder ORDER BY id")]

    def set(self, term):
        """In three days, from the list of sent mail."""
        term.keys("g", "t")
        term.wait(SUBJECT, seconds=60)
        term.keys("R")
        term.wait("Remind me if nobody answers:")
        term.keys("Enter")
        term.wait("Reminder, if nobody answers:")
        term.wait("↺")

    def answer(self):
        mail = letter(
            self.customer.address, self.rep.address, "Re: " + SUBJECT, "Yes.", in_reply_to=self.mid
        )
        self.rep.deliver(mail, self.customer.address)


def line(term, words):
    return next((x for x in term.lines() if words in x), "")


def test_a_reminder_stands_on_the_day_until_somebody_answers(t):
    s = Scene(t)
    s.sync()
    term = s.start()
    s.set(term)
    term.keys("g", "y")
    term.wait("you wait for nobody's answer")
    s.at(s.morning + 3 * DAY + 60)
    term.keys("g", "t", "g", "y")
    term.wait("reminder was today")
    t.true(SUBJECT in line(term, "reminder was today"), f"the row:\n{term.screen()}")
    term.wait("1 new")
    os.kill(term.pid(), signal.SIGKILL)
    term.close()

    term = s.start()
    term.keys("g", "n")
    term.wait("no answer")
    t.true(SUBJECT in line(term, "no answer"), f"the feed:\n{term.screen()}")
    t.equal(len([x for x in term.lines() if SUBJECT in x]), 1, "told once, also after the kill")
    term.keys("g", "y")
    term.wait("reminder was today")
    term.keys("w")
    term.wait("you wait for nobody's answer")
    term.keys("z")
    term.wait("reminder was today")
    s.answer()
    term.keys("C-r")
    term.wait("you wait for nobody's answer", seconds=60)
    t.equal(s.ended(), [1], "why it ended")
    term.keys("g", "i")
    term.wait("Re: " + SUBJECT)
    t.true("↺" not in term.screen(), f"no sign is left:\n{term.screen()}")


def test_what_was_done_to_a_reminder_is_taken_back_without_a_server(t):
    s = Scene(t)
    s.sync()
    s.line.refuse()
    term = s.start()
    s.set(term)
    term.keys("z")
    term.wait(lambda screen: "↺" not in screen)
    t.equal(s.ended(), [], "after undo")
    s.set(term)
    term.keys("Enter")
    term.wait("↺ reminder in 3 days")
    term.keys("R")
    term.wait("no reminder any more")
    term.keys("Up", "Down", "Down", "Down", "Down", "Down", "Enter")
    term.wait("Reminder ended.")
    term.wait(lambda screen: "↺" not in screen)
    term.keys("z")
    term.wait("↺ reminder in 3 days")
    t.equal(s.ended(), [None], "opened again")
    s.at(s.morning + 3 * DAY + 60)
    term.keys("q", "g", "y")
    term.wait("reminder was today")
    term.keys("x")
    term.wait("you wait for nobody's answer")
    t.equal(s.ended(), [3], "done, as the user said")


def test_an_answer_and_the_end_of_the_reminder_come_together_or_not_at_all(t):
    """Killed on the way to the commit that brings the answer: right before it, and right after."""
    s = Scene(t)
    s.sync()
    term = s.start()
    s.set(term)
    term.keys("Q")
    term.wait_end()
    s.answer()
    t.wait(lambda: len(s.rep.messages()) == 1, "the answer")
    before, came = s.home, {}

    def crash(number):
        """Whether the answer is there after a pass that is killed at that point."""
        s.home = f"{before}-{number}"
        shutil.copytree(before, s.home)
        killed = s.sync(f",crash={number}", code=None).code == -signal.SIGKILL
        came[number] = s.rows("SELECT count(*) FROM message WHERE subject LIKE 'Re:%'")[0][0] == 1
        t.equal(s.ended(), [1] if came[number] else [None], f"reminder at crash point {number}")
        t.true(killed or came[number], f"a pass that is not killed brings it ({number})")
        s.sync()
        t.equal(s.ended(), [1], f"after the pass that follows crash point {number}")
        return came[number]

    low, high = 0, COMMITS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if crash(middle) else (middle, high)
    t.true(came.get(low) is False and came.get(high), f"killed before and after it came: {came}")


def test_a_bounce_ends_the_reminder_and_is_told(t):
    """By what Postfix says of a mailbox that is not there."""
    s = Scene(t, to="never.made@{domain}")
    s.sync()
    term = s.start()
    s.set(term)
    rep = s.rep
    with smtplib.SMTP_SSL(rep.host, rep.submissions_port, context=rep.tls(), timeout=20) as smtp:
        smtp.login(rep.address, rep.password)
        smtp.sendmail(rep.address, parse(s.sent)["To"], s.sent)
    t.wait(s.rep.messages, "the bounce", 60)
    term.keys("C-r")
    term.wait("1 new", seconds=60)
    term.keys("g", "n")
    term.wait("bounced")
    t.true(SUBJECT in line(term, "bounced"), f"the feed:\n{term.screen()}")
    t.equal(s.ended(), [2], "why it ended")
