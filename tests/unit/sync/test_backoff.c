/* test_backoff.c - how long something that failed is left alone, and who may ask sooner. */
#include "config.h"

#include "tests/unit/unit.h"

#include "crmail/base/err.h"
#include "crmail/base/rng.h"
#include "src/sync/backoff.h"

#define NOW 1000000

static struct retry after(enum err_code code, uint32_t after_ms, unsigned failures)
{
	struct rng *rng = rng_new(7);
	struct retry r = {.failures = 0};
	struct err e = ERR_INIT;
	(void)err_set(&e, code, "x");
	e.after_ms = after_ms;
	for (unsigned i = 0; i < failures; i++)
		retry_note_failure(&r, &e, rng, NOW);
	rng_free(rng);
	return r;
}

static void backoff__grows_with_jitter__to_a_quarter_of_an_hour(void **state)
{
	struct rng *rng = rng_new(1);
	(void)state;
	for (uint32_t failures = 0; failures < 40; failures++) {
		int64_t base = failures < 9 ? (int64_t)2 << failures : 900;
		base = base > 900 ? 900 : base;
		for (int i = 0; i < 20; i++) {
			int64_t s = backoff_s(rng, failures);
			assert_in_range(s, base - base / 3, base + base / 3 + 1);
		}
	}
	rng_free(rng);
}

static void retry__waits_longer__each_time(void **state)
{
	(void)state;
	assert_in_range(after(ERR_NET, 0, 1).until_ms, NOW + 1000, NOW + 4000);
	assert_in_range(after(ERR_NET, 0, 6).until_ms, NOW + 30000, NOW + 90000);
	struct retry r = after(ERR_NET, 0, 6);
	retry_note_success(&r);
	assert_int_equal(r.failures, 0);
	assert_int_equal(r.until_ms, 0);
}

static void retry__believes_the_server__which_says_how_long(void **state)
{
	(void)state;
	struct retry r = after(ERR_RATE, 120000, 5);
	assert_int_equal(r.until_ms, NOW + 120000);
	assert_false(retry_may_hurry(&r, false));
	assert_false(retry_may_hurry(&r, true));
}

/* A wrong password that is sent again and again gets the account locked. */
static void retry__does_not_repeat_by_itself__what_needs_the_user(void **state)
{
	static const enum err_code codes[] = {ERR_AUTH, ERR_TLS};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct retry r = after(codes[i], 0, 1);
		assert_true(r.until_ms >= NOW + 300000);
		assert_false(retry_may_hurry(&r, false));
		assert_true(retry_may_hurry(&r, true));
	}
	struct retry r = after(ERR_NET, 0, 1);
	assert_true(retry_may_hurry(&r, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backoff__grows_with_jitter__to_a_quarter_of_an_hour),
		cmocka_unit_test(retry__waits_longer__each_time),
		cmocka_unit_test(retry__believes_the_server__which_says_how_long),
		cmocka_unit_test(retry__does_not_repeat_by_itself__what_needs_the_user),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
