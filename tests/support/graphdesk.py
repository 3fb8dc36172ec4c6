"""A crmail with a Microsoft 365 mailbox: the stub (graph_stub.py), signing in, and the command lines."""
import json
import os
import shlex
import sqlite3
import sys

from .graph_stub import GraphStub
from .oidcserver import BROWSER

SEEN, FLAGGED, DRAFT = 1, 2, 8  # enum msg_flag
PASSPHRASE = "correct horse battery"


class GraphDesk:
    """One rep's mailbox at Microsoft, and crmail."""

    def __init__(self, t, address="anna@contoso.test"):
        self.t = t
        self.stub = GraphStub(address)
        t.at_end(self.stub.stop)
        t.write("data/oauth/microsoft.json", json.dumps(self.stub.provider()))

    def command(self, *args):
        """The command line of a crmail with the passphrase of its saved sign-in."""
        t = self.t
        file = t.write("passphrase", PASSPHRASE + "\n")
        words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
        return ["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"]

    def crmail(self, *args, code=0, env=None, stdin=b""):
        return self.t.run(self.command(*args), code=code, env=env, stdin=stdin)

    def browser(self):
        """The environment of a crmail whose browser agrees by itself."""
        return {
            "BROWSER": BROWSER,
            "SIGN_IN_AS": self.stub.address,
            "SIGN_IN_PAGE": self.t.path("page"),
            "SIGN_IN_PYTHON": sys.executable,
        }

    def add(self, *more, code=0, email=None):
        words = ["account", "add", "work", "--graph", "--email", email or self.stub.address]
        return self.crmail(*words, "--history", "all", *more, code=code, env=self.browser())

    def sync(self, code=0, env=None):
        """One pass; its answer in JSON."""
        return self.crmail("sync", "--once", "--json", code=code, env=env).json

    def log(self):
        with open(os.path.join(self.t.home(), "crmail.log"), encoding="utf-8") as f:
            return f.read()

    def placements(self):
        """What crmail shows, as GraphStub.state() says it: (folder, Message-ID, read, flagged, draft)."""
        db = sqlite3.connect(f"{self.t.home()}/crmail.db")
        rows = db.execute(
            "SELECT f.name, m.mid, m.flags FROM placement p JOIN folder f ON f.id = p.folder"
            " JOIN message m ON m.id = p.message WHERE p.is_shown"
        ).fetchall()
        db.close()
        return sorted(
            (name, f"<{mid}>", bool(flags & SEEN), bool(flags & FLAGGED), bool(flags & DRAFT))
            for name, mid, flags in rows
        )

    def query(self, sql):
        """Rows of crmail.db."""
        db = sqlite3.connect(f"{self.t.home()}/crmail.db")
        rows = db.execute(sql).fetchall()
        db.close()
        return rows

    def same(self, what):
        """crmail and Microsoft agree about what lies where."""
        here, there = self.placements(), self.stub.state()
        only = [x for x in here if x not in there], [x for x in there if x not in here]
        self.t.equal(only, ([], []), f"{what}: only here, only there")
        self.t.equal(len(here), len(there), f"{what}: how many")
