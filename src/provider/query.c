/* query.c - see query.h. */
#include "config.h"

#include "query.h"

#include <string.h>

#include "crmail/base/mem.h"

struct operator
{
	const char *name, *value; /* value NULL = any */
	enum query_kind kind;
};

static const struct operator operators[] = {
	{"from", NULL, QUERY_FROM},
	{"to", NULL, QUERY_TO},
	{"cc", NULL, QUERY_CC},
	{"subject", NULL, QUERY_SUBJECT},
	{"filename", NULL, QUERY_FILENAME},
	{"is", "unread", QUERY_UNREAD},
	{"is", "starred", QUERY_STARRED},
	{"has", "attachment", QUERY_ATTACHMENT},
	{"after", NULL, QUERY_AFTER},
	{"before", NULL, QUERY_BEFORE},
	{"in", NULL, QUERY_ELSEWHERE},
	{"label", NULL, QUERY_ELSEWHERE},
	{"account", NULL, QUERY_ELSEWHERE},
	{"contact", NULL, QUERY_NOWHERE},
	{"partner", NULL, QUERY_NOWHERE},
	{"deal", NULL, QUERY_NOWHERE},
};

/* "name:value" of a known operator; other colons belong to the word. */
static enum query_kind take_operator(struct span *s)
{
	const char *colon = s->len ? memchr(s->p, ':', s->len) : NULL;
	size_t n = colon ? (size_t)(colon - s->p) : 0;
	for (size_t i = 0; n && i < ARRAY_SIZE(operators); i++) {
		const struct operator* op = & operators[i];
		struct span value = {colon + 1, s->len - n - 1};
		if (!span_caseeq((struct span){s->p, n}, op->name) ||
			(op->value && !span_caseeq(value, op->value)))
			continue;
		*s = value;
		return op->kind;
	}
	return QUERY_TEXT;
}

/* One piece between blanks; a quote holds blanks together. */
static struct span take_piece(const char **at)
{
	const char *p = *at;
	bool in_quotes = false;
	while (*p && (in_quotes || !ascii_isspace(*p)))
		in_quotes ^= *p++ == '"';
	struct span s = {*at, (size_t)(p - *at)};
	*at = p;
	return s;
}

static bool take_star(struct span *s)
{
	bool is_there = s->len > 1 && s->p[s->len - 1] == '*';
	s->len -= is_there;
	return is_there;
}

static struct span without_quotes(struct span s)
{
	if (s.len && s.p[0] == '"') {
		s.p++;
		s.len--;
		s.len -= s.len && s.p[s.len - 1] == '"';
	}
	return s;
}

static void add_term(struct query_terms *q, struct span piece)
{
	struct query_term t = {.group = q->n_groups - 1};
	if (piece.len > 1 && piece.p[0] == '-') {
		t.is_negated = true;
		piece = (struct span){piece.p + 1, piece.len - 1};
	}
	t.kind = take_operator(&piece);
	t.is_prefix = take_star(&piece);
	t.value = without_quotes(piece);
	if (t.value.len)
		q->v[q->n++] = t;
}

void query_parse(const char *text, struct query_terms *out)
{
	*out = (struct query_terms){.n_groups = 1, .is_ascii = true};
	for (const char *p = text; *p; p++)
		out->is_ascii &= (unsigned char)*p < 0x80;
	for (const char *p = text; *p && out->n < QUERY_TERMS_MAX;) {
		struct span piece = take_piece(&p);
		if (span_eq(piece, "OR"))
			out->n_groups++;
		else if (piece.len)
			add_term(out, piece);
		p += *p != '\0';
	}
}

bool query_day(struct span v, int64_t now, struct tm *out)
{
	int64_t days, year, month, day;
	time_t at = (time_t)now;
	if (v.len > 1 && ascii_lower(v.p[v.len - 1]) == 'd' &&
		span_to_i64((struct span){v.p, v.len - 1}, 0, 100000, &days)) {
		at -= (time_t)days * 86400;
		return localtime_r(&at, out) != NULL;
	}
	if (v.len != 10 || !span_to_i64((struct span){v.p, 4}, 1900, 9999, &year) ||
		!span_to_i64((struct span){v.p + 5, 2}, 1, 12, &month) ||
		!span_to_i64((struct span){v.p + 8, 2}, 1, 31, &day))
		return false;
	*out = (struct tm){
		.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
	return true;
}

bool query_is_said(const struct query_term *t, int64_t now)
{
	struct tm tm;
	switch (t->kind) {
	case QUERY_TEXT:
	case QUERY_FROM:
	case QUERY_TO:
	case QUERY_CC:
	case QUERY_SUBJECT:
	case QUERY_FILENAME:
	case QUERY_UNREAD:
	case QUERY_STARRED:
	case QUERY_ATTACHMENT:
		return true;
	case QUERY_AFTER:
	case QUERY_BEFORE:
		return query_day(t->value, now, &tm);
	case QUERY_ELSEWHERE:
	case QUERY_NOWHERE:
		break;
	}
	return false;
}

bool query_is_answerable(const struct query_terms *q, size_t group, int64_t now)
{
	bool any = false;
	for (size_t i = 0; i < q->n; i++) {
		const struct query_term *t = &q->v[i];
		if (t->group != group)
			continue;
		if (t->kind == QUERY_NOWHERE && !t->is_negated)
			return false;
		any |= query_is_said(t, now);
	}
	return any;
}
