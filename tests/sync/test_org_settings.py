"""What the organisation has set in the CRM is default and bound for the accounts that belong to it."""
import time

from support.letters import letter

NEEDS = ("mail", "crm")
TIMEOUT = 150
DAY = 86400


def set_up(t, *account_words):
    box = t.mailbox("minh")
    crm = t.crm(contacts=[{"id": "C1", "first_name": "Ann", "email": "ann@wood.test"}])
    t.crmail("account", "add", "work", *box.account_args(), *account_words)
    t.crmail("crm", "add", *crm.crm_args(), "--log-since", "all")
    return box, crm


def organize(crm, organization=None, **values):
    crm.insert("ce_module_settings", {"organization_id": organization or crm.organization, **values})


def sync(t):
    return t.crmail("sync", "--once", "--json").json


def settings(t):
    account = t.crmail("status", "--json").json["accounts"][0]
    return {k: (v["value"], v["from"]) for k, v in account["settings"].items()}


def append(box, days):
    at = int(time.time()) - days * DAY
    mail = letter("ann@wood.test", box.address, f"{days} days", "x", f"<{days}@wood.test>", at)
    box.append("INBOX", bytes(mail), received=at)


def subjects(t):
    found = t.crmail("search", "from:ann", "--json", "--limit", "0").json["messages"]
    return sorted(m["subject"] for m in found)


def test_the_organisations_values_hold_where_the_account_says_nothing(t):
    box, crm = set_up(t)
    t.equal(
        settings(t),
        {
            "history": (30, "default"),
            "body_size_limit_kb": (500, "default"),
            "sync_interval_minutes": (15, "default"),
        },
        "before",
    )
    organize(
        crm,
        email_sync_history_days=7,
        email_body_size_limit_kb=100,
        email_sync_interval_minutes=60,
        email_tracking_enabled=False,
        email_custom_tracking_domain="t.wood.test",
    )
    sync(t)
    t.equal(
        settings(t),
        {
            "history": (7, "organization"),
            "body_size_limit_kb": (100, "organization"),
            "sync_interval_minutes": (60, "organization"),
        },
        "with the organisation's",
    )
    t.equal(
        t.crmail("status", "--json").json["crms"][0]["organization"],
        {
            "email_body_size_limit_kb": "100",
            "email_custom_tracking_domain": "t.wood.test",
            "email_sync_history_days": "7",
            "email_sync_interval_minutes": "60",
            "email_tracking_enabled": "false",
        },
        "what it has set",
    )
    for days in (2, 10, 25):
        append(box, days)
    sync(t)
    t.equal(subjects(t), ["2 days"], "mail of the last 7 days")


def test_a_person_may_only_ask_for_less(t):
    box, crm = set_up(
        t, "--history", "all", "--set", "body_size_limit_kb=2000", "--set", "sync_interval_minutes=5"
    )
    organize(crm, email_sync_history_days=14)  # the others have the contract's defaults
    sync(t)
    t.equal(
        settings(t),
        {
            "history": (14, "bound"),
            "body_size_limit_kb": (500, "bound"),
            "sync_interval_minutes": (15, "bound"),
        },
        "beyond the bounds",
    )
    for days in (2, 10, 25):
        append(box, days)
    sync(t)
    t.equal(subjects(t), ["10 days", "2 days"], "mail of the last 14 days")
    crm.psql("UPDATE ce_module_settings SET email_sync_history_days = 90, "
             "email_body_size_limit_kb = 2000, email_sync_interval_minutes = 5")
    sync(t)
    t.equal(
        settings(t),
        {
            "history": (90, "bound"),
            "body_size_limit_kb": (2000, "account"),
            "sync_interval_minutes": (5, "account"),
        },
        "within other bounds",
    )


def test_settings_of_others_and_settings_that_are_gone_do_not_hold(t):
    _, crm = set_up(t)
    organize(crm, "00000000-0000-4000-8000-00000000ffff", email_sync_history_days=7)
    sync(t)
    t.equal(settings(t)["history"], (30, "default"), "of another organisation")
    organize(crm, email_sync_history_days=60)
    sync(t)
    t.equal(settings(t)["history"], (60, "organization"), "of ours")
    crm.psql("REVOKE SELECT ON ce_module_settings FROM authenticated")
    t.equal(sync(t)["crms"][0]["result"], "ok", "a pass without the right to see them")
    t.equal(settings(t)["history"], (60, "organization"), "what was known holds")
    crm.psql("GRANT SELECT ON ce_module_settings TO authenticated; DELETE FROM ce_module_settings")
    sync(t)
    t.equal(settings(t)["history"], (30, "default"), "taken back")


def test_what_no_account_takes_is_refused(t):
    box = t.mailbox("minh")

    def refused(*words):
        err = t.crmail("account", "add", "work", *box.account_args(), *words, code=2).err
        t.equal(len(err.strip().splitlines()), 1, f"one sentence about {words}")
        return err

    t.true("from 7 to 90, or all" in refused("--history", "3"), "too few days")
    refused("--history", "5000")
    refused("--history", "some")
    refused("--set", "history=91")
    refused("--set", "body_size_limit_kb=99")
    refused("--set", "sync_interval_minutes=61")
    refused("--set", "sent_copy=maybe")
    t.true('"hystory"' in refused("--set", "hystory=30"), "what it does not know")
    refused("--set", "nothing")
    t.crmail("account", "add", "work", *box.account_args(), "--history", "all")
    t.crmail("account", "add", "week", *box.account_args(), "--history", "7")
