"""Several crmail on one data folder: one hosts, all see what any of them does, and whoever is left takes over."""
import glob
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 240


def note(box, number, subject=None):
    return letter(
        f"Writer {number} <w{number}@elsewhere.test>",
        box.address,
        subject or f"note number {number}",
        f"Body of note {number}.\n",
        f"<note{number}.{box.domain}>",
        time.time() - 1000 + number,
    )


def connected(t, count, name="work"):
    box = t.mailbox(name)
    for i in range(count):
        box.append("INBOX", note(box, i).as_bytes())
    t.crmail("account", "add", name, *box.account_args(), "--history", "all")
    return box


def screen(t, width=120, height=40):
    return Tmux(t, [t.crmail_program, "--home", t.home()], width, height)


class Daemon:
    """`crmail sync --daemon`, whose standard error must stay empty."""

    def __init__(self, t, command=None):
        self._t, self._errors = t, t.path(f"daemon-stderr{t.next_number()}")
        with open(self._errors, "wb") as err:
            self._proc = subprocess.Popen(
                command or [t.crmail_program, "--home", t.home(), "sync", "--daemon"],
                env=t.environment(),
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
            )
        self.pid = self._proc.pid
        t.at_end(self._end)

    def _end(self):
        if self._proc.poll() is None:
            self._proc.kill()
            self._proc.wait()

    def errors(self):
        with open(self._errors, encoding="utf-8") as f:
            return f.read()

    def stop(self, number=signal.SIGTERM):
        self._proc.send_signal(number)
        self._t.equal((self._proc.wait(30), self.errors()), (0, ""), f"end by {number.name}")

    def kill(self):
        self._proc.kill()
        self._proc.wait()


def status(t):
    return t.crmail("status", "--json").json


def host(t):
    """(kind, pid) of the host, None without one."""
    said = status(t)["host"]
    return said and (said["kind"], said["pid"])


def wait_host(t, *wanted):
    return t.wait(lambda: host(t) in wanted and host(t), f"a host among {wanted}", 20)


def wait_synced(t, name="work"):
    def is_connected():
        rows = [a for a in status(t)["accounts"] if a["name"] == name]
        return rows and rows[0]["status"] == "connected"

    t.wait(is_connected, f"account {name} in step", 60)


def shows(text):
    def claim(on_screen):
        return text in on_screen

    claim.__name__ = f"{text!r} on the screen"
    return claim


def lacks(text):
    def claim(on_screen):
        return text not in on_screen

    claim.__name__ = f"no {text!r} on the screen"
    return claim


def no_lock_error(t, *terms):
    for term in terms:
        seen = term.screen() + term.errors()
        t.true("Another crmail" not in seen and "locked" not in seen, f"no word of locks:\n{seen}")


def leave(t, term):
    term.keys("Q")
    term.wait_end(0)
    t.equal(term.errors(), "", "its standard error")


def test_the_installed_unit_starts_a_daemon_that_hosts(t):
    """What systemd would run, of an installed tree; and systemd takes the unit as it is."""
    connected(t, 3)
    root = t.path("installed", "x")[:-2]
    t.run(["make", "-C", t.builddir, "-s", "install", f"DESTDIR={root}"], seconds=120)
    (unit,) = glob.glob(f"{root}/**/systemd/user/crmail.service", recursive=True)
    with open(unit, encoding="utf-8") as f:
        (start,) = [line[10:].split() for line in f if line.startswith("ExecStart=")]
    start[0] = root + start[0]
    daemon = Daemon(t, [start[0], "--home", t.home(), *start[1:]])
    wait_host(t, ("daemon", daemon.pid))
    wait_synced(t)
    daemon.stop()
    if shutil.which("systemd-analyze"):
        here = t.path("units/crmail.service")
        with open(unit, encoding="utf-8") as f, open(here, "w", encoding="utf-8") as to:
            to.write(f.read().replace("ExecStart=", f"ExecStart={root}"))
        t.equal(t.run(["systemd-analyze", "verify", "--man=no", here]).err, "", "what systemd says")


def test_everybody_sees_what_anybody_does(t):
    """A daemon, two screens and commands: one host; a new mail, a move and a new account show everywhere."""
    box = connected(t, 3)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    wait_synced(t)
    first, second = screen(t), screen(t, 80, 24)
    for term in (first, second):
        term.wait("note number 2")
    t.equal(host(t), ("daemon", daemon.pid), "the host with two screens open")

    box.deliver(note(box, 50, "brought by idle"))
    for term in (first, second):
        term.wait("brought by idle", 30)

    first.keys("e")  # the cursor stays with the conversation it was on
    first.wait(lacks("note number 2"))
    second.wait(lacks("note number 2"))
    t.wait(lambda: len(box.messages()) == 3, "the move at the server", 30)

    second.keys("s")
    first.wait(shows("⚑"))
    second.keys("s")
    first.wait(lacks("⚑"))

    other = connected(t, 0, "sales")
    other.append("INBOX", note(other, 70, "for the other account").as_bytes())
    t.crmail("sync", "--once", "--json")
    for term in (first, second):
        term.wait("for the other account", 60)
    t.crmail("account", "remove", "sales")
    for term in (first, second):
        term.wait(lacks("for the other account"))
    t.equal([a["name"] for a in status(t)["accounts"]], ["work"], "accounts left")
    no_lock_error(t, first, second)

    leave(t, first)
    leave(t, second)
    daemon.stop()
    t.equal(host(t), None, "the host at the end")


def test_a_body_the_guest_waits_for_is_fetched_by_the_host(t):
    """The screen beside the host opens a mail that came a moment ago."""
    box = connected(t, 1)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    term = screen(t)
    term.wait("note number 0")
    box.deliver(note(box, 9, "read me at once"))
    term.wait("read me at once", 30)
    term.keys("k", "Enter")
    term.wait("Body of note 9.")
    leave(t, term)
    daemon.stop()


def test_the_host_killed_another_takes_over(t):
    """SIGKILL for the daemon, then for the screen that took over: the last one goes on, and nothing is lost."""
    box = connected(t, 3)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    wait_synced(t)
    terms = [screen(t), screen(t)]
    by_pid = {term.pid(): term for term in terms}
    for term in terms:
        term.wait("note number 2")

    daemon.kill()
    _, pid = wait_host(t, *(("tui", p) for p in by_pid))
    box.deliver(note(box, 60, "after the daemon died"))
    for term in terms:
        term.wait("after the daemon died", 30)

    heir = by_pid.pop(pid)
    (last_pid, last), = by_pid.items()
    last.keys("e")
    last.wait(lacks("note number 2"))
    os.kill(pid, signal.SIGKILL)
    t.wait(lambda: heir.status() is not None, "the end of the screen that hosted")
    wait_host(t, ("tui", last_pid))
    t.wait(lambda: len(box.messages()) == 3, "the move at the server", 60)
    box.deliver(note(box, 61, "after the screen died"))
    last.wait("after the screen died", 30)
    no_lock_error(t, last)
    leave(t, last)


def test_hosts_hand_over_in_order(t):
    """A screen that hosts leaves, a daemon that waited goes on; a new daemon waits for that one's end."""
    box = connected(t, 2)
    term = screen(t)
    term.wait("note number 1")
    wait_host(t, ("tui", term.pid()))
    first = Daemon(t)
    t.crmail("sync", "--once")  # somebody else beside them, through the same host
    t.equal(host(t), ("tui", term.pid()), "the host while the screen is open")
    term.keys("e")
    term.wait(lacks("note number 1"))
    leave(t, term)
    wait_host(t, ("daemon", first.pid))
    t.wait(lambda: len(box.messages()) == 1, "the move at the server", 60)
    second = Daemon(t)
    first.stop(signal.SIGINT)
    wait_host(t, ("daemon", second.pid))
    second.stop(signal.SIGHUP)
    t.equal(host(t), None, "the host at the end")


def test_a_suspended_screen_does_not_keep_the_others_waiting(t):
    """Ctrl-Z in the screen that hosts: the daemon hosts; brought back, the screen stands beside it."""
    box = connected(t, 2)
    # Standard error of what Tmux starts goes to a file; there the shell would prompt.
    interactive = "exec env PS1='shell$ ' bash --norc --noprofile -i 2>&1"
    shell = Tmux(t, ["sh", "-c", interactive])
    shell.wait("shell$")
    shell.type(f"{t.crmail_program} --home {t.home()}")
    shell.keys("Enter")
    shell.wait("note number 1")
    t.equal(host(t)[0], "tui", "kind of the host")
    daemon = Daemon(t)
    shell.keys("C-z")
    shell.wait("Stopped")
    wait_host(t, ("daemon", daemon.pid))
    box.append("Archive", note(box, 40).as_bytes())
    t.crmail("sync", "--once", "--json")
    found = t.crmail("search", "in:Archive", "--json").json["total"]
    t.equal(found, 1, "what came meanwhile")
    shell.type("fg")
    shell.keys("Enter")
    shell.wait("note number 1")
    box.deliver(note(box, 41, "after it came back"))
    shell.wait("after it came back", 30)
    t.equal(host(t), ("daemon", daemon.pid), "the host afterwards")
    shell.keys("Q")
    shell.wait("shell$")
    daemon.stop()


def test_a_pass_beside_the_host_reports_what_the_host_did(t):
    box = connected(t, 2)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    wait_synced(t)
    box.append("Archive", note(box, 80, "filed elsewhere").as_bytes())
    done = t.crmail("sync", "--once", "--json").json
    t.equal((done["exit"], done["accounts"][0]["result"]), (0, "ok"), "exit and result")
    t.equal((done["accounts"][0]["name"], done["accounts"][0]["new"]), ("work", 1), "name and new")
    t.equal(done["crms"], [], "crms")
    again = t.crmail("sync", "--once", "--json").json["accounts"][0]
    t.equal((again["new"], again["changed"], again["gone"]), (0, 0, 0), "the pass after it")
    many = [
        subprocess.Popen(
            [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"],
            env=t.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    for proc in many:
        out, err = proc.communicate(timeout=60)
        t.equal((proc.returncode, err, json.loads(out)["exit"]), (0, b"", 0), "each of six at once")
    t.equal(host(t), ("daemon", daemon.pid), "the host afterwards")
    daemon.stop()


def test_a_pass_whose_host_dies_is_made_all_the_same(t):
    """The host is stopped, so that it cannot answer, and killed while a pass waits for it."""
    box = connected(t, 2)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    wait_synced(t)
    box.append("INBOX", note(box, 81, "not yet fetched").as_bytes())
    os.kill(daemon.pid, signal.SIGSTOP)
    proc = subprocess.Popen(
        [t.crmail_program, "--home", t.home(), "sync", "--once", "--json"],
        env=t.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    t.wait(lambda: has_socket(proc.pid), "the connection to the host")
    daemon.kill()
    out, err = proc.communicate(timeout=60)
    t.equal((proc.returncode, err), (0, b""), "exit and standard error")
    t.equal(json.loads(out)["accounts"][0]["result"], "ok", "what it says of the account")
    found = t.crmail("search", "subject:fetched", "--json").json["total"]
    t.equal(found, 1, "the mail")


def has_socket(pid):
    """Whether the process has a connected Unix socket open."""
    try:
        names = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    return any(name.startswith("socket:") for name in names)


def test_garbage_on_the_socket_harms_nobody(t):
    connected(t, 1)
    daemon = Daemon(t)
    wait_host(t, ("daemon", daemon.pid))
    with open(os.path.join(t.home(), "host.lock"), encoding="utf-8") as f:
        path = f.read().split(" ", 2)[2].rstrip("\n")
    t.equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the socket")
    t.equal(os.stat(os.path.dirname(path)).st_mode & 0o777, 0o700, "mode of its folder")
    for garbage in (
        b"\0" * 100,
        b"x" * 200000,
        b"changed account 99999999999999999999 0 0 1\nask 1 sync-now\nask -1 nothing 0\n",
        b"ask 7 sync-now 4711\nwant-body -9223372036854775808\nkick\npass now\n\n\n",
        bytes(range(256)) * 8,
    ):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            try:
                s.sendall(garbage)
                s.shutdown(socket.SHUT_WR)
                while s.recv(65536):
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
    t.equal(host(t), ("daemon", daemon.pid), "the host")
    t.equal(t.crmail("sync", "--once", "--json").json["exit"], 0, "a pass afterwards")
    daemon.stop()


def test_a_newer_database_is_refused_in_one_line(t):
    connected(t, 1)
    with sqlite3.connect(os.path.join(t.home(), "crmail.db")) as db:
        db.execute("PRAGMA user_version=9999")
    for verb in ([], ["status", "--json"], ["sync", "--once"], ["sync", "--daemon"]):
        done = t.crmail(*verb, code=5)
        t.equal(done.out, "", f"standard output of {verb}")
        lines = done.err.split("\n")
        t.equal((len(lines), lines[-1]), (2, ""), f"lines of {verb}: {done.err!r}")
        t.true("newer" in lines[0], f"it says why: {lines[0]}")
