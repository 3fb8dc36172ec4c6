/*
 * fetch.c - FETCH answers, flags and bodies. Headers and bodies come as literals, so that there is
 * little to misread; no ENVELOPE and no BODYSTRUCTURE is ever asked for.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"

#define WHOLE_MIN ((uint64_t)100 << 20) /* from here on BODY.PEEK[] is asked without a range */

/* ---- one answer ------------------------------------------------------------------------------ */

struct flag_name {
	const char *name;
	uint32_t flag;
};

static const struct flag_name flag_names[] = {
	{"\\Seen", MSG_SEEN},
	{"\\Flagged", MSG_FLAGGED},
	{"\\Answered", MSG_ANSWERED},
	{"\\Draft", MSG_DRAFT},
	{"\\Deleted", MSG_DELETED},
	{"$Forwarded", MSG_FORWARDED},
	{"Forwarded", MSG_FORWARDED},
	{"$Junk", MSG_JUNK},
	{"Junk", MSG_JUNK},
};

static uint32_t read_flags(struct imap_lex *lex)
{
	uint32_t flags = 0;
	unsigned inside = lex->depth;
	while (imap_lex_next(lex) && lex->depth >= inside)
		for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
			if (imap_lex_is(lex, flag_names[i].name))
				flags |= flag_names[i].flag;
	return flags;
}

/* "17-Jul-1996 02:44:25 -0700"; 0 for anything else. */
static int64_t read_date(struct span s)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int64_t day, year, h, m, sec, zone;
	struct span t = span_trim(s);
	char name[4] = "";
	size_t d = t.len > 1 && t.p[1] == '-' ? 1 : 2; /* a one-digit day may lack its blank */
	if (t.len != d + 24 || !span_to_i64(span_trim((struct span){t.p, d}), 1, 31, &day) ||
		!span_to_i64((struct span){t.p + d + 5, 4}, 1900, 9999, &year) ||
		!span_to_i64((struct span){t.p + d + 10, 2}, 0, 23, &h) ||
		!span_to_i64((struct span){t.p + d + 13, 2}, 0, 59, &m) ||
		!span_to_i64((struct span){t.p + d + 16, 2}, 0, 60, &sec) ||
		!span_to_i64((struct span){t.p + d + 20, 4}, 0, 2400, &zone))
		return 0;
	for (size_t i = 0; i < 3; i++)
		name[i] = ascii_lower(t.p[d + 1 + i]);
	const char *at = strstr(months, name);
	if (!at || (at - months) % 3)
		return 0;
	struct tm tm = {.tm_year = (int)year - 1900,
		.tm_mon = (int)(at - months) / 3,
		.tm_mday = (int)day,
		.tm_hour = (int)h,
		.tm_min = (int)m,
		.tm_sec = (int)sec};
	int64_t off = (zone / 100 * 60 + zone % 100) * 60;
	return (int64_t)timegm(&tm) - (t.p[d + 19] == '-' ? -off : off);
}

static bool is_body(struct span name)
{
	return name.len > 5 && str_ncasecmp(name.p, "BODY[", 5) == 0;
}

/* One item's value, at the lexer. What has an unexpected shape is passed over. */
static void read_item(struct imap_lex *lex, struct span name, struct imap_fetched *f)
{
	uint64_t n = 0;
	if (span_caseeq(name, "UID") && imap_lex_number(lex, UINT32_MAX, &n)) {
		f->uid = (uint32_t)n;
	} else if (span_caseeq(name, "FLAGS") && lex->kind == TOKEN_OPEN) {
		f->has_flags = true;
		f->flags = read_flags(lex);
		return;
	} else if (span_caseeq(name, "INTERNALDATE") && lex->kind == TOKEN_STRING) {
		f->received = read_date(lex->text);
	} else if (span_caseeq(name, "RFC822.SIZE") && imap_lex_number(lex, INT64_MAX, &n)) {
		f->size = n;
	} else if (is_body(name) && lex->kind == TOKEN_STRING) {
		f->data = lex->text.p ? lex->text.p : "";
		f->len = lex->text.len;
		f->whole_len = lex->size;
	}
	imap_lex_skip(lex);
}

struct imap_fetched imap_read_fetch(struct imap_lex *lex)
{
	struct imap_fetched f = {0};
	if (!imap_lex_next(lex) || lex->kind != TOKEN_OPEN)
		return f;
	while (imap_lex_next(lex) && lex->kind != TOKEN_CLOSE) {
		struct span name = lex->text;
		if (lex->kind != TOKEN_ATOM)
			imap_lex_skip(lex);
		else if (imap_lex_next(lex) && lex->kind != TOKEN_CLOSE)
			read_item(lex, name, &f);
	}
	return f;
}

int imap_uid_of(const char *id, uint32_t *uid, struct err *e)
{
	int64_t n = 0;
	if (!id || !str_to_i64(id, 1, UINT32_MAX, &n))
		return err_set(e, ERR_NOTFOUND, _("The message has no place on the server yet."));
	*uid = (uint32_t)n;
	return 0;
}

/* ---- flags ----------------------------------------------------------------------------------- */

struct flag_list {
	struct arena *a;
	struct prov_flag *v;
	size_t n, cap;
};

static void on_flags(void *ctx, const struct imap_untagged *u)
{
	struct flag_list *l = ctx;
	if (strcmp(u->word, "FETCH") != 0)
		return;
	struct imap_fetched f = imap_read_fetch(u->lex);
	if (!f.uid || !f.has_flags || l->n == IMAP_MAX_UIDS)
		return;
	l->v = arena_grow(l->a, l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct prov_flag){.id = arena_printf(l->a, "%u", f.uid), .flags = f.flags};
}

int imap_fetch_flags(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t hi,
	uint64_t modseq, struct prov_flag **out, size_t *n, struct err *e)
{
	struct flag_list l = {.a = a};
	struct imap_command c = imap_command(s, "FETCH");
	imap_add(&c, "UID FETCH %u:%u (UID FLAGS)", lo, hi);
	if (modseq) /* RFC 7162 section 3.1.4.1 */
		imap_add(&c, " (CHANGEDSINCE %llu)", (unsigned long long)modseq);
	if (imap_run(&c, on_flags, &l, e))
		return -1;
	*out = l.v;
	*n = l.n;
	return 0;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

struct body_wish {
	int (*one)(void *, const char *, const char *, size_t, bool);
	void *ctx;
	uint64_t max_bytes;
	bool is_partial; /* a range was asked for */
	int stop;
};

static void on_body(void *ctx, const struct imap_untagged *u)
{
	struct body_wish *w = ctx;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (w->stop || strcmp(u->word, "FETCH") != 0)
		return;
	struct imap_fetched f = imap_read_fetch(u->lex);
	if (!f.uid || !f.data)
		return; /* news about flags */
	bool is_whole = f.len == f.whole_len && (!w->is_partial || f.len < w->max_bytes);
	w->stop = w->one(w->ctx, arena_printf(&a, "%u", f.uid), f.data, f.len, is_whole);
}

int imap_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes, int (*one)(void *, const char *, const char *, size_t, bool),
	void *ctx, struct err *e)
{
	struct imap_session *s = imap_of(p);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct imap_uid_list uids = {.a = &a};
	struct body_wish w = {one, ctx, max_bytes, max_bytes < WHOLE_MIN, 0};
	for (size_t i = 0; i < n; i++) {
		uint32_t uid = 0;
		if (imap_uid_of(ids[i], &uid, e))
			return -1;
		imap_uids_add(&uids, uid, uid);
	}
	if (!n || imap_need_as_of(s, folder, cursor, e))
		return n ? -1 : 0;
	imap_uids_sort(&uids);
	struct imap_command c = imap_command(s, "FETCH");
	imap_add(&c, "UID FETCH ");
	imap_add_uids(&c, uids.v, uids.n);
	imap_add(&c, " (UID BODY.PEEK[]");
	if (w.is_partial)
		imap_add(&c, "<0.%llu>", (unsigned long long)max_bytes);
	imap_add(&c, ")");
	c.keep = max_bytes < SIZE_MAX ? (size_t)max_bytes : SIZE_MAX;
	if (imap_run(&c, on_body, &w, e))
		return -1;
	return w.stop ? err_set(e, ERR_CANCELLED, _("Cancelled.")) : 0;
}
