/* http.c - bounded, cancellable HTTP exchanges over libcurl. What an answer means beyond its status
 * is the caller's business. */
#include "config.h"

#include "crmail/net/http.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "url.h"

#define DEFAULT_MS 60000
#define CONNECT_MS 30000
#define WAIT_MS 1000 /* libcurl wakes us earlier; this only bounds a missed wake-up */
#define CA_FOLDER "/etc/ssl/certs"

struct http {
	CURLM *multi; /* NULL before the first request */
	CURL *easy;
	char *ca_file, *proxy;
	bool allow_insecure;
	struct net_cancel *cancel;
	const struct clock_src *clock;
};

struct http *http_new(const struct http_conf *c)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->ca_file = c->ca_file ? xstrdup(c->ca_file) : NULL;
	h->proxy = xstrdup(c->proxy ? c->proxy : ""); /* "": none, whatever the environment says */
	h->allow_insecure = c->allow_insecure;
	h->cancel = c->cancel;
	h->clock = c->clock;
	return h;
}

/* At the first request: most processes make none. */
static int open_curl(struct http *h, struct err *e)
{
	if (h->multi)
		return 0;
	if (late_load_curl(e))
		return -1;
	BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK); /* counts, under its own lock */
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	BUG_ON(!h->multi || !h->easy);
	return 0;
}

static void close_curl(struct http *h)
{
	if (!h->multi)
		return;
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
}

void http_free(struct http *h)
{
	if (!h)
		return;
	close_curl(h);
	free(h->ca_file);
	free(h->proxy);
	free(h);
}

void http_response_release(struct http_response *r)
{
	buf_release(&r->body);
	buf_release(&r->headers);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_response *r = ctx;

	buf_add(&r->body, p, size * n);
	return r->body.failed ? 0 : size * n;
}

/* Only the last answer's headers are kept: each begins with its status line. */
static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_response *r = ctx;

	if (size * n >= 5 && !memcmp(p, "HTTP/", 5))
		buf_reset(&r->headers);
	else
		buf_add(&r->headers, p, size * n);
	return r->headers.failed ? 0 : size * n;
}

/* A line end in a header would be a second header. */
static int make_headers(const struct http_request *rq, struct curl_slist **out, struct err *e)
{
	/* libcurl's own: no pause for "100 Continue" and no type that nobody chose. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	bool has_type = false;

	for (size_t i = 0; rq->headers && rq->headers[i]; i++) {
		if (strpbrk(rq->headers[i], "\r\n")) {
			curl_slist_free_all(list);
			return err_set(e, ERR_USAGE,
				_("A header of the request holds a line end."));
		}
		has_type = has_type || str_casestarts(rq->headers[i], "content-type:");
		list = curl_slist_append(list, rq->headers[i]);
	}
	if (!has_type)
		list = curl_slist_append(list, "Content-Type:");
	BUG_ON(!list);
	*out = list;
	return 0;
}

/* libcurl's copies of them, one of which is a sign-in. */
static void free_headers(struct curl_slist *list)
{
	for (struct curl_slist *h = list; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(list);
}

static size_t give_body(char *to, size_t size, size_t n, void *ctx)
{
	struct span *left = ctx;
	size_t take = size * n < left->len ? size * n : left->len;

	if (!take)
		return 0;
	memcpy(to, left->p, take);
	*left = (struct span){left->p + take, left->len - take};
	return take;
}

/* libcurl sends a request again by itself when a kept connection ends before the answer. A write
 * that the server may have done must not be: its body is read once and cannot be rewound. */
static void set_method(CURL *c, const struct http_request *rq, struct span *body)
{
	if (!strcmp(rq->method, "HEAD")) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	if (body->len) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(c, CURLOPT_READDATA, body);
	} else if (rq->body || !strcmp(rq->method, "POST")) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, rq->method);
}

static void set_options(struct http *h, const struct http_request *rq, const char *url,
	struct curl_slist *headers, struct span *body, struct http_response *out)
{
	long limit = rq->timeout_ms > 0 ? rq->timeout_ms : DEFAULT_MS;
	CURL *c = h->easy;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, h->proxy);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); /* an abandoned look-up is not waited for */
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (h->ca_file) { /* replaces the system's bundle, so its folder is named beside it */
		curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
		curl_easy_setopt(c, CURLOPT_CAPATH, CA_FOLDER);
	}
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, limit);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, limit < CONNECT_MS ? limit : CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, out);
	set_method(c, rq, body);
}

/* Runs the prepared transfer; CURLE_ABORTED_BY_CALLBACK stands for "cancelled". */
static CURLcode perform(struct http *h)
{
	struct curl_waitfd wake = {.fd = net_cancel_fd(h->cancel), .events = CURL_WAIT_POLLIN};
	CURLcode result = CURLE_ABORTED_BY_CALLBACK;
	int running = 1;

	curl_multi_add_handle(h->multi, h->easy);
	while (running && !net_cancel_is_set(h->cancel)) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			break;
		if (running)
			curl_multi_poll(h->multi, &wake, wake.fd >= 0 ? 1 : 0, WAIT_MS, NULL);
	}
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left));) {
		if (m->msg == CURLMSG_DONE)
			result = m->data.result;
	}
	curl_multi_remove_handle(h->multi, h->easy);
	return result;
}

/* libcurl's TLS library says only that a certificate was refused: a connection of our own finds
 * out why. Should that one succeed, the general sentence stands. */
static int set_tls_err(const struct http *h, const struct url *u, struct err *e)
{
	struct stream_conf c = {.host = u->host,
		.port = u->port,
		.use_tls = true,
		.ca_file = h->ca_file,
		.cancel = h->cancel,
		.connect_ms = 10000};
	struct stream *s = NULL;
	struct err why = ERR_INIT;

	if (stream_open(&s, &c, &why) && why.code == ERR_TLS) {
		*e = why;
		return -1;
	}
	stream_close(s);
	return err_set(e, ERR_TLS, _("The TLS connection to %s was refused."), u->host);
}

static int set_curl_err(const struct http *h, const struct url *u, CURLcode rc,
	const struct http_response *r, struct err *e)
{
	switch ((int)rc) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(e, ERR_NET, _("%s did not answer in time."), u->host);
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(e, ERR_NET, _("Cannot find the host %s."), u->host);
	case CURLE_COULDNT_CONNECT:
		return err_set(e, ERR_NET, _("Cannot connect to %s."), u->host);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
		return set_tls_err(h, u, e);
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_SEND_FAIL_REWIND:
		return err_set(e, ERR_NET,
			_("%s ended the connection before its answer was whole."), u->host);
	default:
		break;
	}
	if (r->body.failed || r->headers.failed)
		return err_set(e, ERR_TOOBIG, _("The answer of %s is larger than it may be."),
			u->host);
	return err_set(e, ERR_NET, _("The exchange with %s failed: %s"), u->host,
		curl_easy_strerror(rc));
}

int64_t http_wait_ms(int64_t s)
{
	return (s < HTTP_WAIT_MOST_S ? s : HTTP_WAIT_MOST_S) * 1000;
}

static int64_t retry_after_ms(const struct http *h, const struct http_response *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(100);
	int64_t s;

	if (!http_header(r, "Retry-After", &text))
		return -1;
	if (str_to_i64(text.p, 0, INT64_MAX, &s))
		return http_wait_ms(s);
	time_t at = curl_getdate(text.p, NULL);
	if (at == (time_t)-1)
		return -1;
	int64_t now = h->clock ? clock_now(h->clock) : (int64_t)time(NULL);
	return at > now ? http_wait_ms(at - now) : 0;
}

static int exchange(struct http *h, const struct http_request *rq, const char *url_text,
	struct curl_slist *headers, struct http_response *out, struct err *e)
{
	CLEANUP(url_release) struct url u = {.host = NULL};
	struct span body = {rq->body, rq->body ? rq->body_len : 0};
	long status = 0;

	if (url_parse(url_text, &u, e))
		return -1;
	if (!u.is_https && !h->allow_insecure && !url_is_loopback(&u))
		return err_set(e, ERR_UNSUPPORTED,
			_("%s is only to be reached without encryption, which is not allowed."),
			u.host);
	buf_reset(&out->body);
	buf_reset(&out->headers);
	out->body.max = rq->max_body ? rq->max_body : HTTP_MAX_BODY;
	set_options(h, rq, url_text, headers, &body, out);
	CURLcode rc = perform(h);
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	out->status = (int)status;
	if (rc != CURLE_OK)
		return set_curl_err(h, &u, rc, out, e);
	out->retry_after_ms = retry_after_ms(h, out);
	return 0;
}

/* Where a redirect leads, when it may be followed: reading requests, same scheme, host and port.
 * Caller frees with free(). */
static char *next_url(struct http *h, const struct http_request *rq, const char *from, int status)
{
	CLEANUP(url_release) struct url a = {.host = NULL}, b = {.host = NULL};
	struct err ignored = ERR_INIT;
	char *to = NULL;

	if (status < 300 || status > 399 ||
		(strcmp(rq->method, "GET") && strcmp(rq->method, "HEAD")))
		return NULL;
	curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_URL, &to);
	if (!to || url_parse(from, &a, &ignored) || url_parse(to, &b, &ignored))
		return NULL;
	bool is_same = a.is_https == b.is_https && a.port == b.port && !str_casecmp(a.host, b.host);
	return is_same ? xstrdup(to) : NULL;
}

int http_do(struct http *h, const struct http_request *rq, struct http_response *out, struct err *e)
{
	CLEANUP(free_str) char *url = xstrdup(rq->url);
	struct curl_slist *headers = NULL;
	int rc;

	if (net_cancel_is_set(h->cancel))
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	if (open_curl(h, e) || make_headers(rq, &headers, e))
		return -1;
	for (unsigned hop = 0;; hop++) {
		rc = exchange(h, rq, url, headers, out, e);
		char *to =
			rc || hop >= rq->max_redirects ? NULL : next_url(h, rq, url, out->status);
		if (!to)
			break;
		free(url);
		url = to;
	}
	free_headers(headers);
	return rc;
}

bool http_header(const struct http_response *r, const char *name, struct buf *out)
{
	struct span rest = {r->headers.p, r->headers.len}, line;
	size_t n = strlen(name);

	while (span_next(&rest, '\n', &line)) {
		if (line.len <= n || line.p[n] != ':' || str_ncasecmp(line.p, name, n))
			continue;
		struct span value = span_trim((struct span){line.p + n + 1, line.len - n - 1});
		buf_add(out, value.p, value.len);
		return true;
	}
	return false;
}

static int set_status_err(enum err_code code, int status, const char *host, struct err *e)
{
	err_set(e, code, _("%s answered with HTTP status %d."), host, status);
	e->sys = status;
	return -1;
}

int http_status_err(const struct http_response *r, const char *host, struct err *e)
{
	int status = r->status;

	if (status >= 200 && status <= 299)
		return 0;
	if (status == 429 || (status == 503 && r->retry_after_ms >= 0)) {
		set_status_err(ERR_RATE, status, host, e);
		if (r->retry_after_ms > 0)
			e->after_ms = (uint32_t)r->retry_after_ms;
		return -1;
	}
	switch (status) {
	case 401:
	case 403:
		return set_status_err(ERR_AUTH, status, host, e);
	case 404:
	case 410:
		return set_status_err(ERR_NOTFOUND, status, host, e);
	case 409:
	case 412:
		return set_status_err(ERR_CONFLICT, status, host, e);
	case 413:
		return set_status_err(ERR_TOOBIG, status, host, e);
	case 408:
	case 425:
		return set_status_err(ERR_NET, status, host, e);
	default:
		return set_status_err(status >= 500 ? ERR_NET : ERR_PROTO, status, host, e);
	}
}

void http_add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (ascii_isalnum(*s) || strchr("-._~", *s))
			buf_addch(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}
