"""Connecting a CRM by the keyboard: the form, matched mails as proof, and only then the log."""
import os
import time

from support.letters import letter
from support.lineserver import LineServer
from support.terminal import Tmux

NEEDS = ("crm",)
TIMEOUT = 180
ME = "minh@ourfirm.test"
PASSPHRASE = "correct horse battery"
NOON = f"NOON{time.gmtime().tm_hour - 12:+d}"  # a zone where it is about noon: mail of some minutes ago is of today
PEOPLE = ("Laura", "Bob", "Carla", "Dora")
CONTACTS = [
    {"id": f"C{name}", "first_name": name, "email": f"{name.lower()}@{name.lower()}.test"}
    for name in PEOPLE
]


def put(t, sender, subject, when=None):
    """Puts a mail into the account's Maildir."""
    name = f"{t.next_number()}.test"
    host = sender.split("@")[1]
    mail = letter(sender, ME, subject, "Hello Minh.", f"<{name}@{host}>", when)
    with open(os.path.join(t.path("mail", "x")[:-2], "new", name), "wb") as f:
        f.write(bytes(mail))


def account(t):
    """An account with a mail from each contact and one from a stranger, and no CRM."""
    folder = t.path("mail", "x")[:-2]
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    args = ("--email", ME, "--maildir", folder, "--sendmail", "false", "--history", "all")
    t.crmail("account", "add", "work", *args)
    now = int(time.time())
    for n, name in enumerate(PEOPLE):
        put(t, f"{name.lower()}@{name.lower()}.test", f"from {name}", now - 60 * n)
    put(t, "stranger@nowhere.test", "from a stranger", now)
    put(t, "laura@laura.test", "from Laura, long ago", now - 40 * 86400)


def start(t, size=(80, 24)):
    log = os.path.join(t.home(), "crmail.log")
    t.show_on_failure("crmail.log", lambda: t.run(["tail", "-n", "40", log], code=None).out)
    return Tmux(t, [t.crmail_program, "--home", t.home()], *size, env={"TZ": NOON})


def open_form(term):
    """From the inbox to the form of the CRM."""
    term.wait("from Laura")
    term.keys("g", "A")
    term.wait("No CRM is connected. C connects one.")
    term.keys("C")
    term.wait("Which CRM?")
    term.type("supabase")
    term.keys("Enter")
    term.wait("Connect a CRM")


def fill_in(term, crm, password, url=None):
    """The form, from the address on; past the organisation and the web pages."""
    term.type(url or crm.url)
    term.keys("Down")
    term.type(crm.anon_key)
    term.keys("Down")
    term.type(crm.email)
    term.keys("Down", "Down", "Down")
    term.type(password)
    term.keys("Down", "Down")
    term.type(PASSPHRASE)
    term.keys("Down")
    term.type(PASSPHRASE)
    term.keys("M-s")


def crms(t):
    return t.crmail("status", "--json").json["crms"]


def connect(t, term, crm):
    open_form(term)
    fill_in(term, crm, crm.password)
    term.wait("What is logged")
    term.wait(lambda screen: all(f"from {name}" in screen for name in PEOPLE[:3]), seconds=60)


def test_crm_is_connected_and_logs_what_was_confirmed(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    term = start(t)
    connect(t, term, crm)
    proof = [line for line in term.lines() if "from " in line and "→" in line]
    t.equal(len(proof), 3, f"matched mails shown as proof\n{term.screen()}")
    t.true(all(any(name in p for name in PEOPLE) for p in proof), f"with their contacts: {proof}")
    t.true("stranger" not in term.screen(), "nobody who is not known")
    t.true("nothing is logged yet" in term.screen(), "it says that nothing is logged")
    t.true("email · Received email · completed" in term.screen(), "what would be logged")
    term.wait("4 mails so far")
    t.equal(crm.activities(), [], "entries before it was confirmed")
    term.keys("Up", "Up")
    term.wait("▸ Log mail like this")
    term.keys("Enter")
    term.wait("Mail is logged like this from now on")
    t.wait(lambda: len(crm.activities()) == 4, "the mails of today in the CRM", 60)
    logged = sorted(a["subject"] for a in crm.activities())
    t.equal(logged, sorted(f"from {name}" for name in PEOPLE), "logged")
    put(t, "bob@bob.test", "and one more")
    term.keys("C-r")
    t.wait(lambda: len(crm.activities()) == 5, "new mail in the CRM", 60)
    term.wait("mail of work · logs mail with its people")
    with open(os.path.join(t.home(), "crmail.db"), "rb") as f:
        t.true(crm.password.encode() not in f.read(), "no password in the database")


def test_wrong_password_is_said_and_nothing_is_saved(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    term = start(t)
    open_form(term)
    fill_in(term, crm, "not the password")
    term.wait("Check user, password and key.")
    t.true("▸ Password" in term.screen(), f"the cursor is on the password:\n{term.screen()}")
    t.equal(crms(t), [], "CRMs after a refusal")
    t.true(not os.path.exists(os.path.join(t.home(), "secrets")), "no file of passwords")
    term.type(crm.password)
    term.keys("Down", "Down", "Down", "Down", "Down", "Down", "Enter")
    term.wait("What is logged")
    t.equal([c["name"] for c in crms(t)], ["supabase"], "CRMs")


def test_crm_that_is_away_is_said_in_words(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    term = start(t)
    open_form(term)
    crm.stub.stop()
    fill_in(term, crm, crm.password)
    term.wait("Check the address.")
    t.true("▸ Address of the CRM" in term.screen(), f"the cursor is there:\n{term.screen()}")
    t.equal(crms(t), [], "CRMs")


def test_esc_stops_the_test_of_a_silent_crm(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    silent = LineServer(t, b"", lambda line: b"")
    term = start(t)
    open_form(term)
    fill_in(term, crm, crm.password, f"http://127.0.0.1:{silent.port}")
    t.wait(lambda: silent.came, "the connection to the silent CRM")
    term.wait("Signing in to the CRM")
    term.keys("Escape")
    term.wait("Stopped; nothing was saved.")
    t.wait(lambda: silent.left, "the end of the connection")
    t.equal(crms(t), [], "CRMs")


def test_password_is_saved_and_opened_with_the_passphrase(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    term = start(t)
    connect(t, term, crm)
    term.keys("Up", "Up", "Enter")
    t.wait(lambda: len(crm.activities()) == 4, "the mails in the CRM", 60)
    term.keys("Q")
    term.wait_end()
    put(t, "carla@carla.test", "while nobody looked")
    term = start(t)
    term.wait("Passphrase of the saved passwords")
    term.type(PASSPHRASE)
    term.keys("Enter")
    t.wait(lambda: len(crm.activities()) == 5, "the new mail in the CRM", 60)


def test_pause_and_disconnect(t):
    crm = t.crm(contacts=CONTACTS)
    account(t)
    term = start(t)
    connect(t, term, crm)
    term.keys("Up", "Up", "Enter")
    t.wait(lambda: len(crm.activities()) == 4, "the mails in the CRM", 60)
    term.wait("crmail  Accounts")
    term.keys("j", "p")
    term.wait("Paused: nothing is read or logged")
    put(t, "dora@dora.test", "in the pause")
    term.keys("k", "C-r", "j")
    term.wait("7 messages")
    t.equal(crms(t)[0]["status"], "paused", "status")
    term.keys("p")
    term.wait("Going on.")
    t.wait(lambda: len(crm.activities()) == 5, "what came in the pause", 60)
    term.keys("#")
    term.wait("Disconnect supabase")
    term.keys("Down", "Enter")
    term.wait("so does everything in the CRM")
    t.equal(crms(t), [], "CRMs")
    t.equal(len(crm.activities()), 5, "entries in the CRM")
    t.equal(t.crmail("contact", "list", "--json").json["contacts"], [], "contacts here")


def test_contacts_of_this_machine_need_no_server(t):
    account(t)
    term = start(t)
    term.wait("from Laura")
    term.keys("g", "A", "C")
    term.wait("Which CRM?")
    term.type("this machine")
    term.keys("Enter")
    term.wait("Connect a CRM")
    t.true("Password" not in term.screen(), f"nothing to sign in to:\n{term.screen()}")
    term.keys("Down", "Down", "Enter")
    term.wait("What is logged")
    term.wait("no contacts yet")
    term.keys("Up", "Up", "Enter")
    term.wait("logs mail with its people")
    t.true("kept here, no server" in term.screen(), f"how it stands:\n{term.screen()}")
    t.equal([c["profile"] for c in crms(t)], ["local"], "CRMs")
