"""corpus - makes a Maildir of believable mail for measuring: conversations of several people, plain
and HTML bodies, some attachments, sizes that spread as in a real mailbox. The same seed gives the
same bytes.

usage: bench/corpus.py MAILDIR MESSAGES
"""
import base64
import datetime
import email.utils
import os
import pathlib
import random
import sys

SYLLABLES = ("ba be bi bo da de di do fa fe fi fo ga ge go ka ke ki ko la le li lo ma me mi mo na ne ni no pa "
             "pe po ra re ri ro sa se si so ta te ti to va ve vi vo").split()
NEWEST = "Quarterdeck"          # stands in the subject of the newest message only
RARE, RARE_COUNT = "zanzibarine", 7
COMMON = "delivery"             # in about a third of the messages
START = datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.timezone.utc)


class Maker:
    def __init__(self, seed):
        self.seed = seed
        self.rng = random.Random(seed)
        self.words = sorted({"".join(self.rng.choices(SYLLABLES, k=self.rng.randint(2, 4))) for _ in range(6000)})
        self.weights = [1 / (i + 10) for i in range(len(self.words))]
        self.people = [self._person(i) for i in range(300)]

    def _person(self, number):
        first, last = (self.rng.choice(self.words).capitalize() for _ in range(2))
        return f"{first} {last}", f"{first}.{last}@firm{number % 60}.example".lower()

    def text(self, count):
        words = self.rng.choices(self.words, self.weights, k=count)
        lines = [" ".join(words[i:i + 11]) for i in range(0, count, 11)]
        return "\n".join(line.capitalize() + "." if i % 4 == 3 else line for i, line in enumerate(lines))

    def body(self, number, total):
        text = self.text(int(self.rng.lognormvariate(5.2, 0.8)) + 5)
        if self.rng.random() < 0.33:
            text += f"\nThe {COMMON} is on its way."
        if number % (total // RARE_COUNT) == 1 and number // (total // RARE_COUNT) < RARE_COUNT:
            text += f"\nAsk for {RARE}."
        return text


def _parts(maker, text):
    """(header lines, body) of plain text, of text with HTML, or of text with a file."""
    kind = maker.rng.random()
    if kind < 0.5:
        return ["Content-Type: text/plain; charset=utf-8"], text
    if kind < 0.9:
        rows = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
        html = f"<html><head><style>p {{margin: 0}}</style></head><body>{rows}</body></html>"
        other = f"--=b\nContent-Type: text/html; charset=utf-8\n\n{html}\n"
        head = 'Content-Type: multipart/alternative; boundary="=b"'
    else:
        data = base64.encodebytes(maker.rng.randbytes(int(maker.rng.lognormvariate(10, 1)))).decode()
        other = ("--=b\nContent-Type: application/pdf; name=paper.pdf\nContent-Transfer-Encoding: base64\n"
                 f"Content-Disposition: attachment; filename=paper.pdf\n\n{data}\n")
        head = 'Content-Type: multipart/mixed; boundary="=b"'
    return [head], f"--=b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n{other}--=b--\n"


def _message(maker, number, total, thread, at):
    (name, address), me = maker.rng.choice(thread["people"]), "rep@ourfirm.example"
    ids = thread["ids"]
    subject = ("Re: " if ids else "") + thread["subject"]
    if number == total - 1:
        subject = f"{NEWEST} {maker.text(3)}".replace("\n", " ")
        ids = []
    head = [f"Received: from mx.example by mail.ourfirm.example; {email.utils.format_datetime(at)}",
            f"From: {name} <{address}>", f"To: {me}", f"Subject: {subject}",
            f"Date: {email.utils.format_datetime(at)}", f"Message-ID: <m{maker.seed}.{number}@{address.partition('@')[2]}>"]
    if ids:
        head += [f"In-Reply-To: {ids[-1]}", "References: " + "\n ".join(ids[-20:])]
    thread["ids"] = [*thread["ids"], head[5].partition(" ")[2]]
    extra, body = _parts(maker, maker.body(number, total))
    return "\n".join([*head, "MIME-Version: 1.0", *extra, "", body])


def make(folder, total, seed=1):
    """Writes total messages, all read, oldest first, into a Maildir at folder."""
    maker, threads = Maker(seed), []
    root = pathlib.Path(folder)
    for name in ("cur", "new", "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    step = datetime.timedelta(days=300) / total
    for number in range(total):
        at = START + number * step
        if not threads or maker.rng.random() < 0.45:
            threads.append({"subject": maker.text(5).replace("\n", " "), "ids": [],
                            "people": maker.rng.sample(maker.people, 3)})
        recent = threads[-30:]
        text = _message(maker, number, total, maker.rng.choice(recent), at)
        path = root / "cur" / f"{int(at.timestamp())}.{number:07}.bench:2,S"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (at.timestamp(), at.timestamp()))


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]))
