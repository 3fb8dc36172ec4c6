"""Signing in at an identity provider: real tokens, real mail servers, nothing saved but where it may be."""
import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import time
import types
import urllib.error
import urllib.request

from support.browser import Browser
from support.httpline import HttpLine, answer
from support.proxy import Proxy, replace, reset
from support.terminal import Tmux

NEEDS = ("mail", "oidc")
TIMEOUT = 120
PASSPHRASE = "correct horse battery"
MAIL = b"From: a@elsewhere.test\nSubject: one\nMessage-ID: <o1@elsewhere.test>\n\nx\n"
SHORT_S = 5  # the life of a token of client crmail-short
HASTY_S = 2  # the life of a code of client crmail-hasty


def command(t, *args, home="data"):
    """The command line of a crmail with the passphrase of its saved passwords."""
    file = t.write("passphrase", PASSPHRASE + "\n")
    words = [t.crmail_program, "--home", t.home(home), "--passphrase-fd", "3", *args]
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


def only(mechanism):
    """A server that knows one way to take a token; Microsoft's knows XOAUTH2 alone."""
    other = {b"XOAUTH2": b"OAUTHBEARER", b"OAUTHBEARER": b"XOAUTH2"}[mechanism]
    return lambda _link, unit: re.sub(rb" (AUTH=)?" + other, b"", unit.raw)


def token_of(unit):
    """(mechanism, token) of a command that signs in."""
    words = unit.raw.split()[1 if unit.name == "AUTH" else 2 :]
    return words[0].upper(), re.search(rb"auth=Bearer (\S+?)\x01", base64.b64decode(words[1])).group(1)


class Rep:
    """A crmail of its own, at servers that take tokens in one way, behind lines that can be reset."""

    def __init__(self, t, office, mechanism, name):
        self.t, self.office, self.mechanism = t, office, mechanism
        self.box, self.home = t.mailbox(name), f"{name}-data"
        self.imap, self.smtp = Proxy(t, self.box, "imap"), Proxy(t, self.box, "smtp")
        for line, said in ((self.imap, "CAPABILITY"), (self.smtp, "EHLO")):
            line.at("answer", said, only(mechanism), times=None)
        shutil.copytree(t.home(), t.home(self.home), dirs_exist_ok=True)
        t.send_at_once(self.home)
        words = add_words(self.box, imap=self.imap.port, smtp=self.smtp.port)
        t.run(command(t, *words, home=self.home), env=office.browser(self.box.address))
        self.first = self.spoken()
        self.box.deliver(MAIL)

    def spoken(self):
        """[(line, mechanism, token)] of every sign-in, of each line oldest first."""
        return [
            (line.protocol, *token_of(u))
            for line in (self.imap, self.smtp)
            for u in line.units
            if u.side == "command" and u.name in ("AUTHENTICATE", "AUTH")
        ]

    def refreshes(self):
        return len(self.office.events(self.box.address, grant="refresh_token"))

    def start(self):
        """After the end of the first token; both lines are reset once, in the middle of work."""
        self.imap.at("command", "SELECT", reset)
        self.smtp.at("command", "MAIL", reset)
        env = {"BROWSER": self.t.write("browser", f"#!/bin/sh\ntouch {self.t.path('asked')}\n")}
        os.chmod(env["BROWSER"], 0o755)
        self.term = Tmux(self.t, command(self.t, home=self.home), env=env)

    def send(self, customer, subject):
        """A new mail; it has gone out when this returns."""
        term = self.term
        term.keys("c")
        term.wait("New message")
        term.type(customer.address)
        term.keys("Tab")
        term.type(f"{subject} of {self.box.address}")
        term.keys("M-s")
        term.wait("Send to 1 person?")
        term.keys("Enter")
        wanted = f"Subject: {subject} of {self.box.address}".encode()
        self.t.wait(
            lambda: any(wanted in raw for raw in customer.messages()), f"the mail {subject!r}", 60
        )


def one_refresh_for_both_lines(t, rep, customer):
    """The token has ended by the clock: reading and sending go on with one new one, resets or not."""
    rep.term.wait("one", 60)
    rep.send(customer, "offer")
    t.equal(rep.refreshes(), 1, "refreshes")
    later = [said for said in rep.spoken() if said not in rep.first]
    t.equal({line for line, _, _ in later}, {"imap", "smtp"}, "lines that a new token was used on")
    t.equal(len({token for _, _, token in later}), 1, "new tokens")
    t.true(min(rep.imap.connections, rep.smtp.connections) >= 3, "connections: one was reset on each line")


def one_more_where_sending_is_refused(t, rep, customer):
    """The provider ended it before its time, which sending is the first to hear; then reading is cut off, too."""
    known = {token for _, _, token in rep.spoken()}
    rep.office.expire(rep.box.address)
    rep.smtp.cut_all()
    rep.send(customer, "discount")
    refused = [u for u in rep.smtp.units if u.side == "answer" and u.raw.startswith(b"535")]
    t.equal((len(refused), rep.refreshes()), (1, 2), "refusals, refreshes")
    rep.imap.cut_all()
    rep.box.deliver(MAIL.replace(b"one", b"two").replace(b"o1", b"o2"))
    rep.term.keys("C-r")
    rep.term.wait("two", 60)
    later = {(line, token) for line, _, token in rep.spoken() if token not in known}
    t.equal({line for line, _ in later}, {"imap", "smtp"}, "lines that the third token was used on")
    t.equal((len({token for _, token in later}), rep.refreshes()), (1, 2), "new tokens, refreshes")


def nobody_was_asked(t, rep):
    """No browser, no word of signing in; each refresh token was the one of the refresh before."""
    t.true(not os.path.exists(t.path("asked")), "no browser was opened")
    t.true("sign in" not in rep.term.screen().lower(), "nothing on the screen")

    def status():
        return t.crmail("status", "--json", home=rep.home).json["accounts"][0]["status"]

    t.wait(lambda: status() == "connected", "the end of the pass")
    for what in ("refused", "revoked"):
        t.equal(rep.office.events(rep.box.address, what=what), [], what)
    t.equal({how for _, how, _ in rep.spoken()}, {rep.mechanism}, "how it signed in")


def test_mail_comes_and_goes_across_the_end_of_a_token(t):
    """Tokens live five seconds, those after them an hour: a slow machine sees the same number of refreshes."""
    office, customer = t.sign_in(), t.mailbox("laura")
    office.configure(client="crmail-first-short")
    reps = [Rep(t, office, b"XOAUTH2", "minh"), Rep(t, office, b"OAUTHBEARER", "anna")]
    wait_for_end(t, time.time())
    for rep in reps:
        rep.start()
    for rep in reps:
        one_refresh_for_both_lines(t, rep, customer)
        one_more_where_sending_is_refused(t, rep, customer)
        nobody_was_asked(t, rep)


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


def by_paste(t, box):
    """A sign-in that waits for an address to be pasted: (terminal, that address)."""
    term = Tmux(t, command(t, *add_words(box)), 600, 30, env={"BROWSER": "none"})
    url = re.search(r"http\S+/auth\?\S+", term.wait("press Enter")).group(0)
    t.wait(lambda: term.copied() == url, "the address in the clipboard")
    visit = Browser(stops_at_callback=True)
    visit.sign_in(url, box.address)
    return term, visit.url


def test_a_code_that_has_expired_connects_nothing(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure(client="crmail-hasty")
    term, address = by_paste(t, box)
    since = time.time()
    t.wait(lambda: time.time() > since + HASTY_S + 1, "the end of the code", HASTY_S + 5)
    term.paste(address)
    term.keys("Enter")
    term.wait_end(1)
    t.true("does not accept this sign-in any more: sign in again." in term.errors(), term.errors())
    t.equal(accounts(t), [], "accounts")
    crmail(t, *add_words(box), env=office.browser(box.address))
    t.equal(sync(t)["exit"], 0, "exit of a pass, after another sign-in")


def token_line(t, office, **more):
    """A line before what crmail asks the provider itself, without a browser."""
    line = HttpLine(t, types.SimpleNamespace(url=office.url))
    there = f"http://127.0.0.1:{line.port}"
    office.configure(token=f"{there}/token", device=f"{there}/device/auth", **more)
    return line


def answer_instead(status):
    """Nothing gets through; somebody in between answers."""

    def do(link, _):
        link.pass_on("answer", answer(status, b"<html>", "text/html"))
        link.cut()

    return do


def impatient(_link, unit):
    """The provider allows a question each second."""
    said = json.loads(unit.raw.partition(b"\r\n\r\n")[2])
    return answer(200, json.dumps(said | {"interval": 1}).encode())


def send_again(office, unit):
    """Redeems once more what a request redeemed; the status of the answer."""
    body = unit.raw.partition(b"\r\n\r\n")[2]
    try:
        with urllib.request.urlopen(f"{office.url}/token", body) as said:
            return said.status
    except urllib.error.HTTPError as e:
        return e.code


def test_a_code_that_is_replayed_ends_the_sign_in_which_says_so(t):
    """The provider takes a code that comes twice for stolen, and takes back what it gave for it."""
    box, office = t.mailbox(), t.sign_in()
    line = token_line(t, office)
    add(t, box, office)
    asked = [u for u in line.units if (u.side, u.name) == ("command", "POST token")]
    t.equal(len(asked), 1, "requests for tokens")
    t.equal(send_again(office, asked[0]), 400, "the answer to the replay")
    t.equal(len(office.events(box.address, what="revoked")), 1, "grants that were taken back")
    passed = sync(t, code=1)
    t.true("sign in again" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal(accounts(t)[0]["status"], "sign-in", "status")
    crmail(t, "account", "sign-in", "work", env=office.browser(box.address))
    t.equal(sync(t)["exit"], 0, "exit of a pass, after another sign-in")


def test_a_lost_answer_of_the_provider_does_not_ask_for_a_sign_in(t):
    """Whatever stands between answers with is no word of the provider's."""
    box, office = t.mailbox(), t.sign_in()
    line = token_line(t, office, client="crmail-short")
    began = time.time()
    add(t, box, office)
    wait_for_end(t, began)
    for status in (403, 500):
        line.at("command", "POST token", answer_instead(status), times=None)
        sync(t, code=1)
        line.clear()
        t.equal(accounts(t)[0]["status"], "error" if status == 403 else "offline", f"status after {status}")
    box.deliver(MAIL)
    passed = sync(t)
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")


def test_two_processes_at_once_spend_one_refresh(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure(client="crmail-short")
    began = time.time()
    add(t, box, office)
    wait_for_end(t, began)
    before = len(office.events(box.address, grant="refresh_token"))
    both = [
        subprocess.Popen(command(t, "sync", "--once"), env=t.environment(), stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    t.equal([process.wait(60) for process in both], [0, 0], "exits")
    t.equal(len(office.events(box.address, grant="refresh_token")) - before, 1, "refreshes")
    t.equal(office.events(box.address, what="refused", grant="refresh_token"), [], "refused")


def by_device(t, box):
    """A sign-in by a code on another device: (terminal, the code)."""
    term = Tmux(t, command(t, *add_words(box), "--device"), 200, 30)
    screen = term.wait("type this code there")
    return term, re.search(r"^ *([A-Z]{4}-[A-Z]{4})$", screen, re.M).group(1)


def test_a_device_waits_while_it_is_told_to(t):
    box, office = t.mailbox(), t.sign_in()
    line = token_line(t, office)
    slow = answer(400, b'{"error":"slow_down"}')
    line.at("answer", "POST auth", impatient)
    line.at("answer", "POST token", replace(slow))
    term, code = by_device(t, box)
    t.wait(lambda: line.count("answer", "POST token") >= 2, "slow down, and an answer after it", 40)
    pending = [u for u in line.units if u.side == "answer" and b"authorization_pending" in u.raw]
    t.true(len(pending) >= 2, f"what the provider said: {pending}")
    Browser().sign_in(f"{office.url}/device?user_code={code}", box.address)
    term.wait_end(seconds=60)
    t.equal(sync(t)["exit"], 0, "exit of a pass")


def test_a_device_code_that_nobody_types_expires(t):
    box, office = t.mailbox(), t.sign_in()
    office.configure(client="crmail-hasty")
    term, _ = by_device(t, box)
    term.wait_end(1, seconds=40)
    t.true("was not used in time: begin again." in term.errors(), f"words: {term.errors()}")
    t.equal(accounts(t), [], "accounts")


def test_a_provider_without_a_client_id_says_what_to_do(t):
    box, office = t.mailbox(), t.sign_in()
    done = crmail(t, "account", "add", "work", "--oauth", "google", "--email", box.address, code=2)
    t.true("client id" in done.err and "google.json" in done.err, f"words: {done.err}")
