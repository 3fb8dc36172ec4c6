"""What was being written is never lost: however the program ends, and wherever the draft is changed."""
import contextlib
import json
import os
import signal
import sqlite3

from support.terminal import Pty

TIMEOUT = 90
NOW = 1795168800
ESC = "\x1b"


def with_maildir(t):
    """The home of a Maildir account; nothing of it needs a server."""
    for name in ("new", "cur", "tmp"):
        os.makedirs(t.path("mail", name, "x")[:-2], exist_ok=True)
    t.crmail(
        *("account", "add", "own", "--email", "minh@own.test"),
        *("--maildir", t.path("mail", "x")[:-2], "--sendmail", "/bin/true"),
    )
    return t.home()


def drafts(t):
    """[(recipients, subject, text)] of the drafts here."""
    with contextlib.closing(sqlite3.connect(f"{t.home()}/crmail.db")) as db:
        found = [json.loads(j) for (j,) in db.execute("SELECT draft_json FROM outbox WHERE state = 0")]
    return [(d["to"], d["subject"], d["text"]) for d in found]


WRITTEN = [("laura@partner.test", "Offer", "Dear Laura")]


def writing(t, env=None):
    """The program with a message half written in it."""
    term = Pty(t, [t.crmail_program, "--home", with_maildir(t)], env=env)
    term.wait("crmail  Inbox")
    term.send("c")
    term.wait("New message")
    for text in ("laura@partner.test", "\t", "Offer", "\t", "Dear Laura"):
        term.send(text)
        if text != "\t":
            term.wait(text)
    return term


def test_leaving_keeps_the_draft(t):
    term = writing(t)
    term.send(ESC)
    term.wait("Draft saved")
    t.wait(lambda: drafts(t) == WRITTEN, "the draft")
    term.send("Q")
    term.wait_end()
    t.equal(drafts(t), WRITTEN, "the draft")


def ends_by(t, number):
    term = writing(t)
    term.signal(number)
    term.wait_end()
    t.equal(drafts(t), WRITTEN, "the draft after the signal")


def test_sighup_keeps_the_draft(t):
    ends_by(t, signal.SIGHUP)


def test_sigterm_keeps_the_draft(t):
    ends_by(t, signal.SIGTERM)


def test_sigint_keeps_the_draft(t):
    ends_by(t, signal.SIGINT)


def test_a_lost_terminal_keeps_the_draft(t):
    t.equal(writing(t).hang_up(), 0, "exit status")
    t.equal(drafts(t), WRITTEN, "the draft")


def test_sigkill_loses_ten_seconds_at_most(t):
    clock = t.write("clock", f"{NOW}\n")
    term = writing(t, {"CRMAIL_TEST": f"clock={clock}"})
    t.equal(drafts(t), [], "drafts before ten seconds have passed")
    t.write("clock", f"{NOW + 10}\n")
    term.send("\t")  # any key ends the wait for the old clock
    t.wait(lambda: drafts(t) == WRITTEN, "the draft that saved itself")
    term.send(" and more")
    term.signal(signal.SIGKILL)
    term.wait_end(-signal.SIGKILL)
    t.equal(drafts(t), WRITTEN, "the draft after the kill")
    again = Pty(t, [t.crmail_program, "--home", t.home()])
    again.wait("crmail  Inbox")
    again.send("gd")
    again.wait("Offer")
    again.send("\r")
    again.wait("Dear Laura")
