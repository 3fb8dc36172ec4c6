/*
 * buf.h - growable bytes with a ceiling.
 *
 * Invariants: p is never NULL, p[len] == 0, len <= max. Passing max sets `failed`; what fitted
 * stays and later adds do nothing, so that a run of adds is checked once at the end. Everything a
 * peer can make grow is a buf. Any thread; one buf belongs to one thread.
 */
#ifndef CRMAIL_BUF_H
#define CRMAIL_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

struct buf {
	char *p;
	size_t len;
	size_t cap; /* allocated, without the final 0; 0 = nothing allocated yet */
	size_t max; /* ceiling in bytes for len */
	bool failed;
	bool is_secret; /* memory it gives up is wiped first: growing, cutting, releasing */
};

extern char buf_empty[1]; /* what p points to before the first add; never written */
#define BUF_INIT(ceiling) ((struct buf){.p = buf_empty, .max = (ceiling)})
#define BUF_SECRET_INIT(ceiling) ((struct buf){.p = buf_empty, .max = (ceiling), .is_secret = true})
#define BUF_UNLIMITED ((size_t)1 << 40) /* only for sizes that we choose ourselves */

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b); /* frees; the buf may be used again as it was initialised */
void buf_reset(struct buf *b);   /* len = 0, failed = false; keeps the memory */
void buf_truncate(struct buf *b, size_t len); /* to at most len */

void buf_add(struct buf *b, const void *data, size_t n);
void buf_addstr(struct buf *b, const char *s);
static inline void buf_addch(struct buf *b, char c) /* most text is built byte by byte */
{
	if (b->failed || b->len >= b->cap) {
		buf_add(b, &c, 1);
		return;
	}
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_addutf8(struct buf *b, uint32_t codepoint); /* invalid -> U+FFFD */
void buf_rtrim(struct buf *b);                       /* drops blanks, tabs, CR, LF at the end */

/* Gives the bytes away: caller frees with free(). The buf is empty afterwards. */
char *buf_steal(struct buf *b, size_t *len);

#endif
