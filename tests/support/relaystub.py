"""A relay: a service that sends mail through a mailbox it was let into, with an API key.

`sent` is what it really sent; `wishes` are what goes wrong with the next letters: "lost" (sent, and the
answer never comes), "swallowed" (neither sent nor answered), (status, JSON), or a
function that is called when the letter was sent, before its answer is lost."""
import contextlib
import http.server
import json
import secrets
import socketserver
import threading
import urllib.parse
import urllib.request

KEY = "relay-key-8231"
USER = "anna-7"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _answer(self, status, said=None, headers=()):
        body = json.dumps(said).encode() if said is not None else b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self):
        self.close_connection = True
        self.connection.close()

    def _serve(self, body):
        relay = self.server.relay
        url = urllib.parse.urlsplit(self.path)
        relay.asked.append(f"{self.command} {url.path}")
        if relay.is_away:
            return self._hang_up()
        if url.path == "/consent":
            return self._consent(relay, dict(urllib.parse.parse_qsl(url.query)))
        if self.headers["Authorization"] != f"Bearer {relay.key}":
            return self._answer(401, {"error": "wrong key"})
        return self._api(relay, f"{self.command} {url.path}", body)

    def _consent(self, relay, query):
        """The page at which the person says yes, as the browser of the tests does by opening it."""
        if relay.forges:  # somebody else comes first
            with contextlib.suppress(OSError):
                forged = {"state": "x" + query["state"], "code": "forged"}
                urllib.request.urlopen(query["redirect_uri"] + "?" + urllib.parse.urlencode(forged), timeout=10)
        words = {"state": query["state"]}
        words |= {"error": "access_denied"} if relay.denies else {"code": relay.code}
        where = query["redirect_uri"] + "?" + urllib.parse.urlencode(words)
        return self._answer(302, headers=[("Location", where)])

    def _api(self, relay, what, body):
        if what == "POST /v1/oauth/authorize":
            query = urllib.parse.urlencode({"state": relay.state, "redirect_uri": body["redirect_url"]})
            return self._answer(200, {"authorization_url": f"{relay.url}/consent?{query}"})
        if what == "POST /v1/oauth/callback":
            relay.finished.append(body["code"])
            if (body["code"], body["state"]) != (relay.code, relay.state):
                return self._answer(400, {"error": "wrong code"})
            relay.is_connected = True
            return self._answer(200, {"status": "success"})
        if what == f"GET /v1/users/{USER}/profile":
            return self._answer(200, {"gmail_connected": relay.is_connected, "email_address": relay.address})
        if what == f"GET /v1/reports/users/{USER}":
            return self._answer(200, relay.report()) if relay.has_report else self._answer(404, {})
        if what == f"POST /v1/users/{USER}/messages":
            return self._letter(relay, body)
        return self._answer(404, {"error": "no such thing"})

    def _letter(self, relay, body):
        wish = relay.wishes.pop(0) if relay.wishes else None
        if wish == "swallowed":
            return self._hang_up()
        if isinstance(wish, tuple):
            return self._answer(*wish)
        relay.sent.append(body)
        if callable(wish):
            wish()
        if wish == "lost" or callable(wish):
            return self._hang_up()
        return self._answer(200, {"status": "success", "message_id": f"m{len(relay.sent)}"})

    def do_GET(self):  # pylint: disable=invalid-name
        self._serve(None)

    def do_POST(self):  # pylint: disable=invalid-name
        length = int(self.headers.get("Content-Length") or 0)
        self._serve(json.loads(self.rfile.read(length) or b"{}"))

    def log_message(self, *args):
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a hung-up connection is what was wished for


class Relay:
    def __init__(self, t, address, is_connected=True):
        self.address, self.is_connected = address, is_connected
        self.key = KEY
        self.denies = self.forges = False
        self.finished = []  # codes that came back
        self.has_report = True
        self.is_away = False  # hangs up on everybody
        self.state, self.code = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        self.asked, self.sent, self.wishes = [], [], []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.relay = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        t.at_end(self._end)
        t.show_on_failure("what the relay was asked", lambda: "\n".join(self.asked))
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        self.words = ["--url", self.url, "--user", USER, "--key-command", t.secret_command(KEY)]

    def _end(self):
        self._server.shutdown()
        self._server.server_close()

    def report(self):
        return {
            "total_emails": len(self.sent),
            "successful_emails": len(self.sent),
            "failed_emails": 0,
            "recent_emails": [
                {"to": x["to"] if len(x["to"]) > 1 else x["to"][0].upper(), "subject": x["subject"], "status": "success"}
                for x in self.sent
            ],
        }
