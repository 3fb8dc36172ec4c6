/* test_late.c - a library that is loaded late: bound at once and whole, or not at all. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "crmail/base/late.h"
#include "tests/unit/unit.h"

static const char *const math_names[] = {"floor", "ceil"};
static const char *const odd_names[] = {"floor", "crmail_no_such_function"};

static void late__functions_are_those_of_the_library(void **state)
{
	(void)state;
	late_function *at[2] = {NULL, NULL};
	struct late l = {.soname = "libm.so.6", .names = math_names, .at = at, .n = 2};
	struct err e = ERR_INIT;
	assert_int_equal(late_load(&l, &e), 0);
	assert_true(((double (*)(double))late_bind(&l, 0))(2.5) == 2.0);
	assert_true(((double (*)(double))late_bind(&l, 1))(2.5) == 3.0);
}

static void late__a_missing_library_is_named(void **state)
{
	(void)state;
	late_function *at[2] = {NULL, NULL};
	struct late l = {.soname = "libcrmail-none.so.1", .names = math_names, .at = at, .n = 2};
	struct err e = ERR_INIT;
	assert_int_equal(late_load(&l, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.msg, "libcrmail-none.so.1"));
	assert_int_equal(late_load(&l, &e), -1);
}

static void late__a_library_without_one_of_them_is_not_used(void **state)
{
	(void)state;
	late_function *at[2] = {NULL, NULL};
	struct late l = {.soname = "libm.so.6", .names = odd_names, .at = at, .n = 2};
	struct err e = ERR_INIT;
	assert_int_equal(late_load(&l, &e), -1);
	assert_non_null(strstr(e.msg, "crmail_no_such_function"));
	assert_false(l.is_loaded);
}

static void late__the_program_has_all_that_it_asks_libcrypto_for(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_int_equal(late_load_crypto(&e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late__functions_are_those_of_the_library),
		cmocka_unit_test(late__a_missing_library_is_named),
		cmocka_unit_test(late__a_library_without_one_of_them_is_not_used),
		cmocka_unit_test(late__the_program_has_all_that_it_asks_libcrypto_for),
	};
	return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
