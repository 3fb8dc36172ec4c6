"""From nothing to mail by one key: a mailbox at Google through the Gmail API, one at Microsoft through Graph."""
import json
import os
import stat
import time

from support.browser import Browser
from support.gmail import Gmail
from support.graphdesk import PASSPHRASE, GraphDesk
from support.letters import letter
from support.lookup import Lookup
from support.terminal import Tmux

NEEDS = ("mail", "oidc")
TIMEOUT = 180
SIZES = {"small": (80, 24), "usual": (120, 40), "large": (200, 50)}


def mail(to, subject):
    return letter("Laura <laura@client.test>", to, subject, "Hello.\n", "<one@client.test>", int(time.time()) - 86400).as_bytes()


def looked_up(t):
    """Discovery that knows the run's two domains by their mail exchangers."""
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("example.test", "aspmx.l.google.com")
    asks.resolver.mx("contoso.test", "contoso-test.mail.protection.outlook.com")
    return asks


def start(t, env, size=SIZES["small"]):
    term = Tmux(t, [t.crmail_program, "--home", t.home()], *size, env)
    term.wait("Work email")
    return term


def passphrase(term):
    """The sign-in asks for it, because no keyring runs here."""
    term.wait("▸ Passphrase")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("Tab", "Enter")


def skip_crm(term):
    term.wait("Which CRM?", seconds=60)
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise


def account(t):
    return [line.split("\t") for line in t.crmail("account", "list").out.splitlines()]


def google(t, client="crmail-test"):
    """(mailbox, provider's words): what crmail calls Google is the run's own provider and emulator."""
    box = Gmail(t, [mail("alice@example.test", "the price list")])
    service = {"scope": "openid offline_access email mail", "api": box.line.url}
    box.office.configure("google", client=client, services={"gmail": service})
    return box


def test_gmail_is_one_key_after_the_address(t):
    looked_up(t)
    box = google(t)
    term = start(t, box.office.browser(box.who), SIZES["usual"])
    term.type(box.who)
    term.keys("Enter")
    term.wait("This mailbox is at Google: Alt-S signs in there")
    term.type("Alice")
    term.keys("Enter")
    term.wait("▸ Sign in at Google, in the browser")
    term.keys("Enter")
    passphrase(term)
    skip_crm(term)
    term.wait("the price list", seconds=60)
    t.equal(account(t), [["example", "gmail", box.who]], "accounts")
    t.true(box.line.count("GET", "/messages"), "the Gmail API is asked")


def test_graph_is_one_key_after_the_address(t):
    looked_up(t)
    desk = GraphDesk(t)
    desk.stub.deliver(mail(desk.stub.address, "the price list"))
    term = start(t, desk.browser(), SIZES["large"])
    term.type(desk.stub.address)
    term.keys("Enter")
    term.wait("This mailbox is at Microsoft: Alt-S signs in there")
    term.keys("M-s")
    passphrase(term)
    skip_crm(term)
    term.wait("the price list", seconds=60)
    t.equal(account(t), [["contoso", "graph", desk.stub.address]], "accounts")


def test_graph_by_a_code_on_another_device(t):
    looked_up(t)
    desk = GraphDesk(t)
    desk.stub.deliver(mail(desk.stub.address, "the price list"))
    term = start(t, {"BROWSER": "/bin/false"})
    term.type(desk.stub.address)
    term.keys("Enter")
    term.wait("This mailbox is at Microsoft")
    term.keys("M-s")
    passphrase(term)
    term.wait("Waiting for you to sign in")
    term.keys("Tab", "Tab")
    term.wait("▸ Use a code on another device")
    term.keys("Enter")
    term.wait("and type this code there:")
    code = next(iter(desk.stub.devices()))
    t.true(code in term.screen(), "the code is shown")
    desk.stub.device(code, "")
    skip_crm(term)
    term.wait("the price list", seconds=60)


def test_a_pasted_address_ends_the_sign_in(t):
    """The browser is on another machine: nothing of it comes to this one but what is pasted."""
    looked_up(t)
    box = google(t)
    kept = t.path("opened")
    browser = t.write("browser", f'#!/bin/sh\nprintf %s "$1" >{kept}.part && mv {kept}.part {kept}\n')
    os.chmod(browser, 0o755)
    term = start(t, {"BROWSER": browser}, SIZES["large"])
    term.type(box.who)
    term.keys("Enter")
    term.wait("This mailbox is at Google")
    term.keys("M-s")
    passphrase(term)
    t.wait(lambda: os.path.exists(kept), "the address that was opened")
    with open(kept, encoding="ascii") as f:
        address = f.read()
    term.wait("▸ Ended at")
    elsewhere = Browser(stops_at_callback=True)
    elsewhere.sign_in(address, box.who)
    term.type(elsewhere.url)
    term.keys("Enter")
    skip_crm(term)
    term.wait("the price list", seconds=60)


def test_a_missing_client_is_asked_for_once_and_kept(t):
    looked_up(t)
    desk = GraphDesk(t)
    desk.stub.deliver(mail(desk.stub.address, "the price list"))
    words = desk.stub.provider()
    client = words.pop("client_id")
    t.write("data/oauth/microsoft.json", json.dumps(words))
    term = start(t, desk.browser())
    term.type(desk.stub.address)
    term.keys("Enter")
    term.wait("crmail comes with none")
    term.keys("M-s")
    term.wait("▸ Client id")
    t.true("entra.microsoft.com" in term.screen(), f"where to get one:\n{term.screen()}")
    term.type(client)
    term.keys("Tab")
    term.type("contoso.test")
    term.keys("M-s")
    passphrase(term)
    skip_crm(term)
    term.wait("the price list", seconds=60)
    path = t.path("data/oauth/microsoft.json")
    with open(path, encoding="utf-8") as f:
        kept = json.load(f)
    t.equal((kept["client_id"], kept["tenant"]), (client, "contoso.test"), "what is kept")
    t.equal({k: kept[k] for k in words if k != "tenant"}, {k: words[k] for k in words if k != "tenant"}, "other words")
    t.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "who may read it")


def test_the_command_line_says_and_takes_the_same(t):
    looked_up(t)
    box = google(t, client="")
    refused = box.crmail("account", "add", "work", "--gmail", "--email", box.who, code=2)
    for words in ("client id", "--client-id", "google.json", "crmail-config(5)"):
        t.true(words in refused.err, f"{words}: {refused.err}")
    file = t.write("client_secret.json", json.dumps({"installed": {"client_id": "crmail-test"}}))
    done = box.crmail(
        "account", "add", "work", "--email", box.who, "--client-id", file, env=box.office.browser(box.who)
    )
    t.true("Google: sign in in the browser with --gmail" in done.err, f"what was found: {done.err}")
    t.equal(account(t), [["work", "gmail", box.who]], "accounts")
    t.equal(box.sync()["new"], 1, "new")
