/* test_sanitise.c - nothing that leaves the gate can do anything to a terminal. */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/rng.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"

static void check(unsigned flags, const char *in, size_t n, const char *want)
{
	struct buf b = BUF_INIT(10000);
	utf8_sanitise(&b, in, n, flags);
	assert_string_equal(b.p, want);
	buf_release(&b);
}

#define CHECK(flags, in, want) check(flags, in, sizeof(in) - 1, want)

/* Whatever came in: only LF and tab below 0x20, no DEL, no C1, nothing invisible or turning. */
static void assert_harmless(const char *p, size_t n, unsigned flags)
{
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		i += utf8_decode(p + i, n - i, &cp);
		bool is_bad =
			(cp < 0x20 && (flags & SANITISE_LINE || (cp != '\n' && cp != '\t'))) ||
			(cp >= 0x7F && cp <= 0x9F) || cp == 0xAD || cp == 0x61C || cp == 0x200B ||
			(cp >= 0x200E && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
			(cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xE000 && cp <= 0xF8FF) ||
			(cp >= 0xFFF9 && cp <= 0xFFFB) || cp == 0xFEFF || cp >= 0xE0000 ||
			(cp & 0xFFFE) == 0xFFFE;
		bool is_joiner = cp == 0x200C || cp == 0x200D || (cp >= 0xFE00 && cp <= 0xFE0F);
		if (is_bad || (is_joiner && !(flags & SANITISE_KEEP_ZW)))
			fail_msg("U+%04X came through", (unsigned)cp);
		if (!(flags & SANITISE_KEEP_ZW) && cp >= 0x20 && wcwidth((wchar_t)cp) < 0)
			fail_msg("U+%04X has no width and came through", (unsigned)cp);
	}
	assert_true(utf8_is_valid(p, n));
}

static void sanitise__makes_every_code_point_harmless(void **state)
{
	(void)state;
	static const unsigned flags[] = {
		0, SANITISE_LINE, SANITISE_KEEP_ZW, SANITISE_LINE | SANITISE_KEEP_ZW};
	struct buf out = BUF_INIT(1000);
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char in[8] = "a";
		size_t n = 1 + utf8_encode(cp, in + 1);
		in[n++] = 'b';
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			buf_reset(&out);
			utf8_sanitise(&out, in, n, flags[f]);
			assert_harmless(out.p, out.len, flags[f]);
			assert_int_equal(out.p[0], 'a');
			assert_int_equal(out.p[out.len - 1], 'b');
		}
	}
	buf_release(&out);
}

static void sanitise__makes_every_byte_pair_harmless(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1000);
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			const char in[4] = {'x', (char)a, (char)b, 'y'};
			buf_reset(&out);
			utf8_sanitise(&out, in, 4, 0);
			assert_harmless(out.p, out.len, 0);
		}
	}
	buf_release(&out);
}

static void sanitise__disarms_escape_sequences(void **state)
{
	(void)state;
	CHECK(0, "\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m");
	CHECK(0, "\x1b]0;title\x07", "\ufffd]0;title\ufffd");
	CHECK(0, "\x1bP1;1|\x1b\\", "\ufffdP1;1|\ufffd\\");
	CHECK(0, "\xC2\x9B\x33\x31m", "\ufffd31m"); /* CSI as C1, encoded */
	CHECK(0, "\x9B\x33\x31m", "\ufffd31m");     /* and as a raw byte */
	CHECK(0, "\xC0\x9B[", "\ufffd\ufffd[");     /* and overlong: ESC in two bytes */
	CHECK(0,
		"a\x08\x08"
		"b\x7f\x0e\x0f\x05",
		"a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd");
	CHECK(0, "nul\0here", "nul\ufffdhere");
}

static void sanitise__drops_what_turns_or_hides_text(void **state)
{
	(void)state;
	CHECK(0, "exe.\u202egpj\u202c", "exe.gpj");
	CHECK(0, "a\u2066b\u2069\u200e\u200f\u061c", "ab");
	CHECK(0, "p\u200ba\u200cy\u2060p\ufeffa\u00adl", "paypal");
	CHECK(0, "x\U000E0041\U000E007F\U000E0100y", "xy"); /* tags, variation selector */
	CHECK(0, "a\ufff9b\ufffac\ufffb", "abc");
	CHECK(0, "\u3164\u115f\uffa0|", "|");
	CHECK(0, "\ue000\ufdd0\uffff\U0010FFFD", "\ufffd\ufffd\ufffd\ufffd");
}

static void sanitise__ends_lines_with_lf(void **state)
{
	(void)state;
	CHECK(0, "a\r\nb\rc\nd\u2028e\u2029f\tg\vh\fi", "a\nb\nc\nd\ne\nf\tg h i");
	CHECK(SANITISE_LINE, "a\r\nb\rc\nd\u2028e\u2029f\tg\vh", "a b c d e f g h");
}

static void sanitise__shows_the_base_of_joined_emoji(void **state)
{
	(void)state;
	const char family[] = "\U0001F468\u200d\U0001F469\u200d\U0001F467!";
	CHECK(0, "\U0001F468\u200d\U0001F469\u200d\U0001F467!", "\U0001F468!");
	check(SANITISE_KEEP_ZW, family, sizeof(family) - 1, family);
	CHECK(0, "\U0001F44D\U0001F3FD ok", "\U0001F44D ok");
	CHECK(0, "\U0001F3FD", "\U0001F3FD"); /* a tone alone is a picture */
	CHECK(0, "\u2764\ufe0f", "\u2764");
	CHECK(0, "1\ufe0f\u20e3", "1");
	CHECK(0, "\U0001F1E9\U0001F1EA", "\U0001F1E9\U0001F1EA");
	/* A joiner between letters (Sinhala, Arabic) takes nothing with it. */
	CHECK(0, "\u0d9a\u0dca\u200d\u0dbb", "\u0d9a\u0dca\u0dbb");
}

static void sanitise__keeps_marks_to_their_base(void **state)
{
	(void)state;
	CHECK(0, "\u0301a", "a"); /* would change the cell to the left */
	CHECK(0, "x\n\u0301a", "x\na");
	CHECK(0, "e\u0301", "e\u0301");
	struct buf in = BUF_INIT(10000), out = BUF_INIT(10000);
	buf_addch(&in, 'Z');
	for (int i = 0; i < 1000; i++)
		buf_addstr(&in, "\u0301");
	utf8_sanitise(&out, in.p, in.len, 0);
	assert_int_equal(out.len, 1 + 8 * 2);
	buf_release(&in);
	buf_release(&out);
}

/* What is shown is counted alike by us and by wcwidth, whatever was sent. */
static void sanitise__leaves_only_what_is_counted_alike(void **state)
{
	(void)state;
	static const char *const pieces[] = {"a", "\u0301", "\U0001F468", "\u200d", "\U0001F469",
		"\U0001F3FD", "\ufe0f", "\U0001F1E9", "\u1100", "\u1161", "\u11a8", "\u0915",
		"\u093f", "\u0600", "\u4e2d", "\u20e3", "\U0001FAE8", "\x1b", "\xFF"};
	struct rng *r = rng_new(3);
	for (int round = 0; round < 20000; round++) {
		struct buf in = BUF_INIT(200), out = BUF_INIT(400);
		size_t want = 0;
		for (int i = 0; i < 8; i++)
			buf_addstr(&in, pieces[rng_below(r, ARRAY_SIZE(pieces))]);
		utf8_sanitise(&out, in.p, in.len, SANITISE_LINE);
		for (size_t i = 0; i < out.len;) {
			uint32_t cp;
			i += utf8_decode(out.p + i, out.len - i, &cp);
			int w = wcwidth((wchar_t)cp);
			assert_true(w >= 0);
			want += (size_t)w;
		}
		if (cell_width(out.p, out.len) != want)
			fail_msg("%zu cells, wcwidth says %zu: %s", cell_width(out.p, out.len),
				want, out.p);
		buf_release(&in);
		buf_release(&out);
	}
	rng_free(r);
}

static void sanitise__changes_nothing_the_second_time(void **state)
{
	(void)state;
	struct rng *r = rng_new(5);
	for (int round = 0; round < 5000; round++) {
		struct buf in = BUF_INIT(100), once = BUF_INIT(1000), twice = BUF_INIT(1000);
		for (int i = 0; i < 20; i++)
			buf_addch(&in, (char)rng_below(r, 256));
		utf8_sanitise(&once, in.p, in.len, 0);
		utf8_sanitise(&twice, once.p, once.len, 0);
		assert_string_equal(once.p, twice.p);
		buf_release(&in);
		buf_release(&once);
		buf_release(&twice);
	}
	rng_free(r);
}

static void sanitise__takes_linear_time(void **state)
{
	(void)state;
	static const char *const units[] = {
		"\u0301", "\u200d\U0001F468", "\U0001F1E9", "\xFF", "\u1100", "\r"};
	for (size_t k = 0; k < ARRAY_SIZE(units); k++) {
		struct buf in = BUF_INIT(BUF_UNLIMITED), out = BUF_INIT(BUF_UNLIMITED);
		while (in.len < (size_t)2 << 20)
			buf_addstr(&in, units[k]);
		int64_t start = clock_mono_ms();
		utf8_sanitise(&out, in.p, in.len, 0);
		cell_width(in.p, in.len);
		cell_width(out.p, out.len);
		/* Quadratic behaviour would need hours; a loaded machine needs no more than
		 * this. */
		assert_true(clock_mono_ms() - start < 20000);
		buf_release(&in);
		buf_release(&out);
	}
}

static void sanitise__copies_into_a_string(void **state)
{
	(void)state;
	char *s = utf8_sanitise_dup("a\x1b"
				    "b\nc",
		SANITISE_LINE);
	assert_string_equal(s, "a\ufffdb c");
	free(s);
}

static int use_utf8(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sanitise__makes_every_code_point_harmless),
		cmocka_unit_test(sanitise__makes_every_byte_pair_harmless),
		cmocka_unit_test(sanitise__disarms_escape_sequences),
		cmocka_unit_test(sanitise__drops_what_turns_or_hides_text),
		cmocka_unit_test(sanitise__ends_lines_with_lf),
		cmocka_unit_test(sanitise__shows_the_base_of_joined_emoji),
		cmocka_unit_test(sanitise__keeps_marks_to_their_base),
		cmocka_unit_test(sanitise__leaves_only_what_is_counted_alike),
		cmocka_unit_test(sanitise__changes_nothing_the_second_time),
		cmocka_unit_test(sanitise__takes_linear_time),
		cmocka_unit_test(sanitise__copies_into_a_string),
	};
	return cmocka_run_group_tests_name("sanitise", tests, use_utf8, NULL);
}
