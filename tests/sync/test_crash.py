"""Killed at any instant, it ends as if nothing had happened: on real servers, the same day again and again.

The day: 30 mails in pages and batches, changes of the user that wait (a star, an archived and a deleted
conversation, two read ones), two answers that wait to be sent, four activities to be logged.  It is
prepared once, with the servers away; each run begins with a copy of the data folder and of the mailbox.
"""
import os
import shutil
import signal
import time

from support import dump
from support.discover import mark
from support.killed import start
from support.letters import letter
from support.proxy import Proxy, kill
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 400
MAILS, EARLIER = 30, 20
POINTS_MIN = 12  # end to end
POINTS_ALL = 40  # in process


class Day:
    """The day's beginning, and how it ends undisturbed."""

    def __init__(self, t):
        self.t = t
        self.rep, self.customer = t.mailbox("minh"), t.mailbox("laura")
        self.crm = t.crm(
            contacts=[
                {"id": "C1", "first_name": "Laura", "email": self.customer.address},
                {"id": "C2", "first_name": "Otto", "email": "otto@wood.test"},
            ]
        )
        self.imap, self.smtp = Proxy(t, self.rep, "imap"), Proxy(t, self.rep, "smtp")
        self.number = 0
        self.prepare()
        self.begin("undisturbed")
        self.finish()
        self.want = self.state()

    # ---- the beginning

    def mail(self, number):
        laura = f"Laura <{self.customer.address}>"
        known = {14: laura, 15: laura, 27: "Otto <otto@wood.test>", 28: laura}
        return letter(
            known.get(number, f"Writer {number} <w{number}@elsewhere.test>"),
            self.rep.address,
            f"note number {number}",
            f"Body of note {number}, word wort{number}wort.\n",
            f"<note{number}@elsewhere.test>",
            time.time() - 100000 + number * 60,
        ).as_bytes()

    def prepare(self):
        t = self.t
        for i in range(EARLIER):
            self.rep.append("INBOX", self.mail(i))
        args = self.rep.account_args()
        args[args.index("--imap") + 1] = f"127.0.0.1:{self.imap.port}"
        args[args.index("--smtp") + 1] = f"127.0.0.1:{self.smtp.port}"
        t.crmail("account", "add", "work", *args, "--history", "all")
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all")
        t.crmail("sync", "--once")
        self.imap.refuse()
        self.smtp.refuse()
        self.use()
        status = t.crmail("status", "--json").json["accounts"][0]
        t.equal((status["ops"] >= 3, status["outbox"]), (True, 2), "changes and mails that wait")
        for i in range(EARLIER, MAILS):
            self.rep.append("INBOX", self.mail(i))
        self.imap.accept()
        self.smtp.accept()
        self.posted = {a["id"] for a in self.crm.activities()}
        self.first_mail = self.rep.maildir
        self.first_data = t.path("first")
        shutil.copytree(t.home(), self.first_data)

    def use(self):
        """What the user does, on the screen, an hour ago: every undo window is over by now."""
        t = self.t
        clock = t.write("clock", f"{int(time.time()) - 3600}\n")
        term = Tmux(
            t, [t.crmail_program, "--home", t.home()], env={"CRMAIL_TEST": f"clock={clock}"}
        )
        term.wait("note number 19")
        term.keys("s")
        term.wait("⚑")
        term.keys("j", "e")
        term.wait(lambda screen: "note number 18" not in screen)
        term.keys("#")
        term.wait(lambda screen: "note number 17" not in screen)
        for number in (15, 14):
            term.keys("/")
            term.type(f"wort{number}wort")
            term.wait(lambda screen, n=number: f"note number {n}" in screen)
            term.keys("Enter", "Enter")
            term.wait(f"Body of note {number}")
            term.keys("r")
            term.wait(f"Re: note number {number}")
            term.type(f"Answer to {number}.")
            term.keys("M-s")
            term.wait("Send to 1 person?")
            term.keys("Enter")
            t.wait(lambda n=number: self.waits(f"Re: note number {n}"), "the mail in the outbox")
            term.keys("g", "i")
            term.wait(lambda screen: screen.startswith(" crmail  Inbox"))
        term.keys("Q")
        term.wait("2 mails have not been sent yet.")
        term.keys("k")
        term.wait_end()

    def waits(self, subject):
        return any(m["subject"] == subject and m["state"] in ("held", "queued") for m in self.outbox())

    # ---- one run

    def begin(self, name):
        """Everything as it was at the beginning, in places of its own."""
        t = self.t
        self.number += 1
        self.imap.clear()
        self.smtp.clear()
        self.imap.cut_all()
        self.smtp.cut_all()
        self.rep.become(f"{self.number}-{name}", self.first_mail)
        self.customer.become(f"{self.number}-{name}")
        ids = ", ".join(f"'{i}'" for i in self.posted) or "''"
        self.crm.psql(f"DELETE FROM ce_activities WHERE id::text NOT IN ({ids})")
        shutil.rmtree(t.home())
        shutil.copytree(self.first_data, t.home(), dirs_exist_ok=True)
        self.rep.settle()
        self.customer.settle()
        self.taken_before = self.smtp.count("answer", ".")

    def finish(self, answer=None):
        """A pass to the end, with the question answered; a second pass has nothing to do."""
        t = self.t
        self.passes()
        doubts = [m for m in self.outbox() if m["state"] == "unknown"]
        for mail in doubts:
            self.wait_for_customer()
            was_sent = any(mail["message_id"].encode() in raw for raw in self.customer.messages())
            (answer or self.answer)(mail, was_sent)
        last = self.passes(2 if doubts else 1)
        account = last["accounts"][0]
        nothing = {k: account[k] for k in ("new", "changed", "gone", "ops_done", "sent", "unknown")}
        t.equal(set(nothing.values()), {0}, f"work of another pass: {nothing}")
        t.equal(last["crms"][0]["logged"], 0, "logged by another pass")
        return len(doubts)

    def answer(self, mail, was_sent):
        self.t.crmail("outbox", "was-sent" if was_sent else "was-not-sent", mail["id"])

    def answer_on_screen(self, mail, was_sent):
        """As a person does, with the servers away, so that what follows is the passes' work."""
        t = self.t
        self.imap.refuse()
        self.smtp.refuse()
        term = Tmux(t, [t.crmail_program, "--home", t.home()])
        term.wait("note number")
        term.keys("g", "o")
        term.wait("was it sent?")
        term.keys("g", "g")
        rows = [line for line in term.lines() if "Re: note number" in line]
        at = next(i for i, line in enumerate(rows) if mail["subject"] in line)
        term.keys(*["j"] * at, "Enter")
        term.wait("Was it sent?")
        term.keys("y" if was_sent else "n")
        t.wait(lambda: "unknown" not in [m["state"] for m in self.outbox()], "the answer taken")
        term.keys("Q")
        t.wait(lambda: term.status() is not None or "not been sent yet" in term.screen(), "the end")
        if term.status() is None:
            term.keys("k")
        term.wait_end()
        self.imap.accept()
        self.smtp.accept()

    def passes(self, count=1):
        for _ in range(count):
            last = self.t.crmail("sync", "--once", "--json", code=None, seconds=120).json
        return last

    def outbox(self):
        return self.t.crmail("outbox", "--json").json["messages"]

    def wait_for_customer(self):
        """Whatever was handed over arrives."""
        taken = self.smtp.count("answer", ".") - self.taken_before
        self.t.wait(lambda: len(self.customer.messages()) >= taken, "the mails handed over", 30)

    def state(self):
        """Mailbox, recipient's inbox, activities, both databases."""
        t = self.t
        self.wait_for_customer()
        t.equal(dump.strangers(t.home(), self.rep), [], "placements and server")
        there = {f"mailbox {k}": v for k, v in dump.mailbox(self.rep).items()}
        got = {f"customer {k}": v for k, v in dump.mailbox(self.customer).items()}
        logged = [
            {k: v for k, v in a.items() if not k.endswith("_at")} for a in self.crm.activities()
        ]
        return {
            **there,
            **got,
            "activities": sorted(map(str, logged)),
            **dump.data(t.home()),
        }

    def end(self, what, answer=None):
        """After a disturbance all is finished, and as it would have been; how often it had to be asked."""
        doubts = self.finish(answer)
        said = dump.difference(self.state(), self.want)
        self.t.true(not said, f"after {what}:\n{said}")
        return doubts

    def crash_at(self, number):
        """Killed at the n-th crash point; False when there are fewer."""
        proc = start(self.t, crash=number)
        proc.wait(120)
        return proc.returncode == -signal.SIGKILL

    def kill_by_line(self, line, side, name):
        """Killed when the line passes something."""
        proc = []
        line.at(side, name, kill(lambda: proc[0].pid))
        proc.append(start(self.t))
        proc[0].wait(120)
        self.t.equal(proc[0].returncode, -signal.SIGKILL, f"end of the program at {name}")

    def kill_by_crm(self):
        """Killed when the CRM has taken an activity and its answer is on its way."""
        stub = self.crm.stub
        stub.lost_answers.append(("POST", "ce_activities"))
        proc = []
        stub.when_lost = lambda: os.kill(proc[0].pid, signal.SIGKILL)
        proc.append(start(self.t))
        proc[0].wait(120)
        stub.when_lost = None
        self.t.equal(proc[0].returncode, -signal.SIGKILL, "end of the program at the POST")


def sweep(t, first, step):
    """Kills at every step-th crash point; how many were tried, and at how many sending was in doubt."""
    day = Day(t)
    points = doubts = 0
    number = first
    while True:
        day.begin(f"crash{number}")
        if not day.crash_at(number):
            return points, doubts
        doubts += day.end(f"a kill at crash point {number}")
        points += 1
        number += step


def test_killed_around_commits(t):
    """Just before and just after commits, a few of them."""
    points, doubts = sweep(t, 5, 10)
    t.note(f"{points} kill points around commits, {doubts} of them asked about")
    t.true(points >= POINTS_MIN, f"kill points: {points}")


@mark(tier="slow", timeout=3600)
def test_killed_around_every_commit(t):
    """Just before and just after each of them."""
    points, doubts = sweep(t, 1, 1)
    t.note(f"{points} kill points around commits, {doubts} of them asked about")
    t.true(points >= 100 and doubts, f"kill points: {points}, doubts: {doubts}")


def test_killed_between_the_work_and_its_answer(t):
    """The server did it, and nobody was there to hear; or nobody was there to ask any more."""
    day = Day(t)
    t.equal(len(day.want["mailbox Sent"]), 2, "copies in Sent")
    t.equal(len(day.want["customer INBOX"]), 2, "mails at the customer")
    t.equal(len(day.want["activities"]) - len(day.posted), 4, "activities")
    points = [
        (line, side, name)
        for line, names in ((day.smtp, (".",)), (day.imap, ("APPEND", "MOVE", "STORE")))
        for name in names
        for side in ("command", "answer")
    ]
    for line, side, name in points:
        day.begin(f"{side}{name.strip('.')}")
        day.kill_by_line(line, side, name)
        doubts = day.end(f"a kill at the {side} {name}")
        t.equal(doubts, int(name == "."), f"questions after a kill at the {side} {name}")
    day.begin("post")
    day.kill_by_crm()
    t.equal(day.end("a kill at the POST of an activity"), 0, "questions after that")
    t.note(f"{len(points) + 1} kill points on the line")


def test_the_question_is_answered_on_the_screen(t):
    """Killed before the mail left: "no" sends it once.  Killed after: "yes" files it."""
    day = Day(t)
    for side in ("command", "answer"):
        day.begin(f"{side}-screen")
        day.kill_by_line(day.smtp, side, ".")
        doubts = day.end(f"a kill at the {side} of the dot", day.answer_on_screen)
        t.equal(doubts, 1, "questions")


def sweep_in_process(t, program):
    """A kill around every commit; every write to a full disk, or at which the power fails."""
    said = t.run(
        [f"{t.builddir}/tests/unit/{program}"],
        seconds=1700,
        env={
            "CRMAIL_SWEEP": "1",
            "CMOCKA_MESSAGE_OUTPUT": "TAP",
            "CRMAIL_SRCDIR": os.environ["CRMAIL_SRCDIR"],
        },
    ).out
    found = [line[2:] for line in said.splitlines() if line.startswith("# ") and line[2].isdigit()]
    points = sum(int(line.split()[0]) for line in found)
    t.note(f"{points} points in process: {', '.join(found)}")
    t.true(points >= POINTS_ALL, f"points in process: {points}")


@mark(tier="slow", timeout=1800)
def test_every_point_of_the_store_in_process(t):
    sweep_in_process(t, "store/test_faults")


@mark(tier="slow", timeout=1800)
def test_every_point_of_a_day_in_process(t):
    sweep_in_process(t, "sync/test_crash")
