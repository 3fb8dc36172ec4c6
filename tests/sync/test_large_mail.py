"""Large messages come in part, and whole when they are opened; the limit is the account's."""
from support.fakeimap import FakeImap
from support.terminal import Tmux

TIMEOUT = 120


def lines(size):
    return "".join(f"line {n:06d} of the minutes of a very long meeting\n" for n in range(size // 50))


def head(subject, word):
    return (
        f"From: Ada <ada@partner.test>\nTo: me@own.test\nSubject: {subject}\nMessage-ID: <{word}@partner.test>\n"
        "Date: Fri, 20 Nov 2026 10:00:00 +0000\n"
    )


def long_text(subject, word, size):
    """A letter of nothing but text, with a word at its end, that many bytes behind its beginning."""
    return f"{head(subject, word)}\nBeginning {word}anfang\n{lines(size)}{word}ende\n".encode()


def large(subject, word, size):
    """A letter with an attachment of that size between its first text and its last."""
    parts = (
        f"\nBeginning {word}anfang\n",
        f"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=a.bin\n\n{lines(size)}",
        f"\n{word}ende\n",
    )
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f"{head(subject, word)}Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode()


def connected(t, *settings):
    server = FakeImap(t)
    server.folders["INBOX"].add(large("Small one", "klein", 300 << 10))
    server.folders["INBOX"].add(large("Large one", "gross", 900 << 10))
    t.crmail("account", "add", "work", *server.account_args(t), *settings)
    t.equal(t.crmail("sync", "--once", "--json", seconds=60).json["accounts"][0]["new"], 2, "new")
    return server


def total(t, word):
    return t.crmail("search", word, "--json").json["total"]


def test_a_large_message_comes_whole_when_it_is_opened(t):
    server = connected(t)
    t.equal([total(t, w) for w in ("kleinanfang", "kleinende", "grossanfang")], [1, 1, 1], "found at once")
    t.equal(total(t, "grossende"), 0, "what stands behind the first 64 KiB")
    t.equal(server.said("UID", "FETCH", "2", "(UID BODY.PEEK[]<0.65536>)"), 1, "fetches of a part")
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait("Large one", 60)
    term.keys("Enter")
    term.wait("grossanfang")
    t.wait(lambda: total(t, "grossende") == 1, "the whole message, found by its end", 30)
    t.equal(server.said("UID", "FETCH", "2", "(UID BODY.PEEK[])"), 1, "fetches of the whole")


def test_text_is_read_on_to_a_mebibyte(t):
    server = FakeImap(t)
    server.folders["INBOX"].add(long_text("Long one", "lang", 900 << 10))
    server.folders["INBOX"].add(long_text("Endless one", "endlos", 3 << 20))
    t.crmail("account", "add", "work", *server.account_args(t))
    t.crmail("sync", "--once", "--json", seconds=60)
    t.equal([total(t, w) for w in ("langanfang", "langende")], [1, 1], "a text of 900 KB")
    t.equal([total(t, w) for w in ("endlosanfang", "endlosende")], [1, 0], "one of 3 MB")
    again = [w[2] for _, w in server.commands if w[-1] == "(UID BODY.PEEK[]<0.1048576>)"]
    t.equal(again, ["1:2"], "what is read on")


def test_the_limit_is_the_accounts(t):
    server = connected(t, "--set", "body_size_limit_kb=2000")
    t.equal(total(t, "grossende"), 1, "found by its end")
    t.equal([w for _, w in server.commands if "<0." in w[-1]], [], "fetches of a part")


def test_two_that_begin_alike_stay_two(t):
    """Without a Message-ID the body tells them apart, and not its beginning alone."""
    server = FakeImap(t)
    for word in (b"eins", b"zwei"):
        raw = large("Twins", "zwilling", 900 << 10).replace(b"Message-ID: <zwilling@partner.test>\n", b"")
        server.folders["INBOX"].add(raw + word + b"\n")
    t.crmail("account", "add", "work", *server.account_args(t))
    t.crmail("sync", "--once", "--json", seconds=60)
    t.equal(total(t, "subject:twins"), 2, "messages")
