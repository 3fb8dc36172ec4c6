"""The screen with more in it than anybody needs: half a million messages, thousands of folders, a mail of twenty
megabytes, a hundred thousand notifications.  What is asked for comes at once, and quitting is quitting."""
import os
import re
import sqlite3
import sys

from support.discover import mark
from support.fakeimap import FakeImap, Heap
from support.memory import bare, is_sanitized, resident
from support.terminal import Tmux

TIMEOUT = 120
GIVEN_BACK = 16  # MiB more than before a large mail was opened
KEPT = 2000  # notifications, at least
PEAK = 96 * 1.5  # MiB, in a first sync
CAPS = "UIDPLUS MOVE CONDSTORE QRESYNC ENABLE ESEARCH LIST-STATUS"
HEAD = "From: {0}\nTo: me@own.test\nSubject: {1}\nMessage-ID: <{2}@elsewhere.test>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"


def note(uid):
    return (HEAD.format(f"W{uid % 97} <w{uid % 97}@elsewhere.test>", f"note number {uid}", uid) + f"\nwort{uid}wort\n").encode()


def opened(t, folders, answer=None):
    server = FakeImap(t, CAPS, answer)
    server.folders = folders
    t.crmail("account", "add", "work", *server.account_args(t))
    return server, Tmux(t, [t.crmail_program, "--home", t.home()], env=bare(t))


def headers_asked(server):
    return [words[2] for _, words in list(server.commands) if "BODY.PEEK[HEADER]" in words[-1]]


# ---- half a million


def check_large_folder(t, count, pages):
    """The newest come first, with their text, while the others are on their way; a second start goes on."""
    server, term = opened(t, {"INBOX": Heap(count, note)})
    term.wait(f"note number {count}", 30)
    term.wait(f"wort{count}wort", 60)
    t.true(len(headers_asked(server)) < count // 200, "the newest is read before all are listed")
    term.wait(lambda screen: f" of {count:,}" in screen, 60)
    t.wait(lambda: len(headers_asked(server)) > pages, "pages of headers", 120)
    term.keys("G")
    term.keys("g", "g")
    term.wait(f"note number {count}", 30)
    used = resident(term.pid(), "VmHWM")
    term.keys("q")
    term.wait_end(seconds=30)
    asked = len(headers_asked(server))
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env=bare(t))
    term.wait(f"note number {count}", 30)
    t.wait(lambda: len(headers_asked(server)) > asked, "the next page", 60)
    term.keys("q")
    term.wait_end(seconds=30)
    again = len(headers_asked(server)) - len(set(headers_asked(server)))
    t.true(again <= 1, f"{again} pages of headers were asked for again: the one that quitting cut off")
    lists = [words for _, words in server.commands if words[:2] == ["UID", "SEARCH"] and "HEADER" not in words]
    t.true(all("RETURN" in words for words in lists), "lists of UIDs as ranges")
    return used


def test_a_large_folder_shows_its_newest_first(t):
    check_large_folder(t, 20_000, 6)


@mark(tier="slow", timeout=600)
def test_half_a_million_show_their_newest_first(t):
    used = check_large_folder(t, 500_000, 60)
    t.note(f"{used:.0f} MiB at most")
    t.true(is_sanitized(t) or used < PEAK, f"{used:.0f} MiB are less than {PEAK:.0f}")


# ---- thousands of folders


def check_many_folders(t, count):
    names = [f"Customers/{n // 50:03d}/Project {n:04d}" for n in range(count)]
    server, term = opened(t, {"INBOX": Heap(3, note)} | {name: Heap(1, note) for name in names})
    term.wait("Project 0000", 60)
    term.keys("Tab")
    term.keys("G")
    term.wait(f"Project {count - 1:04d}", 30)
    term.keys("Enter")
    term.wait(f"crmail  {names[-1]}", 30)
    term.keys("Tab", "NPage", "PPage", "PPage", "Enter")
    term.wait(lambda screen: f"crmail  {names[-1]}" not in screen and "crmail  Customers/" in screen, 30)
    term.keys("Tab", "g", "g", "Enter")
    term.wait("crmail  Inbox", 30)
    term.wait("note number 3", 30)
    t.wait(lambda: server.said("SELECT") > count, "every folder looked at", 300)
    term.keys("q")
    term.wait_end(seconds=30)


def test_a_tree_of_folders_is_gone_through_by_pages(t):
    check_many_folders(t, 120)


@mark(tier="slow", timeout=600)
def test_three_thousand_folders_are_gone_through_by_pages(t):
    check_many_folders(t, 3000)


# ---- a mail of twenty megabytes


def newsletter(size):
    row = "<tr><td><b>Offer {0}</b></td><td><a href='https://shop.test/{0}'>look</a></td><td>12.00 &euro;</td></tr>\n"
    rows = "".join(row.format(n) for n in range(size // 100))
    html = f"<html><body><h1>Anfangswort</h1><table>{rows}</table><p>Schlusswort</p></body></html>\n"
    head = HEAD.format("Shop <news@shop.test>", "All our offers", "all") + "MIME-Version: 1.0\n"
    return (head + "Content-Type: text/html; charset=utf-8\n\n" + html).encode()


def check_newsletter(t, size):
    mails = {1: note(1), 2: newsletter(size)}
    server, term = opened(t, {"INBOX": Heap(2, mails.get)})
    term.wait("All our offers", 60)
    t.wait(lambda: server.said("UID", "FETCH") >= 2, "its beginning", 60)
    before = resident(term.pid())
    term.keys("Enter")
    term.wait("Offer 1", 120)
    t.wait(lambda: t.crmail("search", "from:shop.test", "--json").json["total"] == 1, "it is found")
    term.keys("Space")
    term.wait(lambda screen: "Offer 0 " not in screen and "Offer 20" in screen, 60)
    term.keys("q")
    term.wait("note number 1", 60)
    used = resident(term.pid(), "VmHWM")
    if not is_sanitized(t):
        t.wait(lambda: resident(term.pid()) < before + GIVEN_BACK, "memory given back when it is closed")
    term.keys("q")
    term.wait_end(seconds=60)
    return used


def test_a_long_newsletter_is_read(t):
    check_newsletter(t, 2 << 20)


@mark(tier="slow", timeout=400)
def test_a_newsletter_of_twenty_megabytes_is_read(t):
    used = check_newsletter(t, 20 << 20)
    t.note(f"{used:.0f} MiB at most")
    t.true(is_sanitized(t) or used < 400, f"{used:.0f} MiB are less than 400")


# ---- a hundred thousand notifications


def oldest(screen):
    """The number of the oldest notification on the screen."""
    return min(map(int, re.findall(r"disk note (\d+)", screen)), default=sys.maxsize)


def check_notifications(t, count):
    """Whatever stands in the feed, its newest are there at once, and all are seen with one key."""
    _, term = opened(t, {"INBOX": Heap(3, note)})
    term.wait("note number 3", 60)
    term.keys("q")
    term.wait_end()
    db = sqlite3.connect(os.path.join(t.home(), "crmail.db"))
    with db:
        db.executemany(
            "INSERT INTO notice (kind, at, account, message, thread, text) VALUES (5, ?, 0, 0, 0, ?)",
            ((1795000000 + n, f"disk note {n}") for n in range(count)),
        )
    db.close()
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env=bare(t))
    term.wait("1000+ new", 60)
    term.keys("g", "n")
    term.wait(f"disk note {count - 1}", 30)
    term.keys("G")
    term.wait(lambda screen: oldest(screen) <= count - KEPT, 30)
    term.keys("g", "g")
    term.wait(f"disk note {count - 1}", 30)
    term.keys(*["NPage"] * 30)
    term.wait(lambda screen: oldest(screen) < count - 800, 30)
    term.keys("X")
    term.wait(lambda screen: "1000+ new" not in screen, 60)
    term.keys("q", "q")
    term.wait_end(seconds=30)


def test_thousands_of_notifications_are_gone_through(t):
    check_notifications(t, 5_000)


@mark(tier="slow", timeout=300)
def test_a_hundred_thousand_notifications_are_gone_through(t):
    check_notifications(t, 100_000)
