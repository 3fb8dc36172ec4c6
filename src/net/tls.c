/* tls.c - the trust store and its contexts, one for each CA file, made on first use. */
#include "config.h"

#include "crmail/net/tls.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/mem.h"

#include "trust.h"

struct trusted {
	struct trusted *next;
	char *ca_file; /* NULL: the system's authorities alone */
	SSL_CTX *ctx;
};

struct tls_trust {
	pthread_mutex_t lock;
	struct trusted *list;
};

struct tls_trust *tls_trust_new(void)
{
	struct tls_trust *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void tls_trust_free(struct tls_trust *t)
{
	if (!t)
		return;
	while (t->list) {
		struct trusted *next = t->list->next;
		SSL_CTX_free(t->list->ctx);
		free(t->list->ca_file);
		free(t->list);
		t->list = next;
	}
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int set_err(struct err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	return err_set(e, ERR_TLS, "%s: %s", what, why ? why : _("unknown reason"));
}

/* Where the system keeps each authority by its hash, only the one that a chain ends at is read;
 * the file with all of them, which others have alone, takes longer to read than to shake hands.
 * Who names places by the environment gets exactly these. */
static int trust_system(SSL_CTX *ctx)
{
	bool is_named =
		getenv(X509_get_default_cert_file_env()) || getenv(X509_get_default_cert_dir_env());

	if (!is_named &&
		trust_folder_is_whole(X509_get_default_cert_dir(), X509_get_default_cert_file()))
		return SSL_CTX_set_default_verify_dir(ctx);
	return SSL_CTX_set_default_verify_paths(ctx);
}

static int make_ctx(const char *ca_file, SSL_CTX **out, struct err *e)
{
	if (late_load_crypto(e) || late_load_ssl(e))
		return -1;
	ERR_clear_error();
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
		trust_system(ctx) != 1) {
		SSL_CTX_free(ctx);
		return set_err(e, _("TLS cannot be set up"));
	}
	if (ca_file && SSL_CTX_load_verify_file(ctx, ca_file) != 1) {
		SSL_CTX_free(ctx);
		err_set(e, ERR_TLS, _("The CA file %s holds no certificate that can be read."),
			ca_file);
		return -1;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	*out = ctx;
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Loading happens under the lock: a second worker waits for the first instead of loading again. */
static int find_or_make(struct tls_trust *t, const char *ca_file, SSL_CTX **out, struct err *e)
{
	for (struct trusted *i = t->list; i; i = i->next) {
		if (same_file(i->ca_file, ca_file)) {
			*out = i->ctx;
			return 0;
		}
	}
	if (make_ctx(ca_file, out, e))
		return -1;
	struct trusted *n = xcalloc(1, sizeof(*n));
	*n = (struct trusted){t->list, ca_file ? xstrdup(ca_file) : NULL, *out};
	t->list = n;
	return 0;
}

int tls_trust_ctx(struct tls_trust *t, const char *ca_file, struct ssl_ctx_st **out, struct err *e)
{
	pthread_mutex_lock(&t->lock);
	int rc = find_or_make(t, ca_file, out, e);
	if (!rc)
		SSL_CTX_up_ref(*out);
	pthread_mutex_unlock(&t->lock);
	return rc;
}
