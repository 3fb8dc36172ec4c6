"""Small helpers for mail in tests: making it, reading it, and the ids that crmail must use."""
import email.policy
import time
import uuid
from email.message import EmailMessage
from email.utils import formatdate


def letter(sender, to, subject, text, message_id=None, when=None, html=None, **headers):
    """A plain letter; headers by name with _ for -, e.g. in_reply_to="<a@b>"."""
    m = EmailMessage(policy=email.policy.default.clone(max_line_length=200))
    m["From"], m["To"], m["Subject"] = sender, to, subject
    m["Date"] = formatdate(time.time() if when is None else when)
    if message_id:
        m["Message-ID"] = message_id
    for name, value in headers.items():
        m[name.replace("_", "-").title()] = value
    m.set_content(text)
    if html:
        m.add_alternative(html, subtype="html")
    return m


def parse(raw):
    """A message as Python reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def activity_id(organization, message_id, kind, crm_id):
    """The id of a mail's activity as formats.md defines it: the same from every client."""
    return str(
        uuid.uuid5(
            uuid.NAMESPACE_URL, f"crmail:{organization}|{message_id.strip('<>')}|{kind}:{crm_id}"
        )
    )
