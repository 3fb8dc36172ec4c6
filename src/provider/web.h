/*
 * web.h - one account's authorised line to a mail service that speaks HTTP (Gmail, Graph): a bearer
 * token on every request, refreshed once where it is refused, answers within bounds, and the
 * service's wish to be left alone told as ERR_RATE with its Retry-After. Private to src/provider.
 *
 * A struct web belongs to the account's worker thread; only the net_cancel is another's to trigger.
 * No call repeats anything by itself but after a 401, which says that nothing was done; waiting
 * after ERR_RATE and ERR_NET is the caller's caller: the account backs off as a whole. The trace
 * has methods, paths without their query and with every id as "?", states and sizes; never a token,
 * an address or a body.
 *
 * Errors: http.h's; ERR_AUTH (the token cannot be had, or a fresh one was refused, or 403);
 * ERR_RATE (429, 503 and 504 with Retry-After, 403 with a quota's reason; after_ms when said);
 * ERR_NOTFOUND (404, 410), ERR_CONFLICT (409, 412), ERR_TOOBIG (413, or an answer past its bound);
 * ERR_NET (5xx, 408); ERR_PROTO (any other 4xx, of scope ERR_ITEM: it is this request's own fault;
 * and an answer that is no JSON, of scope ERR_ACCOUNT). e->sys is the HTTP status, 0 = none came.
 */
#ifndef CRMAIL_SRC_PROVIDER_WEB_H
#define CRMAIL_SRC_PROVIDER_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/json.h"
#include "crmail/net/http.h"

struct clock_src;
struct web;

struct web_conf {             /* strings are copied, the rest borrowed for the web's life */
	const char *protocol; /* for the trace: "gmail" */
	int64_t account;      /* for the trace: row id */
	const char *base;     /* "https://gmail.googleapis.com"; a slash at the end is dropped */
	const char *ca_file;  /* NULL = none */
	/* provider.h: account_conf.token */
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *token_ctx;
	struct net_cancel *cancel;
	const struct clock_src *clock;
	int deadline_ms; /* of one exchange; 0 = 30000. Long bodies have more (.is_long) */
};

struct web_request {
	const char *method;
	/* "/gmail/v1/users/me/labels?x=y", behind the base; or a whole address that the service
	 * gave (nextLink), which must be of the base's scheme, host and port: the token goes
	 * nowhere else (ERR_PROTO). */
	const char *path;
	const char *const
		*headers; /* besides Authorization; "Name: value", NULL-ended; NULL = none */
	const char *type; /* of the body: "application/json"; NULL = none */
	const void *body; /* NULL = none */
	size_t body_len;
	size_t max_body; /* of the answer; 0 = HTTP_MAX_BODY */
	bool is_long;    /* many bytes go or come: ten times the deadline */
};

/* Connects nothing. ERR_USAGE: the base is no address (http:// is for loopback alone: http.h). */
int web_open(struct web **out, const struct web_conf *c, struct err *e) NODISCARD;
void web_close(struct web *w); /* NULL is fine; the token is wiped */

/* 0 for 2xx. Otherwise -1 and *e, and where an answer came at all *out has it, for a caller that
 * wants to know more than its status. *out is initialised by the caller, and may be used again. */
int web_do(struct web *w, const struct web_request *rq, struct http_response *out,
	struct err *e) NODISCARD;
/* The same without the token, to any address that the service named for a purpose of its own, as
 * that of an upload (`path` is the whole address): it carries its own permission. */
int web_do_bare(struct web *w, const struct web_request *rq, struct http_response *out,
	struct err *e) NODISCARD;
/* One of JSON; text NULL = nothing is sent, else borrowed. */
struct web_request web_json_request(const char *method, const char *path, const char *text);
/* web_do() for small exchanges in JSON: `body` (may be NULL; not freed) is sent, *out gets the
 * answer, NULL where the body is empty (out may be NULL: not wanted). Caller frees with
 * cJSON_Delete. */
int web_json(struct web *w, const char *method, const char *path, const cJSON *body, cJSON **out,
	struct err *e) NODISCARD;

/* What a single answer means, as web_do() has it, also for one inside a batch: 0 or -1.
 * retry_after_ms -1 = not said. host is for the sentence. */
int web_judge(int status, int64_t retry_after_ms, const char *body, size_t len, const char *host,
	struct err *e) NODISCARD;
const char *web_host(const struct web *w);
/* Whether web_do() goes to that whole address: who keeps one for later looks first. */
bool web_is_own(const struct web *w, const char *url);

/* Reads one document of up to JSON_MAX_BYTES; ERR_PROTO when it is none. */
int web_parse(const struct web *w, const char *p, size_t n, cJSON **out, struct err *e) NODISCARD;

#endif
