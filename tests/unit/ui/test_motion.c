/* test_motion.c - a cursor over rows: it stays on a row and on the screen. */
#include "config.h"

#include "tests/unit/unit.h"
#include "ui/motion.h"

static void motion_move__stays_on_a_row(void **state)
{
	struct motion m = {.n = 10};
	(void)state;

	assert_true(motion_move(&m, ACTION_UP, 4));
	assert_int_equal(m.sel, 0);
	assert_true(motion_move(&m, ACTION_PAGE_DOWN, 4));
	assert_int_equal(m.sel, 4);
	assert_true(motion_move(&m, ACTION_HALF_DOWN, 4));
	assert_int_equal(m.sel, 6);
	assert_true(motion_move(&m, ACTION_PAGE_DOWN, 4));
	assert_int_equal(m.sel, 9);
	assert_true(motion_move(&m, ACTION_DOWN, 4));
	assert_int_equal(m.sel, 9);
	assert_true(motion_move(&m, ACTION_HALF_UP, 1));
	assert_int_equal(m.sel, 8);
	assert_true(motion_move(&m, ACTION_TOP, 4));
	assert_int_equal(m.sel, 0);
	assert_true(motion_move(&m, ACTION_BOTTOM, 4));
	assert_int_equal(m.sel, 9);
	assert_false(motion_move(&m, ACTION_OPEN, 4));
}

static void motion_move__of_nothing_stays_at_nothing(void **state)
{
	struct motion m = {.n = 0};
	(void)state;

	assert_true(motion_move(&m, ACTION_DOWN, 4));
	assert_true(motion_move(&m, ACTION_BOTTOM, 4));
	motion_settle(&m, 0);
	assert_int_equal(m.sel, 0);
	assert_int_equal(m.top, 0);
}

static void motion_settle__the_window_follows(void **state)
{
	struct motion m = {.n = 10, .sel = 9};
	(void)state;

	motion_settle(&m, 4);
	assert_int_equal(m.top, 6);
	m.sel = 2;
	motion_settle(&m, 4);
	assert_int_equal(m.top, 2);
	m.n = 3; /* rows went */
	motion_settle(&m, 4);
	assert_int_equal(m.sel, 2);
	assert_int_equal(m.top, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(motion_move__stays_on_a_row),
		cmocka_unit_test(motion_move__of_nothing_stays_at_nothing),
		cmocka_unit_test(motion_settle__the_window_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
