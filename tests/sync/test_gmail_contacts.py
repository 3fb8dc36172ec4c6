"""The address book of a Google account into the CRM of this machine: once everyone, then who changed."""
from support.addressbook import AddressBook, error
from support.gmail import Gmail, answer, cut
from support.gmailbox import mail
from support.terminal import Tmux

NEEDS = ("oidc",)
TIMEOUT = 180

PRIMARY = {"primary": True}


def laura():
    return {
        "names": [{"metadata": PRIMARY, "displayName": "Laura Mayer", "givenName": "Laura", "familyName": "Mayer"}],
        "emailAddresses": [
            {"value": "laura.old@elsewhere.test"},
            {"metadata": PRIMARY, "value": "laura@partner.test", "type": "work"},
        ],
        "phoneNumbers": [{"value": "+49 30 1234", "canonicalForm": "+49301234"}],
        "organizations": [
            {"name": "Old Ltd", "title": "Clerk"},
            {"metadata": PRIMARY, "name": "Partner GmbH", "title": "Buyer", "current": True},
        ],
        "photos": [{"url": "https://never.test/a.png"}],
    }


def person(name, address):
    return {"names": [{"displayName": name}], "emailAddresses": [{"value": address}]}


def connected(t, count=0, **kw):
    google = Gmail(t, [mail(0)])
    google.add(contacts="contacts")
    book = AddressBook(google, **kw)
    for i in range(count):
        book.put(f"c{i}", **person(f"Person {i}", f"person{i}@partner.test"))
    return google, book


def sign_in(google):
    google.crmail("account", "sign-in", "work", "--contacts", env=google.office.browser(google.who))


def imported(google, *args, code=0):
    return google.crmail("contact", "import", "--from", "work", "--json", *args, code=code).json


def counts(report):
    return tuple(report[k] for k in ("new", "updated", "same", "removed_there"))


def names(t):
    return sorted(c["name"] for c in t.crmail("contact", "list", "--json").json["contacts"])


def test_contacts_come_once_asked_for_and_then_who_changed(t):
    google, book = connected(t)
    book.put("c1", **laura())
    book.put("c2", phoneNumbers=[{"value": "+49 99"}])
    book.put("c3", **person("Ben", "ben@partner.test"))
    said = google.crmail("contact", "import", "--from", "work", code=1).err
    t.true("sign-in work --contacts" in said, said)
    t.equal(names(t), [], "contacts before they were asked for")
    sign_in(google)
    t.equal(counts(imported(google, "--dry-run")), (2, 0, 0, 0), "what it would be")
    t.equal(counts(imported(google)), (2, 0, 0, 0), "everyone")
    got = t.crmail("contact", "list", "--json").json["contacts"]
    mine = next(c for c in got if c["name"] == "Laura Mayer")
    t.equal(mine["emails"], ["laura@partner.test", "laura.old@elsewhere.test"], "addresses, the main one first")
    t.equal((mine["first_name"], mine["last_name"], mine["phones"]), ("Laura", "Mayer", ["+49 30 1234"]), "Laura")
    partners = t.crmail("partner", "list", "--json").json["partners"]
    t.equal([p["name"] for p in partners], ["Partner GmbH"], "companies")
    t.equal(counts(imported(google)), (0, 0, 0, 0), "nobody changed")
    t.true("syncToken" in book.asked[-1], "only who changed is asked for")
    book.put("c3", **person("Ben Adams", "ben@partner.test"))
    book.put("c4", **person("Cara", "cara@partner.test"))
    book.remove("c1")
    t.equal(counts(imported(google)), (1, 1, 0, 1), "who changed")
    t.equal(names(t), ["Ben Adams", "Cara", "Laura Mayer"], "contacts: nobody is removed here")
    google.crmail("contact", "import", "--undo")
    t.equal(names(t), ["Ben", "Laura Mayer"], "the last import taken back")
    t.equal(imported(google)["new"], 1, "everyone is read after that")
    log = open(f"{t.home()}/crmail.log", encoding="utf-8").read()
    for private in ("partner.test", "Laura", "syncToken", "t0+"):
        t.true(private not in log, f"no {private} in the log")


def test_pages_that_break_and_tokens_that_end_lose_and_double_nobody(t):
    google, book = connected(t, 25, page_size=10)
    sign_in(google)
    google.line.forget_wishes()
    google.at("GET", "pageToken=", cut, times=None)
    google.at("GET", "/v1/people", book.answer, times=None)
    google.crmail("contact", "import", "--from", "work", code=1)
    google.line.forget_wishes()
    google.at("GET", "/v1/people", book.answer, times=None)
    report = imported(google)
    t.equal((report["new"] + report["same"], len(names(t))), (25, 25), "everyone")
    book.forget()
    book.put("c99", **person("Zoe", "zoe@partner.test"))
    t.equal(counts(imported(google)), (1, 0, 25, 0), "everyone again")
    google.line.forget_wishes()
    google.at("GET", "/v1/people", answer(410))
    google.at("GET", "/v1/people", book.answer, times=None)
    t.equal(counts(imported(google)), (0, 0, 26, 0), "everyone again, as Google said it once")


def test_lists_of_contacts_that_lie_are_told(t):
    google, book = connected(t, 3)
    sign_in(google)
    lies = (
        ({"connections": {}}, "cannot be understood"),
        ([], "cannot be understood"),
        ({"nextPageToken": 7}, "cannot be understood"),
        ({"nextPageToken": "round and round"}, "does not come to an end"),
    )
    for lie, words in lies:
        google.line.forget_wishes()
        google.at("GET", "/v1/people", answer(200, lie), times=None)
        said = google.crmail("contact", "import", "--from", "work", code=1).err
        t.true(words in said, f"{lie}: {said}")
    google.line.forget_wishes()
    google.at("GET", "/v1/people", lambda line, request: error(403, "SERVICE_DISABLED"))
    said = google.crmail("contact", "import", "--from", "work", code=1).err
    t.true("not switched on" in said, said)
    google.at("GET", "/v1/people", lambda line, request: error(429))
    said = google.crmail("contact", "import", "--from", "work", code=1).err
    t.true("slow down" in said, said)
    google.at("GET", "/v1/people", book.answer, times=None)
    t.equal(counts(imported(google)), (3, 0, 0, 0), "everyone")


def test_the_palette_imports_an_address_book_and_takes_it_back(t):
    google, book = connected(t, 3)
    google.sync()
    term = Tmux(t, google.command(), env=google.office.browser(google.who))

    def ask():
        term.keys("C-k")
        term.type("import contacts")
        term.wait("import contacts")
        term.keys("Enter")
        term.wait("work: its address book")
        term.keys("Enter")

    term.wait("note number 0")
    ask()
    term.wait("does not cover its contacts")
    term.wait("Sign in again with s")
    term.keys("Escape")
    term.wait("note number 0")
    term.keys("g", "A")
    term.wait("alice@example.test")
    term.keys("s")
    term.wait("Sign in again")
    term.keys("Enter")
    term.wait(lambda screen: "Sign in again: work" not in screen, 60)
    term.keys("Escape")
    term.wait("note number 0")
    ask()
    term.wait("Imported: 3 new")
    t.equal(len(names(t)), 3, "contacts")
    term.keys("z")
    term.wait("3 removed")
    term.keys("Escape")
    term.close()
    t.equal(names(t), [], "contacts taken back")
