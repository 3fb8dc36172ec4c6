"""A whole mailbox over IMAP: the state is the truth, a second pass fetches nothing and changes nothing, and another
program that follows the same mailbox finds nothing to do afterwards.

Once with the project's own mailbox (support/minicorpus.py), once with the shared generator's 2,000 messages.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

from support import minicorpus
from support.discover import mark
from support.mbsync import Mbsync

NEEDS = ("mail",)
TIMEOUT = 240
SYNC_S = 200
SHARED_MESSAGES = 2000

FLAGS = {1: "\\Seen", 2: "\\Flagged", 4: "\\Answered", 8: "\\Draft", 16: "\\Deleted"}
# What a pass that finds nothing may write, by table.
MOMENTS = {"account": {"status_at", "last_sync_at", "last_used_at"}, "pass_hour": {"hour", "done"}}


def upload(box, maildir):
    """Puts a Maildir where the IMAP server keeps the mailbox's."""
    shutil.copytree(maildir, box.maildir, dirs_exist_ok=True)
    os.makedirs(os.path.join(box.maildir, "tmp"), exist_ok=True)
    for where, _, names in os.walk(os.path.dirname(box.home)):
        for path in [where] + [os.path.join(where, n) for n in names]:
            os.chown(path, box.uid, box.gid)


def on_server(box):
    """{(folder, uid): flags} of every message there is."""
    conn, found = box.imap(), {}
    names = [re.search(rb'"([^"]*)"$|(\S+)$', line) for line in conn.list()[1]]
    for name in [(m[1] or m[2]).decode() for m in names]:
        conn.select(f'"{name}"', readonly=True)
        for item in conn.uid("FETCH", "1:*", "(FLAGS)")[1]:
            m = item and re.search(rb"UID (\d+)", item)
            flags = item and re.search(rb"FLAGS \(([^)]*)\)", item)
            if m and flags:
                found[name, int(m[1])] = set(flags[1].decode().split()) & set(FLAGS.values())
    conn.logout()
    return found


def database(t, name):
    return sqlite3.connect(f"file:{os.path.join(t.home(), name)}?mode=ro", uri=True)


def in_store(t):
    """The same of the program's own tables."""
    rows = database(t, "crmail.db").execute(
        "SELECT f.server_name, p.server_id, m.remote_flags FROM placement p JOIN folder f ON f.id = p.folder"
        " JOIN message m ON m.id = p.message WHERE p.is_remote"
    )
    return {
        (folder, int(uid)): {name for bit, name in FLAGS.items() if flags & bit} for folder, uid, flags in rows
    }


def contents(t):
    """{database/table: rows} of both databases, but for the columns of MOMENTS."""
    out = {}
    for name in ("crmail.db", "cache.db"):
        db = database(t, name)
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for table in tables:
            try:
                cursor = db.execute(f'SELECT * FROM "{table}"')
            except sqlite3.OperationalError:  # a virtual table of a module this sqlite lacks
                continue
            columns = [c[0] for c in cursor.description]
            keep = [i for i, c in enumerate(columns) if c not in MOMENTS.get(table, ())]
            out[f"{name}/{table}"] = sorted((repr([row[i] for i in keep]) for row in cursor))
    return out


def sync(t):
    passed = t.crmail("sync", "--once", "--json", seconds=SYNC_S).json
    account = passed["accounts"][0]
    t.equal((passed["exit"], account["result"]), (0, "ok"), "the pass")
    return account["new"], account["changed"], account["gone"]


def commands(t, start):
    """What the log says was sent to the server from an offset on."""
    with open(os.path.join(t.home(), "crmail.log"), encoding="utf-8") as f:
        f.seek(start)
        return re.findall(r" imap: \d+ > (.*)", f.read())


def check_mailbox(t, box, count):
    """count: messages on the server."""
    witness = Mbsync(t, box)
    t.equal(len(witness.sync()), count, "messages that the witness took")
    t.write("data/config", "[log]\nlevel = debug\n")
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.equal(sync(t)[1:], (0, 0), "changed and gone in the first pass")
    truth = on_server(box)
    t.equal(len(truth), count, "messages on the server")
    t.equal(in_store(t), truth, "places and flags")
    first = commands(t, 0)
    t.true(any("BODY.PEEK[HEADER]" in c for c in first), "the trace shows headers being fetched")

    before = contents(t)
    start = os.path.getsize(os.path.join(t.home(), "crmail.log"))
    t.equal(sync(t), (0, 0, 0), "new, changed, gone in the second pass")
    second = commands(t, start)
    t.true(any(c.startswith("SELECT") for c in second), f"the trace shows the second pass: {second}")
    t.equal([c for c in second if "BODY" in c or "FETCH" in c], [], "FETCH in the second pass")
    after = contents(t)
    changed = {k: [r for r in after[k] if r not in before[k]][:3] for k in after if after[k] != before.get(k)}
    t.equal(changed, {}, "tables that a second pass changes")
    t.equal(witness.sync(), [], "what the witness finds to do")
    t.equal(on_server(box), truth, "messages and flags on the server in the end")


def test_own_mailbox_is_the_truth(t):
    corpus, box = minicorpus.make(t.path("mini"), 11), t.mailbox()
    upload(box, corpus.maildir)
    check_mailbox(t, box, sum(len(letter.places) for letter in corpus.letters))
    found = t.crmail("search", "from:example", "--json", "--limit", "0").json["messages"]
    t.equal(
        sorted((m.get("message_id") or "", m["subject"]) for m in found),
        sorted((x.message_id or "", x.subject) for x in corpus.letters),
        "messages, each once",
    )
    for x in corpus.letters[::7]:
        t.equal(t.crmail("search", x.mark, "--json").json["total"], 1, f"found by its body: {x.mark}")


@mark(timeout=400)
def test_shared_mailbox_is_the_truth(t):
    program, folder, box = t.shared("corpus", "make_corpus.py"), t.path("corpus"), t.mailbox()
    subprocess.run(
        [sys.executable, "-B", program, "--messages", str(SHARED_MESSAGES), "--seed", "5", "--out", folder,
         "--jobs", "1"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    upload(box, os.path.join(folder, "Maildir"))
    check_mailbox(t, box, len(truth["messages"]))
    for word, keys in truth["needles"].items():
        t.equal(t.crmail("search", word, "--json").json["total"], len(keys), f"messages with {word}")
