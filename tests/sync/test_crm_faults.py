"""A CRM that is away, slow, or answers nonsense: mail goes on, one line says so, nothing is lost or doubled."""
import os
import re
import shutil
import signal
import time

from support.crmtruth import Truth, difference, logged
from support.discover import mark
from support.httpline import HttpLine, answer, body_of, cut_body, flood, half_json
from support.killed import at_commits, nth, start
from support.letters import letter
from support.proxy import cut, drip, kill, replace, stall
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 180
HOOKS = {"CRMAIL_TEST": "deadlines=1500"}
PEOPLE = [{"id": "C1", "email": "ann@wood.test"}, {"id": "C2", "email": "otto@steel.test"}]
HTML = b"<!DOCTYPE html><html><body><h1>Maintenance</h1><p>ann@wood.test</p></body></html>"


# ---- killed


class Pile:
    """Six mails that are known here and nowhere logged; each run begins with a copy of that."""

    def __init__(self, t):
        self.t, self.runs = t, 0
        self.crm = t.crm(contacts=PEOPLE)
        self.line = HttpLine(t, self.crm)
        self.truth = Truth("minh@ourfirm.test", PEOPLE, ())
        folder = t.path("mail", "x")[:-2]
        for part in ("cur", "new", "tmp"):
            os.makedirs(f"{folder}/{part}")
        for i in range(6):
            to = self.truth.me if i % 2 else f"{self.truth.me}, otto@steel.test"
            mid, when = f"<{i}@wood.test>", int(time.time()) - 9000 + i
            raw = letter("ann@wood.test", to, f"note {i}", "x\n", mid, when).as_bytes()
            t.write(f"mail/cur/{i}.test:2,S", raw)
            self.truth.add(raw, i, i)
        self.want = self.truth.activities(self.crm.organization)
        account = ("--email", self.truth.me, "--maildir", folder, "--sendmail", "false")
        t.crmail("account", "add", "work", *account, "--history", "all", home="first")
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all", home="first")
        self.line.refuse()
        t.crmail("sync", "--once", home="first", code=4)
        self.line.accept()

    def run(self, **hooks):
        """crmail sync --once that may be killed; returns how it ended."""
        self.runs += 1
        self.crm.psql("DELETE FROM ce_activities")
        shutil.copytree(self.t.home("first"), self.t.path(f"run{self.runs}"))
        self.process = start(self.t, f"run{self.runs}", **hooks)
        return self.process.wait(60)

    def finish(self, what):
        """Two passes more; everything is there once, and the second finds nothing to do."""
        t, home = self.t, f"run{self.runs}"
        self.line.clear()
        t.crmail("sync", "--once", home=home)
        again = t.crmail("sync", "--once", "--json", home=home).json["crms"][0]
        t.equal((again["logged"], again["parked"]), (0, []), f"another pass after {what}")
        said = difference(logged(self.crm), self.want)
        t.true(not said, f"after {what}:\n{said}")


def test_killed_before_and_after_the_posting_of_an_activity(t):
    """The CRM never heard of it, or took it and nobody was there to hear."""
    pile = Pile(t)
    for side in ("command", "answer"):
        for number in (1, 4, len(pile.want)):
            what = f"a kill at the {side} of activity {number}"
            do = kill(lambda: pile.process.pid)
            pile.line.at(side, "POST ce_activities", do, claim=nth(number))
            t.equal(pile.run(), -signal.SIGKILL, what)
            reached = len(logged(pile.crm))
            t.equal(reached, number - (side == "command"), f"activities in the CRM at {what}")
            pile.finish(what)


def test_killed_around_commits_of_the_log_queue(t):
    points = at_commits(t, Pile(t), 13)
    t.note(f"{points} kill points")
    t.true(points >= 4, f"kill points: {points}")


@mark(tier="slow", timeout=1200)
def test_killed_around_every_commit_of_the_log_queue(t):
    points = at_commits(t, Pile(t), 1)
    t.note(f"{points} kill points")
    t.true(points >= 35, f"kill points: {points}")


def test_lost_answers_are_looked_up(t):
    """Every answer to a posted activity is lost, once each: none is posted a second time in vain."""
    pile = Pile(t)
    pile.line.at("answer", "POST ce_activities", cut, times=3)
    pile.run()
    for _ in range(3):
        t.crmail("sync", "--once", home=f"run{pile.runs}", code=None)
    pile.finish("three lost answers")
    t.equal(pile.line.count("command", "POST ce_activities"), len(pile.want), "activities posted")


# ---- a bad day


class Office:
    """A rep at work, with a CRM that may misbehave."""

    def __init__(self, t, hooks=None):
        self.t, self.number = t, 0
        self.rep, self.customer = t.mailbox("minh"), t.mailbox("laura")
        self.crm = t.crm(contacts=[{"id": "C1", "first_name": "Laura", "email": self.customer.address}])
        self.line = HttpLine(t, self.crm)
        t.crmail("account", "add", "work", *self.rep.account_args(), "--history", "all")
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all")
        t.send_at_once()
        self.receive()
        t.crmail("sync", "--once")
        t.equal(self.posted(), ["note 1"], "activities at the beginning")
        passes = self.ends_of_passes()
        self.term = Tmux(t, [t.crmail_program, "--home", t.home()], env=hooks or HOOKS)
        self.term.wait("note 1")
        t.wait(lambda: self.ends_of_passes() >= passes + 2, "the end of the first pass", 30)

    def ends_of_passes(self):
        return self.line.count("answer", "GET ce_activities")

    def status(self):
        return self.t.crmail("status", "--json").json["crms"][0]

    def posted(self):
        """The subjects of what was posted, in the order of arrival."""
        return [
            body_of(u)["subject"]
            for u in self.line.units
            if (u.side, u.name) == ("command", "POST ce_activities")
        ]

    def in_crm(self):
        return [a["subject"] for a in self.crm.activities()]

    def receive(self):
        self.number += 1
        sender, when = self.customer.address, int(time.time()) - 5000 + 60 * self.number
        self.rep.deliver(
            letter(sender, self.rep.address, f"note {self.number}", f"Body of {self.number}.\n", None, when),
            sender,
        )

    def work(self):
        """Mail comes, is read, is answered: while the CRM does what it does."""
        self.receive()
        subject = f"note {self.number}"
        self.term.wait(subject, 30)
        self.term.keys("g", "i", "g", "g", "Enter")
        self.term.wait(f"Body of {self.number}.")
        self.term.keys("r")
        self.term.wait(f"Re: {subject}")
        self.term.type("Yes.")
        self.term.keys("M-s")
        self.term.wait("Send to 1 person?")
        self.term.keys("Enter")
        self.t.wait(lambda: self.customer_has(f"Re: {subject}"), f"the answer to {subject}", 30)
        self.term.keys("g", "i")
        self.term.wait(lambda s: s.startswith(" crmail  Inbox"))
        return [subject, f"Re: {subject}"]

    def customer_has(self, subject):
        return any(f"Subject: {subject}".encode() in raw for raw in self.customer.messages())

    def wait_told(self, sentence, hint, status):
        """Digits of the sentence are any digits: a time of day is among them."""
        told = re.compile(re.sub(r"\d", r"\\d", re.escape(f"supabase: {sentence} {hint}")))

        def is_told(screen):
            if "Sending to" in screen:
                self.term.keys("g", "g")  # what is said about the sending gives way
            return told.search(screen)

        self.term.wait(is_told, 40)
        self.t.wait(lambda: self.status()["status"] == status, f"the status {status}")

    def wait_drained(self, subjects, what):
        """What waited is there, once and in order, and the line is gone from the screen."""
        self.t.wait(lambda: len(self.in_crm()) >= len(subjects), f"the activities after {what}", 40)
        self.t.wait(lambda: self.status()["queue"] == 0, f"an empty queue after {what}", 30)
        self.t.equal(sorted(self.in_crm()), sorted(subjects), f"activities after {what}")
        self.term.wait(lambda s: "supabase:" not in s, 30)


BY_ITSELF = "Tried again by itself; Ctrl-R: now."
AGAIN = "Ctrl-R tries again."


def bad_days(t, days):
    """days: [(what, how it begins, sentence, hint, status word)]."""
    office = Office(t)
    subjects = ["note 1"]
    for what, begin, sentence, hint, status in days:
        posted = len(office.posted())
        begin(office.line)
        new = office.work()
        office.wait_told(sentence, hint, status)
        office.line.clear()
        office.line.accept()
        office.term.keys("C-r")
        subjects += new
        office.wait_drained(subjects, what)
        order = list(dict.fromkeys(office.posted()[posted:]))
        t.equal(order, new, f"order of the activities after {what}")


def always(do):
    """To every answer but that of signing in, which is asked for seldom."""
    return lambda line: line.at(
        "answer", None, do, times=None, claim=lambda unit: unit.name != "POST token"
    )


def test_mail_goes_on_while_the_crm_is_away(t):
    bad_days(
        t,
        [
            ("it was dead", lambda line: line.refuse(), "Cannot connect to 127.0.0.1.", BY_ITSELF, "offline"),
            ("it stalled", always(stall), "127.0.0.1 did not answer in time.", BY_ITSELF, "offline"),
            ("it dripped", always(drip), "127.0.0.1 did not answer in time.", BY_ITSELF, "offline"),
        ],
    )


def test_mail_goes_on_while_the_crm_talks_nonsense(t):
    no_json = "The CRM answered with something that is not JSON."
    bad_days(
        t,
        [
            ("HTML came", always(replace(answer(200, HTML, "text/html"))), no_json, AGAIN, "error"),
            ("garbage came", always(replace(answer(200, b"\x00\xff[{]" * 9))), no_json, AGAIN, "error"),
            ("half of the JSON came", always(half_json), no_json, AGAIN, "error"),
        ],
    )


def test_mail_goes_on_while_the_crm_breaks_off(t):
    fault = "The CRM has a fault of its own (HTTP 500)."
    large = "The CRM's answer is too large."
    bad_days(
        t,
        [
            ("it had a fault", always(replace(answer(500, HTML, "text/html"))), fault, AGAIN, "error"),
            ("its answers were too large", always(flood), large, AGAIN, "error"),
            (
                "its answers broke off",
                always(cut_body),
                "127.0.0.1 ended the connection before its answer was whole.",
                BY_ITSELF,
                "offline",
            ),
        ],
    )


def test_a_crm_that_asks_for_an_hour_gets_it(t):
    """Retry-After 3600: not even Ctrl-R asks again before; somebody who waits for a report does."""
    office = Office(t)
    limit = replace(answer(429, b'{"message":"slow down"}', retry_after=3600))
    office.line.at("answer", None, limit, times=None)
    subjects = ["note 1", *office.work()]
    office.wait_told(
        "The CRM asks to wait until 18:35 (HTTP 429).", "Tried again by itself.", "paused"
    )
    office.line.clear()
    asked = len(office.line.units)
    office.term.keys("C-r")
    subjects += office.work()
    t.equal(len(office.line.units), asked, "requests within the hour")
    office.term.keys("Q")
    office.term.wait_end()
    t.crmail("sync", "--once")
    t.equal(sorted(office.in_crm()), sorted(subjects), "activities at the end")
    order = [f"note {i}" for i in (1, 2, 3)] + [f"Re: note {i}" for i in (2, 3)]
    t.equal(list(dict.fromkeys(office.posted())), order, "their order, by date")


def test_leaving_does_not_wait_for_a_crm(t):
    """A CRM that never answers, with its full minute of patience: Q ends crmail at once, and the entry is
    looked up and logged by the next pass."""
    office = Office(t, hooks={"CRMAIL_TEST": "seed=1"})
    office.line.at("answer", "POST ce_activities", stall)
    office.receive()
    office.term.wait("note 2", 30)
    t.wait(lambda: len(office.posted()) == 2, "the activity on its way", 30)
    office.term.keys("Q")
    office.term.wait_end()
    office.line.clear()
    t.crmail("sync", "--once")
    t.equal(sorted(office.in_crm()), ["note 1", "note 2"], "activities")
    t.equal(len(office.posted()), 2, "activities posted")
