/* clock.c - the source of time, and RFC 3339. Zones and calendars for people are not here. */
#include "config.h"

#include "crmail/base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define YEAR_0 (-62167219200LL)      /* 0000-01-01T00:00:00Z */
#define YEAR_9999_END 253402300799LL /* 9999-12-31T23:59:59Z */

struct clock_src {
	char *test_file;      /* NULL: the system's clock */
	_Atomic int64_t last; /* last good value of test_file, for a read between two writes */
};

struct clock_src *clock_new(const char *test_file)
{
	struct clock_src *c = xcalloc(1, sizeof(*c));

	c->test_file = test_file ? xstrdup(test_file) : NULL;
	return c;
}

void clock_free(struct clock_src *c)
{
	if (!c)
		return;
	free(c->test_file);
	free(c);
}

static int64_t read_test_file(const struct clock_src *c)
{
	/* The value is a cache; the clock itself is const for its users. */
	_Atomic int64_t *last = &((struct clock_src *)c)->last;
	char text[32];
	int64_t t;

	int fd = open(c->test_file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	if (n > 0 &&
		span_to_i64(span_trim((struct span){text, (size_t)n}), YEAR_0, YEAR_9999_END, &t))
		atomic_store(last, t);
	return atomic_load(last);
}

static int64_t read_ms(clockid_t id)
{
	struct timespec ts = {0};

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now(const struct clock_src *c)
{
	return c->test_file ? read_test_file(c) : read_ms(CLOCK_REALTIME) / 1000;
}

int64_t clock_now_ms(const struct clock_src *c)
{
	return c->test_file ? read_test_file(c) * 1000 : read_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, years counted from March so
 * that the leap day is the last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t in_era = year - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

char *clock_rfc3339(int64_t t, char *out, size_t size)
{
	struct tm tm = {0};

	t = t < YEAR_0 ? YEAR_0 : t > YEAR_9999_END ? YEAR_9999_END : t;
	time_t when = (time_t)t;
	gmtime_r(&when, &tm);
	snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

/* Takes exactly `digits` digits from *s, within [min, max]. */
static bool take_number(const char **s, size_t digits, int64_t min, int64_t max, int64_t *out)
{
	for (size_t i = 0; i < digits; i++) {
		if (!ascii_isdigit((*s)[i]))
			return false;
	}
	if (!span_to_i64((struct span){*s, digits}, min, max, out))
		return false;
	*s += digits;
	return true;
}

static bool take_char(const char **s, const char *any_of)
{
	for (; *any_of; any_of++) {
		if (**s == *any_of) {
			(*s)++;
			return true;
		}
	}
	return false;
}

static bool take_date(const char **s, int64_t *days)
{
	static const int64_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t y, m, d;

	if (!take_number(s, 4, 0, 9999, &y) || !take_char(s, "-") ||
		!take_number(s, 2, 1, 12, &m) || !take_char(s, "-") ||
		!take_number(s, 2, 1, 31, &d))
		return false;
	bool is_leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (d > month_days[m - 1] + (m == 2 && is_leap))
		return false;
	*days = days_of(y, m, d);
	return true;
}

static bool take_zone(const char **s, int64_t *offset)
{
	int64_t h, m;
	bool is_west = **s == '-';

	*offset = 0;
	if (take_char(s, "Zz"))
		return true;
	if (!take_char(s, "+-") || !take_number(s, 2, 0, 23, &h) || !take_char(s, ":") ||
		!take_number(s, 2, 0, 59, &m))
		return false;
	*offset = (h * 3600 + m * 60) * (is_west ? -1 : 1);
	return true;
}

bool clock_parse_rfc3339(const char *s, int64_t *out)
{
	int64_t days, h, m, sec, offset;

	if (!s || !take_date(&s, &days) || !take_char(&s, "Tt ") ||
		!take_number(&s, 2, 0, 23, &h) || !take_char(&s, ":") ||
		!take_number(&s, 2, 0, 59, &m) || !take_char(&s, ":") ||
		!take_number(&s, 2, 0, 60, &sec))
		return false;
	if (take_char(&s, ".")) {
		if (!ascii_isdigit(*s))
			return false;
		while (ascii_isdigit(*s))
			s++;
	}
	if (!take_zone(&s, &offset) || *s)
		return false;
	*out = days * 86400 + h * 3600 + m * 60 + sec - offset;
	return true;
}
