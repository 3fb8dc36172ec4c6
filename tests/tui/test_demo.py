"""The demo needs no server: its mail and contacts are there, and what is sent ends as sent."""
from support.terminal import Tmux

TIMEOUT = 120


def test_a_reply_in_the_demo_ends_as_sent(t):
    home = t.home()
    term = Tmux(t, [t.crmail_program, "--home", home, "--demo"])
    term.wait(lambda s: "Laura Palmer" in s and "Dafaneto" in s, 60)
    term.keys("r")
    term.wait("Re: Deadline order")
    term.type("Here it is.")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    term.wait("Sending to 1 person")

    def is_sent():
        mails = t.crmail("outbox", "--json").json["messages"]
        return [m["state"] for m in mails] == ["sent"]

    t.wait(is_sent, "the mail is sent and filed", 60)
    found = t.crmail("search", "in:Sent subject:deadline", "--json").json
    t.true(found["total"] >= 2, f"the copy stands in Sent: {found}")
