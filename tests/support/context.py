"""What a test function gets: `t`.  Mailboxes, a CRM, crmail itself, terminals; all of it the test's own.

Nothing here sleeps for a fixed time: wait(claim) asks again until the claim holds or its deadline passes.
"""
import imaplib
import json
import os
import re
import shlex
import smtplib
import ssl
import subprocess
import time
import uuid
from contextlib import ExitStack
from email.message import EmailMessage
from itertools import groupby
from types import SimpleNamespace

from . import authstub, certs, chromium, crmservers, oidcserver

COMMAND_S = 60
WAIT_S = 15
TAIL = 2500
COMMAND = 600


class Skip(Exception):
    """The test cannot be run here; the text says why."""


class Wrong(AssertionError):
    """What the test claims does not hold."""


class NoReply(Wrong):
    """A deadline passed."""


class Result:
    """How a command ended."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.split("\n") if line]


class Mailbox:
    """One person's mailbox on the test servers."""

    def __init__(self, t, pool, name, domain):
        self._t, self._pool = t, pool
        self.domain = domain
        self.address = f"{name}@{domain}"
        self.password = f"pw-{t.id}-{name}"
        self.host = certs.GOOD_HOST
        self.imap_port, self.imaps_port = pool["imap"], pool["imaps"]
        self.submission_port, self.submissions_port = pool["submission"], pool["submissions"]
        self.ca_file = pool["ca"]
        self.uid, self.gid = pool["uid"], pool["gid"]
        self.home = f"{pool['dir']}/mail/{domain}/{name}"
        self.maildir = f"{self.home}/Maildir"
        self._users = f"{pool['dir']}/users/{domain}"
        with open(self._users, "a", encoding="ascii") as f:
            f.write(self._user_line())

    def _user_line(self):
        who = f"{self.address}:{{PLAIN}}{self.password}:{self.uid}:{self.gid}::{self.home}::"
        return f"{who}userdb_mail=maildir:{self.maildir}\n"

    def become(self, name, maildir=None):
        """From now on the mailbox is another: a copy of the Maildir given, or an empty one.  The
        address, the password and every UID are as they were; sessions of before see the old one.
        Dovecot looks at the file of users once a second: settle() returns when it has."""
        old, self.maildir = self._user_line(), f"{self.home}/{name}/Maildir"
        if maildir:
            self._t.run(["mkdir", "-p", f"{self.home}/{name}"])
            self._t.run(["cp", "-a", maildir, self.maildir])
            os.chown(f"{self.home}/{name}", self.uid, self.gid)
        with open(self._users, encoding="ascii") as f:
            lines = f.read().replace(old, self._user_line())
        with open(self._users + ".new", "w", encoding="ascii") as f:
            f.write(lines)
        os.replace(self._users + ".new", self._users)
        self._became = int(time.time())

    def settle(self):
        """Waits until a new session sees what the mailbox has become."""
        self._t.wait(lambda: int(time.time()) > self._became, "another second", 3)

    def tls(self):
        return ssl.create_default_context(cafile=self.ca_file)

    def imap(self):
        """A signed-in imaplib connection; the caller logs out."""
        conn = imaplib.IMAP4_SSL(self.host, self.imaps_port, ssl_context=self.tls(), timeout=20)
        conn.login(self.address, self.password)
        return conn

    def deliver(self, message, sender="sender@elsewhere.test"):
        """Puts a message (bytes or EmailMessage) into INBOX by LMTP."""
        raw = message.as_bytes() if isinstance(message, EmailMessage) else message
        with smtplib.LMTP(self.host, self._pool["lmtp"], local_hostname="mx.example.test") as lmtp:
            lmtp.sendmail(sender, [self.address], re.sub(rb"\r?\n", b"\r\n", raw))

    def append(self, folder, raw, flags="", received=None):
        """Puts a message into a folder as a client would."""
        conn = self.imap()
        try:
            conn.create(folder)
            when = imaplib.Time2Internaldate(received) if received else None
            status, said = conn.append(
                folder, f"({flags})" if flags else None, when, re.sub(rb"\r?\n", b"\r\n", raw)
            )
            if status != "OK":
                raise Wrong(f"APPEND to {folder}: {said}")
        finally:
            conn.logout()

    def messages(self, folder="INBOX"):
        """Every message of a folder as raw bytes, oldest first, without marking it read."""
        return [raw for raw, _ in self.with_flags(folder)]

    def with_flags(self, folder="INBOX"):
        """[(raw, {flags})] of a folder; [] where there is no such folder."""
        conn = self.imap()
        try:
            if conn.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            answer = conn.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]
            found = [a for a in answer if isinstance(a, tuple)]
            return [(raw, {f.decode() for f in imaplib.ParseFlags(head)}) for head, raw in found]
        finally:
            conn.logout()

    def account_args(self, tls="implicit", host=None):
        """The options of `account add` that connect this mailbox."""
        host = host or self.host
        imap, smtp = (
            (self.imaps_port, self.submissions_port)
            if tls == "implicit"
            else (self.imap_port, self.submission_port)
        )
        return [
            "--email",
            self.address,
            "--imap",
            f"{host}:{imap}",
            "--smtp",
            f"{host}:{smtp}",
            "--user",
            self.address,
            "--tls",
            tls,
            "--ca",
            self.ca_file,
            "--password-command",
            self.password_command(),
            "--set",
            "sent_copy=crmail",  # these servers file none; finding out would take 20 s
        ]

    def password_command(self):
        return self._t.secret_command(self.password)


class Crm:
    """One organisation in a CRM of the test's own."""

    def __init__(self, t, pool, token_seconds, max_rows):
        self._pool, self._t = pool, t
        self.database = f"crm_{t.id}_{t.next_number()}"
        self.organization = str(uuid.uuid5(uuid.NAMESPACE_URL, self.database))
        self.user_id = str(uuid.uuid5(uuid.NAMESPACE_URL, self.database + "/user"))
        self.email, self.password = f"rep@{self.database}.test", f"pw-{self.database}"
        crmservers.make_database(pool, self.database)
        t.at_end(lambda: crmservers.drop_database(pool, self.database))
        log = t.open_log("postgrest.log")
        proc, port = crmservers.start_postgrest(pool, self.database, log, max_rows)
        t.at_end(proc.wait)
        t.at_end(proc.kill)
        self.stub = authstub.AuthStub(pool["jwt_secret"], port, token_seconds)
        t.at_end(self.stub.stop)
        self.url, self.anon_key = self.stub.url, self.stub.anon_key
        self.add_user(self.user_id, self.email, self.password, self.organization)

    def add_user(self, user_id, email, password, organization):
        self.stub.add_user(email, password, user_id)
        self.insert(
            "ce_users",
            {
                "id": user_id,
                "sub": user_id,
                "email": email,
                "name": "Rep",
                "organization_id": organization,
            },
        )

    def psql(self, sql):
        """Runs sql as the owner of everything, past row-level security."""
        return crmservers.psql(self._pool, self.database, sql)

    def query(self, sql):
        """The rows of a SELECT as dicts."""
        return json.loads(self.psql(f"SELECT coalesce(json_agg(x), '[]') FROM ({sql}) x"))

    def insert(self, table, *rows):
        """Adds rows as the owner; organization_id is this one's unless a row says otherwise."""
        for columns, alike in groupby(rows, key=lambda row: (*row, "organization_id")):
            names = ", ".join(f'"{c}"' for c in dict.fromkeys(columns))
            doc = json.dumps([{"organization_id": self.organization, **row} for row in alike])
            self.psql(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM"
                f" json_populate_recordset(NULL::{table}, $rows${doc}$rows$)"
            )

    def activities(self):
        return self.query("SELECT * FROM ce_activities ORDER BY activity_date, id")

    def crm_args(self, user=None):
        """The options of `crm add supabase` that connect this CRM; user: (address, password) of somebody else."""
        email, password = user or (self.email, self.password)
        return [
            "supabase",
            "--url",
            self.url,
            "--set",
            f"anon_key={self.anon_key}",
            "--set",
            f"email={email}",
            "--secret-command",
            self._t.secret_command(password),
        ]


class Test:
    """One running test."""

    def __init__(self, name, ident, folder, pool, crmail, builddir):
        self.name, self.id = name, ident
        self.dir = folder
        self.crmail_program, self.builddir = crmail, builddir
        self._pool = pool
        self._number = 0
        self._stack = ExitStack()
        self.notes = []  # lines shown below "ok"
        self._story = []  # what to show when the test fails: (title, function giving text)
        self._ran = []
        os.makedirs(folder, exist_ok=True)

    # ---- life

    def next_number(self):
        self._number += 1
        return self._number

    def at_end(self, do):
        """do() when the test is over, last first."""
        self._stack.callback(do)

    def note(self, line):
        """A line that is shown when the test passes: what was counted."""
        self.notes.append(line)

    def show_on_failure(self, title, text):
        """text() is printed below the trace if the test fails."""
        self._story.append((title, text))

    def close(self):
        self._stack.close()

    def story(self):
        """Everything a person needs to see what went wrong."""
        parts = (
            [("last commands", "\n".join(self._describe(r) for r in self._ran[-6:]))]
            if self._ran
            else []
        )
        for title, text in self._story:
            try:
                parts.append((title, text()))
            except Exception as e:  # pylint: disable=broad-except
                parts.append((title, f"(not to be had: {e})"))
        return "".join(f"--- {title}\n{text.rstrip()}\n" for title, text in parts if text.strip())

    @staticmethod
    def _describe(r):
        return f"$ {shlex.join(r.argv)[:COMMAND]}   -> {r.code}\n{r.out[-TAIL:]}{r.err[-TAIL:]}"

    def open_log(self, name):
        path = self.path(name)
        f = self._stack.enter_context(open(path, "ab"))
        self.show_on_failure(name, lambda: _tail(path))
        return f

    # ---- files

    def path(self, *parts):
        """A path in the test's own folder, whose parent is made."""
        p = os.path.join(self.dir, *parts)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        return p

    def write(self, name, content):
        p = self.path(name)
        with open(p, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return p

    def send_at_once(self, name="data"):
        """Mail written from now on leaves without the time in which sending can be undone."""
        self.write(f"{name}/config", "[send]\nundo_window = 0\n")

    def secret_command(self, secret):
        """A command line that prints a secret, which itself does not hold the secret."""
        return f"cat {shlex.quote(self.write(f'secrets/{self.next_number()}', secret))}"

    # ---- counterparts

    def mailbox(self, name="anna", domain=None):
        """A fresh mailbox; one with a domain of its own unless told which."""
        pool = self._need("mail")
        box = Mailbox(self, pool, name, domain or f"m{self.id}-{self.next_number()}.test")
        if self._number == 1 or not any(title == "servers" for title, _ in self._story):
            self.show_on_failure(
                "servers",
                lambda: _grep(f"{pool['dir']}/dovecot.log", f"m{self.id}-")
                + _grep(f"{pool['dir']}/postfix.log", f"m{self.id}-"),
            )
        return box

    def crm(
        self, contacts=(), partners=(), leads=(), deals=(), token_seconds=3600, max_rows=1000
    ):
        """A fresh organisation in a fresh database, filled with rows (dicts by column)."""
        crm = Crm(self, self._need("crm"), token_seconds, max_rows)
        for table, rows in (
            ("ce_partners", partners),
            ("ce_leads", leads),
            ("ce_contacts", contacts),
            ("ce_deals", deals),
        ):
            crm.insert(table, *rows)
        return crm

    def sign_in(self):
        """The identity provider of the run."""
        return oidcserver.SignIn(self, self._need("oidc"))

    def chromium(self):
        """A profile in the browser of the run."""
        return chromium.Chromium(self, self._need("chromium"))

    def _need(self, part):
        if part not in self._pool:
            raise Wrong(
                f'{self.name} uses {part} servers, but its file does not say NEEDS = ("{part}", ...)'
            )
        return SimpleNamespace(**self._pool[part]).__dict__

    # ---- crmail

    def environment(self, **more):
        """What crmail is started with: nothing of the caller's but the path and sanitizer options."""
        home = os.path.dirname(self.path("home/x"))
        run = os.path.dirname(self.path("xdg-run/x"))
        os.chmod(run, 0o700)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "XDG_RUNTIME_DIR": run,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": self.dir,
            "CRMAIL_TEST_MARK": os.environ.get("CRMAIL_TEST_MARK", ""),
        }
        for name in (
            "ASAN_OPTIONS",
            "UBSAN_OPTIONS",
            "LSAN_OPTIONS",
            "TSAN_OPTIONS",
            "CRMAIL_PKGDATADIR",
        ):
            if name in os.environ:
                env[name] = os.environ[name]
        return {**env, **more}

    def home(self, name="data"):
        """--home DIR of a crmail installation of this test."""
        return os.path.dirname(self.path(name, "x"))

    def run(self, argv, code=0, stdin=b"", seconds=COMMAND_S, env=None):
        """Runs a program to its end; Wrong unless it exits with code (None: any)."""
        try:
            done = subprocess.run(
                argv,
                input=stdin,
                capture_output=True,
                timeout=seconds,
                check=False,
                cwd=self.dir,
                env=self.environment(**(env or {})),
            )
        except subprocess.TimeoutExpired as e:
            self._ran.append(
                Result(
                    argv,
                    "deadline",
                    (e.stdout or b"").decode(errors="replace"),
                    (e.stderr or b"").decode(errors="replace"),
                )
            )
            raise NoReply(f"{os.path.basename(argv[0])} did not end within {seconds} s") from None
        result = Result(
            argv,
            done.returncode,
            done.stdout.decode(errors="surrogateescape"),
            done.stderr.decode(errors="replace"),
        )
        self._ran.append(result)
        if "Sanitizer" in result.err or "runtime error:" in result.err:
            raise Wrong("a sanitizer spoke:\n" + result.err[-6000:])
        if code is not None and result.code != code:
            raise Wrong(
                f"exit {result.code} instead of {code}: {shlex.join(argv)[:COMMAND]}\n{result.err[-TAIL:]}"
            )
        return result

    def crmail(self, *args, code=0, home="data", **kw):
        """Runs `crmail --home DIR args...` to its end."""
        return self.run([self.crmail_program, "--home", self.home(home), *args], code=code, **kw)

    def shared(self, *parts):
        """A path in the folder of shared test material; Skip where there is none."""
        root = os.environ.get("CRMAIL_SHARED") or os.path.join(
            os.environ["CRMAIL_SRCDIR"], "..", "shared"
        )
        path = os.path.abspath(os.path.join(root, *parts))
        if not os.path.exists(path):
            raise Skip(f"no {'/'.join(parts)} beside the checkout or in $CRMAIL_SHARED")
        return path

    # ---- claims

    def equal(self, got, want, what="value"):
        if got != want:
            raise Wrong(f"{what}: got {got!r}, wanted {want!r}")

    def true(self, claim, what):
        if not claim:
            raise Wrong(what)

    def wait(self, claim, what, seconds=WAIT_S):
        """The first true value of claim(); NoReply when the deadline passes without one."""
        end = time.monotonic() + seconds
        while True:
            value = claim()
            if value:
                return value
            if time.monotonic() > end:
                raise NoReply(f"waited {seconds} s for: {what}")
            time.sleep(0.03)


def _tail(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()[-TAIL:]
    except OSError:
        return ""


def _grep(path, word):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return "".join(line for line in f if word in line)[-TAIL:]
    except OSError:
        return ""
