"""A small deterministic mailbox with everything that goes wrong in mailboxes, and the truth about it.

    make(folder, seed) writes folder/Maildir (Maildir++: INBOX, .Sent, .Projects) and returns a Corpus

What is in it: conversations in nine scripts and as many charsets and transfer encodings, answers
attached by References, In-Reply-To, by subject only, or to a mail that never came; attachments with
names in RFC 2231, RFC 2047 and plain; and the special cases below: copies, missing and stolen
Message-IDs, a mail in two folders, own mail to oneself, loops in References.
"""
import base64
import os
import quopri
import random
import time
from urllib.parse import quote

END = 1_793_000_000  # fixed, in October 2026: the same seed gives the same bytes for ever
ME = ("Minh Nguyễn", "minh@ourfirm.example")

# language -> (people, words, charsets)
VOICES = {
    "en": (
        ("Laura Palmer", "Tom Reed"),
        "offer price contract meeting deadline budget sample delivery quarter review".split(),
        ("us-ascii", "utf-8"),
    ),
    "de": (
        ("Björn Krüger", "Jürgen Weiß"),
        "Angebot Vertrag Lieferung Rückfrage Größe Prüfung Termin Maße Stückzahl".split(),
        ("iso-8859-1", "windows-1252"),
    ),
    "vi": (
        ("Trần Thị Hương", "Lê Đức"),
        "báo giá hợp đồng thời hạn khách hàng giao nhận đơn đặt".split(),
        ("utf-8",),
    ),
    "pl": (
        ("Łukasz Żak", "Zofia Wójcik"),
        "zamówienie umowa dostawa spotkanie cena próbka łączna".split(),
        ("iso-8859-2", "utf-8"),
    ),
    "ru": (
        ("Юлия Смирнова",),
        "договор поставка встреча цена сроки вопрос образец".split(),
        ("koi8-r", "windows-1251"),
    ),
    "ja": (("山田太郎",), "契約書 会議室 納期 価格表 資料 確認".split(), ("iso-2022-jp", "shift_jis", "euc-jp")),
    "zh": (("王小明",), "合同 报价单 会议 交货 样品 价格".split(), ("gb18030", "utf-8")),
    "zh-tw": (("陳大文",), "合約 報價單 會議 交貨 樣品 價格".split(), ("big5",)),
    "ko": (("김민준",), "계약서 견적 회의 납기 자료 확인".split(), ("euc-kr",)),
}
# Written in one message as the key and in another as the value: either finds both.
FOLDED = {
    "đặcbiệtxá": "dacbietxa",
    "łańcuszkowo": "lancuszkowo",
    "straßenfestlich": "strassenfestlich",
    "ｆｕｌｌｗｉｄｔｈ９": "fullwidth9",
    "smørrebrødsdag": "smorrebrodsdag",
    "ÉCLAIRCISSAGE": "eclaircissage",
}
CJK_PAIR, CJK_REVERSED = "見積", "積見"


class Letter:
    """One message before it is written, and what a correct reader finds in it."""

    def __init__(
        self, number, sender, to, subject, when, thread, words, charset="utf-8", message_id=True
    ):
        self.number, self.sender, self.to, self.subject, self.when = (
            number,
            sender,
            to,
            subject,
            when,
        )
        self.thread, self.words, self.charset = thread, words, charset
        domain = sender[1].partition("@")[2]
        self.message_id = f"m{number}.{when:x}@{domain}" if message_id else None
        self.references, self.in_reply_to = [], None
        self.encoding, self.form = "8bit", "plain"
        self.attachments = []  # (name, style)
        self.mark = f"marke{number:04d}x"  # a word that stands in this message only
        self.places = []  # (folder, file name)


class Corpus:
    """What make() made: `letters` holds each distinct message once."""

    def __init__(self, folder, letters):
        self.maildir = os.path.join(folder, "Maildir")
        self.letters = letters

    def by_file(self):
        """File name up to ":2," -> letter, copies included."""
        return {name: letter for letter in self.letters for _, name in letter.places}

    def threads(self):
        """The true conversations as a set of frozensets of numbers; letters without one left out."""
        groups = {}
        for letter in self.letters:
            if letter.thread is not None:
                groups.setdefault(letter.thread, set()).add(letter.number)
        return {frozenset(g) for g in groups.values()}


def _word(text, charset):
    """RFC 2047 encoded words, in UTF-8 where the charset lacks a letter; plain ASCII stays."""
    if text.isascii():
        return text
    try:
        pieces = [text[i : i + 12].encode(charset) for i in range(0, len(text), 12)]
    except UnicodeEncodeError:
        return _word(text, "utf-8")
    return "\n ".join(f"=?{charset}?B?{base64.b64encode(p).decode()}?=" for p in pieces)


def _person(person, charset):
    name, address = person
    quoted = f'"{name}"' if name.isascii() else _word(name, charset)
    return f"{quoted} <{address}>"


def _encode(text, charset, encoding):
    raw = text.encode(charset)
    if encoding == "base64":
        return base64.encodebytes(raw)
    return quopri.encodestring(raw) if encoding == "quoted-printable" else raw


def _part(subtype, text, charset, encoding):
    head = f"Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + _encode(text, charset, encoding) + b"\n"


def _file_name(name, style):
    if style == "2231":
        return f"filename*=utf-8''{quote(name, safe='')}"
    if style == "2231-split":
        coded = quote(name, safe="")
        half = (
            coded.rfind("%", 0, len(coded) // 2 + 1)
            if "%" in coded[: len(coded) // 2]
            else len(coded) // 2
        )
        return f"filename*0*=utf-8''{coded[:half]};\n filename*1*={coded[half:]}"
    return f'filename="{_word(name, "utf-8") if style == "2047" else name}"'


def _attachment(name, style, rng):
    data = base64.encodebytes(rng.randbytes(rng.randint(50, 900)))
    return (
        f"Content-Type: application/octet-stream\nContent-Disposition: attachment; {_file_name(name, style)}\n"
        "Content-Transfer-Encoding: base64\n\n"
    ).encode() + data


def _multi(kind, parts, number):
    edge = f"=_edge_{kind}_{number}"
    body = b"".join(b"--" + edge.encode() + b"\n" + p + b"\n" for p in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{edge}"\n\n'.encode()
        + body
        + b"--"
        + edge.encode()
        + b"--\n"
    )


def _body(letter, rng):
    words = " ".join(letter.words + [letter.mark])
    text = (
        words + "\n\nMit Gruß\n"
        if letter.charset in ("utf-8", "iso-8859-1", "windows-1252")
        else words + "\n"
    )
    markup = f"<html><body><p>{words}</p></body></html>\n"
    if letter.form == "html":
        body = _part("html", markup, letter.charset, letter.encoding)
    elif letter.form == "alternative":
        body = _multi(
            "alternative",
            [
                _part("plain", text, letter.charset, letter.encoding),
                _part("html", markup, letter.charset, "quoted-printable"),
            ],
            letter.number,
        )
    else:
        body = _part("plain", text, letter.charset, letter.encoding)
    if letter.attachments:
        body = _multi(
            "mixed", [body] + [_attachment(n, s, rng) for n, s in letter.attachments], letter.number
        )
    return body


def render(letter, rng, received="mx.ourfirm.example"):
    """The message as bytes, LF line ends."""
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(letter.when))
    head = [
        f"Return-Path: <{letter.sender[1]}>",
        f"Received: from {letter.sender[1].partition('@')[2]} by {received}; {stamp}",
        f"From: {_person(letter.sender, letter.charset)}",
        f"To: {', '.join(_person(p, letter.charset) for p in letter.to)}",
        f"Subject: {_word(letter.subject, letter.charset)}",
        f"Date: {stamp}",
    ]
    if letter.message_id:
        head.append(f"Message-ID: <{letter.message_id}>")
    if letter.in_reply_to:
        head.append(f"In-Reply-To: <{letter.in_reply_to}>")
    if letter.references:
        head.append("References: " + "\n ".join(f"<{r}>" for r in letter.references))
    return "\n".join(head).encode() + b"\nMIME-Version: 1.0\n" + _body(letter, rng)


class _Maker:
    def __init__(self, folder, seed):
        self.rng = random.Random(seed)
        self.folder, self.letters, self.files = folder, [], 0

    def letter(self, sender, to, subject, when, thread, words, **kw):
        made = Letter(len(self.letters) + 1, sender, to, subject, when, thread, words, **kw)
        self.letters.append(made)
        return made

    def put(self, letter, raw, folder="INBOX", flags="S"):
        where = os.path.join(self.folder, "Maildir", *([] if folder == "INBOX" else ["." + folder]))
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(where, sub), exist_ok=True)
        self.files += 1
        name = f"{letter.when}.F{self.files:05d}.mini"
        path = os.path.join(where, "cur", f"{name}:2,{flags}")
        with open(path, "wb") as f:
            f.write(raw)
        os.utime(path, (letter.when, letter.when))
        letter.places.append((folder, name))

    def write(self, letter, folder="INBOX", flags="S"):
        raw = render(letter, self.rng)
        self.put(letter, raw, folder, flags)
        return raw

    def conversation(self, thread, voice):
        """Two to six letters between us and one or two people."""
        rng = self.rng
        people, words, charsets = VOICES[voice]
        folks = [(name, f"p{thread}.{i}@{voice}{thread}.example") for i, name in enumerate(people)]
        joint = "" if voice in ("ja", "zh", "zh-tw") else " "
        subject = joint.join(rng.sample(words, 3)) + f" {thread}"
        when, before = END - rng.randint(0, 60) * 86400 - 9 * 86400, []
        for i in range(rng.randint(2, 6)):
            mine = i % 3 == 1
            sender, to = (ME, folks[:1]) if mine else (rng.choice(folks), [ME])
            letter = self.letter(
                sender,
                to,
                subject if i == 0 else rng.choice(("Re: ", "AW: ", "回复: ", "Fwd: ")) + subject,
                when,
                thread,
                rng.choices(words, k=rng.randint(10, 40)),
                charset="utf-8" if mine or voice == "vi" else rng.choice(charsets),
            )
            letter.encoding = rng.choice(
                (
                    "base64",
                    "quoted-printable",
                    "8bit" if letter.charset != "iso-2022-jp" else "7bit",
                )
            )
            letter.form = rng.choice(("plain", "plain", "alternative", "html"))
            if letter.charset == "iso-2022-jp":
                letter.encoding, letter.form = rng.choice(("base64", "7bit")), "plain"
            if rng.random() < 0.3:
                letter.attachments = [
                    (
                        f"{rng.choice(words)}-{letter.number}.pdf",
                        rng.choice(("2231", "2231-split", "2047")),
                    )
                ]
            self._attach(letter, before)
            self.write(letter, "Sent" if mine else "INBOX", rng.choice(("S", "", "RS", "FS")))
            before.append(letter)
            when += rng.randint(600, 86400)

    def _attach(self, letter, before):
        """How an answer says what it answers."""
        if not before:
            return
        parent = self.rng.choice(before[-2:])
        how = self.rng.choice(
            ("references", "references", "references", "in-reply-to", "subject", "ghost")
        )
        chain = parent.references + [parent.message_id]
        if how == "ghost":
            ghost = f"ghost{letter.number}@lost.example"
            letter.references, letter.in_reply_to = chain + [ghost], ghost
        elif how != "subject":
            letter.in_reply_to = parent.message_id
            letter.references = chain if how == "references" else []

    def special(self, subject, days, thread, words=(), sender=None, **kw):
        sender = sender or ("Otto Sonder", "otto@sonder.example")
        to = [("Otto Sonder", "otto@sonder.example")] if sender == ME else [ME]
        return self.letter(
            sender, to, subject, END - days * 86400, thread, ["special", *words], **kw
        )


def _copies(m, thread):
    """The same message again: byte for byte, with another path, in another folder, without a Message-ID."""
    twice = m.special("Delivered twice", 40, thread)
    raw = m.write(twice)
    m.put(twice, raw)
    path = m.special("Delivered on two paths", 39, thread + 1)
    raw = m.write(path)
    m.put(path, raw.replace(b"by mx.ourfirm.example", b"by list.ourfirm.example", 1))
    folders = m.special("In two folders", 38, thread + 2)
    m.put(folders, m.write(folders), "Projects")
    nameless = m.special("No Message-ID, twice", 37, thread + 3, message_id=False)
    m.put(nameless, m.write(nameless), "Projects")
    note = m.special("Note to myself", 36, thread + 4, sender=ME)
    raw = m.write(note, "Sent")
    m.put(note, b"Delivered-To: minh@ourfirm.example\n" + raw)


def _look_alikes(m, thread):
    """Different messages that look the same: none may swallow the other."""
    for i in range(2):
        nameless = m.special(f"No Message-ID, number {i}", 35, thread + i, message_id=False)
        m.write(nameless)
    first = m.special("The first to have this Message-ID", 34, None)
    m.write(first)
    second = m.special(
        "Another with the same Message-ID", 33, None, sender=("Eva Anders", "eva@anders.example")
    )
    second.message_id = first.message_id
    m.write(second, "Projects")
    for i in range(2):  # equal in everything but the Message-ID
        same = m.special("Weekly figures", 32, thread + 2 + i, ("figures",))
        m.write(same)


def _loops(m, thread):
    """References that lead in circles."""
    a, b = m.special("Round and round", 31, thread), m.special("Re: Round and round", 30, thread)
    a.references, a.in_reply_to = [b.message_id], b.message_id
    b.references, b.in_reply_to = [a.message_id], a.message_id
    c = m.special("My own parent", 29, thread + 1)
    c.references, c.in_reply_to = [c.message_id, c.message_id], c.message_id
    for letter in (a, b, c):
        m.write(letter)


def _needles(m, thread):
    """Words to search for, in forms and encodings that hide them."""
    for i, (written, plain) in enumerate(FOLDED.items()):
        for j, word in enumerate((written, plain)):
            letter = m.special(f"Words {thread + 2 * i + j}", 20, thread + 2 * i + j, (word,))
            letter.encoding, letter.form = (("base64", "html"), ("quoted-printable", "plain"))[
                (i + j) % 2
            ]
            m.write(letter)
    base = thread + 2 * len(FOLDED)
    for i, text in enumerate((f"お{CJK_PAIR}書をお送りします", f"再{CJK_PAIR}", f"{CJK_REVERSED}は別の語")):
        letter = m.special(f"Japanese {base + i}", 19, base + i, (text,))
        letter.charset, letter.encoding = ("iso-2022-jp", "7bit") if i == 0 else ("utf-8", "base64")
        m.write(letter)
    names = (
        ("Übersicht für Đà Nẵng, Straße 5.pdf", "2231-split"),
        ("報價單.xlsx", "2047"),
        ("plain name.txt", "plain"),
    )
    letter = m.special("Files", 18, base + 3)
    letter.attachments, letter.form = list(names), "alternative"
    m.write(letter)


def make(folder, seed=1, conversations=40):
    """Writes the mailbox below folder and returns its Corpus."""
    m = _Maker(folder, seed)
    voices = list(VOICES)
    for thread in range(conversations):
        m.conversation(thread, voices[thread % len(voices)])
    _copies(m, 1000)
    _look_alikes(m, 1100)
    _loops(m, 1200)
    _needles(m, 1300)
    return Corpus(folder, m.letters)
