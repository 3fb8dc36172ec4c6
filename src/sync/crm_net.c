/*
 * crm_net.c - HTTP for the profile engine, over libcurl. Its secrets are crm_secret.c's.
 */
#include "config.h"

#include "crm_sync.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/log.h"
#include "crmail/net/cancel.h"
#include "crmail/net/http.h"
#include "crmail/net/secret.h"

#define MAX_HEADERS 24

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	struct crm_sync *s = ctx;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(http_response_release) struct http_response answer = HTTP_RESPONSE_INIT;
	const char *headers[MAX_HEADERS + 1] = {NULL};
	BUG_ON(rq->n_headers > MAX_HEADERS);
	for (size_t i = 0; i < rq->n_headers; i++)
		headers[i] = arena_printf(&a, "%s: %s", rq->headers[i].name, rq->headers[i].value);
	const struct http_request req = {
		.method = rq->method,
		.url = rq->url,
		.headers = headers,
		.body = rq->body,
		.body_len = rq->body_len,
		.timeout_ms = s->options.deadline_ms,
	};
	int64_t start = clock_mono_ms();
	int rc = http_do(s->http, &req, &answer, e);
	for (size_t i = 0; i < rq->n_headers; i++) {
		char *text = (char *)(uintptr_t)headers[i];
		secret_wipe(text, strlen(text));
	}
	log_line(rc || answer.status >= 400 ? LOG_WARN : LOG_DEBUG, "http",
		"crm %lld: %s: %s %d, %lld ms", (long long)s->id, rq->method,
		rc ? err_code_name(e->code) : "status", rc ? e->sys : answer.status,
		(long long)(clock_mono_ms() - start));
	if (answer.status == 429 || answer.retry_after_ms > 0)
		log_line(LOG_WARN, "http", "crm %lld: asked to wait %lld ms", (long long)s->id,
			(long long)answer.retry_after_ms);
	if (rc)
		return -1;
	rs->status = answer.status;
	rs->retry_after_ms = answer.retry_after_ms;
	buf_add(rs->body, answer.body.p, answer.body.len);
	return 0;
}

/* A stop ends it at once. */
static void pause_request(void *ctx, int64_t ms)
{
	const struct crm_sync *s = ctx;
	struct pollfd stop = {.fd = net_cancel_fd(s->options.cancel), .events = POLLIN};
	IGNORE_RESULT(poll(&stop, 1, (int)ms), "a shorter pause does no harm");
}

static struct crm_config *read_config(struct crm_sync *s, size_t *n, struct err *e)
{
	struct setting *v = NULL;
	if (crm_settings(s->reader, &s->keep, s->id, &v, n, e))
		return NULL;
	struct crm_config *config = arena_array(&s->keep, *n + 1, sizeof(*config));
	for (size_t i = 0; i < *n; i++)
		config[i] = (struct crm_config){v[i].key, v[i].value};
	if (s->row->url)
		config[(*n)++] = (struct crm_config){"url", s->row->url};
	return config;
}

static const char *word(const struct crm_config *config, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(config[i].key, key))
			return config[i].value;
	return NULL;
}

int crm_net_open_with(struct crm_sync *s, const struct crm_config *config, size_t n, struct err *e)
{
	const char *insecure = word(config, n, "insecure-http");
	const struct http_conf conf = {
		.ca_file = word(config, n, "ca"),
		.allow_insecure = insecure && !strcmp(insecure, "yes"),
		.cancel = s->options.cancel,
		.clock = s->options.clock,
	};
	crm_secret_name_token(s, config, n);
	struct crm_env env = {
		.http = {.perform = perform, .ctx = s},
		.secrets = {.get = crm_secret_get, .put = crm_secret_put, .ctx = s},
		.clock = s->options.clock,
		.pause = pause_request,
		.pause_ctx = s,
		.config = config,
		.n_config = n,
	};
	if (s->options.secrets)
		env.secrets = *s->options.secrets;
	if (s->options.http)
		env.http = *s->options.http;
	else
		s->http = http_new(&conf);
	return crm_open(&s->crm, s->profile, &env, e);
}

int crm_net_open(struct crm_sync *s, struct err *e)
{
	size_t n = 0;
	const struct crm_config *config = read_config(s, &n, e);
	return config ? crm_net_open_with(s, config, n, e) : -1;
}

void crm_net_close(struct crm_sync *s)
{
	crm_close(s->crm);
	http_free(s->http);
	s->crm = NULL;
	s->http = NULL;
}
