/*
 * when.h - times as people read them: short where they are near (09:41, Mon, 12 Oct, 2024). The
 * local zone is TZ's. Pure but for TZ; any thread after tzset().
 */
#ifndef CRMAIL_UI_WHEN_H
#define CRMAIL_UI_WHEN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct buf;

/* For lists: "09:41" today, "Mon" within six days, "12 Oct" this year, else "2024". */
void when_short(struct buf *out, int64_t t, int64_t now);
/* For open messages: "Today 09:41", "Mon 12 Oct 09:41", "12 Oct 2024 09:41". */
void when_long(struct buf *out, int64_t t, int64_t now);
/* For columns of days: "12 Oct" this year, else "12 Oct 24"; "09:41". */
void when_day(struct buf *out, int64_t t, int64_t now);
void when_time(struct buf *out, int64_t t);
bool when_is_today(int64_t t, int64_t now);
/* The local day as a date: its midnight in UTC, as due dates are kept. */
int64_t when_date(int64_t t);
/* "just now", "2 min ago", "3 h ago", "5 days ago". */
void when_ago(struct buf *out, int64_t t, int64_t now);
/* "Thu 26 Nov 2026 14:00", or without the time: of a day in any zone. */
void when_full(struct buf *out, const struct tm *tm, bool has_time);

#endif
