"""crmail crm test says in plain words what works with a CRM, what does not, and what to do."""
import json

NEEDS = ("crm",)
TIMEOUT = 90


def tried(t, code=0):
    return t.crmail("crm", "test", "supabase", "--json", code=code).json


def test_everything_works(t):
    crm = t.crm(contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("crm", "add", *crm.crm_args())
    found = tried(t)
    t.equal((found["result"], found["email"]), ("ok", crm.email), "result and user")
    rows = {o["name"]: (o["works"], o.get("rows")) for o in found["objects"]}
    want = {"partner": (True, 0), "contact": (True, 1), "lead": (True, 0), "deal": (True, 0)}
    t.equal({k: rows[k] for k in want}, want, "objects")
    t.true("update deal" in found["writes"], f"writes: {found['writes']}")
    t.equal(found["log"]["activities_made_by"], "unknown", "maker")
    text = t.crmail("crm", "test", "supabase").out
    t.true("contact: works, 1 on the first page." in text, text)
    t.true(crm.password not in text + json.dumps(found), "no secret is shown")


def test_what_may_not_be_read_is_named_with_what_to_do(t):
    crm = t.crm()
    crm.psql("REVOKE ALL ON ce_deals FROM authenticated")
    crm.psql("ALTER TABLE ce_leads RENAME COLUMN email TO mail")
    t.crmail("crm", "add", *crm.crm_args())
    found = tried(t, code=4)
    t.equal(found["result"], "partly", "result")
    bad = {o["name"]: o for o in found["objects"] if not o["works"]}
    t.equal(sorted(bad), ["deal", "lead"], "objects that do not work")
    t.equal(bad["deal"]["error"]["code"], "auth", "code")
    t.true("right to read" in bad["deal"]["advice"], "advice")
    t.true("profile" in bad["lead"]["advice"], f"advice: {bad['lead']}")


def test_a_wrong_password_and_a_wrong_address(t):
    crm = t.crm()
    args = crm.crm_args()
    args[args.index("--secret-command") + 1] = t.secret_command("wrong")
    t.crmail("crm", "add", *args)
    found = tried(t, code=1)
    t.equal((found["result"], found["error"]["code"]), ("failed", "auth"), "wrong password")
    t.true("password" in found["advice"], "advice")
    crm.stub.stop()
    found = tried(t, code=1)
    t.equal(found["error"]["code"], "net", "nobody there")
    t.true("--url" in found["advice"], "advice")
    t.crmail("crm", "test", "nobody", code=3)


def test_who_makes_the_activity_is_seen(t):
    crm = t.crm()
    t.crmail("crm", "add", *crm.crm_args())
    crm.insert("ce_email_messages", {"message_id": "1@wood.test", "subject": "S"})
    t.equal(tried(t)["log"]["activities_made_by"], "nobody", "before it has activities")
    crm.insert(
        "ce_activities",
        {
            "activity_type": "email",
            "status": "completed",
            "activity_date": "2026-11-01T00:00:00Z",
            "message_id": "1@wood.test",
        },
    )
    found = tried(t, code=4)
    t.equal(found["log"]["activities_made_by"], "crm", "with activities")
    t.true("--log message" in found["log"]["advice"], "advice")


def test_nothing_is_stored_and_no_token_taken(t):
    crm = t.crm(contacts=[{"id": "C1", "email": "ann@wood.test"}])
    t.crmail("crm", "add", *crm.crm_args())
    tried(t)
    t.equal(t.crmail("contact", "list", "--json").json["contacts"], [], "contacts")
    t.true(
        all("refresh_token" not in path for _, path, _ in crm.stub.requests), "no refresh was asked"
    )


def test_a_crm_without_a_server(t):
    t.crmail("crm", "add", "local")
    found = t.crmail("crm", "test", "local", "--json").json
    t.equal((found["result"], found["objects"]), ("ok", []), "result and objects")
    t.true("create contact" in found["writes"], "what can be written")
    t.true("create user" not in found["writes"], "users are nobody's to write")
    done = t.crmail("crm", "sweep", "local", code=1)
    t.true("no server" in done.err, done.err)
