"""A whole mailbox in the CRM: what is logged to whom, by a script that knows nothing of crmail; once."""
import csv
import json
import os
import signal
import sys
import time
import uuid

from support import minicorpus
from support.crmtruth import Truth, difference, logged
from support.httpline import HttpLine
from support.killed import nth, start
from support.letters import letter
from support.proxy import cut, kill

NEEDS = ("crm",)
TIMEOUT = 240
FREEMAIL = ("freemail.example", "postbox.example", "webmail.example", "mail-jp.example")
COLLEAGUE = "jana.novak@ourfirm.example"


class Pile:
    """A Maildir, the people in it as the CRM knows them, and the truth."""

    def __init__(self, t, maildir, truth, crm):
        self.t, self.maildir, self.truth, self.crm = t, maildir, truth, crm
        self.want = truth.activities(crm.organization)

    def connect(self, home="data", me=None, user=None):
        """user: (address, password) of somebody else in the CRM."""
        t = self.t
        account = ["--email", me or self.truth.me, "--maildir", self.maildir, "--sendmail", "false"]
        t.crmail("account", "add", "work", *account, "--history", "all", home=home)
        args = self.crm.crm_args(user)
        if self.truth.freemail:
            args += ["--set", f"freemail_domains={','.join(self.truth.freemail)}"]
        t.crmail("crm", "add", *args, "--log-since", "all", home=home)

    def sync(self, home="data", code=0):
        said = self.t.crmail("sync", "--once", "--json", home=home, code=code, seconds=200)
        return said.json["crms"][0]

    def check(self, when):
        rows = int(self.crm.psql("SELECT count(*) FROM ce_activities"))
        self.t.equal(rows, len(self.want), f"activities {when}")
        said = difference(logged(self.crm), self.want)
        self.t.true(not said, f"{when}:\n{said}")

    def peers(self, home="data"):
        """{(Message-ID, subject): (contact, partner)} of what crmail found."""
        found = self.t.crmail("search", "after:1990-01-01", "--json", "--limit", "0", home=home)
        return {
            m["id"]: (m.get("message_id"), m["subject"], (m.get("contact"), m.get("partner")))
            for m in found.json["messages"]
        }


def large(t, messages):
    """make_corpus.py's mailbox with its own truth about peers and conversations."""
    box = t.path("corpus", "x")[:-2]
    script = t.shared("corpus", "make_corpus.py")
    size = ("--messages", str(messages), "--seed", "7", "--jobs", "1")
    t.run([sys.executable, script, *size, "--out", box])
    rows = {}
    for name in ("contacts", "partners"):
        with open(f"{box}/{name}.csv", newline="", encoding="utf-8") as f:
            rows[name] = [{k: v or None for k, v in row.items()} for row in csv.DictReader(f)]
    with open(f"{box}/truth.json", encoding="utf-8") as f:
        said = json.load(f)
    truth = Truth(said["me"], rows["contacts"], rows["partners"], FREEMAIL)
    for m in said["messages"].values():
        with open(f"{box}/Maildir/cur/{m['file']}", "rb") as f:
            truth.add(f.read(), m["thread"], m["n"])
    return Pile(t, f"{box}/Maildir", truth, t.crm(**rows)), said["messages"]


def small(t, conversations=24):
    """minicorpus.py's mailbox; two thirds of the people are contacts, half of the companies partners."""
    corpus = minicorpus.make(t.path("corpus", "x")[:-2], conversations=conversations)
    people = sorted({a for m in corpus.letters for _, a in (m.sender, *m.to)} - {minicorpus.ME[1]})
    domains = sorted({a.partition("@")[2] for a in people})
    partners = [
        {"id": f"P{i}", "name": d, "domain": d} for i, d in enumerate(domains) if i % 2 == 0
    ]
    of_domain = {p["domain"]: p["id"] for p in partners}
    contacts = [
        {"id": f"C{i}", "email": a.title() if i % 4 == 0 else a}
        | {"partner_id": of_domain.get(a.partition("@")[2])}
        for i, a in enumerate(people)
        if i % 3
    ]
    truth = Truth(minicorpus.ME[1], contacts, partners, FREEMAIL)
    for m in corpus.letters:
        folder, name = m.places[0]
        where = f"{corpus.maildir}/{'' if folder == 'INBOX' else '.' + folder}/cur"
        file = next(f for f in os.listdir(where) if f.startswith(name))
        with open(f"{where}/{file}", "rb") as f:
            truth.add(f.read(), m.thread, m.when)
    return Pile(t, corpus.maildir, truth, t.crm(contacts, partners))


class Line:
    """What a pile's clients say to its CRM goes through here, and they are killed at it."""

    def __init__(self, pile):
        self.t, self.pile = pile.t, pile
        self.line = HttpLine(pile.t, pile.crm)
        self.posted = 0

    def _in_crm(self):
        return int(self.pile.crm.psql("SELECT count(*) FROM ce_activities"))

    def _killed(self, what, side, request, claim, home):
        process = []
        self.line.at(side, request, kill(lambda: process[0].pid), claim=claim)
        process.append(start(self.t, home))
        self.t.equal(process[0].wait(200), -signal.SIGKILL, what)
        self.line.clear()
        self.t.equal(self._in_crm(), self.posted, f"activities after {what}")

    def killed(self, side, number, home="data"):
        """A pass is killed at its number-th activity, or when that has reached the CRM."""
        self.posted += number - (side == "command")
        what = f"a kill at the {side} of activity {number}"
        self._killed(what, side, "POST ce_activities", nth(number), home)

    def killed_looking(self, home="data"):
        """A pass is killed when it looks whether the activity in doubt is there."""

        def asks(unit):
            return b"id=eq." in unit.raw.partition(b"\r\n")[0]

        self._killed("a kill while it looks", "command", "GET ce_activities", asks, home)

    def lost(self, number, home="data"):
        """The answer to the number-th activity of a pass never comes, which ends the pass."""
        self.line.at("answer", "POST ce_activities", cut, claim=nth(number))
        said = self.pile.sync(home, code=4)
        self.posted += number
        self.t.equal(said["logged"], number - 1, "logged by the pass that lost an answer")
        self.t.equal(self._in_crm(), self.posted, "activities after a lost answer")

    def both(self, homes):
        """A pass of each, at the same time."""
        running = [start(self.t, home) for home in homes]
        self.t.equal([p.wait(200) for p in running], [0] * len(homes), "two passes at once")

    def away(self, home):
        """Reads the mail while the CRM cannot be reached."""
        self.line.refuse()
        self.pile.sync(home, code=4)
        self.line.accept()


def add_colleague(crm):
    """(address, password) of a second user of the organisation."""
    user = (f"second@{crm.database}.test", "pw-second")
    crm.add_user(str(uuid.uuid5(uuid.NAMESPACE_URL, user[0])), *user, crm.organization)
    return user


def check_passes(t, pile):
    """The first pass logs all of it; a second one, and a colleague's client, nothing.

    It is killed before and after an activity is posted, and while it looks whether one was; it loses
    an answer; and somebody else logs the same mail at the same time.
    """
    line, part = Line(pile), len(pile.want) // 5
    pile.connect()
    pile.connect("colleague", COLLEAGUE, add_colleague(pile.crm))
    line.away("colleague")
    line.killed("command", 1)
    line.killed_looking()
    line.killed("answer", part)
    line.killed("command", part)
    line.lost(part)
    line.killed("answer", part, "colleague")
    line.both(("data", "colleague"))
    pile.check("after kills, a lost answer and two clients at once")
    for home in ("data", "colleague"):
        t.equal(pile.sync(home)["logged"], 0, f"logged by another pass of {home}")
    pile.check("after another pass of both")


def test_a_corpus_is_logged_to_whom_it_concerns(t):
    pile, said = large(t, 2000)
    t.true(len(pile.want) > 1500, f"the corpus has something to log: {len(pile.want)}")
    check_passes(t, pile)
    wanted = {(k, m["subject"]): (m["contact"], m["partner"]) for k, m in said.items()}
    nameless = {m["subject"]: (m["contact"], m["partner"]) for k, m in said.items() if k[:5] == "none:"}
    got = pile.peers()
    t.equal(len(got), len(said), "mails found")
    wrong = [
        (mid, subject, peer)
        for mid, subject, peer in got.values()
        if peer != (wanted.get((mid, subject)) if mid else nameless.get(subject))
    ]
    t.equal(wrong[:3], [], f"peers of {len(wrong)} mails")
    t.note(f"{len(pile.want)} activities of {len(got)} mails")


def test_a_small_mailbox_is_logged_to_whom_it_concerns(t):
    pile = small(t)
    t.true(len(pile.want) > 50, f"there is something to log: {len(pile.want)}")
    check_passes(t, pile)
    want = {mail.name: pile.truth.peer(mail) for mail in pile.truth.mails}
    twice = [m.name for m in pile.truth.mails if sum(o.name == m.name for o in pile.truth.mails) > 1]
    for mid, _, peer in pile.peers().values():
        if mid and mid not in twice:
            t.equal(peer, want[mid], f"peer of {mid}")
    t.note(f"{len(pile.want)} activities of {len(pile.truth.mails)} mails")


def test_the_order_in_which_mail_comes_does_not_matter(t):
    """Answers before what they answer, folders later than others: it ends the same."""
    pile = small(t)
    late = t.path("late", "x")[:-2]
    moved = []
    for folder in ("", ".Sent", ".Projects"):
        where = f"{pile.maildir}/{folder}/cur"
        for name in sorted(os.listdir(where)):
            moved.append((f"{where}/{name}", f"{late}/{len(moved)}"))
            os.rename(*moved[-1])
    pile.connect()
    for part in (2, 0, 1):
        for there, here in moved[part::3]:
            os.rename(here, there)
        pile.sync()
    pile.check("after the last third")


def conversation(own):
    """Ann asks, somebody unknown answers, Otto joins in: [(file name, bytes)]."""
    parts = [
        ("ann@wood.test", "the offer", {}),
        ("assistant@elsewhere.test", "Re: the offer", {"in_reply_to": "<0@wood.test>"}),
        ("otto@steel.test", "Re: the offer", {"in_reply_to": "<1@wood.test>"}),
    ]
    at = int(time.time()) - 90000
    return [
        letter(sender, own, subject, "x\n", f"<{i}@wood.test>", at + i * 60, **more).as_bytes()
        for i, (sender, subject, more) in enumerate(parts)
    ]


def test_who_joins_a_conversation_later_counts_in_any_order(t):
    """An answer that knows nobody is about the same people, whichever of its mails came first."""
    contacts = [{"id": "C1", "email": "ann@wood.test"}, {"id": "C2", "email": "otto@steel.test"}]
    crm = t.crm(contacts=contacts)
    truth = Truth("minh@ourfirm.test", contacts, ())
    mails = conversation(truth.me)
    for i, raw in enumerate(mails):
        truth.add(raw, 1, i)
    want = truth.activities(crm.organization)
    t.equal(len(want), 4, "activities wanted")
    for order in ((0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)):
        name = "".join(map(str, order))
        pile = Pile(t, t.path(f"mail{name}", "x")[:-2], truth, crm)
        for part in ("cur", "new", "tmp"):
            os.makedirs(f"{pile.maildir}/{part}")
        pile.connect(name)
        for number in order:
            t.write(f"mail{name}/cur/{number}.test:2,S", mails[number])
            pile.sync(name)
        pile.check(f"after the order {order}")
        crm.psql("DELETE FROM ce_activities")
