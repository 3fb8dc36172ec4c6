"""Connecting accounts: what is refused, in words, and leaves nothing behind."""
import base64

from support import certs
from support.lineserver import LineServer

NEEDS = ("mail", "crm")


def added_or_failed(t, *args):
    """Adds an account; when the command line only writes it down, a pass must then say what is wrong.
    Returns the words."""
    done = t.crmail("account", "add", "work", *args, code=None, seconds=90)
    if done.code:
        t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts after a failed one")
        return done.err
    passed = t.crmail("sync", "--once", "--json", code=None, seconds=90)
    account = passed.json["accounts"][0]
    t.true(account["result"] in ("failed", "parked"), f"result {account}")
    t.true(passed.code in (1, 4), f"exit {passed.code}")
    return account["error"]["message"] + " " + account["error"]["code"]


def refused_certificate(t, kind, tls):
    box = t.mailbox()
    words = added_or_failed(t, *box.account_args(tls, host=certs.BAD_HOSTS[kind]))
    t.true(
        "certificate" in words.lower() or "tls" in words.lower(),
        f"it speaks of the certificate: {words}",
    )
    t.equal(len(box.messages()), 0, "mailbox untouched")


def test_expired_certificate_is_refused(t):
    refused_certificate(t, "expired", "implicit")


def test_wrong_host_name_is_refused_after_starttls(t):
    refused_certificate(t, "wrong-host", "starttls")


def test_unknown_authority_is_refused(t):
    refused_certificate(t, "other-ca", "implicit")


def test_starttls_account_syncs(t):
    box = t.mailbox()
    box.deliver(
        b"From: a@elsewhere.test\nSubject: over starttls\nMessage-ID: <s1@elsewhere.test>\n\nbody\n"
    )
    t.crmail("account", "add", "work", *box.account_args("starttls"), "--history", "all")
    passed = t.crmail("sync", "--once", "--json").json
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")


def test_wrong_password_is_said(t):
    box = t.mailbox()
    args = box.account_args()
    args[args.index("--password-command") + 1] = t.secret_command("not the password")
    words = added_or_failed(t, *args)
    t.true(
        "auth" in words.lower() or "password" in words.lower() or "sign" in words.lower(),
        f"it speaks of signing in: {words}",
    )


def test_secrets_are_nowhere_on_disk(t):
    """Neither password stands in any file that crmail wrote."""
    box, crm = t.mailbox(), t.crm()
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("crm", "add", *crm.crm_args())
    t.crmail("sync", "--once", "--json")
    for secret in (box.password, crm.password):
        found = t.run(["grep", "-rlaF", secret, t.home()], code=None)
        t.equal(found.out, "", "files that hold a password")


def test_usage_errors_are_two(t):
    maildir = ("account", "add", "x", "--email", "a@b.test", "--maildir", t.dir)
    for args in (
        ("account", "add"),
        ("account", "add", "x", "--email", "a@b.test", "--smtp", "smtp.test:587"),
        (*maildir, "--smtp", "smtp.test"),
        (*maildir, "--smtp", "smtp.test:2525"),  # STARTTLS or not?
        (*maildir, "--smtp", "smtp.test:587", "--tls", "perhaps"),
        ("crm", "add"),
        ("sync",),
        ("search",),
        ("no-such-verb",),
    ):
        t.equal(t.crmail(*args, code=None).code, 2, f"exit of {' '.join(args)}")


def test_commands_without_an_account(t):
    """Nothing is connected: every listing is empty and none fails."""
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")
    t.equal(t.crmail("search", "x", "--json").json["total"], 0, "search")
    t.equal(t.crmail("threads", "--json").json, [], "threads")
    t.equal(t.crmail("outbox", "--json").json, {"messages": []}, "outbox")
    t.equal(t.crmail("contact", "list", "--json").json, {"contacts": []}, "contacts")
    t.equal(
        t.crmail("timeline", "--contact", "C404", "--json", code=None).code,
        3,
        "exit for an unknown contact",
    )


def test_failing_password_command_is_said(t):
    box = t.mailbox()
    args = box.account_args()
    args[args.index("--password-command") + 1] = "exit 7"
    words = added_or_failed(t, *args)
    t.true(words.strip(), "there are words")


def imap_without_starttls(line):
    tag, _, command = line.strip().partition(b" ")
    if command.upper() == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN\r\n" + tag + b" OK done\r\n"
    return tag + b" BAD no\r\n"


def no_secret_went_out(t, box, server):
    """Neither as it is nor in base64, in any line."""
    sent = b"".join(server.lines)
    t.true(server.lines, "the program did connect")
    for form in (box.password.encode(), base64.b64encode(box.password.encode())[:-2]):
        t.true(form not in sent, f"{form!r} in {sent!r}")
    for verb in (b"LOGIN ", b"AUTHENTICATE", b"AUTH "):
        t.true(verb not in sent.upper(), f"{verb!r} in {sent!r}")


def test_stripped_starttls_is_an_error_for_imap(t):
    box = t.mailbox()
    server = LineServer(
        t, b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n", imap_without_starttls
    )
    args = box.account_args("starttls")
    args[args.index("--imap") + 1] = f"127.0.0.1:{server.port}"
    added_or_failed(t, *args)
    no_secret_went_out(t, box, server)


def test_text_injected_before_tls_is_not_believed(t):
    """What a man in the middle appends to the answer of STARTTLS must not be read as said inside TLS."""
    box = t.mailbox()

    def answer(line):
        tag, _, command = line.strip().partition(b" ")
        if command.upper() == b"STARTTLS":
            return tag + b" OK begin\r\n* PREAUTH injected\r\n* CAPABILITY IMAP4rev1\r\n"
        return b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n"

    server = LineServer(t, b"* OK ready\r\n", answer)
    args = box.account_args("starttls")
    args[args.index("--imap") + 1] = f"127.0.0.1:{server.port}"
    added_or_failed(t, *args)
    no_secret_went_out(t, box, server)


def test_preauth_before_starttls_is_an_error(t):
    """A server that greets with PREAUTH cannot be asked for TLS any more."""
    box = t.mailbox()
    server = LineServer(t, b"* PREAUTH welcome\r\n", imap_without_starttls)
    args = box.account_args("starttls")
    args[args.index("--imap") + 1] = f"127.0.0.1:{server.port}"
    added_or_failed(t, *args)


def test_a_silent_server_is_given_up(t):
    """It accepts and never speaks: the pass ends by itself and says so."""
    box = t.mailbox()
    server = LineServer(t, b"", lambda line: b"")
    args = box.account_args("starttls")
    args[args.index("--imap") + 1] = f"127.0.0.1:{server.port}"
    t.crmail("account", "add", "work", *args)
    passed = t.crmail("sync", "--once", "--json", code=None, env={"CRMAIL_TEST": "deadlines=1000"})
    t.equal(passed.json["accounts"][0]["result"], "failed", "the pass")
    sent = b"".join(server.lines)
    t.true(b"LOGIN" not in sent and b"AUTH" not in sent, f"what was said to it: {sent!r}")
