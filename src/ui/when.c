/* when.c - short, long and relative times through strftime of the running locale. */
#include "config.h"

#include "when.h"

#include <stdbool.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

static void local(int64_t t, struct tm *out)
{
	time_t tt = (time_t)t;

	if (!localtime_r(&tt, out))
		*out = (struct tm){.tm_mday = 1, .tm_year = 70};
}

/* Formats are translated, so that they are not literals for the compiler. */
static void add_time(struct buf *out, const char *format, const struct tm *tm)
{
	char text[64];
	size_t n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = strftime(text, sizeof(text), format, tm);
#pragma GCC diagnostic pop
	buf_add(out, text, n);
}

static bool same_day(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_yday == b->tm_yday;
}

void when_short(struct buf *out, int64_t t, int64_t now)
{
	struct tm then, today;

	if (t <= 0)
		return;
	local(t, &then);
	local(now, &today);
	if (same_day(&then, &today))
		add_time(out, "%H:%M", &then);
	else if (t < now && now - t < 6 * 86400)
		add_time(out, "%a", &then);
	else if (then.tm_year == today.tm_year)
		/* TRANSLATORS: strftime format of a day in a list: 12 Oct */
		add_time(out, _("%e %b"), &then);
	else
		add_time(out, "%Y", &then);
}

bool when_is_today(int64_t t, int64_t now)
{
	struct tm then, today;

	local(t, &then);
	local(now, &today);
	return same_day(&then, &today);
}

int64_t when_date(int64_t t)
{
	struct tm tm;

	local(t, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return (int64_t)timegm(&tm);
}

void when_day(struct buf *out, int64_t t, int64_t now)
{
	struct tm then, today;

	if (t <= 0)
		return;
	local(t, &then);
	local(now, &today);
	/* TRANSLATORS: strftime format of a day of another year in a list: 12 Oct 24 */
	add_time(out, then.tm_year == today.tm_year ? _("%e %b") : _("%e %b %y"), &then);
}

void when_time(struct buf *out, int64_t t)
{
	struct tm then;

	local(t, &then);
	add_time(out, "%H:%M", &then);
}

void when_long(struct buf *out, int64_t t, int64_t now)
{
	struct tm then, today;

	if (t <= 0) {
		buf_addstr(out, _("no date"));
		return;
	}
	local(t, &then);
	local(now, &today);
	if (same_day(&then, &today))
		/* TRANSLATORS: strftime format of a time of today */
		add_time(out, _("Today %H:%M"), &then);
	else if (then.tm_year == today.tm_year)
		/* TRANSLATORS: strftime format of a time of this year: Mon 12 Oct 09:41 */
		add_time(out, _("%a %e %b %H:%M"), &then);
	else
		/* TRANSLATORS: strftime format of an older time: 12 Oct 2024 09:41 */
		add_time(out, _("%e %b %Y %H:%M"), &then);
}

void when_full(struct buf *out, const struct tm *tm, bool has_time)
{
	/* TRANSLATORS: strftime formats of a day in a calendar, with and without a time */
	add_time(out, has_time ? _("%a %e %b %Y %H:%M") : _("%a %e %b %Y"), tm);
}

void when_ago(struct buf *out, int64_t t, int64_t now)
{
	int64_t s = now - t;

	if (t <= 0)
		buf_addstr(out, _("never"));
	else if (s < 60)
		buf_addstr(out, _("just now"));
	else if (s < 3600)
		buf_addf(out, ngettext("%d min ago", "%d min ago", (unsigned long)(s / 60)),
			(int)(s / 60));
	else if (s < 2 * 86400)
		buf_addf(out, ngettext("%d h ago", "%d h ago", (unsigned long)(s / 3600)),
			(int)(s / 3600));
	else
		buf_addf(out, ngettext("%d day ago", "%d days ago", (unsigned long)(s / 86400)),
			(int)(s / 86400));
}
