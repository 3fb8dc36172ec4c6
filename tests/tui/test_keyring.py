"""A keyring beside the screen: asked about only when the person says so, and nothing waits for it but mail."""
import email

from support.keyring import Keyring, add, crmail
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180


def letter(box, subject):
    box.deliver(
        f"From: Laura <laura@elsewhere.test>\nSubject: {subject}\n"
        f"Message-ID: <{subject.replace(' ', '.')}@elsewhere.test>\n\nHello.\n".encode()
    )


def start(t, keyring):
    return Tmux(t, [t.crmail_program, "--home", t.home()], env=keyring.env)


def prepared(t):
    """An account with a password in the keyring and one mail, and who gets an answer."""
    box, customer, keyring = t.mailbox(), t.mailbox("laura"), Keyring(t)
    t.send_at_once()
    letter(box, "before the fair")
    add(t, keyring, box)
    crmail(t, keyring, "sync", "--once", "--json")
    return box, customer, keyring


def send(term, customer, subject):
    term.keys("c")
    term.wait("New message")
    term.type(customer.address)
    term.keys("Tab")
    term.type(subject)
    term.keys("Tab")
    term.type("Hello.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")


def subjects(box):
    return [email.message_from_bytes(raw)["Subject"] for raw in box.messages()]


def test_a_locked_keyring_lets_read_and_mail_goes_once_it_is_open(t):
    box, customer, keyring = prepared(t)
    keyring.lock()
    prompter = keyring.mute_prompter()
    letter(box, "after the fair")
    term = start(t, keyring)
    term.wait("The keyring is locked")
    term.wait("before the fair")
    send(term, customer, "an answer")
    t.wait(lambda: t.crmail("outbox", "--json").json["messages"], "the mail in the outbox")
    term.keys("C-r")
    term.wait("g k unlocks the keyring.")
    t.equal(prompter.heard(), [], "questions that nobody asked for")
    t.equal(subjects(customer), [], "what went out meanwhile")
    term.keys("g", "k")
    term.wait("The desktop asks for its password")
    t.wait(lambda: "BeginPrompting" in prompter.heard(), "the question to the person")
    term.keys("Escape")
    term.wait(lambda screen: "The desktop asks" not in screen)
    keyring.unlock()
    term.keys("g", "k")
    term.wait("The keyring is open.")
    term.wait("after the fair", seconds=60)
    t.wait(lambda: subjects(customer), "the mail at its recipient", 60)
    term.keys("Q")
    term.wait_end()
    crmail(t, keyring, "sync", "--once", "--json")
    t.equal(subjects(customer), ["an answer"], "mails sent")


def test_a_keyring_that_dies_while_the_screen_runs_holds_nothing_up(t):
    box, customer, keyring = prepared(t)
    term = start(t, keyring)
    term.wait("before the fair")
    letter(box, "at the fair")
    term.wait("at the fair", seconds=60)
    keyring.die()
    send(term, customer, "an answer")
    term.wait("No keyring is running", seconds=60)
    term.keys("g", "A")
    term.wait("password in the keyring")
    keyring.start()
    term.keys("C-r")
    t.wait(lambda: subjects(customer), "the mail at its recipient", 60)
    term.keys("Q")
    term.wait_end()
    crmail(t, keyring, "sync", "--once", "--json")
    t.equal(subjects(customer), ["an answer"], "mails sent")


def test_a_password_in_a_locked_keyring_is_forgotten_later_and_that_is_said(t):
    _, _, keyring = prepared(t)
    keyring.lock()
    prompter = keyring.mute_prompter()
    term = start(t, keyring)
    term.wait("before the fair")
    term.keys("g", "A", "#")
    term.wait("remove it with its mail")
    term.keys("Down", "Down", "Down", "Enter")
    term.wait("Its saved password is forgotten when that is unlocked next.")
    t.equal((len(keyring.items()), prompter.heard()), (1, []), "entries, and questions to the person")
    keyring.unlock()
    crmail(t, keyring, "secrets", "unlock")
    t.wait(lambda: not keyring.items(), "nothing left in the keyring")


def test_a_new_account_needs_no_passphrase(t):
    box, keyring = t.mailbox(), Keyring(t)
    term = start(t, keyring)
    term.wait("Work email")
    term.type(box.address)
    term.keys("Tab")
    term.wait(lambda screen: "Passphrase" not in screen and "Password" in screen)
    term.keys("Escape")
