"""Mails that try to take over the terminal, each beside a harmless twin of the same shape."""
import base64

# What a mail must never make a terminal do.  Raw bytes, as they would stand in a message.
ATTACKS = {
    "title": b"\x1b]0;pwned\x07",
    "title-st": b"\x1b]2;pwned\x1b\\",
    "clipboard": b"\x1b]52;c;cHduZWQ=\x07",
    "palette": b"\x1b]4;1;rgb:ff/00/00\x07\x1b]11;#ff0000\x07",
    "dcs": b"\x1bP$q q\x1b\\",
    "apc-pm-sos": b"\x1b_x\x1b\\\x1b^y\x1b\\\x1bXz\x1b\\",
    "report": b"\x1b[6n\x1b[c\x1b[>c\x1b[18t",
    "mode": b"\x1b[?1049l\x1b[?1000h\x1b[?2004h\x1b[4h",
    "reset": b"\x1bc",
    "charset": b"\x1b(0\x0e",
    "window": b"\x1b[8;5;5t\x1b[3J\x1b[2J\x1b[H",
    "hyperlink": b"\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "c1-utf8": "\u009b31m\u009d0;pwned\u009c\u0090q\u009c".encode(),
    "c1-raw": b"\x9b31m\x9d0;pwned\x9c",
    "controls": b"\x07\x08\x08\x08\x0b\x0c\x0e\x0f\x7f\x01\x1a",
    "nul": b"\x00\x00",
    "overprint": b"\rOVERPRINTED\x08\x08",
    "bidi": "\u202egnp.exe\u202c\u2066abc\u2069\u200f\u061c".encode(),
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\U000e0041\U000e0042".encode(),
    "separators": "\u2028\u2029\u0085".encode(),
    "invalid": b"\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80\x80\x80\xe3\x81",
    "marks": ("e" + "\u0301" * 400).encode(),
    "wide": ("日本語" * 30 + "👩‍👩‍👧‍👦" * 20 + "🇩🇪" * 9 + "ﷺ").encode(),
    "notify": b"\x1b]9;pwned\x07\x1b]777;notify;a;b\x07",
    "half": b"\x1b]0;never ended",
    "half-csi": b"\x1b[",
}
TWIN = b"calm words"


def _word(raw):
    """An encoded word; a charset that keeps every byte as it is."""
    return b"=?utf-8?B?" + base64.b64encode(raw) + b"?="


def _mail(number, tag, raw, encoded, when):
    """A mail with raw in every field a reader shows.  encoded: in encoded words and base64, else as it is."""
    put = _word if encoded else lambda r: r.replace(b"\n", b" ").replace(b"\r", b"")
    body = b"first line of " + tag + b"\n" + raw + b"\nlast line of " + tag + b"\n"
    page = (
        b"<html><head><title>"
        + raw
        + b"</title></head><body><p>"
        + raw
        + b"</p><a href=\"https://x.example/"
        + raw
        + b"\">"
        + raw
        + b"</a><img alt=\""
        + raw
        + b"\" src=\"https://i.example/"
        + raw
        + b"\"></body></html>\n"
    )
    name = put(raw) if encoded else raw.replace(b"\n", b" ").replace(b"\r", b"").replace(b'"', b"")
    coded = b"base64" if encoded else b"8bit"
    wrap = base64.encodebytes if encoded else lambda r: r
    plain = number % 3 != 0
    return b"\n".join(
        [
            b"From: " + put(tag + b" " + raw) + b" <a" + b"%d" % number + b"@hostile.example>",
            b"To: " + put(raw) + b" <minh@ourfirm.example>, " + put(raw) + b" <b@hostile.example>",
            b"Cc: " + put(raw) + b" <c@hostile.example>",
            b"Subject: " + tag + b" " + put(raw),
            b"Date: " + when,
            b"Message-ID: <h%d@hostile.example>" % number,
            b"List-Id: " + put(raw),
            b"X-Mailer: " + put(raw),
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="edge"',
            b"",
            b"--edge",
            b"Content-Type: text/" + (b"plain" if plain else b"html") + b"; charset=utf-8",
            b"Content-Transfer-Encoding: " + coded,
            b"",
            wrap(body if plain else b"<p>first line of " + tag + b"</p>" + page),
            b"--edge",
            b"Content-Type: text/plain; charset=utf-8; name=\"" + name + b".bin\"",
            b"Content-Disposition: attachment; filename=\"" + name + b".bin\"",
            b"Content-Transfer-Encoding: base64",
            b"",
            base64.encodebytes(body),
            b"--edge--",
            b"",
        ]
    )


def _huge(number, harmless):
    """Sizes and shapes that break readers: subjects without end, deep nesting, crowds of recipients."""
    kinds = (b"long", b"crowd", b"line", b"deep")

    def head(tag, *more):
        when = b"Mon, 12 Oct 2026 12:00:%02d +0000" % kinds.index(
            tag.split()[0].rpartition(b"-")[2]
        )
        return b"\n".join(
            [
                b"From: size <s@hostile.example>",
                b"Subject: " + tag,
                b"Date: " + when,
                b"Message-ID: <big%d.%s@hostile.example>" % (number, tag),
                b"MIME-Version: 1.0",
                *more,
                b"",
            ]
        )

    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i)
        for i in range(1 if harmless else 10000)
    )
    crowd = b",\n ".join(b"p%d@crowd.example" % i for i in range(2 if harmless else 20000))
    long = b"W" * (10 if harmless else 100000)
    return [
        head(b"tag%02d-long" % number + b" " + long, b"To: minh@ourfirm.example")
        + b"\nfirst line of tag%02d-long\n" % number,
        head(b"tag%02d-crowd" % number, b"To: " + crowd)
        + b"\nfirst line of tag%02d-crowd\n" % number,
        head(b"tag%02d-line" % number, b"To: minh@ourfirm.example")
        + b"\nfirst line of tag%02d-line\n" % number
        + long * 3
        + b"\n",
        head(b"tag%02d-deep" % number, b"To: minh@ourfirm.example").rstrip(b"\n")
        + b"\n"
        + deep
        + b"Content-Type: text/plain\n\nfirst line of tag%02d-deep\n" % number,
    ]


def tags():
    """The tags of the mails, in the order of their dates."""
    names = [
        f"tag{i:02d}-{name}-{how}"
        for i, (name, how) in enumerate((n, h) for n in ATTACKS for h in ("raw", "coded"))
    ]
    return names + [f"tag{len(names):02d}-{kind}" for kind in ("long", "crowd", "line", "deep")]


def mails(harmless):
    """[(tag, message bytes)], hostile or the harmless twins of the same tags and dates."""
    made = []
    for i, tag in enumerate(tags()[: 2 * len(ATTACKS)]):
        name, _, how = tag.partition("-")[2].rpartition("-")
        when = b"Mon, 12 Oct 2026 %02d:%02d:00 +0000" % (8 + i // 60, i % 60)
        made.append(
            (tag, _mail(i, tag.encode(), TWIN if harmless else ATTACKS[name], how == "coded", when))
        )
    i = len(made)
    return made + list(zip(tags()[i:], _huge(i, harmless)))
