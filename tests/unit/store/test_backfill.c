/* test_backfill.c - which bodies are missing: down each folder once, and copies at the end. */
#include "config.h"

#include "letters.h"

#include <stdint.h>
#include <string.h>

struct wants {
	struct ingest_want *v;
	size_t n;
};

static struct wants missing(struct fixture *f, int64_t folder, int64_t below, size_t max)
{
	struct wants w;
	assert_ok(f, ingest_missing_bodies(f->reader, &f->arena, folder, below, max, &w.v, &w.n,
			     &f->err));
	return w;
}

static struct wants copies(struct fixture *f, int64_t account)
{
	struct wants w;
	assert_ok(f, ingest_missing_copies(f->reader, &f->arena, account, 9, &w.v, &w.n, &f->err));
	return w;
}

static void put_body(struct fixture *f, int64_t message)
{
	static const char raw[] = "Subject: Offer\nFrom: laura@client.example\n\nHello.\n";
	struct ingest_body b = {.message = message};
	b.p = ingest_prepare(&f->arena, raw, strlen(raw), true);
	assert_ok(f, ingest_bodies(f->store, &b, 1, &f->err));
}

static void backfill__goes_down_a_folder__once(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work"), ids[4];
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	static const struct letter v[] = {{.id = "1", .mid = "1@x", .head_only = true},
		{.id = "2", .mid = "2@x", .head_only = true}, {.id = "3", .mid = "3@x"},
		{.id = "4", .mid = "4@x", .head_only = true}};
	letters_put(f, account, inbox, v, ARRAY_SIZE(v), ids);
	struct wants w = missing(f, inbox, INT64_MAX, 2);
	assert_int_equal(w.n, 2);
	assert_int_equal(w.v[0].message, ids[3]);
	assert_string_equal(w.v[0].server_id, "4");
	assert_int_equal(w.v[0].folder, inbox);
	assert_int_equal(w.v[1].message, ids[1]);
	w = missing(f, inbox, ids[1], 9);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.v[0].message, ids[0]);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].head_only)
			put_body(f, ids[i]);
	assert_int_equal(missing(f, inbox, INT64_MAX, 9).n, 0);
}

static void backfill__names__the_folders_that_miss_any(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work"), other = letters_account(f, "home"), *v = NULL;
	int64_t a = letters_folder(f, account, "A", FOLDER_OTHER);
	int64_t b = letters_folder(f, account, "B", FOLDER_OTHER);
	int64_t c = letters_folder(f, other, "C", FOLDER_OTHER);
	size_t n = 0;
	static const struct letter whole = {.id = "1", .mid = "1@x"};
	static const struct letter heads[] = {{.id = "1", .mid = "2@x", .head_only = true},
		{.id = "2", .mid = "3@x", .head_only = true}};
	static const struct letter else_where = {.id = "1", .mid = "4@x", .head_only = true};
	letters_put(f, account, a, &whole, 1, NULL);
	letters_put(f, account, b, heads, ARRAY_SIZE(heads), NULL);
	letters_put(f, other, c, &else_where, 1, NULL);
	assert_ok(f, ingest_missing_folders(f->reader, &f->arena, account, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0], b);
}

static void backfill__takes_a_copy__whose_first_one_is_gone(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work"), other = letters_account(f, "home"), copy = 0;
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	int64_t theirs = letters_folder(f, other, "INBOX", FOLDER_INBOX);
	static const struct letter l = {
		.id = "7", .mid = "same@x", .at = FIXTURE_NOW - 60, .head_only = true};
	static const char *const gone[] = {"7"};
	letters_put(f, account, inbox, &l, 1, NULL);
	letters_put(f, other, theirs, &l, 1, &copy);
	assert_int_equal(missing(f, theirs, INT64_MAX, 9).n, 0);
	assert_int_equal(copies(f, other).n, 0); /* the first one's will do */
	struct ingest_page page = {.account = account, .folder = inbox, .gone = gone, .n_gone = 1};
	letters_page(f, &page);
	struct wants w = copies(f, other);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.v[0].message, copy);
	assert_int_equal(w.v[0].folder, theirs);
	put_body(f, copy);
	assert_int_equal(copies(f, other).n, 0);
}

/* A listing broken off between its last page and its end is known by an index. */
static void resync__is_open__until_its_end(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work"), gone = 0;
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	static const struct letter l = {.id = "7", .mid = "one@x"};
	bool is_open = true;
	letters_put(f, account, inbox, &l, 1, NULL);
	assert_ok(f, ingest_resync_is_open(f->reader, inbox, &is_open, &f->err));
	assert_false(is_open);
	struct ingest_page page = {.account = account, .folder = inbox, .all_gone_first = true};
	letters_page(f, &page);
	assert_ok(f, ingest_resync_is_open(f->reader, inbox, &is_open, &f->err));
	assert_true(is_open);
	assert_ok(f, ingest_resync_end(f->store, inbox, &gone, &f->err));
	assert_int_equal(gone, 1);
	assert_ok(f, ingest_resync_is_open(f->reader, inbox, &is_open, &f->err));
	assert_false(is_open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(backfill__goes_down_a_folder__once, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(backfill__names__the_folders_that_miss_any,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(backfill__takes_a_copy__whose_first_one_is_gone,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(resync__is_open__until_its_end, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
