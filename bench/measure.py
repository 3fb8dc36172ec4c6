"""measure - what a subject of the bench is made of: Measure says what is compared and with what, Place
is where it happens (mail, settings, the program), and a Cost is what one run of a process took.

A subject is a file bench/SUBJECT.py with MEASURES = [Measure(...), ...] and
run(place) -> {name of a measure: {"crmail": [samples], peer: [samples]}}.
Samples are in seconds, MiB or counts. crmail and its peer are measured in turn (A B A B), and run()
checks that the work was done before it counts its time; what goes wrong it raises.
"""
import dataclasses
import functools
import os
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
SCALE = {"s": 1, "ms": 1000, "MiB": 1, "count": 1}  # from a sample to what is shown
PACKAGES = {"mbsync": "isync", "dovecot": "dovecot-imapd"}  # whose package is not called as the program
MIB = 1 << 20


class Missing(Exception):
    """A program to compare with is not installed."""


@dataclasses.dataclass(frozen=True)
class Measure:
    """One row of the table. With a peer, bound and goal are the highest ratio of crmail's median to the
    peer's; without one, the highest median, in the unit shown. bound is wide, for what became several
    times worse: memory, sizes and counts above it fail, times are told. goal is what is aimed at.
    Either may be None."""
    name: str
    what: str
    unit: str
    peer: str | None = None
    bound: float | None = None
    goal: float | None = None


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one process took: seconds by the clock, processor seconds of it and its children, and the
    most memory it held (MiB; at least what this harness holds, about 20, as the kernel counts)."""
    wall: float
    cpu: float
    peak: float
    out: bytes


def cost(command, env, check=None):
    """Runs the command to its end; check(stdout) raises where it did not do its work."""
    begin = time.perf_counter()
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as child:
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, stderr=out[-2000:])
    if check:
        check(out)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out)


def require(*programs):
    """Missing, with the names of their packages, unless all programs are there."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    names = [PACKAGES.get(p, p) for p in programs if not shutil.which(p, path=path)]
    if names:
        raise Missing(f"to compare with, install: apt-get install {' '.join(names)}")


def size(folder):
    """MiB that the files below a folder (or the file) take on the disk."""
    root = pathlib.Path(folder)
    files = [root] if root.is_file() else [p for p in root.rglob("*") if p.is_file()]
    return sum(p.stat().st_blocks * 512 for p in files) / MIB


class Place:
    """Where a run happens. .work is a folder that the subjects share: each takes a name of its own in it."""

    def __init__(self, builddir, work, messages, runs):
        self.builddir, self.work = pathlib.Path(builddir), pathlib.Path(work)
        self.messages, self.runs = messages, runs
        self.env = {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                    "TZ": "UTC", "XDG_RUNTIME_DIR": str(work), "NOTMUCH_CONFIG": str(self.work / "notmuch.conf"),
                    "CRMAIL_PKGDATADIR": str(SOURCE / "share" / "crmail")}

    def program(self, home):
        """The command that starts crmail with that home."""
        return [str((self.builddir / "crmail").resolve()), "--home", str(home)]

    def _stamp(self, name):
        return self.work / f"{name}.made"

    def _is_made(self, name):
        """Whether an earlier run with this .work finished that, and for as many messages."""
        stamp = self._stamp(name)
        return stamp.exists() and stamp.read_text(encoding="ascii") == str(self.messages)

    def _made(self, name):
        self._stamp(name).write_text(str(self.messages), encoding="ascii")

    @functools.cached_property
    def mail(self):
        """The Maildir with the corpus, made at its first use (by a process of its own, whose memory
        would count as that of every process started later)."""
        folder = self.work / "Maildir"
        if not self._is_made("Maildir"):
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, str(SOURCE / "bench" / "corpus.py"), str(folder), str(self.messages)],
                           check=True)
            self._made("Maildir")
        return folder

    def make_home(self):
        """Imports the corpus anew into .work/crmail; the Cost."""
        home = self.work / "crmail"
        self._stamp("crmail").unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        took = cost([*self.program(home), "import", str(self.mail)], self.env)
        self._made("crmail")
        return took

    @functools.cached_property
    def home(self):
        """A home of crmail with the corpus imported. All subjects look at it; copy_of_home() is to change."""
        if not self._is_made("crmail"):
            self.make_home()
        return self.work / "crmail"

    def copy_of_home(self, name):
        """A home of that name below .work with what .home holds, to be changed as one likes."""
        copy = self.work / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.home, copy, ignore=lambda folder, names: [n for n in names if n.endswith((".sock", ".lock"))])
        return copy

    def make_notmuch(self):
        """Has notmuch index the corpus anew into .work/notmuch; the Cost."""
        index = self.work / "notmuch"
        self._stamp("notmuch").unlink(missing_ok=True)
        shutil.rmtree(index, ignore_errors=True)
        took = cost(["notmuch", "new", "--quiet"], self.notmuch_env(index, self.mail))
        (self.work / "notmuch.took").write_text(f"{took.wall} {took.cpu}", encoding="ascii")
        self._made("notmuch")
        return took

    @property
    def notmuch_took(self):
        """Seconds and processor seconds of that indexing, which happens at most once a run."""
        if not self._is_made("notmuch"):
            self.make_notmuch()
        return [float(t) for t in (self.work / "notmuch.took").read_text(encoding="ascii").split()]

    @functools.cached_property
    def notmuch(self):
        """The environment for notmuch with its index of the corpus, made at first use."""
        if not self._is_made("notmuch"):
            self.make_notmuch()
        return self.notmuch_env(self.work / "notmuch", self.mail)

    def notmuch_env(self, index, mail):
        """An environment in which notmuch keeps its index of the Maildir mail in the folder index."""
        index.mkdir(parents=True, exist_ok=True)
        conf = index / "config"
        conf.write_text(f"[database]\npath={index}\nmail_root={mail}\n[new]\ntags=\n[search]\n"
                        "[user]\nname=rep\nprimary_email=rep@ourfirm.example\n", encoding="utf-8")
        return self.env | {"NOTMUCH_CONFIG": str(conf)}
