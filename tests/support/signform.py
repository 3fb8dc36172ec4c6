"""The form of a new account on the screen, for one that is signed in to in the browser."""
from . import lookup
from .terminal import Tmux

PASSPHRASE = "correct horse battery"


def letter(box, subject):
    box.deliver(
        f"From: Laura <laura@elsewhere.test>\nSubject: {subject}\n"
        f"Message-ID: <{subject.replace(' ', '.')}@elsewhere.test>\n\nHello.\n".encode()
    )


def start(t, box, env):
    lookup.quiet(t)
    return Tmux(
        t, [t.crmail_program, "--home", t.home()], env={"SSL_CERT_FILE": box.ca_file, **env}
    )


def offer(box, office, imap=None, **more):
    """What the form calls Google is the run's own provider, with the run's own mail servers."""
    office.configure(
        "google",
        imap=f"{box.host}:{imap or box.imaps_port}",
        smtp=f"{box.host}:{box.submissions_port}",
        **more,
    )


def fill_in(term, box, passphrase=PASSPHRASE):
    """The form of a new account that is signed in to in the browser, up to its button."""
    term.wait("Work email")
    term.type(box.address)
    term.keys("Tab")
    term.wait("Reading (IMAP)")  # nothing was found: all fields
    term.keys("Tab", "Right", "Right", "Right", "Tab")
    if passphrase:
        term.type(passphrase)
        term.keys("Tab")
        term.type(passphrase)
        term.keys("Tab")
    else:
        term.wait(lambda screen: "Passphrase" not in screen)
    term.keys("Right", "Tab", "Tab", "Tab", "Tab")
    term.wait("▸ Sign in at Google")
    term.keys("Enter")
