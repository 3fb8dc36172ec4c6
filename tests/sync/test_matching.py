"""What the user decides about matching, on a real PostgREST: it wins, it lasts, it can be undone."""
from support.crmdesk import Desk, subjects

NEEDS = ("crm",)
TIMEOUT = 150


def open_desk(t, *options, **rows):
    desk, crm = Desk(t), t.crm(**rows)
    desk.connect(crm, *options)
    return desk, crm


def why(desk, mid):
    return desk.crmail("crm", "why", mid, "--json").json


def say(desk, *words):
    """A decision; returns its number."""
    return desk.crmail("crm", *words).out.strip()


def test_linked_by_hand_is_logged_and_unlinked_is_not(t):
    desk, crm = open_desk(
        t,
        contacts=[{"id": "C1", "email": "ann@wood.test"}, {"id": "C2", "email": "bea@iron.test"}],
    )
    stranger = desk.receive("who@knows.test", "from a stranger")
    known = desk.receive("bea@iron.test", "from a contact")
    machine = desk.receive("ann@wood.test", "from a machine", auto_submitted="auto-replied")
    t.equal(desk.sync()["logged"], 1, "logged by rule")
    t.equal(why(desk, stranger)["reason"], "unknown", "why not")
    t.equal(why(desk, machine)["reason"], "automated", "why not the machine's")
    t.equal(why(desk, known)["entries"][0]["state"], "logged", "state")
    say(desk, "link", stranger, "contact:C1")
    say(desk, "log", machine)
    undone = say(desk, "unlink", known, "contact:C2")
    t.equal(desk.sync()["logged"], 2, "logged by hand")
    t.equal(
        subjects(crm),
        [
            ("from a contact", "C2", None, None),
            ("from a machine", "C1", None, None),
            ("from a stranger", "C1", None, None),
        ],
        "activities",
    )
    entry = why(desk, known)
    t.equal(entry["reason"], "unlinked", "why the unlinked one would not be logged")
    t.equal([e["wanted"] for e in entry["entries"]], [False], "wanted")
    desk.crmail("crm", "undo", undone)
    t.equal(desk.sync()["logged"], 0, "logged once more")
    t.equal(why(desk, known)["entries"][0]["wanted"], True, "wanted again")


def test_shared_address_waits_until_it_is_chosen(t):
    desk, crm = open_desk(
        t,
        contacts=[
            {"id": "C1", "first_name": "Ann", "email": "desk@wood.test"},
            {"id": "C2", "first_name": "Bea", "other_emails": ["Desk+x@wood.test"]},
        ],
    )
    desk.receive("desk@wood.test", "one")
    desk.receive("desk@wood.test", "two")
    desk.receive("new@person.test", "hello")
    t.equal(desk.sync()["logged"], 0, "logged before anybody chose")
    people = {p["addr"]: p for p in desk.crmail("crm", "inbox", "--json").json["people"]}
    t.equal(sorted(people), ["desk@wood.test", "new@person.test"], "people who wait")
    shared = people["desk@wood.test"]
    t.equal((shared["kind"], shared["count"]), ("contacts", 2), "kind and mails")
    t.equal(sorted(c["target"] for c in shared["candidates"]), ["contact:C1", "contact:C2"], "who")
    say(desk, "choose", "desk@wood.test", "contact:C2")
    t.equal(desk.sync()["logged"], 2, "logged")
    t.equal({r["contact_id"] for r in crm.activities()}, {"C2"}, "to whom")
    people = desk.crmail("crm", "inbox", "--json").json["people"]
    t.equal([p["addr"] for p in people], ["new@person.test"], "who waits afterwards")


def test_private_conversation_and_never_log_stay_here(t):
    desk, crm = open_desk(
        t,
        contacts=[{"id": "C1", "email": "ann@wood.test"}, {"id": "C2", "email": "bea@iron.test"}],
    )
    say(desk, "never", "@iron.test")
    first = desk.receive("ann@wood.test", "first")
    desk.receive("bea@iron.test", "never")
    t.equal(desk.sync()["logged"], 1, "logged")
    say(desk, "private", first)
    desk.receive("ann@wood.test", "Re: first", in_reply_to=first, references=first)
    t.equal(desk.sync()["logged"], 0, "logged of the private conversation")
    t.equal(subjects(crm), [("first", "C1", None, None)], "activities")
    say(desk, "public", first)
    say(desk, "allow", "iron.test")
    t.equal(desk.sync()["logged"], 2, "logged when it was private no longer")


def test_backfill_says_how_much_it_is_before_it_logs(t):
    desk, crm = open_desk(
        t, "--log-since", "2099-01-01", contacts=[{"id": "C1", "email": "ann@wood.test"}]
    )
    desk.receive("ann@wood.test", "old")
    desk.receive("ann@wood.test", "older")
    desk.receive("who@knows.test", "from a stranger")
    t.equal(desk.sync()["logged"], 0, "logged before the day of connecting")
    name = desk.crmail("status", "--json").json["crms"][0]["name"]
    count = desk.crmail("crm", "backfill", name, "--since", "2000-01-01", "--count").out.strip()
    t.equal(count, "2", "mails that it would log")
    t.equal(desk.sync()["logged"], 0, "logged by counting")
    desk.crmail("crm", "backfill", name, "--since", "2000-01-01")
    t.equal(desk.sync()["logged"], 2, "logged")
    t.equal([r[0] for r in subjects(crm)], ["old", "older"], "activities")


def test_folder_filter_is_applied(t):
    """Complaint of crm.md C: the filter of folders is ignored."""
    desk, crm = open_desk(
        t,
        "--set",
        "no_log_folders=Family, Board",
        contacts=[{"id": "C1", "email": "ann@wood.test"}],
    )
    desk.receive("ann@wood.test", "to the company")
    desk.receive("ann@wood.test", "to the family", box=".Family")
    below = desk.receive("ann@wood.test", "below the board", box=".Board.Minutes")
    desk.receive("ann@wood.test", "of another name", box=".Familiar")
    t.equal(desk.sync()["logged"], 2, "logged")
    t.equal([r[0] for r in subjects(crm)], ["of another name", "to the company"], "activities")
    t.equal(why(desk, below)["reason"], "folder", "why not")
