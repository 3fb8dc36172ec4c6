/*
 * recode.h - a stream of bytes in a known charset to valid UTF-8, piece by piece. Private to
 * src/mail. One struct recode belongs to one thread.
 */
#ifndef CRMAIL_MAIL_RECODE_H
#define CRMAIL_MAIL_RECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"

struct buf;
struct recode;

/* NULL when the charset is not known. A byte order mark at the beginning is left out. */
struct recode *recode_new(const char *charset) NODISCARD;
void recode_free(struct recode *r); /* NULL is fine */
/* Appends what can be told so far; what cannot be converted becomes U+FFFD. */
void recode_add(struct recode *r, struct buf *out, const char *p, size_t n);
void recode_end(struct recode *r, struct buf *out);

/* charset.c: what iconv calls a charset of that name; "" = UTF-8; NULL = unknown. */
const char *charset_iconv_name(const char *name);

#endif
