/*
 * test_desk_crm.c - orders about CRMs as the desk's thread carries them out, without a server: what
 * is saved, what is refused, and that a refused one leaves nothing behind.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <poll.h>
#include <string.h>

#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/record.h"
#include "crmail/sync/desk.h"

#define PROFILE(name, more)                                                                        \
	"{\"schema\":1,\"name\":\"" name "\",\"title\":\"T\"," more "\"auth\":{\"type\":\"none\"}" \
	"}"
#define WAIT_MS 20000

struct office {
	struct fixture *f;
	struct desk *desk;
	struct event_set *events;
	int64_t account;
};

static void put_profile(struct fixture *f, const char *name, const char *json)
{
	const char *dir = arena_printf(&f->arena, "%s/crm", f->dir);
	assert_ok(f, fsx_mkdir_p(dir, &f->err));
	assert_ok(f, fsx_write_file(arena_printf(&f->arena, "%s/%s.json", dir, name), json,
			     strlen(json), false, &f->err));
}

static void begin(struct office *o, struct fixture *f)
{
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example"};
	*o = (struct office){.f = f, .events = event_set_new()};
	put_profile(f, "here", PROFILE("here", ""));
	put_profile(f, "there",
		PROFILE("there",
			"\"base_url\":\"{{config.url}}\",\"whoami\":{\"request\":{\"path\":"
			"\"/me\"},\"record\":\"\",\"map\":{\"user_id\":\"/id\"}},"));
	assert_ok(f, account_add(f->store, &account, NULL, 0, &o->account, &f->err));
	const struct desk_options options = {.store = f->store,
		.clock = f->clock,
		.events = o->events,
		.share_dir = f->dir,
		.deadline_ms = 5000};
	assert_ok(f, desk_open(&o->desk, &options, &f->err));
}

static void end(struct office *o)
{
	desk_close(o->desk);
	event_set_free(o->events);
}

/* Gives the order and waits for its end. */
static struct desk_answer done(struct office *o, const struct desk_order *order)
{
	struct desk_answer a;
	struct event v[8];
	int64_t number = desk_order(o->desk, order);
	assert_int_not_equal(number, 0);
	assert_true(desk_look(o->desk, number, &a));
	while (a.step != DESK_DONE) {
		struct pollfd p = {.fd = event_set_fd(o->events), .events = POLLIN};
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		event_drain(o->events, v, ARRAY_SIZE(v));
		assert_true(desk_look(o->desk, number, &a));
	}
	return a;
}

static int64_t put_local(struct office *o, const char *name, const char *accounts)
{
	struct desk_order order = {.kind = DESK_CRM_PUT};
	order.v[DESK_PROFILE] = "here";
	order.v[DESK_NAME] = name;
	order.v[DESK_ACCOUNTS] = accounts;
	struct desk_answer a = done(o, &order);
	if (a.error.code)
		fail_msg("%s", a.error.msg);
	return a.crm;
}

static struct crm_row *row(struct office *o, int64_t crm)
{
	struct crm_row *c = NULL;
	assert_ok(o->f, crm_get(o->f->reader, &o->f->arena, crm, &c, &o->f->err));
	return c;
}

static int64_t crm_of_account(struct office *o)
{
	return fixture_sql(o->f, "crmail.db", "SELECT ifnull(crm, 0) FROM account");
}

static void desk_crm__a_new_one__is_saved_and_logs_nothing(void **state)
{
	struct office o;
	begin(&o, *state);
	int64_t crm =
		put_local(&o, "mine", arena_printf(&o.f->arena, "%lld", (long long)o.account));
	const struct crm_row *c = row(&o, crm);
	assert_string_equal(c->name, "mine");
	assert_string_equal(c->profile, "here");
	assert_string_equal(c->log_side, "off");
	assert_int_equal(c->log_since, FIXTURE_NOW);
	assert_int_equal(crm_of_account(&o), crm);
	assert_true(record_abilities(o.f->reader, crm) & RECORD_IS_LOCAL);
	end(&o);
}

static void desk_crm__a_name_twice__is_refused(void **state)
{
	struct office o;
	struct desk_order again = {.kind = DESK_CRM_PUT};
	begin(&o, *state);
	put_local(&o, "mine", NULL);
	again.v[DESK_PROFILE] = "here";
	again.v[DESK_NAME] = "mine";
	assert_int_equal(done(&o, &again).error.code, ERR_CONFLICT);
	assert_int_equal(fixture_sql(o.f, "crmail.db", "SELECT count(*) FROM crm"), 1);
	end(&o);
}

static void desk_crm__nobody_there__nothing_is_saved(void **state)
{
	struct office o;
	struct desk_order order = {.kind = DESK_CRM_PUT};
	begin(&o, *state);
	order.v[DESK_PROFILE] = "there";
	order.v[DESK_NAME] = "far";
	order.v[DESK_URL] = "http://127.0.0.1:1/"; /* nobody listens at port 1 */
	struct desk_answer a = done(&o, &order);
	assert_int_equal(a.error.code, ERR_NET);
	assert_int_equal(a.field, DESK_URL);
	order.v[DESK_PROFILE] = "nowhere";
	assert_int_equal(done(&o, &order).error.code, ERR_NOTFOUND);
	assert_int_equal(fixture_sql(o.f, "crmail.db", "SELECT count(*) FROM crm"), 0);
	end(&o);
}

static void desk_crm__logging__is_an_order_of_its_own(void **state)
{
	struct office o;
	struct desk_order order = {.kind = DESK_CRM_LOG};
	begin(&o, *state);
	order.crm = put_local(&o, "mine", NULL);
	order.v[DESK_LOG_SIDE] = "activity";
	order.v[DESK_LOG_MODE] = "replies";
	order.v[DESK_LOG_SINCE] = "yesterday";
	assert_int_equal(done(&o, &order).error.code, ERR_USAGE);
	assert_string_equal(row(&o, order.crm)->log_side, "off");
	order.v[DESK_LOG_SINCE] = "86400";
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	const struct crm_row *c = row(&o, order.crm);
	assert_string_equal(c->log_side, "activity");
	assert_string_equal(c->log_mode, "replies");
	assert_string_equal(c->log_level, "snippet"); /* not named: as it was */
	assert_int_equal(c->log_since, 86400);
	end(&o);
}

static void desk_crm__changed__keeps_what_is_not_named(void **state)
{
	struct office o;
	struct desk_order order = {.kind = DESK_CRM_PUT};
	begin(&o, *state);
	const char *account = arena_printf(&o.f->arena, "%lld", (long long)o.account);
	order.crm = put_local(&o, "mine", account);
	order.v[DESK_NAME] = "ours";
	order.words[0] = (struct desk_word){"never_log", "x@y.test"};
	order.n_words = 1;
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	assert_string_equal(row(&o, order.crm)->name, "ours");
	assert_int_equal(crm_of_account(&o), order.crm);
	assert_string_equal(crm_setting(o.f->reader, &o.f->arena, order.crm, "never_log"),
		"x@y.test");
	order.words[0].value = ""; /* emptied */
	order.v[DESK_ACCOUNTS] = "";
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	assert_null(crm_setting(o.f->reader, &o.f->arena, order.crm, "never_log"));
	assert_int_equal(crm_of_account(&o), 0);
	end(&o);
}

static void desk_crm__paused_resumed_removed(void **state)
{
	struct office o;
	struct desk_order order = {.kind = DESK_CRM_PAUSE};
	begin(&o, *state);
	order.crm = put_local(&o, "mine", NULL);
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	assert_true(crm_is_paused(row(&o, order.crm)));
	order.kind = DESK_CRM_RESUME;
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	assert_false(crm_is_paused(row(&o, order.crm)));
	order.kind = DESK_CRM_SIGN_IN;
	assert_int_equal(done(&o, &order).error.code, ERR_UNSUPPORTED);
	order.kind = DESK_CRM_REMOVE;
	assert_int_equal(done(&o, &order).error.code, ERR_NONE);
	assert_null(row(&o, order.crm));
	assert_int_equal(done(&o, &order).error.code, ERR_NOTFOUND);
	end(&o);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(desk_crm__a_new_one__is_saved_and_logs_nothing),
		TEST(desk_crm__a_name_twice__is_refused),
		TEST(desk_crm__nobody_there__nothing_is_saved),
		TEST(desk_crm__logging__is_an_order_of_its_own),
		TEST(desk_crm__changed__keeps_what_is_not_named),
		TEST(desk_crm__paused_resumed_removed),
	};
	return cmocka_run_group_tests_name("sync/desk_crm", tests, NULL, NULL);
}
