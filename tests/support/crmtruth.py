"""What must stand in the CRM for a mailbox, worked out by Python's email package alone.

The rules are those that crmail promises (crmail-config(5), "What is logged to whom"): every contact in
From, To, Cc and Bcc but the user and colleagues; without any the partner of each domain; and an answer
that knows nobody takes what its conversation is about.  Nothing here knows crmail's code.
"""
import hashlib
import re
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses

from .letters import activity_id

ROLES = {"noreply", "mailer-daemon", "news", "postmaster", "info", "support", "sales", "office"}
BULK = {"bulk", "list", "junk"}


class Mail:
    """One mail as its header tells it; `thread` names its conversation (None: it is alone)."""

    def __init__(self, raw, thread, arrived):
        self.thread, self.arrived = thread, arrived
        self.fields = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
        self.senders = self._people("From")
        self.people = self.senders + self._people("To") + self._people("Cc") + self._people("Bcc")
        said = self._raw("Message-ID").strip()
        inner = re.fullmatch(r"<(.*)>", said)
        self.message_id = inner[1] if inner else said or None
        self.name = self.message_id or "sha256:" + self._digest()

    def _raw(self, name):
        """The first such field, unfolded, as it came."""
        for field, value in self.fields.raw_items():
            if field.lower() == name.lower():
                return re.sub(r"\r?\n", "", str(value)).strip()
        return ""

    def _digest(self):
        lines = "\n".join(self._raw(name) for name in ("From", "Date", "Subject"))
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()

    def _people(self, name):
        found = []
        for _, address in getaddresses([self._raw(name)]):
            local, at, domain = address.lower().rpartition("@")
            if at and local:
                found.append((local.partition("+")[0], domain))
        return found

    def is_automatic(self):
        return (
            self._raw("Auto-Submitted").lower().partition(";")[0].strip() not in ("", "no")
            or bool(self._raw("List-Id"))
            or self._raw("Precedence").lower() in BULK
            or self._raw("Return-Path") == "<>"
        )


class Truth:
    """Contacts, partners and mails, and what follows from them.

    contacts are dicts with id, email and partner_id, partners with id and domain."""

    def __init__(self, me, contacts, partners, freemail=()):
        self.me = me.lower()
        self.own_domain = self.me.rpartition("@")[2]
        self.contacts = {c["email"].lower(): c for c in contacts}
        self.partners = {p["domain"].lower(): p["id"] for p in partners}
        self.freemail = set(freemail)
        self.mails = []

    def add(self, raw, thread, arrived):
        mail = Mail(raw, thread, arrived)
        self.mails.append(mail)
        return mail

    def _contact(self, person):
        return None if person[0] in ROLES else self.contacts.get("@".join(person))

    def _partner(self, person):
        domain = person[1]
        while "." in domain and domain not in self.freemail:
            if domain in self.partners:
                return self.partners[domain]
            domain = domain.partition(".")[2]
        return None

    def _is_ours(self, person):
        return person[1] == self.own_domain or person[1].endswith("." + self.own_domain)

    def peer(self, mail):
        """(contact, partner) of the sender, or of whom an own mail goes to first."""
        person = mail.senders[0]
        if "@".join(person) == self.me:
            person = mail.people[len(mail.senders)]
        if self._is_ours(person):
            return None, None
        contact = self._contact(person) or {}
        return contact.get("id"), contact.get("partner_id") or self._partner(person)

    def _targets(self, mail):
        """What the mail itself is about: None where it is logged to nobody, whatever it answers."""
        others = [p for p in mail.people if not self._is_ours(p)]
        first = mail.senders[0]
        if not others or mail.is_automatic() or (first[0] in ROLES and not self._is_ours(first)):
            return None
        found = {("contact", c["id"]) for c in map(self._contact, others) if c}
        return found or {("partner", p) for p in map(self._partner, others) if p}

    def activities(self, organization):
        """{activity id: (Message-ID, kind, target)}."""
        own = {mail: self._targets(mail) for mail in self.mails}
        threads, first = {}, {}
        for mail in self.mails:
            threads.setdefault(mail.thread, set()).update(own[mail] or ())
            if mail.thread not in first or mail.arrived < first[mail.thread].arrived:
                first[mail.thread] = mail
        out = {}
        for mail in self.mails:
            targets = own[mail]
            if targets == set() and mail.thread is not None and first[mail.thread] is not mail:
                targets = threads[mail.thread]
            for kind, target in targets or ():
                key = activity_id(organization, mail.name, kind, target)
                out[key] = (mail.message_id, kind, target)
        return out


def logged(crm):
    """{activity id: (Message-ID, kind, target)} of what stands in the CRM."""
    out = {}
    for row in crm.activities():
        kind = "contact" if row["contact_id"] else "partner" if row["partner_id"] else "lead"
        out[row["id"]] = (row["message_id"], kind, row[kind + "_id"])
    return out


def difference(got, want, most=5):
    """What got and want do not share, a line each; "" when they are equal."""
    lines = [f"missing: {want[k]}" for k in sorted(want) if k not in got]
    lines += [f"not wanted: {got[k]}" for k in sorted(got) if k not in want]
    lines += [f"{got[k]} instead of {want[k]}" for k in got if k in want and got[k] != want[k]]
    return "\n".join([*lines[:most], f"{len(lines)} in all"] if lines else [])
