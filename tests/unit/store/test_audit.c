/* test_audit.c - what is noted of sends, sign-ins and accounts, and what is not noted again. */
#include "config.h"

#include <string.h>

#include "crmail/store/account.h"
#include "crmail/store/audit.h"
#include "crmail/store/outbox.h"
#include "tests/unit/store/letters.h"

enum { DAY_S = 86400 };

static size_t count(struct fixture *f, enum audit_kind kind, int64_t account, bool is_ok)
{
	struct audit_row *v;
	size_t n, found = 0;
	assert_ok(f, audit_list(f->reader, &f->arena, 0, account, &v, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		found += v[i].kind == kind && v[i].is_ok == is_ok;
	return found;
}

static void sign_in(struct fixture *f, int64_t account, enum err_code code)
{
	struct err why = {.code = code};
	assert_ok(f, audit_sign_in(f->store, account, 0, code ? &why : NULL, &f->err));
}

static void sign_in__is_noted_once_a_day__while_it_works(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++)
		sign_in(f, 1, ERR_NONE);
	sign_in(f, 2, ERR_NONE);
	assert_int_equal(count(f, AUDIT_SIGN_IN, 1, true), 1);
	assert_int_equal(count(f, AUDIT_SIGN_IN, 2, true), 1);
	fixture_set_clock(f, FIXTURE_NOW + DAY_S);
	sign_in(f, 1, ERR_NONE);
	assert_int_equal(count(f, AUDIT_SIGN_IN, 1, true), 2);
}

static void sign_in__is_always_noted__failed_and_after_it(void **state)
{
	struct fixture *f = *state;
	sign_in(f, 1, ERR_NONE);
	sign_in(f, 1, ERR_AUTH);
	sign_in(f, 1, ERR_AUTH);
	sign_in(f, 1, ERR_NONE);
	sign_in(f, 1, ERR_NONE);
	assert_int_equal(count(f, AUDIT_SIGN_IN, 1, false), 2);
	assert_int_equal(count(f, AUDIT_SIGN_IN, 1, true), 2);
	struct audit_row *v;
	size_t n;
	assert_ok(f, audit_list(f->reader, &f->arena, 0, 1, &v, &n, &f->err));
	assert_string_equal(v[1].reason, "auth");
	assert_ok(f, audit_list(f->reader, &f->arena, FIXTURE_NOW + 1, 0, &v, &n, &f->err));
	assert_int_equal(n, 0);
}

static void put_sent(struct fixture *f, int64_t account, int64_t id, enum outbox_state end)
{
	static const char *const to[] = {"x@x.example"};
	static const enum outbox_state steps[] = {OUTBOX_CONNECTING, OUTBOX_HANDED};
	const struct outbox_new o = {.account = account,
		.id = id,
		.message_id = "m@x.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &id, &f->err));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		assert_ok(f, outbox_set_state(f->store, id, steps[i], NULL, 0, NULL, 0, &f->err));
	assert_ok(f, outbox_set_state(f->store, id, end, NULL, 0, NULL, 0, &f->err));
}

static void send__is_noted__with_its_end_alone(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work");
	struct audit_row *v;
	size_t n;
	put_sent(f, account, 7, OUTBOX_SENT);
	put_sent(f, account, 8, OUTBOX_UNKNOWN);
	assert_ok(f, audit_list(f->reader, &f->arena, 0, account, &v, &n, &f->err));
	assert_int_equal(n, 3); /* the account itself came first */
	assert_int_equal(v[0].kind, AUDIT_ACCOUNT);
	assert_int_equal(v[1].ref, 7);
	assert_true(v[1].is_ok);
	assert_int_equal(v[2].ref, 8);
	assert_false(v[2].is_ok);
	assert_string_equal(v[2].reason, "unknown");
}

static void account__stays_in_the_audit__removed(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work");
	assert_ok(f, account_remove(f->store, account, &f->err));
	assert_int_equal(count(f, AUDIT_ACCOUNT, account, true), 2);
}

static void kind__has_a_name__also_one_of_the_future(void **state)
{
	(void)state;
	assert_string_equal(audit_kind_name(AUDIT_SEND), "send");
	assert_string_equal(audit_kind_name(AUDIT_RESTORE), "restore");
	assert_string_equal(audit_kind_name((enum audit_kind)99), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sign_in__is_noted_once_a_day__while_it_works),
		TEST(sign_in__is_always_noted__failed_and_after_it),
		TEST(send__is_noted__with_its_end_alone),
		TEST(account__stays_in_the_audit__removed),
		TEST(kind__has_a_name__also_one_of_the_future),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
