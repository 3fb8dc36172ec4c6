/* web.c - see web.h. */
#include "config.h"

#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#include "trace.h"

#define DEADLINE_MS 30000
#define LONG_FACTOR 10
#define TOKEN_MAX ((size_t)16 << 10)
#define HEADERS_MAX 16
#define PLAIN_MAX 14 /* letters of a path's part that may still be a word and no id */

struct web {
	struct http *http;
	char *protocol, *base, *host;
	int64_t account;
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *token_ctx;
	int deadline_ms;
	struct buf bearer; /* empty = none asked for yet; wiped */
};

static void wipe(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->p, b->len);
	buf_reset(b);
}

/* "host" or "host:port" of an address, as a sentence names it. */
static char *host_of(const char *url)
{
	const char *at = strstr(url, "://");
	at = at ? at + 3 : url;
	return xasprintf("%.*s", (int)strcspn(at, "/?#"), at);
}

/* Where the host begins and ends in the base. */
static size_t origin_len(const char *base)
{
	const char *at = strstr(base, "://");
	size_t before = at ? (size_t)(at + 3 - base) : 0;
	return before + strcspn(base + before, "/?#");
}

/* That http:// is for loopback alone is http.h's rule. */
static int check_base(const char *base, const char *host, struct err *e)
{
	bool is_web = str_starts(base, "https://") || str_starts(base, "http://");
	if (is_web && *host && !strchr(host, '@'))
		return 0;
	return err_set(e, ERR_USAGE,
		_("The address of the mail service must begin with https://."));
}

int web_open(struct web **out, const struct web_conf *c, struct err *e)
{
	CLEANUP(free_str) char *host = host_of(c->base);
	if (check_base(c->base, host, e))
		return -1;
	const struct http_conf http = {
		.ca_file = c->ca_file, .cancel = c->cancel, .clock = c->clock};
	struct web *w = xcalloc(1, sizeof *w);
	w->http = http_new(&http);
	w->protocol = xstrdup(c->protocol);
	w->base = xstrdup(c->base);
	for (size_t n = strlen(w->base); n && w->base[n - 1] == '/'; n--)
		w->base[n - 1] = '\0';
	w->host = host;
	host = NULL;
	w->account = c->account;
	w->token = c->token;
	w->token_ctx = c->token_ctx;
	w->deadline_ms = c->deadline_ms > 0 ? c->deadline_ms : DEADLINE_MS;
	w->bearer = BUF_SECRET_INIT(TOKEN_MAX);
	*out = w;
	return 0;
}

void web_close(struct web *w)
{
	if (!w)
		return;
	http_free(w->http);
	buf_release(&w->bearer);
	free(w->protocol);
	free(w->base);
	free(w->host);
	free(w);
}

const char *web_host(const struct web *w)
{
	return w->host;
}

/* ---- the trace ------------------------------------------------------------------------------- */

/* A part of a path that is a word of the service's, not an id or an address. */
static bool is_word(struct span part)
{
	bool has_digit = false;
	for (size_t i = 0; i < part.len; i++) {
		if (!ascii_isalnum(part.p[i]) && part.p[i] != '$' && part.p[i] != '.')
			return false;
		has_digit = has_digit || ascii_isdigit(part.p[i]);
	}
	return part.len <= PLAIN_MAX && (!has_digit || (part.len <= 4 && part.p[0] == 'v'));
}

/* What stands between the host and the query. */
static struct span path_of(const char *address)
{
	const char *from = address[0] == '/' ? address : address + origin_len(address);
	return (struct span){from, strcspn(from, "?#")};
}

/* Behind "users" stands whose they are, and a person's name may look like a word. */
static void trace_request(const struct web *w, const char *method, const char *path)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(1000);
	struct span rest = path_of(path), part;
	bool names_user = false;
	buf_addstr(&line, method);
	buf_addch(&line, ' ');
	while (span_next(&rest, '/', &part)) {
		if (!part.len)
			continue;
		buf_addch(&line, '/');
		if (is_word(part) && (!names_user || span_eq(part, "me")))
			buf_add(&line, part.p, part.len);
		else
			buf_addch(&line, '?');
		names_user = span_eq(part, "users");
	}
	trace_sent(w->protocol, w->account, line.p);
}

static void trace_response(const struct web *w, const struct http_response *r)
{
	char status[16], size[32];
	snprintf(status, sizeof status, "%d", r->status);
	snprintf(size, sizeof size, "%zu bytes", r->body.len);
	trace_answer(w->protocol, w->account, status, size, 0);
}

/* ---- judging --------------------------------------------------------------------------------- */

static bool is_quota_word(const char *word)
{
	static const char *const words[] = {"rateLimitExceeded", "userRateLimitExceeded",
		"dailyLimitExceeded", "quotaExceeded", "limitExceeded", "RESOURCE_EXHAUSTED",
		"TooManyRequests", "ApplicationThrottled", "MailboxConcurrency"};
	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* A 403 is a refusal of the person, or of the pace: only its reason tells. */
static bool is_pace(const char *body, size_t len)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	if (json_parse(body, len, &j, &ignored))
		return false;
	const char *said = json_str(j, "/message"); /* of gateways before the service itself */
	return is_quota_word(json_str(j, "/error/errors/0/reason")) ||
	       is_quota_word(json_str(j, "/error/status")) ||
	       is_quota_word(json_str(j, "/error/code")) ||
	       (said && mem_casefind(said, strlen(said), "rate limit"));
}

static int slow_down(int status, int64_t after_ms, const char *host, struct err *e)
{
	unsigned long minutes = after_ms > 0 ? (unsigned long)((after_ms + 59999) / 60000) : 0;
	if (minutes > 1)
		/* TRANSLATORS: "mail.example.com asks to slow down, for 5 minutes." */
		err_set(e, ERR_RATE,
			ngettext("%s asks to slow down, for %lu minute.",
				"%s asks to slow down, for %lu minutes.", minutes),
			host, minutes);
	else
		err_set(e, ERR_RATE, _("%s asks to slow down."), host);
	e->sys = status;
	e->after_ms = after_ms > 0 ? (uint32_t)after_ms : 0;
	return -1;
}

int web_judge(int status, int64_t retry_after_ms, const char *body, size_t len, const char *host,
	struct err *e)
{
	const struct http_response r = {.status = status, .retry_after_ms = retry_after_ms};
	if (status >= 200 && status <= 299)
		return 0;
	if (status == 429 || ((status == 503 || status == 504) && retry_after_ms >= 0) ||
		(status == 403 && is_pace(body, len)))
		return slow_down(status, retry_after_ms, host, e);
	if (http_status_err(&r, host, e) == 0)
		return 0;
	if (e->code == ERR_CONFLICT || (e->code == ERR_PROTO && status >= 400))
		e->scope = ERR_ITEM;
	if (e->code == ERR_PROTO && status >= 400)
		e->retry = RETRY_NEVER;
	return -1;
}

/* ---- requests -------------------------------------------------------------------------------- */

static int need_token(struct web *w, struct err *e)
{
	if (w->bearer.len)
		return 0;
	if (!w->token)
		return err_set(e, ERR_AUTH,
			_("No sign-in is saved for this account: sign in again."));
	if (w->token(w->token_ctx, NULL, &w->bearer, e))
		return -1;
	return w->bearer.len && !w->bearer.failed
		       ? 0
		       : err_set(e, ERR_AUTH, _("The sign-in gave no token: sign in again."));
}

/* The one that was refused goes along, so that whoever refreshes knows whether it was done
 * already. */
static int renew_token(struct web *w, struct err *e)
{
	CLEANUP(buf_release) struct buf old = BUF_SECRET_INIT(TOKEN_MAX);
	buf_add(&old, w->bearer.p, w->bearer.len);
	wipe(&w->bearer);
	int rc = w->token(w->token_ctx, old.p, &w->bearer, e);
	if (rc)
		wipe(&w->bearer);
	return rc;
}

bool web_is_own(const struct web *w, const char *url)
{
	size_t n = origin_len(w->base);
	return strncmp(url, w->base, n) == 0 && (url[n] == '/' || url[n] == '?');
}

/* What stands behind the base, or the same server's address in full. */
static char *url_of(const struct web *w, const char *path, struct err *e)
{
	if (path[0] == '/')
		return xasprintf("%s%s", w->base, path);
	if (web_is_own(w, path))
		return xstrdup(path);
	err_set(e, ERR_PROTO, _("%s names another server to go on at."), w->host);
	return NULL;
}

static int exchange(struct web *w, const struct web_request *rq, const char *url, bool has_token,
	struct http_response *out, struct err *e)
{
	CLEANUP(buf_release) struct buf bearer = BUF_SECRET_INIT(TOKEN_MAX + 64);
	CLEANUP(buf_release) struct buf type = BUF_INIT(512);
	const char *headers[HEADERS_MAX + 3];
	size_t n = 0;
	buf_addf(&bearer, "Authorization: Bearer %s", w->bearer.p);
	if (has_token)
		headers[n++] = bearer.p;
	if (rq->type) {
		buf_addf(&type, "Content-Type: %s", rq->type);
		headers[n++] = type.p;
	}
	for (size_t i = 0; rq->headers && rq->headers[i]; i++) {
		BUG_ON(i == HEADERS_MAX);
		headers[n++] = rq->headers[i];
	}
	headers[n] = NULL;
	const struct http_request http = {.method = rq->method,
		.url = url,
		.headers = headers,
		.body = rq->body,
		.body_len = rq->body_len,
		.timeout_ms = rq->is_long ? w->deadline_ms * LONG_FACTOR : w->deadline_ms,
		.max_body = rq->max_body};
	out->status = 0;
	out->retry_after_ms = -1;
	trace_request(w, rq->method, rq->path);
	if (http_do(w->http, &http, out, e))
		return -1;
	trace_response(w, out);
	return 0;
}

int web_do(struct web *w, const struct web_request *rq, struct http_response *out, struct err *e)
{
	CLEANUP(free_str) char *url = url_of(w, rq->path, e);
	if (!url || need_token(w, e) || exchange(w, rq, url, true, out, e))
		return -1;
	if (out->status == 401 && (renew_token(w, e) || exchange(w, rq, url, true, out, e)))
		return -1;
	if (out->status == 401) {
		wipe(&w->bearer);
		err_set(e, ERR_AUTH, _("%s refused the sign-in: sign in again."), w->host);
		e->sys = out->status;
		return -1;
	}
	return web_judge(out->status, out->retry_after_ms, out->body.p, out->body.len, w->host, e);
}

int web_do_bare(struct web *w, const struct web_request *rq, struct http_response *out,
	struct err *e)
{
	CLEANUP(free_str) char *host = host_of(rq->path);
	if (exchange(w, rq, rq->path, false, out, e))
		return -1;
	return web_judge(out->status, out->retry_after_ms, out->body.p, out->body.len, host, e);
}

int web_parse(const struct web *w, const char *p, size_t n, cJSON **out, struct err *e)
{
	struct err why = ERR_INIT;
	if (json_parse(p, n, out, &why) == 0)
		return 0;
	return err_set(e, ERR_PROTO, _("The answer of %s cannot be understood."), w->host);
}

struct web_request web_json_request(const char *method, const char *path, const char *text)
{
	return (struct web_request){.method = method,
		.path = path,
		.type = text ? "application/json" : NULL,
		.body = text,
		.body_len = text ? strlen(text) : 0};
}

int web_json(struct web *w, const char *method, const char *path, const cJSON *body, cJSON **out,
	struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(free_str) char *text = body ? json_print(body) : NULL;
	const struct web_request rq = web_json_request(method, path, text);
	if (out)
		*out = NULL;
	if (web_do(w, &rq, &r, e))
		return -1;
	return out && r.body.len ? web_parse(w, r.body.p, r.body.len, out, e) : 0;
}
