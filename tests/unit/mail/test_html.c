/* test_html.c - render_html(): what a reader sees of HTML, and that it stays linear and bounded. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/render.h"
#include "src/mail/html.h"
#include "src/mail/html_flow.h"
#include "tests/unit/unit.h"

struct sample {
	const char *html, *text;
};

static void check(const struct sample *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		render_html(&a, s[i].html, strlen(s[i].html), &d);
		if (strcmp(d.text.p, s[i].text) != 0)
			print_message("# %s\n", s[i].html);
		assert_string_equal(d.text.p, s[i].text);
		assert_int_equal(d.text.len, strlen(s[i].text));
	}
}

static void html__collapses_blanks__outside_pre(void **state)
{
	static const struct sample samples[] = {
		{"", ""},
		{"a  b\n\tc", "a b c"},
		{"  a <b> b </b> c ", "a b c"},
		{"a&nbsp;&nbsp;b", "a b"},
		{"<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"},
		{"<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>",
			"a\n\nb"},
		{"a<br>&nbsp;&nbsp;b", "a\n  b"},
		{"<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		{"a<br><br><br><br><br><br>b", "a\n\n\nb"},
		{"<pre>a\n  b\n\n\tc  </pre>d", "a\n  b\n\n        c\nd"},
		{"<div style='white-space: pre-wrap'>a\n  b</div>", "a\n  b"},
		{"so&shy;ft hy\u00adphen", "soft hyphen"},
		{"<p>a<p>b", "a\n\nb"},
		{"a<hr>b", "a\n\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
			   "\u2500"
			   "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
			   "\u2500\nb"},
		{"<h1>A</h1>b", "A\n\nb"},
		{"<q>a</q>", "\u201ca\u201d"},
		{"\u05e9\u05dc\u05d5\u05dd <b>a</b>", "\u05e9\u05dc\u05d5\u05dd a"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__decodes_references__named_and_numeric(void **state)
{
	static const struct sample samples[] = {
		{"&lt;a&gt; &amp;amp; &quot;&apos;", "<a> &amp; \"'"},
		{"&eacute;&Eacute;&euro;&hellip;&thetasym;", "\u00e9\u00c9\u20ac\u2026\u03d1"},
		{"&#233;&#xE9;&#XE9;&#x20ac;", "\u00e9\u00e9\u00e9\u20ac"},
		{"&#128;&#150;&#146;&#159;", "\u20ac\u2013\u2019\u0178"},
		{"AT&T &unknown; & &; &#; &#x;", "AT&T &unknown; & &; &#; &#x;"},
		{"&copy 2026 &copy=1 &notify", "\u00a9 2026 &copy=1 &notify"},
		{"&#0;&#x110000;&#xD800;", "\ufffd\ufffd\ufffd"},
		{"a&#27;[31mb", "a\ufffd[31mb"},
		{"&#99999999999999999999;", "\ufffd"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__drops__what_is_not_to_be_read(void **state)
{
	static const struct sample samples[] = {
		{"<html><head><title>t</title><style>p{}</style></head><body>a", "a"},
		{"a<script>if (1 < 2) alert('</div>')</script>b", "ab"},
		{"a<!-- b -->c<!---->d<!-->e<!-- > -->f", "acdef"},
		{"<!--[if mso]>word<![endif]-->a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc"},
		{"<![if !mso]>a<![endif]>", "a"},
		{"<?xml version='1.0'?><!DOCTYPE html>a", "a"},
		{"a<svg><text>no</text></svg>b", "ab"},
		{"<div style='display:none'>no<div>no</div>no</div>a", "a"},
		{"<span style='display: none !important'>no</span>a", "a"},
		{"<p hidden>no</p>a", "a"},
		{"<p hidden>no<p>a", "a"},
		{"<div style='opacity:0'>no</div>a", "a"},
		{"<div style='max-height:0px;overflow:hidden'>no</div>a", "a"},
		{"<div style='visibility:hidden'>no<b style='visibility:visible'>b</b></div>a",
			"b\na"},
		{"<div style='font-size:0'>no<div style='font-size:12px'>b</div></div>a", "b\na"},
		{"<a href='http://a.test/' style='mso-hide:all'>Button</a>", "Button [1]"},
		{"<table><tr><td style='display:none'>no<td>a</table>", "a"},
		{"<div style='font-size:0'>no<table><tr><td>a</table></div>", "a"},
		{"<table><tr><td style='font-size:0'>no</tr>a<tr><td>b</table>", "a\nb"},
		{"<table><tr><td><span style='display:none'>no</td><td>a</td></tr></table>", "a"},
		{"<table><tr style='display:none'><td>no</td></tr><tr><td>a</td></tr></table>",
			"a"},
		{"<table style='display:none'><tr><td>no<table><tr><td>no</table>no</table>a", "a"},
		{"<div style='display:none'><br><img src=x></div>a", "a"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__loses_nothing__of_broken_markup(void **state)
{
	static const struct sample samples[] = {
		{"a < b and c > d", "a < b and c > d"},
		{"a <b", "a <b"},
		{"a <!-- b", "a <!-- b"},
		{"a <!-- b > c", "a c"},
		{"<title>a</p>b", "a\nb"},
		{"<p title='a>b", "b"},
		{"<a href=\"http://a.test/>text</a> more", "text [1] more"},
		{"write <laura@a.test> or <https://a.test/x>",
			"write <laura@a.test> or <https://a.test/x>"},
		{"a</b></p></table>b", "a\nb"},
		{"<b>a<p>b</b>c", "a\n\nbc"},
		{"<td>a</td><td>b", "a\nb"},
		{"<li>a<li>b", "  \u2022 a\n  \u2022 b"},
		{"<<b>a</b>", "<a"},
		{"</>a</ b>c", "ac"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__sets_lists_and_quotes__with_marks(void **state)
{
	static const struct sample samples[] = {
		{"<ul><li>a<li>b</ul>c", "  \u2022 a\n  \u2022 b\n\nc"},
		{"<ol start=9><li>a<li>b<li value=20>c</ol>", "  9. a\n  10. b\n  20. c"},
		{"<ul><li>a<ul><li>b</ul><li>c</ul>", "  \u2022 a\n    \u2022 b\n  \u2022 c"},
		{"<ul><li><p>a</p><p>b</p></li></ul>", "  \u2022 a\n    b"},
		{"<ul><li></li><li>a</li></ul>", "  \u2022 a"},
		{"<dl><dt>a<dd>b<dt>c</dl>", "a\n  b\nc"},
		{"a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n\nd"},
		{"<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n> > b\n>\n> c"},
		{"<blockquote><ul><li>a</ul></blockquote>", ">   \u2022 a"},
		{"<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>a</blockquote>",
			"  a"},
		{"<blockquote type=cite style='border:none'>a</blockquote>", "> a"},
		{"a<div class='yahoo_quoted'><div>b</div></div>c", "a\n> b\nc"},
		{"<p>On Monday Laura wrote:\n&gt; one\n&gt; two\nMine.</p>",
			"On Monday Laura wrote:\n> one\n> two\nMine."},
		{"<p>a</p><p>-- \nMinh\n+84</p>", "a\n\n--\nMinh\n+84"},
		{"<p>a\n-- \nMinh\n+84</p>b c", "a\n--\nMinh\n+84\n\nb c"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__sets_tables__by_what_they_hold(void **state)
{
	static const struct sample samples[] = {
		{"<table><tr><th>Item<th>Price<tr><td>Widget<td>9.50<tr><td>Gadget<td>120.00</"
		 "table>",
			"Item     Price\nWidget    9.50\nGadget  120.00"},
		{"<table><tr><td>a<td>b</table>", "a  b"},
		{"<table><tr><td><p>a</p><p>b</p><td>c</table>", "a\n\nb\n\nc"},
		{"<table><tr><td><table><tr><td>a<td>b<tr><td>cc<td>d</table></table>",
			"a   b\ncc  d"},
		{"<table role=presentation><tr><td>a<td>b<tr><td>cc<td>d</table>", "a  b\ncc  d"},
		{"a<table><tr><td>b<td>c<tr><td>d<td>e</table>f", "a\n\nb  c\nd  e\n\nf"},
		{"<table><tr><td colspan=2>Title<tr><td>a<td>b<tr><td>c<td>d</table>",
			"Title\na  b\nc  d"},
		{"<table><tr><td rowspan=2>x<td>a<tr><td>b</table>", "x  a\n   b"},
		{"<table><caption>Cap</caption><tr><td>a<td>b<tr><td>c<td>d</table>",
			"Cap\n\na  b\nc  d"},
		{"<table><tr><td>\u4ef7\u683c<td>1<tr><td>a<td>2</table>",
			"\u4ef7\u683c  1\na     2"},
		{"<blockquote><table><tr><td>a<td>b<tr><td>cc<td>d</table></blockquote>",
			"> a   b\n> cc  d"},
		{"<table><tr><td>a<td>b<tr><td><ul><li>c</ul><td>d</table>",
			"a\nb\n\n  \u2022 c\n\nd"},
		{"<table><tr><td><b>a</b><td><a href='http://a.test/'>b</a><tr><td>c<td>d</table>",
			"a  b [1]\nc  d"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__sets_wide_tables__as_records(void **state)
{
	static const char html[] = "<table><tr><th>Name<th>Remark<tr><td>Laura Palmer of "
				   "Dafaneto<td>has asked for the "
				   "revised price list and the terms of delivery before "
				   "Thursday<tr><td>Bj\u00f6rn<td>ok</table>";
	static const char text[] = "Name: Laura Palmer of Dafaneto\nRemark: has asked for the "
				   "revised price list and the terms "
				   "of delivery before Thursday\n\nName: Bj\u00f6rn\nRemark: ok";
	const struct sample s = {html, text};

	(void)state;
	check(&s, 1);
}

static void html__numbers_links__that_may_be_opened(void **state)
{
	static const char html[] = "<a href='https://a.test/x?a=1&amp;b=2'>one</a>, <a "
				   "href='javascript:alert(1)'>two</a> "
				   "<a href='#top'>three</a> <a "
				   "href='mailto:laura@a.test'>four</a> <a href=' HTTPS://b.test/\n"
				   "long '>b.test</a> <a href='tel:+491'>five </a>six <a "
				   "href='//c.test/'><img alt=Shop></a>"
				   "<a href='https://d.test/'></a><a name=x>seven</a>";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_html(&a, html, strlen(html), &d);
	assert_string_equal(d.text.p,
		"one [1], two three four [2] b.test [3] five [4] six Shop [5]seven");
	assert_int_equal(d.n_links, 5);
	assert_string_equal(d.links[0].url, "https://a.test/x?a=1&b=2");
	assert_string_equal(d.links[0].text, "one");
	assert_string_equal(d.links[2].url, "HTTPS://b.test/long");
	assert_string_equal(d.links[4].url, "https://c.test/");
	for (size_t i = 0; i < d.n_links; i++)
		assert_false(d.links[i].mismatch);
}

static void html__marks_links__whose_text_names_another_host(void **state)
{
	static const struct {
		const char *html;
		bool mismatch;
	} samples[] = {
		{"<a href='https://evil.test/'>www.bank.test</a>", true},
		{"<a href='https://evil.test/'>https://bank.test/login</a>", true},
		{"<a href='https://evil.test/'>Go to bank.example now</a>", true},
		{"<a href='https://www.bank.test/a'>bank.test</a>", false},
		{"<a href='https://mail.bank.test/a'>bank.test</a>", false},
		{"<a href='https://notbank.test/a'>bank.test</a>", true},
		{"<a href='https://bank.test@evil.test/'>click</a>", true},
		{"<a href='https://bank.test:443/'>BANK.TEST</a>", false},
		{"<a href='https://evil.test/bank.test'>price-list.pdf</a>", false},
		{"<a href='mailto:a@evil.test'>laura@bank.test</a>", true},
		{"<a href='mailto:laura@bank.test?subject=x'>Laura@bank.test</a>", false},
		{"<a href='https://bank.test\\@evil.test/'>bank.test</a>", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		render_html(&a, samples[i].html, strlen(samples[i].html), &d);
		print_message("# %s\n", samples[i].html);
		assert_int_equal(d.n_links, 1);
		assert_int_equal(d.links[0].mismatch, samples[i].mismatch);
	}
}

static void html__counts_remote_images__and_trackers(void **state)
{
	static const char html[] =
		"<img src='https://cdn.test/a.png' alt='A cat'><img src='cid:1' alt=Logo>"
		"<img src='http://t.test/o.gif' width=1 height=1 alt=no><img src=//u.test/p "
		"style='display:none'>"
		"<div style='display:none'><img src='https://v.test/q'></div><img "
		"src='data:image/png,x'>"
		"<td background='https://w.test/b.png'>x</td>";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_html(&a, html, strlen(html), &d);
	assert_string_equal(d.text.p, "[A cat][Logo]\nx");
	assert_int_equal(d.remote_images, 5);
	assert_int_equal(d.trackers, 3);
	assert_string_equal(d.remote_host, "t.test");
}

static void html__names_images__where_there_is_nothing_else(void **state)
{
	static const struct sample samples[] = {
		{"<a href='https://a.test/'><img "
		 "src='https://cdn.test/x/summer-sale.png?w=6'></a><br>"
		 "<img alt='' src='cid:1@x'><img width=1 src='https://t.test/o'>",
			"[summer-sale] [1]\n[image]"},
		{"<a href='https://a.test/'><img src='https://cdn.test/x.png'></a>text", "text"},
		{"<img src='a.png'><blockquote><ul><li><pre><b style='font-size:0'>x", "[a]"},
	};
	(void)state;
	check(samples, ARRAY_SIZE(samples));
}

static void html__styles_runs__over_the_words_they_cover(void **state)
{
	static const char html[] =
		"<h2>Head</h2>a <b>bold words</b> <i>it</i> <a href='http://a.test/'>link</a>"
		"<table><tr><th>x<th>y<tr><td>11<td><b>22</b></table>";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf seen = BUF_INIT(4096);
	struct render_doc d;

	(void)state;
	render_html(&a, html, strlen(html), &d);
	for (size_t i = 0; i < d.n_runs; i++)
		buf_addf(&seen, "%u.%u:%.*s;", d.runs[i].style, d.runs[i].link, (int)d.runs[i].len,
			d.text.p + d.runs[i].start);
	assert_string_equal(seen.p, "4.0:Head;1.0:bold words;2.0:it;8.1:link;1.0:x;1.0:y;1.0:22;");
}

static void html__is_sanitised__in_every_field(void **state)
{
	static const char html[] =
		"<b>a\x1b]0;x\x07\xe2\x80\xae b\xc2\x9b 31m\xff</b><a href='https://a.test/"
		"\xe2\x80\xae\x1b x'>l\x1b[m</a><img alt='\x1b[2J' src='https://\x1b.test/'>";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	render_html(&a, html, sizeof(html) - 1, &d);
	assert_null(strpbrk(d.text.p, "\x1b\x07\x7f"));
	assert_null(strstr(d.text.p, "\xe2\x80\xae"));
	assert_null(strstr(d.text.p, "\xc2\x9b"));
	assert_int_equal(d.n_links, 1);
	assert_string_equal(d.links[0].url, "https://a.test/%E2%80%AE%1B%20x");
	assert_null(strchr(d.links[0].text, '\x1b'));
	assert_null(strchr(d.remote_host, '\x1b'));
}

/* Bytes looked at and moved for `unit` repeated n times. */
static uint64_t steps_for(const char *unit, size_t n, size_t *text_len)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(flow_release) struct flow f;
	struct html_result r;

	for (size_t i = 0; i < n; i++)
		buf_addstr(&html, unit);
	flow_init(&f, &a);
	html_render(html.p, html.len, 0, &f, &r);
	*text_len = f.text.len;
	return r.steps;
}

static void html__takes_twice_the_steps__for_twice_the_input(void **state)
{
	static const char *const units[] = {
		"<div>",
		"<table><tr><td>",
		"<table><tr><td>a<td>b</tr>",
		"<b><i><u><font>",
		"<!--",
		"<!-- -",
		"<style",
		"<title>",
		"<svg><",
		"<",
		"<a b='><a b=\">",
		"<p a=\"",
		"<p a=1 ",
		"<a href='x",
		"&#",
		"&amp",
		"<ul><li>x",
		"<blockquote>x<br>",
		"<td>a",
		"<tr><td>a<td>b",
		"<div style='display:none'>x",
		"<td style='display:none'>x</table>",
		"</td></table></p></div>",
		"<a href='http://a.test/'>x",
		"-->",
		"<!>",
		"x ",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t one_len, two_len;
		uint64_t one = steps_for(units[i], 8000, &one_len);
		uint64_t two = steps_for(units[i], 16000, &two_len);
		if (two > 2 * one + one / 4 + 4096)
			print_message("# %s: %llu, then %llu\n", units[i], (unsigned long long)one,
				(unsigned long long)two);
		assert_true(two <= 2 * one + one / 4 + 4096);
		assert_true(two_len <= 20 * 16000 * strlen(units[i]));
	}
}

static void html__keeps_the_text__of_deep_nesting(void **state)
{
	static const char *const shells[][2] = {
		{"<div>", "</div>"},
		{"<table><tr><td>", "</td></tr></table>"},
		{"<b><i>", "</i></b>"},
		{"<blockquote>", "</blockquote>"},
		{"<ul><li>", "</li></ul>"},
		{"<span style='color:red'>", "</span>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		CLEANUP(buf_release) struct buf html = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct render_doc d;
		for (int k = 0; k < 20000; k++)
			buf_addstr(&html, shells[i][0]);
		buf_addstr(&html, "deep");
		for (int k = 0; k < 20000; k++)
			buf_addstr(&html, shells[i][1]);
		buf_addstr(&html, "<p>behind</p>");
		render_html(&a, html.p, html.len, &d);
		assert_non_null(strstr(d.text.p, "deep"));
		assert_non_null(strstr(d.text.p, "behind"));
		assert_true(a.used < 1 << 20);
	}
}

static void html__stops_at_ceilings__and_says_so(void **state)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc d;

	(void)state;
	for (int i = 0; i < 12000; i++)
		buf_addstr(&html, "<a href='http://a.test/'>x</a> <b>y</b> ");
	render_html(&a, html.p, html.len, &d);
	assert_int_equal(d.n_links, 10000);
	assert_false(d.cut);
	buf_reset(&html);
	while (html.len < (size_t)20 << 20)
		buf_addstr(&html, "sixteen letters ");
	render_html(&a, html.p, html.len, &d);
	assert_true(d.cut);
	assert_true(d.text.len <= (size_t)16 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html__collapses_blanks__outside_pre),
		cmocka_unit_test(html__decodes_references__named_and_numeric),
		cmocka_unit_test(html__drops__what_is_not_to_be_read),
		cmocka_unit_test(html__loses_nothing__of_broken_markup),
		cmocka_unit_test(html__sets_lists_and_quotes__with_marks),
		cmocka_unit_test(html__sets_tables__by_what_they_hold),
		cmocka_unit_test(html__sets_wide_tables__as_records),
		cmocka_unit_test(html__numbers_links__that_may_be_opened),
		cmocka_unit_test(html__marks_links__whose_text_names_another_host),
		cmocka_unit_test(html__counts_remote_images__and_trackers),
		cmocka_unit_test(html__names_images__where_there_is_nothing_else),
		cmocka_unit_test(html__styles_runs__over_the_words_they_cover),
		cmocka_unit_test(html__is_sanitised__in_every_field),
		cmocka_unit_test(html__takes_twice_the_steps__for_twice_the_input),
		cmocka_unit_test(html__keeps_the_text__of_deep_nesting),
		cmocka_unit_test(html__stops_at_ceilings__and_says_so),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
