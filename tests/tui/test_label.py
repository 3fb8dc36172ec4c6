"""A label set with `l` is a copy in that folder of the server, made once; taken off it is gone there only."""
import time

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120


def on_server(box, folder):
    """Subjects that another client sees in a folder."""
    conn = box.imap()
    try:
        conn.select(f'"{folder}"', readonly=True)
        found = conn.search(None, "ALL")[1][0].split()
        return [conn.fetch(n, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode().strip() for n in found]
    finally:
        conn.logout()


def test_a_label_is_a_copy_at_the_server(t):
    box = t.mailbox()
    conn = box.imap()
    conn.create("Offers")
    conn.logout()
    mail = letter("Laura <laura@client.test>", box.address, "price list", "Hello.\n", "<p@client.test>", time.time() - 600)
    box.append("INBOX", mail.as_bytes())
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("sync", "--once")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 30)
    term.wait("price list")
    term.keys("l")
    term.wait("Label:")
    term.type("off")
    term.keys("Enter")
    term.wait("Label set.")
    t.wait(lambda: on_server(box, "Offers") == ["Subject: price list"], "the copy in Offers")
    t.equal(on_server(box, "INBOX"), ["Subject: price list"], "what the inbox has")
    term.keys("g", "l")
    term.wait("Go to:")
    term.type("off")
    term.keys("Enter")
    term.wait(lambda s: "crmail  Offers" in s and "price list" in s)
    term.keys("l")
    term.wait("✓ Offers")
    term.keys("Enter")
    term.wait("Label removed.")
    t.wait(lambda: on_server(box, "Offers") == [], "Offers to be empty", 30)
    t.equal(on_server(box, "INBOX"), ["Subject: price list"], "what the inbox has afterwards")
    term.keys("q")
    term.wait_end()
    t.crmail("sync", "--once")
    t.equal(on_server(box, "INBOX"), ["Subject: price list"], "after another pass")
    t.equal(t.crmail("search", "subject:price", "--json").json["total"], 1, "the message is one")
