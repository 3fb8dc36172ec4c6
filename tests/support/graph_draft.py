"""Drafts in the mailbox of graph_stub.py: made, filled with files, sent.

    [mime]   outlook-send-mime-message        [large]      outlook-large-attachments
    [send]   api/message-send                 [immutable]  outlook-immutable-id
"""
import base64
import datetime
import email
import email.message
import email.policy
import re
import secrets

from .graph_item import UTC, Answer, Message, Refused, when

REQUEST_MOST = 4 << 20  # [large] a request holds four megabytes


class Drafts:
    """What GraphStub has of them."""

    # pylint: disable=unused-argument
    # ---- drafts and sending

    def _post_message(self, query, headers, body):
        return self._make_draft("drafts", headers, body)

    def _post_message_in(self, name, query, headers, body):
        return self._make_draft(name, headers, body)

    def _make_draft(self, name, headers, body):
        folder = self._folder(name)
        if headers.get("content-type", "").startswith("text/plain"):
            try:
                raw = base64.b64decode(body, validate=True)  # [mime]
            except ValueError as e:
                raise Refused(
                    400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
                ) from e
            if b":" not in raw.partition(b"\n")[0]:
                raise Refused(400, "ErrorMimeContentInvalid")
        else:
            raw = self._from_json(self._json(body))
        ident = f"AAkALg{self.numbers:08d}{secrets.token_hex(12)}="
        m = Message(ident, raw, folder.id, datetime.datetime.now(UTC))
        m.is_draft = m.is_read = True
        self.messages[ident] = m
        self._note(m, "added")
        return Answer(201, m.told([]))

    def _from_json(self, what):
        """A draft by its properties, as other clients make it."""
        out = email.message.EmailMessage()
        out["From"] = self.address
        out["Subject"] = what.get("subject", "")
        for field, key in (("To", "toRecipients"), ("Cc", "ccRecipients"), ("Bcc", "bccRecipients")):
            people = [p["emailAddress"]["address"] for p in what.get(key, ())]
            if people:
                out[field] = ", ".join(people)
        kind = what.get("body", {}).get("contentType", "text").lower()
        out.set_content(what.get("body", {}).get("content", ""), subtype="html" if kind == "html" else "plain")
        return out.as_bytes()

    def _post_send(self, ident, query, headers, body):
        m = self._message(ident)
        if not m.is_draft:
            raise Refused(404, "ErrorItemNotFound", "The draft was sent before.")
        if not (m.people("To") or m.people("Cc") or m.people("Bcc")):
            raise Refused(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
        m.is_draft, m.is_own, m.received = False, True, datetime.datetime.now(UTC)
        if self.renames:
            m.message_id = f"<{secrets.token_hex(8)}@exchange.example>"
        self.sent.append((m.named(), m.raw))
        self._move(m, self.id_of("sentitems"))  # [send] filed there, with the same id [immutable]
        return Answer(202)

    # ---- attachments

    def parts(self, ident):
        """The files of a message."""
        parsed = email.message_from_bytes(self.messages[ident].raw, policy=email.policy.default)
        return [p for p in parsed.walk() if p.get_filename()]

    def _get_attachments(self, ident, query, headers, body):
        out = [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "id": f"{ident}-{n}",
                "name": p.get_filename(),
                "contentType": p.get_content_type(),
                "size": len(p.get_payload(decode=True)),
                "isInline": False,
                "contentBytes": base64.b64encode(p.get_payload(decode=True)).decode(),
            }
            for n, p in enumerate(self.parts(self._message(ident).id))
        ]
        return Answer(200, {"value": out})

    def _attach(self, m, name, kind, data):
        mail = email.message_from_bytes(m.raw, policy=email.policy.SMTP)
        if mail.get_content_type() != "multipart/mixed":
            mail.make_mixed()
        main, _, sub = (kind or "application/octet-stream").partition("/")
        part = email.message.MIMEPart(policy=email.policy.SMTP)
        part.set_content(data, maintype=main, subtype=sub or "octet-stream", disposition="attachment", filename=name)
        mail.attach(part)
        m.put(mail.as_bytes())
        self._note(m, "changed", ["hasAttachments"])
        return f"{m.id}-{len(self.parts(m.id)) - 1}"

    def _post_attachment(self, ident, query, headers, body):
        m, what = self._message(ident), self._json(body)
        data = base64.b64decode(what.get("contentBytes", ""))
        if len(data) >= 3 << 20:  # [large] single requests are for files below 3 MB
            raise Refused(413, "ErrorMessageSizeExceeded")
        made = self._attach(m, what["name"], what.get("contentType"), data)
        return Answer(201, {"id": made, "name": what["name"], "size": len(data)})

    def _post_session(self, ident, query, headers, body):
        what = self._json(body).get("AttachmentItem") or {}
        self._message(ident)
        if what.get("attachmentType") != "file" or not what.get("name") or not 0 < what.get("size", 0) <= 150 << 20:
            raise Refused(400, "BadRequest", "AttachmentItem")
        token = secrets.token_urlsafe(16)
        self.uploads[token] = {"message": ident, "item": what, "data": b""}
        later = datetime.datetime.now(UTC) + datetime.timedelta(hours=1)
        return Answer(
            201,
            {
                # another host, which gets no token of Graph's [large]
                "uploadUrl": f"{self.host.replace('127.0.0.1', 'localhost')}/upload/{token}?authtoken={token}",
                "expirationDateTime": when(later),
                "nextExpectedRanges": ["0-"],
            },
        )

    def upload(self, token, headers, body):
        """PUT of a range [large]: in order, and without a token, for the address has its own."""
        with self._lock:
            session = self.uploads.get(token)
            if not session:
                return Answer(404, {"error": {"code": "itemNotFound"}})
            if "authorization" in headers:
                return Answer(401, {"error": {"code": "StubNoAuthorizationHere"}})
            found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("content-range", ""))
            start, end, size = [int(x) for x in found.groups()] if found else (-1, -1, -1)
            if size != session["item"]["size"] or end - start + 1 != len(body) or len(body) > REQUEST_MOST:
                return Answer(400, {"error": {"code": "invalidRange"}})
            if start != len(session["data"]):
                return Answer(416, {"nextExpectedRanges": [str(len(session["data"]))]})
            session["data"] += body
            if len(session["data"]) < size:
                return Answer(200, {"nextExpectedRanges": [str(len(session["data"]))]})
            m = self.messages.get(session["message"])
            made = self._attach(m, session["item"]["name"], session["item"].get("contentType"), session["data"])
            del self.uploads[token]
            return Answer(201, None, {"Location": f"{self.host}/api/v2.0/Messages('{m.id}')/Attachments('{made}')"})
