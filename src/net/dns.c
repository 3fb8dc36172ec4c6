/* dns.c - asking a resolver: UDP, and TCP for what does not fit. What the packets say is
 * dns_packet.c's. */
#include "config.h"

#include "dns.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "dial.h"
#include "wait.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define DNS "DNS" /* in sentences */
#define CONF_MAX ((size_t)64 << 10)

enum { SERVERS_MAX = 3, ROUNDS = 2, SERVER_TEXT = 80 };

struct question {
	const struct dns_conf *conf;
	unsigned char query[DNS_QUERY_MAX];
	size_t len;
	char servers[SERVERS_MAX][SERVER_TEXT];
	size_t n_servers;
	unsigned char *answer; /* DNS_ANSWER_MAX bytes */
	struct dns_answer *out;
};

/* "ADDR", "ADDR:PORT", "[ADDR]:PORT" to numbers; more than one colon without brackets is IPv6. */
static int find_address(const char *server, struct addrinfo **out, struct err *e)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	char host[SERVER_TEXT];
	const char *colon = strrchr(server, ':'), *port = "53";
	size_t n = strlen(server);
	if (server[0] == '[' && strchr(server, ']')) {
		size_t close = (size_t)(strchr(server, ']') - server);
		port = server[close + 1] == ':' ? server + close + 2 : port;
		n = close - 1;
		server++;
	} else if (colon && strchr(server, ':') == colon) {
		port = colon + 1;
		n = (size_t)(colon - server);
	}
	snprintf(host, sizeof host, "%.*s", (int)n, server);
	if (n < sizeof host && getaddrinfo(host, port, &hints, out) == 0)
		return 0;
	return err_set(e, ERR_NET, _("The address of the resolver cannot be understood."));
}

/* ---- one resolver ---------------------------------------------------------------------------- */

/* Reads packets until one answers the query. */
static int await_answer(int fd, const struct question *q, int64_t deadline,
	enum dns_verdict *verdict, struct err *e)
{
	for (;;) {
		if (net_wait(fd, POLLIN, q->conf->cancel, deadline, DNS, e))
			return -1;
		ssize_t n = recv(fd, q->answer, DNS_ANSWER_MAX, 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(e, ERR_NET, errno, _("Cannot ask the resolver"));
		*verdict = n < 0 ? DNS_NOT_OURS
				 : dns_read_answer(q->query, q->len, q->answer, (size_t)n, q->out);
		if (*verdict != DNS_NOT_OURS)
			return 0;
	}
}

static int ask_udp(const struct addrinfo *a, const struct question *q, int64_t deadline,
	enum dns_verdict *verdict, struct err *e)
{
	int rc = -1, fd = net_connect(a, DNS, q->conf->cancel, deadline, e);
	if (fd < 0)
		return -1;
	if (send(fd, q->query, q->len, MSG_NOSIGNAL) == (ssize_t)q->len)
		rc = await_answer(fd, q, deadline, verdict, e);
	else
		err_sys(e, ERR_NET, errno, _("Cannot ask the resolver"));
	close(fd);
	return rc;
}

static int read_all(int fd, unsigned char *p, size_t n, const struct question *q, int64_t deadline,
	struct err *e)
{
	while (n) {
		if (net_wait(fd, POLLIN, q->conf->cancel, deadline, DNS, e))
			return -1;
		ssize_t got = recv(fd, p, n, 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return err_set(e, ERR_NET, _("The resolver ended the connection."));
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

/* A query fits into what a fresh connection takes at once. */
static int talk_tcp(int fd, const struct question *q, int64_t deadline, enum dns_verdict *verdict,
	struct err *e)
{
	unsigned char out[2 + DNS_QUERY_MAX], head[2];
	out[0] = (unsigned char)(q->len >> 8);
	out[1] = (unsigned char)q->len;
	memcpy(out + 2, q->query, q->len);
	if (send(fd, out, q->len + 2, MSG_NOSIGNAL) != (ssize_t)q->len + 2)
		return err_sys(e, ERR_NET, errno, _("Cannot ask the resolver"));
	if (read_all(fd, head, sizeof head, q, deadline, e))
		return -1;
	size_t n = (size_t)head[0] << 8 | head[1];
	if (n > DNS_ANSWER_MAX)
		return err_set(e, ERR_TOOBIG, _("The resolver's answer is larger than it may be."));
	if (read_all(fd, q->answer, n, q, deadline, e))
		return -1;
	*verdict = dns_read_answer(q->query, q->len, q->answer, n, q->out);
	return 0;
}

static int ask_tcp(const struct addrinfo *a, const struct question *q, int64_t deadline,
	enum dns_verdict *verdict, struct err *e)
{
	struct addrinfo stream = *a;
	stream.ai_socktype = SOCK_STREAM;
	stream.ai_protocol = 0;
	int fd = net_connect(&stream, DNS, q->conf->cancel, deadline, e);
	if (fd < 0)
		return -1;
	int rc = talk_tcp(fd, q, deadline, verdict, e);
	close(fd);
	return rc;
}

static int ask_one(const char *server, const struct question *q, int64_t deadline, struct err *e)
{
	struct addrinfo *a = NULL;
	enum dns_verdict verdict = DNS_REFUSED;
	if (find_address(server, &a, e))
		return -1;
	int rc = ask_udp(a, q, deadline, &verdict, e);
	if (!rc && verdict == DNS_CUT)
		rc = ask_tcp(a, q, deadline, &verdict, e);
	freeaddrinfo(a);
	if (rc || verdict == DNS_SAID)
		return rc;
	return err_set(e, ERR_NET, _("The resolver has no answer."));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void add_server(struct question *q, struct span text)
{
	if (text.len < SERVER_TEXT && q->n_servers < SERVERS_MAX)
		snprintf(q->servers[q->n_servers++], SERVER_TEXT, "%.*s", (int)text.len, text.p);
}

/* Without any, the C library asks this machine. */
static void find_servers(struct question *q)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(CONF_MAX);
	struct span found[SERVERS_MAX];
	struct err ignored = ERR_INIT;
	if (q->conf->server) {
		add_server(q, span_of(q->conf->server));
		return;
	}
	if (fsx_exists(RESOLV_CONF) && fsx_read_file(RESOLV_CONF, &text, &ignored) == 0) {
		size_t n = dns_read_conf(text.p, text.len, found, SERVERS_MAX);
		for (size_t i = 0; i < n; i++)
			add_server(q, found[i]);
	}
	if (q->n_servers == 0)
		add_server(q, SPAN_LIT("127.0.0.1"));
}

/* Everyone in turn, and again, because packets get lost. */
static int ask_all(const struct question *q, struct err *e)
{
	size_t attempts = q->n_servers * ROUNDS;
	for (size_t i = 0; i < attempts; i++) {
		int64_t now = clock_mono_ms();
		int64_t share = (q->conf->deadline - now) / (int64_t)(attempts - i);
		*e = ERR_INIT;
		if (ask_one(q->servers[i % q->n_servers], q, now + share, e) == 0)
			return 0;
		if (e->code == ERR_CANCELLED || !net_ms_left(q->conf->deadline))
			return -1;
	}
	return -1;
}

int dns_ask(const struct dns_conf *c, const char *name, enum dns_type type, struct dns_answer *out,
	struct err *e)
{
	struct question q = {.conf = c, .out = out};
	uint16_t id;
	BUG_ON(getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id);
	q.len = dns_make_query(id, name, type, q.query);
	if (!q.len)
		return err_set(e, ERR_USAGE, _("This name cannot be looked up."));
	find_servers(&q);
	if (q.n_servers == 0)
		return err_set(e, ERR_NET, _("The address of the resolver cannot be understood."));
	q.answer = xmalloc(DNS_ANSWER_MAX);
	int rc = ask_all(&q, e);
	free(q.answer);
	return rc;
}
