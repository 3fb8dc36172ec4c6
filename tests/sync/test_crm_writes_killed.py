"""Killed at any instant while what was written goes to the CRM: every record is there once, as it was meant."""
import shutil
import signal
import subprocess

from support.crmdesk import Desk
from support.discover import mark
from support.httpline import HttpLine
from support.killed import at_commits, start
from support.proxy import kill

NEEDS = ("crm",)
TIMEOUT = 300

LAURA = {"id": "C1", "first_name": "Laura", "email": "laura@alpha.test"}
BIG = {"id": "D1", "name": "Big", "stage": "Qualified", "amount": 4000, "contact_id": "C1"}
RESET = """
    DELETE FROM ce_activities; UPDATE ce_contacts SET partner_id = NULL;
    DELETE FROM ce_contacts WHERE id <> 'C1'; DELETE FROM ce_partners;
    UPDATE ce_deals SET stage = 'Qualified', amount = 4000;
"""
WANT = {
    "entries": [
        ("call", "Prices", "Laura"),
        ("email", "Offer", "Kim"),
        ("note", "Nice", "Kim"),
    ],
    "contacts": [("Kim", "New Firm"), ("Laura", None)],
    "deals": [("Won", 5000.0)],
}


class Day:
    """What was written while the CRM was away; each run begins with a copy of that."""

    def __init__(self, t):
        self.t, self.runs = t, 0
        self.crm = t.crm(contacts=[LAURA])
        self.crm.insert("ce_deals", BIG)
        self.line = HttpLine(t, self.crm)
        desk = Desk(t, home="first")
        desk.connect(self.crm)
        desk.sync()
        self.line.refuse()
        desk.crmail("contact", "log", "C1", "call", "subject=Prices")
        new = ("contact", "add", "first_name=Kim", "email=kim@new.test", "partner=new:New Firm")
        kim = desk.crmail(*new, "--json").json["id"]
        desk.sent("kim@new.test", "Offer")
        desk.crmail("contact", "log", kim, "note", "subject=Nice")
        desk.crmail("deal", "edit", "D1", "stage=Won", "amount=5000")
        desk.sync(code=4)
        self.line.accept()

    def run(self, **hooks):
        """crmail sync --once that may be killed; returns how it ended."""
        self.runs += 1
        self.crm.psql(RESET)
        shutil.copytree(self.t.home("first"), self.t.path(f"run{self.runs}"))
        self.process = start(self.t, f"run{self.runs}", **hooks)
        return self.process.wait(60)

    def stands(self):
        """What is in the CRM, without what is chance."""
        entries = self.crm.query(
            "SELECT a.activity_type, a.subject, c.first_name FROM ce_activities a"
            " LEFT JOIN ce_contacts c ON c.id = a.contact_id ORDER BY 1, 2"
        )
        contacts = self.crm.query(
            "SELECT c.first_name, p.name FROM ce_contacts c"
            " LEFT JOIN ce_partners p ON p.id = c.partner_id ORDER BY 1"
        )
        deals = self.crm.query("SELECT stage, amount FROM ce_deals")
        return {
            "entries": [tuple(r.values()) for r in entries],
            "contacts": [tuple(r.values()) for r in contacts],
            "deals": [(r["stage"], float(r["amount"])) for r in deals],
        }

    def finish(self, what):
        """Two passes more; everything is there once, and the second finds nothing to do."""
        t, home = self.t, f"run{self.runs}"
        self.line.clear()
        t.crmail("sync", "--once", home=home)
        again = t.crmail("sync", "--once", "--json", home=home).json["crms"][0]
        done = (again["written"], again["logged"], again["parked"])
        t.equal(done, (0, 0, []), f"another pass after {what}")
        t.equal(self.stands(), WANT, f"the CRM after {what}")
        people = t.crmail("contact", "list", "--json", home=home).json["contacts"]
        t.equal(sorted(p["name"] for p in people), ["Kim", "Laura"], f"contacts after {what}")
        t.true(not any(p["id"].startswith("local:") for p in people), f"their ids after {what}")
        shutil.rmtree(t.path(home))


def test_killed_before_and_after_each_kind_of_write(t):
    """The CRM never heard of it, or took it and nobody was there to hear."""
    day = Day(t)
    for request in ("POST ce_partners", "POST ce_contacts", "POST ce_activities", "PATCH ce_deals"):
        for side in ("command", "answer"):
            what = f"a kill at the {side} of {request}"
            day.line.at(side, request, kill(lambda: day.process.pid))
            t.equal(day.run(), -signal.SIGKILL, what)
            day.finish(what)


def test_killed_around_commits_of_the_writes(t):
    points = at_commits(t, Day(t), 9)
    t.note(f"{points} kill points")
    t.true(points >= 4, f"kill points: {points}")


@mark(tier="slow", timeout=1200)
def test_killed_around_every_commit_of_the_writes(t):
    points = at_commits(t, Day(t), 1)
    t.note(f"{points} kill points")
    t.true(points >= 40, f"kill points: {points}")


def test_a_daemon_sends_at_once_what_a_command_wrote(t):
    crm = t.crm(contacts=[LAURA])
    desk = Desk(t)
    desk.connect(crm)
    desk.sync()
    daemon = subprocess.Popen(
        [t.crmail_program, "--home", t.home("data"), "sync", "--daemon"],
        env=t.environment(),
        stdin=subprocess.DEVNULL,
    )
    t.at_end(lambda: daemon.poll() is None and daemon.kill())
    t.wait(lambda: desk.crmail("status", "--json").json["host"], "the daemon hosts")
    t.wait(lambda: desk.status()["status"] == "connected", "the CRM is connected")
    desk.crmail("contact", "log", "C1", "call", "subject=Now")
    t.wait(lambda: [a["subject"] for a in crm.activities()] == ["Now"], "the call in the CRM")
    t.wait(lambda: desk.status()["queue"] == 0, "nothing waits")
    daemon.send_signal(signal.SIGTERM)
    t.equal(daemon.wait(30), 0, "exit of the daemon")
