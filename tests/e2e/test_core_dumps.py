"""No crash and no other program of the user may bring secrets out of the processes that hold them."""
import os
import subprocess

from support.memory import is_sanitized

NEEDS = ()
TIMEOUT = 60


# Root without its powers is a user like others.
AS_USER = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def may_look(pid):
    """Whether another process of the same user may look into this one."""
    done = subprocess.run([*AS_USER, "cat", f"/proc/{pid}/environ"], capture_output=True, check=False)
    return done.returncode == 0


def core_limit(pid):
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        line = next(line for line in f if line.startswith("Max core file size"))
    return line.split()[4:6]


def started(t, *argv):
    p = subprocess.Popen([*AS_USER, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=t.environment())

    def end():
        p.kill()
        p.wait()
        p.stdin.close()
        p.stdout.close()

    t.at_end(end)
    return p.pid


def is_running(pid, program):
    """It is past its start by setpriv, and past what its first lines do."""
    with open(f"/proc/{pid}/cmdline", "rb") as f:
        return f.read().startswith(program.encode())


def runs_guarded(t, pid):
    t.wait(lambda: is_running(pid, t.crmail_program), "the program")
    t.wait(lambda: core_limit(pid) == ["0", "0"], "no core dumps of the process")
    if not is_sanitized(t):
        t.wait(lambda: not may_look(pid), "a process that nobody may look into")


def test_the_long_lived_process_leaves_no_core(t):
    runs_guarded(t, started(t, t.crmail_program, "--home", t.home(), "sync", "--daemon"))


def test_the_helper_leaves_no_core(t):
    runs_guarded(t, started(t, t.crmail_program, "--auth-helper"))


def test_a_process_that_is_not_guarded_is_found(t):
    pid = started(t, "cat")
    t.wait(lambda: is_running(pid, "cat"), "the program")
    t.true(may_look(pid), "others of the same user may look into it")
