/* test_arena.c - memory freed together, and its ceiling. */
#include "config.h"

#include <stdalign.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "tests/unit/unit.h"

static void arena__gives_zeroed_aligned_memory(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	for (size_t size = 0; size < 9000; size += 37) {
		unsigned char *p = arena_alloc(&a, size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, size); /* into nobody else's: the next ones are still zero */
	}
	arena_release(&a);
}

static void arena__keeps_small_things__beside_large_ones(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	char *small = arena_strdup(&a, "first");
	char *large = arena_alloc(&a, 5 << 20);
	char *other = arena_strdup(&a, "second");
	memset(large, 'x', 5 << 20);
	assert_string_equal(small, "first");
	assert_string_equal(other, "second");
	assert_int_equal(a.used, 6 + (5 << 20) + 7);
	arena_release(&a);
	assert_null(a.head);
}

static void arena__stops_at_its_ceiling(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT_MAX(100);
	assert_non_null(arena_alloc(&a, 60));
	assert_non_null(arena_alloc(&a, 40));
	assert_false(a.failed);
	assert_null(arena_alloc(&a, 1));
	assert_true(a.failed);
	assert_null(arena_alloc(&a, 0)); /* until it is reset */
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 100));
	assert_null(arena_strdup(&a, "x"));
	assert_null(arena_printf(&a, "%d", 1));
	arena_release(&a);
	assert_int_equal(a.max, 100);
}

static void arena__refuses_sizes_that_overflow(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT_MAX(1000);
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	arena_reset(&a);
	assert_null(arena_array(&a, SIZE_MAX, SIZE_MAX));
	arena_release(&a);
}

static void arena__copies_strings(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_null(arena_strdup(&a, NULL));
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab", 30), "ab");
	assert_string_equal(arena_printf(&a, "%s-%05d", "x", 42), "x-00042");
	arena_release(&a);
}

static void arena__grows_arrays(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	int *v = NULL;
	size_t cap = 0;
	for (int i = 0; i < 10000; i++) {
		v = arena_grow(&a, v, &cap, (size_t)i + 1, sizeof(*v));
		v[i] = i;
	}
	for (int i = 0; i < 10000; i++)
		assert_int_equal(v[i], i);
	arena_release(&a);
}

static void arena__is_reused_after_reset(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&a, 1000));
	arena_reset(&a);
	const void *block = a.head;
	assert_non_null(block);
	char *p = arena_alloc(&a, 100);
	assert_ptr_equal(a.head, block);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena__gives_zeroed_aligned_memory),
		cmocka_unit_test(arena__keeps_small_things__beside_large_ones),
		cmocka_unit_test(arena__stops_at_its_ceiling),
		cmocka_unit_test(arena__refuses_sizes_that_overflow),
		cmocka_unit_test(arena__copies_strings),
		cmocka_unit_test(arena__grows_arrays),
		cmocka_unit_test(arena__is_reused_after_reset),
	};
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
