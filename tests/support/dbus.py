"""As much of D-Bus as the tests need: calls on a connection of its own, and what they answer."""
import os
import select
import socket
import struct

ANSWER_S = 20
FIXED = {"y": "<B", "b": "<I", "n": "<h", "q": "<H", "i": "<i", "u": "<I", "x": "<q", "t": "<Q", "d": "<d"}


def split(signature):
    """The first complete type of a signature, and the rest."""
    if signature[0] == "a":
        first, _ = split(signature[1:])
        return "a" + first, signature[1 + len(first) :]
    ends = {"(": ")", "{": "}"}
    if signature[0] not in ends:
        return signature[0], signature[1:]
    depth = 0
    for i, c in enumerate(signature):
        depth += (c == signature[0]) - (c == ends[signature[0]])
        if not depth:
            return signature[: i + 1], signature[i + 1 :]
    raise ValueError(signature)


def types(signature):
    while signature:
        first, signature = split(signature)
        yield first


def alignment(t):
    return {"(": 8, "{": 8, "a": 4, "s": 4, "o": 4, "g": 1, "v": 1}.get(t[0]) or struct.calcsize(FIXED[t[0]])


class Writer:
    def __init__(self):
        self.p = bytearray()

    def pad(self, n):
        self.p += bytes(-len(self.p) % n)

    def put(self, t, v):
        self.pad(alignment(t))
        if t[0] in FIXED:
            self.p += struct.pack(FIXED[t], v)
        elif t[0] in "so":
            raw = v.encode()
            self.p += struct.pack("<I", len(raw)) + raw + b"\0"
        elif t[0] == "g":
            self.p += bytes([len(v)]) + v.encode() + b"\0"
        elif t[0] == "v":
            self.put("g", v[0])
            self.put(v[0], v[1])
        elif t[0] in "({":
            for part, value in zip(types(t[1:-1]), v):
                self.put(part, value)
        else:
            at = len(self.p)
            self.p += bytes(4)
            self.pad(alignment(t[1:]))
            start = len(self.p)
            for value in v.items() if isinstance(v, dict) else v:
                self.put(t[1:], value)
            self.p[at : at + 4] = struct.pack("<I", len(self.p) - start)


class Reader:
    def __init__(self, p):
        self.p, self.at = p, 0

    def take(self, n):
        self.at += n
        return self.p[self.at - n : self.at]

    def get(self, t):
        self.take(-self.at % alignment(t))
        if t[0] in FIXED:
            return struct.unpack(FIXED[t], self.take(struct.calcsize(FIXED[t])))[0]
        if t[0] in "sog":
            n = self.get("y" if t == "g" else "u")
            return self.take(n + 1)[:-1].decode()
        if t[0] == "v":
            return self.get(self.get("g"))
        if t[0] in "({":
            return tuple(self.get(part) for part in types(t[1:-1]))
        n = self.get("u")
        self.take(-self.at % alignment(t[1:]))
        end, values = self.at + n, []
        while self.at < end:
            values.append(self.get(t[1:]))
        return dict(values) if t[1] == "{" else values


class Refused(Exception):
    """The answer was an error; its name is the text."""


class Bus:
    """A connection to the bus at a path."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(ANSWER_S)
        self.s.connect(path)
        self.s.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        line = self.s.recv(256)
        if not line.startswith(b"OK"):
            raise Refused(line.decode())
        self.s.sendall(b"BEGIN\r\n")
        self.serial = 0
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Hello")

    def close(self):
        self.s.close()

    def own(self, name):
        """Others' calls of this name come here, and are never answered."""
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName", "su", name, 4)

    def heard(self):
        """The members that were called since the last time."""
        members = []
        while select.select([self.s], [], [], 0)[0]:
            kind, field, _ = self._message()
            if kind == 1:
                members.append(field[3])
        return members

    def _read(self, n):
        got = b""
        while len(got) < n:
            part = self.s.recv(n - len(got))
            if not part:
                raise Refused("the bus is gone")
            got += part
        return got

    def _message(self):
        head = self._read(16)
        n_body, _, n_fields = struct.unpack("<III", head[4:16])
        r = Reader(head + self._read(n_fields + (-n_fields % 8)))
        r.at = 12
        return head[1], dict(r.get("a(yv)")), self._read(n_body)

    def call(self, to, path, member, signature="", *args):
        """What the method `INTERFACE.MEMBER` answers: nothing, a value, or a tuple."""
        self.serial += 1
        interface, name = member.rsplit(".", 1)
        body = Writer()
        for t, v in zip(types(signature), args):
            body.put(t, v)
        w = Writer()
        for t, v in zip("yyyyuu", (ord("l"), 1, 0, 1, len(body.p), self.serial)):
            w.put(t, v)
        fields = [(1, ("o", path)), (2, ("s", interface)), (3, ("s", name)), (6, ("s", to))]
        w.put("a(yv)", fields + ([(8, ("g", signature))] if signature else []))
        w.pad(8)
        self.s.sendall(bytes(w.p + body.p))
        while True:
            kind, field, answer = self._message()
            if field.get(5) != self.serial:
                continue
            if kind == 3:
                raise Refused(field[4])
            r = Reader(answer)
            values = [r.get(t) for t in types(field.get(8, ""))]
            return values[0] if len(values) == 1 else tuple(values)
