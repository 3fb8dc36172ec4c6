"""The real program on demo data: what it says first, and that nothing written is lost."""
import os

from support.terminal import Pty, Tmux, leave

TIMEOUT = 90


def demo(t, width=120, height=40):
    term = Tmux(t, [t.crmail_program, "--home", t.home(), "--demo"], width, height)
    term.wait("Laura Palmer")
    return term


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


def test_links_can_be_clicked_where_the_terminal_takes_them(t):
    for setting, wanted in (("on", True), ("auto", False)):
        home = t.home(setting)
        t.write(os.path.join(home, "config"), f"[ui]\nhyperlinks = {setting}\n")
        term = Pty(t, [t.crmail_program, "--home", home, "--demo"], 100, 40)
        term.wait("Laura Palmer")
        term.send("\r")
        term.wait(lambda s: "[1] https://" in s and "reply" in s.rstrip().split("\n")[-1])
        if wanted:
            term.wait(lambda _: any(url in text for url, text in term.screen.linked().items()))
        t.equal("hyperlink" in term.screen.kinds(), wanted, "links are sent to the terminal")
        term.send("q")
        term.wait(lambda s: "archive" in s and not term.screen.linked())
        term.send("q")
        term.wait_end()


def test_an_attachment_opens_by_mailcap_where_no_desktop_is(t):
    """run-mailcap gets the file and the terminal; afterwards the screen is as it was."""
    viewer = t.write("bin/run-mailcap", '#!/bin/sh\necho "mailcap shows ${2##*/}"; grep . "$2"; read line\n')
    os.chmod(viewer, 0o755)
    path = os.path.dirname(viewer) + ":" + os.environ["PATH"]
    env = {"PATH": path, "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    term = Tmux(t, [t.crmail_program, "--home", t.home(), "--demo"], 100, 30, env)
    term.wait("Laura Palmer")
    term.keys("Enter")
    term.wait("terms-v3.txt")
    term.keys("A")
    term.wait("Attachments")
    term.keys("O")
    term.wait("mailcap shows terms-v3.txt")
    term.keys("Enter")
    term.wait(lambda s: "crmail  Attachments" in s and "mailcap shows" not in s)
    term.keys("q", "q")
    term.wait("crmail  Inbox")
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
