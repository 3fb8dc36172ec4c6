/*
 * date.c - dates of mail: RFC 5322 with its obsolete forms, asctime and ISO 8601, which are all
 * seen in the wild. Reads tokens in any sensible order instead of one grammar per form.
 */
#include "config.h"

#include "crmail/mail/header.h"

#include <string.h>

#include "crmail/base/buf.h"

#define DATE_MAX_BYTES 512 /* of a field that is looked at */

static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* RFC 5322 §4.3 and names that mean one zone only. Others are read as +0000, as it says. */
static const struct {
	const char name[5];
	int minutes;
} zones[] = {{"UT", 0}, {"UTC", 0}, {"GMT", 0}, {"Z", 0}, {"EST", -300}, {"EDT", -240},
	{"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420},
	{"AST", -240}, {"ADT", -180}, {"WET", 0}, {"WEST", 60}, {"CET", 60}, {"MET", 60},
	{"CEST", 120}, {"MEST", 120}, {"EET", 120}, {"EEST", 180}, {"MSK", 180}, {"ICT", 420},
	{"HKT", 480}, {"JST", 540}, {"KST", 540}};

struct date_state {
	const char *p;
	size_t n, i;
	int day, month, year;     /* 0 = not seen; year -1 = not seen */
	int hour, minute, second; /* hour -1 = not seen */
	bool has_zone;
	int zone; /* minutes east */
};

static void skip_comment(struct date_state *s)
{
	size_t depth = 0;
	for (; s->i < s->n; s->i++) {
		char c = s->p[s->i];
		if (c == '\\')
			s->i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			break;
	}
	if (s->i < s->n)
		s->i++;
}

/* A run of digits; *len gets how many. Values are capped, a long run is refused by its length. */
static int read_number(struct date_state *s, size_t *len)
{
	int v = 0;
	size_t start = s->i;
	while (s->i < s->n && ascii_isdigit(s->p[s->i])) {
		if (v < 100000)
			v = v * 10 + (s->p[s->i] - '0');
		s->i++;
	}
	*len = s->i - start;
	return v;
}

static bool next_is_digit(const struct date_state *s, size_t ahead)
{
	return s->i + ahead < s->n && ascii_isdigit(s->p[s->i + ahead]);
}

/* "+0100", "-5", "+01:00" behind the sign. Absurd ones count as +0000, like unknown names. */
static void read_zone_number(struct date_state *s, char sign)
{
	size_t len;
	int v = read_number(s, &len);
	int h = len <= 2 ? v : v / 100, m = len <= 2 ? 0 : v % 100;
	if (len <= 2 && s->i < s->n && s->p[s->i] == ':' && next_is_digit(s, 1)) {
		s->i++;
		m = read_number(s, &len);
	}
	s->has_zone = true;
	s->zone = h > 23 || m > 59 ? 0 : (sign == '-' ? -1 : 1) * (h * 60 + m);
}

/* Behind "hh": minutes, seconds and a fraction. `sep` is ':' or '.'. */
static bool read_time(struct date_state *s, int hour, char sep)
{
	size_t len;
	s->i++;
	s->hour = hour;
	s->minute = read_number(s, &len);
	if (len > 2)
		return false;
	if (s->i < s->n && s->p[s->i] == sep && next_is_digit(s, 1)) {
		s->i++;
		s->second = read_number(s, &len);
		if (len > 2)
			return false;
	}
	if (s->i < s->n && (s->p[s->i] == '.' || s->p[s->i] == ',') && next_is_digit(s, 1)) {
		s->i++;
		(void)read_number(s, &len);
	}
	return true;
}

static int full_year(int v, size_t len)
{
	if (len <= 2)
		return v < 50 ? 2000 + v : 1900 + v;
	return len == 3 ? 1900 + v : v;
}

/* "2026-11-21" behind the year. */
static bool read_iso_day(struct date_state *s, int year)
{
	size_t len;
	s->year = year;
	s->i++;
	s->month = read_number(s, &len);
	if (s->i >= s->n || s->p[s->i] != '-')
		return false;
	s->i++;
	s->day = read_number(s, &len);
	if (s->i < s->n && (s->p[s->i] == 'T' || s->p[s->i] == 't') && next_is_digit(s, 1))
		s->i++;
	return true;
}

static bool is_whole(const struct date_state *s)
{
	return s->day && s->month && s->year >= 0 && s->hour >= 0;
}

static bool read_digits(struct date_state *s)
{
	size_t len;
	int v = read_number(s, &len);
	char next = s->i < s->n ? s->p[s->i] : 0;
	if (s->hour < 0 && len <= 2 && next_is_digit(s, 1)) {
		/* "10.00.00" is a time only once the day is known: else it is a day like 21.11. */
		if (next == ':' || (next == '.' && s->month && s->year >= 0))
			return read_time(s, v, next);
	}
	if (len == 4 && next == '-' && next_is_digit(s, 1) && s->year < 0 && !s->month)
		return read_iso_day(s, v);
	if (!s->day && len <= 2)
		s->day = v;
	else if (s->year < 0 && len <= 4)
		s->year = full_year(v, len);
	else
		return is_whole(s); /* junk behind a date does not make it none */
	return true;
}

static void find_zone(struct date_state *s, struct span word)
{
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		if (span_caseeq(word, zones[i].name)) {
			s->has_zone = true;
			s->zone = zones[i].minutes;
		}
	}
}

/* "am", "pm" behind a time of twelve hours. */
static bool read_half_of_day(struct date_state *s, struct span word)
{
	bool pm = span_caseeq(word, "pm");
	if (s->hour < 0 || s->hour > 12 || (!pm && !span_caseeq(word, "am")))
		return false;
	s->hour = s->hour % 12 + (pm ? 12 : 0);
	return true;
}

/* A month, a zone or am/pm; days of the week in any language and other words say nothing. */
static void read_word(struct date_state *s)
{
	struct span word = {s->p + s->i, 0};
	while (s->i < s->n && ascii_isalpha(s->p[s->i])) {
		s->i++;
		word.len++;
	}
	for (size_t i = 0; !s->month && word.len >= 3 && i < ARRAY_SIZE(months); i++) {
		if (str_ncasecmp(word.p, months[i], 3) == 0) {
			s->month = (int)i + 1;
			return;
		}
	}
	if (!read_half_of_day(s, word) && s->hour >= 0 && !s->has_zone)
		find_zone(s, word);
}

static bool read_token(struct date_state *s)
{
	char c = s->p[s->i];
	if (ascii_isdigit(c))
		return read_digits(s);
	if (c == '(') {
		skip_comment(s);
	} else if (ascii_isalpha(c)) {
		read_word(s);
	} else if ((c == '+' || c == '-') && s->hour >= 0 && next_is_digit(s, 1)) {
		s->i++;
		read_zone_number(s, c);
	} else {
		s->i++; /* blanks, commas, dashes between day, month and year */
	}
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_possible(const struct date_state *s)
{
	static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (s->month < 1 || s->month > 12 || s->year < 1000 || s->year > 9999 || s->day < 1)
		return false;
	int last = lengths[s->month - 1] + (s->month == 2 && is_leap(s->year));
	return s->day <= last && s->hour <= 23 && s->minute <= 59 && s->second <= 60;
}

/* Days since 1970-01-01 of a proleptic Gregorian date. */
static int64_t day_number(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = y / 400, yoe = y - era * 400; /* y >= 0 here */
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool date_parse(const char *p, size_t n, int64_t *utc, int *offset_min)
{
	struct date_state s = {
		.p = p, .n = n < DATE_MAX_BYTES ? n : DATE_MAX_BYTES, .year = -1, .hour = -1};
	while (s.i < s.n) {
		if (!read_token(&s))
			return false;
	}
	if (!is_possible(&s))
		return false;
	int64_t t = day_number(s.year, s.month, s.day) * 86400;
	if (s.hour >= 0)
		t += s.hour * 3600 + s.minute * 60 + s.second;
	*utc = t - (int64_t)s.zone * 60;
	*offset_min = s.zone;
	return true;
}

void date_write(struct buf *out, int64_t utc, int offset_min)
{
	int64_t local = utc + (int64_t)offset_min * 60;
	int64_t day = local / 86400, rest = local % 86400;
	if (rest < 0) {
		rest += 86400;
		day--;
	}
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (int)((5 * doy + 2) / 153);
	int d = (int)doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (m <= 2);
	int weekday = (int)((day % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
	int off = offset_min < 0 ? -offset_min : offset_min;
	buf_addf(out, "%s, %02d %s %04lld %02d:%02d:%02d %c%02d%02d", days[weekday], d,
		months[m - 1], (long long)year, (int)(rest / 3600), (int)(rest / 60 % 60),
		(int)(rest % 60), offset_min < 0 ? '-' : '+', off / 60, off % 60);
}
