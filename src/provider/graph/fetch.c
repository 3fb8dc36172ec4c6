/*
 * fetch.c - whole messages as MIME ("Get MIME content of a message"): many in one request, those
 * that are large or wanted in part one by one.
 */
#include "config.h"

#include "mailbox.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/message.h"

#define PART_MOST ((uint64_t)2 << 20) /* who asks for less wants the beginning of a large one */

struct wish {
	struct graph *g;
	uint64_t max_bytes;
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole);
	void *ctx;
};

static int give(const struct wish *w, const char *id, const char *p, size_t n, bool is_whole,
	struct err *e)
{
	if (n > w->max_bytes) {
		n = (size_t)w->max_bytes;
		is_whole = false;
	}
	return w->one(w->ctx, id, p, n, is_whole) ? err_set(e, ERR_CANCELLED, _("Cancelled.")) : 0;
}

static const char *value_path(struct arena *a, const char *id)
{
	return graph_path(a, "/me/messages/", graph_plain_id(a, id), "/$value");
}

/* The bytes as they come; past the most that is wanted the rest is not waited for. */
static int fetch_one(const struct wish *w, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	struct err why = ERR_INIT;
	const struct web_request rq = {.method = "GET",
		.path = value_path(&a, id),
		.max_body = (size_t)w->max_bytes,
		.is_long = true};
	int rc = graph_do(w->g->web, &rq, &r, &why);
	bool is_cut = rc && why.code == ERR_TOOBIG && r.status == 200;
	if (rc && why.code == ERR_NOTFOUND)
		return 0; /* gone by now */
	if (rc && !is_cut) {
		*e = why;
		return -1;
	}
	return give(w, id, r.body.p, r.body.len, !is_cut, e);
}

static int fetch_each(const struct wish *w, const char *const *ids, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (fetch_one(w, ids[i], e))
			return -1;
	return 0;
}

/* In a batch what is no JSON stands as a string of base64. */
static int give_reply(const struct wish *w, const char *id, const struct graph_reply *r,
	struct err *e)
{
	const char *text = r->body ? cJSON_GetStringValue(r->body) : NULL;
	if (r->status == 404)
		return 0;
	if (graph_judge(w->g->web, r, e))
		return -1;
	if (!text)
		return fetch_one(w, id, e);
	CLEANUP(buf_release) struct buf raw = BUF_INIT(JSON_MAX_BYTES);
	unsigned warnings = 0;
	const struct mime_part part = {
		.type = "text/plain", .encoding = ENC_BASE64, .body = span_of(text)};
	mime_part_decode(&part, &raw, &warnings);
	if (warnings)
		return fetch_one(w, id, e);
	return give(w, id, raw.p, raw.len, true, e);
}

/* All that came is handed over before what did not come is told. */
static int give_replies(const struct wish *w, const char *const *ids,
	const struct graph_reply *replies, size_t n, struct err *e)
{
	struct err first = ERR_INIT;
	for (size_t i = 0; i < n; i++) {
		struct err why = ERR_INIT;
		if (give_reply(w, ids[i], &replies[i], &why) == 0)
			continue;
		if (why.code == ERR_CANCELLED) {
			*e = why;
			return -1;
		}
		if (first.code == ERR_NONE || why.after_ms > first.after_ms)
			first = why;
	}
	if (first.code == ERR_NONE)
		return 0;
	*e = first;
	return -1;
}

static int fetch_batch(const struct wish *w, const char *const *ids, size_t n, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *answer = NULL;
	struct graph_ask *asks = arena_array(&a, n, sizeof *asks);
	struct graph_reply replies[GRAPH_BATCH_MOST];
	struct err why = ERR_INIT;
	for (size_t i = 0; i < n; i++)
		asks[i] = (struct graph_ask){.method = "GET", .path = value_path(&a, ids[i])};
	if (graph_batch(w->g->web, asks, n, replies, &answer, &why) == 0)
		return give_replies(w, ids, replies, n, e);
	if (why.code == ERR_TOOBIG)
		return fetch_each(w, ids, n, e);
	*e = why;
	return -1;
}

int graph_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e)
{
	const struct wish w = {graph_of(p), max_bytes, one, ctx};
	(void)folder; /* an id is the message's own wherever it lies, */
	(void)cursor; /* and for ever */
	if (n == 1 || max_bytes < PART_MOST)
		return fetch_each(&w, ids, n, e);
	for (size_t i = 0; i < n; i += GRAPH_BATCH_MOST) {
		size_t some = n - i < GRAPH_BATCH_MOST ? n - i : GRAPH_BATCH_MOST;
		if (fetch_batch(&w, ids + i, some, e))
			return -1;
	}
	return 0;
}
