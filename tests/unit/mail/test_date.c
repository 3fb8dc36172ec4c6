/* test_date.c - dates of mail in the forms that are seen. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/mail/header.h"

#define NOON 1795262400 /* 2026-11-21 12:00:00 UTC */

static void date_parse__reads__every_form(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int64_t utc;
		int offset;
	} rows[] = {
		{"Sat, 21 Nov 2026 12:00:00 +0000", NOON, 0},
		{"Sat, 21 Nov 2026 13:00:00 +0100", NOON, 60},
		{" 21 Nov 2026 12:00 -0000 ", NOON, 0},
		{"Sat,21 Nov 26 12:00:00 GMT", NOON, 0},
		{"Sat, 21 Nov 2026 07:00:00 EST", NOON, -300},
		{"Sat, 21 Nov 2026 07:00:00 -0500 (EST)", NOON, -300},
		{"Sat, (a (nested) comment) 21 Nov 2026 12:00:00 UT", NOON, 0},
		{"SAT, 21 NOV 2026  12:00:00 +0000", NOON, 0},
		{"Sat, 21 November 2026 12:00:00 +0000", NOON, 0},
		{"Sat Nov 21 12:00:00 2026", NOON, 0},
		{"Sat Nov 21 07:00:00 EST 2026", NOON, -300},
		{"2026-11-21T12:00:00Z", NOON, 0},
		{"2026-11-21 13:00:00.123 +01:00", NOON, 60},
		{"21-Nov-2026 12:00:00 +0000", NOON, 0},
		{"Sa, 21 Nov 2026 12:00:00 +0000", NOON, 0},
		{"Sat, 21 Nov 2026 12:00:00 GMT+0100", NOON - 3600, 60},
		{"Sat, 21 Nov 2026 12:00:00 XYZ", NOON, 0},
		{"Sat, 21 Nov 2026 12:00:00 A", NOON, 0},
		{"Sat, 21 Nov 2026 12:00:00 +9999", NOON, 0},
		{"Sat, 21 Nov 2026 12:00:00", NOON, 0},
		{"21 Nov 2026 12:00:00 +0000 junk 77 <1@2>", NOON, 0},
		{"21 Nov 2026", NOON - 43200, 0},
		{"Sat, 21 Nov 2026 02:00:00 PM +0200", NOON, 120},
		{"Sat, 21 Nov\r\n 2026 12:00:00\r\n\t+0000", NOON, 0},
		{"01 Jan 70 00:00:00 +0000", 0, 0},
		{"31 Dec 1969 23:59:59 +0000", -1, 0},
		{"29 Feb 2024 00:00:00 +0000", 1709164800, 0},
		{"Thu, 31 Dec 1998 23:59:60 +0000", 915148800, 0},
		{"1 Jan 49 00:00:00 +0000", 2493072000, 0},
		{"1 Jan 101 00:00:00 +0000", 978307200, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t utc = 77;
		int offset = 77;
		assert_true(date_parse(rows[i].in, strlen(rows[i].in), &utc, &offset));
		assert_int_equal(utc, rows[i].utc);
		assert_int_equal(offset, rows[i].offset);
	}
}

static void date_parse__refuses__what_is_no_date(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "yesterday at noon", "(unclosed", "21 Nov",
		"Sat, 32 Nov 2026 12:00:00 +0000", "30 Feb 2026 12:00:00 +0000",
		"21 Nov 2026 25:00:00 +0000", "21 Nov 2026 12:61:00 +0000", "21 Foo 2026 12:00:00",
		"99999999999999999999", "29 Feb 2023 00:00:00 +0000"};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t utc;
		int offset;
		assert_false(date_parse(rows[i], strlen(rows[i]), &utc, &offset));
	}
}

static void date_write__reads_back(void **state)
{
	(void)state;
	static const int offsets[] = {0, 60, -300, 330, -570, 840};
	for (int64_t t = -30000000000; t < 200000000000; t += 14109776014) {
		for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(100);
			int64_t utc;
			int offset;
			date_write(&out, t, offsets[i]);
			assert_true(date_parse(out.p, out.len, &utc, &offset));
			assert_int_equal(utc, t);
			assert_int_equal(offset, offsets[i]);
		}
	}
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	date_write(&out, NOON, -90);
	assert_string_equal(out.p, "Sat, 21 Nov 2026 10:30:00 -0130");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_parse__reads__every_form),
		cmocka_unit_test(date_parse__refuses__what_is_no_date),
		cmocka_unit_test(date_write__reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
