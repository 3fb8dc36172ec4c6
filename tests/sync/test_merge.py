"""What two clients do to the same mail while they cannot see each other: nothing of either is lost."""
import re
import time

from support.letters import letter
from support.proxy import Proxy
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120
SUBJECT = "note number 1"


def away(t, older=0):
    """(mailbox, proxy, terminal): one message is on the screen, and so many older ones below it, and the server is
    out of reach."""
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    for n in range(older):
        at = time.time() - 2000 - 100 * n
        box.deliver(letter("w@elsewhere.test", box.address, f"older {n}", "Old.\n", f"<o{n}@elsewhere.test>", at))
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


def renumber(t, box):
    """The same mail under a new UIDVALIDITY, and each number is another message's by now."""
    path = f"{box.maildir}/dovecot-uidlist"
    with open(path, encoding="utf-8") as f:
        head, *rows = f.read().splitlines()
    uids, names = zip(*(row.split(" ", 1) for row in rows))
    head = re.sub(r" V(\d+) ", lambda m: f" V{int(m[1]) + 7} ", head, count=1)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join([head, *map(" ".join, zip(uids, reversed(names)))]) + "\n")
    t.run(["sh", "-c", f"rm -f {box.maildir}/dovecot.index*"])


def on_server(box, folder):
    """{subject: flags} there."""
    return {
        re.search(rb"(?m)^Subject: (.*?)\r?$", raw)[1].decode(): flags - {"\\Recent"}
        for raw, flags in box.with_flags(folder)
    }


def test_changes_that_wait_find_their_mail_renumbered(t):
    """A star and a move wait while every number becomes another message's: no other mail gets either."""
    box, line, term = away(t, 4)
    term.wait("older 3")
    term.keys("s")
    t.wait(lambda: state(t)["ops"] == 1, "the star in the queue")
    term.keys("j", "e")
    t.wait(lambda: state(t)["ops"] == 2, "the move in the queue")
    renumber(t, box)
    back(t, line, term)
    inbox = {"older 0": set(), "older 1": set(), "older 2": set(), SUBJECT: {"\\Flagged"}}
    t.equal(on_server(box, "INBOX"), inbox, "the inbox on the server")
    t.equal(on_server(box, "Archive"), {"older 3": set()}, "the archive on the server")
    t.wait(lambda: here(t) == [("INBOX", True, True)], f"the star here: {here(t)}")
    t.equal(len(here(t, "in:INBOX")), 4, "messages in the inbox here")
