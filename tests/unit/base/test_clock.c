/* test_clock.c - RFC 3339, the test clock, randomness from a seed. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/clock.h"
#include "crmail/base/err.h"
#include "crmail/base/fsx.h"
#include "crmail/base/rng.h"
#include "tests/unit/unit.h"

static void clock__writes_rfc3339(void **state)
{
	(void)state;
	char s[32];
	assert_string_equal(clock_rfc3339(0, s, sizeof(s)), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_rfc3339(951827696, s, sizeof(s)), "2000-02-29T12:34:56Z");
	assert_string_equal(clock_rfc3339(-1, s, sizeof(s)), "1969-12-31T23:59:59Z");
	assert_string_equal(clock_rfc3339(INT64_MAX, s, sizeof(s)), "9999-12-31T23:59:59Z");
	assert_string_equal(clock_rfc3339(INT64_MIN, s, sizeof(s)), "0000-01-01T00:00:00Z");
}

static void clock__reads_back_what_it_writes(void **state)
{
	(void)state;
	struct rng *r = rng_new(1);
	for (int i = 0; i < 20000; i++) {
		char s[32];
		int64_t t = (int64_t)rng_below(r, 315569519999) - 62167219200, back = 1;
		assert_true(clock_parse_rfc3339(clock_rfc3339(t, s, sizeof(s)), &back));
		assert_true(back == t);
	}
	rng_free(r);
}

static void clock__reads_zones_and_fractions(void **state)
{
	(void)state;
	static const char *const same[] = {"2026-11-21T10:00:00Z", "2026-11-21T11:00:00+01:00",
		"2026-11-21T10:00:00.123456789Z", "2026-11-20t22:00:00-12:00",
		"2026-11-21 10:00:00z", "2026-11-21T15:45:00+05:45"};
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		int64_t t = 0;
		assert_true(clock_parse_rfc3339(same[i], &t));
		assert_int_equal(t, 1795255200);
	}
}

static void clock__refuses_what_is_not_a_time(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2026-11-21", "2026-11-21T10:00:00",
		"2026-13-21T10:00:00Z", "2026-00-21T10:00:00Z", "2026-02-29T10:00:00Z",
		"2100-02-29T10:00:00Z", "2026-04-31T10:00:00Z", "2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z", "2026-11-21T10:00:61Z", "2026-11-21T10:00:00.Z",
		"2026-11-21T10:00:00+0100", "2026-11-21T10:00:00Zx", "26-11-21T10:00:00Z",
		"2026-11-21T10:00:00+24:00", " 2026-11-21T10:00:00Z", "-026-11-21T10:00:00Z"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t t = 7;
		if (clock_parse_rfc3339(bad[i], &t))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(t, 7);
	}
	int64_t t;
	assert_false(clock_parse_rfc3339(NULL, &t));
	assert_true(clock_parse_rfc3339("2000-02-29T10:00:00Z", &t));
}

static void clock__follows_its_file(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char path[] = "/tmp/crmail-test-clock.XXXXXX";
	close(mkstemp(path));
	struct clock_src *c = clock_new(path);
	assert_int_equal(fsx_write_file(path, "1700000000\n", 11, false, &e), 0);
	assert_int_equal(clock_now(c), 1700000000);
	assert_true(clock_now_ms(c) == 1700000000000);
	assert_int_equal(fsx_write_file(path, " 1700000060 ", 12, false, &e), 0);
	assert_int_equal(clock_now(c), 1700000060);
	/* Between two writes the last time stands. */
	assert_int_equal(fsx_write_file(path, "", 0, false, &e), 0);
	assert_int_equal(clock_now(c), 1700000060);
	unlink(path);
	assert_int_equal(clock_now(c), 1700000060);
	clock_free(c);
}

static void clock__is_the_systems__without_a_file(void **state)
{
	(void)state;
	struct clock_src *c = clock_new(NULL);
	/* A second of grace on both sides: time() may lag behind clock_gettime() by a tick. */
	int64_t before = time(NULL) - 1;
	int64_t now = clock_now(c);
	assert_in_range(now, before, time(NULL) + 1);
	assert_in_range(clock_now_ms(c) / 1000, before, time(NULL) + 1);
	assert_true(clock_mono_ms() <= clock_mono_ms());
	clock_free(c);
}

static void rng__repeats_itself_from_a_seed(void **state)
{
	(void)state;
	struct rng *a = rng_new(42), *b = rng_new(42), *c = rng_new(43), *d = rng_new(0);
	bool differs = false;
	for (int i = 0; i < 100; i++) {
		uint64_t v = rng_u64(a);
		assert_true(v == rng_u64(b));
		differs = differs || v != rng_u64(c);
	}
	assert_true(differs);
	assert_true(rng_u64(d) != rng_u64(d));
	rng_free(a);
	rng_free(b);
	rng_free(c);
	rng_free(d);
}

static void rng__stays_below(void **state)
{
	(void)state;
	struct rng *r = rng_new(9);
	int seen[7] = {0};
	for (int i = 0; i < 7000; i++)
		seen[rng_below(r, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_true(rng_below(r, 1) == 0);
	for (int i = 0; i < 100; i++)
		assert_true(rng_below(r, UINT64_MAX) < UINT64_MAX);
	rng_free(r);
}

static void rng__writes_hex(void **state)
{
	(void)state;
	struct rng *r = rng_new(9);
	char s[42];
	memset(s, 'x', sizeof(s));
	rng_hex(r, s, 40);
	assert_int_equal(strlen(s), 40);
	assert_int_equal(strspn(s, "0123456789abcdef"), 40);
	assert_int_equal(s[41], 'x');
	rng_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock__writes_rfc3339),
		cmocka_unit_test(clock__reads_back_what_it_writes),
		cmocka_unit_test(clock__reads_zones_and_fractions),
		cmocka_unit_test(clock__refuses_what_is_not_a_time),
		cmocka_unit_test(clock__follows_its_file),
		cmocka_unit_test(clock__is_the_systems__without_a_file),
		cmocka_unit_test(rng__repeats_itself_from_a_seed),
		cmocka_unit_test(rng__stays_below),
		cmocka_unit_test(rng__writes_hex),
	};
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
