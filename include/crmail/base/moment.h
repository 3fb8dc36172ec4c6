/*
 * moment.h - a moment as a person types it, in words: "tomorrow 9am", "fri 14:00", "2026-12-01",
 * "+3d". English, German and Vietnamese, in any case and with or without accents. The local zone is
 * TZ's. Pure but for TZ; any thread after tzset().
 *
 *	day    today, tomorrow, yesterday; mon ... sunday; next week; 2026-12-01, 1.12.2026, 1.12.,
 *	       1 dec 2026, dec 1; +3d, +2w, +1m, -1d, in 3 days, 3 days ago
 *	time   14:00, 14h30, 9am, 9:30 pm, 14 uhr, noon, morning (9:00), afternoon (14:00),
 *	       evening (18:00); +90min, +2h
 *	both   in either order, with blanks or commas between; now
 *
 * What may mean two days (a weekday, a day without its year, a time without its day) is the nearest
 * one on the side that is asked for. "12/1" is refused: it means different days to different
 * people.
 */
#ifndef CRMAIL_MOMENT_H
#define CRMAIL_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

enum moment_side { MOMENT_AHEAD, MOMENT_BEHIND };

struct moment {
	int64_t at;           /* seconds UTC; without a time, the beginning of the local day */
	int year, month, day; /* local: 2026, 1-12, 1-31 */
	bool has_time;
};

/* False: not understood, or no such day; *out is unchanged. */
bool moment_parse(const char *text, int64_t now, enum moment_side side,
	struct moment *out) NODISCARD;

#endif
