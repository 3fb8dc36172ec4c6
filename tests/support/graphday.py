"""A day at a Microsoft 365 mailbox, to be lived again and again from the same beginning: mail to fetch, changes of
the user that wait (a star, an archived and a deleted conversation, read ones), an answer that waits to be sent."""
import os
import shutil
import signal
import subprocess
import time

from .graphdesk import GraphDesk
from .later import Later
from .letters import letter
from .terminal import Tmux

EARLIER, MAILS = 14, 24


class GraphDay:
    """The day's beginning, and how it ends undisturbed."""

    def __init__(self, t):
        self.t, self.desk = t, GraphDesk(t)
        self.stub = self.desk.stub
        self.stub.page_most = 5
        self.later = Later(t, 120)
        for number in range(EARLIER):
            self.deliver(number)
        self.desk.add()
        self.desk.sync()
        self.use()
        for number in range(EARLIER, MAILS):
            self.deliver(number)
        self.stub.change(self.id_of(3), is_flagged=True)
        self.stub.move(self.id_of(4), "archive")
        self.stub.remove(self.id_of(5))
        self.first_data, self.first_mail = t.path("first"), self.stub.keep()
        shutil.copytree(t.home(), self.first_data)
        self.begin()
        self.finish("the undisturbed day")
        self.want = self.state()

    def deliver(self, number):
        raw = letter(
            f"Writer {number} <w{number}@elsewhere.test>",
            self.stub.address,
            f"note number {number}",
            f"Body of note {number}, word wort{number}wort.\n",
            f"<note{number}@elsewhere.test>",
            time.time() - 100000 + number * 60,
        )
        self.stub.deliver(raw.as_bytes(), received=self.stub.ago((100000 - number * 60) / 86400))

    def id_of(self, number):
        return next(i for i, m in self.stub.messages.items() if m.named() == f"<note{number}@elsewhere.test>")

    def use(self):
        """What the user does on the screen, an hour ago and out of the service's reach: the sign-in is locked."""
        t = self.t
        clock = t.write("clock", f"{int(time.time()) - 3600}\n")
        term = Tmux(t, [t.crmail_program, "--home", t.home()], env={"CRMAIL_TEST": f"clock={clock}"})
        term.wait("Passphrase of the saved passwords")
        term.keys("Escape")
        term.wait(lambda screen: "Passphrase of the saved passwords" not in screen)
        term.wait("note number 13")
        term.keys("s")
        term.wait("⚑")
        term.keys("j", "e")
        term.wait(lambda screen: "note number 12" not in screen)
        term.keys("#")
        term.wait(lambda screen: "note number 11" not in screen)
        term.keys("I")
        term.keys("j", "I")
        term.keys("Enter")
        term.wait("Writer 9 → you")
        term.keys("r")
        term.wait("Re: note number 9")
        term.type("Answer to 9.")
        term.keys("M-s")
        term.wait("Send to 1 person?")
        term.keys("Enter")
        t.wait(self.outbox, "the mail in the outbox")
        term.keys("Q")
        term.wait("not been sent yet")
        term.keys("k")
        term.wait_end()

    def outbox(self):
        return self.t.crmail("outbox", "--json").json["messages"]

    def begin(self):
        """Everything as it was at the beginning."""
        self.stub.put_back(self.first_mail)
        shutil.rmtree(self.t.home())
        shutil.copytree(self.first_data, self.t.home(), dirs_exist_ok=True)

    def start(self, **hooks):
        """A pass, as a process that may be killed."""
        test = ",".join(f"{k}={v}" for k, v in hooks.items())
        return subprocess.Popen(
            self.desk.command("sync", "--once", "--json"),
            env=self.t.environment(**({"CRMAIL_TEST": test} if test else {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def crash_at(self, number):
        """Killed at the n-th crash point; False when there are fewer."""
        proc = self.start(crash=number)
        proc.wait(60)
        return proc.returncode == -signal.SIGKILL

    def kill_by_line(self, arrange, method, path):
        """Killed when such a request comes (stub.before), or was carried out (stub.lose)."""
        proc = []
        arrange(method, path, lambda: os.kill(proc[0].pid, signal.SIGKILL))
        proc.append(self.start())
        proc[0].wait(60)
        self.t.equal(proc[0].returncode, -signal.SIGKILL, f"end of the program at {path}")

    def finish(self, what):
        """Passes to the end, later than a mail may be in doubt; another one has nothing to do."""
        for _ in range(4):
            last = self.desk.sync(code=None, env=self.later.env)["accounts"][0]
            work = {k: last[k] for k in ("new", "changed", "gone", "ops_done", "sent", "unknown")}
            if not any(work.values()):
                break
        self.t.equal(set(work.values()), {0}, f"work of the last pass after {what}")
        self.desk.same(f"after {what}")

    def state(self):
        messages = self.desk.query("SELECT mid, flags, subject, body FROM message ORDER BY mid, id")
        return {
            "mailbox": self.stub.state(),
            "sent": [name for name, _ in self.stub.sent],
            "messages": messages,
            "outbox": [m["state"] for m in self.outbox()],
            "ops": self.desk.query("SELECT count(*) FROM op"),
        }

    def end(self, what):
        self.finish(what)
        got = self.state()
        for part, value in self.want.items():
            self.t.equal(got[part], value, f"{part} after {what}")
