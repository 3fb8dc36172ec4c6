"""Changes for a Microsoft mailbox that are refused: each alone or all together, they are neither lost nor asked again
and again."""
import sqlite3
import time

from support.graphdesk import FLAGGED, GraphDesk
from support.letters import letter

TIMEOUT = 120
COUNT = 20


def desk_with(t):
    """A mailbox of so many mails, each to be starred."""
    desk = GraphDesk(t)
    ids = [
        desk.stub.deliver(
            letter(
                f"w{n}@elsewhere.test",
                desk.stub.address,
                f"note {n}",
                "Body.\n",
                f"<n{n}@elsewhere.test>",
                time.time() - 9000 + n * 60,
            ).as_bytes()
        )
        for n in range(COUNT)
    ]
    desk.add()
    desk.sync()
    for n in range(COUNT):
        want(t, n, FLAGGED, 0)
    return desk, ids


def want(t, number, add, remove, after=None):
    """A change of the flags of a mail waits; returns its row."""
    db = sqlite3.connect(f"{t.home()}/crmail.db")
    row = db.execute(
        "INSERT INTO op (kind, account, message, flags_add, flags_remove, depends_on, created_at)"
        " SELECT 1, account, id, ?, ?, ?, 1 FROM message WHERE mid = ?",
        (add, remove, after, f"n{number}@elsewhere.test"),
    ).lastrowid
    db.commit()
    db.close()
    return row


def at_changes(desk, *fault, **more):
    """That fault from the moment on when the folders are listed."""
    desk.stub.before("GET", "/me/mailFolders?", lambda: desk.stub.fault(*fault, **more))


def starred(desk):
    return sum(m.is_flagged for m in desk.stub.messages.values())


def waiting(desk):
    """(changes that wait, that are parked)"""
    return tuple(desk.query(f"SELECT count(*) FROM op WHERE state = {s}")[0][0] for s in (0, 1))


def test_all_that_is_refused_is_parked_and_asked_once_each(t):
    desk, _ = desk_with(t)
    at_changes(desk, "POST", "/$batch", 400, "BadRequest", times=5000)
    before = desk.stub.asked("POST", "/$batch")
    passed = desk.sync(code=None)
    asked = desk.stub.asked("POST", "/$batch") - before
    t.true(asked <= 2 * COUNT + 2, f"{asked} requests for {COUNT} changes")
    t.equal((passed["accounts"][0]["ops_parked"], waiting(desk)), (COUNT, (0, COUNT)), "parked, and why is told")
    t.true(desk.stub.asked("GET", "/messages/delta?$deltatoken") >= 1, "mail was looked for all the same")


def test_one_that_spoils_the_others_is_found(t):
    desk, ids = desk_with(t)
    desk.stub.spoils = ids[7]
    before = desk.stub.asked("POST", "/$batch")
    desk.sync(code=None)
    asked = desk.stub.asked("POST", "/$batch") - before
    t.equal((starred(desk), waiting(desk)), (COUNT - 1, (0, 1)), "changes that were made, waiting and parked")
    t.true(asked <= 2 * 8 + 3, f"{asked} requests")


def test_a_pause_that_is_asked_for_is_kept(t):
    desk, ids = desk_with(t)
    at_changes(desk, "POST", "/$batch", 429, "ApplicationThrottled", {"Retry-After": "3600"}, times=5000)
    before = desk.stub.asked("POST", "/$batch")
    passed = desk.sync(code=1)
    t.true("slow down" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal(desk.stub.asked("POST", "/$batch") - before, 2, "requests: the folders, and the changes once")
    t.equal(waiting(desk), (COUNT, 0), "all wait")
    desk.stub.clear_faults()
    for ident, pause in ((ids[2], "1"), (ids[5], "3600"), (ids[9], "2")):
        desk.stub.fault("PATCH", ident, 429, "ApplicationThrottled", {"Retry-After": pause})
    passed = desk.sync(code=1)
    t.true("slow down" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal((starred(desk), waiting(desk)), (COUNT - 3, (3, 0)), "the others were made")
    t.equal(desk.stub.asked("PATCH", "/me/messages/"), COUNT, "each asked once: the longest pause is kept")
    desk.sync()
    t.equal((starred(desk), waiting(desk)), (COUNT, (0, 0)), "afterwards")
    t.equal(desk.stub.asked("PATCH", "/me/messages/"), COUNT + 3, "what was made is not made again")


def test_changes_of_one_mail_keep_their_order(t):
    desk, ids = desk_with(t)
    first = desk.query("SELECT o.id FROM op o JOIN message m ON m.id = o.message WHERE m.mid = 'n0@elsewhere.test'")[0][0]
    second = want(t, 0, 0, FLAGGED, after=first)
    want(t, 0, FLAGGED, 0, after=second)
    desk.stub.fault("PATCH", ids[0], 409, "ErrorIrresolvableConflict", times=2)
    for _ in range(3):
        desk.sync(code=None)
    t.wait(lambda: desk.sync(code=None) and waiting(desk) == (0, 0), "all changes to be made", 60)
    t.equal(starred(desk), COUNT, "the last one counts")
    tries = [s for m, p, s in desk.stub.requests if m == "PATCH" and ids[0] in p]
    t.equal(tries, [409, 409, 200, 200, 200], "one after the other")
