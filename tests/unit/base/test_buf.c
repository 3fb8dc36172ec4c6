/* test_buf.c - growable bytes and their ceiling. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "tests/unit/unit.h"

static void buf__is_an_empty_string__before_the_first_add(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(10);
	assert_string_equal(b.p, "");
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void buf__keeps_the_final_zero__after_every_add(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (int i = 0; i < 1000; i++) {
		buf_addch(&b, 'x');
		assert_int_equal(b.p[b.len], 0);
		assert_int_equal(strlen(b.p), i + 1);
	}
	buf_release(&b);
}

static void buf__takes_exactly_its_ceiling(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(5);
	buf_addstr(&b, "12345");
	assert_false(b.failed);
	assert_string_equal(b.p, "12345");
	buf_addch(&b, '6');
	assert_true(b.failed);
	assert_string_equal(b.p, "12345");
	buf_release(&b);
}

static void buf__adds_nothing_more__once_failed(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(5);
	buf_addstr(&b, "abc");
	buf_addstr(&b, "toolong");
	buf_addch(&b, 'd');
	buf_addf(&b, "%d", 1);
	assert_string_equal(b.p, "abc");
	buf_reset(&b);
	buf_addstr(&b, "again");
	assert_string_equal(b.p, "again");
	assert_false(b.failed);
	buf_release(&b);
}

static void buf__formats_longer_than_its_stack_copy(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(2000);
	buf_addf(&b, "%0999d", 7);
	assert_int_equal(b.len, 999);
	assert_int_equal(b.p[998], '7');
	buf_addf(&b, "%01001d", 8);
	assert_int_equal(b.len, 2000);
	buf_addf(&b, "%0300d", 8);
	assert_true(b.failed);
	assert_int_equal(b.len, 2000);
	buf_release(&b);
}

static void buf__trims_blanks_at_the_end_only(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	buf_addstr(&b, "  a b \t\r\n");
	buf_rtrim(&b);
	assert_string_equal(b.p, "  a b");
	buf_reset(&b);
	buf_addstr(&b, " \n");
	buf_rtrim(&b);
	assert_string_equal(b.p, "");
	buf_release(&b);
}

static void buf__gives_its_bytes_away__even_when_empty(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	size_t n = 9;
	char *s = buf_steal(&b, &n);
	assert_string_equal(s, "");
	assert_int_equal(n, 0);
	free(s);
	buf_add(&b, "a\0b", 3);
	s = buf_steal(&b, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "a\0b", 4);
	free(s);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.p, "");
}

static void buf__encodes_code_points(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	buf_addutf8(&b, 'A');
	buf_addutf8(&b, 0xE9);
	buf_addutf8(&b, 0x20AC);
	buf_addutf8(&b, 0x1F600);
	buf_addutf8(&b, 0xD800);
	buf_addutf8(&b, 0x110000);
	assert_string_equal(b.p, "A\u00e9\u20ac\U0001F600\ufffd\ufffd");
	buf_release(&b);
}

/* Looks at memory that the buf owns yet: what it cut off, and what it had before it grew. */
static void buf__wipes_what_it_cuts_off__secret(void **state)
{
	(void)state;
	struct buf b = BUF_SECRET_INIT(1000);
	buf_addf(&b, "%s", "correct horse");
	buf_truncate(&b, 3);
	assert_string_equal(b.p, "cor");
	for (size_t i = 3; i < strlen("correct horse"); i++)
		assert_int_equal(b.p[i], 0);
	for (int i = 0; i < 300; i++)
		buf_addch(&b, 'x');
	assert_int_equal(b.len, 303);
	assert_memory_equal(b.p, "corxxx", 6);
	buf_reset(&b);
	for (size_t i = 0; i < b.cap; i++)
		assert_int_equal(b.p[i], 0);
	buf_release(&b);
	assert_true(b.is_secret);
	buf_addstr(&b, "again");
	assert_string_equal(b.p, "again");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf__is_an_empty_string__before_the_first_add),
		cmocka_unit_test(buf__keeps_the_final_zero__after_every_add),
		cmocka_unit_test(buf__takes_exactly_its_ceiling),
		cmocka_unit_test(buf__adds_nothing_more__once_failed),
		cmocka_unit_test(buf__formats_longer_than_its_stack_copy),
		cmocka_unit_test(buf__trims_blanks_at_the_end_only),
		cmocka_unit_test(buf__gives_its_bytes_away__even_when_empty),
		cmocka_unit_test(buf__encodes_code_points),
		cmocka_unit_test(buf__wipes_what_it_cuts_off__secret),
	};
	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
