"""What there is when the dust has settled: both databases and the mailbox, said without chance.

data(home) gives {table: sorted rows} with every id replaced by what it stands for, and without what may
differ between two runs that did the same: time columns (*_at, at, not_before), what servers give out
(server_id, cursor), hashes of Message-IDs.  mailbox(box) gives {folder: sorted (Message-ID, flags)}.
difference(a, b) says in a few lines what differs.
"""
import imaplib
import re
import sqlite3
import zlib

# Columns that hold ids of another table's rows, whatever table they are in.
MEANS = {
    "account": "account",
    "folder": "folder",
    "to_folder": "folder",
    "message": "message",
    "copy_of": "message",
    "reply_to": "message",
    "sent_message": "message",
    "thread": "thread",
    "merged_into": "thread",
    "party": "party",
    "peer": "party",
    "outbox": "outbox",
    "correspondent": "correspondent",
    "crm": "crm",
    "contact": "contact",
    "partner": "partner",
    "lead": "lead",
}
TIMES = re.compile(r"(^|_)at$|^not_before$")
# Counted up or given out: by servers, by SQLite, by the run.
CHANCE = {
    "cursor",
    "server_id",
    "seen_pass",
    "equal_key",
    "mid_hash",
    "hash",
    "refs",
    "grp",
    "attempts",
    "newest",
    "received",
    "joined",
    "reply",  # what a server said in words is lost with its answer
    "data",  # compressed mail, with Message-IDs in it; `size`, the index and the server tell
}
LINKS = {1: "contact", 2: "partner", 3: "lead"}  # what link.target is, by link.kind
# Tables of bookkeeping: what a person can still undo, the history of the run itself (its passes, and
# what was told of them and of mail that came while a screen was open), and rows that say which
# schema this is.
LEFT_OUT = {
    "meta",
    "change",
    "audit",
    "care",
    "notice",
    "pass_hour",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_stat4",
}


class _Names:
    """Of every row that others refer to, what it is called."""

    def __init__(self, db, own_ids):
        self._own = own_ids
        self.account = dict(db.execute("SELECT id, name FROM account"))
        self.folder = dict(db.execute("SELECT id, server_name FROM folder"))
        self.party = {i: f"{n} <{a}>" for i, a, n in db.execute("SELECT id, addr, name FROM party")}
        self.crm = dict(db.execute("SELECT id, name FROM crm"))
        self.correspondent = dict(db.execute("SELECT id, norm FROM correspondent"))
        for table in ("contact", "partner", "lead"):
            setattr(self, table, dict(db.execute(f"SELECT id, crm_id FROM {table}")))
        self.outbox = {
            i: f"{self.text(m)} {s}"
            for i, m, s in db.execute("SELECT id, message_id, subject FROM outbox")
        }
        self.message = {}
        places = (
            "(SELECT group_concat(name) FROM (SELECT f.server_name AS name FROM placement p"
            " JOIN folder f ON f.id = p.folder WHERE p.message = m.id ORDER BY 1))"
        )
        for i, mid, subject, where in db.execute(f"SELECT id, mid, subject, {places} FROM message m"):
            self.message[i] = f"{self.text(mid) or subject} in {where}"
        self.thread = {}
        for i, thread in db.execute("SELECT id, thread FROM message"):
            self.thread.setdefault(thread, []).append(self.message[i])
        self.thread = {i: " + ".join(sorted(v)) for i, v in self.thread.items()}

    def text(self, value):
        """A text without the Message-IDs that crmail made up."""
        for mid, name in self._own.items():
            value = value.replace(mid, name) if value else value
        return value

    def of(self, kind, value):
        if not value or value < 0:  # nothing, or a list over all folders
            return value
        return getattr(self, kind).get(value, "no such row")


def _own_ids(db):
    rows = db.execute("SELECT message_id, subject FROM outbox WHERE message_id <> ''")
    return {mid: f"own:{subject}" for mid, subject in rows}


def _value(names, column, value):
    if column in MEANS:
        return names.of(MEANS[column], value)
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
        value = names.text(text)
        return value if len(value) < 200 else f"{len(value)} chars {zlib.crc32(value.encode('utf-8', 'surrogateescape'))}"
    return names.text(value) if isinstance(value, str) else value


def _rows(db, names, table):
    columns = [(r[1], r[5]) for r in db.execute(f"PRAGMA table_info({table})")]
    id_is_chance = [c for c, key in columns if c == "id" and key]
    keep = [
        c
        for c, _ in columns
        if c not in CHANCE and not TIMES.search(c) and c not in id_is_chance
    ]
    link = table == "link"
    found = []
    for row in db.execute(f"SELECT {', '.join(keep) or '1'} FROM {table}"):
        values = dict(zip(keep, row))
        kind = values.get("kind")
        said = {c: _value(names, c, v) for c, v in values.items()}
        if link:  # kind says which table the target is in
            said["target"] = names.of(LINKS[kind], values["target"])
        found.append(" ".join(f"{c}={v!r}" for c, v in said.items()))
    return sorted(found)


def _index(db, names, table):
    """Every word of a full-text index and where it stands."""
    db.execute(f"CREATE VIRTUAL TABLE temp.v_{table} USING fts5vocab(main, {table}, instance)")
    rows = db.execute(f"SELECT term, doc, col, offset FROM temp.v_{table}")
    return sorted(
        f"{names.message[doc]}: {term} {col} {at}" for term, doc, col, at in rows if doc in names.message
    )


def _tables(db):
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    found = [(name, sql or "") for name, sql in rows if name not in LEFT_OUT]
    virtual = [name for name, sql in found if sql.startswith("CREATE VIRTUAL")]
    plain = [
        name
        for name, sql in found
        if name not in virtual and not any(name.startswith(v + "_") for v in virtual)
    ]
    return plain, virtual


def data(home):
    """{table: sorted rows} of both databases of a data folder that nobody is using."""
    out = {}
    main = sqlite3.connect(f"{home}/crmail.db")
    names = _Names(main, _own_ids(main))
    cache = sqlite3.connect(f"{home}/cache.db")
    for file, db in (("crmail", main), ("cache", cache)):
        plain, virtual = _tables(db)
        for table in plain:
            out[f"{file}.{table}"] = _rows(db, names, table)
        for table in virtual:
            out[f"{file}.{table}"] = _index(db, names, table)
        db.close()
    return out


FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(.*?)\s*$", re.I | re.M)


def folders(box):
    """The names of a mailbox's folders."""
    conn = box.imap()
    try:
        lines = [line.decode() for line in conn.list()[1]]
    finally:
        conn.logout()
    return sorted(line.rpartition(' "/" ')[2].strip('"') for line in lines)


def uids(box):
    """{folder: {uid: (Message-ID, flags)}} as the server has it."""
    out = {}
    for folder in folders(box):
        conn = box.imap()
        try:
            conn.select(f'"{folder}"', readonly=True)
            said = conn.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
        finally:
            conn.logout()
        out[folder] = {}
        for item in said:
            if not isinstance(item, tuple):
                continue
            uid = re.search(rb"UID (\d+)", item[0])[1].decode()
            flags = sorted(
                f.decode() for f in imaplib.ParseFlags(item[0]) if f != rb"\Recent"
            )
            mid = MESSAGE_ID.search(item[1])
            out[folder][uid] = (mid[1].decode() if mid else "", " ".join(flags))
    return out


def mailbox(box, names=None):
    """{folder: sorted (Message-ID, flags)}; names is {Message-ID: what to call it}."""
    return {
        folder: sorted((_called(mid, names), flags) for mid, flags in found.values())
        for folder, found in uids(box).items()
    }


def _called(mid, names):
    for own, name in (names or {}).items():
        mid = mid.replace(own, name)
    return mid


def own_names(home):
    """{Message-ID that crmail made: what to call it}."""
    db = sqlite3.connect(f"{home}/crmail.db")
    try:
        return _own_ids(db)
    finally:
        db.close()


def strangers(home, box):
    """Placements that the server does not have like that, and the other way round; [] when all is true."""
    db = sqlite3.connect(f"{home}/crmail.db")
    rows = db.execute(
        "SELECT f.server_name, p.server_id, m.mid FROM placement p JOIN folder f ON f.id = p.folder"
        " JOIN message m ON m.id = p.message WHERE p.is_shown AND p.is_remote"
    ).fetchall()
    db.close()
    here = {(folder, uid, mid) for folder, uid, mid in rows}
    there = {
        (folder, uid, mid.strip("<>"))
        for folder, found in uids(box).items()
        for uid, (mid, _) in found.items()
    }
    return sorted(
        [f"only here: {x}" for x in here - there] + [f"only there: {x}" for x in there - here]
    )


def difference(got, want, most=12):
    """What got and want, dicts of lists, do not share: one line each, "" when they are equal."""
    lines = []
    for key in sorted(set(got) | set(want)):
        a, b = list(got.get(key, [])), list(want.get(key, []))
        for row in list(a):
            if row in b:
                a.remove(row)
                b.remove(row)
        lines += [f"{key}: more: {row}" for row in a] + [f"{key}: less: {row}" for row in b]
    return "\n".join(lines[:most])
