"""Hostile mail in the real program: it asks the terminal for nothing that its harmless twin does not."""
import os
import re

from support import hostile
from support.terminal import Pty

TIMEOUT = 120
WIDTH, HEIGHT = 100, 40
# What curses itself says when it changes colours, and the cursor on and off.
HARMLESS = {("charset", "(B"), ("mode", "?25h"), ("mode", "?25l"), ("mode", "?12l"), ("mode", "?12;25h")}

# What a link says: where it leads, or that it ends.
LINK = re.compile(r"8;;|8;id=[0-9]+;(https?://|mailto:)[!-~]+", re.I)


def open_inbox(t, name, mails):
    """A home with these mails, open in a recording terminal."""
    folder = t.path(name + "-mail")
    for sub in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, sub))
    for tag, raw in mails:
        with open(os.path.join(folder, "cur", f"{tag}:2,"), "wb") as f:
            f.write(raw)
    home = t.home(name)
    t.write(os.path.join(home, "config"), "[ui]\nhyperlinks = on\n")
    t.crmail("import", folder, home=name)
    term = Pty(t, [t.crmail_program, "--home", home], WIDTH, HEIGHT, {"LANG": "C.UTF-8"})
    term.wait("Inbox")
    term.wait(mails[-1][0])
    return term


def check(t, term, where):
    widths = term.screen.row_widths()
    t.equal(widths, [WIDTH] * HEIGHT, f"cells of the rows at {where}")


def read_attachment(t, term, tag):
    """The first one on the screen, where there is one."""
    term.wait(lambda s: "no attachments" in s or re.search(r"\d (bytes?|KB|MB)\b", s))
    if "no attachments" in term.screen.text():
        return
    term.send("\r")
    term.wait(lambda s: "Attachments" not in s.split("\n")[0])
    check(t, term, tag + " attachment read")
    term.send("q")
    term.wait(lambda s: "Attachments" in s.split("\n")[0])


def read_all(t, term, tags):
    """Every mail newest first: as text, with all header lines, its attachments."""
    started = len(term.screen.record)
    term.send("\r")
    for tag in reversed(tags):
        term.wait(lambda s, tag=tag: tag in s.split("\n")[0])
        check(t, term, tag)
        term.send("H")
        is_endless = tag.endswith(("-long", "-crowd"))
        term.wait("From: size" if is_endless else "Message-ID: <")
        check(t, term, tag + " headers")
        term.send("A")
        term.wait("Attachments")
        check(t, term, tag + " attachments")
        read_attachment(t, term, tag)
        term.send("q")
        term.wait(lambda s, tag=tag: tag in s.split("\n")[0])
        term.send("J")
    term.wait("No more conversations")
    return term.screen.record[started:]


def test_hostile_mail_asks_nothing_of_the_terminal(t):
    seen = {}
    for name, harmless in (("twin", True), ("hostile", False)):
        mails = hostile.mails(harmless)
        term = open_inbox(t, name, mails)
        seen[name] = {entry for entry in read_all(t, term, [tag for tag, _ in mails])}
        term.send("q")
        term.wait("crmail  Inbox")
        term.send("q")
        term.wait_end()
    links = {entry for name in seen for entry in seen[name] if entry[0] == "hyperlink"}
    t.true(links, "links of the mails can be clicked")
    t.true(
        all(LINK.fullmatch(said) for _, said in links),
        f"only web and mail addresses in printable ASCII reach the terminal: {links}",
    )
    t.equal(
        seen["hostile"] - links, seen["twin"] - links, "what is asked of the terminal between start and exit"
    )
    t.true(
        all(entry in HARMLESS for entry in seen["hostile"] - links),
        f"reading changes nothing but the cursor: {seen['hostile'] - links}",
    )
