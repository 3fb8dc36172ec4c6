"""What people complain about in other CRMs' mail integrations: each is a test called after it."""
import json
import os
import shlex
import time

from support.crmdesk import ME, Desk, subjects
from support.letters import letter, parse
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 120

ANN = {"id": "C1", "first_name": "Ann", "email": "ann@wood.test"}
OTTO = {"id": "C2", "first_name": "Otto", "email": "otto@steel.test"}


def office(t, *options, contacts=(ANN,), **crm):
    made = t.crm(contacts=contacts, **crm)
    desk = Desk(t)
    desk.connect(made, *options)
    return desk, made


def to_contacts(crm):
    """[(subject, contact)] of the activities."""
    return [(subject, contact) for subject, contact, _, _ in subjects(crm)]


def test_sent_mail_missing(t):
    """Written here, written with another program, written under an alias, lying in Sent or in the inbox:
    what one has sent is in the CRM, as sent."""
    box, customer = t.mailbox("minh"), t.mailbox("laura")
    crm = t.crm(contacts=[{"id": "C1", "email": customer.address}])
    t.send_at_once()
    alias = f"sales.minh@{box.domain}"
    t.crmail("account", "add", "work", *box.account_args(), "--set", f"own_addresses={alias}", "--history", "all")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all")
    at = int(time.time()) - 900
    places = (("elsewhere", box.address, "Sent"), ("alias", alias, "Sent"), ("copy to myself", alias, "INBOX"))
    for i, (subject, sender, folder) in enumerate(places):
        mail = letter(sender, customer.address, subject, "x\n", f"<{i}.{t.id}@{box.domain}>", at + i)
        box.append(folder, mail.as_bytes(), "\\Seen")
    box.deliver(letter(customer.address, box.address, "question", "?\n", None, at - 60), customer.address)
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait("question")
    term.keys("g", "i", "g", "g")
    while "question" not in term.screen():
        term.keys("j")
    rows = [line for line in term.lines() if "question" in line or "copy to myself" in line]
    term.keys(*["j"] * next(i for i, line in enumerate(rows) if "question" in line), "Enter")
    term.wait("question")
    term.keys("r")
    term.wait("Re: question")
    term.type("Here it is.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: len(crm.activities()) == 5, "five activities", 30)
    term.keys("Q")
    term.wait_end()
    t.crmail("sync", "--once")
    rows = sorted((a["subject"], a["description"]) for a in crm.activities())
    want = [(s, "Sent email") for s in ("Re: question", "alias", "copy to myself", "elsewhere")]
    t.equal(rows, sorted([*want, ("question", "Received email")]), "activities")


def test_secondary_address_not_matched(t):
    """All addresses of a contact are the contact's, in any case, with any tag; nobody is made a second time."""
    contact = {**ANN, "other_emails": ["A.Wood@Private.TEST", "ann@old.test"]}
    desk, crm = office(t, contacts=[contact])
    for i, sender in enumerate(("a.wood@private.test", "ANN@old.test", "ann+crm@wood.test")):
        desk.receive(sender, f"mail {i}")
    desk.sync()
    t.equal(to_contacts(crm), [(f"mail {i}", "C1") for i in range(3)], "activities")
    t.equal(len(crm.query("SELECT id FROM ce_contacts")), 1, "contacts in the CRM")
    t.equal(len(desk.entries("--contact", "C1")), 3, "her timeline")


def test_no_retro_match_when_a_contact_or_an_address_is_added_later(t):
    desk, crm = office(t)
    desk.receive("otto@steel.test", "before he was a contact")
    desk.receive("ann@private.test", "before the address was known")
    desk.sync()
    t.equal(to_contacts(crm), [], "activities before")
    crm.insert("ce_contacts", OTTO)
    crm.psql("UPDATE ce_contacts SET other_emails = '{ann@private.test}', updated_at = now() WHERE id = 'C1'")
    desk.sync()
    want = [("before he was a contact", "C2"), ("before the address was known", "C1")]
    t.equal(to_contacts(crm), want, "activities afterwards")
    t.equal(len(desk.entries("--contact", "C2")), 1, "his timeline")


def test_free_mail_domain_taken_for_a_company(t):
    """A partner that somebody gave the domain gmail.com gets no mail of strangers; its contact does."""
    partner = {"id": "P1", "name": "Careless", "domain": "gmail.com"}
    desk, crm = office(t, partners=[partner], contacts=[{**ANN, "email": "ann@gmail.com", "partner_id": "P1"}])
    desk.receive("stranger@gmail.com", "from a stranger")
    desk.receive("ann@gmail.com", "from the contact")
    desk.sync()
    t.equal(subjects(crm), [("from the contact", "C1", "P1", None)], "activities")
    t.equal([e["subject"] for e in desk.entries("--partner", "P1")], ["from the contact"], "timeline")


def test_ambiguous_address_is_guessed(t):
    """An address of two contacts is linked to neither and waits to be asked about; other people in the mail
    are not held up; once somebody has said who it is, all of it goes there."""
    desk, crm = office(t, contacts=[ANN, {**ANN, "id": "C3"}, OTTO])
    desk.receive("ann@wood.test", "alone")
    desk.receive("ann@wood.test", "with another", to=f"{ME}, otto@steel.test")
    desk.sync()
    t.equal(to_contacts(crm), [("with another", "C2")], "activities")
    for contact in ("C1", "C3"):
        t.equal(desk.entries("--contact", contact), [], f"timeline of {contact}")
    asked = desk.crmail("crm", "inbox", "--json").json["people"]
    t.equal([(p["addr"], p["kind"]) for p in asked], [("ann@wood.test", "contacts")], "who is asked about")
    t.equal(
        sorted(c["target"] for c in asked[0]["candidates"]), ["contact:C1", "contact:C3"], "candidates"
    )
    desk.crmail("crm", "choose", "ann@wood.test", "contact:C3")
    desk.sync()
    want = [("alone", "C3"), ("with another", "C2"), ("with another", "C3")]
    t.equal(to_contacts(crm), want, "activities when it was said")


def test_everybody_can_read_my_mail(t):
    """At level headers no text leaves; mail among colleagues never does, and nothing of it is ever posted."""
    desk, crm = office(t, "--set", "log.level=headers")
    desk.receive("ann@wood.test", "only its header")
    desk.receive("jana@ourfirm.test", "innermost matters")
    desk.receive("jana@ourfirm.test", "Re: innermost matters", to=f"{ME}, boss@ourfirm.test")
    desk.sync()
    rows = crm.activities()
    t.equal([(r["subject"], r["body"]) for r in rows], [("only its header", None)], "activities")


def test_snippet_is_the_default_and_full_is_asked_for(t):
    """What goes to the CRM of a long mail."""
    tail = "THE-LAST-LINE"
    levels = [((), False), (("--set", "log.level=full"), True)]
    for number, (options, has_tail) in enumerate(levels):
        crm = t.crm(contacts=[ANN])
        desk = Desk(t, f"level{number}")
        desk.connect(crm, *options)
        text = "Something that was said.\n" * 200 + tail + "\n"
        desk.put(letter("ann@wood.test", ME, "long", text, "<long@wood.test>", time.time() - 60))
        desk.sync()
        body = crm.activities()[0]["body"]
        t.equal(tail in body, has_tail, f"the last line of the mail, with {options}")


def test_blocklist_is_applied_to_all_or_to_nobody(t):
    """Whoever is never to be logged is not, the others in the mail are; a colleague's list is the colleague's."""
    people = [ANN, OTTO, {"id": "C4", "email": "kim@law.test"}]
    crm = t.crm(contacts=people)
    desk = Desk(t)
    desk.receive("otto@steel.test", "to the blocked one alone")
    desk.receive("kim@law.test", "from a blocked domain")
    desk.receive("ann@wood.test", "to several", to=f"{ME}, otto@steel.test, kim@law.test")
    desk.connect(crm, "--set", "never_log=otto@steel.test @law.test")
    desk.sync()
    t.equal(to_contacts(crm), [("to several", "C1")], "activities")
    colleague = Desk(t, "colleague", me="jana@ourfirm.test", folder=desk.folder)
    colleague.connect(crm)
    colleague.sync()
    t.equal(len(crm.activities()), 5, "activities with a colleague who blocks nobody")

def test_blocklist_of_the_organisation_is_part_of_its_profile(t):
    """A profile that a company hands out names whom nobody logs to, and what it names later holds as well."""
    with open(os.path.join(os.environ["CRMAIL_PKGDATADIR"], "crm", "supabase.json"), encoding="utf-8") as f:
        profile = json.load(f)

    def hand_out(*names):
        return t.write("company.json", json.dumps({**profile, "never_log": names} if names else profile))

    crm = t.crm(contacts=[ANN, OTTO, {"id": "C4", "email": "kim@law.test"}])
    desk = Desk(t)
    for who in ("otto@steel.test", "kim@law.test", "ann@wood.test"):
        desk.receive(who, f"from {who}")
    args = crm.crm_args()
    args[0] = hand_out("@law.test")
    desk.crmail("crm", "add", *args, "--log-since", "all", "--set", "never_log=otto@steel.test")
    desk.sync()
    t.equal(to_contacts(crm), [("from ann@wood.test", "C1")], "activities: both lists hold")
    hand_out("@law.test", "ann@wood.test")
    desk.receive("ann@wood.test", "later")
    t.equal(desk.sync()["logged"], 0, "logged when the profile names her")
    hand_out()
    t.equal(desk.sync()["logged"], 2, "logged when it names nobody any more")
    wrong = desk.crmail("crm", "add", *crm.crm_args(), "--set", "organization_never_log=x@y.test", code=None)
    t.true(wrong.code != 0, "it is no word of the user's")


def test_duplicates_from_two_mailboxes(t):
    """One mail that came to two accounts of one person, and to a colleague: one activity, one entry."""
    crm = t.crm(contacts=[ANN])
    desk = Desk(t)
    second = t.path("second-mail", "x")[:-2]
    for part in ("cur", "new", "tmp"):
        os.makedirs(f"{second}/{part}")
    more = ("--email", "minh@private.test", "--maildir", second, "--sendmail", "false")
    desk.crmail("account", "add", "private", *more, "--history", "all")
    raw = letter(
        "ann@wood.test", f"{ME}, minh@private.test", "to both", "x\n", "<both@wood.test>", time.time() - 60
    ).as_bytes()
    desk.put(b"Delivered-To: minh@ourfirm.test\r\n" + raw)
    t.write("second-mail/cur/1.test:2,S", b"Delivered-To: minh@private.test\r\n" + raw)
    colleague = Desk(t, "colleague", me="jana@ourfirm.test")
    colleague.put(raw)
    for each in (desk, colleague):
        each.connect(crm)
        each.sync()
        each.sync()
    t.equal(to_contacts(crm), [("to both", "C1")], "activities")
    t.equal(len(desk.entries("--contact", "C1")), 1, "entries of the timeline")
    crm.psql("UPDATE ce_contacts SET updated_at = now()")
    desk.sync()
    t.equal(len(crm.activities()), 1, "activities after everything was read again")


def test_reply_starts_a_new_record(t):
    """An answer from an address nobody knows belongs to the conversation's contact; so does one that lost
    its headers and kept its subject."""
    desk, crm = office(t)
    asked = desk.sent("ann@wood.test", "the offer")
    desk.receive("ann.private@mobile.test", "AW: the offer", in_reply_to=asked, references=asked)
    desk.receive("assistant@elsewhere.test", "Re: the offer", cc="ann@wood.test")
    desk.sync()
    want = [("AW: the offer", "C1"), ("Re: the offer", "C1"), ("the offer", "C1")]
    t.equal(to_contacts(crm), want, "activities")
    t.equal(len(crm.query("SELECT id FROM ce_contacts")), 1, "contacts in the CRM")


def test_own_replies_break_the_thread(t):
    """An answer names what it answers, and all that came before."""
    raw = letter(
        "ann@wood.test", ME, "the offer", "x\n", "<3@wood.test>", references="<1@wood.test> <2@wood.test>"
    ).as_bytes()
    said = parse(t.crmail("reply", t.write("mail.eml", raw), "--print").out.encode())
    t.equal(said["In-Reply-To"], "<3@wood.test>", "In-Reply-To")
    t.equal(str(said["References"]).split(), ["<1@wood.test>", "<2@wood.test>", "<3@wood.test>"], "References")



def test_folder_filter_is_ignored(t):
    """Mail in a folder that is left out is not logged; moved out of it, it is."""
    desk, crm = office(t, "--set", "no_log_folders=Personal")
    desk.receive("ann@wood.test", "between friends", box=".Personal")
    desk.receive("ann@wood.test", "business")
    desk.sync()
    t.equal(to_contacts(crm), [("business", "C1")], "activities")
    where = f"{desk.folder}/.Personal/cur"
    for name in os.listdir(where):
        os.rename(f"{where}/{name}", f"{desk.folder}/cur/{name}")
    desk.sync()
    desk.sync()
    t.equal(to_contacts(crm), [("between friends", "C1"), ("business", "C1")], "after it was moved")


def test_token_rotation_ends_the_connection(t):
    """Each refresh token works once.  The answer that brought the next one is lost: the password is asked
    for once, and from then on tokens are enough again."""
    crm = t.crm(contacts=[ANN])
    passphrase = t.write("passphrase", "correct horse\n")

    def crmail(*args, stdin=b"", code=0):
        words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
        return t.run(["sh", "-c", f"exec {shlex.join(words)} 3<{passphrase}"], stdin=stdin, code=code)

    def sign_ins():
        asked = [path.rpartition("=")[2] for _, path, _ in crm.stub.requests if "/token?" in path]
        crm.stub.requests.clear()
        return asked

    args = crm.crm_args()
    at = args.index("--secret-command")
    args[at : at + 2] = ["--password-fd", "0"]
    crmail("crm", "add", *args, stdin=crm.password.encode() + b"\n")
    crmail("sync", "--once")
    t.equal(sign_ins(), ["password"], "the first pass")
    crm.stub.lost_answers.append(("POST", "/token?grant_type=refresh_token"))
    crmail("sync", "--once", code=None)
    crmail("sync", "--once")
    t.true(sign_ins().count("password") == 1, "the password asked for once when an answer was lost")
    crmail("sync", "--once")
    t.equal(sign_ins(), ["refresh_token"], "the pass after that")


def number_of(desk, word):
    """The id of the one mail that a search finds."""
    found = desk.crmail("search", word, "--json").json["messages"]
    desk.t.equal(len(found), 1, f"mails with {word}")
    return found[0]["id"]


def test_private_conversation_is_shared(t):
    """Said to be private while the CRM was away: neither the mail nor its answers ever leave, nor does what
    comes later; taken back, they do."""
    desk, crm = office(t)
    desk.sync()
    crm.stub.refuse(503)
    asked = desk.receive("ann@wood.test", "between us")
    desk.receive("ann@wood.test", "business")
    desk.sync(code=4)
    desk.crmail("crm", "private", number_of(desk, "between"))
    crm.stub.refuse(None)
    desk.sent("ann@wood.test", "Re: between us", in_reply_to=asked)
    desk.sync()
    desk.sync()
    t.equal(to_contacts(crm), [("business", "C1")], "activities")
    posted = [r for r in crm.stub.requests if r[0] == "POST" and "ce_activities" in r[1] and r[2] == 201]
    t.equal(len(posted), 1, "posts")
    desk.crmail("crm", "public", number_of(desk, "between -re"))
    desk.sync()
    subjects_now = [s for s, _ in to_contacts(crm)]
    t.equal(subjects_now, ["Re: between us", "between us", "business"], "when it is no longer private")


def test_nobody_can_say_why_a_mail_was_not_logged(t):
    """Every mail that is not in the CRM says why, in one sentence."""
    desk, crm = office(t, "--set", "never_log=otto@steel.test", contacts=[ANN, OTTO])
    desk.receive("stranger@else.test", "unknown")
    desk.receive("jana@ourfirm.test", "internal")
    desk.receive("noreply@wood.test", "function")
    desk.receive("ann@wood.test", "machine", auto_submitted="auto-replied")
    desk.receive("otto@steel.test", "blocked")
    desk.receive("ann@wood.test", "logged")
    desk.sync()
    said = {}
    for word in ("unknown", "internal", "function", "machine", "blocked", "logged"):
        said[word] = desk.crmail("crm", "why", number_of(desk, word), "--json").json
    reasons = {word: why.get("reason") for word, why in said.items()}
    want = {
        "unknown": "unknown",
        "internal": "internal",
        "function": "role-sender",
        "machine": "automated",
        "blocked": "never-log",
        "logged": None,
    }
    t.equal(reasons, want, "reasons")
    t.equal(len({why["text"] for why in said.values()}), 6, "six sentences")
    t.equal([s for s, _ in to_contacts(crm)], ["logged"], "activities")


def test_a_decision_on_the_screen_waits_for_the_next_pass(t):
    """Who a shared address is, said on the screen: what waited for it is logged there and then."""
    box = t.mailbox("minh")
    crm = t.crm(contacts=[ANN, {**ANN, "id": "C3", "first_name": "Anna"}])
    mail = letter("ann@wood.test", box.address, "to which of them", "x\n", "<1@wood.test>", time.time() - 900)
    box.append("INBOX", mail.as_bytes(), "\\Seen")
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all")
    t.crmail("sync", "--once")

    def passes():
        with open(t.home() + "/crmail.log", encoding="utf-8") as f:
            return f.read().count("pass done")

    before = passes()
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 40)
    term.wait("to which of them")
    t.wait(lambda: passes() > before, "the end of the CRM's first pass")
    term.keys("g", "u")
    term.wait("several contacts")
    term.keys("1")
    term.wait("always: whatever this address")
    term.keys("a")
    t.wait(lambda: to_contacts(crm) == [("to which of them", "C1")], "the activity", 10)
    term.wait(lambda s: "several contacts" not in s)
    term.keys("Q")
    term.wait_end()
