"""The CRM of this machine gives the timelines that a CRM with a server gives, without one."""
import json
import time

from support.crmdesk import ME, Desk
from support.letters import activity_id
from support.terminal import Tmux, leave

NEEDS = ("crm",)
TIMEOUT = 150

PEOPLE = """Name,Email,Phone,Company,Website
Laura Palmer,Laura@Alpha.test ::: l.palmer@home.test,+49 30 1,Alpha,alpha.test
Bob,bob@beta.test,,Beta,beta.test
Gina,gina@gmail.com,,,
"""
CONTACTS = [
    {
        "id": "C1",
        "first_name": "Laura",
        "last_name": "Palmer",
        "email": "Laura@Alpha.test",
        "other_emails": ["l.palmer@home.test"],
        "phone": "+49 30 1",
        "partner_id": "P1",
    },
    {"id": "C2", "first_name": "Bob", "email": "bob@beta.test", "partner_id": "P2"},
    {"id": "C3", "first_name": "Gina", "email": "gina@gmail.com"},
]
PARTNERS = [
    {"id": "P1", "name": "Alpha", "domain": "alpha.test"},
    {"id": "P2", "name": "Beta", "domain": "beta.test"},
]
LOCAL = {"C1": "local:1", "C2": "local:2", "C3": "local:3", "P1": "local:1", "P2": "local:2"}


class LocalDesk(Desk):
    def people(self, text=PEOPLE):
        path = self.t.write(f"{self.home}.csv", text.encode())
        return self.crmail("import", "contacts", path, "--json").json


def scene(desk):
    """Everything that decides to whom a mail belongs; returns the Message-IDs."""
    first = desk.receive("laura+x@ALPHA.test", "to her main address, tagged")
    return [
        first,
        desk.receive("l.palmer@home.test", "from her other address"),
        desk.sent("l.palmer@home.test, bob@beta.test", "to two of them"),
        desk.receive("somebody@mail.alpha.test", "of her company, below its domain"),
        desk.receive("stranger@gmail.com", "of nobody: a free-mail domain"),
        desk.receive("gina@gmail.com", "of somebody at such a domain"),
        desk.receive("colleague@ourfirm.test", "between ourselves"),
        desk.receive("info@alpha.test", "of a role"),
        desk.receive("laura@alpha.test", "of a machine", auto_submitted="auto-replied"),
        desk.receive("bob@beta.test", "to a list", list_id="<x.beta.test>"),
        desk.receive("new@gmail.com", "Re: inherited", in_reply_to=first),
        desk.receive("bob@beta.test", "with her in Cc", cc="laura@alpha.test"),
    ]


def told(desk, kind, ident):
    """What a timeline says, apart from what only a server gives."""
    keys = ("kind", "at", "direction", "subject", "body", "message_id")
    return [{k: e.get(k) for k in keys} for e in desk.entries(f"--{kind}", ident)]


def hits(desk):
    return desk.crmail("search", "-subject:zzz", "--json", "--limit", "0").json["messages"]


def test_the_timelines_are_those_of_a_crm_with_a_server(t):
    far, near = Desk(t, home="far"), LocalDesk(t, home="near")
    near.home, near.began = "far", far.began  # the same names and times in both mailboxes
    mails = (scene(far), scene(near))
    near.home = "near"
    t.equal(*mails, "mail")
    crm = t.crm(contacts=CONTACTS, partners=PARTNERS)
    far.connect(crm)
    near.crmail("crm", "add", "local", "--log-since", "all")
    t.equal(near.people()["new"], 3, "people")
    far.sync()
    report = near.sync()
    t.equal((report["result"], report["parked"]), ("ok", []), "the pass without a server")
    for kind, ids in (("contact", ("C1", "C2", "C3")), ("partner", ("P1", "P2"))):
        for ident in ids:
            want = told(far, kind, ident)
            t.true(want, f"{kind} {ident} has a timeline")
            t.equal(told(near, kind, LOCAL[ident]), want, f"timeline of {kind} {ident}")
    states = {e["state"] for i in (1, 2, 3) for e in near.entries("--contact", f"local:{i}")}
    t.equal(states, {"local"}, "states")
    t.equal((near.status()["queue"], near.status()["parked"]), (0, 0), "nothing waits")
    peers = {m["subject"]: (m.get("contact"), m.get("partner")) for m in hits(far)}
    want = {k: tuple(LOCAL.get(i) for i in v) for k, v in peers.items()}
    got = {m["subject"]: (m.get("contact"), m.get("partner")) for m in hits(near)}
    t.equal(got, want, "whom the lists name")
    t.equal(want["to two of them"], ("local:1", "local:1"), "the first whom own mail went to")


# ---- what the user writes


DAY = 86400
TODAY = int(time.time()) // DAY * DAY
DEALS = {
    "D1": ("name=Frame contract", "stage=Offer", "amount=4000", "contact={C1}", "partner={P1}"),
    "D2": ("name=Trial", "stage=Talks", "contact={C2}", "partner={P2}"),
}


def at(days, hour=9):
    """A moment some days ago, as a field of an entry."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(TODAY - days * DAY + hour * 3600))


def ours(desk, ids):
    """Everything that a rep writes down; ids are what this CRM calls whom it is about."""

    def new(*words):
        return desk.crmail(*(w.format(**ids) for w in words), "--json").json["id"]

    def log(who, kind, *fields):
        return new("contact", "log", ids[who], kind, *fields)

    ids = ids | {deal: new("deal", "add", *words) for deal, words in DEALS.items()}

    log("C1", "call", "subject=Prices", "body=She asked twice.", "duration_min=12", f"at={at(2)}")
    log("C1", "meeting", "subject=Lunch", f"at={at(3)}", "duration_min=60", "deal={D1}")
    log("C2", "note", "subject=Likes tea", "body=Black.\nNo milk.", f"at={at(4)}")
    log("C1", "task", "subject=Send the list", f"at={at(5)}", "due_date=2031-12-01")
    done = log("C2", "task", "subject=Call back", f"at={at(6)}", "due_date=2031-12-02")
    log("C3", "call", "subject=Hello", f"at={at(7)}")
    desk.crmail("task", "done", done)
    desk.crmail("deal", "edit", ids["D1"], "stage=Won", "amount=5000", "next_step=Invoice")
    desk.crmail("deal", "edit", ids["D2"], "stage=Lost")


def two_desks(t):
    """(far, near): the same people, deals, mail and work, in a CRM with a server and in one without."""
    far, near = Desk(t, home="far"), LocalDesk(t, home="near")
    near.home, near.began = "far", far.began  # the same names and times in both mailboxes
    scene(far), scene(near)
    near.home = "near"
    far.connect(t.crm(contacts=CONTACTS, partners=PARTNERS))
    near.crmail("crm", "add", "local", "--log-since", "all")
    near.people()
    for desk, ids in ((far, {i: i for i in LOCAL}), (near, LOCAL)):
        desk.sync()
        ours(desk, ids)
        desk.sync()
    far.sync()  # what was written is read back
    return far, near


def deals(desk):
    keys = ("name", "stage", "amount", "next_step")
    listed = desk.crmail("deal", "list", "--json").json["deals"]
    return sorted(tuple(str(d.get(k)) for k in keys) for d in listed)


class Screen:
    """The lists and timelines of one desk as they are shown."""

    def __init__(self, t, desk):
        self.term = Tmux(t, [t.crmail_program, "--home", t.home(desk.home)], 120, 40)
        self.term.wait("Inbox")

    def at(self, keys, title, *says):
        """What stands below the title once the first line has all of `says` and nothing is being
        painted, without the keys' names and without who wrote it: here everybody is the user."""
        looks = []
        for key in keys.split():
            if key[0] == "'":
                self.term.type(key[1:])
            else:
                self.term.keys(key)

        def is_there(screen):
            looks.append(screen)
            first, last = screen.split("\n")[0], screen.rstrip("\n").split("\n")[-1]
            is_whole = looks[-3:] == [screen] * 3 and "Enter open" in last
            return is_whole and first.startswith(f" {title}") and all(w in first for w in says)

        shown = self.term.wait(is_there)
        lines = [line.removesuffix(" you").rstrip() for line in shown.split("\n")]
        return [line for line in lines[1:-1] if line]


def shown_on(t, desk):
    """{what: lines}: lists, and the timelines of a contact, a partner, a deal and the user, with filters."""
    screen = Screen(t, desk)
    day, word = at(4)[:10], time.strftime("%e %b", time.gmtime(TODAY - 4 * DAY)).strip()
    found = {"contacts": screen.at("g c", "crmail  Contacts")}
    filters = [
        ("f Right Enter", "emails"),
        ("f Right Enter", "calls"),
        ("f Right Enter", "meetings"),
        ("f Right Enter", "calls, meetings"),
        ("f Right Enter", "notes"),
        ("f Right Enter", "tasks"),
        ("f Up Enter", "all"),
        (f"f Tab '{day} Enter", f"since {word}"),
        ("f Up Enter", "all"),
        (f"f Tab Tab '{day} Enter", f"until {word}"),
        ("f Up Enter", "all"),
        ("f Tab Tab Tab 'bob Enter", "with bob"),
        ("f Up Enter", "all"),
        ("f Tab Tab Tab Tab Right Enter", "work"),
        ("f Up Enter", "all"),
        ("f Tab Tab Tab Tab Tab Right Enter", "by you" if desk.home == "far" else "all"),
        ("f Up Enter", "all"),
    ]
    some = filters[:2] + filters[6:9] + filters[11:13]
    for title, keys, those in (
        ("Laura", "G Enter", some),
        ("Alpha", "T", some),
        ("crmail  What I did", "g m", filters),
    ):
        found[title] = screen.at(keys, title, "all")
        for number, (more, says) in enumerate(those):
            found[title, number, more] = screen.at(more, title, says)
    found["deals"] = screen.at("g e", "crmail  Deals")
    found["deal"] = screen.at("Enter", "Frame contract")
    leave(t, screen.term)
    return found


def check_printed(t, far, near):
    kinds = set()
    for kind, ids in (("contact", ("C1", "C2", "C3")), ("partner", ("P1", "P2"))):
        for ident in ids:
            want = told(far, kind, ident)
            kinds |= {e["kind"] for e in want}
            t.equal(told(near, kind, LOCAL[ident]), want, f"timeline of {kind} {ident}")
    t.equal(kinds, {"email", "call", "meeting", "note", "task"}, "kinds of the entries")
    t.equal(deals(near), deals(far), "deals")
    t.equal([d[1] for d in deals(near)], ["Won", "Lost"], "their stages")
    for desk in far, near:
        t.equal((desk.status()["queue"], desk.status()["parked"]), (0, 0), "nothing waits")


def check_shown(t, far, near):
    want, got = shown_on(t, far), shown_on(t, near)
    for what, lines in want.items():
        t.equal(got[what], lines, f"what is shown: {what}")
    for what, words in {
        "Laura": ("Prices", "Lunch", "Send the list", "to two of them"),
        "Alpha": ("Prices", "of a role"),
        "crmail  What I did": ("Likes tea", "Call back", "Hello"),
        "deals": ("Frame contract", "Won", "Lost"),
        "deal": ("Lunch",),
    }.items():
        text = "\n".join(want[what])
        t.equal([w for w in words if w not in text], [], f"missing in {what}")
    few = {k: len(v) for k, v in want.items() if k[0] == "crmail  What I did" and "Enter" in k[2]}
    t.true(len(set(few.values())) > 5, f"the filters differ: {few}")


def test_what_is_written_stands_on_the_same_timelines(t):
    """Calls, meetings, notes, tasks and deals, printed and on the screen, with filters."""
    far, near = two_desks(t)
    check_printed(t, far, near)
    check_shown(t, far, near)


def test_a_second_pass_and_a_second_import_change_nothing(t):
    desk = LocalDesk(t)
    scene(desk)
    desk.people()
    desk.sync()

    def everything():
        docs = [desk.entries("--contact", f"local:{i}") for i in (1, 2, 3)]
        return json.dumps(docs + [desk.entries("--partner", f"local:{i}") for i in (1, 2)])

    before = everything()
    doc = desk.people()
    t.equal((doc["new"], doc["updated"], doc["same"]), (0, 0, 3), "the second import")
    desk.sync()
    t.equal(everything(), before, "timelines")


def test_mail_finds_people_who_are_imported_later(t):
    desk = LocalDesk(t)
    desk.people("Name,Email\nNobody,nobody@else.test\n")
    desk.receive("laura@alpha.test", "one")
    desk.receive("eve@alpha.test", "two")
    desk.sync()
    desk.people()
    desk.sync()
    laura = [c for c in desk.crmail("contact", "list", "--json").json["contacts"] if c["phones"]][0]
    t.equal([e["subject"] for e in desk.entries("--contact", laura["id"])], ["one"], "hers")
    entries = desk.entries("--partner", laura["partner"])
    t.equal([e["subject"] for e in entries], ["two", "one"], "her company's")


def test_an_address_that_moves_takes_its_mail_along(t):
    desk = LocalDesk(t)
    desk.receive("shared@gmail.com", "one")
    desk.people("Name,Email\nAnn,ann@gmail.com\nBo,shared@gmail.com\n")
    desk.sync()
    t.equal([e["subject"] for e in desk.entries("--contact", "local:2")], ["one"], "before")
    desk.crmail("import", "contacts", "--undo")
    desk.people("Name,Email\nAnn,ann@gmail.com;shared@gmail.com\n")
    desk.sync()
    contacts = desk.crmail("contact", "list", "--json").json["contacts"]
    t.equal(len(contacts), 1, "contacts")
    entries = desk.entries("--contact", contacts[0]["id"])
    t.equal([e["subject"] for e in entries], ["one"], "after")


def test_one_mail_in_two_mailboxes_is_one_entry(t):
    desk = LocalDesk(t)
    mid = desk.receive("laura@alpha.test", "one", to=f"{ME}, two@ourfirm.test")
    desk.people()
    other = t.path("two-mail", "x")[:-2]
    desk.t.run(["cp", "-r", desk.folder, other])
    desk.crmail(
        "account", "add", "two", "--email", "two@ourfirm.test", "--maildir", other, "--sendmail",
        "false", "--history", "all",
    )
    doc = desk.crmail("import", "contacts", t.path("data.csv"), "--json", "--account", "two").json
    t.equal((doc["same"], doc["accounts"]), (3, ["two"]), "bound by name")
    desk.sync()
    entries = desk.entries("--contact", "local:1")
    t.equal([(e["subject"], e["message_id"]) for e in entries], [("one", mid.strip("<>"))], "entries")
    t.true(activity_id("", mid, "contact", "local:1"), "an id of its own")
