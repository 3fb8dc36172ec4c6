"""importing - reading and indexing mail that is already in a Maildir: crmail import beside notmuch new."""
import contextlib
import sqlite3

from measure import Measure, cost, require

MEASURES = [
    Measure("import", "reading and indexing all mail, processor", "s", "notmuch", bound=2.0),
]


def _in_index(home, messages):
    with contextlib.closing(sqlite3.connect(f"file:{home}/crmail.db?mode=ro", uri=True)) as db:
        found = db.execute("SELECT count(*) FROM message").fetchone()[0]
    if found != messages:
        raise ValueError(f"{found} messages were imported, not {messages}")


def _notmuch_has(env, messages):
    found = int(cost(["notmuch", "count", "*"], env).out)
    if found != messages:
        raise ValueError(f"notmuch indexed {found} messages, not {messages}")


def run(place):
    require("notmuch")
    ours = place.make_home().cpu
    _in_index(place.home, place.messages)
    theirs = place.make_notmuch().cpu
    _notmuch_has(place.notmuch, place.messages)
    return {"import": {"crmail": [ours], "notmuch": [theirs]}}
