/* test_doctor.c - what is mended: counters, lost bodies, orphans, a new cache; removing
 * accounts. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/store/message.h"
#include "crmail/store/search.h"
#include "tests/unit/store/letters.h"

struct mailbox {
	struct fixture *f;
	int64_t account, inbox, ids[3];
};

static struct mailbox make_mailbox(void **state)
{
	static const struct letter v[] = {{.id = "1", .subject = "Zebra one", .body = "thimble"},
		{.id = "2", .subject = "Zebra two"}, {.id = "3", .subject = "Lion"}};
	struct mailbox b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	letters_put(b.f, b.account, b.inbox, v, 3, b.ids);
	return b;
}

static void doctor__finds_nothing__sound_folder(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct store_check c;
	assert_ok(b.f, store_doctor(b.f->store, &c, &b.f->err));
	assert_int_equal(c.messages, 3);
	assert_int_equal(c.threads, 3);
	assert_int_equal(c.wrong_counters, 0);
	assert_int_equal(c.missing_bodies, 0);
	assert_int_equal(c.orphans, 0);
}

static void doctor__mends__counters_and_lists(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct store_check c;
	fixture_sql(b.f, "crmail.db", "UPDATE folder SET unread = 99, threads = -4");
	fixture_sql(b.f, "crmail.db", "DELETE FROM thread_list WHERE folder > 0");
	fixture_sql(b.f, "crmail.db", "UPDATE list_count SET threads = 12");
	assert_ok(b.f, store_doctor(b.f->store, &c, &b.f->err));
	assert_true(c.wrong_counters > 0);
	letters_check_counters(b.f);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT unread FROM folder"), 3);
	assert_ok(b.f, store_doctor(b.f->store, &c, &b.f->err));
	assert_int_equal(c.wrong_counters, 0);
}

static void doctor__asks_again__for_lost_bodies(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct store_check c;
	struct ingest_want *want;
	size_t n;
	fixture_sql(b.f, "cache.db", "DELETE FROM body");
	assert_ok(b.f, store_doctor(b.f->store, &c, &b.f->err));
	assert_int_equal(c.missing_bodies, 3);
	assert_ok(b.f, ingest_missing_bodies(b.f->reader, &b.f->arena, b.inbox, INT64_MAX, 9, &want,
			       &n, &b.f->err));
	assert_int_equal(n, 3);
	assert_true(want[0].message > want[1].message);
}

static void cache__is_made_again__lost(void **state)
{
	struct mailbox b = make_mailbox(state);
	char path[96];
	struct ingest_want *want;
	size_t n;
	fixture_close(b.f);
	snprintf(path, sizeof path, "%s/cache.db", b.f->dir);
	assert_int_equal(unlink(path), 0);
	fixture_open(b.f);
	assert_ok(b.f, ingest_missing_bodies(b.f->reader, &b.f->arena, b.inbox, INT64_MAX, 9, &want,
			       &n, &b.f->err));
	assert_int_equal(n, 3);
	struct store_check c;
	assert_ok(b.f, store_doctor(b.f->store, &c, &b.f->err));
	assert_int_equal(letters_count_hits(b.f, "zebra"), 2);
	assert_int_equal(letters_count_hits(b.f, "thimble"), 0);
}

/* A crash between the commits of the two files. */
static void head__is_indexed_at_opening__crash_between_the_files(void **state)
{
	struct mailbox b = make_mailbox(state);
	fixture_sql(b.f, "crmail.db",
		"INSERT INTO message (id, account, thread, copy_of, received,"
		" date, listed, subject) SELECT id + 1, account, thread,"
		" id + 1, received, date, 1, 'Giraffe' FROM message"
		" WHERE subject = 'Lion'");
	assert_int_equal(letters_count_hits(b.f, "giraffe"), 0);
	fixture_close(b.f);
	fixture_open(b.f);
	assert_int_equal(letters_count_hits(b.f, "giraffe"), 1);
}

static void account__leaves_nothing__removed(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char *const counts[][2] = {{"crmail.db", "SELECT count(*) FROM message"},
		{"crmail.db", "SELECT count(*) FROM placement"},
		{"crmail.db", "SELECT count(*) FROM thread_list"},
		{"crmail.db", "SELECT count(*) FROM list_count"},
		{"crmail.db", "SELECT count(*) FROM message_party"},
		{"crmail.db", "SELECT count(*) FROM folder"},
		{"cache.db", "SELECT count(*) FROM body"},
		{"cache.db", "SELECT count(*) FROM head"},
		{"cache.db", "SELECT count(*) FROM text"},
		{"cache.db", "SELECT count(*) FROM fts WHERE fts MATCH 'thimble'"},
		{"cache.db", "SELECT count(*) FROM tri WHERE tri MATCH 'zebra'"}};
	assert_ok(b.f, account_remove(b.f->store, b.account, &b.f->err));
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (fixture_sql(b.f, counts[i][0], counts[i][1]) != 0)
			fail_msg("%s is not 0", counts[i][1]);
}

static void file__goes_with_its_last_body__removed(void **state)
{
	struct fixture *f = *state;
	enum { BIG = 400 << 10 };
	char *body = calloc(1, BIG);
	assert_non_null(body);
	for (size_t i = 0; i + 1 < BIG; i++)
		body[i] = i % 70 == 69 ? '\n' : (char)('a' + i * 7919 % 26);
	int64_t account = letters_account(f, "work"), id;
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	char path[256];
	const char *raw;
	enum body_state body_state;
	size_t n;
	letters_put(f, account, inbox, &(struct letter){.id = "1", .body = body}, 1, &id);
	free(body);
	assert_int_equal(fixture_sql(f, "cache.db",
				 "SELECT count(*) FROM body WHERE data IS NULL"
				 " AND length(file) = 64"),
		1);
	assert_ok(f, message_raw(f->reader, &f->arena, id, &raw, &n, &body_state, &f->err));
	assert_int_equal(body_state, BODY_WHOLE);
	assert_in_range(n, BIG, BIG + 500);
	char sha[65];
	sha256_hex(raw, n, sha);
	snprintf(path, sizeof path, "%s/files/%.2s/%s.zst", f->dir, sha, sha);
	assert_true(fsx_exists(path));
	assert_ok(f, account_remove(f->store, account, &f->err));
	assert_false(fsx_exists(path));
}

static void account__leaves_the_others_copy__removed(void **state)
{
	struct mailbox b = make_mailbox(state);
	int64_t other = letters_account(b.f, "home"), copy;
	int64_t inbox = letters_folder(b.f, other, "INBOX", FOLDER_INBOX);
	struct letter same = {
		.id = "77", .mid = "1@mail.example", .subject = "Zebra one", .body = "thimble"};
	struct ingest_want *want;
	struct message_row *m;
	size_t n;
	letters_put(b.f, other, inbox, &same, 1, &copy);
	assert_ok(b.f, message_get(b.f->reader, &b.f->arena, copy, &m, &b.f->err));
	assert_int_equal(m->body, BODY_WHOLE);
	assert_ok(b.f, account_remove(b.f->store, b.account, &b.f->err));
	assert_ok(b.f, message_get(b.f->reader, &b.f->arena, copy, &m, &b.f->err));
	assert_int_equal(m->body, BODY_NONE);
	assert_ok(b.f, ingest_missing_bodies(b.f->reader, &b.f->arena, inbox, INT64_MAX, 9, &want,
			       &n, &b.f->err));
	assert_int_equal(n, 1);
	letters_check_counters(b.f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(doctor__finds_nothing__sound_folder),
		TEST(doctor__mends__counters_and_lists),
		TEST(doctor__asks_again__for_lost_bodies),
		TEST(cache__is_made_again__lost),
		TEST(head__is_indexed_at_opening__crash_between_the_files),
		TEST(account__leaves_nothing__removed),
		TEST(file__goes_with_its_last_body__removed),
		TEST(account__leaves_the_others_copy__removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
