"""Every way a line can fail, at every protocol: it is said in one line, the program answers keys
meanwhile, nothing is lost, and afterwards all is as if nothing had happened, without a restart.

The pairs of FAULTS, PROTOCOLS and MOMENTS that check-system runs are those marked below; the slow tier
runs every combination.
"""
from support.discover import mark
from support.proxy import drip, drip_every, half, replace, reset, stall
from support.scene import Scene, subject

NEEDS = ("mail",)
TIMEOUT = 180

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

# ---- scenes


def imap_scene(t, name, tls, fault, moment):
    """Starts, changes, and waits for the end; with a fault at the start or after the first pass."""
    scene = Scene(t, name, tls)
    only = "literal" if moment[1] else None
    if fault and moment[0] == "start":
        fault.begin(scene.imap, None, only)
        scene.start()
        scene.wait_told(fault.error, fault.status)
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
        scene.wait_told(fault.error, fault.status)
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
        waiting = scene.outbox()[0]
        if waiting["attempts"] > 3:  # a slow machine: the pause before the next try may be longer than the wait below
            t.crmail("outbox", "send", waiting["id"], home=name, code=None)
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
    ("literal", "imap", "none", "later"),
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
