/* test_moment.c - moments in words: every kind, both sides, a zone with summer time, nonsense. */
#include "config.h"

#include "../unit.h"

#include <stdlib.h>
#include <time.h>

#include "crmail/base/attrs.h"
#include "crmail/base/clock.h"
#include "crmail/base/moment.h"

#define NOW 1795168800 /* Friday 20 November 2026, 10:00 UTC */

struct moment_case {
	const char *text, *ahead, *behind; /* RFC 3339; a day alone: no time; behind NULL = ahead */
};

static const struct moment_case cases[] = {
	{"now", "2026-11-20T10:00:00Z", NULL},
	{"today", "2026-11-20", NULL},
	{"Tomorrow", "2026-11-21", NULL},
	{"tomorrow 9am", "2026-11-21T09:00:00Z", NULL},
	{"9am tomorrow", "2026-11-21T09:00:00Z", NULL},
	{"yesterday, 15:30", "2026-11-19T15:30:00Z", NULL},
	{"tomorrow morning", "2026-11-21T09:00:00Z", NULL},
	{"today at 4", "2026-11-20T04:00:00Z", NULL},
	{"noon", "2026-11-20T12:00:00Z", "2026-11-19T12:00:00Z"},
	{"14:00", "2026-11-20T14:00:00Z", "2026-11-19T14:00:00Z"},
	{"9:15 pm", "2026-11-20T21:15:00Z", "2026-11-19T21:15:00Z"},
	{"9 a.m.", "2026-11-21T09:00:00Z", "2026-11-20T09:00:00Z"},
	{"12am", "2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z"},
	{"12pm", "2026-11-20T12:00:00Z", "2026-11-19T12:00:00Z"},
	{"fri 14:00", "2026-11-20T14:00:00Z", "2026-11-13T14:00:00Z"},
	{"fri 9:00", "2026-11-27T09:00:00Z", "2026-11-20T09:00:00Z"},
	{"fri", "2026-11-27", "2026-11-13"},
	{"monday", "2026-11-23", "2026-11-16"},
	{"thu 8am", "2026-11-26T08:00:00Z", "2026-11-19T08:00:00Z"},
	{"next week", "2026-11-27", NULL},
	{"2026-12-01", "2026-12-01", NULL},
	{"2026-12-01 14:05", "2026-12-01T14:05:00Z", NULL},
	{"1.12.2026", "2026-12-01", NULL},
	{"1.12.", "2026-12-01", "2025-12-01"},
	{"24.12. 9:00", "2026-12-24T09:00:00Z", "2025-12-24T09:00:00Z"},
	{"3.2.27", "2027-02-03", NULL},
	{"1 dec", "2026-12-01", "2025-12-01"},
	{"Dec 1 2027", "2027-12-01", NULL},
	{"1. Dezember 10 Uhr", "2026-12-01T10:00:00Z", "2025-12-01T10:00:00Z"},
	{"march 5", "2027-03-05", "2026-03-05"},
	{"+3d", "2026-11-23", NULL},
	{"+3d 9am", "2026-11-23T09:00:00Z", NULL},
	{"+2w", "2026-12-04", NULL},
	{"+1m", "2026-12-20", NULL},
	{"-1d", "2026-11-19", NULL},
	{"+90min", "2026-11-20T11:30:00Z", NULL},
	{"in 2 hours", "2026-11-20T12:00:00Z", NULL},
	{"in 3 days", "2026-11-23", NULL},
	{"2 weeks ago", "2026-11-06", NULL},
	{"20 minutes ago", "2026-11-20T09:40:00Z", NULL},
	/* German and Vietnamese. */
	{"morgen früh", "2026-11-21T09:00:00Z", NULL},
	{"übermorgen um 8", "2026-11-22T08:00:00Z", NULL},
	{"Mo 14 Uhr", "2026-11-23T14:00:00Z", "2026-11-16T14:00:00Z"},
	{"am Freitag um 14.30 Uhr", "2026-11-20T14:30:00Z", "2026-11-13T14:30:00Z"},
	{"vor 2 Tagen", "2026-11-18", NULL},
	{"hôm nay 14h30", "2026-11-20T14:30:00Z", NULL},
	{"ngày mai 9 giờ", "2026-11-21T09:00:00Z", NULL},
	{"bây giờ", "2026-11-20T10:00:00Z", NULL},
	{"thứ hai", "2026-11-23", "2026-11-16"},
};

static const char *const nonsense[] = {"", "   ", "soon", "12/1", "31.2.2026", "2026-13-01",
	"2026-02-30", "25:00", "9:99", "13pm", "5", "tomorrow 9", "mon tue", "9am 10am",
	"today tomorrow", "+3", "+3x", "+99999999d", "2026-12-01 2026-12-02", "now 9am", "1 2 3 4",
	"tomorrow; rm", "fri 14:0", "a\xFF"};

static void assert_moment(const char *text, enum moment_side side, const char *want)
{
	struct moment m;
	char got[32];

	if (!moment_parse(text, NOW, side, &m))
		fail_msg("\"%s\" is not understood", text);
	clock_rfc3339(m.at, got, sizeof(got));
	if (!m.has_time) {
		assert_string_equal(got + 10, "T00:00:00Z");
		snprintf(got, sizeof(got), "%04d-%02d-%02d", m.year, m.month, m.day);
	}
	if (strcmp(got, want) != 0)
		fail_msg("\"%s\" is %s, not %s", text, got, want);
}

static void moment__is_read__on_both_sides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct moment_case *c = &cases[i];

		assert_moment(c->text, MOMENT_AHEAD, c->ahead);
		assert_moment(c->text, MOMENT_BEHIND, c->behind ? c->behind : c->ahead);
	}
}

static void moment__is_refused__when_it_says_nothing_or_two_things(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		struct moment m = {.at = 7};

		if (moment_parse(nonsense[i], NOW, MOMENT_AHEAD, &m))
			fail_msg("\"%s\" was understood", nonsense[i]);
		assert_int_equal(m.at, 7);
	}
	assert_false(moment_parse(NULL, NOW, MOMENT_AHEAD, &(struct moment){.at = 0}));
}

/* 9am stays 9am on the day the clocks change. */
static void moment__is_local__across_summer_time(void **state)
{
	struct moment m;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	/* Saturday 27 March 2027, 12:00 CET */
	assert_true(moment_parse("tomorrow 9am", 1806145200, MOMENT_AHEAD, &m));
	assert_int_equal(m.at, 1806145200 + 20 * 3600);
	assert_true(moment_parse("tomorrow", 1806145200, MOMENT_AHEAD, &m));
	assert_int_equal(m.at, 1806145200 + 12 * 3600);
	assert_int_equal(m.day, 28);
	setenv("TZ", "UTC", 1);
	tzset();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(moment__is_read__on_both_sides),
		cmocka_unit_test(moment__is_refused__when_it_says_nothing_or_two_things),
		cmocka_unit_test(moment__is_local__across_summer_time),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
