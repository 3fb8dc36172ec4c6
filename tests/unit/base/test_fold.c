/* test_fold.c - what search takes for the same word. */
#include "config.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fold.h"
#include "tests/unit/unit.h"

static void check(void (*fold)(struct buf *, const char *, size_t), const char *in,
	const char *want)
{
	struct buf b = BUF_INIT(BUF_UNLIMITED);
	fold(&b, in, strlen(in));
	assert_string_equal(b.p, want);
	buf_release(&b);
}

static void fold__lowers_and_strips_marks(void **state)
{
	(void)state;
	check(fold_text, "\u00c9l\u00e8ve Gr\u00fc\u00dfe", "eleve grusse");
	check(fold_text, "A\u0308\u0301B", "ab");
	check(fold_text, "\u1e9e \ufb01n \u2167", "ss fin viii");
}

static void fold__maps_letters_without_decomposition(void **state)
{
	(void)state;
	check(fold_text, "\u0110\u0111 \u0141\u00f3d\u017a \u00d8re \u00c6r\u00f8",
		"dd lodz ore aero");
	check(fold_text, "\u0152uvre \u00deing \u00d0 \u0126al", "oeuvre thing d hal");
}

static void fold__knows_vietnamese_turkish_greek_cyrillic(void **state)
{
	(void)state;
	check(fold_text, "Nguy\u1ec5n \u0110\u1ee9c \u01a0\u01af", "nguyen duc ou");
	check(fold_text, "\u0130stanbul I\u015f\u0131k", "istanbul isik");
	check(fold_text, "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u039f\u0394\u039f\u03a3",
		"\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3 \u03bf\u03b4\u03bf\u03c3");
	check(fold_text, "\u0401\u043b\u043a\u0430 \u0419\u043e\u0434",
		"\u0435\u043b\u043a\u0430 \u0438\u043e\u0434");
}

static void fold__narrows_full_width(void **state)
{
	(void)state;
	check(fold_text, "\uff21\uff22\uff43\uff11\u3000\uff5e", "abc1 ~");
}

static void fold__makes_each_cjk_character_a_token(void **state)
{
	(void)state;
	check(fold_text, "\u4e2d\u6587mail\u4fe1", "\u4e2d \u6587 mail \u4fe1");
	check(fold_plain, "\u4e2d\u6587mail\u4fe1", "\u4e2d\u6587mail\u4fe1");
	check(fold_text, "\u304b\u306a\u30ab\u30ca", "\u304b \u306a \u30ab \u30ca");
	check(fold_text, "\ud55c\uae00", "\ud55c \uae00");
	check(fold_text, "\U00020000\U00020001", "\U00020000 \U00020001");
}

static void fold__joins_kana_marks_and_jamo(void **state)
{
	(void)state;
	check(fold_plain, "\u304b\u3099", "\u304c");
	check(fold_plain, "\u30cf\u309a", "\u30d1");
	check(fold_plain, "\uff8a\uff9f\uff76\uff9e", "\u30d1\u30ac");
	check(fold_plain, "\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00");
	check(fold_plain, "\u304c", "\u304c");
}

static void fold__makes_one_blank_of_controls_and_bad_bytes(void **state)
{
	(void)state;
	check(fold_text, "  a\t\r\n b\x01\xff\xc3 c  ", "a b c");
	check(fold_text, "a\u00a0\u2028b", "a b");
	check(fold_text, " \n", "");
}

static void fold__drops_invisible_characters(void **state)
{
	(void)state;
	check(fold_text, "pass\u00adword z\u200bw\u200dj \ufeffbom", "password zwj bom");
}

static void fold__is_the_same_when_repeated(void **state)
{
	(void)state;
	static const char *const samples[] = {
		"\u00c6r\u00f8 \u0130 \u4e2d\u6587 \u304c \ud55c \ufb03",
		"\u01c4 \u1e9b\u0323 \u2126 \u00b5 \u212b \u0345 \u03b1\u0345", "\uff76\uff9e"};
	for (size_t i = 0; i < 3; i++) {
		struct buf once = BUF_INIT(BUF_UNLIMITED);
		fold_text(&once, samples[i], strlen(samples[i]));
		check(fold_text, once.p, once.p);
		buf_release(&once);
	}
}

/* Twice the input may not take four times as long: marks, jamo and kana marks without end. */
static void fold__takes_linear_time(void **state)
{
	(void)state;
	static const char *const units[] = {
		"\u0301", "\u0327\u0301", "\u3099", "\u11a8", "\u4e2d", "a"};
	for (size_t k = 0; k < ARRAY_SIZE(units); k++) {
		struct buf in = BUF_INIT(BUF_UNLIMITED), out = BUF_INIT(BUF_UNLIMITED);
		while (in.len < (size_t)2 << 20)
			buf_addstr(&in, units[k]);
		int64_t start = clock_mono_ms();
		fold_text(&out, in.p, in.len);
		/* Quadratic behaviour would need hours; a loaded machine needs no more than
		 * this. */
		assert_true(clock_mono_ms() - start < 20000);
		assert_true(out.len <= 2 * in.len);
		buf_release(&in);
		buf_release(&out);
	}
}

static void fold__stops_at_the_ceiling(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(3);
	fold_text(&b, "abcdef", 6);
	assert_true(b.failed);
	assert_string_equal(b.p, "abc");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold__lowers_and_strips_marks),
		cmocka_unit_test(fold__maps_letters_without_decomposition),
		cmocka_unit_test(fold__knows_vietnamese_turkish_greek_cyrillic),
		cmocka_unit_test(fold__narrows_full_width),
		cmocka_unit_test(fold__makes_each_cjk_character_a_token),
		cmocka_unit_test(fold__joins_kana_marks_and_jamo),
		cmocka_unit_test(fold__makes_one_blank_of_controls_and_bad_bytes),
		cmocka_unit_test(fold__drops_invisible_characters),
		cmocka_unit_test(fold__is_the_same_when_repeated),
		cmocka_unit_test(fold__takes_linear_time),
		cmocka_unit_test(fold__stops_at_the_ceiling),
	};
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
