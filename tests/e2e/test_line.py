"""The line that breaks on purpose (support/proxy.py), seen by clients other than crmail."""
import imaplib
import smtplib
import ssl

from support.letters import letter
from support.proxy import Proxy, before, cut, half, reset

NEEDS = ("mail",)


def imap(box, line):
    """A signed-in connection through the line."""
    if line.tls == "implicit":
        conn = imaplib.IMAP4_SSL(box.host, line.port, ssl_context=box.tls(), timeout=20)
    else:
        conn = imaplib.IMAP4(box.host, line.port, timeout=20)
        conn.starttls(box.tls())
    conn.login(box.address, box.password)
    return conn


def raw_mail(box, size=10):
    return letter("a@x.test", box.address, "big", "x" * 70 + "\n" * size, "<big@x.test>").as_bytes()


def is_over(do, *args):
    try:
        do(*args)
    except (imaplib.IMAP4.abort, smtplib.SMTPException, OSError):
        return True
    return False


def test_everything_passes(t):
    """Both protocols, both ways to TLS, literals in both directions."""
    for tls in ("implicit", "starttls"):
        box = t.mailbox()
        line, submission = Proxy(t, box, "imap", tls), Proxy(t, box, "smtp", tls)
        conn = imap(box, line)
        mail = raw_mail(box, 20000).replace(b"\n", b"\r\n")
        t.equal(conn.append("INBOX", None, None, mail)[0], "OK", "APPEND")
        conn.select("INBOX")
        t.equal(conn.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1], mail, "the mail fetched")
        conn.logout()
        t.equal(line.count("answer", "APPEND"), 1, "answers to APPEND")
        cls = smtplib.SMTP_SSL if tls == "implicit" else smtplib.SMTP
        with cls(
            box.host,
            submission.port,
            timeout=20,
            **({"context": box.tls()} if tls == "implicit" else {}),
        ) as smtp:
            if tls == "starttls":
                smtp.starttls(context=box.tls())
            smtp.login(box.address, box.password)
            smtp.sendmail(box.address, [box.address], raw_mail(box))
        t.wait(lambda b=box: len(b.messages()) == 2, "the mail sent")
        t.equal(submission.count("answer", "."), 1, "answers to the dot")


def test_the_answer_is_lost_and_the_work_is_done(t):
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    line.at("answer", "APPEND", cut)
    conn = imap(box, line)
    t.true(is_over(conn.append, "INBOX", None, None, raw_mail(box)), "the line is cut")
    t.equal((len(box.messages()), line.breaks), (1, 1), "mails there, breaks")
    conn = imap(box, line)
    t.equal(conn.append("INBOX", None, None, raw_mail(box))[0], "OK", "the next one passes")
    conn.logout()


def test_what_is_cut_before_it_arrives_is_not_done(t):
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    line.at("command", "CREATE", reset)
    conn = imap(box, line)
    t.true(is_over(conn.create, "New"), "the line is reset")
    conn = imap(box, line)
    t.true(b"New" not in b"".join(conn.list()[1]), "no folder was made")
    conn.logout()


def test_a_literal_ends_in_the_middle(t):
    box = t.mailbox()
    box.append("INBOX", raw_mail(box))
    line = Proxy(t, box, "imap")
    line.at("answer", "literal", half)
    conn = imap(box, line)
    conn.select("INBOX")
    t.true(is_over(conn.uid, "FETCH", "1", "(BODY.PEEK[])"), "the line is cut")


def test_words_of_its_own(t):
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    line.at("answer", "NOOP", before(b"* 4711 EXISTS\r\n"))
    conn = imap(box, line)
    conn.noop()
    t.equal(conn.response("EXISTS")[1], [b"4711"], "what the line said")
    conn.shutdown()


def test_away_and_back_on_the_same_port(t):
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    conn = imap(box, line)
    line.refuse()
    t.true(is_over(conn.noop), "the old connection is over")
    t.true(is_over(imap, box, line), "a new one is refused")
    line.accept()
    imap(box, line).logout()


def test_a_certificate_of_another_host(t):
    box = t.mailbox()
    line = Proxy(t, box, "imap", cert="wrong-host")
    try:
        imap(box, line)
    except ssl.SSLCertVerificationError:
        return
    t.true(False, "it was taken")
