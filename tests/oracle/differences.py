"""differences - mail that crmail reads otherwise than Python's email package, on purpose. Each row is
(why, message, key, what crmail says, what Python says or raises); both are checked, so that a row
cannot outlive its reason."""

MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
RAISES = Exception

ROWS = [
    (
        "a garbage line does not end the header",
        b"From: a@b.example\ngarbage\nSubject: s\n\nx",
        "subject",
        "s",
        None,
    ),
    (
        "quotes were forgotten around a name with a comma",
        b"To: Doe, John <a@b.example>\n\n",
        "to",
        [["Doe, John", "a@b.example"]],
        [[None, "Doe"], ["John", "a@b.example"]],
    ),
    ("a word that is no address is none", b"To: nobody\n\n", "to", [], [[None, "nobody"]]),
    (
        "comments are no part of a name",
        b"To: John (work) <a@b.example>\n\n",
        "to",
        [["John", "a@b.example"]],
        [["John (work)", "a@b.example"]],
    ),
    (
        "a semicolon separates",
        b"To: a@b.example; c@d.example\n\n",
        "to",
        [[None, "a@b.example"], [None, "c@d.example"]],
        [],
    ),
    (
        "raw 8-bit is UTF-8, else Windows-1252",
        b"Subject: Gr\xfc\xdfe \x80\n\nx",
        "subject",
        "Gr\u00fc\u00dfe \u20ac",
        RAISES,
    ),
    (
        "an unknown charset keeps the text",
        b"Subject: =?klingon?Q?abc?=\n\nx",
        "subject",
        "abc",
        RAISES,
    ),
    (
        "a raw 8-bit file name",
        b'Content-Disposition: attachment; filename="Gr\xfc\xdfe.pdf"\n\nx',
        "filename",
        "Gr\u00fc\u00dfe.pdf",
        "Gr\ufffd\ufffde.pdf",
    ),
    (
        "a label too narrow is widened",
        b"Content-Type: text/plain; charset=iso-8859-1\n\n\x93x\x94",
        "text",
        "\u201cx\u201d",
        "\x93x\x94",
    ),
    (
        "gb2312 means GB18030",
        b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n6Fo=\n",
        "text",
        "\u944a",
        RAISES,
    ),
    ("no charset, no UTF-8", b"\nGr\xfc\xdfe", "text", "Gr\u00fc\u00dfe", RAISES),
    (
        "UTF-7 is not decoded",
        b"Content-Type: text/plain; charset=utf-7\n\n+AOQ-",
        "text",
        "+AOQ-",
        "\u00e4",
    ),
    (
        "format=flowed is unflowed",
        b"Content-Type: text/plain; format=flowed\n\na \nb\n",
        "text",
        "a b\n",
        "a \nb\n",
    ),
    ("a multipart without parts is shown", MIXED + b"only text\n", "text", "only text\n", None),
    (
        "base64 with one character too many",
        b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\nQUJDR\n",
        "size",
        3,
        5,
    ),
    (
        "quoted-printable: == is no escape",
        b"Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\na==b",
        "size",
        4,
        3,
    ),
    (
        "quoted-printable: blanks behind a soft line break",
        b"Content-Transfer-Encoding: quoted-printable\n\na= \nb",
        "text",
        "ab",
        "a= \nb",
    ),
    (
        "junk among ids is dropped, an id without brackets kept",
        b"References: junk a@b.example <c@d.example>\n\n",
        "references",
        ["a@b.example", "c@d.example"],
        ["c@d.example"],
    ),
    (
        "Central European time",
        b"Date: Sat, 21 Nov 2026 12:00:00 CET\n\n",
        "date",
        "2026-11-21T11:00:00Z",
        "2026-11-21T12:00:00Z",
    ),
    (
        "a message sent in base64 is opened",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        b"Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCmhp\n",
        "parts",
        ["message/rfc822", [["text/html", []]]],
        ["message/rfc822", [["text/plain", []]]],
    ),
    ("an unknown disposition is an attachment", b"Content-Disposition: odd\n\nx", "size", 1, None),
]

if any(row[3] == row[4] for row in ROWS):
    raise ValueError("a row of what is the same")
