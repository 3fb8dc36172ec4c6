/*
 * mail_template_date.c - days and amounts as a letter writes them, in the languages that crmail's
 * own templates have. The language is the template's, not that of the screen: so not strftime().
 */
#include "config.h"

#include "mail_template_private.h"

#include <string.h>
#include <time.h>

#define DAY_S 86400
#define DAYS_MOST 2932896 /* 9999-12-31 */

static const struct words {
	const char *lang;
	const char *months[12], *weekdays[7]; /* Sunday first */
	const char *thousands, *decimals;
} languages[] = {
	{"en",
		{"January", "February", "March", "April", "May", "June", "July", "August",
			"September", "October", "November", "December"},
		{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}, ",",
		"."},
	{"de",
		{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
			"Oktober", "November", "Dezember"},
		{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		".", ","},
	{"vi",
		{"tháng 1", "tháng 2", "tháng 3", "tháng 4", "tháng 5", "tháng 6", "tháng 7",
			"tháng 8", "tháng 9", "tháng 10", "tháng 11", "tháng 12"},
		{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}, ".",
		","},
};

static const struct words *words_of(const char *lang)
{
	for (size_t i = 0; lang && i < ARRAY_SIZE(languages); i++)
		if (!strcmp(lang, languages[i].lang))
			return &languages[i];
	return NULL;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void split(int64_t day, struct tm *tm)
{
	time_t t = (time_t)(day * DAY_S);
	if (!gmtime_r(&t, tm))
		*tm = (struct tm){.tm_mday = 1, .tm_year = 70};
}

static int64_t join(int year, int month, int mday)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = mday};
	return floor_div((int64_t)timegm(&tm), DAY_S);
}

static int64_t bounded(int64_t day)
{
	return day < 0 ? 0 : day > DAYS_MOST ? DAYS_MOST : day;
}

int64_t template_date_today(int64_t now, int utc_offset_min)
{
	return bounded(floor_div(now + (int64_t)utc_offset_min * 60, DAY_S));
}

bool template_date_parse(struct span text, int64_t *day)
{
	int64_t y, m, d;
	if (text.len != 10 || text.p[4] != '-' || text.p[7] != '-' ||
		!span_to_i64((struct span){text.p, 4}, 1970, 9999, &y) ||
		!span_to_i64((struct span){text.p + 5, 2}, 1, 12, &m) ||
		!span_to_i64((struct span){text.p + 8, 2}, 1, 31, &d))
		return false;
	struct tm tm;
	*day = join((int)y, (int)m - 1, (int)d);
	split(*day, &tm);
	return tm.tm_mday == (int)d; /* no 31 February */
}

static int64_t add_months(int64_t day, int64_t n)
{
	struct tm tm;
	split(day, &tm);
	int64_t month = (int64_t)tm.tm_year * 12 + tm.tm_mon + n;
	int year = (int)floor_div(month, 12) + 1900;
	int mon = (int)(month - floor_div(month, 12) * 12);
	int64_t last = join(mon == 11 ? year + 1 : year, (mon + 1) % 12, 1) - 1;
	int64_t same = join(year, mon, tm.tm_mday);
	return same < last ? same : last;
}

static bool is_weekend(int64_t day)
{
	int64_t weekday = (day + 4) % 7; /* 1970-01-01 was a Thursday */
	return weekday == 0 || weekday == 6;
}

/* Some thousand steps at most: the offset is bounded where it is read. */
static int64_t add_working_days(int64_t day, int64_t n)
{
	int64_t step = n < 0 ? -1 : 1;
	for (int64_t left = n < 0 ? -n : n; left && day > 0 && day < DAYS_MOST;) {
		day += step;
		left -= !is_weekend(day);
	}
	return day;
}

int64_t template_date_add(int64_t day, int64_t n, char unit)
{
	switch (unit) {
	case 'w':
		return bounded(day + 7 * n);
	case 'm':
		return bounded(add_months(day, n));
	case 'b':
		return bounded(add_working_days(day, n));
	default:
		return bounded(day + n);
	}
}

static void write_long(struct buf *out, const struct tm *tm, const struct words *w)
{
	const char *month = w->months[tm->tm_mon];
	int year = tm->tm_year + 1900;
	if (!strcmp(w->lang, "de"))
		buf_addf(out, "%d. %s %d", tm->tm_mday, month, year);
	else if (!strcmp(w->lang, "vi"))
		buf_addf(out, "ngày %d %s năm %d", tm->tm_mday, month, year);
	else
		buf_addf(out, "%d %s %d", tm->tm_mday, month, year);
}

static void write_short(struct buf *out, const struct tm *tm, const struct words *w)
{
	int year = tm->tm_year + 1900;
	if (!strcmp(w->lang, "de"))
		buf_addf(out, "%02d.%02d.%d", tm->tm_mday, tm->tm_mon + 1, year);
	else if (!strcmp(w->lang, "vi"))
		buf_addf(out, "%02d/%02d/%d", tm->tm_mday, tm->tm_mon + 1, year);
	else /* 12/11 means different days to different people */
		buf_addf(out, "%d %.3s %d", tm->tm_mday, w->months[tm->tm_mon], year);
}

void template_date_write(struct buf *out, int64_t day, const char *lang,
	enum template_date_form form)
{
	const struct words *w = words_of(lang);
	struct tm tm;
	split(day, &tm);
	if (form == DATE_WEEKDAY || form == DATE_MONTH) {
		if (!w)
			w = &languages[0];
		buf_addstr(out,
			form == DATE_MONTH ? w->months[tm.tm_mon] : w->weekdays[tm.tm_wday]);
	} else if (!w || form == DATE_ISO) {
		buf_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	} else if (form == DATE_SHORT) {
		write_short(out, &tm, w);
	} else {
		write_long(out, &tm, w);
	}
}

static size_t digits_of(struct span s)
{
	size_t n = 0;
	while (n < s.len && ascii_isdigit(s.p[n]))
		n++;
	return n;
}

void template_money_write(struct buf *out, struct span text, const char *lang)
{
	const struct words *w = words_of(lang);
	size_t whole = digits_of(text);
	struct span rest = {text.p + whole, text.len - whole};
	size_t part = rest.len && rest.p[0] == '.'
			      ? digits_of((struct span){rest.p + 1, rest.len - 1})
			      : 0;
	struct span tail = part ? (struct span){rest.p + 1 + part, rest.len - 1 - part} : rest;
	if (!w || !whole || (tail.len && tail.p[0] != ' ')) {
		buf_add(out, text.p, text.len);
		return;
	}
	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			buf_addstr(out, w->thousands);
		buf_addch(out, text.p[i]);
	}
	bool has_cents = false;
	for (size_t i = 0; i < part; i++)
		has_cents = has_cents || rest.p[1 + i] != '0';
	if (has_cents) {
		buf_addstr(out, w->decimals);
		buf_add(out, rest.p + 1, part < 2 ? part : 2);
		buf_addstr(out, part < 2 ? "0" : "");
	}
	buf_add(out, tail.p, tail.len);
}
