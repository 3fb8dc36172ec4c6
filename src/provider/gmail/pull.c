/*
 * pull.c - Gmail's mail in pages: a first listing of everything, newest first, then the history
 * since. The service's pages of ids are a queue here, of which each call asks for one batch. See
 * gmail.h for the cursor.
 */
#include "config.h"

#include "gmail.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"

#define UNITS_A_MINUTE 15000 /* of Gmail's quota, for one user */
#define UNITS_OF_CALL 5      /* messages.get, messages.list; history.list costs less */
#define PAUSE_MS 200         /* as long as a step may wait: what the user wants comes between */
#define PAGE_IDS "500"
#define GROW_BELOW ((size_t)4 << 20) /* bytes of a batch, up to which the next may be larger */

/* ---- the pace -------------------------------------------------------------------------------- */

/* A minute's worth may be spent at once. False: not yet, and PAUSE_MS have passed. */
static bool may_spend(struct gmail *g, int64_t units)
{
	int64_t now = clock_mono_ms();
	g->units += (now - g->units_at_ms) * UNITS_A_MINUTE / 60000;
	g->units_at_ms = now;
	if (g->units > UNITS_A_MINUTE)
		g->units = UNITS_A_MINUTE;
	if (g->units >= units) {
		g->units -= units;
		return true;
	}
	struct pollfd fd = {.fd = net_cancel_fd(g->conf->cancel ? g->conf->cancel : g->own_cancel),
		.events = POLLIN};
	poll(&fd, 1, PAUSE_MS);
	return false;
}

/* ---- where it stands ------------------------------------------------------------------------- */

static const char *after(const char *cursor, const char *word)
{
	return cursor && str_starts(cursor, word) ? cursor + strlen(word) : NULL;
}

static int newest_history(struct gmail *g, const char **out, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	int64_t total = -1;
	if (web_json(g->web, "GET", GMAIL_ME "/profile", NULL, &j, e))
		return -1;
	const char *id = json_str(j, "/historyId");
	if (!gmail_is_id(id))
		return err_set(e, ERR_PROTO, _("Gmail does not say where its history stands."));
	g->total = json_i64(j, "/messagesTotal", &total) && total >= 0 ? total : -1;
	*out = arena_strdup(&g->run, id);
	return 0;
}

static void forget_run(struct gmail *g)
{
	g->mode = GMAIL_IDLE;
	g->queue = NULL;
	g->n_queue = g->next = 0;
	g->token = NULL;
	g->cursor_now = NULL;
	g->history_to = NULL;
	arena_reset(&g->run);
	arena_reset(&g->page);
}

/* Which listing the cursor wants: one that goes on in this provider needs no start. */
static int start(struct gmail *g, const char *cursor, struct err *e)
{
	const char *list = after(cursor, "v1 list "), *again = after(cursor, "v1 again ");
	const char *at = after(cursor, "v1 at ");
	const char *from = list ? list : again ? again : at;
	forget_run(g);
	if (cursor && !gmail_is_id(from)) {
		g->was_expired = true;
		return err_set(e, ERR_CONFLICT, _("Gmail's mail is listed anew."));
	}
	if (!cursor && newest_history(g, &from, e))
		return -1;
	g->history_from = arena_strdup(&g->run, from);
	g->is_again = again || (!cursor && g->was_expired);
	g->was_expired = false;
	g->mode = at ? GMAIL_HISTORY : GMAIL_LISTING;
	g->has_more = true;
	g->cursor_now = arena_strdup(&g->run, cursor);
	return 0;
}

static bool goes_on(const struct gmail *g, const char *cursor)
{
	if (g->mode == GMAIL_IDLE || !g->cursor_now != !cursor)
		return false;
	return !cursor || strcmp(g->cursor_now, cursor) == 0;
}

static const char *new_cursor(struct gmail *g, struct arena *a, const char *word, const char *id)
{
	const char *c = arena_printf(a, "v1 %s %s", word, id);
	g->cursor_now = arena_strdup(&g->run, c);
	return c;
}

/* ---- the service's pages --------------------------------------------------------------------- */

static int by_flag_id(const void *x, const void *y)
{
	const struct prov_flag *a = x, *b = y;
	return strcmp(a->id, b->id);
}

static bool is_in(const struct prov_flag *known, size_t n, const char *id)
{
	const struct prov_flag key = {.id = id};
	return n && bsearch(&key, known, n, sizeof key, by_flag_id);
}

/* What the store has already is not asked for again; only where its labels may have changed. */
static int mark_known(struct gmail *g, bool is_wanted, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct prov_flag *known = NULL;
	size_t n = 0, kept = 0;
	const char **ids = arena_array(&a, g->n_queue + 1, sizeof *ids);
	for (size_t i = 0; i < g->n_queue; i++)
		ids[i] = g->queue[i].id;
	if (!g->n_queue || !g->conf->known)
		return 0;
	if (g->conf->known(g->conf->known_ctx, NULL, ids, g->n_queue, &a, &known, &n, e))
		return -1;
	struct prov_flag *sorted = arena_array(&a, n + 1, sizeof *sorted);
	if (n) {
		memcpy(sorted, known, n * sizeof *sorted);
		qsort(sorted, n, sizeof *sorted, by_flag_id);
	}
	struct gmail_entry *all = arena_array(&a, g->n_queue, sizeof *all);
	memcpy(all, g->queue, g->n_queue * sizeof *all);
	for (size_t i = 0; i < g->n_queue; i++)
		all[i].is_known = is_in(sorted, n, all[i].id);
	/* like beside like, so that batches are full: what is new comes first */
	for (size_t i = 0; i < g->n_queue; i++)
		if (!all[i].is_known && !all[i].is_gone)
			g->queue[kept++] = all[i];
	for (size_t i = 0; is_wanted && i < g->n_queue; i++)
		if (all[i].is_known && !all[i].is_gone)
			g->queue[kept++] = all[i];
	for (size_t i = 0; is_wanted && i < g->n_queue; i++)
		if (all[i].is_known && all[i].is_gone)
			g->queue[kept++] = all[i];
	g->n_queue = kept;
	return 0;
}

static void take_token(struct gmail *g, const char *next)
{
	g->has_more = next != NULL;
	g->token = next ? arena_strdup(&g->run, next) : NULL;
}

static const char *list_path(struct gmail *g, struct buf *path)
{
	buf_addstr(path, GMAIL_ME "/messages?includeSpamTrash=true&maxResults=" PAGE_IDS);
	if (g->conf->history_since)
		buf_addf(path, "&q=after%%3A%" PRId64, g->conf->history_since);
	if (g->token) {
		buf_addstr(path, "&pageToken=");
		http_add_escaped(path, g->token);
	}
	return path->p;
}

static int read_listing(struct gmail *g, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	const cJSON *one;
	if (web_json(g->web, "GET", list_path(g, &path), NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/messages");
	if (!cJSON_IsObject(j) || (list && !cJSON_IsArray(list)))
		return err_set(e, ERR_PROTO, _("Gmail's list of messages cannot be understood."));
	arena_reset(&g->page);
	g->queue = arena_array(&g->page, (size_t)(list ? cJSON_GetArraySize(list) : 0) + 1,
		sizeof *g->queue);
	g->n_queue = g->next = 0;
	cJSON_ArrayForEach(one, list)
	{
		const char *id = json_str(one, "/id");
		if (gmail_is_id(id))
			g->queue[g->n_queue++] =
				(struct gmail_entry){.id = arena_strdup(&g->page, id)};
	}
	take_token(g, json_str(j, "/nextPageToken"));
	return mark_known(g, g->is_again, e);
}

static int read_history(struct gmail *g, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	struct err why = ERR_INIT;
	struct gmail_history h;
	buf_addf(&path, GMAIL_ME "/history?maxResults=" PAGE_IDS "&startHistoryId=%s",
		g->history_from);
	if (g->token) {
		buf_addstr(&path, "&pageToken=");
		http_add_escaped(&path, g->token);
	}
	if (web_json(g->web, "GET", path.p, NULL, &j, &why)) {
		*e = why;
		if (why.code != ERR_NOTFOUND)
			return -1;
		g->was_expired = true;
		g->mode = GMAIL_IDLE;
		return err_set(e, ERR_CONFLICT, _("Gmail's history does not reach back so far."));
	}
	arena_reset(&g->page);
	gmail_read_history(&g->page, j, &h);
	g->queue = arena_array(&g->page, h.n + 1, sizeof *g->queue);
	g->n_queue = h.n;
	g->next = 0;
	for (size_t i = 0; i < h.n; i++)
		g->queue[i] = (struct gmail_entry){.id = h.v[i].id, .is_gone = h.v[i].is_gone};
	if (h.history_id)
		g->history_to = arena_strdup(&g->run, h.history_id);
	take_token(g, h.next);
	return mark_known(g, true, e);
}

/* ---- one batch ------------------------------------------------------------------------------- */

/* The next of the queue that are alike, at most a batch. */
static size_t next_run(const struct gmail *g)
{
	size_t n = 0, most = g->batch;
	while (g->next + n < g->n_queue && n < most) {
		const struct gmail_entry *x = &g->queue[g->next + n], *first = &g->queue[g->next];
		if (x->is_gone != first->is_gone || x->is_known != first->is_known)
			break;
		n++;
	}
	return n;
}

static bool is_too_old(const struct gmail *g, const struct gmail_item *m)
{
	return g->conf->history_since && m->received && m->received < g->conf->history_since;
}

static void add_message(struct prov_page *out, const struct gmail_item *m,
	const char *const *folders)
{
	out->msgs[out->n++] = (struct prov_msg){.id = m->id,
		.folders = folders,
		.thread_id = m->thread_id,
		.flags = gmail_flags(m),
		.received = m->received,
		.size = m->raw ? m->raw_len : m->size,
		.headers = m->raw       ? m->raw
			   : m->headers ? m->headers
					: "",
		.headers_len = m->raw       ? m->raw_len
			       : m->headers ? strlen(m->headers)
					    : 0,
		.is_whole = m->raw != NULL,
		.is_unreadable = m->raw == NULL};
}

/* False: it lies where we know no folder; the list of labels has to come first. */
static bool add_item(struct gmail *g, struct arena *a, const struct gmail_entry *x,
	const struct gmail_item *m, struct prov_page *out)
{
	const char *const *folders = gmail_folders_of(&g->labels, a, m);
	if (!folders)
		return false;
	if (x->is_known)
		out->flags[out->n_flags++] = (struct prov_flag){
			.id = x->id, .flags = gmail_flags(m), .folders = folders};
	else if (!is_too_old(g, m))
		add_message(out, m, folders);
	return true;
}

/* A message that cannot be had whole is shown by its headers; one malformed costs one row. */
static int get_by_headers(struct gmail *g, struct arena *a, const struct gmail_entry *x,
	struct gmail_answer *v, struct err *e)
{
	if (x->is_known)
		return 0;
	if (gmail_get_one(g->web, x->id, "metadata", a, v, e))
		return -1;
	v->item.raw = NULL;
	return 0;
}

static int take_answers(struct gmail *g, struct arena *a, struct gmail_answer *v, size_t n,
	struct prov_page *out, struct err *e)
{
	size_t bytes = 0, left = 0;
	struct gmail_entry *x = &g->queue[g->next];
	for (size_t i = 0; i < n; i++) {
		if (v[i].got == GMAIL_GOT_GARBAGE && get_by_headers(g, a, &x[i], &v[i], e))
			return -1;
		if (v[i].got == GMAIL_GOT_ITEM && !add_item(g, a, &x[i], &v[i].item, out)) {
			*out = (struct prov_page){.folders_changed = true, .total = -1};
			return 0;
		}
		if (v[i].got == GMAIL_GOT_GONE && x[i].is_known)
			out->gone[out->n_gone++] = x[i].id;
		bytes += v[i].item.raw_len;
	}
	/* what did not come stands first in the queue again */
	for (size_t i = n; i-- > 0;)
		if (v[i].got == GMAIL_GOT_NOTHING)
			x[n - ++left] = x[i];
	g->next += n - left;
	if (bytes < GROW_BELOW && g->batch < GMAIL_BATCH_MOST)
		g->batch = g->batch * 2 < GMAIL_BATCH_MOST ? g->batch * 2 : GMAIL_BATCH_MOST;
	g->labels.is_fresh = false;
	return 0;
}

static int get_run(struct gmail *g, struct arena *a, size_t n, struct prov_page *out, struct err *e)
{
	struct gmail_answer *v = arena_array(a, n, sizeof *v);
	const char **ids = arena_array(a, n, sizeof *ids);
	struct err why = ERR_INIT;
	for (size_t i = 0; i < n; i++)
		ids[i] = g->queue[g->next + i].id;
	const char *format = g->queue[g->next].is_known ? "minimal" : "raw";
	if (gmail_get_many(g->web, ids, n, format, a, v, &g->held_up, &why) == 0)
		return take_answers(g, a, v, n, out, e);
	if (why.code == ERR_TOOBIG && n > 1) {
		g->batch = n / 2;
		return 0;
	}
	*e = why;
	return -1;
}

static int fill_page(struct gmail *g, struct arena *a, struct prov_page *out, struct err *e)
{
	size_t n = next_run(g);
	out->msgs = arena_array(a, n + 1, sizeof *out->msgs);
	out->flags = arena_array(a, n + 1, sizeof *out->flags);
	out->gone = arena_array(a, n + 1, sizeof *out->gone);
	if (!n)
		return 0;
	if (!g->queue[g->next].is_gone)
		return may_spend(g, (int64_t)n * UNITS_OF_CALL) ? get_run(g, a, n, out, e) : 0;
	for (size_t i = 0; i < n; i++)
		out->gone[out->n_gone++] = arena_strdup(a, g->queue[g->next + i].id);
	g->next += n;
	return 0;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static int next_service_page(struct gmail *g, struct err *e)
{
	if (g->next < g->n_queue || !g->has_more || !may_spend(g, UNITS_OF_CALL))
		return 0;
	return g->mode == GMAIL_LISTING ? read_listing(g, e) : read_history(g, e);
}

/* The first page of a listing says where the history begins that comes after it. */
static void set_cursor(struct gmail *g, struct arena *a, struct prov_page *out)
{
	const char *to = g->mode == GMAIL_LISTING ? g->history_from : g->history_to;
	if (!out->more) {
		out->cursor = new_cursor(g, a, "at", to ? to : g->history_from);
		g->mode = GMAIL_IDLE;
	} else if (g->mode == GMAIL_LISTING && !g->cursor_now) {
		out->cursor = new_cursor(g, a, g->is_again ? "again" : "list", g->history_from);
	}
}

static int pull_page(struct gmail *g, const char *cursor, struct arena *a, struct prov_page *out,
	struct err *e)
{
	if (g->held_up.code != ERR_NONE) { /* said once, after what had come with it was stored */
		*e = g->held_up;
		g->held_up = ERR_INIT;
		return -1;
	}
	if (!goes_on(g, cursor) && start(g, cursor, e))
		return -1;
	if (next_service_page(g, e) || fill_page(g, a, out, e))
		return -1;
	out->more = g->next < g->n_queue || g->has_more || out->folders_changed;
	if (out->folders_changed)
		return 0;
	if (g->mode == GMAIL_LISTING && g->total >= 0 && !g->conf->history_since) {
		g->total -= g->total < (int64_t)out->n ? g->total : (int64_t)out->n;
		out->total = g->total;
	}
	set_cursor(g, a, out);
	return 0;
}

int gmail_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct gmail *g = gmail_of(p);
	*out = (struct prov_page){.total = -1, .told = GMAIL_TOLD};
	if (strcmp(folder, "INBOX") != 0 || pull_page(g, cursor, a, out, e) == 0)
		return 0;
	/* Begun anew is what we find ended, not what the service answers with 409 or 412. */
	if (e->code == ERR_CONFLICT && !g->was_expired) {
		e->code = ERR_PROTO;
		e->scope = ERR_ACCOUNT;
	}
	return -1;
}
