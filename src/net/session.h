/* session.h - one TLS session over a socket of ours, and what its errors mean. Private to src/net;
 * used by stream.c alone. */
#ifndef CRMAIL_NET_SESSION_H
#define CRMAIL_NET_SESSION_H

#include <openssl/ssl.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

/* A client session that will accept only a certificate for `host`. Caller frees with SSL_free. */
int session_new(SSL_CTX *ctx, int fd, const char *host, SSL **out, struct err *e) NODISCARD;

enum session_result {
	SESSION_OK,
	SESSION_WANT_READ,
	SESSION_WANT_WRITE,
	SESSION_END,    /* the peer closed, cleanly or not */
	SESSION_BROKEN, /* *e is set */
};
/* What a call on `ssl` that returned rc means. ERR_clear_error() must have run before that call. */
enum session_result session_result(SSL *ssl, int rc, const char *host, struct err *e);

#endif
