"""Three accounts of three kinds in one crmail: one server says nothing, one says "in an hour", and the third
account's day goes on.  What comes before what is shown; no clock is looked at."""
import re
import threading
import time

from support.gmail import Gmail, answer
from support.graphdesk import GraphDesk
from support.letters import letter
from support.lineserver import LineServer
from support.terminal import Tmux

NEEDS = ("mail", "oidc")
TIMEOUT = 180
PENDING = {"CRMAIL_TEST": "deadlines=600000"}  # longer than any test: nothing here waits for it
HOUR = "3600"


def note(number, sender, to):
    return letter(
        f"Laura <{sender}>",
        to,
        f"note number {number}",
        f"Body of note {number}.\n",
        f"<note{number}@elsewhere.test>",
        time.time() - 1000 + number,
    ).as_bytes()


def start(t, command):
    t.send_at_once()
    return Tmux(t, command, env=PENDING)


def says_when(t, name):
    """The account at its limit says when it goes on, which no key hurries."""
    said = {a["name"]: a for a in t.crmail("status", "--json").json["accounts"]}[name]
    words = r"127\.0\.0\.1\S* asks to slow down, for \d+ minutes\. Goes on by itself at \d\d:\d\d\."
    t.true(said["status"] == "offline" and re.fullmatch(words, said["error"]), f"{said}")


def statuses(t):
    return {a["name"]: a["status"] for a in t.crmail("status", "--json").json["accounts"]}


def play(t, term, name, deliver, is_starred, is_answered):
    """New mail, a flag, an answer: each of them gets through, and the pass comes to its end."""
    term.wait("note number 1", 60)
    deliver(2)
    term.keys("C-r")
    term.wait("note number 2", 60)
    term.keys("g", "i", "s")
    t.wait(is_starred, "the star at the server", 60)
    term.keys("Enter")
    term.wait("Body of note")
    term.keys("r")
    term.wait("Re: note number")
    term.type("On Monday.")
    term.wait("On Monday.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(is_answered, "the answer at the server", 60)
    t.wait(lambda: statuses(t)[name] == "connected", "the end of its pass", 60)


def test_imap_beside_a_gmail_that_is_silent_and_a_graph_at_its_limit(t):
    google, desk = Gmail(t), GraphDesk(t)
    box, laura = t.mailbox("minh"), t.mailbox("laura")
    google.add("google")
    desk.add()
    t.crmail("account", "add", "plain", *box.account_args(), "--history", "all")
    box.deliver(note(1, laura.address, box.address))
    asked, over = [], threading.Event()
    t.at_end(over.set)

    def say_nothing(line, request):
        asked.append(request)
        over.wait()
        return line.usual(request)

    for method in ("GET", "POST"):
        google.at(method, "", say_nothing, times=None)
        desk.stub.fault(method, "", 429, "TooManyRequests", {"Retry-After": HOUR}, times=-1)
    desk.stub.requests.clear()
    term = start(t, google.command())
    t.wait(lambda: asked, "a request that is not answered", 60)
    t.wait(lambda: desk.stub.requests, "a request that is put off", 60)
    before = len(asked), len(desk.stub.requests)
    play(
        t,
        term,
        "plain",
        lambda n: box.deliver(note(n, laura.address, box.address)),
        lambda: any("\\Flagged" in flags for _, flags in box.with_flags()),
        lambda: any(b"On Monday." in raw for raw in laura.messages()),
    )
    t.equal((len(asked), len(desk.stub.requests)), before, "requests to the two others")
    says_when(t, "work")
    over.set()
    t.wait(lambda: statuses(t)["google"] == "connected", "what had waited all the while", 60)
    t.equal(len(desk.stub.requests), before[1], "requests to the one at its limit")


def test_graph_beside_an_imap_that_is_silent_and_a_gmail_at_its_limit(t):
    google, desk, stuck = Gmail(t), GraphDesk(t), t.mailbox("stuck")
    silent = LineServer(t, b"", lambda line: b"")
    args = stuck.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{silent.port}"
    t.crmail("account", "add", "plain", *args)
    google.add("google")
    desk.add()
    me, laura = desk.stub.address, "laura@elsewhere.test"
    desk.stub.deliver(note(1, laura, me))
    for method in ("GET", "POST"):
        google.at(method, "", answer(429, Retry_After=HOUR), times=None)
    google.line.requests.clear()
    term = start(t, google.command())
    t.wait(lambda: silent.came, "a connection that is not answered", 60)
    t.wait(lambda: google.line.requests, "a request that is put off", 60)
    before = len(google.line.requests)
    play(
        t,
        term,
        "work",
        lambda n: desk.stub.deliver(note(n, laura, me)),
        lambda: any(flagged for _, _, _, flagged, _ in desk.stub.state()),
        lambda: any(b"On Monday." in raw for _, raw in desk.stub.sent),
    )
    t.equal(len(google.line.requests), before, "requests to the one at its limit")
    says_when(t, "google")
    t.equal((silent.came, silent.left), (1, 0), "connections to the silent one, and their ends")
