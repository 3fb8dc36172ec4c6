"""One script of requests to Microsoft Graph, for servers that have those calls: what it saw, and what is left.

The stub of our own says what Microsoft's pages say; an emulator of somebody else's says what somebody else has read
there.  Where both have a call they have to agree.
"""
import base64
import hashlib
import http.client
import json
import urllib.parse

OURS = "script: "
MIME = "application/octet-stream"
LARGE = 4_000_000
RANGE = 3 << 20  # the emulator joins ranges as base64: only multiples of three come through


class Line:
    """Requests to one server."""

    def __init__(self, url, token):
        self.url, self.token = urllib.parse.urlsplit(url), token

    def ask(self, method, path, body=None, headers=None, bare=False):
        """(status, JSON or None, headers)"""
        target = path
        if path.startswith("http"):
            parts = urllib.parse.urlsplit(path)
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        elif not path.startswith("/v1.0"):
            target = f"/v1.0{path}"
        conn = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=30)
        heads = {"Prefer": 'IdType="ImmutableId"', **(headers or {})}
        if not bare:
            heads["Authorization"] = f"Bearer {self.token}"
        raw = body
        if isinstance(body, dict):
            raw, heads["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            conn.request(method, target, raw, heads)
            got = conn.getresponse()
            text = got.read()
        finally:
            conn.close()
        return got.status, json.loads(text) if text else None, got.headers

    def ok(self, method, path, body=None, **kw):
        status, said, _ = self.ask(method, path, body, **kw)
        if not 200 <= status <= 299:
            raise AssertionError(f"{method} {path}: {status} {said}")
        return said

    def all(self, path):
        """Every item of a list, page by page."""
        out = []
        while path:
            said = self.ok("GET", path)
            out += said["value"]
            path = said.get("@odata.nextLink")
        return out


def ours(items):
    return [m for m in items if m.get("subject", "").startswith(OURS)]


def folders(line):
    return {f["id"]: f["displayName"] for f in line.all("/me/mailFolders")}


def upload(line, ident, name, data, seen):
    item = {"attachmentType": "file", "name": name, "size": len(data)}
    session = line.ok("POST", f"/me/messages/{ident}/attachments/createUploadSession", {"AttachmentItem": item})
    seen["expects at first"] = session["nextExpectedRanges"][0].rstrip("-")

    def put(start, end):
        heads = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}", "Content-Type": MIME}
        status, said, _ = line.ask("PUT", session["uploadUrl"], data[start:end], headers=heads, bare=True)
        return status, (said or {}).get("nextExpectedRanges", ["-"])[0].rstrip("-")

    seen["a range out of order"] = put(RANGE, 2 * RANGE if 2 * RANGE < len(data) else len(data))[0]
    status, wanted = put(0, RANGE)
    seen["after the first range"] = (200 <= status <= 299, wanted)
    seen["after the last range"] = put(RANGE, len(data))[0]


def run(line):
    """(what was seen, what is left)"""
    seen = {}
    where = folders(line)
    ids = {name: ident for ident, name in where.items()}
    known = ("Inbox", "Drafts", "Sent Items", "Deleted Items", "Archive")
    seen["folders"] = [name for name in known if name in ids]
    found = {m["subject"]: m for m in ours(line.all("/me/mailFolders/inbox/messages?$top=2&$orderby=receivedDateTime%20desc"))}
    seen["inbox, newest first"] = list(found)
    one = line.ok("GET", f"/me/messages/{found[OURS + 'one']['id']}")
    seen["one"] = (one["from"]["emailAddress"]["address"], one["isRead"], one["isDraft"])
    seen["PATCH"] = line.ok("PATCH", f"/me/messages/{found[OURS + 'two']['id']}", {"isRead": True})["isRead"]
    archive = ids["Archive"]
    line.ok("POST", f"/me/messages/{found[OURS + 'three']['id']}/move", {"destinationId": archive})
    moved = line.ok("GET", f"/me/messages/{found[OURS + 'three']['id']}")
    seen["moved, by its old id"] = folders(line)[moved["parentFolderId"]]
    seen["deleted"] = line.ask("DELETE", f"/me/messages/{found[OURS + 'four']['id']}")[0]
    ask = {
        "id": "1",
        "method": "POST",
        "url": f"/me/messages/{found[OURS + 'five']['id']}/move",
        "headers": {"Content-Type": "application/json", "Prefer": 'IdType="ImmutableId"'},
        "body": {"destinationId": archive},
    }
    answers = line.ok("POST", "/$batch", {"requests": [ask]})["responses"]
    seen["batch"] = [(a["id"], 200 <= a["status"] <= 299) for a in answers]
    made = line.ok("POST", "/me/mailFolders", {"displayName": "Deals"})["displayName"]
    seen["folder"] = (made, line.ask("POST", "/me/mailFolders", {"displayName": "Deals"})[0])
    status, said, _ = line.ask("GET", "/me/messages/nothing")
    seen["nothing"] = (status, said["error"]["code"])
    draft = {
        "subject": OURS + "draft",
        "toRecipients": [{"emailAddress": {"address": "laura@partner.test"}}],
        "body": {"contentType": "text", "content": "Dear Laura"},
    }
    ident = line.ok("POST", "/me/messages", draft)["id"]
    data = bytes(n % 251 for n in range(LARGE))
    small = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "small.txt",
        "contentType": "text/plain",
        "contentBytes": base64.b64encode(b"small\n").decode(),
    }
    line.ok("POST", f"/me/messages/{ident}/attachments", small)
    upload(line, ident, "large.bin", data, seen)
    files = line.ok("GET", f"/me/messages/{ident}/attachments")["value"]
    seen["files"] = sorted(
        (f["name"], f["size"], hashlib.sha256(base64.b64decode(f["contentBytes"])).hexdigest()) for f in files
    )
    line.ok("POST", f"/me/messages/{ident}/send", b"", headers={"Content-Length": "0"})
    return seen, left(line)


def left(line):
    """Where every message of ours lies in the end."""
    out = []
    for ident, name in folders(line).items():
        for m in ours(line.all(f"/me/mailFolders/{ident}/messages")):
            out.append((name, m["subject"], m["isRead"], m["isDraft"]))
    return sorted(out)
