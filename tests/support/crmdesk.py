"""A rep's Maildir beside a CRM: mail is put into it, passes are made, and what stands in the CRM is read."""
import os
import time

from .letters import letter

ME = "minh@ourfirm.test"


class Desk:
    """A Maildir account; each one of a test has a home of its own."""

    def __init__(self, t, home="data", me=ME, folder=None):
        """folder: the Maildir of somebody else, who gets the same mail."""
        self.t, self.home, self.me, self._n = t, home, me, 0
        self.began = int(time.time()) - 9000
        self.folder = folder or t.path(f"{home}-mail", "x")[:-2]
        self._make("")
        self._make(".Sent")
        account = ("--email", me, "--maildir", self.folder, "--sendmail", "false")
        self.crmail("account", "add", "work", *account, "--history", "all")

    def _make(self, box):
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.folder, box, part), exist_ok=True)

    def crmail(self, *args, **kw):
        return self.t.crmail(*args, home=self.home, **kw)

    def connect(self, crm, *more, user=None):
        """user: (address, password) of somebody else in the CRM."""
        self.crmail("crm", "add", *crm.crm_args(user), "--log-since", "all", *more)

    def put(self, mail, box=""):
        self._n += 1
        self._make(box)
        path = os.path.join(self.folder, box, "cur", f"{self._n}{self.home}.test:2,S")
        with open(path, "wb") as f:
            f.write(bytes(mail))

    def receive(self, sender, subject, to=None, box="", **headers):
        """A mail that came, later than those before it; returns its Message-ID."""
        mid = f"<{self._n}.{self.home}@{sender.rpartition('@')[2].rstrip('>')}>"
        when = self.began + 60 * self._n
        self.put(letter(sender, to or self.me, subject, f"About {subject}.\n", mid, when, **headers), box)
        return mid

    def sent(self, to, subject, sender=None, **headers):
        """A mail that was sent with another program."""
        return self.receive(sender or self.me, subject, to=to, box=".Sent", **headers)

    def sync(self, code=0, **kw):
        """The report about the CRM."""
        doc = self.crmail("sync", "--once", "--json", code=code, **kw).json
        if code is not None:
            self.t.equal(doc["exit"], code, "exit in the report")
        return doc["crms"][0]

    def status(self):
        return self.crmail("status", "--json").json["crms"][0]

    def entries(self, *of):
        return self.crmail("timeline", *of, "--json").json["entries"]


def subjects(crm):
    """[(subject, contact, partner, lead)] of the activities, sorted."""
    rows = ((a["subject"], a["contact_id"], a["partner_id"], a["lead_id"]) for a in crm.activities())
    return sorted(rows, key=str)
