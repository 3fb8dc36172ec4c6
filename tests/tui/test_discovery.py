"""The welcome looks for the servers of an address while one goes on typing, and offers what it found."""
from support.lineserver import LineServer
from support.lookup import Lookup
from support.terminal import Tmux

NEEDS = ("mail",)
TIMEOUT = 120
PASSPHRASE = "correct horse battery"


def start(t, box, size=(80, 24)):
    env = {"SSL_CERT_FILE": box.ca_file}
    term = Tmux(t, [t.crmail_program, "--home", t.home()], *size, env)
    term.wait("Work email")
    return term


def test_a_workspace_mailbox_is_one_key_away(t):
    box = t.mailbox()
    asks = Lookup(t, box)
    asks.resolver.mx("firm.test", "aspmx.l.google.com")
    asks.resolver.gate.hold()
    term = start(t, box)
    term.type("anna@firm.test")
    term.keys("Enter")
    term.wait("Looking for the mail servers of firm.test")
    term.type("Anna Example")
    t.wait(lambda: asks.resolver.asked, "a question to the resolver")
    term.wait("Anna Example")  # typed while nobody has answered
    t.true("Sign in at" not in term.screen(), "nothing is decided yet")
    asks.resolver.gate.release()
    term.wait("This mailbox is at Google")
    screen = term.screen()
    t.true("Sign in at Google" in screen and "Anna Example" in screen, f"the form:\n{screen}")
    t.true("imap.firm.test" not in screen, f"no servers to fill in:\n{screen}")


def test_found_servers_connect_an_account(t):
    box = t.mailbox()
    box.deliver(b"From: a@client.test\nSubject: found you\nMessage-ID: <f1@client.test>\n\nx\n")
    asks = Lookup(t, box)
    domain = box.address.partition("@")[2]
    asks.resolver.srv("_imaps._tcp", domain, (0, 0, box.imaps_port, box.host))
    asks.resolver.srv("_submissions._tcp", domain, (0, 0, box.submissions_port, box.host))
    term = start(t, box)
    term.type(box.address)
    term.keys("Enter")
    term.wait("Found: reading at")
    t.true(f"Reading (IMAP)   {box.host}:{box.imaps_port}" in term.screen(), "where it will connect")
    term.keys(*["Tab"] * 6)
    term.wait("▸ Password")
    term.type(box.password)
    term.keys("Tab", "Tab")
    term.type(PASSPHRASE)
    term.keys("Tab")
    term.type(PASSPHRASE)
    term.keys("M-s")
    term.wait("Which CRM?", seconds=60)
    term.keys("Escape")
    term.wait(lambda screen: "Which CRM" not in screen)  # Esc and the next key are one otherwise
    term.wait("found you", seconds=60)


def test_everything_slow_leaves_the_form_alone(t):
    """Nobody ever answers: only crmail's own deadline can bring the last sentence."""
    box = t.mailbox()
    silent = LineServer(t, b"", lambda line: b"")
    asks = Lookup(t, box, imap=[f"127.0.0.1:{silent.port}"], smtp=[f"127.0.0.1:{silent.port}"])
    asks.resolver.gate.hold()
    asks.web.gate.hold()
    term = start(t, box)
    term.type("anna@firm.test")
    term.keys("Tab", "Tab", "Enter")
    term.wait("▸ Sign in")
    term.keys("Tab", "C-u")
    term.type("mx.firm.test:993")
    t.wait(lambda: asks.resolver.asked and asks.web.asked, "questions to both")
    term.wait("mx.firm.test:993")
    term.wait("firm.test did not answer in time: type its mail servers here.", seconds=30)
    screen = term.screen()
    for text in ("mx.firm.test:993", "smtp.firm.test:465", "with a password"):
        t.true(text in screen, f"{text}:\n{screen}")


def test_another_address_forgets_the_first(t):
    box = t.mailbox()
    asks = Lookup(t, box)
    asks.resolver.mx("firm.test", "aspmx.l.google.com")
    term = start(t, box)
    term.type("anna@firm.test")
    term.keys("Enter")
    term.wait("This mailbox is at Google")
    term.keys("Up", "BSpace")
    term.wait(lambda screen: "Sign in at Google" not in screen)
    term.keys("Enter")
    term.wait("There is no domain firm.tes: is the address right?")


def expected(found):
    """What the welcome has to say where `crmail discover` says this."""
    offers = found["offers"]
    if not offers:
        words = {"none": "No mail servers were found for", "no-domain": "There is no domain"}
        return words[found["result"]], "Reading (IMAP)"
    if "oauth" in offers[0]:
        button = f"Sign in at {offers[0]['provider']}, in the browser"
        return f"This mailbox is at {offers[0]['provider']}", button
    return f"Found: reading at {offers[0]['imap']}", f"Reading (IMAP)   {offers[0]['imap']}"


def test_the_welcome_says_what_discover_says(t):
    """Well-known domains, Workspace, Microsoft 365, plain IMAP, nothing found."""
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("firm.test", "aspmx.l.google.com")
    asks.resolver.mx("office.test", "office-test.mail.protection.outlook.com")
    asks.resolver.srv("_imaps._tcp", "plain.test", (0, 0, 993, "mx.plain.test"))
    asks.resolver.srv("_submissions._tcp", "plain.test", (0, 0, 465, "mx.plain.test"))
    asks.resolver.domain("empty.test")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 40)
    term.wait("Work email")
    seen = set()
    for domain in ("gmail.com", "outlook.com", "firm.test", "office.test", "plain.test", "empty.test", "away.test"):
        found = t.crmail("discover", f"anna@{domain}", "--json", code=None).json
        term.type(f"anna@{domain}")
        term.keys("Enter")
        news, field = expected(found)
        term.wait(news)
        t.true(field in term.screen(), f"{domain}: {field}\n{term.screen()}")
        seen.add(news)
        term.keys("Up", "C-u")
        term.wait(lambda screen, said=news: said not in screen)
    t.equal(len(seen), 5, f"different ends: {seen}")
