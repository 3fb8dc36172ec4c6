"""What a rep writes down by the keyboard stands in the CRM: people, calls, deals, and who is right."""
import time

from support.crmdesk import Desk
from support.letters import letter
from support.terminal import Tmux

NEEDS = ("crm",)
TIMEOUT = 180

LAURA = {
    "id": "C1",
    "first_name": "Laura",
    "last_name": "Palmer",
    "email": "laura@alpha.test",
    "partner_id": "P1",
    "phone": "+49 30 901820",
}
ALPHA = {"id": "P1", "name": "Alpha", "domain": "alpha.test"}
BIG = {"id": "D1", "name": "Big one", "stage": "Qualified", "amount": 4000, "contact_id": "C1", "partner_id": "P1"}
OTHER = {"id": "D2", "name": "Other", "stage": "Won", "amount": 1}
SIGNED = """Hello,

I found you through the fair.

Kind regards
Nora Example
Head of Purchasing
Beta Tools Ltd
T +44 20 7946 0999 | Fax +44 20 7946 0998
"""


def begin(t):
    """A rep whose CRM knows Laura and her deal; mail of hers, and of somebody unknown."""
    crm = t.crm(contacts=[LAURA], partners=[ALPHA])
    crm.insert("ce_deals", BIG, OTHER)
    desk = Desk(t)
    desk.connect(crm)
    desk.receive("Laura Palmer <laura@alpha.test>", "price list")
    when = desk.began + 3600
    desk.put(letter("Nora Example <nora@beta.test>", desk.me, "first contact", SIGNED, "<n1@beta.test>", when))
    desk.sync()
    return crm, desk


def start(t, desk, size=(120, 40)):
    return Tmux(t, [t.crmail_program, "--home", t.home(desk.home)], *size)


def leave(term):
    term.keys("Q")
    term.wait_end()


def test_an_unknown_sender_becomes_a_contact(t):
    crm, desk = begin(t)
    term = start(t, desk)
    term.wait("? unknown")
    term.keys("N")
    term.wait("Head of Purchasing")
    for words in ("Nora", "Example", "nora@beta.test", "+44 20 7946 0999", "Beta Tools Ltd"):
        term.wait(words)
    t.true("7946 0998" not in term.screen(), "the fax is no phone")
    term.wait("This partner is new")
    term.keys("M-s")
    term.wait("Contact made.")
    term.wait(lambda screen: "? unknown" not in screen)
    found = "SELECT * FROM ce_contacts WHERE email = 'nora@beta.test'"
    t.wait(lambda: crm.query(found), "the contact in the CRM", 60)
    contact = crm.query(found)[0]
    got = [contact[k] for k in ("first_name", "last_name", "title", "phone")]
    t.equal(got, ["Nora", "Example", "Head of Purchasing", "+44 20 7946 0999"], "the contact")
    partner = crm.query(f"SELECT name FROM ce_partners WHERE id = '{contact['partner_id']}'")
    t.equal(partner, [{"name": "Beta Tools Ltd"}], "the contact's partner")
    t.wait(lambda: any(a["contact_id"] == contact["id"] for a in crm.activities()), "the mail, logged", 60)
    leave(term)
    desk.sync()
    t.equal(len(crm.query(found)), 1, "contacts of that address after another pass")


def test_a_call_takes_five_keys_and_waits_for_the_crm(t):
    crm, desk = begin(t)
    crm.stub.refuse(503)
    term = start(t, desk)
    term.wait("price list")
    term.keys("j", "Enter")
    term.wait("Qualified")
    term.keys("L", "c", "M-s")
    term.wait("Call logged.")
    term.wait("↑☎ Call with Laura Palmer")
    t.equal([a["activity_type"] for a in crm.activities()], ["email"], "in the CRM meanwhile")
    term.keys("L", "t")
    term.type("Send the contract")
    term.keys("Tab", "Tab")
    term.type("+3d")
    term.keys("M-s")
    term.wait("↑☐ Send the contract")
    leave(term)
    crm.stub.refuse(None)
    desk.sync()
    by_type = {a["activity_type"]: a for a in crm.activities()}
    t.equal(sorted(by_type), ["call", "email", "task"], "what stands in the CRM")
    call, task = by_type["call"], by_type["task"]
    t.equal((call["subject"], call["contact_id"], call["partner_id"]), ("Call with Laura Palmer", "C1", "P1"), "the call")
    t.equal((task["subject"], task["status"]), ("Send the contract", "planned"), "the task")
    due = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
    t.true(str(task["due_date"])[:10] >= due[:8], f"the task is due in three days: {task['due_date']}")


def test_a_deal_is_moved_and_taken_back(t):
    crm, desk = begin(t)
    crm.stub.refuse(503)
    term = start(t, desk)
    term.wait("price list")
    term.keys("j", "D")
    term.wait("< Qualified >")
    term.keys("w")
    term.wait("< Won >")
    term.keys("Tab", "C-a")
    term.type("5.000,50")
    term.keys("M-s")
    term.wait("Deal changed.")
    term.keys("z", "D")
    term.wait("< Qualified >")
    term.wait("4000")
    term.keys("w", "M-s")
    term.wait("Deal changed.")
    leave(term)
    crm.stub.refuse(None)
    desk.sync()
    t.equal(crm.query("SELECT stage, amount FROM ce_deals WHERE id = 'D1'"), [{"stage": "Won", "amount": 4000}], "the deal")


def test_a_conflict_is_decided_side_by_side(t):
    crm, desk = begin(t)
    crm.stub.refuse(503)
    term = start(t, desk)
    term.wait("price list")
    term.keys("j", "E")
    term.wait("crmail  Contact")
    term.keys("Tab", "Tab")
    term.type("Buyer")
    term.keys("Tab", "Tab", "Tab", "C-u")
    term.type("+49 30 1111")
    term.keys("M-s")
    term.wait("Contact changed.")
    leave(term)
    crm.psql("UPDATE ce_contacts SET title = 'Boss', phone = '+49 30 2222', updated_at = now() WHERE id = 'C1'")
    crm.stub.refuse(None)
    desk.sync(code=4)
    term = start(t, desk, (80, 24))
    term.wait("price list")
    term.keys("g", "x")
    term.wait("Changed here and in the CRM")
    for words in ("✓ Buyer", "Boss", "✓ +49 30 1111", "+49 30 2222"):
        term.wait(words)
    term.keys("Down")
    term.wait("▸ Phone")
    term.keys("Right")
    term.wait("✓ +49 30 2222")
    term.keys("Enter")
    term.wait("Decided: it is sent to the CRM.")
    want = [{"title": "Buyer", "phone": "+49 30 2222"}]
    t.wait(lambda: crm.query("SELECT title, phone FROM ce_contacts WHERE id = 'C1'") == want, "the decision in the CRM", 60)
    leave(term)
