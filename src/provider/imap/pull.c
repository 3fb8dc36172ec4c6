/*
 * pull.c - pages of a folder: newest first, resumable, then what changed.
 *
 * Cursor: "v1 UIDVALIDITY UIDNEXT MODSEQ EXISTS FLOOR LOW". Everything up to UIDNEXT is known as
 * of MODSEQ and EXISTS, but for UIDs from FLOOR up to LOW (exclusive), which are still to come;
 * LOW 0 = none. So a killed first sync goes on where it stopped, and new mail that came in a heap
 * is paged like a first sync.
 */
#include "config.h"

#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define PAGE_MESSAGES 200

struct cursor {
	uint32_t uidvalidity, uidnext, exists, floor, low;
	uint64_t modseq;
};

static bool next_number(struct span *rest, int64_t *out)
{
	struct span piece;
	return span_next(rest, ' ', &piece) && span_to_i64(piece, 0, INT64_MAX, out);
}

static bool cursor_read(const char *text, struct cursor *c)
{
	int64_t v[6];
	struct span rest = span_of(text), version;
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "v1"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (!next_number(&rest, &v[i]) || (i != 2 && v[i] > UINT32_MAX))
			return false;
	*c = (struct cursor){.uidvalidity = (uint32_t)v[0],
		.uidnext = (uint32_t)v[1],
		.modseq = (uint64_t)v[2],
		.exists = (uint32_t)v[3],
		.floor = (uint32_t)v[4],
		.low = (uint32_t)v[5]};
	return true;
}

uint32_t imap_cursor_validity(const char *cursor)
{
	struct cursor c;
	return cursor && cursor_read(cursor, &c) ? c.uidvalidity : 0;
}

static const char *cursor_write(struct arena *a, const struct cursor *c)
{
	return arena_printf(a, "v1 %u %u %" PRIu64 " %u %u %u", c->uidvalidity, c->uidnext,
		c->modseq, c->exists, c->floor, c->low);
}

/* SEARCH SINCE compares dates as the server's own calendar sees them: one day of grace. */
static struct mailimap_search_key *history_key(const struct imap_session *s)
{
	if (!s->conf->history_since)
		return mailimap_search_key_new_all();
	time_t t = (time_t)(s->conf->history_since - 86400);
	struct tm tm;
	gmtime_r(&t, &tm);
	return mailimap_search_key_new_since(mailimap_date_new(tm.tm_mday, tm.tm_mon + 1,
		tm.tm_year + 1900));
}

/* The UIDs of a range within the history; "n:*" always names the last message, so cut again. */
static int list_range(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t below,
	uint32_t **out, size_t *n, struct err *e)
{
	struct mailimap_search_key *key = mailimap_search_key_new_multiple_empty();
	mailimap_search_key_multiple_add(key, history_key(s));
	mailimap_search_key_multiple_add(key,
		mailimap_search_key_new_uid(mailimap_set_new_interval(lo, below ? below - 1 : 0)));
	if (imap_search_uids(s, a, key, out, n, e))
		return -1;
	size_t kept = 0;
	for (size_t i = 0; i < *n; i++)
		if ((*out)[i] >= lo && (!below || (*out)[i] < below))
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return 0;
}

static int load_list(struct imap_session *s, const char *folder, const struct cursor *c,
	struct err *e)
{
	arena_reset(&s->list);
	s->list_folder = NULL;
	if (list_range(s, &s->list, c->floor, c->low, &s->uids, &s->n_uids, e))
		return -1;
	s->list_folder = arena_strdup(&s->list, folder);
	return 0;
}

/* The next page below c->low, newest UIDs first. */
static int backfill(struct imap_session *s, const char *folder, struct cursor *c, struct arena *a,
	struct prov_page *out, struct err *e)
{
	bool is_loaded = s->list_folder && strcmp(s->list_folder, folder) == 0;
	if (!is_loaded && load_list(s, folder, c, e))
		return -1;
	while (s->n_uids && s->uids[s->n_uids - 1] >= c->low)
		s->n_uids--;
	size_t n = s->n_uids < PAGE_MESSAGES ? s->n_uids : PAGE_MESSAGES;
	if (n && imap_fetch_headers(s, a, s->uids + s->n_uids - n, n, out, e))
		return -1;
	s->n_uids -= n;
	c->low = s->n_uids ? s->uids[s->n_uids] : 0;
	out->total = (int64_t)s->n_uids;
	out->more = s->n_uids > 0;
	if (!out->more) {
		c->floor = 0;
		arena_reset(&s->list);
		s->list_folder = NULL;
	}
	out->cursor = cursor_write(a, c);
	return 0;
}

static int by_id_number(const void *x, const void *y)
{
	int64_t a = 0, b = 0;
	const struct prov_flag *p = x, *q = y;
	if (!str_to_i64(p->id, 0, UINT32_MAX, &a) || !str_to_i64(q->id, 0, UINT32_MAX, &b))
		return strcmp(p->id, q->id);
	return a < b ? -1 : a > b;
}

static int load_known(struct imap_session *s, const char *folder, struct arena *a,
	struct prov_flag **out, size_t *n, struct err *e)
{
	const struct prov_flag *known = NULL;
	if (s->conf->known(s->conf->known_ctx, folder, a, &known, n, e))
		return -1;
	*out = arena_array(a, *n ? *n : 1, sizeof **out);
	if (*n)
		memcpy(*out, known, *n * sizeof **out);
	qsort(*out, *n, sizeof **out, by_id_number);
	return 0;
}

/* What the store has and a complete listing has not. */
static int find_gone(struct imap_session *s, const char *folder, struct arena *a,
	struct prov_page *out, struct err *e)
{
	uint32_t *uids = NULL;
	struct prov_flag *known = NULL;
	size_t n = 0, n_known = 0, i = 0;
	if (load_known(s, folder, a, &known, &n_known, e) ||
		imap_search_uids(s, a, mailimap_search_key_new_all(), &uids, &n, e))
		return -1;
	out->gone = arena_array(a, n_known ? n_known : 1, sizeof *out->gone);
	for (size_t k = 0; k < n_known; k++) {
		int64_t id = 0;
		bool is_uid = str_to_i64(known[k].id, 1, UINT32_MAX, &id);
		while (i < n && uids[i] < (uint32_t)id)
			i++;
		if (!is_uid || i == n || uids[i] != (uint32_t)id)
			out->gone[out->n_gone++] = known[k].id;
	}
	return 0;
}

/* Without MODSEQ all flags are fetched and compared with what the store has. */
static int changed_flags(struct imap_session *s, const char *folder, const struct cursor *c,
	struct arena *a, struct prov_page *out, struct err *e)
{
	struct prov_flag *now = NULL, *known = NULL;
	size_t n = 0, n_known = 0;
	if (c->uidnext < 2 || s->selected.exists == 0)
		return 0;
	if (imap_fetch_flags(s, a, 1, c->uidnext - 1, c->modseq, &now, &n, e))
		return -1;
	if (load_known(s, folder, a, &known, &n_known, e))
		return -1;
	out->flags = arena_array(a, n ? n : 1, sizeof *out->flags);
	for (size_t i = 0; i < n; i++) {
		const struct prov_flag *at =
			bsearch(&now[i], known, n_known, sizeof *known, by_id_number);
		if (at && at->flags != now[i].flags)
			out->flags[out->n_flags++] = (struct prov_flag){at->id, now[i].flags};
	}
	return 0;
}

static bool is_same(const struct cursor *c, const struct imap_selected *now)
{
	return c->uidnext == now->uidnext && c->exists == now->exists && now->modseq &&
	       c->modseq == now->modseq;
}

static int delta(struct imap_session *s, const char *folder, struct cursor *c, struct arena *a,
	struct prov_page *out, struct err *e)
{
	const struct imap_selected *now = &s->selected;
	uint32_t *fresh = NULL;
	size_t n_fresh = 0;
	if (is_same(c, now)) {
		out->cursor = cursor_write(a, c);
		return 0;
	}
	if (c->modseq != now->modseq || !now->modseq)
		if (changed_flags(s, folder, c, a, out, e))
			return -1;
	if (now->uidnext > c->uidnext &&
		list_range(s, a, c->uidnext, now->uidnext, &fresh, &n_fresh, e))
		return -1;
	/* what is new but older than the history counts in EXISTS too, unseen by list_range() */
	bool is_exact = now->uidnext - c->uidnext == n_fresh;
	if ((!is_exact || now->exists != c->exists + n_fresh) && find_gone(s, folder, a, out, e))
		return -1;
	struct cursor next = {.uidvalidity = now->uidvalidity,
		.uidnext = now->uidnext,
		.modseq = now->modseq,
		.exists = now->exists};
	if (n_fresh) {
		next.floor = c->uidnext;
		next.low = now->uidnext;
		out->more = true;
	}
	out->cursor = cursor_write(a, &next);
	return 0;
}

/* A first look, or the caller starts anew because the server renumbered the folder. */
static int start_anew(struct imap_session *s, const char *folder, struct arena *a,
	struct prov_page *out, struct err *e)
{
	const struct imap_selected *now = &s->selected;
	struct cursor c = {.uidvalidity = now->uidvalidity,
		.uidnext = now->uidnext,
		.modseq = now->modseq,
		.exists = now->exists,
		.floor = 1,
		.low = now->uidnext};
	s->list_folder = NULL;
	if (now->exists)
		return backfill(s, folder, &c, a, out, e);
	c.floor = c.low = 0;
	out->cursor = cursor_write(a, &c);
	return 0;
}

int imap_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct imap_session *s = imap_of(p);
	struct cursor c = {0};
	bool goes_on = s->list_folder && strcmp(s->list_folder, folder) == 0;
	*out = (struct prov_page){.total = -1};
	if (cursor && !cursor_read(cursor, &c))
		return err_set(e, ERR_CONFLICT,
			_("The folder's sync state is of another version."));
	if (goes_on && cursor && c.low ? imap_need(s, folder, e) : imap_select(s, folder, e))
		return -1;
	if (!cursor)
		return start_anew(s, folder, a, out, e);
	if (c.uidvalidity != s->selected.uidvalidity)
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	if (c.low)
		return backfill(s, folder, &c, a, out, e);
	return delta(s, folder, &c, a, out, e);
}
