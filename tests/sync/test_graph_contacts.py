"""The contacts of a Microsoft mailbox into the CRM of this machine: once everyone, then who changed."""
from support.graphdesk import GraphDesk

TIMEOUT = 120


def person(name, *addresses, **more):
    return {"displayName": name, "emailAddresses": [{"name": name, "address": a} for a in addresses], **more}


def connected(t, count):
    desk = GraphDesk(t)
    desk.stub.page_most = 4
    for i in range(count):
        desk.stub.put_contact(**person(f"Person {i}", f"person{i}@partner.test"))
    desk.add()
    return desk, desk.stub


def sign_in(desk):
    desk.crmail("account", "sign-in", "work", "--contacts", env=desk.browser())


def imported(desk):
    """(new, updated, the same, removed there)"""
    report = desk.crmail("contact", "import", "--from", "work", "--json").json
    return tuple(report[k] for k in ("new", "updated", "same", "removed_there"))


def contacts(t):
    return {c["name"]: c["emails"] for c in t.crmail("contact", "list", "--json").json["contacts"]}


def test_contacts_come_once_asked_for_and_then_who_changed(t):
    desk, stub = connected(t, 9)
    laura = stub.put_contact(
        **person("Laura Mayer", "laura@partner.test", "laura@home.test", companyName="Partner GmbH", jobTitle="Buyer")
    )
    said = desk.crmail("contact", "import", "--from", "work", code=1).err
    t.true("sign-in work --contacts" in said, said)
    sign_in(desk)
    t.equal(imported(desk), (10, 0, 0, 0), "everyone, page by page")
    t.equal(contacts(t)["Laura Mayer"], ["laura@partner.test", "laura@home.test"], "her addresses")
    t.equal(imported(desk), (0, 0, 0, 0), "nobody changed")
    t.true(any("$deltatoken" in p for m, p, _ in stub.requests if "/me/contacts/delta" in p), "by the delta link")
    stub.partial = True
    stub.put_contact(laura, displayName="Laura Adams")
    stub.put_contact(**person("Cara", "cara@partner.test"))
    stub.remove_contact(next(i for i, p in stub.people.items() if p["displayName"] == "Person 3"))
    t.equal(imported(desk), (1, 1, 0, 1), "who changed, though told in part")
    t.equal(contacts(t)["Laura Adams"], ["laura@partner.test", "laura@home.test"], "her addresses are still there")
    t.true("Person 3" in contacts(t), "nobody is removed here")
    stub.forget()
    stub.put_contact(**person("Zoe", "zoe@partner.test"))
    t.equal(imported(desk)[0], 1, "after a lost delta link everyone is read, and nobody doubled")
    t.equal(len(contacts(t)), 12, "contacts")
    for private in ("partner.test", "Laura", "deltatoken", "AAkC"):
        t.true(private not in desk.log(), f"no {private} in the log")


def test_a_listing_that_breaks_loses_and_doubles_nobody(t):
    desk, stub = connected(t, 9)
    sign_in(desk)
    stub.fault("GET", "/me/contacts/delta?$skiptoken", 500, "generalException", times=9)
    desk.crmail("contact", "import", "--from", "work", code=1)
    stub.clear_faults()
    imported(desk)
    t.equal(len(contacts(t)), 9, "everyone, once")
    stub.fault("GET", "/me/contacts/delta", 429, "ApplicationThrottled", {"Retry-After": "3600"}, times=9)
    said = desk.crmail("contact", "import", "--from", "work", code=1).err
    t.true("slow down" in said, said)
