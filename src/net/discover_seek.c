/* discover_seek.c - one question each: to the resolver, to the domain's web server, to a server
 * with a usual name. No failure of one is the failure of discovery. */
#include "config.h"

#include "discover_seek.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"
#include "crmail/net/stream.h"
#include "autoconfig.h"
#include "discover_table.h"
#include "wait.h"

#define PLACE_MAX ((size_t)4096)
#define LINE_MAX_BYTES ((size_t)2048)

enum { REPLY_LINES = 64 };

static void seek_dns(const struct seek_conf *c, enum seek_kind kind, struct seek_result *out)
{
	static const char *const services[] = {[SEEK_MX] = "",
		[SEEK_IMAPS] = "_imaps._tcp.",
		[SEEK_IMAP] = "_imap._tcp.",
		[SEEK_SUBMISSIONS] = "_submissions._tcp.",
		[SEEK_SUBMISSION] = "_submission._tcp."};
	const struct dns_conf conf = {.server = discover_word(c->table, "resolver"),
		.cancel = c->cancel,
		.deadline = c->deadline};
	CLEANUP(free_str) char *name = xasprintf("%s%s", services[kind], c->domain);
	struct err why = ERR_INIT;
	out->has_heard =
		dns_ask(&conf, name, kind == SEEK_MX ? DNS_MX : DNS_SRV, &out->dns, &why) == 0;
	out->is_found = out->has_heard && out->dns.n > 0 && out->dns.v[0].target[0];
}

static void seek_autoconfig(const struct seek_conf *c, size_t place, struct seek_result *out)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(buf_release) struct buf url = BUF_INIT(PLACE_MAX);
	const struct http_conf conf = {
		.ca_file = discover_word(c->table, "ca"), .cancel = c->cancel};
	struct err why = ERR_INIT;
	if (!discover_place(c->table, "autoconfig", place, c->email, &url) || url.failed ||
		!str_starts(url.p, "https://"))
		return;
	const struct http_request rq = {.method = "GET",
		.url = url.p,
		.timeout_ms = net_ms_left(c->deadline) + 1,
		.max_body = AUTOCONFIG_MAX,
		.max_redirects = 2};
	struct http *h = http_new(&conf);
	int rc = http_do(h, &rq, &r, &why);
	http_free(h);
	out->has_heard = rc == 0 || why.code == ERR_TLS || why.code == ERR_TOOBIG;
	if (rc || r.status != 200)
		return;
	out->offer.source = OFFER_BY_AUTOCONFIG;
	out->is_found = autoconfig_parse(r.body.p, r.body.len, c->email, &out->offer, &why) == 0;
}

/* ---- usual names ----------------------------------------------------------------------------- */

/* Reads an answer to its last line; whether that begins with `ok`, and some line holds `word`. */
static bool answers(struct stream *s, const char *ok, const char *more, const char *word)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct err why = ERR_INIT;
	bool has_word = !word;
	for (int i = 0; i < REPLY_LINES; i++) {
		if (stream_read_line(s, &line, &why))
			return false;
		has_word = has_word || mem_casefind(line.p, line.len, word);
		if (str_casestarts(line.p, ok))
			return has_word;
		if (!str_starts(line.p, more))
			return false;
	}
	return false;
}

static bool says(struct stream *s, const char *command)
{
	struct err why = ERR_INIT;
	return stream_write(s, command, strlen(command), &why) == 0;
}

static bool is_imap(struct stream *s, bool is_starttls)
{
	struct err why = ERR_INIT;
	if (!answers(s, "* OK", "\n", NULL))
		return false;
	if (is_starttls && (!says(s, "a STARTTLS\r\n") || !answers(s, "a OK", "* ", NULL) ||
				   stream_start_tls(s, &why)))
		return false;
	says(s, "b LOGOUT\r\n");
	return true;
}

static bool is_submission(struct stream *s, bool is_starttls)
{
	struct err why = ERR_INIT;
	if (!answers(s, "220 ", "220-", NULL))
		return false;
	if (is_starttls &&
		(!says(s, "EHLO localhost\r\n") || !answers(s, "250 ", "250-", "STARTTLS") ||
			!says(s, "STARTTLS\r\n") || !answers(s, "220 ", "220-", NULL) ||
			stream_start_tls(s, &why)))
		return false;
	says(s, "QUIT\r\n");
	return true;
}

static void seek_server(const struct seek_conf *c, enum seek_kind kind, size_t place,
	struct seek_result *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PLACE_MAX);
	const char *list = kind == SEEK_READING ? "imap" : "smtp";
	struct offer_server server = {.text = ""};
	struct stream *s = NULL;
	struct err why = ERR_INIT;
	int64_t port;
	if (!discover_place(c->table, list, place, c->email, &text) || text.failed ||
		!offer_server_read(&server, text.p))
		return;
	char *colon = strrchr(text.p, ':');
	if (!str_to_i64(colon + 1, 1, 65535, &port))
		return;
	*colon = '\0';
	const struct stream_conf conf = {.host = text.p,
		.port = (int)port,
		.use_tls = !server.is_starttls,
		.ca_file = discover_word(c->table, "ca"),
		.trust = c->trust,
		.cancel = c->cancel,
		.connect_ms = net_ms_left(c->deadline) + 1,
		.io_ms = net_ms_left(c->deadline) + 1};
	bool is_open = stream_open(&s, &conf, &why) == 0;
	out->has_heard = is_open || why.code == ERR_TLS;
	out->is_found = is_open && (kind == SEEK_READING ? is_imap(s, server.is_starttls)
							 : is_submission(s, server.is_starttls));
	out->server = server;
	stream_close(s);
}

void seek(const struct seek_conf *c, enum seek_kind kind, size_t place, struct seek_result *out)
{
	switch (kind) {
	case SEEK_MX:
	case SEEK_IMAPS:
	case SEEK_IMAP:
	case SEEK_SUBMISSIONS:
	case SEEK_SUBMISSION:
		seek_dns(c, kind, out);
		return;
	case SEEK_AUTOCONFIG:
		seek_autoconfig(c, place, out);
		return;
	case SEEK_READING:
	case SEEK_SENDING:
		seek_server(c, kind, place, out);
		return;
	}
}
