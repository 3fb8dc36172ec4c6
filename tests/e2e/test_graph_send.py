"""Sending, drafts and the user's changes at a Microsoft 365 mailbox: each once, whatever is lost on the way."""
import os
import shutil
import signal
import subprocess
import time

from support.graphdesk import GraphDesk
from support.later import Later
from support.letters import letter, parse
from support.terminal import Tmux

TIMEOUT = 180
SUBJECT = "Question about delivery"


def asked(t, count=1):
    """A mailbox with questions in it, connected and read."""
    desk = GraphDesk(t)
    for number in range(count):
        desk.stub.deliver(
            letter(
                "Laura <laura@partner.test>",
                desk.stub.address,
                SUBJECT if count == 1 else f"Question {number}",
                "When does it come?\n",
                f"<q{number}@partner.test>",
                time.time() - 6000 + number * 60,
            ).as_bytes()
        )
    desk.add()
    desk.sync()
    return desk


def at_rest(t):
    """The screen with the mailbox in it, an hour ago: every undo window is over by now.  Without the passphrase
    nothing reaches the service."""
    clock = t.write("clock", f"{int(time.time()) - 3600}\n")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], env={"CRMAIL_TEST": f"clock={clock}"})
    term.wait("Passphrase of the saved passwords")
    term.keys("Escape")
    term.wait(lambda screen: "Passphrase of the saved passwords" not in screen)
    return term


def answer(t, text="On Monday."):
    """An answer in the outbox that waits for a pass; nothing of it has left."""
    term = at_rest(t)
    term.wait(SUBJECT)
    term.keys("Enter")
    term.wait("Laura → you")
    term.keys("r")
    term.wait("Re: " + SUBJECT)
    term.type(text)
    term.wait(text)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: states(t), "the mail in the outbox")
    term.keys("Q")
    term.wait("not been sent yet")
    term.keys("k")
    term.wait_end()


def states(t):
    return [m["state"] for m in t.crmail("outbox", "--json").json["messages"]]


def settle(t, desk, passes=3, env=None):
    for _ in range(passes):
        desk.sync(code=None, env=env)


def check_sent_once(t, desk, what):
    stub = desk.stub
    t.equal(states(t), ["sent"], f"state after {what}")
    t.equal(len(stub.sent), 1, f"mails that went out after {what}")
    t.equal([f for f, _, _, _, d in stub.state() if d], [], f"drafts left after {what}")
    t.equal(len([f for f, *_ in stub.state() if f == "Sent Items"]), 1, f"copies in Sent after {what}")
    desk.same(f"after {what}")


def test_a_mail_goes_out_through_a_draft(t):
    desk = asked(t)
    answer(t)
    settle(t, desk, 2)
    check_sent_once(t, desk, "a pass")
    mail = parse(desk.stub.sent[0][1])
    t.equal((mail["To"], mail["In-Reply-To"]), ("Laura <laura@partner.test>", "<q0@partner.test>"), "header")
    t.equal(desk.stub.asked("POST", "/send"), 1, "send")
    t.equal(desk.query("SELECT is_filed FROM outbox"), [(1,)], "filed")


def test_a_mail_that_gets_another_message_id_is_known_by_it(t):
    desk = asked(t)
    desk.stub.renames = True
    answer(t)
    settle(t, desk)
    check_sent_once(t, desk, "a new Message-ID")
    t.equal(desk.query("SELECT far_message_id FROM outbox")[0][0], desk.stub.sent[0][0].strip("<>"), "its new name")
    t.equal(desk.query("SELECT is_filed FROM outbox"), [(1,)], "filed")


def test_lost_answers_send_nothing_twice(t):
    for method, path in (("POST", "/v1.0/me/messages"), ("POST", "/send")):
        desk = asked(t)
        answer(t)
        desk.stub.lose(method, path)
        settle(t, desk)
        check_sent_once(t, desk, f"a lost answer to {path}")
        shutil.rmtree(t.home())


def kill_at(t, desk, arrange, **hooks):
    """A pass that is killed; arrange(kill) says when."""
    test = ",".join(f"{k}={v}" for k, v in hooks.items())
    proc = []
    if arrange:
        arrange(lambda: os.kill(proc[0].pid, signal.SIGKILL))
    words = ["exec " + desk.command("sync", "--once", "--json")[2].removeprefix("exec ")]
    proc.append(
        subprocess.Popen(
            ["sh", "-c", *words],
            env=t.environment(**({"CRMAIL_TEST": test} if test else {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    )
    proc[0].wait(60)
    return proc[0].returncode == -signal.SIGKILL


def test_killed_around_the_draft_and_the_send_it_goes_out_once(t):
    desk = asked(t)
    answer(t)
    begin = t.path("begin")
    later = Later(t, 120)  # than what Microsoft says of a draft may be too early
    shutil.copytree(t.home(), begin)
    points = [
        (side, method, path)
        for method, path in (("POST", "/v1.0/me/messages"), ("POST", "/send"))
        for side in ("before", "lose")
    ]
    for side, method, path in points:
        stub = desk.stub
        for ident in [m for m in stub.messages if stub.messages[m].is_draft or stub.messages[m].is_own]:
            stub.remove(ident)
        stub.sent.clear()
        shutil.rmtree(t.home())
        shutil.copytree(begin, t.home(), dirs_exist_ok=True)
        what = f"a kill, {side} {path}"
        if side == "before":
            killed = kill_at(t, desk, lambda kill, m=method, p=path: stub.before(m, p, kill))
        else:
            killed = kill_at(t, desk, lambda kill, m=method, p=path: stub.lose(m, p, kill))
        t.true(killed, what)
        settle(t, desk, 4, later.env)
        check_sent_once(t, desk, what)


def test_what_microsoft_refuses_is_refused(t):
    desk = asked(t)
    answer(t)
    desk.stub.fault("POST", "/send", 403, "ErrorSendAsDenied")
    settle(t, desk, 2)
    outbox = t.crmail("outbox", "--json").json["messages"]
    t.equal((states(t), len(desk.stub.sent)), (["refused"], 0), "state, mails that went out")
    t.true("ErrorSendAsDenied" in outbox[0]["error"], f"why: {outbox[0]}")
    t.equal([f for f, _, _, _, d in desk.stub.state() if d], [], "drafts left")
    t.crmail("outbox", "send", outbox[0]["id"])
    settle(t, desk, 2)
    check_sent_once(t, desk, "another try")


def test_a_pause_that_is_asked_for_is_kept_and_the_mail_goes_later(t):
    desk = asked(t)
    answer(t)
    desk.stub.fault("POST", "/send", 429, "ApplicationThrottled", {"Retry-After": "1"})
    settle(t, desk)
    check_sent_once(t, desk, "429")
