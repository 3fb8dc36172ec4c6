"""From nothing to the inbox by the keyboard: the welcome form, and the accounts screen after it."""
import os
import subprocess

from support import lookup
from support.image import Image
from support.lineserver import LineServer
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180
PASSPHRASE = "correct horse battery"
ERASE = ("BSpace",) * 40


def letter(t, box, subject):
    box.deliver(
        f"From: Laura <laura@client.test>\nSubject: {subject}\n"
        f"Message-ID: <{subject.replace(' ', '-')}@client.test>\n\nHello.\n".encode()
    )


def start(t, box, size=(80, 24)):
    lookup.quiet(t)
    env = {"SSL_CERT_FILE": box.ca_file}
    return Tmux(t, [t.crmail_program, "--home", t.home()], *size, env)


def replace(term, text):
    """Types over what a field holds."""
    term.keys(*ERASE)
    term.type(text)


def fill_in(term, box, password):
    """The form, from the address to the button; both servers want TLS from the first byte."""
    term.wait("Work email")
    term.type(box.address)
    term.keys("Tab")
    term.type("Anna Example")
    term.wait("Reading (IMAP)")
    term.keys("Tab", "Tab")
    replace(term, f"{box.host}:{box.imaps_port}")
    term.keys("Tab")
    replace(term, f"{box.host}:{box.submissions_port}")
    term.keys("Tab", "Right", "Tab", "Tab")
    term.type(password)
    term.keys("Tab", "Tab")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab", "Right", "Tab")
    replace(term, "work")
    term.keys("Tab", "Enter")


def sign_in(t, term, box):
    """Connects the account, with a wrong password first."""
    fill_in(term, box, "not the password")
    term.wait("did not accept the user name or password")
    t.true("▸ Password" in term.screen(), "the cursor is on the password")
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts after a refusal")
    t.true(not os.path.exists(os.path.join(t.home(), "secrets")), "nothing is saved yet")
    term.type(box.password)
    term.keys(*["Up"] * 9, "Enter")


def helpers(t):
    """Pids of the auth helpers that belong to the crmail that hosts this test's folder."""
    host = t.crmail("status", "--json").json["host"]["pid"]
    children = []
    for task in os.listdir(f"/proc/{host}/task"):
        with open(f"/proc/{host}/task/{task}/children", encoding="ascii") as f:
            children += f.read().split()
    return set(children)


def visible(pid):
    """What other processes of the same user can see of one."""
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as f:
                yield f.read()
        except OSError:
            continue


def account(t):
    return t.crmail("status", "--json").json["accounts"][0]


def connected(t, term, box):
    """The first session, up to the first mail."""
    letter(t, box, "first of all")
    sign_in(t, term, box)
    term.wait("Which CRM?", seconds=60)
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise
    term.wait("first of all", seconds=60)


def test_welcome_connects_an_account(t):
    box = t.mailbox()
    term = start(t, box)
    connected(t, term, box)
    t.equal(len(box.messages()), 1, "mail in the mailbox: the test of sending sent none")
    started = helpers(t)
    t.true(started, "there is a helper")
    for pid in started:
        for seen in visible(pid):
            t.true(box.password.encode() not in seen, "no password in what others can see")
            t.true(PASSPHRASE.encode() not in seen, "no passphrase in what others can see")
    term.keys("g", "A")
    term.wait("connected")
    t.true("1 message, 1 unread" in term.screen(), f"counts:\n{term.screen()}")
    term.keys("q", "q")
    term.wait_end()
    t.equal([pid for pid in started if os.path.exists(f"/proc/{pid}")], [], "helpers left behind")


def test_saved_password_is_opened_once_in_a_session(t):
    box = t.mailbox()
    term = start(t, box)
    connected(t, term, box)
    term.keys("q")
    term.wait_end()
    letter(t, box, "second one")
    term = start(t, box)
    term.wait("Passphrase of the saved passwords")
    term.type("not it at all")
    term.keys("Enter")
    term.wait("That is not the passphrase of the saved passwords.")
    term.keys("Escape")
    term.wait(lambda screen: "Passphrase" not in screen)
    t.true("first of all" in term.screen(), "what is here can be read meanwhile")
    term.keys("g", "A")
    term.wait("Its password is locked. u opens it")
    term.keys("u")
    term.wait("Passphrase of the saved passwords")
    term.type(PASSPHRASE)
    term.keys("Enter")
    term.wait("The saved passwords are open.")
    term.keys("g", "i")
    term.wait("second one", seconds=60)


def test_pause_lasts_until_it_is_ended(t):
    box = t.mailbox()
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    term = start(t, box)
    term.wait("The inbox is empty.", seconds=60)
    term.keys("g", "A", "p")
    term.wait("Paused: nothing is fetched or sent")
    term.keys("q", "q")
    term.wait_end()
    letter(t, box, "while it slept")
    passed = t.crmail("sync", "--once", "--json").json
    t.equal(passed["accounts"], [], "accounts of a pass")
    t.equal(account(t)["status"], "paused", "status")
    term = start(t, box)
    term.keys("g", "A")
    term.wait("Nothing is fetched or sent. p lets it go on.")
    term.keys("p")
    term.wait("connected", seconds=60)
    term.keys("g", "i")
    term.wait("while it slept", seconds=60)


def test_signing_in_again_mends_a_wrong_password(t):
    box = t.mailbox()
    letter(t, box, "waiting for you")
    args = box.account_args()
    args[args.index("--password-command") + 1] = t.secret_command("not the password")
    t.crmail("account", "add", "work", *args, "--history", "all")
    term = start(t, box)
    term.wait("g A signs in again.", seconds=60)
    term.keys("g", "A", "s")
    term.wait("New password for work")
    term.type(box.password)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Enter")
    term.wait("Signed in.", seconds=60)
    term.keys("g", "i")
    term.wait("waiting for you", seconds=60)


def test_an_account_goes_and_its_mail_stays(t):
    box = t.mailbox()
    letter(t, box, "worth keeping")
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    term = start(t, box)
    term.wait("worth keeping", seconds=60)
    term.keys("g", "A", "#")
    term.wait("keep the account")
    term.keys("Down", "Enter")
    term.wait("its mail stays to be read")
    term.wait("kept here, no server")
    term.keys("g", "i")
    term.wait("worth keeping")
    t.equal(account(t)["name"], "work (kept)", "name")
    t.equal(len(box.messages()), 1, "mail at the server")


def test_esc_stops_the_test_of_a_silent_server(t):
    box = t.mailbox()
    silent = LineServer(t, b"", lambda line: b"")
    box.imaps_port = silent.port
    term = start(t, box)
    fill_in(term, box, box.password)
    t.wait(lambda: silent.came, "the connection to the silent server")
    term.wait("Testing reading")
    term.keys("Escape")
    term.wait("Stopped; nothing was saved.")
    t.wait(lambda: silent.left, "the end of the connection")
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")
    term.keys("Escape")
    term.wait_end()


def test_passphrase_typed_on_a_screen_opens_a_host_without_one(t):
    box = t.mailbox()
    term = start(t, box)
    connected(t, term, box)
    term.keys("q")
    term.wait_end()
    letter(t, box, "second one")
    argv = [t.crmail_program, "--home", t.home(), "sync", "--daemon"]
    daemon = subprocess.Popen(
        argv, env=t.environment(SSL_CERT_FILE=box.ca_file), stdin=subprocess.DEVNULL
    )
    t.at_end(daemon.wait)
    t.at_end(daemon.terminate)
    t.wait(lambda: account(t)["status"] == "sign-in", "the daemon without a passphrase", 60)
    term = start(t, box)
    term.wait("Passphrase of the saved passwords")
    term.type(PASSPHRASE)
    term.keys("Enter")
    term.wait("second one", seconds=60)
    t.equal(t.crmail("status", "--json").json["host"]["kind"], "daemon", "who hosts")
    if not os.geteuid():
        for pid in (daemon.pid, term.pid()):
            t.true(not Image(pid).holds(PASSPHRASE), "the passphrase in either process")


def test_demo_is_one_key_away_and_leaves_the_real_folder_alone(t):
    box = t.mailbox()
    term = start(t, box)
    term.wait("Look around with demo data first")
    term.keys("Up", "Enter")
    term.wait(lambda screen: "demo data" in screen and "Laura Palmer" in screen, seconds=60)
    term.keys("g", "A", "a")
    term.wait("The demo has no network")
    term.keys("q", "q")
    term.wait_end()
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts of the real folder")
