"""From an address to the servers of its mailbox: every source, their order, and strangers that lie."""
from support import certs
from support.lineserver import LineServer
from support.lookup import Lookup, Web, config_xml

NEEDS = ("mail",)


def find(t, address, code=0):
    return t.crmail("discover", address, "--json", code=code).json


def only(t, found):
    t.equal((found["result"], len(found["offers"])), ("found", 1), "what was found")
    return found["offers"][0]


def silent(t):
    """A server that takes connections and never says anything."""
    return LineServer(t, b"", lambda line: b"")


def own(box):
    """The run's servers, as usual names."""
    return {"imap": [f"{box.host}:{box.imaps_port}"], "smtp": [f"{box.host}:{box.submissions_port}"]}


def test_well_known_domains_ask_nobody(t):
    asks = Lookup(t, t.mailbox())
    google = find(t, "anna@GMail.com")["offers"]
    t.equal([x["source"] for x in google], ["table"] * 3, "where it is from")
    t.equal([x.get("kind") for x in google], ["gmail", None, None], "without IMAP first")
    t.equal([x.get("oauth") for x in google], ["google", "google", None], "ways")
    t.equal(google[2]["imap"], "imap.gmail.com:993", "servers for a password")
    t.true(google[2]["app_password"], "a password of the mailbox alone will not do")
    outlook = find(t, "anna@outlook.com")["offers"]
    ways = [(x["oauth"], x.get("kind"), x["client"]) for x in outlook]
    t.equal(ways, [("microsoft", "graph", False), ("microsoft", None, False)], "consumer mailbox at Microsoft")
    words = t.crmail("discover", "anna@outlook.com").out
    t.true("Microsoft: sign in in the browser with --graph\n" in words, f"in words: {words}")
    t.true("with --oauth microsoft\n" in words and "--client-id" in words, f"in words: {words}")
    t.equal((asks.resolver.asked, asks.web.asked), ([], []), "questions")


def test_mx_tells_workspace_and_microsoft_365(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("firm.test", "aspmx.l.google.com", "alt1.aspmx.l.google.com")
    asks.resolver.mx("office.test", "office-test.mail.protection.outlook.com")
    asks.resolver.mx("new.test", "new-test.o-v1.mx.microsoft")
    for domain, *way in (("firm", "google", "gmail"), ("office", "microsoft", "graph"), ("new", "microsoft", "graph")):
        offer = find(t, f"anna@{domain}.test")["offers"][0]
        t.equal((offer["source"], offer["oauth"], offer["kind"]), ("mx", *way), domain)


def test_names_that_only_look_like_a_provider_are_none(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("trap.test", "aspmx.l.google.com.trap.test", "notgoogle.com")
    t.equal(find(t, "anna@trap.test", code=3), {"result": "none", "offers": []}, "what was found")


def test_srv_by_priority_over_tcp_too(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("firm.test", "mx.firm.test")
    asks.resolver.srv("_imaps._tcp", "firm.test", (20, 0, 993, "b.firm.test"), (10, 1, 993, "c.firm.test"), (10, 5, 993, "a.firm.test"))  # fmt: skip
    asks.resolver.srv("_submission._tcp", "firm.test", (0, 0, 587, "out.firm.test"))
    asks.resolver.srv("_submissions._tcp", "firm.test", (0, 0, 0, "."))
    asks.resolver.truncates = True
    offer = only(t, find(t, "anna@firm.test"))
    t.equal(
        (offer["source"], offer["imap"], offer["smtp"], offer["user"]),
        ("srv", "a.firm.test:993", "out.firm.test:587", "anna@firm.test"),
        "the offer",
    )
    t.true(("_imaps._tcp.firm.test", "SRV", "tcp") in asks.resolver.asked, "asked again by TCP")


def test_srv_of_a_provider_signs_in_there(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.srv("_imaps._tcp", "firm.test", (0, 0, 993, "imap.gmail.com"))
    asks.resolver.srv("_submissions._tcp", "firm.test", (0, 0, 465, "smtp.gmail.com"))
    offer = find(t, "anna@firm.test")["offers"][0]
    t.equal((offer["source"], offer["oauth"]), ("srv", "google"), "the offer")


def test_autoconfig_of_the_domain(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.domain("firm.test")
    asks.web.pages["/firm.test/.well-known/autoconfig/mail/config-v1.1.xml"] = (
        200,
        config_xml(("imap.%EMAILDOMAIN%", 143), ("smtp.firm.test", 587), "%EMAILLOCALPART%", "STARTTLS"),
    )
    offer = only(t, find(t, "anna+x@firm.test"))
    t.equal(
        (offer["source"], offer["imap"], offer["smtp"], offer["user"]),
        ("autoconfig", "imap.firm.test:143", "smtp.firm.test:587", "anna+x"),
        "the offer",
    )
    first = "/autoconfig.firm.test/mail/config-v1.1.xml?emailaddress=anna%2Bx%40firm.test"
    t.true(first in asks.web.asked, f"the domain's own host is asked: {asks.web.asked}")


def test_autoconfig_behind_a_bad_certificate_is_nothing(t):
    box = t.mailbox()
    bad = Web(t, box.ca_file.rpartition("/")[0], cert="other-ca")
    asks = Lookup(t, box, autoconfig=[f"https://{certs.GOOD_HOST}:{bad.port}/x"])
    asks.resolver.domain("firm.test")
    page = config_xml(("imap.firm.test", 993), ("smtp.firm.test", 465))
    bad.pages["/x"] = (200, page)
    t.equal(find(t, "anna@firm.test", code=3)["result"], "none", "what was found")
    t.equal(bad.asked, [], "requests that came through")


def test_hostile_descriptions_are_nothing(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.domain("firm.test")
    good = config_xml(("imap.firm.test", 993), ("smtp.firm.test", 465))
    where = "/autoconfig.firm.test/mail/config-v1.1.xml"
    for what, page in (
        ("cut", good[:-9]),
        ("a document type", b'<!DOCTYPE x [<!ENTITY a "b">]>' + good),
        ("a host that is none", good.replace(b"imap.firm.test", b"imap.firm.test:1/../x")),
        ("no encryption", good.replace(b"SSL", b"plain")),
        ("larger than it may be", good + b" " * (200 << 10)),
        ("deep", b"<clientConfig>" + b"<a>" * 100000),
        ("a page for people", b"<!doctype html><html><body>Welcome</body></html>"),
    ):
        asks.web.pages[where] = (200, page)
        t.equal(find(t, "anna@firm.test", code=3)["offers"], [], what)


def test_usual_names_last_and_only_where_servers_answer(t):
    box = t.mailbox()
    wrong = LineServer(t, b"hello\r\n", lambda line: b"what?\r\n")
    names = own(box)
    asks = Lookup(t, box, imap=[f"127.0.0.1:{wrong.port}", *names["imap"]], smtp=names["smtp"])
    asks.resolver.domain("firm.test")
    offer = only(t, find(t, "anna@firm.test"))
    t.equal(
        (offer["source"], offer["imap"], offer["smtp"], offer["tls"]),
        ("guess", names["imap"][0], names["smtp"][0], "implicit"),
        "the offer",
    )
    t.true(all("anna" not in repr(x) for x in wrong.lines), f"nobody signs in: {wrong.lines}")


def test_nothing_found_is_said(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.domain("firm.test")
    t.equal(find(t, "anna@firm.test", code=3), {"result": "none", "offers": []}, "a domain without")
    t.equal(find(t, "anna@frim.test", code=3)["result"], "no-domain", "a domain that is not there")
    words = t.crmail("account", "add", "work", "--email", "anna@frim.test", code=None)
    t.true("no such domain" in words.err, f"in words: {words.err}")


def test_nobody_to_ask_is_offline(t):
    box = t.mailbox()
    asks = Lookup(t, box, autoconfig=[], resolver="127.0.0.1:1")
    t.equal(find(t, "anna@firm.test", code=3)["result"], "offline", "the result")
    t.equal(asks.resolver.asked, [], "questions")


def test_everything_slow_ends_by_itself(t):
    """Nobody ever answers, so that only crmail's own deadline can end it."""
    box = t.mailbox()
    quiet = silent(t)
    asks = Lookup(t, box, imap=[f"127.0.0.1:{quiet.port}"], smtp=[f"127.0.0.1:{quiet.port}"])
    asks.resolver.domain("firm.test")
    asks.resolver.gate.hold()
    asks.web.gate.hold()
    t.equal(find(t, "anna@firm.test", code=3), {"result": "slow", "offers": []}, "the result")
    t.true(asks.resolver.asked and asks.web.asked, "both were asked")
    t.equal(quiet.came, 2, "the usual names were tried after them")


def test_a_slow_resolver_does_not_hide_what_answers(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.gate.hold()
    page = config_xml(("imap.firm.test", 993), ("smtp.firm.test", 465))
    asks.web.pages["/autoconfig.firm.test/mail/config-v1.1.xml"] = (200, page)
    t.equal(only(t, find(t, "anna@firm.test"))["source"], "autoconfig", "the source")


def test_forged_answers_are_waited_out(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("firm.test", "aspmx.l.google.com")
    asks.resolver.liar = lambda answer: bytes([answer[0] ^ 1]) + answer[1:2] + b"\x81\x83" + answer[4:]  # fmt: skip
    t.equal(find(t, "anna@firm.test")["offers"][0]["oauth"], "google", "the offer")


def test_account_add_takes_what_was_found_when_told(t):
    box = t.mailbox()
    box.deliver(b"From: a@elsewhere.test\nSubject: one\nMessage-ID: <d1@elsewhere.test>\n\nx\n")
    asks = Lookup(t, box, **own(box))
    asks.resolver.domain(box.address.partition("@")[2])
    words = ["account", "add", "work", "--email", box.address, "--ca", box.ca_file]
    words += ["--password-command", box.password_command(), "--set", "sent_copy=crmail"]
    asked = t.crmail(*words, code=2)
    t.true("--found" in asked.err and own(box)["imap"][0] in asked.err, f"what it says: {asked.err}")
    t.equal(t.crmail("status", "--json").json["accounts"], [], "accounts so far")
    t.crmail(*words, "--found", "--test", "--history", "all")
    t.equal(t.crmail("sync", "--once", "--json").json["accounts"][0]["new"], 1, "mail that came")


def test_the_log_names_no_address(t):
    asks = Lookup(t, t.mailbox())
    asks.resolver.mx("secretfirm.test", "aspmx.l.google.com")
    t.crmail("account", "add", "work", "--email", "anna@secretfirm.test", "--found", code=None)
    with open(t.path("data/crmail.log"), encoding="utf-8") as f:
        log = f.read()
    t.true("discovery" in log, f"it is logged:\n{log}")
    t.true("secretfirm" not in log and "anna" not in log, f"neither address nor domain:\n{log}")
