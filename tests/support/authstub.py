"""The one part of the CRM that is ours: Supabase's sign-in, in front of PostgREST.

POST /auth/v1/token with grant_type=password or refresh_token answers as Supabase Auth does: HS256
tokens, refresh tokens that work once.  Everything under /rest/v1/ goes to PostgREST unchanged.  Each
request is written down, so that a test can say what went over the wire and how often.
"""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import secrets
import threading
import time
import urllib.parse

MAX_BODY = 8 << 20
HOP_HEADERS = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "host",
    "content-length",
    "te",
    "upgrade",
}


def _b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def make_jwt(secret, claims):
    """A signed HS256 token."""
    head = (
        _b64(b'{"alg":"HS256","typ":"JWT"}')
        + "."
        + _b64(json.dumps(claims, separators=(",", ":")).encode())
    )
    return head + "." + _b64(hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest())


class AuthStub:
    """One CRM address for one test."""

    def __init__(self, jwt_secret, postgrest_port, token_seconds=3600):
        self.token_seconds = token_seconds
        self.token_lives = []  # seconds that the next tokens last, whatever is said of them
        self.requests = []  # (method, path with query, status), in order of their answers
        self.refuses = None  # a status that everything is answered with
        self.lost_answers = []  # (method, part of the path): the next such answer is never sent
        self.when_lost = None  # called before such an answer is lost
        self._before = []  # (method, part of the path, what happens just before it is passed on)
        self._secret = jwt_secret
        self._postgrest_port = postgrest_port
        self._users = {}  # email -> (password, sub)
        self._refresh = {}  # refresh token -> email, or None once it was used
        self._lock = threading.Lock()
        self.anon_key = make_jwt(jwt_secret, {"role": "anon", "iss": "supabase", "exp": 4102444800})
        stub = self

        class Handler(_Handler):
            owner = stub

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def add_user(self, email, password, sub):
        self._users[email] = (password, sub)

    def note(self, method, path, status):
        with self._lock:
            self.requests.append((method, path, status))

    def refuse(self, status):
        """From now on every request is answered with this status (None: as usual again)."""
        self.refuses = status

    def loses(self, method, path):
        """True once for a request whose answer lost_answers wants lost."""
        with self._lock:
            for wish in self.lost_answers:
                if wish[0] == method and wish[1] in path:
                    self.lost_answers.remove(wish)
                    return True
        return False

    def before(self, method, path, do):
        """do() once, just before such a request reaches the CRM."""
        with self._lock:
            self._before.append((method, path, do))

    def prepare(self, method, path):
        """What before() wants for this request."""
        with self._lock:
            due = [w for w in self._before if w[0] == method and w[1] in path]
            self._before = [w for w in self._before if w not in due]
        for _, _, do in due:
            do()

    def revoke_refresh_tokens(self):
        """From now on nobody's refresh token works."""
        with self._lock:
            self._refresh = {token: None for token in self._refresh}

    def access_token(self, email, seconds=None):
        """A token for email; with seconds below zero one that has expired."""
        lasts = self.token_seconds if seconds is None else seconds
        now = int(time.time())
        return make_jwt(
            self._secret,
            {
                "sub": self._users[email][1],
                "role": "authenticated",
                "aud": "authenticated",
                "email": email,
                "iat": now,
                "exp": now + lasts,
            },
        )

    def sign_in(self, grant, body):
        """(status, answer) of the token endpoint."""
        with self._lock:
            if grant == "password":
                email = body.get("email")
                known = self._users.get(email)
                if not known or known[0] != body.get("password"):
                    return 400, {
                        "code": 400,
                        "error_code": "invalid_credentials",
                        "msg": "Invalid login credentials",
                    }
            elif grant == "refresh_token":
                token = body.get("refresh_token")
                if token not in self._refresh:
                    return 400, {
                        "code": 400,
                        "error_code": "refresh_token_not_found",
                        "msg": "Invalid Refresh Token: Refresh Token Not Found",
                    }
                email, self._refresh[token] = self._refresh[token], None
                if email is None:
                    return 400, {
                        "code": 400,
                        "error_code": "refresh_token_already_used",
                        "msg": "Invalid Refresh Token: Already Used",
                    }
            else:
                return 400, {
                    "code": 400,
                    "error_code": "validation_failed",
                    "msg": "unsupported_grant_type",
                }
            fresh = secrets.token_urlsafe(12)
            self._refresh[fresh] = email
            lasts = self.token_lives.pop(0) if self.token_lives else None
        return 200, {
            "access_token": self.access_token(email, lasts),
            "token_type": "bearer",
            "expires_in": abs(self.token_seconds),
            "expires_at": int(time.time()) + abs(self.token_seconds),
            "refresh_token": fresh,
            "user": {
                "id": self._users[email][1],
                "aud": "authenticated",
                "role": "authenticated",
                "email": email,
            },
        }

    def pass_on(self, method, path, headers, body):
        """(status, headers, body) of PostgREST."""
        conn = http.client.HTTPConnection("127.0.0.1", self._postgrest_port, timeout=30)
        try:
            conn.request(
                method,
                path,
                body,
                {k: v for k, v in headers.items() if k.lower() not in HOP_HEADERS},
            )
            answer = conn.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            conn.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body leave apart: 40 ms a request otherwise
    owner = None

    def log_message(self, *_):
        """Nothing on stderr: the stub keeps its own list."""

    def _answer(self, status, headers, body):
        self.owner.note(self.command, self.path, status)
        if self.owner.loses(self.command, self.path):
            if self.owner.when_lost:
                self.owner.when_lost()
            self.close_connection = True
            return
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _answer_json(self, status, value):
        self._answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._answer_json(413, {"message": "too large"})
            return
        body = self.rfile.read(length)
        where = urllib.parse.urlsplit(self.path)
        if self.owner.refuses:
            self._answer_json(self.owner.refuses, {"message": "closed for today"})
        elif not self.headers.get("apikey"):
            self._answer_json(
                401,
                {
                    "message": "No API key found in request",
                    "hint": "No `apikey` request header or url param was found.",
                },
            )
        elif self.headers["apikey"] != self.owner.anon_key:
            self._answer_json(401, {"message": "Invalid API key"})
        elif where.path == "/auth/v1/token" and self.command == "POST":
            try:
                asked = json.loads(body)
            except ValueError:
                asked = {}
            grant = urllib.parse.parse_qs(where.query).get("grant_type", [""])[0]
            self._answer_json(*self.owner.sign_in(grant, asked))
        elif where.path.startswith("/rest/v1/"):
            self.owner.prepare(self.command, where.path)
            try:
                self._answer(
                    *self.owner.pass_on(
                        self.command, self.path[len("/rest/v1") :], self.headers, body
                    )
                )
            except OSError as e:
                self._answer_json(502, {"message": f"upstream: {e}"})
        else:
            self._answer_json(404, {"message": "no Route matched with those values"})

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve
