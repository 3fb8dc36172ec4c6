/* late_ssl.c - the functions of libssl that the program uses; bound on first use (late.h). */
#include "config.h"

#include "crmail/base/late.h"

#include <openssl/ssl.h>

/* clang-format off */
#define FUNCTIONS(F, P, V) \
	F(const SSL_METHOD *, TLS_client_method, (void), ()) \
	F(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *m), (m)) \
	P(SSL_CTX_free, (SSL_CTX *c), (c)) \
	F(int, SSL_CTX_up_ref, (SSL_CTX *c), (c)) \
	F(long, SSL_CTX_ctrl, (SSL_CTX *c, int what, long n, void *p), (c, what, n, p)) \
	F(uint64_t, SSL_CTX_set_options, (SSL_CTX *c, uint64_t options), (c, options)) \
	P(SSL_CTX_set_verify, (SSL_CTX *c, int mode, SSL_verify_cb callback), (c, mode, callback)) \
	F(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *c), (c)) \
	F(int, SSL_CTX_set_default_verify_dir, (SSL_CTX *c), (c)) \
	F(int, SSL_CTX_load_verify_file, (SSL_CTX *c, const char *path), (c, path)) \
	F(SSL *, SSL_new, (SSL_CTX *c), (c)) \
	P(SSL_free, (SSL *s), (s)) \
	F(long, SSL_ctrl, (SSL *s, int what, long n, void *p), (s, what, n, p)) \
	F(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *s), (s)) \
	P(SSL_set_hostflags, (SSL *s, unsigned flags), (s, flags)) \
	F(int, SSL_set1_host, (SSL *s, const char *name), (s, name)) \
	F(int, SSL_set_fd, (SSL *s, int fd), (s, fd)) \
	P(SSL_set_connect_state, (SSL *s), (s)) \
	F(int, SSL_connect, (SSL *s), (s)) \
	F(int, SSL_is_init_finished, (const SSL *s), (s)) \
	F(int, SSL_read_ex, (SSL *s, void *p, size_t n, size_t *got), (s, p, n, got)) \
	F(int, SSL_write_ex, (SSL *s, const void *p, size_t n, size_t *put), (s, p, n, put)) \
	F(int, SSL_pending, (const SSL *s), (s)) \
	F(int, SSL_shutdown, (SSL *s), (s)) \
	F(int, SSL_get_error, (const SSL *s, int rc), (s, rc)) \
	F(long, SSL_get_verify_result, (const SSL *s), (s))
/* clang-format on */

LATE_LIBRARY(ssl, LIBSSL_SONAME, FUNCTIONS)
