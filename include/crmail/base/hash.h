/*
 * hash.h - SHA-256, UUIDv5 and base64 over OpenSSL's libcrypto. Any thread.
 */
#ifndef CRMAIL_HASH_H
#define CRMAIL_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct sha256; /* a running digest */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, const void *p, size_t n);
void sha256_hex_free(struct sha256 *h, char out[65]); /* finishes and frees */
void sha256_hex(const void *p, size_t n, char out[65]);

/* RFC 4122 version 5 in the URL namespace 6ba7b811-9dad-11d1-80b4-00c04fd430c8 as formats.md
 * "Activity id" names it; lower case with dashes. */
void uuid5(const char *name, size_t len, char out[37]);
void base64_add(struct buf *out, const void *p, size_t n); /* one line, padded */
/* Decodes base64url (RFC 4648 section 5), of which every letter has to be one; with or without
 * padding, and with + and / as well. False: it is none, or too long for `out`. */
bool base64url_decode(struct buf *out, const char *p, size_t n);

#endif
