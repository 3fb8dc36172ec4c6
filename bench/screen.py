"""screen - measures a full-screen program on a terminal of its own: when a text is there, how long
after a key its last byte came, what it holds in memory.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

QUIET = 0.012       # seconds without a byte that end an answer to a key
ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")


class Screen:
    """The program runs from the construction to close()."""

    def __init__(self, command, env, columns=140, rows=40):
        self.begin = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def _read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.fd, 1 << 16)
        except OSError:
            return b""

    def wait(self, text, seconds=60):
        """Seconds from the start of the program until the text was written."""
        seen, end = b"", time.perf_counter() + seconds
        while time.perf_counter() < end:
            seen += self._read(0.05)
            if re.search(text, ESCAPES.sub(b"", seen)):
                took = time.perf_counter() - self.begin
                self.settle()
                return took
        raise TimeoutError(f"{text!r} did not appear; the last of what did: {seen[-300:]!r}")

    def settle(self, quiet=0.3):
        while self._read(quiet):
            pass

    def key(self, keys):
        """Seconds from the key to the last byte of what it changed; None if nothing came."""
        begin, last = time.perf_counter(), None
        os.write(self.fd, keys)
        wait = 1.0
        while self._read(wait):
            last, wait = time.perf_counter(), QUIET
        return last and last - begin

    def resident(self):
        """Resident memory in MiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024

    def close(self, keys):
        """Sends the keys that quit; ends the program if they do not."""
        os.write(self.fd, keys)
        for _ in range(50):
            self._read(0.1)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
