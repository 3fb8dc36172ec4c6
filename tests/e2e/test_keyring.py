"""Passwords and sign-ins in the desktop's keyring: there, away, locked, silent, and gone half-way."""
import os
import signal
import subprocess
import types

from support.context import Skip
from support.httpline import HttpLine
from support.keyring import Keyring, add, add_words, crmail, passphrase_words, with_passphrase

NEEDS = ("mail", "oidc")
TIMEOUT = 120
MAIL = b"From: a@elsewhere.test\nSubject: %b\nMessage-ID: <%b@elsewhere.test>\n\nx\n"


def sync(t, keyring, code=0):
    return crmail(t, keyring, "sync", "--once", "--json", code=code).json


def places(t, keyring):
    """What `crmail secrets` says of each account."""
    lines = crmail(t, keyring, "secrets").out.splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


def holds_secret(t, *secrets):
    for folder, _, names in os.walk(t.home()):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                content = f.read()
            if any(secret.encode() in content for secret in secrets):
                return name
    return None


def test_a_password_lies_in_the_keyring_and_says_what_it_is(t):
    box, keyring = t.mailbox(), Keyring(t)
    box.deliver(MAIL % (b"one", b"one"))
    add(t, keyring, box)
    passed = sync(t, keyring)
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")
    t.equal([label for label, _ in keyring.items()], [f"crmail: password of {box.address}"], "labels")
    t.equal(keyring.items()[0][1]["application"], "crmail", "attribute")
    t.equal(places(t, keyring), [("work", "account", "keyring")], "places")
    t.true("go into the keyring, which is open" in crmail(t, keyring, "doctor").out, "what doctor says")
    t.equal(holds_secret(t, box.password), None, "file with the password")
    t.true("secrets" not in os.listdir(t.home()), "there is no encrypted file")
    crmail(t, keyring, "account", "remove", "work")
    t.equal(keyring.items(), [], "what is left of a removed account")


def test_a_sign_in_is_two_entries_and_goes_with_its_account(t):
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    office.configure(client="crmail-short")
    env = office.browser(box.address)
    crmail(t, keyring, "account", "add", "work", *office_words(box), env=env)
    labels = [f"crmail: {kind} of {box.address}" for kind in ("access token", "refresh token")]
    t.equal([label for label, _ in keyring.items()], labels, "labels")
    office.expire(box.address)
    before = len(office.events(box.address, grant="refresh_token"))
    t.equal(sync(t, keyring)["exit"], 0, "exit")
    t.equal(len(office.events(box.address, grant="refresh_token")) - before, 1, "refreshes")
    tokens = [e["refresh_token"] for e in office.events(box.address)]
    t.equal(holds_secret(t, *tokens), None, "file with a refresh token")
    crmail(t, keyring, "account", "remove", "work")
    t.equal(keyring.items(), [], "what is left")
    t.equal(len(office.events(box.address, what="revoked")), 1, "grants that were taken back")


def test_without_a_keyring_the_encrypted_file_is_used(t):
    box, keyring = t.mailbox(), Keyring(t, is_running=False)
    done = crmail(t, keyring, "config", "check")
    t.true("encrypted file" in done.out, f"what is said: {done.out}")
    with_passphrase(t, keyring, *add_words(box), stdin=box.password.encode() + b"\n")
    t.equal(places(t, keyring), [("work", "account", "file")], "places")
    t.equal(with_passphrase(t, keyring, "sync", "--once", "--json").json["exit"], 0, "exit")


def test_the_file_can_be_asked_for(t):
    box, keyring = t.mailbox(), Keyring(t)
    t.write("data/config", "[accounts]\ntoken_store = file\n")
    with_passphrase(t, keyring, *add_words(box), stdin=box.password.encode() + b"\n")
    t.equal(places(t, keyring), [("work", "account", "file")], "places")
    t.equal(keyring.items(), [], "what lies in the keyring")


def one_line(t, done, words):
    t.true(words in done.err, f"words: {done.err}")
    t.equal(len(done.err.splitlines()), 1, "lines")


def trouble(t, keyring):
    """What a pass says of the account that cannot sign in."""
    passed = sync(t, keyring, code=1)
    error = passed["accounts"][0]["error"]
    t.equal(t.crmail("status", "--json").json["accounts"][0]["status"], "error", "status")
    return error["message"]


def test_a_locked_keyring_is_said_and_asks_nobody(t):
    box, keyring = t.mailbox(), Keyring(t)
    add(t, keyring, box)
    keyring.lock()
    t.true("The keyring is locked" in trouble(t, keyring), "what is said")
    one_line(t, crmail(t, keyring, *add_words(box, "second"), stdin=b"other\n", code=1), "The keyring is locked")
    one_line(t, crmail(t, keyring, "secrets", "unlock", code=1), "The keyring stays locked")
    keyring.unlock()
    t.equal(sync(t, keyring)["exit"], 0, "exit once it is open")
    crmail(t, keyring, "secrets", "unlock")


def test_a_keyring_that_went_away_or_stands_still_is_said(t):
    box, keyring = t.mailbox(), Keyring(t)
    add(t, keyring, box)
    keyring.stand_still()
    t.true("does not answer" in trouble(t, keyring), "what is said of one that stands still")
    keyring.go_on()
    t.equal(sync(t, keyring)["exit"], 0, "exit when it goes on")
    keyring.die()
    t.true("No keyring is running" in trouble(t, keyring), "what is said of none")
    keyring.start()
    t.equal(sync(t, keyring)["exit"], 0, "exit when there is one again")


def office_words(box):
    words = ["--email", box.address, "--imap", f"{box.host}:{box.imaps_port}"]
    words += ["--smtp", f"{box.host}:{box.submissions_port}", "--tls", "implicit", "--ca", box.ca_file]
    return ["--oauth", "office", *words]


def test_what_a_locked_keyring_keeps_ends_when_it_is_open(t):
    """Both a sign-in and a password of accounts that are gone; also a sign-in in the file, beside it."""
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    office.configure()
    env = office.browser(box.address)
    crmail(t, keyring, "account", "add", "grant", *office_words(box), env=env)
    add(t, keyring, box)
    keyring.lock()
    prompter = keyring.mute_prompter()
    one_line(t, crmail(t, keyring, "account", "remove", "grant", code=1), "stays signed in at the provider until")
    one_line(t, crmail(t, keyring, "account", "remove", "work"), "password is forgotten when")
    t.equal((len(keyring.items()), prompter.heard()), (3, []), "entries, and questions to the person")
    t.equal(office.events(box.address, what="revoked"), [], "before the keyring is open")
    keyring.unlock()
    crmail(t, keyring, "secrets", "unlock")
    t.wait(lambda: not keyring.items(), "nothing left in the keyring")
    t.equal(len(office.events(box.address, what="revoked")), 1, "grants that were taken back")


def test_a_sign_in_in_the_file_waits_for_what_a_locked_keyring_holds(t):
    """Whether another one of the same person lies there cannot be known, and would end with it."""
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    office.configure()
    env = office.browser(box.address)
    add(t, keyring, box)
    t.write("data/config", "[accounts]\ntoken_store = file\n")
    with_passphrase(t, keyring, "account", "add", "grant", *office_words(box), env=env)
    keyring.lock()
    done = with_passphrase(t, keyring, "account", "remove", "grant", code=1)
    one_line(t, done, "stays signed in at the provider until")
    t.equal(office.events(box.address, what="revoked"), [], "while the keyring is locked")
    keyring.unlock()
    with_passphrase(t, keyring, "sync", "--once", "--json")
    t.wait(lambda: office.events(box.address, what="revoked"), "the grant taken back")


def hold(link, unit):
    """It comes when the line is released."""
    link.wait_until_released(60)
    return unit.raw


def held_refresh(t, box, office, keyring):
    """A sign-in in the keyring that is due, and a line that holds the provider's answer back."""
    line = HttpLine(t, types.SimpleNamespace(url=office.url))
    office.configure(token=f"http://127.0.0.1:{line.port}/token")
    crmail(t, keyring, "account", "add", "grant", *office_words(box), env=office.browser(box.address))
    office.expire(box.address)
    line.at("answer", "POST token", hold)
    return line


def lock_in_mid_refresh(t, keyring, line, words, code=1):
    asked = line.count("answer", "POST token")
    sync_of = subprocess.Popen(words, env=t.environment(**keyring.env), stdout=subprocess.DEVNULL)
    t.wait(lambda: line.count("answer", "POST token") > asked, "the provider's answer", 60)
    keyring.lock()
    line.release()
    t.equal(sync_of.wait(60), code, "exit of the pass in which it was locked")


def check_saved(t, box, office, keyring, refreshes):
    renewed = office.events(box.address, grant="refresh_token")
    t.equal(len(renewed), refreshes, "refreshes")
    t.true(any(renewed[-1]["refresh_token"] in text for text in keyring.values()), "the new one is saved")
    t.equal(office.events(box.address, what="refused", grant="refresh_token"), [], "tokens that were sent twice")


def test_a_keyring_that_is_locked_in_mid_refresh_loses_no_token(t):
    """The one that was sent is spent: it must not go out again, and the new one is there in the end."""
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    line = held_refresh(t, box, office, keyring)
    lock_in_mid_refresh(t, keyring, line, [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"])
    t.true("The keyring is locked" in trouble(t, keyring), "what the next pass says")
    keyring.unlock()
    t.equal(sync(t, keyring)["exit"], 0, "exit once it is open")
    check_saved(t, box, office, keyring, refreshes=1)


def helpers(keyring):
    """The auth helpers that were started beside this keyring."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f, open(f"/proc/{pid}/environ", "rb") as g:
                if b"--auth-helper" in f.read() and keyring.path.encode() in g.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


def test_a_spare_of_that_token_lies_in_the_open_file(t):
    """Whoever held it is killed before the keyring is open again."""
    if os.geteuid():
        raise Skip("only root can see whose process a helper is")
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    line = held_refresh(t, box, office, keyring)
    t.write("data/config", "[accounts]\ntoken_store = file\n")
    with_passphrase(t, keyring, *add_words(box), stdin=box.password.encode() + b"\n")
    lock_in_mid_refresh(t, keyring, line, passphrase_words(t, "sync", "--once", "--json"), code=4)
    for pid in helpers(keyring):
        os.kill(pid, signal.SIGKILL)
    t.wait(lambda: not helpers(keyring), "their end")
    keyring.unlock()
    t.equal(with_passphrase(t, keyring, "sync", "--once", "--json").json["exit"], 0, "exit once it is open")
    check_saved(t, box, office, keyring, refreshes=2)


def test_of_several_keyrings_that_with_the_entry_counts(t):
    box, keyring = t.mailbox(), Keyring(t)
    login, other = keyring.collection(), keyring.add_collection("other")
    add(t, keyring, box)
    keyring.make_default(other)
    keyring.lock(other)
    t.equal(sync(t, keyring)["exit"], 0, "exit while another one is locked")
    one_line(t, crmail(t, keyring, *add_words(box, "second"), stdin=b"other\n", code=1), "The keyring is locked")
    keyring.unlock(other)
    keyring.lock(login)
    t.true("The keyring is locked" in trouble(t, keyring), "what is said of the one with the entry")
    prompter = keyring.mute_prompter()
    crmail(t, keyring, "account", "remove", "work")
    t.equal(prompter.heard(), [], "questions that nobody asked for")
    keyring.unlock(login)
    keyring.make_default("/")
    add(t, keyring, box)
    t.equal(sync(t, keyring)["exit"], 0, "exit while none is the default")


def test_secrets_move_and_are_always_somewhere(t):
    box, office, keyring = t.mailbox(), t.sign_in(), Keyring(t)
    office.configure()
    env = office.browser(box.address)
    crmail(t, keyring, "account", "add", "grant", *office_words(box), env=env)
    add(t, keyring, box)
    done = with_passphrase(t, keyring, "secrets", "move", "file")
    t.true("2 saved sign-ins were moved" in done.out, f"what is said: {done.out}")
    t.equal({place for _, _, place in places(t, keyring)}, {"file"}, "places")
    t.equal(keyring.items(), [], "what is left in the keyring")
    t.equal(with_passphrase(t, keyring, "sync", "--once", "--json").json["exit"], 0, "exit with the file")
    keyring.lock()
    one_line(t, with_passphrase(t, keyring, "secrets", "move", "keyring", code=1), "The keyring is locked")
    t.equal({place for _, _, place in places(t, keyring)}, {"file"}, "places while it is locked")
    keyring.unlock()
    with_passphrase(t, keyring, "secrets", "move", "keyring")
    t.equal({place for _, _, place in places(t, keyring)}, {"keyring"}, "places")
    t.equal(len(keyring.items()), 3, "entries")
    t.equal(sync(t, keyring)["exit"], 0, "exit with the keyring")
    t.equal(office.events(box.address, grant="refresh_token"), [], "refreshes of a long token")
