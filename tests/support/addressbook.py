"""Google's People API as far as crmail asks it: people.connections.list, before the line of a Gmail.

    book = AddressBook(google)              from now on the line answers for it
    book.put("c1", names=[...], emailAddresses=[...])
    book.remove("c1")
    book.forget()                           sync tokens given so far have ended

Each rule is from Google's reference, "Method: people.connections.list" and "Person"
(developers.google.com/people/api/rest/v1/people.connections/list, .../rest/v1/people), seen 2026-11:
1. personFields is required: 400 without.  pageSize is 1 to 1000.
2. nextPageToken says that there are more; nextSyncToken comes with the last page where it was requested.
3. With a page or sync token all other parameters must be those of the first call: 400 otherwise.
4. With a sync token come those who changed, and who was deleted as a person with metadata.deleted.
5. A sync token that has ended: 400 with google.rpc.ErrorInfo, reason EXPIRED_SYNC_TOKEN.
6. The scope contacts or contacts.readonly is needed: 403, reason ACCESS_TOKEN_SCOPE_INSUFFICIENT.
7. Fields that a person does not have are left out; an empty list has no `connections`.
"""
import base64
import json
import re
import urllib.parse
import urllib.request

PATH = "/v1/people/me/connections"


def error(status, reason=None, message="no"):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    body = {"error": {"code": status, "message": message, "details": details}}
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


class AddressBook:
    def __init__(self, google, page_size=None):
        self._office = google.office
        self._page_size = page_size
        self._people = {}  # id -> (when it changed, person; None = deleted)
        self._clock = 0
        self._oldest = 0  # sync tokens from before that have ended
        self._tokens = {}  # token -> what it stands for
        self.asked = []  # queries
        google.line.at("GET", "^" + re.escape(PATH), self.answer, times=None)

    def put(self, ident, **fields):
        self._clock += 1
        person = {"resourceName": f"people/{ident}", "etag": "%x" % self._clock, **fields}
        self._people[ident] = (self._clock, person)

    def remove(self, ident):
        self._clock += 1
        self._people[ident] = (self._clock, None)

    def forget(self):
        self._clock += 1
        self._oldest = self._clock

    def _token(self, **what):
        """Opaque, with letters that a query has to escape."""
        token = f"t{len(self._tokens)}+/= &?" + base64.b64encode(b"\xfb\xff" * 40).decode()
        self._tokens[token] = what
        return token

    def _has_scope(self, token):
        form = urllib.parse.urlencode({"token": token}).encode()
        request = urllib.request.Request(f"{self._office.url}/token/introspection", form)
        secret = base64.b64encode(b"mail-server:mail-server-secret").decode()
        request.add_header("Authorization", f"Basic {secret}")
        with urllib.request.urlopen(request) as r:
            return "contacts" in json.load(r).get("scope", "").split()

    def answer(self, _line, request):
        query = dict(urllib.parse.parse_qsl(request.path.partition("?")[2]))
        self.asked.append(query)
        if not self._has_scope(request.token):
            return error(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        if not query.get("personFields") or not 1 <= int(query.get("pageSize", 100)) <= 1000:
            return error(400)
        page_token, sync_token = query.pop("pageToken", None), query.get("syncToken")
        page = self._tokens.get(page_token) if page_token else {"at": 0, "query": query}
        if page is None or page["query"] != query:
            return error(400)
        since = self._tokens.get(sync_token) if sync_token else None
        plain = {k: v for k, v in query.items() if k != "syncToken"}
        if sync_token and (since is None or since["query"] != plain):
            return error(400)
        if since and since["clock"] < self._oldest:
            return error(400, "EXPIRED_SYNC_TOKEN")
        return self._page(query, plain, page["at"], since["clock"] if since else None)

    def _page(self, query, plain, at, since):
        wanted = set(query["personFields"].split(",")) | {"resourceName", "etag"}
        found = []
        for ident, (when, person) in self._people.items():
            if person and (since is None or when > since):
                found.append({k: v for k, v in person.items() if k in wanted})
            elif since is not None and not person and when > since:
                found.append({"resourceName": f"people/{ident}", "metadata": {"deleted": True}})
        size = self._page_size or int(query.get("pageSize", 100))
        body = {"totalItems": len(found), "totalPeople": len(found)}
        if found[at : at + size]:
            body["connections"] = found[at : at + size]
        if at + size < len(found):
            body["nextPageToken"] = self._token(at=at + size, query=query)
        elif query.get("requestSyncToken") == "true":
            body["nextSyncToken"] = self._token(clock=self._clock, query=plain)
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()
