"""Signing in at a provider on the screen: the whole way of a new account, and once more when it is over."""
from support.terminal import Tmux

NEEDS = ("mail", "oidc")
TIMEOUT = 180
PASSPHRASE = "correct horse battery"


def letter(box, subject):
    box.deliver(
        f"From: Laura <laura@elsewhere.test>\nSubject: {subject}\n"
        f"Message-ID: <{subject.replace(' ', '.')}@elsewhere.test>\n\nHello.\n".encode()
    )


def start(t, box, env):
    return Tmux(
        t, [t.crmail_program, "--home", t.home()], env={"SSL_CERT_FILE": box.ca_file, **env}
    )


def offer(box, office):
    """What the form calls Google is the run's own provider, with the run's own mail servers."""
    office.configure(
        "google",
        imap=f"{box.host}:{box.imaps_port}",
        smtp=f"{box.host}:{box.submissions_port}",
    )


def fill_in(term, box):
    """The form of a new account that is signed in to in the browser, up to its button."""
    term.wait("Work email")
    term.type(box.address)
    term.keys("Tab", "Tab", "Right", "Tab")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab", "Right", "Tab", "Tab")
    term.wait("▸ Test and add")
    term.keys("Enter")


def test_an_account_comes_by_the_browser_and_is_mended_there(t):
    box, office = t.mailbox(), t.sign_in()
    letter(box, "before the fair")
    offer(box, office)
    term = start(t, box, office.browser(box.address))
    fill_in(term, box)
    term.wait("Which CRM?", seconds=60)
    t.true("You are signed in" in office.page(), f"the page: {office.page()}")
    term.keys("Escape")
    term.wait("before the fair", seconds=60)
    term.keys("Q")
    term.wait_end()
    office.take_back(box.address)
    term = start(t, box, office.browser(box.address))
    term.wait("Passphrase of the saved passwords")
    term.type(PASSPHRASE)
    term.keys("Enter")
    term.wait("The saved passwords are open.", seconds=60)
    term.wait("does not accept this sign-in any more", seconds=60)
    t.true("before the fair" in term.screen(), "what is here can be read meanwhile")
    letter(box, "after the fair")
    term.keys("g", "A", "s")
    term.wait("Signed in.", seconds=60)
    term.keys("g", "i")
    term.wait("after the fair", seconds=60)


def test_a_browser_that_says_no_leads_back_to_the_form(t):
    box, office = t.mailbox(), t.sign_in()
    offer(box, office)
    term = start(t, box, office.browser(box.address, "deny"))
    fill_in(term, box)
    term.wait("Access was not granted at Office.", seconds=60)
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")
    term.keys("Escape")
    term.wait("Work email")
    t.true(box.address in term.screen(), "what was typed is still there")
