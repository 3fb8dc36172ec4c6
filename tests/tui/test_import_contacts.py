"""Contacts imported from the palette are there at once: mail on the screen is theirs, and undo takes them back."""
import os
import time

from support.letters import letter
from support.terminal import Tmux

TIMEOUT = 120
ME = "minh@ourfirm.test"


def test_contacts_come_and_go_from_the_palette(t):
    folder = t.path("mail", "x")[:-2]
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    mail = letter("laura@alpha.test", ME, "price list", "Hello.\n", "<1@alpha.test>", time.time() - 600)
    with open(os.path.join(folder, "cur", "1:2,S"), "wb") as f:
        f.write(bytes(mail))
    t.write("mine/people.csv", "Name;E-Mail;Firma\nLaura Pálmer;laura@alpha.test;Dafaneto\nNobody;x;\n".encode("cp1252"))
    t.crmail(
        "account", "add", "work", "--email", ME, "--maildir", folder, "--sendmail", "false", "--history", "all"
    )
    t.crmail("sync", "--once")
    term = Tmux(t, [t.crmail_program, "--home", t.home()], 120, 30, env={"HOME": t.path("mine")})
    term.wait("price list")
    term.keys(":")
    term.type("import-con")
    term.keys("Enter")
    term.wait("people.csv")
    term.type("people")
    term.keys("Enter")
    term.wait("Nothing is written yet.")
    term.wait("Laura Pálmer, laura@alpha.test, Dafaneto")
    term.wait("line 3: Its address cannot be read.")
    t.equal(t.crmail("contact", "list", "--json").json["contacts"], [], "contacts before Enter")
    term.keys("Enter")
    term.wait("Imported: 1 new")

    def peers():
        hits = t.crmail("search", "price", "--json").json["messages"]
        return [(m.get("contact"), m.get("partner")) for m in hits]

    t.wait(lambda: peers() == [("local:1", "local:1")], "the mail to be hers")
    term.keys("Enter")
    term.wait("Dafaneto")  # her company beside the mail that was there before
    term.keys(":")
    term.type("import-con")
    term.keys("Enter")
    term.wait("people.csv")
    term.type("people")
    term.keys("Enter")
    term.wait("0 new, 0 updated, 1 unchanged")
    term.keys("Enter")
    term.wait("Imported: 0 new")
    t.true("takes it back" not in term.screen(), "nothing was done that could be taken back")
    term.keys("Enter")
    term.wait("Dafaneto")
    t.crmail("import", "contacts", "--undo")
    t.wait(lambda: peers() == [(None, None)], "the mail to be nobody's")
    term.wait(lambda s: "Dafaneto" not in s and "price list" in s)
    term.keys("q")
    term.wait_end()
