"""Passes over a real PostgREST: people come in, mail is logged once to whom it belongs, and nowhere else."""
import time
import uuid

from support.letters import activity_id, letter

NEEDS = ("mail", "crm")
TIMEOUT = 150


class Office:
    """A rep's mailbox and CRM; people are added by the test."""

    def __init__(self, t, token_seconds=3600, **rows):
        self.t = t
        self.box = t.mailbox("minh")
        self.crm = t.crm(token_seconds=token_seconds, **rows)
        self.number = 0

    def connect(self, *crm_options):
        self.t.crmail("account", "add", "work", *self.box.account_args(), "--history", "all")
        self.t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all", *crm_options)

    def receive(self, sender, subject, to=None, message_id=True, **headers):
        """A mail into the inbox; returns its Message-ID."""
        self.number += 1
        mid = f"<in{self.number}.{self.t.id}@{sender.partition('@')[2]}>" if message_id else None
        mail = letter(
            sender,
            to or self.box.address,
            subject,
            f"About {subject}.\n",
            mid,
            int(time.time()) - 5000 + self.number,
            **headers,
        )
        self.box.deliver(mail, sender)
        return mid

    def sync(self, code=0):
        return self.t.crmail("sync", "--once", "--json", code=code, seconds=120).json["crms"][0]

    def logged(self):
        """[(subject, contact, partner, lead)] of the activities, by subject."""
        rows = self.crm.activities()
        return sorted(
            ((r["subject"], r["contact_id"], r["partner_id"], r["lead_id"]) for r in rows), key=str
        )


def test_contact_before_partner_before_lead(t):
    office = Office(
        t,
        partners=[
            {"id": "P1", "name": "Wood", "domain": "wood.test"},
            {"id": "P2", "name": "Sub", "domain": "deep.wood.test"},
        ],
        contacts=[
            {
                "id": "C1",
                "first_name": "Ann",
                "email": "ann@wood.test",
                "other_emails": ["ann@private.test"],
                "partner_id": "P1",
            }
        ],
        leads=[{"id": "L1", "name": "Lea", "email": "lea@new.test"}],
    )
    office.connect()
    office.receive("ann@wood.test", "from the contact")
    office.receive("Ann@Private.TEST", "from her other address")
    office.receive("bob@wood.test", "from a colleague of hers")
    office.receive("eve@deep.wood.test", "from the longest suffix")
    office.receive("lea@new.test", "from a lead")
    office.receive("who@knows.test", "from a stranger")
    t.equal(office.sync()["logged"], 5, "logged")
    t.equal(
        office.logged(),
        [
            ("from a colleague of hers", None, "P1", None),
            ("from a lead", None, None, "L1"),
            ("from her other address", "C1", "P1", None),
            ("from the contact", "C1", "P1", None),
            ("from the longest suffix", None, "P2", None),
        ],
        "activities",
    )
    t.equal(office.sync()["logged"], 0, "logged in a second pass")


def test_one_activity_for_each_matched_contact(t):
    office = Office(
        t,
        contacts=[
            {"id": "C1", "email": "a@one.test"},
            {"id": "C2", "email": "b@two.test"},
            {"id": "C3", "email": "c@three.test"},
        ],
    )
    office.connect()
    mid = office.receive(
        "a@one.test",
        "to several",
        to=f"{office.box.address}, b@two.test",
        cc="c@three.test, d@four.test",
    )
    office.sync()
    rows = {r["contact_id"]: r["id"] for r in office.crm.activities()}
    t.equal(
        rows,
        {c: activity_id(office.crm.organization, mid, "contact", c) for c in ("C1", "C2", "C3")},
        "activities and their ids",
    )


def test_what_is_never_logged(t):
    office = Office(
        t,
        partners=[{"id": "P1", "name": "Wood", "domain": "wood.test"}],
        contacts=[{"id": "C1", "email": "ann@wood.test"}, {"id": "C2", "email": "info@wood.test"}],
    )
    office.connect()
    office.receive("ann@wood.test", "an answering machine", auto_submitted="auto-replied")
    office.receive("ann@wood.test", "a list", list_id="<l.wood.test>")
    office.receive("ann@wood.test", "bulk", precedence="bulk")
    office.receive("noreply@wood.test", "a role address")
    office.receive(f"colleague@{office.box.domain}", "internal")
    office.receive("ann@wood.test", "a person")
    office.sync()
    t.equal(office.logged(), [("a person", "C1", None, None)], "activities")


def test_a_colleagues_entry_is_not_doubled(t):
    """The same mail, logged by somebody else's client before: the same id, so one row."""
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.connect()
    mid = office.receive("ann@wood.test", "seen by both")
    office.crm.insert(
        "ce_activities",
        {
            "id": activity_id(office.crm.organization, mid, "contact", "C1"),
            "contact_id": "C1",
            "activity_type": "email",
            "subject": "seen by both",
            "description": "Received email",
            "status": "completed",
            "activity_date": "2026-11-01T10:00:00Z",
        },
    )
    t.equal(office.sync()["parked"], [], "parked")
    t.equal(len(office.crm.activities()), 1, "activities")


def test_an_entry_that_the_crm_hides_is_parked(t):
    """An id that another organisation's row has: accepted by the CRM, and not there; so it is said, not lost."""
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.connect()
    mid = office.receive("ann@wood.test", "hidden")
    office.crm.insert(
        "ce_activities",
        {
            "id": activity_id(office.crm.organization, mid, "contact", "C1"),
            "organization_id": str(uuid.UUID(int=7)),
            "activity_type": "email",
            "status": "completed",
            "activity_date": "2026-11-01T10:00:00Z",
        },
    )
    passed = office.sync(code=4)
    t.equal(len(passed["parked"]), 1, "parked")
    t.true(passed["parked"][0]["reason"], "a reason")
    t.equal(passed["logged"], 0, "logged")


def test_modes(t):
    contacts = [{"id": "C1", "email": "ann@wood.test"}]
    for mode, want in (("known", ["first", "second"]), ("replies", ["second"])):
        office = Office(t, contacts=contacts)
        home = f"mode-{mode}"
        t.crmail(
            "account", "add", "work", *office.box.account_args(), "--history", "all", home=home
        )
        t.crmail(
            "crm",
            "add",
            *office.crm.crm_args(),
            "--log-since",
            "all",
            "--set",
            f"log.mode={mode}",
            home=home,
        )
        office.receive("ann@wood.test", "first")
        mid = f"<own.{t.id}.{mode}@{office.box.domain}>"
        own = letter(
            office.box.address, "new@elsewhere.test", "second", "x\n", mid, time.time() - 9000
        )
        office.box.append("Sent", own.as_bytes(), "\\Seen")
        office.receive("ann@wood.test", "second", in_reply_to=mid, references=mid)
        t.crmail("sync", "--once", "--json", home=home, seconds=120)
        t.equal([r[0] for r in office.logged()], want, f"logged in mode {mode}")


def test_log_off_posts_nothing(t):
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.connect("--log", "off")
    office.receive("ann@wood.test", "quiet")
    passed = office.sync()
    t.equal((passed["contacts"], passed["logged"]), (1, 0), "contacts and logged")
    t.equal(
        [r for r in office.crm.stub.requests if r[0] == "POST" and "ce_activities" in r[1]],
        [],
        "posts",
    )


def test_nothing_older_than_the_connection_is_logged(t):
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("account", "add", "work", *office.box.account_args(), "--history", "all")
    t.crmail("crm", "add", *office.crm.crm_args())
    old = letter(
        "ann@wood.test",
        office.box.address,
        "long ago",
        "x\n",
        "<old@wood.test>",
        time.time() - 20 * 86400,
    )
    office.box.append("INBOX", old.as_bytes(), received=time.time() - 20 * 86400)
    office.sync()
    t.equal(office.logged(), [], "activities")


def test_all_contacts_come_past_the_servers_page_cap(t):
    """2,300 contacts where the server never gives more than 1,000 rows, many with the same updated_at."""
    rows = [
        {
            "id": f"C{i:05d}",
            "first_name": f"N{i}",
            "email": f"n{i}@wood.test",
            "updated_at": f"2026-10-{1 + i // 1200:02d}T00:00:00Z",
        }
        for i in range(2300)
    ]
    office = Office(t, contacts=rows)
    office.connect()
    t.equal(office.sync()["contacts"], 2300, "contacts")
    t.equal(len(t.crmail("contact", "list", "--json").json["contacts"]), 2300, "contacts listed")


def test_a_changed_contact_changes_here(t):
    office = Office(
        t,
        contacts=[{"id": "C1", "first_name": "Ann", "last_name": "Old", "email": "ann@wood.test"}],
    )
    office.connect()
    office.sync()
    office.crm.psql(
        "UPDATE ce_contacts SET last_name = 'New', email = 'ann@other.test', updated_at = now() WHERE id = 'C1'"
    )
    office.sync()
    contacts = t.crmail("contact", "list", "--json").json["contacts"]
    t.equal(
        [(c["name"], c["emails"]) for c in contacts], [("Ann New", ["ann@other.test"])], "contacts"
    )


def test_short_tokens_are_renewed(t):
    """Tokens that last a second: every request may meet an expired one, and the pass still succeeds."""
    office = Office(
        t, token_seconds=1, contacts=[{"id": f"C{i}", "email": f"a{i}@wood.test"} for i in range(3)]
    )
    office.connect()
    for i in range(3):
        office.receive(f"a{i}@wood.test", f"letter {i}")
    office.sync()
    office.receive("a0@wood.test", "one more")
    office.sync()
    t.equal(len(office.crm.activities()), 4, "activities")


def test_wrong_crm_password_is_said_and_mail_goes_on(t):
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("account", "add", "work", *office.box.account_args(), "--history", "all")
    args = office.crm.crm_args()
    args[args.index("--secret-command") + 1] = t.secret_command("not the password")
    added = t.crmail("crm", "add", *args, code=None)
    office.receive("ann@wood.test", "still read")
    passed = t.crmail("sync", "--once", "--json", code=None, seconds=120)
    t.equal(passed.json["accounts"][0]["result"], "ok", "the mail's pass")
    if added.code == 0:
        t.equal(
            (passed.json["crms"][0]["result"], passed.code),
            ("failed", 4),
            "the CRM's pass and the exit",
        )
    t.equal(t.crmail("search", "still", "--json").json["total"], 1, "the mail is read all the same")


def test_another_organisations_contact_never_shows(t):
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.crm.insert(
        "ce_contacts",
        {"id": "C9", "email": "foreign@wood.test", "organization_id": str(uuid.UUID(int=9))},
    )
    office.connect()
    office.receive("foreign@wood.test", "not ours")
    office.sync()
    t.equal(
        [c["id"] for c in t.crmail("contact", "list", "--json").json["contacts"]],
        ["C1"],
        "contacts",
    )
    t.equal(office.logged(), [], "activities")


def test_a_lost_answer_does_not_double_the_entry(t):
    """The CRM took the activity, its answer never came: the next pass finds it and posts nothing new."""
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.connect()
    office.receive("ann@wood.test", "answer lost")
    office.crm.stub.lost_answers.append(("POST", "/ce_activities"))
    office.sync(code=None)
    t.equal(office.crm.stub.lost_answers, [], "answers still to be lost")
    office.sync()
    t.equal(office.logged(), [("answer lost", "C1", None, None)], "activities")
    t.equal(t.crmail("status", "--json").json["crms"][0]["queue"], 0, "waiting")


def test_the_crm_away_for_a_while(t):
    """What could not be logged waits, and is logged when the CRM is back; the mail is read meanwhile."""
    office = Office(t, contacts=[{"id": "C1", "email": "ann@wood.test"}])
    office.connect()
    office.sync()
    office.crm.stub.refuse(503)
    office.receive("ann@wood.test", "while it was away")
    t.crmail("sync", "--once", "--json", code=None, seconds=120)
    t.equal(t.crmail("search", "away", "--json").json["total"], 1, "the mail")
    office.crm.stub.refuse(None)
    office.sync()
    t.equal([r[0] for r in office.logged()], ["while it was away"], "activities")
