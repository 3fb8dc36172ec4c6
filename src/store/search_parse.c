/*
 * search_parse.c - the query language of the search field: words, "phrases", prefix*, -negation,
 * operators name:value, OR (weaker than the AND between terms). One pass, no nesting.
 */
#include "config.h"

#include "search_private.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

static const struct {
	const char *name;
	enum term_kind kind;
	unsigned columns;
} OPERATORS[] = {
	{"from", TERM_TEXT, COL_SENDER},
	{"to", TERM_TEXT, COL_RCPT},
	{"cc", TERM_TEXT, COL_CC},
	{"subject", TERM_TEXT, COL_SUBJECT},
	{"filename", TERM_TEXT, COL_FILES},
	{"contact", TERM_CONTACT, 0},
	{"partner", TERM_PARTNER, 0},
	{"deal", TERM_DEAL, 0},
	{"label", TERM_FOLDER, 0},
	{"in", TERM_FOLDER, 0},
	{"account", TERM_ACCOUNT, 0},
	{"has", TERM_FILES, 0},
	{"is", TERM_UNREAD, 0},
	{"before", TERM_BEFORE, 0},
	{"after", TERM_AFTER, 0},
};

enum { DAYS_MAX = 100000, TERMS_MAX = 64 };

struct parser {
	struct arena *a;
	const char *start, *p;
	int64_t now;
	bool is_typing;
	size_t n_terms;
	struct err *e;
};

struct raw_term { /* one piece between blanks */
	const char *at, *value_at;
	const char *name; /* operator, NULL = none */
	size_t operator;  /* row of OPERATORS */
	const char *value;
	bool is_negated, is_quoted, is_prefix;
};

/* 1-based, in characters. */
static int fail_at(struct parser *s, const char *at, const char *why)
{
	int column = 1;
	for (const char *p = s->start; p < at; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	(void)err_set(s->e, ERR_USAGE, _("Search, column %d: %s"), column, why);
	s->e->sys = column;
	return -1;
}

static void skip_blanks(struct parser *s)
{
	while (ascii_isspace(*s->p))
		s->p++;
}

/* A quoted value up to its quote; while typing, the end counts as one. */
static int read_quoted(struct parser *s, struct raw_term *t)
{
	const char *open = s->p++;
	const char *close = strchr(s->p, '"');
	if (!close && !s->is_typing)
		return fail_at(s, open, _("the quote is not closed."));
	size_t n = close ? (size_t)(close - s->p) : strlen(s->p);
	t->value = arena_strndup(s->a, s->p, n);
	t->is_quoted = close != NULL;
	s->p += n + (close != NULL);
	if (*s->p == '*') {
		t->is_prefix = true;
		s->p++;
	}
	return 0;
}

static void read_bare(struct parser *s, struct raw_term *t)
{
	const char *from = s->p;
	while (*s->p && !ascii_isspace(*s->p))
		s->p++;
	size_t n = (size_t)(s->p - from);
	if (n > 1 && from[n - 1] == '*') {
		t->is_prefix = true;
		n--;
	}
	t->value = arena_strndup(s->a, from, n);
}

/* "name:" of a known operator; other colons belong to the word (http://...). */
static void read_operator(struct parser *s, struct raw_term *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(OPERATORS); i++) {
		size_t n = strlen(OPERATORS[i].name);
		if (str_ncasecmp(s->p, OPERATORS[i].name, n) != 0 || s->p[n] != ':')
			continue;
		t->name = OPERATORS[i].name;
		t->operator= i;
		s->p += n + 1;
		return;
	}
}

static int read_raw(struct parser *s, struct raw_term *t)
{
	*t = (struct raw_term){.at = s->p};
	if (*s->p == '-') {
		t->is_negated = true;
		s->p++;
	}
	read_operator(s, t);
	t->value_at = s->p;
	if (*s->p == '"')
		return read_quoted(s, t);
	read_bare(s, t);
	return 0;
}

/* Start of the local day `days` before the day of t. */
static int64_t day_start(int64_t t, int64_t days)
{
	time_t at = (time_t)t;
	struct tm tm;
	if (!localtime_r(&at, &tm))
		return t - days * 86400;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= (int)days;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static bool parse_number(const char *p, size_t n, int64_t min, int64_t max, int64_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (!ascii_isdigit(p[i]))
			return false;
	return span_to_i64((struct span){p, n}, min, max, out);
}

static int parse_date(struct parser *s, const struct raw_term *t, int64_t *out)
{
	const char *v = t->value;
	size_t n = strlen(v);
	int64_t days, year, month, day;
	if (n > 1 && (v[n - 1] == 'd' || v[n - 1] == 'D') &&
		parse_number(v, n - 1, 0, DAYS_MAX, &days)) {
		*out = day_start(s->now, days);
		return 0;
	}
	if (n != 10 || v[4] != '-' || v[7] != '-' || !parse_number(v, 4, 1900, 9999, &year) ||
		!parse_number(v + 5, 2, 1, 12, &month) || !parse_number(v + 8, 2, 1, 31, &day))
		return fail_at(s, t->value_at,
			_("a date is YYYY-MM-DD or a number of days like 7d."));
	struct tm tm = {.tm_year = (int)year - 1900,
		.tm_mon = (int)month - 1,
		.tm_mday = (int)day,
		.tm_isdst = -1};
	*out = (int64_t)mktime(&tm);
	if (tm.tm_mday != (int)day)
		return fail_at(s, t->value_at, _("there is no such day."));
	return 0;
}

static int settle_word(struct parser *s, const struct raw_term *t, struct search_term *out)
{
	static const struct {
		const char *name, *word;
		enum term_kind kind;
	} words[] = {{"has", "attachment", TERM_FILES}, {"is", "unread", TERM_UNREAD},
		{"is", "starred", TERM_STARRED}};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].name, t->name) != 0 ||
			str_casecmp(words[i].word, t->value) != 0)
			continue;
		out->kind = words[i].kind;
		return 0;
	}
	return fail_at(s, t->value_at,
		out->kind == TERM_FILES ? _("after \"has:\" comes attachment.")
					: _("after \"is:\" comes unread or starred."));
}

static int settle_term(struct parser *s, const struct raw_term *t, struct search_term *out)
{
	*out = (struct search_term){.is_negated = t->is_negated,
		.is_prefix = t->is_prefix,
		.columns = COL_ANY,
		.text = t->value};
	if (t->name) {
		out->kind = OPERATORS[t->operator].kind;
		out->columns = OPERATORS[t->operator].columns;
	}
	if (s->is_typing && !*s->p && !t->is_quoted && !t->is_prefix)
		out->is_prefix = out->is_typed = true;
	if (out->kind == TERM_AFTER || out->kind == TERM_BEFORE)
		return parse_date(s, t, &out->at);
	if (out->kind == TERM_FILES || out->kind == TERM_UNREAD)
		return settle_word(s, t, out);
	return 0;
}

/* What is typed only in part and cannot be understood yet asks for nothing. */
static int read_term(struct parser *s, struct search_term **out)
{
	struct raw_term raw;
	*out = NULL;
	if (read_raw(s, &raw))
		return -1;
	bool is_last = s->is_typing && !*s->p;
	if (!*raw.value)
		return is_last ? 0
			       : fail_at(s, raw.name ? raw.value_at : raw.at,
					 _("something to search for is missing."));
	if (s->n_terms++ == TERMS_MAX)
		return fail_at(s, raw.at, _("these are too many words."));
	struct search_term *t = arena_alloc(s->a, sizeof *t);
	if (settle_term(s, &raw, t)) {
		if (!is_last)
			return -1;
		err_clear(s->e);
		return 0;
	}
	*out = t;
	return 0;
}

static bool is_or(const struct parser *s)
{
	return !strncmp(s->p, "OR", 2) && (!s->p[2] || ascii_isspace(s->p[2]));
}

static int read_groups(struct parser *s, struct search_query *q)
{
	struct search_group **group_end = &q->groups;
	struct search_term **term_end = NULL;
	for (skip_blanks(s); *s->p; skip_blanks(s)) {
		const char *at = s->p;
		struct search_term *t;
		if (is_or(s)) {
			if (!term_end)
				return fail_at(s, at, _("there is nothing before OR."));
			s->p += 2;
			skip_blanks(s);
			if ((!*s->p || is_or(s)) && !s->is_typing)
				return fail_at(s, at, _("there is nothing after OR."));
			term_end = NULL;
			continue;
		}
		if (read_term(s, &t))
			return -1;
		if (!t)
			continue;
		if (!term_end) {
			struct search_group *g = arena_alloc(s->a, sizeof *g);
			*group_end = g;
			group_end = &g->next;
			term_end = &g->terms;
		}
		*term_end = t;
		term_end = &t->next;
	}
	return 0;
}

int search_parse(struct arena *a, const char *query, int64_t now, int typing,
	struct search_query **out, struct err *e)
{
	struct parser s = {
		.a = a, .start = query, .p = query, .now = now, .is_typing = typing != 0, .e = e};
	struct search_query *q = arena_alloc(a, sizeof *q);
	if (read_groups(&s, q))
		return -1;
	*out = q;
	return 0;
}
