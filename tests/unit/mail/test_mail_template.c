/*
 * test_mail_template.c - the language of templates by tables of cases, its limits, the file, and
 * what is looked for before a mail is sent.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/mail_template.h"
#include "tests/unit/unit.h"

#define NOW 1795168800 /* Friday 20 November 2026, 10:00 UTC */

static const struct mail_template_value about_laura[] = {
	{"contact.first_name", "Laura", MAIL_TEMPLATE_TEXT},
	{"contact.name", "Laura Palmer", MAIL_TEMPLATE_TEXT},
	{"contact.title", "", MAIL_TEMPLATE_TEXT},
	{"contact.phone", " \t ", MAIL_TEMPLATE_TEXT},
	{"partner.name", "ÖL \xE2\x80\xAE& Söhne", MAIL_TEMPLATE_TEXT},
	{"deal.name", "two\r\nlines\x1B[31m", MAIL_TEMPLATE_TEXT},
	{"deal.stage", "Negotiation", MAIL_TEMPLATE_TEXT},
	{"deal.value", "1234567.5 EUR", MAIL_TEMPLATE_MONEY},
	{"deal.close_date", "2026-11-30", MAIL_TEMPLATE_DATE},
	{"thread.subject", "{{me.name}} {{if", MAIL_TEMPLATE_TEXT},
	{"me.name", "Nguyễn Văn Minh", MAIL_TEMPLATE_TEXT},
};

static struct mail_template_values values_in(const char *lang)
{
	return (struct mail_template_values){about_laura, ARRAY_SIZE(about_laura), NOW, 60, lang};
}

struct filled {
	struct buf text;
	struct mail_template_gaps gaps;
	struct err e;
	int rc;
};

static struct filled fill_in(const char *text, const char *lang)
{
	struct mail_template_values v = values_in(lang);
	struct filled f = {.text = BUF_INIT(BUF_UNLIMITED), .e = ERR_INIT};
	f.rc = mail_template_fill(text, &v, &f.text, &f.gaps, &f.e);
	return f;
}

struct fill_case {
	const char *text, *want;
};

static void check_fills(const struct fill_case *v, size_t n, const char *lang)
{
	for (size_t i = 0; i < n; i++) {
		struct filled f = fill_in(v[i].text, lang);
		struct err e = ERR_INIT;
		if (f.rc)
			fail_msg("%s: %s", v[i].text, f.e.msg);
		assert_string_equal(f.text.p, v[i].want);
		assert_int_equal(f.gaps.n, 0);
		assert_int_equal(mail_template_check(v[i].text, 1, &e), 0);
		buf_release(&f.text);
	}
}

static void fill__puts_values__and_filters_them(void **state)
{
	static const struct fill_case cases[] = {
		{"", ""},
		{"no tag, a { and a }}", "no tag, a { and a }}"},
		{"Hi {{contact.first_name}},", "Hi Laura,"},
		{"{{ contact.first_name }}{{contact.name}}", "LauraLaura Palmer"},
		{"{{contact.title|default:there}}", "there"},
		{"{{contact.title|default:}}.", "."},
		{"{{contact.title|default:\" dear \"}}", " dear "},
		{"{{contact.phone|default:none}}", "none"},
		{"{{contact.first_name|default:there}}", "Laura"},
		{"{{offer|default:a: b}}", "a: b"},
		{"{{contact.first_name|upper}}", "LAURA"},
		{"{{partner.name|lower}}", "öl & söhne"},
		{"{{contact.title|default:öl|capital}}", "Öl"},
		{"{{me.name|first}} {{me.name|last}}", "Nguyễn Minh"},
		{"{{me.name|cut:6}}", "Nguyễn"},
		{"{{me.name|last|upper|cut:2}}", "MI"},
		{"{{contact.title|upper|default:x}}", "x"},
	};
	(void)state;
	check_fills(cases, ARRAY_SIZE(cases), "en");
}

static void fill__makes_foreign_values_one_harmless_line(void **state)
{
	static const struct fill_case cases[] = {
		{"{{deal.name}}", "two lines\xEF\xBF\xBD[31m"},
		{"{{partner.name}}", "ÖL & Söhne"},
		/* What is filled in is never a template. */
		{"{{thread.subject}}", "{{me.name}} {{if"},
		{"{{if thread.subject}}a{{end}}", "a"},
	};
	(void)state;
	check_fills(cases, ARRAY_SIZE(cases), "en");
}

static void fill__writes_days_and_amounts__in_english(void **state)
{
	static const struct fill_case cases[] = {
		{"{{date}}", "20 November 2026"},
		{"{{date|short}} {{date|iso}}", "20 Nov 2026 2026-11-20"},
		{"{{date+3d|weekday}}", "Monday"},
		{"{{date + 1w}}", "27 November 2026"},
		{"{{date-20d|iso}}", "2026-10-31"},
		{"{{date+3m|iso}} {{date-21m|iso}}", "2027-02-20 2025-02-20"},
		{"{{date+1b|iso}} {{date+5b|iso}} {{date-5b|iso}}",
			"2026-11-23 2026-11-27 2026-11-13"},
		{"{{date+0b|iso}}", "2026-11-20"},
		{"{{date+10d|month}}", "November"},
		{"{{date|upper}}", "20 NOVEMBER 2026"},
		{"{{deal.close_date}}", "30 November 2026"},
		{"{{deal.close_date|weekday}}", "Monday"},
		{"{{deal.value}}", "1,234,567.50 EUR"},
		{"{{deal.value|lower}}", "1,234,567.50 eur"},
		/* What is no date stays. */
		{"{{contact.first_name|weekday}}", "Laura"},
	};
	(void)state;
	check_fills(cases, ARRAY_SIZE(cases), "en");
}

static void fill__writes_days_and_amounts__in_other_languages(void **state)
{
	static const struct fill_case german[] = {
		{"{{date}}", "20. November 2026"},
		{"{{date+110d}}", "10. März 2027"},
		{"{{date|short}}", "20.11.2026"},
		{"{{date|weekday}}", "Freitag"},
		{"{{deal.value}}", "1.234.567,50 EUR"},
	};
	static const struct fill_case vietnamese[] = {
		{"{{date}}", "ngày 20 tháng 11 năm 2026"},
		{"{{date|short}}", "20/11/2026"},
		{"{{date+2d|weekday|capital}}", "Chủ nhật"},
		{"{{deal.value}}", "1.234.567,50 EUR"},
	};
	static const struct fill_case unknown[] = {
		{"{{date}} {{deal.value}}", "2026-11-20 1234567.5 EUR"},
	};
	(void)state;
	check_fills(german, ARRAY_SIZE(german), "de");
	check_fills(vietnamese, ARRAY_SIZE(vietnamese), "vi");
	check_fills(unknown, ARRAY_SIZE(unknown), NULL);
	check_fills(unknown, ARRAY_SIZE(unknown), "tlh");
}

static void fill__keeps_odd_amounts__as_they_are(void **state)
{
	static const char *const amounts[] = {"", "abc", "-5 EUR", "12k", "1.2.3", "5.", ". EUR"};
	static const char *const want[] = {"none", "abc", "-5 EUR", "12k", "1.2.3", "5.", ". EUR"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++) {
		const struct mail_template_value v = {
			"deal.value", amounts[i], MAIL_TEMPLATE_MONEY};
		const struct mail_template_values values = {&v, 1, NOW, 0, "en"};
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
		struct mail_template_gaps gaps = {.n = 0};
		struct err e = ERR_INIT;
		assert_int_equal(mail_template_fill("{{deal.value|default:none}}", &values, &out,
					 &gaps, &e),
			0);
		assert_string_equal(out.p, want[i]);
	}
}

static void months__end_at_their_last_day(void **state)
{
	static const struct {
		int64_t now;
		const char *text, *want;
	} cases[] = {
		{1801396800, "{{date+1m|iso}}", "2027-02-28"}, /* 31 January 2027 */
		{1832846400, "{{date+1m|iso}}", "2028-02-29"}, /* 30 January 2028 */
		{1838808000, "{{date-1m|iso}}", "2028-03-08"}, /* 8 April 2028 */
		{1801396800, "{{date+3660d|iso}}", "2037-02-07"},
		{0, "{{date-3660m|iso}}", "1970-01-01"},
		{0, "{{date-3660b|iso}}", "1970-01-01"},
		{253402300000, "{{date+3660m|iso}}", "9999-12-31"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct mail_template_values values = {NULL, 0, cases[i].now, 0, NULL};
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
		struct mail_template_gaps gaps = {.n = 0};
		struct err e = ERR_INIT;
		assert_int_equal(mail_template_fill(cases[i].text, &values, &out, &gaps, &e), 0);
		assert_string_equal(out.p, cases[i].want);
	}
}

static void fill__takes_one_branch(void **state)
{
	static const struct fill_case cases[] = {
		{"{{if contact.name}}a{{end}}b", "ab"},
		{"{{if contact.title}}a{{end}}b", "b"},
		{"{{if contact.title}}a{{else}}b{{end}}", "b"},
		{"{{if not contact.title}}a{{else}}b{{end}}", "a"},
		{"{{if deal.stage = negotiation}}a{{end}}", "a"},
		{"{{if deal.stage = \"Won\"}}a{{else if deal.stage=Negotiation}}b{{else}}c{{end}}",
			"b"},
		{"{{if deal.stage = Won}}a{{else if contact.title}}b{{else}}c{{end}}", "c"},
		{"{{if contact.name}}a{{else if deal.stage}}b{{else}}c{{end}}", "a"},
		{"{{if deal.stage != Won}}a{{end}}", "a"},
		{"{{if not deal.stage != Won}}a{{end}}", ""},
		{"{{if contact.title != Won}}a{{end}}", "a"},
		{"{{if contact.title = }}a{{end}}", "a"},
		/* What is not taken asks nothing. */
		{"{{if offer}}{{offer}}{{end}}.", "."},
		{"{{if contact.title}}{{if contact.name}}x{{else}}y{{end}}{{else}}z{{end}}", "z"},
		{"{{if contact.name}}{{if contact.title}}x{{else}}y{{end}}{{else}}z{{end}}", "y"},
	};
	(void)state;
	check_fills(cases, ARRAY_SIZE(cases), "en");
}

static void conditions__take_their_lines_away(void **state)
{
	static const struct fill_case cases[] = {
		{"a\n{{if contact.name}}\nb\n{{end}}\nc", "a\nb\nc"},
		{"a\n  {{if contact.title}}\t\nb\n{{else}}\nB\n {{end}} \nc", "a\nB\nc"},
		{"{{if contact.name}}\nb\n{{end}}", "b\n"},
		{"a\n{{if contact.name}} b\n{{end}}\nc", "a\n b\nc"},
		{"a {{if contact.name}}\nb{{end}}\nc", "a \nb\nc"},
		{"{{if contact.name}}{{if contact.name}}\nb\n{{end}}{{end}}\n", "\nb\n\n"},
	};
	(void)state;
	check_fills(cases, ARRAY_SIZE(cases), "en");
}

static void fill__leaves_gaps__and_names_each_once(void **state)
{
	struct filled f = fill_in("{{offer|upper}}\n{{contact.title}} {{offer}}\n\n"
				  "{{if contact.name}}{{price.net}}{{end}}",
		"en");
	(void)state;
	assert_int_equal(f.rc, 0);
	assert_string_equal(f.text.p,
		"{{offer|upper}}\n{{contact.title}} {{offer}}\n\n{{price.net}}");
	assert_int_equal(f.gaps.n, 3);
	assert_string_equal(f.gaps.v[0].name, "offer");
	assert_int_equal(f.gaps.v[0].line, 1);
	assert_string_equal(f.gaps.v[1].name, "contact.title");
	assert_int_equal(f.gaps.v[1].line, 2);
	assert_string_equal(f.gaps.v[2].name, "price.net");
	assert_int_equal(f.gaps.v[2].line, 4);
	buf_release(&f.text);
}

static void check__tells_what_is_wrong__and_where(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"a\n{{b", "Line 2: A \"{{\" is not closed on its line."},
		{"{{b\n}}", "Line 1: A \"{{\" is not closed on its line."},
		{"{{}}", "Line 1: \"\" is no name"},
		{"\n\n{{Offer}}", "Line 3: \"Offer\" is no name"},
		{"{{offer number}}", "Line 1: \"offer number\" is no name"},
		{"{{offer.}}", "is no name"},
		{"{{1st}}", "is no name"},
		{"{{not}}", "is no name"},
		{"{{offer+3d}}", "is no name"},
		{"{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
			"is no name"},
		{"{{contact.frist_name}}", "There is no variable \"contact.frist_name\"."},
		{"{{if me.age}}a{{end}}", "There is no variable \"me.age\"."},
		{"{{date+3}}", "\"date+3\" is no day"},
		{"{{date+3y}}", "is no day"},
		{"{{date+99999d}}", "is no day"},
		{"{{date+-3d}}", "is no day"},
		{"{{offer|}}", "A \"|\" has no filter behind it."},
		{"{{offer|shout}}", "There is no filter \"shout\"."},
		{"{{offer|upper:x}}", "The filter \"upper\" takes no argument."},
		{"{{offer|default}}", "The filter \"default\" needs an argument."},
		{"{{offer|cut:0}}", "The filter \"cut\" needs a number"},
		{"{{offer|upper|upper|upper|upper|upper}}", "4 filters at most"},
		{"{{if offer}}", "Line 1: An \"if\" has no \"end\"."},
		{"a\n{{if offer}}\nb\n\n", "Line 2: An \"if\" has no \"end\"."},
		{"{{if}}a{{end}}", "An \"if\" needs a variable to look at."},
		{"{{if = x}}a{{end}}", "An \"if\" needs a variable to look at."},
		{"{{if a b}}a{{end}}", "is no name"},
		{"{{end}}", "\"end\" has no \"if\" before it."},
		{"{{else}}", "\"else\" has no \"if\" before it."},
		{"{{if a}}{{else}}{{else}}{{end}}", "An \"else\" follows the last \"else\"."},
		{"{{if a}}{{else}}{{else if b}}{{end}}", "An \"else\" follows the last \"else\"."},
		{"{{if a}}{{else b}}{{end}}", "After \"else\" comes nothing, or \"if\"."},
		{"{{if a}}{{if a}}{{if a}}{{if a}}{{if a}}{{if a}}{{if a}}{{if a}}{{if a}}",
			"Conditions lie 8 deep at most."},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;
		struct filled f = fill_in(cases[i].text, "en");
		if (!mail_template_check(cases[i].text, 1, &e))
			fail_msg("accepted: %s", cases[i].text);
		assert_int_equal(e.code, ERR_PARSE);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_int_equal(f.rc, -1);
		assert_string_equal(f.e.msg, e.msg);
		buf_release(&f.text);
	}
}

static void check__looks_at_every_branch(void **state)
{
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(mail_template_check("{{if a}}x{{else}}\n{{contact.x}}{{end}}", 10, &e),
		-1);
	assert_non_null(strstr(e.msg, "Line 11: "));
}

static void fill__is_bounded(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf value = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	struct mail_template_gaps gaps = {.n = 0};
	struct err e = ERR_INIT;
	(void)state;
	for (size_t i = 0; i < 100000; i++)
		buf_addstr(&value, "ễ");
	const struct mail_template_value v = {"a", value.p, MAIL_TEMPLATE_TEXT};
	const struct mail_template_values values = {&v, 1, NOW, 0, "en"};
	assert_int_equal(mail_template_fill("{{a}}", &values, &out, &gaps, &e), 0);
	assert_true(out.len > 3000 && out.len <= MAIL_TEMPLATE_VALUE);
	assert_null(strstr(out.p, "\xEF\xBF\xBD")); /* nothing was cut in half */
	for (size_t i = 0; i < 10000; i++)
		buf_addstr(&text, "{{a}}");
	assert_int_equal(mail_template_fill(text.p, &values, &out, &gaps, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
}

static void fill__asks_for_so_many_things__and_no_more(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	(void)state;
	for (int i = 0; i < MAIL_TEMPLATE_GAPS; i++)
		buf_addf(&text, "{{q%d}}", i);
	struct filled f = fill_in(text.p, "en");
	assert_int_equal(f.rc, 0);
	assert_int_equal(f.gaps.n, MAIL_TEMPLATE_GAPS);
	buf_release(&f.text);
	buf_addstr(&text, "{{one.more}}");
	f = fill_in(text.p, "en");
	assert_int_equal(f.rc, -1);
	assert_int_equal(f.e.code, ERR_TOOBIG);
	buf_release(&f.text);
}

static void find_gap__finds_what_is_left__in_own_words(void **state)
{
	static const struct {
		const char *text, *gap;
		size_t line;
	} cases[] = {
		{"", NULL, 0},
		{"a {{ b\n}} c }} {{", NULL, 0},
		{"Hi {{name}},", "{{name}}", 1},
		{"Hi\n\n {{Any thing at all!}} {{x}}", "{{Any thing at all!}}", 3},
		{"> {{quoted}}\n>> {{quoted}}\nHi", NULL, 0},
		{"> {{quoted}}\n{{mine}}", "{{mine}}", 2},
		{"---------- Forwarded message ----------\n{{theirs}}", NULL, 0},
		{"-----------\n{{mine}}", "{{mine}}", 2},
		{"-- \n{{in.the.signature}}", "{{in.the.signature}}", 2},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct span gap = {NULL, 0};
		size_t line = 0;
		bool found = mail_template_find_gap(cases[i].text, &gap, &line);
		assert_int_equal(found, cases[i].gap != NULL);
		if (!found)
			continue;
		assert_true(span_eq(gap, cases[i].gap));
		assert_int_equal(line, cases[i].line);
	}
}

static void parse__reads_front_matter_and_body(void **state)
{
	static const char text[] = "\xEF\xBB\xBF---\r\nname:  Offer sent \r\n# a note\r\n\r\n"
				   "subject: \"Offer {{offer}}\"\r\nlang: de\r\ncrm: 'sales'\r\n"
				   "about: What it is: for\r\nask.offer: Which offer?\r\n---\r\n"
				   "\r\n\r\nHello\r\n\r\n{{offer}}\r\n\r\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf label = BUF_INIT(100);
	struct mail_template t;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(mail_template_parse(&a, text, sizeof(text) - 1, &t, &e), 0);
	assert_string_equal(t.name, "Offer sent");
	assert_string_equal(t.subject, "Offer {{offer}}");
	assert_string_equal(t.lang, "de");
	assert_string_equal(t.crm, "sales");
	assert_string_equal(t.about, "What it is: for");
	assert_string_equal(t.body, "Hello\n\n{{offer}}\n");
	assert_int_equal(t.body_line, 13);
	mail_template_add_label(&t, "offer", &label);
	buf_addch(&label, '|');
	mail_template_add_label(&t, "contact.first_name", &label);
	assert_string_equal(label.p, "Which offer?|Contact first name");
}

static void parse__takes_a_file_that_is_all_body(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct mail_template t;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(mail_template_parse(&a, "Hi\n--- \nthere", 13, &t, &e), 0);
	assert_null(t.name);
	assert_string_equal(t.body, "Hi\n--- \nthere\n");
	assert_int_equal(mail_template_parse(&a, "", 0, &t, &e), 0);
	assert_string_equal(t.body, "");
}

static void parse__tells_what_is_wrong__and_where(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"---\nname: x\n\n", "Line 1: The \"---\" at the beginning has no \"---\""},
		{"---\nname: x\nsubjct: y\n---\n", "Line 3: There is no \"subjct\""},
		{"---\nwords\n---\n", "Line 2: Before the text stand lines like"},
		{"---\nsubject: {{offer\n---\n", "Line 2: A \"{{\" is not closed"},
		{"---\nask.Offer: which?\n---\n", "Line 2: Behind \"ask.\" stands"},
		{"---\nname: x\n---\n\nHi {{contact.x}}", "Line 5: There is no variable"},
		{"Hi\nyou\xFF there", "Line 2: This is no text in UTF-8."},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct mail_template t;
		struct err e = ERR_INIT;
		const char *p = cases[i].text;
		assert_int_equal(mail_template_parse(&a, p, strlen(p), &t, &e), -1);
		assert_int_equal(e.code, ERR_PARSE);
		if (strstr(e.msg, cases[i].says) != e.msg)
			fail_msg("%s: %s", p, e.msg);
	}
}

static void parse__refuses_what_is_too_large__and_zeroes(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf big = BUF_INIT(BUF_UNLIMITED);
	struct mail_template t;
	struct err e = ERR_INIT;
	(void)state;
	for (size_t i = 0; i <= MAIL_TEMPLATE_BYTES; i++)
		buf_addch(&big, 'a');
	assert_int_equal(mail_template_parse(&a, big.p, big.len, &t, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	assert_int_equal(mail_template_parse(&a, big.p, big.len - 1, &t, &e), 0);
	assert_int_equal(mail_template_parse(&a, "a\n\0b", 4, &t, &e), -1);
	assert_non_null(strstr(e.msg, "Line 2"));
}

static void known__names_can_be_used(void **state)
{
	(void)state;
	for (const char *const *name = mail_template_known(); *name; name++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(100);
		struct err e = ERR_INIT;
		buf_addf(&text, "{{%s}}", *name);
		assert_int_equal(mail_template_check(text.p, 1, &e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fill__puts_values__and_filters_them),
		cmocka_unit_test(fill__makes_foreign_values_one_harmless_line),
		cmocka_unit_test(fill__writes_days_and_amounts__in_english),
		cmocka_unit_test(fill__writes_days_and_amounts__in_other_languages),
		cmocka_unit_test(fill__keeps_odd_amounts__as_they_are),
		cmocka_unit_test(months__end_at_their_last_day),
		cmocka_unit_test(fill__takes_one_branch),
		cmocka_unit_test(conditions__take_their_lines_away),
		cmocka_unit_test(fill__leaves_gaps__and_names_each_once),
		cmocka_unit_test(check__tells_what_is_wrong__and_where),
		cmocka_unit_test(check__looks_at_every_branch),
		cmocka_unit_test(fill__is_bounded),
		cmocka_unit_test(fill__asks_for_so_many_things__and_no_more),
		cmocka_unit_test(find_gap__finds_what_is_left__in_own_words),
		cmocka_unit_test(parse__reads_front_matter_and_body),
		cmocka_unit_test(parse__takes_a_file_that_is_all_body),
		cmocka_unit_test(parse__tells_what_is_wrong__and_where),
		cmocka_unit_test(parse__refuses_what_is_too_large__and_zeroes),
		cmocka_unit_test(known__names_can_be_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
