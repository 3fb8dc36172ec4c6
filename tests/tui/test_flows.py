"""A day at the keyboard, in tmux, at three sizes: reading, searching, tidying up, undoing."""
import os

from support.letters import letter, parse
from support.terminal import Tmux, leave

TIMEOUT = 120
CLOCK = 1_793_000_000
SIZES = ((80, 24), (120, 40), (200, 50))
TREES = (
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Ginkgo",
    "Hazel",
    "Ironwood",
    "Juniper",
    "Katsura",
    "Larch",
)


def subject(i):
    return f"{TREES[i]} delivery note"


def mailbox(t, sendmail="cat > /dev/null"):
    """Twelve conversations, Alder the newest; the one about Birch has an answer with a quotation."""
    root = os.path.dirname(t.path("mail", "cur", "x"))
    for i, tree in enumerate(TREES):
        when = CLOCK - 3600 * (i + 1)
        mail = letter(
            f"{tree} Person <{tree.lower()}@wood.example>",
            "minh@ourfirm.example",
            subject(i),
            f"Hello,\n\nthis is about the {tree.lower()} planks, lot number {i}.\n\nRegards\n",
            f"<{tree}@wood.example>",
            when,
        )
        t.write(f"mail/cur/{when}.{i}.x:2,{'S' if i > 2 else ''}", mail.as_bytes())
    answer = letter(
        "Birch Person <birch@wood.example>",
        "minh@ourfirm.example",
        "Re: " + subject(1),
        "A second thought.\n\nOn an earlier day someone wrote:\n"
        + "".join(f"> quoted line {i}\n" for i in range(8)),
        "<Birch2@wood.example>",
        CLOCK - 7100,
        in_reply_to="<Birch@wood.example>",
        references="<Birch@wood.example>",
    )
    t.write(f"mail/cur/{CLOCK - 7100}.b.x:2,S", answer.as_bytes())
    for name in ("new", "tmp"):
        os.makedirs(os.path.join(os.path.dirname(root), name))
    t.crmail(
        "account",
        "add",
        "work",
        "--email",
        "minh@ourfirm.example",
        "--maildir",
        os.path.dirname(root),
        "--sendmail",
        sendmail,
        "--history",
        "all",
    )
    t.crmail("sync", "--once", "--json")


def start(t, size, *more):
    env = {"CRMAIL_TEST": "clock=" + t.write("clock", str(CLOCK))}
    return Tmux(t, [t.crmail_program, "--home", t.home(), *more], *size, env)


def rows_with(screen, word):
    return [line for line in screen.split("\n") if word in line]


def first_of(screen):
    """Which conversation stands highest on the screen."""
    return next(
        (tree for line in screen.split("\n") for tree in TREES if f"{tree} delivery" in line), None
    )


def each_size(t, flow):
    mailbox(t)
    for size in SIZES:
        term = start(t, size)
        # what is compared with the screen later does not say that mail is being looked for
        term.wait(lambda s: subject(0) in s and "just now" in s)
        flow(t, term, size)
        leave(t, term)


def test_reading(t):
    """Down, into a conversation, quotations folded and unfolded, next conversation, and back to the same row."""

    def flow(t, term, size):
        t.equal(first_of(term.screen()), "Alder", f"top of the inbox at {size}")
        term.keys("j", "Enter")
        screen = term.wait("A second thought")
        t.true("> quoted line 5" not in screen, f"the quotation is folded at {size}:\n{screen}")
        term.keys("n", '"')
        term.wait("quoted line 5")
        term.keys("J")
        term.wait("cedar planks")
        term.keys("K")
        term.wait("A second thought")
        term.keys("q")
        term.wait(subject(0))

    each_size(t, flow)


def test_archive_and_undo(t):
    def flow(t, term, size):
        term.keys("j", "j")
        term.keys("e")
        term.wait(lambda s: not rows_with(s, subject(2)) and rows_with(s, subject(0)))
        term.keys("z")
        term.wait(subject(2))
        t.equal(first_of(term.screen()), "Alder", f"order after undo at {size}")

    each_size(t, flow)


def test_star_goes_to_starred_and_comes_back(t):
    def flow(t, term, size):
        term.keys("j", "j", "j", "s", "g", "s")
        term.wait(lambda s: rows_with(s, subject(3)) and not rows_with(s, subject(0)))
        term.keys("g", "i")
        term.wait(subject(0))
        term.keys("j", "j", "j", "s", "g", "s")
        term.wait(lambda s: not rows_with(s, subject(3)))
        term.keys("g", "i")
        term.wait(subject(0))

    each_size(t, flow)


def test_search_as_you_type_and_back_to_the_place_left(t):
    def flow(t, term, size):
        term.keys("j", "j")
        before = term.wait(lambda s: "Cedar Person" in s.split("\n")[-2])
        term.keys("/")
        term.type("haz")
        term.wait(lambda s: rows_with(s, subject(7)) and not rows_with(s, subject(0)))
        term.type("el from:hazel planks")
        term.wait(lambda s: rows_with(s, subject(7)) and not rows_with(s, subject(0)))
        term.keys("Enter")
        term.keys("Escape")
        term.wait(lambda s: s == before)

    each_size(t, flow)


def test_help_and_palette(t):
    def flow(t, term, size):
        before = term.screen()
        term.keys("?")
        term.wait(lambda s: s != before and "rchive" in s)
        term.keys("Escape")
        term.wait(lambda s: s == before)
        term.keys(":")
        term.type("starr")
        term.wait(lambda s: "tarred" in s and s != before)
        term.keys("Escape")
        term.wait(lambda s: s == before)

    each_size(t, flow)


def test_unread_marks_follow_reading(t):
    """U and I change the row at once, and what was read stays read after a restart."""

    def flow(t, term, size):
        before = rows_with(term.screen(), subject(5))
        term.keys("j", "j", "j", "j", "j", "U", "g", "g")
        term.wait(lambda s: rows_with(s, subject(5)) and rows_with(s, subject(5)) != before)
        term.keys("j", "j", "j", "j", "j", "I", "g", "g")
        term.wait(lambda s: rows_with(s, subject(5)) == before)

    each_size(t, flow)


def test_a_reply_goes_out_through_sendmail_once(t):
    """The whole way with a Maildir account: written, sent once, one copy in Sent, and not again after a restart."""
    out = t.path("outgoing")
    program = t.write("sendmail.sh", f'#!/bin/sh\ncat >> "{out}"\n')
    os.chmod(program, 0o755)
    mailbox(t, program)
    t.send_at_once()
    term = start(t, (120, 40))
    term.wait(subject(0))
    term.keys("Enter")
    term.wait("alder planks")
    term.keys("r")
    term.wait("Re: " + subject(0))
    term.type("Thank you for the planks.")
    term.wait("Thank you for the planks.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    term.wait("Sending to 1 person")
    clock_on(t, 60)
    t.wait(lambda: os.path.exists(out) and "Thank you" in read(out), "the mail at sendmail", 40)
    t.wait(lambda: sent_copies(t), "the copy in Sent", 20)
    leave(t, term)
    t.crmail("sync", "--once", "--json")
    mails = [line for line in read(out).splitlines() if line.lower().startswith("message-id:")]
    t.equal((len(mails), len(sent_copies(t))), (1, 1), "mails sent, copies in Sent")
    t.equal(
        parse(sent_copies(t)[0])["Message-ID"],
        mails[0].partition(":")[2].strip(),
        "Message-ID of the copy",
    )


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def clock_on(t, seconds):
    """Moves the test's clock, past the undo window for instance."""
    with open(t.path("clock"), "r+", encoding="ascii") as f:
        now = int(f.read())
        f.seek(0)
        f.write(str(now + seconds))


def sent_copies(t):
    """The messages of the Maildir's Sent folder."""
    found = []
    for where, _, names in os.walk(t.path("mail", ".Sent")):
        for name in names:
            if os.path.basename(where) in ("cur", "new"):
                with open(os.path.join(where, name), "rb") as f:
                    found.append(f.read())
    return found


def test_demo_opens_with_a_known_contact(t):
    """`--demo` needs nothing: an inbox, a contact line, a card, and no file outside its folder."""
    for size in SIZES:
        term = start(t, size, "--demo")
        term.wait("Re: Deadline order", 60)
        term.wait("Laura Palmer · Head of Procurement", 60)
        term.keys("j", "Enter")
        term.wait("reply")
        term.keys("q")
        term.wait("compose")
        leave(t, term)
    t.equal(os.listdir(os.path.join(t.dir, "home")), [], "files in the home folder")


def test_keys_typed_ahead_are_not_lost(t):
    """Everything at once, faster than any screen: open, next message, unfold its quotation; then an answer."""
    mailbox(t)
    term = start(t, (120, 40))
    term.wait(subject(0))
    term.keys("j", "Enter", "n", '"')
    term.wait("quoted line 5")
    term.keys("q")
    term.wait(subject(0))
    term.keys("j", "Enter", "r")
    term.type("Typed at once.")
    term.wait(lambda s: "Re: " + subject(2) in s and "Typed at once." in s)
