/* test_ingest.c - how pages and bodies are written: in batches, in order, and not one by one. */
#include "config.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

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

/* Two messages whose bodies are to come. */
static void put_heads(struct fixture *f, int64_t ids[2])
{
	static const struct letter v[2] = {
		{.id = "1", .head_only = true}, {.id = "2", .head_only = true}};
	int64_t account = letters_account(f, "work");
	letters_put(f, account, letters_folder(f, account, "INBOX", FOLDER_INBOX), v, 2, ids);
}

static struct ingest_body a_body(struct fixture *f, int64_t message, const char *words)
{
	const char *raw = arena_printf(&f->arena,
		"From: Laura <laura@client.example>\nMessage-ID: <%s@mail.example>\n\n%s\n", words,
		words);
	return (struct ingest_body){
		.message = message, .p = ingest_prepare(&f->arena, raw, strlen(raw), true)};
}

static void bodies__begun__are_written_in_order(void **state)
{
	struct fixture *f = *state;
	struct ingest_writing *first = NULL, *second = NULL;
	int64_t ids[2];
	put_heads(f, ids);
	struct ingest_body a = a_body(f, ids[0], "quittung"), b = a_body(f, ids[1], "rechnung");
	assert_ok(f, ingest_start_bodies(f->store, &a, 1, &first, &f->err));
	assert_ok(f, ingest_start_bodies(f->store, &b, 1, &second, &f->err));
	assert_ok(f, ingest_finish(first, &f->err));
	assert_ok(f, ingest_finish(second, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message WHERE body = 2"),
		2);
	assert_int_equal(fixture_sql(f, "cache.db",
				 "SELECT count(*) FROM fts WHERE fts MATCH 'rechnung'"),
		1);
}

static void run_sql(const struct fixture *f, const char *name, const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;
	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What cannot be written is told at the end, and is marked nowhere: it is asked for again. */
static void bodies__begun__told_when_they_fail(void **state)
{
	struct fixture *f = *state;
	struct ingest_writing *w = NULL;
	int64_t ids[2];
	put_heads(f, ids);
	struct ingest_body b = a_body(f, ids[0], "quittung");
	run_sql(f, "cache.db",
		"CREATE TRIGGER refuse BEFORE INSERT ON body BEGIN SELECT RAISE(ABORT, ''); END");
	assert_ok(f, ingest_start_bodies(f->store, &b, 1, &w, &f->err));
	assert_int_equal(ingest_finish(w, &f->err), -1);
	assert_int_equal(f->err.code, ERR_DB);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message WHERE body = 2"),
		0);
	run_sql(f, "cache.db", "DROP TRIGGER refuse");
	err_clear(&f->err);
	assert_ok(f, ingest_bodies(f->store, &b, 1, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message WHERE body = 2"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(index__pieces__one_for_each_batch, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(bodies__begun__are_written_in_order, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(bodies__begun__told_when_they_fail, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests_name("store/ingest", tests, NULL, NULL);
}
