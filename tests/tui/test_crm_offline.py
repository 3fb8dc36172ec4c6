"""A day without any server: calls, contacts, mail and deals wait, and go out in the right order, once."""
import time

from support.httpline import HttpLine, body_of
from support.letters import letter
from support.proxy import Proxy, cut
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 180
STAGE = "SELECT stage FROM ce_deals WHERE id = 'D1'"
WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Day:
    """A rep with a contact, a deal of hers, and a letter of somebody unknown; all lines can be away."""

    def __init__(self, t):
        self.t = t
        self.rep, self.customer = t.mailbox("minh"), t.mailbox("laura")
        self.crm = t.crm(
            contacts=[{"id": "C1", "first_name": "Ann", "last_name": "Wood", "email": "ann@wood.test"}],
            deals=[
                {"id": "D1", "name": "Timber", "stage": "offer", "contact_id": "C1"},
                {"id": "D2", "name": "Of last year", "stage": "talks"},
            ],
        )
        self.line = HttpLine(t, self.crm)
        self.lines = [Proxy(t, self.rep, "imap"), Proxy(t, self.rep, "smtp"), self.line]
        at = int(time.time()) - 9000
        for i, (sender, subject) in enumerate(
            (
                ("Ann Wood <ann@wood.test>", "About the timber"),
                (f"Laura Palmer <{self.customer.address}>", "First contact"),
            )
        ):
            text = f"Text of {subject}.\n\n-- \nBuyer\n"
            mid = f"<{i}.{t.id}@wood.test>"
            mail = letter(sender, self.rep.address, subject, text, mid, at + 60 * i)
            self.rep.append("INBOX", mail.as_bytes(), "\\Seen")
        args = self.rep.account_args()
        for option, line in (("--imap", self.lines[0]), ("--smtp", self.lines[1])):
            args[args.index(option) + 1] = f"127.0.0.1:{line.port}"
        t.send_at_once()
        t.crmail("account", "add", "work", *args, "--history", "all")
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all")
        t.crmail("sync", "--once")
        for line in self.lines:
            line.refuse()
        self.before = len(self.line.units)

    def start(self):
        term = Tmux(self.t, [self.t.crmail_program, "--home", self.t.home()], 120, 40)
        term.wait("First contact")
        return term

    def open(self, term, subject):
        term.keys("g", "i")
        term.wait(lambda s: s.startswith(" crmail  Inbox") and "First contact" in s)
        term.keys("g", "g")
        rows = [line for line in term.lines() if "About the timber" in line or "First contact" in line]
        at = next(i for i, line in enumerate(rows) if subject in line)
        term.keys(*["j"] * at, "Enter")
        term.wait(f"Text of {subject}.")

    def work(self, term):
        self.open(term, "About the timber")
        term.keys("L", "c")
        term.wait("Call with Ann")
        term.keys("M-s")
        term.wait("Call logged.")
        self.open(term, "First contact")
        term.keys("N")
        term.wait("Laura")
        term.keys("M-s")
        term.wait(lambda s: "Last name" not in s)
        term.keys("r")
        term.wait("Re: First contact")
        term.type("Welcome.")
        term.keys("M-s")
        term.wait("Send to 1 person?")
        term.keys("Enter")
        self.open(term, "About the timber")
        term.keys("D")
        term.wait("Stage")
        term.keys("t")  # the first letter chooses
        term.wait("talks")
        term.keys("M-s")
        term.wait(lambda s: "Next step" not in s)

    @staticmethod
    def leave(term, t):
        term.keys("Q")
        t.wait(lambda: term.status() is not None or "not been sent yet" in term.screen(), "the end")
        if term.status() is None:
            term.keys("k")
        term.wait_end()

    def back(self):
        for line in self.lines:
            line.accept()

    def writes(self):
        """What was written to the CRM, in the order in which it was asked for."""
        return [
            (u.name, body_of(u))
            for u in self.line.units[self.before :]
            if u.side == "command" and u.name.split()[0] in WRITES and not u.name.endswith(" token")
        ]

    def settled(self):
        status = self.t.crmail("status", "--json").json
        return status["crms"][0]["queue"] == 0 and status["accounts"][0]["outbox"] == 0

    def check(self):
        """Each thing once, and what needs another after it."""
        t, crm = self.t, self.crm
        made = crm.query("SELECT id, first_name, last_name, email FROM ce_contacts WHERE id <> 'C1'")
        t.equal(
            [(c["first_name"], c["last_name"], c["email"]) for c in made],
            [("Laura", "Palmer", self.customer.address)],
            "contacts made",
        )
        laura = made[0]["id"]
        t.equal(crm.query(STAGE), [{"stage": "talks"}], "the deal's stage")
        rows = [(a["activity_type"], a["contact_id"], a["subject"]) for a in crm.activities()]
        want = [
            ("call", "C1", "Call with Ann Wood"),
            ("email", "C1", "About the timber"),
            ("email", laura, "First contact"),
            ("email", laura, "Re: First contact"),
        ]
        t.equal(sorted(rows), sorted(want), "activities")
        t.equal(len(self.customer.messages()), 1, "mails at the new contact")
        names = [name for name, _ in self.writes()]
        t.equal(names.count("POST ce_contacts"), 1, f"contacts posted: {names}")
        t.equal(names.count("PATCH ce_deals"), 1, f"deals changed: {names}")
        about = [i for i, (_, body) in enumerate(self.writes()) if body.get("contact_id") == laura]
        t.true(names.index("POST ce_contacts") < min(about), f"the contact before what is about it: {names}")
        call = next(i for i, (_, body) in enumerate(self.writes()) if body.get("activity_type") == "call")
        t.true(
            call < names.index("POST ce_contacts") < names.index("PATCH ce_deals"),
            f"the order of the user's own writes: {names}",
        )


def test_a_day_without_servers_goes_out_in_order(t):
    """Call logged, contact made, mail sent to that contact, deal moved; quit; start; servers back."""
    day = Day(t)
    term = day.start()
    day.work(term)
    day.leave(term, t)
    t.equal(day.line.units[day.before :], [], "words on the line to the CRM")
    term = day.start()
    day.open(term, "About the timber")
    term.wait("talks")  # what was written is there, though nobody has it yet
    day.back()
    term.keys("C-r")
    t.wait(day.settled, "everything sent and written", 60)
    t.wait(day.customer.messages, "the mail at the new contact", 30)
    t.wait(lambda: len(day.crm.activities()) == 4, "four activities", 30)
    day.leave(term, t)
    t.crmail("sync", "--once")
    day.check()


def test_lost_answers_to_what_was_written_double_nothing(t):
    """The same day; the answer to each of the writes is lost once."""
    day = Day(t)
    term = day.start()
    day.work(term)
    day.leave(term, t)
    for name in ("POST ce_contacts", "POST ce_activities", "PATCH ce_deals"):
        day.line.at("answer", name, cut)
    day.back()
    for _ in range(6):
        t.crmail("sync", "--once", code=None)
        if day.settled():
            break
    t.wait(day.customer.messages, "the mail at the new contact", 30)
    t.crmail("sync", "--once")
    made = day.crm.query("SELECT first_name FROM ce_contacts WHERE id <> 'C1'")
    t.equal(made, [{"first_name": "Laura"}], "contacts made")
    t.equal(day.crm.query(STAGE), [{"stage": "talks"}], "the deal's stage")
    kinds = sorted(a["activity_type"] for a in day.crm.activities())
    t.equal(kinds, ["call", "email", "email", "email"], "activities")
