"""Signing in at an identity provider: real tokens, real mail servers, nothing saved but where it may be."""
import os
import re
import shlex
import time

from support.browser import Browser
from support.proxy import Proxy, reset
from support.terminal import Tmux

NEEDS = ("mail", "oidc")
TIMEOUT = 120
PASSPHRASE = "correct horse battery"
MAIL = b"From: a@elsewhere.test\nSubject: one\nMessage-ID: <o1@elsewhere.test>\n\nx\n"
SHORT_S = 5  # the life of a token of client crmail-short


def command(t, *args):
    """The command line of a crmail with the passphrase of its saved passwords."""
    file = t.write("passphrase", PASSPHRASE + "\n")
    words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
    return ["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"]


def crmail(t, *args, code=0, env=None):
    return t.run(command(t, *args), code=code, env=env)


def add_words(box, imap=None, smtp=None):
    """`account add` that signs in at the provider "office"."""
    return [
        "account",
        "add",
        "work",
        "--oauth",
        "office",
        "--email",
        box.address,
        "--imap",
        f"{box.host}:{imap or box.imaps_port}",
        "--smtp",
        f"{box.host}:{smtp or box.submissions_port}",
        "--tls",
        "implicit",
        "--ca",
        box.ca_file,
        "--set",
        "sent_copy=crmail",
    ]


def add(t, box, office, action="approve", who=None, code=0, **kw):
    env = office.browser(who or box.address, action)
    return crmail(t, *add_words(box, **kw), env=env, code=code)


def sync(t, code=0):
    return crmail(t, "sync", "--once", "--json", code=code).json


def accounts(t):
    return t.crmail("status", "--json").json["accounts"]


def wait_for_end(t, since):
    """A short token's life is over, for the provider's clock too, which counts whole seconds."""
    t.wait(lambda: time.time() > since + SHORT_S + 1, "the end of a token", SHORT_S + 5)


def test_mail_comes_after_a_sign_in_with_the_browser(t):
    box, office = t.mailbox(), t.sign_in()
    box.deliver(MAIL)
    office.configure()
    done = add(t, box, office)
    t.true("You are signed in" in office.page(), f"the page: {office.page()}")
    t.true(f"{office.url}/auth?" in done.out, "the address is printed")
    passed = sync(t)
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")
    t.equal(office.events(box.address, grant="refresh_token"), [], "refreshes of a long token")
    with open(os.path.join(t.home(), "crmail.log"), encoding="utf-8") as f:
        log = f.read()
    for private in (box.address, "code=", "state=", "Bearer"):
        t.true(private not in log, f"no {private} in the log")


def test_who_says_no_has_no_account_and_reads_so(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    done = add(t, box, office, action="deny", code=1)
    t.true("You are not signed in" in office.page(), f"the page: {office.page()}")
    t.true("Access was not granted" in office.page(), f"why: {office.page()}")
    t.true("crmail: Access was not granted at Office." in done.err, f"words: {done.err}")
    t.equal(accounts(t), [], "accounts")


def test_another_person_than_the_account_is_refused_and_revoked(t):
    box, other, office = t.mailbox(), t.mailbox("other"), t.sign_in()
    office.configure()
    done = add(t, box, office, who=other.address, code=1)
    t.true("another address" in done.err and "another address" in office.page(), f"words: {done.err}")
    t.equal(accounts(t), [], "accounts")
    t.equal(len(office.events(other.address, what="revoked")), 1, "grants that were taken back")


def only_xoauth2(_link, unit):
    """A server like Microsoft's."""
    return re.sub(rb" (AUTH=)?OAUTHBEARER", b"", unit.raw)


def test_short_tokens_are_renewed_once_and_nobody_is_asked(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure(client="crmail-short")
    imap, smtp = Proxy(t, box, "imap"), Proxy(t, box, "smtp")
    for line in (imap, smtp):
        line.at("answer", "CAPABILITY", only_xoauth2, times=None)
        line.at("answer", "EHLO", only_xoauth2, times=None)
    began = time.time()
    add(t, box, office, imap=imap.port, smtp=smtp.port)
    wait_for_end(t, began)
    box.deliver(MAIL)
    imap.at("command", "SELECT", reset)
    before = len(office.events(box.address, grant="refresh_token"))
    passed = sync(t)
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")
    t.equal(len(office.events(box.address, grant="refresh_token")) - before, 1, "refreshes")
    ways = {u.raw.split()[2].upper() for u in imap.units if u.name == "AUTHENTICATE" and u.side == "command"}
    t.equal(ways, {b"XOAUTH2"}, "how it signed in")
    t.true(imap.breaks >= 1, "the connection was reset")


def test_what_was_taken_back_asks_to_sign_in_again(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    add(t, box, office)
    office.take_back(box.address)
    passed = sync(t, code=1)
    t.true("sign in again" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal(accounts(t)[0]["status"], "sign-in", "status")
    crmail(t, "account", "sign-in", "work", env=office.browser(box.address))
    t.equal((sync(t)["exit"], accounts(t)[0]["status"]), (0, "connected"), "afterwards")


def test_a_removed_account_is_signed_out_at_the_provider(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    add(t, box, office)
    crmail(t, "account", "remove", "work")
    t.equal(accounts(t), [], "accounts")
    t.equal(len(office.events(box.address, what="revoked")), 1, "grants that were taken back")


def test_a_code_on_another_device_signs_in(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    term = Tmux(t, command(t, *add_words(box), "--device"), 200, 30)
    screen = term.wait("type this code there")
    code = re.search(r"^ *([A-Z]{4}-[A-Z]{4})$", screen, re.M).group(1)
    where = re.search(r"http\S+/device", screen).group(0)
    visit = Browser()
    visit.sign_in(f"{where}?user_code={code}", box.address)
    term.wait_end()
    t.equal(sync(t)["exit"], 0, "exit of a pass")


def test_a_code_that_is_declined_connects_nothing(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    term = Tmux(t, command(t, *add_words(box), "--device"), 200, 30)
    screen = term.wait("type this code there")
    code = re.search(r"^ *([A-Z]{4}-[A-Z]{4})$", screen, re.M).group(1)
    Browser().sign_in(f"{office.url}/device?user_code={code}", box.address, denies=True)
    term.wait_end(1)
    t.true("declined on the other device" in term.errors(), f"words: {term.errors()}")
    t.equal(accounts(t), [], "accounts")


def test_the_address_of_a_browser_elsewhere_can_be_pasted(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure()
    term = Tmux(t, command(t, *add_words(box)), 600, 30, env={"BROWSER": "none"})
    url = re.search(r"http\S+/auth\?\S+", term.wait("press Enter")).group(0)
    visit = Browser(stops_at_callback=True)
    visit.sign_in(url, box.address)
    term.paste(visit.url)
    term.keys("Enter")
    term.wait_end()
    t.equal(sync(t)["exit"], 0, "exit of a pass")


def test_a_provider_without_a_client_id_says_what_to_do(t):
    box, office = t.mailbox(), t.sign_in()
    done = crmail(t, "account", "add", "work", "--oauth", "google", "--email", box.address, code=2)
    t.true("client id" in done.err and "google.json" in done.err, f"words: {done.err}")
