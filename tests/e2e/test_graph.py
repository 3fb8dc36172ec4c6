"""A Microsoft 365 mailbox over Graph: signing in, reading, what changes, both ways, and what may go wrong."""
import subprocess
import time

from support.graphdesk import GraphDesk
from support.letters import letter
from support.terminal import Tmux

TIMEOUT = 120


def note(number, sender=None, when=None, **headers):
    """A mail with a number, the higher the newer."""
    return letter(
        sender or f"Writer {number} <w{number}@elsewhere.test>",
        "anna@contoso.test",
        f"note number {number}",
        f"Body of note {number}, word wort{number}wort.\n",
        f"<note{number}@elsewhere.test>",
        when or time.time() - 100000 + number * 60,
        **headers,
    ).as_bytes()


def desk_with(t, count, **kw):
    """A mailbox of so many mails, connected and read."""
    desk = GraphDesk(t)
    ids = [desk.stub.deliver(note(n), **kw) for n in range(count)]
    desk.add()
    t.equal(desk.sync()["accounts"][0]["new"], count, "new messages")
    return desk, desk.stub, ids


def counts(passed):
    """What a pass did."""
    account = passed["accounts"][0]
    return account["new"], account["changed"], account["gone"]


# ---- reading


def test_mail_comes_after_a_sign_in_with_the_browser(t):
    desk = GraphDesk(t)
    stub = desk.stub
    stub.make_folder("Deals", stub.make_folder("Customers"))
    for number in range(70):
        stub.deliver(note(number), read=number % 3 == 0, flagged=number % 7 == 0)
    stub.deliver(note(100), folder="sentitems", read=True)
    stub.deliver(note(101), folder="Deals")
    desk.add()
    passed = desk.sync()
    t.equal((passed["exit"], passed["accounts"][0]["new"]), (0, 72), "exit and new messages")
    desk.same("after the first pass")
    t.equal(desk.query("SELECT name FROM folder WHERE name = 'Outbox'"), [], "Exchange's own outbox")
    t.equal(desk.query("SELECT count(*) FROM message WHERE body <> 2"), [(0,)], "bodies that are missing")
    t.equal(stub.asked("GET", "/$value"), 72, "each message was fetched once")
    t.equal(counts(desk.sync()), (0, 0, 0), "a second pass")
    t.true(stub.most_at_once <= 4, f"{stub.most_at_once} requests at a time")
    log = desk.log()
    for private in (stub.address, "elsewhere.test", "Bearer", "AAkALg", "$skiptoken", "note number"):
        t.true(private not in log, f"no {private} in the log")


def test_a_code_on_another_device_signs_in(t):
    desk = GraphDesk(t)
    desk.stub.deliver(note(1))
    words = ["account", "add", "work", "--graph", "--email", desk.stub.address, "--device"]
    term = Tmux(t, desk.command(*words), 200, 30)
    term.wait("type this code there")
    code = next(iter(desk.stub.devices()))
    t.true(code in term.screen(), "the code is shown")
    t.wait(lambda: desk.stub.device_polls >= 1, "a question before the person has agreed")
    desk.stub.device(code, "")
    term.wait_end()
    t.equal(desk.sync()["accounts"][0]["new"], 1, "new messages")


def test_a_code_that_is_declined_or_expires_connects_nothing(t):
    for said, words in (
        ("authorization_declined", "declined on the other device"),
        ("expired_token", "was not used in time"),
    ):
        desk = GraphDesk(t)
        desk.stub.device_says = said
        args = ["account", "add", "work", "--graph", "--email", desk.stub.address, "--device"]
        done = desk.crmail(*args, code=1)
        t.true(words in done.err, f"words: {done.err}")
        t.equal(t.crmail("account", "list").out, "", "accounts")


def test_another_mailbox_than_the_account_is_refused(t):
    desk = GraphDesk(t)
    done = desk.add(email="otto@contoso.test", code=1)
    t.true("another address" in done.err, f"words: {done.err}")
    t.equal(t.crmail("account", "list").out, "", "accounts")


def test_only_the_window_is_read_and_a_wider_one_brings_the_rest(t):
    desk = GraphDesk(t)
    now = desk.stub.now()
    for number, days in enumerate((1, 5, 20, 50, 80)):
        desk.stub.deliver(note(number, when=now.timestamp() - days * 86400), received=desk.stub.ago(days))
    desk.add("--history", "7")
    t.equal(counts(desk.sync()), (2, 0, 0), "seven days")
    t.equal(counts(desk.sync()), (0, 0, 0), "nothing new")
    db = f"{t.home()}/crmail.db"
    t.run(["/usr/bin/python3", "-c", f"import sqlite3; d = sqlite3.connect({db!r}); "
           "d.execute(\"UPDATE account_setting SET value = '60' WHERE key = 'history'\"); d.commit()"])  # fmt: skip
    t.equal(counts(desk.sync()), (2, 0, 0), "sixty days")
    t.equal(desk.query("SELECT count(*) FROM message"), [(4,)], "messages here")


def test_a_window_of_more_than_a_filter_brings_is_read_whole(t):
    """Microsoft's delta query with a filter ends after five thousand messages."""
    desk = GraphDesk(t)
    for number in range(5200):
        desk.stub.deliver(note(number), received=desk.stub.ago(number % 60 / 2.5))
    for number in range(20):
        desk.stub.deliver(note(10000 + number), received=desk.stub.ago(80))
    desk.add("--history", "30")
    passed = desk.sync()
    t.equal(passed["accounts"][0]["new"], 5200, "new messages")
    t.equal(desk.query("SELECT count(*) FROM message WHERE body = 2"), [(5200,)], "bodies")
    t.equal(counts(desk.sync()), (0, 0, 0), "a second pass")
    t.equal(desk.stub.asked("GET", "/$value"), 5200, "each was fetched once")


def test_what_a_listing_can_do_without_is_left_out_where_it_is_refused(t):
    desk = GraphDesk(t)
    desk.stub.knows_not = ("$expand", "internetMessageHeaders")
    for number in range(3):
        desk.stub.deliver(note(number, references="<first@elsewhere.test>"))
    desk.add()
    t.equal(counts(desk.sync()), (3, 0, 0), "mail comes all the same")
    desk.same("after the first pass")
    firsts = [p for m, p, s in desk.stub.requests if "/messages/delta?$select" in p and s == 400]
    t.equal(len(firsts), 2, "refusals, once for the connection")


def test_a_message_larger_than_the_limit_comes_in_part(t):
    desk = GraphDesk(t)
    raw = letter("a@elsewhere.test", "anna@contoso.test", "large", "The text.\n", "<large@elsewhere.test>")
    raw.add_attachment(b"x" * 3_000_000, maintype="application", subtype="x-test", filename="big.bin")
    desk.stub.deliver(raw.as_bytes())
    for number in range(5):
        desk.stub.deliver(note(number))
    desk.add()
    desk.sync()
    bodies = desk.query("SELECT subject, body FROM message ORDER BY subject")
    t.equal({b for s, b in bodies if s != "large"}, {2}, "the others are whole")
    t.true(("large", 2) not in bodies, f"the large one is not: {bodies}")
    size = desk.query("SELECT size FROM message WHERE subject = 'large'")[0][0]
    t.true(size > 4_000_000, f"its size is known: {size}")


def test_a_search_goes_on_at_microsoft(t):
    desk = GraphDesk(t)
    stub = desk.stub
    for number, days, text in ((1, 1, "a quokka"), (2, 300, "an older quokka"), (3, 301, "nothing")):
        raw = letter("a@elsewhere.test", stub.address, f"letter {number}", f"{text}\n", f"<s{number}@elsewhere.test>")
        stub.deliver(raw.as_bytes(), received=stub.ago(days), folder="archive" if number == 2 else "inbox")
    desk.add("--history", "7")
    t.equal(counts(desk.sync()), (1, 0, 0), "what is here before")
    term = Tmux(t, desk.command(), 120, 30)
    term.wait("letter 1")
    term.keys("/")
    term.type("quokka")
    screen = term.wait("letter 2")
    t.true("letter 1" in screen and "letter 3" not in screen, "both, and no other")
    t.true("⇣" in next(line for line in screen.split("\n") if "letter 2" in line), "it is marked")
    term.keys("Escape", "Escape")
    term.wait("crmail  Inbox")
    term.keys("q")
    term.wait_end()
    t.equal(counts(desk.sync()), (0, 0, 0), "a pass afterwards")
    t.equal(t.crmail("search", "quokka", "--json").json["total"], 2, "found mail stays, once")
    t.true("quokka" not in desk.log(), "no word of it in the log")


# ---- what changes


def test_changes_of_other_clients_come(t):
    desk, stub, ids = desk_with(t, 12)
    for partial in (False, True):
        stub.partial = partial
        stub.change(ids[0], is_read=not partial)
        stub.change(ids[1], is_flagged=not partial)
        t.equal(counts(desk.sync()), (0, 2, 0), f"changes, told in part: {partial}")
        desk.same("after changes")
    stub.change(ids[2], verb=102)
    stub.move(ids[3], "archive")
    stub.remove(ids[4])
    stub.deliver(note(50))
    new, _, gone = counts(desk.sync())
    t.equal((new, gone), (2, 2), "one came and one was moved, two left the inbox")
    desk.same("after a move, a deletion and a new mail")
    t.equal(desk.query("SELECT flags & 4 FROM message WHERE mid = 'note2@elsewhere.test'"), [(4,)], "answered")
    t.equal(desk.query("SELECT count(*) FROM message"), [(13,)], "a moved message is the same row")


def test_what_is_told_twice_counts_once(t):
    desk, stub, ids = desk_with(t, 8)
    stub.replay = True
    before = desk.query("SELECT id, mid FROM message ORDER BY id")
    stub.change(ids[0], is_read=True)
    stub.move(ids[1], "archive")
    for _ in range(3):
        desk.sync()
        desk.same("after a round with repeated changes")
    t.equal(desk.query("SELECT id, mid FROM message ORDER BY id"), before, "rows")


def test_a_lost_delta_link_loses_and_doubles_nothing(t):
    desk, stub, ids = desk_with(t, 70)
    before = desk.query("SELECT id, mid FROM message ORDER BY id")
    stub.remove(ids[5])
    stub.change(ids[6], is_read=True)
    stub.move(ids[7], "archive")
    stub.forget()
    desk.sync()
    desk.same("after a resync")
    kept = [row for row in desk.query("SELECT id, mid FROM message ORDER BY id")]
    t.equal([r for r in kept if r not in before], [], "rows that are new")
    for status, code in ((404, "SyncStateNotFound"), (400, "resyncRequired"), (410, "Gone")):
        stub.deliver(note(200 + status))
        stub.fault("GET", "deltatoken", status, code)
        desk.sync()
        desk.same(f"after {status} {code}")


def test_killed_within_the_first_listing_it_goes_on_there(t):
    desk = GraphDesk(t)
    for number in range(180):
        desk.stub.deliver(note(number))
    desk.add()
    desk.stub.page_most = 30
    desk.stub.fault("GET", "skiptoken", 503, "serviceNotAvailable", times=40)
    desk.sync(code=None)
    t.true(0 < len(desk.placements()) < 180, f"a part came: {len(desk.placements())}")
    first = desk.stub.asked("GET", "/messages/delta?$select")
    desk.stub.clear_faults()
    desk.sync()
    desk.same("afterwards")
    inbox = [p for m, p, _ in desk.stub.requests if "/messages/delta?$select" in p and desk.stub.id_of("inbox") in p]
    t.equal(len(inbox), 1, "the inbox was not begun anew")
    t.true(first >= 1, "it had begun")


# ---- the service's moods


def test_an_expired_token_is_renewed_once_and_nobody_is_asked(t):
    desk, stub, _ = desk_with(t, 3)
    stub.deliver(note(10))
    stub.expire()
    before = stub.renewals
    t.equal(counts(desk.sync()), (1, 0, 0), "new")
    t.equal(stub.renewals - before, 1, "renewals")


def test_what_was_taken_back_asks_to_sign_in_again(t):
    desk, stub, _ = desk_with(t, 2)
    stub.take_back()
    passed = desk.sync(code=1)
    t.true("sign in again" in passed["accounts"][0]["error"]["message"], f"{passed}")
    desk.crmail("account", "sign-in", "work", env=desk.browser())
    stub.deliver(note(10))
    t.equal(counts(desk.sync()), (1, 0, 0), "afterwards")


def test_a_service_that_asks_to_slow_down_is_left_alone(t):
    desk, stub, _ = desk_with(t, 2)
    stub.deliver(note(10))
    stub.fault("GET", "/messages/delta", 429, "ApplicationThrottled", {"Retry-After": "3600"}, times=100)
    began = time.time()
    passed = desk.sync(code=1)
    t.true("slow down" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.true(stub.asked("GET", "/messages/delta?$deltatoken") <= 12, "it is not asked again and again")
    t.true(time.time() - began < 60, "nobody waits for an hour")
    stub.clear_faults()
    t.equal(counts(desk.sync()), (1, 0, 0), "afterwards")


def test_items_of_a_batch_that_are_refused_come_later(t):
    desk = GraphDesk(t)
    for number in range(30):
        desk.stub.deliver(note(number))
    desk.add()
    desk.stub.fault("GET", "/$value", 429, "ApplicationThrottled", {"Retry-After": "1"}, times=3)
    desk.stub.fault("GET", "/$value", 503, "serviceNotAvailable", times=2)
    for _ in range(3):
        desk.sync(code=None)
    t.equal(desk.query("SELECT count(*) FROM message WHERE body <> 2"), [(0,)], "bodies that are missing")
    t.true(desk.stub.asked("GET", "/$value") <= 30 + 3 + 2 + 20, "what had come was not fetched again")


def test_a_link_to_another_server_gets_no_token(t):
    desk, stub, _ = desk_with(t, 2)
    stub.elsewhere = "https://evil.example/v1.0/me/delta?$deltatoken=x"
    stub.deliver(note(10))
    desk.sync(code=None)
    passed = desk.sync(code=None)
    t.true("another server" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal(len(desk.placements()), 2, "messages here: a page that is not believed is not taken")
    stub.elsewhere = None
    t.equal(counts(desk.sync()), (1, 0, 0), "once it is in order again")


def test_a_folder_list_without_the_inbox_deletes_nothing(t):
    desk, stub, _ = desk_with(t, 3)
    stub.make_folder("Deals")
    stub.deliver(note(10), folder="Deals")
    desk.sync()
    before, folders = desk.placements(), stub.folders
    stub.folders = {i: f for i, f in folders.items() if f.name not in ("Inbox", "Deals")}
    passed = desk.sync(code=1)
    t.true("lacks the inbox" in passed["accounts"][0]["error"]["message"], f"{passed}")
    t.equal(desk.placements(), before, "messages here")
    stub.folders = folders
    t.equal((counts(desk.sync()), desk.placements()), ((0, 0, 0), before), "afterwards")


def test_folders_that_come_and_go_are_seen_by_a_host_that_stays(t):
    desk, stub, _ = desk_with(t, 3)
    env = t.environment(CRMAIL_TEST="deadlines=6000")
    log = t.open_log("daemon.log")
    host = subprocess.Popen(desk.command("sync", "--daemon"), env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    t.at_end(host.wait)
    t.at_end(host.kill)
    before = stub.asked("GET", "/me?")
    t.wait(lambda: stub.asked("GET", "/me?") > before, "the host's connection")
    late = stub.make_folder("Late")
    stub.deliver(note(50), folder="Late")

    def comes():
        t.crmail("sync", "--once", "--json", code=None)
        return desk.placements() == stub.state()

    t.wait(comes, "the new folder and its mail", 60)
    connections = stub.asked("GET", "/me?")
    for ident in [i for i, m in stub.messages.items() if m.folder == late]:
        del stub.messages[ident]
    del stub.folders[late]
    t.wait(comes, "the folder to go", 60)
    t.equal(stub.asked("GET", "/me?"), connections, "it was one connection all the time")
