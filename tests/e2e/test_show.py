"""What `crmail show` and `crmail parse` say of a body: all words, nothing but words, lines that fit."""
import email
import glob
import os
import re
import sys
import unicodedata
from email import policy
from html.parser import HTMLParser

TIMEOUT = 240
INLINE = {"a", "abbr", "b", "code", "em", "font", "i", "o:p", "small", "span", "strong", "u"}


class Words(HTMLParser):
    """The words of HTML that are not hidden by the tag they stand in; the oracle."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.dropped, self.hidden = [], 0, 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "style", "title"):
            self.dropped += 1
        elif self.hidden or (tag == "div" and "display:none" in (attrs.get("style") or "")):
            self.hidden += tag == "div"
        elif tag == "img" and attrs.get("width") != "1":
            self.text.append(f" {attrs.get('alt') or ''} ")
        elif tag not in INLINE:
            self.text.append(" ")

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self.dropped -= 1
        elif self.hidden:
            self.hidden -= tag == "div"
        elif tag not in INLINE:
            self.text.append(" ")

    def handle_data(self, data):
        if not self.dropped and not self.hidden:
            self.text.append(data)


def words_of(html):
    parser = Words()
    parser.feed(html)
    parser.close()
    return "".join(parser.text).replace("\u200c", "").replace("\u034f", "").split()


def cells(line):
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    none = sum(unicodedata.category(c) in ("Mn", "Me") for c in line)
    return len(line) + wide - none


def corpus(t, messages=60):
    out = t.path("corpus", "x")[:-2]
    t.run(
        [sys.executable, t.shared("corpus", "make_corpus.py"), "--messages", str(messages), "--seed", "7", "--out", out]
    )
    return sorted(glob.glob(f"{out}/Maildir/*/*"))


def check_page(t, page, width, what):
    for line in page.splitlines():
        t.true(cells(line) <= width, f"{what}: {cells(line)} cells: {line}")
        t.equal(line, line.rstrip(), f"{what}: blanks at the end")
        t.true(all(c.isprintable() for c in line), f"{what}: not printable: {line!r}")


def wrap_html(html):
    return b"From: a@b.test\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n" + html


def seeds():
    return sorted(glob.glob(os.path.join(os.environ["CRMAIL_SRCDIR"], "tests/fuzz/corpus/html/*.html")))


def test_lines_fit_and_hold_only_printable_text(t):
    for path in corpus(t):
        for width in (24, 80):
            page = t.crmail("show", path, "--width", str(width), "--plain").out
            check_page(t, page, width, os.path.basename(path))


def test_no_visible_word_of_html_is_lost(t):
    pages = [(os.path.basename(p), open(p, encoding="utf-8").read()) for p in seeds()]
    for path in corpus(t):
        with open(path, "rb") as f:
            m = email.message_from_bytes(f.read(), policy=policy.default)
        parts = [p for p in m.walk() if not p.is_multipart()]
        if parts[0].get_content_type() == "text/html":
            pages.append((os.path.basename(path), parts[0].get_content()))
    t.true(len(pages) >= 10, "enough pages")
    for name, html in pages:
        page = t.crmail("show", t.write("one.eml", wrap_html(html.encode())), "--width", "10000").out
        shown = re.sub(r" \[\d+\]", "", page)
        squeezed = "".join(shown.split())
        for word in words_of(html):
            t.true(word in shown or word in squeezed, f"{name}: {word} is lost")


def test_blocks_joined_are_the_rendered_text(t):
    kinds = set()
    for path in corpus(t):
        doc = t.crmail("parse", path).json
        kinds.update(b["kind"] for b in doc["blocks"])
        t.equal("\n".join(b["text"] for b in doc["blocks"]), doc["rendered"], "blocks")
    t.true({"text", "signature"} <= kinds, f"kinds seen: {kinds}")


HOSTILE = "\x1b]0;t\x07\x1b[2J\u202e\u2066\x9b31m\ufeff\u200b\x00"


def test_hostile_fields_leave_nothing_but_text(t):
    raw = (
        f"From: A{HOSTILE} <a@b.test>\nTo: {HOSTILE}c@d.test\nSubject: S{HOSTILE}\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"
        f"<p>x{HOSTILE}</p><a href='https://e.test/{HOSTILE}'>l{HOSTILE}</a>&#27;&#155;&#x202e;\n"
        f'--b\nContent-Type: application/x; name="n{HOSTILE}.pdf"\n\nx\n--b--\n'
    )
    page = t.crmail("show", t.write("hostile.eml", raw), "--width", "40").out
    check_page(t, page, 40, "hostile")
    t.true("Subject: S" in page and "https://e.test/" in page and ".pdf" in page, page)


def test_a_page_has_headers_text_links_and_attachments(t):
    raw = (
        "From: Laura Palmer <laura@a.test>\nTo: minh@b.test, Jan <jan@b.test>\n"
        "Date: Mon, 12 Oct 2026 10:15:00 +0200\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"
        "<p>Hello <b>Minh</b>,</p><p>see <a href='https://evil.test/'>www.bank.test</a>.</p>\n"
        '--b\nContent-Type: text/plain; name="note.txt"\n\nnote\n--b--\n'
    )
    page = t.crmail("show", t.write("page.eml", raw), "--width", "60", env={"TZ": "UTC"}).out
    t.equal(
        page,
        "From: Laura Palmer <laura@a.test>\nTo: minh@b.test, Jan <jan@b.test>\n"
        "Date: Mon, 12 Oct 2026 08:15:00 +0000\nSubject: Grüße\n\n"
        "Hello Minh,\n\nsee www.bank.test [1].\n\n"
        "[1] https://evil.test/ (the text names another address)\n\n"
        "note.txt (text/plain, 4 bytes)\n",
        "page",
    )


def test_wrong_use_is_refused(t):
    path = t.write("m.eml", "Subject: x\n\ny\n")
    t.crmail("show", path, "--width", "0", code=2)
    t.crmail("show", code=2)
    t.true(t.crmail("show", path + ".gone", code=None).code in (1, 3), "exit for a missing file")
