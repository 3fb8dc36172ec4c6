"""Gmail's lists where they break off, end too early or never, and messages that are refused for a while:
nothing is lost, nothing comes twice, and nothing here is deleted because of them.
"""
import json
import re

from support.gmail import Gmail, answer, cut, refuse_parts
from support.gmailbox import here, mail, rows

NEEDS = ("oidc",)
TIMEOUT = 300
INBOX = {"INBOX"}


def in_pages(google, size=7):
    """Gmail gives fewer ids a page than it is asked for."""

    def smaller(line, request):
        request.path = request.path.replace("maxResults=500", f"maxResults={size}")
        return line.pass_on(request)

    google.line.at("GET", r"/messages\?.*maxResults=500", smaller, times=None)


def changed(change):
    """The answer as JSON, changed."""

    def do(line, request):
        request.path = request.path.replace("maxResults=500", "maxResults=7")
        status, headers, body = line.pass_on(request)
        return status, headers, json.dumps(change(json.loads(body))).encode()

    return do


def pages(google):
    """The tokens of the pages that were asked for, in order; "" = the first one."""
    asked = [r.path for r in google.line.requests if "/messages?" in r.path and "maxResults=7" in r.path]
    return [(re.findall(r"pageToken=([^&]*)", path) or [""])[0] for path in asked]


def everything(t, count):
    t.equal({k: v[1] for k, v in here(t).items()}, {str(i): INBOX for i in range(count)}, "mail here")


def cursor(t):
    return rows(t, "SELECT cursor FROM folder WHERE server_name = 'INBOX'")[0][0]


def begun(t, count=40, history="all"):
    """An account whose first listing has come as far as its third page."""
    google = Gmail(t, [mail(i) for i in range(count)])
    google.at("GET", r"/messages\?.*pageToken=14", cut, times=None)
    in_pages(google)
    google.add(history=history)
    google.sync(code=None)
    t.equal(len(here(t)), 14, "mail of two pages")
    google.line.forget_wishes()
    return google


def test_a_listing_goes_on_where_the_line_broke(t):
    google = begun(t)
    in_pages(google)
    before = len(google.line.requests)
    google.sync()
    everything(t, 40)
    asked = [r.path for r in google.line.requests[before:] if "/messages?" in r.path]
    t.true("pageToken=14" in asked[0], f"the first page that was asked for: {asked[0]}")
    t.equal(len(asked), 4, "pages")
    t.true(cursor(t).startswith("v1 at "), "listed")
    google.insert(mail(40))
    t.equal(google.sync()["new"], 1, "new")


def test_a_token_that_ended_means_the_first_page_and_nothing_again(t):
    google = begun(t)
    google.at("GET", "pageToken=14", answer(400, {"error": {"code": 400, "message": "Invalid pageToken"}}))
    in_pages(google)
    before = len(google.line.requests)
    google.sync()
    everything(t, 40)
    t.equal(pages(google)[-6:], ["", "7", "14", "21", "28", "35"], "pages")
    got = sum(r.path.startswith("/batch") for r in google.line.requests[before:])
    t.true(got <= 4, f"batches for what was missing: {got}")


def test_a_token_that_is_never_taken_is_told(t):
    google = begun(t)
    google.at("GET", "pageToken=", answer(400), times=None)
    in_pages(google)
    report = google.sync(code=None)
    t.equal((report["result"], len(here(t))), ("failed", 14), "the pass")
    t.true(len(google.line.requests) < 200, "requests")
    google.line.forget_wishes()
    google.sync()
    everything(t, 40)


def test_lists_that_never_end_are_told_and_lose_nothing(t):
    lies = {
        "the same page": lambda page: {**page, "nextPageToken": "7"},
        "a token after the other": lambda page, seen=[]: (seen.append(1), {**page, "nextPageToken": f"7&x={len(seen)}"})[1],
        "empty pages": lambda page, seen=[]: (seen.append(1), {"resultSizeEstimate": 0, "nextPageToken": f"7&x={len(seen)}"})[1],
        "no token": lambda page: {**page, "nextPageToken": {"page": 2}},
    }
    google = begun(t, 20)
    for lie, change in lies.items():
        google.at("GET", r"/messages\?.*maxResults=500", changed(change), times=None)
        before = len(google.line.requests)
        report = google.sync(code=None)
        t.equal(report["result"], "failed", lie)
        status = t.crmail("status", "--json").json["accounts"][0]
        t.true("Gmail's list" in status["error"], f"{lie}: {status['error']}")
        t.true(len(google.line.requests) - before < 400, f"{lie}: {len(google.line.requests) - before} requests")
        google.line.forget_wishes()
    google.sync()
    everything(t, 20)


def test_a_history_that_is_none_is_told_and_loses_nothing(t):
    google = Gmail(t, [mail(i) for i in range(3)])
    google.add()
    google.sync()
    google.insert(mail(3))
    for lie in ({"history": "none"}, [], {"historyId": "99999", "nextPageToken": 7}):
        google.at("GET", "/history", answer(200, lie), times=None)
        t.equal(google.sync(code=None)["result"], "failed", str(lie))
        google.line.forget_wishes()
    google.sync()
    everything(t, 4)


def test_a_list_cut_short_deletes_nothing(t):
    """After a lost history, a listing whose pages are half empty, and that ends too early."""
    google = Gmail(t, [mail(i) for i in range(30)])
    google.add()
    google.sync()
    google.delete("m3")
    google.modify("m4", add=["STARRED"])
    google.modify("m29", remove=["INBOX"])
    google.at("GET", "/history", answer(404))
    google.at("GET", r"/messages\?.*maxResults=500", changed(lambda page: {"messages": page["messages"][:2]}))
    report = google.sync()
    t.equal((report["result"], report["new"]), ("ok", 0), "the pass")
    got = here(t)
    want = {str(i): (0, INBOX) for i in range(30)}
    want["4"] = (2, INBOX)
    want["29"] = (0, {"ARCHIVE"})
    want["3"] = got.get("3", (0, set()))
    t.equal((got, want["3"][1]), (want, set()), "mail here, and what was deleted")
    google.insert(mail(30))
    t.equal(google.sync()["new"], 1, "new")


def test_mail_older_than_the_window_stays_after_a_lost_history(t):
    google = Gmail(t, [mail(i) for i in range(3)])
    google.add()
    google.sync()
    google.delete("m2")
    google.at("GET", "/history", answer(404))
    google.at("GET", r"/messages\?", answer(200, {"resultSizeEstimate": 0}))
    google.sync()
    got = here(t)
    t.equal((got["0"][1], got["1"][1], got.get("2", (0, set()))[1]), (INBOX, INBOX, set()), "mail here")


def test_labels_without_an_inbox_are_no_labels(t):
    google = Gmail(t, [mail(0), (mail(1), ["INBOX", "Label_7"])], labels={"Label_7": "Work/Ops"})
    google.add()
    google.sync()
    google.at("GET", "/labels", answer(200, {"labels": []}), times=None)
    report = google.sync(code=None)
    t.equal(report["result"], "failed", "the pass")
    t.equal(here(t)["1"][1], {"INBOX", "Label_7"}, "its places")
    google.line.forget_wishes()
    google.sync()
    t.equal(here(t)["1"][1], {"INBOX", "Label_7"}, "its places in the end")


# ---- messages that are refused


def refused(google, number, status, body=None):
    """That message, in batches and alone."""
    google.at("GET", rf"/messages/m{number}\?", answer(status, body), times=None)
    google.at("POST", "/batch/", lambda line, request: without(line, request, number), times=None)


def without(line, request, number):
    """The part about that message fails."""
    asked = re.findall(rb"GET /gmail/v1/users/me/messages/(\w+)\?", request.body)
    at = asked.index(b"m%d" % number) if b"m%d" % number in asked else -1
    return refuse_parts(lambda i: i == at, 500)(line, request)


def test_a_message_that_is_refused_is_asked_for_again(t):
    google = Gmail(t, [mail(i) for i in range(20)])
    google.add()
    for status in (500, 403, 409, 400):
        refused(google, 7, status)
        google.sync(code=None)
        t.equal(len(here(t)), 19 if status != 400 else 19, f"mail here at {status}")
        google.line.forget_wishes()
    t.true(cursor(t).endswith(" m7"), f"written down: {cursor(t)}")
    google.insert(mail(20))
    google.sync()
    everything(t, 21)
    t.equal(len(cursor(t).split()), 3, f"nothing is asked for later: {cursor(t)}")


def test_a_message_that_is_gone_is_not_asked_for_again(t):
    google = Gmail(t, [mail(i) for i in range(20)])
    google.add()
    refused(google, 7, 500)
    google.sync(code=None)
    google.line.forget_wishes()
    google.delete("m7")
    google.sync()
    before = len(google.line.requests)
    google.sync()
    t.equal([r.path for r in google.line.requests[before:] if "m7" in r.path or "/batch" in r.path], [], "asked for")
    t.equal(len(here(t)), 19, "mail here")


def test_labels_of_a_message_that_is_refused_come_later(t):
    google = Gmail(t, [mail(i) for i in range(3)])
    google.add()
    google.sync()
    google.modify("m1", add=["STARRED"])
    refused(google, 1, 500)
    google.sync(code=None)
    t.equal(here(t)["1"][0], 0, "no star yet")
    google.line.forget_wishes()
    google.sync()
    t.equal(here(t)["1"][0], 2, "the star")


def test_a_service_that_refuses_everything_is_no_message_that_is_refused(t):
    google = Gmail(t, [mail(i) for i in range(12)])
    google.add()
    for path in (r"/messages/m\d+\?", "/profile"):
        google.at("GET", path, answer(500), times=None)
    google.at("POST", "/batch/", answer(500), times=None)
    t.equal(google.sync(code=None)["result"], "failed", "the pass")
    google.line.forget_wishes()
    google.sync()
    everything(t, 12)
    t.equal(len(cursor(t).split()), 3, f"nothing is asked for later: {cursor(t)}")


def test_a_part_that_asks_to_slow_down_asks_it_of_all(t):
    google = Gmail(t, [mail(i) for i in range(20)])
    google.add()
    google.at("POST", "/batch/", refuse_parts(lambda i: i == 2, 429))
    t.equal(google.sync(code=None)["new"], 20, "new")
    t.true(google.line.count("GET", r"/messages/m\d+\?") <= 1, "asked for alone at once")
