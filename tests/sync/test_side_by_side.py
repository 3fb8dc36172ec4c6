"""Two accounts, one of whose server accepts and never answers: the other's mail and changes do not wait for it."""
import json
import subprocess
import time

from support.letters import letter
from support.lineserver import LineServer
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120
PENDING = {"CRMAIL_TEST": "deadlines=600000"}  # longer than any test: nothing here waits for it


def note(number, box):
    return letter(
        f"Writer {number} <w{number}@elsewhere.test>",
        box.address,
        f"note number {number}",
        f"Body of note {number}.\n",
        f"<note{number}@elsewhere.test>",
        time.time() - 1000 + number,
    )


def two_accounts(t):
    """(mailbox, silent server): the silent account comes first, where it could hold up the other."""
    box, stuck = t.mailbox("anna"), t.mailbox("stuck")
    silent = LineServer(t, b"", lambda line: b"")
    args = stuck.account_args()
    args[args.index("--imap") + 1] = f"127.0.0.1:{silent.port}"
    t.crmail("account", "add", "silent", *args)
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    return box, silent


def statuses(t):
    return {a["name"]: a for a in t.crmail("status", "--json").json["accounts"]}


def still_waits(t, silent):
    t.equal((silent.came, silent.left), (1, 0), "connections to the silent server, and their ends")


def test_a_pass_does_not_wait_for_the_silent_one(t):
    box, silent = two_accounts(t)
    box.deliver(note(1, box))
    argv = [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"]
    proc = subprocess.Popen(
        argv, env=t.environment(**PENDING), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    t.at_end(proc.kill)
    t.wait(lambda: silent.came, "the connection to the silent server", 60)
    t.wait(lambda: statuses(t)["work"]["status"] == "connected", "the end of the other's pass", 60)
    t.equal(t.crmail("search", "subject:note", "--json").json["total"], 1, "mail of the other")
    still_waits(t, silent)
    t.equal(proc.poll(), None, "exit of the pass, which waits for the silent one")
    silent.close()
    out, _ = proc.communicate(timeout=60)
    results = {a["name"]: a["result"] for a in json.loads(out)["accounts"]}
    t.equal(results, {"silent": "failed", "work": "ok"}, "results")


def test_mail_and_changes_do_not_wait_for_the_silent_one(t):
    box, silent = two_accounts(t)
    box.deliver(note(1, box))
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env=PENDING)
    t.wait(lambda: silent.came, "the connection to the silent server", 60)
    term.wait("note number 1", 60)
    term.keys("s")
    t.wait(lambda: "\\Flagged" in box.with_flags()[0][1], "the star on the server", 60)
    box.deliver(note(2, box))
    term.keys("C-r")
    term.wait("note number 2", 60)
    still_waits(t, silent)
    term.keys("q")
    term.wait_end()
