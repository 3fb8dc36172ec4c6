"""With each set of IMAP extensions the same is seen of Dovecot: what came, what changed, what went; and by the
means that the set offers."""
import os
import re

from support.letters import letter
from support.proxy import Proxy

NEEDS = ("mail",)
TIMEOUT = 120

# What the server may not tell of, and what SELECT and FETCH must look like then.
SETS = {
    "all": ((), r"SELECT \? \(QRESYNC \(\d+ \d+\)\)", None),
    "condstore": (("QRESYNC",), r"SELECT \? \(CONDSTORE\)", r"UID FETCH 1:\d+ \(UID FLAGS\) \(CHANGEDSINCE \d+\)"),
    "plain": (("QRESYNC", "CONDSTORE"), r"SELECT \?$", r"UID FETCH 1:\d+ \(UID FLAGS\)$"),
    "poor": (("QRESYNC", "CONDSTORE", "MOVE", "UIDPLUS", "IDLE", "ENABLE", "LITERAL\\+", "ID"), r"SELECT \?$", None),
}


def without(words):
    """Takes words out of the lists of capabilities."""
    pattern = re.compile(rb" (?:%s)(?=[ \r\]])" % b"|".join(w.encode() for w in words))
    return lambda _link, unit: pattern.sub(b"", unit.raw) if words else unit.raw


def connected(t, taken_away):
    box = t.mailbox()
    line = Proxy(t, box, "imap")
    line.at("answer", None, without(taken_away), times=None, claim=lambda unit: b"CAPABILITY" in unit.raw)
    args = box.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{line.port}"
    for n in range(5):
        add(box, n)
    t.write("data/config", "[log]\nlevel = debug\n")
    t.crmail("account", "add", "work", *args, "--history", "all")
    return box


def add(box, n):
    raw = letter("a@elsewhere.test", box.address, f"note {n}", f"wort{n}wort\n", f"<n{n}@elsewhere.test>")
    box.append("INBOX", raw.as_bytes())


def elsewhere(box):
    """Another client stars one, deletes two, and one more comes."""
    conn = box.imap()
    conn.select("INBOX")
    conn.store("1", "+FLAGS", "\\Flagged")
    conn.store("3:4", "+FLAGS", "\\Deleted")
    conn.expunge()
    conn.logout()
    add(box, 5)


def sync(t):
    r = t.crmail("sync", "--once", "--json", seconds=60).json["accounts"][0]
    return r["result"], r["new"], r["changed"], r["gone"]


def commands(t, start=0):
    with open(os.path.join(t.home(), "crmail.log"), encoding="utf-8") as f:
        f.seek(start)
        return re.findall(r" imap: \d+ > (.*)", f.read())


def check(t, name):
    taken_away, select, fetch = SETS[name]
    box = connected(t, taken_away)
    t.equal(sync(t), ("ok", 5, 0, 0), "first pass")
    start = os.path.getsize(os.path.join(t.home(), "crmail.log"))
    elsewhere(box)
    t.equal(sync(t), ("ok", 1, 1, 2), "second pass")
    said = commands(t, start)
    for pattern in filter(None, (select, fetch)):
        t.true(any(re.search(pattern, c) for c in said), f"{pattern} among {said}")
    t.equal(sync(t), ("ok", 0, 0, 0), "third pass")
    found = t.crmail("search", "in:INBOX", "--json").json["messages"]
    t.equal(sorted((m["subject"], m["starred"]) for m in found),
            [("note 0", True), ("note 1", False), ("note 4", False), ("note 5", False)], "messages")  # fmt: skip


def test_with_all_of_them(t):
    check(t, "all")
    said = commands(t)
    t.true(any(c.startswith('ID ("name" "crmail" "version" "') for c in said), f"ID says who we are: {said}")
    t.true("ENABLE QRESYNC" in said, f"QRESYNC is enabled: {said}")


def test_without_qresync(t):
    check(t, "condstore")


def test_without_qresync_and_condstore(t):
    check(t, "plain")


def test_with_next_to_none(t):
    check(t, "poor")
