"""New mail shows itself: by IDLE, without a key pressed, while the program does nothing else."""
import smtplib
import time

from support.fakeimap import FakeImap, numbered
from support.letters import letter, parse
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180

SUBJECT = "Pallets for week 48"
QUESTION = "How many pallets can you take in week 48?"
REPLY = "Twelve, if they come on Tuesday."
ANSWER = "Tuesday it is: twelve pallets."
SOON_S = 20  # without IDLE the inbox would be looked at after a quarter of an hour


def submit(box, to, raw):
    """Sends a mail as its owner's own program would, through Postfix."""
    with smtplib.SMTP_SSL(box.host, box.submissions_port, context=box.tls(), timeout=20) as smtp:
        smtp.login(box.address, box.password)
        smtp.sendmail(box.address, [to], raw)


def thread_of(t, message_id):
    """Message-IDs of the conversation that holds message_id."""
    for thread in t.crmail("threads", "--json").json:
        ids = [f"<{m['message_id']}>" for m in thread["messages"]]
        if message_id in ids:
            return ids
    return []


def test_a_reply_is_there_once_and_its_answer_comes_by_itself(t):
    rep, customer = t.mailbox("minh"), t.mailbox("laura")
    asked = f"<asked.{t.id}@{customer.domain}>"
    t.crmail("account", "add", "work", *rep.account_args(), "--history", "all")
    question = letter(
        f"Laura <{customer.address}>", rep.address, SUBJECT, QUESTION + "\n", asked, time.time() - 60
    )
    submit(customer, rep.address, question.as_bytes())
    t.wait(rep.messages, "the question in the mailbox")

    t.send_at_once()
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(SUBJECT, 60)
    term.keys("Enter")
    term.wait(QUESTION)
    term.keys("r")
    term.wait("Re: " + SUBJECT)
    term.type(REPLY)
    term.wait(REPLY)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    sent = t.wait(customer.messages, "the reply in the customer's mailbox", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 30)
    reply = parse(sent[0])["Message-ID"]
    t.wait(lambda: sorted(thread_of(t, asked)) == sorted([asked, reply]), "the reply in the thread")

    answer = letter(
        f"Laura <{customer.address}>",
        rep.address,
        "Re: " + SUBJECT,
        ANSWER + "\n",
        f"<answer.{t.id}@{customer.domain}>",
        time.time(),
        in_reply_to=reply,
        references=f"{asked} {reply}",
    )
    submit(customer, rep.address, answer.as_bytes())
    term.wait(ANSWER, SOON_S)
    t.equal(
        (len(customer.messages()), len(rep.messages("Sent")), len(thread_of(t, asked))),
        (1, 1, 3),
        "replies delivered, copies in Sent, messages in the thread",
    )


def test_what_others_do_in_the_inbox_shows_itself(t):
    box = t.mailbox()
    for n in range(3):
        raw = letter("a@partner.test", box.address, f"Offer {n}", "x\n", f"<o{n}@p.test>", time.time() - n)
        box.append("INBOX", raw.as_bytes())
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(lambda s: all(f"Offer {n}" in s for n in range(3)), 60)
    conn = box.imap()
    conn.select("INBOX")
    conn.store("1", "+FLAGS", "\\Deleted")
    conn.expunge()
    term.wait(lambda s: "Offer 0" not in s and "Offer 2" in s, SOON_S)
    raw = letter("a@partner.test", box.address, "Offer 3", "x\n", "<o3@p.test>", time.time())
    box.append("INBOX", raw.as_bytes())
    term.wait("Offer 3", SOON_S)
    conn.logout()


def fake_box(t, **kw):
    """A server of the test's own with one message, and the screen that shows it; what a real one is asked after
    minutes, this one is asked every second."""
    server = FakeImap(t, **kw)
    raws = numbered(4)
    server.folders["INBOX"].add(raws[0])
    t.crmail("account", "add", "work", *server.account_args(t))
    term = Tmux(
        t, [t.crmail_program, "--home", t.home()], env=t.environment(CRMAIL_TEST="deadlines=1000")
    )
    term.wait("note number 0", 60)
    return server, raws, term


def test_idle_is_renewed_and_goes_on(t):
    server, raws, term = fake_box(t, caps="IDLE")
    t.wait(lambda: server.said("DONE") >= 2, "IDLE renewed twice", SOON_S)
    server.deliver(raws[1])
    term.wait("note number 1", SOON_S)
    t.equal(server.connections, 2, "connections")
    t.equal(server.said("NOOP"), 0, "NOOPs")


def test_without_idle_the_first_connection_asks(t):
    server, raws, term = fake_box(t, caps="UIDPLUS")
    t.wait(lambda: server.said("NOOP") >= 2, "two NOOPs", SOON_S)
    server.deliver(raws[1])
    term.wait("note number 1", SOON_S)
    t.equal(server.connections, 1, "connections")


def test_a_server_that_takes_one_connection_only(t):
    def answer(conn, words, lines):
        return [b"* BYE one connection is enough"] if words[0] == "GREETING" and conn.number > 1 else lines

    server, raws, term = fake_box(t, caps="IDLE", answer=answer)
    t.wait(lambda: server.connections > 1, "the attempt at a second connection", SOON_S)
    server.deliver(raws[1])
    term.wait("note number 1", SOON_S)
    t.true(server.said("NOOP") > 0, "it was asked on the first connection")
    t.equal(len({n for n, words in server.commands}), 1, "connections that got beyond the greeting")


def test_a_server_that_lists_idle_and_refuses_it(t):
    server, raws, term = fake_box(t, caps="IDLE", takes_idle=False)
    t.wait(lambda: server.said("IDLE") > 0, "the attempt at IDLE", SOON_S)
    server.deliver(raws[1])
    term.wait("note number 1", SOON_S)
    t.equal(server.said("IDLE"), 1, "attempts at IDLE")


def test_a_dropped_idle_is_taken_up_again(t):
    server, raws, term = fake_box(t, caps="IDLE")
    for n in (1, 2, 3):
        t.wait(lambda: server.idling("INBOX"), "a client that idles", SOON_S)
        server.hang_up_idlers()
        server.deliver(raws[n])
        term.wait(f"note number {n}", SOON_S)
