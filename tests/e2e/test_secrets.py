"""Saved passwords: an encrypted file behind a helper process, and nowhere else."""
import os
import shlex
import stat

from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120
PASSPHRASE = "correct horse battery"


def with_passphrase(t, *args, passphrase=PASSPHRASE, stdin=b"", code=0):
    """Runs crmail as a script does that keeps the passphrase in a file."""
    file = t.write("passphrase", passphrase + "\n")
    words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
    script = f"exec {shlex.join(words)} 3<{shlex.quote(file)}"
    return t.run(["sh", "-c", script], stdin=stdin, code=code)


def settings(box):
    """The options of `account add` without those that say where the password comes from."""
    args = box.account_args()
    at = args.index("--password-command")
    return args[:at] + args[at + 2 :]


def add(t, box, *more, password=None, **kw):
    secret = (password or box.password) + "\n"
    words = ["account", "add", "work", *settings(box), "--history", "all", "--password-fd", "0"]
    return with_passphrase(t, *words, *more, stdin=secret.encode(), **kw)


def test_saved_password_signs_in_and_is_in_no_other_file(t):
    box = t.mailbox()
    box.deliver(b"From: a@elsewhere.test\nSubject: one\nMessage-ID: <o1@elsewhere.test>\n\nx\n")
    add(t, box)
    passed = with_passphrase(t, "sync", "--once", "--json").json
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 1), "exit and new messages")
    files = []
    for folder, _, names in os.walk(t.home()):
        for name in names:
            path = os.path.join(folder, name)
            files.append(name)
            with open(path, "rb") as f:
                content = f.read()
            for secret in (box.password, PASSPHRASE):
                t.true(secret.encode() not in content, f"no secret in {name}")
    t.true("secrets" in files, f"the file of saved passwords is there: {files}")
    mode = stat.S_IMODE(os.stat(os.path.join(t.home(), "secrets")).st_mode)
    t.equal(oct(mode), oct(0o600), "mode")


def test_wrong_passphrase_is_one_line_and_no_failed_sign_in(t):
    box = t.mailbox()
    add(t, box)
    done = with_passphrase(t, "sync", "--once", "--json", passphrase="wrong", code=1)
    t.equal(done.err, "crmail: That is not the passphrase of the saved passwords.\n", "words")


def test_locked_without_a_terminal_says_what_to_do(t):
    box = t.mailbox()
    add(t, box)
    done = t.crmail("sync", "--once", "--json", code=1)
    t.true("--passphrase-fd" in done.err, f"what to do: {done.err}")
    t.equal(len(done.err.splitlines()), 1, "lines")


def test_damaged_file_is_one_line(t):
    box = t.mailbox()
    add(t, box)
    path = os.path.join(t.home(), "secrets")
    with open(path, "r+b") as f:
        f.seek(-1, os.SEEK_END)
        last = f.read(1)
        f.seek(-1, os.SEEK_END)
        f.write(bytes([last[0] ^ 1]))
    done = with_passphrase(t, "sync", "--once", "--json", code=1)
    t.true("is damaged" in done.err, f"words: {done.err}")
    t.equal(len(done.err.splitlines()), 1, "lines")


def test_truncated_file_is_one_line_wherever_it_ends(t):
    box = t.mailbox()
    add(t, box)
    path = os.path.join(t.home(), "secrets")
    for size in (os.path.getsize(path) - 1, 100, 0):
        os.truncate(path, size)
        done = with_passphrase(t, "sync", "--once", "--json", code=1)
        t.true("is damaged" in done.err, f"words at {size}: {done.err}")
        t.equal(len(done.err.splitlines()), 1, "lines")


def test_tested_account_is_not_saved_with_a_wrong_password(t):
    box = t.mailbox()
    done = add(t, box, "--test", password="not this one", code=1)
    t.true("did not accept the user name or password" in done.err, f"words: {done.err}")
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")
    add(t, box, "--test")
    t.equal(len(t.crmail("status", "--json").json["accounts"]), 1, "accounts")


def test_test_sends_nothing(t):
    box = t.mailbox()
    t.crmail("account", "add", "work", *box.account_args(), "--test")
    t.equal(box.messages(), [], "mail in the mailbox")


def test_account_add_asks_on_a_terminal_and_shows_nothing(t):
    box = t.mailbox()
    words = ["account", "add", "work", *settings(box), "--test"]
    term = Tmux(t, [t.crmail_program, "--home", t.home(), *words])
    for question, answer in (
        ("Password of the account:", box.password),
        ("New passphrase for the file of saved passwords:", PASSPHRASE),
        ("The same again:", PASSPHRASE),
    ):
        term.wait(question)
        term.type(answer)
        term.keys("Enter")
    term.wait_end()
    for secret in (box.password, PASSPHRASE):
        t.true(secret not in term.screen(), f"nothing of it is shown:\n{term.screen()}")
    passed = with_passphrase(t, "sync", "--once", "--json").json
    t.equal(passed["exit"], 0, "exit of a pass with the saved password")
