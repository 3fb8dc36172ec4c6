/*
 * pull.c - Gmail's mail in pages: a first listing of everything, newest first, then the history
 * since. The service's pages of ids are a queue (listing.c), of which each call asks for one batch.
 * See gmail.h for the cursor.
 */
#include "config.h"

#include "gmail.h"

#include <poll.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/net/cancel.h"

#define UNITS_A_MINUTE 15000 /* of Gmail's quota, for one user */
#define UNITS_OF_CALL 5      /* messages.get */
#define PAUSE_MS 200         /* as long as a step may wait: what the user wants comes between */
#define LATER_MS 300000      /* between two questions for what was refused */
#define GROW_BELOW ((size_t)4 << 20) /* bytes of a batch, up to which the next may be larger */

/* ---- the pace -------------------------------------------------------------------------------- */

bool gmail_may_spend(struct gmail *g, int64_t units)
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
	struct pollfd fd = {.fd = net_cancel_fd(gmail_cancel_of(g)), .events = POLLIN};
	poll(&fd, 1, PAUSE_MS);
	return false;
}

/* ---- where it stands ------------------------------------------------------------------------- */

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
	g->token = g->checked = NULL;
	g->cursor_now = NULL;
	g->history_to = NULL;
	g->n_later = 0;
	g->done = g->on_page = 0;
	g->walk = (struct gmail_walk){.n = 0};
	g->n_begun_again = 0;
	arena_reset(&g->run);
	arena_reset(&g->page);
}

static bool is_later_due(const struct gmail *g)
{
	return g->n_later && (!g->later_at_ms || clock_mono_ms() - g->later_at_ms >= LATER_MS);
}

/* Where the cursor says, and what was refused before it. */
static int go_on(struct gmail *g, const struct gmail_cursor *c, struct err *e)
{
	g->history_from = c->history;
	g->total = c->total;
	g->done = c->done;
	g->token = c->token;
	g->n_later = c->n_later;
	memcpy(g->later, c->later, sizeof g->later);
	g->is_again = c->word == GMAIL_AGAIN;
	g->mode = c->word == GMAIL_AT ? GMAIL_HISTORY : GMAIL_LISTING;
	g->has_more = true;
	if (!is_later_due(g))
		return 0;
	g->later_at_ms = clock_mono_ms();
	return gmail_queue_later(g, e);
}

/* Which listing the cursor wants: one that goes on in this provider needs no start. */
static int start(struct gmail *g, const char *cursor, struct err *e)
{
	struct gmail_cursor c = {.word = g->was_expired ? GMAIL_AGAIN : GMAIL_LIST, .total = -1};
	forget_run(g);
	if (cursor && !gmail_cursor_read(&g->run, cursor, &c)) {
		g->was_expired = true;
		return err_set(e, ERR_CONFLICT, _("Gmail's mail is listed anew."));
	}
	if (!cursor) {
		if (newest_history(g, &c.history, e))
			return -1;
		c.total = g->total;
	}
	g->was_expired = false;
	g->cursor_now = arena_strdup(&g->run, cursor);
	return go_on(g, &c, e);
}

static bool goes_on(const struct gmail *g, const char *cursor)
{
	if (g->mode == GMAIL_IDLE || !g->cursor_now != !cursor)
		return false;
	return !cursor || strcmp(g->cursor_now, cursor) == 0;
}

static const char *new_cursor(struct gmail *g, struct arena *a, enum gmail_word word,
	const char *history, bool has_token)
{
	struct gmail_cursor c = {.word = word,
		.history = history,
		.total = g->total,
		.done = has_token ? g->done + g->on_page : 0,
		.token = has_token ? g->token : NULL,
		.n_later = g->n_later};
	memcpy(c.later, g->later, sizeof c.later);
	const char *text = gmail_cursor_write(a, &c);
	g->cursor_now = arena_strdup(&g->run, text);
	return text;
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

/* It is written down and asked for again; where they become many, the service is ill. */
static int ask_later(struct gmail *g, const char *id, struct err *e)
{
	for (size_t i = 0; i < g->n_later; i++)
		if (strcmp(g->later[i], id) == 0)
			return 0;
	if (g->n_later == GMAIL_LATER_MOST)
		return err_set(e, ERR_NET,
			_("Gmail refuses many messages at the moment: they are asked for again "
			  "later."));
	log_line(LOG_WARN, "gmail", "account %lld: a message is refused and asked for later",
		(long long)g->conf->account);
	g->later[g->n_later++] = arena_strdup(&g->run, id);
	return 0;
}

static bool is_refused(const struct gmail_answer *v)
{
	return v->got == GMAIL_GOT_REFUSED || v->got == GMAIL_GOT_GARBAGE;
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
		if (is_refused(&v[i]) && ask_later(g, x[i].id, e))
			return -1;
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
		return gmail_may_spend(g, (int64_t)n * UNITS_OF_CALL) ? get_run(g, a, n, out, e)
								      : 0;
	for (size_t i = 0; i < n; i++)
		out->gone[out->n_gone++] = arena_strdup(a, g->queue[g->next + i].id);
	g->next += n;
	return 0;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* The first page of a listing says where the history begins that comes after it; each of the
 * service's pages that is wholly there, where the next one begins. */
static void set_cursor(struct gmail *g, struct arena *a, struct prov_page *out)
{
	const char *to = g->mode == GMAIL_HISTORY ? g->history_to : g->history_from;
	enum gmail_word word = g->is_again ? GMAIL_AGAIN : GMAIL_LIST;
	bool is_listing = g->mode == GMAIL_LISTING;
	if (!out->more) {
		out->cursor = new_cursor(g, a, GMAIL_AT, to ? to : g->history_from, false);
		g->mode = GMAIL_IDLE;
	} else if (is_listing && g->next == g->n_queue && g->token) {
		out->cursor = new_cursor(g, a, word, g->history_from, true);
	} else if (is_listing && !g->cursor_now) {
		out->cursor = new_cursor(g, a, word, g->history_from, false);
	}
}

static void set_total(const struct gmail *g, struct prov_page *out)
{
	int64_t done = g->done + (int64_t)g->next;
	if (g->mode == GMAIL_LISTING && g->total >= 0 && !g->conf->history_since)
		out->total = g->total > done ? g->total - done : 0;
}

/* After a listing anew it is looked what did not come with it. */
static bool has_to_check(const struct gmail *g)
{
	return g->mode == GMAIL_LISTING && g->is_again && g->conf->unseen;
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
	if (gmail_next_page(g, e) || fill_page(g, a, out, e))
		return -1;
	out->more = g->next < g->n_queue || g->has_more || has_to_check(g) || out->folders_changed;
	if (out->folders_changed)
		return 0;
	set_total(g, out);
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
