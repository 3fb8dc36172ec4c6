/* test_str.c - numbers, comparing and splitting of ASCII. */
#include "config.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"
#include "tests/unit/unit.h"

static void str__parses_the_limits_of_int64(void **state)
{
	(void)state;
	int64_t v = 0;
	assert_true(str_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
	assert_true(str_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
	assert_true(str_to_i64("-0", INT64_MIN, INT64_MAX, &v));
	assert_true(v == 0);
	assert_true(str_to_i64("0042", 0, 100, &v));
	assert_true(v == 42);
}

static void str__refuses_numbers_past_a_limit(void **state)
{
	(void)state;
	static const char *const bad[] = {"9223372036854775808", "-9223372036854775809",
		"99999999999999999999999", "18446744073709551616", "-99999999999999999999"};
	int64_t v = 7;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(str_to_i64(bad[i], INT64_MIN, INT64_MAX, &v));
	assert_false(str_to_i64("11", 0, 10, &v));
	assert_false(str_to_i64("-1", 0, 10, &v));
	assert_true(v == 7);
}

static void str__refuses_what_is_not_a_number(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "-", "+1", " 1", "1 ", "1x", "0x10", "1e3", "--1", "1.0"};
	int64_t v;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(str_to_i64(bad[i], INT64_MIN, INT64_MAX, &v));
	assert_false(str_to_i64(NULL, INT64_MIN, INT64_MAX, &v));
	assert_false(span_to_i64((struct span){"1\0", 2}, 0, 9, &v));
	assert_false(span_to_i64((struct span){NULL, 0}, 0, 9, &v));
}

static void str__compares_ascii_case__but_no_other(void **state)
{
	(void)state;
	assert_int_equal(str_casecmp("AbC", "aBc"), 0);
	assert_true(str_casecmp("a", "b") < 0);
	assert_true(str_casecmp("ab", "a") > 0);
	assert_true(str_casecmp("\xC4", "\xE4") != 0);
	assert_int_equal(str_ncasecmp("abX", "ABy", 2), 0);
	assert_true(str_casestarts("Content-Type: x", "content-type"));
	assert_false(str_casestarts("Con", "content"));
	assert_true(str_ends("a.txt", ".txt"));
	assert_false(str_ends("txt", ".txt"));
	assert_true(span_caseeq(span_of("UTF-8"), "utf-8"));
	assert_false(span_caseeq((struct span){"ab\0", 3}, "ab"));
	assert_true(span_eq((struct span){NULL, 0}, ""));
}

static void str__finds_whatever_the_case__within_the_length(void **state)
{
	(void)state;
	const char *hay = "xxCRMxx";
	assert_ptr_equal(mem_casefind(hay, 7, "crm"), hay + 2);
	assert_null(mem_casefind(hay, 4, "crm"));
	assert_null(mem_casefind(hay, 7, "crma"));
	assert_ptr_equal(mem_casefind(hay, 7, ""), hay);
}

static void str__trims_both_ends(void **state)
{
	(void)state;
	struct span s = span_trim(SPAN_LIT(" \t a b\r\n"));
	assert_true(span_eq(s, "a b"));
	assert_int_equal(span_trim(SPAN_LIT(" \r\n")).len, 0);
	assert_int_equal(span_trim((struct span){NULL, 0}).len, 0);
}

static void str__splits_and_keeps_empty_pieces_between(void **state)
{
	(void)state;
	struct span rest = span_of("a,,b,"), piece;
	assert_true(span_next(&rest, ',', &piece));
	assert_true(span_eq(piece, "a"));
	assert_true(span_next(&rest, ',', &piece));
	assert_true(span_eq(piece, ""));
	assert_true(span_next(&rest, ',', &piece));
	assert_true(span_eq(piece, "b"));
	assert_false(span_next(&rest, ',', &piece));
	rest = span_of("");
	assert_false(span_next(&rest, ',', &piece));
}

static void str__lowers_ascii_only(void **state)
{
	(void)state;
	char s[] = "ABZ[\xC4z";
	str_lower_inplace(s);
	assert_string_equal(s, "abz[\xC4z");
	assert_true(ascii_isspace('\v'));
	assert_false(ascii_isspace('\0'));
	assert_false(ascii_isalpha('\xE4'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str__parses_the_limits_of_int64),
		cmocka_unit_test(str__refuses_numbers_past_a_limit),
		cmocka_unit_test(str__refuses_what_is_not_a_number),
		cmocka_unit_test(str__compares_ascii_case__but_no_other),
		cmocka_unit_test(str__finds_whatever_the_case__within_the_length),
		cmocka_unit_test(str__trims_both_ends),
		cmocka_unit_test(str__splits_and_keeps_empty_pieces_between),
		cmocka_unit_test(str__lowers_ascii_only),
	};
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
