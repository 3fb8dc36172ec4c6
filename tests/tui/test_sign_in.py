"""Signing in at a provider on the screen: the whole way of a new account, and once more when it is over."""
import os
import shlex
import types

from support.context import Skip
from support.httpline import HttpLine
from support.image import Image
from support.keyring import PASSWORD, Keyring
from support.proxy import Proxy
from support.signform import PASSPHRASE, fill_in, letter, offer, start

NEEDS = ("mail", "oidc")
TIMEOUT = 180


def test_an_account_comes_by_the_browser_and_is_mended_there(t):
    box, office = t.mailbox(), t.sign_in()
    letter(box, "before the fair")
    offer(box, office)
    term = start(t, box, office.browser(box.address))
    fill_in(term, box)
    term.wait("Which CRM?", seconds=60)
    t.true("You are signed in" in office.page(), f"the page: {office.page()}")
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise
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


def added(t, box, office):
    """An account of the command line; how to sign in again there, and what the screen is started with."""
    offer(box, office)
    env = office.browser(box.address) | {"SSL_CERT_FILE": box.ca_file}
    file = t.write("passphrase", PASSPHRASE + "\n")

    def account(*args):
        words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", "account", *args]
        t.run(["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"], env=env)

    account("add", "work", "--email", box.address, "--oauth", "google")
    return lambda: account("sign-in", "work"), env


def opened(t, box, env):
    term = start(t, box, env)
    term.wait("Passphrase of the saved passwords")
    term.type(PASSPHRASE)
    term.keys("Enter")
    return term


def test_a_screen_that_runs_learns_of_a_sign_in_at_the_command_line(t):
    box, office = t.mailbox(), t.sign_in()
    sign_in, env = added(t, box, office)
    office.take_back(box.address)
    term = opened(t, box, env)
    term.wait("does not accept this sign-in any more", seconds=60)
    letter(box, "after the fair")
    sign_in()
    term.wait("after the fair", seconds=60)


def test_a_connected_screen_sends_by_the_sign_in_of_this_moment(t):
    box, office = t.mailbox(), t.sign_in()
    sign_in, env = added(t, box, office)
    letter(box, "before the fair")
    t.send_at_once()
    term = opened(t, box, env)
    term.wait("before the fair", seconds=60)
    sign_in()
    term.keys("Enter")
    term.wait("Hello.")
    term.keys("r")
    term.wait("Re: before the fair")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: [m["state"] for m in t.crmail("outbox", "--json").json["messages"]] == ["sent"], "it sent", 60)


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


def hold(link, unit):
    """It comes when the line is released."""
    link.wait_until_released(60)
    return unit.raw


def test_esc_while_a_code_is_redeemed_leaves_nothing_at_the_provider(t):
    box, office = t.mailbox(), t.sign_in()
    line = HttpLine(t, types.SimpleNamespace(url=office.url))
    line.at("answer", "POST token", hold)
    offer(box, office, token=f"http://127.0.0.1:{line.port}/token")
    term = start(t, box, office.browser(box.address))
    fill_in(term, box)
    t.wait(lambda: line.count("answer", "POST token"), "the provider's answer", 60)
    t.true(term.copied().startswith(f"{office.url}/auth?"), "the address in the clipboard")
    term.keys("Escape")
    term.wait("Stopped; nothing was saved.")
    t.equal(office.events(box.address, what="revoked"), [], "before the answer is there")
    line.release()
    t.wait(lambda: office.events(box.address, what="revoked"), "the grant taken back", 60)
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")


def test_removal_with_locked_passwords_says_what_stays(t):
    box, office = t.mailbox(), t.sign_in()
    offer(box, office)
    env = office.browser(box.address) | {"SSL_CERT_FILE": box.ca_file}
    file = t.write("passphrase", PASSPHRASE + "\n")
    words = ["--passphrase-fd", "3", "account", "add", "work", "--email", box.address, "--oauth", "google"]
    words = [t.crmail_program, "--home", t.home(), *words]
    t.run(["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"], env=env)
    term = start(t, box, env)
    term.wait("Passphrase of the saved passwords")
    term.keys("Escape")
    term.wait(lambda screen: "Passphrase of the saved passwords" not in screen)
    term.keys("g", "A", "#")
    term.wait("open the saved passwords first")
    term.keys("Down", "Enter")
    term.wait("Passphrase of the saved passwords")
    term.keys("Escape")
    term.wait(lambda screen: "Passphrase of the saved passwords" not in screen)
    term.keys("#")
    term.wait("remove it with its mail")
    term.keys("Down", "Down", "Down", "Enter")
    term.wait("still signed in at the provider until unlocked, or ended there")
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts")
    t.equal(office.events(box.address, what="revoked"), [], "nothing was told to the provider")


def look_into_memory(t, env, passphrase, *secrets):
    """After a sign-in and after a refresh: neither refresh tokens nor what opens the place they lie in."""
    if os.geteuid():
        raise Skip("only root can read the memory of a process that forbids it")
    box, office = t.mailbox(), t.sign_in()
    letter(box, "before the fair")
    line = Proxy(t, box, "imap")
    offer(box, office, line.port)
    planted = "a planted secret " + box.domain
    term = start(t, box, office.browser(box.address) | env | {"PLANTED": planted})
    fill_in(term, box, passphrase)
    term.wait("Which CRM?", seconds=60)
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise
    term.wait("before the fair", seconds=60)
    pid = t.crmail("status", "--json").json["host"]["pid"]
    image = Image(pid)
    t.true(image.holds(planted), "what was planted is found")
    tokens = [e["refresh_token"] for e in office.events(box.address)]
    t.true(not any(map(image.holds, tokens)), "refresh tokens after the sign-in")
    t.true(not any(map(image.holds, secrets)), "what opens them after the sign-in")
    line.refuse()
    office.expire(box.address)
    line.accept()
    letter(box, "after the fair")
    term.keys("C-r")
    term.wait("after the fair", seconds=60)
    renewed = [e["refresh_token"] for e in office.events(box.address)]
    t.true(len(renewed) > len(tokens), "a refresh")
    image = Image(pid)
    t.true(not any(map(image.holds, renewed)), "refresh tokens after a refresh")
    t.true(not any(map(image.holds, secrets)), "what opens them after a refresh")


def test_the_process_that_stays_holds_no_refresh_token_and_no_passphrase(t):
    look_into_memory(t, {}, PASSPHRASE, PASSPHRASE)


def test_the_process_that_stays_holds_nothing_of_the_keyring(t):
    keyring = Keyring(t)
    look_into_memory(t, keyring.env, None, PASSWORD)
    t.equal(len(keyring.items()), 2, "entries of the sign-in")
