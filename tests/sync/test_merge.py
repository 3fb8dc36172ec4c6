"""What two clients do to the same mail while they cannot see each other: nothing of either is lost."""
import time

from support.letters import letter
from support.proxy import Proxy
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120
SUBJECT = "note number 1"


def away(t):
    """(mailbox, proxy, terminal): one message is on the screen, and the server is out of reach."""
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    box.deliver(
        letter(
            "Writer <w@elsewhere.test>",
            box.address,
            SUBJECT,
            "Body of the note.\n",
            "<note1@elsewhere.test>",
            time.time() - 1000,
        )
    )
    args = box.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{line.port}"
    t.crmail("account", "add", "work", *args, "--history", "all")
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(SUBJECT, 60)
    t.wait(lambda: state(t)["status"] == "connected", "the end of the first pass", 60)
    line.refuse()
    return box, line, term


def state(t):
    return t.crmail("status", "--json").json["accounts"][0]


def here(t, query="subject:note"):
    return [
        (m["folder"], m["unread"], m["starred"])
        for m in t.crmail("search", query, "--json").json["messages"]
    ]


def other_client(box, do):
    conn = box.imap()
    try:
        conn.select("INBOX")
        do(conn)
        conn.expunge()
    finally:
        conn.logout()


def back(t, line, term):
    """The server is there again; all that waited is done."""
    line.accept()
    term.keys("C-r")
    t.wait(
        lambda: (state(t)["status"], state(t)["ops"]) == ("connected", 0),
        "a pass with no change left",
        60,
    )


def test_flags_of_both_sides_meet(t):
    box, line, term = away(t)
    term.keys("s")
    t.wait(lambda: state(t)["ops"] == 1, "the star in the queue")
    other_client(box, lambda c: c.store("1", "+FLAGS", "(\\Seen \\Answered)"))
    back(t, line, term)
    t.equal(
        box.with_flags()[0][1] - {"\\Recent"}, {"\\Seen", "\\Answered", "\\Flagged"}, "on the server"
    )
    t.wait(lambda: here(t) == [("INBOX", False, True)], f"both changes here: {here(t)}")


def test_the_last_word_on_one_flag_is_the_users(t):
    """Read by both, then marked unread here: the server ends with unread."""
    box, line, term = away(t)
    term.keys("I")
    t.wait(lambda: state(t)["ops"] == 1, "the change in the queue")
    other_client(box, lambda c: c.store("1", "+FLAGS", "(\\Seen)"))
    line.accept()
    t.wait(lambda: state(t)["ops"] == 0, "the change on the server", 60)
    line.refuse()
    term.keys("U")
    other_client(box, lambda c: c.store("1", "+FLAGS", "(\\Flagged)"))
    back(t, line, term)
    t.equal(box.with_flags()[0][1] - {"\\Recent"}, {"\\Flagged"}, "on the server")
    t.wait(lambda: here(t) == [("INBOX", True, True)], f"both changes here: {here(t)}")


def test_a_star_follows_the_mail_that_another_client_moved(t):
    box, line, term = away(t)
    term.keys("s")
    t.wait(lambda: state(t)["ops"] == 1, "the star in the queue")
    other_client(box, lambda c: (c.copy("1", "Archive"), c.store("1", "+FLAGS", "\\Deleted")))
    back(t, line, term)
    t.equal(len(box.messages()), 0, "messages in the inbox")
    t.wait(
        lambda: ["\\Flagged" in flags for _, flags in box.with_flags("Archive")] == [True],
        "the star in the archive",
        60,
    )
    t.wait(lambda: here(t) == [("Archive", True, True)], f"one starred message here: {here(t)}")


def test_a_move_elsewhere_wins_over_a_move_here(t):
    """Archived here, put into Junk there: it is in Junk for both, once."""
    box, line, term = away(t)
    term.keys("e")
    t.wait(lambda: state(t)["ops"] == 1, "the move in the queue")
    other_client(box, lambda c: (c.copy("1", "Junk"), c.store("1", "+FLAGS", "\\Deleted")))
    back(t, line, term)
    t.equal(
        [len(box.messages(f)) for f in ("INBOX", "Archive", "Junk")], [0, 0, 1], "on the server"
    )
    t.wait(lambda: [f for f, _, _ in here(t)] == ["Junk"], f"one message here: {here(t)}")


def test_deleted_elsewhere_is_no_trouble(t):
    """The star of a mail that is gone for good is given up, and nothing else is."""
    box, line, term = away(t)
    term.keys("s")
    t.wait(lambda: state(t)["ops"] == 1, "the star in the queue")
    other_client(box, lambda c: c.store("1", "+FLAGS", "\\Deleted"))
    back(t, line, term)
    t.equal(here(t, "in:INBOX"), [], "messages in the inbox")
    t.equal(state(t).get("error"), None, "trouble told of")
