/*
 * http.h - one HTTP exchange at a time over libcurl, kept within bounds.
 *
 * A struct http belongs to one thread and keeps its connections open between requests; give each
 * worker its own. A request with a body is sent once, whatever becomes of the connection: a write
 * that may have been done is the caller's to repeat. Certificates are verified as in tls.h.
 * Redirects are not followed and proxies of the environment are not used unless asked for. http://
 * is refused except on loopback or with allow_insecure. URL queries, header values and bodies never
 * reach a log or an error message: sentences name the host alone.
 *
 * Errors of http_do (-1): ERR_CANCELLED, ERR_NET, ERR_TLS, ERR_TOOBIG (answer or header past its
 * ceiling: *out has the status and as much as there is room for), ERR_USAGE (not an http URL),
 * ERR_UNSUPPORTED (http:// not allowed). Any answer of the server is success, whatever its status:
 * http_status_err() turns one into a struct err for callers that want the usual mapping.
 */
#ifndef CRMAIL_HTTP_H
#define CRMAIL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/err.h"

struct clock_src;
struct http;
struct net_cancel;

#define HTTP_MAX_BODY ((size_t)8 << 20)
#define HTTP_MAX_HEADERS ((size_t)256 << 10)

struct http_conf {                     /* strings are copied */
	const char *ca_file;           /* private CA trusted besides the system's; NULL = none */
	const char *proxy;             /* "http://host:port"; NULL = none */
	bool allow_insecure;           /* http:// beyond loopback, by the user's explicit word */
	struct net_cancel *cancel;     /* borrowed for the life of the http; NULL = none */
	const struct clock_src *clock; /* for Retry-After dates; borrowed; NULL = system time */
};

struct http_request {       /* borrowed for the call */
	const char *method; /* "GET", "POST", "PATCH", "PUT", "DELETE" */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-ended; NULL = none */
	const void *body;           /* NULL = none */
	size_t body_len;
	int timeout_ms;         /* for the whole exchange; 0 = 60 s */
	size_t max_body;        /* 0 = HTTP_MAX_BODY */
	unsigned max_redirects; /* 0 = none; followed on the same host only */
};

struct http_response {
	int status;             /* 200, 404, ... */
	struct buf body;        /* decoded (gzip) */
	struct buf headers;     /* of the last answer, "Name: value\r\n"... */
	int64_t retry_after_ms; /* Retry-After, at most a day; -1 = not said */
};

#define HTTP_RESPONSE_INIT                                                                         \
	((struct http_response){.body = BUF_INIT(HTTP_MAX_BODY),                                   \
		.headers = BUF_INIT(HTTP_MAX_HEADERS),                                             \
		.retry_after_ms = -1})
void http_response_release(struct http_response *r); /* for CLEANUP */

/* libcurl is loaded at the first request (late.h), which fails where it is not installed. */
struct http *http_new(const struct http_conf *c);
void http_free(struct http *h); /* NULL is fine */
int http_do(struct http *h, const struct http_request *rq, struct http_response *out,
	struct err *e) NODISCARD;

/* The first header of that name, trimmed, appended to `out`; false when absent. */
bool http_header(const struct http_response *r, const char *name, struct buf *out);

/* What a server asks to wait, in seconds, as milliseconds: at most a day, whatever it says. */
#define HTTP_WAIT_MOST_S 86400
int64_t http_wait_ms(int64_t s);

/* Nothing (0) for 2xx. Else -1 with 401/403 ERR_AUTH, 404/410 ERR_NOTFOUND, 409/412 ERR_CONFLICT,
 * 413 ERR_TOOBIG, 408/425/5xx ERR_NET, 429 and 503 with Retry-After ERR_RATE, the rest ERR_PROTO.
 * `host` names the server in the sentence. */
int http_status_err(const struct http_response *r, const char *host, struct err *e) NODISCARD;

/* Appends s percent-encoded for use inside a path segment or a query value (RFC 3986 unreserved
 * characters stay). */
void http_add_escaped(struct buf *out, const char *s);

#endif
