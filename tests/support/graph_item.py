"""What lies in the mailbox of graph_stub.py, as Microsoft Graph tells it, and the answers that carry it."""
import datetime
import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import re

UTC = datetime.timezone.utc
PROP_SIZE, PROP_VERB = "long 0xe08", "integer 0x1081"
ALWAYS = ("id", "@odata.etag")


class Refused(Exception):
    """An answer that is an error [errors]."""

    def __init__(self, status, code, text="", headers=None):
        super().__init__(code)
        self.status, self.code, self.text, self.headers = status, code, text or code, headers or {}


def when(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def crlf(raw):
    return re.sub(rb"\r?\n", b"\r\n", raw)


def decoded(value):
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (ValueError, LookupError):
        return value


class Message:
    """One item of the mailbox."""

    def __init__(self, ident, raw, folder, received):
        self.id, self.folder, self.received = ident, folder, received
        self.is_read = self.is_flagged = self.is_draft = self.is_own = False
        self.verb, self.change, self.message_id = 0, 0, None
        self.raw = b""
        self.put(raw)

    def put(self, raw):
        """Its MIME content from now on."""
        self.raw = crlf(raw)
        self.head = email.message_from_bytes(
            self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=email.policy.compat32
        )
        if not self.head["Message-ID"] and not self.message_id:
            self.message_id = f"<{self.id[-12:]}@graph.example>"

    def named(self):
        return self.message_id or self.head["Message-ID"].strip()

    def people(self, field):
        pairs = email.utils.getaddresses([decoded(str(v)) for v in self.head.get_all(field, [])])
        return [{"emailAddress": {"name": n or a, "address": a}} for n, a in pairs if a]

    def fields(self):
        """The header fields in their order, unfolded."""
        block = self.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        lines = re.sub(r"\r\n[ \t]+", " ", block).split("\r\n")
        pairs = [line.partition(":") for line in lines if ":" in line]
        return [{"name": n.strip(), "value": v.strip()} for n, _, v in pairs]

    def sent(self):
        try:
            return email.utils.parsedate_to_datetime(str(self.head["Date"]))
        except (TypeError, ValueError):
            return self.received

    def full(self):
        """Every property that is told; $select chooses."""
        sender = self.people("Sender") or self.people("From")
        return {
            "id": self.id,
            "@odata.etag": f'W/"{self.change}"',
            "changeKey": f"CK{self.change:06d}",
            "receivedDateTime": when(self.received),
            "sentDateTime": when(self.sent()),
            "isRead": self.is_read,
            "isDraft": self.is_draft,
            "flag": {"flagStatus": "flagged" if self.is_flagged else "notFlagged"},
            "conversationId": "C" + hashlib.sha1(self.root().encode()).hexdigest(),
            "internetMessageId": self.named(),
            "subject": decoded(str(self.head["Subject"] or "")),
            "from": (self.people("From") or [None])[0],
            "sender": (sender or [None])[0],
            "replyTo": self.people("Reply-To"),
            "toRecipients": self.people("To"),
            "ccRecipients": self.people("Cc"),
            "bccRecipients": self.people("Bcc"),
            "parentFolderId": self.folder,
            "hasAttachments": b"Content-Disposition: attachment" in self.raw,
        }

    def root(self):
        """What a conversation is known by here: the first of its Message-IDs."""
        ids = re.findall(r"<[^<>\s]+>", str(self.head["References"] or self.head["In-Reply-To"] or ""))
        return ids[0] if ids else self.named()

    def told(self, select, expand=""):
        """As JSON, with the properties of $select (empty: all but those that have to be named)."""
        full = self.full()
        out = {k: v for k, v in full.items() if not select or k in select or k in ALWAYS}
        # only of mail that came, and only when named [resources/message]
        if "internetMessageHeaders" in select and not self.is_draft and not self.is_own:
            out["internetMessageHeaders"] = self.fields()
        wanted = [p.lower() for p in re.findall(r"id eq '([^']*)'", expand)]
        values = {PROP_SIZE: ("Long 0xe08", len(self.raw)), PROP_VERB: ("Integer 0x1081", self.verb)}
        extended = [
            {"id": values[p][0], "value": str(values[p][1])} for p in wanted if p in values and values[p][1]
        ]
        if extended:
            out["singleValueExtendedProperties"] = extended
        return out


class Folder:
    def __init__(self, ident, name, parent):
        self.id, self.name, self.parent = ident, name, parent
        self.changes = []  # (number, message id, "added" | "changed" | "removed", properties)


class Answer:
    def __init__(self, status, body=None, headers=None, kind="application/json"):
        self.status, self.body, self.headers, self.kind = status, body, headers or {}, kind

    def raw(self):
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
