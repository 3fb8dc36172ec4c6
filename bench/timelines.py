"""timelines - paging in a contact's timeline of 5,000 entries, compared with one of 50: it is read by the
page, so the longer must not cost more.
"""
import contextlib
import sqlite3

import corpus
from measure import Measure
from screen import Screen

SHORT = "one of 50 entries"
MEASURES = [
    Measure("timeline_page", "one page in a timeline of 5,000 entries", "ms", SHORT, bound=2.0),
    Measure("timeline_end", "to its end and back, which are read anew", "ms", SHORT, bound=8.0),
]
FIRST = 10**9       # row ids that an import does not reach


def _fill(home):
    """Two contacts, one with 5,000 conversations and one with 50, a minute apart."""
    with contextlib.closing(sqlite3.connect(home / "crmail.db")) as db, db:
        db.execute("INSERT INTO crm (id, name, profile) VALUES (99, 'bench', 'local')")
        for contact, name, first, count in ((991, "Longine", FIRST, 5000), (992, "Shortly", FIRST + 5000, 50)):
            db.execute("INSERT INTO contact (id, crm, name) VALUES (?, 99, ?)", (contact, name))
            for i in range(count):
                key, at = first + i, 1700000000 + 60 * i
                db.execute("INSERT INTO message (id, account, thread, copy_of, received, date, subject, snippet)"
                           " VALUES (?, 1, ?, ?, ?, ?, ?, 'About the offer and what comes next.')",
                           (key, key, key, at, at, f"Offer {i} to {name}"))
                db.execute("INSERT INTO thread (id, newest, count, people) VALUES (?, ?, 1, ?)", (key, key, name))
                db.execute("INSERT INTO link (message, kind, target, at) VALUES (?, 1, ?, ?)", (key, contact, at))


def _page(place, home, name):
    """Seconds of pages down and up, and of going to the end and back."""
    page, end = [], []
    s = Screen(place.program(home), place.env)
    try:
        s.wait(corpus.NEWEST.encode())
        for keys in (b"gc", b"/", name.encode(), b"\r", b"\r"):
            s.key(keys)
        for _ in range(place.runs):
            end += [s.key(b"G"), s.key(b"gg")]
            page += [s.key(b"\x1b[6~"), s.key(b"\x1b[5~")]
    finally:
        s.close(b"qqqq")
    return [t for t in page if t], [t for t in end if t]


def run(place):
    home = place.copy_of_home("timelines")
    _fill(home)
    (page, end), (short_page, short_end) = (_page(place, home, name) for name in ("Longine", "Shortly"))
    return {"timeline_page": {"crmail": page, SHORT: short_page}, "timeline_end": {"crmail": end, SHORT: short_end}}
