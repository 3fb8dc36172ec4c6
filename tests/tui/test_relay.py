"""A relay on the accounts screen: let in with the browser, its key saved like a password, and gone again."""
import contextlib
import glob
import os
import sqlite3
import sys

from support.oidcserver import BROWSER
from support.relaystub import KEY, USER, Relay
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180
PASSPHRASE = "correct horse battery"


def start(t):
    t.send_at_once()
    env = {"BROWSER": BROWSER, "SIGN_IN_AS": "x", "SIGN_IN_PAGE": t.path("page"), "SIGN_IN_PYTHON": sys.executable}
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env=env)
    return term


def settings(t):
    with contextlib.closing(sqlite3.connect(f"{t.home()}/crmail.db")) as db:
        rows = db.execute("SELECT key, value FROM account_setting WHERE key LIKE 'relay%'").fetchall()
    return dict(rows)


def send(t, term, to, subject, count):
    term.keys("c")
    term.wait("New message")
    term.type(to)
    term.keys("Tab")
    term.type(subject)
    term.keys("Tab")
    term.type("Good morning.")
    term.wait("Good morning.")
    term.keys("M-s")
    term.wait("Send to")
    term.keys("Enter")

    def sent():
        return [m["state"] for m in t.crmail("outbox", "--json").json["messages"]].count("sent") == count

    t.wait(sent, "it sent", 90)


def test_a_relay_comes_and_goes_on_the_accounts_screen(t):
    box, customer = t.mailbox(), t.mailbox("laura")
    relay = Relay(t, box.address, is_connected=False)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    term = start(t)
    term.wait("The inbox is empty.", seconds=60)
    term.keys("g", "A", "R")
    term.wait("Relay of work")
    term.type(relay.url)
    term.keys("Tab")
    term.type(USER)
    term.keys("Tab")
    term.type("not the key")
    term.keys("M-s")
    term.wait("▸ Passphrase")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab", "Enter")
    term.wait("The relay did not accept the key.")
    t.equal(settings(t), {}, "settings after a refusal")
    term.keys("Escape")
    term.wait("Relay of work")
    term.keys("C-u")
    term.type(KEY)
    term.keys("M-s")
    term.wait("▸ Passphrase")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab", "Enter")
    term.wait("goes out through the relay from now on.", seconds=60)
    term.wait("sends through http://127.0.0.1")
    t.equal(relay.finished, [relay.code], "let in once")
    kept = settings(t)
    t.equal(set(kept), {"relay", "relay_user", "relay_secret"}, "settings")
    for path in glob.glob(f"{t.home()}/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                t.true(KEY.encode() not in f.read(), f"the key in {path}")
    t.true("work\trelay\tfile" in t.crmail("secrets").out, "where the key lies")
    term.keys("g", "i")
    send(t, term, customer.address, "through it", 1)
    t.equal([x["subject"] for x in relay.sent], ["through it"], "letters of the relay")
    term.keys("g", "A", "R")
    term.wait("Send without it again")
    term.keys("Up", "Enter")
    term.wait("without the relay again.")
    t.equal(settings(t), {}, "settings afterwards")
    term.keys("g", "i")
    send(t, term, customer.address, "direct", 2)
    t.wait(customer.messages, "the mail", 60)
    t.equal(len(relay.sent), 1, "letters of the relay")
