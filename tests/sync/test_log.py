"""The log and the audit of a full run know every phase by numbers, and not one word of anybody's."""
import base64
import os
import quopri
import re
import stat
import time
import urllib.parse

from support.letters import letter
from support.terminal import Tmux

NEEDS = ("mail", "crm")
TIMEOUT = 180

# One word for each place from which text could come; none of them is a word of crmail's own.
CANARIES = {
    "subject": "wombatledger",
    "body": "axolotlpencil",
    "name": "Ibexumbrella",
    "address": "tapirmandolin",
    "domain": "quokkasextant",
    "message-id": "vicunagirder",
    "header": "okapilantern",
    "file": "narwhalcobalt",
    "answer": "pangolinfiddle",
    "password": "dugongtrellis",
    "contact": "Fossaharpoon",
    "partner": "Kudumarzipan",
    "search": "echidnavolcano",
    "folder": "gharialbiscuit",
}


def spellings(word):
    """The word as it is, and as mail, URLs and sign-ins spell it. Short words would be anywhere."""
    raw = word.encode()
    assert len(raw) >= 8, word
    yield word.lower()
    yield urllib.parse.quote(word, safe="").lower()
    yield "".join(f"%{b:02x}" for b in raw)
    yield quopri.encodestring(raw).decode().lower()
    yield raw.hex()
    for shift in range(3):  # wherever it begins in a group of three bytes
        text = base64.b64encode(b"\0" * shift + raw).decode()
        yield text[4 if shift else 0 : len(text) - 4].lower()


def leaks(text, words):
    """What of `words` stands in the text, however it is spelt."""
    low = text.lower()
    return sorted(w for w in words if any(s in low for s in spellings(w)))


def log_files(t):
    return sorted(n for n in os.listdir(t.home()) if n.startswith("crmail.log"))


def log_text(t):
    text = ""
    for name in log_files(t):
        with open(os.path.join(t.home(), name), encoding="utf-8", errors="surrogateescape") as f:
            text += f.read()
    return text


def secrets(t, rep, customer, crm):
    """Everything that came from people or is secret in this run."""
    return [
        *CANARIES.values(),
        rep.address,
        customer.address,
        rep.password,
        crm.password,
        crm.anon_key,
        crm.stub.access_token(crm.email).split(".")[0],
        rep.domain,
    ]


def connected(t):
    rep = t.mailbox("minh")
    customer = t.mailbox(CANARIES["address"], f"{CANARIES['domain']}{t.id}.test")
    crm = t.crm(
        partners=[{"id": "P7", "name": CANARIES["partner"], "domain": customer.domain}],
        contacts=[
            {
                "id": "C1",
                "first_name": CANARIES["contact"],
                "email": customer.address,
                "partner_id": "P7",
            }
        ],
    )
    mail = letter(
        f"{CANARIES['name']} <{customer.address}>",
        rep.address,
        f"About the {CANARIES['subject']}",
        f"Please look at the {CANARIES['body']}.\n",
        f"<{CANARIES['message-id']}.{t.id}@{customer.domain}>",
        time.time() - 3600,
        x_more=CANARIES["header"],
    )
    mail.add_attachment(b"x" * 100, maintype="application", subtype="pdf",
                        filename=f"{CANARIES['file']}.pdf")
    rep.deliver(mail, customer.address)
    rep.append(CANARIES["folder"], letter("a@elsewhere.test", rep.address, "Other", "Other.\n",
                                          f"<other.{t.id}@elsewhere.test>").as_bytes())
    t.write("data/config", "[log]\nlevel = debug\n[send]\nundo_window = 0\n")
    t.crmail("account", "add", "work", *rep.account_args(), "--history", "all")
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all")
    return rep, customer, crm


def work(t, rep, customer, crm):
    """Reading, changing, searching and answering on the screen, with workers beside it."""
    term = Tmux(t, [t.crmail_program, "--home", t.home()])
    term.wait(CANARIES["subject"], 60)
    term.keys("s")
    term.keys("Enter")
    term.wait(CANARIES["body"])
    term.keys("r")
    term.wait("Re: About")
    term.type(CANARIES["answer"])
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(customer.messages, "the answer", 60)
    t.wait(lambda: rep.messages("Sent"), "the copy in Sent", 30)
    t.wait(lambda: len(crm.activities()) >= 2, "two activities in the CRM", 60)
    term.close()


def trouble(t, rep, crm):
    """A password that is refused, and a CRM that answers with errors."""
    good = rep.password
    rep.password = "wrong-" + CANARIES["password"]
    args = rep.account_args()
    rep.password = good
    t.crmail("account", "add", "second", *args, "--history", "all")
    crm.stub.refuse(500)
    t.crmail("sync", "--once", "--json", code=None, seconds=120)
    crm.stub.refuse(None)
    t.crmail("sync", "--once", "--json", code=None, seconds=120)


# Each phase by a line that only it writes.
PHASES = {
    "sign-in": r"note sync: account \d+ connected in \d+ ms",
    "refused sign-in": r"warn sync: account \d+: no connection: auth",
    "receive": r"note sync: account \d+: folder \d+: [1-9]\d* new",
    "bodies": r"note sync: account \d+: folder \d+: [1-9]\d* of \d+ bodies",
    "change": r"note sync: account \d+: op \d+ kind \d+ done",
    "send": r"note send: account \d+: mail \d+: handed",
    "sent": r"note send: account \d+: mail \d+: sent",
    "pass": r"note sync: account \d+: pass done",
    "pass of a host": r"debug sync: account \d+: nothing is due: done",
    "failed pass": r"warn sync: account \d+: pass auth",
    "crm pass": r"note crm: crm \d+: pass done",
    "imap command": r"debug imap: \d+ > ",
    "imap answer": r"debug imap: \d+ < OK",
    "smtp command": r"debug smtp: \S+ > 2 MAIL, RCPT\n",
    "smtp answer": r"debug smtp: \S+ < 250",
    "api": r"debug http: crm \d+: (GET|POST): status 20\d",
    "api error": r"warn http: crm \d+: (GET|POST): status 500",
    "copy": r"note store: daily copy: \d+ bytes",
}


def check_modes(t):
    wrong = []
    for folder, _, files in os.walk(t.home()):
        for path, want in [(folder, 0o700), *((os.path.join(folder, f), 0o600) for f in files)]:
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            is_ours = os.path.basename(path) != "config" and path != t.home()
            if is_ours and mode != want and not stat.S_ISSOCK(os.lstat(path).st_mode):
                wrong.append(f"{os.path.relpath(path, t.home())} {mode:o}")
    t.equal(wrong, [], "files and folders that others could read")


def test_log_of_a_full_run_names_phases_and_nobody(t):
    rep, customer, crm = connected(t)
    work(t, rep, customer, crm)
    t.crmail("search", CANARIES["search"], "--json")
    trouble(t, rep, crm)
    words = secrets(t, rep, customer, crm)
    text = log_text(t)
    t.show_on_failure("log", lambda: text[-20000:])
    missing = [name for name, line in PHASES.items() if not re.search(line, text)]
    t.equal(missing, [], "phases without a line")
    t.equal(leaks(text, words), [], "words of people in the log")
    t.equal([n for n in log_files(t) if os.stat(os.path.join(t.home(), n)).st_mode & 0o077], [],
            "logs that others could read")

    entries = t.crmail("log", "--json").json["entries"]
    t.equal(len(entries), text.count("\n"), "entries and lines")
    second = t.crmail("log", "--json", "--account", "second").json["entries"]
    t.true(second and all("account 2" in e["text"] or e["text"].startswith("2 ") for e in second),
           f"the entries of one account: {second}")
    t.equal({e["level"] for e in t.crmail("log", "--json", "--level", "warn").json["entries"]}
            - {"warn", "error"}, set(), "levels")
    t.equal(t.crmail("log", "--json", "--since", "2999-01-01").json["entries"], [], "the future")

    said = t.crmail("log", "--audit", "--json")
    t.equal(leaks(said.out, words), [], "words of people in the audit")
    audit = [(x["kind"], x["ok"], x.get("account"), x.get("crm")) for x in said.json["audit"]]
    for row in (("account", True, "1", None), ("sign-in", True, "1", None), ("send", True, "1", None),
                ("sign-in", True, None, "1"), ("sign-in", False, "2", None)):
        t.true(row in audit, f"{row} in the audit: {audit}")
    t.equal(audit.count(("send", True, "1", None)), 1, "sends")
    check_modes(t)


def test_planted_leak_is_caught(t):
    """The check above sees a word in each spelling that it could have in a log."""
    line = "2026-11-21T10:00:00Z note sync: folder 3: %s\n"
    words = list(CANARIES.values())
    t.equal(leaks(line % "2 new, 0 changed, 0 gone", words), [], "nothing to find")
    for word in words:
        for text in (
            word,
            word.upper(),
            urllib.parse.quote(f"/rest?x={word}", safe=""),
            base64.b64encode(f"\0minh\0{word}!".encode()).decode(),
            base64.b64encode(f"a{word}!!!".encode()).decode(),
            base64.b64encode(f"ab{word}??".encode()).decode(),
            word.encode().hex(),
        ):
            t.equal(leaks(line % text, words), [word], f"{text} in a line")
