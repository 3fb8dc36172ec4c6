/* test_gmail_cursor.c - where a listing of Gmail's mail stands, and one that never ends. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "src/provider/gmail/gmail.h"
#include "tests/unit/unit.h"

static void cursor__comes_back__as_it_was(void **state)
{
	(void)state;
	static const char *const texts[] = {"v1 at 17", "v1 at 17 m1", "v1 at 17 m1,m2,m3",
		"v1 list 17 -1 0 -", "v1 list 17 200000 500 - 0423/ab=,c d",
		"v1 again 179518974419212695764 9 500 m1,m2 tok", "v1 list 17 5 0 m1"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct gmail_cursor c;
		assert_true(gmail_cursor_read(&a, texts[i], &c));
		assert_string_equal(gmail_cursor_write(&a, &c), texts[i]);
	}
}

static void cursor__says__what_it_has(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_cursor c;
	assert_true(gmail_cursor_read(&a, "v1 again 17 2000 500 m1,m2 a b", &c));
	assert_int_equal(c.word, GMAIL_AGAIN);
	assert_string_equal(c.history, "17");
	assert_int_equal(c.total, 2000);
	assert_int_equal(c.done, 500);
	assert_string_equal(c.token, "a b");
	assert_int_equal(c.n_later, 2);
	assert_string_equal(c.later[1], "m2");
}

/* They began anew each time, and do so once more. */
static void cursor__is_read__of_an_earlier_crmail(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_cursor c;
	assert_true(gmail_cursor_read(&a, "v1 list 17", &c));
	assert_null(c.token);
	assert_int_equal(c.total, -1);
	assert_true(gmail_cursor_read(&a, "v1 again 17", &c));
	assert_int_equal(c.word, GMAIL_AGAIN);
}

static void cursor__is_refused__when_it_is_none(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf many = BUF_INIT(10000), long_token = BUF_INIT(10000);
	buf_addstr(&many, "v1 at 17 m");
	for (int i = 0; i < GMAIL_LATER_MOST; i++)
		buf_addf(&many, ",m%d", i);
	buf_addstr(&long_token, "v1 list 17 1 1 - ");
	for (size_t i = 0; i <= GMAIL_TOKEN_MOST; i++)
		buf_addch(&long_token, 'x');
	const char *const texts[] = {"", "v1", "v1 at", "v2 at 17", "v1 at a/b", "v1 to 17",
		"v1 at 17 m1,,m2", "v1 at 17 a/b", "v1 list 17 x 0 -", "v1 list 17 1 -1 -",
		"v1 list 17 1", "v1 list 17 1 1", many.p, long_token.p};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct gmail_cursor c;
		assert_false(gmail_cursor_read(&a, texts[i], &c));
	}
}

static bool walk(unsigned n_pages, unsigned circle, bool has_fresh_tokens, unsigned *steps)
{
	struct gmail_walk w = {.n = 0};
	for (*steps = 0; *steps < n_pages; ++*steps) {
		char token[30], id[30];
		unsigned at = circle && *steps >= 3 ? 3 + (*steps - 3) % circle : *steps;
		snprintf(token, sizeof token, "t%u", has_fresh_tokens ? *steps : at);
		snprintf(id, sizeof id, "m%u", at);
		if (!gmail_walk_goes_on(&w, token, id))
			return false;
	}
	return true;
}

static void walk__ends__when_pages_go_round(void **state)
{
	(void)state;
	static const unsigned circles[] = {1, 2, 3, 7, 100};
	for (size_t i = 0; i < ARRAY_SIZE(circles); i++)
		for (int fresh = 0; fresh < 2; fresh++) {
			unsigned steps = 0;
			assert_false(walk(100000, circles[i], fresh, &steps));
			assert_true(steps <= 4 * (circles[i] + 4));
		}
}

static void walk__goes_on__as_long_as_pages_are_new(void **state)
{
	(void)state;
	unsigned steps = 0;
	assert_true(walk(5000, 0, true, &steps));
}

static void walk__ends__when_nothing_is_on_the_pages(void **state)
{
	(void)state;
	struct gmail_walk w = {.n = 0};
	char token[30];
	unsigned n = 0;
	for (bool goes_on = true; goes_on && n < 1000; n++) {
		snprintf(token, sizeof token, "t%u", n);
		goes_on = gmail_walk_goes_on(&w, token, NULL);
	}
	assert_in_range(n, 10, 100);
}

/* Gmail has empty pages where it searches. */
static void walk__goes_on__over_some_empty_pages(void **state)
{
	(void)state;
	struct gmail_walk w = {.n = 0};
	for (unsigned i = 0; i < 1000; i++) {
		char token[30], id[30];
		snprintf(token, sizeof token, "t%u", i);
		snprintf(id, sizeof id, "m%u", i);
		assert_true(gmail_walk_goes_on(&w, token, i % 10 ? NULL : id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor__comes_back__as_it_was),
		cmocka_unit_test(cursor__says__what_it_has),
		cmocka_unit_test(cursor__is_read__of_an_earlier_crmail),
		cmocka_unit_test(cursor__is_refused__when_it_is_none),
		cmocka_unit_test(walk__ends__when_pages_go_round),
		cmocka_unit_test(walk__goes_on__as_long_as_pages_are_new),
		cmocka_unit_test(walk__ends__when_nothing_is_on_the_pages),
		cmocka_unit_test(walk__goes_on__over_some_empty_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
