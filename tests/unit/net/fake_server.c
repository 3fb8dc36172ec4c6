/* fake_server.c - the listening thread and the few things a script does with a connection. */
#include "config.h"

#include "tests/unit/net/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

struct fake_server {
	int fd, port;
	pthread_t thread;
	fake_serve *serve;
	void *ctx;
};

static void *run(void *arg)
{
	struct fake_server *s = arg;
	const struct timeval limit = {.tv_sec = 10};

	for (int number = 0;; number++) {
		struct fake_conn c = {.ctx = s->ctx, .number = number};
		c.fd = accept(s->fd, NULL, NULL);
		if (c.fd < 0)
			return NULL;
		setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		s->serve(&c);
		if (c.ssl)
			SSL_shutdown(c.ssl);
		SSL_free(c.ssl);
		close(c.fd);
	}
}

struct fake_server *fake_server_start(fake_serve *serve, void *ctx)
{
	struct fake_server *s = xcalloc(1, sizeof(*s));
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	socklen_t len = sizeof(at);

	sigaction(SIGPIPE, &ignore, NULL); /* as main() does */
	s->serve = serve;
	s->ctx = ctx;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	BUG_ON(s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, sizeof(at)) || listen(s->fd, 8) ||
		getsockname(s->fd, (struct sockaddr *)&at, &len));
	s->port = ntohs(at.sin_port);
	BUG_ON(pthread_create(&s->thread, NULL, run, s));
	return s;
}

int fake_server_port(const struct fake_server *s)
{
	return s->port;
}

void fake_server_stop(struct fake_server *s)
{
	shutdown(s->fd, SHUT_RDWR); /* accept() returns */
	pthread_join(s->thread, NULL);
	close(s->fd);
	free(s);
}

bool fake_start_tls(struct fake_conn *c, SSL_CTX *ctx)
{
	c->ssl = SSL_new(ctx);
	SSL_set_fd(c->ssl, c->fd);
	if (SSL_accept(c->ssl) == 1)
		return true;
	SSL_free(c->ssl);
	c->ssl = NULL;
	return false;
}

bool fake_send_bytes(struct fake_conn *c, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		size_t done = 0;
		if (c->ssl) {
			if (SSL_write_ex(c->ssl, at, n, &done) != 1)
				return false;
		} else {
			ssize_t rc = send(c->fd, at, n, MSG_NOSIGNAL);
			if (rc <= 0)
				return false;
			done = (size_t)rc;
		}
		at += done;
		n -= done;
	}
	return true;
}

bool fake_send(struct fake_conn *c, const char *text)
{
	return fake_send_bytes(c, text, strlen(text));
}

bool fake_sendf(struct fake_conn *c, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fake_send(c, text);
}

static bool read_byte(struct fake_conn *c, char *byte)
{
	return c->ssl ? SSL_read(c->ssl, byte, 1) == 1 : recv(c->fd, byte, 1, 0) == 1;
}

bool fake_read_line(struct fake_conn *c)
{
	size_t n = 0;
	char byte;

	while (read_byte(c, &byte)) {
		if (byte == '\n') {
			c->line[n && c->line[n - 1] == '\r' ? n - 1 : n] = '\0';
			return true;
		}
		if (n < sizeof(c->line) - 1)
			c->line[n++] = byte;
	}
	c->line[n] = '\0';
	return false;
}

bool fake_expect(struct fake_conn *c, const char *want, const char *answer)
{
	if (!fake_read_line(c))
		return false;
	if (!str_casestarts(c->line, want)) {
		fprintf(stderr, "expected: %s\ngot:      %s\n", want, c->line);
		return false;
	}
	return fake_send(c, answer);
}

void fake_wait_end(struct fake_conn *c)
{
	char byte;

	while (read_byte(c, &byte))
		;
}
