/*
 * test_keep.c - bodies that no server has any more are kept and come back after a lost cache.db;
 * the cache limit evicts the others, the longest unread first, and never what is found by.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/message.h"
#include "crmail/store/search.h"
#include "src/store/store_private.h"
#include "tests/unit/store/letters.h"

enum { LETTERS = 60, BIG = 300 << 10 };

struct mailbox {
	struct fixture *f;
	int64_t account, inbox, trash, archive, ids[LETTERS];
};

static struct mailbox make_mailbox(void **state)
{
	struct mailbox b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	b.trash = letters_folder(b.f, b.account, "Trash", FOLDER_TRASH);
	b.archive = letters_folder(b.f, b.account, "Archive", FOLDER_ARCHIVE);
	return b;
}

static const char LETTER_BODY[] = "thimble";

static void put_in(struct mailbox *b, int64_t folder, const char *id, int64_t *out)
{
	const struct letter l = {.id = id, .subject = "Zebra", .body = LETTER_BODY};
	letters_put(b->f, b->account, folder, &l, 1, out);
}

static void gone_from(struct mailbox *b, int64_t folder, const char *id)
{
	struct ingest_page p = {.account = b->account, .folder = folder, .gone = &id, .n_gone = 1};
	letters_page(b->f, &p);
}

static enum body_state state_of(struct fixture *f, int64_t id)
{
	const char *p;
	enum body_state st;
	size_t n;
	assert_ok(f, message_raw(f->reader, &f->arena, id, &p, &n, &st, &f->err));
	if (st == BODY_WHOLE)
		assert_non_null(memmem(p, n, LETTER_BODY, strlen(LETTER_BODY)));
	return st;
}

static void lose_cache(struct fixture *f)
{
	CLEANUP(free_str) char *path = fsx_join(f->dir, "cache.db");
	fixture_close(f);
	assert_int_equal(unlink(path), 0);
	fixture_open(f);
}

/* ---- kept ------------------------------------------------------------------------------------ */

static void kept__outlives_the_cache__last_placement_gone(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_in(&b, b.inbox, "1", &b.ids[0]);
	gone_from(&b, b.inbox, "1");
	care_once(b.f->store);
	lose_cache(b.f);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_WHOLE); /* at once */
	assert_int_equal(letters_count_hits(b.f, "thimble"), 0);
	care_once(b.f->store);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_WHOLE);
	assert_int_equal(fixture_sql(b.f, "cache.db", "SELECT count(*) FROM text"), 1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT body FROM message"), BODY_WHOLE);
}

static void kept__is_what_is_nowhere__moved_elsewhere(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_in(&b, b.inbox, "1", &b.ids[0]);
	gone_from(&b, b.inbox, "1");
	const struct letter moved = {
		.id = "9", .mid = "1@mail.example", .subject = "Zebra", .body = LETTER_BODY};
	letters_put(b.f, b.account, b.archive, &moved, 1, NULL); /* by another client */
	care_once(b.f->store);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 0);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM keep_queue"), 0);
	gone_from(&b, b.archive, "9");
	care_once(b.f->store);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 1);
}

static void kept__is_not__what_was_thrown_away(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_in(&b, b.trash, "1", &b.ids[0]);
	put_in(&b, b.trash, "2", &b.ids[1]);
	char link[128];
	snprintf(link, sizeof link,
		"INSERT INTO link (message, kind, target, at) VALUES (%lld, 1, 1, 1)",
		(long long)b.ids[1]);
	fixture_sql(b.f, "crmail.db", link);
	gone_from(&b, b.trash, "1");
	gone_from(&b, b.trash, "2");
	care_once(b.f->store);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 1);
	lose_cache(b.f);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_NONE);
	assert_int_equal(state_of(b.f, b.ids[1]), BODY_WHOLE); /* a timeline shows it */
}

static void kept__goes_with_its_account__removed(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_in(&b, b.inbox, "1", &b.ids[0]);
	gone_from(&b, b.inbox, "1");
	care_once(b.f->store);
	assert_ok(b.f, account_remove(b.f->store, b.account, &b.f->err));
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 0);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM keep_queue"), 0);
}

/* ---- imported -------------------------------------------------------------------------------- */

static const char imported_raw[] = "From: Laura <l@c.example>\nSubject: Giraffe\n"
				   "Message-ID: <imp@c.example>\n\nThe thimble.\n";

static int64_t ingest_one(struct fixture *f, int64_t account, int64_t folder, const char *server_id)
{
	struct ingest_msg m = {.server_id = server_id,
		.received = FIXTURE_NOW - 5,
		.p = ingest_prepare(&f->arena, imported_raw, sizeof imported_raw - 1, true)};
	struct ingest_page p = {.account = account, .folder = folder, .msgs = &m, .n = 1};
	struct ingest_result result;
	assert_ok(f, ingest_page(f->store, &f->arena, &p, &result, &f->err));
	return result.ids[0];
}

static void import_one(struct fixture *f, int64_t *id)
{
	struct account_row row = {.name = "import", .kind = "import", .email = "me@own.example"};
	char hex[65], server_id[64];
	int64_t account;
	sha256_hex(imported_raw, sizeof imported_raw - 1, hex);
	CLEANUP(free_str) char *dir = xasprintf("%s/imported/cur", f->dir);
	CLEANUP(free_str) char *path = xasprintf("%s/%s:2,", dir, hex);
	assert_ok(f, fsx_mkdir_p(dir, &f->err));
	assert_ok(f, fsx_write_file(path, imported_raw, sizeof imported_raw - 1, false, &f->err));
	assert_ok(f, account_add(f->store, &row, NULL, 0, &account, &f->err));
	int64_t folder = letters_folder(f, account, "Imported", FOLDER_INBOX);
	snprintf(server_id, sizeof server_id, "mbox#1\n%.16s", hex);
	*id = ingest_one(f, account, folder, server_id);
}

static void imported__is_read_again__lost_cache(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	import_one(f, &id);
	int64_t done, total;
	lose_cache(f);
	assert_int_equal(state_of(f, id), BODY_NONE);
	care_once(f->store);
	assert_int_equal(state_of(f, id), BODY_WHOLE);
	assert_int_equal(letters_count_hits(f, "thimble"), 1);
	care_counts(f->store, &done, &total);
	assert_int_equal(total, 0);
}

/* Its first copy is an account's that has a server; the file is here all the same. */
static void imported__is_read_again__for_equal_mail_of_a_server(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work"), copy;
	int64_t first =
		ingest_one(f, account, letters_folder(f, account, "INBOX", FOLDER_INBOX), "9");
	import_one(f, &copy);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM message WHERE copy_of <> id"),
		1);
	lose_cache(f);
	assert_int_equal(state_of(f, first), BODY_NONE);
	care_once(f->store);
	assert_int_equal(state_of(f, first), BODY_WHOLE);
}

static void imported__waits__file_not_there(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = xasprintf("%s/imported", f->dir);
	CLEANUP(free_str) char *away = xasprintf("%s/away", f->dir);
	int64_t id;
	import_one(f, &id);
	assert_int_equal(rename(dir, away), 0);
	lose_cache(f);
	care_once(f->store);
	assert_int_equal(state_of(f, id), BODY_NONE);
	assert_int_equal(rename(away, dir), 0);
	care_once(f->store);
	assert_int_equal(state_of(f, id), BODY_WHOLE);
}

/* ---- the limit ------------------------------------------------------------------------------- */

/* Letters that do not compress well, the later ones younger. */
static void put_many(struct mailbox *b)
{
	enum { LINES = 160, SIZE = LINES * 65 + 256 };
	char *body = xmalloc(SIZE);
	for (int i = 0; i < LETTERS; i++) {
		char id[16], seed[32], hex[65];
		size_t len = (size_t)snprintf(body, SIZE,
			"--b\n\n%s\n--b\nContent-Type: application/octet-stream\n\n", LETTER_BODY);
		for (int k = 0; k < LINES; k++) {
			snprintf(seed, sizeof seed, "%d.%d", i, k);
			sha256_hex(seed, strlen(seed), hex);
			len += (size_t)snprintf(body + len, SIZE - len, "%s\n", hex);
		}
		snprintf(body + len, SIZE - len, "--b--\n");
		snprintf(id, sizeof id, "%d", i + 1);
		const struct letter l = {.id = id,
			.subject = "Zebra",
			.body = body,
			.extra = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
			.at = FIXTURE_NOW - 86400 + i};
		letters_put(b->f, b->account, b->inbox, &l, 1, &b->ids[i]);
	}
	free(body);
}

static void open_with_limit(struct fixture *f, int64_t bytes)
{
	struct store_options o = fixture_options(f);
	fixture_close(f);
	o.cache_limit_bytes = bytes;
	assert_ok(f, store_open(&f->store, &o, &f->err));
	assert_ok(f, store_reader_open(f->store, &f->reader, &f->err));
}

static int64_t cache_bytes(const struct fixture *f)
{
	return fixture_sql(f, "cache.db", "PRAGMA page_count") * 4096;
}

static size_t count_whole(struct mailbox *b, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t i = from; i < to; i++)
		n += state_of(b->f, b->ids[i]) == BODY_WHOLE;
	return n;
}

static void limit__evicts_the_oldest_bodies__headers_and_words_stay(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_many(&b);
	int64_t before = cache_bytes(b.f), limit = before * 8 / 10;
	open_with_limit(b.f, limit);
	care_once(b.f->store);
	assert_true(cache_bytes(b.f) <= limit);
	size_t whole = count_whole(&b, 0, LETTERS);
	assert_in_range(whole, 5, LETTERS - 5);
	assert_int_equal(count_whole(&b, LETTERS - whole, LETTERS), whole); /* the youngest */
	assert_int_equal(letters_count_hits(b.f, "thimble"), LETTERS);
	assert_int_equal(letters_count_hits(b.f, "zebra"), LETTERS);
	const char *p;
	enum body_state st;
	size_t n;
	assert_ok(b.f, message_raw(b.f->reader, &b.f->arena, b.ids[0], &p, &n, &st, &b.f->err));
	assert_int_equal(st, BODY_NONE);
	assert_non_null(memmem(p, n, "Subject: Zebra", 14));
	assert_null(memmem(p, n, LETTER_BODY, strlen(LETTER_BODY)));
}

static void limit__leaves_what_was_read_lately(void **state)
{
	struct mailbox b = make_mailbox(state);
	put_many(&b);
	int64_t limit = cache_bytes(b.f) * 8 / 10;
	open_with_limit(b.f, limit);
	message_opened(b.f->store, b.ids[0]);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	care_once(b.f->store);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_WHOLE);
	assert_int_equal(state_of(b.f, b.ids[1]), BODY_NONE);
}

static void limit__evicted_body_is_fetched__only_when_wanted(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct ingest_want *want;
	struct ingest_request *asked;
	size_t n;
	put_many(&b);
	open_with_limit(b.f, cache_bytes(b.f) * 8 / 10);
	care_once(b.f->store);
	assert_ok(b.f, ingest_missing_bodies(b.f->reader, &b.f->arena, b.inbox, INT64_MAX, 9, &want,
			       &n, &b.f->err));
	assert_int_equal(n, 0); /* backfill leaves them alone */
	struct message_row *row;
	assert_ok(b.f, message_get(b.f->reader, &b.f->arena, b.ids[0], &row, &b.f->err));
	assert_int_equal(row->body, BODY_NONE);
	message_want_body(b.f->store, b.ids[0]);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_ok(b.f, ingest_requested_bodies(b.f->reader, &b.f->arena, b.account, &asked, &n,
			       &b.f->err));
	assert_int_equal(n, 1);
	assert_int_equal(asked[0].message, b.ids[0]);
	static const char raw[] = "Subject: Zebra\nMessage-ID: <1@mail.example>\n\nthimble\n";
	struct ingest_body body = {
		.message = b.ids[0], .p = ingest_prepare(&b.f->arena, raw, sizeof raw - 1, true)};
	assert_ok(b.f, ingest_bodies(b.f->store, &body, 1, &b.f->err));
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_WHOLE);
	assert_int_equal(letters_count_hits(b.f, "thimble"), LETTERS);
}

static void limit__spares__what_no_server_has(void **state)
{
	struct mailbox b = make_mailbox(state);
	int64_t imported;
	import_one(b.f, &imported);
	put_in(&b, b.inbox, "1", &b.ids[0]);
	put_in(&b, b.inbox, "2", &b.ids[1]);
	gone_from(&b, b.inbox, "1");
	open_with_limit(b.f, 1); /* everything is too much */
	care_once(b.f->store);
	assert_int_equal(state_of(b.f, imported), BODY_WHOLE);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_WHOLE);
	assert_int_equal(state_of(b.f, b.ids[1]), BODY_NONE);
}

static size_t count_files(const struct fixture *f)
{
	CLEANUP(free_str) char *root = fsx_join(f->dir, "files");
	size_t n = 0;
	DIR *d = opendir(root);
	for (struct dirent *one; d && (one = readdir(d));) {
		CLEANUP(free_str) char *below = fsx_join(root, one->d_name);
		DIR *inner = one->d_name[0] == '.' ? NULL : opendir(below);
		for (struct dirent *x; inner && (x = readdir(inner));)
			n += x->d_name[0] != '.';
		if (inner)
			closedir(inner);
	}
	if (d)
		closedir(d);
	return n;
}

static void limit__removes_the_file__big_body_evicted(void **state)
{
	struct mailbox b = make_mailbox(state);
	char *body = xmalloc(BIG + 64);
	size_t len = (size_t)snprintf(body, 64, "%s\n", LETTER_BODY);
	for (; len < BIG; len++)
		body[len] = len % 70 == 69 ? '\n' : (char)('a' + len * 7919 % 26);
	body[len] = '\0';
	const struct letter l = {.id = "1", .body = body};
	letters_put(b.f, b.account, b.inbox, &l, 1, &b.ids[0]);
	free(body);
	assert_int_equal(count_files(b.f), 1);
	open_with_limit(b.f, 1);
	care_once(b.f->store);
	assert_int_equal(count_files(b.f), 0);
	assert_int_equal(state_of(b.f, b.ids[0]), BODY_NONE);
}

static void sweep__removes_files_without_a_row__not_young_ones(void **state)
{
	struct mailbox b = make_mailbox(state);
	CLEANUP(free_str) char *dir = xasprintf("%s/files/ab", b.f->dir);
	CLEANUP(free_str) char *path = xasprintf("%s/ab12.zst", dir);
	assert_ok(b.f, fsx_mkdir_p(dir, &b.f->err));
	assert_ok(b.f, fsx_write_file(path, "x", 1, false, &b.f->err));
	fixture_set_clock(b.f, (int64_t)time(NULL));
	care_once(b.f->store);
	assert_true(fsx_exists(path));
	fixture_set_clock(b.f, (int64_t)time(NULL) + 7200);
	care_once(b.f->store);
	assert_false(fsx_exists(path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kept__outlives_the_cache__last_placement_gone),
		TEST(kept__is_what_is_nowhere__moved_elsewhere),
		TEST(kept__is_not__what_was_thrown_away),
		TEST(kept__goes_with_its_account__removed),
		TEST(imported__is_read_again__lost_cache),
		TEST(imported__is_read_again__for_equal_mail_of_a_server),
		TEST(imported__waits__file_not_there),
		TEST(limit__evicts_the_oldest_bodies__headers_and_words_stay),
		TEST(limit__leaves_what_was_read_lately),
		TEST(limit__evicted_body_is_fetched__only_when_wanted),
		TEST(limit__spares__what_no_server_has),
		TEST(limit__removes_the_file__big_body_evicted),
		TEST(sweep__removes_files_without_a_row__not_young_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
