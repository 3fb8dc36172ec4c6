/* moment.c - see moment.h. A text is cut into a few words and numbers; each of them sets the day,
 * the time or a distance, none of them twice. */
#include "config.h"

#include "crmail/base/moment.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"

#define TEXT_BYTES 64
#define TOKENS_MOST 12
#define DISTANCE_MOST 100000 /* of a unit: beyond it nothing sensible is meant */
#define NO_TIME (-1)

enum unit { UNIT_NONE, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH };

struct token {
	struct span text; /* letters, or digits */
	bool is_number;
	int64_t number;
	char before; /* sign in front of it: '+' '-' '.' ':' '/' ' ' or 0 at the beginning */
};

struct reading {
	struct token v[TOKENS_MOST];
	size_t n, i;
	struct tm now, tm;
	enum moment_side side;
	int minutes; /* since midnight; NO_TIME = not said */
	bool has_day, has_distance;
	bool is_weekday, is_dated_without_year; /* the side decides */
	bool is_exact;                          /* counted from now, to the second */
	int64_t add_seconds;
};

/* ---- words ----------------------------------------------------------------------------------- */

struct word {
	const char *word; /* folded */
	size_t least;     /* letters of it that will do */
	int value;
};

/* clang-format off */
static const struct word weekdays[] = {
	{"thuhai", 6, 1}, {"thuba", 5, 2}, {"thutu", 5, 3}, {"thunam", 6, 4}, {"thusau", 6, 5}, {"thubay", 6, 6},
	{"chunhat", 7, 0},
	{"monday", 3, 1}, {"montag", 2, 1}, {"tuesday", 3, 2}, {"dienstag", 2, 2},
	{"wednesday", 3, 3}, {"mittwoch", 2, 3}, {"thursday", 3, 4}, {"donnerstag", 2, 4},
	{"friday", 3, 5}, {"freitag", 2, 5}, {"saturday", 3, 6}, {"samstag", 2, 6},
	{"sonnabend", 9, 6}, {"sunday", 3, 0}, {"sonntag", 2, 0},
};
static const struct word months[] = {
	{"january", 3, 0}, {"januar", 3, 0}, {"february", 3, 1}, {"februar", 3, 1},
	{"march", 3, 2}, {"marz", 3, 2}, {"april", 3, 3}, {"may", 3, 4}, {"mai", 3, 4},
	{"june", 3, 5}, {"juni", 3, 5}, {"july", 3, 6}, {"juli", 3, 6}, {"august", 3, 7},
	{"september", 3, 8}, {"october", 3, 9}, {"oktober", 3, 9}, {"november", 3, 10},
	{"december", 3, 11}, {"dezember", 3, 11},
};
static const struct word days[] = {
	{"today", 5, 0}, {"heute", 5, 0}, {"homnay", 6, 0}, {"tomorrow", 3, 1}, {"morgen", 6, 1},
	{"ngaymai", 7, 1}, {"ubermorgen", 10, 2}, {"ngaykia", 7, 2}, {"yesterday", 5, -1},
	{"gestern", 7, -1}, {"homqua", 6, -1}, {"vorgestern", 10, -2},
};
static const struct word times[] = {
	{"noon", 4, 720}, {"midday", 6, 720}, {"mittag", 6, 720}, {"mittags", 7, 720},
	{"morning", 7, 540}, {"vormittag", 9, 540}, {"fruh", 4, 540}, {"sang", 4, 540},
	{"afternoon", 9, 840}, {"nachmittag", 10, 840}, {"chieu", 5, 840}, {"trua", 4, 720},
	{"evening", 7, 1080}, {"abend", 5, 1080}, {"toi", 3, 1080}, {"midnight", 8, 0},
};
static const struct word units[] = {
	{"minutes", 3, UNIT_MINUTE}, {"minuten", 3, UNIT_MINUTE}, {"phut", 4, UNIT_MINUTE},
	{"h", 1, UNIT_HOUR}, {"hours", 4, UNIT_HOUR}, {"hrs", 2, UNIT_HOUR},
	{"stunden", 3, UNIT_HOUR}, {"gio", 3, UNIT_HOUR}, {"d", 1, UNIT_DAY},
	{"days", 3, UNIT_DAY}, {"tage", 1, UNIT_DAY}, {"tagen", 5, UNIT_DAY},
	{"ngay", 4, UNIT_DAY}, {"weeks", 1, UNIT_WEEK}, {"wochen", 5, UNIT_WEEK},
	{"tuan", 4, UNIT_WEEK}, {"months", 5, UNIT_MONTH}, {"m", 1, UNIT_MONTH},
	{"monate", 5, UNIT_MONTH}, {"monaten", 7, UNIT_MONTH}, {"thang", 5, UNIT_MONTH},
};
static const struct word nows[] = {{"now", 3, 0}, {"jetzt", 5, 0}, {"baygio", 6, 0}};
static const struct word fillers[] = {
	{"at", 2, 0}, {"on", 2, 0}, {"am", 2, 0}, {"um", 2, 0}, {"the", 3, 0}, {"of", 2, 0}, {"uhr", 3, 0}, {"luc", 3, 0},
	{"vao", 3, 0}, {"next", 4, 0}, {"this", 4, 0}, {"coming", 6, 0}, {"nachsten", 7, 0}, {"kommenden", 8, 0},
};
/* clang-format on */

static bool look_up(const struct word *v, size_t n, struct span text, int *out)
{
	for (size_t i = 0; i < n; i++) {
		if (text.len < v[i].least || text.len > strlen(v[i].word) ||
			memcmp(v[i].word, text.p, text.len) != 0)
			continue;
		*out = v[i].value;
		return true;
	}
	return false;
}

/* Days of two words too: "hom nay" is "homnay" here. */
static bool take_words(struct reading *r, const struct word *v, size_t n, int *out)
{
	const struct token *t = &r->v[r->i];
	char two[2 * TEXT_BYTES];

	if (r->i + 1 < r->n && !t[1].is_number) {
		size_t len = t[0].text.len + t[1].text.len;

		memcpy(two, t[0].text.p, t[0].text.len);
		memcpy(two + t[0].text.len, t[1].text.p, t[1].text.len);
		if (look_up(v, n, (struct span){two, len}, out)) {
			r->i += 2;
			return true;
		}
	}
	if (!look_up(v, n, t->text, out))
		return false;
	r->i++;
	return true;
}

/* ---- words and numbers ----------------------------------------------------------------------- */

static bool is_letter(char c)
{
	return ascii_isalpha(c) || (unsigned char)c >= 0x80;
}

static bool add_token(struct reading *r, struct span text, char before)
{
	struct token *t = &r->v[r->n];

	if (r->n == TOKENS_MOST)
		return false;
	*t = (struct token){.text = text, .before = before, .is_number = ascii_isdigit(text.p[0])};
	if (t->is_number && !span_to_i64(text, 0, 99999999, &t->number))
		return false;
	r->n++;
	return true;
}

/* Of the signs between two words, + and - win over blanks, and blanks over the rest. */
static char stronger(char have, char c)
{
	if (c == ',' || c == '\t')
		c = ' ';
	if (have == '+' || (have == '-' && c == ' '))
		return have;
	return have == ' ' && c != '+' && c != '-' ? ' ' : c;
}

static bool cut(struct reading *r, struct span s)
{
	char before = 0;

	for (size_t i = 0; i < s.len;) {
		size_t from = i;

		if (ascii_isdigit(s.p[i]))
			while (i < s.len && ascii_isdigit(s.p[i]))
				i++;
		else
			while (i < s.len && is_letter(s.p[i]))
				i++;
		if (i > from) {
			if (!add_token(r, (struct span){s.p + from, i - from}, before))
				return false;
			before = 0;
		} else if (!s.p[i] || !strchr("+-.:/, \t", s.p[i])) {
			return false;
		} else {
			before = stronger(before, s.p[i++]);
		}
	}
	return true;
}

static const struct token *peek(const struct reading *r, size_t ahead)
{
	return r->i + ahead < r->n ? &r->v[r->i + ahead] : NULL;
}

static bool is_word(const struct token *t, const char *word)
{
	return t && !t->is_number && span_eq(t->text, word);
}

static bool is_number_after(const struct token *t, char before)
{
	return t && t->is_number && t->before == before;
}

enum taken { TAKEN_NOT, TAKEN, TAKEN_WRONG };

static enum taken taken(bool is_right)
{
	return is_right ? TAKEN : TAKEN_WRONG;
}

/* ---- what they say --------------------------------------------------------------------------- */

static bool set_day(struct reading *r, int64_t year, int64_t month, int64_t day)
{
	if (r->has_day || month < 1 || month > 12 || day < 1 || day > 31 || year < 0 || year > 9999)
		return false;
	if (year < 100)
		year += 2000;
	r->tm.tm_year = (int)year - 1900;
	r->tm.tm_mon = (int)month - 1;
	r->tm.tm_mday = (int)day;
	r->has_day = true;
	return true;
}

static bool set_time(struct reading *r, int64_t hour, int64_t minute)
{
	if (r->minutes != NO_TIME || hour > 23 || minute > 59)
		return false;
	r->minutes = (int)(hour * 60 + minute);
	return true;
}

static bool set_distance(struct reading *r, int64_t n, int unit)
{
	if (r->has_day || r->is_exact || n > DISTANCE_MOST || n < -DISTANCE_MOST)
		return false;
	if (unit == UNIT_MINUTE || unit == UNIT_HOUR) {
		r->add_seconds = n * (unit == UNIT_HOUR ? 3600 : 60);
		r->is_exact = true;
		return true;
	}
	if (unit == UNIT_MONTH)
		r->tm.tm_mon += (int)n;
	else
		r->tm.tm_mday += (int)(unit == UNIT_WEEK ? 7 * n : n);
	r->has_day = r->has_distance = true;
	return true;
}

/* "+3d", "in 3 days", "3 days ago", "vor 3 tagen". */
static enum taken take_distance(struct reading *r)
{
	const struct token *t = peek(r, 0), *unit = peek(r, 1);
	const struct token *back = r->i > 0 ? &r->v[r->i - 1] : NULL;
	bool is_ago = is_word(peek(r, 2), "ago") || is_word(back, "vor");
	bool is_said = t->before == '+' || t->before == '-' || is_ago || is_word(back, "in") ||
		       is_word(back, "sau");
	int u;

	if (!is_said || !unit || unit->is_number ||
		!look_up(units, ARRAY_SIZE(units), unit->text, &u))
		return TAKEN_NOT;
	r->i += is_word(peek(r, 2), "ago") ? 3 : 2;
	return taken(set_distance(r, t->before == '-' || is_ago ? -t->number : t->number, u));
}

/* 2026-12-01, 1.12.2026, 1.12. */
static enum taken take_date(struct reading *r)
{
	const struct token *a = peek(r, 0), *b = peek(r, 1), *c = peek(r, 2);
	bool has_year;

	if (a->text.len == 4 && is_number_after(b, '-') && is_number_after(c, '-')) {
		r->i += 3;
		return taken(set_day(r, a->number, b->number, c->number));
	}
	if (!is_number_after(b, '.') || a->text.len > 2 || is_word(c, "am") || is_word(c, "pm") ||
		is_word(c, "uhr"))
		return TAKEN_NOT;
	has_year = is_number_after(c, '.') && (c->text.len == 4 || c->text.len == 2);
	r->i += has_year ? 3 : 2;
	r->is_dated_without_year = !has_year;
	return taken(set_day(r, has_year ? c->number : r->now.tm_year + 1900, b->number,
		a->number));
}

/* The year behind "1 dec" and "dec 1"; only one that can be no time of day. */
static int64_t take_year(struct reading *r)
{
	const struct token *t = peek(r, 0);

	if (!t || !t->is_number || t->text.len != 4) {
		r->is_dated_without_year = true;
		return r->now.tm_year + 1900;
	}
	r->i++;
	return t->number;
}

/* What follows the hour: am, pm, uhr, h, giờ. *hour is changed by it. */
static bool take_half(struct reading *r, int64_t *hour)
{
	const struct token *t = peek(r, 0);
	bool is_pm = is_word(t, "pm") || is_word(t, "p"),
	     is_am = is_word(t, "am") || is_word(t, "a");

	if (is_am || is_pm) {
		if (*hour < 1 || *hour > 12)
			*hour = 99;
		else
			*hour = *hour % 12 + (is_pm ? 12 : 0);
	} else if (!is_word(t, "uhr") && !is_word(t, "h") && !is_word(t, "gio")) {
		return false;
	}
	r->i++;
	if (peek(r, 0) && is_word(peek(r, 0), "m"))
		r->i++; /* of "p.m." */
	return true;
}

static bool take_time(struct reading *r)
{
	int64_t hour = peek(r, 0)->number, minute = 0;
	const struct token *back = r->i > 0 ? &r->v[r->i - 1] : NULL, *next;
	bool is_said = is_word(back, "at") || is_word(back, "um") || is_word(back, "luc"), is_half;

	r->i++;
	if (is_number_after(peek(r, 0), ':') || is_number_after(peek(r, 0), '.')) {
		if (peek(r, 0)->text.len != 2)
			return false;
		minute = peek(r, 0)->number;
		r->i++;
		is_said = true;
	}
	is_half = take_half(r, &hour);
	next = peek(r, 0);
	if (is_half && is_number_after(next, 0) && next->text.len == 2) {
		minute = next->number; /* 14h30 */
		r->i++;
	}
	return (is_said || is_half) && set_time(r, hour, minute);
}

static bool take_number(struct reading *r)
{
	const struct token *t = peek(r, 0), *next = peek(r, 1);
	int64_t day = t->number;
	enum taken how = take_distance(r);
	int month;

	if (how == TAKEN_NOT)
		how = take_date(r);
	if (how != TAKEN_NOT)
		return how == TAKEN;
	if (next && !next->is_number && t->text.len <= 2 &&
		look_up(months, ARRAY_SIZE(months), next->text, &month)) {
		r->i += 2;
		return set_day(r, take_year(r), month + 1, day);
	}
	return take_time(r);
}

static bool take_week(struct reading *r)
{
	r->i += 2;
	return set_distance(r, 1, UNIT_WEEK);
}

static bool take_word(struct reading *r)
{
	const struct token *t = peek(r, 0), *next = peek(r, 1);
	int value;

	if (take_words(r, nows, ARRAY_SIZE(nows), &value))
		return set_distance(r, 0, UNIT_MINUTE);
	if (is_word(t, "next") && is_word(next, "week"))
		return take_week(r);
	if (take_words(r, days, ARRAY_SIZE(days), &value))
		return set_distance(r, value, UNIT_DAY);
	if (take_words(r, weekdays, ARRAY_SIZE(weekdays), &value)) {
		bool is_first = !r->has_day;

		r->tm.tm_wday = value;
		r->is_weekday = r->has_day = true;
		return is_first;
	}
	if (look_up(months, ARRAY_SIZE(months), t->text, &value) && next && next->is_number &&
		next->text.len <= 2) {
		r->i += 2;
		return set_day(r, take_year(r), value + 1, next->number);
	}
	if (take_words(r, times, ARRAY_SIZE(times), &value))
		return set_time(r, value / 60, value % 60);
	r->i++;
	return look_up(fillers, ARRAY_SIZE(fillers), t->text, &value) ||
	       ((is_word(t, "in") || is_word(t, "vor") || is_word(t, "sau")) && next &&
		       next->is_number);
}

/* ---- the moment ------------------------------------------------------------------------------ */

static int64_t seconds_of(const struct reading *r, struct tm *tm)
{
	tm->tm_hour = r->minutes == NO_TIME ? 0 : r->minutes / 60;
	tm->tm_min = r->minutes == NO_TIME ? 0 : r->minutes % 60;
	tm->tm_sec = 0;
	tm->tm_isdst = -1;
	return (int64_t)mktime(tm);
}

/* Days between the one said and the nearest one on the side asked for. */
static void choose_weekday(struct reading *r, int64_t now)
{
	int ahead = (r->tm.tm_wday - r->now.tm_wday + 7) % 7;
	struct tm today = r->now;
	int64_t at = seconds_of(r, &today);

	if (r->side == MOMENT_AHEAD) {
		if (ahead == 0 && (r->minutes == NO_TIME || at <= now))
			ahead = 7;
	} else if (ahead > 0 || r->minutes == NO_TIME || at > now) {
		ahead -= 7;
	}
	r->tm.tm_mday += ahead;
}

static void choose_year(struct reading *r)
{
	int said = r->tm.tm_mon * 31 + r->tm.tm_mday, today = r->now.tm_mon * 31 + r->now.tm_mday;

	if (r->side == MOMENT_AHEAD && said < today)
		r->tm.tm_year++;
	if (r->side == MOMENT_BEHIND && said > today)
		r->tm.tm_year--;
}

static void choose_day(struct reading *r, int64_t now)
{
	struct tm today = r->now;
	int64_t at = seconds_of(r, &today);

	if (r->side == MOMENT_AHEAD && at <= now)
		r->tm.tm_mday++;
	if (r->side == MOMENT_BEHIND && at > now)
		r->tm.tm_mday--;
}

static bool finish(struct reading *r, int64_t now, struct moment *out)
{
	struct tm said;
	int64_t at;

	if (r->is_weekday)
		choose_weekday(r, now);
	else if (r->is_dated_without_year)
		choose_year(r);
	else if (!r->has_day)
		choose_day(r, now);
	said = r->tm;
	at = seconds_of(r, &r->tm);
	if (at < 0 || (!r->is_weekday && !r->has_distance && r->has_day &&
			      (said.tm_mday != r->tm.tm_mday || said.tm_mon != r->tm.tm_mon)))
		return false;
	*out = (struct moment){.at = at,
		.year = r->tm.tm_year + 1900,
		.month = r->tm.tm_mon + 1,
		.day = r->tm.tm_mday,
		.has_time = r->minutes != NO_TIME};
	return true;
}

static bool finish_exact(const struct reading *r, int64_t now, struct moment *out)
{
	time_t at = (time_t)(now + r->add_seconds);
	struct tm tm;

	if (r->has_day || r->minutes != NO_TIME || !localtime_r(&at, &tm))
		return false;
	*out = (struct moment){.at = at,
		.year = tm.tm_year + 1900,
		.month = tm.tm_mon + 1,
		.day = tm.tm_mday,
		.has_time = true};
	return true;
}

bool moment_parse(const char *text, int64_t now, enum moment_side side, struct moment *out)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(4 * TEXT_BYTES);
	struct reading r = {.side = side, .minutes = NO_TIME};
	time_t seconds = (time_t)now;
	struct span s = span_trim(span_of(text));

	if (s.len == 0 || s.len > TEXT_BYTES || !localtime_r(&seconds, &r.now))
		return false;
	r.tm = r.now;
	fold_plain(&folded, s.p, s.len);
	if (folded.len > TEXT_BYTES || !cut(&r, (struct span){folded.p, folded.len}))
		return false;
	while (r.i < r.n)
		if (!(r.v[r.i].is_number ? take_number(&r) : take_word(&r)))
			return false;
	if (r.is_exact)
		return finish_exact(&r, now, out);
	return (r.has_day || r.minutes != NO_TIME) && finish(&r, now, out);
}
