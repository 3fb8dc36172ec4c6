/*
 * search.c - searching at Microsoft, folder by folder ("Use the $search query parameter"). Groups
 * that OR joins are asked for one by one: only so is it known which flags a hit has to have, for
 * which $search has no words.
 *
 * Cursor: the next link, of a search of one group; several give one page together.
 */
#include "config.h"

#include "mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#include "page.h"
#include "query.h"

#define HITS_MOST 200
#define GROUPS_MOST 8
#define WORDS_MOST 4000 /* bytes; a longer address is refused by many a proxy */

struct search {
	struct graph *g;
	struct arena *a;
	const struct query *q;
	size_t most, cap;
	bool is_drafts;
	struct prov_page *out;
};

static bool is_taken(const struct prov_page *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->msgs[i].id, id) == 0)
			return true;
	return false;
}

static void take_hit(struct search *s, const struct graph_item *it, struct graph_wanted w)
{
	uint32_t flags = graph_item_flags(it, 0);
	const char *id = s->is_drafts ? graph_draft_id(s->a, it->id, it->version) : it->id;
	if (!it->is_whole || (flags & w.set) != w.set || flags & w.clear || is_taken(s->out, id))
		return;
	s->out->msgs[s->out->n++] = (struct prov_msg){.id = id,
		.thread_id = it->thread_id,
		.flags = flags,
		.received = it->received,
		.size = it->size,
		.headers = it->headers,
		.headers_len = it->headers_len};
}

static void add_part(struct buf *path, const char *key, const struct buf *value)
{
	if (!value->len)
		return;
	buf_addf(path, "&%s=", key);
	http_add_escaped(path, value->p);
}

/* The answer to one group; one too large comes in a smaller page. */
static int ask(const struct search *s, const struct buf *words, const struct buf *filter,
	cJSON **out, struct err *e)
{
	for (size_t top = s->most;; top = top / 7 + 1) {
		CLEANUP(buf_release) struct buf path = BUF_INIT(32768);
		struct err why = ERR_INIT;
		buf_addstr(&path, "/me/mailFolders/");
		http_add_escaped(&path, s->q->folder);
		buf_addf(&path, "/messages?$top=%zu&$select=%s%s", top, graph_page_select,
			s->g->n_left_out < GRAPH_LEAVE_HEADERS ? graph_page_headers : "");
		add_part(&path, "$search", words);
		add_part(&path, "$filter", filter);
		if (graph_get(s->g->web, path.p, 0, out, &why) == 0)
			return 0;
		if (why.code != ERR_TOOBIG || top < 3) {
			*e = why;
			return -1;
		}
	}
}

/* What one answer has; *next is where it goes on, NULL = nowhere. */
static int take_answer(struct search *s, const cJSON *answer, struct graph_wanted w,
	const char **next, struct err *e)
{
	struct graph_page page = {.n = 0};
	if (graph_list_read(s->a, answer, &page, e))
		return -1;
	s->out->msgs = arena_grow(s->a, s->out->msgs, &s->cap, s->out->n + page.n + 1,
		sizeof *s->out->msgs);
	for (size_t i = 0; i < page.n; i++)
		take_hit(s, &page.v[i], w);
	*next = page.next && web_is_own(s->g->web, page.next) ? page.next : NULL;
	return 0;
}

static int ask_group(struct search *s, const struct query_terms *terms, size_t group, int64_t now,
	const char **next, struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(buf_release) struct buf words = BUF_INIT(WORDS_MOST);
	CLEANUP(buf_release) struct buf filter = BUF_INIT(200);
	struct graph_wanted w = graph_query_flags(terms, group);
	graph_query_words(&words, terms, group, now);
	if (words.failed)
		return err_set(e, ERR_TOOBIG, _("The search is too long for Microsoft."));
	if (!words.len) /* the two do not go together */
		graph_query_filter(&filter, w);
	int rc = s->q->cursor ? graph_get(s->g->web, s->q->cursor, 0, &answer, e)
			      : ask(s, &words, &filter, &answer, e);
	return rc || take_answer(s, answer, w, next, e) ? -1 : 0;
}

static int by_date(const void *x, const void *y)
{
	const struct prov_msg *a = x, *b = y;
	return a->received < b->received ? 1 : a->received > b->received ? -1 : 0;
}

int graph_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e)
{
	struct graph *g = graph_of(p);
	struct search s = {.g = g,
		.a = a,
		.q = q,
		.most = q->max && q->max < HITS_MOST ? q->max : HITS_MOST,
		.is_drafts = g->drafts && strcmp(g->drafts, q->folder) == 0,
		.out = out};
	struct query_terms terms;
	const char *next = NULL;
	int64_t now = clock_now(g->conf->clock);
	size_t asked = 0;
	*out = (struct prov_page){.total = -1, .told = MSG_SEEN | MSG_FLAGGED | MSG_DRAFT};
	if (q->cursor && !web_is_own(g->web, q->cursor))
		return err_set(e, ERR_CONFLICT, _("The search is to be begun anew."));
	query_parse(q->text, &terms);
	for (size_t i = 0; i < terms.n_groups && asked < GROUPS_MOST; i++) {
		if (!query_is_answerable(&terms, i, now))
			continue;
		asked++;
		if (ask_group(&s, &terms, i, now, &next, e))
			return -1;
	}
	if (asked > 1) {
		qsort(out->msgs, out->n, sizeof *out->msgs, by_date);
		next = NULL;
	}
	out->n = out->n < s.most ? out->n : s.most;
	out->cursor = next;
	out->more = next != NULL;
	return 0;
}
