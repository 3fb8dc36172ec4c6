"""A rep and a customer with a few notes between them, the rep's mail behind lines that can break, and what
must be as it would have been without."""
import time

from .letters import letter, parse
from .proxy import Proxy
from .terminal import Tmux

HOOKS = {"CRMAIL_TEST": "deadlines=1500"}
TEXT = "On Monday, as agreed."
# how the line on the screen goes on
HINTS = {
    "offline": "Tried again by itself; Ctrl-R: now.",
    "error": "Ctrl-R tries again.",
    "sign-in": "g A signs in again.",
}


def subject(number):
    return f"note number {number}"


def note(number, box, sender):
    return letter(
        f"Writer {number} <{sender}>",
        box.address,
        subject(number),
        f"Body of note {number}.\n" + "A line that makes it longer.\n" * 40,
        f"<note{number}@elsewhere.test>",
        time.time() - 9000 + 60 * number,
    )


def sentence(error):
    return error if error.endswith(".") else error + "."


class Scene:
    """A rep and a customer, the rep's mail behind a line that can break."""

    def __init__(self, t, name, tls, host="127.0.0.1", certs=(), password_file=None):
        """`name` is the folder of its data; `certs` the certificate that a line shows, by protocol; the
        password is read from `password_file` of the test, where one is given."""
        self.t, self.name = t, name
        self.rep, self.customer = t.mailbox(f"rep-{name}"), t.mailbox(f"customer-{name}")
        shown = dict(certs)
        self.imap = Proxy(t, self.rep, "imap", tls, shown.get("imap", "server"))
        self.smtp = Proxy(t, self.rep, "smtp", tls, shown.get("smtp", "server"))
        for number in range(1, 5):
            self.deliver(number)
        word = {"none": "insecure-none"}.get(tls, tls)
        args = self.rep.account_args()
        for option, value in (
            ("--imap", f"{host}:{self.imap.port}"),
            ("--smtp", f"{host}:{self.smtp.port}"),
            ("--tls", word),
        ):
            args[args.index(option) + 1] = value
        if password_file:
            args[args.index("--password-command") + 1] = f"cat {t.path(password_file)}"
        self.crmail("account", "add", "work", *args, "--history", "all")
        t.send_at_once(name)
        self.term = None

    def crmail(self, *args):
        return self.t.crmail(*args, home=self.name)

    def deliver(self, number):
        self.rep.deliver(note(number, self.rep, self.customer.address), self.customer.address)

    def start(self):
        self.term = Tmux(
            self.t, [self.t.crmail_program, "--home", self.t.home(self.name)], env=HOOKS
        )

    def status(self):
        return self.crmail("status", "--json").json["accounts"][0]

    def wait_rest(self, what="a pass that ended well"):
        def at_rest():
            s = self.status()
            return (s["status"], s.get("error"), s["ops"]) == ("connected", None, 0)

        self.t.wait(at_rest, what, 90)

    def wait_told(self, error, status):
        """The line on the screen and in `status`, and a key that is answered."""
        want = f"work: {sentence(error)} {HINTS[status]}"
        self.term.wait(want, 40)

        def says_so():
            s = self.status()
            return (s["status"], s.get("error")) == (status, error)

        self.t.wait(says_so, f"status --json to say {status}: {error}")
        self.answers_keys()

    def wait_told_part(self, begin, part):
        """The same where the system words the reason."""
        self.term.wait(
            lambda s: any(x.strip().startswith(begin) and part in x for x in s.split("\n")), 40
        )

    def answers_keys(self):
        self.term.keys("?")
        self.term.wait("crmail  Keys")
        self.term.keys("Escape")
        self.term.wait(lambda s: "crmail  Keys" not in s)

    def change(self):
        """What happens while the line is broken, or while it is not: here, there, and new mail."""
        self.term.keys("s")
        self.t.wait(lambda: self.here(1, "is:starred"), "the star of the newest note")
        self.change_elsewhere()

    def change_elsewhere(self):
        conn = self.rep.imap()
        conn.select("INBOX")
        conn.store("1", "+FLAGS", "\\Answered")
        conn.logout()
        self.deliver(9)

    def here(self, count, query):
        found = self.crmail("search", query, "--json").json
        return found["total"] >= count

    def answer(self):
        self.term.keys("Enter")
        self.term.wait("Body of note")
        self.term.keys("r")
        self.term.wait("Re: note number")
        self.term.type(TEXT)
        self.term.wait(TEXT)
        self.term.keys("M-s")
        self.term.wait("Send to 1 person?")
        self.term.keys("Enter")

    def outbox(self):
        return self.crmail("outbox", "--json").json["messages"]

    def state(self):
        """All of it, here and on the servers, in words that do not depend on the mailbox."""
        found = self.crmail("search", "note", "--json", "--limit", "0").json["messages"]
        return {
            "here": sorted(
                (m["folder"], m["subject"], m["unread"], m["starred"]) for m in found
            ),
            "outbox": [m["state"] for m in self.outbox()],
            "inbox": self.on_server(self.rep, "INBOX"),
            "sent": self.on_server(self.rep, "Sent"),
            "customer": self.on_server(self.customer, "INBOX"),
        }

    @staticmethod
    def on_server(box, folder):
        return sorted(
            (str(parse(raw)["Subject"]), *sorted(flags - {"\\Recent"}))
            for raw, flags in box.with_flags(folder)
        )
