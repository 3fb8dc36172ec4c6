#!/usr/bin/python3
"""big - makes a data folder of as many messages as one likes, up to millions, without any mail.

usage: bench/big.py CRMAIL FOLDER MESSAGES

crmail itself makes the empty files, so that the schema and its triggers are the real ones; the rows
then come in the order in which mail would have come, and crmail's doctor finds nothing to mend in
them. The same number gives the same rows. Two processes fill the two files at the same time.

What is in it, for N messages: two accounts with inboxes, sent mail, archives, trash, junk and 30
folders of customers. Nearly half of the messages begin a conversation; N / 100,000 conversations, but
at least one, go on through all the years for 10,000 messages (a quarter of N at most), and the newest
message is of one of them. N / 50 people, a few of whom write often; not quite half of them are in the
CRM, with links, timelines and logged entries. 2 % is unread, most of that recent. Bodies are of about
90 words, of a vocabulary that is used as words are, a few often.
"""
import array
import ctypes
import datetime
import hashlib
import itertools
import json
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
SYLLABLES = ("ba be bi bo da de di do fa fe fi fo ga ge go ka ke ki ko la le li lo ma me mi mo na ne ni no pa "
             "pe po ra re ri ro sa se si so ta te ti to va ve vi vo").split()
LONG_SUBJECT = "Marathonian"     # in the subject of the longest conversation, whose newest message is the newest of all
LONG_END = "oldest of them all"  # the snippet of its oldest
RARE, RARE_COUNT = "zanzibarine", 7
COMMON = "delivery"              # in a third of the messages
VERSION = 1                      # of what is made; a store of another one is made anew
START = int(datetime.datetime(2012, 1, 2, 8, tzinfo=datetime.timezone.utc).timestamp())
END = int(datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.timezone.utc).timestamp())
SEEN, FLAGGED = 1, 2
INBOX, SENT, DRAFTS, TRASH, ARCHIVE, JUNK, OTHER = 1, 2, 3, 4, 5, 6, 0
BATCH = 2000                     # messages in one transaction
OPEN_THREADS = 40                # conversations that an answer may belong to
ME = {1: (1, "rep@ourfirm.example"), 2: (2, "sales@ourfirm.example")}   # account: party, address
FIRST_PERSON = 3                 # party of people[0]


def hash64(text):
    """Any 64 bits do; crmail asks for those of its own making only when mail comes in."""
    return struct.unpack("<q", hashlib.blake2b(text.encode(), digest_size=8).digest())[0] or 1


def folders():
    """(id, account, name, role) of all folders."""
    rows = []
    for account, clients in ((1, 30), (2, 0)):
        names = [("INBOX", INBOX), ("Sent", SENT), ("Drafts", DRAFTS), ("Trash", TRASH), ("Archive", ARCHIVE),
                 ("Junk", JUNK)] + [(f"Clients/{i:02}", OTHER) for i in range(clients)]
        rows += [(len(rows) + i + 1, account, name, role) for i, (name, role) in enumerate(names)]
    return rows


FOLDERS = folders()
ROLE = {folder: role for folder, _, _, role in FOLDERS}
BY_ROLE = {(account, role): folder for folder, account, _, role in FOLDERS if role}
CLIENTS = [folder for folder, _, _, role in FOLDERS if role == OTHER]


class Words:
    """A vocabulary and sentences of it."""

    def __init__(self, rng):
        self.all = sorted({"".join(rng.choices(SYLLABLES, k=rng.randint(2, 5))) for _ in range(60000)})
        rng.shuffle(self.all)
        weights = list(itertools.accumulate(1 / (i + 10) for i in range(len(self.all))))
        picked = rng.choices(self.all, cum_weights=weights, k=360000)
        self.sentences = [" ".join(picked[i:i + 9]) for i in range(0, len(picked), 9)]
        self.subjects = [" ".join(picked[i:i + 4]) for i in range(0, len(picked), 4)]


class People:
    """Who writes: person i has party i + FIRST_PERSON; every third firm is in no CRM, and a third of
    the people of the others."""

    def __init__(self, total, words, rng):
        self.n = max(60, total // 50)
        self.firms = max(15, self.n // 4)
        first, last = (rng.choices(words.all, k=self.n) for _ in range(2))
        self.names = [f"{a.capitalize()} {b.capitalize()}" for a, b in zip(first, last)]
        self.addrs = [f"{a}.{b}@firm{i % self.firms}.example" for i, (a, b) in enumerate(zip(first, last))]

    def firm(self, person):
        return person % self.firms

    def is_known(self, person):
        return self.firm(person) % 3 != 0 and person % 3 != 1

    def any(self, rng):
        """A few write often."""
        return int(self.n * rng.random() ** 2.5)


class Thread:
    """A conversation while answers to it still come."""
    __slots__ = ("id", "account", "home", "subject", "people", "hashes", "rows", "senders", "newest", "n", "unread",
                 "main", "main_unread", "main_newest", "facts", "peer", "is_long")

    def __init__(self, number, account, home, subject, people):
        self.id, self.account, self.home, self.subject, self.people = number, account, home, subject, people
        self.hashes, self.rows, self.senders = [], {}, []
        self.newest = self.n = self.unread = self.main = self.main_unread = self.main_newest = self.facts = 0
        self.peer, self.is_long = None, False


class Letter:
    """One message as both files need it."""
    __slots__ = ("number", "id", "at", "thread", "folder", "sender", "is_own", "is_unread", "is_starred", "files",
                 "mid", "mid_hash", "refs", "subject", "uid")


def letters(total):
    """All messages, oldest first; beside each one a conversation that ended with the one before it, or
    None. What is left at the end comes with None for the message."""
    rng = random.Random(total)
    words = Words(rng)
    people = People(total, words, rng)
    yield words, people
    number_of = itertools.count(1)
    uids = dict.fromkeys(ROLE, 0)
    length, longest = min(10000, total // 4), []
    for i in range(max(1, total // 100000)):
        longest.append(Thread(next(number_of), 1, BY_ROLE[1, INBOX], f"{LONG_SUBJECT if i == 0 else 'Many'} "
                              f"{words.subjects[i]}", [people.any(rng) for _ in range(40)]))
        longest[-1].is_long = True
    every = total // (length * len(longest))
    recent, step = [], (END - START) / total
    for number in range(total):
        ended = None
        left = total - 1 - number
        if left % every == 0 and left // every < length * len(longest):
            thread = longest[(left // every) % len(longest)]
        elif not recent or rng.random() < 0.45:
            thread = _new_thread(next(number_of), rng, words, people)
            if len(recent) == OPEN_THREADS:
                slot = rng.randrange(OPEN_THREADS)
                ended, recent[slot] = recent[slot], thread
            else:
                recent.append(thread)
        else:
            thread = rng.choice(recent)
        yield _letter(number, total, START + int(number * step), thread, uids, rng), ended
    for thread in recent + longest:
        yield None, thread


def _new_thread(number, rng, words, people):
    account = 2 if rng.random() < 0.1 else 1
    at = rng.random()
    home = (BY_ROLE[account, INBOX] if at < 0.5 else BY_ROLE[account, ARCHIVE] if at < 0.75 or account == 2
            else CLIENTS[int(len(CLIENTS) * rng.random() ** 2)] if at < 0.95
            else BY_ROLE[account, TRASH] if at < 0.98 else BY_ROLE[account, JUNK])
    who = [people.any(rng) for _ in range(1 + int(3 * rng.random() ** 2))]
    return Thread(number, account, home, rng.choice(words.subjects), who)


def _letter(number, total, at, thread, uids, rng):
    m = Letter()
    m.number, m.at, m.thread = number, at, thread
    m.id = (at << 20) + number % 4096
    m.is_own = rng.random() < 0.3 and (thread.n > 0 or rng.random() < 0.3) and number < total - 1
    m.sender = thread.people[int(len(thread.people) * rng.random())]
    m.folder = BY_ROLE[thread.account, SENT] if m.is_own else thread.home
    m.is_unread = (not m.is_own and ROLE[m.folder] in (INBOX, OTHER) and
                   rng.random() < (0.2 if number > total * 0.95 else 0.01))
    m.is_starred = rng.random() < 0.005
    m.files = int(rng.random() < 0.08)
    m.mid = f"m{number}@{ME[thread.account][1].partition('@')[2] if m.is_own else f'firm{m.sender % 100}.example'}"
    m.mid_hash = hash64(m.mid)
    m.refs = struct.pack(f"<{len(thread.hashes)}q", *thread.hashes) if thread.hashes else None
    m.subject = ("Re: " if thread.n else "") + thread.subject
    uids[m.folder] += 1
    m.uid = uids[m.folder]
    thread.hashes = [m.mid_hash, *thread.hashes[:4]]
    _count(m)
    return m


def _count(m):
    """What lists show of the conversation, as src/store/thread_list.c sums it up."""
    t, unread = m.thread, int(m.is_unread)
    role = ROLE[m.folder]
    lists = [m.folder]
    t.n, t.unread, t.newest = t.n + 1, t.unread + unread, m.id
    if role not in (TRASH, JUNK):
        t.main, t.main_unread, t.main_newest = t.main + 1, t.main_unread + unread, m.id
        lists.append(-(4 * t.account + 1))
        if m.is_starred:
            lists.append(-(4 * t.account + 2))
    for folder in lists:
        row = t.rows.setdefault(folder, [0, 0, 0])
        row[0], row[1], row[2] = m.id, row[1] + 1, row[2] + unread
    t.facts |= int(m.is_starred) | (2 if m.files else 0)
    who = -1 if m.is_own else m.sender
    if who in t.senders:
        t.senders.remove(who)
    t.senders = [*t.senders, who][-6:]
    if not m.is_own:
        t.peer = m.sender


# ---- crmail.db -----------------------------------------------------------------------------------


def _open(path):
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-600000",
                   "temp_store=MEMORY"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def _close(db):
    """As crmail left it: with a write-ahead log, which is switched off while nobody else looks."""
    db.execute("PRAGMA locking_mode=NORMAL").fetchall()
    db.execute("PRAGMA journal_mode=WAL").fetchall()
    db.close()


class Rows:
    """Rows of several tables, written a batch at a time."""

    def __init__(self, db):
        self.db, self.tables = db, {}

    def add(self, table, *row):
        self.tables.setdefault(table, []).append(row)

    def write(self):
        self.db.execute("BEGIN")
        for table, rows in self.tables.items():
            marks = ", ".join("?" * len(rows[0]))
            self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            rows.clear()
        self.tables = {table: rows for table, rows in self.tables.items() if rows}
        self.db.execute("COMMIT")


MESSAGE = ("message (id, account, thread, copy_of, equal_key, mid, mid_hash, refs, base_hash, received, date, size,"
           " flags, remote_flags, facts, listed, files, body, indexed, subject, snippet)")
LINK = "link (message, kind, target, at, is_target)"
ACTIVITY = ("activity (crm, key, message, message_id, kind, direction, at, subject, body, contact, partner, state)")


def _add_message(rows, m, people, words):
    t, me = m.thread, ME[m.thread.account][0]
    flags = (0 if m.is_unread else SEEN) | (FLAGGED if m.is_starred else 0)
    listed = 1 | (2 if m.is_unread else 0) | (4 if m.is_starred else 0)
    is_oldest = t.is_long and t.n == 1
    snippet = LONG_END if is_oldest and t.id == 1 else words.sentences[m.id % len(words.sentences)]
    rows.add(MESSAGE, m.id, t.account, t.id, m.id, hashlib.blake2b(m.mid.encode(), digest_size=32).digest(), m.mid,
             m.mid_hash, m.refs, hash64(t.subject), m.at, m.at, 900 + m.id % 3000, flags, flags, int(m.is_own), listed,
             m.files, 2, 1, m.subject, snippet)
    rows.add("placement (folder, message, server_id, is_remote, is_shown)", m.folder, m.id, str(m.uid), 1, 1)
    peer = m.sender + FIRST_PERSON
    rows.add("message_party", m.id, 0, 0, me if m.is_own else peer)
    rows.add("message_party", m.id, 1, 0, peer if m.is_own else me)
    if m.number % 4 == 0:
        rows.add("message_party", m.id, 2, 0, t.people[0] + FIRST_PERSON)
    rows.add("ref", m.mid_hash, t.id)
    _add_match(rows, m, people)


def _add_match(rows, m, people):
    """What the CRM's worker writes for it."""
    person, addr = m.sender, people.addrs[m.sender]
    local, _, domain = addr.partition("@")
    rows.add("mail_party", 1, ".".join(reversed(domain.split("."))) + ".@" + local, m.id)
    if not people.is_known(person):
        rows.add("mail_crm", m.id, 1, 0, 0, 1, "unknown")
        rows.add("stranger_mail", m.id, addr, 1, 0, m.at)
        return
    contact, partner = person + 1, people.firm(person) + 1
    rows.add("mail_crm", m.id, 1, contact, partner, 0, None)
    rows.add(LINK, m.id, 1, contact, m.at, 1)
    rows.add(LINK, m.id, 2, partner, m.at, 0)
    rows.add(ACTIVITY, 1, f"{m.mid_hash & (1 << 64) - 1:032x}", m.id, m.mid, 0, 2 if m.is_own else 1, m.at, m.subject,
             "As agreed, here is what comes next.", contact, partner, 0)


def _add_thread(rows, t, people):
    names = ["\x01" if who < 0 else people.names[who] for who in t.senders]
    peer, facts, start = t.peer, t.facts, ""
    if t.senders == [-1]:
        facts, start, peer = facts | 8, "\x02", t.people[0]
        names = [people.names[peer]]
    rows.add("thread", t.id, None, t.main_newest or t.newest, t.main or t.n, t.main_unread if t.main else t.unread,
             facts, peer + FIRST_PERSON, start + ", ".join(names))
    for folder, (message, total, unread) in t.rows.items():
        rows.add("thread_list", t.id, folder, message >> 20, message, total, unread)


def _add_people(rows, people, counts):
    """Parties and correspondents, contacts and partners."""
    for number, addr in ME.values():
        rows.add("party", number, addr, "", addr, "ourfirm.example")
    for i, (name, addr) in enumerate(zip(people.names, people.addrs)):
        domain = addr.partition("@")[2]
        rows.add("party", i + FIRST_PERSON, addr, name, addr, domain)
        to, fro, last = counts[3 * i:3 * i + 3]
        if not last:
            continue
        rows.add("correspondent", i + 1, addr, addr, name, f"{name.lower()} {addr}", to, fro, last)
        for word in {*name.lower().split(), *addr.partition("@")[0].split("."), domain.partition(".")[0]}:
            rows.add("correspondent_word", word, i + 1)


def _add_records(rows, people):
    for firm in range(people.firms):
        if firm % 3:
            rows.add("partner (id, crm, crm_id, name)", firm + 1, 1, f"P{firm}", f"Firm {firm} Ltd")
            rows.add("partner_domain", 1, f"firm{firm}.example", firm + 1)
    for i, (name, addr) in enumerate(zip(people.names, people.addrs)):
        if not people.is_known(i):
            continue
        first, last = name.split()
        rows.add("contact (id, crm, crm_id, name, first_name, last_name, partner, partner_crm_id)", i + 1, 1, f"C{i}",
                 name, first, last, people.firm(i) + 1, f"P{people.firm(i)}")
        rows.add("contact_email", i + 1, 0, 1, addr, addr)
        if i % 20 == 0:
            rows.add("deal (crm, crm_id, name, amount, currency, stage, contact_crm_id, partner_crm_id)", 1, f"D{i}",
                     f"Offer {i}", str(1000 + i % 90000), "EUR", "offer", f"C{i}", f"P{people.firm(i)}")


SETTLE = (
    "DELETE FROM match_queue",      # all of it was matched
    "UPDATE folder SET (total, unread, threads, unread_threads) = (SELECT ifnull(sum(total), 0),"
    " ifnull(sum(unread), 0), count(*), ifnull(sum(unread > 0), 0) FROM thread_list l WHERE l.folder = folder.id)",
    "INSERT INTO list_count SELECT folder, count(*), sum(unread > 0) FROM thread_list WHERE folder < 0 GROUP BY folder",
    "UPDATE contact SET last_touch_at = ifnull((SELECT max(at) FROM link WHERE kind = 1 AND target = contact.id"
    " AND how <> 2 AND is_shown = 1), 0)",
    "UPDATE partner SET last_touch_at = ifnull((SELECT max(at) FROM link WHERE kind = 2 AND target = partner.id"
    " AND how <> 2 AND is_shown = 1), 0)",
)


def fill_main(home, total):
    db = _open(home / "crmail.db")
    rows, stream = Rows(db), letters(total)
    words, people = next(stream)
    counts = array.array("q", [0]) * (3 * people.n)
    for folder, account, name, role in FOLDERS:
        rows.add("folder (id, account, name, server_name, role)", folder, account, name, name, role)
    _add_records(rows, people)
    rows.write()
    for m, ended in stream:
        if m:
            _add_message(rows, m, people, words)
            counts[3 * m.sender + (0 if m.is_own else 1)] += 1
            counts[3 * m.sender + 2] = m.at
        if ended:
            _add_thread(rows, ended, people)
        if m and m.number % BATCH == BATCH - 1:
            rows.write()
    _add_people(rows, people, counts)
    rows.write()
    for sql in SETTLE:
        db.execute(sql)
    _close(db)


# ---- cache.db ------------------------------------------------------------------------------------


class Zstd:
    """The library that crmail stands on, for what lies compressed in the cache."""

    def __init__(self):
        self.lib = ctypes.CDLL("libzstd.so.1")
        self.lib.ZSTD_compress.restype = ctypes.c_size_t
        self.lib.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
                                           ctypes.c_int]
        self.out = ctypes.create_string_buffer(1 << 16)

    def __call__(self, data):
        n = self.lib.ZSTD_compress(self.out, len(self.out), data, len(data), 3)
        if n > len(self.out):
            raise ValueError("zstd: the text is longer than what is made here")
        return self.out.raw[:n] if n > 4096 else ctypes.string_at(self.out, n)


def _body(m, total, words, rng):
    text = ".\n".join(rng.choices(words.sentences, k=1 + int(rng.lognormvariate(2.1, 0.6))))
    if rng.random() < 0.33:
        text += f".\nthe {COMMON} is on its way"
    part = total // RARE_COUNT
    if m.number % part == part // 2 and m.number // part < RARE_COUNT:
        text += f".\nask for {RARE}"
    return text + ".\n"


def _head(m, people):
    """Folded: what crmail finds substrings in, here plain letters in lower case."""
    me = ME[m.thread.account][1]
    peer = f"{people.names[m.sender].lower()} {people.addrs[m.sender]}"
    copy = m.thread.people[0]
    cc = f"{people.names[copy].lower()} {people.addrs[copy]}" if m.number % 4 == 0 else ""
    return (m.subject.lower(), me if m.is_own else peer, peer if m.is_own else me, cc, "paper.pdf" if m.files else "")


def _raw(m, people, text):
    me = ME[m.thread.account][1]
    peer = f"{people.names[m.sender]} <{people.addrs[m.sender]}>"
    date = datetime.datetime.fromtimestamp(m.at, datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (f"From: {me if m.is_own else peer}\r\nTo: {peer if m.is_own else me}\r\nSubject: {m.subject}\r\n"
            f"Date: {date}\r\nMessage-ID: <{m.mid}>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}").encode()


def fill_cache(home, total):
    db = _open(home / "cache.db")
    rows, stream, rng, zstd = Rows(db), letters(total), random.Random(-total), Zstd()
    words, people = next(stream)
    for m, _ in stream:
        if not m:
            break
        text, head = _body(m, total, words, rng), _head(m, people)
        raw = _raw(m, people, text)
        rows.add("body (message, state, size, data)", m.id, 2, len(raw), zstd(raw))
        rows.add("text", m.id, 1, zstd(text.encode()))
        rows.add("head", m.id, 1, *head)
        rows.add("fts (rowid, body)", m.id, text)
        rows.add("fts_head (rowid, subject, sender, rcpt, cc, files)", m.id, *head)
        rows.add("tri (rowid, subject, sender, rcpt, cc, files)", m.id, *head)
        if m.number % BATCH == BATCH - 1:
            rows.write()
    rows.write()
    _close(db)


# ---- the whole -----------------------------------------------------------------------------------


def _begin(program, env, home):
    """The empty files, accounts without a server and a CRM without one, which has looked once at what
    matching depends on, and will not match everything anew."""
    quiet = {"env": env, "check": True, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    subprocess.run([*program, "sync", "--once"], **quiet)
    with sqlite3.connect(home / "crmail.db") as db:
        db.execute("INSERT INTO crm (id, name, profile, status) VALUES (1, 'local', 'local', 'connected')")
        db.executemany("INSERT INTO account (id, name, kind, email, crm) VALUES (?, ?, 'import', ?, 1)",
                       [(account, addr.partition("@")[0], addr) for account, (_, addr) in ME.items()])
    db.close()
    subprocess.run([*program, "sync", "--once"], **quiet)


def make(program, env, home, total):
    """Makes the data folder home with total messages by the command program, unless it is there."""
    home = pathlib.Path(home)
    stamp = home.with_name(home.name + ".made")
    wanted = json.dumps({"messages": total, "version": VERSION})
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    _begin(program, env, home)
    jobs = [subprocess.Popen([sys.executable, __file__, f"--{which}", str(home), str(total)])
            for which in ("main", "cache")]
    if any([job.wait() for job in jobs]):
        raise RuntimeError("bench/big.py could not fill the data folder")
    stamp.write_text(wanted, encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    if sys.argv[1] == "--main":
        fill_main(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "--cache":
        fill_cache(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
    else:
        make([sys.argv[1], "--home", sys.argv[2]], None, sys.argv[2], int(sys.argv[3]))
