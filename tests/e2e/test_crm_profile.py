"""The shipped profile means what it says: each request it shows is one that the real server understands."""
import json
import re
import urllib.error
import urllib.request

NEEDS = ("crm",)
TIMEOUT = 120

KEY = "00000000-0000-5000-8000-000000000000"


def shown_requests(t, crm):
    """[(what, method, url, headers, body)] as `crm check` prints them, with the examples made real."""
    text = t.crmail("crm", "check", "supabase", "--url", crm.url).out
    for example, real in (
        ("ANON_KEY", crm.anon_key),
        ("ORGANIZATION_ID", crm.organization),
        ('"ORG"', f'"{crm.organization}"'),
        ("eq.ORG", f"eq.{crm.organization}"),
        ('"USER"', f'"{crm.user_id}"'),
        ("eq.SUB", f"eq.{crm.user_id}"),
        ("Bearer ***", f"Bearer {crm.stub.access_token(crm.email)}"),
        ('"EMAIL"', f'"{crm.email}"'),
        ('"password":"***"', f'"password":"{crm.password}"'),
        ("updated_at=eq.2026-01-01T00%3A00%3A00.123456%2B00%3A00", "id=neq.0"),
    ):
        text = text.replace(example, real)
    found = []
    for block in re.split(r"^# ", text, flags=re.M)[1:]:
        head, _, body = block.strip().partition("\n\n")
        what, first, *headers = head.split("\n")
        method, url = first.split(" ", 1)
        found.append((what, method, url, dict(h.split(": ", 1) for h in headers), body))
    return found


def send(method, url, headers, body):
    """(status, parsed answer)"""
    request = urllib.request.Request(url, body.encode() or None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def test_every_shown_request_is_understood(t):
    crm = t.crm(partners=[{"id": "P1", "name": "Wood"}], contacts=[{"id": "C1", "email": "l@w.test"}])
    seen = {}
    for what, method, url, headers, body in shown_requests(t, crm):
        if what == "refresh":  # works once, with a token that the example cannot have
            continue
        if what.endswith(("activity", "user")):  # whose ids are UUIDs
            url = url.replace("C1", KEY)
        if what == "update deal":
            url = url.replace("eq.C1", f"eq.{KEY}")
        status, answer = send(method, url, headers, body)
        t.true(status in (200, 201), f"{what}: {method} {url} {body}: {status} {answer}")
        seen[what] = answer
    for what in ("create contact", "update contact", "create deal", "update deal"):
        t.equal(len(seen[what]), 1, f"rows of {what}")
    t.equal(seen["create activity"], [{"id": KEY}], "the activity made")
    t.equal(seen["delete activity"], [{"id": KEY}], "the activity taken away")
    edited = crm.query("SELECT * FROM ce_contacts WHERE id = 'C1'")[0]
    t.equal(edited["other_emails"], ["l.rossi@wood.example"], "addresses")
    t.true(edited["updated_at"] > "2026-01-02", "the server's own time of change")


def test_an_edit_of_what_has_changed_writes_nothing(t):
    crm = t.crm(contacts=[{"id": "C1", "email": "l@w.test", "title": "Buyer"}])
    requests = {what: rest for what, *rest in shown_requests(t, crm)}
    method, url, headers, body = requests["update contact"]
    url = url.replace("id=neq.0", "updated_at=eq.2026-01-01T00%3A00%3A00.123456%2B00%3A00")
    t.equal(send(method, url, headers, body), (200, []), "answer")
    t.equal(crm.query("SELECT title FROM ce_contacts"), [{"title": "Buyer"}], "rows")
