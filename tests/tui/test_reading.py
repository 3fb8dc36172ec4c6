"""Reading in the real program, on demo data: keys lead where they say, resizes leave no trace."""
import random
import re

from support.terminal import Pty, Tmux

TIMEOUT = 90


def demo(t, width=120, height=40):
    term = Tmux(t, [t.crmail_program, "--home", t.home(), "--demo"], width, height)
    term.wait("Laura Palmer")
    return term


def leave(t, term):
    """q goes back, and at the end of that, out."""

    def ended():
        if term.status() is None:
            term.keys("q")
        return term.status() is not None

    t.wait(ended, "the end of the program after q", 20)
    t.equal((term.status(), term.errors()), (0, ""), "exit status and standard error")


def test_inbox_says_who_and_what_to_do(t):
    term = demo(t)
    words = ("Inbox", "demo data", "Dafaneto", "Re: Deadline order", "Head of Procurement", "? help")
    term.wait(lambda s: all(w in s for w in words))
    leave(t, term)


def test_a_conversation_opens_with_its_contact(t):
    term = demo(t)
    term.keys("Enter")
    words = ("4 messages", "the board meets", "Timeline", "Q1 frame contract", "laura@dafaneto.example")
    term.wait(lambda s: all(w in s for w in words))
    leave(t, term)


def test_search_finds_while_typing_and_esc_comes_back(t):
    term = demo(t)
    term.keys("/")
    term.wait("has:attachment")
    term.type("invoice")
    screen = term.wait("Your invoice for October")
    t.true("Sales Weekly" not in screen, f"only what was asked for:\n{screen}")
    term.keys("Escape")
    term.wait("crmail  Inbox")
    leave(t, term)


def test_archive_is_undone_with_one_key(t):
    term = demo(t)
    term.keys("e")
    term.wait(lambda s: "Archived." in s and "Re: Deadline order" not in s)
    term.keys("z")
    term.wait("Re: Deadline order")
    leave(t, term)


def test_a_reply_is_held_and_taken_back(t):
    term = demo(t)
    term.keys("r")
    term.wait("Subject  Re: Deadline order")
    term.type("Thanks, tomorrow.")
    term.wait("Thanks, tomorrow.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    term.wait("z undo")
    term.keys("z")
    term.wait(lambda s: "Thanks, tomorrow." in s and s.startswith(" Draft"))
    term.keys("Escape")
    term.wait("crmail  Inbox")
    leave(t, term)


def test_a_hang_up_keeps_what_was_written(t):
    term = demo(t)
    term.keys("c")
    term.wait("New message")
    term.type("someone@example.test")
    term.wait("someone@example.test")
    term.close()
    second = demo(t)
    second.keys("g", "d")
    second.wait("someone@example.test")
    leave(t, second)


def without_times(screen):
    """Relative times may pass a minute between two starts."""
    return re.sub(r"\d+ (min|h|days?) ago|just now", "AGO", screen)


def test_resizes_end_in_the_screen_of_a_fresh_start(t):
    argv = [t.crmail_program, "--home", t.home(), "--demo"]
    chance = random.Random(20261120)
    term = Pty(t, argv, 120, 40, {"LANG": "C.UTF-8"})
    term.wait("Laura Palmer")
    for _ in range(12):
        term.resize(chance.randint(1, 200), chance.randint(1, 50))
        term.send(chance.choice(["j", "k", "\r", "\x0c", "?", "/a\x1b"]))
        term.pump(0.05)
    term.resize(100, 30)
    term.send("\x0c")
    term.wait(lambda s: len(s.split("\n")) == 30)
    term.wait("? help")
    for _ in range(4):
        term.send("\x1b")
        term.pump(0.1)
    term.wait("crmail  Inbox")
    term.send("gg")
    end = term.wait(lambda s: "crmail  Inbox" in s and "? help" in s)
    term.send("q")
    term.wait_end()
    fresh = Pty(t, argv, 100, 30, {"LANG": "C.UTF-8"})
    fresh.wait(lambda s: without_times(s) == without_times(end))
    fresh.send("q")
    fresh.wait_end()
