/* test_render.c - plain text and its links, the choice among alternatives, and wrapping. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/render.h"
#include "tests/unit/unit.h"

static void plain__stays_as_it_is__but_for_controls_and_tabs(void **state)
{
	static const char text[] = "a  b \r\n\tc\td\x1b[0m\n-- \nx\n\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_plain(&a, text, sizeof(text) - 1, &d);
	assert_string_equal(d.text.p, "a  b \n        c       d\ufffd[0m\n-- \nx");
	assert_false(d.from_html);
}

static void plain__finds_bare_urls__in_order(void **state)
{
	static const struct {
		const char *text, *url;
	} samples[] = {
		{"see https://a.test/x.", "https://a.test/x"},
		{"(https://a.test/x)", "https://a.test/x"},
		{"https://a.test/x_(y)", "https://a.test/x_(y)"},
		{"<https://a.test/x?y=1&z=2>", "https://a.test/x?y=1&z=2"},
		{"\"http://a.test\",", "http://a.test"},
		{"HTTPS://A.TEST/!", "HTTPS://A.TEST/"},
		{"www.a.test, ok", "http://www.a.test"},
		{"mailto:laura@a.test?subject=x;", "mailto:laura@a.test?subject=x"},
		{"\u8bf7\u770bhttps://a.test/x\u3002\u8c22\u8c22", "https://a.test/x"},
		{"https://a.test/\u00dcber", "https://a.test/\u00dcber"},
		{"[https://a.test/x]", "https://a.test/x"},
		{"https://a.test/x#y'", "https://a.test/x#y"},
		{"xhttp://a.test", NULL},
		{"https://", NULL},
		{"mailto: you", NULL},
		{"www.", NULL},
		{"laura@www.a.test", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		render_plain(&a, samples[i].text, strlen(samples[i].text), &d);
		print_message("# %s\n", samples[i].text);
		assert_int_equal(d.n_links, samples[i].url ? 1 : 0);
		assert_string_equal(d.text.p, samples[i].text);
		if (!samples[i].url)
			continue;
		assert_string_equal(d.links[0].url, samples[i].url);
		assert_int_equal(d.runs[0].link, 1);
		assert_memory_equal(d.text.p + d.runs[0].start, d.links[0].text, d.runs[0].len);
	}
}

static void plain__is_the_same__in_pieces_of_any_length(void **state)
{
	static const char *const units[] = {
		"\u00e9", "a\u4f60\tb\n", "long words without an end ", "\U0001f600\r\n"};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(units); k++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc one, all;
		while (text.len < 300000)
			buf_addstr(&text, units[k]);
		render_plain(&a, units[k], strlen(units[k]), &one);
		render_plain(&a, text.p, text.len, &all);
		assert_true(utf8_is_valid(all.text.p, all.text.len));
		assert_null(strstr(all.text.p, "\ufffd"));
		assert_true(all.text.len + 1 >= 300000 / strlen(units[k]) * one.text.len);
	}
}

static void plain__is_cut__behind_a_whole_character(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	buf_addstr(&text, "a");
	while (text.len < (size_t)17 << 20)
		buf_addstr(&text, "\u4f60\u597d\u4e16\u754c");
	render_plain(&a, text.p, text.len, &d);
	assert_true(d.cut);
	assert_true(d.text.len > (size_t)15 << 20);
	assert_true(utf8_is_valid(d.text.p, d.text.len));
}

static void plain__looks_once__at_text_that_is_one_long_word(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	/* would take hours if each "http://" looked at the rest of the word */
	while (text.len < (size_t)8 << 20)
		buf_addstr(&text, "http://a/");
	render_plain(&a, text.p, text.len, &d);
	assert_int_equal(d.n_links, 0);
}

struct choice {
	const char *plain, *html;
	enum render_prefer prefer;
	const char *text;
};

static void render_choice(const struct choice *c, struct arena *a, struct render_doc *d)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct message m;

	buf_addf(&raw,
		"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"
		"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n--b--\r\n",
		c->plain, c->html);
	message_parse(a, raw.p, raw.len, &m);
	render_message(a, &m, c->prefer, d);
}

#define LONG_HTML                                                                                  \
	"<p>one two three four five six seven eight nine ten one two three four five six seven "   \
	"eight nine "                                                                              \
	"ten one two three four five six seven eight nine ten one two three four five six seven "  \
	"eight "                                                                                   \
	"nine ten one two three four five six seven eight nine ten one two three four five.</p>"

static void message__reads_the_plain_member__unless_it_is_a_stub(void **state)
{
	static const struct choice choices[] = {
		{"Hello plain", "<p>Hello html</p>", RENDER_AUTO, "Hello plain"},
		{"Hello plain", "<p>Hello html</p>", RENDER_HTML, "Hello html"},
		{"Hello plain", "<p>Hello html</p>", RENDER_PLAIN, "Hello plain"},
		{" \r\n ", "<p>Hello html</p>", RENDER_AUTO, "Hello html"},
		{"View this email in your browser", LONG_HTML, RENDER_AUTO, NULL},
		{"Bitte im Browser ansehen: https://a.test/", LONG_HTML, RENDER_AUTO, NULL},
		{"The browser opened it.", "<p>The browser opened it.</p>", RENDER_AUTO,
			"The browser opened it."},
		{"Thanks, see you there", LONG_HTML, RENDER_AUTO, NULL},
		{"Thanks, see you there on Thursday at noon", LONG_HTML, RENDER_AUTO,
			"Thanks, see you there on Thursday at noon"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		render_choice(&choices[i], &a, &d);
		print_message("# %s\n", choices[i].plain);
		if (choices[i].text)
			assert_string_equal(d.text.p, choices[i].text);
		else
			assert_true(d.from_html);
	}
}

static const char *render_raw(struct arena *a, const char *raw, struct render_doc *d)
{
	struct message m;

	message_parse(a, raw, strlen(raw), &m);
	render_message(a, &m, RENDER_AUTO, d);
	return d->text.p;
}

static void message__joins_displayed_parts__and_numbers_links_on(void **state)
{
	static const char raw[] =
		"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
		"--m\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
		"--b\r\nContent-Type: text/html\r\n\r\n<a href='https://a.test/'>A</a>\r\n--b--\r\n"
		"--m\r\nContent-Type: application/pdf; name=x.pdf\r\n\r\nxx\r\n"
		"--m\r\nContent-Type: text/html\r\n\r\n<p>Second <a "
		"href='https://b.test/'>B</a></p>\r\n"
		"--m\r\nContent-Type: text/plain\r\n\r\nfooter https://c.test/\r\n"
		"--m\r\nContent-Type: text/plain; name=note.txt\r\n\r\nattached\r\n"
		"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--m--\r\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	assert_string_equal(render_raw(&a, raw, &d),
		"A [1]\n\nSecond B [2]\nfooter https://c.test/");
	assert_int_equal(d.n_links, 3);
	assert_string_equal(d.links[2].url, "https://c.test/");
	assert_true(d.from_html);
}

static void message__reads_one_member__of_nested_alternatives(void **state)
{
	static const char raw[] =
		"Content-Type: multipart/alternative; boundary=o\r\n\r\n"
		"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
		"--i\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
		"--i\r\nContent-Type: text/html\r\n\r\n<p>html words</p>\r\n--i--\r\n"
		"--o\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--o--\r\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	assert_string_equal(render_raw(&a, raw, &d), "plain words");
}

static void message__shows_the_beginning__of_a_part_past_all_ceilings(void **state)
{
	static const char *const types[] = {"text/plain", "text/html"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		buf_addf(&raw, "Content-Type: %s\r\n\r\nbeginning ", types[i]);
		while (raw.len < (size_t)70 << 20)
			buf_addstr(&raw,
				"and so on and on and on, for a long time and without an end\n");
		render_raw(&a, raw.p, &d);
		assert_true(d.cut);
		assert_memory_equal(d.text.p, "beginning", 9);
		assert_true(d.text.len <= (size_t)16 << 20);
	}
}

static void message__without_text__is_empty(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	assert_string_equal(render_raw(&a, "Content-Type: image/png\r\n\r\nxx", &d), "");
	assert_int_equal(d.n_blocks, 0);
	assert_string_equal(render_raw(&a, "Content-Type: text/enriched\r\n\r\nwords\r\n", &d),
		"words");
}

/* The lines as they are drawn, joined by LF. */
static void draw(struct buf *out, const char *text, unsigned width)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct wrap_line *lines = NULL;
	size_t n = render_wrap(&a, (struct span){text, strlen(text)}, width, &lines);

	for (size_t i = 0; i < n; i++) {
		size_t start = out->len;
		for (unsigned k = 0; k < lines[i].quote; k++)
			buf_addstr(out, "> ");
		for (unsigned k = 0; k < lines[i].indent; k++)
			buf_addch(out, ' ');
		buf_add(out, text + lines[i].start, lines[i].len);
		assert_int_equal(cell_width(out->p + start, out->len - start), lines[i].cells);
		if (i + 1 < n)
			buf_addch(out, '\n');
	}
}

static void wrap__breaks__where_a_reader_would(void **state)
{
	static const struct {
		unsigned width;
		const char *text, *lines;
	} samples[] = {
		{10, "one two three four", "one two\nthree four"},
		{10, "abcdefghijklmno p", "abcdefghij\nklmno p"},
		{10, "exactly10! x", "exactly10!\nx"},
		{10, "a\n\nb", "a\n\nb"},
		{12, "  \u2022 one two three", "  \u2022 one two\n    three"},
		{10, "1. one two three", "1. one two\n   three"},
		{10, "- one two three", "- one two\n  three"},
		{10, "> one two three", "> one two\n> three"},
		{12, ">> one two three", "> > one two\n> > three"},
		{12, "> > - one two", "> > - one\n> >   two"},
		{8, "\u4f60\u597d\u4e16\u754c\u4f60\u597d",
			"\u4f60\u597d\u4e16\u754c\n\u4f60\u597d"},
		{8, "\u4f60\u597d\u4e16\u754c\u3002\u4f60",
			"\u4f60\u597d\u4e16\n\u754c\u3002\u4f60"},
		{7, "ab\u4f60\u597d\u4e16", "ab\u4f60\u597d\n\u4e16"},
		{4, "e\u0301e\u0301e\u0301e\u0301e\u0301", "e\u0301e\u0301e\u0301e\u0301\ne\u0301"},
		{10, "\uc548\ub155 \ud558\uc138\uc694", "\uc548\ub155\n\ud558\uc138\uc694"},
		{1, "\u4f60\u597d", "\u4f60\n\u597d"},
		{6, "well-known", "well-\nknown"},
		{30, "    indented words that go on and on",
			"    indented words that go on\n    and on"},
		{10, "a   b                       c", "a   b\nc"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		draw(&out, samples[i].text, samples[i].width);
		assert_string_equal(out.p, samples[i].lines);
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Any text at any width: no line is wider unless it is one cluster, none is lost or doubled. */
static void wrap__keeps_to_the_width__and_keeps_all_text(void **state)
{
	static const char *const bits[] = {"a", "word ", " ", "  ", "> ", ">", "\n", "- ", "12. ",
		"\u2022 ", "\u4f60", "\u597d\u3002", "\u300c", "e\u0301",
		"\U0001f468\u200d\U0001f469", "\U0001f1e9\U0001f1ea", "-",
		"https://a.test/long/path", "\u0e01\u0e33", "\u1100\u1161", "\u05e9",
		"\u2500\u2500"};
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct wrap_line *l = NULL;
		unsigned width = next_random(&seed) % 40;
		for (uint32_t k = next_random(&seed) % 60; k > 0; k--)
			buf_addstr(&text, bits[next_random(&seed) % ARRAY_SIZE(bits)]);
		size_t n = render_wrap(&a, (struct span){text.p, text.len}, width, &l);
		size_t at = 0;
		for (size_t i = 0; i < n; i++) {
			bool one =
				l[i].len && utf8_cluster(text.p + l[i].start, l[i].len) == l[i].len;
			assert_true(l[i].cells <= (width ? width : 1) || one);
			/* between the lines stand only blanks, marks and line ends */
			for (; at < l[i].start; at++)
				assert_non_null(strchr(" >\n", text.p[at]));
			at = l[i].start + l[i].len;
		}
		for (; at < text.len; at++)
			assert_non_null(strchr(" >\n", text.p[at]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain__stays_as_it_is__but_for_controls_and_tabs),
		cmocka_unit_test(plain__finds_bare_urls__in_order),
		cmocka_unit_test(plain__is_the_same__in_pieces_of_any_length),
		cmocka_unit_test(plain__is_cut__behind_a_whole_character),
		cmocka_unit_test(plain__looks_once__at_text_that_is_one_long_word),
		cmocka_unit_test(message__reads_the_plain_member__unless_it_is_a_stub),
		cmocka_unit_test(message__joins_displayed_parts__and_numbers_links_on),
		cmocka_unit_test(message__reads_one_member__of_nested_alternatives),
		cmocka_unit_test(message__shows_the_beginning__of_a_part_past_all_ceilings),
		cmocka_unit_test(message__without_text__is_empty),
		cmocka_unit_test(wrap__breaks__where_a_reader_would),
		cmocka_unit_test(wrap__keeps_to_the_width__and_keeps_all_text),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
