/*
 * query.c - the server's part of a search: crmail's query language as keys of IMAP's SEARCH, as far
 * as it has them; a file's name is looked for like any word.
 */
#include "config.h"

#include "session.h"

#include <string.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"

#include "src/provider/query.h"

/* Those with a value; IMAP looks for parts of words anyway, so that a prefix needs no star. */
static const char *const text_keys[] = {
	[QUERY_TEXT] = "TEXT",
	[QUERY_FROM] = "FROM",
	[QUERY_TO] = "TO",
	[QUERY_CC] = "CC",
	[QUERY_SUBJECT] = "SUBJECT",
	[QUERY_FILENAME] = "TEXT",
};

static void add_day(struct imap_command *c, const char *key, struct span value, int64_t now)
{
	struct tm tm;
	if (!query_day(value, now, &tm))
		return;
	imap_add(c, "%s ", key);
	imap_add_day(c, &tm);
}

static void add_key(struct imap_command *c, const struct query_term *t, int64_t now)
{
	imap_add(c, t->is_negated ? "NOT " : "");
	switch (t->kind) {
	case QUERY_TEXT:
	case QUERY_FROM:
	case QUERY_TO:
	case QUERY_CC:
	case QUERY_SUBJECT:
	case QUERY_FILENAME:
		imap_add(c, "%s ", text_keys[t->kind]);
		imap_add_string(c, t->value.p, t->value.len);
		break;
	case QUERY_UNREAD:
		imap_add(c, "UNSEEN");
		break;
	case QUERY_STARRED:
		imap_add(c, "FLAGGED");
		break;
	case QUERY_ATTACHMENT:
		imap_add(c, "HEADER Content-Type \"multipart/mixed\"");
		break;
	case QUERY_AFTER:
		add_day(c, "SINCE", t->value, now);
		break;
	case QUERY_BEFORE:
		add_day(c, "BEFORE", t->value, now);
		break;
	case QUERY_ELSEWHERE:
	case QUERY_NOWHERE:
		break;
	}
}

static void add_group(struct imap_command *c, const struct query_terms *q, size_t group,
	int64_t now)
{
	bool is_first = true;
	imap_add(c, "(");
	for (size_t i = 0; i < q->n; i++) {
		if (q->v[i].group != group || !query_is_said(&q->v[i], now))
			continue;
		imap_add(c, is_first ? "" : " ");
		is_first = false;
		add_key(c, &q->v[i], now);
	}
	imap_add(c, ")");
}

/* False when nothing in the query is for a server. */
static bool add_query(struct imap_command *c, const char *text, int64_t now)
{
	struct query_terms q;
	size_t left = 0;
	query_parse(text, &q);
	for (size_t g = 0; g < q.n_groups; g++)
		left += query_is_answerable(&q, g, now);
	if (!left)
		return false;
	imap_add(c, q.is_ascii ? "UID SEARCH " : "UID SEARCH CHARSET UTF-8 ");
	for (size_t g = 0; g < q.n_groups; g++) {
		if (!query_is_answerable(&q, g, now))
			continue;
		imap_add(c, --left ? "OR " : ""); /* OR takes two keys: (a) or ((b) or (c)) */
		add_group(c, &q, g, now);
		imap_add(c, left ? " " : "");
	}
	return true;
}

/* ---- provider_ops.search --------------------------------------------------------------------- */

/* Cursor: "s1 UIDVALIDITY BELOW". */
static bool read_cursor(const char *text, uint32_t uidvalidity, uint32_t *below)
{
	struct span rest = span_of(text), version, validity, uid;
	int64_t v = 0, n = 0;
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "s1") ||
		!span_next(&rest, ' ', &validity) || !span_to_i64(validity, 0, UINT32_MAX, &v) ||
		!span_next(&rest, ' ', &uid) || !span_to_i64(uid, 1, UINT32_MAX, &n))
		return false;
	*below = (uint32_t)n;
	return (uint32_t)v == uidvalidity;
}

static int take_page(struct imap_session *s, const struct query *q, const uint32_t *uids, size_t n,
	struct arena *a, struct prov_page *out, struct err *e)
{
	size_t most = q->max && q->max < IMAP_PAGE ? q->max : IMAP_PAGE;
	size_t take = n < most ? n : most;
	out->more = n > take;
	out->total = (int64_t)(n - take);
	if (out->more)
		out->cursor = arena_printf(a, "s1 %u %u", s->selected.uidvalidity, uids[n - take]);
	return take ? imap_fetch_headers(s, a, uids + n - take, take, out, e) : 0;
}

int imap_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e)
{
	struct imap_session *s = imap_of(p);
	uint32_t *uids = NULL, below = UINT32_MAX;
	size_t n = 0;
	int64_t now = clock_now(s->conf->clock);
	*out = (struct prov_page){.total = -1};
	if (imap_need_as_of(s, q->folder, q->as_of, e))
		return -1;
	if (q->cursor && !read_cursor(q->cursor, s->selected.uidvalidity, &below))
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	struct imap_command c = imap_command(s, "SEARCH");
	if (!add_query(&c, q->text, now)) {
		imap_command_drop(&c);
		return 0;
	}
	if (imap_run_search(&c, a, &uids, &n, e))
		return -1;
	while (n && uids[n - 1] >= below)
		n--;
	return take_page(s, q, uids, n, a, out, e);
}
