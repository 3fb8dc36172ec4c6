"""What changes in the CRM changes here, also what is deleted, merged, moved or cut short."""
import time

from support.letters import letter

NEEDS = ("crm",)
TIMEOUT = 120

ANN = {"id": "C1", "first_name": "Ann", "email": "ann@wood.test"}
BOB = {"id": "C2", "first_name": "Bob", "email": "bob@wood.test"}
EVE = {"id": "C3", "first_name": "Eve", "email": "eve@iron.test"}
ME = "me@ourfirm.test"


class Office:
    """A Maildir beside a CRM."""

    def __init__(self, t, **rows):
        self.t, self.number = t, 0
        self.crm = t.crm(**rows)
        self.folder = t.path("mail", "x")[:-2]
        for part in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
            t.path("mail", part, "x")
        t.crmail("account", "add", "work", "--email", ME, "--maildir", self.folder,
                 "--sendmail", "false", "--history", "all")  # fmt: skip
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all")

    def receive(self, sender):
        self.number += 1
        mid = f"<{self.number}.{self.t.id}@wood.test>"
        mail = letter(sender, ME, f"S{self.number}", "text\n", mid, int(time.time()) - 900)
        with open(f"{self.folder}/new/{self.number}.test", "wb") as f:
            f.write(mail.as_bytes())

    def sync(self, code=0):
        return self.t.crmail("sync", "--once", "--json", code=code).json["crms"][0]

    def sweep(self):
        self.t.crmail("crm", "sweep", "supabase")
        return self.sync()

    def contacts(self):
        rows = self.t.crmail("contact", "list", "--json").json["contacts"]
        return [(c["id"], c["name"], c["emails"]) for c in rows]

    def badges(self):
        """The contact of each mail, oldest first."""
        rows = self.t.crmail("search", "S*", "--json").json["messages"]
        return [m.get("contact") for m in sorted(rows, key=lambda m: m["subject"])]

    def entries(self):
        rows = self.t.crmail("timeline", "--contact", "C1", "--json").json["entries"]
        return sorted((e["kind"], e["subject"]) for e in rows)

    def mids(self):
        rows = self.t.crmail("search", "S*", "--json").json["messages"]
        return [m["message_id"] for m in sorted(rows, key=lambda m: m["subject"])]

    def logged(self):
        return [r["contact_id"] for r in self.crm.activities()]


def test_crmdeleted_contact_is_marked_and_keeps_its_mail(t):
    office = Office(t, contacts=[ANN, BOB])
    office.receive("ann@wood.test")
    office.sync()
    t.equal((office.badges(), office.logged()), (["C1"], ["C1"]), "badge and activities before")
    office.crm.psql("DELETE FROM ce_activities; DELETE FROM ce_contacts WHERE id = 'C1'")
    office.sync()
    t.equal(len(office.contacts()), 2, "contacts until it is looked for")
    office.sweep()
    t.equal([c[0] for c in office.contacts()], ["C2"], "contacts listed")
    t.equal(office.badges(), ["C1"], "the old mail's contact")
    entries = t.crmail("timeline", "--contact", "C1", "--json").json["entries"]
    t.equal([e["state"] for e in entries], ["logged"], "its timeline")
    office.receive("ann@wood.test")
    t.equal(office.sync()["logged"], 0, "logged to somebody who is gone")
    office.crm.insert("ce_contacts", ANN)
    office.sync()
    t.equal([c[0] for c in office.contacts()], ["C1", "C2"], "contacts when she is there again")


def test_crmmerged_contacts_mail_goes_to_the_one_that_is_left(t):
    office = Office(t, contacts=[ANN, BOB])
    office.receive("ann@wood.test")
    office.sync()
    office.crm.psql(
        "UPDATE ce_activities SET contact_id = 'C2'; DELETE FROM ce_contacts WHERE id = 'C1';"
        "UPDATE ce_contacts SET other_emails = '{ann@wood.test}', updated_at = now()"
    )
    office.sweep()
    office.receive("ann@wood.test")
    office.sync()
    t.equal(office.badges()[1], "C2", "the contact of new mail")
    t.equal([c[0] for c in office.contacts()], ["C2"], "contacts listed")


def test_crmmoved_address_belongs_to_its_new_contact(t):
    office = Office(t, contacts=[ANN, EVE])
    office.sync()
    office.crm.psql(
        "UPDATE ce_contacts SET email = 'gone@wood.test', updated_at = now() WHERE id = 'C1';"
        "UPDATE ce_contacts SET email = 'ann@wood.test', updated_at = now() WHERE id = 'C3'"
    )
    office.receive("ann@wood.test")
    office.sync()
    t.equal((office.badges(), office.logged()), (["C3"], ["C3"]), "badge and activities")


def test_crmrenamed_contact_and_partner(t):
    office = Office(
        t,
        partners=[{"id": "P1", "name": "Wood", "domain": "wood.test"}],
        contacts=[{**ANN, "partner_id": "P1"}],
    )
    office.sync()
    office.crm.psql(
        "UPDATE ce_contacts SET first_name = 'Anna', updated_at = now();"
        "UPDATE ce_partners SET name = 'Timber', updated_at = now()"
    )
    office.sync()
    row = t.crmail("contact", "list", "--json").json["contacts"][0]
    t.equal((row["name"], row["partner"]), ("Anna", "P1"), "the contact")


def test_crmentries_changed_or_deleted_there_are_noticed(t):
    """Entries carry no time of change: they are read again when ids are compared."""
    office = Office(t, contacts=[ANN])
    office.receive("ann@wood.test")
    kind = "(organization_id, contact_id, activity_type, subject, status, activity_date, due_date, created_at)"
    office.crm.psql(
        f"INSERT INTO ce_activities {kind} SELECT '{office.crm.organization}', 'C1', x.*, now() - x.age FROM (VALUES"
        " ('call', 'Prices', 'completed', now(), NULL::date, interval '2 days'),"
        " ('note', 'Wrong person', 'completed', now(), NULL, interval '3 days'),"
        " ('task', 'Send the offer', 'planned', now(), current_date, interval '60 days'),"
        " ('call', 'Long ago', 'completed', now(), NULL, interval '70 days')"
        ") AS x (kind, subject, status, at, due, age)".replace("x.*", "x.kind, x.subject, x.status, x.at, x.due")
    )
    t.equal(office.sync()["logged"], 1, "mails logged")
    office.sync()
    before = office.entries()
    t.equal(
        before,
        [("call", "Long ago"), ("call", "Prices"), ("email", "S1"), ("note", "Wrong person"),
         ("task", "Send the offer")],
        "the timeline",
    )  # fmt: skip
    office.crm.psql(
        "UPDATE ce_activities SET subject = 'New prices' WHERE subject = 'Prices';"
        "UPDATE ce_activities SET subject = 'Longer ago' WHERE subject = 'Long ago';"
        "UPDATE ce_activities SET status = 'completed', subject = 'Sent it' WHERE activity_type = 'task';"
        "DELETE FROM ce_activities WHERE subject IN ('Wrong person', 'S1')"
    )
    office.sync()
    t.equal(office.entries(), before, "the timeline until it is looked for")
    office.sweep()
    t.equal(
        office.entries(),
        [("call", "Long ago"), ("call", "New prices"), ("email", "S1"), ("task", "Sent it")],
        "the timeline: of what is older than a month open tasks alone",
    )
    mid = office.mids()[0]
    t.equal(t.crmail("crm", "why", mid, "--json").json["entries"][0]["state"], "not", "the mail's entry")
    office.receive("ann@wood.test")
    t.equal(office.sync()["logged"], 1, "mails logged afterwards: the new one alone")
    t.equal(office.crm.query("SELECT subject FROM ce_activities WHERE activity_type = 'email'"), [{"subject": "S2"}],
            "mails in the CRM")  # fmt: skip


def test_crmlisting_that_would_delete_most_is_asked_twice(t):
    """A role that lost its rights to see contacts looks like a CRM that was emptied."""
    office = Office(
        t, contacts=[{"id": f"C{i:02d}", "email": f"c{i}@wood.test"} for i in range(30)]
    )
    office.sync()
    office.crm.psql("ALTER POLICY own_organization ON ce_contacts USING (id < 'C05')")
    office.sweep()
    t.equal(len(office.contacts()), 30, "contacts after the first such listing")
    office.crm.psql(
        "ALTER POLICY own_organization ON ce_contacts USING (organization_id = ce_organization())"
    )
    office.sync()
    t.equal(len(office.contacts()), 30, "contacts after the listing was right again")
    office.crm.psql("DELETE FROM ce_contacts WHERE id >= 'C05'")
    office.sweep()
    office.sync()
    t.equal(len(office.contacts()), 5, "contacts after it was said twice")


def test_crmclock_ahead_of_ours_loses_nothing(t):
    """Changes carry the CRM's time, a day in our future: the next one is found all the same."""
    office = Office(t, contacts=[{**ANN, "updated_at": "2099-01-01T00:00:00Z"}])
    office.sync()
    office.crm.insert("ce_contacts", {**BOB, "updated_at": "2099-01-01T00:00:00.5Z"})
    office.sync()
    t.equal([c[0] for c in office.contacts()], ["C1", "C2"], "contacts")
