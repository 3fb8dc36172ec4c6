/*
 * tls.h - whom we trust: verified TLS for every connection [R8].
 *
 * A struct tls_trust is made once per process (struct app) and shared by all threads. It loads
 * nothing until the first connection asks, because a system's file of all authorities takes some
 * 35 ms: so that happens on a worker, once, and not before the first paint. Where there is a folder
 * with each of them by its hash, none of that file's is parsed. Each private CA file gets a context
 * of its own that trusts the system's authorities and that file's.
 *
 * What is verified, always: the chain, the dates, and that the certificate names the host we were
 * told to reach (DNS name without partial wildcards, or IP address); TLS 1.2 or newer. There is no
 * way to switch this off: a connection without TLS is the only insecure one, and stream.h makes it.
 */
#ifndef CRMAIL_TLS_H
#define CRMAIL_TLS_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct tls_trust;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

struct tls_trust *tls_trust_new(void);
void tls_trust_free(struct tls_trust *t); /* NULL is fine; open connections go on */

/* For stream.c: the context for a CA file (NULL = the system's authorities alone), made on first
 * use. The caller frees with SSL_CTX_free. ERR_TLS when the CA file cannot be used. Any thread. */
int tls_trust_ctx(struct tls_trust *t, const char *ca_file, struct ssl_ctx_st **out,
	struct err *e) NODISCARD;

#endif
