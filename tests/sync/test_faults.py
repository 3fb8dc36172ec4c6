"""Every way a line can fail, at every protocol: it is said in one line, the program answers keys
meanwhile, nothing is lost, and afterwards all is as if nothing had happened, without a restart.

The pairs of FAULTS, PROTOCOLS and MOMENTS that check-system runs are those marked below; the slow tier
runs every combination.
"""
import time

from support.discover import mark
from support.letters import letter, parse
from support.proxy import Proxy, drip, drip_every, half, replace, reset, stall
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 180
HOOKS = {"CRMAIL_TEST": "deadlines=1500"}
TEXT = "On Monday, as agreed."


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


# ---- what may go wrong


class Refuse:
    """Nobody listens."""

    error = "Cannot connect to 127.0.0.1: Connection refused"
    status = "offline"

    def __init__(self, does=None):
        self.does = does

    def begin(self, line, at, name):
        line.refuse()

    def end(self, line):
        line.accept()


class Break(Refuse):
    """Something happens to answers."""

    def __init__(self, does, error, status="offline"):
        super().__init__(does)
        self.error, self.status = error, status

    def begin(self, line, at, name):
        line.at("answer", name, self.does, times=None, claim=at)

    def end(self, line):
        line.clear()


CLOSED = "127.0.0.1 closed the connection."
LATE = "127.0.0.1 did not answer in time."
SLOW = "127.0.0.1 answers too slowly to be of use."
GARBAGE = replace(bytes(range(128, 256)) + b"\r\n")

# name: (fault at IMAP, fault at SMTP)
FAULTS = {
    "refuse": (Refuse(), Refuse()),
    "stall": (Break(stall, LATE), Break(stall, LATE)),
    "drip": (Break(drip_every(0.06), SLOW), Break(drip_every(0.06), LATE)),
    "truncate": (Break(half, CLOSED), Break(half, CLOSED)),
    "reset": (Break(reset, CLOSED), Break(reset, CLOSED)),
    "literal": (Break(half, "Folder INBOX: 127.0.0.1 closed the connection.", "error"), None),
    "garbage": (
        Break(
            GARBAGE,
            "127.0.0.1 gave an answer that cannot be understood (the connection).",
            "error",
        ),
        Break(GARBAGE, "127.0.0.1 does not answer as a mail server should."),
    ),
}
# as the screen continues
HINTS = {
    "offline": "Tried again by itself; Ctrl-R: now.",
    "error": "Ctrl-R tries again.",
    "sign-in": "g A signs in again.",
}


def sentence(error):
    return error if error.endswith(".") else error + "."


# ---- the scene


class Scene:
    """A rep and a customer, the rep's mail behind a line that can break."""

    def __init__(self, t, name, tls):
        self.t, self.name = t, name
        self.rep, self.customer = t.mailbox(f"rep-{name}"), t.mailbox(f"customer-{name}")
        self.imap, self.smtp = Proxy(t, self.rep, "imap", tls), Proxy(t, self.rep, "smtp", tls)
        for number in range(1, 5):
            self.deliver(number)
        word = {"none": "insecure-none"}.get(tls, tls)
        args = self.rep.account_args()
        for option, value in (
            ("--imap", f"127.0.0.1:{self.imap.port}"),
            ("--smtp", f"127.0.0.1:{self.smtp.port}"),
            ("--tls", word),
        ):
            args[args.index(option) + 1] = value
        self.crmail("account", "add", "work", *args, "--history", "all")
        t.write(f"{name}/config", "[send]\nundo_window = 0\n")
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

    def wait_told(self, fault, error, status):
        """The line on the screen and in `status`, and a key that is answered."""
        want = f"work: {sentence(error)} {HINTS[status]}"
        self.term.wait(want, 40)

        def says_so():
            s = self.status()
            return (s["status"], s.get("error")) == (status, error)

        self.t.wait(says_so, f"status --json to say {status}: {error}")
        self.answers_keys()

    def answers_keys(self):
        self.term.keys("?")
        self.term.wait("One row down.")
        self.term.keys("Escape")
        self.term.wait(lambda s: "One row down." not in s)

    def change(self):
        """What happens while the line is broken, or while it is not: here, there, and new mail."""
        self.term.keys("s")
        self.t.wait(lambda: self.here(1, "is:starred"), "the star of the newest note")
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


def imap_scene(t, name, tls, fault, moment):
    """Starts, changes, and waits for the end; with a fault at the start or after the first pass."""
    scene = Scene(t, name, tls)
    only = "literal" if moment[1] else None
    if fault and moment[0] == "start":
        fault.begin(scene.imap, None, only)
        scene.start()
        scene.wait_told(fault, fault.error, fault.status)
        fault.end(scene.imap)
    else:
        scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    if fault and moment[0] == "later":
        fault.begin(scene.imap, None, only)
    scene.change()
    if fault and moment[0] == "later":
        scene.term.keys("C-r")
        scene.wait_told(fault, fault.error, fault.status)
        fault.end(scene.imap)
    else:
        scene.term.keys("C-r")
    scene.term.wait(subject(9), 90)
    scene.wait_rest()
    state = scene.state()
    scene.term.close()
    return state


def smtp_scene(t, name, tls, fault, _):
    """Answers the newest note; with a fault the mail waits, is told of, and goes out once afterwards."""
    scene = Scene(t, name, tls)
    scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    if fault:
        fault.begin(scene.smtp, lambda unit: unit.name != ".", None)
    scene.answer()
    if fault:
        t.wait(
            lambda: [m.get("error") for m in scene.outbox()] == [fault.error],
            f"the outbox to say {fault.error!r}",
            60,
        )
        scene.term.keys("g", "o")
        scene.term.wait(fault.error.split(":")[0])
        scene.answers_keys()
        fault.end(scene.smtp)
    t.wait(lambda: [m["state"] for m in scene.outbox()] == ["sent"], "the mail to be sent", 90)
    t.wait(lambda: scene.rep.messages("Sent"), "the copy in Sent", 60)
    t.wait(scene.customer.messages, "the answer", 60)
    scene.wait_rest()
    state = scene.state()
    scene.term.close()
    return state


SCENES = {"imap": imap_scene, "smtp": smtp_scene}


def check(t, name, protocol, tls, when):
    fault = FAULTS[name][protocol == "smtp"]
    moment = (when, name == "literal")
    calm = SCENES[protocol](t, "calm", tls, None, moment)
    t.equal(SCENES[protocol](t, "broken", tls, fault, moment), calm, "the state afterwards")


# Every pair of fault and protocol line, of fault and moment, of line and moment is in the first tier.
QUICK = {
    ("refuse", "imap", "implicit", "start"),
    ("refuse", "smtp", "none", "later"),
    ("stall", "imap", "none", "later"),
    ("stall", "smtp", "implicit", "later"),
    ("drip", "imap", "implicit", "later"),
    ("drip", "smtp", "none", "later"),
    ("truncate", "imap", "none", "start"),
    ("truncate", "smtp", "implicit", "later"),
    ("reset", "imap", "implicit", "later"),
    ("reset", "smtp", "none", "later"),
    ("literal", "imap", "implicit", "start"),
    ("garbage", "imap", "none", "later"),
    ("garbage", "smtp", "implicit", "later"),
}


def combinations():
    for name, (imap, smtp) in FAULTS.items():
        for tls in ("implicit", "none", "starttls"):
            for when in ("start", "later"):
                if imap:
                    yield name, "imap", tls, when
            if smtp:
                yield name, "smtp", tls, "later"


def make(combination):
    @mark(tier="system" if combination in QUICK else "slow")
    def test(t):
        check(t, *combination)

    test.__name__ = "test_" + "_".join(combination)
    return test


for _combination in combinations():
    _test = make(_combination)
    globals()[_test.__name__] = _test
del _test


@mark(tier="slow", timeout=600)
def test_one_byte_a_second(t):
    """The same at the pace that a real one has."""
    slow = Break(drip, SLOW)
    moment = ("start", False)
    calm = imap_scene(t, "calm", "implicit", None, moment)
    t.equal(imap_scene(t, "broken", "implicit", slow, moment), calm, "the state afterwards")
