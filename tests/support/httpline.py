"""A line to a CRM that breaks where a test wants it to: proxy.py's, for HTTP.

    line = HttpLine(t, crm)                     crm.url leads through it from now on
    line.at("answer", "POST ce_activities", cut)
    line.at("answer", None, replace(answer(429, retry_after=3600)), times=None)

A unit is a whole request or a whole answer, both called after the request: its method and the last
word of its path ("POST ce_activities", "GET ce_contacts", "POST token").
"""
import json
import re
from urllib.parse import urlsplit

from . import certs
from .proxy import Proxy

REQUEST = re.compile(rb"(\S+) (\S+) HTTP/1\.[01]$")
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*$", re.I | re.M)
FLOOD = 100 << 20


class _Http:
    """Heads with their bodies; every body here has a length."""

    def __init__(self):
        self._asked = []

    def take(self, side, got):
        """(name, length) of the first unit, or None while it is not there whole."""
        end = got.find(b"\r\n\r\n") + 4
        if end < 4:
            return None
        head = got[: end - 4].replace(b"\r\n", b"\n")
        length = LENGTH.search(head)
        whole = end + (int(length[1]) if length else 0)
        if len(got) < whole:
            return None
        if side == "command":
            return self._name(head), whole
        return (self._asked.pop(0) if self._asked else ""), whole

    @staticmethod
    def _name(head):
        said = REQUEST.match(head.partition(b"\n")[0])
        if not said:
            return ""
        where = urlsplit(said[2].decode("latin-1")).path
        return f"{said[1].decode('latin-1')} {where.rpartition('/')[2]}"

    def note(self, name, _):
        self._asked.append(name)


class HttpLine(Proxy):
    """A line in the clear before a CRM; what is asked of it from now on goes through here."""

    def __init__(self, t, crm):  # pylint: disable=super-init-not-called
        self.protocol, self.tls, self.server_tls, self.client_tls = "http", "none", None, None
        self.read = _Http
        self.target = urlsplit(crm.url).port
        self._open(t)
        crm.url = f"http://{certs.GOOD_HOST}:{self.port}"


# ---- what an answer may be instead


def answer(status, body=b"{}", kind="application/json", **headers):
    """The bytes of a whole answer; headers by name with _ for -."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{k.replace('_', '-').title()}: {v}" for k, v in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def cut_body(link, unit):
    """Its head and half of its body arrive, then the connection ends."""
    head = unit.raw.find(b"\r\n\r\n") + 4
    link.pass_on(unit.side, unit.raw[: head + (len(unit.raw) - head) // 2])
    link.cut()


def half_json(_link, unit):
    """A whole answer whose JSON ends in the middle."""
    body = unit.raw.partition(b"\r\n\r\n")[2]
    return answer(200, body[: len(body) // 2] or b"[")


def flood(link, unit):
    """100 MB of well-formed JSON."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {FLOOD}\r\n\r\n"
    link.pass_on(unit.side, head.encode())
    piece = b'["' + b"x" * (1 << 20)
    for _ in range(FLOOD // len(piece)):
        link.pass_on(unit.side, piece)
    link.cut()


def body_of(unit):
    """The JSON that was sent."""
    return json.loads(unit.raw.partition(b"\r\n\r\n")[2])
