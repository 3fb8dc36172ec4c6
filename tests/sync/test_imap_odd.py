"""Servers that say what no grammar allows, or fall silent, or lie: at most one connection more, nothing that can be
read is missing, and nothing is taken for deleted."""
import re

from support.fakeimap import FakeImap, HangUp, numbered

TIMEOUT = 120
COUNT = 12


def connected(t, count=COUNT, answer=None, history="all", **kw):
    """A server with `count` notes in INBOX, and an account that has not synced yet."""
    server = FakeImap(t, answer=answer, **kw)
    for raw in numbered(count):
        server.folders["INBOX"].add(raw)
    t.crmail("account", "add", "work", *server.account_args(t, history))
    return server


def sync(t, code=0):
    return t.crmail("sync", "--once", "--json", code=code, seconds=60).json["accounts"][0]


def subjects(t, query="subject:note"):
    return sorted(m["subject"] for m in t.crmail("search", query, "--json", "--limit", "0").json["messages"])


def notes(*numbers):
    return sorted(f"note number {n}" for n in numbers)


def check_all(t, server, count=COUNT, connections=2):
    """Everything came, whole, with at most one reconnect, and stays in the passes to come."""
    t.equal(sync(t)["result"], "ok", "the pass")
    t.true(server.connections <= connections, f"{server.connections} connections")
    t.equal(subjects(t), notes(*range(count)), "messages")
    t.equal(subjects(t, f"wort{count - 1}wort"), notes(count - 1), "found by its body")
    again = sync(t)
    t.equal((again["result"], again["new"], again["gone"]), ("ok", 0, 0), "a pass afterwards")
    t.equal(len(server.folders["INBOX"].messages), count, "messages on the server")
    t.equal(subjects(t), notes(*range(count)), "messages in the end")


def before_all(*extra):
    """Puts lines before each answer."""
    return lambda conn, words, lines: [*extra, *lines]


def test_unknown_untagged_lines(t):
    check_all(t, connected(t, answer=before_all(b"* XFOO (a (b) \"c\") 12", b"* 7 XBAR", b"*", b"* ", b"* OK", b"* NO")))


def test_ok_without_text(t):
    def answer(conn, words, lines):
        return [x if b"[" in x else re.sub(rb"^(\d+|\*) OK .*", rb"\1 OK", x) for x in lines]

    check_all(t, connected(t, answer=answer))


def test_items_nobody_asked_for(t):
    """ENVELOPE with quotes in quotes, PREVIEW, EMAILID, nested flags, MODSEQ."""
    extra = (
        b'(ENVELOPE ("x" "y" (("a" NIL "b" "c.test")) NIL NIL NIL NIL NIL NIL "<"a@b">") PREVIEW {3}\r\n)(" '
        b"EMAILID (M1) BINARY.SIZE[1] 7 X-ODD ((a (b)) NIL) MODSEQ (9) FLAGS (\\Seen (x y)) "
    )
    check_all(t, connected(t, answer=lambda c, w, lines: [x.replace(b"FETCH (", b"FETCH " + extra) for x in lines]))


def test_odd_lists(t):
    """Data nobody asked for behind the name, INBOX twice, no delimiter, literals, nested attributes, 8-bit names."""
    odd = [
        b'* LIST (\\HasNoChildren) "/" inbox',
        b'* LIST (\\X (y z) \\Sent) "/" "Sent" ("CHILDINFO" ("SUBSCRIBED"))',
        b"* LIST () NIL {7}\r\nOrd {3}",
        b'* LIST () "/" "B\xc3\xbccher"',
        b'* LIST () "/"',
        b"* LIST",
        b'* LIST "x" "y" z',
        b"* LIST (((((( ",
    ]
    server = connected(t, answer=lambda c, w, lines: odd + lines if w[0] == "LIST" else lines)
    for name in ("Sent", "Ord {3}", "Bücher"):
        server.folders[name] = type(server.folders["INBOX"])()
    check_all(t, server)
    folders = [w[1].lower() for _, w in server.commands if w[0] == "SELECT"]
    t.equal((folders.count("inbox") > 0, "ord {3}" in folders), (True, True), f"folders selected: {folders}")
    t.equal(len({f for f in folders if "inbox" in f}), 1, "INBOX under one name")


def test_more_folders_than_are_taken(t):
    """What stands behind the last one that is taken is not told of, which is not the same as gone."""
    is_long = False
    many = [b'* LIST (\\Noselect) "/" many%d' % i for i in range(20_001)]

    def answer(conn, words, lines):
        return many + lines if is_long and words[0] == "LIST" else lines

    server = connected(t, answer=answer)
    t.equal(sync(t)["result"], "ok", "the pass")
    is_long = True
    again = sync(t)
    t.equal((again["result"], again["gone"]), ("ok", 0), "a pass with too many folders")
    t.equal(subjects(t), notes(*range(COUNT)), "messages afterwards")


def test_thirty_kilobytes_of_parentheses(t):
    deep = b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 30000 + b")"
    check_all(t, connected(t, answer=before_all(deep, b"* LIST " + b"(" * 30000)))


def once(do):
    """do(lines) changes the first answer to a FETCH of headers, the others stay."""
    state = {"done": False}

    def answer(conn, words, lines):
        if state["done"] or words[:2] != ["UID", "FETCH"] or "HEADER" not in words[-1]:
            return lines
        state["done"] = True
        return do(lines)

    return answer


def test_a_literal_of_four_gigabytes_of_nobody(t):
    check_all(t, connected(t, answer=once(lambda lines: [lines[0], b"* 2 FETCH (BODY[HEADER] {4294967290}"])))


def test_bye_in_the_middle_of_a_fetch(t):
    check_all(t, connected(t, answer=once(lambda lines: [lines[0], b"* BYE not now", HangUp(b"")])), connections=2)


def test_closed_in_the_middle_of_a_literal(t):
    check_all(t, connected(t, answer=once(lambda lines: [lines[0], HangUp(lines[1][:80])])), connections=2)


def test_bye_in_every_place(t):
    """BYE instead of the answer to each command of the first pass, one after the other."""
    verbs = ["GREETING", "LOGIN", "CAPABILITY", "LIST", "SELECT", "SEARCH", "FETCH"]
    left = list(verbs)

    def answer(conn, words, lines):
        verb = words[1] if words[0] == "UID" else words[0]
        if left and verb == left[0]:
            left.pop(0)
            conn.client.sendall(b"* BYE going down\r\n")
            return None
        return lines

    server = connected(t, answer=answer)
    for _ in verbs:
        sync(t, code=None)
    t.equal(left, [], "places not reached")
    server.connections = 0
    check_all(t, server)


def test_a_literal_beyond_all_limits_costs_its_message_alone(t):
    """UID 5 always comes with it: the others are there, this one is a row that says so."""

    def answer(conn, words, lines):
        bad = re.compile(rb"BODY\[[A-Z]*\] \{\d+\}.*", re.S)
        return [bad.sub(b"BODY[HEADER] {4294967290}", x) if b"FETCH (UID 5 " in x else x for x in lines]

    server = connected(t, answer=answer)
    t.true(sync(t)["result"] in ("ok", "parked"), "the pass")
    t.true(server.connections <= 2, f"{server.connections} connections")
    t.equal(subjects(t), notes(*(n for n in range(COUNT) if n != 4)), "the others")
    t.equal(len(subjects(t, "subject:server in:INBOX")), 1, "the one in its place")
    again = sync(t)
    t.equal((again["result"], again["new"], again["gone"]), ("ok", 0, 0), "a pass afterwards")
    t.equal(len(server.folders["INBOX"].messages), COUNT, "messages on the server")


def test_a_message_that_breaks_the_server_costs_itself_alone(t):
    """Whenever UID 7 is asked for with its header or body, the server closes the connection."""

    def answer(conn, words, lines):
        if words[:2] == ["UID", "FETCH"] and "BODY" in words[-1] and any(b"(UID 7 " in x for x in lines):
            return None
        return lines

    server = connected(t, answer=answer)
    t.true(sync(t)["result"] in ("ok", "parked"), "the pass")
    t.equal(subjects(t), notes(*(n for n in range(COUNT) if n != 6)), "the others")
    t.equal(len(subjects(t, "subject:server in:INBOX")), 1, "the one in its place")
    before = server.connections
    again = sync(t)
    t.equal((again["result"], again["new"], again["gone"]), ("ok", 0, 0), "a pass afterwards")
    t.equal(server.connections - before, 1, "connections of the pass afterwards")


def test_a_message_refused_by_the_server_costs_itself_alone(t):
    """NO to every FETCH that holds UID 3."""

    def answer(conn, words, lines):
        if words[:2] == ["UID", "FETCH"] and "BODY" in words[-1] and any(b"(UID 3 " in x for x in lines):
            return [re.sub(rb" OK .*", b" NO broken message", lines[-1])]
        return lines

    server = connected(t, answer=answer)
    t.true(sync(t)["result"] in ("ok", "parked"), "the pass")
    t.equal(subjects(t), notes(*(n for n in range(COUNT) if n != 2)), "the others")
    t.equal(server.connections, 1, "connections")


def test_expunged_while_fetched(t):
    """What another client removes in the middle of the page is gone, and the rest is all there."""
    server = connected(t)

    def answer(conn, words, lines):
        inbox = server.folders["INBOX"]
        if words[:2] == ["UID", "FETCH"] and "HEADER" in words[-1] and len(inbox.messages) == COUNT:
            del inbox.messages[3:6]
            return [x for x in lines if not re.search(rb"\(UID [456] ", x)][:-1] + [b"* 4 EXPUNGE"] * 3 + [lines[-1]]
        return lines

    server.answer = answer
    t.equal(sync(t)["result"], "ok", "the pass")
    t.equal((subjects(t), server.connections), (notes(0, 1, 2, *range(6, COUNT)), 1), "messages, connections")
    t.equal(sync(t)["gone"], 0, "gone in the next pass")


def test_an_empty_list_is_no_deletion(t):
    """SEARCH answers nothing although EXISTS says twelve: for one pass, or for ever."""
    server = connected(t)
    sync(t)
    t.equal(len(subjects(t)), COUNT, "messages")
    server.answer = lambda c, w, lines: [x for x in lines if not x.startswith(b"* SEARCH")]
    server.folders["INBOX"].messages[0].flags.add("\\Flagged")
    for _ in range(2):
        t.equal(sync(t)["gone"], 0, "gone")
        t.equal(subjects(t), notes(*range(COUNT)), "messages")
    server.answer = lambda c, w, lines: lines
    del server.folders["INBOX"].messages[11]
    t.equal(sync(t)["gone"], 1, "gone, now that the list is whole")


def check_cut_short(t, history):
    """The server renumbers, and lists half of the folder in the first look at it."""
    server = connected(t, history=history)
    sync(t)
    server.folders["INBOX"].renumber()
    server.answer = lambda c, w, lines: [
        b" ".join(x.split()[:6]) if x.startswith(b"* SEARCH") else x for x in lines
    ]
    sync(t)
    t.equal(subjects(t), notes(*range(COUNT)), "messages while the list is short")
    server.answer = lambda c, w, lines: lines
    sync(t)
    t.equal(subjects(t), notes(*range(COUNT)), "messages")
    t.equal(subjects(t, "wort11wort"), notes(11), "found by its body")
    again = sync(t)
    t.equal((again["new"], again["gone"]), (0, 0), "a pass afterwards")


def test_a_list_cut_short_in_a_resync_is_no_deletion(t):
    check_cut_short(t, "all")


def test_a_window_cut_short_in_a_resync_is_no_deletion(t):
    check_cut_short(t, "90")


def test_a_resync_broken_off_goes_on(t):
    """The connection ends in the middle of the listing after a renumbering, in several passes."""
    server = connected(t, 450)
    sync(t)
    server.folders["INBOX"].renumber()
    seen = []

    def answer(conn, words, lines):
        if words[:2] == ["UID", "FETCH"] and "HEADER" in words[-1]:
            seen.append(1)
            if len(seen) in (2, 3, 4):
                return None
        return lines

    server.answer = answer
    for _ in range(3):
        sync(t, code=None)
    server.answer = lambda c, w, lines: lines
    t.equal(sync(t)["result"], "ok", "the pass")
    t.equal(len(subjects(t)), 450, "messages")
    again = sync(t)
    t.equal((again["new"], again["gone"]), (0, 0), "a pass afterwards")


def test_bodies_are_not_taken_by_an_old_number(t):
    """Between headers and bodies the folder is renumbered, so that every number means another message."""
    server = connected(t)
    inbox = server.folders["INBOX"]

    def answer(conn, words, lines):
        if words[:2] == ["UID", "FETCH"] and "HEADER" in words[-1] and inbox.uidvalidity == 7:
            inbox.uidvalidity = 8
            for m, uid in zip(inbox.messages, reversed([m.uid for m in inbox.messages])):
                m.uid = uid
            inbox.messages.reverse()
            return [*lines[:-1], HangUp(b"")]
        return lines

    server.answer = answer
    sync(t, code=None)
    sync(t)
    t.equal(subjects(t), notes(*range(COUNT)), "messages")
    for n in (0, 5, 11):
        t.equal(subjects(t, f"wort{n}wort"), notes(n), f"found by the body of {n}")


def test_without_uidnext(t):
    drop = lambda c, w, lines: [x for x in lines if b"UIDNEXT" not in x]  # noqa: E731
    server = connected(t, answer=drop)
    check_all(t, server, connections=1)
    server.deliver(numbered(COUNT + 1)[COUNT])
    t.equal(sync(t)["new"], 1, "new")


EXTENSIONS = ("UIDPLUS MOVE CONDSTORE", "UIDPLUS", "MOVE", "", "LITERAL+ UIDPLUS")


def test_any_set_of_extensions(t):
    """New, changed and gone are seen alike, whatever the server offers."""
    for number, caps in enumerate(EXTENSIONS):
        server = FakeImap(t, caps=caps)
        home = f"data{number}"
        for raw in numbered(5):
            server.folders["INBOX"].add(raw)
        t.crmail("account", "add", "work", *server.account_args(t), home=home)

        def passed():
            r = t.crmail("sync", "--once", "--json", home=home).json["accounts"][0]
            return (r["new"], r["changed"], r["gone"])

        t.equal(passed(), (5, 0, 0), f"first pass with {caps!r}")
        inbox = server.folders["INBOX"]
        inbox.messages[1].flags |= {"\\Seen", "$Forwarded"}
        del inbox.messages[3]
        inbox.add(numbered(6)[5])
        t.equal(passed(), (1, 1, 1), f"second pass with {caps!r}")
        t.equal(passed(), (0, 0, 0), f"third pass with {caps!r}")
