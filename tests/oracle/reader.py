"""reader - a message as Python's email package reads it, in the shape of `crmail parse`."""
import datetime
import email
import email.header
import email.policy
import email.utils
import hashlib
import re


def decode_words(raw):
    """RFC 2047 words of a raw header value (str with surrogates for 8-bit bytes)."""
    raw = re.sub(r"\r?\n", "", raw).strip()
    out = []
    for data, charset in email.header.decode_header(raw):
        if isinstance(data, str):
            data = data.encode("ascii", "surrogateescape")
        out.append(data.decode(charset or "utf-8"))
    return "".join(out).strip()


def addresses(value):
    value = re.sub(r"\r?\n", "", value)
    pairs = email.utils.getaddresses([value])
    return [(decode_words(n) if n else None, a) for n, a in pairs if a]


def tree(msg):
    kind = msg.get_content_type()
    if kind == "message/rfc822" and msg.is_multipart():
        return [kind, [tree(msg.get_payload(0))]]
    if kind.startswith("multipart/") and msg.is_multipart():
        return [kind, [tree(p) for p in msg.get_payload()]]
    return [kind, []]


def leaves(msg):
    if msg.get_content_maintype() == "multipart" and msg.is_multipart():
        for part in msg.get_payload():
            yield from leaves(part)
    else:
        yield msg


def filename(part):
    """RFC 2231 names come decoded, others may hold encoded words."""
    name = part.get_filename()
    if name and all(ord(c) < 128 or 0xDC80 <= ord(c) <= 0xDCFF for c in name):
        name = decode_words(name)
    return name or None


def is_attachment(part):
    return (
        part.get_content_disposition() == "attachment"
        or filename(part) is not None
        or part.get_content_maintype() != "text"
    )


def attachment(part):
    out = {"filename": filename(part), "content_type": part.get_content_type()}
    if (
        part.get_content_maintype() != "message"
    ):  # Python writes messages anew, with its own folding
        data = part.get_payload(decode=True) or b""
        out["size"], out["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    return out


def text_of(part):
    data = part.get_payload(decode=True)
    text = data.decode(part.get_content_charset("utf-8"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def texts(msg, kind):
    found = [
        text_of(p) for p in leaves(msg) if p.get_content_type() == kind and not is_attachment(p)
    ]
    return "\n".join(found) or None


def when(value):
    try:
        t = email.utils.parsedate_to_datetime(re.sub(r"\r?\n", "", value))
    except (TypeError, ValueError):
        return None
    if t.tzinfo is None:
        t = t.replace(tzinfo=datetime.timezone.utc)
    return t.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(value):
    return list(dict.fromkeys(re.findall(r"<([^<>\s]+@[^<>\s]+)>", value)))


def read(data):
    msg = email.message_from_bytes(data, policy=email.policy.compat32)
    out = {
        "parts": tree(msg),
        "attachments": [attachment(p) for p in leaves(msg) if is_attachment(p)],
        "text": texts(msg, "text/plain"),
        "html": texts(msg, "text/html"),
    }
    if msg["Subject"] is not None:
        out["subject"] = decode_words(str(msg.get_all("Subject")[0])) or None
    for key, name in (("from", "From"), ("to", "To"), ("cc", "Cc"), ("reply_to", "Reply-To")):
        if msg[name] is not None:
            out[key] = addresses(str(msg.get_all(name)[0]))
    if msg["Date"] is not None:
        out["date"] = when(str(msg["Date"]))
    for key, name in (("in_reply_to", "In-Reply-To"), ("references", "References")):
        if msg[name] is not None:
            out[key] = ids(str(msg[name]))
    if msg["Message-ID"] is not None:
        out["message_id"] = str(msg["Message-ID"]).strip().strip("<>")
    return {k: v for k, v in out.items() if v is not None}
