"""What is written to the CRM arrives in order, once, also after a time without it; and what was
changed there meanwhile is asked about."""
from support.crmdesk import Desk

NEEDS = ("crm",)
TIMEOUT = 120

LAURA = {"id": "C1", "first_name": "Laura", "email": "laura@alpha.test", "partner_id": "P1"}
ALPHA = {"id": "P1", "name": "Alpha", "domain": "alpha.test"}
BIG = {"id": "D1", "name": "Big", "stage": "Qualified", "amount": 4000, "contact_id": "C1"}


def begin(t):
    """A rep whose CRM knows Laura and her deal."""
    crm = t.crm(contacts=[LAURA], partners=[ALPHA])
    crm.insert("ce_deals", BIG)
    desk = Desk(t)
    desk.connect(crm)
    desk.sync()
    return crm, desk


def items(desk):
    return desk.crmail("crm", "items", "--json").json["items"]


def new(desk, *args):
    return desk.crmail(*args, "--json").json["id"]


def written(crm, since):
    """Method and table of every request that wrote something, in order."""
    out = []
    for method, path, _ in crm.stub.requests[since:]:
        if method != "GET" and "/rest/v1/" in path:
            out.append(f"{method} {path.split('/rest/v1/')[1].split('?')[0]}")
    return out


def test_a_day_without_the_crm_arrives_in_order_once(t):
    crm, desk = begin(t)
    since = len(crm.stub.requests)
    crm.stub.refuse(503)
    new(desk, "contact", "log", "C1", "call", "subject=Prices", "duration_min=12")
    kim = new(
        desk, "contact", "add", "first_name=Kim", "last_name=Lee", "email=kim@new.test",
        "other_emails=k@new.test", "partner=new:New Firm",
    )
    desk.sent("kim@new.test", "Offer")
    new(desk, "contact", "log", kim, "note", "body=Nice.\nVery.")
    desk.crmail("deal", "edit", "D1", "stage=Won", "amount=5000.50")
    new(desk, "task", "add", "Send the contract", "contact=C1", "due_date=2026-12-01")
    t.equal(desk.sync(code=4)["result"], "failed", "the pass without a CRM")
    states = sorted(x["state"] for x in desk.entries("--contact", kim))
    t.equal(states, ["local", "queued"], "mail and note of the new contact meanwhile")
    t.equal(desk.status()["queue"], 6, "what waits")
    crm.stub.refuse(None)
    tries = [x for x in written(crm, since)]
    since = len(crm.stub.requests)
    report = desk.sync()
    t.equal((report["written"], report["logged"], report["parked"]), (6, 1, []), "the pass")
    t.equal(set(tries) <= {"POST ce_activities"}, True, "only the first was tried before")
    order = [
        "POST ce_activities",
        "POST ce_partners",
        "POST ce_contacts",
        "POST ce_activities",
        "PATCH ce_deals",
        "POST ce_activities",
        "POST ce_activities",
    ]
    t.equal(written(crm, since), order, "requests that wrote")
    t.equal(desk.sync()["written"], 0, "written by the next pass")
    t.equal(len(crm.activities()), 4, "activities")
    contact = crm.query("SELECT * FROM ce_contacts WHERE email = 'kim@new.test'")
    t.equal(len(contact), 1, "contacts of that address")
    t.equal(contact[0]["other_emails"], ["k@new.test"], "its other addresses")
    firm = crm.query("SELECT id FROM ce_partners WHERE name = 'New Firm'")
    t.equal([firm[0]["id"]], [contact[0]["partner_id"]], "its company")
    by_kind = {(a["activity_type"], a["subject"]): a for a in crm.activities()}
    t.equal(by_kind["email", "Offer"]["contact_id"], contact[0]["id"], "whose mail it is")
    t.equal(by_kind["call", "Prices"]["duration_min"], 12, "minutes of the call")
    t.equal(by_kind["call", "Prices"]["partner_id"], "P1", "the call's company")
    t.equal(by_kind["task", "Send the contract"]["status"], "planned", "state of the task")
    t.equal(by_kind["task", "Send the contract"]["created_by"], crm.user_id, "who made it")
    deal = crm.query("SELECT stage, amount FROM ce_deals")[0]
    t.equal((deal["stage"], float(deal["amount"])), ("Won", 5000.5), "the deal")
    states = sorted(x["state"] for x in desk.entries("--contact", contact[0]["id"]))
    t.equal(states, ["logged", "logged"], "on the timeline")
    t.equal(len(desk.crmail("contact", "list", "--json").json["contacts"]), 2, "contacts here")


def test_a_lost_answer_makes_no_second_record(t):
    crm, desk = begin(t)
    for table, args in (
        ("ce_contacts", ("contact", "add", "first_name=Kim", "email=kim@new.test")),
        ("ce_activities", ("contact", "log", "C1", "meeting", "subject=Lunch")),
        ("ce_deals", ("deal", "edit", "D1", "stage=Won")),
    ):
        crm.stub.lost_answers.append(("PATCH" if table == "ce_deals" else "POST", table))
        desk.crmail(*args)
        desk.crmail("sync", "--once", "--json", code=None)
        desk.sync()
        t.equal(items(desk), [], f"what waits after {table}")
    counts = crm.query(
        "SELECT (SELECT count(*) FROM ce_contacts) c, (SELECT count(*) FROM ce_activities) a,"
        " (SELECT stage FROM ce_deals) s"
    )[0]
    t.equal((counts["c"], counts["a"], counts["s"]), (2, 1, "Won"), "what stands in the CRM")
    t.equal(len(desk.crmail("contact", "list", "--json").json["contacts"]), 2, "contacts here")


def test_a_field_changed_on_both_sides_is_asked_about(t):
    crm, desk = begin(t)
    desk.crmail("deal", "edit", "D1", "stage=Won", "next_step=Invoice")
    crm.psql("UPDATE ce_deals SET stage = 'Lost', updated_at = now() WHERE id = 'D1'")
    report = desk.sync(code=4)
    t.equal(report["result"], "parked", "the pass")
    t.equal([p["target"] for p in report["parked"]], ["deal:D1"], "what it names")
    item = items(desk)[0]
    t.equal((item["state"], item["record"]), ("conflict", "D1"), "the item")
    stage = [f for f in item["fields"] if f["name"] == "stage"][0]
    t.equal((stage["base"], stage["ours"], stage["theirs"]), ("Qualified", "Won", "Lost"), "both")
    t.equal(desk.status()["parked"], 1, "in the status")
    t.equal(crm.query("SELECT stage FROM ce_deals")[0]["stage"], "Lost", "nothing written yet")
    desk.crmail("crm", "items", "retry", item["id"], code=1)
    desk.crmail("crm", "items", "ours", item["id"])
    t.equal(desk.sync()["written"], 1, "written")
    deal = crm.query("SELECT stage, next_step FROM ce_deals")[0]
    t.equal((deal["stage"], deal["next_step"]), ("Won", "Invoice"), "the deal")
    desk.crmail("contact", "edit", "C1", "title=CEO")
    crm.psql("UPDATE ce_contacts SET title = 'CFO', updated_at = now() WHERE id = 'C1'")
    desk.sync(code=4)
    desk.crmail("crm", "items", "theirs", items(desk)[0]["id"])
    desk.sync()
    t.equal(crm.query("SELECT title FROM ce_contacts")[0]["title"], "CFO", "theirs stays")
    t.equal(items(desk), [], "nothing waits")


def test_what_the_crm_refuses_is_parked_with_what_needs_it(t):
    crm, desk = begin(t)
    crm.psql("ALTER TABLE ce_contacts ADD CHECK (last_name <> 'Forbidden')")
    kim = new(desk, "contact", "add", "first_name=Kim", "last_name=Forbidden", "email=kim@new.test")
    new(desk, "contact", "log", kim, "call", "subject=Hello")
    desk.crmail("deal", "edit", "D1", "stage=Won")
    report = desk.sync(code=4)
    t.equal(report["written"], 1, "the deal is not held up")
    t.equal(
        [p["target"].split(":")[0] for p in report["parked"]], ["contact", "activity"], "parked"
    )
    t.true(all(p["reason"] and p["item"] for p in report["parked"]), "reasons and items are named")
    t.equal([i["state"] for i in items(desk)], ["parked", "parked"], "items")
    desk.crmail("contact", "edit", kim, "last_name=Lee")
    report = desk.sync()
    t.equal((report["written"], report["parked"]), (2, []), "after it was corrected")
    row = crm.query(
        "SELECT a.subject, c.last_name FROM ce_activities a JOIN ce_contacts c ON c.id = a.contact_id"
    )
    t.equal(row, [{"subject": "Hello", "last_name": "Lee"}], "the call is hers")


def test_a_deleted_contact_parks_its_call_in_words(t):
    crm, desk = begin(t)
    new(desk, "contact", "log", "C1", "call", "subject=Too late")
    crm.psql(
        "UPDATE ce_deals SET contact_id = NULL; DELETE FROM ce_contacts WHERE id = 'C1'"
    )
    report = desk.sync(code=4)
    t.equal(len(report["parked"]), 1, "parked")
    item = items(desk)[0]
    t.equal((item["state"], item["kind"]), ("parked", "activity"), "the item")
    t.true(len(item["reason"]) > 10, f"a reason in words: {item['reason']}")
    desk.crmail("crm", "items", "discard", item["id"])
    t.equal(items(desk), [], "discarded")
    t.equal(crm.activities(), [], "activities")


def test_tasks_are_completed_and_put_off(t):
    crm, desk = begin(t)
    task = new(desk, "task", "add", "Call back", "contact=C1", "due_date=2026-12-01")
    desk.crmail("task", "postpone", task, "2026-12-08")
    desk.sync()
    row = crm.activities()[0]
    t.equal((row["due_date"][:10], row["status"]), ("2026-12-08", "planned"), "the task")
    desk.crmail("task", "done", row["id"])
    t.equal(desk.sync()["written"], 1, "written")
    t.equal(crm.activities()[0]["status"], "completed", "done")


def test_wrong_words_are_refused_and_write_nothing(t):
    _, desk = begin(t)
    desk.crmail("contact", "add", "colour=red", code=2)
    desk.crmail("contact", "add", "title=CEO", code=2)
    desk.crmail("contact", "add", "first_name", code=2)
    desk.crmail("contact", "edit", "C99", "title=CEO", code=3)
    desk.crmail("contact", "log", "C1", "letter", code=2)
    desk.crmail("deal", "edit", "D1", code=2)
    desk.crmail("deal", "edit", "D1", "contact=C99", code=3)
    desk.crmail("task", "done", "nothing", code=3)
    desk.crmail("crm", "items", "retry", "17", code=3)
    desk.crmail("contact", "add", "first_name=A", "--crm", "other", code=3)
    t.equal(items(desk), [], "nothing waits")
