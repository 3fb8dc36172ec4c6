"""What is logged is told to the hook: one event for each target, once, and never in the way of mail."""
import json
import os
import sys
import time

from support.letters import activity_id, letter

NEEDS = ("mail", "crm")
TIMEOUT = 150
ME = "minh@ourfirm.test"
FIELDS = [
    "event_type",
    "organization_id",
    "email_message_id",
    "direction",
    "contact_id",
    "partner_id",
    "timestamp",
]

# Appends what it gets to a file. A file "fail" beside it makes it fail, "kill" kills crmail in the
# middle of the second event, once, and "hang" makes it wait: longer than its deadline, at which
# crmail has to end it, and never waited for by a test.
HOOK = """
import os, signal, sys, time
out, told = sys.argv[1], sys.stdin.read()
here = os.path.dirname(out)
flag = lambda name: os.path.exists(os.path.join(here, name))
print("this goes nowhere"); print("nor this", file=sys.stderr)
if flag("hang"):
    with open(os.path.join(here, "pid"), "w") as f:
        f.write(str(os.getpid()))
    time.sleep(600)
if flag("fail"):
    sys.exit(3)
with open(out, "a") as f:
    f.write(told); f.flush(); os.fsync(f.fileno())
with open(out) as f:
    n = len(f.readlines())
if flag("kill") and n == 2:
    os.unlink(os.path.join(here, "kill"))
    os.kill(os.getppid(), signal.SIGKILL)
"""


class Hook:
    def __init__(self, t):
        self.t = t
        self.out = t.path("hook", "events.jsonl")
        script = t.write("hook/hook.py", HOOK)
        self.setting = f"hook={sys.executable} '{script}' \"{self.out}\""

    def told(self):
        if not os.path.exists(self.out):
            return []
        with open(self.out, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def flag(self, name, is_set=True):
        path = os.path.join(os.path.dirname(self.out), name)
        if is_set:
            open(path, "w", encoding="utf-8").close()
        else:
            os.unlink(path)


class Desk:
    """A Maildir account with contacts on this machine; its clock is a file."""

    def __init__(self, t, *words):
        self.t, self.n = t, 0
        self.folder = t.path("mail", "x")[:-2]
        for box in ("", ".Sent"):
            for part in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(self.folder, box, part), exist_ok=True)
        self.now = 1795255200
        self.clock = t.path("clock")
        self.hook = Hook(t)
        self.pass_time(0)
        self.crmail(
            "account", "add", "work", "--email", ME, "--maildir", self.folder, "--sendmail",
            "false", "--history", "all",
        )
        sets = [x for w in (self.hook.setting, *words) for x in ("--set", w)]
        self.crmail("crm", "add", "local", "--log-since", "all", *sets)
        people = t.write("people.csv", b"Name,Email,Company\nLaura,laura@alpha.test,Alpha\n")
        self.crmail("import", "contacts", people)

    def pass_time(self, seconds):
        self.now += seconds
        with open(self.clock, "w", encoding="ascii") as f:
            f.write(str(self.now))

    def crmail(self, *args, more="", **kw):
        env = {"CRMAIL_TEST": f"clock={self.clock}{more}"}
        return self.t.crmail(*args, env=env, seconds=100, **kw)

    def receive(self, subject, at=0):
        self.n += 1
        mail = letter(
            "laura@alpha.test", ME, subject, "x", f"<{self.n}@alpha.test>", self.now + at
        )
        with open(os.path.join(self.folder, "cur", f"{self.n}:2,S"), "wb") as f:
            f.write(bytes(mail))

    def sync(self, code=0, more=""):
        doc = self.crmail("sync", "--once", "--json", code=code, more=more)
        return doc.json if doc.out else None

    def ids(self):
        return [e["email_message_id"] for e in self.hook.told()]

    def status(self):
        crm = self.crmail("status", "--json").json["crms"][0]
        return crm.get("events", 0), crm.get("events_given_up", 0)


def test_one_event_for_each_target_with_exactly_the_contracts_fields(t):
    crm = t.crm(
        contacts=[
            {"id": "C1", "first_name": "Laura", "email": "laura@alpha.test", "partner_id": "P1"},
            {"id": "C2", "first_name": "Bob", "email": "bob@beta.test"},
        ],
        partners=[{"id": "P1", "name": "Alpha", "domain": "alpha.test"}],
    )
    box = t.mailbox("minh")
    hook = Hook(t)
    now = int(time.time())
    old = letter("laura@alpha.test", box.address, "old", "x", "<old@alpha.test>", now - 90000)
    box.append("INBOX", bytes(old), received=now - 90000)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail(
        "crm", "add", *crm.crm_args(), "--log-since", "all", "--set", hook.setting
    )
    t.crmail("sync", "--once")
    t.equal(len(crm.activities()), 1, "the old mail is logged")
    t.equal(hook.told(), [], "backfill is told nobody")

    both = f"laura@alpha.test, {box.address}"
    box.deliver(letter("bob@beta.test", both, "both", "x", "<1@beta.test>", now), "bob@beta.test")
    box.deliver(
        letter("new@alpha.test", box.address, "firm", "x", "<2@alpha.test>", now), "new@alpha.test"
    )
    box.append(
        "Sent", bytes(letter(box.address, "bob@beta.test", "mine", "x", "<3@x.test>", now + 60))
    )
    report = t.crmail("sync", "--once", "--json").json["crms"][0]
    t.equal((report["logged"], report["events"]), (4, 4), "logged and told")
    told = hook.told()
    t.equal([list(e) for e in told], [FIELDS] * 4, "fields")
    ident = lambda mid, kind, crm_id: activity_id(crm.organization, mid, kind, crm_id)
    t.equal(
        sorted(
            (e["email_message_id"], e["direction"], e["contact_id"], e["partner_id"]) for e in told
        ),
        sorted(
            [
                (ident("<1@beta.test>", "contact", "C1"), "inbound", "C1", "P1"),
                (ident("<1@beta.test>", "contact", "C2"), "inbound", "C2", None),
                (ident("<2@alpha.test>", "partner", "P1"), "inbound", None, "P1"),
                (ident("<3@x.test>", "contact", "C2"), "outbound", "C2", None),
            ]
        ),
        "events",
    )
    ids = {r["id"] for r in crm.activities()}
    t.true(all(e["email_message_id"] in ids for e in told), "they name what stands in the CRM")
    t.equal({e["organization_id"] for e in told}, {crm.organization}, "organisation")
    t.equal({e["event_type"] for e in told}, {"ce.email.synced"}, "type")
    stamps = [time.strptime(e["timestamp"], "%Y-%m-%dT%H:%M:%SZ") for e in told]
    t.true(all(s.tm_year >= 2024 for s in stamps), "timestamps")
    crm.psql("UPDATE ce_contacts SET title = 'CEO', updated_at = now()")
    t.crmail("sync", "--once")
    t.equal(len(hook.told()), 4, "told once")


def test_the_crm_itself_is_told_where_it_wants_to_be(t):
    crm = t.crm(contacts=[{"id": "C1", "first_name": "Laura", "email": "laura@alpha.test"}])
    box = t.mailbox("minh")
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all", "--set", "events=yes")
    crm.psql("REVOKE INSERT ON ce_events FROM authenticated")
    mail = letter("laura@alpha.test", box.address, "one", "x", "<1@alpha.test>", int(time.time()))
    box.deliver(mail, "laura@alpha.test")
    report = t.crmail("sync", "--once", "--json").json["crms"][0]
    t.equal((report["result"], report["logged"]), ("ok", 1), "the log does not wait for it")
    t.equal(t.crmail("status", "--json").json["crms"][0]["events"], 1, "it waits")
    crm.psql("GRANT INSERT ON ce_events TO authenticated")
    clock = t.write("later", str(int(time.time()) + 60))
    for _ in range(2):
        t.crmail("sync", "--once", env={"CRMAIL_TEST": f"clock={clock}"})
    rows = crm.query("SELECT * FROM ce_events")
    t.equal(len(rows), 1, "told once")
    row = rows[0]
    t.equal(
        (row["email_message_id"], row["event_type"], row["direction"], row["contact_id"]),
        (
            activity_id(crm.organization, "<1@alpha.test>", "contact", "C1"),
            "ce.email.synced",
            "inbound",
            "C1",
        ),
        "the event",
    )
    t.equal((row["organization_id"], row["partner_id"]), (crm.organization, None), "its ids")


def test_a_hook_that_fails_is_tried_again_and_nothing_waits_for_it(t):
    desk = Desk(t)
    desk.hook.flag("fail")
    desk.receive("one", at=1)
    desk.receive("two", at=2)
    doc = desk.sync()
    t.equal((doc["accounts"][0]["new"], doc["crms"][0]["result"]), (2, "ok"), "mail goes on")
    t.equal(desk.status(), (2, 0), "both wait")
    desk.hook.flag("fail", False)
    desk.sync()
    t.equal(desk.ids(), [], "the pause is kept")
    desk.pass_time(31)
    desk.sync()
    t.equal(
        desk.ids(),
        [activity_id("", f"<{i}@alpha.test>", "contact", "local:1") for i in (1, 2)],
        "in order",
    )
    t.equal([e["timestamp"] for e in desk.hook.told()][0], "2026-11-21T10:00:00Z", "the first try's")
    t.equal(desk.status(), (0, 0), "nothing waits")
    log = desk.crmail("log").out
    t.true("event 1: io, status 3" in log, "the failure stands in the log by its row")
    t.true("laura" not in log.lower() and "alpha.test" not in log, "and nobody's address")


def test_a_hook_that_always_fails_is_given_up(t):
    desk = Desk(t)
    desk.hook.flag("fail")
    desk.receive("one")
    desk.sync()
    for _ in range(11):
        desk.pass_time(3601)
        desk.sync()
    t.equal(desk.status(), (0, 1), "given up")
    desk.hook.flag("fail", False)
    desk.pass_time(3601)
    desk.receive("two")
    desk.sync()
    t.equal(len(desk.ids()), 1, "the next is told")


def test_killed_while_telling_repeats_that_one_alone(t):
    desk = Desk(t)
    for n in range(4):
        desk.receive(f"mail {n}")
    desk.hook.flag("kill")
    desk.sync(code=-9)
    t.equal(len(desk.ids()), 2, "killed at the second")
    desk.sync()
    ids = desk.ids()
    t.equal(len(ids), 5, "events told")
    t.equal(ids[1], ids[2], "the one in doubt")
    t.equal(len(set(ids)), 4, "every one")
    stamps = [e["timestamp"] for e in desk.hook.told()]
    t.equal(stamps[1], stamps[2], "its timestamp")


def test_a_hook_that_hangs_is_ended(t):
    desk = Desk(t)
    desk.hook.flag("hang")
    desk.receive("one")
    doc = desk.sync(more=",deadlines=700")
    t.equal((doc["accounts"][0]["new"], doc["crms"][0]["result"]), (1, "ok"), "mail goes on")
    t.equal(desk.status(), (1, 0), "it waits")
    with open(t.path("hook", "pid"), encoding="ascii") as f:
        pid = int(f.read())
    t.wait(lambda: not os.path.exists(f"/proc/{pid}"), "the hook is gone")


def test_backfill_is_told_only_where_chosen(t):
    desk = Desk(t, "hook_backfill=yes")
    desk.receive("old", at=-86400)
    desk.sync()
    t.equal(len(desk.ids()), 1, "told")
    desk.crmail("crm", "set", "local", "--set", "hook_backfill=no")
    desk.receive("older", at=-90000)
    desk.sync()
    t.equal(len(desk.ids()), 1, "not told")


def test_a_hook_set_later_hears_of_what_comes_later(t):
    desk = Desk(t)
    desk.crmail("crm", "set", "local", "--set", "hook=")
    desk.receive("one")
    desk.sync()
    desk.pass_time(60)
    desk.crmail("crm", "set", "local", "--set", desk.hook.setting)
    desk.receive("between", at=-30)
    desk.receive("two")
    desk.sync()
    t.equal(
        desk.ids(), [activity_id("", "<3@alpha.test>", "contact", "local:1")], "what it was told"
    )


def test_no_shell_reads_the_command(t):
    desk = Desk(t)
    out, pwned = t.path("argv.json"), t.path("pwned")
    script = t.write("argv.py", "import json, sys\njson.dump(sys.argv[2:], open(sys.argv[1], 'w'))\n")
    desk.crmail(
        "crm", "set", "local", "--set",
        f"hook={sys.executable} {script} {out} 'a b' $(touch {pwned}) ; touch {pwned} > x",
    )
    desk.receive("$(touch pwned) `touch pwned`")
    desk.sync()
    with open(out, encoding="utf-8") as f:
        t.equal(
            json.load(f), ["a b", "$(touch", f"{pwned})", ";", "touch", pwned, ">", "x"], "its words"
        )
    t.true(not os.path.exists(pwned), "nothing was run")
    desk.crmail("crm", "set", "local", "--set", "hook='open", code=2)
    desk.crmail("crm", "set", "local", "--set", "hook_backfill=maybe", code=2)
    desk.crmail("crm", "set", "local", "--set", "hok=x", code=2)
    desk.crmail("crm", "set", "absent", "--set", "hook=x", code=3)
