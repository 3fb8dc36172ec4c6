/* fake_pki.c - P-256 keys and X.509 certificates by libcrypto. */
#include "config.h"

#include "tests/unit/net/fake_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	BUG_ON(!ext || X509_add_ext(cert, ext, -1) != 1);
	X509_EXTENSION_free(ext);
}

static X509 *new_cert(EVP_PKEY *key, const char *name, long from_s, long until_s)
{
	static long serial = 1000;
	X509 *cert = X509_new();
	char full_name[64]; /* two authorities may not have the same name */

	snprintf(full_name, sizeof(full_name), "%s %ld", name, serial);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
	X509_gmtime_adj(X509_getm_notAfter(cert), until_s);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
		(const unsigned char *)full_name, -1, -1, 0);
	return cert;
}

struct fake_ca *fake_ca_new(void)
{
	struct fake_ca *ca = xcalloc(1, sizeof(*ca));

	ca->key = EVP_EC_gen("P-256");
	ca->cert = new_cert(ca->key, "Test authority", -3600, 86400);
	X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert));
	add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	BUG_ON(!X509_sign(ca->cert, ca->key, EVP_sha256()));

	snprintf(ca->file, sizeof(ca->file), "%s", "/tmp/crmail-test-ca.XXXXXX");
	int fd = mkstemp(ca->file);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	BUG_ON(!f || PEM_write_X509(f, ca->cert) != 1 || fclose(f));
	return ca;
}

void fake_ca_free(struct fake_ca *ca)
{
	unlink(ca->file);
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	free(ca);
}

struct fake_leaf *fake_leaf_new(const struct fake_ca *ca, const char *san, long from_s,
	long until_s)
{
	struct fake_leaf *leaf = xcalloc(1, sizeof(*leaf));

	leaf->key = EVP_EC_gen("P-256");
	leaf->cert = new_cert(leaf->key, "Test server", from_s, until_s);
	X509_set_issuer_name(leaf->cert, X509_get_subject_name(ca->cert));
	add_extension(leaf->cert, ca->cert, NID_subject_alt_name, san);
	BUG_ON(!X509_sign(leaf->cert, ca->key, EVP_sha256()));
	return leaf;
}

void fake_leaf_free(struct fake_leaf *leaf)
{
	X509_free(leaf->cert);
	EVP_PKEY_free(leaf->key);
	free(leaf);
}

SSL_CTX *fake_leaf_ctx(const struct fake_leaf *leaf)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	BUG_ON(SSL_CTX_use_certificate(ctx, leaf->cert) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, leaf->key) != 1);
	return ctx;
}
