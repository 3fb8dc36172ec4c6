/*
 * pull.c - pages of a folder: newest first, resumable, then what changed.
 *
 * Cursor: "v1 UIDVALIDITY UIDNEXT MODSEQ EXISTS FLOOR LOW". Everything up to UIDNEXT is known as
 * of MODSEQ and EXISTS, but for UIDs from FLOOR up to LOW (exclusive), which are still to come;
 * LOW 0 = none. So a killed first sync goes on where it stopped, and new mail that came in a heap
 * is paged like a first sync. EXISTS 4294967295: the last complete list that the server gave did
 * not agree with its own count, so that it says nothing about what is gone.
 *
 * What changed is told by QRESYNC (flags and vanished UIDs come with SELECT), else by CONDSTORE
 * (flags) and a list of all UIDs, else by all flags and all UIDs. What vanished is believed when
 * the count of messages agrees, otherwise the list of all UIDs decides.
 */
#include "config.h"

#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"

#define EXISTS_UNKNOWN UINT32_MAX
#define NAMED_MAX 4096 /* messages looked for one by one */

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
static void add_history(struct imap_command *c, const char *key)
{
	struct tm tm;
	time_t t = (time_t)(c->s->conf->history_since - 86400);
	if (!c->s->conf->history_since)
		return;
	gmtime_r(&t, &tm);
	imap_add(c, " %s ", key);
	imap_add_day(c, &tm);
}

/* The UIDs of a range within the history; "n:*" always names the last message, so cut again. */
static int list_range(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t below,
	uint32_t **out, size_t *n, struct err *e)
{
	struct imap_command c = imap_command(s, "SEARCH");
	imap_add(&c, below ? "%s UID %u:%u" : "%s UID %u:*", imap_search_words(s), lo, below - 1);
	add_history(&c, "SINCE");
	if (imap_run_search(&c, a, out, n, e))
		return -1;
	size_t kept = 0;
	for (size_t i = 0; i < *n; i++)
		if ((*out)[i] >= lo && (!below || (*out)[i] < below))
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return 0;
}

/* Only a list that agrees with the server's own count may say what is gone. */
static bool is_cut_short(const struct imap_session *s, size_t n)
{
	if (n == s->selected.exists)
		return false;
	log_line(LOG_WARN, "imap", "account %lld: %zu of %u messages listed",
		(long long)s->conf->account, n, s->selected.exists);
	return true;
}

static int list_all(struct imap_session *s, struct arena *a, uint32_t **out, size_t *n,
	bool *is_short, struct err *e)
{
	if (imap_search_all(s, a, out, n, e))
		return -1;
	*is_short = is_cut_short(s, *n);
	return 0;
}

static int search_history(struct imap_session *s, const char *key, struct arena *a, uint32_t **out,
	size_t *n, struct err *e)
{
	struct imap_command c = imap_command(s, "SEARCH");
	imap_add(&c, "%s", imap_search_words(s));
	add_history(&c, key);
	return imap_run_search(&c, a, out, n, e);
}

/* The UIDs within the history. What is older is the rest: both together have to agree with the
 * count. */
static int list_history(struct imap_session *s, struct arena *a, uint32_t **out, size_t *n,
	bool *is_short, struct err *e)
{
	CLEANUP(arena_release) struct arena rest = ARENA_INIT;
	uint32_t *older = NULL;
	size_t n_older = 0;
	if (search_history(s, "SINCE", a, out, n, e) ||
		search_history(s, "BEFORE", &rest, &older, &n_older, e))
		return -1;
	*is_short = is_cut_short(s, *n + n_older);
	return 0;
}

/* Whether the list may make anything go: nothing can where the store has nothing. */
static int has_known(struct imap_session *s, const char *folder, bool *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct prov_flag *known = NULL;
	size_t n = 0;
	if (s->conf->known(s->conf->known_ctx, folder, NULL, 0, &a, &known, &n, e))
		return -1;
	*out = n > 0;
	return 0;
}

static int list_uids(struct imap_session *s, const char *folder, const struct cursor *c,
	bool *is_short, struct err *e)
{
	bool may_lose = false;
	if (!s->conf->history_since)
		return list_all(s, &s->list, &s->uids, &s->n_uids, is_short, e);
	if (c->floor <= 1 && has_known(s, folder, &may_lose, e))
		return -1;
	return may_lose ? list_history(s, &s->list, &s->uids, &s->n_uids, is_short, e)
			: list_range(s, &s->list, c->floor, c->low, &s->uids, &s->n_uids, e);
}

static int load_list(struct imap_session *s, const char *folder, struct cursor *c, struct err *e)
{
	bool is_short = false;
	arena_reset(&s->list);
	s->list_folder = NULL;
	if (list_uids(s, folder, c, &is_short, e))
		return -1;
	while (s->n_uids && s->uids[0] < c->floor) {
		s->uids++;
		s->n_uids--;
	}
	if (is_short)
		c->exists = EXISTS_UNKNOWN;
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
	size_t n = s->n_uids < IMAP_PAGE ? s->n_uids : IMAP_PAGE;
	if (n && imap_fetch_headers(s, a, s->uids + s->n_uids - n, n, out, e))
		return -1;
	s->n_uids -= n;
	c->low = s->n_uids ? s->uids[s->n_uids] : 0;
	out->total = (int64_t)s->n_uids;
	out->more = s->n_uids > 0;
	out->is_short = c->exists == EXISTS_UNKNOWN;
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

/* Of what is known the named ones alone, if they are so few that looking for each is less work than
 * reading all. Ascending, each once. */
static int load_named(struct imap_session *s, const char *folder, const char *const *ids,
	size_t n_ids, struct arena *a, struct prov_flag **out, size_t *n, struct err *e)
{
	const struct prov_flag *known = NULL;
	size_t n_known = 0;
	if (s->conf->known(s->conf->known_ctx, folder, n_ids <= NAMED_MAX ? ids : NULL, n_ids, a,
		    &known, &n_known, e))
		return -1;
	*out = arena_array(a, n_known ? n_known : 1, sizeof **out);
	if (n_known)
		memcpy(*out, known, n_known * sizeof **out);
	qsort(*out, n_known, sizeof **out, by_id_number);
	*n = 0;
	for (size_t i = 0; i < n_known; i++)
		if (*n == 0 || by_id_number(&(*out)[i], &(*out)[*n - 1]) != 0)
			(*out)[(*n)++] = (*out)[i];
	return 0;
}

static int load_known(struct imap_session *s, const char *folder, struct arena *a,
	struct prov_flag **out, size_t *n, struct err *e)
{
	return load_named(s, folder, NULL, 0, a, out, n, e);
}

static const char **ids_of(const struct prov_flag *flags, size_t n, uint64_t n_more,
	struct arena *a)
{
	const char **ids = arena_array(a, n + n_more + 1, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		ids[i] = flags[i].id;
	return ids;
}

/* What the store has and a complete list has not. */
static int find_gone(struct imap_session *s, const char *folder, struct arena *a,
	struct prov_page *out, struct err *e)
{
	uint32_t *uids = NULL;
	struct prov_flag *known = NULL;
	size_t n = 0, n_known = 0, i = 0;
	out->n_gone = 0;
	if (load_known(s, folder, a, &known, &n_known, e) ||
		list_all(s, a, &uids, &n, &out->is_short, e))
		return -1;
	if (out->is_short)
		return 0;
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

/* Of the flags that the server named those that the store has otherwise. */
static void keep_changes(const struct prov_flag *now, size_t n, const struct prov_flag *known,
	size_t n_known, struct arena *a, struct prov_page *out)
{
	out->flags = arena_array(a, n ? n : 1, sizeof *out->flags);
	for (size_t i = 0; i < n && n_known; i++) {
		const struct prov_flag *at =
			bsearch(&now[i], known, n_known, sizeof *known, by_id_number);
		if (at && at->flags != now[i].flags)
			out->flags[out->n_flags++] =
				(struct prov_flag){.id = at->id, .flags = now[i].flags};
	}
}

/* Without MODSEQ all flags are fetched and compared with what the store has. */
static int changed_flags(struct imap_session *s, const char *folder, const struct cursor *c,
	struct arena *a, struct prov_page *out, struct err *e)
{
	struct prov_flag *now = NULL, *known = NULL;
	size_t n = 0, n_known = 0;
	if (c->uidnext < 2 || s->selected.exists == 0)
		return 0;
	if (imap_fetch_flags(s, a, 1, c->uidnext - 1, c->modseq, &now, &n, e) ||
		load_named(s, folder, ids_of(now, n, 0, a), n, a, &known, &n_known, e))
		return -1;
	keep_changes(now, n, known, n_known, a, out);
	return 0;
}

/* ---- QRESYNC --------------------------------------------------------------------------------- */

struct uid_range {
	uint32_t lo, hi;
};
struct since { /* what SELECT (QRESYNC) told */
	struct arena *a;
	struct prov_flag *flags;
	size_t n_flags, cap_flags;
	struct uid_range *vanished;
	size_t n_vanished, cap_vanished;
	uint64_t count; /* UIDs in vanished */
	bool is_asked;
};

static void add_vanished(void *ctx, uint32_t lo, uint32_t hi)
{
	struct since *n = ctx;
	if (n->n_vanished == IMAP_MAX_UIDS)
		return; /* the count will not agree, and the list of all UIDs decides */
	n->vanished = arena_grow(n->a, n->vanished, &n->cap_vanished, n->n_vanished + 1,
		sizeof *n->vanished);
	n->vanished[n->n_vanished++] = (struct uid_range){lo, hi};
	n->count += (uint64_t)hi - lo + 1;
}

static void on_since(void *ctx, const struct imap_untagged *u)
{
	struct since *n = ctx;
	if (strcmp(u->word, "VANISHED") == 0) {
		if (!imap_lex_next(u->lex))
			return;
		if (u->lex->kind == TOKEN_OPEN) { /* "(EARLIER)" */
			imap_lex_skip(u->lex);
			imap_lex_next(u->lex);
		}
		imap_uids_parse(u->lex->text, add_vanished, n);
	} else if (strcmp(u->word, "FETCH") == 0 && n->n_flags < IMAP_MAX_UIDS) {
		struct imap_fetched f = imap_read_fetch(u->lex);
		if (!f.uid || !f.has_flags)
			return;
		n->flags =
			arena_grow(n->a, n->flags, &n->cap_flags, n->n_flags + 1, sizeof *n->flags);
		n->flags[n->n_flags++] =
			(struct prov_flag){.id = arena_printf(n->a, "%u", f.uid), .flags = f.flags};
	}
}

static int by_range(const void *x, const void *y)
{
	const struct uid_range *a = x, *b = y;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Both ascending: one walk over what is known and what vanished. */
static void gone_of_vanished(struct since *n, const struct prov_flag *known, size_t n_known,
	struct arena *a, struct prov_page *out)
{
	size_t r = 0;
	if (n->n_vanished)
		qsort(n->vanished, n->n_vanished, sizeof *n->vanished, by_range);
	out->gone = arena_array(a, n_known ? n_known : 1, sizeof *out->gone);
	for (size_t k = 0; k < n_known; k++) {
		int64_t id = 0;
		if (!str_to_i64(known[k].id, 1, UINT32_MAX, &id))
			continue;
		while (r < n->n_vanished && n->vanished[r].hi < (uint32_t)id)
			r++;
		if (r < n->n_vanished && n->vanished[r].lo <= (uint32_t)id)
			out->gone[out->n_gone++] = known[k].id;
	}
}

/* Known of the messages that it names, or all. */
static int load_since(struct imap_session *s, const char *folder, const struct since *n,
	struct arena *a, struct prov_flag **out, size_t *n_out, struct err *e)
{
	uint64_t named = n->n_flags + n->count;
	if (named > NAMED_MAX)
		return load_known(s, folder, a, out, n_out, e);
	const char **ids = ids_of(n->flags, n->n_flags, n->count, a);
	size_t at = n->n_flags;
	for (size_t i = 0; i < n->n_vanished; i++)
		for (uint64_t uid = n->vanished[i].lo; uid <= n->vanished[i].hi; uid++)
			ids[at++] = arena_printf(a, "%u", (unsigned)uid);
	return load_named(s, folder, ids, at, a, out, n_out, e);
}

static int take_since(struct imap_session *s, const char *folder, struct since *n, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct prov_flag *known = NULL;
	size_t n_known = 0;
	if (!n->n_flags && !n->n_vanished)
		return 0;
	if (load_since(s, folder, n, a, &known, &n_known, e))
		return -1;
	keep_changes(n->flags, n->n_flags, known, n_known, a, out);
	gone_of_vanished(n, known, n_known, a, out);
	return 0;
}

/* ---- what changed ---------------------------------------------------------------------------- */

static bool is_same(const struct cursor *c, const struct imap_selected *now)
{
	return c->uidnext == now->uidnext && c->exists == now->exists && now->modseq &&
	       c->modseq == now->modseq;
}

bool imap_cursor_holds(const char *cursor, const struct imap_selected *now)
{
	struct cursor c;
	return cursor && cursor_read(cursor, &c) && !c.low && c.uidvalidity == now->uidvalidity &&
	       is_same(&c, now);
}

static int changes(struct imap_session *s, const char *folder, const struct cursor *c,
	struct since *since, struct arena *a, struct prov_page *out, struct err *e)
{
	const struct imap_selected *now = &s->selected;
	if (since->is_asked)
		return take_since(s, folder, since, a, out, e);
	if (c->modseq != now->modseq || !now->modseq)
		return changed_flags(s, folder, c, a, out, e);
	return 0;
}

/* Whether the numbers leave open what is gone. What is new but older than the history counts in
 * EXISTS too, unseen by list_range(). */
static bool is_open(const struct cursor *c, const struct imap_selected *now, size_t n_fresh,
	uint64_t vanished)
{
	return c->exists == EXISTS_UNKNOWN || now->uidnext - c->uidnext != n_fresh ||
	       now->exists + vanished != (uint64_t)c->exists + n_fresh;
}

static int delta(struct imap_session *s, const char *folder, struct cursor *c, struct since *since,
	struct arena *a, struct prov_page *out, struct err *e)
{
	const struct imap_selected *now = &s->selected;
	uint32_t *fresh = NULL;
	size_t n_fresh = 0;
	if (is_same(c, now)) {
		out->cursor = cursor_write(a, c);
		return 0;
	}
	struct cursor next = {.uidvalidity = now->uidvalidity,
		.uidnext = now->uidnext,
		.modseq = now->modseq,
		.exists = now->exists};
	if (changes(s, folder, c, since, a, out, e))
		return -1;
	if (next.uidnext > c->uidnext &&
		list_range(s, a, c->uidnext, next.uidnext, &fresh, &n_fresh, e))
		return -1;
	if (is_open(c, now, n_fresh, since->count) && find_gone(s, folder, a, out, e))
		return -1;
	if (out->is_short) {
		next.exists = EXISTS_UNKNOWN;
	} else if (c->exists == EXISTS_UNKNOWN) { /* the list was short; now all can be had */
		next.floor = 1;
		next.low = next.uidnext;
		out->more = true;
	}
	if (n_fresh && !out->more) {
		next.floor = c->uidnext;
		next.low = next.uidnext;
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

/* Selects the folder for the next page: as it stands in the middle of a list, anew otherwise. */
static int select_for(struct imap_session *s, const char *folder, const struct cursor *c,
	struct since *since, struct err *e)
{
	bool goes_on = s->list_folder && strcmp(s->list_folder, folder) == 0;
	const struct imap_since from = {c->uidvalidity, c->modseq, on_since, since};
	bool asks = c->uidvalidity && c->modseq && !c->low && s->caps & CAP_QRESYNC;
	if (goes_on && c->low)
		return imap_need(s, folder, e);
	if (imap_select_since(s, folder, asks ? &from : NULL, e))
		return -1;
	since->is_asked = asks && s->caps & CAP_QRESYNC && s->selected.modseq;
	return 0;
}

int imap_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct imap_session *s = imap_of(p);
	struct cursor c = {0};
	struct since since = {.a = a};
	*out = (struct prov_page){.total = -1};
	if (cursor && !cursor_read(cursor, &c))
		return err_set(e, ERR_CONFLICT,
			_("The folder's sync state is of another version."));
	if (select_for(s, folder, &c, &since, e))
		return -1;
	if (!cursor)
		return start_anew(s, folder, a, out, e);
	if (c.uidvalidity != s->selected.uidvalidity)
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	if (c.low)
		return backfill(s, folder, &c, a, out, e);
	return delta(s, folder, &c, &since, a, out, e);
}
