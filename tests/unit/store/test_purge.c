/* test_purge.c - what was purged is nowhere in the data folder, and no listing brings it back. */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/audit.h"
#include "crmail/store/care.h"
#include "crmail/store/message.h"
#include "crmail/store/purge.h"
#include "crmail/store/search.h"
#include "src/store/ingest_body.h"
#include "tests/unit/store/letters.h"

struct mailbox {
	struct fixture *f;
	int64_t account, inbox, archive, id, other;
};

static const struct letter SECRET = {.id = "1",
	.mid = "s@x.example",
	.subject = "Wombatledger",
	.from = "Tapir <tapir@mandolin.example>",
	.body = "The axolotlpencil."};

static struct mailbox make_mailbox(void **state)
{
	struct mailbox b = {.f = *state};
	const struct letter other = {.id = "2", .mid = "o@x.example", .subject = "Lion"};
	struct letter copy = SECRET;
	copy.id = "7";
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	b.archive = letters_folder(b.f, b.account, "Archive", FOLDER_ARCHIVE);
	letters_put(b.f, b.account, b.inbox, &SECRET, 1, &b.id);
	letters_put(b.f, b.account, b.archive, &copy, 1, NULL);
	letters_put(b.f, b.account, b.inbox, &other, 1, &b.other);
	return b;
}

static struct purge_report purge(struct mailbox *b, bool is_dry)
{
	struct purge_report r;
	assert_ok(b->f, message_purge(b->f->store, b->id, is_dry, &r, &b->f->err));
	return r;
}

static void purge__changes_nothing__dry(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct purge_report r = purge(&b, true);
	assert_int_equal(r.messages, 2);
	assert_int_equal(r.on_servers, 2);
	assert_int_equal(letters_count_hits(b.f, "axolotlpencil"), 1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM tombstone"), 0);
}

static void purge__takes_every_row__of_all_copies(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char *const counts[][2] = {{"crmail.db", "SELECT count(*) - 1 FROM message"},
		{"crmail.db", "SELECT count(*) - 1 FROM placement"},
		{"crmail.db", "SELECT count(*) - 1 FROM folder WHERE total > 0"},
		{"crmail.db", "SELECT count(*) FROM keep_queue"},
		{"crmail.db", "SELECT count(*) FROM tombstone WHERE hash LIKE '%s@x%'"},
		{"cache.db", "SELECT count(*) - 1 FROM body"},
		{"cache.db", "SELECT count(*) - 1 FROM head"},
		{"cache.db", "SELECT count(*) FROM fts WHERE fts MATCH 'axolotlpencil'"},
		{"cache.db", "SELECT count(*) FROM tri WHERE tri MATCH 'wombatledger'"}};
	assert_int_equal(purge(&b, false).messages, 2);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (fixture_sql(b.f, counts[i][0], counts[i][1]) != 0)
			fail_msg("%s is not 0", counts[i][1]);
	letters_check_counters(b.f);
	assert_int_equal(letters_count_hits(b.f, "lion"), 1);
	struct audit_row *v;
	size_t n;
	assert_ok(b.f, audit_list(b.f->reader, &b.f->arena, 0, 0, &v, &n, &b.f->err));
	assert_int_equal(v[n - 1].kind, AUDIT_PURGE);
	assert_int_equal(v[n - 1].n, 2);
}

/* Whom nothing else names is forgotten; who wrote the other message too is not. */
static void purge__forgets_people__only_it_named(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char gone[] =
		"SELECT (SELECT count(*) FROM party WHERE addr LIKE '%tapir%')"
		" + (SELECT count(*) FROM correspondent WHERE fold LIKE '%tapir%')"
		" + (SELECT count(*) FROM correspondent_word WHERE word LIKE 'tapir%')";
	static const char stays[] =
		"SELECT (SELECT count(*) FROM party WHERE norm = 'laura@client.example')"
		" + (SELECT count(*) FROM correspondent WHERE norm = 'laura@client.example')";
	assert_in_range(fixture_sql(b.f, "crmail.db", gone), 3, 9);
	purge(&b, false);
	assert_int_equal(fixture_sql(b.f, "crmail.db", gone), 0);
	assert_int_equal(fixture_sql(b.f, "crmail.db", stays), 2);
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM message_party mp LEFT JOIN party p"
				 " ON p.id = mp.party WHERE p.id IS NULL"),
		0);
}

static void purge__is_remembered__listed_again(void **state)
{
	struct mailbox b = make_mailbox(state);
	int64_t id = -1;
	purge(&b, false);
	letters_put(b.f, b.account, b.inbox, &SECRET, 1, &id);
	assert_int_equal(id, 0);
	fixture_close(b.f);
	fixture_open(b.f);
	letters_put(b.f, b.account, b.archive, &SECRET, 1, &id);
	assert_int_equal(id, 0);
	assert_int_equal(letters_count_hits(b.f, "wombatledger"), 0);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM message"), 1);
}

/* Without a Message-ID its body tells what it is. */
static void purge__is_remembered__known_by_its_body(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct letter l = SECRET;
	int64_t id;
	l.mid = "";
	l.id = "9";
	letters_put(b.f, b.account, b.inbox, &l, 1, &b.id);
	purge(&b, false);
	l.id = "10";
	l.head_only = true;
	letters_put(b.f, b.account, b.inbox, &l, 1, &id);
	assert_true(id != 0); /* its headers say nothing */
	static const char raw[] = "From: Tapir <tapir@mandolin.example>\nTo: me@own.example\n"
				  "Subject: Wombatledger\n\nThe axolotlpencil.\n";
	struct ingest_body body = {
		.message = id, .p = ingest_prepare(&b.f->arena, raw, sizeof raw - 1, true)};
	assert_ok(b.f, ingest_bodies(b.f->store, &body, 1, &b.f->err));
	char sql[96];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM message WHERE id = %lld", (long long)id);
	assert_int_equal(fixture_sql(b.f, "crmail.db", sql), 0);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM body WHERE message = %lld", (long long)id);
	assert_int_equal(fixture_sql(b.f, "cache.db", sql), 0);
	letters_check_counters(b.f);
}

/* Its rows were there and are gone when the head or the body that came with them is written. */
static void purge__leaves_no_text__of_what_was_being_written(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char raw[] = "From: Tapir <tapir@mandolin.example>\nTo: me@own.example\n"
				  "Message-ID: <s@x.example>\n"
				  "Subject: Wombatledger\n\nThe axolotlpencil.\n";
	static const char *const counts[] = {"SELECT count(*) - 1 FROM body",
		"SELECT count(*) - 1 FROM head",
		"SELECT count(*) FROM fts WHERE fts MATCH 'axolotlpencil'",
		"SELECT count(*) FROM tri WHERE tri MATCH 'wombatledger'"};
	purge(&b, false);
	for (int whole = 0; whole < 2; whole++) {
		size_t n = whole ? sizeof raw - 1 : (size_t)(strstr(raw, "\n\n") - raw) + 2;
		const struct body_item item = {
			.message = b.id, .p = ingest_prepare(&b.f->arena, raw, n, whole)};
		assert_ok(b.f, ingest_store_items(b.f->store, &item, 1, &b.f->err));
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
			if (fixture_sql(b.f, "cache.db", counts[i]) != 0)
				fail_msg("whole %d: %s is not 0", whole, counts[i]);
	}
}

static void purge__is_refused__what_could_not_be_known_again(void **state)
{
	struct mailbox b = make_mailbox(state);
	const struct letter l = {.id = "9", .mid = "", .head_only = true};
	struct purge_report r;
	int64_t id;
	letters_put(b.f, b.account, b.inbox, &l, 1, &id);
	assert_int_equal(message_purge(b.f->store, id, false, &r, &b.f->err), -1);
	assert_int_equal(b.f->err.code, ERR_CONFLICT);
	assert_int_equal(message_purge(b.f->store, 12345, false, &r, &b.f->err), -1);
	assert_int_equal(b.f->err.code, ERR_NOTFOUND);
	err_clear(&b.f->err);
}

static void purge__removes_the_kept_file(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char *const gone_in[] = {"1", "7"};
	const int64_t folders[] = {b.inbox, b.archive};
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct ingest_page p = {.account = b.account,
			.folder = folders[i],
			.gone = &gone_in[i],
			.n_gone = 1};
		letters_page(b.f, &p);
	}
	care_once(b.f->store);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 1);
	purge(&b, false);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM kept"), 0);
	CLEANUP(free_str) char *root = fsx_join(b.f->dir, "kept");
	DIR *d = opendir(root);
	assert_non_null(d);
	for (struct dirent *entry; (entry = readdir(d));) {
		CLEANUP(free_str) char *folder = fsx_join(root, entry->d_name);
		assert_true(entry->d_name[0] == '.' || rmdir(folder) == 0); /* empty */
	}
	closedir(d);
}

/* Among so many keys are some with a zero byte. */
static void purge__is_remembered__whatever_the_key_is(void **state)
{
	struct mailbox b = make_mailbox(state);
	char mids[40][32];
	struct letter many[ARRAY_SIZE(mids)];
	int64_t ids[ARRAY_SIZE(mids)];
	struct purge_report r;
	for (size_t i = 0; i < ARRAY_SIZE(mids); i++) {
		snprintf(mids[i], sizeof mids[i], "%zu@many.example", i + 100);
		many[i] = (struct letter){.id = mids[i], .mid = mids[i], .subject = "Emu"};
	}
	letters_put(b.f, b.account, b.inbox, many, ARRAY_SIZE(many), ids);
	assert_in_range(fixture_sql(b.f, "crmail.db",
				"SELECT count(*) FROM message WHERE subject = 'Emu'"
				" AND instr(equal_key, x'00') > 0"),
		1, ARRAY_SIZE(mids));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_ok(b.f, message_purge(b.f->store, ids[i], false, &r, &b.f->err));
	letters_put(b.f, b.account, b.archive, many, ARRAY_SIZE(many), NULL);
	assert_int_equal(letters_count_hits(b.f, "emu"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(purge__changes_nothing__dry),
		TEST(purge__takes_every_row__of_all_copies),
		TEST(purge__forgets_people__only_it_named),
		TEST(purge__is_remembered__listed_again),
		TEST(purge__is_remembered__whatever_the_key_is),
		TEST(purge__is_remembered__known_by_its_body),
		TEST(purge__leaves_no_text__of_what_was_being_written),
		TEST(purge__is_refused__what_could_not_be_known_again),
		TEST(purge__removes_the_kept_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
