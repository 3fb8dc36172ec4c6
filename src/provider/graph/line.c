/* line.c - see line.h. */
#include "config.h"

#include "line.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

/* "Get incremental changes", "Best practices for working with throttling": the state behind a delta
 * link is gone. The words are compared without case, as Graph's pages spell them differently. */
static bool is_lost_state(int status, const char *code)
{
	static const char *const words[] = {
		"syncStateNotFound", "resyncRequired", "syncStateInvalid"};
	if (status == 410)
		return true;
	for (size_t i = 0; code && i < ARRAY_SIZE(words); i++)
		if (str_casecmp(code, words[i]) == 0)
			return true;
	return false;
}

static int lost_state(int status, struct err *e)
{
	err_set(e, ERR_CONFLICT, _("Microsoft has forgotten how far this folder was read."));
	e->sys = status;
	return -1;
}

static int explain(int status, const char *body, size_t len, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	if (!len || json_parse(body, len, &j, &ignored))
		j = NULL;
	return is_lost_state(status, j ? json_str(j, "/error/code") : NULL) ? lost_state(status, e)
									    : -1;
}

int graph_do(struct web *w, const struct web_request *rq, struct http_response *out, struct err *e)
{
	const char *headers[8] = {"Prefer: " GRAPH_IMMUTABLE};
	struct web_request r = *rq;
	for (size_t i = 0; rq->headers && rq->headers[i]; i++) {
		BUG_ON(i + 2 >= ARRAY_SIZE(headers));
		headers[i + 1] = rq->headers[i];
	}
	r.headers = headers;
	if (web_do(w, &r, out, e) == 0)
		return 0;
	return out->status >= 400 ? explain(out->status, out->body.p, out->body.len, e) : -1;
}

int graph_get(struct web *w, const char *path, unsigned page_size, cJSON **out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	char prefer[64];
	snprintf(prefer, sizeof prefer, "Prefer: odata.maxpagesize=%u", page_size);
	const char *const headers[] = {page_size ? prefer : NULL, NULL};
	const struct web_request rq = {.method = "GET", .path = path, .headers = headers};
	return graph_do(w, &rq, &r, e) || web_parse(w, r.body.p, r.body.len, out, e) ? -1 : 0;
}

int graph_send(struct web *w, const char *method, const char *path, const cJSON *body, cJSON **out,
	struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(free_str) char *text = body ? json_print(body) : NULL;
	const struct web_request rq = web_json_request(method, path, text);
	if (out)
		*out = NULL;
	if (graph_do(w, &rq, &r, e))
		return -1;
	return out && r.body.len ? web_parse(w, r.body.p, r.body.len, out, e) : 0;
}

int graph_batch(struct web *w, const struct graph_ask *asks, size_t n, struct graph_reply *v,
	cJSON **answer, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT(HTTP_MAX_BODY);
	*answer = NULL;
	graph_batch_write(&body, asks, n);
	if (body.failed)
		return err_set(e, ERR_TOOBIG, _("The request to Microsoft is too large."));
	const struct web_request rq = {.method = "POST",
		.path = "/$batch",
		.type = "application/json",
		.body = body.p,
		.body_len = body.len,
		.is_long = true};
	if (graph_do(w, &rq, &r, e) || web_parse(w, r.body.p, r.body.len, answer, e))
		return -1;
	return graph_batch_read(*answer, n, v, e);
}

int graph_judge(const struct web *w, const struct graph_reply *r, struct err *e)
{
	if (!r->status)
		return err_set(e, ERR_PROTO, _("%s left a part of the request unanswered."),
			web_host(w));
	if (r->status == 401) /* the batch itself was let in: this one will be by itself, too */
		return err_set(e, ERR_NET, _("%s took a part of the request only."), web_host(w));
	CLEANUP(free_str) char *text = r->body && r->status >= 400 ? json_print(r->body) : NULL;
	size_t len = text ? strlen(text) : 0;
	if (web_judge(r->status, r->retry_after_ms, text ? text : "", len, web_host(w), e) == 0)
		return 0;
	if (e->code == ERR_AUTH) {
		e->code = ERR_UNSUPPORTED;
		e->scope = ERR_ITEM;
	}
	return explain(r->status, text ? text : "", len, e);
}

const char *graph_path(struct arena *a, const char *before, const char *id, const char *behind)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(16384);
	buf_addstr(&b, before);
	http_add_escaped(&b, id);
	buf_addstr(&b, behind);
	return arena_strndup(a, b.p, b.len);
}

void graph_add_quoted(struct buf *out, const char *s)
{
	buf_addch(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_addch(out, '\'');
		buf_addch(out, *s);
	}
	buf_addch(out, '\'');
}

void graph_add_id_filter(struct buf *out, const char *message_id)
{
	CLEANUP(free_str) char *bracketed = xasprintf("<%s>", message_id);
	buf_addstr(out, "internetMessageId eq ");
	graph_add_quoted(out, bracketed);
}
