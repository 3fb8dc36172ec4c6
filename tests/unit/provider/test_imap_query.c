/* test_imap_query.c - the search field's language as an IMAP server gets it, and its pages. */
#include "config.h"

#include "imap_script.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#define SELECTED                                                                                   \
	"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n%T OK [READ-WRITE] "      \
	"done\r\n"
#define HEADERS "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"

static int search(struct imap_script *sc, const struct query *q, struct arena *a,
	struct prov_page *out, struct err *e)
{
	return sc->s->base.ops->search(&sc->s->base, q, a, out, e);
}

static void expect(const char *text, const char *want)
{
	struct imap_script sc;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct prov_page page;
	CLEANUP(free_str) char *line = want ? xasprintf("UID SEARCH %s", want) : NULL;
	const struct imap_step steps[] = {
		{"SELECT \"INBOX\"", SELECTED},
		{line, "* SEARCH\r\n%T OK done\r\n"},
	};
	const struct query q = {.text = text, .folder = "INBOX"};
	imap_script_open(&sc, "LITERAL+", steps, want ? 2 : 1);
	assert_int_equal(search(&sc, &q, &a, &page, &e), 0);
	assert_int_equal(page.n, 0);
	assert_false(page.more);
	imap_script_close(&sc);
	arena_release(&a);
}

static void query__maps__operators(void **state)
{
	(void)state;
	expect("offer", "(TEXT \"offer\")");
	expect("offer price*", "(TEXT \"offer\" TEXT \"price\")");
	expect("\"two words\" -spam", "(TEXT \"two words\" NOT TEXT \"spam\")");
	expect("from:laura TO:\"Max M\" cc:x subject:a:b",
		"(FROM \"laura\" TO \"Max M\" CC \"x\" SUBJECT \"a:b\")");
	expect("is:unread -is:starred has:attachment",
		"(UNSEEN NOT FLAGGED HEADER Content-Type \"multipart/mixed\")");
	expect("after:2026-01-31 before:7d x", "(SINCE 31-Jan-2026 BEFORE 14-Nov-2026 TEXT \"x\")");
	expect("http://a.test/x", "(TEXT \"http://a.test/x\")");
	expect("filename:offer.pdf", "(TEXT \"offer.pdf\")");
}

static void query__nests__or(void **state)
{
	(void)state;
	expect("a b OR c", "OR (TEXT \"a\" TEXT \"b\") (TEXT \"c\")");
	expect("a OR b OR c", "OR (TEXT \"a\") OR (TEXT \"b\") (TEXT \"c\")");
	expect("a OR contact:3", "(TEXT \"a\")");
}

static void query__leaves__to_the_store_what_only_it_knows(void **state)
{
	(void)state;
	expect("contact:laura offer", NULL);
	expect("partner:acme", NULL);
	expect("-deal:x offer in:INBOX account:work", "(TEXT \"offer\")");
	expect("in:Sent", NULL);
	expect("", NULL);
}

static void query__cannot_break_out__of_its_strings(void **state)
{
	(void)state;
	expect("a\\\\b", "(TEXT \"a\\\\\\\\b\")");
	expect("x)\" ALL", "(TEXT \"x)\\\" ALL\")");
}

/* Words beyond ASCII go as literals, with the character set named. */
static void query__names__its_characters(void **state)
{
	struct imap_script sc;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct prov_page page;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\"", SELECTED},
		{"UID SEARCH CHARSET UTF-8 (TEXT {6}", "+ go on\r\n"},
		{"Größ)", "* SEARCH\r\n%T OK done\r\n"},
	};
	(void)state;
	const struct query q = {.text = "Größ", .folder = "INBOX"};
	imap_script_open(&sc, "", steps, ARRAY_SIZE(steps));
	assert_int_equal(search(&sc, &q, &a, &page, &e), 0);
	imap_script_close(&sc);
	arena_release(&a);
}

static void query__gives__pages_newest_first(void **state)
{
	struct imap_script sc;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct prov_page page;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\"", SELECTED},
		{"UID SEARCH (TEXT \"x\")", "* SEARCH 8 2 5\r\n%T OK done\r\n"},
		{"UID FETCH 5,8 " HEADERS,
			"* 3 FETCH (UID 8 BODY[HEADER] {6}\r\nA: b\r\n FLAGS (\\Seen))\r\n"
			"* 2 FETCH (UID 5 BODY[HEADER] {6}\r\nC: d\r\n)\r\n%T OK done\r\n"},
		{"UID SEARCH (TEXT \"x\")", "* SEARCH 8 2 5\r\n%T OK done\r\n"},
		{"UID FETCH 2 " HEADERS,
			"* 1 FETCH (UID 2 BODY[HEADER] {6}\r\nE: f\r\n)\r\n%T OK done\r\n"},
	};
	(void)state;
	struct query q = {.text = "x", .folder = "INBOX", .as_of = "v1 7 9 0 3 0 0", .max = 2};
	imap_script_open(&sc, "", steps, ARRAY_SIZE(steps));
	assert_int_equal(search(&sc, &q, &a, &page, &e), 0);
	assert_int_equal(page.n, 2);
	assert_string_equal(page.msgs[1].id, "8");
	assert_int_equal(page.msgs[1].flags, MSG_SEEN);
	assert_true(page.more);
	assert_int_equal(page.total, 1);
	q.cursor = page.cursor;
	assert_int_equal(search(&sc, &q, &a, &page, &e), 0);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.msgs[0].id, "2");
	assert_false(page.more);
	q.as_of = "v1 6 9 0 3 0 0";
	assert_int_equal(search(&sc, &q, &a, &page, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	imap_script_close(&sc);
	arena_release(&a);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query__maps__operators),
		cmocka_unit_test(query__nests__or),
		cmocka_unit_test(query__leaves__to_the_store_what_only_it_knows),
		cmocka_unit_test(query__cannot_break_out__of_its_strings),
		cmocka_unit_test(query__names__its_characters),
		cmocka_unit_test(query__gives__pages_newest_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
