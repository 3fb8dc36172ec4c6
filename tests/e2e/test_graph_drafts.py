"""Drafts of a Microsoft 365 mailbox, from both sides, and mail that is too large for one request."""
import hashlib
import time

from support.graphdesk import GraphDesk
from support.terminal import Tmux

TIMEOUT = 120


def screen(t):
    """The program without the sign-in, an hour ago: what is written waits for a pass."""
    clock = t.write("clock", f"{int(time.time()) - 3600}\n")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env={"CRMAIL_TEST": f"clock={clock}"})
    term.wait("Passphrase of the saved passwords")
    term.keys("Escape")
    term.wait(lambda s: "Passphrase of the saved passwords" not in s)
    return term


def write(term, text, to="laura@partner.test"):
    term.keys("c")
    term.wait("New message")
    for part in (to, "Tab", "Offer", "Tab", text):
        if part == "Tab":
            term.keys("Tab")
        else:
            term.type(part)
            term.wait(part)


def leave(term):
    term.keys("Escape")
    term.wait("Draft saved")
    term.keys("Q")
    term.wait_end()


def go_on(t, desk, more):
    """The draft is opened again, and more is written."""
    term = screen(t)
    term.keys("g", "d")
    term.wait("Offer")
    term.keys("Enter")
    term.wait("Subject  ")
    term.keys("C-End")
    term.type(more)
    term.wait(more)
    leave(term)


def at_microsoft(desk):
    """The texts of the drafts there, by folder."""
    drafts = [m for m in desk.stub.messages.values() if m.is_draft]
    return sorted((desk.stub.path(m.folder), m.raw.partition(b"\r\n\r\n")[2]) for m in drafts)


def own(desk):
    return desk.query("SELECT count(*) FROM outbox WHERE state = 0")[0][0]


def drafted(t):
    """A draft that lies at both sides."""
    desk = GraphDesk(t)
    desk.add()
    desk.sync()
    term = screen(t)
    write(term, "Dear Laura")
    leave(term)
    desk.sync()
    there = at_microsoft(desk)
    t.equal([f for f, _ in there], ["Drafts"], "drafts there")
    t.true(b"Dear Laura" in there[0][1], f"its text: {there}")
    desk.sync()
    return desk


def test_a_draft_lies_there_in_its_last_version(t):
    desk = drafted(t)
    go_on(t, desk, " and more")
    desk.sync()
    there = at_microsoft(desk)
    t.equal([f for f, _ in there], ["Drafts"], "drafts there")
    t.true(b"and more" in there[0][1], f"its text: {there}")
    t.equal(len([s for s in desk.stub.state() if s[0] == "Deleted Items"]), 0, "old versions among what was deleted")
    t.equal((own(desk), desk.sync()["accounts"][0]["new"]), (1, 0), "drafts here, and new mail")


def test_where_nothing_can_be_deleted_for_good_old_versions_lie_among_what_was_deleted(t):
    desk = drafted(t)
    go_on(t, desk, " and more")
    desk.stub.fault("POST", "/permanentDelete", 405, "Request_BadRequest", times=9)
    desk.sync()
    t.equal([f for f, _ in at_microsoft(desk)], ["Deleted Items", "Drafts"], "drafts there")
    t.true(b"and more" in at_microsoft(desk)[1][1], "the last version")


def test_a_draft_that_went_on_elsewhere_is_that_one(t):
    desk = drafted(t)
    ident = next(i for i, m in desk.stub.messages.items() if m.is_draft)
    raw = desk.stub.messages[ident].raw.replace(b"Dear Laura", b"Dear Laura, from Outlook")
    desk.stub.change(ident, raw=raw)
    for _ in range(3):
        desk.sync()
    t.equal(own(desk), 0, "ours has gone")
    t.true(b"from Outlook" in at_microsoft(desk)[0][1], "theirs is there")
    t.equal(len(at_microsoft(desk)), 1, "drafts there")
    t.equal(desk.query("SELECT count(*) FROM placement p JOIN folder f ON f.id = p.folder WHERE f.role = 3"), [(1,)], "here")


def test_a_draft_changed_on_both_sides_is_kept_twice(t):
    desk = drafted(t)
    ident = next(i for i, m in desk.stub.messages.items() if m.is_draft)
    go_on(t, desk, " and more")
    raw = desk.stub.messages[ident].raw.replace(b"Dear Laura", b"Dear Laura, from Outlook")
    desk.stub.change(ident, raw=raw)
    for _ in range(3):
        desk.sync()
    texts = b"".join(text for _, text in at_microsoft(desk))
    t.equal((len(at_microsoft(desk)), own(desk)), (2, 1), "drafts there, and ours")
    t.true(b"from Outlook" in texts and b"and more" in texts, f"both: {texts}")


def test_a_large_mail_goes_out_in_pieces(t):
    desk = GraphDesk(t)
    desk.add()
    desk.sync()
    large = bytes(n % 251 for n in range(7_000_001))
    small = b"a,b\n1,2\n" * 1000
    t.send_at_once()
    term = screen(t)
    write(term, "Dear Laura")
    for name, data in (("large.bin", large), ("small.csv", small)):
        path = t.write(name, data)
        term.paste(path)
        term.wait(f"Attach {name}")
        term.keys("Enter")
        term.wait(f"{name}  ")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: t.crmail("outbox", "--json").json["messages"], "the mail in the outbox")
    term.keys("Q")
    term.wait("not been sent yet")
    term.keys("k")
    term.wait_end()
    desk.sync()
    t.equal(len(desk.stub.sent), 1, "mails that went out")
    ident = next(i for i, m in desk.stub.messages.items() if m.is_own)
    files = {p.get_filename(): p.get_payload(decode=True) for p in desk.stub.parts(ident)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    want = {"large.bin": hashlib.sha256(large).hexdigest(), "small.csv": hashlib.sha256(small).hexdigest()}
    t.equal(digests, want, "its files")
    t.equal(desk.stub.asked("POST", "createUploadSession"), 1, "upload sessions")
    t.true(b"Dear Laura" in desk.stub.sent[0][1], "its text")
