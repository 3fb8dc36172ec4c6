"""The day on one screen: who waits for an answer, tasks of the CRM done and put off, and the feed."""
import os
import time

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("crm",)
TIMEOUT = 180
ME = "minh@ourfirm.test"
DAY = 86400
CONTACTS = [
    {"id": "C1", "first_name": "Laura", "email": "laura@laura.test"},
    {"id": "C2", "first_name": "Bob", "email": "bob@bob.test"},
]


def put(t, box, sender, to, subject, when, **headers):
    """Puts a mail into a folder of the account's Maildir."""
    number = t.next_number()
    folder = os.path.join(t.path("mail", "x")[:-2], box)
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    mid = f"<{number}@{sender.split('@')[1]}>"
    mail = letter(sender, to, subject, "Hello.", mid, when, **headers)
    with open(os.path.join(folder, "new", f"{number}.test"), "wb") as f:
        f.write(bytes(mail))
    return mid


def account(t, crm):
    folder = t.path("mail", "x")[:-2]
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    args = ("--email", ME, "--maildir", folder, "--sendmail", "false", "--history", "all")
    t.crmail("account", "add", "work", *args)
    t.crmail("crm", "add", *crm.crm_args())


def start(t, size=(100, 30)):
    return Tmux(t, [t.crmail_program, "--home", t.home()], *size)


def day(offset):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset * DAY))


def task(crm, ident, subject, due):
    crm.insert(
        "ce_activities",
        {
            "id": f"00000000-0000-4000-8000-00000000000{ident}",
            "activity_type": "task",
            "subject": subject,
            "status": "planned",
            "activity_date": f"{day(-1)}T08:00:00Z",
            "due_date": due,
            "created_by": crm.user_id,
            "contact_id": "C1",
        },
    )


def column(crm, ident, name):
    return crm.query(
        f"SELECT {name} FROM ce_activities WHERE id = '00000000-0000-4000-8000-00000000000{ident}'"
    )[0][name]


def test_today_shows_who_waits_and_tasks(t):
    crm = t.crm(contacts=CONTACTS)
    now = int(time.time())
    account(t, crm)
    put(t, "", "laura@laura.test", ME, "may I have the list", now - 3600)
    put(t, "", "stranger@nowhere.test", ME, "buy now", now - 1800)
    put(t, ".Sent", ME, "bob@bob.test", "our offer", now - 6 * DAY)
    answered = put(t, "", "bob@bob.test", ME, "a small thing", now - 7200)
    put(t, ".Sent", ME, "bob@bob.test", "Re: a small thing", now - 7000, in_reply_to=answered)
    task(crm, 1, "send the price list", day(0))
    task(crm, 2, "book the room", day(1))
    t.crmail("sync", "--once", "--json", code=None)
    term = start(t)
    term.wait("may I have the list")
    term.keys("g", "y")
    term.wait("1 waits for you · 2 tasks", seconds=60)
    screen = term.screen()
    waiting = next(line for line in term.lines() if "Waiting for you" in line)
    t.true("Laura" in waiting and "may I have the list" in waiting, f"who waits:\n{screen}")
    t.true("6 days" in next(x for x in term.lines() if "our offer" in x), f"no answer:\n{screen}")
    t.true("buy now" not in screen and "a small thing" not in screen, f"nobody else:\n{screen}")
    t.true("due today" in next(x for x in term.lines() if "price list" in x), f"tasks:\n{screen}")
    term.keys("j", "j", "x")
    term.wait("Task done.")
    term.wait(lambda s: "send the price list" not in s)
    term.wait("▸ Tasks")
    term.keys("d")
    term.wait("in 2 days")
    term.keys("w")
    term.wait("Put off by a week.")
    term.wait("nothing is due in the next seven days")
    t.wait(lambda: column(crm, 1, "status") == "completed", "the task is done in the CRM", 60)
    t.wait(lambda: column(crm, 2, "due_date")[:10] == day(9), "the task is put off in the CRM", 60)
    term.keys("g", "g", "Enter")
    term.wait("Hello.")


def test_the_day_is_the_first_screen_where_it_is_wished(t):
    crm = t.crm(contacts=CONTACTS)
    account(t, crm)
    put(t, "", "laura@laura.test", ME, "may I have the list", int(time.time()) - 3600)
    t.crmail("sync", "--once", "--json", code=None)
    t.write("data/config", "[ui]\nstart = today\n")
    term = start(t)
    term.wait("crmail  Today")
    t.true("may I have the list" in term.screen(), f"the day:\n{term.screen()}")
    term.keys("q")
    term.wait("crmail  Inbox")


def test_new_mail_of_a_contact_is_noted(t):
    crm = t.crm(contacts=CONTACTS)
    account(t, crm)
    term = start(t)
    term.wait("The inbox is empty.", seconds=60)
    time_of_start = int(time.time())
    put(t, "", "laura@laura.test", ME, "news from Laura", time_of_start + 1)
    put(t, "", "stranger@nowhere.test", ME, "from a stranger", time_of_start + 1)
    term.keys("C-r")
    term.wait("news from Laura", seconds=60)
    term.wait("1 new", seconds=60)
    term.keys("g", "n")
    term.wait("Notifications")
    t.true("Laura  news from Laura" in term.screen(), f"the feed:\n{term.screen()}")
    t.true("from a stranger" not in term.screen(), "strangers are no news by default")
    term.keys("Enter")
    term.wait("Hello.")
    term.keys("q")
    term.wait(lambda s: "1 new" not in s)
