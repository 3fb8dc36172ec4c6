/* late_crypto.c - the functions of libcrypto that the program uses; bound on first use (late.h). */
#include "config.h"

#include "crmail/base/late.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

/* clang-format off */
#define FUNCTIONS(F, P, V) \
	F(EVP_MD_CTX *, EVP_MD_CTX_new, (void), ()) \
	P(EVP_MD_CTX_free, (EVP_MD_CTX *c), (c)) \
	F(const EVP_MD *, EVP_sha1, (void), ()) \
	F(const EVP_MD *, EVP_sha256, (void), ()) \
	F(int, EVP_DigestInit_ex, (EVP_MD_CTX *c, const EVP_MD *md, ENGINE *engine), (c, md, engine)) \
	F(int, EVP_DigestUpdate, (EVP_MD_CTX *c, const void *p, size_t n), (c, p, n)) \
	F(int, EVP_DigestFinal_ex, (EVP_MD_CTX *c, unsigned char *p, unsigned *n), (c, p, n)) \
	F(unsigned char *, SHA256, (const unsigned char *p, size_t n, unsigned char *out), (p, n, out)) \
	F(int, CRYPTO_memcmp, (const void *a, const void *b, size_t n), (a, b, n)) \
	F(unsigned char *, HMAC, (const EVP_MD *md, const void *key, int key_len, \
		const unsigned char *p, size_t n, unsigned char *out, unsigned *out_len), \
		(md, key, key_len, p, n, out, out_len)) \
	F(int, EVP_EncodeBlock, (unsigned char *to, const unsigned char *from, int n), (to, from, n)) \
	F(int, EVP_DecodeBlock, (unsigned char *to, const unsigned char *from, int n), (to, from, n)) \
	F(int, EVP_PBE_scrypt, (const char *pass, size_t pass_len, const unsigned char *salt, \
		size_t salt_len, uint64_t n, uint64_t r, uint64_t p, uint64_t most, \
		unsigned char *key, size_t key_len), \
		(pass, pass_len, salt, salt_len, n, r, p, most, key, key_len)) \
	F(const EVP_CIPHER *, EVP_aes_256_gcm, (void), ()) \
	F(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, (void), ()) \
	P(EVP_CIPHER_CTX_free, (EVP_CIPHER_CTX *c), (c)) \
	F(int, EVP_CIPHER_CTX_ctrl, (EVP_CIPHER_CTX *c, int type, int n, void *p), (c, type, n, p)) \
	F(int, EVP_EncryptInit_ex, (EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, ENGINE *engine, \
		const unsigned char *key, const unsigned char *iv), (c, cipher, engine, key, iv)) \
	F(int, EVP_EncryptUpdate, (EVP_CIPHER_CTX *c, unsigned char *to, int *to_len, \
		const unsigned char *from, int n), (c, to, to_len, from, n)) \
	F(int, EVP_EncryptFinal_ex, (EVP_CIPHER_CTX *c, unsigned char *to, int *n), (c, to, n)) \
	F(int, EVP_DecryptInit_ex, (EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, ENGINE *engine, \
		const unsigned char *key, const unsigned char *iv), (c, cipher, engine, key, iv)) \
	F(int, EVP_DecryptUpdate, (EVP_CIPHER_CTX *c, unsigned char *to, int *to_len, \
		const unsigned char *from, int n), (c, to, to_len, from, n)) \
	F(int, EVP_DecryptFinal_ex, (EVP_CIPHER_CTX *c, unsigned char *to, int *n), (c, to, n)) \
	F(int, RAND_bytes, (unsigned char *p, int n), (p, n)) \
	P(ERR_clear_error, (void), ()) \
	F(unsigned long, ERR_peek_error, (void), ()) \
	F(unsigned long, ERR_peek_last_error, (void), ()) \
	F(const char *, ERR_reason_error_string, (unsigned long code), (code)) \
	F(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *p, const char *ip), (p, ip)) \
	F(const char *, X509_get_default_cert_dir, (void), ()) \
	F(const char *, X509_get_default_cert_file, (void), ()) \
	F(const char *, X509_get_default_cert_dir_env, (void), ()) \
	F(const char *, X509_get_default_cert_file_env, (void), ()) \
	F(const char *, X509_verify_cert_error_string, (long code), (code))
/* clang-format on */

LATE_LIBRARY(crypto, LIBCRYPTO_SONAME, FUNCTIONS)
