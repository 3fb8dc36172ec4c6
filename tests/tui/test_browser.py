"""Signing in with a real browser at a real provider: what the browser shows at the end, and what the screen does."""
import re
import urllib.parse

from support.signform import fill_in, letter, offer, start

NEEDS = ("mail", "oidc", "chromium")
TIMEOUT = 120
PHONE = (360, 640)
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
OVERHANG = "document.documentElement.scrollWidth - innerWidth"


def begun(t):
    """(mailbox, provider, browser, terminal): a new account was filled in and its button pressed."""
    box, office, chromium = t.mailbox(), t.sign_in(), t.chromium()
    letter(box, "before the fair")
    offer(box, office)
    term = start(t, box, chromium.env)
    fill_in(term, box)
    return box, office, chromium, term


def log_in(t, page, who):
    """The provider knows from crmail whose mailbox it is about, and asks for the password."""
    field = "(document.querySelector('input[name=login]') || {}).value"
    t.wait(lambda: page.ask(field) == who, "the address in the provider's form", 30)
    page.type("input[name=password]", "anything")
    page.click("button[type=submit]")


def agree(page):
    """It asks whether crmail may."""
    page.wait("Authorize")
    page.click("button[type=submit]")


def ends(t, page, *words):
    """What the person reads in the end: this and nothing else."""
    text = page.wait(words[0])
    t.equal(text.split("\n\n"), list(words), "the page")
    t.equal(page.ask("document.title"), f"{words[0]} · crmail", "its title")


def signed_in(t, page):
    ends(
        t,
        page,
        "You are signed in",
        "Go back to the terminal: it goes on there by itself.",
        "You can close this page.",
    )


def read(term):
    """The account is there, and its mail can be read."""
    term.wait("Which CRM?", seconds=60)
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise
    term.wait("before the fair", seconds=60)
    term.keys("Enter")
    term.wait("Hello.")


def accounts(t):
    return [a["status"] for a in t.crmail("status", "--json").json["accounts"]]


def test_who_agrees_in_the_browser_reads_mail_in_the_terminal(t):
    box, office, chromium, term = begun(t)
    page = chromium.page()
    log_in(t, page, box.address)
    agree(page)
    signed_in(t, page)
    seen = []
    for dark in (False, True):
        page.look(PHONE, dark)
        seen.append(page.ask(BACKGROUND))
        t.true(page.ask(OVERHANG) <= 0, "it fits a phone")
    t.true(seen[0] != seen[1], f"light and dark: {seen}")
    read(term)
    # The address of the page has the code in it: loading it once more redeems nothing and breaks nothing.
    page.reload()
    t.wait(lambda: page.url().startswith("chrome-error:"), "nobody listens there any more")
    t.equal([e["grant"] for e in office.events(box.address)], ["authorization_code"], "granted")
    t.equal(office.events(box.address, what="revoked"), [], "taken back")
    t.equal(accounts(t), ["connected"], "accounts")


def test_who_says_no_can_begin_again(t):
    box, _, chromium, term = begun(t)
    page = chromium.page()
    log_in(t, page, box.address)
    page.wait("Authorize")
    page.click("a[href$='/abort']")
    ends(
        t,
        page,
        "You are not signed in",
        "Access was not granted at Office.",
        "Go back to the terminal: you can try again there. You can close this page.",
    )
    term.wait("Access was not granted at Office.", seconds=60)
    t.equal(accounts(t), [], "accounts")
    term.wait("▸ Sign in")
    term.keys("Enter")
    page = chromium.page()
    agree(page)  # the provider remembers the person
    signed_in(t, page)
    read(term)


def shown(term):
    """The address on the screen, which has it in several lines."""
    screen = term.wait("Waiting for you to sign in")
    return re.sub(r"\s", "", re.search(r"http.*?(?=\n\s*\n)", screen, re.S).group(0))


def test_neither_another_state_nor_a_closed_page_ends_the_wait(t):
    box, office, chromium, term = begun(t)
    page = chromium.page()
    address = shown(term)
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
    other = chromium.open(f"{asked['redirect_uri']}?code=anything&state=another&iss={office.url}")
    ends(
        t,
        other,
        "This is not the sign-in that was begun",
        "The answer belongs to another sign-in, or to one that is over; it changed nothing.",
        "Close this page. If the terminal still waits, go on in the page that it opened; "
        "otherwise begin again there.",
    )
    page.close()
    t.true("Waiting for you to sign in" in term.screen(), "it waits")
    page = chromium.open(address)
    log_in(t, page, box.address)
    agree(page)
    signed_in(t, page)
    read(term)
