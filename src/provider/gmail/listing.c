/*
 * listing.c - the service's pages of ids, which are a queue here: a listing of everything, newest
 * first, the history since, and in the end of a listing anew what it did not bring. What the
 * messages are is pull.c's.
 */
#include "config.h"

#include "gmail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"

#define PAGE_IDS "500"
#define UNITS_OF_CALL 5 /* messages.list; history.list costs less */
#define BEGIN_AGAIN_MOST 3

/* ---- what is known of them ------------------------------------------------------------------- */

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

static void begin_queue(struct gmail *g, size_t most)
{
	arena_reset(&g->page);
	g->queue = arena_array(&g->page, most + 1, sizeof *g->queue);
	g->n_queue = g->next = 0;
}

static void add_to_queue(struct gmail *g, const char *id, bool is_gone)
{
	g->queue[g->n_queue++] =
		(struct gmail_entry){.id = arena_strdup(&g->page, id), .is_gone = is_gone};
}

/* ---- a page ---------------------------------------------------------------------------------- */

static int take_token(struct gmail *g, const char *next, const char *first_id, struct err *e)
{
	if (next && !gmail_walk_goes_on(&g->walk, next, first_id))
		return err_set(e, ERR_PROTO,
			_("Gmail's list of messages does not come to an end: nothing was deleted "
			  "here, and it is read again later."));
	g->has_more = next != NULL;
	g->token = arena_strdup(&g->run, next);
	return 0;
}

static const char *list_path(const struct gmail *g, struct buf *path)
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

static int take_listing(struct gmail *g, const cJSON *j, struct err *e)
{
	const cJSON *list = json_at(j, "/messages"), *one;
	const char *token = NULL;
	if (!cJSON_IsObject(j) || (list && !cJSON_IsArray(list)))
		return err_set(e, ERR_PROTO, _("Gmail's list of messages cannot be understood."));
	begin_queue(g, list ? (size_t)cJSON_GetArraySize(list) : 0);
	cJSON_ArrayForEach(one, list)
	{
		const char *id = json_str(one, "/id");
		if (gmail_is_id(id))
			add_to_queue(g, id, false);
	}
	g->done += g->on_page;
	g->on_page = (int64_t)g->n_queue;
	if (gmail_read_token(&g->page, j, &token, e))
		return -1;
	return take_token(g, token, g->n_queue ? g->queue[0].id : NULL, e);
}

/* Tokens end some time after they were given. Everything that was listed with them is here. */
static bool begin_again(struct gmail *g, const struct err *why)
{
	if (!g->token || why->sys != 400 || g->n_begun_again == BEGIN_AGAIN_MOST)
		return false;
	log_line(LOG_NOTE, "gmail", "account %lld: the listing begins with its first page again",
		(long long)g->conf->account);
	g->n_begun_again++;
	g->token = NULL;
	g->done = g->on_page = 0;
	g->walk = (struct gmail_walk){.n = 0};
	return true;
}

static int read_listing(struct gmail *g, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	struct err why = ERR_INIT;
	while (web_json(g->web, "GET", list_path(g, &path), NULL, &j, &why)) {
		if (!begin_again(g, &why)) {
			*e = why;
			return -1;
		}
		buf_reset(&path);
		err_clear(&why);
	}
	if (take_listing(g, j, e) == 0 && mark_known(g, g->is_again, e) == 0)
		return 0;
	g->n_queue = 0;
	return -1;
}

static int take_history(struct gmail *g, const cJSON *j, struct err *e)
{
	struct gmail_history h;
	begin_queue(g, 0);
	if (gmail_read_history(&g->page, j, &h, e))
		return -1;
	g->queue = arena_array(&g->page, h.n + 1, sizeof *g->queue);
	for (size_t i = 0; i < h.n; i++)
		add_to_queue(g, h.v[i].id, h.v[i].is_gone);
	if (h.history_id)
		g->history_to = arena_strdup(&g->run, h.history_id);
	/* one message may be on any number of its pages: their first ids tell nothing */
	return take_token(g, h.next, h.n ? h.next : NULL, e);
}

static int read_history(struct gmail *g, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	struct err why = ERR_INIT;
	buf_addf(&path, GMAIL_ME "/history?maxResults=" PAGE_IDS "&startHistoryId=%s",
		g->history_from);
	if (g->token) {
		buf_addstr(&path, "&pageToken=");
		http_add_escaped(&path, g->token);
	}
	if (web_json(g->web, "GET", path.p, NULL, &j, &why) == 0) {
		if (take_history(g, j, e) == 0 && mark_known(g, true, e) == 0)
			return 0;
		g->n_queue = 0;
		return -1;
	}
	*e = why;
	if (why.code != ERR_NOTFOUND)
		return -1;
	g->was_expired = true;
	g->mode = GMAIL_IDLE;
	return err_set(e, ERR_CONFLICT, _("Gmail's history does not reach back so far."));
}

/* ---- what did not come again ----------------------------------------------------------------- */

/* A list may be cut short, or reach back less far than the mail that is here: silence is no
 * deletion. Each one is asked for by its id, where 404 says that it is gone. */
static int read_unseen(struct gmail *g, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *const *ids = NULL;
	size_t n = 0;
	if (g->conf->unseen(g->conf->known_ctx, g->checked, &a, &ids, &n, e))
		return -1;
	begin_queue(g, n);
	for (size_t i = 0; i < n; i++) {
		add_to_queue(g, ids[i], false);
		g->queue[i].is_known = true;
	}
	g->has_more = n > 0;
	if (n)
		g->checked = arena_strdup(&g->run, ids[n - 1]);
	return 0;
}

int gmail_next_page(struct gmail *g, struct err *e)
{
	if (g->next < g->n_queue)
		return 0;
	bool is_listed = g->mode == GMAIL_LISTING && !g->has_more;
	if (is_listed && g->is_again && g->conf->unseen) {
		g->mode = GMAIL_CHECKING;
		g->has_more = true;
		g->checked = NULL;
	}
	if (!g->has_more)
		return 0;
	if (g->mode == GMAIL_CHECKING)
		return read_unseen(g, e);
	if (!gmail_may_spend(g, UNITS_OF_CALL))
		return 0;
	return g->mode == GMAIL_LISTING ? read_listing(g, e) : read_history(g, e);
}

int gmail_queue_later(struct gmail *g, struct err *e)
{
	begin_queue(g, g->n_later);
	for (size_t i = 0; i < g->n_later; i++)
		add_to_queue(g, g->later[i], false);
	g->n_later = 0;
	return mark_known(g, true, e);
}
