"""generate - well-formed messages with everything that mail may hold, made byte by byte from a seed.
Python's email package does not write them: it would then only read back what it wrote itself."""
import base64
import quopri
import random

WORDS = {
    "us-ascii": "offer meeting invoice contract price question delivery answer".split(),
    "iso-8859-1": "Grüße Angebot für Müller élève señor façade".split(),
    "iso-8859-15": "Preis 5€ œuvre Straße".split(),
    "windows-1252": "“quoted” – dash € naïve".split(),
    "utf-8": "Grüße 日本語 đặc Привет 🚀 שלום naïve ﬁ".split(),
    "koi8-r": "Привет договор цена встреча".split(),
    "windows-1251": "Привет счёт вопрос".split(),
    "iso-2022-jp": "日本語 会議 見積書 質問".split(),
    "shift_jis": "日本語 会議 見積書".split(),
    "euc-jp": "日本語 会議".split(),
    "gb18030": "你好 合同 价格 会议".split(),
    "big5": "你好 合約 價格 會議".split(),
    "euc-kr": "안녕 계약 가격 회의".split(),
}
NAMES = [
    "John Doe",
    "Doe, Jane",
    "O'Brien",
    'Max "M" Muster',
    "Jürgen Müller",
    "山田太郎",
    "Nguyễn Văn Đức",
    "J. (Jay) Smith",
    "a@b",
    "",
    "Back\\slash",
]
ZONES = ["+0000", "+0100", "-0500", "+0530", "GMT", "EST", "-0800 (PST)", "UT", "PDT"]
DAYS, MONTHS = (
    "Mon Tue Wed Thu Fri Sat Sun".split(),
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
)


class Maker:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.count = 0

    def words(self, charset, n):
        return " ".join(self.rng.choice(WORDS[charset]) for _ in range(n))

    def charset(self):
        return self.rng.choice(list(WORDS))

    def encode_words(self, text, charset):
        """Encoded words of a few characters each, B or Q, folded."""
        out, step = [], self.rng.randint(3, 9)
        for i in range(0, len(text), step):
            data = text[i : i + step].encode(charset)
            if self.rng.random() < 0.5:
                out.append(
                    "=?%s?%s?%s?="
                    % (charset, self.rng.choice("bB"), base64.b64encode(data).decode())
                )
            else:
                q = "".join(
                    chr(c) if chr(c).isalnum() and c < 128 else "_" if c == 32 else "=%02X" % c
                    for c in data
                )
                out.append("=?%s?%s?%s?=" % (charset, self.rng.choice("qQ"), q))
        return self.rng.choice([" ", "\n ", "\n\t"]).join(out)

    def subject(self):
        charset = self.charset()
        text = self.words(charset, self.rng.randint(1, 8))
        if text.isascii():
            return text.replace(" ", self.rng.choice([" ", "\n "]), 1)
        return self.encode_words(text, charset)

    def address(self):
        name = self.rng.choice(NAMES)
        local = self.rng.choice(["user", "first.last", "a+tag", '"odd local"', "x-y_z"])
        addr = "%s@host%d.example" % (local, self.rng.randint(0, 99))
        if not name:
            return self.rng.choice([addr, "<%s>" % addr])
        if not name.isascii():
            return "%s <%s>" % (self.encode_words(name, "utf-8"), addr)
        if name.replace(" ", "").isalpha():
            return self.rng.choice(['"%s" <%s>', "%s <%s>", "%s\n <%s>"]) % (name, addr)
        return '"%s" <%s>' % (name.replace("\\", "\\\\").replace('"', '\\"'), addr)

    def address_list(self):
        return self.rng.choice([", ", ",\n ", ",\n\t"]).join(
            self.address() for _ in range(self.rng.randint(1, 6))
        )

    def date(self):
        rng = self.rng
        day, month, year = rng.randint(1, 28), rng.choice(MONTHS), rng.randint(1971, 2037)
        clock = "%02d:%02d%s" % (
            rng.randint(0, 23),
            rng.randint(0, 59),
            rng.choice(["", ":%02d" % rng.randint(0, 59)]),
        )
        front = rng.choice(["", rng.choice(DAYS) + ", ", rng.choice(DAYS) + ","])
        return "%s%d %s %d %s %s" % (front, day, month, year, clock, rng.choice(ZONES))

    def ids(self):
        return self.rng.choice([" ", "\n ", "\n\t"]).join(
            "<%x.%x@host.example>" % (self.rng.getrandbits(40), i)
            for i in range(self.rng.randint(1, 12))
        )

    def header(self):
        fields = [
            "From: " + self.address(),
            "To: " + self.address_list(),
            "Subject: " + self.subject(),
            "Date: " + self.date(),
            "Message-ID: <%x@host.example>" % self.rng.getrandbits(60),
            "MIME-Version: 1.0",
            "X-Long: " + "x" * 200,
        ]
        if self.rng.random() < 0.5:
            fields += [
                "Cc: " + self.address_list(),
                "References: " + self.ids(),
                "In-Reply-To: " + self.ids(),
            ]
        self.rng.shuffle(fields)
        return "\n".join(fields)

    def filename_field(self):
        """One of the ways to say a file name; what it says is ASCII or UTF-8."""
        charset = self.rng.choice(["us-ascii", "utf-8", "iso-8859-1"])
        name = self.words(charset, self.rng.randint(1, 3)) + self.rng.choice(
            [".pdf", ".png", ".tar.gz", ""]
        )
        percent = "".join(
            c if c.isascii() and c.isalnum() else "".join("%%%02X" % b for b in c.encode(charset))
            for c in name
        )
        if not name.isascii() and self.rng.random() < 0.4:
            return 'filename="%s"' % self.encode_words(name, charset)
        if self.rng.random() < 0.3:
            cut = len(percent) // 2
            while "%" in percent[max(0, cut - 2) : cut]:
                cut += 1
            return "filename*0*=%s''%s;\n filename*1*=%s" % (charset, percent[:cut], percent[cut:])
        if not name.isascii() or self.rng.random() < 0.3:
            return "filename*=%s'en'%s" % (charset, percent)
        return 'filename="%s"' % name

    def encode_body(self, data, line_end):
        kind = self.rng.choice(["7bit", "quoted-printable", "base64", "8bit"])
        if kind == "7bit" and (not data.isascii() or b"\x1b" in data):
            kind = "8bit"
        if kind == "base64":
            data = base64.encodebytes(data)
        if kind == "quoted-printable":
            data = quopri.encodestring(data)
        return kind, data.replace(b"\n", line_end)

    def text_part(self, line_end):
        charset = self.charset()
        lines = [self.words(charset, self.rng.randint(0, 9)) for _ in range(self.rng.randint(1, 6))]
        data = "\n".join(lines).encode(charset)
        kind, data = self.encode_body(data, line_end)
        sub = self.rng.choice(["plain", "plain", "html", "PLAIN", "csv"])
        return (
            "Content-Type: text/%s; charset=%s\nContent-Transfer-Encoding: %s\n"
            % (sub, self.rng.choice([charset, '"%s"' % charset, charset.upper()]), kind)
        ).encode(), data

    def file_part(self):
        data = self.rng.randbytes(self.rng.randint(0, 300))
        kind = self.rng.choice(
            ["application/pdf", "image/png", "APPLICATION/Octet-Stream", "text/plain"]
        )
        place = self.rng.choice(["attachment", "inline", "Attachment"])
        return (
            "Content-Type: %s\nContent-Transfer-Encoding: base64\nContent-Disposition: %s; %s\n"
            % (kind, place, self.filename_field())
        ).encode(), base64.encodebytes(data)

    def multipart(self, depth, line_end):
        self.count += 1
        mark = self.rng.choice(["=_%d_x", "b%d", "----=_Part_%d", "a b'%d()"]) % self.count
        sub = self.rng.choice(["mixed", "related", "report", "x-unknown", "mixed"])
        body = self.rng.choice([b"", b"This is a preamble.\n"])
        for _ in range(self.rng.randint(1, 4)):
            head, data = self.part(depth + 1, line_end)
            body += b"--" + mark.encode() + b"\n" + head + b"\n" + data + b"\n"
        body += b"--" + mark.encode() + b"--\n" + self.rng.choice([b"", b"epilogue\n"])
        return ('Content-Type: multipart/%s;\n boundary="%s"\n' % (sub, mark)).encode(), body

    def part(self, depth, line_end):
        pick = self.rng.random()
        if pick < 0.35 / (1 + depth) + 0.1 and depth < 6:
            return self.multipart(depth, line_end)
        if pick < 0.5 and depth < 6:
            head, data = self.part(depth + 1, line_end)
            inner = self.header().encode() + b"\n" + head + b"\n" + data
            return b"Content-Type: message/rfc822\n", inner
        return self.text_part(line_end) if pick < 0.8 else self.file_part()

    def message(self):
        line_end = b"\n"
        head, data = (
            self.multipart(0, line_end) if self.rng.random() < 0.7 else self.text_part(line_end)
        )
        out = self.header().encode() + b"\n" + head + b"\n" + data
        return out.replace(b"\n", b"\r\n") if self.rng.random() < 0.5 else out
