"""The servers themselves: what every other test takes for granted."""
import email
import http.client
import imaplib
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from email.message import EmailMessage

from support import certs

NEEDS = ("mail", "crm")


def make_mail(sender, to, subject):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, to, subject
    m["Message-ID"] = "<probe.1@elsewhere.test>"
    m.set_content("A line.\n")
    return m


def test_lmtp_delivers_and_imap_fetches(t):
    box = t.mailbox()
    box.deliver(make_mail("laura@elsewhere.test", box.address, "delivered"))
    got = [email.message_from_bytes(raw)["Subject"] for raw in box.messages()]
    t.equal(got, ["delivered"], "subjects in INBOX")


def test_submission_reaches_another_mailbox_once(t):
    one, other = t.mailbox("one"), t.mailbox("other")
    for port, wrap in ((one.submissions_port, True), (one.submission_port, False)):
        cls = smtplib.SMTP_SSL if wrap else smtplib.SMTP
        with cls(one.host, port, timeout=20, **({"context": one.tls()} if wrap else {})) as smtp:
            if not wrap:
                smtp.starttls(context=one.tls())
            smtp.login(one.address, one.password)
            smtp.send_message(make_mail(one.address, other.address, f"port {wrap}"))
    t.wait(lambda: len(other.messages()) == 2, "both mails in the other mailbox")


def test_submission_refuses_strangers_and_wrong_senders(t):
    box = t.mailbox()
    with smtplib.SMTP_SSL(box.host, box.submissions_port, context=box.tls(), timeout=20) as smtp:
        t.equal(smtp.login(box.address, box.password)[0], 235, "login")
        t.equal(smtp.mail("someone.else@elsewhere.test")[0], 250, "MAIL FROM")
        t.equal(smtp.rcpt(box.address)[0] // 100, 5, "a sender that is not ours")
        smtp.rset()
        smtp.mail(box.address)
        t.equal(smtp.rcpt(f"nobody@{box.domain}")[0] // 100, 5, "a recipient that does not exist")
        t.equal(smtp.rcpt("anna@outside.example")[0] // 100, 5, "a recipient outside")


def test_unknown_mailbox_bounces_to_the_sender(t):
    box = t.mailbox()
    with smtplib.SMTP_SSL(box.host, box.submissions_port, context=box.tls(), timeout=20) as smtp:
        smtp.login(box.address, box.password)
        smtp.send_message(make_mail(box.address, f"never.made@{box.domain}", "lost"))
    raw = t.wait(box.messages, "the bounce")[0]
    t.equal(
        email.message_from_bytes(raw).get_content_type(), "multipart/report", "type of the bounce"
    )


def test_special_use_folders_are_there(t):
    conn = t.mailbox().imap()
    names = b"\n".join(conn.list()[1])
    conn.logout()
    for use in (b"\\Sent", b"\\Drafts", b"\\Trash", b"\\Junk", b"\\Archive"):
        t.true(use in names, f"{use} in LIST")


def refused_by(t, box, host):
    try:
        imaplib.IMAP4_SSL(host, box.imaps_port, ssl_context=box.tls(), timeout=20).shutdown()
    except ssl.SSLCertVerificationError as e:
        return e.verify_message
    raise AssertionError(f"{host} was believed")


def test_bad_certificates_are_bad(t):
    box = t.mailbox()
    t.true("expired" in refused_by(t, box, certs.BAD_HOSTS["expired"]), "expired")
    t.true("mismatch" in refused_by(t, box, certs.BAD_HOSTS["wrong-host"]), "wrong host")
    t.true("issuer" in refused_by(t, box, certs.BAD_HOSTS["other-ca"]), "unknown CA")
    for host in certs.BAD_HOSTS.values():
        try:
            smtplib.SMTP_SSL(host, box.submissions_port, context=box.tls(), timeout=20)
        except ssl.SSLCertVerificationError:
            continue
        raise AssertionError(f"submission on {host} was believed")


def ask(crm, method, path, token=None, body=None, headers=None):
    """(status, JSON) of a request to the CRM."""
    req = urllib.request.Request(
        crm.url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={
            "apikey": crm.anon_key,
            "Content-Type": "application/json",
            **(headers or {}),
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
    )
    try:
        with urllib.request.urlopen(req, timeout=20) as r:
            raw = r.read()
            return r.status, json.loads(raw) if raw else None
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def sign_in(crm, email_address=None, password=None):
    return ask(
        crm,
        "POST",
        "/auth/v1/token?grant_type=password",
        body={"email": email_address or crm.email, "password": password or crm.password},
    )


def test_crm_sign_in_and_single_use_refresh(t):
    crm = t.crm()
    t.equal(sign_in(crm, password="wrong")[0], 400, "wrong password")
    status, answer = sign_in(crm)
    t.equal((status, answer["user"]["id"]), (200, crm.user_id), "sign-in")
    again = {"refresh_token": answer["refresh_token"]}
    t.equal(
        ask(crm, "POST", "/auth/v1/token?grant_type=refresh_token", body=again)[0],
        200,
        "first refresh",
    )
    t.equal(
        ask(crm, "POST", "/auth/v1/token?grant_type=refresh_token", body=again)[0],
        400,
        "second use of the token",
    )


def test_crm_shows_only_the_own_organisation(t):
    crm = t.crm(
        contacts=[
            {"id": "C1", "first_name": "Laura", "email": "laura@elsewhere.test"},
            {
                "id": "C2",
                "first_name": "Foreign",
                "organization_id": "00000000-0000-4000-8000-000000000001",
            },
        ]
    )
    token = sign_in(crm)[1]["access_token"]
    t.equal(
        ask(crm, "GET", "/rest/v1/ce_contacts?select=id", token), (200, [{"id": "C1"}]), "contacts"
    )
    t.equal(
        ask(crm, "GET", "/rest/v1/ce_contacts?select=id"), (200, []), "contacts without a token"
    )
    t.equal(
        ask(crm, "GET", "/rest/v1/ce_contacts", crm.stub.access_token(crm.email, -60))[0],
        401,
        "an expired token",
    )


def test_crm_insert_is_idempotent_and_fenced(t):
    crm = t.crm(contacts=[{"id": "C1"}])
    token = sign_in(crm)[1]["access_token"]
    row = {
        "id": "7f9c24e5-0c4f-5a6b-9c1d-2b7e4a1c9d10",
        "organization_id": crm.organization,
        "contact_id": "C1",
        "activity_type": "email",
        "status": "completed",
        "activity_date": "2026-11-01T10:00:00Z",
    }
    prefer = {"Prefer": "resolution=ignore-duplicates,return=representation"}
    first = ask(crm, "POST", "/rest/v1/ce_activities", token, row, prefer)
    t.equal((first[0], len(first[1])), (201, 1), "first insert")
    t.equal(
        ask(crm, "POST", "/rest/v1/ce_activities", token, row, prefer), (201, []), "second insert"
    )
    t.equal(len(crm.activities()), 1, "rows")
    foreign = {
        **row,
        "id": "7f9c24e5-0c4f-5a6b-9c1d-2b7e4a1c9d11",
        "organization_id": "00000000-0000-4000-8000-000000000001",
    }
    t.equal(
        ask(crm, "POST", "/rest/v1/ce_activities", token, foreign)[1]["code"],
        "42501",
        "another organisation's row",
    )


def test_crm_needs_the_api_key(t):
    crm = t.crm()
    conn = http.client.HTTPConnection(crm.url.removeprefix("http://"), timeout=20)
    conn.request("GET", "/rest/v1/ce_contacts")
    t.equal(conn.getresponse().status, 401, "without apikey")
    conn.close()
    t.equal([r[2] for r in crm.stub.requests], [401], "what the stub wrote down")
