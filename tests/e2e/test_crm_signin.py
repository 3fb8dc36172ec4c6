"""Signing in to a CRM: by password once, then by refresh tokens that lie encrypted and work once."""
import os
import shlex

NEEDS = ("crm",)
TIMEOUT = 90
PASSPHRASE = "correct horse battery"


def with_passphrase(t, *args, stdin=b"", code=0):
    """Runs crmail as a script does that keeps the passphrase in a file."""
    file = t.write("passphrase", PASSPHRASE + "\n")
    words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
    return t.run(
        ["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"], stdin=stdin, code=code
    )


def add_with_saved_password(t, crm):
    args = crm.crm_args()
    at = args.index("--secret-command")
    args[at : at + 2] = ["--password-fd", "0"]
    with_passphrase(t, "crm", "add", *args, stdin=crm.password.encode() + b"\n")


def sign_ins(crm):
    """[(kind, status)] of the sign-ins since the last call."""
    found = [
        (path.partition("grant_type=")[2], status)
        for _, path, status in crm.stub.requests
        if "/token" in path
    ]
    crm.stub.requests.clear()
    return found


def test_crmtokenrotation_a_stored_token_takes_the_passwords_place(t):
    crm = t.crm(contacts=[{"id": "C1", "email": "ann@wood.test"}])
    add_with_saved_password(t, crm)
    for n in range(4):
        passed = with_passphrase(t, "sync", "--once", "--json").json
        t.equal(passed["crms"][0]["result"], "ok", f"pass {n}")
        want = [("refresh_token", 200)] if n else [("password", 200)]
        t.equal(sign_ins(crm), want, f"sign-ins of pass {n}")
    crm.stub.revoke_refresh_tokens()
    with_passphrase(t, "sync", "--once", "--json")
    t.equal(sign_ins(crm), [("refresh_token", 400), ("password", 200)], "after they were revoked")
    with_passphrase(t, "sync", "--once", "--json")
    t.equal(sign_ins(crm), [("refresh_token", 200)], "the pass after that")


def test_tokens_and_passwords_are_in_no_file_as_they_are(t):
    crm = t.crm()
    given = []
    kept = crm.stub.sign_in

    def sign_in(grant, body):
        status, answer = kept(grant, body)
        given.extend(answer.get(key) for key in ("access_token", "refresh_token"))
        return status, answer

    crm.stub.sign_in = sign_in
    add_with_saved_password(t, crm)
    with_passphrase(t, "sync", "--once", "--json")
    t.equal(len(given), 2, "tokens given")
    for folder, _, names in os.walk(t.home()):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                content = f.read()
            for secret in (crm.password, PASSPHRASE, *given):
                t.true(secret.encode() not in content, f"no secret in {name}")


def test_without_the_passphrase_the_command_is_asked_each_time(t):
    crm = t.crm()
    t.crmail("crm", "add", *crm.crm_args())
    for _ in range(2):
        t.crmail("sync", "--once", "--json")
        t.equal(sign_ins(crm), [("password", 200)], "sign-ins")


def test_a_locked_password_says_what_to_do_and_mail_goes_on(t):
    crm = t.crm()
    add_with_saved_password(t, crm)
    done = t.crmail("sync", "--once", "--json", code=1)
    t.true("--passphrase-fd" in done.err, f"words: {done.err}")


def test_a_user_moved_to_another_organisation_is_not_matched_with_the_first(t):
    crm = t.crm(contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("crm", "add", *crm.crm_args())
    t.crmail("sync", "--once", "--json")
    crm.psql("UPDATE ce_users SET organization_id = gen_random_uuid()")
    passed = t.crmail("sync", "--once", "--json", code=1).json["crms"][0]
    t.equal((passed["result"], passed["error"]["code"]), ("failed", "auth"), "the pass")
    t.true("another organisation" in passed["error"]["message"], "words")
    t.equal(t.crmail("status", "--json").json["crms"][0]["status"], "sign-in", "status")


def test_a_user_the_crm_does_not_show_any_more_empties_nothing(t):
    """Row-level security answers an empty list to everything: that is no empty CRM."""
    crm = t.crm(contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("crm", "add", *crm.crm_args())
    t.crmail("sync", "--once", "--json")
    crm.psql("DELETE FROM ce_users")
    passed = t.crmail("sync", "--once", "--json", code=1).json["crms"][0]
    t.equal(passed["error"]["code"], "auth", "error")
    t.equal(len(t.crmail("contact", "list", "--json").json["contacts"]), 1, "contacts")
