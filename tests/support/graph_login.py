"""Signing in before the mailbox of graph_stub.py: code with PKCE, device code, refresh tokens that are replaced."""
import base64
import hashlib
import json
import secrets
import threading
import urllib.parse

from .graph_item import Answer


class SignIn:
    """The identity provider before the mailbox. Tests may set token_seconds and device_says (what becomes of a
    code); device_polls and renewals count."""

    host = None  # set by whoever serves it

    def __init__(self, address):
        self.address = address
        self.token_seconds = 3600
        self.device_says, self.device_polls, self.renewals = "authorization_pending", 0, 0
        self._access, self._refresh, self._codes, self._devices = {}, {}, {}, {}
        self._lock = threading.RLock()

    def token(self, scope=None):
        """A bearer token that holds, for what was asked for; None = everything."""
        token = secrets.token_urlsafe(16)
        self._access[token] = scope
        return token

    def grants(self, headers, scope):
        """Whether the token of a request is for that, too."""
        has = self._access.get(headers.get("authorization", "").partition("Bearer ")[2])
        return has is None or scope in has

    def expire(self):
        """No access token of before holds any longer."""
        with self._lock:
            self._access.clear()

    def take_back(self):
        """The person has taken back what was granted."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def sign_in(self, what, query, form):
        """The endpoints of the identity provider: Answer, or an address to go to."""
        if what == "authorize":
            return self._authorize(query)
        if what == "devicecode":
            return self._devicecode(form)
        return self._give(form)

    def _authorize(self, query):
        """The person agrees at once [code]."""
        code = secrets.token_urlsafe(12)
        with self._lock:
            self._codes[code] = query
        back = urllib.parse.urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def _devicecode(self, form):
        code, user = secrets.token_urlsafe(12), secrets.token_hex(4).upper()
        with self._lock:
            self._devices[code] = {"scope": form.get("scope", ""), "said": self.device_says, "user": user}
        return Answer(
            200,
            {
                "device_code": code,
                "user_code": user,
                "verification_uri": f"{self.host}/devicelogin",
                "expires_in": 900,
                "interval": 1,
                "message": f"To sign in, open {self.host}/devicelogin and enter the code {user}.",
            },
        )

    def device(self, user, said):
        """What the person does with a code [device]: "" agrees, else a word of the token endpoint."""
        with self._lock:
            for wish in self._devices.values():
                if wish["user"] == user:
                    wish["said"] = said

    def _give(self, form):
        grant = form.get("grant_type", "")
        scope = ""
        with self._lock:
            if grant == "authorization_code":
                asked = self._codes.pop(form.get("code"), None)
                proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                fits = asked and asked.get("code_challenge") == base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
                if not fits or asked.get("redirect_uri") != form.get("redirect_uri"):
                    return Answer(400, {"error": "invalid_grant"})
                scope = asked.get("scope", "")
            elif grant == "refresh_token":
                # refresh tokens are replaced each time; the old one is no longer taken
                scope = self._refresh.pop(form.get("refresh_token"), None)
                if scope is None:
                    return Answer(400, {"error": "invalid_grant"})
                self.renewals += 1
            elif grant == "urn:ietf:params:oauth:grant-type:device_code":
                wish = self._devices.get(form.get("device_code"))
                self.device_polls += 1
                if not wish:
                    return Answer(400, {"error": "bad_verification_code"})
                if wish["said"]:
                    return Answer(400, {"error": wish["said"]})
                scope = wish["scope"]
            else:
                return Answer(400, {"error": "unsupported_grant_type"})
            return self._tokens(form, scope)

    def _tokens(self, form, scope):
        refresh = secrets.token_urlsafe(16)
        self._refresh[refresh] = scope
        claims = {"aud": form.get("client_id"), "email": self.address, "preferred_username": self.address}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return Answer(
            200,
            {
                "token_type": "Bearer",
                "expires_in": self.token_seconds,
                "access_token": self.token(scope),
                "refresh_token": refresh,
                "id_token": f"e30.{body}.",
                "scope": scope,
            },
        )
