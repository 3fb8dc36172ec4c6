/* test_saved_search.c - kept searches: in the order they were kept, forgotten by the same call. */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include "crmail/store/saved_search.h"

static size_t list(struct fixture *f, const char ***out)
{
	size_t n = 0;
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, saved_search_list(f->reader, &f->arena, out, &n, &f->err));
	return n;
}

static void saved_search__keeps__in_order(void **state)
{
	struct fixture *f = *state;
	const char **v = NULL;
	assert_int_equal(list(f, &v), 0);
	saved_search_toggle(f->store, "is:unread");
	saved_search_toggle(f->store, "from:\"Đặng\" -has:attachment");
	assert_int_equal(list(f, &v), 2);
	assert_string_equal(v[0], "is:unread");
	assert_string_equal(v[1], "from:\"Đặng\" -has:attachment");
}

static void saved_search__forgets__what_was_kept(void **state)
{
	struct fixture *f = *state;
	const char **v = NULL;
	saved_search_toggle(f->store, "a");
	saved_search_toggle(f->store, "b");
	saved_search_toggle(f->store, "a");
	assert_int_equal(list(f, &v), 1);
	assert_string_equal(v[0], "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(saved_search__keeps__in_order, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(saved_search__forgets__what_was_kept, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
