/*
 * fake_server.h - a server in a thread of the test: listens on a free port of 127.0.0.1 and runs
 * the test's function for each connection, one after the other. Everything it does is bounded by
 * ten seconds, and it ends with fake_server_stop().
 */
#ifndef CRMAIL_TEST_FAKE_SERVER_H
#define CRMAIL_TEST_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "crmail/base/attrs.h"

struct fake_server;

struct fake_conn { /* in the server's thread */
	int fd;
	SSL *ssl;        /* NULL: plain */
	void *ctx;       /* the test's */
	int number;      /* of the connection, from 0 */
	char line[8192]; /* the last one read */
};

typedef void fake_serve(struct fake_conn *c);

struct fake_server *fake_server_start(fake_serve *serve, void *ctx);
int fake_server_port(const struct fake_server *s);
/* Waits for the running connection to end. */
void fake_server_stop(struct fake_server *s);

/* For serve(). All return false when the client is gone, which also ends a script early. */
bool fake_start_tls(struct fake_conn *c, SSL_CTX *ctx);
bool fake_send(struct fake_conn *c, const char *text);
bool fake_send_bytes(struct fake_conn *c, const void *p, size_t n);
bool fake_sendf(struct fake_conn *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One line without CRLF into c->line. */
bool fake_read_line(struct fake_conn *c);
/* Reads a line and sends `answer` when the line begins with `want` (any case); otherwise says what
 * came on stderr and returns false. */
bool fake_expect(struct fake_conn *c, const char *want, const char *answer);
/* Waits until the client closes (at most ten seconds). */
void fake_wait_end(struct fake_conn *c);

#endif
