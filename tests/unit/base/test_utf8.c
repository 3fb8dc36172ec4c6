/* test_utf8.c - decoding, clusters and cell widths. */
#include "config.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/rng.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"

#define FAMILY "\U0001F468\u200d\U0001F469\u200d\U0001F467" /* man ZWJ woman ZWJ girl */
#define FLAG_DE "\U0001F1E9\U0001F1EA"
#define FLAG_FR "\U0001F1EB\U0001F1F7"
#define THUMB "\U0001F44D\U0001F3FD" /* with a skin tone */

static void check_decode(const char *p, size_t n, uint32_t want, size_t want_len)
{
	uint32_t cp = 0;
	assert_int_equal(utf8_decode(p, n, &cp), want_len);
	assert_int_equal(cp, want);
}

static void utf8__decodes_the_limits_of_each_length(void **state)
{
	(void)state;
	check_decode("\x7f", 1, 0x7F, 1);
	check_decode("\xC2\x80", 2, 0x80, 2);
	check_decode("\xDF\xBF", 2, 0x7FF, 2);
	check_decode("\xE0\xA0\x80", 3, 0x800, 3);
	check_decode("\xED\x9F\xBF", 3, 0xD7FF, 3);
	check_decode("\xEE\x80\x80", 3, 0xE000, 3);
	check_decode("\xEF\xBF\xBF", 3, 0xFFFF, 3);
	check_decode("\xF0\x90\x80\x80", 4, 0x10000, 4);
	check_decode("\xF4\x8F\xBF\xBF", 4, 0x10FFFF, 4);
}

/* Unicode 15, 3.9, "maximal subpart": the length of what could still have become a character. */
static void utf8__replaces_the_maximal_bad_prefix(void **state)
{
	(void)state;
	check_decode("\x80", 1, 0xFFFD, 1);
	check_decode("\xC0\x80", 2, 0xFFFD, 1);     /* overlong */
	check_decode("\xC1\xBF", 2, 0xFFFD, 1);     /* overlong */
	check_decode("\xE0\x9F\xBF", 3, 0xFFFD, 1); /* overlong */
	check_decode("\xED\xA0\x80", 3, 0xFFFD, 1); /* surrogate */
	check_decode("\xF0\x8F\xBF\xBF", 4, 0xFFFD, 1);
	check_decode("\xF4\x90\x80\x80", 4, 0xFFFD, 1); /* past U+10FFFF */
	check_decode("\xF5\x80\x80\x80", 4, 0xFFFD, 1);
	check_decode("\xFF", 1, 0xFFFD, 1);
	check_decode("\xE2\x82", 2, 0xFFFD, 2); /* cut */
	check_decode("\xE2\x82x", 3, 0xFFFD, 2);
	check_decode("\xF0\x9F\x98", 3, 0xFFFD, 3);
	check_decode("\xF0\x9F\x98x", 4, 0xFFFD, 3);
	check_decode("\xC3", 1, 0xFFFD, 1);
	check_decode("\xC3(", 2, 0xFFFD, 1);
}

static void utf8__encodes_every_code_point_back(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x110000; cp++) {
		char bytes[4];
		uint32_t back = 0;
		size_t n = utf8_encode(cp, bytes);
		bool is_bad = (cp >= 0xD800 && cp <= 0xDFFF) || cp > 0x10FFFF;
		if (utf8_decode(bytes, n, &back) != n || back != (is_bad ? 0xFFFD : cp))
			fail_msg("U+%04X came back as U+%04X", (unsigned)cp, (unsigned)back);
	}
}

static void utf8__tells_valid_from_invalid(void **state)
{
	(void)state;
	assert_true(utf8_is_valid("a\xC3\xA9\xEF\xBF\xBD", 6)); /* a real U+FFFD is valid */
	assert_false(utf8_is_valid("a\xC3", 2));
	assert_false(utf8_is_valid("\xED\xA0\x80", 3));
	assert_true(utf8_is_valid("", 0));
}

static void utf8__mends_bytes_and_nul(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	utf8_add_valid(&b, "a\0b\xFF\xC3\xA9\xE2\x82", 8);
	assert_string_equal(b.p, "a\ufffdb\ufffd\u00e9\ufffd");
	assert_true(utf8_is_valid(b.p, b.len));
	buf_release(&b);
}

static void check_clusters(const char *s, const size_t *want, size_t n)
{
	size_t at = 0, len = strlen(s);
	for (size_t i = 0; i < n; i++) {
		size_t got = utf8_cluster(s + at, len - at);
		assert_int_equal(got, want[i]);
		at += got;
	}
	assert_int_equal(at, len);
}

static void utf8__keeps_clusters_together(void **state)
{
	(void)state;
	check_clusters("e\u0301x", (size_t[]){3, 1}, 2);
	check_clusters(FAMILY "x", (size_t[]){18, 1}, 2);
	check_clusters(FLAG_DE FLAG_FR, (size_t[]){8, 8}, 2);
	check_clusters(THUMB THUMB, (size_t[]){8, 8}, 2);
	check_clusters("\u1112\u1161\u11ab", (size_t[]){9}, 1);    /* one syllable */
	check_clusters("\u0915\u093f\u0915", (size_t[]){6, 3}, 2); /* Devanagari */
	check_clusters("a\r\nb", (size_t[]){1, 2, 1}, 3);
	check_clusters("\xFF\xFE", (size_t[]){1, 1}, 2);
	assert_int_equal(utf8_cluster("", 0), 0);
	assert_int_equal(utf8_cluster_back("", 0), 0);
}

/* Random text of joiners, marks, letters and bad bytes: going back finds the same borders. */
static void utf8__finds_the_same_clusters_backwards(void **state)
{
	(void)state;
	static const char *const pieces[] = {"a", " ", "\n", "\u0301", FAMILY, FLAG_DE,
		"\U0001F1E9", "\u200d", "\u1112", "\u1161", "\u11ab", "\uac00", "\u4e2d", "\u0915",
		"\u093f", "\xC3", THUMB, "\u0600", "\U0001F468", "\ufe0f"};
	struct rng *r = rng_new(7);
	for (int round = 0; round < 2000; round++) {
		struct buf b = BUF_INIT(4000);
		size_t starts[200], n = 0;
		for (uint64_t k = rng_below(r, 40) + 1; k; k--)
			buf_addstr(&b, pieces[rng_below(r, ARRAY_SIZE(pieces))]);
		for (size_t at = 0; at < b.len; at += utf8_cluster(b.p + at, b.len - at))
			starts[n++] = at;
		size_t end = b.len;
		while (n) {
			end -= utf8_cluster_back(b.p, end);
			assert_int_equal(end, starts[--n]);
		}
		assert_int_equal(end, 0);
		buf_release(&b);
	}
	rng_free(r);
}

static void utf8__agrees_with_wcwidth_on_every_code_point(void **state)
{
	(void)state;
	for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
		int w = wcwidth((wchar_t)cp);
		if (cell_width_cp(cp) != (w < 0 ? 1 : w))
			fail_msg("U+%04X: %d cells, wcwidth says %d", (unsigned)cp,
				cell_width_cp(cp), w);
	}
}

static void utf8__counts_cells(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		size_t cells;
	} rows[] = {{"", 0}, {"abc", 3}, {"e\u0301", 1}, {"\u4e2d\u6587", 4}, {FLAG_DE, 2},
		{FAMILY, 2}, {THUMB, 2}, {"\uac00", 2}, {"\u1112\u1161\u11ab", 2}, {"a\u4e2d b", 5},
		{"\uff21", 2}, {"\u200b", 0}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t got = cell_width(rows[i].s, strlen(rows[i].s));
		if (got != rows[i].cells)
			fail_msg("row %zu: %zu cells instead of %zu", i, got, rows[i].cells);
	}
}

/* Except where emoji are joined, a run is as wide as wcwidth says, and no cluster is wider than
 * 2. */
static void utf8__adds_up_to_wcwidth(void **state)
{
	(void)state;
	struct rng *r = rng_new(11);
	for (int round = 0; round < 20000; round++) {
		struct buf b = BUF_INIT(100);
		size_t want = 0, got = 0;
		for (int i = 0; i < 6; i++) {
			static const uint32_t blocks[] = {0x20, 0x300, 0x600, 0x900, 0xE00, 0x1100,
				0x1160, 0x11A8, 0x3040, 0xAC00, 0x1F1E6, 0xFF00};
			uint32_t cp = blocks[rng_below(r, ARRAY_SIZE(blocks))] +
				      (uint32_t)rng_below(r, 26);
			buf_addutf8(&b, cp);
			want += (size_t)cell_width_cp(cp);
		}
		for (size_t at = 0, n; at < b.len; at += n) {
			n = utf8_cluster(b.p + at, b.len - at);
			int w = cell_width_cluster(b.p + at, n);
			assert_in_range(w, 0, 2);
			got += (size_t)w;
		}
		assert_int_equal(got, want);
		assert_int_equal(cell_width(b.p, b.len), want);
		buf_release(&b);
	}
	rng_free(r);
}

static void utf8__cuts_at_clusters(void **state)
{
	(void)state;
	size_t used = 99;
	assert_int_equal(utf8_cut("a\u4e2d\u6587", 7, 4, &used), 4);
	assert_int_equal(used, 3); /* the second would need cells 4 and 5 */
	assert_int_equal(utf8_cut("e\u0301x", 4, 1, &used), 3);
	assert_int_equal(utf8_cut("abc", 3, 0, &used), 0);
	assert_int_equal(used, 0);
	assert_int_equal(utf8_cut("abc", 3, 100, &used), 3);
	assert_int_equal(utf8_cut("a\u200b", 4, 1, NULL), 4); /* what has no width goes along */
}

static void check_cut(const char *in, size_t cells, const char *want)
{
	struct buf b = BUF_INIT(100);
	utf8_add_cut(&b, in, strlen(in), cells);
	assert_string_equal(b.p, want);
	buf_release(&b);
}

static void utf8__ends_what_it_cuts_with_an_ellipsis(void **state)
{
	(void)state;
	check_cut("abcdef", 6, "abcdef");
	check_cut("abcdef", 5, "abcd\u2026");
	check_cut("\u4e2d\u6587x", 4, "\u4e2d\u2026");
	check_cut("abc", 1, "\u2026");
	check_cut("abc", 0, "");
	check_cut("", 0, "");
}

static void utf8__sees_right_to_left(void **state)
{
	(void)state;
	assert_false(utf8_has_rtl("abc \u4e2d \u00e9", 11));
	assert_true(utf8_has_rtl("abc \u05d0", 6));
	assert_true(utf8_has_rtl("\u0645", 2));
	assert_false(utf8_has_rtl("\u0661", 2)); /* an Arabic digit is not strong */
}

static int use_utf8(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8__decodes_the_limits_of_each_length),
		cmocka_unit_test(utf8__replaces_the_maximal_bad_prefix),
		cmocka_unit_test(utf8__encodes_every_code_point_back),
		cmocka_unit_test(utf8__tells_valid_from_invalid),
		cmocka_unit_test(utf8__mends_bytes_and_nul),
		cmocka_unit_test(utf8__keeps_clusters_together),
		cmocka_unit_test(utf8__finds_the_same_clusters_backwards),
		cmocka_unit_test(utf8__agrees_with_wcwidth_on_every_code_point),
		cmocka_unit_test(utf8__counts_cells),
		cmocka_unit_test(utf8__adds_up_to_wcwidth),
		cmocka_unit_test(utf8__cuts_at_clusters),
		cmocka_unit_test(utf8__ends_what_it_cuts_with_an_ellipsis),
		cmocka_unit_test(utf8__sees_right_to_left),
	};
	return cmocka_run_group_tests_name("utf8", tests, use_utf8, NULL);
}
