/*
 * fake_pki.h - certificates made while a test runs: an authority of its own and whatever leaf the
 * test wants, good or bad. Nothing of it outlives the test.
 */
#ifndef CRMAIL_TEST_FAKE_PKI_H
#define CRMAIL_TEST_FAKE_PKI_H

#include <openssl/ssl.h>

struct fake_ca {
	EVP_PKEY *key;
	X509 *cert;
	char file[64]; /* the certificate as PEM; removed by fake_ca_free */
};

struct fake_leaf {
	EVP_PKEY *key;
	X509 *cert;
};

struct fake_ca *fake_ca_new(void);
void fake_ca_free(struct fake_ca *ca);

/* `san` as OpenSSL writes it ("DNS:localhost,IP:127.0.0.1"); valid from now + from_s until
 * now + until_s seconds. */
struct fake_leaf *fake_leaf_new(const struct fake_ca *ca, const char *san, long from_s,
	long until_s);
void fake_leaf_free(struct fake_leaf *leaf);

/* A server context that shows the leaf. Caller frees with SSL_CTX_free. */
SSL_CTX *fake_leaf_ctx(const struct fake_leaf *leaf);

#endif
