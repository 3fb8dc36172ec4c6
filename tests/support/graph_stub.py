"""A Microsoft 365 mailbox in memory, as far as crmail asks for it: Microsoft Graph v1.0 and the sign-in before it.

No server of anybody else's has delta queries, MIME, flags, 410 or 429 to test against, so this one follows
Microsoft's pages; the name of the page stands in brackets at each rule (learn.microsoft.com/graph/...).  What an
emulator of somebody else's has too is compared with it (tests/e2e/test_graph_emulator.py).

    [immutable]   outlook-immutable-id                    [delta]    delta-query-messages, api/message-delta
    [overview]    delta-query-overview                    [batch]    json-batching
    [throttling]  throttling, throttling-limits           [errors]   errors
    [mime-get]    outlook-get-mime-message                [large]    outlook-large-attachments
    [move]        api/message-move                        [update]   api/message-update
    [purge]       api/message-permanentdelete             [folders]  api/user-list-mailfolders, resources/mailfolder
    [paging]      paging                                  [query]    query-parameters
    [extended]    api/singlevaluelegacyextendedproperty-get
    [code]        /entra/identity-platform/v2-oauth2-auth-code-flow     [device]  .../v2-oauth2-device-code
"""
import base64
import copy
import datetime
import hashlib
import http.server
import json
import re
import secrets
import threading
import urllib.parse

from .graph_draft import REQUEST_MOST, Drafts
from .graph_http import GraphHandler
from .graph_item import ALWAYS, UTC, Answer, Folder, Message, Refused, moment, when
from .graph_login import SignIn
from .graph_people import People
from .graph_search import flagged, search

WELL_KNOWN = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
}
BATCH_MOST = 20  # [batch]
CONCURRENT_MOST = 4  # [throttling] for one app and mailbox
FILTER_MOST = 5000  # [delta]


class GraphStub(SignIn, Drafts, People):
    """One person's mailbox and the identity provider that lets crmail in.

    What tests may set: partial (a change is told with what changed alone [delta: updates]), replay (each round
    repeats the last changes once more), page_most, renames (sent mail gets another Message-ID),
    elsewhere (what delta links say), knows_not (options of a first delta query), spoils (what no batch may name); and
    what SignIn names.
    """

    def __init__(self, address="anna@contoso.test"):
        super().__init__(address)
        self.messages, self.folders, self.numbers = {}, {}, 0
        self.requests = []  # (method, path with query, status) in the order of their answers, batches taken apart
        self.sent = []  # (message id, raw) of what went out
        self.uploads = {}
        self.partial = self.replay = self.renames = False
        self.page_most = 1000
        self.elsewhere = None  # in place of the next links
        self.knows_not = ()  # options of a listing that are refused
        self.spoils = None  # what a batch may not name: it is refused as a whole
        self.most_at_once = 0
        self._states = {}  # tokens of delta links
        self._begin_people()
        self._active = 0
        self._faults, self._lost, self._before = [], [], []
        for ident in WELL_KNOWN:
            self._make_folder(WELL_KNOWN[ident], "root", f"AAMk{hashlib.sha1(ident.encode()).hexdigest()[:20]}=")
        stub = self

        class Handler(GraphHandler):
            owner = stub

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.host}/v1.0"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    # ---- what tests do

    def provider(self, client="crmail-graph"):
        """The file oauth/microsoft.json of a company that signs in here."""
        login = f"{self.host}/contoso/oauth2/v2.0"
        return {
            "authorize": f"{login}/authorize",
            "token": f"{login}/token",
            "device": f"{login}/devicecode",
            "client_id": client,
            "services": {"graph": {"api": self.url}},
        }

    def id_of(self, name):
        """A folder's id by its well-known or display name."""
        for folder in self.folders.values():
            if folder.name in (name, WELL_KNOWN.get(name)):
                return folder.id
        raise KeyError(name)

    def make_folder(self, name, parent="root"):
        with self._lock:
            return self._make_folder(name, parent)

    def deliver(self, raw, folder="inbox", received=None, read=False, flagged=False):
        """A mail comes; returns its id."""
        with self._lock:
            ident = f"AAkALg{self.numbers:08d}{secrets.token_hex(12)}="
            m = Message(ident, raw, self.id_of(folder), received or datetime.datetime.now(UTC))
            m.is_read, m.is_flagged = read, flagged
            self.messages[ident] = m
            self._note(m, "added")
            return ident

    def change(self, ident, **what):
        """Another client changes a message: is_read, is_flagged, verb, raw."""
        names = {"is_read": "isRead", "is_flagged": "flag", "verb": "singleValueExtendedProperties"}
        with self._lock:
            m = self.messages[ident]
            for key, value in what.items():
                m.put(value) if key == "raw" else setattr(m, key, value)
            self._note(m, "changed", [names.get(key, key) for key in what])

    def move(self, ident, folder):
        """Another client moves a message: it keeps its id [immutable]."""
        with self._lock:
            self._move(self.messages[ident], self.id_of(folder))

    def remove(self, ident):
        """Another client deletes it for good."""
        with self._lock:
            self._drop(self.messages[ident])

    def keep(self):
        """All that lies there, to come back to with put_back()."""
        with self._lock:
            return copy.deepcopy((self.messages, self.folders, self.numbers, self.sent, self._states))

    def put_back(self, kept):
        with self._lock:
            self.messages, self.folders, self.numbers, self.sent, self._states = copy.deepcopy(kept)
            self.requests.clear()
            self._faults, self._lost, self._before = [], [], []

    def forget(self):
        """Every delta link is void from now on [overview]."""
        with self._lock:
            self._states.clear()
            self._people_states.clear()

    @staticmethod
    def now():
        return datetime.datetime.now(UTC)

    def ago(self, days):
        return self.now() - datetime.timedelta(days=days)

    def clear_faults(self):
        with self._lock:
            self._faults.clear()

    def devices(self):
        """The codes that wait to be typed."""
        with self._lock:
            return [d["user"] for d in self._devices.values() if d["said"]]

    def fault(self, method, path, status, code="stub", headers=None, times=1):
        """The next such requests (also inside a batch) are answered with that error."""
        with self._lock:
            self._faults.append([method, path, status, code, headers or {}, times])

    def lose(self, method, path, then=None):
        """The next such request is carried out, and its answer never comes; then() is called in between."""
        with self._lock:
            self._lost.append((method, path, then))

    def before(self, method, path, do):
        """do() once, just before such a request is carried out."""
        with self._lock:
            self._before.append((method, path, do))

    def asked(self, method, path):
        """How often that was asked for."""
        with self._lock:
            return sum(1 for m, p, _ in self.requests if m == method and path in p)

    def state(self):
        """What lies where: (folder, Message-ID, read, flagged, draft), sorted."""
        with self._lock:
            return sorted(
                (self.path(m.folder), m.named(), m.is_read, m.is_flagged, m.is_draft)
                for m in self.messages.values()
            )

    def path(self, ident):
        """A folder's name with those above it."""
        folder = self.folders[ident]
        return folder.name if folder.parent == "root" else f"{self.path(folder.parent)}/{folder.name}"

    # ---- the mailbox

    def _make_folder(self, name, parent, ident=None):
        ident = ident or f"AAMk{secrets.token_hex(10)}="
        self.folders[ident] = Folder(ident, name, parent)
        return ident

    def _note(self, m, kind, properties=()):
        self.numbers += 1
        m.change = self.numbers
        self.folders[m.folder].changes.append((self.numbers, m.id, kind, tuple(properties)))

    def _move(self, m, to):
        if m.folder == to:
            return
        self._note(m, "removed")
        m.folder = to
        self._note(m, "added")

    def _drop(self, m):
        self._note(m, "removed")
        del self.messages[m.id]

    def _folder(self, name):
        """A folder by its id or well-known name [folders]."""
        known = WELL_KNOWN.get(name.lower())
        for folder in self.folders.values():
            if known and folder.name == known:
                return folder
        if name not in self.folders:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return self.folders[name]

    def _message(self, ident):
        if ident not in self.messages:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return self.messages[ident]

    # ---- requests

    def answer(self, method, target, headers, body, is_inner=False):
        """The Answer to one request."""
        parts = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        path = urllib.parse.unquote(parts.path)
        try:
            self._hinder(method, target)
            if not is_inner:
                self._check_token(headers)
            # [immutable] only the request that asks for them gets ids that stay: crmail has to ask every time
            if not re.search(r'IdType\s*=\s*"ImmutableId"', headers.get("prefer", ""), re.I):
                raise Refused(400, "StubNeedsImmutableId", "Prefer: IdType=\"ImmutableId\" is missing")
            if len(body) > REQUEST_MOST:
                raise Refused(413, "ErrorMessageSizeExceeded")
            got = self._route(method, path, query, headers, body)
        except Refused as e:
            inner = {"date": when(datetime.datetime.now(UTC)), "request-id": secrets.token_hex(8)}
            got = Answer(
                e.status, {"error": {"code": e.code, "message": e.text, "innerError": inner}}, e.headers
            )
        with self._lock:
            self.requests.append((method, urllib.parse.unquote(target), got.status))
        return got

    def _hinder(self, method, target):
        plain = urllib.parse.unquote(target)
        with self._lock:
            due = [w for w in self._before if w[0] == method and w[1] in plain]
            self._before = [w for w in self._before if w not in due]
        for _, _, do in due:
            do()
        with self._lock:
            for fault in self._faults:
                if fault[0] == method and fault[1] in plain:
                    fault[5] -= 1
                    if not fault[5]:
                        self._faults.remove(fault)
                    raise Refused(fault[2], fault[3], headers=fault[4])

    def loses(self, method, target):
        """What lose() wants for this request: (True, then)."""
        plain = urllib.parse.unquote(target)
        with self._lock:
            for wish in self._lost:
                if wish[0] == method and wish[1] in plain:
                    self._lost.remove(wish)
                    return True, wish[2]
        return False, None

    def _check_token(self, headers):
        token = headers.get("authorization", "").partition("Bearer ")[2]
        if token not in self._access:
            raise Refused(
                401,
                "InvalidAuthenticationToken",
                "Access token has expired or is not yet valid.",
                {"WWW-Authenticate": 'Bearer realm="", error="invalid_token"'},
            )

    def _route(self, method, path, query, headers, body):
        routes = (
            ("GET", r"/v1\.0/me", self._get_me),
            ("POST", r"/v1\.0/\$batch", self._post_batch),
            ("GET", r"/v1\.0/me/contacts", self._get_contacts),
            ("GET", r"/v1\.0/me/contacts/delta", self._get_contacts_delta),
            ("GET", r"/v1\.0/me/contacts/([^/]+)", self._get_contact),
            ("GET", r"/v1\.0/me/mailFolders", self._get_folders),
            ("POST", r"/v1\.0/me/mailFolders", self._post_folder),
            ("GET", r"/v1\.0/me/mailFolders/([^/]+)", self._get_folder),
            ("GET", r"/v1\.0/me/mailFolders/([^/]+)/childFolders", self._get_children),
            ("GET", r"/v1\.0/me/mailFolders/([^/]+)/messages/delta", self._get_delta),
            ("GET", r"/v1\.0/me/mailFolders/([^/]+)/messages", self._get_messages),
            ("GET", r"/v1\.0/me/messages", self._get_all_messages),
            ("POST", r"/v1\.0/me/mailFolders/([^/]+)/messages", self._post_message_in),
            ("POST", r"/v1\.0/me/messages", self._post_message),
            ("GET", r"/v1\.0/me/messages/([^/]+)", self._get_message),
            ("PATCH", r"/v1\.0/me/messages/([^/]+)", self._patch_message),
            ("DELETE", r"/v1\.0/me/messages/([^/]+)", self._delete_message),
            ("GET", r"/v1\.0/me/messages/([^/]+)/\$value", self._get_value),
            ("POST", r"/v1\.0/me/messages/([^/]+)/move", self._post_move),
            ("POST", r"/v1\.0/me/messages/([^/]+)/copy", self._post_copy),
            ("POST", r"/v1\.0/me/messages/([^/]+)/send", self._post_send),
            ("POST", r"/v1\.0/me/messages/([^/]+)/permanentDelete", self._post_purge),
            ("GET", r"/v1\.0/me/messages/([^/]+)/attachments", self._get_attachments),
            ("POST", r"/v1\.0/me/messages/([^/]+)/attachments", self._post_attachment),
            ("POST", r"/v1\.0/me/messages/([^/]+)/attachments/createUploadSession", self._post_session),
        )
        for verb, pattern, do in routes:
            found = re.fullmatch(pattern, path, re.I)
            if verb == method and found:
                with self._lock:
                    # a batch goes through here for each of its requests
                    return do(*found.groups(), query=query, headers=headers, body=body)
        raise Refused(404, "UnknownError" if method == "GET" else "BadRequest", "Resource not found for the segment")

    # pylint: disable=unused-argument
    def _get_me(self, query, headers, body):
        return Answer(200, {"id": "u1", "mail": self.address, "userPrincipalName": self.address})

    # ---- batches

    def _post_batch(self, query, headers, body):
        wanted = self._json(body).get("requests")
        ids = [str(r.get("id", "")).lower() for r in wanted] if isinstance(wanted, list) else []
        # [batch] ids are unique whatever their case, at most twenty
        if not ids or len(set(ids)) != len(ids) or "" in ids:
            raise Refused(400, "BadRequest", "Invalid batch payload format.")
        if len(ids) > BATCH_MOST:
            raise Refused(400, "MaximumValueExceeded", "Number of batch request steps exceeds the maximum value of 20.")
        if self.spoils and any(self.spoils in urllib.parse.unquote(r["url"]) for r in wanted):
            raise Refused(400, "BadRequest", "Invalid batch payload format.")
        answers, ended = [], {}
        for one in wanted:
            answers.append(self._one_of_batch(one, ended))
            ended[str(one["id"])] = answers[-1]["status"]
        # [batch] answers may come in another order
        return Answer(200, {"responses": answers[::-1]})

    def _one_of_batch(self, one, ended):
        if any(ended.get(d, 424) >= 400 for d in one.get("dependsOn", ())):
            return {"id": one["id"], "status": 424, "headers": {}, "body": {"error": {"code": "FailedDependency"}}}
        heads = {k.lower(): v for k, v in one.get("headers", {}).items()}
        body = one.get("body")
        if body is not None and "content-type" not in heads:
            raise Refused(400, "BadRequest", "Write request id : does not contain Content-Type header")
        raw = b"" if body is None else json.dumps(body).encode()
        url = one["url"] if one["url"].startswith("/") else "/" + one["url"]
        got = self.answer(one["method"], f"/v1.0{url}", heads, raw, is_inner=True)
        out = {"id": one["id"], "status": got.status, "headers": {"Content-Type": got.kind, **got.headers}}
        if got.body is not None:
            # [batch] what is no JSON comes as base64
            out["body"] = base64.b64encode(got.body).decode() if isinstance(got.body, bytes) else got.body
        return out

    @staticmethod
    def _json(body):
        try:
            got = json.loads(body)
        except ValueError as e:
            raise Refused(400, "BadRequest", "Unable to read JSON request payload.") from e
        if not isinstance(got, dict):
            raise Refused(400, "BadRequest", "Unable to read JSON request payload.")
        return got

    # ---- folders

    def _tell_folder(self, folder):
        inside = [m for m in self.messages.values() if m.folder == folder.id]
        return {
            "id": folder.id,
            "displayName": folder.name,
            "parentFolderId": folder.parent,
            "childFolderCount": sum(1 for f in self.folders.values() if f.parent == folder.id),
            "totalItemCount": len(inside),
            "unreadItemCount": sum(1 for m in inside if not m.is_read),
        }

    def _page(self, items, path, query):
        """[paging] $top at a time; the rest is behind a whole address."""
        skip, top = int(query.get("$skip", 0)), int(query.get("$top", 10))
        out = {"value": items[skip : skip + top]}
        if query.get("$count") == "true":
            out["@odata.count"] = len(items)
        if skip + top < len(items):
            more = urllib.parse.urlencode({**query, "$skip": skip + top})
            out["@odata.nextLink"] = f"{self.host}{path}?{more}"
        return Answer(200, out)

    def _get_folders(self, query, headers, body):
        top = [self._tell_folder(f) for f in self.folders.values() if f.parent == "root"]
        wanted = re.fullmatch(r"displayName eq '(.*)'", query.get("$filter", ""))
        if wanted:
            top = [f for f in top if f["displayName"] == wanted.group(1).replace("''", "'")]
        return self._page(top, "/v1.0/me/mailFolders", query)

    def _get_children(self, name, query, headers, body):
        parent = self._folder(name)
        inside = [self._tell_folder(f) for f in self.folders.values() if f.parent == parent.id]
        return self._page(inside, f"/v1.0/me/mailFolders/{parent.id}/childFolders", query)

    def _get_folder(self, name, query, headers, body):
        return Answer(200, self._tell_folder(self._folder(name)))

    def _post_folder(self, query, headers, body):
        name = self._json(body).get("displayName", "")
        if any(f.name == name and f.parent == "root" for f in self.folders.values()):
            raise Refused(409, "ErrorFolderExists", "A folder with the specified name already exists.")
        return Answer(201, self._tell_folder(self.folders[self._make_folder(name, "root")]))

    # ---- lists of messages

    def _select(self, query):
        return [p for p in query.get("$select", "").split(",") if p]

    def _filtered(self, items, query):
        text = query.get("$filter", "")
        since = re.fullmatch(r"receivedDateTime (ge|gt) (\S+)", text)
        named = re.fullmatch(r"internetMessageId eq '(.*)'", text)
        if since:
            edge = moment(since.group(2))
            return [m for m in items if m.received > edge or (since.group(1) == "ge" and m.received >= edge)]
        if named:
            return [m for m in items if m.named() == named.group(1).replace("''", "'")]
        if text:
            items = flagged(items, text)
        if items is None:
            raise Refused(400, "BadRequest", "Invalid filter clause")
        return items

    def _list(self, items, path, query):
        items = sorted(self._filtered(items, query), key=lambda m: (m.received, m.id), reverse=True)
        items = search(items, query)
        select = self._select(query)
        return self._page([m.told(select, query.get("$expand", "")) for m in items], path, query)

    def _get_messages(self, name, query, headers, body):
        folder = self._folder(name)
        inside = [m for m in self.messages.values() if m.folder == folder.id]
        return self._list(inside, f"/v1.0/me/mailFolders/{folder.id}/messages", query)

    def _get_all_messages(self, query, headers, body):
        return self._list(list(self.messages.values()), "/v1.0/me/messages", query)

    # ---- delta

    def _get_delta(self, name, query, headers, body):
        folder = self._folder(name)
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token is None:
            state = self._begin(folder, query)
        elif token not in self._states:
            # [overview] a token that is no longer known
            raise Refused(410, "syncStateNotFound", "The sync state generation is not found.")
        else:
            state = dict(self._states[token])
            if state["folder"] != folder.id:
                raise Refused(400, "BadRequest", "The token is of another collection.")
        if "$deltatoken" in query:
            state = self._go_on(folder, state)
        return self._delta_page(folder, state, headers)

    def _begin(self, folder, query):
        if any(word in " ".join(query) + query.get("$select", "") for word in self.knows_not):
            raise Refused(400, "ErrorInvalidUrlQuery")
        # [delta] which options there are
        if set(query) - {"$select", "$expand", "$orderby", "$filter", "$top", "changeType"}:
            raise Refused(400, "BadRequest", "An option that delta does not know")
        if query.get("$orderby") not in (None, "receivedDateTime desc"):
            raise Refused(400, "ErrorInvalidUrlQuery", "$orderby")
        if not re.fullmatch(r"(receivedDateTime (ge|gt) \S+)?", query.get("$filter", "")):
            raise Refused(400, "ErrorInvalidUrlQuery", "$filter")
        inside = [m for m in self.messages.values() if m.folder == folder.id]
        found = sorted(self._filtered(inside, query), key=lambda m: (m.received, m.id), reverse=True)
        if "$filter" in query:
            found = found[:FILTER_MOST]
        return {
            "folder": folder.id,
            "query": query,
            "since": self.numbers,
            "items": [("added", m.id, ()) for m in found],
        }

    def _go_on(self, folder, state):
        """What happened since the round before, each message once."""
        news = {}
        changes = [c for c in folder.changes if c[0] > state["since"]]
        if self.replay:  # [overview] the same change may come again
            changes = folder.changes[max(0, len(folder.changes) - len(changes) - 3) :]
        for _, ident, kind, properties in changes:
            before = news.pop(ident, ("", ident, ()))
            if kind == "changed" and before[0] == "added":
                kind = "added"
            news[ident] = (kind, ident, before[2] + properties)
        return {**state, "since": self.numbers, "items": list(news.values())}

    def _delta_page(self, folder, state, headers):
        wish = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
        size = min(int(wish.group(1)) if wish else 10, self.page_most)
        now, later = state["items"][:size], state["items"][size:]
        out = {
            "@odata.context": f"{self.url}/$metadata#Collection(message)",
            "value": [t for item in now for t in [self._tell_change(folder, state, item)] if t],
        }
        token = secrets.token_urlsafe(12)
        self._states[token] = {**state, "items": later}
        link = f"{self.url}/me/mailFolders('{folder.id}')/messages/delta"
        if self.elsewhere:
            out["@odata.deltaLink"] = self.elsewhere
        elif later:
            out["@odata.nextLink"] = f"{link}?$skiptoken={token}"
        else:
            out["@odata.deltaLink"] = f"{link}?$deltatoken={token}"
        return Answer(200, out)

    def _tell_change(self, folder, state, item):
        kind, ident, properties = item
        m = self.messages.get(ident)
        if kind == "removed" or not m or m.folder != folder.id:
            return {
                "@odata.type": "#microsoft.graph.message",
                "id": ident,
                "@removed": {"reason": "changed" if m else "deleted"},
            }
        if not self._filtered([m], state["query"]):
            return None
        told = m.told(self._select(state["query"]), state["query"].get("$expand", ""))
        if kind == "changed" and self.partial and properties:
            return {k: v for k, v in told.items() if k in properties or k in ALWAYS}
        return told

    # ---- one message

    def _get_message(self, ident, query, headers, body):
        m = self._message(ident)
        return Answer(200, m.told(self._select(query), query.get("$expand", "")))

    def _get_value(self, ident, query, headers, body):
        return Answer(200, self._message(ident).raw, kind="text/plain")  # [mime-get]

    def _patch_message(self, ident, query, headers, body):
        m, what = self._message(ident), self._json(body)
        names = []
        if "isRead" in what:
            m.is_read = bool(what["isRead"])
            names.append("isRead")
        if "flag" in what:
            status = what["flag"].get("flagStatus")
            if status not in ("notFlagged", "complete", "flagged"):
                raise Refused(400, "RequestBodyRead", "flagStatus")
            m.is_flagged = status == "flagged"
            names.append("flag")
        if "subject" in what:
            if not m.is_draft:  # [update] of a draft alone
                raise Refused(400, "ErrorInvalidPropertyUpdateSentMessage")
            m.put(re.sub(rb"(?im)^subject:.*(\r\n[ \t].*)*", b"Subject: " + what["subject"].encode(), m.raw, count=1))
            names.append("subject")
        self._note(m, "changed", names)
        return Answer(200, m.told([]))

    def _delete_message(self, ident, query, headers, body):
        m = self._message(ident)
        self._move(m, self.id_of("deleteditems"))
        return Answer(204)

    def _post_purge(self, ident, query, headers, body):
        self._drop(self._message(ident))  # [purge]
        return Answer(204)

    def _destination(self, body):
        name = self._json(body).get("destinationId", "")
        return self._folder(name).id

    def _post_move(self, ident, query, headers, body):
        m, to = self._message(ident), self._destination(body)
        self._move(m, to)  # [immutable] the id stays
        return Answer(201, m.told([]))

    def _post_copy(self, ident, query, headers, body):
        m, to = self._message(ident), self._destination(body)
        copy = Message(f"AAkALg{self.numbers:08d}{secrets.token_hex(12)}=", m.raw, to, m.received)
        copy.is_read, copy.is_flagged, copy.message_id = m.is_read, m.is_flagged, m.message_id
        self.messages[copy.id] = copy
        self._note(copy, "added")
        return Answer(201, copy.told([]))

    # ---- concurrency

    def enter(self):
        """False: a fifth request at the same time [throttling]."""
        with self._lock:
            self._active += 1
            self.most_at_once = max(self.most_at_once, self._active)
            return self._active <= CONCURRENT_MOST

    def leave(self):
        with self._lock:
            self._active -= 1
