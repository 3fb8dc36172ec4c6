/* test_blocks.c - render_blocks(): the cases of blocks_cases.txt, and what holds for any text. */
#include "config.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/mail/render.h"
#include "src/mail/blocks.h"
#include "tests/unit/unit.h"

static const char kinds[] = {[BLOCK_TEXT] = 'T',
	[BLOCK_QUOTE] = 'Q',
	[BLOCK_ATTRIBUTION] = 'A',
	[BLOCK_SIGNATURE] = 'S',
	[BLOCK_FORWARD] = 'F'};

static void read_cases(struct buf *out)
{
	const char *dir = getenv("CRMAIL_SRCDIR");
	struct err e = ERR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/unit/mail/blocks_cases.txt", dir ? dir : ".");
	assert_int_equal(fsx_read_file(path, out, &e), 0);
}

/* The blocks joined by LF are the text again, and none is empty of lines. */
static void assert_joined(struct span text, const struct render_block *b, size_t n)
{
	CLEANUP(buf_release) struct buf joined = BUF_INIT(BUF_UNLIMITED);

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addch(&joined, '\n');
		buf_add(&joined, b[i].text.p, b[i].text.len);
		assert_true(b[i].text.p >= text.p &&
			    b[i].text.p + b[i].text.len <= text.p + text.len);
		assert_true(i == 0 || b[i].kind != b[i - 1].kind);
	}
	assert_int_equal(joined.len, text.len);
	assert_memory_equal(joined.p, text.p, text.len);
}

static char kind_at(const struct render_block *b, size_t n, const char *p)
{
	for (size_t i = 0; i < n; i++) {
		if (p >= b[i].text.p && p < b[i].text.p + b[i].text.len)
			return kinds[b[i].kind];
	}
	return '?';
}

/* Runs one case; returns the number of lines that came out otherwise. */
static int run_case(struct span name, struct span body)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct span rest = body, line;
	const struct render_block *b;
	size_t n, at = 0;
	int wrong = 0;

	while (span_next(&rest, '\n', &line)) {
		if (text.len || line.p != body.p)
			buf_addch(&text, '\n');
		if (line.len > 2)
			buf_add(&text, line.p + 2, line.len - 2);
	}
	struct span all = {text.p, text.len};
	render_blocks(&a, all, &b, &n);
	assert_joined(all, b, n);
	rest = body;
	while (span_next(&rest, '\n', &line)) {
		size_t len = line.len > 2 ? line.len - 2 : 0;
		char got = len ? kind_at(b, n, text.p + at) : '?';
		if (len && got != *line.p) {
			print_message("# %.*s: %c instead of %c: %.*s\n", (int)name.len, name.p,
				got, *line.p, (int)len, text.p + at);
			wrong++;
		}
		at += len + 1;
	}
	return wrong;
}

static void blocks__are_told_apart__in_the_cases_of_many_languages(void **state)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT((size_t)1 << 20);
	int cases = 0, wrong = 0;

	(void)state;
	read_cases(&file);
	const char *p = strstr(file.p, "\n=== ") + 1;
	while (p) {
		const char *eol = strchr(p, '\n');
		assert_non_null(eol);
		const char *next = strstr(eol, "\n=== ");
		const char *end = next ? next : file.p + file.len - 1;
		wrong += run_case((struct span){p + 4, (size_t)(eol - p) - 4},
			(struct span){eol + 1, (size_t)(end - eol) - 1});
		cases++;
		p = next ? next + 1 : NULL;
	}
	assert_true(cases >= 120);
	assert_int_equal(wrong, 0);
}

/* Lines of the cases in any order: whatever comes out, nothing is lost or doubled. */
static void blocks__join_to_the_text__for_shuffled_lines(void **state)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT((size_t)1 << 20);
	struct span lines[4000], rest, line;
	uint32_t seed = 1;
	size_t n = 0;

	(void)state;
	read_cases(&file);
	rest = (struct span){file.p, file.len};
	while (n < ARRAY_SIZE(lines) && span_next(&rest, '\n', &line))
		lines[n++] = line.len > 2 ? (struct span){line.p + 2, line.len - 2}
					  : (struct span){line.p, 0};
	for (int round = 0; round < 300; round++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct render_block *b;
		size_t blocks;
		for (int i = 0; i < 30; i++) {
			seed = seed * 1664525u + 1013904223u;
			struct span l = lines[(seed >> 8) % n];
			buf_add(&text, l.p, l.len);
			if (seed >> 28)
				buf_addch(&text, '\n');
		}
		struct span all = {text.p, text.len};
		render_blocks(&a, all, &b, &blocks);
		assert_joined(all, b, blocks);
	}
}

/* Whether every quoted line of the case carries its mark, and no block of it reaches to the end. */
static bool is_bounded(struct span body)
{
	struct span line;

	while (span_next(&body, '\n', &line)) {
		if (line.len < 3)
			continue;
		if (*line.p == 'S' || *line.p == 'F' || (*line.p == 'Q' && line.p[2] != '>'))
			return false;
	}
	return true;
}

/* Own words stay text whatever stands around them: several cases written into one mail. */
static void blocks__never_fold_own_words__in_mails_of_many_parts(void **state)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT((size_t)1 << 20);
	struct span cases[1000];
	uint32_t seed = 3;
	size_t n = 0;

	(void)state;
	read_cases(&file);
	for (const char *p = strstr(file.p, "\n=== "); p && n < ARRAY_SIZE(cases);) {
		const char *body = strchr(p + 1, '\n') + 1, *next = strstr(body - 1, "\n=== ");
		const char *end = next ? next : file.p + file.len - 1;
		struct span one = {body, end > body ? (size_t)(end - body) : 0};
		if (is_bounded(one))
			cases[n++] = one;
		p = next;
	}
	assert_true(n >= 60);
	for (int round = 0; round < 1000; round++) {
		CLEANUP(buf_release) struct buf body = BUF_INIT(BUF_UNLIMITED);
		for (int i = 0; i < 4; i++) {
			seed = seed * 1664525u + 1013904223u;
			struct span one = cases[(seed >> 8) % n];
			buf_addstr(&body, i ? "\n\n" : "");
			buf_add(&body, one.p, one.len);
		}
		assert_int_equal(run_case(SPAN_LIT("several"), (struct span){body.p, body.len}), 0);
	}
}

static void blocks__of_nothing__are_none(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct render_block *b;
	size_t n = 9;

	(void)state;
	render_blocks(&a, (struct span){"", 0}, &b, &n);
	assert_int_equal(n, 0);
}

static void blocks__stay_text__past_the_ceiling(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct render_block *b;
	size_t n;

	(void)state;
	for (int i = 0; i < 120000; i++)
		buf_addstr(&text, i % 2 ? "mine\n" : "> yours\n");
	struct span all = {text.p, text.len};
	render_blocks(&a, all, &b, &n);
	assert_joined(all, b, n);
	assert_int_equal(b[n - 1].kind, BLOCK_TEXT);
}

static uint64_t reads_for(const char *unit, size_t n)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct render_block *b;
	uint64_t reads = 0;
	size_t blocks;

	for (size_t i = 0; i < n; i++)
		buf_addstr(&text, unit);
	struct span all = {text.p, text.len};
	blocks_split(&a, all, &b, &blocks, &reads);
	assert_joined(all, b, blocks);
	return reads;
}

static void blocks__take_twice_the_reads__for_twice_the_text(void **state)
{
	static const char *const units[] = {"\n", "x\n", "x\n\n\n\n", "> x\n", "> x\n\n", ">",
		"-- \n", "--\na\n", "From: a@b\n", "From: a@b\nDate: x\n", "To: a\n",
		"On 10 x wrote:\n", "On 12.10.26 10:15\n", "wrote:\n", "Sent from my iPhone\n",
		"Sent from my iPhone\n\n\n", "________________\n", "----\n", "a:\n", "a@b 2026\n",
		">From x\n", "| x\n", "x ", "\n> "};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		uint64_t one = reads_for(units[i], 8000), two = reads_for(units[i], 16000);
		if (two > 2 * one + one / 4 + 4096 || one > 100 * 8000 * strlen(units[i]))
			print_message("# %s: %llu, then %llu\n", units[i], (unsigned long long)one,
				(unsigned long long)two);
		assert_true(two <= 2 * one + one / 4 + 4096);
		assert_true(one <= 100 * 8000 * strlen(units[i]));
	}
}

static void snippet__prefers_own_words__and_fits(void **state)
{
	static const char text[] =
		"On 10/12/26 10:15, Laura wrote:\n> old\n\nYes,   Thursday\nis fine.\n\n-- \nMinh";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_plain(&a, text, sizeof(text) - 1, &d);
	assert_string_equal(render_snippet(&a, &d, 80), "Yes, Thursday is fine.");
	assert_string_equal(render_snippet(&a, &d, 6), "Yes, …");
}

static void snippet__leaves_out__link_numbers_and_rules(void **state)
{
	static const char html[] =
		"<p>See <a href='https://a.test/'>the offer</a>, item [3] and [1].</p><hr>Bye";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_html(&a, html, sizeof(html) - 1, &d);
	assert_string_equal(render_snippet(&a, &d, 80), "See the offer, item [3] and. Bye");
}

static void snippet__is_cut__where_a_word_has_no_end(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addch(&text, 'a');
	render_plain(&a, text.p, text.len, &d);
	assert_string_equal(render_snippet(&a, &d, 4), "aaa\u2026");
}

static void snippet__takes_the_forward__when_there_is_nothing_else(void **state)
{
	static const char text[] = "---------- Forwarded message ---------\nThe offer";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_plain(&a, text, sizeof(text) - 1, &d);
	assert_non_null(strstr(render_snippet(&a, &d, 200), "The offer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks__are_told_apart__in_the_cases_of_many_languages),
		cmocka_unit_test(blocks__join_to_the_text__for_shuffled_lines),
		cmocka_unit_test(blocks__never_fold_own_words__in_mails_of_many_parts),
		cmocka_unit_test(blocks__of_nothing__are_none),
		cmocka_unit_test(blocks__stay_text__past_the_ceiling),
		cmocka_unit_test(blocks__take_twice_the_reads__for_twice_the_text),
		cmocka_unit_test(snippet__prefers_own_words__and_fits),
		cmocka_unit_test(snippet__leaves_out__link_numbers_and_rules),
		cmocka_unit_test(snippet__is_cut__where_a_word_has_no_end),
		cmocka_unit_test(snippet__takes_the_forward__when_there_is_nothing_else),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
