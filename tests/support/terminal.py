"""crmail in a terminal: in tmux, as people use it, and on a pty whose every byte is recorded (vt.py)."""
import fcntl
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import termios
import time

from .context import NoReply, Wrong
from .vt import Screen

WAIT_S = 20
LOOK_S = 0.03
TMUX_CONF = """
set -g default-terminal tmux-256color
set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ""
set -s escape-time 0
set -s set-clipboard on
"""


def _holds(claim, screen):
    """claim is a text that must stand on the screen, or a function of the screen."""
    return claim(screen) if callable(claim) else claim in screen


def _words(claim):
    return (
        getattr(claim, "__doc__", None) or getattr(claim, "__name__", "a condition")
        if callable(claim)
        else repr(claim)
    )


class Tmux:
    """A program in a tmux of its own.  Keys are named as tmux names them: Enter, C-r, M-s, Escape, Down."""

    def __init__(self, t, argv, width=120, height=40, env=None):
        self._t = t
        self._socket = t.path(f"tmux{t.next_number()}.sock")
        inner = t.environment(**{"COLORTERM": "truecolor", **(env or {})})
        # The program's standard error goes to a file: there a sanitizer speaks, and nobody else should.
        self._errors = t.path(f"stderr{t.next_number()}")
        # How it ended is written down: tmux does not always learn of it (3.3a, one end in ten).
        self._ended = t.path(f"ended{t.next_number()}")
        line = (
            f"trap : INT QUIT HUP TERM; {shlex.join(argv)} 2>{shlex.quote(self._errors)}; "
            f"echo $? >{shlex.quote(self._ended)}"
        )
        setting = [word for key, value in inner.items() for word in ("-e", f"{key}={value}")]
        self._tmux(
            "-u",
            "-f",
            t.write("tmux.conf", TMUX_CONF),
            "new-session",
            "-d",
            "-x",
            str(width),
            "-y",
            str(height),
            "-c",
            t.dir,
            *setting,
            "/bin/sh",
            "-c",
            line,
            env=inner,
        )
        t.at_end(self.close)
        t.show_on_failure("screen of " + os.path.basename(argv[0]), self.screen)
        t.show_on_failure("its standard error", self.errors)

    def _tmux(self, *args, env=None, check=True):
        done = subprocess.run(
            ["tmux", "-S", self._socket, *args],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=env or self._t.environment(),
            errors="replace",
        )
        if check and done.returncode:
            raise Wrong(f"tmux {args[0]}: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        self._tmux("kill-server", check=False)

    def errors(self):
        try:
            with open(self._errors, encoding="utf-8", errors="replace") as f:
                return f.read()[-6000:]
        except OSError:
            return ""

    def screen(self):
        """What stands on the screen, blanks at line ends removed."""
        return self._tmux("capture-pane", "-p", "-t", "0").rstrip("\n")

    def copied(self):
        """What the program put into the clipboard, by OSC 52."""
        return self._tmux("show-buffer", check=False)

    def lines(self):
        return self.screen().split("\n")

    def cursor(self):
        """(row, column) of the cursor, from 0."""
        col, row = self._tmux("display", "-p", "-t", "0", "#{cursor_x} #{cursor_y}").split()
        return int(row), int(col)

    def size(self):
        width, height = self._tmux(
            "display", "-p", "-t", "0", "#{pane_width} #{pane_height}"
        ).split()
        return int(width), int(height)

    def keys(self, *keys):
        """Presses named keys or single characters."""
        self._tmux("send-keys", "-t", "0", *[r"\;" if k == ";" else k for k in keys])

    def type(self, text):
        """Types text as it is."""
        self._tmux("send-keys", "-l", "-t", "0", "--", text)

    def paste(self, text):
        """As a terminal pastes: between the marks of a bracketed paste."""
        self._tmux("load-buffer", self._t.write(f"paste{self._t.next_number()}", text))
        self._tmux("paste-buffer", "-p", "-d")

    def resize(self, width, height):
        self._tmux("resize-window", "-t", "0", "-x", str(width), "-y", str(height))

    def pid(self):
        """Process id of the program, the shell's only child."""
        shell = self._tmux("display", "-p", "-t", "0", "#{pane_pid}").strip()
        found = []

        def is_there():
            with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as f:
                found[:] = f.read().split()
            return found

        self._t.wait(is_there, "the program's process")
        return int(found[0])

    def status(self):
        """None while the program runs, or not all of its output is read; else its exit status (-N for signal N)."""
        if not os.path.exists(self._ended):
            return None
        with open(self._ended, encoding="ascii") as f:
            said = f.read().strip()
        if not said or self._tmux("display", "-p", "-t", "0", "#{pane_dead}").strip() != "1":
            return None
        return int(said) if int(said) <= 128 else 128 - int(said)

    def wait(self, claim, seconds=WAIT_S):
        """The screen as soon as claim (a text or a function of the screen) holds on it."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if _holds(claim, screen):
                return screen
            if self.status() is not None:
                raise Wrong(
                    f"the program ended with {self.status()} while waiting for {_words(claim)}:\n{self.errors()}"
                )
            if time.monotonic() > end:
                raise NoReply(f"waited {seconds} s for {_words(claim)}; the screen:\n{screen}")
            time.sleep(LOOK_S)

    def wait_end(self, status=0, seconds=WAIT_S):
        """Waits until the program has ended with this status."""
        self._t.wait(lambda: self.status() is not None, "the end of the program", seconds)
        self._t.equal(
            self.status(), status, "exit status, and standard error was: " + self.errors()
        )


class Pty:
    """A program on a pty.  Everything it sends is rendered and recorded in `screen`."""

    def __init__(self, t, argv, width=120, height=40, env=None):
        self._t = t
        self.screen = Screen(width, height)
        self.sent = bytearray()
        self._master, slave = pty.openpty()
        self._set_size(width, height)
        errors = t.path(f"stderr{t.next_number()}")
        with open(errors, "wb") as err:
            self._proc = subprocess.Popen(
                argv,
                stdin=slave,
                stdout=slave,
                stderr=err,
                close_fds=True,
                cwd=t.dir,
                preexec_fn=_own_terminal,
                env=t.environment(TERM="xterm-256color", **(env or {})),
            )
        os.close(slave)
        os.set_blocking(self._master, False)
        t.at_end(self.close)
        t.show_on_failure("screen of " + os.path.basename(argv[0]), self.screen.text)
        t.show_on_failure(
            "what it asked of the terminal",
            lambda: "\n".join(f"{k} {d!r}" for k, d in self.screen.record[-40:]),
        )

    def _set_size(self, width, height):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def close(self):
        if self._proc.poll() is None:
            self._proc.kill()
            self._proc.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def resize(self, width, height):
        self.screen.resize(width, height)
        self._set_size(width, height)
        self._proc.send_signal(signal.SIGWINCH)

    def signal(self, number):
        """Sends a signal to the program."""
        self._proc.send_signal(number)

    def hang_up(self, seconds=WAIT_S):
        """The terminal goes away, as a lost connection takes it; the program has ended when this returns."""
        os.close(self._master)
        self._master = -1
        return self._proc.wait(seconds)

    def send(self, text):
        """Sends bytes as typed; a string as UTF-8."""
        os.write(self._master, text if isinstance(text, bytes) else text.encode())

    def pump(self, seconds):
        """Reads what comes within so many seconds at most; False at the end of the program."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self.sent += data
        self.screen.feed(data)
        return bool(data)

    def wait(self, claim, seconds=WAIT_S):
        """Reads until claim (a text or a function of the text on screen) holds."""
        end = time.monotonic() + seconds
        while not _holds(claim, self.screen.text()):
            if not self.pump(LOOK_S):
                raise Wrong(
                    f"the program ended while waiting for {_words(claim)}; the screen:\n{self.screen.text()}"
                )
            if time.monotonic() > end:
                raise NoReply(
                    f"waited {seconds} s for {_words(claim)}; the screen:\n{self.screen.text()}"
                )
        return self.screen.text()

    def wait_end(self, status=0, seconds=WAIT_S):
        """Reads until the program has ended with this status."""
        end = time.monotonic() + seconds
        while self.pump(LOOK_S):
            if time.monotonic() > end:
                raise NoReply(f"the program did not end within {seconds} s")
        self._t.equal(self._proc.wait(seconds), status, "exit status")


def _own_terminal():
    """In the child: the pty becomes its controlling terminal, so that SIGWINCH and SIGHUP arrive."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def leave(t, term):
    """q goes back, and at the end of that, out."""

    def ended():
        if term.status() is None:
            term.keys("q")
        return term.status() is not None

    t.wait(ended, "the end of the program after q", 20)
    t.equal((term.status(), term.errors()), (0, ""), "exit status and standard error")
