"""The CRM beside the mail: who is recognised, what is logged to whom, and never twice."""
import time

from support.crmdesk import ME, Desk
from support.letters import activity_id, letter

NEEDS = ("crm",)
TIMEOUT = 120

LAURA = {
    "id": "C1",
    "first_name": "Laura",
    "last_name": "Palmer",
    "email": "Laura@Alpha.test",
    "other_emails": ["l.palmer@home.test"],
    "phone": "+49 30 1",
    "partner_id": "P1",
}
BOB = {"id": "C2", "first_name": "Bob", "email": "bob@beta.test"}
PARTNERS = [
    {"id": "P1", "name": "Alpha", "domain": "alpha.test"},
    {"id": "P2", "name": "Beta", "domain": "beta.test"},
]


def logged(crm):
    """What stands in the CRM: (Message-ID, contact, partner)."""
    return sorted((r["message_id"], r["contact_id"], r["partner_id"]) for r in crm.activities())


def test_mail_is_logged_to_whom_it_concerns(t):
    crm = t.crm(
        contacts=[LAURA, BOB],
        partners=PARTNERS,
        leads=[{"id": "L1", "name": "Lea", "email": "lea@nowhere.test"}],
    )
    desk = Desk(t)
    at = int(time.time()) - 7200
    desk.put(letter("laura+x@ALPHA.test", ME, "one", "hello", "<1@alpha.test>", at))
    desk.put(
        letter(
            ME, "l.palmer@home.test, bob@beta.test", "two", "dear both", "<2@ourfirm.test>", at + 1
        ),
        ".Sent",
    )
    desk.put(letter("somebody@mail.alpha.test", ME, "three", "x", "<3@alpha.test>", at + 2))
    desk.put(letter("lea@nowhere.test", ME, "four", "x", "<4@nowhere.test>", at + 3))
    desk.put(letter("stranger@gmail.com", ME, "five", "x", "<5@gmail.com>", at + 4))
    desk.put(letter("colleague@ourfirm.test", ME, "six", "x", "<6@ourfirm.test>", at + 5))
    desk.put(letter("info@alpha.test", ME, "seven", "x", "<7@alpha.test>", at + 6))
    desk.put(
        letter(
            "laura@alpha.test",
            ME,
            "eight",
            "x",
            "<8@alpha.test>",
            at + 7,
            auto_submitted="auto-replied",
        )
    )
    desk.put(
        letter(
            "new@gmail.com",
            ME,
            "Re: one",
            "x",
            "<9@gmail.com>",
            at + 8,
            in_reply_to="<1@alpha.test>",
        )
    )
    desk.connect(crm)
    report = desk.sync()
    t.equal(
        (report["contacts"], report["partners"], report["logged"], report["skipped"]),
        (2, 2, 6, 4),
        "counts",
    )
    t.equal(
        logged(crm),
        sorted(
            [
                ("1@alpha.test", "C1", "P1"),
                ("2@ourfirm.test", "C1", "P1"),
                ("2@ourfirm.test", "C2", None),
                ("3@alpha.test", None, "P1"),
                ("4@nowhere.test", None, None),
                ("9@gmail.com", "C1", "P1"),
            ],
            key=lambda r: (r[0], str(r[1])),
        ),
        "activities",
    )
    rows = {(r["message_id"], r["contact_id"]): r for r in crm.activities()}
    first = rows[("1@alpha.test", "C1")]
    t.equal(first["id"], activity_id(crm.organization, "<1@alpha.test>", "contact", "C1"), "the id")
    t.equal(
        {
            k: first[k]
            for k in ("activity_type", "subject", "description", "status", "body", "created_by")
        },
        {
            "activity_type": "email",
            "subject": "one",
            "description": "Received email",
            "status": "completed",
            "body": "hello",
            "created_by": crm.user_id,
        },
        "fields",
    )
    t.equal(rows[("2@ourfirm.test", "C2")]["description"], "Sent email", "direction")
    t.equal(desk.sync()["logged"], 0, "logged by a second pass")
    t.equal(len(crm.activities()), 6, "activities after it")

    found = desk.crmail("contact", "list", "--json").json["contacts"]
    t.equal([c["id"] for c in found], ["C1", "C2"], "contacts")
    t.equal(found[0]["emails"], ["Laura@Alpha.test", "l.palmer@home.test"], "addresses")
    t.equal(found[0]["partner"], "P1", "partner")
    line = desk.crmail("timeline", "--contact", "C1", "--json").json["entries"]
    t.equal(
        [(x.get("message_id"), x["state"]) for x in line],
        [
            ("9@gmail.com", "logged"),
            ("8@alpha.test", "local"),
            ("2@ourfirm.test", "logged"),
            ("1@alpha.test", "logged"),
        ],
        "the contact's timeline",
    )
    t.equal(
        len(desk.crmail("timeline", "--partner", "P1", "--json").json["entries"]),
        6,
        "the partner's timeline",
    )
    desk.crmail("timeline", "--contact", "C9", "--json", code=3)


def test_two_colleagues_make_one_activity(t):
    crm = t.crm(contacts=[LAURA], partners=PARTNERS)
    at = int(time.time()) - 7200
    desks = [Desk(t, "one"), Desk(t, "two")]
    for desk in desks:
        desk.put(letter("laura@alpha.test", ME, "one", "hello", "<1@alpha.test>", at))
        desk.connect(crm)
    t.equal([desk.sync()["logged"] for desk in desks], [1, 0], "logged by each")
    t.equal(len(crm.activities()), 1, "activities")
    entry = desks[1].crmail("timeline", "--contact", "C1", "--json").json["entries"]
    t.equal([x["state"] for x in entry], ["logged"], "the second one's timeline")


def test_an_entry_hidden_by_the_crm_is_parked(t):
    crm = t.crm(contacts=[LAURA], partners=PARTNERS)
    desk = Desk(t)
    desk.put(
        letter("laura@alpha.test", ME, "one", "hello", "<1@alpha.test>", int(time.time()) - 60)
    )
    crm.insert(
        "ce_activities",
        {
            "id": activity_id(crm.organization, "<1@alpha.test>", "contact", "C1"),
            "organization_id": "00000000-0000-4000-8000-000000000001",
            "activity_type": "email",
            "status": "completed",
            "activity_date": "2026-01-01T00:00:00Z",
        },
    )
    desk.connect(crm)
    report = desk.sync(code=4)
    t.equal(
        report["parked"],
        [
            {
                "message_id": "1@alpha.test",
                "target": "contact:C1",
                "reason": "The CRM has this entry but does not show it to you.",
            }
        ],
        "parked",
    )


def test_mail_is_logged_when_its_sender_becomes_a_contact(t):
    crm = t.crm()
    desk = Desk(t)
    desk.put(letter("bob@beta.test", ME, "one", "hello", "<1@beta.test>", int(time.time()) - 60))
    desk.connect(crm)
    t.equal(desk.sync()["logged"], 0, "logged before")
    crm.insert("ce_contacts", {"id": "C5", "first_name": "B", "email": "BOB@beta.test"})
    t.equal(desk.sync()["logged"], 1, "logged after")
    t.equal(logged(crm), [("1@beta.test", "C5", None)], "activities")


def test_a_dead_crm_leaves_the_queue_for_later(t):
    crm = t.crm(contacts=[LAURA], partners=PARTNERS)
    desk = Desk(t)
    desk.put(
        letter("laura@alpha.test", ME, "one", "hello", "<1@alpha.test>", int(time.time()) - 60)
    )
    desk.connect(crm)
    desk.sync()
    desk.put(
        letter("laura@alpha.test", ME, "two", "hello", "<2@alpha.test>", int(time.time()) - 50)
    )
    crm.stub.refuse(503)
    report = desk.sync(code=4)
    t.equal((report["result"], report["logged"]), ("failed", 0), "the pass")
    crm.stub.refuse(None)
    t.equal(desk.sync()["logged"], 1, "logged afterwards")
    t.equal(len(crm.activities()), 2, "activities")


def test_a_lost_answer_makes_no_second_activity(t):
    crm = t.crm(contacts=[LAURA], partners=PARTNERS)
    desk = Desk(t)
    desk.put(
        letter("laura@alpha.test", ME, "one", "hello", "<1@alpha.test>", int(time.time()) - 60)
    )
    desk.connect(crm)
    lost = []
    crm.stub.when_lost = lambda: lost.append(len(crm.activities()))
    crm.stub.lost_answers.append(("POST", "ce_activities"))
    report = desk.crmail("sync", "--once", "--json", code=4).json["crms"][0]
    t.equal((report["result"], report["logged"]), ("failed", 0), "the pass whose answer was lost")
    t.equal((lost, crm.stub.lost_answers), ([1], []), "activities when the answer was lost")
    desk.sync()
    t.equal(len(crm.activities()), 1, "activities at the end")
    posted = [r for r in crm.stub.requests if r[0] == "POST" and "ce_activities" in r[1]]
    t.equal(len(posted), 1, "posts: it was found, not sent again")
    entries = desk.crmail("timeline", "--contact", "C1", "--json").json["entries"]
    t.equal([x["state"] for x in entries], ["logged"], "what the timeline says")


def test_many_contacts_of_one_moment_come_all(t):
    crm = t.crm()
    crm.psql(
        "INSERT INTO ce_contacts (id, first_name, email, organization_id, updated_at)"
        f" SELECT 'C' || i, 'N' || i, 'n' || i || '@many.test', '{crm.organization}', '2026-01-01T00:00:00.123456Z'"
        " FROM generate_series(1, 1234) i"
    )
    desk = Desk(t)
    desk.connect(crm)
    t.equal(desk.sync()["contacts"], 1234, "contacts of the first pass")
    t.equal(desk.sync()["contacts"], 0, "of the second")
    t.equal(len(desk.crmail("contact", "list", "--json").json["contacts"]), 1234, "contacts listed")


def test_the_program_says_what_it_would_ask(t):
    desk = Desk(t)
    text = desk.crmail("crm", "check", "supabase", "--url", "https://crm.test").out
    text = text.decode() if isinstance(text, bytes) else text
    for line in (
        "POST https://crm.test/auth/v1/token?grant_type=password",
        '"password":"***"',
        "Bearer ***",
    ):
        t.true(line in text, f"{line} in what it prints:\n{text}")


def test_partners_and_deals_are_listed(t):
    crm = t.crm(contacts=[LAURA], partners=PARTNERS)
    crm.insert("ce_deals", {"id": "D1", "name": "Frame contract", "amount": 12000, "currency": "EUR", "stage": "offer",
                            "close_date": "2026-11-30", "partner_id": "P1", "contact_id": "C1"})
    desk = Desk(t)
    desk.connect(crm)
    desk.sync()
    partners = t.crmail("partner", "list", "--json").json["partners"]
    t.equal(partners, [{"id": "P1", "name": "Alpha", "domains": ["alpha.test"]},
                       {"id": "P2", "name": "Beta", "domains": ["beta.test"]}], "partners")
    deals = t.crmail("deal", "list", "--json").json["deals"]
    t.equal(deals, [{"id": "D1", "name": "Frame contract", "amount": "12000", "currency": "EUR", "stage": "offer",
                     "close_date": "2026-11-30T00:00:00Z", "partner": "P1", "contact": "C1", "open": True}], "deals")
    t.crmail("partner", "list", code=2)
