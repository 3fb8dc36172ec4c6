"""A template from the command line to the recipient: installed, chosen with Ctrl-T, asked about, sent filled in; changed by hand, compared and restored."""
import os

from support.letters import letter, parse
from support.terminal import Tmux

TIMEOUT = 120
CLOCK = 1_795_168_800  # Friday 20 November 2026, 10:00 UTC
TEMPLATE = """---
name: Price list
subject: Prices for {{partner.name|default:you}}
lang: en
ask.list: Which price list?
---
Hi {{contact.name|first}},

here is price list {{list}}, valid until {{date+2w}}.

{{me.name}}
"""


def start(t):
    """A rep whose sendmail keeps the last mail."""
    mail = letter("Laura Palmer <laura@dafaneto.example>", "minh@ourfirm.example", "Terms", "Hello.\n",
                  "<laura@dafaneto.example>", CLOCK - 3600)
    t.write("mail/cur/1.x:2,S", mail.as_bytes())
    for name in ("new", "tmp"):
        os.makedirs(os.path.join(t.path("mail"), name), exist_ok=True)
    out = t.path("sent.eml")
    program = t.write("sendmail.sh", f'#!/bin/sh\ncat > "{out}.tmp" && mv "{out}.tmp" "{out}"\n')
    os.chmod(program, 0o755)
    t.crmail("account", "add", "work", "--email", "minh@ourfirm.example", "--maildir", t.path("mail"),
             "--sendmail", program, "--history", "all", "--set", "sent_copy=crmail",
             "--real-name", "Minh Nguyễn")
    t.crmail("sync", "--once", "--json")
    t.send_at_once()
    keep = {"CRMAIL_TEST": "clock=" + t.write("clock", str(CLOCK)), "TZ": "UTC", "HOME": t.dir}
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 30, keep)
    term.wait("compose")
    return term, out


def test_a_template_is_sent_filled_in(t):
    """What the recipient gets has every variable filled in; with one left, nothing is sent."""
    t.write("data/templates/prices.md", TEMPLATE)
    t.write("data/templates/wrong.md", "Hi {{contact.age}}")
    term, out = start(t)
    term.keys("w")
    term.wait("here is price list {{list}}, valid until 4 December 2026.")
    term.wait("broken")
    term.keys("Enter")
    term.wait("Which price list?")
    term.type("2027")
    term.keys("Enter")
    term.wait("here is price list 2027")
    term.type("{{more}}")
    term.keys("M-s")
    term.wait("{{more}} is not filled in.")
    term.keys("Enter", "Escape")
    term.wait(lambda s: "Esc back to the message" not in s)
    term.keys("Delete")  # it is selected
    term.wait(lambda s: "{{more}}" not in s)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: os.path.exists(out), "the mail at sendmail", 40)
    with open(out, "rb") as f:
        raw = f.read()
    text = parse(raw).get_body(("plain",)).get_content().replace("\r\n", "\n")
    t.true(text.startswith("Hi Laura,\n\nhere is price list 2027, valid until 4 December 2026.\n\n"
                           "Minh Nguyễn\n"), text)
    t.true(b"{{" not in raw, "no variable is left")


def test_templates_are_kept_by_the_command_line(t):
    """Installed ones are whole, a changed one is compared and brought back, a broken one is told."""
    t.equal(t.crmail("template", "list", "--json").json, {"templates": []})
    t.crmail("template", "install", "en", "de", "vi")
    t.equal(len(t.crmail("template", "list", "--json").json["templates"]), 30)
    path = t.path("data", "templates", "en", "renewal.md")
    with open(path, encoding="utf-8") as f:
        first = f.read()
    with open(path, "a", encoding="utf-8") as f:
        f.write("P.S. {{nothing\n")
    told = t.crmail("template", "check", code=4).out
    t.true(told.startswith("en/renewal.md: Line ") and "is not closed on its line." in told, told)
    t.true("+ P.S. {{nothing" in t.crmail("template", "diff", "en/renewal").out, "the line is shown")
    version = t.crmail("template", "versions", "en/renewal", "--json").json["versions"][0]["id"]
    t.crmail("template", "restore", "en/renewal", version)
    with open(path, encoding="utf-8") as f:
        t.equal(f.read(), first)
    t.equal(len(t.crmail("template", "versions", "en/renewal", "--json").json["versions"]), 3)
    t.crmail("template", "check")
    shown = t.crmail("template", "show", "de/offer-sent", "--set", "offer=17", "--set", "me.name=Minh")
    t.true("Angebot 17." in shown.out and "{{" not in shown.out, shown.out)
    shown = t.crmail("template", "show", "de/offer-sent", code=4)
    t.true("{{offer}}" in shown.out and "--set offer=TEXT" in shown.err, shown.err)
