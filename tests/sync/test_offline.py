"""Without the servers all goes on as with them, and when they are back it comes to the same."""
import json
import os
import re
import shutil
import sqlite3
import time

from support import dump
from support.discover import mark
from support.letters import letter
from support.proxy import Proxy
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 240
MAILS = 12


class Desk:
    """A rep's mailbox of twelve mails, known here, behind lines that can be away."""

    def __init__(self, t):
        self.t = t
        self.rep, self.customer = t.mailbox("minh"), t.mailbox("laura")
        self.lines = [Proxy(t, self.rep, "imap"), Proxy(t, self.rep, "smtp")]
        self.rep.append("Work", self.mail(100))
        for i in range(MAILS):
            self.rep.append("INBOX", self.mail(i))
        args = self.rep.account_args()
        for option, line in zip(("--imap", "--smtp"), self.lines):
            args[args.index(option) + 1] = f"127.0.0.1:{line.port}"
        self.now = int(time.time())
        self.clock(0)
        t.crmail("account", "add", "work", *args, "--history", "all")
        t.crmail("sync", "--once")
        self.first_mail, self.first_data = self.rep.maildir, t.path("first")
        shutil.copytree(t.home(), self.first_data)

    def mail(self, number):
        return letter(
            f"Writer {number} <{self.customer.address}>",
            self.rep.address,
            f"note number {number}",
            f"Body of note {number}, word wort{number}wort.\n",
            f"<note{number}@elsewhere.test>",
            time.time() - 100000 + number * 60,
        ).as_bytes()

    def begin(self, name):
        """Everything as it was at the beginning."""
        t = self.t
        self.away()
        self.rep.become(name, self.first_mail)
        self.customer.become(name)
        shutil.rmtree(t.home())
        shutil.copytree(self.first_data, t.home(), dirs_exist_ok=True)
        self.rep.settle()
        self.customer.settle()
        for line in self.lines:
            line.units.clear()

    def clock(self, seconds):
        """crmail's clock stands at so many seconds after the beginning."""
        self.hooks = {"CRMAIL_TEST": f"clock={self.t.write('clock', str(self.now + seconds))}"}

    def away(self):
        for line in self.lines:
            line.refuse()

    def back(self):
        for line in self.lines:
            line.accept()

    # ---- the script

    def start(self):
        term = Tmux(self.t, [self.t.crmail_program, "--home", self.t.home()], env=self.hooks)
        term.wait("note number")
        return term

    def quit(self, term):
        """Q, and where a mail waits it is kept."""
        term.keys("Q")
        self.t.wait(
            lambda: term.status() is not None or "not been sent yet" in term.screen(), "the end"
        )
        if term.status() is None:
            term.keys("k")
        term.wait_end()
        term.close()

    def find(self, term, number):
        """Searches a note and opens it from the results."""
        term.keys("/")
        term.type(f"wort{number}wort")
        term.wait(lambda s: f"note number {number}" in s and f"note number {number + 1}" not in s)
        term.keys("Enter", "Enter")
        term.wait(f"Body of note {number}")

    def inbox(self, term):
        term.keys("g", "i")
        term.wait(lambda s: s.startswith(" crmail  Inbox"))

    def at(self, term, number, *keys):
        """Keys for one row of the inbox, found by its place."""
        self.inbox(term)
        term.keys("g", "g")
        rows = [n for n in range(MAILS - 1, -1, -1) if f"note number {n} " in term.screen() + " "]
        term.keys(*["j"] * rows.index(number), *keys)

    def gone(self, term, number):
        term.wait(lambda s: f"note number {number} " not in s + " ")

    def script(self, term):
        """read, search, star, archive, move, delete, undo, edit a draft, reply."""
        self.find(term, 5)  # searched and read
        self.inbox(term)
        term.keys("g", "g", "s")  # 11
        term.wait("Star set")
        self.at(term, 10, "e")
        self.gone(term, 10)
        self.at(term, 9, "v")
        term.wait("Work")
        term.type("Work")
        term.keys("Enter")
        self.gone(term, 9)
        self.at(term, 8, "#")
        self.gone(term, 8)
        self.at(term, 7, "#")
        self.gone(term, 7)
        term.keys("z")
        term.wait("note number 7")
        self.draft(term)
        self.find(term, 4)
        term.keys("r")
        term.wait("Re: note number 4")
        term.type("Answer to 4.")
        term.keys("M-s")
        term.wait("Send to 1 person?")
        term.keys("Enter")
        self.t.wait(lambda: self.states().get("Re: note number 4"), "the answer in the outbox")

    def draft(self, term):
        """Written, left, opened again, changed, left again."""
        term.keys("c")
        term.wait("New message")
        term.type(self.customer.address)
        term.keys("Tab")
        term.type("a thought")
        term.keys("Tab")
        term.type("First line.")
        term.keys("Escape")
        self.t.wait(lambda: self.states().get("a thought") == "draft", "the draft")
        term.keys("g", "d")
        term.wait("a thought")
        term.keys("Enter")
        term.wait("First line.")
        term.type("Before the ")
        term.keys("Escape")
        self.t.wait(lambda: "Before the " in self.draft_text(), "the changed draft")
        self.inbox(term)

    # ---- what is there

    def states(self):
        rows = self.t.crmail("outbox", "--json").json["messages"]
        return {m["subject"]: m["state"] for m in rows}

    def draft_text(self):
        db = sqlite3.connect(f"file:{self.t.home()}/crmail.db?mode=ro", uri=True)
        try:
            return str(db.execute("SELECT draft_json FROM outbox WHERE state = 0").fetchall())
        finally:
            db.close()

    def ops(self):
        return self.t.crmail("status", "--json").json["accounts"][0]["ops"]

    def settled(self):
        """Nothing waits any more."""
        return self.ops() == 0 and self.states().get("Re: note number 4") == "sent"

    def end(self):
        """A pass more, and everything there is."""
        t = self.t
        for _ in range(2):
            last = t.crmail("sync", "--once", "--json", env=self.hooks).json["accounts"][0]
        t.equal((last["ops_done"], last["sent"], last["unknown"]), (0, 0, 0), "work left over")
        t.equal(dump.strangers(t.home(), self.rep), [], "placements and server")
        names = dump.own_names(t.home())
        return {
            **{f"mailbox {k}": v for k, v in dump.mailbox(self.rep, names).items()},
            **{f"customer {k}": v for k, v in dump.mailbox(self.customer, names).items()},
            **dump.data(t.home()),
        }


def test_a_day_without_servers_ends_as_one_with_them(t):
    desk = Desk(t)
    ends = {}
    for name in ("online", "offline"):
        desk.begin(name)
        desk.clock(0)
        if name == "online":
            desk.back()
        term = desk.start()
        desk.script(term)
        desk.quit(term)
        if name == "offline":
            t.equal([len(line.units) for line in desk.lines], [0, 0], "words on the lines")
        desk.clock(60)  # every undo window is over
        term = desk.start()
        desk.back()
        term.keys("C-r")
        t.wait(desk.settled, "everything pushed and sent", 90)
        t.wait(desk.customer.messages, "the answer at the customer", 30)
        desk.quit(term)
        ends[name] = desk.end()
        t.equal(desk.lines[1].count("command", "."), 1, f"mails handed over {name}")
        if name == "offline":
            t.equal(desk.lines[0].count("command", "MOVE"), 3, "moves; the undone one is none")
    t.equal(len(ends["online"]["mailbox Sent"]), 1, "copies in Sent")
    t.equal(len(ends["online"]["mailbox Work"]), 2, "mails in the folder moved to")
    said = dump.difference(ends["offline"], ends["online"])
    t.true(not said, f"offline and online differ:\n{said}")


# ---- a Maildir that another program changes


class Pile:
    """A Maildir of twelve mails, as mbsync leaves it, and what mbsync does next."""

    def __init__(self, t, name):
        self.t, self.home = t, t.home(name)
        self.dir = t.path(name + "-mail", "x").rpartition("/")[0]
        self.sent = t.path(name + "-sent")
        for folder in ("", ".Archive", ".Trash", ".Sent", ".Drafts", ".Work"):
            for part in ("cur", "new", "tmp"):
                t.path(name + "-mail", folder, part, "x")
        for i in range(MAILS):
            self.put(i, f"cur/{self.base(i)},U={i + 1}:2,")
        script = t.write(name + "-sendmail", f"#!/bin/sh\ncat >>{self.sent}\n")
        os.chmod(script, 0o700)
        self.crmail(
            *("account", "add", "work", "--email", "minh@own.test", "--maildir", self.dir),
            *("--sendmail", script, "--history", "all"),
        )
        self.crmail("sync", "--once")

    def crmail(self, *args):
        return self.t.run([self.t.crmail_program, "--home", self.home, *args])

    @staticmethod
    def base(number):
        return f"1795000{number:03}.R{number}.host"

    def put(self, number, where):
        mail = letter(
            f"Writer {number} <w{number}@elsewhere.test>",
            "minh@own.test",
            f"note number {number}",
            f"Body of note {number}, word wort{number}wort.\n",
            f"<note{number}@elsewhere.test>",
            1795000000 + number * 60,
        )
        path = f"{self.dir}/{where}"
        with open(f"{self.dir}/tmp/x", "wb") as f:
            f.write(mail.as_bytes())
        os.rename(f"{self.dir}/tmp/x", path)

    def name(self, number, folder="."):
        """Where the file of a note is now, below the Maildir; "" when it is not there."""
        for part in ("new", "cur"):
            for name in os.listdir(f"{self.dir}/{folder}/{part}"):
                if name.startswith(self.base(number)):
                    return f"{folder}/{part}/{name}"
        return ""

    def rename(self, number, new):
        os.rename(f"{self.dir}/{self.name(number)}", f"{self.dir}/cur/{new}")

    def other_program(self):
        """A delivery, flags set elsewhere, one deleted elsewhere, UIDs written into names."""
        self.put(20, "new/" + self.base(20))
        self.rename(3, f"{self.base(3)},U=4:2,FS")
        os.unlink(f"{self.dir}/{self.name(2)}")
        self.rename(1, f"{self.base(1)},U=102:2,a")
        self.rename(11, f"{self.base(11)},U=111:2,b")

    def tree(self):
        """Every file of every folder, without what mbsync alone gives out."""
        found = []
        for folder, _, files in os.walk(self.dir):
            for name in files:
                base, _, flags = name.partition(":2,")
                base = re.sub(r",U=\d+", "", base)
                found.append((folder[len(self.dir) :], re.sub(r"^\d+\.\w+\.crmail", "own", base), flags))
        return sorted(found)


def maildir_day(t, name, is_open):
    """The user's changes and the other program's, with crmail open or one after the other."""
    pile = Pile(t, name)
    if not is_open:
        pile.other_program()
        pile.crmail("sync", "--once")
    term = Tmux(t, [t.crmail_program, "--home", pile.home])
    term.wait("note number 9")
    if is_open:
        pile.other_program()
        term.keys("C-r")
    term.wait("note number 20")
    for number, keys in ((20, "s"), (11, "e"), (10, "#")):
        term.keys("g", "g")
        rows = [n for n in (20, *range(MAILS - 1, 2, -1)) if f"note number {n} " in term.screen() + " "]
        term.keys(*["j"] * rows.index(number), keys)
        if keys != "s":
            term.wait(lambda s, n=number: f"note number {n} " not in s + " ")
    term.keys("/")
    term.type("wort1wort")
    term.wait("note number 1 ")
    term.keys("Enter", "Enter")
    term.wait("Body of note 1,")
    term.keys("I", "s")
    t.wait(lambda: pile.name(20).endswith(":2,F"), "the star in the file's name", 30)
    t.wait(lambda: pile.name(11, ".Archive"), "the archived file", 30)
    t.wait(lambda: pile.name(10, ".Trash"), "the deleted file", 30)
    t.wait(lambda: pile.name(1).endswith(":2,FSa"), "star, read and the keyword", 30)
    term.keys("Q")
    term.wait_end()
    for _ in range(2):
        last = json.loads(pile.crmail("sync", "--once", "--json").out)["accounts"][0]
    work = {k: last[k] for k in ("new", "changed", "gone", "ops_done", "ops_parked")}
    t.equal(set(work.values()), {0}, f"work of another pass: {work}")
    data = dump.data(pile.home)
    del data["crmail.account_setting"]  # paths
    return pile.tree(), data


@mark(timeout=120)
def test_a_maildir_that_another_program_changes(t):
    """While crmail is open it comes to the same as one after the other."""
    tree, data = maildir_day(t, "after", False)
    open_tree, open_data = maildir_day(t, "open", True)
    t.equal(open_tree, tree, "files")
    t.true(("/.Archive/cur", Pile.base(11), "b") in tree, "the keyword went along")
    t.true(("/.Trash/cur", Pile.base(10), "") in tree, "the deleted file is in the trash")
    said = dump.difference(open_data, data)
    t.true(not said, f"open and after differ:\n{said}")
