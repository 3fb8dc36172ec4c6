"""A Microsoft mailbox: killed at any instant, it ends as if nothing had happened; nobody is ever asked."""
from support.discover import mark
from support.graphday import GraphDay

TIMEOUT = 400


def sweep(t, first, step):
    day = GraphDay(t)
    points, number = 0, first
    while True:
        day.begin()
        if not day.crash_at(number):
            return day, points
        day.end(f"a kill at crash point {number}")
        points += 1
        number += step


def test_the_day_itself(t):
    day = GraphDay(t)
    mailbox = day.want["mailbox"]
    t.equal(len(day.want["sent"]), 1, "mails that went out")
    t.true(("Archive", "<note12@elsewhere.test>", False, False, False) in mailbox, f"archived: {mailbox}")
    t.true(("Deleted Items", "<note11@elsewhere.test>", False, False, False) in mailbox, f"deleted: {mailbox}")
    t.true(("Inbox", "<note13@elsewhere.test>", False, True, False) in mailbox, f"starred: {mailbox}")
    t.true(("Inbox", "<note9@elsewhere.test>", True, False, False) in mailbox, f"read: {mailbox}")
    t.true(("Inbox", "<note3@elsewhere.test>", False, True, False) in mailbox, "the star of another client")
    batches = [p for m, p, _ in day.stub.requests if m == "PATCH" or p.endswith("/move")]
    t.equal(len(batches), 5, f"changes, each made once: {batches}")
    t.true(day.stub.asked("POST", "/$batch") <= 12, "in few requests")


def test_killed_around_commits(t):
    _, points = sweep(t, 4, 9)
    t.note(f"{points} kill points around commits")
    t.true(points >= 8, f"kill points: {points}")


@mark(tier="slow", timeout=3600)
def test_killed_around_every_commit(t):
    _, points = sweep(t, 1, 1)
    t.note(f"{points} kill points around commits")
    t.true(points >= 60, f"kill points: {points}")


def test_killed_between_the_work_and_its_answer(t):
    day = GraphDay(t)
    points = [
        ("PATCH", "/me/messages/", "before"),
        ("POST", "/move", "before"),
        ("POST", "/$batch", "lose"),
        ("POST", "/v1.0/me/messages", "before"),
        ("POST", "/v1.0/me/messages", "lose"),
        ("POST", "/send", "before"),
        ("POST", "/send", "lose"),
        ("GET", "/messages/delta", "before"),
        ("GET", "$skiptoken", "lose"),
        ("GET", "/$value", "before"),
    ]
    for method, path, side in points:
        day.begin()
        day.kill_by_line(getattr(day.stub, side), method, path)
        day.end(f"a kill, {side} {method} {path}")
    t.note(f"{len(points)} kill points on the line")
