/*
 * test_engine.c - the shipped PostgREST profile against transcripts: what must be asked, what the
 * server says, and what the worker is told.
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"

#include "script.h"

static void engine__signs_in__and_stores_the_refresh_token_first(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	assert_int_equal(f->at, f->n);
}

static void engine__refused_sign_in__needs_the_user(void **state)
{
	struct fixture *f = *state;
	struct crm_identity me;
	struct err e = ERR_INIT;
	PLAY(f, {LOGIN, "apikey: ANON", 400, "{\"msg\":\"Invalid login\"}", 0});
	assert_int_equal(crm_whoami(f->crm, &me, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(e.retry, RETRY_NEVER);
}

static void engine__unknown_user__is_not_an_empty_crm(void **state)
{
	struct fixture *f = *state;
	struct crm_identity me;
	struct err e = ERR_INIT;
	PLAY(f, {LOGIN, NULL, 200, TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, "[]", 0});
	assert_int_equal(crm_whoami(f->crm, &me, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(e.scope, ERR_ACCOUNT);
}

static void engine__expired_token__refreshes_once_and_repeats(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f,
		{"GET http://crm.test/rest/v1/ce_contacts?*", NULL, 401, "{\"code\":\"PGRST301\"}",
			0},
		{REFRESH, "{\"refresh_token\":\"r2\"}", 200,
			"{\"access_token\":\"new\",\"refresh_token\":\"r3\"}", 0},
		{"GET http://crm.test/rest/v1/ce_contacts?*", "Authorization: Bearer new", 200,
			"[]", 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, NULL, &f->arena, &page, &e), 0);
	assert_string_equal(f->refresh, "r3");
	assert_false(page.more);
}

static void engine__refused_refresh__falls_back_to_the_password(void **state)
{
	struct fixture *f = *state;
	memcpy(f->refresh, "used", 5);
	PLAY(f, {REFRESH, NULL, 400, "{}", 0}, {LOGIN, NULL, 200, TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, USER, 0});
	struct crm_identity me;
	struct err e = ERR_INIT;
	assert_int_equal(crm_whoami(f->crm, &me, &e), 0);
}

static void engine__refused_refresh__without_a_password__asks_to_sign_in(void **state)
{
	struct fixture *f = *state;
	struct crm_identity me;
	struct err e = ERR_INIT;
	memcpy(f->refresh, "used", 5);
	f->has_no_password = true;
	PLAY(f, {REFRESH, "{\"refresh_token\":\"used\"}", 400, "{}", 0});
	assert_int_equal(crm_whoami(f->crm, &me, &e), -1);
	assert_true(e.code == ERR_AUTH && e.scope == ERR_ACCOUNT && e.retry == RETRY_NEVER);
	assert_string_equal(f->refresh, "");
}

/* What is not known is no refusal: the token may still work. */
static void engine__unanswered_refresh__keeps_the_token(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int status;
		const char *says;
	} rows[] = {{0, ""}, {429, "{}"}, {503, "{}"}, {302, ""}, {403, "<html>portal</html>"},
		{200, "<html>"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct line script[] = {{REFRESH, NULL, rows[i].status, rows[i].says, 0}};
		struct crm_identity me;
		struct err e = ERR_INIT;
		memcpy(f->refresh, "good", 5);
		play(f, script, 1);
		assert_int_equal(crm_whoami(f->crm, &me, &e), -1);
		assert_int_not_equal(e.code, ERR_AUTH);
		assert_string_equal(f->refresh, "good");
	}
}

static void engine__no_place_for_the_token__signs_in_by_password(void **state)
{
	struct fixture *f = *state;
	struct crm_identity me;
	struct err e = ERR_INIT;
	f->has_no_place = true;
	PLAY(f, {LOGIN, NULL, 200, TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 401, "{}", 0},
		{LOGIN, NULL, 200, TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, USER, 0});
	if (crm_whoami(f->crm, &me, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(f->at, f->n);
}

/* The user's rights ended while the program ran: no empty list is believed then. */
static void engine__whoami__is_asked_again_each_time(void **state)
{
	struct fixture *f = *state;
	struct crm_identity first;
	struct crm_identity me;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, USER, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, USER, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", NULL, 200, "[]", 0});
	assert_int_equal(crm_whoami(f->crm, &first, &e), 0);
	assert_int_equal(crm_whoami(f->crm, &me, &e), 0);
	assert_ptr_equal(first.user_id, me.user_id);
	assert_int_equal(crm_whoami(f->crm, &me, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
}

static void engine__refused_twice__stops(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {"GET http://crm.test/rest/v1/ce_leads?*", NULL, 401, "", 0},
		{REFRESH, NULL, 200, TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_leads?*", NULL, 401, "", 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(e.scope, ERR_ACCOUNT);
}

#define CONTACTS                                                                                   \
	"http://crm.test/rest/v1/"                                                                 \
	"ce_contacts?select=id%2Cfirst_name%2Clast_name%2Cemail%2Cother_emails%2Cphone%2Ctitle%2C" \
	"partner_id%2Clead_id%2Cowner_id%2Cupdated_at&updated_at=gte."
#define ORDER "&order=updated_at.asc%2Cid.asc&limit=500"

static void engine__pull__walks_by_keyset_until_an_empty_page(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f,
		{"GET " CONTACTS "1970-01-01T00%3A00%3A00Z" ORDER, NULL, 200,
			"[{\"id\":\"C1\",\"first_name\":\"Laura\",\"email\":\"L@x.example\","
			"\"other_emails\":[\"l2@x.example\",\"L@x.example\",null,7],"
			"\"partner_id\":null,\"updated_at\":\"2026-11-01T10:00:00.123456+00:00\"}]",
			0},
		{"GET " CONTACTS "2026-11-01T10%3A00%3A00.123456%2B00%3A00&or="
		 "%28updated_at.gt.%222026-11-01T10%3A00%3A00.123456%2B00%3A00%22%2Cid.gt.%22C1%22%"
		 "29" ORDER,
			NULL, 200, "[]", 0},
		{"GET " CONTACTS "2026-11-01T09%3A58%3A00Z" ORDER, NULL, 200, "[]", 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, NULL, &f->arena, &page, &e), 0);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.v[0].first_name, "Laura");
	assert_int_equal(page.v[0].emails.n, 3);
	assert_string_equal(page.v[0].emails.v[2], "7");
	assert_null(page.v[0].partner_id);
	assert_true(page.more);
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, page.cursor, &f->arena, &page, &e), 0);
	assert_false(page.more);
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, page.cursor, &f->arena, &page, &e), 0);
	assert_string_equal(page.cursor, "{\"since\":\"2026-11-01T09:58:00Z\"}");
}

#define USERS "GET http://crm.test/rest/v1/ce_users?select=id%2Cname%2Cemail"

static void engine__pull__users_by_id_alone__from_the_first_each_pass(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f,
		{USERS "&order=id.asc&limit=500", NULL, 200,
			"[{\"id\":\"U1\",\"name\":\"Denis B.\",\"email\":\"d@x.example\"},"
			"{\"id\":\"U2\",\"name\":null,\"email\":\"m@x.example\"}]",
			0},
		{USERS "&id=gt.U2&order=id.asc&limit=500", NULL, 200, "[]", 0},
		{USERS "&order=id.asc&limit=500", NULL, 200, "[]", 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_USER, NULL, &f->arena, &page, &e), 0);
	assert_int_equal(page.n, 2);
	assert_string_equal(page.v[0].name, "Denis B.");
	assert_string_equal(page.v[1].name, "m@x.example");
	assert_string_equal(page.v[1].emails.v[0], "m@x.example");
	assert_true(page.more);
	assert_int_equal(crm_pull(f->crm, CRM_USER, page.cursor, &f->arena, &page, &e), 0);
	assert_false(page.more);
	assert_int_equal(crm_pull(f->crm, CRM_USER, page.cursor, &f->arena, &page, &e), 0);
}

static void engine__pull__reads_the_direction_of_mail(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
#define MAIL(id, words)                                                                            \
	"{\"id\":\"" id "\",\"activity_type\":\"email\",\"description\":" words                    \
	",\"created_at\":\"2026-11-01T10:00:00Z\",\"status\":\"completed\",\"duration_min\":5}"
	PLAY(f, {"GET http://crm.test/rest/v1/ce_activities?*", NULL, 200,
			"[" MAIL("1", "\"Received email\"") "," MAIL("2",
				"\"Sent email\"") "," MAIL("3", "\"received email\"") "," MAIL("4",
				"null") "," MAIL("5", "7") "]",
			0});
	static const enum crm_direction want[] = {
		CRM_IN, CRM_OUT, CRM_NO_DIRECTION, CRM_NO_DIRECTION, CRM_NO_DIRECTION};
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_ACTIVITY, NULL, &f->arena, &page, &e), 0);
	assert_int_equal(page.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < page.n; i++)
		assert_int_equal(page.v[i].direction, want[i]);
	assert_string_equal(page.v[0].status, "completed");
	assert_string_equal(page.v[0].duration_min, "5");
}

static void engine__pull__survives_hostile_answers(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	char *deep = arena_alloc(&f->arena, 20001);
	memset(deep, '[', 20000);
	const struct line script[] = {
		{"GET *", NULL, 200, "<html>Bad gateway</html>", 0},
		{"GET *", NULL, 200, "{\"message\":\"no\"}", 0},
		{"GET *", NULL, 200, "", 0},
		{"GET *", NULL, 200, "[1,null,\"x\"]", 0},
		{"GET *", NULL, 200, "[{\"id\":{},\"updated_at\":[]}]", 0},
		{"GET *", NULL, 200, "[{\"id\":\"1\",\"updated_at\":\"yesterday\"}]", 0},
		{"GET *", NULL, 200, deep, 0},
		{"GET *", NULL, 302, "", 0},
		{"GET *", NULL, 500, "\001\002", 0},
	};
	play(f, script, ARRAY_SIZE(script));
	for (size_t i = 0; i < ARRAY_SIZE(script); i++) {
		struct crm_page page;
		struct err e = ERR_INIT;
		assert_int_equal(crm_pull(f->crm, CRM_CONTACT, NULL, &f->arena, &page, &e), -1);
		assert_int_equal(e.code, ERR_PROTO);
	}
}

static void engine__pull__notices_a_server_that_does_not_move(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
#define SAME "[{\"id\":\"1\",\"updated_at\":\"2026-11-01T10:00:00Z\"}]"
	PLAY(f, {"GET *", NULL, 200, SAME, 0}, {"GET *", NULL, 200, SAME, 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), 0);
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, page.cursor, &f->arena, &page, &e), -1);
	assert_int_equal(e.scope, ERR_FOLDER);
}

static void engine__pull__too_large__asks_for_less(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	size_t size = ((size_t)8 << 20) + 1;
	char *huge = arena_alloc(&f->arena, size + 1);
	memset(huge, ' ', size);
	const struct line script[] = {
		{"GET *", NULL, 200, huge, 0},
		{"GET *", NULL, 200, huge, 0},
		{"GET *", NULL, 200, "[]", 0},
	};
	play(f, script, ARRAY_SIZE(script));
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, NULL, &f->arena, &page, &e), 0);
	assert_int_equal(f->at, f->n);
}

static void engine__pull__more_rows_than_asked__is_refused(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	CLEANUP(buf_release) struct buf rows = BUF_INIT(1 << 20);
	buf_addch(&rows, '[');
	for (int i = 0; i < 501; i++)
		buf_addstr(&rows, i ? ",{}" : "{}");
	buf_addch(&rows, ']');
	const struct line script[] = {{"GET *", NULL, 200, rows.p, 0}};
	play(f, script, 1);
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_CONTACT, NULL, &f->arena, &page, &e), -1);
	assert_int_equal(e.code, ERR_PROTO);
}

static void engine__errors__say_when_to_come_back(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {"GET *", NULL, 429, "", 3600000}, {"GET *", NULL, 503, "", 0},
		{"GET *", NULL, 0, "", 0},
		{"GET *", NULL, 403, "{\"message\":\"permission denied for table\"}", 0});
	struct crm_page page;
	struct err e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	assert_true(e.code == ERR_RATE && e.after_ms == 3600000 && e.retry == RETRY_LATER);
	e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	assert_true(e.code == ERR_PROTO && e.retry == RETRY_LATER && e.scope == ERR_ACCOUNT);
	e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	e = ERR_INIT;
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.msg, "permission denied for table"));
}

/* Only what the CRM says in its own words is about the request; the rest is about the way there. */
static void engine__refusals__by_something_else__decide_nothing(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int status;
		const char *says;
		enum err_code code;
		enum err_scope scope;
	} rows[] = {
		{301, "", ERR_PROTO, ERR_ACCOUNT},
		{302, "<a href='/login'>", ERR_PROTO, ERR_ACCOUNT},
		{403, "<html>Access denied</html>", ERR_PROTO, ERR_ACCOUNT},
		{404, "404 page not found", ERR_PROTO, ERR_ACCOUNT},
		{400, "\x1f\x8b", ERR_PROTO, ERR_ACCOUNT},
		{404, "{\"message\":\"no table\"}", ERR_NOTFOUND, ERR_ITEM},
		{404, "", ERR_NOTFOUND, ERR_ITEM},
		{403, "{}", ERR_AUTH, ERR_ITEM},
		{400, "{\"code\":\"23502\"}", ERR_PROTO, ERR_ITEM},
		{409, "{\"code\":\"23503\"}", ERR_CONFLICT, ERR_ITEM},
	};
	sign_in(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct line script[] = {{"GET *", NULL, rows[i].status, rows[i].says, 0}};
		struct crm_page page;
		struct err e = ERR_INIT;
		play(f, script, 1);
		assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
		assert_int_equal(e.code, rows[i].code);
		assert_int_equal(e.scope, rows[i].scope);
		assert_int_equal(e.retry, e.scope == ERR_ITEM ? RETRY_NEVER : RETRY_LATER);
	}
}

static void say_until(const struct fixture *f, char *out, size_t size)
{
	time_t at = (time_t)clock_now(f->clock) + 3600;
	struct tm tm;
	localtime_r(&at, &tm);
	strftime(out, size, "wait until %H:%M", &tm);
}

static void engine__wait__says_until_when(void **state)
{
	struct fixture *f = *state;
	struct crm_page page;
	struct err e = ERR_INIT;
	char before[40];
	char after[40];
	sign_in(f);
	PLAY(f, {"GET *", NULL, 429, "", 3600000});
	say_until(f, before, sizeof(before));
	assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), -1);
	say_until(f, after, sizeof(after));
	assert_true(strstr(e.msg, before) || strstr(e.msg, after));
}

struct pace {
	int64_t waited_ms;
	size_t pauses;
};

static void note_pause(void *ctx, int64_t ms)
{
	struct pace *p = ctx;
	p->waited_ms += ms;
	p->pauses++;
}

static const char slow[] =
	"{\"schema\":1,\"name\":\"t\",\"title\":\"T\",\"base_url\":\"{{config.url}}\",\"auth\":"
	"{\"type\":\"none\"},\"rate\":{\"per_second\":2},\"objects\":{\"lead\":{\"list\":{"
	"\"request\":"
	"{\"path\":\"/l\"},\"records\":\"\",\"page_size\":5},\"map\":{\"id\":\"/id\",\"updated\":"
	"\"/u\",\"name\":\"/n\",\"emails\":\"/e\"}}}}";

static void engine__rate__is_kept_between_requests(void **state)
{
	struct fixture *f = *state;
	struct pace p = {.pauses = 0};
	f->env.pause = note_pause;
	f->env.pause_ctx = &p;
	use_profile(f, slow);
	PLAY(f, {"GET *", NULL, 200, "[]", 0}, {"GET *", NULL, 200, "[]", 0});
	for (int i = 0; i < 2; i++) {
		struct crm_page page;
		struct err e = ERR_INIT;
		assert_int_equal(crm_pull(f->crm, CRM_LEAD, NULL, &f->arena, &page, &e), 0);
	}
	assert_int_equal(p.pauses, 1);
	assert_in_range(p.waited_ms, 1, 500);
}

static const struct crm_log_item item = {
	.key = "K",
	.at = 1793491200,
	.subject = "Angebot",
	.contact_id = "C1",
	.is_out = true,
	.partner_id = "P1",
	.message_id = "1@x.example",
};
#define POST "POST http://crm.test/rest/v1/ce_activities"
#define FIND "GET http://crm.test/rest/v1/ce_activities?select=id&id=eq.K"

static void engine__log__sends_exactly_the_contract(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {POST,
			"{\"id\":\"K\",\"organization_id\":\"O1\",\"contact_id\":\"C1\",\"partner_"
			"id\":\"P1\","
			"\"lead_id\":null,\"activity_type\":\"email\",\"subject\":\"Angebot\","
			"\"description\":\"Sent "
			"email\",\"body\":null,\"message_id\":\"1@x.example\","
			"\"status\":\"completed\",\"activity_date\":\"2026-11-01T00:00:00Z\","
			"\"created_by\":\"U1\"}",
			201, "[{\"id\":\"K\"}]", 0});
	const char *id = NULL;
	struct crm_attempt st = {.journal = NULL};
	struct err e = ERR_INIT;
	if (crm_log(f->crm, &f->arena, &item, &st, &id, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(id, "K");
}

static void engine__settings__are_read_by_the_contracts_names(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f,
		{"GET http://crm.test/rest/v1/ce_module_settings?*", NULL, 200,
			"[{\"email_sync_history_days\":14,\"email_tracking_enabled\":false,"
			"\"email_custom_tracking_domain\":null,\"other\":1}]",
			0},
		{"GET http://crm.test/rest/v1/ce_module_settings?*", NULL, 200, "[]", 0});
	const struct crm_config *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	assert_true(crm_has_settings(f->crm));
	assert_int_equal(crm_read_settings(f->crm, &f->arena, &v, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].key, "email_sync_history_days");
	assert_string_equal(v[0].value, "14");
	assert_string_equal(v[1].key, "email_tracking_enabled");
	assert_string_equal(v[1].value, "false");
	assert_int_equal(crm_read_settings(f->crm, &f->arena, &v, &n, &e), 0);
	assert_int_equal(n, 0);
}

static void engine__event__sends_exactly_the_contract(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {"POST http://crm.test/rest/v1/ce_events",
			"{\"event_type\":\"ce.email.synced\",\"organization_id\":\"O1\","
			"\"email_message_id\":\"K\",\"direction\":\"outbound\","
			"\"contact_id\":\"C1\",\"partner_id\":null,"
			"\"timestamp\":\"2026-11-01T00:00:00Z\"}",
			201, "", 0});
	const struct crm_event event = {.type = "ce.email.synced",
		.key = "K",
		.contact_id = "C1",
		.is_out = true,
		.at = 1793491200};
	struct err e = ERR_INIT;
	assert_true(crm_takes_events(f->crm));
	if (crm_tell(f->crm, &event, &e))
		fail_msg("%s", e.msg);
}

static void engine__log__believes_only_what_it_sees(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {POST, NULL, 201, "[]", 0}, {FIND, NULL, 200, "[{\"id\":\"K\"}]", 0},
		{POST, NULL, 201, "[]", 0}, {FIND, NULL, 200, "[]", 0});
	const char *id = NULL;
	struct crm_attempt st = {.journal = NULL};
	struct err e = ERR_INIT;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), 0);
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), -1);
	assert_true(e.scope == ERR_ITEM && e.retry == RETRY_NEVER);
	assert_string_equal(e.msg, "The CRM has this entry but does not show it to you.");
}

static void engine__log__in_doubt__looks_before_writing(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {FIND, NULL, 200, "[{\"id\":\"K\"}]", 0}, {FIND, NULL, 200, "[]", 0},
		{POST, NULL, 201, "[{\"id\":\"K\"}]", 0});
	const char *id = NULL;
	struct crm_attempt st = {.is_doubtful = true};
	struct err e = ERR_INIT;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), 0);
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), 0);
}

/* The entry was taken, what came after it was not: it is not sent again without a look. */
static void engine__log__says_whether_it_may_be_there(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f, {POST, NULL, 201, "[]", 0}, {FIND, NULL, 429, "{}", 0}, {FIND, NULL, 200, "[]", 0},
		{POST, NULL, 400, "{}", 0}, {FIND, NULL, 403, "{}", 0});
	const char *id = NULL;
	bool may_be_there = false;
	struct crm_attempt st = {.may_be_there = &may_be_there};
	struct err e = ERR_INIT;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), -1);
	assert_int_equal(e.code, ERR_RATE);
	assert_true(may_be_there);
	st.is_doubtful = true;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), -1);
	assert_false(may_be_there);
	may_be_there = true;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_true(may_be_there);
}

static void engine__log__conflict__is_parked_with_the_crms_words(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	PLAY(f,
		{POST, NULL, 409,
			"{\"code\":\"23503\",\"message\":\"violates\\u001b[2J foreign key\"}", 0},
		{FIND, NULL, 200, "[]", 0});
	const char *id = NULL;
	struct crm_attempt st = {.journal = NULL};
	struct err e = ERR_INIT;
	assert_int_equal(crm_log(f->crm, &f->arena, &item, &st, &id, &e), -1);
	assert_int_equal(e.scope, ERR_ITEM);
	assert_non_null(strstr(e.msg, "foreign key"));
	assert_null(strchr(e.msg, 27));
}

struct shown {
	size_t n;
	bool leaked;
};

static void show(void *ctx, const char *what, const struct crm_request *rq)
{
	struct shown *s = ctx;
	assert_non_null(what);
	s->n++;
	s->leaked = s->leaked || (rq->body && strstr(rq->body, "s3cret"));
	for (size_t i = 0; i < rq->n_headers; i++)
		s->leaked = s->leaked || strstr(rq->headers[i].value, JWT);
}

static void engine__show__hides_secrets(void **state)
{
	struct fixture *f = *state;
	sign_in(f);
	struct shown s = {.n = 0};
	struct err e = ERR_INIT;
	assert_int_equal(crm_show_requests(f->crm, show, &s, &e), 0);
	assert_int_equal(s.n, 38);
	assert_false(s.leaked);
}

/* base may lack a value, or hold what no browser is to be told. */
static void engine__web__address_of_a_record(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *base, *id, *want; /* want NULL: refused */
	} rows[] = {{"https://crm.test/app/", "C1", "https://crm.test/app/contacts/C1"},
		{"http://crm.test", "a/../b?c#d e",
			"http://crm.test/contacts/a%2F..%2Fb%3Fc%23d%20e"},
		{"", "C1", ""}, {"file:///etc", "C1", NULL}, {"javascript:x//", "C1", NULL},
		{"https://crm.test/\x1b]8", "C1", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf url = BUF_INIT(1000);
		struct crm_config config[] = {{"url", "http://crm.test"}, {"anon_key", "A"},
			{"email", "me@ourfirm.example"}, {"web_url", rows[i].base}};
		struct crm_env env = {.clock = f->clock, .config = config, .n_config = 4};
		struct err e = ERR_INIT;
		struct crm *c = NULL;
		assert_int_equal(crm_open(&c, f->profile, &env, &e), 0);
		assert_int_equal(crm_web_address(c, CRM_CONTACT, rows[i].id, &url, &e),
			rows[i].want ? 0 : -1);
		if (rows[i].want)
			assert_string_equal(url.p, rows[i].want);
		buf_reset(&url);
		assert_int_equal(crm_web_address(c, CRM_ACTIVITY, "A1", &url, &e), 0);
		assert_int_equal(url.len, 0);
		crm_close(c);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(engine__signs_in__and_stores_the_refresh_token_first),
		TEST(engine__refused_sign_in__needs_the_user),
		TEST(engine__unknown_user__is_not_an_empty_crm),
		TEST(engine__expired_token__refreshes_once_and_repeats),
		TEST(engine__refused_refresh__falls_back_to_the_password),
		TEST(engine__refused_refresh__without_a_password__asks_to_sign_in),
		TEST(engine__unanswered_refresh__keeps_the_token),
		TEST(engine__no_place_for_the_token__signs_in_by_password),
		TEST(engine__whoami__is_asked_again_each_time),
		TEST(engine__refused_twice__stops),
		TEST(engine__pull__walks_by_keyset_until_an_empty_page),
		TEST(engine__pull__users_by_id_alone__from_the_first_each_pass),
		TEST(engine__pull__reads_the_direction_of_mail),
		TEST(engine__pull__survives_hostile_answers),
		TEST(engine__pull__notices_a_server_that_does_not_move),
		TEST(engine__pull__too_large__asks_for_less),
		TEST(engine__pull__more_rows_than_asked__is_refused),
		TEST(engine__errors__say_when_to_come_back),
		TEST(engine__refusals__by_something_else__decide_nothing),
		TEST(engine__wait__says_until_when),
		TEST(engine__rate__is_kept_between_requests),
		TEST(engine__log__sends_exactly_the_contract),
		TEST(engine__settings__are_read_by_the_contracts_names),
		TEST(engine__event__sends_exactly_the_contract),
		TEST(engine__log__believes_only_what_it_sees),
		TEST(engine__log__in_doubt__looks_before_writing),
		TEST(engine__log__says_whether_it_may_be_there),
		TEST(engine__log__conflict__is_parked_with_the_crms_words),
		TEST(engine__show__hides_secrets),
		TEST(engine__web__address_of_a_record),
	};
	return cmocka_run_group_tests_name("crm/engine", tests, NULL, NULL);
}
