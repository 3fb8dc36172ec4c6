/* test_calendar.c - what is read of invitations, and that broken ones do no harm. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/mail/calendar.h"

static bool parse(struct arena *a, const char *text, struct calendar_event *e)
{
	return calendar_parse(a, text, strlen(text), e);
}

static void calendar_parse__reads__an_invitation(void **state)
{
	static const char text[] =
		"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
		"BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
		"BEGIN:VEVENT\r\nDTSTART;TZID=\"Europe/Berlin\":20261126T140000\r\n"
		"DTEND:20261126T133000Z\r\nSUMMARY;LANGUAGE=en:Terms\\, third ver\r\n sion\r\n"
		"LOCATION:Room 4\\; 2nd floor\r\nDESCRIPTION:One\\nTwo\\\\Three\r\n"
		"RRULE:FREQ=WEEKLY\r\n"
		"ORGANIZER;CN=\"Palmer; Laura: CPO\":mailto:laura@dafaneto.example\r\n"
		"ATTENDEE;PARTSTAT=ACCEPTED;CN=Denis:MAILTO:denis@dafaneto.example\r\n"
		"ATTENDEE:mailto:minh@example.test\r\n"
		"BEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nSUMMARY:Alarm\r\nEND:VALARM\r\n"
		"STATUS:CONFIRMED\r\nEND:VEVENT\r\n"
		"BEGIN:VEVENT\r\nSUMMARY:Another\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	struct arena a = ARENA_INIT;
	struct calendar_event e;

	(void)state;
	assert_true(parse(&a, text, &e));
	assert_string_equal(e.method, "REQUEST");
	assert_string_equal(e.status, "CONFIRMED");
	assert_string_equal(e.summary, "Terms, third version");
	assert_string_equal(e.location, "Room 4; 2nd floor");
	assert_string_equal(e.description, "One\nTwo\\Three");
	assert_true(e.repeats);
	assert_int_equal(e.n_events, 2);
	assert_true(e.start.is_set && !e.start.is_utc && !e.start.is_date);
	assert_string_equal(e.start.zone, "Europe/Berlin");
	assert_int_equal(e.start.year * 10000 + e.start.month * 100 + e.start.day, 20261126);
	assert_int_equal(e.start.hour * 100 + e.start.minute, 1400);
	assert_true(e.end.is_utc);
	assert_int_equal(e.end.hour * 100 + e.end.minute, 1330);
	assert_string_equal(e.organizer.name, "Palmer; Laura: CPO");
	assert_string_equal(e.organizer.addr, "laura@dafaneto.example");
	assert_int_equal(e.n_people, 2);
	assert_string_equal(e.people[0].name, "Denis");
	assert_string_equal(e.people[0].addr, "denis@dafaneto.example");
	assert_string_equal(e.people[0].answer, "ACCEPTED");
	assert_null(e.people[1].name);
	assert_null(e.people[1].answer);
	arena_release(&a);
}

static void calendar_parse__reads__whole_days(void **state)
{
	struct arena a = ARENA_INIT;
	struct calendar_event e;

	(void)state;
	assert_true(parse(&a, "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT", &e));
	assert_true(e.start.is_set && e.start.is_date);
	assert_int_equal(e.start.day, 24);
	assert_false(e.end.is_set);
	assert_null(e.organizer.addr);
	arena_release(&a);
}

static void calendar_parse__leaves_out__what_cannot_be_read(void **state)
{
	static const char *const times[] = {"", "2026", "20261301", "20260100", "20261126X140000",
		"20261126T99", "20261126T146100", "2026112-", "-0261126", "20261126T14000"};
	struct arena a = ARENA_INIT;
	struct calendar_event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(200);

		buf_addf(&b, "BEGIN:VEVENT\nDTSTART:%s\nSUMMARY:x\\", times[i]);
		assert_true(parse(&a, b.p, &e));
		assert_int_equal(e.start.is_set, i + 1 == ARRAY_SIZE(times));
		assert_string_equal(e.summary, "x\\");
	}
	assert_false(parse(&a, "", &e));
	assert_false(parse(&a, " \n\n;:\n:\nBEGIN\nEND:VEVENT\nSUMMARY:no event", &e));
	assert_null(e.summary);
	arena_release(&a);
}

static void calendar_parse__is_bounded(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT((size_t)4 << 20);
	struct arena a = ARENA_INIT;
	struct calendar_event e;

	(void)state;
	buf_addstr(&b, "BEGIN:VEVENT\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "ATTENDEE;CN=\"%d:mailto:a@b.example\nATTENDEE:x%d\n", i, i);
	buf_addstr(&b, "SUMMARY:");
	for (int i = 0; i < 50000; i++)
		buf_addstr(&b, "0123456789\n ");
	assert_true(calendar_parse(&a, b.p, b.len, &e));
	assert_int_equal(e.n_people, CALENDAR_MAX_PEOPLE);
	assert_int_equal(e.n_people_all, 5000); /* a quote left open hides the value */
	assert_in_range(strlen(e.summary), 60000, 65536);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar_parse__reads__an_invitation),
		cmocka_unit_test(calendar_parse__reads__whole_days),
		cmocka_unit_test(calendar_parse__leaves_out__what_cannot_be_read),
		cmocka_unit_test(calendar_parse__is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
