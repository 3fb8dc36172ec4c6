/* hash.c - digests and base64 by libcrypto. No secrets: nothing is wiped. */
#include "config.h"

#include "crmail/base/hash.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "crmail/base/buf.h"
#include "crmail/base/err.h"

static void hex_encode(const unsigned char *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[p[i] >> 4];
		*out++ = "0123456789abcdef"[p[i] & 15];
	}
	*out = '\0';
}

/* struct sha256 is libcrypto's context under a name of our own. libcrypto fails here only for want
 * of memory. */
struct sha256 *sha256_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	BUG_ON(!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1);
	return (struct sha256 *)ctx;
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
	BUG_ON(EVP_DigestUpdate((EVP_MD_CTX *)h, p, n) != 1);
}

void sha256_hex_free(struct sha256 *h, char out[65])
{
	unsigned char digest[32];

	BUG_ON(EVP_DigestFinal_ex((EVP_MD_CTX *)h, digest, NULL) != 1);
	EVP_MD_CTX_free((EVP_MD_CTX *)h);
	hex_encode(digest, sizeof(digest), out);
}

void sha256_hex(const void *p, size_t n, char out[65])
{
	struct sha256 *h = sha256_new();

	sha256_add(h, p, n);
	sha256_hex_free(h, out);
}

void uuid5(const char *name, size_t len, char out[37])
{
	static const unsigned char url_space[16] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
		0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
	unsigned char d[EVP_MAX_MD_SIZE];
	char hex[33];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	BUG_ON(!ctx || EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) != 1 ||
		EVP_DigestUpdate(ctx, url_space, sizeof(url_space)) != 1 ||
		EVP_DigestUpdate(ctx, name, len) != 1 || EVP_DigestFinal_ex(ctx, d, NULL) != 1);
	EVP_MD_CTX_free(ctx);
	d[6] = (d[6] & 0x0F) | 0x50; /* version 5 */
	d[8] = (d[8] & 0x3F) | 0x80; /* RFC 4122 variant */
	hex_encode(d, 16, hex);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void base64_add(struct buf *out, const void *p, size_t n)
{
	const unsigned char *u = p;
	unsigned char text[1025];

	while (n) {
		int take =
			n > 768 ? 768 : (int)n; /* a multiple of 3: only the last piece is padded */
		int len = EVP_EncodeBlock(text, u, take);
		buf_add(out, text, (size_t)len);
		u += take;
		n -= (size_t)take;
	}
}

static int base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-' || c == '+')
		return 62;
	return c == '_' || c == '/' ? 63 : -1;
}

bool base64url_decode(struct buf *out, const char *p, size_t n)
{
	uint32_t bits = 0;
	size_t len = n;

	while (len > 0 && n - len < 2 && p[len - 1] == '=')
		len--;
	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int v = base64url_value(p[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 > 0) /* 6 bits wait after the first of four, then 4, 2 and none */
			buf_addch(out, (char)(bits >> (6 - 2 * (i % 4)) & 0xff));
	}
	return !out->failed;
}
