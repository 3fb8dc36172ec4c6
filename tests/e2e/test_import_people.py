"""Contacts come out of CSV files and vCards as Python reads them, once, and go again by undo."""
import csv
import io
import json
import os
import random
import time

from support.discover import mark
from support.letters import letter
from support.memory import measured

TIMEOUT = 120
ME = "minh@ourfirm.test"
TITLES = ["Name", "First Name", "Last Name", "Email", "Phone", "Company", "Job Title", "Owner", "Notes"]


def counts(doc):
    return {k: doc[k] for k in ("new", "updated", "same", "repeated", "skipped")}


def none(**some):
    return {"new": 0, "updated": 0, "same": 0, "repeated": 0, "skipped": 0, **some}


def exported(t):
    text = t.crmail("export", "contacts", "--csv").out
    return list(csv.DictReader(io.StringIO(text, newline="")))


def people(seed, n, letters):
    """Rows with everything in them that a cell can hold."""
    rng = random.Random(seed)

    def word(extra=""):
        inner = "".join(rng.choice(letters + extra) for _ in range(rng.randint(0, 9)))
        return f"x{inner}x"

    return [
        {
            "Name": word(' ,;"\t'),
            "First Name": word(",'"),
            "Last Name": word('";'),
            "Email": f"p{i}@a.test",
            "Phone": f"+{i}",
            "Company": "",
            "Job Title": word('""'),
            "Owner": word(),
            "Notes": word(' ,;"\n'),
        }
        for i in range(n)
    ]


def one_line(text):
    return text.replace("\t", " ").replace("\n", " ")


def test_csv_is_read_as_pythons_csv_module_writes_it(t):
    cases = [
        (",", csv.QUOTE_MINIMAL, "\r\n", "utf-8", "abcé漢ộ"),
        (";", csv.QUOTE_ALL, "\n", "utf-8-sig", "abcéüß"),
        ("\t", csv.QUOTE_NONNUMERIC, "\r", "utf-16", "abcộđ"),
        (";", csv.QUOTE_MINIMAL, "\r\n", "cp1252", "abcéü€ß"),
        (",", csv.QUOTE_ALL, "\r\n", "utf-16-le", "abcé"),
    ]
    for number, (separator, quoting, end, charset, letters) in enumerate(cases):
        rows = people(number, 60, letters)
        text = io.StringIO(newline="")
        w = csv.DictWriter(text, TITLES, delimiter=separator, quoting=quoting, lineterminator=end)
        w.writeheader()
        w.writerows(rows)
        path = t.write(f"case{number}.csv", text.getvalue().encode(charset))
        doc = t.crmail("import", "contacts", path, "--json").json
        t.equal(counts(doc), none(new=60), f"counts of case {number}")
        want = [
            {k: (v if k == "Notes" else one_line(v)) for k, v in row.items()} for row in rows
        ]
        got = [{k: row[k] for k in TITLES} for row in exported(t)]
        t.equal(got, want, f"contacts of case {number}")
        undone = t.crmail("import", "contacts", "--undo", "--json").json
        t.equal(undone, {"removed": 60, "restored": 0, "kept": 0}, "undone")
        t.equal(exported(t), [], "nobody is left")


def fold(line):
    """As RFC 6350 §3.2 wants it: 75 bytes a line, never within a character."""
    out, raw = [], line.encode()
    while len(raw) > 75:
        cut = 75
        while raw[cut] & 0xC0 == 0x80:
            cut -= 1
        out.append(raw[:cut])
        raw = b" " + raw[cut:]
    return b"\r\n".join(out + [raw]) + b"\r\n"


def card(version, row):
    def escaped(text):
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")

    kind = ";TYPE=INTERNET" if version == "3.0" else ";PREF=1"
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        "FN:" + escaped(row["Name"]),
        f"N:{escaped(row['Last Name'])};{escaped(row['First Name'])};;;",
        f"item1.EMAIL{kind}:{row['Email']}",
        f"TEL;TYPE=cell:{row['Phone']}",
        "TITLE:" + escaped(row["Job Title"]),
        "NOTE:" + escaped(row["Notes"]),
        "ADR;TYPE=home:;;Street 1;Town;;1;Land",
        "BDAY:1990-01-02",
        "PHOTO;ENCODING=b;TYPE=JPEG:" + "QUJD" * 60,
        "END:VCARD",
    ]
    return b"".join(fold(x) for x in lines)


def test_vcards_3_and_4_are_read_whole(t):
    shown = [x for x in TITLES if x not in ("Company", "Owner")]
    for version in ("3.0", "4.0"):
        rows = people(version, 40, "abcé漢ộ\\")
        path = t.write(f"{version}.vcf", b"".join(card(version, row) for row in rows))
        doc = t.crmail("import", "contacts", path, "--json").json
        t.equal(counts(doc), none(new=40), "counts")
        t.equal(doc["files"][0]["kind"], "vcard", "kind")
        want = [{k: (r[k] if k == "Notes" else one_line(r[k])) for k in shown} for r in rows]
        t.equal([{k: r[k] for k in shown} for r in exported(t)], want, f"people of {version}")
        t.crmail("import", "contacts", "--undo")


def test_what_is_exported_is_imported_unchanged(t):
    rows = people("round", 30, "abcé\\")
    for row in rows:
        row["Company"] = f"Company {row['Phone']}, Ltd"
    text = io.StringIO(newline="")
    w = csv.DictWriter(text, TITLES)
    w.writeheader()
    w.writerows(rows)
    t.crmail("import", "contacts", t.write("in.csv", text.getvalue().encode()))
    before = exported(t)
    for kind in ("csv", "vcard"):
        path = t.write(f"out.{kind}", t.crmail("export", "contacts", f"--{kind}").out.encode())
        t.equal(
            counts(t.crmail("import", "contacts", path, "--json").json), none(same=30), f"as {kind}"
        )
        t.crmail("import", "contacts", path, home="other")
        t.equal(
            t.crmail("export", "contacts", f"--{kind}", home="other").out,
            t.crmail("export", "contacts", f"--{kind}").out,
            f"of another folder, as {kind}",
        )
    t.equal(exported(t), before, "contacts")


def test_a_dry_run_says_what_would_happen(t):
    path = t.write(
        "people.csv",
        b"Wer;E-Mail-Adresse;Firma\nLaura;laura@alpha.test;Alpha\nBob;bob@gmail.com;\n"
        b"Bob;bob@gmail.com;\nNobody;none;\nEve;eve@e.test;\n",
    )
    doc = t.crmail("import", "contacts", path, "--dry-run", "--json", "--map", "Wer=name", code=4).json
    t.equal(counts(doc), none(new=3, repeated=1, skipped=1), "counts")
    told = doc["files"][0]
    t.equal(
        [(c["title"], c.get("field")) for c in told["columns"]],
        [("Wer", "name"), ("E-Mail-Adresse", "email"), ("Firma", "company")],
        "columns",
    )
    t.equal([p["line"] for p in told["first"]], [2, 3, 4], "first people")
    t.equal(
        told["skipped"], [{"line": 5, "reason": "Its address cannot be read."}], "who is skipped"
    )
    t.equal(t.crmail("contact", "list", "--json").json["contacts"], [], "nobody was written")
    t.equal(t.crmail("crm", "list").out, "", "no CRM was made")
    again = t.crmail("contact", "import", path, "--json", "--map", "Wer=name", code=4).json
    t.equal(counts(again), counts(doc), "the real import")
    t.crmail("import", "contacts", path, "--map", "Wann=name", code=2)
    t.crmail("import", "contacts", path, "--map", "Wer=nonsense", code=2)
    t.crmail("import", "contacts", path, "--charset", "nonsense", code=2)
    t.crmail("import", "contacts", t.path("absent.csv"), code=1)


def account(t):
    folder = t.path("mail", "x")[:-2]
    for box in ("", ".Sent"):
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(folder, box, part), exist_ok=True)
    t.crmail(
        "account", "add", "work", "--email", ME, "--maildir", folder, "--sendmail", "false",
        "--history", "all",
    )
    return folder


def put(folder, name, mail):
    with open(os.path.join(folder, "cur", f"{name}:2,S"), "wb") as f:
        f.write(bytes(mail))


def test_mail_that_was_there_before_finds_its_contact(t):
    folder = account(t)
    now = int(time.time())
    put(folder, "1", letter("laura@alpha.test", ME, "one", "x", "<1@alpha.test>", now - 900))
    put(folder, "2", letter("new@alpha.test", ME, "two", "x", "<2@alpha.test>", now - 800))
    t.crmail("sync", "--once")
    path = t.write("people.csv", b"Name,Email,Company\nLaura,laura@alpha.test,Alpha\n")
    doc = t.crmail("import", "contacts", path, "--json").json
    t.equal(doc["accounts"], ["work"], "the only account is bound")
    t.crmail("sync", "--once")

    def timeline(kind, ident):
        doc = t.crmail("timeline", f"--{kind}", ident, "--json").json
        return [(x["subject"], x["state"]) for x in doc["entries"]]

    t.equal(timeline("contact", "local:1"), [("one", "local")], "of the contact")
    t.equal(timeline("partner", "local:1"), [("two", "local"), ("one", "local")], "of the company")
    t.crmail("import", "contacts", "--undo")
    t.crmail("sync", "--once")
    t.crmail("timeline", "--contact", "local:1", "--json", code=3)
    hits = t.crmail("search", "one", "--json").json["messages"]
    t.equal([m.get("contact") for m in hits], [None], "contact of the mail")


def many(n):
    rows = ["Name,Email,Company,Notes"]
    for i in range(n):
        rows.append(f'"Person, {i}",p{i}@c{i % 997}.test,Company {i % 997},"says ""{i}"""')
    return ("\n".join(rows) + "\n").encode()


def check_many(t, n, megabytes):
    path = t.write("many.csv", many(n))
    text, used = measured(t, "import", "contacts", path, "--json")
    doc = json.loads(text)
    t.equal(counts(doc), none(new=n), "counts")
    t.equal(doc["partners"], min(n, 997), "companies")
    t.true(used < megabytes, f"{used:.0f} MiB are less than {megabytes}")
    t.equal(counts(t.crmail("import", "contacts", path, "--json", seconds=300).json), none(same=n), "twice")
    t.equal(len(t.crmail("contact", "list", "--json").json["contacts"]), n, "contacts")
    undone = t.crmail("import", "contacts", "--undo", "--json", seconds=300).json
    t.equal(undone["removed"], n, "undone")
    t.equal(t.crmail("contact", "list", "--json").json["contacts"], [], "nobody is left")


def test_ten_thousand_rows(t):
    check_many(t, 10_000, 150)


@mark(tier="slow", timeout=900)
def test_a_hundred_thousand_rows_take_no_more_memory(t):
    check_many(t, 100_000, 150)
