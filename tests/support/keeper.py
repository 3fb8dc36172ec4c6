"""A process that outlives the test run by a moment and cleans up after it, however it ended.

The runner starts one keeper and sends it lines: what to stop and what to remove.  When the pipe
closes, because the run is over or because the runner was killed, the keeper stops everything in
reverse order and leaves.  It is the only clean-up there is, so every run exercises it.

    ["run", [argv...]]     run this (bounded in time), for servers with a stop command of their own
    ["group", pgid]        end this process group: SIGTERM, then SIGKILL
    ["mark", "NAME=VALUE"] end every process that has this in its environment, or a value below it (VALUE.x)
    ["tree", path]         remove this folder
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

GRACE_S = 3.0
STOP_COMMAND_S = 10


def as_root(argv):
    """The command line that runs argv as root."""
    return list(argv) if os.geteuid() == 0 else ["sudo", "-n", *argv]


def _kill_group(pgid, sig):
    """True while the group has members."""
    try:
        os.killpg(pgid, sig)
    except ProcessLookupError:
        return False
    except PermissionError:
        return (
            subprocess.run(
                ["sudo", "-n", "kill", f"-{int(sig)}", "--", f"-{pgid}"],
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )
    return True


def end_group(pgid):
    """Ends a process group, politely first."""
    if not _kill_group(pgid, signal.SIGTERM):
        return
    end = time.monotonic() + GRACE_S
    while time.monotonic() < end:
        try:
            os.waitpid(-pgid, os.WNOHANG)
        except ChildProcessError:
            pass
        if not _kill_group(pgid, 0):
            return
        time.sleep(0.02)  # between two looks: a group that is not our child tells nobody of its end
    _kill_group(pgid, signal.SIGKILL)


def marked(mark):
    """Pids of the processes whose environment holds the mark or one below it."""
    want, below = mark.encode(), mark.encode() + b"."
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                held = any(e == want or e.startswith(below) for e in f.read().split(b"\0"))
            if held and int(pid) != os.getpid():
                yield int(pid)
        except OSError:
            continue


def end_marked(mark, grace_s=0.0):
    """Ends the processes whose environment holds the mark; returns how many had to be ended.  For
    grace_s seconds they may go by themselves."""
    end = time.monotonic() + grace_s
    while (pids := list(marked(mark))) and time.monotonic() < end:
        time.sleep(0.02)  # between two looks: no children of ours, so nothing tells when they go
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    return len(pids)


def _undo(step):
    kind, what = step
    if kind == "run":
        subprocess.run(
            what,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=STOP_COMMAND_S,
            check=False,
        )
    elif kind == "group":
        end_group(what)
    elif kind == "mark":
        end_marked(what)
    elif kind == "tree":
        shutil.rmtree(what, ignore_errors=True)
        if os.path.exists(what):
            subprocess.run(as_root(["rm", "-rf", "--", what]), capture_output=True, check=False)


def main():
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    steps = [json.loads(line) for line in sys.stdin if line.endswith("\n")]
    for step in reversed(steps):
        try:
            _undo(step)
        except (OSError, subprocess.SubprocessError):
            continue


class Keeper:
    """The runner's end of the pipe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._proc = subprocess.Popen(
            [sys.executable, "-I", os.path.abspath(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def _add(self, kind, what):
        with self._lock:
            self._proc.stdin.write(json.dumps([kind, what]) + "\n")
            self._proc.stdin.flush()

    def run_at_end(self, argv):
        self._add("run", list(argv))

    def end_group_at_end(self, pgid):
        self._add("group", pgid)

    def end_marked_at_end(self, mark):
        self._add("mark", mark)

    def remove_at_end(self, path):
        self._add("tree", path)

    def finish(self):
        """Cleans up now, and waits until it is done.  Reaps the servers meanwhile: they are children
        of this process, and a group of zombies would look alive to the keeper."""
        self._proc.stdin.close()
        while os.waitpid(-1, 0)[0] != self._proc.pid:
            continue


if __name__ == "__main__":
    main()
