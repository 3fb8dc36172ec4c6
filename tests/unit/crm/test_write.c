/*
 * test_write.c - records made, edited and taken away through the shipped PostgREST profile: what
 * is sent, what is believed, and what the caller is told.
 */
#include "config.h"

#include <string.h>

#include "crmail/crm/write.h"

#include "script.h"

#define REST "http://crm.test/rest/v1/"
#define CONTACT_COLUMNS                                                                            \
	"select=id%2Cfirst_name%2Clast_name%2Cemail%2Cother_emails%2Cphone%2Ctitle%2Cpartner_id%"  \
	"2Clead_id%2Cowner_id%2Cupdated_at"
#define READ "GET " REST "ce_contacts?" CONTACT_COLUMNS "&id=eq.C1"
#define PATCH                                                                                      \
	"PATCH " REST "ce_contacts?id=eq.C1&updated_at=eq.2026-11-01T10%3A00%3A00.5%2B00%3A00&"    \
	"select=id"
#define WAS "2026-11-01T10:00:00.5+00:00"
#define LAURA(changed)                                                                             \
	"[{\"id\":\"C1\",\"first_name\":\"Laura\",\"email\":\"l@x.example\",\"other_emails\":"     \
	"[\"a@x.example\",\"b@x.example\"],\"phone\":\"+1\",\"updated_at\":\"" changed "\"}]"

static const struct crm_attempt first_time = {.journal = NULL};

static int create(struct fixture *f, enum crm_object o, const struct crm_field *v, size_t n,
	const struct crm_attempt *st, const char **id, struct err *e)
{
	const struct crm_write w = {.object = o, .key = "K", .fields = v, .n_fields = n};
	return crm_create(f->crm, &f->arena, &w, st, id, e);
}

static int update(struct fixture *f, const struct crm_field *v, size_t n, struct err *e)
{
	const struct crm_write w = {
		.object = CRM_CONTACT, .id = "C1", .updated = WAS, .fields = v, .n_fields = n};
	return crm_update(f->crm, &f->arena, &w, &first_time, e);
}

static int withdraw(struct fixture *f, struct err *e)
{
	const struct crm_write w = {.object = CRM_ACTIVITY, .id = "A1"};
	return crm_delete(f->crm, &f->arena, &w, &first_time, e);
}

static void write__create__sends_what_is_given(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"first_name", "Laura"}, {"last_name", NULL},
		{"email", "l@x.example"}, {"other_emails", "a@x.example, b\"@x.example"},
		{"partner_id", "P1"}};
	sign_in(f);
	PLAY(f, {"POST " REST "ce_contacts?select=id",
			"{\"id\":\"K\",\"organization_id\":\"O1\",\"first_name\":\"Laura\","
			"\"last_name\":null,\"email\":\"l@x.example\",\"other_emails\":"
			"[\"a@x.example\",\"b\\\"@x.example\"],\"partner_id\":\"P1\","
			"\"owner_id\":\"U1\"}",
			201, "[{\"id\":\"K\"}]", 0});
	const char *id = NULL;
	struct err e = ERR_INIT;
	if (create(f, CRM_CONTACT, v, ARRAY_SIZE(v), &first_time, &id, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(id, "K");
}

static void write__create__activity__has_the_contracts_fields(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"kind", "call"}, {"subject", "Beams"},
		{"at", "2026-11-01T10:00:00Z"}, {"duration_min", "15"}, {"contact_id", "C1"},
		{"deal_id", "D1"}};
	sign_in(f);
	PLAY(f, {"POST " REST "ce_activities?select=id",
			"{\"id\":\"K\",\"organization_id\":\"O1\",\"contact_id\":\"C1\","
			"\"activity_type\":\"call\",\"subject\":\"Beams\",\"duration_min\":15,"
			"\"status\":\"completed\",\"activity_date\":\"2026-11-01T10:00:00Z\","
			"\"created_by\":\"U1\"}",
			201, "[{\"id\":\"K\"}]", 0});
	const char *id = NULL;
	struct err e = ERR_INIT;
	if (create(f, CRM_ACTIVITY, v, ARRAY_SIZE(v), &first_time, &id, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(id, "K");
}

static void write__create__in_doubt__looks_first(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"name", "Wood"}};
	static const struct crm_attempt doubt = {.is_doubtful = true};
	sign_in(f);
	PLAY(f, {"GET " REST "ce_partners?select=id&id=eq.K", NULL, 200, "[{\"id\":\"K\"}]", 0});
	const char *id = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(create(f, CRM_PARTNER, v, 1, &doubt, &id, &e), 0);
	assert_string_equal(id, "K");
	assert_int_equal(f->at, f->n);
}

static void write__create__hidden_by_the_crm__is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"name", "Wood"}};
	sign_in(f);
	PLAY(f, {"POST *", NULL, 201, "[]", 0}, {"GET *", NULL, 200, "[]", 0});
	const char *id = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(create(f, CRM_PARTNER, v, 1, &first_time, &id, &e), -1);
	assert_true(e.code == ERR_CONFLICT && e.scope == ERR_ITEM && e.retry == RETRY_NEVER);
}

static void write__create__field_without_a_place__is_said(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum crm_object object;
		struct crm_field field;
		const char *says;
	} rows[] = {
		{CRM_CONTACT, {"nickname", "L"}, "\"nickname\""},
		{CRM_CONTACT, {"stage", "won"}, "\"stage\""},
		{CRM_DEAL, {"amount", "12,50"}, "1200.50"},
		{CRM_DEAL, {"amount", "007"}, "1200.50"},
		{CRM_DEAL, {"amount", "-"}, "1200.50"},
		{CRM_DEAL, {"amount", "1.2.3"}, "1200.50"},
		{CRM_DEAL, {"amount", "1."}, "1200.50"},
		{CRM_LEAD, {"name", "Lea"}, "cannot write"},
	};
	sign_in(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *id = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(create(f, rows[i].object, &rows[i].field, 1, &first_time, &id, &e),
			-1);
		assert_int_equal(e.scope, ERR_ITEM);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
}

static void write__update__sends_only_what_changed__to_what_was_read(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"title", "Buyer"}, {"phone", NULL}};
	sign_in(f);
	PLAY(f, {READ, NULL, 200, LAURA(WAS), 0},
		{PATCH, "{\"title\":\"Buyer\",\"phone\":null,\"updated_at\":\"now\"}", 200,
			"[{\"id\":\"C1\"}]", 0});
	const struct crm_record *now = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(crm_read_one(f->crm, CRM_CONTACT, "C1", &f->arena, &now, &e), 0);
	assert_non_null(now);
	assert_string_equal(now->updated, WAS);
	if (update(f, v, ARRAY_SIZE(v), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(f->at, f->n);
}

/* PATCH answered with no row: the record says why. */
static void write__update__nothing_changed__says_why(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"title", "Buyer"}};
	static const struct {
		const char *now;
		enum err_code code;
		enum err_retry retry;
	} rows[] = {
		{LAURA("2026-11-02T10:00:00+00:00"), ERR_CONFLICT, RETRY_NOW},
		{LAURA(WAS), ERR_AUTH, RETRY_NEVER},
		{"[]", ERR_NOTFOUND, RETRY_NEVER},
	};
	sign_in(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct line script[] = {
			{PATCH, NULL, 200, "[]", 0}, {READ, NULL, 200, rows[i].now, 0}};
		play(f, script, ARRAY_SIZE(script));
		struct err e = ERR_INIT;
		assert_int_equal(update(f, v, 1, &e), -1);
		assert_int_equal(e.code, rows[i].code);
		assert_int_equal(e.retry, rows[i].retry);
		assert_int_equal(e.scope, ERR_ITEM);
	}
}

#define DELETE "DELETE " REST "ce_activities?id=eq.A1&select=id"
static void write__delete__of_what_is_gone__is_done(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {DELETE, NULL, 200, "[{\"id\":\"A1\"}]", 0});
	assert_int_equal(withdraw(f, &e), 0);
	PLAY(f, {DELETE, NULL, 200, "[]", 0}, {"GET *", NULL, 200, "[]", 0});
	assert_int_equal(withdraw(f, &e), 0);
	PLAY(f, {DELETE, NULL, 404, "", 0});
	assert_int_equal(withdraw(f, &e), 0);
}

static void write__delete__that_is_not_allowed__is_said(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {DELETE, NULL, 200, "[]", 0}, {"GET *", NULL, 200, "[{\"id\":\"A1\"}]", 0});
	assert_int_equal(withdraw(f, &e), -1);
	assert_true(e.code == ERR_AUTH && e.scope == ERR_ITEM && e.retry == RETRY_NEVER);
}

static void write__read__what_is_not_there__is_no_error(void **state)
{
	struct fixture *f = *state;
	const struct crm_record *now = NULL;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {READ, NULL, 200, "[]", 0}, {READ, NULL, 404, "", 0}, {READ, NULL, 503, "", 0});
	assert_int_equal(crm_read_one(f->crm, CRM_CONTACT, "C1", &f->arena, &now, &e), 0);
	assert_null(now);
	assert_int_equal(crm_read_one(f->crm, CRM_CONTACT, "C1", &f->arena, &now, &e), 0);
	assert_null(now);
	assert_int_equal(crm_read_one(f->crm, CRM_CONTACT, "C1", &f->arena, &now, &e), -1);
	assert_int_equal(e.retry, RETRY_LATER);
}

static void write__record__gives_fields_as_they_are_written(void **state)
{
	struct fixture *f = *state;
	const struct crm_record *now = NULL;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {READ, NULL, 200, LAURA(WAS), 0});
	assert_int_equal(crm_read_one(f->crm, CRM_CONTACT, "C1", &f->arena, &now, &e), 0);
	static const char *const want[][2] = {{"first_name", "Laura"}, {"email", "l@x.example"},
		{"other_emails", "a@x.example, b@x.example"}, {"phone", "+1"}, {"title", NULL},
		{"partner_id", NULL}, {"stage", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const char *have = crm_record_field(&f->arena, CRM_CONTACT, now, want[i][0]);
		if (want[i][1])
			assert_string_equal(have, want[i][1]);
		else
			assert_null(have);
	}
}

static void write__abilities__are_what_the_profile_says(void **state)
{
	struct fixture *f = *state;
	const struct crm_profile *p = f->profile;
	unsigned bits = crm_profile_abilities(p);
	assert_int_equal(bits,
		CRM_ABILITY(CRM_PARTNER, CRM_CREATE) | CRM_ABILITY(CRM_CONTACT, CRM_CREATE) |
			CRM_ABILITY(CRM_CONTACT, CRM_UPDATE) | CRM_ABILITY(CRM_DEAL, CRM_CREATE) |
			CRM_ABILITY(CRM_DEAL, CRM_UPDATE) | CRM_ABILITY(CRM_ACTIVITY, CRM_CREATE) |
			CRM_ABILITY(CRM_ACTIVITY, CRM_UPDATE) |
			CRM_ABILITY(CRM_ACTIVITY, CRM_DELETE));
	assert_true(crm_profile_can_write(p, CRM_DEAL, CRM_UPDATE, "next_step"));
	assert_false(crm_profile_can_write(p, CRM_ACTIVITY, CRM_UPDATE, "kind"));
	assert_false(crm_profile_can_write(p, CRM_ACTIVITY, CRM_CREATE, "deal_id"));
	assert_false(crm_profile_can_write(p, CRM_CONTACT, CRM_UPDATE, "stage"));
}

/* Two steps: the first one's answer is used by the second, and an attempt that was cut between
 * the two goes on there. */
static const char two_steps[] =
	"{\"schema\":1,\"name\":\"t\",\"title\":\"T\",\"base_url\":\"{{config.url}}\","
	"\"auth\":{\"type\":\"none\"},\"objects\":{\"activity\":{"
	"\"list\":{\"request\":{\"path\":\"/a\"},\"records\":\"\",\"page_size\":5},"
	"\"map\":{\"id\":\"/id\",\"updated\":\"/u\",\"kind\":\"/k\",\"at\":\"/t\"},"
	"\"create\":{\"steps\":["
	"{\"request\":{\"method\":\"POST\",\"path\":\"/notes\",\"body\":{\"text\":\"{{activity."
	"subject}}\"}},\"capture\":{\"note\":\"/id\",\"crm_id\":\"/id\"}},"
	"{\"request\":{\"method\":\"POST\",\"path\":\"/targets/{{note}}\",\"body\":{\"to\":"
	"\"{{contact.id}}\"}}}],"
	"\"find\":{\"request\":{\"path\":\"/find/{{key}}\"},\"found\":\"/0/id\"}}}}}";

static int keep_journal(void *ctx, const char *journal, struct err *e)
{
	char *kept = ctx;
	(void)e;
	snprintf(kept, 200, "%s", journal);
	return 0;
}

static void write__steps__go_on_where_they_were_cut(void **state)
{
	struct fixture *f = *state;
	static const struct crm_field v[] = {{"subject", "Beams"}, {"contact_id", "C1"}};
	char journal[200] = "";
	struct crm_attempt st = {.save = keep_journal, .ctx = journal};
	const char *id = NULL;
	struct err e = ERR_INIT;
	use_profile(f, two_steps);
	PLAY(f, {"POST http://crm.test/notes", "{\"text\":\"Beams\"}", 200, "{\"id\":7}", 0},
		{"POST http://crm.test/targets/7", "{\"to\":\"C1\"}", 0, NULL, 0});
	assert_int_equal(create(f, CRM_ACTIVITY, v, ARRAY_SIZE(v), &st, &id, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_string_equal(journal, "{\"step\":1,\"vars\":{\"note\":\"7\",\"crm_id\":\"7\"}}");
	st.journal = arena_strdup(&f->arena, journal);
	st.is_doubtful = true;
	PLAY(f, {"POST http://crm.test/targets/7", "{\"to\":\"C1\"}", 200, "{}", 0});
	e = ERR_INIT;
	if (create(f, CRM_ACTIVITY, v, ARRAY_SIZE(v), &st, &id, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(id, "7");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(write__create__sends_what_is_given),
		TEST(write__create__activity__has_the_contracts_fields),
		TEST(write__create__in_doubt__looks_first),
		TEST(write__create__hidden_by_the_crm__is_refused),
		TEST(write__create__field_without_a_place__is_said),
		TEST(write__update__sends_only_what_changed__to_what_was_read),
		TEST(write__update__nothing_changed__says_why),
		TEST(write__delete__of_what_is_gone__is_done),
		TEST(write__delete__that_is_not_allowed__is_said),
		TEST(write__read__what_is_not_there__is_no_error),
		TEST(write__record__gives_fields_as_they_are_written),
		TEST(write__abilities__are_what_the_profile_says),
		TEST(write__steps__go_on_where_they_were_cut),
	};
	return cmocka_run_group_tests_name("crm/write", tests, NULL, NULL);
}
