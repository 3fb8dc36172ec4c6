"""One mail through every layer: received, recognised, read, answered, sent once, logged twice in the CRM."""
import datetime
import time

from support.letters import activity_id, letter, parse
from support.terminal import Tmux, leave

NEEDS = ("mail", "crm")
TIMEOUT = 180

SUBJECT = "Deadline order and the new terms"
QUESTION = "Could you send the revised price list before Thursday?"
ANSWER = "Happy to, it is on its way."


class Scene:
    """A rep's mailbox, a customer's mailbox, and a CRM that knows the customer."""

    def __init__(self, t):
        self.t = t
        self.rep = t.mailbox("minh")
        self.customer = t.mailbox("laura")
        self.crm = t.crm(
            partners=[{"id": "P7", "name": "Dafaneto", "domain": self.customer.domain}],
            contacts=[
                {
                    "id": "C1",
                    "first_name": "Laura",
                    "last_name": "Palmer",
                    "email": self.customer.address.upper(),
                    "title": "Head of Procurement",
                    "phone": "+49 30 1234",
                    "partner_id": "P7",
                }
            ],
        )
        self.message_id = f"<question.{t.id}@{self.customer.domain}>"
        self.asked_at = int(time.time()) - 3600

    def connect(self):
        t = self.t
        t.crmail("account", "add", "work", *self.rep.account_args(), "--history", "all")
        t.crmail("crm", "add", *self.crm.crm_args(), "--log-since", "all")

    def ask(self):
        # Without a display name: who it is can only come from the CRM.
        self.rep.deliver(
            letter(
                self.customer.address,
                self.rep.address,
                SUBJECT,
                f"Hi Minh,\n\n{QUESTION}\n\nBest, Laura\n",
                self.message_id,
                self.asked_at,
            ),
            self.customer.address,
        )

    def wait_activities(self, count):
        self.t.wait(
            lambda: len(self.crm.activities()) >= count, f"{count} activities in the CRM", 60
        )
        return self.crm.activities()

    def check_activity(self, row, message_id, subject, description, at):
        """Every field of R38, and the id that every client would give it."""
        got = {
            k: row[k]
            for k in (
                "id",
                "organization_id",
                "contact_id",
                "partner_id",
                "lead_id",
                "activity_type",
                "subject",
                "description",
                "status",
                "created_by",
            )
        }
        self.t.equal(
            got,
            {
                "id": activity_id(self.crm.organization, message_id, "contact", "C1"),
                "organization_id": self.crm.organization,
                "contact_id": "C1",
                "partner_id": "P7",
                "lead_id": None,
                "activity_type": "email",
                "subject": subject,
                "description": description,
                "status": "completed",
                "created_by": self.crm.user_id,
            },
            "the activity",
        )
        stamp = datetime.datetime.fromisoformat(row["activity_date"]).timestamp()
        self.t.equal(int(stamp), int(at), "activity_date")


def sent_at(mail):
    return mail["Date"].datetime.timestamp()


def test_one_mail_through_every_layer(t):
    scene = Scene(t)
    scene.connect()
    scene.ask()
    term = Tmux(t, [t.crmail_program, "--home", t.home()])

    term.wait(SUBJECT, 60)
    screen = term.wait("Laura Palmer", 30)
    t.true("Dafaneto" in screen, f"the inbox says of which company she is:\n{screen}")

    term.keys("Enter")
    screen = term.wait(lambda s: "1 message" in s and QUESTION in s and "+49 30 1234" in s)
    for known in ("Laura Palmer", "Head of Procurement", "Dafaneto"):
        t.true(known in screen, f"the contact panel says {known}:\n{screen}")

    term.keys("r")
    term.wait(lambda s: "Re: " + SUBJECT in s and QUESTION in s)
    term.type(ANSWER)
    term.wait(ANSWER)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")

    t.wait(scene.customer.messages, "the answer in the customer's mailbox", 60)
    rows = scene.wait_activities(2)
    sent = t.wait(lambda: scene.rep.messages("Sent"), "the copy in Sent", 30)
    leave(t, term)

    check_answer(t, scene, sent)
    answer = parse(sent[0])
    scene.check_activity(rows[0], scene.message_id, SUBJECT, "Received email", scene.asked_at)
    scene.check_activity(
        rows[1], answer["Message-ID"], "Re: " + SUBJECT, "Sent email", sent_at(answer)
    )
    check_nothing_changes(t, scene)


def check_answer(t, scene, sent):
    got = scene.customer.messages()
    t.equal((len(got), len(sent)), (1, 1), "answers delivered, copies in Sent")
    mail = parse(got[0])
    t.equal(mail["From"].addresses[0].addr_spec, scene.rep.address, "From")
    t.equal([a.addr_spec for a in mail["To"].addresses], [scene.customer.address], "To")
    t.equal(str(mail["Subject"]), "Re: " + SUBJECT, "Subject")
    t.equal(
        (str(mail["In-Reply-To"]), str(mail["References"])),
        (scene.message_id, scene.message_id),
        "In-Reply-To and References",
    )
    body = mail.get_body(("plain",)).get_content()
    t.true(ANSWER in body and "> " + QUESTION in body, f"answer and quotation in the body:\n{body}")
    t.equal(mail["Message-ID"], parse(sent[0])["Message-ID"], "Message-ID of the copy in Sent")
    t.true("Bcc" not in mail, "no Bcc header")


def check_nothing_changes(t, scene):
    """Another pass finds nothing to do, here and on the servers."""
    before = (
        scene.crm.activities(),
        scene.rep.with_flags("INBOX"),
        scene.rep.with_flags("Sent"),
        scene.customer.messages(),
    )
    for _ in range(2):
        passed = t.crmail("sync", "--once", "--json").json
        account = passed["accounts"][0]
        t.equal(
            (passed["exit"], account["result"], account["sent"], account["unknown"]),
            (0, "ok", 0, 0),
            "the pass",
        )
        t.equal(passed["crms"][0]["logged"], 0, "newly logged")
    t.equal(
        (account["new"], account["changed"], account["gone"]),
        (0, 0, 0),
        "new, changed, gone in the last pass",
    )
    after = (
        scene.crm.activities(),
        scene.rep.with_flags("INBOX"),
        scene.rep.with_flags("Sent"),
        scene.customer.messages(),
    )
    t.equal(after, before, "servers after two more passes")


def test_the_same_without_a_screen(t):
    scene = Scene(t)
    scene.connect()
    scene.ask()
    scene.rep.deliver(
        letter(
            "someone@stranger.test",
            scene.rep.address,
            "Unrelated",
            "Hello.\n",
            "<unrelated.1@stranger.test>",
        )
    )
    scene.rep.append(
        "Sent",
        letter(
            scene.rep.address,
            scene.customer.address,
            "Re: " + SUBJECT,
            ANSWER + "\n",
            "<answer.1@here.test>",
            scene.asked_at + 60,
            in_reply_to=scene.message_id,
            references=scene.message_id,
        ).as_bytes(),
        "\\Seen",
    )

    passed = t.crmail("sync", "--once", "--json", seconds=120).json
    t.equal(
        (
            passed["exit"],
            [a["result"] for a in passed["accounts"]],
            [c["result"] for c in passed["crms"]],
        ),
        (0, ["ok"], ["ok"]),
        "the pass",
    )
    t.equal(
        (passed["accounts"][0]["name"], passed["accounts"][0]["new"]),
        ("work", 3),
        "account and new messages",
    )
    t.equal(
        {k: passed["crms"][0][k] for k in ("contacts", "partners", "logged", "parked")},
        {"contacts": 1, "partners": 1, "logged": 2, "parked": []},
        "what the CRM's pass did",
    )

    rows = scene.crm.activities()
    t.equal(len(rows), 2, "activities")
    scene.check_activity(rows[0], scene.message_id, SUBJECT, "Received email", scene.asked_at)
    scene.check_activity(
        rows[1], "<answer.1@here.test>", "Re: " + SUBJECT, "Sent email", scene.asked_at + 60
    )

    check_search(t, scene)
    check_threads(t)
    check_timeline(t, scene)
    check_status(t, scene)
    check_nothing_changes(t, scene)


def check_search(t, scene):
    found = t.crmail("search", "revised price", "--json").json
    t.equal(
        (found["query"], found["total"], len(found["messages"])), ("revised price", 1, 1), "search"
    )
    hit = found["messages"][0]
    t.equal(
        {
            k: hit.get(k)
            for k in (
                "message_id",
                "account",
                "folder",
                "subject",
                "unread",
                "starred",
                "contact",
                "partner",
            )
        },
        {
            "message_id": scene.message_id.strip("<>"),
            "account": "work",
            "folder": "INBOX",
            "subject": SUBJECT,
            "unread": True,
            "starred": False,
            "contact": "C1",
            "partner": "P7",
        },
        "the message found",
    )
    t.equal(t.crmail("search", "from:stranger", "--json").json["total"], 1, "from:")
    t.equal(
        t.crmail("search", "no-such-word-here", "--json").json["total"], 0, "a word that is nowhere"
    )


def check_threads(t):
    threads = t.crmail("threads", "--json").json
    t.equal(
        sorted(len(thread["messages"]) for thread in threads), [1, 2], "messages in each thread"
    )
    pair = next(thread["messages"] for thread in threads if len(thread["messages"]) == 2)
    t.true(pair[0]["source"].startswith("work/INBOX;uid="), f"source of the question: {pair[0]}")
    t.true(pair[1]["source"].startswith("work/Sent;uid="), f"source of the answer: {pair[1]}")
    t.equal(pair[1].get("parent"), pair[0]["source"], "parent of the answer")


def check_timeline(t, scene):
    timeline = t.crmail("timeline", "--contact", "C1", "--json").json
    t.equal(timeline["contact"], "C1", "whose timeline")
    got = [
        (e["kind"], e.get("direction"), e.get("subject"), e.get("message_id"), e["state"])
        for e in timeline["entries"]
    ]
    t.equal(
        got,
        [
            ("email", "out", "Re: " + SUBJECT, "answer.1@here.test", "logged"),
            ("email", "in", SUBJECT, scene.message_id.strip("<>"), "logged"),
        ],
        "entries, newest first",
    )
    contacts = t.crmail("contact", "list", "--json").json["contacts"]
    t.equal(
        [(c["id"], c["name"], c.get("partner")) for c in contacts],
        [("C1", "Laura Palmer", "P7")],
        "contacts",
    )


def check_status(t, scene):
    t.equal(t.crmail("outbox", "--json").json, {"messages": []}, "outbox")
    status = t.crmail("status", "--json").json
    account, crm = status["accounts"][0], status["crms"][0]
    t.equal(
        (account["name"], account["email"], account["messages"], account["ops"], account["outbox"]),
        ("work", scene.rep.address, 3, 0, 0),
        "account in status",
    )
    t.equal((crm["profile"], crm["queue"], crm["parked"]), ("supabase", 0, 0), "CRM in status")
