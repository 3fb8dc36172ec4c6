/* test_search.c - the query language and what it finds. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/store/search.h"
#include "tests/unit/store/letters.h"

enum { DAY = 86400, T0 = FIXTURE_NOW - 10 * DAY };

static const struct letter LETTERS[] = {
	{.id = "1",
		.at = T0,
		.subject = "Angebot für Straße 7",
		.body = "Guten Tag, die Überraschung liegt bei.",
		.flags = MSG_SEEN},
	{.id = "2",
		.at = T0 + DAY,
		.subject = "Meeting on Thursday",
		.from = "\"Łukasz Żółw\" <lukasz@zolw.example>",
		.body = "We meet at the bakery. quarterly forecast"},
	{.id = "3",
		.at = T0 + 2 * DAY,
		.subject = "会議の資料",
		.from = "Tanaka <tanaka@jp.example>",
		.body = "明日の東京会議について。"},
	{.id = "4",
		.at = T0 + 3 * DAY,
		.subject = "Đặc sản Huế",
		.body = "Xin chào, quarterly "
			"report; the forecast comes later.",
		.flags = MSG_FLAGGED},
	{.id = "5",
		.at = T0 + 4 * DAY,
		.subject = "Files",
		.to = "me@own.example, Bob Stone "
		      "<bob@stone.example>",
		.extra = "Cc: Carla <carla@cc.example>\nMIME-Version: 1.0\n"
			 "Content-Type: multipart/mixed; boundary=b\n",
		.body = "--b\nContent-Type: text/plain\n\nSee the ＦＵＬＬ width.\n--b\n"
			"Content-Type: application/pdf; name=\"Preisliste-2026.pdf\"\n"
			"Content-Disposition: attachment; filename=\"Preisliste-2026.pdf\"\n"
			"Content-Transfer-Encoding: base64\n\nJVBERg==\n--b--"},
};

static void put_letters(struct fixture *f)
{
	int64_t account = letters_account(f, "work");
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	int64_t archive = letters_folder(f, account, "Archive", FOLDER_ARCHIVE);
	letters_put(f, account, inbox, LETTERS, ARRAY_SIZE(LETTERS), NULL);
	/* a copy elsewhere is no second hit */
	letters_put(f, account, archive, &LETTERS[1], 1, NULL);
}

/* The server ids of the hits, newest first. */
static const char *find(struct fixture *f, const char *query)
{
	struct search_query *q;
	struct search_hit *v;
	size_t n;
	int64_t total, of_page;
	const char *ids = "";
	assert_ok(f, search_parse(&f->arena, query, FIXTURE_NOW, 0, &q, &f->err));
	assert_ok(f, search_total(f->reader, q, &total, &f->err));
	assert_ok(f, search_messages(f->reader, &f->arena, q, 0, 1, &v, &n, &of_page, &f->err));
	assert_int_equal(of_page, total);
	assert_ok(f, search_messages(f->reader, &f->arena, q, 0, 0, &v, &n, NULL, &f->err));
	assert_int_equal(total, n);
	for (size_t i = 0; i < n; i++)
		ids = arena_printf(&f->arena, "%s%s", ids, v[i].m.server_id);
	return ids;
}

static void check_queries(struct fixture *f, const char *const v[][2], size_t n)
{
	put_letters(f);
	for (size_t i = 0; i < n; i++) {
		const char *got = find(f, v[i][0]);
		if (strcmp(got, v[i][1]) != 0)
			fail_msg("%s: found \"%s\", not \"%s\"", v[i][0], got, v[i][1]);
	}
}

static int64_t unread(struct fixture *f, const char *query, size_t most)
{
	struct search_query *q;
	int64_t count;
	assert_ok(f, search_parse(&f->arena, query, FIXTURE_NOW, 0, &q, &f->err));
	assert_ok(f, search_unread(f->reader, &f->arena, q, most, &count, &f->err));
	return count;
}

static void search__counts_unread_conversations__in_every_group(void **state)
{
	struct fixture *f = *state;
	put_letters(f);
	assert_int_equal(unread(f, "quarterly", 10), 2);
	assert_int_equal(unread(f, "strasse", 10), 0); /* read */
	assert_int_equal(unread(f, "strasse OR bakery", 10), 1);
	assert_int_equal(unread(f, "-quarterly", 10), 2);
	assert_int_equal(unread(f, "is:unread", 10), 4);
	assert_int_equal(unread(f, "is:unread", 3), 3);
	/* two messages of one conversation count once */
	letters_put(f, 1, 1,
		&(struct letter){.id = "9",
			.subject = "Re: Meeting on Thursday",
			.at = T0 + 9 * DAY,
			.from = LETTERS[1].from,
			.body = "bakery"},
		1, NULL);
	assert_int_equal(unread(f, "bakery", 10), 1);
}

static void found__stands_with_its_query__and_is_marked(void **state)
{
	struct fixture *f = *state;
	struct thread_row *rows;
	size_t n;
	put_letters(f);
	struct ingest_msg m = {.server_id = "77", .received = T0 - 400 * DAY};
	struct ingest_result res;
	static const char old[] = "From: Old <old@client.example>\nTo: me@own.example\n"
				  "Subject: From long ago\nMessage-ID: <old@client.example>\n\n";
	m.p = ingest_prepare(&f->arena, old, sizeof old - 1, false);
	struct ingest_page p = {
		.account = 1, .folder = 1, .msgs = &m, .n = 1, .found_by = "ancient word"};
	assert_ok(f, ingest_page(f->store, &f->arena, &p, &res, &f->err));
	assert_int_equal(res.n_new, 1);
	assert_ok(f, search_found(f->reader, &f->arena, "ancient word", 10, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].subject, "From long ago");
	assert_ok(f, search_found(f->reader, &f->arena, "other", 10, &rows, &n, &f->err));
	assert_int_equal(n, 0);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM message WHERE facts & 8"),
		1);
	/* What a listing brought is no find, also when a search finds it again. */
	m.server_id = "1";
	m.p = ingest_prepare(&f->arena, old, sizeof old - 1, false);
	assert_ok(f, ingest_page(f->store, &f->arena, &p, &res, &f->err));
	assert_int_equal(res.n_new, 0);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM message WHERE facts & 8"),
		1);
	assert_ok(f, search_found(f->reader, &f->arena, "ancient word", 10, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	fixture_set_clock(f, FIXTURE_NOW + 2 * DAY);
	p.found_by = "later";
	p.n = 0;
	assert_ok(f, ingest_page(f->store, &f->arena, &p, &res, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM found"), 0);
}

static void search__finds_words__folded_alike(void **state)
{
	static const char *const v[][2] = {{"ueberraschung", ""}, {"überraschung", "1"},
		{"UBERRASCHUNG", "1"}, {"strasse", "1"}, {"straße", "1"}, {"lukasz", "2"},
		{"zolw", "2"}, {"dac", "4"}, {"đặc", "4"}, {"full", "5"}, {"hue", "4"}};
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__finds_cjk__two_characters_in_a_row(void **state)
{
	static const char *const v[][2] = {{"会議", "3"}, {"東京", "3"}, {"京東", ""},
		{"資料", "3"}, {"明日の東京", "3"}, {"議", "3"}, {"日の", "3"},
		{"subject:の資", "3"}, {"from:東京", ""}, {"の東 料", "3"}};
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__finds_parts__of_subject_names_addresses_files(void **state)
{
	static const char *const v[][2] = {{"hursd", "2"}, {"anaka", "3"}, {"stone.ex", "5"},
		{"isliste", "5"}, {"aker", ""}, {"bakery", "2"}, {"7", "1"}, {"xq", ""}};
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__joins_terms__and_or_not_phrases_prefixes(void **state)
{
	static const char *const v[][2] = {{"quarterly forecast", "42"},
		{"\"quarterly forecast\"", "2"}, {"quarterly -bakery", "4"}, {"-quarterly", "531"},
		{"bakery OR tanaka", "32"}, {"quarterly bakery OR 会議 tanaka", "32"},
		{"quart*", "42"}, {"quart", ""}, {"-\"quarterly forecast\" the", "54"},
		{"bakery OR -the", "321"}};
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__obeys_operators__each_of_them(void **state)
{
	static const char *const v[][2] = {{"from:lukasz", "2"}, {"from:stone", ""},
		{"to:stone", "5"}, {"cc:carla", "5"}, {"subject:files", "5"},
		{"subject:bakery", ""}, {"filename:pdf", "5"}, {"has:attachment", "5"},
		{"-has:attachment", "4321"}, {"is:unread", "5432"}, {"is:starred", "4"},
		{"in:inbox", "54321"}, {"in:archive", "2"}, {"label:Archive -quarterly", ""},
		{"in:nowhere", ""}, {"account:work is:starred", "4"}, {"account:home", ""},
		{"from:\"lukasz zolw\"", "2"}, {"-in:archive", "5431"}};
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__obeys_dates__local_days(void **state)
{
	static const char *const v[][2] = {{"after:2026-11-14", "54"}, {"before:2026-11-14", "321"},
		{"after:2026-11-12 before:2026-11-14", "32"}, {"after:7d", "54"},
		{"before:7d", "321"}, {"-after:2026-11-14", "321"}};
	setenv("TZ", "Asia/Ho_Chi_Minh", 1);
	tzset();
	check_queries(*state, v, ARRAY_SIZE(v));
}

static void search__follows_links__contact_partner_deal(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[] = {
		"INSERT INTO contact (id, crm, crm_id, name) VALUES (5, 1, 'c5', 'Łukasz Żółw')",
		"INSERT INTO contact_email VALUES (5, 0, 1, 'l@zolw.example', 'l@zolw.example')",
		"INSERT INTO partner (id, crm, name) VALUES (6, 1, 'Tortoise GmbH')",
		"INSERT INTO partner_domain VALUES (1, 'zolw.example', 6)",
		"INSERT INTO deal (id, crm, name, number) VALUES (7, 1, 'Frame', 'D-77')",
		"INSERT INTO link (message, kind, target, at) SELECT id, 1, 5, 0 FROM message"
		" WHERE subject LIKE 'Meeting%' AND id = copy_of",
		"INSERT INTO link (message, kind, target, at) SELECT id, 2, 6, 0 FROM message"
		" WHERE (subject LIKE 'Meeting%' OR subject = 'Files') AND id = copy_of",
		"INSERT INTO link (message, kind, target, at) SELECT id, 4, 7, 0 FROM message"
		" WHERE subject = 'Files'",
		"INSERT INTO link (message, kind, target, at, how) SELECT id, 1, 5, 0, 2 FROM "
		"message"
		" WHERE subject = 'Files'",
	};
	static const char *const v[][2] = {{"contact:lukasz", "2"}, {"contact:zolw.example", "2"},
		{"partner:tortoise", "52"}, {"partner:zolw", "52"}, {"deal:d-77", "5"},
		{"deal:frame", "5"}, {"-partner:tortoise", "431"}, {"contact:nobody", ""},
		{"partner:tortoise -contact:lukasz", "5"}};
	put_letters(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		fixture_sql(f, "crmail.db", rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (strcmp(find(f, v[i][0]), v[i][1]) != 0)
			fail_msg("%s: found \"%s\"", v[i][0], find(f, v[i][0]));
}

static void search__names_the_column__wrong_query(void **state)
{
	static const struct {
		const char *query;
		int column;
	} v[] = {{"from:", 6}, {"abc \"def", 5}, {"is:green", 4}, {"OR x", 1}, {"x OR", 3},
		{"đđ before:2026-13-01", 11}, {"after:2026-02-30", 7}, {"-", 1}, {"x OR OR y", 3}};
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		struct search_query *q;
		assert_int_equal(search_parse(&f->arena, v[i].query, 0, 0, &q, &f->err), -1);
		assert_int_equal(f->err.code, ERR_USAGE);
		if (f->err.sys != v[i].column)
			fail_msg("%s: column %d, not %d", v[i].query, f->err.sys, v[i].column);
	}
}

static void search__is_lenient__while_typing(void **state)
{
	static const char *const v[] = {"from:", "quart", "\"quarterly fore", "quarterly OR",
		"quarterly is:st", "quarterly -", "quarterly before:2026-"};
	struct fixture *f = *state;
	struct search_query *q;
	struct thread_row *rows;
	size_t n;
	put_letters(f);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		assert_ok(f, search_parse(&f->arena, v[i], FIXTURE_NOW, 1, &q, &f->err));
		assert_ok(f, search_threads(f->reader, &f->arena, q, NULL, 10, &rows, &n, &f->err));
		assert_int_equal(n, i == 0 ? 0 : i == 2 ? 1 : 2);
	}
}

static void search__waits_for_three_letters__while_typing(void **state)
{
	static const struct {
		const char *query;
		size_t hits;
	} v[] = {{"qu", 0}, {"qua", 2}, {"th", 1}, {"thu", 1}, {"we", 1}};
	struct fixture *f = *state;
	struct search_query *q;
	struct search_hit *hits;
	size_t n;
	put_letters(f);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		assert_ok(f, search_parse(&f->arena, v[i].query, FIXTURE_NOW, 1, &q, &f->err));
		assert_ok(f,
			search_messages(f->reader, &f->arena, q, 0, 0, &hits, &n, NULL, &f->err));
		if (n != v[i].hits)
			fail_msg("%s: %zu hits", v[i].query, n);
	}
}

static void search__refuses__too_many_words(void **state)
{
	struct fixture *f = *state;
	struct search_query *q;
	char query[400] = "";
	for (size_t i = 0; i < 65; i++) {
		query[2 * i] = 'x';
		query[2 * i + 1] = ' ';
	}
	assert_int_equal(search_parse(&f->arena, query, 0, 0, &q, &f->err), -1);
	assert_int_equal(f->err.sys, 129);
	query[2 * 64] = 0;
	assert_ok(f, search_parse(&f->arena, query, 0, 0, &q, &f->err));
}

static void search__pages_conversations__none_twice(void **state)
{
	struct fixture *f = *state;
	struct search_query *q;
	struct thread_row *rows;
	struct list_key after = {0, 0};
	size_t n, pages = 0;
	int64_t last = INT64_MAX;
	put_letters(f);
	assert_ok(f, search_parse(&f->arena, "example", FIXTURE_NOW, 0, &q, &f->err));
	do {
		assert_ok(f, search_threads(f->reader, &f->arena, q, pages ? &after : NULL, 2,
				     &rows, &n, &f->err));
		for (size_t i = 0; i < n; i++) {
			assert_true(rows[i].sort_at < last);
			last = rows[i].sort_at;
			after = (struct list_key){rows[i].sort_at, rows[i].thread};
		}
		pages++;
	} while (n == 2);
	assert_int_equal(pages, 3);
	assert_int_equal(n, 1);
}

static void search__keeps_to_the_truth__body_after_headers(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work");
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	struct letter l = {
		.id = "1", .at = T0, .subject = "Zebra", .body = "needle", .head_only = true};
	struct ingest_want *want;
	size_t n;
	letters_put(f, account, inbox, &l, 1, NULL);
	assert_string_equal(find(f, "zebra"), "1");
	assert_string_equal(find(f, "needle"), "");
	assert_ok(f, ingest_missing_bodies(f->reader, &f->arena, inbox, INT64_MAX, 5, &want, &n,
			     &f->err));
	assert_int_equal(n, 1);
	static const char raw[] = "Subject: Zebra\nFrom: a@b.example\n\nneedle\n";
	struct ingest_body b = {.message = want[0].message, .partly = true};
	b.p = ingest_prepare(&f->arena, raw, strlen(raw), true);
	assert_ok(f, ingest_bodies(f->store, &b, 1, &f->err));
	assert_string_equal(find(f, "needle"), "1");
	/* the rest of it comes: the words before are not found twice, nor after they are gone */
	static const char whole[] = "Subject: Zebra\nFrom: a@b.example\n\nthimble\n";
	b.p = ingest_prepare(&f->arena, whole, strlen(whole), true);
	b.partly = false;
	assert_ok(f, ingest_bodies(f->store, &b, 1, &f->err));
	assert_string_equal(find(f, "needle"), "");
	assert_string_equal(find(f, "thimble"), "1");
	assert_ok(f, ingest_missing_bodies(f->reader, &f->arena, inbox, INT64_MAX, 5, &want, &n,
			     &f->err));
	assert_int_equal(n, 0);
}

/* As after a crash between the commits of the two files: the page is given again. */
static void search__finds_the_body__page_given_again(void **state)
{
	struct fixture *f = *state;
	int64_t account = letters_account(f, "work");
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	struct letter l = {.id = "1", .at = T0, .body = "needle", .head_only = true};
	struct letter copy = {.id = "2", .mid = "1@mail.example", .at = T0, .body = "needle"};
	letters_put(f, account, inbox, &l, 1, NULL);
	l.head_only = false;
	letters_put(f, account, inbox, &l, 1, NULL);
	assert_string_equal(find(f, "needle"), "1");
	letters_put(f, account, inbox, &copy, 1, NULL);
	assert_string_equal(find(f, "needle"), "1");
	assert_int_equal(fixture_sql(f, "cache.db", "SELECT count(*) FROM body"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(search__counts_unread_conversations__in_every_group),
		TEST(found__stands_with_its_query__and_is_marked),
		TEST(search__finds_words__folded_alike),
		TEST(search__finds_cjk__two_characters_in_a_row),
		TEST(search__finds_parts__of_subject_names_addresses_files),
		TEST(search__joins_terms__and_or_not_phrases_prefixes),
		TEST(search__obeys_operators__each_of_them),
		TEST(search__obeys_dates__local_days),
		TEST(search__follows_links__contact_partner_deal),
		TEST(search__names_the_column__wrong_query),
		TEST(search__is_lenient__while_typing),
		TEST(search__waits_for_three_letters__while_typing),
		TEST(search__refuses__too_many_words),
		TEST(search__pages_conversations__none_twice),
		TEST(search__keeps_to_the_truth__body_after_headers),
		TEST(search__finds_the_body__page_given_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
