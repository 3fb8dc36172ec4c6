"""Lists of people and deals, and timelines: on the demo's local CRM, and over PostgREST with thousands of entries."""
import datetime
import os

from support.crmdesk import Desk
from support.discover import mark
from support.terminal import Tmux, leave

NEEDS = ("crm",)
TIMEOUT = 120

DENIS = "11111111-1111-5111-8111-111111111111"


def day(n, hour=9):
    """A moment n days ago, as the CRM writes it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0) - datetime.timedelta(days=n)
    return then.isoformat()


def screen(t, home="data", width=120, height=40):
    term = Tmux(t, [t.crmail_program, "--home", t.home(home)], width, height)
    term.wait("Inbox")
    return term


def go(term, keys, text):
    for key in keys.split():
        if key.startswith("'"):
            term.type(key[1:])
        else:
            term.keys(key)
    term.wait(text)


def test_the_demo_has_people_deals_and_their_timelines(t):
    term = Tmux(t, [t.crmail_program, "--home", t.home(), "--demo"], 80, 24)
    term.wait("Laura Palmer")
    go(term, "g c", lambda s: "Contacts" in s and "by name" in s and "Dafaneto" in s)
    go(term, "s", "by last touch")
    go(term, "/ 'laura Enter", lambda s: "/ laura" in s and "Laura Palmer" in s and "Björn" not in s)
    go(term, "Enter", lambda s: "Head of Procurement" in s and "Re: Deadline order" in s)
    go(term, "Enter", "reply")
    go(term, "q", "filter")
    go(term, "T", lambda s: s.startswith(" Dafaneto") and "filter" in s)
    go(term, "g e", lambda s: "Deals" in s and "Q1 frame contract" in s)
    go(term, "g p", lambda s: "Partners" in s and "Dafaneto" in s)
    go(term, "g m", "What I did")
    leave(t, term)


def history(t, crm, count):
    """One contact, `count` activities an hour apart by a colleague, and one mail."""
    crm.insert("ce_users", {"id": DENIS, "sub": DENIS, "email": "denis@ourfirm.test", "name": "Denis B."})
    crm.psql(
        "INSERT INTO ce_activities (organization_id, contact_id, partner_id, activity_type, subject, description,"
        f" status, activity_date, created_by) SELECT '{crm.organization}', 'C1', NULL,"
        " (ARRAY['call', 'meeting', 'note'])[1 + i % 3], 'entry ' || i, 'what was said', 'completed',"
        f" now() - i * interval '1 hour', '{DENIS}' FROM generate_series(1, {count}) i"
    )
    desk = Desk(t)
    desk.receive("laura@alpha.test", "hello from laura")
    desk.connect(crm)
    desk.sync(seconds=600)  # tens of thousands come in pages of five hundred
    return desk


def beside(t, **more):
    return t.crm(
        contacts=[{"id": "C1", "first_name": "Laura", "last_name": "Palmer", "email": "laura@alpha.test",
                   "title": "Head of Procurement", "partner_id": "P1"}],
        partners=[{"id": "P1", "name": "Alpha", "domain": "alpha.test"}],
        **more,
    )


def walk(t, count):
    crm = beside(t)
    desk = history(t, crm, count)
    t.equal(len(desk.entries("--contact", "C1")), count + 1, "entries of the contact")
    t.equal(len(desk.entries("--partner", "P1")), count + 1, "entries of the partner: those of its people")
    term = screen(t, width=80, height=24)
    go(term, "g c Enter", lambda s: "Laura Palmer  Head of Procurement" in s and "entry 1 " in s and "Denis B." in s)
    go(term, "G", f"entry {count} ")
    go(term, "PPage PPage", f"entry {count - 34} ")
    go(term, "g g", "hello from laura")
    for _ in range(30):
        term.keys("NPage")
    term.wait("entry 500 ")
    go(term, "f Right Enter", lambda s: "emails" in s and "hello from laura" in s and "entry" not in s)
    go(term, "f Right Enter", lambda s: "calls" in s and "entry 3 " in s and "entry 2 " not in s)
    go(term, "f Up Enter", lambda s: "entry 1 " in s and "entry 2 " in s)
    go(term, "T", lambda s: s.startswith(" Alpha") and "entry 1 " in s)
    leave(t, term)


def test_a_timeline_of_thousands_is_walked_and_narrowed(t):
    walk(t, 5000)


@mark(tier="slow", timeout=900)
def test_a_timeline_of_tens_of_thousands_is_walked_and_narrowed(t):
    walk(t, 50000)


def test_what_was_changed_in_the_crm_comes_with_ctrl_r(t):
    """Entries tell no time of change: who asks now sees what was edited and deleted all the same."""
    crm = beside(t)
    history(t, crm, 3)
    term = screen(t)
    go(term, "g c Enter", lambda s: "entry 1" in s and "entry 2" in s and "entry 3" in s)
    crm.psql(
        "UPDATE ce_activities SET created_at = now() - interval '1 day', subject = 'said again'"
        " WHERE subject = 'entry 2'; DELETE FROM ce_activities WHERE subject = 'entry 3'"
    )
    go(term, "C-r", lambda s: "said again" in s and "entry 1" in s and "entry 2" not in s and "entry 3" not in s)
    leave(t, term)


def test_mail_hidden_from_timelines_stays_in_its_folder(t):
    desk = history(t, beside(t), 3)
    before = [e["kind"] for e in desk.entries("--contact", "C1")]
    t.equal(sorted(before), ["call", "email", "meeting", "note"], "kinds of the entries")
    term = screen(t)
    go(term, "g c Enter", "hello from laura")
    go(term, "G g g", "entry 1")
    for _ in range(4):
        if "✉" in next((line for line in term.screen().split("\n") if "hello from laura" in line), ""):
            break
    where = [line for line in term.screen().split("\n") if "entry" in line or "hello" in line]
    for _ in range(next(i for i, line in enumerate(where) if "hello" in line)):
        term.keys("j")
    go(term, "h", lambda s: "z shows it again" in s and "hello from laura" not in s)
    go(term, "f Left Enter", lambda s: "hidden mail" in s and "hello from laura" in s)
    leave(t, term)
    t.equal(len(desk.entries("--contact", "C1")), 3, "entries after hiding")
    term = screen(t)
    term.wait("hello from laura")
    leave(t, term)


def test_a_record_opens_in_the_crm_outside(t):
    """$BROWSER gets the page's address, and nothing else does."""
    crm = beside(t)
    desk = Desk(t)
    desk.connect(crm, "--set", "web_url=https://crm.alpha.test/app/")
    desk.sync()
    told = t.path("told")
    browser = t.write("browser", f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n')
    os.chmod(browser, 0o755)
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 100, 30, env={"BROWSER": browser})
    term.wait("Inbox")
    go(term, "g c Enter O", "Opened in the browser.")
    t.wait(lambda: os.path.exists(told) and os.path.getsize(told) > 0, "the browser's call")
    with open(told, encoding="utf-8") as f:
        t.equal(f.read(), "https://crm.alpha.test/app/contacts/C1\n", "what the browser was told")
    leave(t, term)
    t.crmail("account", "list")


def test_timelines_follow_what_happens_meanwhile(t):
    crm = beside(t)
    desk = history(t, crm, 2)
    term = screen(t)
    go(term, "g c Enter", lambda s: "entry 1" in s and "entry 2" in s)
    desk.receive("laura@alpha.test", "one more question")
    term.keys("C-r")
    term.wait("one more question")
    crm.insert("ce_activities", {"contact_id": "C1", "activity_type": "call", "subject": "just now", "status": "completed",
                                 "description": "said yes", "activity_date": day(0, 0), "created_by": DENIS})
    term.keys("C-r")
    term.wait("Call: just now")
    for columns, rows in ((60, 15), (200, 50), (24, 6), (120, 40)):
        term.resize(columns, rows)
    term.wait("Call: just now")
    leave(t, term)
