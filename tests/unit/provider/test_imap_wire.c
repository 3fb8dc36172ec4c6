/* test_imap_wire.c - how what a server sends is cut into answers and tokens, whatever it sends;
 * folder names. */
#include "config.h"

#include "../unit.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#include "src/provider/imap/session.h"

struct feed {
	struct imap_wire w;
	struct imap_answer a;
	const char *p;
	size_t left, step; /* bytes given out at once; 0 = all */
	struct err err;
};

static int read_feed(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	struct feed *f = ctx;
	if (!f->left)
		return err_set(e, ERR_NET, "end of input");
	*got = f->step && f->step < max ? f->step : max;
	if (*got > f->left)
		*got = f->left;
	memcpy(p, f->p, *got);
	f->p += *got;
	f->left -= *got;
	return 0;
}

static void feed_init(struct feed *f, const char *text, size_t len, size_t step)
{
	*f = (struct feed){.p = text, .left = len, .step = step, .err = ERR_INIT};
	f->a.mem = ARENA_INIT;
	imap_wire_init(&f->w, (struct imap_io){.read = read_feed, .ctx = f}, "mail.test", 0);
	f->w.keep = 1 << 20;
}

static void feed_release(struct feed *f)
{
	imap_answer_release(&f->a);
	imap_wire_release(&f->w);
}

/* The tokens of the next answer in short: atoms as they are, strings in ', parentheses. */
static char *tokens(struct feed *f)
{
	struct buf out = BUF_INIT(1 << 20);
	assert_int_equal(imap_wire_read(&f->w, &f->a, &f->err), 0);
	struct imap_lex l = imap_lex_start(&f->a);
	while (imap_lex_next(&l)) {
		const char *quote = l.kind == TOKEN_STRING ? "'" : "";
		buf_addstr(&out, out.len ? " " : "");
		buf_addstr(&out, l.kind == TOKEN_OPEN ? "(" : l.kind == TOKEN_CLOSE ? ")" : quote);
		buf_add(&out, l.text.p, l.text.len);
		buf_addstr(&out, quote);
	}
	return buf_steal(&out, NULL);
}

static void expect_tokens(const char *text, const char *want)
{
	for (size_t step = 0; step < 4; step++) { /* however it comes in */
		struct feed f;
		feed_init(&f, text, strlen(text), step);
		CLEANUP(free_str) char *got = tokens(&f);
		assert_string_equal(got, want);
		feed_release(&f);
	}
}

static void wire__cuts__usual_answers(void **state)
{
	(void)state;
	expect_tokens("* LIST (\\Sent \\X) \"/\" \"a \\\"b\"\r\n",
		"LIST ( \\Sent \\X ) '/' 'a \\\"b'");
	expect_tokens("* 3 FETCH (UID 7 BODY[HEADER.FIELDS (DATE)]<0> {5}\r\n((\"\r\n FLAGS ())\n",
		"3 FETCH ( UID 7 BODY[HEADER.FIELDS (DATE)]<0> '((\"\r\n' FLAGS ( ) )");
	expect_tokens("* LIST () NIL {3+}\r\na b\r\n", "LIST ( ) NIL 'a b'");
	expect_tokens("* SEARCH\r\n", "SEARCH");
	expect_tokens("*\r\n", "");
}

static void wire__tells__kinds(void **state)
{
	(void)state;
	static const char text[] =
		"* OK\r\n+ go on {3}\r\n12 NO [X] a {9}\r\n* NO text {5}\r\n\r\n";
	static const enum imap_answer_kind kinds[] = {
		ANSWER_UNTAGGED, ANSWER_CONTINUE, ANSWER_TAGGED, ANSWER_UNTAGGED, ANSWER_TAGGED};
	struct feed f;
	feed_init(&f, text, sizeof text - 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
		assert_int_equal(f.a.kind, kinds[i]);
		assert_int_equal(f.a.n, 1); /* texts for people have no literals */
	}
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), -1);
	assert_int_equal(f.err.code, ERR_NET);
	feed_release(&f);
}

/* Quotes within quotes, as one provider's ENVELOPE has them, cost nothing that comes behind. */
static void wire__survives__odd_quotes(void **state)
{
	(void)state;
	struct feed f;
	static const char text[] =
		"* 1 FETCH (ENVELOPE (\"d\" \"<\"a@b\">\") UID 9 BODY[] {2}\r\n\"()\r\n"
		"* 2 FETCH (ENVELOPE (\"open) BODY[] {2}\r\n\"( UID 8)\r\n"
		"7 OK done\r\n";
	feed_init(&f, text, sizeof text - 1, 0);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	struct imap_lex l = imap_lex_start(&f.a);
	assert_true(imap_lex_next(&l) && imap_lex_next(&l));
	struct imap_fetched got = imap_read_fetch(&l);
	assert_int_equal(got.uid, 9);
	assert_int_equal(got.len, 2);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	assert_int_equal(f.a.kind, ANSWER_TAGGED);
	feed_release(&f);
}

static char *repeated(const char *head, const char *what, size_t n, const char *tail)
{
	struct buf b = BUF_INIT(1 << 24);
	buf_addstr(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_addstr(&b, what);
	buf_addstr(&b, tail);
	return buf_steal(&b, NULL);
}

static void wire__passes_over__thirty_kilobytes_of_parentheses(void **state)
{
	(void)state;
	struct feed f;
	CLEANUP(free_str)
	char *text = repeated("* 1 FETCH (BODYSTRUCTURE ", "(", 30000,
		")\r\n* 2 FETCH (UID 4 X (a (b) c) FLAGS (\\Seen))\r\n");
	feed_init(&f, text, strlen(text), 0);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	struct imap_lex l = imap_lex_start(&f.a);
	assert_true(imap_lex_next(&l) && imap_lex_next(&l));
	assert_int_equal(imap_read_fetch(&l).uid, 0);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	l = imap_lex_start(&f.a);
	assert_true(imap_lex_next(&l) && imap_lex_next(&l));
	struct imap_fetched got = imap_read_fetch(&l);
	assert_int_equal(got.uid, 4);
	assert_int_equal(got.flags, MSG_SEEN);
	feed_release(&f);
}

static void expect_too_big(const char *text)
{
	struct feed f;
	feed_init(&f, text, strlen(text), 0);
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), -1);
	assert_int_equal(f.err.code, ERR_TOOBIG);
	assert_int_equal(f.err.scope, ERR_ACCOUNT);
	feed_release(&f);
}

static void wire__refuses__what_is_beyond_all_limits(void **state)
{
	(void)state;
	expect_too_big("* 1 FETCH (BODY[] {4294967290}\r\n");
	CLEANUP(free_str) char *many = repeated("* X ", "{0}\r\n", IMAP_MAX_PIECES, "\r\n");
	expect_too_big(many);
	CLEANUP(free_str) char *longest = xmalloc(IMAP_MAX_LINE + 2);
	memset(longest, 'x', IMAP_MAX_LINE + 1);
	longest[IMAP_MAX_LINE + 1] = '\0';
	expect_too_big(longest);
}

static void wire__takes__a_number_beyond_all_numbers_for_text(void **state)
{
	(void)state;
	expect_tokens("* LIST () NIL {99999999999999999999999}\r\n",
		"LIST ( ) NIL {99999999999999999999999}");
}

static void wire__keeps__the_first_bytes_of_a_long_literal(void **state)
{
	(void)state;
	struct feed f;
	static const char text[] = "* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n";
	feed_init(&f, text, sizeof text - 1, 3);
	f.w.keep = 4;
	assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
	struct imap_lex l = imap_lex_start(&f.a);
	assert_true(imap_lex_next(&l) && imap_lex_next(&l));
	struct imap_fetched got = imap_read_fetch(&l);
	assert_int_equal(got.len, 4);
	assert_int_equal(got.whole_len, 10);
	assert_memory_equal(got.data, "0123", 4);
	feed_release(&f);
}

static void fetch__reads__dates_and_flags(void **state)
{
	(void)state;
	static const struct {
		const char *date;
		int64_t want;
	} table[] = {
		{"17-Jul-1996 02:44:25 -0700", 837596665},
		{" 7-Jul-1996 02:44:25 +0000", 836707465},
		{"7-Jul-1996 02:44:25 +0000", 836707465},
		{"7-Xxx-1996 02:44:25 +0000", 0},
		{"", 0},
		{"17-Jul-1996", 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct feed f;
		CLEANUP(free_str)
		char *text = xasprintf(
			"* 1 FETCH (INTERNALDATE \"%s\" FLAGS (\\Seen $forwarded x (y)) UID 3)\r\n",
			table[i].date);
		feed_init(&f, text, strlen(text), 0);
		assert_int_equal(imap_wire_read(&f.w, &f.a, &f.err), 0);
		struct imap_lex l = imap_lex_start(&f.a);
		assert_true(imap_lex_next(&l) && imap_lex_next(&l));
		struct imap_fetched got = imap_read_fetch(&l);
		assert_int_equal(got.received, table[i].want);
		assert_int_equal(got.flags, MSG_SEEN | MSG_FORWARDED);
		assert_int_equal(got.uid, 3);
		feed_release(&f);
	}
}

static void note_range(void *ctx, uint32_t lo, uint32_t hi)
{
	buf_addf(ctx, "%u-%u ", lo, hi);
}

static void uids__parse__sets(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf b = BUF_INIT(200);
	imap_uids_parse(SPAN_LIT("1,5:7,9:8,0,x,4294967296,3:*"), note_range, &b);
	assert_string_equal(b.p, "1-1 5-7 8-9 ");
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
		cmocka_unit_test(wire__cuts__usual_answers),
		cmocka_unit_test(wire__tells__kinds),
		cmocka_unit_test(wire__survives__odd_quotes),
		cmocka_unit_test(wire__passes_over__thirty_kilobytes_of_parentheses),
		cmocka_unit_test(wire__refuses__what_is_beyond_all_limits),
		cmocka_unit_test(wire__takes__a_number_beyond_all_numbers_for_text),
		cmocka_unit_test(wire__keeps__the_first_bytes_of_a_long_literal),
		cmocka_unit_test(fetch__reads__dates_and_flags),
		cmocka_unit_test(uids__parse__sets),
		cmocka_unit_test(names__decode_and_encode__round_trip),
		cmocka_unit_test(names__leave__what_is_not_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
