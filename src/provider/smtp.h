/*
 * smtp.h - the pieces of the SMTP client (RFC 5321, 6409): smtp_reply.c reads answers,
 * smtp_session.c connects and signs in, smtp_send.c hands over a mail. Private to src/provider;
 * worker thread.
 */
#ifndef CRMAIL_SMTP_H
#define CRMAIL_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/err.h"
#include "crmail/provider/transport.h"

struct stream;

enum smtp_cap {
	SMTP_PIPELINING = 1 << 0, /* RFC 2920 */
	SMTP_8BITMIME = 1 << 1,   /* RFC 6152 */
	SMTP_UTF8 = 1 << 2,       /* RFC 6531 */
	SMTP_SIZE = 1 << 3,       /* RFC 1870 */
	SMTP_DSN = 1 << 4,        /* RFC 3461 */
	SMTP_STARTTLS = 1 << 5,   /* RFC 3207 */
	SMTP_AUTH_PLAIN = 1 << 6, /* RFC 4616 */
	SMTP_AUTH_LOGIN = 1 << 7,
	SMTP_AUTH_XOAUTH2 = 1 << 8,
	SMTP_AUTH_OAUTHBEARER = 1 << 9, /* RFC 7628 */
};

struct smtp {
	struct transport base;
	char *host, *ca_file, *user;
	int port, deadline_ms;
	enum tls_mode tls;
	int (*password)(void *ctx, struct buf *out, struct err *e);
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *password_ctx;
	struct tls_trust *trust;
	struct stream *stream; /* NULL = not connected */
	unsigned caps;         /* enum smtp_cap, of the last EHLO */
	int64_t size_limit;    /* bytes; 0 = not said */
	bool files_sent;       /* Gmail and Exchange, known by their greeting */
};

struct smtp_reply {
	int code;          /* 200 to 599 */
	char enhanced[12]; /* "5.1.1" (RFC 3463); "" = none */
	char text[256];    /* code and words, one harmless line */
};

typedef void smtp_line(struct smtp *s, const char *words);

/* Reads one reply of up to 100 lines; `each` (may be NULL) gets every line's words. ERR_PROTO for
 * what is not a reply, else stream.h's errors. */
int smtp_read_reply(struct smtp *s, smtp_line *each, struct smtp_reply *out,
	struct err *e) NODISCARD;
/* Sends one line (CRLF is added) and reads the reply. */
int smtp_command(struct smtp *s, struct smtp_reply *out, struct err *e, const char *fmt,
	...) NODISCARD PRINTF_LIKE(4, 5);
/* A command's name for the log; never its arguments [R44]. Replies are noted as they are read. */
void smtp_trace(const struct smtp *s, const char *name, size_t len, size_t n);
bool smtp_is_ok(const struct smtp_reply *r);        /* 2xx */
bool smtp_is_temporary(const struct smtp_reply *r); /* 4xx */
/* The error that a refusal of something other than a recipient or the mail amounts to. Returns
 * -1. */
int smtp_refusal(const struct smtp *s, const struct smtp_reply *r, struct err *e);

/* smtp_auth.c: says who we are, with what the server offers of it. */
int smtp_sign_in(struct smtp *s, struct err *e) NODISCARD;

/* No-op when connected and still alive; otherwise connects, secures, signs in. */
int smtp_connect(struct smtp *s, struct err *e) NODISCARD;
void smtp_disconnect(struct smtp *s); /* says QUIT when that cannot block */
void smtp_drop(struct smtp *s);       /* at once, without a word */

int smtp_send(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
	struct err *e) NODISCARD;
int smtp_test(struct transport *t, const char *own_addr, struct err *e) NODISCARD;

#endif
