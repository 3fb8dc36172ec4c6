"""What discovery asks: a resolver that knows what a test says, and a web server of the domain's own.

Both write down who asked for what, and can be told to say nothing: `hold()` keeps answers back until
`release()`.  `Lookup` is the two with the file that leads crmail to them."""
import http.server
import json
import socket
import socketserver
import ssl
import struct
import threading

from support import certs

TYPES = {"MX": 15, "SRV": 33}
NO_NAME, FAILED = 3, 2
UDP_MAX = 512


def quiet(t):
    """A crmail that finds nothing, and asks nobody but a port of this machine where nobody is."""
    t.write(
        "data/discovery.json",
        json.dumps({"resolver": "127.0.0.1:1", "autoconfig": [], "imap": [], "smtp": []}),
    )


class Gate:
    """Answers pass, or wait until they may."""

    def __init__(self, t):
        self._open = threading.Event()
        self._open.set()
        t.at_end(self.release)

    def hold(self):
        self._open.clear()

    def release(self):
        self._open.set()

    def pass_through(self):
        self._open.wait(120)


def name_bytes(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), at + 1


class Resolver:
    """MX and SRV records by name; any other name does not exist, and what a known one lacks is empty."""

    def __init__(self, t):
        self.gate = Gate(t)
        self.asked = []  # (name, type, "udp" or "tcp")
        self.fails = set()  # names that it cannot say anything about
        self.truncates = False  # every answer by UDP
        self.liar = None  # packet -> what is sent before the answer
        self._names = {}
        self._udp = self._tcp = None
        for _ in range(50):  # both on one port
            self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._udp.bind(("127.0.0.1", 0))
            self.port = self._udp.getsockname()[1]
            try:
                self._tcp = socket.create_server(("127.0.0.1", self.port))
                break
            except OSError:
                self._udp.close()
        t.at_end(self._end)
        t.show_on_failure("what the resolver was asked", lambda: "\n".join(map(str, self.asked)))
        threading.Thread(target=self._serve_udp, daemon=True).start()
        threading.Thread(target=self._serve_tcp, daemon=True).start()

    def domain(self, name):
        """It exists, whatever it has."""
        self._names.setdefault(name, {})

    def mx(self, domain, *hosts):
        self._names.setdefault(domain, {})["MX"] = [
            struct.pack(">H", 10 * (i + 1)) + name_bytes(host) for i, host in enumerate(hosts)
        ]

    def srv(self, service, domain, *servers):
        """servers: (priority, weight, port, host)"""
        self.domain(domain)
        self._names.setdefault(f"{service}.{domain}", {})["SRV"] = [
            struct.pack(">HHH", *server[:3]) + name_bytes(server[3]) for server in servers
        ]

    def _end(self):
        for s in (self._udp, self._tcp):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # a socket of packets has no connection to end, and wakes all the same
            s.close()

    def _answer(self, query, line):
        name, at = read_name(query, 12)
        (kind,) = struct.unpack(">H", query[at : at + 2])
        word = {v: k for k, v in TYPES.items()}.get(kind, str(kind))
        self.asked.append((name, word, line))
        self.gate.pass_through()
        records = self._names.get(name, {}).get(word, [])
        code = FAILED if name in self.fails else 0 if self._is_known(name) else NO_NAME
        head = struct.pack(">HHHHHH", *struct.unpack(">H", query[:2]), 0x8180 | code, 1, len(records), 0, 0)  # fmt: skip
        body = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in records
        )
        whole = head + query[12 : at + 4] + body
        if line == "udp" and (self.truncates or len(whole) > UDP_MAX):
            return struct.pack(">HHHHHH", *struct.unpack(">H", query[:2]), 0x8380, 1, 0, 0, 0) + query[12 : at + 4]  # fmt: skip
        return whole

    def _is_known(self, name):
        return any(name == x or name.endswith("." + x) or x.endswith("." + name) for x in self._names)

    def _one_udp(self, query, client):
        answer = self._answer(query, "udp")
        try:
            if self.liar:
                self._udp.sendto(self.liar(answer), client)
            self._udp.sendto(answer, client)
        except OSError:
            pass  # the test is over, or nobody waits any more

    def _serve_udp(self):
        while True:
            try:
                query, client = self._udp.recvfrom(2048)
            except OSError:
                return
            if len(query) < 17:
                return  # shutdown wakes it with nothing
            threading.Thread(target=self._one_udp, args=(query, client), daemon=True).start()

    def _one_tcp(self, client):
        with client, client.makefile("rb") as lines:
            try:
                (n,) = struct.unpack(">H", lines.read(2))
                answer = self._answer(lines.read(n), "tcp")
                client.sendall(struct.pack(">H", len(answer)) + answer)
            except (OSError, struct.error):
                return

    def _serve_tcp(self):
        while True:
            try:
                client, _ = self._tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._one_tcp, args=(client,), daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = 30

    def do_GET(self):  # pylint: disable=invalid-name
        web = self.server.web
        web.asked.append(self.path)
        web.gate.pass_through()
        status, body = web.pages.get(self.path.partition("?")[0], (404, b"nothing here"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the other side gave up, which is what some tests are about


class Web:
    """HTTPS with the run's certificate, or with one of the bad ones of support/certs.py."""

    def __init__(self, t, folder, cert="server"):
        self.gate = Gate(t)
        self.asked = []
        self.pages = {}  # path -> (status, bytes)
        self._server = _Server((certs.GOOD_HOST, 0), _Handler)
        self._server.web = self
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{folder}/{cert}.pem", f"{folder}/{cert}.key")
        self._server.socket = tls.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_address[1]
        t.at_end(self._end)
        t.show_on_failure("what the web server was asked", lambda: "\n".join(self.asked))
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def _end(self):
        self._server.shutdown()
        self._server.server_close()


def config_xml(imap, smtp, user="%EMAILADDRESS%", socket_type="SSL"):
    """What a domain publishes; imap and smtp: (host, port)."""

    def server(kind, tag, where):
        return (
            f'<{tag} type="{kind}"><hostname>{where[0]}</hostname><port>{where[1]}</port>'
            f"<socketType>{socket_type}</socketType><username>{user}</username>"
            f"<authentication>password-cleartext</authentication></{tag}>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- ours -->\n<clientConfig version="1.1">'
        '<emailProvider id="x"><domain>x</domain>'
        '<incomingServer type="pop3"><hostname>pop.x.test</hostname><port>995</port>'
        "<socketType>SSL</socketType></incomingServer>"
        + server("imap", "incomingServer", imap)
        + server("smtp", "outgoingServer", smtp)
        + "</emailProvider></clientConfig>"
    ).encode()


class Lookup:
    """A resolver and a web server, and the file that makes the test's crmail ask them alone."""

    def __init__(self, t, box, **more):
        self.resolver = Resolver(t)
        self.web = Web(t, box.ca_file.rpartition("/")[0])
        base = f"https://{certs.GOOD_HOST}:{self.web.port}"
        words = {
            "resolver": f"127.0.0.1:{self.resolver.port}",
            "ca": box.ca_file,
            "autoconfig": [
                base + "/autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={email}",
                base + "/{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
            ],
            "imap": [],
            "smtp": [],
            **more,
        }
        t.write("data/discovery.json", json.dumps(words))
