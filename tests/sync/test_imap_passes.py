"""Passes over a real IMAP server: what changes there appears here once, and silence is not deletion."""
import base64
import json
import re
import signal
import subprocess
import time

from support.letters import letter

NEEDS = ("mail",)
TIMEOUT = 180


def note(number, box, subject=None):
    return letter(
        f"Writer {number} <w{number}@elsewhere.test>",
        box.address,
        subject or f"note number {number}",
        f"Body of note {number}, word wort{number}wort.\n",
        f"<note{number}@elsewhere.test>",
        time.time() - 100000 + number,
    ).as_bytes()


def connected(t, count, *options):
    """A mailbox with `count` notes and an account that has not synced yet."""
    box = t.mailbox()
    for i in range(count):
        box.append("INBOX", note(i, box))
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all", *options)
    return box


def sync(t, code=0, **kw):
    return t.crmail("sync", "--once", "--json", code=code, seconds=120, **kw).json["accounts"][0]


def subjects(t, query="subject:note"):
    found = t.crmail("search", query, "--json", "--limit", "0").json
    t.equal(len(found["messages"]), found["total"], "length of the list and total")
    return sorted(m["subject"] for m in found["messages"])


def on_server(box, do, folder="INBOX"):
    """do(connection) in a folder, as another client."""
    conn = box.imap()
    try:
        conn.select(f'"{folder}"')
        do(conn)
        conn.expunge()
    finally:
        conn.logout()


def test_new_mail_comes_once(t):
    box = connected(t, 3)
    t.equal(sync(t)["new"], 3, "new in the first pass")
    box.append("INBOX", note(3, box))
    t.equal(sync(t)["new"], 1, "new in the second")
    t.equal(sync(t)["new"], 0, "new in the third")
    t.equal(subjects(t), [f"note number {i}" for i in range(4)], "messages")


def test_flags_set_elsewhere_appear(t):
    box = connected(t, 3)
    sync(t)
    t.equal(subjects(t, "is:unread"), [f"note number {i}" for i in range(3)], "unread before")
    on_server(
        box, lambda c: (c.store("1", "+FLAGS", "\\Seen"), c.store("2", "+FLAGS", "\\Flagged"))
    )
    t.equal(sync(t)["changed"], 2, "changed")
    t.equal(subjects(t, "is:unread"), ["note number 1", "note number 2"], "unread after")
    t.equal(subjects(t, "is:starred"), ["note number 1"], "starred")
    on_server(box, lambda c: c.store("1", "-FLAGS", "\\Seen"))
    sync(t)
    t.equal(len(subjects(t, "is:unread")), 3, "unread again")


def test_deleted_elsewhere_is_gone(t):
    box = connected(t, 4)
    sync(t)
    on_server(box, lambda c: c.store("2:3", "+FLAGS", "\\Deleted"))
    t.equal(sync(t)["gone"], 2, "gone")
    t.equal(subjects(t, "in:INBOX"), ["note number 0", "note number 3"], "left in the inbox")


def test_moved_elsewhere_is_not_lost(t):
    box = connected(t, 3)
    sync(t)
    on_server(box, lambda c: (c.copy("2", "Archive"), c.store("2", "+FLAGS", "\\Deleted")))
    sync(t)
    t.equal(subjects(t), [f"note number {i}" for i in range(3)], "messages")
    t.equal(subjects(t, "in:INBOX"), ["note number 0", "note number 2"], "in the inbox")
    t.equal(subjects(t, "in:Archive"), ["note number 1"], "in the archive")


def renumber(t, box):
    """The server forgets its UIDs: the inbox's index goes and its UID list gets another validity."""
    path = f"{box.maildir}/dovecot-uidlist"
    with open(path, encoding="utf-8") as f:
        text = f.read()
    new = re.sub(r" V(\d+) ", lambda m: f" V{int(m[1]) + 7} ", text, count=1)
    t.true(new != text, "the UID list has a validity")
    with open(path, "w", encoding="utf-8") as f:
        f.write(new)
    t.run(["sh", "-c", f"rm -f {box.maildir}/dovecot.index*"])


def test_new_uidvalidity_loses_and_doubles_nothing(t):
    box = connected(t, 5)
    sync(t)
    renumber(t, box)
    box.append("INBOX", note(5, box))
    sync(t)
    t.equal(subjects(t), [f"note number {i}" for i in range(6)], "messages")
    again = sync(t)
    t.equal((again["new"], again["changed"], again["gone"]), (0, 0, 0), "a pass afterwards")


def test_mail_grown_older_than_the_window_is_kept(t):
    """Renumbered, and moved elsewhere, a month after it was fetched."""
    box = t.mailbox()
    now = time.time()
    for number, days in enumerate((6, 5, 1, 40)):
        raw = letter(
            "a@elsewhere.test",
            box.address,
            f"note {number}",
            "x\n",
            f"<w{number}@elsewhere.test>",
            now - days * 86400,
        )
        box.append("INBOX", raw.as_bytes(), received=now - days * 86400)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "7")
    sync(t)
    t.equal(subjects(t), ["note 0", "note 1", "note 2"], "messages within the window")
    later = {"CRMAIL_TEST": f"clock={t.write('clock', str(int(now) + 30 * 86400))}"}
    on_server(box, lambda conn: (conn.create("Kept"), conn.copy("1", "Kept"), conn.store("1", "+FLAGS", r"\Deleted")))
    sync(t, env=later)
    t.equal(subjects(t), ["note 0", "note 1", "note 2"], "after one was moved by another client")
    renumber(t, box)
    sync(t, env=later)
    t.equal(subjects(t), ["note 0", "note 1", "note 2"], "after the folder was renumbered")


def test_new_folder_and_odd_names(t):
    box = connected(t, 1)
    sync(t)
    for number, name in enumerate(("Kunden/Größe", "Đơn hàng", 'with "quotes"', "a&b", "日本語"), 10):
        coded = utf7(name)
        conn = box.imap()
        quoted = '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'
        t.equal(conn.create(quoted)[0], "OK", f"CREATE {name}")
        t.equal(
            conn.append(quoted, None, None, note(number, box).replace(b"\n", b"\r\n"))[0],
            "OK",
            f"APPEND to {name}",
        )
        conn.logout()
    t.equal(sync(t)["new"], 5, "new")
    found = t.crmail("search", "subject:note", "--json", "--limit", "0").json["messages"]
    t.equal(
        sorted(m["folder"] for m in found),
        sorted(["INBOX", "Kunden/Größe", "Đơn hàng", 'with "quotes"', "a&b", "日本語"]),
        "folders",
    )


def utf7(name):
    """Modified UTF-7 of RFC 3501 5.1.3."""
    out, run = "", ""
    for ch in name + "\0":
        if ch.isascii():
            if run:
                coded = run.encode("utf-16-be")
                out += f"&{base64.b64encode(coded).decode().rstrip('=').replace('/', ',')}-"
                run = ""
            out += "&-" if ch == "&" else ch
        else:
            run += ch
    return out[:-1]


def test_many_messages_come_in_pages(t):
    """More than two pages of headers, and bodies in several batches."""
    box = t.mailbox()
    raws = [note(i, box) for i in range(450)]
    conn = box.imap()
    for raw in raws:
        conn.append("INBOX", None, None, raw.replace(b"\n", b"\r\n"))
    conn.logout()
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.equal(sync(t)["new"], 450, "new")
    t.equal(len(subjects(t)), 450, "messages")
    for i in (0, 199, 200, 201, 449):
        t.equal(subjects(t, f"wort{i}wort"), [f"note number {i}"], "found by its body")


def test_history_days_bounds_the_first_pass(t):
    box = t.mailbox()
    now = time.time()
    for number, days in enumerate((1, 20, 40, 400)):
        raw = letter(
            "a@elsewhere.test",
            box.address,
            f"note {days} days old",
            "x\n",
            f"<o{number}@elsewhere.test>",
            now - days * 86400,
        )
        box.append("INBOX", raw.as_bytes(), received=now - days * 86400)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "30")
    sync(t)
    t.equal(subjects(t), ["note 1 days old", "note 20 days old"], "messages within 30 days")


def test_killed_in_the_middle_it_goes_on(t):
    """SIGKILL at several instants of the first pass; afterwards everything is there once."""
    box = connected(t, 120)
    for delay in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
        proc = subprocess.Popen(
            [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"],
            env=t.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            proc.wait(delay)
        except subprocess.TimeoutExpired:
            proc.send_signal(signal.SIGKILL)
        proc.wait()
    t.equal(sync(t)["result"], "ok", "the pass afterwards")
    t.equal(len(subjects(t)), 120, "messages")
    t.equal(subjects(t, "wort77wort"), ["note number 77"], "found by its body")
    again = sync(t)
    t.equal((again["new"], again["changed"], again["gone"]), (0, 0, 0), "a pass afterwards")
    t.equal(len(box.messages()), 120, "messages on the server")


def test_two_passes_at_once_do_no_harm(t):
    box = connected(t, 40)
    argv = [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"]
    both = [
        subprocess.Popen(argv, env=t.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for proc in both:
        out, err = proc.communicate(timeout=90)
        t.equal((proc.returncode, err), (0, b""), "exit and standard error")
        t.equal(json.loads(out)["accounts"][0]["result"], "ok", "what it says of the account")
    t.equal(len(subjects(t)), 40, "messages")
    t.equal(len(box.messages()), 40, "messages on the server")


def test_server_away_is_said_and_mail_stays(t):
    box = connected(t, 2)
    sync(t)
    t.crmail(
        "account",
        "add",
        "away",
        *box.account_args()[:2],
        "--imap",
        "127.0.0.1:1",
        "--smtp",
        "127.0.0.1:1",
        "--user",
        "x",
        "--password-command",
        "echo x",
        code=None,
    )
    result = t.crmail("sync", "--once", "--json", code=None, seconds=120)
    by_name = {a["name"]: a for a in result.json["accounts"]}
    t.equal(by_name["work"]["result"], "ok", "the account that works")
    if "away" in by_name:
        t.equal(
            (by_name["away"]["result"], result.code),
            ("failed", 4),
            "the one that does not, and the exit",
        )
    t.equal(len(subjects(t)), 2, "messages")
