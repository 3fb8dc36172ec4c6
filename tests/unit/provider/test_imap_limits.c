/* test_imap_limits.c - what the scanner lets through and what it stops; folder names. */
#include "config.h"

#include "../unit.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#include "src/provider/imap/session.h"

static bool feed(const char *text)
{
	struct imap_limits whole = {0}, single = {0};
	bool a = imap_limits_feed(&whole, text, strlen(text)), b = true;
	for (const char *p = text; *p && b; p++) /* byte by byte must end the same way */
		b = imap_limits_feed(&single, p, 1);
	assert_int_equal(a, b);
	return a;
}

static char *repeated(const char *head, char c, size_t n)
{
	size_t len = strlen(head);
	char *s = xmalloc(len + n + 1);
	memcpy(s, head, len);
	memset(s + len, c, n);
	s[len + n] = '\0';
	return s;
}

static void limits__pass__usual_answers(void **state)
{
	(void)state;
	assert_true(feed("* OK [CAPABILITY IMAP4rev1 LITERAL+] Don't \"panic\r\n"
			 "* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[HEADER] {5}\r\n((((( X 1)\r\n"
			 "a1 OK done\r\n"));
}

static void limits__stop__deep_nesting(void **state)
{
	(void)state;
	char *deep = repeated("* 1 FETCH (BODYSTRUCTURE ", '(', IMAP_MAX_NESTING + 1);
	char *fine = repeated("* 1 FETCH ", '(', IMAP_MAX_NESTING);
	assert_false(feed(deep));
	assert_true(feed(fine));
	free(deep);
	free(fine);
}

static void limits__ignore__parentheses_in_quotes_and_literals(void **state)
{
	(void)state;
	char *quoted = repeated("* LIST () \"/\" \"", '(', 1000);
	assert_true(feed(quoted));
	free(quoted);
	char *literal = repeated("* 1 FETCH (BODY[] {1000}\r\n", '(', 1000);
	assert_true(feed(literal));
	free(literal);
}

static void limits__keep__depth_across_literals(void **state)
{
	(void)state;
	struct imap_limits l = {0};
	char *half = repeated("* 1 FETCH ", '(', 150);
	assert_true(imap_limits_feed(&l, half, strlen(half)));
	assert_true(imap_limits_feed(&l, "{1}\r\nx", 6));
	assert_true(imap_limits_feed(&l, half + 10, 50));
	assert_false(imap_limits_feed(&l, half + 10, 1));
	free(half);
}

static void limits__stop__huge_literal(void **state)
{
	(void)state;
	assert_false(feed("* 1 FETCH (BODY[] {4294967290}\r\n"));
	assert_false(feed("* 1 FETCH (BODY[] {99999999999999999999999}\r\n"));
}

static void limits__recover__after_a_lone_quote(void **state)
{
	(void)state;
	struct imap_limits l = {0};
	assert_true(imap_limits_feed(&l, "* OK a lone \" quote\r\n", 21));
	char *deep = repeated("* X ", '(', IMAP_MAX_NESTING + 1);
	assert_false(imap_limits_feed(&l, deep, strlen(deep)));
	free(deep);
}

static void names__decode_and_encode__round_trip(void **state)
{
	(void)state;
	static const struct {
		const char *server, *utf8;
	} table[] = {
		{"INBOX", "INBOX"},
		{"Entw&APw-rfe", "Entwürfe"},
		{"&U,BTFw-", "台北"},
		{"&ZeVnLIqe-", "日本語"},
		{"A &- B", "A & B"},
		{"&2D3eAA-", "😀"},
		{"Th&APkEEAAt-x", "Thù\u0410-x"},
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_string_equal(imap_name_decode(&a, table[i].server), table[i].utf8);
		const char *back = imap_name_encode(&a, table[i].utf8);
		assert_string_equal(imap_name_decode(&a, back), table[i].utf8);
	}
	arena_release(&a);
}

static void names__leave__what_is_not_valid(void **state)
{
	(void)state;
	static const char *const broken[] = {"&", "&AP", "A&!!-B", "Bücher"};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		assert_string_equal(imap_name_decode(&a, broken[i]), broken[i]);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits__pass__usual_answers),
		cmocka_unit_test(limits__stop__deep_nesting),
		cmocka_unit_test(limits__ignore__parentheses_in_quotes_and_literals),
		cmocka_unit_test(limits__keep__depth_across_literals),
		cmocka_unit_test(limits__stop__huge_literal),
		cmocka_unit_test(limits__recover__after_a_lone_quote),
		cmocka_unit_test(names__decode_and_encode__round_trip),
		cmocka_unit_test(names__leave__what_is_not_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
