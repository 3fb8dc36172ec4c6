"""Notes in a Gmail mailbox, and what crmail has of them."""
import contextlib
import sqlite3
import time

from .letters import letter

BEGAN = int(time.time()) - 400000
SEEN, STAR = 1, 2


def mail(number, **headers):
    return letter(
        f"Writer {number} <w{number}@elsewhere.test>",
        "alice@example.test",
        f"note number {number}",
        f"Body of note {number}, word wort{number}wort.\n",
        f"<note{number}@elsewhere.test>",
        BEGAN + number * 60,
        **headers,
    ).as_bytes()


def rows(t, query):
    with contextlib.closing(sqlite3.connect(f"{t.home()}/crmail.db")) as db:
        return db.execute(query).fetchall()


def here(t):
    """{number of the note: (flags, folders)}: one row of each, in all its folders."""
    found = rows(
        t,
        "SELECT m.mid, m.flags & 3, group_concat(f.server_name, ' ') FROM message m"
        " LEFT JOIN (SELECT * FROM placement ORDER BY folder) p ON p.message = m.id AND p.is_shown"
        " LEFT JOIN folder f ON f.id = p.folder GROUP BY m.id",
    )
    notes = [(mid.split("@")[0], flags, set((places or "").split())) for mid, flags, places in found]
    if len({n[0] for n in notes}) != len(notes):
        return {"doubled": notes}
    return {name.removeprefix("note"): (flags, places) for name, flags, places in notes}
