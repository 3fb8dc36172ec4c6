/* test_ingest.c - how pages and bodies are written: in batches, in order, and not one by one. */
#include "config.h"

#include <stdio.h>

#include "tests/unit/store/letters.h"

enum { BATCH = 40 };

static void put_batch(struct fixture *f)
{
	static char ids[BATCH][16], words[BATCH][32];
	struct letter v[BATCH] = {{.id = NULL}};
	int64_t account = letters_account(f, "work");
	int64_t folder = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	for (size_t i = 0; i < BATCH; i++) {
		snprintf(ids[i], sizeof ids[i], "%zu", i + 1);
		snprintf(words[i], sizeof words[i], "Word%zu and more.", i);
		v[i] = (struct letter){.id = ids[i], .subject = words[i], .body = words[i]};
	}
	letters_put(f, account, folder, v, BATCH, NULL);
}

/* Each piece is read at every search, and merged with the others as they become many. */
static void index__pieces__one_for_each_batch(void **state)
{
	struct fixture *f = *state;
	put_batch(f);
	assert_int_equal(fixture_sql(f, "cache.db", "SELECT count(*) FROM body WHERE state = 2"),
		BATCH);
	assert_int_equal(fixture_sql(f, "cache.db", "SELECT count(DISTINCT segid) FROM fts_idx"),
		1);
	assert_int_equal(fixture_sql(f, "cache.db",
				 "SELECT count(DISTINCT segid) FROM fts_head_idx"),
		1);
	assert_int_equal(fixture_sql(f, "cache.db", "SELECT count(DISTINCT segid) FROM tri_idx"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(index__pieces__one_for_each_batch, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests_name("store/ingest", tests, NULL, NULL);
}
