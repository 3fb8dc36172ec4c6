"""What a server refuses, and a disk: said in one line that names the remedy, keys are answered meanwhile, and
when the cause is gone all is as if it had never been, without a restart."""
import os
import ssl
import subprocess

from support.context import Skip
from support.discover import mark
from support.proxy import drop
from support.scene import Scene, subject

NEEDS = ("mail",)
TIMEOUT = 180
HOST = "localhost"


def changed_and_at_rest(scene):
    """The rest of the scene's day: a star, a change elsewhere, new mail; all of it done."""
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    scene.change()
    scene.term.keys("C-r")
    scene.term.wait(subject(9), 90)
    scene.wait_rest()
    state = scene.state()
    scene.term.close()
    return state


def calm(t, tls="implicit"):
    scene = Scene(t, "calm", tls)
    scene.start()
    return changed_and_at_rest(scene)


def try_again(scene):
    scene.term.keys("C-r")


def test_wrong_password(t):
    """It is tried once, not again and again, which would lock the account."""
    want = calm(t)
    scene = Scene(t, "broken", "implicit", password_file="password")
    right = scene.rep.password
    t.write("password", "wrong")
    scene.start()
    error = "127.0.0.1 did not accept the user name or password."
    scene.wait_told(error, "sign-in")
    scene.term.keys("j", "k")
    scene.answers_keys()
    t.equal(scene.imap.count("command", "LOGIN"), 1, "sign-ins tried")
    t.write("password", right)
    try_again(scene)
    t.equal(changed_and_at_rest(scene), want, "the state afterwards")


def certified(t, name, protocol):
    """A scene whose server shows that certificate; and what makes it show the right one."""
    scene = Scene(t, "broken", "implicit", host=HOST, certs={protocol: name})
    line = {"imap": scene.imap, "smtp": scene.smtp}[protocol]

    def mend():
        folder = scene.rep.ca_file.rpartition("/")[0]
        good = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        good.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
        line.client_tls = good

    return scene, mend


CERTIFICATES = {
    "expired": f"The certificate of {HOST} has expired.",
    "wrong-host": f"The certificate of {HOST} was issued for another host name.",
    "other-ca": f"The certificate of {HOST} comes from an unknown issuer.",
}


def check_certificate(t, name):
    want = calm(t)
    scene, mend = certified(t, name, "imap")
    scene.start()
    scene.wait_told(CERTIFICATES[name], "error")
    t.equal(scene.imap.count("command", "LOGIN"), 0, "passwords sent")
    mend()
    try_again(scene)
    t.equal(changed_and_at_rest(scene), want, "the state afterwards")


def test_expired_certificate(t):
    check_certificate(t, "expired")


def test_certificate_of_another_host(t):
    check_certificate(t, "wrong-host")


def test_certificate_of_a_stranger(t):
    check_certificate(t, "other-ca")


def sent(scene):
    """Answers the newest note and waits until the answer is everywhere."""
    scene.t.wait(lambda: [m["state"] for m in scene.outbox()] == ["sent"], "the mail to be sent", 90)
    scene.t.wait(lambda: scene.rep.messages("Sent"), "the copy in Sent", 60)
    scene.t.wait(lambda: "Sent" in {place[0] for place in scene.state()["here"]}, "that copy here", 60)
    scene.wait_rest()
    state = scene.state()
    scene.term.close()
    return state


def ready_to_answer(scene):
    scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    scene.answer()
    return scene


@mark(timeout=240)
def test_expired_certificate_when_sending(t):
    want = sent(ready_to_answer(Scene(t, "calm", "implicit")))
    scene, mend = certified(t, "expired", "smtp")
    ready_to_answer(scene)
    error = CERTIFICATES["expired"]
    t.wait(lambda: [m.get("error") for m in scene.outbox()] == [error], "the outbox to say so", 60)
    scene.term.wait("Sending to 1 person.")
    scene.term.keys("j")  # that it is being sent goes with the next key
    scene.wait_told(CERTIFICATES["expired"], "error")
    t.equal(scene.customer.messages(), [], "mails delivered")
    mend()
    try_again(scene)
    t.equal(sent(scene), want, "the state afterwards")


def strip(line):
    """Somebody in between takes STARTTLS out of what the server offers, and answers for it."""

    def without(_, unit):
        return unit.raw.replace(b" STARTTLS", b"").replace(b"250-STARTTLS\r\n", b"")

    def refuse(link, unit):
        tag = unit.raw.split(b" ", 1)[0]
        said = tag + b" BAD unknown\r\n" if line.protocol == "imap" else b"502 5.5.1 unknown\r\n"
        link.pass_on("answer", said)
        return b""

    line.at("command", "STARTTLS", refuse, times=None)
    line.at("answer", None, without, times=None, claim=lambda u: b"STARTTLS" in u.raw)


def test_stripped_starttls(t):
    want = calm(t, "starttls")
    scene = Scene(t, "broken", "starttls")
    strip(scene.imap)
    scene.start()
    scene.wait_told("127.0.0.1 does not offer encryption (STARTTLS).", "error")
    t.equal(scene.imap.count("command", "LOGIN"), 0, "passwords sent")
    scene.imap.clear()
    scene.imap.cut_all()
    try_again(scene)
    t.equal(changed_and_at_rest(scene), want, "the state afterwards")


def refuse_with(code):
    """The server says NO to the command, which it never gets."""

    def do(link, unit):
        link.pass_on("answer", unit.raw.split(b" ", 1)[0] + b" NO [" + code + b"] not here\r\n")
        return b""

    return do


def test_read_only_folder(t):
    """The change is taken back on the screen, stands there with its reason, and can be tried again."""
    want = calm(t)
    scene = Scene(t, "broken", "implicit")
    scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    scene.imap.at("command", "STORE", refuse_with(b"READ-ONLY"), times=None)
    scene.term.keys("s")
    scene.term.wait("Star set")
    scene.term.wait(
        "work: 127.0.0.1 does not let you change this folder. 1 change was taken back; "
        "Ctrl-R tries again, :forget drops it.",
        40,
    )
    t.wait(lambda: not scene.here(1, "is:starred"), "the star to be taken back")
    scene.answers_keys()
    scene.imap.clear()
    try_again(scene)
    t.wait(lambda: scene.here(1, "is:starred"), "the star again")
    scene.wait_rest()
    conn = scene.rep.imap()
    conn.select("INBOX")
    conn.store("1", "+FLAGS", "\\Answered")
    conn.logout()
    scene.deliver(9)
    try_again(scene)
    scene.term.wait(subject(9), 90)
    scene.wait_rest()
    t.equal(scene.state(), want, "the state afterwards")
    scene.term.close()


def test_a_refused_change_can_be_forgotten(t):
    scene = Scene(t, "broken", "implicit")
    scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    scene.imap.at("command", "STORE", refuse_with(b"NOPERM"), times=None)
    scene.term.keys("s")
    scene.term.wait("1 change was taken back", 40)
    scene.term.keys(":")
    scene.term.type("forget")
    scene.term.wait("forget-refused")
    scene.term.keys("Enter")
    scene.term.wait(lambda s: "taken back" not in s)
    scene.wait_rest()
    t.equal(scene.here(1, "is:starred"), False, "a star")


def fill_up(line):
    """No APPEND is taken; its text is swallowed."""
    line.at("command", "APPEND", refuse_with(b"OVERQUOTA"), times=None)
    line.at("command", "literal", drop, times=None)
    line.at("command", "rest", drop, times=None)


@mark(timeout=240)
def test_quota_full(t):
    """The mail goes out all the same; its copy in Sent follows when there is room."""
    want = sent(ready_to_answer(Scene(t, "calm", "implicit")))
    scene = Scene(t, "broken", "implicit")
    fill_up(scene.imap)
    ready_to_answer(scene)
    t.wait(scene.customer.messages, "the answer at the customer's", 60)
    error = (
        "Sent, but the copy in Sent is missing: "
        "The mailbox on 127.0.0.1 is full: delete something there."
    )
    t.wait(lambda: [m.get("error") for m in scene.outbox()] == [error], "the outbox to say so", 60)
    scene.term.keys("g", "o")
    scene.term.wait("the copy in Sent is missing")
    scene.answers_keys()
    t.equal(scene.rep.messages("Sent"), [], "copies in Sent")
    scene.imap.clear()
    scene.imap.cut_all()
    try_again(scene)
    t.equal(sent(scene), want, "the state afterwards")


def fill(path):
    """Writes until there is no room left."""
    fd = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(fd, b"\0" * 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(fd)


def test_full_disk(t):
    """A file system of a few megabytes, filled up while mail comes in."""
    if os.getuid():
        raise Skip("only root may mount the small file system")
    want = calm(t)
    disk = t.path("disk/x").rpartition("/")[0]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True)
    t.at_end(lambda: subprocess.run(["umount", "-l", disk], check=True))
    scene = Scene(t, "disk", "implicit")
    filler = f"{disk}/filler"
    scene.start()
    scene.term.wait(subject(4), 90)
    scene.wait_rest("the first pass")
    fill(filler)
    scene.change_elsewhere()
    try_again(scene)
    scene.term.wait("The disk is full: nothing was written. Make room; it goes on by itself.", 40)
    scene.answers_keys()
    os.unlink(filler)
    try_again(scene)
    scene.term.wait(subject(9), 90)
    scene.term.keys("g", "g", "j", "s")
    t.wait(lambda: scene.here(1, "is:starred"), "the star")
    scene.wait_rest()
    t.equal(scene.state(), want, "the state afterwards")
    scene.term.close()
