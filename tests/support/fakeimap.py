"""An IMAP server that is as odd as a test wants it: a mailbox in memory, any set of extensions, and a function
of the test that may change each answer before it goes out."""
import datetime
import operator
import re
import socket
import threading
import time

WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^()]*\))|(\S+)')


DAY = datetime.datetime(2026, 11, 20, 10)  # on which mail was received
CHUNK = 1 << 16


class HangUp:
    """In place of a line: these bytes, and the connection ends."""

    def __init__(self, rest=b""):
        self.rest = rest


class Message:
    def __init__(self, uid, raw, flags=(), received=DAY):
        self.uid, self.flags, self.received = uid, set(flags), received
        self.size = None  # what the server says it is; None: the truth
        self.raw = re.sub(rb"\r?\n", b"\r\n", raw)

    @property
    def header(self):
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


class Folder:
    def __init__(self, uidvalidity=7):
        self.uidvalidity, self.uidnext, self.messages = uidvalidity, 1, []
        self.modseq = 1

    def add(self, raw, flags=()):
        self.messages.append(Message(self.uidnext, raw, flags))
        self.uidnext += 1
        self.modseq += 1
        return self.uidnext - 1

    def uids(self):
        return [m.uid for m in self.messages]

    def pick(self, text):
        """The messages that a set of UIDs names."""
        out = set()
        last = max(self.uids(), default=0)
        for lo, hi in _ranges(text, last):
            out |= {m.uid for m in self.messages if lo <= m.uid <= hi}
        return [m for m in self.messages if m.uid in out]

    def number(self, m):
        return self.messages.index(m) + 1

    def received(self, _uid):
        return DAY

    def renumber(self):
        """What a restored backup does: another validity, other UIDs."""
        self.uidvalidity += 1
        for n, m in enumerate(self.messages):
            m.uid = 1000 + n
        self.uidnext = 1000 + len(self.messages)


class Heap(Folder):
    """A folder of any size, whose messages are made when they are asked for: make(uid) is the raw one."""

    def __init__(self, count, make, uidvalidity=7):
        super().__init__(uidvalidity)
        self.messages, self.uidnext, self.make = range(count), count + 1, make

    def uids(self):
        return range(1, self.uidnext)

    def pick(self, text):
        last = self.uidnext - 1
        found = sorted({u for lo, hi in _ranges(text, last) for u in range(lo, min(hi, last) + 1)})
        return [Message(uid, self.make(uid), ("\\Seen",), self.received(uid)) for uid in found]

    def received(self, uid):
        """One a minute, the newest last."""
        return DAY + datetime.timedelta(minutes=uid - self.uidnext)

    def number(self, m):
        return m.uid


def _ranges(text, last):
    for part in text.split(","):
        lo, _, hi = part.partition(":")
        lo, hi = [last if x == "*" else int(x) for x in (lo, hi or lo)]
        yield min(lo, hi), max(lo, hi)


def _as_ranges(uids):
    parts, last = [], None
    for uid in sorted(uids):
        if last is None or uid != last + 1:
            parts.append([uid, uid])
        parts[-1][1] = last = uid
    return b",".join(b"%d:%d" % (lo, hi) if lo < hi else b"%d" % lo for lo, hi in parts)


class FakeImap:
    """answer(connection, words, lines) may change the lines of an answer, the tagged one last; None or HangUp ends the connection.
    `commands` is what clients said: (number of the connection, words)."""

    def __init__(self, t, caps="UIDPLUS MOVE", answer=None, permanent="\\Seen \\Flagged \\Answered \\Draft \\Deleted \\*",
                 takes_idle=True):  # fmt: skip
        self.folders = {"INBOX": Folder()}
        self.caps, self.permanent, self.takes_idle = caps, permanent, takes_idle
        self.answer = answer or (lambda conn, words, lines: lines)
        self.commands, self.connections = [], 0
        self.sent = 0  # bytes that clients took, or the system for them
        self._lock = threading.RLock()
        self._idlers = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        t.at_end(self._listener.close)
        t.show_on_failure("what clients said", lambda: "\n".join(map(repr, self.commands[-80:])))
        threading.Thread(target=self._accept, daemon=True).start()

    def account_args(self, t, history="all"):
        return [
            "--email", "me@own.test", "--imap", f"127.0.0.1:{self.port}", "--smtp", "127.0.0.1:1",
            "--user", "me", "--tls", "insecure-none", "--password-command", t.secret_command("pw"),
            "--history", history,
        ]  # fmt: skip

    def said(self, *start):
        """How many commands begin with these words."""
        return sum(1 for _, words in self.commands if [w.upper() for w in words[: len(start)]] == list(start))

    def deliver(self, raw, folder="INBOX"):
        """A new message, and the news of it to whoever idles."""
        with self._lock:
            box = self.folders[folder]
            box.add(raw)
            for client, name in list(self._idlers.items()):
                if name == folder:
                    client.sendall(f"* {len(box.messages)} EXISTS\r\n".encode())

    def idling(self, folder):
        """Whether a client idles in that folder."""
        with self._lock:
            return folder in self._idlers.values()

    def hang_up_idlers(self):
        with self._lock:
            for client in list(self._idlers):
                client.shutdown(socket.SHUT_RDWR)
            self._idlers.clear()

    # ---- connections

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(client, self.connections), daemon=True).start()

    def _serve(self, client, number):
        conn = _Connection(self, client, number)
        with client:
            try:
                conn.run()
            except (OSError, ValueError, IndexError) as e:
                self.commands.append((number, [f"(the connection ended: {e!r})"]))
            finally:
                conn.lines.close()
                with self._lock:
                    self._idlers.pop(client, None)


class _Connection:
    def __init__(self, server, client, number):
        self.server, self.client, self.number = server, client, number
        self.lines = client.makefile("rb")
        self.folder = self.name = None
        self.exists = 0  # as this client was told last

    def run(self):
        if not self._say(["GREETING"], [b"* OK ready"]):
            return
        for line in self.lines:
            tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
            words, data = self._words(rest)
            self.server.commands.append((self.number, words))
            if words[0].upper() == "IDLE" and self.server.takes_idle:
                if not self._idle(tag, words):
                    return
                continue
            with self.server._lock:
                lines, status = self._do(words, data)
            if not self._say(words, lines + [tag + b" " + status]) or words[0].upper() == "LOGOUT":
                return

    def _words(self, rest):
        """The words of a command, literals too; APPEND's is returned as data."""
        words = []
        while True:
            literal = re.search(rb"\{(\d+)(\+?)\}$", rest)
            text = rest[: literal.start()] if literal else rest
            words += [re.sub(rb"\\(.)", rb"\1", m[1]) if m[1] is not None else m[0] for m in WORD.finditer(text)]
            if not literal:
                is_append = words[0].upper() == b"APPEND"
                data = words.pop() if is_append else b""
                return [w.decode("utf-8", "replace") for w in words], data
            if not literal[2]:
                self.client.sendall(b"+ go on\r\n")
            words.append(self.lines.read(int(literal[1])))
            rest = self.lines.readline().rstrip(b"\r\n")

    def _say(self, words, lines):
        said = list(self.server.answer(self, words, lines) or [HangUp()])
        ends = next((n for n, line in enumerate(said) if isinstance(line, HangUp)), len(said))
        text = b"".join(line + b"\r\n" for line in said[:ends])
        self._send(text + said[ends].rest if ends < len(said) else text)
        return ends == len(said)

    def _send(self, text):
        for at in range(0, len(text), CHUNK):
            self.client.sendall(text[at : at + CHUNK])
            self.server.sent += len(text[at : at + CHUNK])

    def _idle(self, tag, words):
        if not self._say(words, [b"+ idling"]):
            return False
        with self.server._lock:
            self.server._idlers[self.client] = self.name
        done = self.lines.readline()
        with self.server._lock:
            self.server._idlers.pop(self.client, None)
        if done.strip().upper() != b"DONE":
            return False
        self.server.commands.append((self.number, ["DONE"]))
        return self._say(["DONE"], [tag + b" OK done"])

    # ---- commands

    def _do(self, words, data):
        verb = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        handler = {
            "CAPABILITY": lambda: ([b"* CAPABILITY IMAP4rev1 " + self.server.caps.encode()], b"OK done"),
            "LIST": lambda: self._list(words), "SELECT": lambda: self._select(words), "UID SEARCH": lambda: self._search(words),
            "UID FETCH": lambda: self._fetch(words), "UID STORE": lambda: self._store(words),
            "UID EXPUNGE": lambda: self._expunge(words), "UID COPY": lambda: self._copy(words, False),
            "UID MOVE": lambda: self._copy(words, True), "APPEND": lambda: self._append(words, data),
            "CREATE": lambda: self._create(words),
        }.get(verb)  # fmt: skip
        if handler:
            return handler()
        if verb == "NOOP" and self.folder and len(self.folder.messages) != self.exists:
            return self._exists(), b"OK done"
        if verb in ("LOGIN", "LOGOUT", "NOOP", "SUBSCRIBE", "ID"):
            return [], b"OK done"
        return [], b"BAD unknown command"

    def _list(self, words):
        uses = {"Sent": b"\\Sent", "Archive": b"\\Archive", "Trash": b"\\Trash"}
        names = list(self.server.folders)
        lines = [b'* LIST (' + uses.get(n, b"") + b') "/" "' + n.encode() + b'"' for n in names]
        if "RETURN" in words:
            lines += [self._status(n) for n in names]
        return lines, b"OK done"

    def _status(self, name):
        f = self.server.folders[name]
        modseq = b" HIGHESTMODSEQ %d" % f.modseq if "CONDSTORE" in self.server.caps else b""
        return b'* STATUS "%s" (MESSAGES %d UIDNEXT %d UIDVALIDITY %d%s)' % (
            name.encode(), len(f.messages), f.uidnext, f.uidvalidity, modseq)  # fmt: skip

    def _exists(self):
        self.exists = len(self.folder.messages)
        return [b"* %d EXISTS" % self.exists]

    def _select(self, words):
        self.name = "INBOX" if words[1].upper() == "INBOX" else words[1]
        self.folder = self.server.folders.get(self.name)
        if not self.folder:
            return [], b"NO no such folder"
        return [
            *self._exists(),
            b"* FLAGS (\\Seen \\Flagged \\Answered \\Draft \\Deleted)",
            b"* OK [PERMANENTFLAGS (" + self.server.permanent.encode() + b")] kept",
            b"* OK [UIDVALIDITY %d] ok" % self.folder.uidvalidity,
            b"* OK [UIDNEXT %d] ok" % self.folder.uidnext,
            *([b"* OK [HIGHESTMODSEQ %d] ok" % self.folder.modseq] if "CONDSTORE" in self.server.caps else []),
        ], b"OK [READ-WRITE] done"

    def _search(self, words):
        keys = [w.upper() for w in words]
        uids = self.folder.uids()
        if "UID" in keys[1:]:
            spans = list(_ranges(words[keys.index("UID", 1) + 1], max(uids, default=0)))
            uids = [u for u in uids if any(lo <= u <= hi for lo, hi in spans)]
        for key, is_meant in (("SINCE", operator.ge), ("BEFORE", operator.lt)):
            if key in keys:
                day = datetime.datetime.strptime(words[keys.index(key) + 1], "%d-%b-%Y")
                uids = [u for u in uids if is_meant(self.folder.received(u), day)]
        if "HEADER" in keys:
            wanted, named = words[-1].encode(), set(uids)
            uids = [m.uid for m in self.folder.messages if m.uid in named and wanted in m.header]
        if "RETURN" in keys:
            return [b'* ESEARCH (TAG "x") UID' + (b" ALL " + _as_ranges(uids) if uids else b"")], b"OK done"
        return [b" ".join([b"* SEARCH"] + [b"%d" % u for u in uids])], b"OK done"

    def _fetch(self, words):
        want = words[3].upper()
        lines = []
        for m in self.folder.pick(words[2]):
            items = [b"UID %d" % m.uid]
            if "FLAGS" in want:
                items.append(b"FLAGS (" + " ".join(sorted(m.flags)).encode() + b")")
            if "INTERNALDATE" in want:
                items.append(m.received.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S +0000"').encode())
                items.append(b"RFC822.SIZE %d" % (len(m.raw) if m.size is None else m.size))
            for name, text in (("HEADER", m.header), ("", m.raw)):
                part = re.search(rf"BODY\.PEEK\[{name}\](?:<0\.(\d+)>)?", want)
                if part:
                    text, tail = (text[: int(part[1])], b"<0>") if part[1] else (text, b"")
                    items.append(b"BODY[%s]%s {%d}\r\n%s" % (name.encode(), tail, len(text), text))
            lines.append(b"* %d FETCH (%s)" % (self.folder.number(m), b" ".join(items)))
        return lines, b"OK done"

    def _store(self, words):
        for m in self.folder.pick(words[2]):
            flags = set(words[4].strip("()").split())
            m.flags = m.flags | flags if words[3].startswith("+") else m.flags - flags
            self.folder.modseq += 1
        return [], b"OK done"

    def _remove(self, gone):
        lines = []
        for m in gone:
            lines.append(b"* %d EXPUNGE" % self.folder.number(m))
            self.folder.messages.remove(m)
            self.folder.modseq += 1
        return lines

    def _expunge(self, words):
        return self._remove([m for m in self.folder.pick(words[2]) if "\\Deleted" in m.flags]), b"OK done"

    def _copy(self, words, is_move):
        to = self.server.folders.get(words[3])
        if to is None:
            return [], b"NO [TRYCREATE] no such folder"
        picked = self.folder.pick(words[2])
        uids = [to.add(m.raw, m.flags) for m in picked]
        code = b"[COPYUID %d %s %s] " % (to.uidvalidity, words[2].encode(), ",".join(map(str, uids)).encode())
        return self._remove(picked) if is_move else [], b"OK " + (code if "UIDPLUS" in self.server.caps else b"") + b"done"

    def _append(self, words, data):
        to = self.server.folders.get(words[1])
        if to is None:
            return [], b"NO [TRYCREATE] no such folder"
        uid = to.add(data, words[2].strip("()").split() if len(words) > 2 else ())
        code = b"[APPENDUID %d %d] " % (to.uidvalidity, uid) if "UIDPLUS" in self.server.caps else b""
        return [], b"OK " + code + b"done"

    def _create(self, words):
        self.server.folders.setdefault(words[1], Folder())
        return [], b"OK done"


def numbered(count, when=None):
    """Plain letters "note number N" with a word of their own each."""
    from support.letters import letter

    when = when or time.time()
    return [
        letter(
            f"Writer {n} <w{n}@elsewhere.test>", "me@own.test", f"note number {n}", f"word wort{n}wort\n",
            f"<note{n}@elsewhere.test>", when - 100000 + n,
        ).as_bytes()
        for n in range(count)
    ]  # fmt: skip
