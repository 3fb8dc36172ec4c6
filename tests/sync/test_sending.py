"""A mail is never sent twice, whatever breaks: submission through a server that loses the line."""
import contextlib
import sqlite3
import subprocess
import time

from support.letters import letter, parse
from support.lineserver import LineServer
from support.proxy import Proxy, cut
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180
SUBJECT = "Question about delivery"


def connected(t, sent_copy="crmail"):
    """(rep, customer, line) with a question in the rep's inbox and submission through the line."""
    rep, customer = t.mailbox("minh"), t.mailbox("laura")
    line = Proxy(t, rep, "smtp")
    rep.deliver(
        letter(
            customer.address,
            rep.address,
            SUBJECT,
            "When does it come?\n",
            f"<q.{t.id}@{customer.domain}>",
            time.time() - 600,
        ),
        customer.address,
    )
    args = rep.account_args()
    args[args.index("--smtp") + 1] = f"127.0.0.1:{line.port}"
    if not sent_copy:
        del args[args.index("sent_copy=crmail") - 1 : args.index("sent_copy=crmail") + 1]
    t.crmail("account", "add", "work", *args, "--history", "all")
    return rep, customer, line


def held(t, text):
    """Writes and sends an answer in the program, which is left running."""
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(SUBJECT, 60)
    term.keys("Enter")
    term.wait("When does it come?")
    term.keys("r")
    term.wait("Re: " + SUBJECT)
    term.type(text)
    term.wait(text)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    return term


def answer(t, text):
    """The same; it is not held for undo."""
    t.send_at_once()
    return held(t, text)


def states(t):
    return [m["state"] for m in t.crmail("outbox", "--json").json["messages"]]


def passes(t, count=2):
    for _ in range(count):
        t.crmail("sync", "--once", "--json", code=None, seconds=120)


def test_submission_that_just_works_through_the_line(t):
    rep, customer, line = connected(t)
    term = answer(t, "On Monday.")
    t.wait(customer.messages, "the answer", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 30)
    term.close()
    passes(t)
    t.equal(
        (line.count("command", "."), len(customer.messages()), len(rep.messages("Sent"))),
        (1, 1, 1),
        "handed over, delivered, filed",
    )


def test_line_lost_before_the_message_is_sent_again(t):
    rep, customer, line = connected(t)
    line.at("command", "DATA", cut)
    term = answer(t, "On Tuesday.")
    t.wait(customer.messages, "the answer", 120)
    term.close()
    passes(t)
    t.equal((line.breaks, len(customer.messages())), (1, 1), "breaks and mails delivered")
    t.equal(len(rep.messages("Sent")), 1, "copies in Sent")


def test_answer_lost_after_the_dot_is_not_sent_again(t):
    """Nobody knows whether it went out, so it is never resent by itself; here it did."""
    rep, customer, line = connected(t)
    line.at("answer", ".", cut)
    term = answer(t, "On Wednesday.")
    t.wait(lambda: line.breaks, "the lost answer", 60)
    t.wait(lambda: states(t) and states(t)[0] in ("unknown", "sent"), "a verdict in the outbox", 60)
    term.close()
    passes(t, 3)
    t.equal((line.count("command", "."), len(customer.messages())), (1, 1), "handed over and delivered")
    mid = parse(customer.messages()[0])["Message-ID"]
    t.equal(
        [m["message_id"] for m in t.crmail("outbox", "--json").json["messages"]][:1],
        [mid.strip("<>")],
        "the mail in the outbox",
    )
    t.true(len(rep.messages("Sent")) <= 1, "at most one copy in Sent")


def lost_after_dot(t):
    """(rep, customer, line, id) of a mail that went out, and whose answer got lost."""
    rep, customer, line = connected(t)
    line.at("answer", ".", cut)
    term = answer(t, "On Wednesday.")
    t.wait(lambda: states(t) == ["unknown"], "the question", 60)
    term.close()
    return rep, customer, line, t.crmail("outbox", "--json").json["messages"][0]["id"]


def test_yes_to_was_it_sent_files_the_copy(t):
    rep, customer, line, ident = lost_after_dot(t)
    t.crmail("outbox", "was-sent", ident)
    passes(t)
    t.equal(
        (states(t), line.count("command", "."), len(customer.messages()), len(rep.messages("Sent"))),
        (["sent"], 1, 1, 1),
        "state, handed over, delivered, filed",
    )


def test_no_to_was_it_sent_sends_once_more(t):
    rep, customer, line, ident = lost_after_dot(t)
    t.crmail("outbox", "was-not-sent", ident)
    passes(t)
    t.equal(
        (states(t), line.count("command", "."), len(customer.messages()), len(rep.messages("Sent"))),
        (["sent"], 2, 2, 1),
        "state, handed over, delivered, filed",
    )
    t.crmail("outbox", "was-not-sent", ident, code=1)
    t.crmail("outbox", "was-sent", "17", code=3)


def test_answering_on_the_screen_that_it_was_not_sent(t):
    rep, customer, line, _ = lost_after_dot(t)
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(SUBJECT, 60)
    term.keys("g", "o")
    term.wait("was it sent?")
    term.keys("Enter")
    term.wait("no, it was not: send it once more")
    term.keys("n")
    t.wait(lambda: states(t) == ["sent"], "the second try", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 30)
    term.keys("Q")
    term.wait_end()
    t.equal((line.count("command", "."), len(customer.messages())), (2, 2), "handed over and delivered")


def test_leaving_sends_what_is_held(t):
    rep, customer, _ = connected(t)
    term = held(t, "On Monday.")
    term.wait("z undo")
    term.keys("Q")
    term.wait("1 mail has not been sent yet.")
    term.keys("s")
    term.wait_end(seconds=30)
    t.equal((states(t), len(customer.messages())), (["sent"], 1), "state and mails delivered")
    passes(t, 1)
    t.equal((len(customer.messages()), len(rep.messages("Sent"))), (1, 1), "delivered and filed")


def test_leaving_stays_when_the_mail_is_refused(t):
    rep = t.mailbox("minh")
    mid = f"<q.{t.id}@x.test>"
    rep.deliver(
        letter(f"nobody@{rep.domain}", rep.address, SUBJECT, "When does it come?\n", mid, time.time() - 600)
    )
    t.crmail("account", "add", "work", *rep.account_args(), "--history", "all")
    term = held(t, "On Monday.")
    term.wait("z undo")
    term.keys("Q")
    term.wait("1 mail has not been sent yet.")
    term.keys("s")
    term.wait("Not everything was sent.", 40)
    term.keys("Enter")
    term.wait("What now?")
    term.keys("Escape")
    term.wait(lambda screen: "What now?" not in screen)
    term.keys("Q")
    term.wait_end()
    t.equal(states(t), ["refused"], "state")


def test_leaving_beside_a_daemon_asks_nothing(t):
    _, customer, _ = connected(t)
    line = [t.crmail_program, "--home", t.home(), "sync", "--daemon"]
    daemon = subprocess.Popen(line, env=t.environment(), stderr=subprocess.DEVNULL)
    t.at_end(daemon.wait)
    t.at_end(daemon.kill)
    t.wait(lambda: (t.crmail("status", "--json").json["host"] or {}).get("kind") == "daemon", "the daemon")
    term = held(t, "On Monday.")
    term.wait("z undo")
    term.keys("Q")
    term.wait_end()
    t.wait(customer.messages, "the mail that the daemon sends", 40)


def test_leaving_makes_what_is_held_a_draft(t):
    rep, customer, line = connected(t)
    term = held(t, "On Monday.")
    term.wait("z undo")
    term.keys("Q")
    term.wait("1 mail has not been sent yet.")
    term.keys("d")
    term.wait_end()
    t.equal(states(t), ["draft"], "state")
    passes(t, 1)
    t.equal(
        (line.count("command", "."), len(customer.messages()), len(rep.messages("Sent"))),
        (0, 0, 0),
        "handed over, delivered, filed",
    )


def sent_copy_setting(t):
    with contextlib.closing(sqlite3.connect(f"{t.home()}/crmail.db")) as db:
        return [v for (v,) in db.execute("SELECT value FROM account_setting WHERE key='sent_copy'")]


def test_first_mail_finds_that_the_server_files_no_copy(t):
    rep, customer, _ = connected(t, sent_copy="")
    term = answer(t, "On Saturday.")
    t.wait(customer.messages, "the answer", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 60)
    t.wait(lambda: sent_copy_setting(t) == ["crmail"], "what was learned")
    term.close()
    passes(t)
    t.equal((states(t), len(rep.messages("Sent"))), (["sent"], 1), "state and copies")


def test_first_mail_finds_that_the_server_files_the_copy(t):
    rep, customer, _ = connected(t, sent_copy="")
    term = answer(t, "On Sunday.")
    t.wait(customer.messages, "the answer", 60)
    rep.append("Sent", customer.messages()[0], "\\Seen")  # as Gmail does
    t.wait(lambda: sent_copy_setting(t) == ["server"], "what was learned", 40)
    term.close()
    passes(t)
    t.equal((states(t), len(rep.messages("Sent"))), (["sent"], 1), "state and copies")


def test_refused_recipient_is_failed_with_the_servers_words(t):
    rep = t.mailbox("minh")
    rep.deliver(
        letter(
            f"nobody@{rep.domain}",
            rep.address,
            SUBJECT,
            "When does it come?\n",
            f"<q.{t.id}@x.test>",
            time.time() - 600,
        )
    )
    t.crmail("account", "add", "work", *rep.account_args(), "--history", "all")
    term = answer(t, "On Thursday.")
    t.wait(lambda: states(t) == ["refused"], "the refusal in the outbox", 60)
    term.close()
    mail = t.crmail("outbox", "--json").json["messages"][0]
    t.equal([r["state"] for r in mail["recipients"]], ["refused"], "recipient")
    t.true("550" in mail["recipients"][0].get("reply", ""), f"the server's words: {mail}")
    passes(t)
    t.equal(
        (states(t), len(rep.messages("Sent"))),
        (["refused"], 0),
        "state and copies after two passes",
    )


REPORT = """\
From: MAILER-DAEMON@mx.test
To: {rep}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{action}@mx.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test
{envelope}
Final-Recipient: rfc822; {customer}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} {words}
--b
Content-Type: text/rfc822-headers

Message-ID: <{mid}>

--b--
"""


def recipients(t):
    return [
        (r["state"], r.get("reply")) for r in t.crmail("outbox", "--json").json["messages"][0]["recipients"]
    ]


def test_notifications_say_what_became_of_a_recipient(t):
    """Postfix is told the envelope's name, and what comes back under that name, or with the headers, counts."""
    rep, customer, line = connected(t)
    term = answer(t, "On Monday.")
    t.wait(customer.messages, "the answer", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 30)
    term.keys("Q")
    term.wait_end()
    t.equal([state for state, _ in recipients(t)], ["accepted"], "before any notification")
    mid = t.crmail("outbox", "--json").json["messages"][0]["message_id"]
    said = [u.raw.decode() for u in line.units if u.name in ("MAIL", "RCPT") and u.side == "command"]
    t.true(f"ENVID={mid}" in said[0], f"the envelope's name in {said}")
    t.true(f"ORCPT=rfc822;{customer.address}" in said[1], f"the original recipient in {said}")

    def report(action, status, words, envelope=""):
        text = REPORT.format(
            rep=rep.address,
            customer=customer.address,
            mid="other@x.test" if envelope else mid,
            envelope=envelope and f"Original-Envelope-Id: {envelope}\n",
            action=action,
            status=status,
            words=words,
        )
        rep.deliver(text.encode(), "")
        passes(t, 1)

    report("delivered", "2.0.0", "Ok", envelope=mid)
    t.equal(recipients(t), [("delivered", "2.0.0 Ok")], "after a positive notification")
    report("failed", "5.2.2", "Mailbox full")
    t.equal(recipients(t), [("bounced", "5.2.2 Mailbox full")], "after a negative one")


def smtp_without_starttls(line):
    return b"250-here\r\n250 AUTH PLAIN LOGIN\r\n" if line[:4].upper() == b"EHLO" else b"502 no\r\n"


def test_stripped_starttls_never_gets_mail_or_password(t):
    rep, customer = t.mailbox("minh"), t.mailbox("laura")
    server = LineServer(t, b"220 here\r\n", smtp_without_starttls)
    rep.deliver(
        letter(
            customer.address,
            rep.address,
            SUBJECT,
            "When does it come?\n",
            f"<q.{t.id}@{customer.domain}>",
            time.time() - 600,
        )
    )
    args = rep.account_args("starttls")
    args[args.index("--smtp") + 1] = f"127.0.0.1:{server.port}"
    t.crmail("account", "add", "work", *args, "--history", "all")
    term = answer(t, "On Friday.")
    t.wait(lambda: server.lines, "a connection", 60)
    passes(t, 1)
    term.close()
    sent = b"".join(server.lines).upper()
    t.true(b"AUTH" not in sent and b"MAIL FROM" not in sent, f"what was said without TLS: {sent!r}")
    t.true(states(t)[0] not in ("sent", "handed", "unknown"), f"state {states(t)}")
