"""New mail shows itself: by IDLE, without a key pressed, while the program does nothing else."""
import smtplib
import time

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
