/* test_line_diff.c - differences by a table of cases, and with texts too large for the table. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/mail/line_diff.h"
#include "tests/unit/unit.h"

static void diff__shows_the_shortest_way(void **state)
{
	static const struct {
		const char *was, *is, *want;
		size_t differ;
	} cases[] = {
		{"", "", "", 0},
		{"a\n", "a\n", "  a\n", 0},
		{"a\r\nb", "a\nb\n", "  a\n  b\n", 0},
		{"", "a\nb\n", "+ a\n+ b\n", 2},
		{"a\nb\n", "", "- a\n- b\n", 2},
		{"a\nb\nc\n", "a\nx\nc\n", "  a\n- b\n+ x\n  c\n", 2},
		{"a\nb\nc\nd\n", "b\nd\ne\n", "- a\n  b\n- c\n  d\n+ e\n", 3},
		{"a\na\n", "a\na\na\n", "  a\n  a\n+ a\n", 1},
		{"a\n\nb\n", "a\nb\n", "  a\n- \n  b\n", 1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
		assert_int_equal(line_diff(cases[i].was, cases[i].is, &out), cases[i].differ);
		assert_string_equal(out.p, cases[i].want);
	}
}

static void diff__stays_small__with_large_texts(void **state)
{
	CLEANUP(buf_release) struct buf was = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf is = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	(void)state;
	for (int i = 0; i < 30000; i++) {
		buf_addf(&was, "%d\n", i);
		buf_addf(&is, "%d\n", i % 2 ? i : -i);
	}
	assert_int_equal(line_diff(was.p, is.p, &out), 2 * 29997);
	assert_true(strncmp(out.p, "  0\n  1\n- 2\n- 3\n", 16) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff__shows_the_shortest_way),
		cmocka_unit_test(diff__stays_small__with_large_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
