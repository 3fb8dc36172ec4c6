/* test_header.c - splitting and unfolding of header blocks, message ids. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/header.h"

static struct header_block split(struct arena *a, const char *s)
{
	struct header_block h;
	header_split(a, s, strlen(s), &h);
	return h;
}

/* want NULL: there is no such field. */
static void assert_field(const char *text, const char *name, const char *want)
{
	struct arena a = ARENA_INIT;
	struct header_block h = split(&a, text);
	const char *got = header_text(&a, &h, name);
	assert_int_equal(got != NULL, want != NULL);
	if (want)
		assert_string_equal(got, want);
	arena_release(&a);
}

static void header_split__finds_fields__with_any_line_end(void **state)
{
	(void)state;
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct arena a = ARENA_INIT;
		const char *e = ends[i];
		char *s = arena_printf(&a, "A: 1%sB:2%s 3%s%sbody", e, e, e, e);
		struct header_block h = split(&a, s);
		assert_int_equal(h.n, 2);
		assert_string_equal(s + h.body_offset, "body");
		assert_string_equal(header_text(&a, &h, "b"), "2 3");
		arena_release(&a);
	}
}

static void header_split__survives__garbage(void **state)
{
	(void)state;
	assert_field("X: 1\ngarbage line\nSubject: s\n\nb", "Subject", "s");
	assert_field("From a@b.example Sat Nov 21\nSubject: s\n\nb", "Subject", "s");
	assert_field(">From a@b.example Sat Nov 21\nSubject: s\n\nb", "Subject", "s");
	assert_field("Subject : old form\n\n", "Subject", "old form");
	assert_field("Subject: first\nsubject: second\n\n", "SUBJECT", "first");
	assert_field("Subject:\n\n", "Subject", "");
	assert_field("Subject:\n split\n\tover\r\n three\n\n", "Subject", "split\tover three");
	assert_field("Two words: no field\n\n", "words", NULL);
	assert_field(" folded before any field\nSubject: s\n\n", "Subject", "s");
	assert_field("", "Subject", NULL);
}

/* Where the body begins, by what is left of it. */
static void header_split__never_swallows__the_body(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"A: 1\n\nbody\n", "body\n"},
		{"\nbody", "body"},
		{"A: 1\nHello, this is\nB is missing\n", "Hello, this is\nB is missing\n"},
		{"A: 1\ngarbage\nB: 2\n\nbody", "body"},
		{"A: 1\ngarbage\n\nbody", "garbage\n\nbody"},
		{"A: 1\n--mark\nB: 2\n", "--mark\nB: 2\n"},
		{"no header at all\n", "no header at all\n"},
		{"A: 1", ""},
		{"", ""},
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct header_block h = split(&a, rows[i][0]);
		assert_string_equal(rows[i][0] + h.body_offset, rows[i][1]);
	}
	arena_release(&a);
}

static void header_split__keeps_known_fields__behind_the_limit(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (int i = 0; i < HEADER_MAX_FIELDS + 10; i++)
		buf_addf(&b, "X-%d: y\n", i);
	buf_addstr(&b, "Subject: still here\nX-Late: no\n\nbody");
	struct header_block h = split(&a, b.p);
	assert_int_equal(h.n, HEADER_MAX_FIELDS + 1);
	assert_true(h.cut);
	assert_string_equal(header_text(&a, &h, "Subject"), "still here");
	assert_null(header_find(&h, "X-Late"));
	assert_string_equal(b.p + h.body_offset, "body");
	arena_release(&a);
}

static void header_split__cuts__a_long_field(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&b, "Subject: ");
	for (size_t i = 0; i < HEADER_MAX_FIELD; i++)
		buf_addch(&b, 'x');
	buf_addstr(&b, "\nTo: a@b.example\n\nbody");
	struct header_block h = split(&a, b.p);
	assert_true(h.cut);
	assert_int_equal(header_find(&h, "Subject")->value.len, HEADER_MAX_FIELD);
	assert_non_null(header_find(&h, "To"));
	arena_release(&a);
}

static void assert_ids(const char *value, const char *want, bool want_junk)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(4096);
	const char **ids = NULL;
	bool junk = false;
	size_t n = header_ids(&a, (struct span){value, strlen(value)}, &ids, &junk);
	for (size_t i = 0; i < n; i++)
		buf_addf(&got, "%s%s", i ? " " : "", ids[i]);
	assert_string_equal(got.p, want);
	assert_int_equal(junk, want_junk);
	arena_release(&a);
}

static void header_ids__keeps_ids__among_junk(void **state)
{
	(void)state;
	assert_ids("<a@b> <c@d>", "a@b c@d", false);
	assert_ids("<a@b><c@d>\r\n\t<a@b>", "a@b c@d", false);
	assert_ids("a@b, c@d", "a@b c@d", false);
	assert_ids("Your message of Sat <a@b>", "a@b", true);
	assert_ids("not-an-id <a@b> <no at>", "a@b", true);
	assert_ids("<a@b <c@d>", "a@b c@d", false);
	assert_ids("<a@\r\n b>", "a@b", false);
	assert_ids("<a@b> (from (x@y) z)", "a@b", false);
	assert_ids("<a@b", "a@b", false);
	assert_ids("((((((", "", false);
	assert_ids("", "", false);
	assert_ids("<A@b> <a@b>", "A@b a@b", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_split__finds_fields__with_any_line_end),
		cmocka_unit_test(header_split__survives__garbage),
		cmocka_unit_test(header_split__never_swallows__the_body),
		cmocka_unit_test(header_split__keeps_known_fields__behind_the_limit),
		cmocka_unit_test(header_split__cuts__a_long_field),
		cmocka_unit_test(header_ids__keeps_ids__among_junk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
