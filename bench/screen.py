"""screen - a full-screen program on a terminal of its own: when a text is there, how long after a key the
last byte of its answer came, what the program holds in memory and how often it woke up.

Times are taken as bytes arrive; what they draw is worked out afterwards, between two bursts.
"""
import collections
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from support import vt      # noqa: E402

QUIET = 0.012       # seconds without a byte that end an answer to a key
ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")


def _lines(path, key):
    """The numbers after "KEY:" in a file of /proc; none when the process is gone."""
    try:
        return [int(n) for n in re.findall(rf"^{key}:\s+(\d+)", path.read_text(encoding="ascii"), re.MULTILINE)]
    except (FileNotFoundError, ProcessLookupError):
        return []


class Screen:
    """The program runs from the construction to close()."""

    def __init__(self, command, env, columns=140, rows=40):
        self.drawn = vt.Screen(columns, rows)
        self.ended = False
        self._columns = collections.deque(maxlen=32)    # where the cursor stood after the last bursts
        self.begin = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, env)

    def _read(self, seconds):
        if self.ended or not select.select([self.fd], [], [], max(0, seconds))[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:     # Linux says so where the other side is closed
            data = b""
        self.ended = not data
        return data

    def _burst(self, seconds, quiet):
        """[(moment, bytes)] of what comes within so many seconds, up to the next silence."""
        chunks = []
        while data := self._read(quiet if chunks else seconds):
            chunks.append((time.perf_counter(), data))
        return chunks

    def _draw(self, chunks):
        for _, data in chunks:
            self.drawn.feed(data)
        self._columns.append(self.drawn.col)

    def settle(self, quiet=0.15, most=5):
        """Draws what comes, until nothing has come for so many seconds."""
        end = time.perf_counter() + most
        while time.perf_counter() < end:
            chunks = self._burst(quiet, QUIET)
            if not chunks:
                return
            self._draw(chunks)

    def wait(self, text, seconds=120):
        """Seconds from the start of the program to the last byte of the burst that wrote the text."""
        seen, end = b"", time.perf_counter() + seconds
        while time.perf_counter() < end and not self.ended:
            chunks = self._burst(end - time.perf_counter(), QUIET)
            seen += b"".join(data for _, data in chunks)
            if re.search(text, ESCAPES.sub(b"", seen)):
                self.drawn.feed(seen)
                return chunks[-1][0] - self.begin
        raise TimeoutError(f"{text!r} did not appear; the last of what did: {seen[-300:]!r}")

    def press(self, keys):
        """Presses keys whose answer, if there is any, is not what is measured."""
        os.write(self.fd, keys)
        self.settle(0.05)

    def key(self, keys, shows=None, seconds=5, quiet=QUIET):
        """Seconds from the key to the last byte of its answer, which ends with a silence; None if there was
        none. With `shows` the answer goes on until the screen shows a match of it."""
        begin, last = time.perf_counter(), None
        os.write(self.fd, keys)
        while (left := begin + seconds - time.perf_counter()) > 0:
            chunks = self._burst(left, quiet)
            self._draw(chunks)
            last = chunks[-1][0] if chunks else last
            if shows is None or re.search(shows, self.drawn.text()):
                return last and last - begin
        raise TimeoutError(f"{keys!r} did not lead to {shows!r}:\n{self.drawn.text()}")

    def until(self, shows, seconds=60):
        """Draws what comes until the screen shows a match."""
        end = time.perf_counter() + seconds
        while not re.search(shows, self.drawn.text()):
            chunks = self._burst(end - time.perf_counter(), QUIET)
            if not chunks:
                raise TimeoutError(f"{shows!r} did not come:\n{self.drawn.text()}")
            self._draw(chunks)

    def _rest(self, seconds):
        """The column where the cursor stands when a picture is complete: a burst may end in the midst of one.
        Draws until it stands there."""
        column = collections.Counter(self._columns).most_common(1)[0][0] if self._columns else self.drawn.col
        end = time.perf_counter() + seconds
        while self.drawn.col != column and (left := end - time.perf_counter()) > 0:
            self._draw(self._burst(left, QUIET))
        return column

    def _cursor(self):
        return self.drawn.row, self.drawn.grid()[self.drawn.row]

    def move(self, keys, seconds=5):
        """Seconds until the cursor stands, in its column as before, on another row or on other text; None if
        it does not. For screens that change by themselves, too: what comes later is no answer. (A program
        puts the cursor to its place when all else of a picture is written.)"""
        column = self._rest(1)
        before = self._cursor()
        begin, moved = time.perf_counter(), None
        os.write(self.fd, keys)
        while moved is None and (left := begin + seconds - time.perf_counter()) > 0:
            for moment, data in self._burst(left, QUIET):
                self.drawn.feed(data)
                if moved is None and self.drawn.col == column and self._cursor() != before:
                    moved = moment - begin
            self._columns.append(self.drawn.col)
        return moved

    def _family(self):
        """The process and its children's."""
        found, new = [], [self.pid]
        while new:
            pid = new.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                new += [int(child) for child in task.read_text(encoding="ascii").split()]
        return found

    def _tasks(self, name):
        return [task / name for pid in self._family() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]

    def memory(self, kind="VmRSS"):
        """MiB that the program and its children hold; VmHWM: the most they held so far."""
        return sum(sum(_lines(pathlib.Path(f"/proc/{pid}/status"), kind)) for pid in self._family()) / 1024

    def switches(self):
        """How often any of its threads has given up or lost the processor."""
        return sum(sum(_lines(path, r"\w*voluntary_ctxt_switches")) for path in self._tasks("status"))

    def cpu(self):
        """Processor seconds of all its threads."""
        return sum(int(path.read_text(encoding="ascii").split()[0]) for path in self._tasks("schedstat")) / 1e9

    def close(self, keys):
        """Sends the keys that quit; ends the program if they do not."""
        end = time.perf_counter() + 5
        os.write(self.fd, keys)
        while not self.ended and time.perf_counter() < end:
            self._read(0.1)
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
