/*
 * test_crm_sync.c - a CRM's pass over a store of its own and a CRM that is a table in this file:
 * rules of logging, what is kept when the CRM fails, and what is given up.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/activity.h"
#include "crmail/store/ingest.h"
#include "crmail/sync/crm_sync.h"
#include "tests/unit/store/fixture.h"

#define JWT "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTEifQ."
#define AT 1793491200 /* 2026-11-01 */

/* The CRM: what it answers to each kind of request, and what it was sent. */
struct remote {
	int post_status;
	int64_t wait_ms;
	bool is_down;
	size_t posts, finds;
	char last_body[2000];
};

struct scene {
	struct fixture *f;
	struct remote remote;
	struct crm_http http;
	int64_t crm, account, folder;
	int number;
};

static bool asks(const struct crm_request *rq, const char *method, const char *part)
{
	return !strcmp(rq->method, method) && strstr(rq->url, part);
}

static int answer(struct crm_response *rs, int status, const char *text)
{
	rs->status = status;
	buf_addstr(rs->body, text);
	return 0;
}

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	struct remote *r = ctx;
	rs->retry_after_ms = r->wait_ms ? r->wait_ms : -1;
	if (r->is_down)
		return err_set(e, ERR_NET, "down");
	if (asks(rq, "POST", "/token"))
		return answer(rs, 200, "{\"access_token\":\"" JWT "\"}");
	if (asks(rq, "GET", "/ce_users"))
		return answer(rs, 200, "[{\"id\":\"U1\",\"organization_id\":\"O1\"}]");
	if (asks(rq, "GET", "/ce_contacts") && !strstr(rq->url, "&or="))
		return answer(rs, 200,
			"[{\"id\":\"C1\",\"first_name\":\"Laura\",\"email\":\"l@x.example\","
			"\"updated_at\":\"2026-01-01T00:00:00Z\"}]");
	if (asks(rq, "POST", "/ce_activities")) {
		r->posts++;
		snprintf(r->last_body, sizeof(r->last_body), "%s", rq->body);
		return answer(rs, r->post_status,
			r->post_status == 201 ? "[{\"id\":\"K\"}]" : "{}");
	}
	r->finds += asks(rq, "GET", "select=id&id=eq.");
	return answer(rs, 200, "[]");
}

static int get_secret(void *ctx, const char *name, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	assert_string_equal(name, "password");
	buf_addstr(out, "s3cret");
	return 0;
}

static void set_up(struct scene *s, struct fixture *f, const struct crm_row *rules)
{
	*s = (struct scene){.f = f, .remote = {.post_status = 201}};
	struct crm_row row = *rules;
	row.name = "main";
	if (!row.profile) {
		row.profile = "supabase";
		row.url = "http://crm.test";
	}
	const struct setting words[] = {{"anon_key", "A"}, {"email", "me@ourfirm.example"}};
	assert_ok(f, crm_add(f->store, &row, words, 2, &s->crm, &f->err));
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example", .crm = s->crm};
	assert_ok(f, account_add(f->store, &account, NULL, 0, &s->account, &f->err));
	const struct folder_in in = {"INBOX", "INBOX", FOLDER_INBOX};
	assert_ok(f, folder_put_list(f->store, s->account, &in, 1, &f->err));
	struct folder_row *folders;
	size_t n;
	assert_ok(f, folder_list(f->reader, &f->arena, s->account, &folders, &n, &f->err));
	s->folder = folders[0].id;
}

static int64_t mail(struct scene *s, const char *from, const char *to, const char *more)
{
	struct fixture *f = s->f;
	int i = ++s->number;
	const char *text = arena_printf(&f->arena,
		"From: %s\r\nTo: %s\r\nSubject: S%d\r\nMessage-ID: <%d@x.example>\r\n%s"
		"Date: Sun, 1 Nov 2026 00:00:%02d +0000\r\n\r\nfirst line\r\nsecond line\r\n",
		from, to, i, i, more, i);
	struct ingest_msg m = {.server_id = arena_printf(&f->arena, "%d", i),
		.received = AT + i,
		.size = strlen(text),
		.p = ingest_prepare(&f->arena, text, strlen(text), true)};
	struct ingest_page page = {.account = s->account, .folder = s->folder, .msgs = &m, .n = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
	return r.ids[0];
}

static struct crm_sync *open_crm(struct scene *s)
{
	static const struct crm_secrets secrets = {.get = get_secret};
	struct fixture *f = s->f;
	struct crm_sync *crm = NULL;
	const char *top = getenv("CRMAIL_SRCDIR");
	s->http = (struct crm_http){perform, &s->remote};
	const struct crm_sync_options o = {.store = f->store,
		.clock = f->clock,
		.share_dir = arena_printf(&f->arena, "%s/share/crmail", top ? top : "."),
		.http = &s->http,
		.secrets = &secrets};
	assert_ok(f, crm_sync_open(&crm, &o, s->crm, &f->err));
	return crm;
}

static struct crm_report pass(struct scene *s)
{
	struct crm_report report = {.name = "main"};
	struct crm_sync *crm = open_crm(s);
	crm_sync_pass(crm, &s->f->arena, &report);
	crm_sync_close(crm);
	return report;
}

static const char *state_of(struct scene *s, int64_t message)
{
	static const char *const names[] = {"local", "queued", "logged", "parked", "not"};
	enum log_state st;
	const char *reason;
	assert_ok(s->f,
		log_state_of(s->f->reader, &s->f->arena, message, &st, &reason, &s->f->err));
	return names[st];
}

static const struct crm_row defaults = {.log_since = 0};

static void crm_sync__logs__and_a_second_pass_does_nothing(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	int64_t id = mail(&s, "L@X.example", "me@ourfirm.example", "");
	struct crm_report r = pass(&s);
	if (r.error.code)
		fail_msg("%s", r.error.msg);
	assert_true(r.contacts == 1 && r.logged == 1 && r.skipped == 0);
	assert_string_equal(state_of(&s, id), "logged");
	assert_non_null(strstr(s.remote.last_body, "\"body\":\"first line second line\""));
	r = pass(&s);
	assert_true(r.contacts == 0 && r.logged == 0 && s.remote.posts == 1);
	struct crm_row *row;
	assert_ok(s.f, crm_get(s.f->reader, &s.f->arena, s.crm, &row, &s.f->err));
	assert_string_equal(row->status, "connected");
	assert_string_equal(row->organization_id, "O1");
	assert_int_equal(row->last_pull_at, FIXTURE_NOW);
}

static void crm_sync__never_reached__waits_for_the_organisation(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.is_down = true;
	struct crm_report r = pass(&s);
	assert_true(r.result == PASS_FAILED && r.error.code == ERR_NET && r.skipped == 0);
	s.remote.is_down = false;
	r = pass(&s);
	assert_int_equal(r.logged, 1);
}

static void crm_sync__level_and_mode(void **state)
{
	static const struct {
		const char *mode, *level;
		size_t posts;
		const char *holds;
	} rows[] = {
		{"known", "headers", 1, "\"body\":null"},
		{"known", "full", 1, "first line\\u000asecond line"},
		{"off", NULL, 0, NULL},
		{"replies", NULL, 0, NULL},
		{"everything", NULL, 2, "\"contact_id\":null"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene s;
		void *fresh = NULL;
		assert_int_equal(fixture_up(&fresh), 0);
		struct crm_row rules = {.log_mode = rows[i].mode, .log_level = rows[i].level};
		set_up(&s, fresh, &rules);
		mail(&s, "l@x.example", "me@ourfirm.example", "");
		mail(&s, "stranger@gmail.com", "me@ourfirm.example", "");
		pass(&s);
		assert_int_equal(s.remote.posts, rows[i].posts);
		if (rows[i].holds && !strstr(s.remote.last_body, rows[i].holds))
			fail_msg("%s lacks %s", s.remote.last_body, rows[i].holds);
		fixture_down(&fresh);
	}
	(void)state;
}

static void crm_sync__replies_mode__needs_a_word_of_mine(void **state)
{
	struct scene s;
	struct crm_row rules = {.log_mode = "replies"};
	set_up(&s, *state, &rules);
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	mail(&s, "me@ourfirm.example", "l@x.example", "In-Reply-To: <1@x.example>\r\n");
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	struct crm_report r = pass(&s);
	assert_true(r.logged == 2 && r.skipped == 1);
}

static void crm_sync__older_mail__is_not_logged(void **state)
{
	struct scene s;
	struct crm_row rules = {.log_since = AT + 2};
	set_up(&s, *state, &rules);
	int64_t old = mail(&s, "l@x.example", "me@ourfirm.example", "");
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	struct crm_report r = pass(&s);
	assert_true(r.logged == 1 && r.skipped == 1);
	assert_string_equal(state_of(&s, old), "not");
}

static void crm_sync__refused_entry__is_parked_and_named(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	int64_t id = mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.post_status = 400;
	struct crm_report r = pass(&s);
	assert_int_equal(r.result, PASS_PARKED);
	assert_int_equal(r.n_parked, 1);
	assert_string_equal(r.parked[0].message_id, "1@x.example");
	assert_string_equal(r.parked[0].target, "contact:C1");
	assert_string_equal(state_of(&s, id), "parked");
	pass(&s);
	assert_int_equal(s.remote.posts, 1);
}

static void crm_sync__slow_down__leaves_the_queue(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.post_status = 429;
	s.remote.wait_ms = 3600000;
	struct crm_report r = pass(&s);
	assert_true(r.error.code == ERR_RATE && r.error.after_ms == 3600000);
	assert_int_equal(s.remote.posts, 1);
	s.remote.post_status = 201;
	assert_int_equal(pass(&s).logged, 2);
	assert_int_equal(s.remote.finds, 0);
}

static void crm_sync__server_fault__looks_first__and_gives_up_at_last(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	int64_t id = mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.post_status = 500;
	for (int i = 0; i < 20; i++) {
		pass(&s);
		fixture_set_clock(s.f, FIXTURE_NOW + (i + 1) * 7200);
	}
	assert_int_equal(s.remote.posts, 12);
	assert_int_equal(s.remote.finds, 11);
	assert_string_equal(state_of(&s, id), "parked");
}

static void crm_sync__match__needs_no_network(void **state)
{
	struct scene s;
	set_up(&s, *state, &defaults);
	pass(&s);
	int64_t id = mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.is_down = true;
	struct crm_sync *crm = open_crm(&s);
	assert_ok(s.f, crm_sync_match(crm, &s.f->err));
	crm_sync_close(crm);
	assert_string_equal(state_of(&s, id), "queued");
	assert_int_equal(s.remote.posts, 0);
}

static void crm_sync__local__keeps_everything_here(void **state)
{
	struct scene s;
	struct crm_row rules = {.profile = "local"};
	set_up(&s, *state, &rules);
	static const char *const mails[] = {"l@x.example"};
	const struct contact_in laura = {.first_name = "Laura", .emails = mails, .n_emails = 1};
	struct put_page p = {.crm = s.crm};
	assert_ok(s.f, contact_put(s.f->store, &p, &laura, 1, &s.f->err));
	int64_t id = mail(&s, "l@x.example", "me@ourfirm.example", "");
	s.remote.is_down = true;
	struct crm_report r = pass(&s);
	assert_true(r.result == PASS_OK && r.logged == 0 && r.skipped == 0);
	assert_string_equal(state_of(&s, id), "local");
	struct timeline_entry *v;
	size_t n;
	assert_ok(s.f, timeline_page(s.f->reader, &s.f->arena, 1, 0, NULL, 5, &v, &n, &s.f->err));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].contact, "local:1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(crm_sync__logs__and_a_second_pass_does_nothing),
		TEST(crm_sync__never_reached__waits_for_the_organisation),
		TEST(crm_sync__level_and_mode),
		TEST(crm_sync__replies_mode__needs_a_word_of_mine),
		TEST(crm_sync__older_mail__is_not_logged),
		TEST(crm_sync__refused_entry__is_parked_and_named),
		TEST(crm_sync__slow_down__leaves_the_queue),
		TEST(crm_sync__server_fault__looks_first__and_gives_up_at_last),
		TEST(crm_sync__match__needs_no_network),
		TEST(crm_sync__local__keeps_everything_here),
	};
	return cmocka_run_group_tests_name("sync/crm_sync", tests, NULL, NULL);
}
