"""Sending through a relay: once, also when its answer is lost, and only what it can carry."""
import os
import shlex
import signal
import sys
import time

from support.later import Later
from support.letters import letter
from support.oidcserver import BROWSER
from support.relaystub import KEY, USER, Relay
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180


def connected(t):
    """(box, relay): an account whose mail goes out through the relay alone."""
    box = t.mailbox()
    relay = Relay(t, box.address)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("account", "relay", "work", *relay.words)
    return box, relay


def start(t, env=None):
    t.send_at_once()
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env=env)
    term.wait("The inbox is empty.", 60)
    return term


def write(term, to, subject, cc=None):
    term.keys("c")
    term.wait("New message")
    term.type(to)
    term.keys("Tab")
    if cc:
        term.keys("M-c")
        term.wait("Bcc")
        term.type(cc)
        term.keys("Tab", "Tab")
    term.type(subject)
    term.keys("Tab")
    term.type("Good morning.")
    term.wait("Good morning.")
    term.keys("M-s")
    term.wait("Send to")
    term.keys("Enter")


def outbox(t):
    return t.crmail("outbox", "--json").json["messages"]


def state(t, wanted):
    """The mail, once it has that state."""
    found = t.wait(lambda: [m for m in outbox(t) if m["state"] == wanted], f"a mail that is {wanted}", 90)
    return found[0]


def test_a_mail_goes_through_the_relay(t):
    box, relay = connected(t)
    term = start(t)
    write(term, "laura@client.test", "Grüße")
    state(t, "sent")
    sent = relay.sent[0]
    t.equal((sent["to"], sent["subject"]), (["laura@client.test"], "Grüße"), "recipient and subject")
    t.equal((sent["from_email"], sent["provider"]), (box.address, "gmail"), "sender and provider")
    t.equal(sent["body"].strip(), "Good morning.", "the text")
    t.equal(len(relay.sent), 1, "letters")


def test_what_it_cannot_carry_is_refused_before(t):
    _, relay = connected(t)
    term = start(t)
    write(term, "laura@client.test", "two of you", cc="paul@client.test")
    failed = state(t, "refused")
    t.true("no Cc or Bcc" in failed["error"], f"in one sentence: {failed['error']}")
    t.true(not any("messages" in x for x in relay.asked), "nothing was handed over")


def test_its_no_is_told_with_its_words(t):
    _, relay = connected(t)
    relay.wishes = [(422, {"error": "recipient is suppressed"})]
    term = start(t)
    write(term, "laura@client.test", "no")
    failed = state(t, "refused")
    t.true("recipient is suppressed" in failed["error"], f"its words: {failed['error']}")
    t.equal(failed["recipients"][0]["state"], "refused", "the recipient")


def test_a_lost_answer_is_settled_by_the_report(t):
    _, relay = connected(t)
    relay.wishes = ["lost"]
    term = start(t)
    write(term, "laura@client.test", "lost")
    state(t, "sent")
    t.equal(len(relay.sent), 1, "letters")


def test_killed_before_the_answer_it_is_not_sent_again(t):
    _, relay = connected(t)
    term = start(t)
    host = t.crmail("status", "--json").json["host"]["pid"]
    relay.wishes = [lambda: os.kill(host, signal.SIGKILL)]
    write(term, "laura@client.test", "killed")
    t.wait(lambda: relay.sent, "the letter", 60)
    term.wait_end(-signal.SIGKILL)
    start(t)
    state(t, "sent")
    t.equal(len(relay.sent), 1, "letters")


def test_an_earlier_letter_of_the_same_words_settles_nothing(t):
    _, relay = connected(t)
    relay.sent.append({"to": ["laura@client.test"], "subject": "again"})
    relay.wishes = ["swallowed"]
    clock = Later(t)
    term = start(t, clock.env)
    write(term, "laura@client.test", "again")
    state(t, "handed")
    clock.ahead = 61
    state(t, "unknown")
    t.equal(len(relay.sent), 1, "it was not sent, and is not sent by itself")


def test_a_relay_that_is_gone_leaves_the_question(t):
    """Nobody can be asked any more, and the account goes on."""
    box, relay = connected(t)
    relay.wishes = ["swallowed"]
    term = start(t)
    write(term, "laura@client.test", "gone")
    state(t, "handed")
    t.crmail("account", "relay", "work", "--off")
    doubt = state(t, "unknown")
    t.true("not set up any more" in doubt["error"], f"why: {doubt['error']}")
    customer = t.mailbox("laura")
    box.deliver(letter(customer.address, box.address, "still read", "Here.\n", "<still@client.test>", time.time()))
    term.keys("C-r")
    term.wait("still read", 60)
    t.crmail("outbox", "was-sent", doubt["id"])
    state(t, "sent")


def test_a_relay_that_is_away_holds_up_no_reading(t):
    """It took a letter and cannot be asked: mail comes all the same, and the doubt is told."""
    box, relay = connected(t)
    relay.wishes = ["swallowed"]
    clock = Later(t)
    term = start(t, clock.env)
    write(term, "laura@client.test", "away")
    state(t, "handed")
    relay.is_away = True
    clock.ahead = 61
    failed = state(t, "unknown")
    t.true("cannot be asked" in failed["error"], f"why: {failed['error']}")
    box.deliver(letter("laura@client.test", box.address, "still read", "Here.\n", "<still@client.test>", time.time()))
    term.keys("C-r")
    term.wait("still read", 60)


def test_without_a_report_the_user_is_asked(t):
    _, relay = connected(t)
    relay.has_report = False
    relay.wishes = ["lost"]
    term = start(t)
    write(term, "laura@client.test", "lost")
    doubt = state(t, "unknown")
    t.crmail("outbox", "was-sent", doubt["id"])
    state(t, "sent")
    t.equal(len(relay.sent), 1, "letters")


def test_asked_to_slow_down_it_is_sent_later(t):
    _, relay = connected(t)
    relay.wishes = [(429, {"error": "slow"})]
    term = start(t)
    write(term, "laura@client.test", "slow")
    waiting = t.wait(lambda: [m for m in outbox(t) if m["attempts"] == 1 and m["state"] == "queued"], "a try", 60)
    t.true("slow down" in waiting[0]["error"], f"why: {waiting[0]['error']}")
    t.equal(relay.sent, [], "letters")
    term.keys("C-r")
    t.crmail("outbox", "send", waiting[0]["id"])
    state(t, "sent")
    t.equal(len(relay.sent), 1, "letters")


def let_in(t, relay, code=0):
    env = {
        "BROWSER": BROWSER,
        "SIGN_IN_AS": "x",
        "SIGN_IN_ACTION": "approve",
        "SIGN_IN_PAGE": t.path("page"),
        "SIGN_IN_PYTHON": sys.executable,
    }
    return t.crmail("account", "relay", "work", *relay.words, code=code, env=env)


def page(t):
    with open(t.path("page"), encoding="utf-8") as f:
        return f.read()


def test_the_browser_lets_it_in(t):
    box = t.mailbox()
    relay = Relay(t, box.address, is_connected=False)
    t.crmail("account", "add", "work", *box.account_args())
    relay.denies = True
    refused = let_in(t, relay, code=1)
    t.true("Access was not granted" in refused.err, f"what it says: {refused.err}")
    relay.denies = False
    let_in(t, relay)
    t.true(relay.is_connected, "it was let in")
    t.wait(lambda: "You are signed in" in page(t), "the page that the browser ends at")


def test_a_browser_elsewhere_cannot_let_in_another(t):
    """An answer with another state is nobody's: only the right one ends the wait."""
    box = t.mailbox()
    relay = Relay(t, box.address, is_connected=False)
    relay.forges = True
    t.crmail("account", "add", "work", *box.account_args())
    let_in(t, relay)
    t.equal(relay.finished, [relay.code], "codes that were handed on")


def test_another_mailbox_or_key_is_refused(t):
    box = t.mailbox()
    t.crmail("account", "add", "work", *box.account_args())
    other = Relay(t, "somebody@else.test")
    told = t.crmail("account", "relay", "work", *other.words, code=1)
    t.true("another mailbox" in told.err, f"what it says: {told.err}")
    locked = Relay(t, box.address)
    locked.key = "another"
    told = t.crmail("account", "relay", "work", *locked.words, code=1)
    t.true("did not accept the key" in told.err, f"what it says: {told.err}")
    t.true("relay-key" not in told.err, "the key is not shown")


def test_off_the_mail_goes_as_before(t):
    box, relay = connected(t)
    customer = t.mailbox("laura")
    t.crmail("account", "relay", "work", "--off")
    term = start(t)
    write(term, customer.address, "direct")
    t.wait(customer.messages, "the mail", 60)
    t.equal(relay.sent, [], "letters through the relay")
    t.true(box.address, "the account is still there")


def test_a_key_is_saved_like_a_password(t):
    box = t.mailbox()
    relay = Relay(t, box.address)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    files = [t.write("key", KEY + "\n"), t.write("passphrase", "correct horse battery\n")]

    def with_both(*args, code=0):
        words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "4", *args]
        line = f"exec {shlex.join(words)} 3<{shlex.quote(files[0])} 4<{shlex.quote(files[1])}"
        return t.run(["sh", "-c", line], code=code)

    keyless = ["account", "relay", "work", "--url", relay.url, "--user", USER]
    told = t.crmail(*keyless, code=2)
    t.true("--password-fd" in told.err, f"what it says: {told.err}")
    with_both(*keyless, "--password-fd", "3")
    t.true("work\trelay\tfile" in t.crmail("secrets").out, "where the key lies")
    with_both("account", "relay", "work", "--off")
    t.true("relay" not in t.crmail("secrets").out, "it is forgotten")
