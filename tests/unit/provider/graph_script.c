/* graph_script.c - see graph_script.h. */
#include "config.h"

#include "tests/unit/provider/graph_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "src/provider/graph/graph.h"
#include "tests/unit/unit.h"

static bool skip_body(struct fake_conn *c, size_t len)
{
	char part[4096];
	while (len) {
		ssize_t n = recv(c->fd, part, len < sizeof part ? len : sizeof part, 0);
		if (n <= 0)
			return false;
		len -= (size_t)n;
	}
	return true;
}

static bool read_request(struct fake_conn *c, struct graph_script *s)
{
	CLEANUP(buf_release) struct buf asked = BUF_INIT(16384);
	size_t len = 0, at = s->n_asked;
	if (!fake_read_line(c) || at == GRAPH_SCRIPT_ASKED)
		return false;
	const char *path = strchr(c->line, ' ');
	buf_addf(&asked, "%.*s%.*s", path ? (int)(path - c->line) : 0, c->line,
		path ? (int)(strcspn(path + 1, " ") + 1) : 0, path ? path : "");
	while (fake_read_line(c) && c->line[0]) {
		if (!strncmp(c->line, "Content-Length: ", 16))
			len = strtoul(c->line + 16, NULL, 10);
		if (!strncmp(c->line, "Content-Range: ", 15))
			buf_addf(&asked, " %s", c->line + 15);
		if (!strncmp(c->line, "Expect: ", 8))
			fake_send(c, "HTTP/1.1 100 Continue\r\n\r\n");
		s->has_token[at] |= !strncmp(c->line, "Authorization: ", 15);
	}
	s->asked[at] = xstrdup(asked.p);
	s->n_asked++;
	return skip_body(c, len);
}

static void add_text(const struct graph_script *s, struct buf *out, const char *text)
{
	for (; text && *text; text++)
		if (*text == '^')
			buf_addstr(out, s->base);
		else if (*text == '~')
			buf_addf(out, "%zu", s->n_asked);
		else
			buf_addch(out, *text);
}

static const struct graph_rule *rule_for(struct graph_script *s, const char *asked)
{
	for (size_t i = 0; i < GRAPH_SCRIPT_RULES && s->rules[i].ask; i++) {
		const struct graph_rule *r = &s->rules[i];
		if (!str_starts(asked, r->ask) || (r->times && s->used[i] == r->times))
			continue;
		s->used[i]++;
		return r;
	}
	return NULL;
}

static void serve(struct fake_conn *c)
{
	static const struct graph_rule me = {"GET /me?", 200, NULL, "{\"id\":\"u\"}", 0};
	static const struct graph_rule none = {"", 404, NULL, "{}", 0};
	struct graph_script *s = c->ctx;
	while (read_request(c, s)) {
		CLEANUP(buf_release) struct buf body = BUF_INIT(JSON_MAX_BYTES);
		CLEANUP(buf_release) struct buf answer = BUF_INIT(BUF_UNLIMITED);
		const char *asked = s->asked[s->n_asked - 1];
		const struct graph_rule *r = rule_for(s, asked);
		if (!r)
			r = str_starts(asked, me.ask) ? &me : &none;
		add_text(s, &body, r->body);
		buf_addf(&answer, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n", r->status, body.len);
		add_text(s, &answer, r->headers);
		buf_addstr(&answer, "\r\n");
		buf_add(&answer, body.p, body.len);
		if (!fake_send_bytes(c, answer.p,
			    answer.len)) /* at once: nobody waits for an ACK */
			return;
	}
}

static int give_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)refused;
	(void)e;
	buf_addstr(out, "token");
	return 0;
}

static int tell_known(void *ctx, const char *server_name, const char *const *ids, size_t n_ids,
	struct arena *a, const struct prov_flag **out, size_t *n, struct err *e)
{
	const struct graph_script *s = ctx;
	(void)server_name;
	(void)ids;
	(void)n_ids;
	(void)a;
	(void)e;
	*out = s->known;
	*n = s->n_known;
	return 0;
}

void graph_script_start(struct graph_script *s)
{
	s->a = ARENA_INIT;
	s->srv = fake_server_start(serve, s);
	snprintf(s->base, sizeof s->base, "http://127.0.0.1:%d", fake_server_port(s->srv));
	s->clock = clock_new(NULL);
	s->conf = (struct account_conf){.kind = "graph",
		.clock = s->clock,
		.api = s->base,
		.token = give_token,
		.known = tell_known,
		.known_ctx = s,
		.deadline_ms = 10000};
	assert_int_equal(graph_provider_ops.open(&s->provider, &s->conf, &s->e), 0);
}

void graph_script_stop(struct graph_script *s)
{
	graph_provider_ops.close(s->provider);
	fake_server_stop(s->srv);
	clock_free(s->clock);
}

void graph_script_release(struct graph_script *s)
{
	for (size_t i = 0; i < s->n_asked; i++)
		free(s->asked[i]);
	arena_release(&s->a);
}

size_t graph_script_count(const struct graph_script *s, const char *ask)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_asked; i++)
		n += str_starts(s->asked[i], ask);
	return n;
}
