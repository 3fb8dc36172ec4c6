/*
 * line.h - requests to Microsoft Graph over web.h: immutable ids asked for every time, several
 * requests in one by $batch, and what Graph's own error codes mean. Private to src/provider/graph;
 * worker thread.
 *
 * Errors are web.h's with two more: ERR_CONFLICT of scope ERR_FOLDER where Graph no longer takes a
 * delta link (410, syncStateNotFound, resyncRequired), and a 403 for one item is that item's alone
 * (ERR_UNSUPPORTED): what the sign-in lacks is told by the first listing.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_LINE_H
#define CRMAIL_PROVIDER_GRAPH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/json.h"
#include "crmail/net/http.h"

#include "src/provider/web.h"
#include "batch.h"

/* GET of JSON. page_size > 0: at most so many items in the answer. */
int graph_get(struct web *w, const char *path, unsigned page_size, cJSON **out,
	struct err *e) NODISCARD;
/* Any small exchange of JSON; body NULL = none, out NULL = not wanted, *out NULL = empty. */
int graph_send(struct web *w, const char *method, const char *path, const cJSON *body, cJSON **out,
	struct err *e) NODISCARD;
/* The general one: web_do() with the header for immutable ids, and Graph's errors. */
int graph_do(struct web *w, const struct web_request *rq, struct http_response *out,
	struct err *e) NODISCARD;

/* Up to GRAPH_BATCH_MOST requests in one; v[i] answers asks[i] and borrows from *answer, which the
 * caller frees with cJSON_Delete. */
int graph_batch(struct web *w, const struct graph_ask *asks, size_t n, struct graph_reply *v,
	cJSON **answer, struct err *e) NODISCARD;
/* What one of them means: 0 or -1. */
int graph_judge(const struct web *w, const struct graph_reply *r, struct err *e) NODISCARD;

/* An id inside a path: escaped. */
const char *graph_path(struct arena *a, const char *before, const char *id, const char *behind);

/* Appends the $filter that finds a message by its Message-ID, which has no brackets. */
void graph_add_id_filter(struct buf *out, const char *message_id);
/* A string of OData: in single quotes, those within doubled. */
void graph_add_quoted(struct buf *out, const char *s);

#endif
