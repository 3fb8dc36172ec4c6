/*
 * pull.c - pages of a folder by delta query ("Get incremental changes to messages in a folder"):
 * newest first, resumable, then what changed.
 *
 * Cursor: "v2 SINCE LEFT PAGES EMPTY MARK LINK". LINK is the whole next or delta link, opaque.
 * SINCE is the first moment that the listing covers (seconds UTC, 0 = everything): who wants more
 * starts anew. LEFT is how many messages the listing has yet to bring, for the progress line; -1 =
 * not known. PAGES, EMPTY and MARK are its trail (trail.h). "v1" is one without a trail.
 *
 * A listing with $filter brings five thousand messages and no more. Where the window holds more the
 * whole folder is listed, and what is older is passed over here.
 */
#include "config.h"

#include "mailbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"

#include "page.h"
#include "trail.h"

#define PAGE_SIZE 50 /* with all header fields: some hundred kilobytes */
#define FILTER_MOST 5000
#define LIST_AGAIN_MS (10 * 60 * 1000)
#define GONE_MS 5000 /* a folder that a younger list has is there, whatever its messages say */

struct cursor {
	int64_t since, left;
	struct graph_trail trail;
	const char *link; /* points into the text */
};

static bool next_number(struct span *rest, int64_t least, int64_t *out)
{
	struct span piece;
	return span_next(rest, ' ', &piece) && span_to_i64(piece, least, INT64_MAX, out);
}

static bool read_cursor(const char *text, struct cursor *c)
{
	struct span rest = span_of(text), version;
	if (!span_next(&rest, ' ', &version) || !next_number(&rest, 0, &c->since) ||
		!next_number(&rest, -1, &c->left))
		return false;
	if (!span_eq(version, "v1") &&
		(!span_eq(version, "v2") || !next_number(&rest, 0, &c->trail.pages) ||
			!next_number(&rest, 0, &c->trail.n_empty) ||
			!next_number(&rest, 0, &c->trail.mark)))
		return false;
	c->link = rest.p;
	return rest.len > 0;
}

static void add_query(struct buf *out, const char *key, const char *value)
{
	buf_addf(out, "%s%s=", strchr(out->p, '?') ? "&" : "?", key);
	http_add_escaped(out, value);
}

static void add_since(struct buf *out, int64_t since)
{
	char when[40];
	CLEANUP(buf_release) struct buf filter = BUF_INIT(200);
	if (!since)
		return;
	buf_addf(&filter, "receivedDateTime ge %s", clock_rfc3339(since, when, sizeof when));
	add_query(out, "$filter", filter.p);
}

static void start_path(struct buf *out, const char *folder, const char *what)
{
	buf_addstr(out, "/me/mailFolders/");
	http_add_escaped(out, folder);
	buf_addstr(out, what);
}

/* How many messages there are to come. */
static int count(struct graph *g, const char *folder, int64_t since, int64_t *out, struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	*out = -1;
	start_path(&path, folder, "/messages?$top=1&$count=true&$select=id");
	add_since(&path, since);
	if (graph_get(g->web, path.p, 0, &answer, e))
		return -1;
	if (!json_i64(answer, "/@odata.count", out) || *out < 0)
		*out = -1;
	return 0;
}

/* A page of fifty may be too large by its headers: then it comes in smaller ones. */
static int get_page(struct graph *g, const char *path, cJSON **out, struct err *e)
{
	for (unsigned size = PAGE_SIZE;; size /= 7) {
		struct err why = ERR_INIT;
		if (graph_get(g->web, path, size, out, &why) == 0)
			return 0;
		if (why.code != ERR_TOOBIG || size < 7) {
			*e = why;
			return -1;
		}
	}
}

static void first_path(const struct graph *g, const char *folder, const struct cursor *c,
	struct buf *path)
{
	CLEANUP(buf_release) struct buf select = BUF_INIT(1024);
	buf_addstr(&select, graph_page_select);
	if (g->n_left_out < GRAPH_LEAVE_HEADERS)
		buf_addstr(&select, graph_page_headers);
	start_path(path, folder, "/messages/delta");
	add_query(path, "$select", select.p);
	if (g->n_left_out < GRAPH_LEAVE_EXPAND)
		add_query(path, "$expand", graph_page_expand);
	add_query(path, "$orderby", "receivedDateTime desc");
	if (c->left >= 0 && c->left < FILTER_MOST)
		add_since(path, c->since);
}

static bool is_refused(const struct err *e)
{
	return e->code == ERR_PROTO && e->sys == 400;
}

/* A service that does not take one of the options is asked with less for the rest of the
 * connection: mail without its size is better than none. */
static int first_page(struct graph *g, const char *folder, struct cursor *c, cJSON **out,
	struct err *e)
{
	struct err why = ERR_INIT;
	c->since = g->conf->history_since;
	if (count(g, folder, c->since, &c->left, &why) && !is_refused(&why)) {
		*e = why;
		return -1;
	}
	for (;; g->n_left_out++) {
		CLEANUP(buf_release) struct buf path = BUF_INIT(16384);
		err_clear(&why);
		first_path(g, folder, c, &path);
		if (get_page(g, path.p, out, &why) == 0)
			return 0;
		if (!is_refused(&why) || g->n_left_out == GRAPH_LEAVE_MOST) {
			*e = why;
			return -1;
		}
		log_line(LOG_WARN, "graph", "account %lld: a listing is asked for with less",
			(long long)g->conf->account);
	}
}

/* ---- what it brings -------------------------------------------------------------------------- */

struct filling {
	struct graph *g;
	struct arena *a;
	bool is_drafts;
	bool is_first; /* a listing begins: what is known by its id may be forgotten just now */
	int64_t since;
	struct prov_flag *known; /* by id */
	size_t n_known;
	struct prov_page *out;
};

static int by_id(const void *x, const void *y)
{
	const struct prov_flag *a = x, *b = y;
	return strcmp(a->id, b->id);
}

static int load_known(struct filling *f, const char *folder, const struct graph_page *page,
	struct err *e)
{
	const struct account_conf *c = f->g->conf;
	const struct prov_flag *v = NULL;
	const char **ids = arena_array(f->a, page->n + 1, sizeof *ids);
	for (size_t i = 0; i < page->n; i++)
		ids[i] = page->v[i].id;
	if (!page->n)
		return 0;
	if (c->known(c->known_ctx, folder, f->is_drafts ? NULL : ids, f->is_drafts ? 0 : page->n,
		    f->a, &v, &f->n_known, e))
		return -1;
	f->known = arena_array(f->a, f->n_known + 1, sizeof *f->known);
	if (f->n_known)
		memcpy(f->known, v, f->n_known * sizeof *v);
	qsort(f->known, f->n_known, sizeof *f->known, by_id);
	return 0;
}

static const struct prov_flag *find_known(const struct filling *f, const char *id)
{
	const struct prov_flag key = {.id = id};
	return f->n_known ? bsearch(&key, f->known, f->n_known, sizeof key, by_id) : NULL;
}

/* Every version of a draft but that one; NULL = of all. */
static void drop_versions(struct filling *f, const char *id, const char *but)
{
	size_t len = strlen(id);
	for (size_t i = 0; i < f->n_known; i++) {
		const char *k = f->known[i].id;
		if (strncmp(k, id, len) != 0 || (k[len] && k[len] != '#') ||
			(but && strcmp(k, but) == 0))
			continue;
		f->out->gone[f->out->n_gone++] = k;
	}
}

static void take_whole(struct filling *f, const struct graph_item *it, const char *id,
	uint32_t flags)
{
	f->out->msgs[f->out->n++] = (struct prov_msg){.id = id,
		.thread_id = it->thread_id,
		.flags = flags,
		.received = it->received,
		.size = it->size,
		.headers = it->headers,
		.headers_len = it->headers_len};
}

static void take_item(struct filling *f, const struct graph_item *it)
{
	bool is_version = f->is_drafts && it->is_whole;
	const char *id = is_version ? graph_draft_id(f->a, it->id, it->version) : it->id;
	const struct prov_flag *known = find_known(f, id);
	uint32_t flags = graph_item_flags(it, known ? known->flags : 0);
	bool is_old = it->received && it->received < f->since;
	if (it->is_removed || is_version)
		drop_versions(f, it->id, it->is_removed ? NULL : id);
	if (it->is_removed)
		return;
	if (it->is_whole && !is_old && (f->is_first || !known))
		take_whole(f, it, id, flags);
	else if (known && flags != known->flags)
		f->out->flags[f->out->n_flags++] = (struct prov_flag){.id = id, .flags = flags};
}

static int fill(struct filling *f, const char *folder, const struct graph_page *page, struct err *e)
{
	if (load_known(f, folder, page, e))
		return -1;
	f->out->msgs = arena_array(f->a, page->n + 1, sizeof *f->out->msgs);
	f->out->flags = arena_array(f->a, page->n + 1, sizeof *f->out->flags);
	f->out->gone = arena_array(f->a, f->n_known + 1, sizeof *f->out->gone);
	for (size_t i = 0; i < page->n; i++)
		take_item(f, &page->v[i]);
	return 0;
}

/* Where the listing goes on, if it may: what the page said is not taken else, and the link that led
 * to it is asked once more another time. */
static int check_link(const struct graph *g, const struct graph_page *page, struct cursor *c,
	struct err *e)
{
	if (!web_is_own(g->web, page->next ? page->next : page->delta)) {
		err_set(e, ERR_PROTO, _("%s names another server to go on at."), web_host(g->web));
		e->scope = ERR_FOLDER;
		return -1;
	}
	if (page->next)
		return graph_trail_step(&c->trail, page->next, page->n, e);
	c->trail = (struct graph_trail){0};
	return 0;
}

static void go_on(const struct graph_page *page, struct cursor *c, struct arena *a,
	struct prov_page *out)
{
	out->more = page->next != NULL;
	if (c->left >= 0)
		c->left = c->left > (int64_t)page->n ? c->left - (int64_t)page->n : 0;
	if (!out->more)
		c->left = -1;
	out->total = c->left;
	out->cursor =
		arena_printf(a, "v2 %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s",
			c->since, c->left, c->trail.pages, c->trail.n_empty, c->trail.mark,
			page->next ? page->next : page->delta);
}

/* Nothing tells of folders that come and go, and this connection never ends: they are listed again
 * before the inbox is looked at, now and then, and where one is not there any more. */
static bool is_list_old(const struct graph *g, int64_t ms)
{
	return clock_mono_ms() - g->listed_at_ms > ms;
}

static bool wants_list(const struct graph *g, const char *folder)
{
	int64_t ms = g->conf->idle_ms > 0 ? g->conf->idle_ms : LIST_AGAIN_MS;
	return g->inbox && strcmp(g->inbox, folder) == 0 && is_list_old(g, ms);
}

int graph_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct graph *g = graph_of(p);
	CLEANUP(json_free) cJSON *answer = NULL;
	struct graph_page page = {.n = 0};
	struct cursor c = {.left = -1};
	*out = (struct prov_page){.total = -1};
	if (cursor && (!read_cursor(cursor, &c) || !web_is_own(g->web, c.link) ||
			      (c.since && g->conf->history_since < c.since)))
		return err_set(e, ERR_CONFLICT, _("The folder is read from another moment on."));
	out->folders_changed = cursor && wants_list(g, folder);
	if (out->folders_changed)
		return 0;
	if (cursor ? get_page(g, c.link, &answer, e) : first_page(g, folder, &c, &answer, e)) {
		out->folders_changed = e->code == ERR_NOTFOUND && is_list_old(g, GONE_MS);
		if (out->folders_changed)
			err_clear(e);
		return out->folders_changed ? 0 : -1;
	}
	if (graph_page_read(a, answer, &page, e) || check_link(g, &page, &c, e))
		return -1;
	struct filling f = {.g = g,
		.a = a,
		.is_drafts = g->drafts && strcmp(g->drafts, folder) == 0,
		.is_first = !cursor,
		.since = c.since,
		.out = out};
	if (fill(&f, folder, &page, e))
		return -1;
	go_on(&page, &c, a, out);
	return 0;
}
