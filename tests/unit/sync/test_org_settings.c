/*
 * test_org_settings.c - what holds between default, organisation and person, and that a worker
 * goes by it.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <stdlib.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/organization.h"
#include "crmail/sync/org_settings.h"
#include "src/sync/session.h"
#include "src/sync/worker.h"

static void check(enum org_option o, const char *own, const char *organization, int64_t value,
	enum org_source source)
{
	struct org_value v = org_option_settle(o, own, organization);
	assert_int_equal(v.value, value);
	assert_int_equal(v.source, source);
}

static void org_option__is_the_default__when_nobody_says_anything(void **state)
{
	(void)state;
	check(ORG_HISTORY_DAYS, NULL, NULL, 30, ORG_FROM_DEFAULT);
	check(ORG_BODY_LIMIT_KB, NULL, NULL, 500, ORG_FROM_DEFAULT);
	check(ORG_INTERVAL_MINUTES, NULL, NULL, 15, ORG_FROM_DEFAULT);
	check(ORG_HISTORY_DAYS, "soon", "never", 30, ORG_FROM_DEFAULT);
}

static void org_option__is_the_organisations__when_the_account_says_nothing(void **state)
{
	(void)state;
	check(ORG_HISTORY_DAYS, NULL, "90", 90, ORG_FROM_ORGANIZATION);
	check(ORG_BODY_LIMIT_KB, NULL, "2000", 2000, ORG_FROM_ORGANIZATION);
	check(ORG_INTERVAL_MINUTES, NULL, "5", 5, ORG_FROM_ORGANIZATION);
	check(ORG_INTERVAL_MINUTES, "often", "60", 60, ORG_FROM_ORGANIZATION);
}

static void org_option__lets_a_person__only_ask_for_less(void **state)
{
	(void)state;
	check(ORG_HISTORY_DAYS, "7", "30", 7, ORG_FROM_ACCOUNT);
	check(ORG_HISTORY_DAYS, "60", "30", 30, ORG_FROM_BOUND);
	check(ORG_HISTORY_DAYS, "all", "30", 30, ORG_FROM_BOUND);
	check(ORG_HISTORY_DAYS, "all", NULL, INT64_MAX, ORG_FROM_ACCOUNT);
	check(ORG_BODY_LIMIT_KB, "100", "500", 100, ORG_FROM_ACCOUNT);
	check(ORG_BODY_LIMIT_KB, "2000", "500", 500, ORG_FROM_BOUND);
	check(ORG_INTERVAL_MINUTES, "60", "30", 60, ORG_FROM_ACCOUNT);
	check(ORG_INTERVAL_MINUTES, "5", "30", 30, ORG_FROM_BOUND);
}

static void org_option__keeps_to_the_range__whoever_says_something_else(void **state)
{
	(void)state;
	check(ORG_HISTORY_DAYS, NULL, "36500", 90, ORG_FROM_ORGANIZATION);
	check(ORG_HISTORY_DAYS, "1", "0", 7, ORG_FROM_ACCOUNT);
	check(ORG_BODY_LIMIT_KB, "5", NULL, 100, ORG_FROM_ACCOUNT);
	check(ORG_INTERVAL_MINUTES, "1", NULL, 5, ORG_FROM_ACCOUNT);
	check(ORG_INTERVAL_MINUTES, NULL, "99999999999999", 15, ORG_FROM_DEFAULT);
}

/* ---- a worker that goes by it ----------------------------------------------------------------*/

struct world {
	struct fixture *f;
	struct host_options options;
	struct worker worker;
	struct session session;
	char *mail;
	int64_t crm, account;
};

static void world_up(struct world *w, struct fixture *f, const char *interval)
{
	*w = (struct world){.f = f, .mail = xasprintf("%s/mail", f->dir)};
	const struct crm_row crm = {.name = "main", .profile = "x", .url = "http://x.test"};
	const struct setting settings[] = {
		{"maildir", w->mail}, {"history", "all"}, {"sync_interval_minutes", interval}};
	static const char *const parts[] = {"cur", "new", ".Sent/cur", ".Sent/new"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		CLEANUP(free_str) char *dir = fsx_join(w->mail, parts[i]);
		assert_ok(f, fsx_mkdir_p(dir, &f->err));
	}
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &w->crm, &f->err));
	const struct account_row row = {
		.name = "own", .kind = "maildir", .email = "me@own.test", .crm = w->crm};
	assert_ok(f, account_add(f->store, &row, settings, interval ? 3 : 2, &w->account, &f->err));
	w->options = (struct host_options){
		.store = f->store, .clock = f->clock, .rng = f->rng, .data_dir = f->dir};
}

static void open_session(struct world *w)
{
	struct fixture *f = w->f;
	assert_ok(f, worker_init(&w->worker, &w->options, w->account, &f->err));
	assert_ok(f, session_init(&w->session, &w->worker, &f->err));
	assert_ok(f, session_connect(&w->session, &f->err));
	assert_ok(f, session_list_folders(&w->session, &f->err));
}

static void close_session(struct world *w)
{
	session_release(&w->session);
	worker_release(&w->worker);
}

/* How many looks at folders are due at that moment. */
static int looks(struct world *w, int64_t now_ms)
{
	bool did = true;
	int n = -1;
	for (; did; n++)
		assert_ok(w->f, session_pull_step(&w->session, now_ms, &did, &w->f->err));
	return n;
}

static void check_interval(struct world *w, int64_t minutes)
{
	int64_t start = 1000000;
	int64_t ms = minutes * 60000;
	session_pull_all(&w->session);
	int all = looks(w, start);
	assert_true(all >= 2);
	/* the inbox of a Maildir is looked at more often, the others once in the interval */
	assert_true(looks(w, start + ms - 1) <= 1);
	assert_true(looks(w, start + ms) >= all - 1);
	assert_true(session_next_wake(&w->session, start + ms) <= start + 2 * ms);
}

static void sync_interval__is_honoured__by_the_minute(void **state)
{
	struct world w;
	world_up(&w, *state, "5");
	open_session(&w);
	check_interval(&w, 5);
	close_session(&w);
	assert_ok(w.f,
		account_set(w.f->store, w.account, "sync_interval_minutes", "60", &w.f->err));
	open_session(&w);
	check_interval(&w, 60);
	close_session(&w);
	free(w.mail);
}

static void sync_interval__is_not_shorter__than_the_organisation_wants(void **state)
{
	struct world w;
	const struct setting v[] = {{"email_sync_interval_minutes", "30"},
		{"email_sync_history_days", "7"}, {"email_body_size_limit_kb", "100"}};
	world_up(&w, *state, "5");
	assert_ok(w.f, organization_put(w.f->store, w.crm, v, 3, &w.f->err));
	open_session(&w);
	assert_int_equal(w.session.body_limit, 100 << 10);
	assert_int_equal(w.session.conf.history_since, FIXTURE_NOW - 7 * 86400);
	check_interval(&w, 30);
	close_session(&w);
	/* taken back there, it is the person's again */
	assert_ok(w.f, organization_put(w.f->store, w.crm, NULL, 0, &w.f->err));
	open_session(&w);
	assert_int_equal(w.session.conf.history_since, 0);
	check_interval(&w, 5);
	close_session(&w);
	free(w.mail);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(org_option__is_the_default__when_nobody_says_anything),
		cmocka_unit_test(org_option__is_the_organisations__when_the_account_says_nothing),
		cmocka_unit_test(org_option__lets_a_person__only_ask_for_less),
		cmocka_unit_test(org_option__keeps_to_the_range__whoever_says_something_else),
		TEST(sync_interval__is_honoured__by_the_minute),
		TEST(sync_interval__is_not_shorter__than_the_organisation_wants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
