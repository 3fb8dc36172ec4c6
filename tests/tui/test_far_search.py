"""A search goes on at the server: mail older than what is synced follows in the same list, once, and stays."""
import time

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 120
DAY = 86400


def put(box, folder, number, subject, body, age_days):
    at = time.time() - age_days * DAY
    mail = letter("Laura <laura@client.test>", box.address, subject, body, f"<n{number}@client.test>", at)
    box.append(folder, mail.as_bytes(), received=at)


def test_the_server_goes_on_where_the_local_answer_ends(t):
    box = t.mailbox()
    crm = t.crm(contacts=[{"id": "C1", "first_name": "Laura", "email": "laura@client.test"}])
    put(box, "INBOX", 1, "a new offer", "with a quokka in it\n", 1)
    put(box, "INBOX", 2, "an old offer", "with an older quokka in it\n", 300)
    put(box, "INBOX", 3, "something else", "about nothing\n", 301)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "7")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all", "--set", "log.mode=known")
    t.crmail("sync", "--once")
    t.equal(t.crmail("search", "quokka", "--json").json["total"], 1, "what is here before")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 30)
    term.wait("a new offer")
    term.keys("/")
    term.type("quokka")
    term.wait("1 message")
    screen = term.wait("an old offer")
    lines = screen.split("\n")
    new, old = (next(i for i, l in enumerate(lines) if s in l) for s in ("a new offer", "an old offer"))
    t.true(new < old, "the server's answer stands behind the local one")
    t.true("⇣" in lines[old], "it is marked")
    term.keys("Enter", "Down", "Enter")
    term.wait("with an older quokka in it")
    term.keys("q")
    term.wait("crmail  Search")
    term.keys("Escape", "Escape")
    term.wait("crmail  Inbox")
    term.keys("q")
    term.wait_end()
    for _ in range(2):
        t.crmail("sync", "--once")
    t.equal(t.crmail("search", "quokka", "--json").json["total"], 2, "found mail stays, once")
    subjects = sorted(a["subject"] for a in crm.activities())
    t.equal(subjects, ["a new offer"], "what is logged")

