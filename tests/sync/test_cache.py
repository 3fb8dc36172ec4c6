"""The cache is bounded, damaged or lost, and the mail stays: what is opened comes again."""
import os
import re
import sqlite3
import time

from support.letters import letter
from support.proxy import Proxy, stall
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180
COUNT = 24


def connected(t, config=""):
    """A synced mailbox of some megabytes that do not compress."""
    box = t.mailbox()
    for i in range(COUNT):
        mail = letter(
            f"Writer <w{i}@elsewhere.test>", box.address, f"Volume {i:02}",
            f"The text of volume {i:02}.\n", f"<volume{i}.{t.id}@elsewhere.test>",
            time.time() - 90000 + i * 60)
        mail.add_attachment(os.urandom(120_000), maintype="application",
                            subtype="octet-stream", filename="noise.bin")
        box.append("INBOX", mail.as_bytes(), received=time.time() - 90000 + i * 60)
    t.write("data/config", config)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    sync(t)
    return box


def sync(t):
    account = t.crmail("sync", "--once", "--json", seconds=120).json["accounts"][0]
    t.equal(account["result"], "ok", "result of the pass")
    return account


def log(t):
    return [e["text"] for e in t.crmail("log", "--json").json["entries"]]


def bodies_fetched(t):
    return sum(int(m[1]) for line in log(t) if (m := re.search(r"(\d+) of \d+ bodies", line)))


def on_database(t, name, sql):
    with sqlite3.connect(os.path.join(t.home(), name), timeout=10) as db:
        rows = db.execute(sql).fetchall()
    db.close()
    return rows


def whole(t):
    return on_database(t, "cache.db", "SELECT count(*) FROM body WHERE state = 2")[0][0]


def read(t, subject, text):
    """Opens the conversation of that subject and waits for its text."""
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait("Volume", 60)
    term.keys("/")
    term.type(subject)
    term.wait(lambda s: s.count("Volume") and subject in s)
    term.keys("Enter")
    term.keys("Enter")
    term.wait(lambda s: text in s and "noise.bin" in s, 60)
    return term


def damage(path, is_open=False):
    """Every other half kilobyte behind the first page is overwritten."""
    for suffix in () if is_open else ("-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    size = os.path.getsize(path)
    with open(path, "r+b") as f:
        for at in range(4096, size - 512, 1024):
            f.seek(at)
            f.write(b"\xa5" * 512)


def test_evicted_body_comes_again_when_opened(t):
    connected(t, "[sync]\ncache_limit_mb = 2\n")
    left = whole(t)
    t.true(0 < left < COUNT, f"bodies under the limit: {left} of {COUNT}")
    size = os.path.getsize(os.path.join(t.home(), "cache.db"))
    t.true(size <= 3 << 20, f"size of cache.db: {size}")
    fetched = bodies_fetched(t)
    sync(t)
    t.equal(bodies_fetched(t), fetched, "bodies fetched by a second pass")
    t.equal(t.crmail("search", "volume", "--json", "--limit", "0").json["total"], COUNT,
            "volumes found by a word of the text")
    term = read(t, "Volume 00", "The text of volume 00.")
    t.wait(lambda: bodies_fetched(t) == fetched + 1, "the opened body in the log")
    term.close()


def test_damaged_cache_is_filled_again_while_the_inbox_is_used(t):
    connected(t)
    damage(os.path.join(t.home(), "cache.db"))
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(f"Volume {COUNT - 1:02}", 60)  # the inbox needs nothing of the cache
    term.keys("Enter")  # what is read comes upon the damage
    t.show_on_failure("log", lambda: "\n".join(log(t)))
    term.wait("The cache was damaged and is filled again; no mail is lost.", 60)
    term.wait("noise.bin", 60)
    t.wait(lambda: bodies_fetched(t) >= 2 * COUNT and whole(t) == COUNT, "all bodies again", 60)
    term.close()
    t.equal(t.crmail("search", "volume", "--json", "--limit", "0").json["total"], COUNT, "found")
    t.true("filled again" in t.crmail("doctor").out, "doctor tells of the cache")


def connections(t):
    return sum("connected in" in line for line in log(t))


def on_screen(t):
    """The program, once its connection stands and nothing is due."""
    before = connections(t)
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(f"Volume {COUNT - 1:02}", 60)
    t.wait(lambda: connections(t) == before + 1, "a connection")
    t.wait(lambda: t.crmail("status", "--json").json["accounts"][0]["status"] == "connected",
           "an account at rest", 60)
    return term


def test_cache_damaged_under_a_connection_is_filled_again_on_it(t):
    connected(t)
    term = on_screen(t)
    stood = connections(t)
    damage(os.path.join(t.home(), "cache.db"), is_open=True)
    term.keys("Enter")
    t.wait(lambda: bodies_fetched(t) >= 2 * COUNT and whole(t) == COUNT, "all bodies again", 60)
    t.equal(connections(t), stood, "connections")
    term.close()


def test_bodies_lost_under_a_connection_come_again_when_mail_is_looked_for(t):
    connected(t)
    term = on_screen(t)
    stood = connections(t)
    on_database(t, "crmail.db", "UPDATE message SET body = 0")
    term.keys("C-r")
    t.wait(lambda: bodies_fetched(t) == 2 * COUNT, "all bodies again", 60)
    t.equal(connections(t), stood, "connections")
    term.close()


def test_progress_of_a_long_download_stands_on_the_screen_and_goes(t):
    box = t.mailbox()
    for i in range(120):
        box.append("INBOX", letter(f"w{i}@elsewhere.test", box.address, f"Volume {i:03}",
                                   f"Wombat {i}.\n", f"<q{i}.{t.id}@elsewhere.test>").as_bytes())
    line = Proxy(t, box, "imap")
    seen = []

    def is_second_batch(unit):
        if b"BODY.PEEK[]" in unit.raw:
            seen.append(unit)
        return len(seen) > 1

    line.at("command", "FETCH", stall, claim=is_second_batch)
    args = box.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{line.port}"
    t.crmail("account", "add", "work", *args, "--history", "all")
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait("Volume 119", 60)  # the inbox is usable at once
    screen = term.wait(lambda s: re.search(r"Fetching mail: [1-9]\d* of 120", s), 60)
    done = int(re.search(r"Fetching mail: (\d+) of", screen)[1])
    t.true(0 < done < 120, f"bodies so far: {done}")
    line.release()
    term.wait(lambda s: "Fetching mail" not in s, 60)
    t.wait(lambda: bodies_fetched(t) == 120, "all bodies", 60)
    term.close()


def test_imported_mail_is_read_again_with_progress(t):
    count = 3000
    mails = [letter(f"w{i}@elsewhere.test", "me@own.test", f"Volume {i:04}", f"Wombat {i}.\n",
                    f"<i{i}@elsewhere.test>", time.time() - 90000 + i) for i in range(count)]
    mbox = b"".join(b"From w@elsewhere.test Fri Nov 20 10:00:00 2026\n" + m.as_bytes() + b"\n"
                    for m in mails)
    t.crmail("import", t.write("all.mbox", mbox), seconds=120)
    os.unlink(os.path.join(t.home(), "cache.db"))
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(f"Volume {count - 1:04}", 60)  # the inbox is usable at once
    term.wait(lambda s: re.search(rf"Fetching mail: [\d,]+ of {count:,}", s), 60)
    term.wait(lambda s: "Fetching mail" not in s, 120)
    term.close()
    t.equal(whole(t), count, "bodies")
    t.equal(t.crmail("search", "wombat", "--json").json["total"], count, "found")


def test_damage_that_nobody_saw_to_is_seen_to_at_the_next_start(t):
    connected(t)
    path = os.path.join(t.home(), "cache.db")
    damage(path)
    t.crmail("search", "thimble volume", "--json", code=1)  # has no time to mend it
    sync(t)
    t.equal(on_database(t, "cache.db", "PRAGMA quick_check"), [("ok",)], "cache.db after a pass")
    sync(t)
    t.equal(whole(t), COUNT, "bodies after another")


def test_damaged_database_goes_back_to_its_copy(t):
    box = connected(t)
    day = os.listdir(os.path.join(t.home(), "backup"))[0][len("crmail-"):-len(".db")]
    box.append("INBOX", letter("a@elsewhere.test", box.address, "After the copy", "New.\n",
                               f"<new.{t.id}@elsewhere.test>").as_bytes())
    sync(t)
    path = os.path.join(t.home(), "crmail.db")
    with open(path, "r+b") as f:
        f.write(b"\xa5" * 4096)
    refused = t.crmail("search", "volume", "--json", code=1)
    t.true(day in refused.err and "doctor --restore" in refused.err and len(refused.err) < 300,
           f"one line with the copy and the way back: {refused.err!r}")
    t.crmail("doctor", "--restore")
    account = sync(t)
    t.equal((account["new"], account["gone"]), (1, 0), "new and gone after going back")
    t.equal(t.crmail("search", "volume", "--json", "--limit", "0").json["total"], COUNT, "found")
    t.equal(len(t.crmail("search", "copy", "--json").json["messages"]), 1, "mail after the copy")
    t.true(os.listdir(os.path.join(t.home(), "damaged")), "what was damaged is kept")
    t.true("restore ok" in t.crmail("log", "--audit").out, "the audit knows")


def test_purged_message_stays_away_from_every_sync(t):
    box = t.mailbox()
    for i in range(3):
        box.append("INBOX", letter(f"w{i}@elsewhere.test", box.address, f"Volume {i:02}",
                                   f"Wombat {i}.\n", f"<p{i}.{t.id}@elsewhere.test>").as_bytes())
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    sync(t)
    found = t.crmail("search", "volume 01", "--json").json["messages"][0]["id"]
    asked = t.crmail("purge", "--message", found, code=2)
    t.true("1 folder of a mail server" in asked.out and "--yes" in asked.err,
           f"what a purge would do: {asked.out!r} {asked.err!r}")
    t.crmail("purge", "--message", found, "--yes")
    for _ in range(2):
        sync(t)
    t.equal(len(box.messages()), 3, "mails on the server")
    left = t.crmail("search", "volume", "--json", "--limit", "0").json["messages"]
    t.equal(sorted(m["subject"] for m in left), ["Volume 00", "Volume 02"], "mails here")
    # the folder is listed anew, as if from a server that numbers its mail differently
    on_database(t, "crmail.db", "UPDATE folder SET cursor = NULL")
    sync(t)
    t.equal(t.crmail("search", "wombat", "--json").json["total"], 2, "after a new listing")
    t.true("purge ok" in t.crmail("log", "--audit").out, "the audit knows")
    for folder, _, files in os.walk(t.home()):
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                t.true(f"p1.{t.id}@elsewhere".encode() not in f.read(), f"no trace in {name}")
