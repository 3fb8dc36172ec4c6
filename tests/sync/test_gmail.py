"""A Gmail account against @inbox-zero/emulate: the first listing, then what changes there and here."""
import json
import time

from support.gmail import Gmail, Gone, answer, broken_off, half, lose, raw_of, refuse_parts
from support.gmailbox import BEGAN, SEEN, STAR, here, mail, rows
from support.later import Later
from support.letters import letter, parse
from support.terminal import Tmux

NEEDS = ("oidc",)
TIMEOUT = 300
MANY = 5000


def test_mail_comes_with_labels_and_flags_after_a_sign_in(t):
    mails = [
        mail(0),
        (mail(1), ["INBOX", "STARRED", "IMPORTANT", "CATEGORY_UPDATES"]),
        (mail(2), ["Label_7"]),
        (mail(3), ["INBOX", "UNREAD", "Label_7"]),
        (mail(4), ["TRASH", "Label_7"]),
        (mail(5), ["SPAM", "UNREAD"]),
        (mail(6), ["SENT"]),
        (mail(7), []),
    ]
    google = Gmail(t, mails, labels={"Label_7": "Work/Ops"})
    google.add()
    t.equal(google.sync()["new"], len(mails), "new")
    want = {
        "0": (0, {"INBOX"}),
        "1": (SEEN | STAR, {"INBOX"}),
        "2": (SEEN, {"ARCHIVE", "Label_7"}),
        "3": (0, {"INBOX", "Label_7"}),
        "4": (SEEN, {"TRASH"}),
        "5": (0, {"SPAM"}),
        "6": (SEEN, {"SENT"}),
        "7": (SEEN, {"ARCHIVE"}),
    }
    t.equal(here(t), want, "placements")
    t.equal(rows(t, "SELECT name FROM folder WHERE server_name = 'Label_7'"), [("Work/Ops",)], "the label")
    term = Tmux(t, google.command())
    term.wait("note number 3")
    term.wait("note number 0")
    term.keys("Enter")
    term.wait("wort3wort")
    term.keys("g", "A")
    term.wait("8 messages")
    term.close()
    log = open(f"{t.home()}/crmail.log", encoding="utf-8").read()
    for private in (google.who, "Bearer", "wort", "note number", "Work/Ops"):
        t.true(private not in log, f"no {private} in the log")


def test_first_listing_of_5000_and_nothing_again(t):
    google = Gmail(t, [mail(i) for i in range(MANY)])
    google.add()
    began = time.time()
    t.equal(google.sync(seconds=280)["new"], MANY, "new")
    batches = google.line.count("POST", "/batch/")
    t.note(f"{MANY} messages in {batches} batches, {time.time() - began:.1f} s")
    t.equal(rows(t, "SELECT count(*), count(DISTINCT mid) FROM message"), [(MANY, MANY)], "rows")
    t.equal(rows(t, "SELECT count(*) FROM message WHERE body = 0"), [(0,)], "without a body")
    t.true(batches <= MANY / 40, "few requests")
    before = len(google.line.requests)
    t.equal(google.sync()["new"], 0, "new in a second pass")
    later = [r.path for r in google.line.requests[before:]]
    t.true(not [p for p in later if "/messages" in p or "/batch" in p], f"only history: {later}")


def test_mail_older_than_the_window_stays_there(t):
    old = letter("a@b.test", "alice@example.test", "ancient", "ancient text\n", "<note7@elsewhere.test>", BEGAN - 30 * 86400)
    google = Gmail(t, [old.as_bytes(), mail(1), mail(2)])
    google.add(history="14")
    t.equal((google.sync()["new"], sorted(here(t))), (2, ["1", "2"]), "new")
    google.modify("m0", add=["STARRED"])
    google.modify("m1", add=["STARRED"])
    t.equal((google.sync()["new"], here(t)["1"][0]), (0, STAR), "changes")
    t.equal(sorted(here(t)), ["1", "2"], "messages")
    term = Tmux(t, google.command())
    term.wait("note number 2")
    term.keys("/")
    term.type("ancient")
    term.keys("Enter")
    term.wait("a@b.test")
    term.keys("Enter")
    term.wait("ancient text")
    term.keys("Q")
    term.wait_end()
    google.sync()
    t.equal(here(t)["7"][1], {"INBOX"}, "what a search found")


def connected(t, count=6, **kw):
    google = Gmail(t, [mail(i) for i in range(count)], labels={"Label_7": "Work/Ops"}, **kw)
    google.add()
    t.equal(google.sync()["new"], count, "new")
    return google


def test_what_changes_elsewhere_comes_by_history(t):
    google = connected(t)
    google.insert(mail(6))
    google.modify("m0", add=["STARRED", "Label_7"], remove=["UNREAD"])
    google.modify("m1", remove=["INBOX"])
    google.call("POST", "/gmail/v1/users/me/messages/m2/trash")
    google.delete("m3")
    google.call("POST", "/gmail/v1/users/me/labels", {"name": "Fresh"})
    fresh = [x for x in google.call("GET", "/gmail/v1/users/me/labels")["labels"] if x["name"] == "Fresh"]
    google.modify("m4", add=[fresh[0]["id"]])
    lists = google.line.count("GET", r"/messages\?")
    report = google.sync()
    t.equal((report["new"], report["result"]), (1, "ok"), "the pass")
    want = {
        "0": (SEEN | STAR, {"INBOX", "Label_7"}),
        "1": (0, {"ARCHIVE"}),
        "2": (0, {"TRASH"}),
        "3": (0, set()),
        "4": (0, {"INBOX", fresh[0]["id"]}),
        "5": (0, {"INBOX"}),
        "6": (0, {"INBOX"}),
    }
    got = here(t)
    got.setdefault("3", (0, set()))
    t.equal(got, want, "placements")
    t.equal(google.line.count("GET", r"/messages\?"), lists, "listings")
    google.call("POST", "/gmail/v1/users/me/messages/m2/untrash")
    google.modify("m2", add=["INBOX"])
    google.modify("m1", add=["INBOX"])
    google.sync()
    t.equal((here(t)["1"][1], here(t)["2"][1]), ({"INBOX"}, {"INBOX"}), "back again")


def test_what_is_done_here_is_done_there(t):
    google = connected(t)
    term = Tmux(t, google.command())
    term.wait("note number 5")
    term.keys("s")
    t.wait(lambda: "STARRED" in google.labels("m5"), "the star")
    term.keys("s")
    t.wait(lambda: "STARRED" not in google.labels("m5"), "no star")
    term.keys("e")
    term.wait(lambda screen: "note number 5" not in screen)
    t.wait(lambda: google.labels("m5").isdisjoint({"INBOX", "TRASH"}), "archived")
    term.keys("#")
    term.wait(lambda screen: "note number 4" not in screen)
    t.wait(lambda: "TRASH" in google.labels("m4"), "in the trash", 60)
    term.keys("Enter")
    term.wait("wort3wort")
    t.wait(lambda: "UNREAD" not in google.labels("m3"), "read")
    term.keys("Q")
    term.wait_end()
    t.equal(google.line.count("DELETE", ""), 0, "deletions for good")
    t.equal(sorted(google.ids()), sorted(f"m{i}" for i in range(6)), "messages there")
    google.sync()
    got = here(t)
    t.equal((got["5"][1], got["4"][1], got["3"][0]), ({"ARCHIVE"}, {"TRASH"}, SEEN), "here")
    report = google.sync()
    t.equal((report["ops_done"], report["changed"], report["gone"]), (0, 0, 0), "work of another pass")


def changed_at_once(t, google, keys):
    """Five conversations changed with Gmail away; then the requests that change something there."""
    google.line.is_away = True
    clock = t.write("clock", f"{int(time.time()) - 3600}\n")
    term = Tmux(t, google.command(), env={"CRMAIL_TEST": f"clock={clock}"})
    term.wait("note number 5")
    for _ in range(5):
        term.keys("x")
    term.wait("5 selected")
    term.keys(*keys)
    t.wait(lambda: rows(t, "SELECT count(*) FROM op")[0][0] >= 5, "the changes to wait")
    term.keys("Q")
    term.wait_end()
    google.line.is_away = False
    return len(google.line.requests)


def changes(google, before):
    """What was changed there, by the last word of the path."""
    asked = [r.path.rpartition("/")[2] for r in google.line.requests[before:] if r.method == "POST"]
    return [word for word in asked if word in ("modify", "batchModify", "trash")]


def test_many_changes_of_one_kind_are_one_request(t):
    google = connected(t)
    before = changed_at_once(t, google, "e")
    google.at("POST", "/batchModify", lose)
    google.sync(code=None)
    t.equal(changes(google, before), ["batchModify", "batchModify"], "requests, one of them lost")
    t.equal([sorted(google.labels(f"m{i}")) for i in range(1, 6)], [["UNREAD"]] * 5, "archived")
    t.equal(google.labels("m0"), {"INBOX", "UNREAD"}, "the one that was not selected")
    report = google.sync()
    t.equal((report["ops_done"], report["changed"], report["gone"]), (0, 0, 0), "work of another pass")
    t.equal([here(t)[str(i)][1] for i in range(6)], [{"INBOX"}] + [{"ARCHIVE"}] * 5, "here")


def test_one_change_of_many_that_is_refused_holds_up_no_other(t):
    google = connected(t)
    before = changed_at_once(t, google, "#")
    google.at("POST", "/batchModify", answer(400, {"error": {"code": 400, "message": "Invalid id"}}))
    google.at("POST", "/m2/trash", answer(400), times=None)
    google.sync(code=None)
    t.equal(changes(google, before)[:6], ["batchModify"] + ["trash"] * 5, "requests")
    t.equal(["TRASH" in google.labels(f"m{i}") for i in range(6)], [False, True, False, True, True, True], "in Trash")
    t.equal(rows(t, "SELECT count(*) FROM op"), [(1,)], "changes that were given up")


def test_labels_go_both_ways_and_stay_one_message(t):
    google = connected(t)
    term = Tmux(t, google.command())
    term.wait("note number 5")
    term.keys("l")
    term.wait("Label:")
    term.type("ops")
    term.keys("Enter")
    t.wait(lambda: google.labels("m5") == {"INBOX", "UNREAD", "Label_7"}, "the label there")
    google.sync()
    t.wait(lambda: here(t).get("5") == (0, {"INBOX", "Label_7"}), "one row in both folders")
    term.keys("l")
    term.wait("✓")
    term.type("ops")
    term.keys("Enter")
    t.wait(lambda: google.labels("m5") == {"INBOX", "UNREAD"}, "the label gone there", 30)
    term.keys("Q")
    term.wait_end()
    google.sync()
    t.equal((len(here(t)), here(t)["5"]), (6, (0, {"INBOX"})), "rows, and where it lies")


def test_a_refused_token_is_renewed_once_and_nobody_is_asked(t):
    google = connected(t)
    google.insert(mail(6))
    google.line.refused = {google.line.requests[-1].token}
    before = len(google.line.requests)
    t.equal(google.sync()["new"], 1, "new")
    refused = [r for r in google.line.requests[before:] if r.token in google.line.refused]
    t.equal(len(refused), 1, "requests with the old token")
    t.equal(len(google.office.events(google.who, grant="refresh_token")), 1, "refreshes")


def test_a_sign_in_that_ended_asks_for_another(t):
    google = connected(t)
    google.line.at("GET", "/labels", answer(401), times=None)
    report = google.sync(code=None)
    t.equal(report["result"], "failed", "the pass")
    status = t.crmail("status", "--json").json["accounts"][0]
    t.true("sign in again" in status["error"], status["error"])


def test_a_conflict_is_no_lost_history(t):
    google = connected(t)
    google.insert(mail(6))
    google.at("GET", "/history", answer(409))
    google.at("GET", "/history", answer(412))
    google.sync(code=None)
    google.sync(code=None)
    google.sync()
    t.equal({k: v[1] for k, v in here(t).items()}, {str(i): {"INBOX"} for i in range(7)}, "placements")
    t.equal(google.line.count("GET", r"/messages\?.*maxResults=500"), 1, "listings in all")


def test_lost_history_means_one_listing_that_loses_and_doubles_nothing(t):
    google = connected(t)
    google.modify("m0", add=["STARRED"])
    google.modify("m1", remove=["INBOX"])
    google.delete("m2")
    google.insert(mail(6))
    google.at("GET", "/history", answer(404))
    texts = google.line.count("GET", "format=raw")
    batches = google.line.count("POST", "/batch/")
    report = google.sync()
    t.equal((report["new"], report["result"]), (1, "ok"), "the pass")
    got = here(t)
    got.setdefault("2", (0, set()))
    want = {str(i): (0, {"INBOX"}) for i in range(7)}
    want.update({"0": (STAR, {"INBOX"}), "1": (0, {"ARCHIVE"}), "2": (0, set())})
    t.equal(got, want, "placements")
    t.equal(google.line.count("GET", r"/messages\?.*maxResults=500"), 2, "listings in all")
    t.true(google.line.count("POST", "/batch/") - batches <= 2, "batches")
    t.true(google.line.count("GET", "format=raw") - texts <= 1, "texts that came again")
    before = len(google.line.requests)
    google.sync()
    t.equal(len([r for r in google.line.requests[before:] if "/history" in r.path]), 1, "history goes on")


def test_the_account_waits_as_long_as_it_is_asked_to(t):
    google = connected(t)
    google.insert(mail(6))
    google.at("GET", "/history", answer(429, Retry_After="1"))
    google.at(
        "GET", "/history", answer(403, {"error": {"errors": [{"reason": "userRateLimitExceeded"}]}})
    )
    google.at("GET", "/history", answer(503))
    t.equal(google.sync(code=None)["new"], 1, "new")
    term = Tmux(t, google.command())
    term.wait("note number 6")
    google.at("GET", "/history", answer(429, Retry_After="3600"), times=None)
    google.insert(mail(7))
    before = google.line.count("GET", "/history")
    term.keys("C-r")
    t.wait(lambda: google.line.count("GET", "/history") > before, "the answer that asks to wait", 60)
    term.wait("asks to slow down")
    asked = google.line.count("GET", "/history")
    term.keys("C-r")
    term.keys("Enter")
    term.wait("wort6wort")
    t.equal(google.line.count("GET", "/history"), asked, "asked again before its time")
    term.close()


def test_parts_of_a_batch_that_fail_are_asked_for_alone(t):
    google = Gmail(t, [mail(i) for i in range(40)])
    google.add()
    google.at("POST", "/batch/", refuse_parts(lambda i: i % 3 == 0, 503))
    google.at("POST", "/batch/", refuse_parts(lambda i: i == 1, 500))
    google.at("POST", "/batch/", half)
    t.equal(google.sync()["new"], 40, "new")
    t.equal(sorted(here(t), key=int), [str(i) for i in range(40)], "messages")
    t.true(google.line.count("GET", r"/messages/m\d+\?format=raw") >= 6, "asked for alone")


def test_answers_that_break_off_or_are_no_answers_lose_nothing(t):
    google = Gmail(t, [mail(i) for i in range(30)])
    google.add()
    google.at("POST", "/batch/", broken_off)
    google.at("GET", r"/messages\?", half)
    google.at("GET", "/labels", half)
    for _ in range(4):
        report = google.sync(code=None)
        if report["result"] == "ok":
            break
    t.equal(sorted(here(t), key=int), [str(i) for i in range(30)], "messages")


# ---- sending


def written(t, google, text="On Monday.", number=5, env=None):
    """The answer to a note, in the outbox of a program that goes on."""
    t.send_at_once()
    term = Tmux(t, google.command(), env=env)
    term.wait(f"note number {number}")
    term.keys("Enter")
    term.wait(f"wort{number}wort")
    term.keys("r")
    term.wait(f"Re: note number {number}")
    term.type(text)
    term.wait(text)
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    return term


def states(t):
    return [m["state"] for m in t.crmail("outbox", "--json").json["messages"]]


def in_doubt(t):
    """The answer to the sending was lost, and Gmail is being asked."""
    m = t.crmail("outbox", "--json").json["messages"][0]
    return m["state"] == "handed" and "answer was lost" in (m.get("error") or "")


def is_sent_once(t, google):
    """One copy in Sent there, one row of it here, no draft left, nobody asked."""
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 60)
    t.equal((len(google.ids("SENT")), google.drafts()), (1, []), "sent, and drafts left")
    raw = google.raw(google.ids("SENT")[0])
    m = parse(raw)
    t.equal((m["Subject"], m["To"]), ("Re: note number 5", "Writer 5 <w5@elsewhere.test>"), "the mail")
    t.true(b"On Monday." in raw, "its text")
    google.sync()
    t.equal(rows(t, "SELECT count(*) FROM message WHERE subject LIKE 'Re: note%'"), [(1,)], "rows of it")
    t.equal(rows(t, "SELECT is_filed FROM outbox"), [(1,)], "the copy is known")


def test_an_answer_goes_out_through_a_draft_into_its_thread(t):
    google = connected(t)
    term = written(t, google)
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 60)
    term.keys("Q")
    term.wait_end()
    is_sent_once(t, google)
    sent = google.ids("SENT")[0]
    thread = google.call("GET", f"/gmail/v1/users/me/messages/{sent}?format=minimal")["threadId"]
    asked = google.call("GET", "/gmail/v1/users/me/messages/m5?format=minimal")["threadId"]
    t.equal(thread, asked, "the thread")
    t.equal(google.line.count("POST", "/drafts$"), 1, "drafts made")


def test_a_lost_answer_to_the_sending_is_settled_by_the_draft(t):
    google = connected(t)
    google.at("POST", "/drafts/send", lose)
    term = written(t, google)
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 90)
    term.close()
    is_sent_once(t, google)
    t.equal(google.line.count("POST", "/drafts/send"), 1, "sent")


def test_a_sending_that_never_arrived_is_done_again_with_the_same_draft(t):
    google = connected(t)
    google.at("POST", "/drafts/send", answer(500))
    google.at("POST", "/drafts$", lose)
    clock = Later(t)
    term = written(t, google, env=clock.env)
    t.wait(lambda: in_doubt(t), "the doubt", 60)
    clock.ahead = 61
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 120)
    term.close()
    is_sent_once(t, google)
    t.equal(google.line.count("POST", "/drafts/send"), 2, "tries to send")
    t.equal(google.line.count("POST", "/drafts$"), 1, "drafts made")


def test_a_draft_that_is_gone_before_the_next_try_is_sent_nowhere(t):
    """It may have been sent by whoever took it away: the user is asked."""
    google = connected(t)

    def take_away(line, request):
        google.call("DELETE", request.path.partition("?")[0])
        return answer(404)(line, request)

    google.at("POST", "/drafts/send", answer(429, Retry_After="1"))
    google.at("PUT", "/drafts/", take_away)
    clock = Later(t)
    term = written(t, google, env=clock.env)
    t.wait(lambda: in_doubt(t), "the doubt", 60)
    clock.ahead = 61
    t.wait(lambda: states(t) == ["unknown"], "the question", 90)
    term.close()
    t.equal((google.ids("SENT"), google.line.count("POST", "/drafts$")), ([], 1), "sent, and drafts made")


def test_the_name_that_gmail_gives_a_mail_is_known(t):
    google = connected(t)

    def another_name(line, request):
        status, headers, body = line.pass_on(request)
        for header in (body := json.loads(body))["payload"]["headers"]:
            header["value"] = "<theirs@mail.test>"
        return status, headers, json.dumps(body).encode()

    google.at("GET", "metadataHeaders=Message-ID$", another_name)
    term = written(t, google)
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 60)
    t.wait(
        lambda: rows(t, "SELECT far_message_id FROM outbox") == [("theirs@mail.test",)], "its other name"
    )
    term.close()


def test_a_mail_that_gmail_refuses_is_told_and_leaves_no_draft(t):
    google = connected(t)
    google.at("POST", "/drafts/send", answer(400, {"error": {"code": 400, "message": "Invalid To header"}}))
    term = written(t, google)
    t.wait(lambda: states(t) == ["refused"], "the refusal", 60)
    term.close()
    t.equal((google.ids("SENT"), google.drafts()), ([], []), "sent, and drafts left")


def test_a_mail_that_was_never_sent_leaves_no_draft(t):
    """Gmail made its draft and did not send it; the mail is taken back and thrown away."""
    google = connected(t)
    google.at("POST", "/drafts/send", answer(429, Retry_After="3600"), times=None)
    term = written(t, google)
    t.wait(lambda: len(google.drafts()) == 1, "the draft there", 60)
    t.wait(lambda: states(t) == ["queued"], "the mail to wait")
    term.keys("g", "o")
    term.wait("Re: note number 5")
    term.keys("#")
    t.wait(lambda: states(t) == ["draft"], "the mail taken back")
    term.keys("g", "d")
    term.wait("Re: note number 5")
    term.keys("#")
    t.wait(lambda: states(t) == ["cancelled"], "the mail thrown away")
    term.close()
    google.sync(code=None)
    t.equal((google.drafts(), google.ids("SENT")), ([], []), "drafts and mail sent")


# ---- drafts


def texts_of(google):
    """The first line of each draft there; nothing while one is being replaced."""
    try:
        found = [parse(google.raw(d["message"]["id"])) for d in google.drafts()]
    except Gone:
        return []
    return [m.get_content().strip().split("\n")[0] for m in found]


def test_a_draft_lies_at_gmail_in_its_last_version(t):
    google = connected(t)
    t.send_at_once()
    term = Tmux(t, google.command())
    term.wait("note number 5")
    term.keys("c")
    term.wait("New message")
    for text in ("laura@partner.test", "Offer", "Dear Laura"):
        term.type(text)
        term.wait(text)
        if text != "Dear Laura":
            term.keys("Tab")
    term.keys("Escape")
    term.wait("Draft saved")
    t.wait(lambda: texts_of(google) == ["Dear Laura"], "the draft there", 60)
    term.keys("g", "d")
    term.wait("Offer")
    term.keys("Enter")
    term.wait("Dear Laura")
    term.type("Hello and ")
    term.wait("Hello and")
    term.keys("Escape")
    term.wait("Draft saved")
    t.wait(lambda: texts_of(google) == ["Hello and Dear Laura"], "the second version", 60)
    term.keys("g", "d")
    term.wait("Offer")
    term.keys("Enter")
    term.wait("Hello and")
    term.keys("M-s")
    term.wait("Send to 1 person?")
    term.keys("Enter")
    t.wait(lambda: states(t) == ["sent"], "the mail sent", 60)
    t.wait(lambda: google.drafts() == [], "the draft to go", 60)
    term.keys("Q")
    term.wait_end()
    t.equal(len(google.ids("SENT")), 1, "mails sent")
    google.sync()
    t.equal(rows(t, "SELECT count(*) FROM placement p JOIN folder f ON f.id = p.folder AND f.role = 3"), [(0,)], "drafts here")


def test_a_draft_begun_elsewhere_is_here(t):
    google = connected(t)
    raw = letter(google.who, "laura@partner.test", "Offer", "Begun there\n", "<b1@example.test>").as_bytes()
    google.call("POST", "/gmail/v1/users/me/drafts", {"message": {"raw": raw_of(raw)}})
    term = Tmux(t, google.command())
    term.wait("note number 5")
    term.keys("g", "d")
    term.wait("Offer")
    term.keys("Enter")
    term.wait("Begun there")
    term.type("And here. ")
    term.wait("And here.")
    term.keys("Escape")
    term.wait("Draft saved")
    t.wait(lambda: texts_of(google) == ["And here. Begun there"], "one draft, gone on with", 60)
    term.keys("Q")
    term.wait_end()
