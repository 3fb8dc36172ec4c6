/* test_look.c - what is looked at besides records: all ids, and who makes the activities of
 * mail. */
#include "config.h"

#include <string.h>

#include "script.h"

#define REST "http://crm.test/rest/v1/"
#define IDS "GET " REST "ce_contacts?select=id"

static int list(struct fixture *f, const char *after, struct crm_ids *out, struct err *e)
{
	return crm_list_ids(f->crm, CRM_CONTACT, after, &f->arena, out, e);
}

static void ids__walk_until_an_empty_page(void **state)
{
	struct fixture *f = *state;
	struct crm_ids ids;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {IDS "&order=id.asc&limit=1000", NULL, 200, "[{\"id\":\"C1\"},{\"id\":7}]", 0},
		{IDS "&id=gt.7&order=id.asc&limit=1000", NULL, 200, "[]", 0});
	assert_int_equal(list(f, NULL, &ids, &e), 0);
	assert_int_equal(ids.n, 2);
	assert_string_equal(ids.v[1], "7");
	assert_int_equal(list(f, ids.v[1], &ids, &e), 0);
	assert_int_equal(ids.n, 0);
	assert_int_equal(crm_reconcile_days(f->crm, CRM_CONTACT), 1);
	assert_int_equal(crm_reconcile_days(f->crm, CRM_USER), 0);
	assert_int_equal(crm_again_days(f->crm, CRM_CONTACT), 0);
	assert_int_equal(crm_again_days(f->crm, CRM_ACTIVITY), 30);
	assert_string_equal(crm_cursor_at(&f->arena, 86400),
		"{\"since\":\"1970-01-02T00:00:00Z\"}");
}

/* None of these is a list that says who is not there any more. */
static void ids__half_a_list__is_none(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {"", "{}", "<html>", "[{\"id\":\"C2\"},{}]",
		"[{\"id\":\"C2\"},{\"id\":null}]", "[{\"id\":\"C1\"}]", "[\"C2\"]"};
	sign_in(f);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct line script[] = {{"GET *", NULL, 200, answers[i], 0}};
		struct crm_ids ids;
		struct err e = ERR_INIT;
		play(f, script, 1);
		assert_int_equal(list(f, "C1", &ids, &e), -1);
		assert_int_equal(e.code, ERR_PROTO);
	}
}

#define MAILS "GET " REST "ce_email_messages?*"
#define MADE "GET " REST "ce_activities?select=id&message_id=eq."

static void maker__is_what_the_newest_mails_show(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct line script[4];
		size_t n;
		enum crm_maker maker;
		size_t mails, activities;
	} rows[] = {
		{{{MAILS, NULL, 200, "[]", 0}}, 1, CRM_MAKER_UNKNOWN, 0, 0},
		{{{MAILS, NULL, 200, "[{\"message_id\":null}]", 0}}, 1, CRM_MAKER_UNKNOWN, 0, 0},
		{{{MAILS, NULL, 200, "[{\"message_id\":\"a@x.example\"}]", 0},
			 {MADE "a%40x.example&limit=1", NULL, 200, "[]", 0}},
			2, CRM_MAKER_NOBODY, 1, 0},
		{{{MAILS, NULL, 200, "[{\"message_id\":\"a\"},{\"message_id\":\"b\"}]", 0},
			 {MADE "a&limit=1", NULL, 200, "[]", 0},
			 {MADE "b&limit=1", NULL, 200, "[{\"id\":\"K\"}]", 0}},
			3, CRM_MAKER_CRM, 2, 1},
	};
	sign_in(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crm_maker_found found;
		struct err e = ERR_INIT;
		play(f, rows[i].script, rows[i].n);
		assert_int_equal(crm_look_for_maker(f->crm, &found, &e), 0);
		assert_int_equal(found.maker, rows[i].maker);
		assert_int_equal(found.mails, rows[i].mails);
		assert_int_equal(found.activities, rows[i].activities);
		assert_int_equal(f->at, f->n);
	}
}

static void maker__that_cannot_be_seen__is_an_error(void **state)
{
	struct fixture *f = *state;
	struct crm_maker_found found;
	struct err e = ERR_INIT;
	sign_in(f);
	PLAY(f, {MAILS, NULL, 404, "{\"message\":\"no such table\"}", 0});
	assert_int_equal(crm_look_for_maker(f->crm, &found, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(ids__walk_until_an_empty_page),
		TEST(ids__half_a_list__is_none),
		TEST(maker__is_what_the_newest_mails_show),
		TEST(maker__that_cannot_be_seen__is_an_error),
	};
	return cmocka_run_group_tests_name("crm/look", tests, NULL, NULL);
}
