/* query.c - see query.h. */
#include "config.h"

#include "query.h"

#include "crmail/base/op.h"

/* "Searchable email properties" of that page; no property: sender, subject and body. */
static const char *const properties[] = {
	[QUERY_TEXT] = "",
	[QUERY_FROM] = "from:",
	[QUERY_TO] = "to:",
	[QUERY_CC] = "cc:",
	[QUERY_SUBJECT] = "subject:",
	[QUERY_FILENAME] = "attachment:",
};

static bool is_simple(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_isalnum(s.p[i]) && (unsigned char)s.p[i] < 0x80)
			return false;
	return s.len > 0;
}

/* A phrase, which no word of KQL's own can be; its quotes stand inside those of the whole. */
static void add_value(struct buf *out, const struct query_term *t)
{
	if (t->is_prefix && is_simple(t->value)) {
		buf_add(out, t->value.p, t->value.len);
		buf_addch(out, '*');
		return;
	}
	buf_addstr(out, "\\\"");
	for (size_t i = 0; i < t->value.len; i++) {
		char c = t->value.p[i];
		buf_addch(out, (unsigned char)c < ' ' || c == '"' || c == '\\' ? ' ' : c);
	}
	buf_addstr(out, "\\\"");
}

static void add_day(struct buf *out, const char *how, struct span value, int64_t now)
{
	struct tm tm;
	if (query_day(value, now, &tm))
		buf_addf(out, "received%s%04d-%02d-%02d", how, tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday);
}

/* False: there is no word for it. */
static bool add_word(struct buf *out, const struct query_term *t, int64_t now)
{
	switch (t->kind) {
	case QUERY_TEXT:
	case QUERY_FROM:
	case QUERY_TO:
	case QUERY_CC:
	case QUERY_SUBJECT:
	case QUERY_FILENAME:
		buf_addstr(out, properties[t->kind]);
		add_value(out, t);
		return true;
	case QUERY_ATTACHMENT:
		buf_addstr(out, "hasAttachments:true");
		return true;
	case QUERY_AFTER:
		add_day(out, ">=", t->value, now);
		return query_is_said(t, now);
	case QUERY_BEFORE:
		add_day(out, "<", t->value, now);
		return query_is_said(t, now);
	case QUERY_UNREAD:
	case QUERY_STARRED:
	case QUERY_ELSEWHERE:
	case QUERY_NOWHERE:
		break;
	}
	return false;
}

void graph_query_words(struct buf *out, const struct query_terms *q, size_t group, int64_t now)
{
	size_t n = 0;
	for (size_t i = 0; i < q->n; i++) {
		CLEANUP(buf_release) struct buf word = BUF_INIT(8192);
		if (q->v[i].group != group || !add_word(&word, &q->v[i], now))
			continue;
		buf_addstr(out, n++ ? " AND " : "\"");
		buf_addstr(out, q->v[i].is_negated ? "NOT " : "");
		buf_add(out, word.p, word.len);
	}
	if (n)
		buf_addch(out, '"');
}

struct graph_wanted graph_query_flags(const struct query_terms *q, size_t group)
{
	struct graph_wanted w = {0, 0};
	for (size_t i = 0; i < q->n; i++) {
		const struct query_term *t = &q->v[i];
		if (t->group != group)
			continue;
		if (t->kind == QUERY_UNREAD)
			*(t->is_negated ? &w.set : &w.clear) |= MSG_SEEN;
		if (t->kind == QUERY_STARRED)
			*(t->is_negated ? &w.clear : &w.set) |= MSG_FLAGGED;
	}
	return w;
}

void graph_query_filter(struct buf *out, struct graph_wanted w)
{
	uint32_t said = w.set | w.clear;
	if (said & MSG_SEEN)
		buf_addf(out, "isRead eq %s", w.set & MSG_SEEN ? "true" : "false");
	if (said & MSG_SEEN && said & MSG_FLAGGED)
		buf_addstr(out, " and ");
	if (said & MSG_FLAGGED)
		buf_addf(out, "flag/flagStatus %s 'flagged'", w.set & MSG_FLAGGED ? "eq" : "ne");
}
