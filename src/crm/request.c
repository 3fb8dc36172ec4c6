/*
 * request.c - a request of the profile made ready to send: URL, query, headers, JSON body. Sends
 * nothing.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/i18n.h"

void wipe_buf(struct buf *b)
{
	if (b->cap)
		explicit_bzero(b->p, b->cap);
	buf_release(b);
}

void built_release(struct built *b)
{
	wipe_buf(&b->url);
	wipe_buf(&b->body);
	wipe_buf(&b->header_text);
	arena_release(&b->arena);
}

static int build_url(const struct crm *c, const cJSON *request, const struct template_ctx *t,
	struct buf *out, struct err *e)
{
	const char *url = json_str(request, "/url");
	const char *path = json_str(request, "/path");
	bool is_absent = false;
	if (url)
		return template_render(t, url, SINK_URL, out, &is_absent, e);
	if (!c->profile->base_url)
		return err_set(e, ERR_UNSUPPORTED, _("This CRM has no address."));
	if (template_render(t, c->profile->base_url, SINK_URL, out, &is_absent, e))
		return -1;
	while (out->len && out->p[out->len - 1] == '/')
		buf_truncate(out, out->len - 1);
	if (path && template_render(t, path, SINK_PATH, out, &is_absent, e))
		return -1;
	return is_absent ? err_set(e, ERR_BUG, _("A part of the CRM's address is missing.")) : 0;
}

/* A part whose value is absent is left out. */
static int build_query(const cJSON *query, const struct template_ctx *t, struct buf *out,
	struct err *e)
{
	char sep = '?';
	const cJSON *one;
	cJSON_ArrayForEach(one, query)
	{
		size_t before = out->len;
		bool is_absent = false;
		buf_addf(out, "%c%s=", sep, one->string);
		if (template_render(t, one->valuestring, SINK_QUERY, out, &is_absent, e))
			return -1;
		if (is_absent)
			buf_truncate(out, before);
		else
			sep = '&';
	}
	return 0;
}

/* Values lie one after the other in header_text, each ended by a 0 byte; pointers are set last,
 * because the text moves while it grows. */
static int build_headers(const cJSON *from, const struct template_ctx *t, struct built *b,
	size_t *offsets, struct err *e)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, from)
	{
		size_t before = b->header_text.len;
		bool is_absent = false;
		if (b->rq.n_headers == ARRAY_SIZE(b->headers))
			return err_set(e, ERR_TOOBIG, _("The profile has too many headers."));
		if (template_render(t, one->valuestring, SINK_HEADER, &b->header_text, &is_absent,
			    e))
			return -1;
		if (is_absent) {
			buf_truncate(&b->header_text, before);
			continue;
		}
		buf_addch(&b->header_text, '\0');
		offsets[b->rq.n_headers] = before;
		b->headers[b->rq.n_headers++].name = one->string;
	}
	return 0;
}

static int build_parts(const struct crm *c, const cJSON *request, const cJSON *auth_header,
	const struct template_ctx *t, struct built *b, struct err *e)
{
	size_t offsets[ARRAY_SIZE(b->headers)];
	if (build_url(c, request, t, &b->url, e) ||
		build_query(json_at(request, "/query"), t, &b->url, e) ||
		build_headers(c->profile->headers, t, b, offsets, e) ||
		build_headers(auth_header, t, b, offsets, e) ||
		build_headers(json_at(request, "/headers"), t, b, offsets, e))
		return -1;
	for (size_t i = 0; i < b->rq.n_headers; i++)
		b->headers[i].value = b->header_text.p + offsets[i];
	const cJSON *body = json_at(request, "/body");
	if (body) {
		if (b->rq.n_headers == ARRAY_SIZE(b->headers))
			return err_set(e, ERR_TOOBIG, _("The profile has too many headers."));
		if (template_render_json(t, body, &b->body, e))
			return -1;
		b->headers[b->rq.n_headers++] =
			(struct crm_header){"Content-Type", "application/json"};
		b->rq.body = b->body.p;
		b->rq.body_len = b->body.len;
	}
	if (b->url.failed || b->body.failed || b->header_text.failed)
		return err_set(e, ERR_TOOBIG, _("The request to the CRM is too large."));
	return 0;
}

int request_build(const struct crm *c, const cJSON *request, const cJSON *auth_header,
	const struct var_scope *scope, struct built *out, struct err *e)
{
	*out = (struct built){
		.url = BUF_INIT(64 << 10),
		.body = BUF_INIT(CRM_MAX_REQUEST),
		.header_text = BUF_INIT(64 << 10),
		.arena = ARENA_INIT,
	};
	struct var common[SCOPE_COMMON];
	struct var_scope config;
	struct var_scope base = scope_common(c, common, &config);
	struct var_scope head = {.v = NULL};
	if (scope) {
		head = *scope;
		BUG_ON(head.outer);
		head.outer = &base;
	}
	struct template_ctx t = {
		.scope = scope ? &head : &base,
		.secrets = &c->env.secrets,
		.hide_secrets = c->hide_secrets,
	};
	const char *method = json_str(request, "/method");
	out->rq.method = method ? method : "GET";
	if (build_parts(c, request, auth_header, &t, out, e)) {
		built_release(out);
		return -1;
	}
	out->rq.url = out->url.p;
	out->rq.headers = out->headers;
	return 0;
}
