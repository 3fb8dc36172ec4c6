/* test_draw.c - the cell grid: clipping, cutting, wide cells, foreign text, ASCII twins. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"
#include "ui/draw.h"
#include "ui/escape.h"
#include "ui/hyperlink.h"
#include "ui/theme.h"

static void assert_row(const struct grid *g, int row, const char *want)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);

	grid_dump_row(g, row, &b);
	assert_string_equal(b.p, want);
}

static void draw_text__is_cut_with_an_ellipsis(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 2, 10);
	struct draw d = draw_whole(&g);
	assert_int_equal(draw_text(&d, 0, 0, 6, 0, "conversation"), 6);
	assert_row(&g, 0, "conve…");
	assert_int_equal(draw_text(&d, 1, 0, 99, 0, "fits"), 4);
	assert_row(&g, 1, "fits");
	grid_release(&g);
}

static void draw_text__stays_in_its_part(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 3, 12);
	struct draw d = draw_whole(&g), part = draw_part(&d, 1, 4, 1, 5);
	draw_text(&part, 0, 0, 100, 0, "0123456789");
	draw_text(&part, 1, 0, 100, 0, "below");
	draw_text(&part, -1, 0, 100, 0, "above");
	assert_row(&g, 0, "");
	assert_row(&g, 1, "    0123…");
	assert_row(&g, 2, "");
	grid_release(&g);
}

static void draw_part__of_impossible_sizes_draws_nothing(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 1, 1);
	struct draw d = draw_whole(&g);
	const int odd[] = {-5, -1, 1, 7};
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct draw part = draw_part(&d, odd[i], odd[i], odd[i], odd[i]);

		draw_text(&part, 0, 0, 10, 0, "x");
		draw_hrule(&part, 0, 0, 10, 0);
		draw_fill(&part, 0, 0, 10, 10, STYLE_SELECTED);
		assert_int_equal(part.rows, 0);
	}
	assert_row(&g, 0, "");
	grid_release(&g);
}

static void draw_text__wide_cells_are_never_split(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 1, 5);
	struct draw d = draw_whole(&g);
	assert_int_equal(draw_text(&d, 0, 0, 5, 0, "日本語"), 5);
	assert_row(&g, 0, "日本…");
	draw_text(&d, 0, 1, 1, 0, "x"); /* overwrites the right half of the first */
	assert_row(&g, 0, " x本…");
	grid_release(&g);
}

static void draw_text__foreign_text_is_harmless(void **state)
{
	static const char *const nasty[] = {
		"\033]0;owned\007",
		"\033[31mred",
		"a\302\233b",
		"a\23331m",
		"a\tb\nc\rd",
		"\342\200\256evil",
		"\342\201\246x\342\201\251",
		"\177\001\002",
		"a\342\200\213b",
		"\360\237\221\250\342\200\215\360\237\221\251",
		"\377\376\300\257",
	};
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 1, 40);
	struct draw d = draw_whole(&g);
	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++) {
		grid_clear(&g);
		draw_text(&d, 0, 0, 40, 0, nasty[i]);
		for (int c = 0; c < g.cols; c++)
			for (size_t k = 0; k < g.cells[c].len;) {
				uint32_t cp;

				k += utf8_decode(g.cells[c].text + k, g.cells[c].len - k, &cp);
				assert_true(cp >= 0x20 && (cp < 0x7f || cp >= 0xa0));
				assert_false(cp >= 0x202a && cp <= 0x202e);
				assert_false(cp >= 0x2066 && cp <= 0x2069);
				assert_false(cp == 0x200b || cp == 0x200d);
			}
	}
	grid_release(&g);
}

static void draw_text__row_is_always_of_full_width(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	for (int cols = 1; cols < 20; cols++) {
		int width = 0;

		grid_resize(&g, 1, cols);
		struct draw d = draw_whole(&g);
		draw_text(&d, 0, 0, cols, 0,
			"a日é\xCC\x81"
			"b\xF0\x9F\x93\x8E"
			"本c語d한e");
		draw_text(&d, 0, cols / 2, cols, 0, "語x");
		for (int c = 0; c < cols; c++)
			width += g.cells[c].width;
		assert_int_equal(width, cols);
	}
	grid_release(&g);
}

static void draw_symbol__ascii_grid_holds_only_ascii(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, true);
	grid_resize(&g, 2, 60);
	struct draw d = draw_whole(&g);
	for (int s = 0; s < SYM_COUNT; s++)
		draw_symbol(&d, 0, s * 2, 0, (enum symbol)s);
	draw_text(&d, 1, 0, 60, 0, "crème · 日本 — “x”…");
	for (int i = 0; i < g.rows * g.cols; i++) {
		assert_int_equal(g.cells[i].len, 1);
		assert_true((unsigned char)g.cells[i].text[0] < 0x80);
	}
	grid_release(&g);
}

static void theme_look__no_color_means_none(void **state)
{
	struct theme t = theme_choose("1", NULL, 256);
	(void)state;

	assert_int_equal(theme_look(&t, STYLE_FAILED).color, -1);
	assert_true(theme_look(&t, STYLE_FAILED).bold); /* still told apart */
	t = theme_choose(NULL, NULL, 256);
	assert_int_not_equal(theme_look(&t, STYLE_FAILED).color, -1);
}

static void theme_look__light_background_has_its_own_accent(void **state)
{
	struct theme dark = theme_choose(NULL, "15;0", 16), light = theme_choose(NULL, "0;15", 16);
	(void)state;

	assert_int_not_equal(theme_look(&dark, STYLE_ACCENT).color,
		theme_look(&light, STYLE_ACCENT).color);
}

static void escape_clipboard__content_cannot_leave_the_sequence(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1000);
	(void)state;

	assert_true(escape_clipboard(&b, "x\033\\\007\033]0;y", 9));
	assert_int_equal(b.p[0], '\033');
	for (size_t i = 1; i + 2 < b.len; i++)
		assert_true((unsigned char)b.p[i] >= 0x20 && (unsigned char)b.p[i] < 0x7f);
	assert_string_equal(b.p + b.len - 2, "\033\\");
	assert_false(escape_clipboard(&b, "x", ESCAPE_CLIPBOARD_MAX + 1));
}

static void hyperlink_encode__lets_only_printable_ascii_through(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	(void)state;

	assert_true(hyperlink_encode(&b, "HTTPS://a.example/x?y=\033]0;t\007\xc3\xbc z"));
	assert_string_equal(b.p, "HTTPS://a.example/x?y=%1B]0;t%07%C3%BC%20z");
	buf_reset(&b);
	assert_false(hyperlink_encode(&b, "javascript:alert(1)"));
	assert_false(hyperlink_encode(&b, "file:///etc/passwd"));
	assert_int_equal(b.len, 0);
	buf_addstr(&b, "http://");
	for (int i = 0; i < HYPERLINK_MAX; i++)
		buf_addch(&b, 'a');
	assert_false(hyperlink_encode(&b, b.p));
}

static void hyperlinks__a_number_is_never_given_twice(void **state)
{
	struct hyperlinks h = {.n = 0};
	uint32_t first = hyperlinks_number(&h, "http://a.example/"), last = first;
	(void)state;

	assert_true(first > 0);
	assert_int_equal(hyperlinks_number(&h, "http://a.example/"), first);
	assert_int_equal(hyperlinks_number(&h, "tel:123"), 0);
	for (int i = 0; i < HYPERLINKS_KEPT; i++) {
		char url[64];
		uint32_t n;

		snprintf(url, sizeof(url), "http://b.example/%d", i);
		n = hyperlinks_number(&h, url);
		assert_true(n > last);
		assert_string_equal(hyperlinks_url(&h, n), url);
		last = n;
	}
	assert_null(hyperlinks_url(&h, first));
	assert_true(hyperlinks_number(&h, "http://a.example/") > last);
	hyperlinks_release(&h);
}

static const char *const *fake_env;

static const char *env(const char *name)
{
	for (size_t i = 0; fake_env[i]; i += 2)
		if (strcmp(fake_env[i], name) == 0)
			return fake_env[i + 1];
	return NULL;
}

static void hyperlink_is_supported__knows_terminals(void **state)
{
	static const char *const none[] = {"TERM", "xterm-256color", NULL};
	static const char *const vte[] = {"VTE_VERSION", "7006", "TERM", "xterm-256color", NULL};
	static const char *const old_vte[] = {"VTE_VERSION", "4205", NULL};
	static const char *const tmux[] = {"TERM_PROGRAM", "tmux", "TERM_PROGRAM_VERSION", "3.4",
		"TERM", "tmux-256color", NULL};
	static const char *const old_tmux[] = {"TERM_PROGRAM", "tmux", "TERM_PROGRAM_VERSION",
		"3.3a", "TERM", "tmux-256color", "VTE_VERSION", "7006", NULL};
	static const char *const kitty[] = {"TERM", "xterm-kitty", NULL};
	(void)state;

	fake_env = none;
	assert_false(hyperlink_is_supported("auto", env));
	assert_true(hyperlink_is_supported("on", env));
	fake_env = vte;
	assert_true(hyperlink_is_supported("auto", env));
	assert_true(hyperlink_is_supported(NULL, env));
	assert_false(hyperlink_is_supported("off", env));
	fake_env = old_vte;
	assert_false(hyperlink_is_supported("auto", env));
	fake_env = tmux;
	assert_true(hyperlink_is_supported("auto", env));
	fake_env = old_tmux;
	assert_false(hyperlink_is_supported("auto", env));
	fake_env = kitty;
	assert_true(hyperlink_is_supported("auto", env));
}

static void draw_link__marks_the_cells_it_was_given(void **state)
{
	struct grid g;
	(void)state;

	grid_init(&g, false);
	grid_resize(&g, 1, 10);
	struct draw d = draw_whole(&g), part = draw_part(&d, 0, 2, 1, 4);
	draw_text(&part, 0, 0, 4, 0, "link");
	draw_link(&part, 0, 1, 99, "https://a.example/");
	draw_link(&part, 0, 0, 1, "tel:1");
	for (int col = 0; col < 10; col++)
		assert_int_equal(g.cells[col].link != 0, col >= 3 && col < 6);
	draw_text(&part, 0, 1, 1, 0, "x"); /* drawn over: no link */
	assert_int_equal(g.cells[3].link, 0);
	grid_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hyperlink_encode__lets_only_printable_ascii_through),
		cmocka_unit_test(hyperlinks__a_number_is_never_given_twice),
		cmocka_unit_test(hyperlink_is_supported__knows_terminals),
		cmocka_unit_test(draw_link__marks_the_cells_it_was_given),
		cmocka_unit_test(draw_text__is_cut_with_an_ellipsis),
		cmocka_unit_test(draw_text__stays_in_its_part),
		cmocka_unit_test(draw_part__of_impossible_sizes_draws_nothing),
		cmocka_unit_test(draw_text__wide_cells_are_never_split),
		cmocka_unit_test(draw_text__foreign_text_is_harmless),
		cmocka_unit_test(draw_text__row_is_always_of_full_width),
		cmocka_unit_test(draw_symbol__ascii_grid_holds_only_ascii),
		cmocka_unit_test(theme_look__no_color_means_none),
		cmocka_unit_test(theme_look__light_background_has_its_own_accent),
		cmocka_unit_test(escape_clipboard__content_cannot_leave_the_sequence),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
