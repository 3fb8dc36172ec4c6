"""Writing mail at the keyboard, and what others read of it: completion, attachments, the own editor, and the bytes as Python's email package takes them apart."""
import os
from email.utils import getaddresses

from support.letters import letter, parse
from support.terminal import Tmux

TIMEOUT = 120
CLOCK = 1_793_000_000
PARAGRAPH = (
    "This is one long paragraph with a naïve café, a price of 12 € and two wide words, 見積 and 契約, "
    "so that it must be wrapped on its way and come out as the one line that was written."
)
TEXT = f"Hello,\n\n{PARAGRAPH}\n>not a quotation but typed so\nFrom here on\n indented\n-- \nMinh"
LONG_NAME = "Angebot für die große Ausschreibung der Stadtwerke, überarbeitete Fassung Nr. 17.pdf"


def start(t, mails, *more, size=(120, 40), env=None):
    """A Maildir account whose sendmail keeps each mail with its recipients in a file of its own."""
    for i, mail in enumerate(mails):
        t.write(f"mail/cur/{CLOCK}.{i}.x:2,", mail.as_bytes())
    for name in ("new", "tmp"):
        os.makedirs(os.path.join(t.path("mail"), name), exist_ok=True)
    out = t.path("out")
    os.makedirs(out)
    program = t.write(
        "sendmail.sh",
        f'#!/bin/sh\nn=$(ls "{out}" | grep -c eml)\necho "$@" > "{out}/$n.to"\n'
        f'cat > "{out}/$n.tmp" && mv "{out}/$n.tmp" "{out}/$n.eml"\n',
    )
    os.chmod(program, 0o755)
    t.crmail("account", "add", "work", "--email", "minh@ourfirm.example", "--maildir",
             t.path("mail"), "--sendmail", program, "--history", "all",
             "--set", "sent_copy=crmail", "--real-name", "Minh Nguyễn", *more)
    t.crmail("sync", "--once", "--json")
    t.send_at_once()
    keep = {"CRMAIL_TEST": "clock=" + t.write("clock", str(CLOCK)), "HOME": t.dir, **(env or {})}
    term = Tmux(t, [t.crmail_program, "--home", t.home()], *size, keep)
    term.wait("compose")
    return term


def from_laura(number=1, **headers):
    return letter("Laura Palmer <laura@dafaneto.example>", "minh@ourfirm.example",
                  "Terms and prices", "Hello Minh,\n\nthe board meets.\n\nLaura\n",
                  f"<laura{number}@dafaneto.example>", CLOCK - 3600 * number, **headers)


def type_lines(term, text):
    for i, line in enumerate(text.split("\n")):
        if i:
            term.keys("Enter")
        if line:
            term.type(line)


def send(t, term, people, number=0):
    """Through the sheet; the message and who gets it."""
    term.keys("M-s")
    term.wait(f"Send to {people} p")
    term.keys("Enter")
    term.wait("Sending to")
    path = t.path("out", f"{number}.eml")
    t.wait(lambda: os.path.exists(path), "the mail at sendmail", 40)
    with open(path, "rb") as f, open(t.path("out", f"{number}.to"), encoding="utf-8") as to:
        return parse(f.read()), to.read().split()


def unflow(text):
    """format=flowed put together again (RFC 3676): quoted lines keep their mark."""
    lines, is_open = [], False
    for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:]
        rest = rest[1:] if rest.startswith(" ") else rest
        if is_open and depth == lines[-1][0] and rest != "-- ":
            lines[-1] = (depth, lines[-1][1] + rest)
        else:
            lines.append((depth, rest))
        is_open = rest.endswith(" ") and rest != "-- "
    return "\n".join(">" * depth + (" " if depth and rest else "") + rest for depth, rest in lines)


def body_of(mail):
    part = mail.get_body(("plain",))
    return unflow(part.get_content())


def test_a_message_is_what_was_written(t):
    """People by completion and paste, subject, text and attachments come out of another program as they went in."""
    t.write(LONG_NAME, b"%PDF-1.4 \x00\x01\xff bytes")
    t.write("prices 2026.csv", "a;b\n1;ä\n".encode())
    term = start(t, [from_laura()])
    term.keys("c")
    term.wait("New message")
    term.type("pal")
    term.wait("Laura Palmer  laura@dafaneto.example")
    term.keys("Enter")
    term.wait("To       Laura Palmer <laura@dafaneto.example>,")
    term.keys("M-c")
    term.wait("Bcc")
    term.paste('"Krüger, Björn" <bjoern@tolabe.example>,\nTeam: Юлия <yulia@lebo.example>;')
    term.keys("Tab")
    term.wait('"Krüger, Björn" <bjoern@tolabe.example>, Юлия <yulia@lebo.example>')
    term.type("secret@ourfirm.example")
    term.keys("Tab")
    term.type("Grüße: 見積 for the new year and everything that comes with it, as discussed")
    term.keys("Tab")
    type_lines(term, TEXT)
    term.keys("M-a")
    term.wait("prices 2026.csv")
    term.type("angebot")
    term.wait(lambda s: "prices 2026.csv" not in s)
    term.keys("Enter")
    term.wait("Angebot für die große")
    term.paste(t.path("prices 2026.csv"))
    term.wait("Attach prices 2026.csv")
    term.keys("Enter")
    term.wait("prices 2026.csv  9 bytes")
    mail, to = send(t, term, 4)
    t.equal(
        {a for a in to if "@" in a} - {"minh@ourfirm.example"},  # the sender, behind -f
        {"laura@dafaneto.example", "bjoern@tolabe.example", "yulia@lebo.example", "secret@ourfirm.example"},
        "recipients",
    )
    t.equal(getaddresses([str(mail["From"])]), [("Minh Nguyễn", "minh@ourfirm.example")], "From")
    t.equal(getaddresses([str(mail["To"])]), [("Laura Palmer", "laura@dafaneto.example")], "To")
    t.equal([(a.display_name, a.addr_spec) for a in mail["Cc"].addresses],
            [("Krüger, Björn", "bjoern@tolabe.example"), ("Юлия", "yulia@lebo.example")], "Cc")
    t.equal((mail["Bcc"], b"secret" in mail.as_bytes()), (None, False), "nothing of Bcc")
    t.equal(str(mail["Subject"]),
            "Grüße: 見積 for the new year and everything that comes with it, as discussed", "Subject")
    t.true(mail["Message-ID"].endswith("@ourfirm.example>"), mail["Message-ID"])
    t.equal(body_of(mail), TEXT.replace(">not", "> not"), "text, a quotation by its mark")
    t.equal(mail.defects, [], "defects")
    files = {p.get_filename(): p for p in mail.iter_attachments()}
    t.equal(sorted(files), sorted([LONG_NAME, "prices 2026.csv"]), "names of the attachments")
    t.equal(files[LONG_NAME].get_content_type(), "application/pdf", "type of the offer")
    t.equal(files[LONG_NAME].get_content(), b"%PDF-1.4 \x00\x01\xff bytes", "bytes of the offer")
    t.equal(files["prices 2026.csv"].get_content(), "a;b\n1;ä\n", "the table")
    t.true(all(len(line) <= 998 for line in mail.as_bytes().splitlines()), "no line is too long")


def test_answers_name_what_they_answer(t):
    """Reply to all with every id of the conversation; a forward carries the files and answers nobody."""
    first = from_laura(2, cc="Denis <denis@dafaneto.example>, minh@ourfirm.example",
                       references="<a@x.example> <b@x.example>", in_reply_to="<b@x.example>")
    first.add_attachment(b"\x00terms", "application", "pdf", filename="terms.pdf")
    term = start(t, [first])
    term.wait("Terms and prices")
    term.keys("a")
    term.wait("Reply to all")
    term.type("Fine.")
    mail, to = send(t, term, 2)
    t.equal(getaddresses([str(mail["To"])]), [("Laura Palmer", "laura@dafaneto.example")], "To")
    t.equal(getaddresses([str(mail["Cc"])]), [("Denis", "denis@dafaneto.example")], "Cc")
    t.equal(mail["In-Reply-To"], "<laura2@dafaneto.example>", "In-Reply-To")
    t.equal(mail["References"].split(),
            ["<a@x.example>", "<b@x.example>", "<laura2@dafaneto.example>"], "References")
    text = body_of(mail).split("\n")
    t.equal((text[0], "> the board meets." in text, "> Laura" in text), ("Fine.", True, True),
            "answer and quotation")
    term.wait("compose")
    term.keys("f")
    term.wait("Forward")
    term.wait("terms.pdf")
    term.type("yulia@lebo.example")
    mail, to = send(t, term, 1, 1)
    t.equal((str(mail["Subject"]), mail["In-Reply-To"]), ("Fwd: Terms and prices", None), "head")
    t.true("the board meets." in body_of(mail), "the text goes along")
    t.equal([(p.get_filename(), p.get_content()) for p in mail.iter_attachments()],
            [("terms.pdf", b"\x00terms")], "and the file")


def editor(t, name, script):
    path = t.write(name, "#!/bin/sh\n" + script)
    os.chmod(path, 0o755)
    return path


def test_the_own_editor_gets_the_terminal_and_gives_it_back(t):
    """It reads keys of its own; its text comes back, a failure changes nothing, and Ctrl-C is its affair."""
    good = editor(t, "ed.sh", 'printf "EDITING: "; read -r word; stat -c "%a $word" "$1" > "$0.log"\n'
                              'printf "%s\\nGrüße\\n" "$word" > "$1"\n')
    term = start(t, [from_laura()], env={"EDITOR": good, "VISUAL": ""})
    term.keys("c")
    term.wait("New message")
    term.keys("Tab", "Tab")
    term.type("before")
    term.keys("M-e")
    term.wait("EDITING:")
    term.keys("o", "n", "e", "Enter")
    term.wait(lambda s: "Grüße" in s and "New message" in s and "before" not in s)
    with open(good + ".log", encoding="utf-8") as f:
        t.equal(f.read(), "600 one\n", "mode of the file, and the key that was read")
    t.equal(os.listdir(os.path.join(t.home(), "data", "edit")) if os.path.isdir(
        os.path.join(t.home(), "data", "edit")) else [], [], "files left behind")
    term.keys("C-z")
    term.wait("before")
    editor(t, "ed.sh", 'echo spoilt > "$1"; exit 3\n')
    term.keys("M-e")
    term.wait("The editor failed: the text stays as it was.")
    t.true("before" in term.screen(), "the text is there")
    editor(t, "ed.sh", 'echo READY; trap "" INT; read -r word; echo "after the interrupt" > "$1"\n')
    term.keys("M-e")
    term.wait("READY")
    term.keys("C-c", "Enter")
    term.wait("after the interrupt")
    os.unlink(good)
    term.keys("M-e")
    term.wait("The editor cannot be started")
    term.keys("Escape")
    term.wait("crmail  Inbox")


def test_a_paste_of_a_megabyte_is_one_step(t):
    """Everything arrives, the next key is answered, and one undo takes all of it back."""
    line = "The quick brown fox jumps over the lazy dog and the ÄÖÜ. " * 3 + "\n"
    text = line * (1_000_000 // len(line.encode())) + "THE END"
    term = start(t, [from_laura()])
    term.keys("c")
    term.wait("New message")
    term.keys("Tab", "Tab")
    term.type("first ")
    term.paste(text)
    term.wait("THE END", 60)
    term.keys("Up", "Down", "End")
    term.type(" and more")
    term.wait("THE END and more")
    term.keys("C-z", "C-z", "C-z")
    term.wait(lambda s: "first" in s and "THE END" not in s)
    term.keys("Escape")
    term.wait("Draft saved")
