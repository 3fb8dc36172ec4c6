"""What was being written is never lost: however the program ends, and wherever the draft is changed."""
import contextlib
import json
import os
import signal
import sqlite3

from support.letters import parse
from support.proxy import Proxy, cut
from support.terminal import Pty

NEEDS = ("mail",)
TIMEOUT = 120
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


# ---- the server's Drafts


def connected(t):
    """(mailbox, line to its IMAP server) of an account of the test's."""
    box = t.mailbox("minh")
    line = Proxy(t, box, "imap")
    args = box.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{line.port}"
    t.crmail("account", "add", "work", *args, "--history", "all")
    return box, line


def started(t):
    term = Pty(t, [t.crmail_program, "--home", t.home()])
    term.wait("crmail  Inbox")
    return term


def write(term, text, to="laura@partner.test"):
    term.send("c")
    term.wait("New message")
    for part in (to, "\t", "Offer", "\t", text):
        term.send(part)
        if part != "\t":
            term.wait(part)


def open_draft(term, holds="Offer"):
    term.send("gd")
    term.wait(holds)
    term.send("\r")
    term.wait("Subject  ")


def leave(term):
    term.send(ESC)
    term.wait("Draft saved")


def quit_program(term):
    term.send("Q")
    term.wait_end()


def at_server(box):
    """[(text, is a draft)] of what lies in the server's Drafts."""
    return [
        (parse(raw).get_content().strip(), "\\Draft" in flags) for raw, flags in box.with_flags("Drafts")
    ]


def one_pass(t):
    return t.crmail("sync", "--once", "--json", code=None, seconds=100).json["accounts"][0]


def rows(t):
    return [(m["state"], m.get("error")) for m in t.crmail("outbox", "--json").json["messages"]]


def replace_elsewhere(box, text):
    """Another client goes on with the only draft: a new version comes, the old one goes."""
    old = box.messages("Drafts")[0]
    new = old.replace(b"Dear Laura", text).replace(b"Message-ID: <", b"Message-ID: <other.")
    conn = box.imap()
    conn.select("Drafts")
    conn.uid("STORE", conn.uid("SEARCH", "ALL")[1][0].decode(), "+FLAGS", "(\\Deleted)")
    conn.expunge()
    conn.logout()
    box.append("Drafts", new, "\\Draft")


def test_a_draft_lies_at_the_server_in_its_last_version(t):
    box, _ = connected(t)
    laura = t.mailbox("laura")
    term = started(t)
    write(term, "Dear Laura", laura.address)
    leave(term)
    t.wait(lambda: at_server(box) == [("Dear Laura", True)], "the draft at the server")
    open_draft(term)
    term.wait("Dear Laura")
    term.send("Hello and ")
    term.wait("Hello and")
    leave(term)
    t.wait(lambda: at_server(box) == [("Hello and Dear Laura", True)], "the second version")
    open_draft(term)
    term.wait("Hello and")
    term.send(ESC + "s")  # Alt-S
    term.wait("Send to 1 person?")
    term.send("\r")
    t.wait(laura.messages, "the mail", 40)
    t.wait(lambda: at_server(box) == [], "the copy of the draft to go")
    quit_program(term)
    one_pass(t)
    t.equal((len(laura.messages()), len(box.messages("Sent")), at_server(box)), (1, 1, []), "mail")


def test_a_draft_thrown_away_goes_at_the_server_too(t):
    box, _ = connected(t)
    term = started(t)
    write(term, "Dear Laura")
    leave(term)
    t.wait(lambda: at_server(box), "the draft at the server")
    term.send("gd")
    term.wait("Offer")
    term.send("#")
    term.wait("No drafts.")
    t.wait(lambda: at_server(box) == [], "the copy to go")
    quit_program(term)


def test_a_draft_begun_elsewhere_goes_on_here(t):
    box, _ = connected(t)
    text = (
        f"From: {box.address}\nTo: laura@partner.test\nSubject: From the phone\nMessage-ID: <p@x.test>\n"
        "Date: Fri, 20 Nov 2026 09:00:00 +0000\n\nOn my way.\n"
    )
    box.append("Drafts", text.encode(), "\\Draft")
    one_pass(t)
    term = started(t)
    open_draft(term, "From the phone")
    term.wait("On my way.")
    term.send("Soon. ")
    term.wait("Soon. On my way.")
    leave(term)
    t.wait(lambda: at_server(box) == [("Soon. On my way.", True)], "our version in its place")
    quit_program(term)
    t.equal([s for s, _ in rows(t)], ["draft"], "rows here")


def left_and_synced(t, box):
    term = started(t)
    write(term, "Dear Laura")
    leave(term)
    t.wait(lambda: at_server(box) == [("Dear Laura", True)], "the draft at the server")
    quit_program(term)
    one_pass(t)  # has seen it there


def test_a_draft_changed_elsewhere_alone_is_the_other_one(t):
    box, _ = connected(t)
    left_and_synced(t, box)
    replace_elsewhere(box, b"Dear Mrs Palmer")
    one_pass(t)
    t.equal((at_server(box), rows(t)), ([("Dear Mrs Palmer", True)], [("cancelled", None)]), "drafts")
    term = started(t)
    open_draft(term)
    term.wait("Dear Mrs Palmer")
    leave_unchanged(term)
    t.equal(at_server(box), [("Dear Mrs Palmer", True)], "what was only looked at")


def leave_unchanged(term):
    term.send(ESC)
    term.wait("crmail  Drafts")
    quit_program(term)


def test_a_draft_changed_on_both_sides_is_kept_twice(t):
    box, line = connected(t)
    left_and_synced(t, box)
    line.refuse()
    line.cut_all()
    term = started(t)
    open_draft(term)
    term.wait("Dear Laura")
    term.send("Ours: ")
    term.wait("Ours: Dear Laura")
    leave(term)
    quit_program(term)
    replace_elsewhere(box, b"Theirs")
    line.accept()
    for _ in range(3):
        one_pass(t)
    t.equal(sorted(at_server(box)), [("Ours: Dear Laura", True), ("Theirs", True)], "at the server")
    t.equal(
        rows(t),
        [("draft", "This draft was also changed elsewhere: both versions are kept.")],
        "what is said of it",
    )


def test_a_lost_answer_to_append_makes_no_second_draft(t):
    box, line = connected(t)
    line.at("answer", "APPEND", cut)
    term = started(t)
    write(term, "Dear Laura")
    leave(term)
    t.wait(lambda: line.breaks, "the lost answer", 40)
    quit_program(term)
    for _ in range(2):
        one_pass(t)
    t.equal((line.breaks, at_server(box)), (1, [("Dear Laura", True)]), "breaks and drafts")


def test_a_maildir_holds_the_draft_too(t):
    with_maildir(t)
    folder = t.path("mail", ".Drafts", "cur", "x")[:-2]

    def held():
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        found = []
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                found.append((parse(f.read()).get_content().strip(), "D" in name.split(":2,")[1]))
        return found

    term = started(t)
    write(term, "Dear Laura")
    leave(term)
    t.wait(lambda: held() == [("Dear Laura", True)], "the draft in the Maildir")
    open_draft(term)
    term.wait("Dear Laura")
    term.send("Hello and ")
    leave(term)
    t.wait(lambda: held() == [("Hello and Dear Laura", True)], "the second version")
    quit_program(term)
