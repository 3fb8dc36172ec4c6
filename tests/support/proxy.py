"""A line to a mail server that breaks where a test wants it to: IMAP and SMTP, implicit TLS or STARTTLS.

    line = Proxy(t, box, "imap")
    line.at("answer", "APPEND", cut)            the server took it; its answer never arrives, once
    line.at("command", "MOVE", kill(proc.pid))  the program dies before its command gets there
    line.at("answer", "FETCH", drip, times=None)
    line.refuse() ... line.accept()             the server is away, and back on the same port

TLS ends here, with the run's own certificate, and begins again towards the real server; tls="none" speaks
in the clear with the program.  What passes is
cut into units: a command is one line, with what it is called (UID MOVE is "MOVE"; the mail after DATA is
one unit called "."); an answer is one SMTP reply or one IMAP line, called like the command that it ends,
an untagged line like its own word ("* 3 FETCH" is "FETCH"); a literal is a unit of its own, called
"literal".  The first wish that fits a unit decides what is passed on; everything else goes through.

A wish's action is a function of (link, unit) that returns the bytes to pass on; link.cut() and
link.reset() end the connection there and then.  Ready-made: cut, reset, stall, drip, drip_every(seconds),
half, drop, replace(bytes), before(bytes), kill(pid).
"""
import os
import re
import select
import signal
import socket
import ssl
import struct
import threading

from . import certs

CHUNK = 65536
MOST = 64 << 20  # a unit larger than this is a test's mistake
GIVE_UP_S = 120


class _Ended(Exception):
    """This connection is over."""


class Unit:
    """One thing said: `side` is "command" or "answer", `name` what it is called, `number` counts the connections."""

    def __init__(self, side, name, raw, number):
        self.side, self.name, self.raw, self.number = side, name, raw, number

    def __repr__(self):
        return f"{self.number} {self.side} {self.name} {self.raw[:120]!r}"


# ---- what may happen to a unit


def cut(link, _):
    """The connection ends instead."""
    link.cut()


def reset(link, _):
    """The connection is reset instead."""
    link.reset()


def stall(link, _):
    """Nothing comes any more until line.release() or the client leaves; then the connection ends."""
    link.wait_until_released(GIVE_UP_S)
    link.cut()


def drip_every(seconds):
    """One byte at a time."""

    def do(link, unit):
        for at in range(len(unit.raw)):
            link.pass_on(unit.side, unit.raw[at : at + 1])
            if link.wait_until_released(seconds):
                return unit.raw[at + 1 :]
        return b""

    return do


drip = drip_every(1)


def half(link, unit):
    """Half of it arrives, then the connection ends."""
    link.pass_on(unit.side, unit.raw[: len(unit.raw) // 2])
    link.cut()


def drop(_link, _unit):
    """It is lost; the connection goes on."""
    return b""


def replace(raw):
    """Something else arrives."""
    return lambda _link, _unit: raw


def before(raw):
    """Something arrives ahead of it."""
    return lambda _link, unit: raw + unit.raw


def kill(pid):
    """The program (pid, or a function that gives it) is killed, and what would have come is lost."""

    def do(link, _):
        os.kill(pid() if callable(pid) else pid, signal.SIGKILL)
        link.cut()

    return do


# ---- the line


class _Wish:
    def __init__(self, side, name, do, times, claim):
        self.side, self.name, self.do, self.left, self.claim = side, name, do, times, claim

    def fits(self, unit):
        return (
            self.left != 0
            and self.side == unit.side
            and self.name in (None, unit.name)
            and (not self.claim or self.claim(unit))
        )


class Proxy:
    """Listens on `port`; `units` is everything that was said, `breaks` how many wishes came true."""

    def __init__(self, t, box, protocol, tls="implicit", cert="server"):
        self.protocol, self.tls = protocol, tls
        self.target = getattr(box, PORTS[protocol, tls])
        self.read = READERS[protocol]
        folder = box.ca_file.rpartition("/")[0]
        self.server_tls = box.tls()
        self.client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.client_tls.load_cert_chain(f"{folder}/{cert}.pem", f"{folder}/{cert}.key")
        self._open(t)

    def _open(self, t):
        self.units, self.breaks, self.connections = [], 0, 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._wishes, self._links = [], []
        self._listener = socket.create_server((certs.GOOD_HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._is_open = True
        t.at_end(self._end)
        t.show_on_failure(f"{self.protocol} line", lambda: "\n".join(map(repr, self.units[-40:])))
        self._start()

    def at(self, side, name, do, times=1, claim=None):
        """do(link, unit) to the next `times` units of that side and name (None: any) that claim(unit) holds for."""
        with self._lock:
            self._wishes.append(_Wish(side, name, do, times, claim))

    def clear(self):
        """No more wishes; what is held back is let go."""
        with self._lock:
            self._wishes.clear()
        self.release()

    def release(self):
        """Lets everything go on that stall and drip hold back."""
        self.released.set()
        self.released = threading.Event()

    def count(self, side, name):
        """How many such units passed or were to pass."""
        with self._lock:
            return sum(u.side == side and u.name == name for u in self.units)

    def refuse(self):
        """From now on nobody can connect, and whoever was connected is cut off."""
        if not self._is_open:
            return
        self._is_open = False
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close does not
        self._listener.close()
        self._listener = socket.socket()  # holds the port; what is bound and does not listen refuses
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((certs.GOOD_HOST, self.port))
        self.cut_all()

    def accept(self):
        """The server is back, on the same port."""
        if self._is_open:
            return
        self._is_open = True
        self._start()

    def cut_all(self):
        """Ends every connection."""
        self.release()
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.hang_up()

    # ---- inside

    def _end(self):
        self.refuse()
        self._listener.close()

    def _start(self):
        self._listener.listen(20)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                link = _Link(self, client, self.connections)
                self._links.append(link)
            threading.Thread(target=link.run, daemon=True).start()

    def decide(self, link, unit):
        """What is passed on instead of a unit."""
        with self._lock:
            self.units.append(unit)
            wish = next((w for w in self._wishes if w.fits(unit)), None)
            if wish:
                self.breaks += 1
                if wish.left:
                    wish.left -= 1
        return wish.do(link, unit) if wish else unit.raw


class _Link:
    """One connection, served by one thread: an SSL object does not stand two."""

    def __init__(self, proxy, client, number):
        self._proxy, self._number = proxy, number
        self._socks = {"command": client}  # where each side's words come from
        self._reader = proxy.read()
        self._got = {"command": b"", "answer": b""}
        self._wants_tls = False

    # for actions

    def cut(self):
        raise _Ended()

    def reset(self):
        """Ends with RST instead of FIN."""
        self._socks["command"].setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        raise _Ended()

    def pass_on(self, side, raw):
        """Sends what a side said to the other."""
        sock = self._socks["answer" if side == "command" else "command"]
        while raw:
            try:
                raw = raw[sock.send(raw) :]
            except (ssl.SSLWantWriteError, BlockingIOError):
                select.select([], [sock], [], GIVE_UP_S)
            except ssl.SSLWantReadError:
                select.select([sock], [], [], GIVE_UP_S)

    def wait_until_released(self, seconds):
        """True when release() was called within the time."""
        return self._proxy.released.wait(seconds)

    # inside

    def run(self):
        try:
            server = socket.create_connection((certs.GOOD_HOST, self._proxy.target), 20)
            server.settimeout(20)
            self._socks["command"].settimeout(20)
            self._socks["answer"] = server
            if self._proxy.tls != "starttls" and self._proxy.server_tls:
                self._start_tls()
            self._talk()
        except (OSError, _Ended):
            pass
        finally:
            for sock in self._socks.values():
                sock.close()

    def hang_up(self):
        """From another thread: the next read ends it."""
        for sock in list(self._socks.values()):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _start_tls(self):
        for sock in self._socks.values():
            sock.settimeout(20)
        if self._proxy.tls != "none":
            self._socks["command"] = self._proxy.client_tls.wrap_socket(
                self._socks["command"], server_side=True
            )
        self._socks["answer"] = self._proxy.server_tls.wrap_socket(
            self._socks["answer"], server_hostname=certs.GOOD_HOST
        )

    def _talk(self):
        while True:
            for sock in self._socks.values():
                sock.setblocking(False)
            for side in self._readable():
                self._read(side)
                self._serve(side)

    def _readable(self):
        pending = [
            side for side, s in self._socks.items() if isinstance(s, ssl.SSLSocket) and s.pending()
        ]
        ready = select.select(list(self._socks.values()), [], [], 0 if pending else None)[0]
        return [side for side, s in self._socks.items() if side in pending or s in ready]

    def _read(self, side):
        try:
            piece = self._socks[side].recv(CHUNK)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return
        if not piece or len(self._got[side]) > MOST:
            raise _Ended()
        self._got[side] += piece

    def _serve(self, side):
        while True:
            took = self._reader.take(side, self._got[side])
            if not took:
                return
            name, length = took
            raw, self._got[side] = self._got[side][:length], self._got[side][length:]
            self._wants_tls = self._wants_tls or (side == "command" and name == "STARTTLS")
            said = self._proxy.decide(self, Unit(side, name, raw, self._number))
            if side == "command":
                self._reader.note(name, raw)
            self.pass_on(side, said)
            if side == "answer" and name == "STARTTLS" and self._wants_tls:
                self._wants_tls = False
                self._start_tls()
                return


LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
IMAP_COMMAND = re.compile(rb"(\S+) (?:UID )?(\S+)", re.I)
UNTAGGED = re.compile(rb"\* (?:\d+ )?(\w+)")


class _Imap:
    """Lines and literals; a tagged answer is called like its command."""

    def __init__(self):
        self._literal = {"command": 0, "answer": 0}
        self._is_inside = {"command": False, "answer": False}  # the line goes on after a literal
        self._names = {}

    def take(self, side, got):
        """(name, length) of the first unit, or None while it is not there whole."""
        if self._literal[side]:
            length = self._literal[side]
            if len(got) < length:
                return None
            self._literal[side] = 0
            return "literal", length
        end = got.find(b"\r\n") + 2
        if end < 2:
            return None
        raw = got[:end]
        name = "rest" if self._is_inside[side] else self._name(side, raw)
        follows = LITERAL.search(raw)
        self._literal[side] = int(follows[1]) if follows else 0
        self._is_inside[side] = bool(follows)
        return name, end

    def _name(self, side, raw):
        if raw.upper() == b"DONE\r\n":
            return "DONE"
        if side == "command":
            found = IMAP_COMMAND.match(raw)
            return found[2].decode("latin-1").upper() if found else ""
        if raw[:2] == b"* ":
            found = UNTAGGED.match(raw)
            return found[1].decode("latin-1").upper() if found else ""
        if raw[:1] == b"+":
            return "+"
        return self._names.pop(raw.split(b" ", 1)[0], "")

    def note(self, name, raw):
        if name not in ("literal", "rest", "DONE", ""):
            self._names[raw.split(b" ", 1)[0]] = name


class _Smtp:
    """Command lines, and the mail after DATA up to and with its dot; a whole reply for each, in order."""

    def __init__(self):
        self._asked = ["greeting"]
        self._in_mail = False

    def take(self, side, got):
        """(name, length) of the first unit, or None while it is not there whole."""
        if side == "answer":
            return self._take_reply(got)
        if self._in_mail:
            at = 0 if got.startswith(b".\r\n") else got.find(b"\r\n.\r\n") + 2
            return (".", at + 3) if at != 1 else None
        end = got.find(b"\r\n") + 2
        if end < 2:
            return None
        return got[:end].split()[0].decode("latin-1").upper() if got[:end].split() else "", end

    def _take_reply(self, got):
        at = 0
        while True:
            end = got.find(b"\r\n", at) + 2
            if end < 2:
                return None
            if got[at + 3 : at + 4] != b"-":
                name = self._asked.pop(0) if self._asked else ""
                if name == "DATA" and got[at : at + 3] == b"354":
                    self._in_mail = True
                return name, end
            at = end

    def note(self, name, _):
        if name == ".":
            self._in_mail = False
        self._asked.append(name)


READERS = {"imap": _Imap, "smtp": _Smtp}
PORTS = {
    ("imap", "implicit"): "imaps_port",
    ("imap", "starttls"): "imap_port",
    ("imap", "none"): "imaps_port",
    ("smtp", "none"): "submissions_port",
    ("smtp", "implicit"): "submissions_port",
    ("smtp", "starttls"): "submission_port",
}
