"""How much memory a crmail took at most, without what a sanitizer keeps beside it."""
import os
import subprocess

MIB = 1 << 20


def bare(t):
    """The environment in which an address sanitizer keeps next to nothing of freed memory."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    return t.environment() | {"ASAN_OPTIONS": options}


def is_sanitized(t):
    """Whether the program was built with a sanitizer, whose own memory is many times the program's."""
    with open(t.crmail_program, "rb") as f:
        return b"__asan_init" in f.read()


def measured(t, *args, code=0):
    """Runs crmail with these arguments: what it printed, and its largest resident memory in MiB."""
    argv = [t.crmail_program, "--home", t.home(), *args]
    with open(t.path("out"), "wb") as out:
        p = subprocess.Popen(argv, stdout=out, env=bare(t))
        _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    t.equal(p.returncode, code, "exit code")
    with open(t.path("out"), "rb") as out:
        return out.read(), usage.ru_maxrss / 1024


def resident(pid, what="VmRSS"):
    """A running process's memory in MiB: VmRSS now, VmHWM at most so far."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith(what + ":"))
