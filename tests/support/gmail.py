"""A Gmail of the test's own: @inbox-zero/emulate's, behind a line that does what the emulator cannot.

    google = Gmail(t, mails=[...])          raw messages, oldest first, or (raw, labels)
    google.add(t, "work")                   an account of kind gmail, signed in at the run's provider
    google.at("GET", "/history", answer(404))
    google.insert(raw, labels)              what arrives elsewhere

What the emulator cannot: a profile, tokens that end, a history that does, quotas, broken answers.  Each
request goes on with a token of its own, because it takes only so many with one.
"""
import base64
import http.client
import http.server
import json
import re
import shlex
import subprocess
import threading
import urllib.parse

from .letters import parse
from .oidcserver import HERE
from .ports import start_with_ports, wait_listening

ME = "/gmail/v1/users/me"
SYSTEM = ("INBOX", "SENT", "DRAFT", "TRASH", "SPAM")


def raw_of(text):
    """Bytes as the API carries them."""
    return base64.urlsafe_b64encode(text).decode()


def bytes_of(raw):
    return base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))


class Gone(AssertionError):
    """There is nothing of that id, any more or yet."""


# ---- what may happen to a request


def answer(status, body=None, **headers):
    """This instead; the emulator never hears of it."""

    def do(_line, _request):
        more = {k.replace("_", "-"): v for k, v in headers.items()}
        return status, more, json.dumps(body if body is not None else {"error": {"code": status}}).encode()

    return do


def lose(line, request):
    """It is done, and the answer is lost."""
    line.usual(request)
    return None


def cut(_line, _request):
    """The connection ends, and nothing is done."""
    return None


def half(line, request):
    """Half of the answer comes, as if it were all of it."""
    status, headers, body = line.pass_on(request)
    return status, headers, body[: len(body) // 2]


def broken_off(line, request):
    """Half of the answer comes, then the connection ends."""
    status, headers, body = line.pass_on(request)
    return status, {**headers, "Content-Length": str(len(body))}, body[: len(body) // 2]


def refuse_parts(wanted, status=429):
    """Parts of a batch (a function of their place) fail for themselves."""

    def do(line, request):
        code, headers, body = line.pass_on(request)
        mark = b"--" + headers["Content-Type"].split("boundary=")[1].encode()
        parts = body.split(mark)
        for i in range(1, len(parts) - 1):
            if wanted(i - 1):
                parts[i] = (
                    b"\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 %d No\r\n"
                    b"Content-Type: application/json\r\n\r\n{}\r\n" % status
                )
        return code, headers, mark.join(parts)

    return do


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def token(self):
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def __repr__(self):
        return f"{self.method} {self.path}"


class Line:
    """The address that crmail knows."""

    def __init__(self, port):
        self.port = port
        self.requests = []
        self.refused = set()  # tokens that are none any more
        self.is_away = False  # every connection ends
        self.at_request = None  # called with the number of each request and what answers it
        self._wishes = []  # [method, pattern, what to do, times]
        self._lock = threading.Lock()
        self._number = 0
        line = self

        class Handler(_Handler):
            owner = line

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def at(self, method, path, do, times=1):
        """What is done at the next requests whose path has that in it (a regular expression)."""
        with self._lock:
            self._wishes.append([method, re.compile(path), do, times])

    def forget_wishes(self):
        with self._lock:
            self._wishes.clear()

    def count(self, method, path):
        return sum(r.method == method and re.search(path, r.path) is not None for r in self.requests)

    def take(self, request):
        """The answer: status, headers, body; None = the connection ends."""
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            if self.is_away:
                return None
            if request.token in self.refused or not request.token:
                return answer(401)(self, request)
            do = None
            for wish in self._wishes:
                if wish[0] == request.method and wish[1].search(request.path) and wish[3] != 0:
                    wish[3] = wish[3] and wish[3] - 1
                    do = wish[2]
                    break
        do = do or Line.usual
        return self.at_request(number, do, request) if self.at_request else do(self, request)

    def usual(self, request):
        """What the emulator says, or would if it knew of profiles."""
        return self._profile() if request.path == f"{ME}/profile" else self.pass_on(request)

    def pass_on(self, request):
        with self._lock:
            self._number += 1
            number = self._number
        up = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer up{number}"}
        if "Content-Type" in request.headers:
            headers["Content-Type"] = request.headers["Content-Type"]
        up.request(request.method, request.path, request.body, headers)
        r = up.getresponse()
        body = r.read()
        up.close()
        return r.status, {"Content-Type": r.headers.get("Content-Type", "application/json")}, body

    def call(self, method, path, body=None):
        """As another program of the same person."""
        text = json.dumps(body).encode() if body is not None else None
        status, _, out = self.pass_on(Request(method, path, {"Content-Type": "application/json"}, text))
        if status >= 400:
            raise (Gone if status == 404 else AssertionError)(f"{method} {path}: {status} {out[:300]!r}")
        return json.loads(out) if out else None

    def _profile(self):
        at = self.call("POST", f"{ME}/watch", {"topicName": "projects/p/topics/t"})["historyId"]
        total = self.call("GET", f"{ME}/messages?maxResults=1&includeSpamTrash=true")["resultSizeEstimate"]
        body = {"emailAddress": "me", "messagesTotal": total, "historyId": at}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        got = self.owner.take(Request(self.command, self.path, dict(self.headers), body))
        if got is None:
            self.close_connection = True
            return
        status, headers, out = got
        self.send_response(status)
        headers = {"Content-Length": str(len(out)), **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(out)
        if int(headers["Content-Length"]) != len(out):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def log_message(self, *_):
        pass


class Gmail:
    """One person's mailbox."""

    def __init__(self, t, mails=(), who="alice@example.test", labels=None):
        self.t, self.who = t, who
        self._labels = labels or {}
        seed = {
            "google": {
                "users": [{"email": who, "name": "Alice"}],
                "oauth_clients": [],
                "labels": [
                    {"id": i, "user_email": who, "name": name} for i, name in self._labels.items()
                ],
                "messages": [self._seed(i, m) for i, m in enumerate(mails)],
            }
        }
        self.office = t.sign_in()
        self.line = Line(self._start(seed))
        t.at_end(self.line.stop)
        self.at, self.call = self.line.at, self.line.call

    def again(self, mails):
        """Another emulator behind the same line, with other mail in it."""
        seed = {**self._seed_of_all, "google": {**self._seed_of_all["google"]}}
        seed["google"]["messages"] = [self._seed(i, m) for i, m in enumerate(mails)]
        self._proc.kill()
        self._proc.wait()
        self.line.port = self._start(seed)

    def _seed(self, number, mail):
        raw, labels = mail if isinstance(mail, tuple) else (mail, ["INBOX", "UNREAD"])
        return {"id": f"m{number}", "user_email": self.who, "raw": raw_of(raw), "label_ids": labels}

    def _start(self, seed):
        pool = self.office.pool
        self._seed_of_all = seed
        file = self.t.write("gmail-seed.json", json.dumps(seed))

        def attempt(port):
            proc = subprocess.Popen(
                [pool["node"], f"{HERE}/emulator.mjs", pool["modules"], "google", str(port), file],
                stdin=subprocess.DEVNULL,
                stdout=self.t.open_log("gmail"),
                stderr=subprocess.STDOUT,
            )
            self._proc = proc
            self.t.at_end(lambda: (proc.kill(), proc.wait()))
            wait_listening(port, lambda: proc.poll() is None)
            return port

        return start_with_ports(1, attempt)

    # ---- crmail's side

    def command(self, *args):
        """The command line of a crmail with the passphrase of its saved passwords."""
        file = self.t.write("passphrase", "correct horse battery\n")
        words = [self.t.crmail_program, "--home", self.t.home(), "--passphrase-fd", "3", *args]
        return ["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"]

    def crmail(self, *args, code=0, env=None, seconds=120):
        return self.t.run(self.command(*args), code=code, env=env, seconds=seconds)

    def add(self, name="work", client="crmail-test", history="all", **words):
        scope = "openid offline_access email mail"
        self.office.configure(
            client=client, services={"gmail": {"scope": scope, "api": self.line.url, **words}}
        )
        words = ["--gmail", "--oauth", "office", "--email", self.who, "--history", history]
        return self.crmail("account", "add", name, *words, env=self.office.browser(self.who))

    def sync(self, code=0, seconds=120, env=None):
        return self.crmail("sync", "--once", "--json", code=code, seconds=seconds, env=env).json["accounts"][0]

    # ---- the other side

    def insert(self, raw, labels=("INBOX", "UNREAD")):
        body = {"raw": raw_of(raw), "labelIds": list(labels)}
        return self.call("POST", f"{ME}/messages?internalDateSource=dateHeader", body)["id"]

    def modify(self, ident, add=(), remove=()):
        body = {"addLabelIds": list(add), "removeLabelIds": list(remove)}
        return self.call("POST", f"{ME}/messages/{ident}/modify", body)

    def delete(self, ident):
        self.call("DELETE", f"{ME}/messages/{ident}")

    def ids(self, label=None):
        query = {"maxResults": "500", "includeSpamTrash": "true", **({"labelIds": label} if label else {})}
        found = self.call("GET", f"{ME}/messages?{urllib.parse.urlencode(query)}")
        return [m["id"] for m in found.get("messages", [])]

    def labels(self, ident):
        return set(self.call("GET", f"{ME}/messages/{ident}?format=minimal")["labelIds"])

    def raw(self, ident):
        return bytes_of(self.call("GET", f"{ME}/messages/{ident}?format=raw")["raw"])

    def place(self, message_id):
        """The labels of the message, whatever it is called there."""
        return next(self.labels(i) for i in self.ids() if message_id.encode() in self.raw(i))

    def everything(self):
        """[(Message-ID, labels)] of all there is."""
        return sorted((parse(self.raw(i))["Message-ID"], sorted(self.labels(i))) for i in self.ids())

    def drafts(self):
        return self.call("GET", f"{ME}/drafts").get("drafts", [])
