/*
 * calendar.h - what a person wants to know of a text/calendar part (RFC 5545): the first event with
 * its times and people. Never fails on bad input: what cannot be read is left out. Linear, bounded.
 * Pure; any thread. Results live in the caller's arena, unsanitised.
 */
#ifndef CRMAIL_CALENDAR_H
#define CRMAIL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define CALENDAR_MAX_PEOPLE 100

struct calendar_time {
	bool is_set;
	bool is_date; /* a whole day: no hour and minute */
	bool is_utc;
	int year, month, day, hour, minute;
	const char *zone; /* TZID as written; NULL = none: UTC, or the reader's own time */
};

struct calendar_person {
	const char *name;   /* NULL = none */
	const char *addr;   /* without "mailto:"; never NULL */
	const char *answer; /* PARTSTAT as written: "ACCEPTED"; NULL = none */
};

struct calendar_event {
	const char *method; /* of the calendar: "REQUEST", "CANCEL", "REPLY"; NULL = none */
	const char *status; /* "CANCELLED"; NULL = none */
	const char *summary, *location, *description; /* NULL = none; may hold LF */
	struct calendar_time start, end; /* end of whole days: the day after the last */
	bool repeats;
	struct calendar_person organizer; /* addr NULL = none */
	struct calendar_person *people;   /* the first CALENDAR_MAX_PEOPLE attendees */
	size_t n_people, n_people_all;
	size_t n_events; /* in the calendar; only the first is described */
};

/* false: there is no event in it. Text is UTF-8. */
bool calendar_parse(struct arena *a, const char *p, size_t n, struct calendar_event *out);

#endif
