"""Who may see what, and what becomes of people: organisations, rights, clocks, and records that change."""
import concurrent.futures
import glob
import time

from support.crmdesk import ME, Desk, subjects

NEEDS = ("crm",)
TIMEOUT = 120

ANN = {"id": "C1", "first_name": "Ann", "last_name": "Wood", "email": "ann@wood.test"}
OTTO = {"id": "C2", "first_name": "Otto", "last_name": "Steel", "email": "otto@steel.test"}
WOOD = {"id": "P1", "name": "Wood", "domain": "wood.test"}


def office(t, **crm):
    """A desk whose CRM knows Ann."""
    made = t.crm(contacts=[ANN], **crm)
    desk = Desk(t)
    desk.connect(made)
    return desk, made


def mail_is_read(t, desk, word):
    t.equal(desk.crmail("search", word, "--json").json["total"], 1, "the mail is read all the same")


# ---- whose


OTHERS = "00000000-0000-4000-8000-0000000000b0"


def test_two_organisations_in_one_database_share_nothing(t):
    """The same people write to both; each has records of its own about them."""
    crm = t.crm(contacts=[ANN], partners=[WOOD])
    other = ("rep@other.test", "pw-other")
    crm.add_user("00000000-0000-4000-8000-0000000000b1", *other, OTHERS)
    theirs = {"organization_id": OTHERS}
    crm.insert("ce_partners", {**WOOD, **theirs, "id": "PB", "name": "Theirword Ltd"})
    crm.insert("ce_contacts", {**ANN, **theirs, "id": "CB", "last_name": "Theirname"})
    crm.insert("ce_leads", {"id": "LB", "name": "Theirlead", "email": "lea@new.test", **theirs})
    ours, foreign = Desk(t, "ours"), Desk(t, "foreign", me="eva@otherfirm.test")
    for desk in (ours, foreign):
        desk.receive("ann@wood.test", "to both of us")
        desk.receive("bob@wood.test", "from a colleague of hers")
        desk.receive("lea@new.test", "from a lead of one of us")
    ours.connect(crm)
    foreign.connect(crm, user=other)
    for _ in range(2):
        ours.sync()
        foreign.sync()
    by_organisation = {}
    for a in crm.activities():
        target = a["contact_id"] or a["partner_id"] or a["lead_id"]
        by_organisation.setdefault(a["organization_id"], []).append((a["subject"], target))
    want = [("from a colleague of hers", "P1"), ("to both of us", "C1")]
    t.equal(sorted(by_organisation[crm.organization]), want, "our organisation's activities")
    want = [
        ("from a colleague of hers", "PB"),
        ("from a lead of one of us", "LB"),
        ("to both of us", "CB"),
    ]
    t.equal(sorted(by_organisation[OTHERS]), want, "the other organisation's activities")
    t.equal(sorted(by_organisation), sorted([crm.organization, OTHERS]), "organisations")
    for desk, word in ((ours, b"Their"), (foreign, crm.organization.encode())):
        for path in glob.glob(t.home(desk.home) + "/*.db*"):
            with open(path, "rb") as f:
                t.true(word not in f.read(), f"{word} in {path}")


# ---- rights


def test_an_expired_token_is_renewed(t):
    desk, crm = office(t)
    desk.receive("ann@wood.test", "after the token ended")
    crm.stub.token_lives.append(-600)  # what the first sign-in gives has ended already
    t.equal(desk.sync()["logged"], 1, "logged")
    refused = [r for r in crm.stub.requests if r[2] == 401]
    t.equal(len(refused), 1, "requests with the old token")


def test_tokens_that_are_never_accepted_are_said(t):
    desk, crm = office(t)
    desk.receive("ann@wood.test", "while nobody gets in")
    crm.stub.token_seconds = -600
    report = desk.sync(code=4)
    want = {"code": "auth", "message": "The CRM does not accept the sign-in any more."}
    t.equal((report["result"], report["error"]), ("failed", want), "the pass")
    t.equal(desk.status()["status"], "sign-in", "status")
    asked = sum("token" in path for _, path, _ in crm.stub.requests)
    t.true(asked <= 3, f"sign-ins tried: {asked}")
    mail_is_read(t, desk, "nobody")
    crm.stub.token_seconds = 3600
    t.equal(desk.sync()["logged"], 1, "logged afterwards")


def test_a_revoked_role_is_said_and_loses_nothing(t):
    desk, crm = office(t)
    desk.sync()
    crm.psql("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM authenticated")
    desk.receive("ann@wood.test", "while it was revoked")
    report = desk.sync(code=4)
    words = "The CRM refused (HTTP 403): permission denied for table ce_users"
    t.equal((report["result"], report["error"]["message"]), ("failed", words), "the pass")
    mail_is_read(t, desk, "revoked")
    t.equal(len(desk.crmail("contact", "list", "--json").json["contacts"]), 1, "contacts kept")
    crm.psql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO authenticated")
    t.equal(desk.sync()["logged"], 1, "logged when the role is back")


def test_a_role_that_may_only_read_parks_with_the_reason(t):
    desk, crm = office(t)
    crm.psql("REVOKE INSERT ON ce_activities FROM authenticated")
    desk.receive("ann@wood.test", "not to be written")
    report = desk.sync(code=4)
    t.equal(
        [(p["target"], p["reason"]) for p in report["parked"]],
        [("contact:C1", "The CRM refused (HTTP 403): permission denied for table ce_activities")],
        "parked",
    )
    entries = desk.entries("--contact", "C1")
    t.equal([(e["state"], e["reason"]) for e in entries], [("parked", report["parked"][0]["reason"])], "timeline")


def test_a_key_without_rights_is_said(t):
    crm = t.crm(contacts=[ANN])
    desk = Desk(t)
    right, crm.anon_key = crm.anon_key, "not-the-key"
    desk.connect(crm)
    desk.receive("ann@wood.test", "with the wrong key")
    report = desk.sync(code=4)
    want = {"code": "auth", "message": "The CRM refused the sign-in (HTTP 401)."}
    t.equal((report["result"], report["error"]), ("failed", want), "the pass")
    mail_is_read(t, desk, "wrong")
    t.true(right not in str(report), "nothing of the key is said")


def test_a_user_without_an_organisation_is_said(t):
    crm = t.crm(contacts=[ANN])
    nobody = ("new@nowhere.test", "pw-new")
    crm.stub.add_user(*nobody, "00000000-0000-4000-8000-0000000000c1")
    desk = Desk(t)
    desk.connect(crm, user=nobody)
    desk.receive("ann@wood.test", "for whom")
    report = desk.sync(code=4)
    t.equal(report["error"]["message"], "The CRM does not show you your own user: sign in again.", "the line")
    t.equal(crm.activities(), [], "activities")


# ---- clocks and pages


def test_a_crm_whose_clock_is_ahead_and_then_corrected(t):
    """Records dated tomorrow do not hide what is changed today."""
    desk, crm = office(t)
    crm.insert("ce_contacts", {**OTTO, "updated_at": "now"})
    crm.psql("UPDATE ce_contacts SET updated_at = now() + interval '1 day' WHERE id = 'C2'")
    desk.sync()
    crm.psql("UPDATE ce_contacts SET email = 'ann@later.test', updated_at = now() WHERE id = 'C1'")
    desk.receive("ann@later.test", "from her new address")
    desk.sync()
    t.equal(subjects(crm), [("from her new address", "C1", None, None)], "activities")


def test_a_row_cap_smaller_than_the_page(t):
    """The server never gives more than 40 rows, whatever is asked for."""
    crm = t.crm(max_rows=40)
    crm.psql(
        "INSERT INTO ce_contacts (id, first_name, email, organization_id, updated_at)"
        f" SELECT 'C' || i, 'N' || i, 'n' || i || '@many.test', '{crm.organization}',"
        " '2026-01-01T00:00:00Z'::timestamptz + (i / 7) * interval '1 s' FROM generate_series(1, 250) i"
    )
    desk = Desk(t)
    desk.connect(crm)
    t.equal(desk.sync()["contacts"], 250, "contacts of the first pass")
    t.equal(len(desk.crmail("contact", "list", "--json").json["contacts"]), 250, "contacts listed")


# ---- what becomes of people


def test_a_contact_that_is_deleted_while_its_entry_waits(t):
    """The CRM refuses the entry: parked with its reason, the mail stays."""
    desk, crm = office(t)
    desk.sync()
    desk.receive("ann@wood.test", "to somebody deleted")
    crm.stub.before("POST", "ce_activities", lambda: crm.psql("DELETE FROM ce_contacts"))
    report = desk.sync(code=4)
    t.equal(len(report["parked"]), 1, "parked")
    t.true("HTTP 409" in report["parked"][0]["reason"], report["parked"][0]["reason"])
    mail_is_read(t, desk, "deleted")

def test_two_records_of_one_person_wait_until_they_are_merged(t):
    """An address of two contacts is not guessed at; when one of them is left, it is logged to that."""
    desk, crm = office(t)
    crm.insert("ce_contacts", {**ANN, "id": "C3"})
    desk.receive("ann@wood.test", "to which of them")
    t.equal(desk.sync()["logged"], 0, "logged while there are two")
    crm.psql("DELETE FROM ce_contacts WHERE id = 'C1'")
    desk.crmail("crm", "sweep", "supabase")
    desk.sync()
    t.equal(subjects(crm), [("to which of them", "C3", None, None)], "activities")


def test_an_address_that_moves_to_another_contact(t):
    """New mail is the new one's; what was logged stays where it is."""
    desk, crm = office(t)
    crm.insert("ce_contacts", OTTO)
    desk.receive("ann@wood.test", "when it was hers")
    desk.sync()
    crm.psql("UPDATE ce_contacts SET email = NULL, updated_at = now() WHERE id = 'C1'")
    crm.psql("UPDATE ce_contacts SET email = 'ann@wood.test', updated_at = now() WHERE id = 'C2'")
    desk.receive("ann@wood.test", "now it is his")
    desk.sync()
    desk.sync()
    rows = subjects(crm)
    t.true(("when it was hers", "C1", None, None) in rows, f"what was logged stays: {rows}")
    t.true(("now it is his", "C2", None, None) in rows, f"new mail is his: {rows}")
    t.true(("now it is his", "C1", None, None) not in rows, f"new mail is not hers: {rows}")
    t.equal(len(rows), len(set(rows)), "none twice")


def test_a_partner_whose_domain_changes(t):
    """Mail of the new domain is the partner's, also what came before; of the old one none any more."""
    crm = t.crm(partners=[WOOD])
    desk = Desk(t)
    desk.connect(crm)
    desk.receive("somebody@timber.test", "from the domain to be")
    desk.sync()
    t.equal(subjects(crm), [], "activities before")
    crm.psql("UPDATE ce_partners SET domain = 'timber.test', updated_at = now()")
    desk.sync()
    desk.receive("somebody@wood.test", "from the old domain")
    desk.sync()
    t.equal(subjects(crm), [("from the domain to be", None, "P1", None)], "activities")


# ---- who makes the activity


TRIGGER = """
CREATE FUNCTION ce_email_create_activity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO ce_activities (organization_id, contact_id, partner_id, activity_type, subject, description, status,
	                           activity_date, message_id)
	VALUES (NEW.organization_id, NEW.contact_id, NEW.partner_id, 'email', NEW.subject,
	        CASE NEW.direction WHEN 'inbound' THEN 'Received email' ELSE 'Sent email' END, 'completed', NEW.sent_at,
	        NEW.message_id);
	RETURN NEW;
END $$;
CREATE TRIGGER ce_email_create_activity BEFORE INSERT ON ce_email_messages
FOR EACH ROW EXECUTE FUNCTION ce_email_create_activity();
"""


def test_a_trigger_makes_one_activity_of_each_mail_and_target(t):
    """Two people in a mail, a colleague with the same mail, an answer that was lost: one each, and
    nothing is ever written to the activities by us."""
    crm = t.crm(contacts=[ANN, OTTO])
    crm.psql(TRIGGER)
    desk = Desk(t)
    colleague = Desk(t, "colleague", me="jana@ourfirm.test", folder=desk.folder)
    desk.receive("ann@wood.test", "to both", to=f"{ME}, otto@steel.test")
    desk.receive("otto@steel.test", "from him")
    desk.connect(crm, "--log", "message")
    colleague.connect(crm, "--log", "message")
    crm.stub.lost_answers.append(("POST", "ce_email_messages"))
    desk.sync(code=4)
    desk.sync()
    colleague.sync()
    want = [("from him", "C2", None, None), ("to both", "C1", None, None), ("to both", "C2", None, None)]
    t.equal(subjects(crm), want, "activities")
    t.equal(len(crm.query("SELECT id FROM ce_email_messages")), 3, "rows of mails")
    direct = [r for r in crm.stub.requests if r[0] == "POST" and "ce_activities" in r[1]]
    t.equal(direct, [], "activities posted by us")
    states = [e["state"] for e in desk.entries("--contact", "C2")]
    t.equal(states, ["logged", "logged"], "his timeline: a mail and its activity are one entry")


def test_two_colleagues_at_the_same_moment(t):
    """Two clients with the same mail at once: one activity each, whoever makes it."""
    for side, trigger in (("activity", ""), ("message", TRIGGER)):
        crm = t.crm(contacts=[ANN])
        crm.psql(trigger)
        desks = [Desk(t, f"{side}1")]
        desks.append(Desk(t, f"{side}2", me="jana@ourfirm.test", folder=desks[0].folder))
        for number in range(8):
            desks[0].receive("ann@wood.test", f"mail {number}")
        for desk in desks:
            desk.connect(crm, "--log", side)
        with concurrent.futures.ThreadPoolExecutor() as both:
            list(both.map(Desk.sync, desks))
        t.equal([s for s, *_ in subjects(crm)], [f"mail {n}" for n in range(8)], f"{side}: activities")
