"""Whole mailboxes: every message once, the right conversations, decoded words, names and subjects, found by search.

Two generators: the project's own (support/minicorpus.py), and the shared one beside the checkout with
2,000 messages, imported and through IMAP.
"""
import calendar
import json
import os
import re
import shutil
import subprocess
import sys
import time

from support import minicorpus
from support.discover import mark
from support.letters import parse

NEEDS = ("mail",)
TIMEOUT = 240
SHARED_MESSAGES = 2000
SYNC_S = 200


def total(t, query):
    return t.crmail("search", query, "--json", "--limit", "0").json["total"]


def sources(t):
    """The program's conversations, each a list of sources."""
    return [
        [m["source"] for m in thread["messages"]] for thread in t.crmail("threads", "--json").json
    ]


def imported_name(source):
    """File name of an imported message without its folder and flags."""
    return os.path.basename(source).partition(":2,")[0]


def check_partition(t, got, want, known):
    """got: threads as lists of keys; want: frozensets of keys.  Keys outside `known` are not compared."""
    got = {frozenset(k for k in thread if k in known) for thread in got} - {frozenset()}
    if got != want:
        torn = sorted((sorted(g) for g in want - got), key=len)[:5]
        made = sorted((sorted(g) for g in got - want), key=len)[:5]
        raise AssertionError(
            f"{len(want - got)} conversations are wrong; some that should be: {torn}; some that are: {made}"
        )


# ---- the project's own


def mini(t):
    return minicorpus.make(t.path("mini"), 7)


def utc(when):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def check_each_once(t, corpus):
    """Every distinct message is there exactly once, nothing else is, and words of its own find it."""
    found = t.crmail("search", "from:example", "--json", "--limit", "0").json
    got = sorted((m.get("message_id") or "", m["subject"], m["date"]) for m in found["messages"])
    t.equal(
        got,
        sorted(
            (letter.message_id or "", letter.subject, utc(letter.when)) for letter in corpus.letters
        ),
        "messages",
    )
    t.equal(found["total"], len(corpus.letters), "total")
    special = [letter for letter in corpus.letters if "special" in letter.words]
    wrong = {
        letter.mark: n
        for letter in special + corpus.letters[:40:4]
        if (n := total(t, letter.mark)) != 1
    }
    t.equal(wrong, {}, "marks not found exactly once")


def test_mini_import_has_each_message_once(t):
    corpus = mini(t)
    t.crmail("import", corpus.maildir)
    check_each_once(t, corpus)
    t.crmail("import", corpus.maildir)
    check_each_once(t, corpus)


def test_import_keeps_both_messages_of_one_name(t):
    for folder in ("old", "new"):
        os.makedirs(t.path(folder), exist_ok=True)
        with open(t.path(folder, "m.eml"), "w", encoding="ascii") as f:
            f.write(f"From: a@partner.test\nSubject: {folder}\nMessage-ID: <{folder}@partner.test>\n\nHi\n")
    for folder in ("old", "new", "old"):
        t.crmail("import", t.path(folder))
    t.equal(sorted(s for thread in sources(t) for s in thread), ["m.eml", "m.eml"], "sources")


def test_what_is_no_mail_is_said_and_left(t):
    """A table and a picture beside a mail; in a Maildir even the worst file is mail."""
    t.write("box/a.eml", b"From: a@other.test\r\nSubject: kept\r\n\r\nText.\r\n")
    t.write("box/contacts.csv", b"name,email\nA,a@other.test\n")
    t.write("box/shot.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    t.write("Maildir/cur/1.x:2,S", b"no header at all\r\n")
    t.path("Maildir/new/x")
    said = t.crmail("import", t.path("box"), code=4)
    t.true("contacts.csv is not a mail" in said.err and "shot.png is not a mail" in said.err, said.err)
    t.true("1 messages read, 1 of them new" in said.err, said.err)
    t.crmail("import", t.path("Maildir"))
    t.equal(len(t.crmail("threads", "--json").json), 2, "conversations")


def test_mini_import_threads(t):
    corpus = mini(t)
    t.crmail("import", corpus.maildir)
    files = corpus.by_file()
    threads = [[files[imported_name(s)].number for s in thread] for thread in sources(t)]
    check_partition(
        t,
        threads,
        corpus.threads(),
        {letter.number for letter in corpus.letters if letter.thread is not None},
    )
    listed = {number for thread in threads for number in thread}
    t.equal(listed, {letter.number for letter in corpus.letters}, "messages listed")


def check_folded_search(t, corpus):
    for written, plain in minicorpus.FOLDED.items():
        want = sum(
            1 for letter in corpus.letters if written in letter.words or plain in letter.words
        )
        t.equal((total(t, written), total(t, plain)), (want, want), f"{written} and {plain}")
        t.equal(total(t, plain.upper()), want, plain.upper())
    t.equal(total(t, minicorpus.CJK_PAIR), 2, "two characters")
    t.equal(total(t, minicorpus.CJK_REVERSED), 1, "the same two the other way round")


def test_mini_search_folds_words_both_ways(t):
    corpus = mini(t)
    t.crmail("import", corpus.maildir)
    check_folded_search(t, corpus)


def test_mini_subjects_and_attachments(t):
    corpus = mini(t)
    files = {
        name.partition(":2,")[0]: os.path.join(where, name)
        for where, _, names in os.walk(corpus.maildir)
        for name in names
    }
    letters = corpus.by_file()
    names = sorted(letters)
    parsed = t.run([t.crmail_program, "parse", *[files[n] for n in names]]).lines
    t.equal(len(parsed), len(names), "lines")
    for name, got in zip(names, parsed):
        letter = letters[name]
        t.equal(got["file"], files[name], "file")
        t.equal((got["subject"], got.get("message_id")), (letter.subject, letter.message_id), name)
        t.equal(
            [a.get("filename") for a in got["attachments"]],
            [a[0] for a in letter.attachments],
            f"attachments of {name}",
        )
        t.equal(
            (got["from"][0].get("name"), got["from"][0]["addr"]), letter.sender, f"From of {name}"
        )
        t.true(letter.mark in got["rendered"], f"the text of {name}: {got['rendered'][:300]}")


def upload(box, corpus):
    """Puts the Maildir where the IMAP server keeps the mailbox's."""
    shutil.copytree(corpus.maildir, box.maildir, dirs_exist_ok=True)
    os.makedirs(os.path.join(box.maildir, "tmp"), exist_ok=True)
    for where, _, names in os.walk(box.home):
        for path in [where] + [os.path.join(where, n) for n in names]:
            os.chown(path, box.uid, box.gid)
    domain = os.path.dirname(box.home)
    os.chown(domain, box.uid, box.gid)


def test_mini_over_imap_is_the_same_mailbox(t):
    corpus, box = mini(t), t.mailbox()
    upload(box, corpus)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    passed = t.crmail("sync", "--once", "--json", seconds=SYNC_S).json
    t.equal((passed["exit"], passed["accounts"][0]["result"]), (0, "ok"), "the pass")
    check_each_once(t, corpus)
    check_folded_search(t, corpus)
    where = {}
    for folder, prefix in (
        ("INBOX", "work/INBOX"),
        ("Sent", "work/Sent"),
        ("Projects", "work/Projects"),
    ):
        where |= uid_marks(box, folder, prefix)
    threads = [[where[s] for s in thread] for thread in sources(t)]
    check_partition(
        t,
        threads,
        corpus.threads(),
        {letter.number for letter in corpus.letters if letter.thread is not None},
    )
    again = t.crmail("sync", "--once", "--json", seconds=SYNC_S).json["accounts"][0]
    t.equal((again["new"], again["changed"], again["gone"]), (0, 0, 0), "a second pass")


def uid_marks(box, folder, prefix):
    """Source -> number of the letter, which its mark says."""
    conn = box.imap()
    conn.select(f'"{folder}"', readonly=True)
    found = {}
    for item in conn.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]:
        if isinstance(item, tuple):
            text = parse(item[1]).get_body(("plain", "html")).get_content()
            uid = re.search(rb"UID (\d+)", item[0])[1].decode()
            found[f"{prefix};uid={uid}"] = int(re.search(r"marke(\d{4})x", text)[1])
    conn.logout()
    return found


# ---- the shared one


def shared_corpus(t):
    """(folder, truth) of the shared generator's mailbox."""
    program = t.shared("corpus", "make_corpus.py")
    folder = t.path("corpus")
    subprocess.run(
        [
            sys.executable,
            "-B",
            program,
            "--messages",
            str(SHARED_MESSAGES),
            "--seed",
            "3",
            "--out",
            folder,
            "--jobs",
            "1",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        return folder, json.load(f)


def check_shared(t, truth, threads):
    """threads: lists of X-Corpus-Id."""
    groups = {}
    for message in truth["messages"].values():
        groups.setdefault(message["thread"], set()).add(message["n"])
    everything = {m["n"] for m in truth["messages"].values()}
    t.equal(
        sorted(n for thread in threads for n in thread), sorted(everything), "messages in threads"
    )
    check_partition(t, threads, {frozenset(g) for g in groups.values()}, everything)
    for word, keys in truth["needles"].items():
        t.equal(total(t, word), len(keys), f"messages with {word}")
    phrase = truth["subject_phrase"]
    t.equal(
        total(t, f'subject:"{phrase}"'),
        sum(1 for m in truth["messages"].values() if phrase in m["subject"]),
        "the phrase in subjects",
    )


def test_shared_import_threads_and_needles(t):
    folder, truth = shared_corpus(t)
    t.crmail("import", os.path.join(folder, "Maildir"), seconds=SYNC_S)
    files = {m["file"].partition(":2,")[0]: m["n"] for m in truth["messages"].values()}
    check_shared(t, truth, [[files[imported_name(s)] for s in thread] for thread in sources(t)])


def test_shared_over_imap_threads_and_needles(t):
    folder, truth = shared_corpus(t)
    box = t.mailbox()
    upload(box, minicorpus.Corpus(folder, []))
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    passed = t.crmail("sync", "--once", "--json", seconds=SYNC_S).json
    account = passed["accounts"][0]
    t.equal(
        (passed["exit"], account["result"], account["new"]), (0, "ok", SHARED_MESSAGES), "the pass"
    )
    conn = box.imap()
    conn.select("INBOX", readonly=True)
    ids = {}
    for item in conn.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (X-Corpus-Id)])")[1]:
        if isinstance(item, tuple):
            ids[f"work/INBOX;uid={re.search(rb'UID ([0-9]+)', item[0])[1].decode()}"] = int(
                item[1].split(b":")[1]
            )
    conn.logout()
    check_shared(t, truth, [[ids[s] for s in thread] for thread in sources(t)])


def test_shared_parse_subjects_names_dates(t):
    folder, truth = shared_corpus(t)
    known = sorted(truth["messages"].values(), key=lambda m: m["n"])
    paths = [os.path.join(folder, "Maildir", "cur", m["file"]) for m in known]
    parsed = t.run([t.crmail_program, "parse", *paths], seconds=SYNC_S).lines
    t.equal(len(parsed), len(known), "lines")
    wrong = []
    for want, got in zip(known, parsed):
        date = (
            calendar.timegm(time.strptime(got["date"], "%Y-%m-%dT%H:%M:%SZ"))
            if got.get("date")
            else None
        )
        seen = (
            got["subject"],
            [a["filename"] for a in got["attachments"] if "filename" in a],
            got["from"][0]["addr"],
            got["from"][0].get("name"),
        )
        if seen != (want["subject"], want["att"], want["from"], want["from_name"]) or want[
            "date"
        ] not in (None, date):
            wrong.append((want["file"], seen, date, want["date"]))
    t.equal(wrong[:3], [], f"{len(wrong)} messages decoded otherwise")


@mark(tier="slow", timeout=600)
def test_shared_mbox_threads(t):
    program, folder = t.shared("corpus", "make_corpus.py"), t.path("corpus")
    box = t.path("all.mbox")
    subprocess.run(
        [
            sys.executable,
            "-B",
            program,
            "--messages",
            str(SHARED_MESSAGES),
            "--seed",
            "4",
            "--out",
            folder,
            "--mbox",
            box,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    t.crmail("import", box, seconds=SYNC_S)
    threads = [[int(s.rpartition("#")[2]) - 1 for s in thread] for thread in sources(t)]
    check_shared(t, truth, threads)
