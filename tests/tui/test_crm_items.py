"""What a CRM refuses is shown with its reason, and tried again or given up by a key."""
import os

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("crm",)
TIMEOUT = 180
ME = "minh@ourfirm.test"
PEOPLE = ("Laura", "Bob")
CONTACTS = [
    {"id": f"C{name}", "first_name": name, "email": f"{name.lower()}@{name.lower()}.test"}
    for name in PEOPLE
]


def scene(t, crm):
    """A mail of each contact, of which the CRM takes none."""
    folder = t.path("mail", "x")[:-2]
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    for name in PEOPLE:
        host = f"{name.lower()}.test"
        mail = letter(f"{name.lower()}@{host}", ME, f"from {name}", "Hello.", f"<1@{host}>")
        with open(os.path.join(folder, "new", f"{name}.test"), "wb") as f:
            f.write(bytes(mail))
    args = ("--email", ME, "--maildir", folder, "--sendmail", "false", "--history", "all")
    t.crmail("account", "add", "work", *args)
    crm.psql("ALTER TABLE ce_activities ADD CONSTRAINT closed CHECK (subject IS NULL)")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all")


def subjects(crm):
    return sorted(a["subject"] for a in crm.activities())


def test_refused_entries_are_retried_or_given_up(t):
    crm = t.crm(contacts=CONTACTS)
    scene(t, crm)
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 100, 30)
    term.wait("The CRM refused 2 entries: g w shows which, and why.", seconds=60)
    term.keys("g", "w")
    term.wait("2 refused")
    t.true("violates check" in term.screen(), f"the CRM's words:\n{term.screen()}")
    crm.psql("ALTER TABLE ce_activities DROP CONSTRAINT closed")
    if "from Bob" in next(line for line in term.lines() if "▸" in line):
        term.keys("j")
    term.keys("Enter")
    term.wait("received mail")
    t.true("from Laura" in term.screen() and "Laura" in term.screen(), "one, whole")
    term.keys("r")
    t.wait(lambda: subjects(crm) == ["from Laura"], "the entry that was tried again", 60)
    term.wait("nothing of it waits any more")
    term.keys("q")
    term.wait("1 refused")
    term.keys("m")
    term.wait("Hello.")
    term.keys("q", "#")
    term.wait("Give up?")
    term.keys("y")
    term.wait("Nothing waits for a CRM.")
    t.crmail("sync", "--once", "--json", code=None)
    left = t.crmail("status", "--json").json["crms"][0]
    t.equal((left["queue"], left["parked"]), (0, 0), "what waits")
    t.equal(subjects(crm), ["from Laura"], "entries in the CRM")
