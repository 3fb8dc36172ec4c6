/*
 * recode.c - streams of bytes to UTF-8 with iconv, which is told only charsets of the closed table
 * in charset.c.
 */
#include "config.h"

#include "recode.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#define TAIL_MAX 16 /* bytes of a character that is not complete yet */

struct recode {
	iconv_t cd; /* (iconv_t)-1: it is UTF-8 already */
	char tail[TAIL_MAX];
	size_t n_tail;
	bool has_begun; /* a byte order mark can no longer come */
};

static bool is_utf8(const struct recode *r)
{
	return r->cd == (iconv_t)-1;
}

struct recode *recode_new(const char *charset)
{
	const char *name = charset_iconv_name(charset);
	iconv_t cd = (iconv_t)-1;
	if (!name)
		return NULL;
	if (*name) {
		cd = iconv_open("UTF-8", name);
		if (cd == (iconv_t)-1)
			return NULL;
	}
	struct recode *r = xcalloc(1, sizeof(*r));
	r->cd = cd;
	return r;
}

void recode_free(struct recode *r)
{
	if (!r)
		return;
	if (!is_utf8(r))
		iconv_close(r->cd);
	free(r);
}

static void put(struct recode *r, struct buf *out, const char *p, size_t n)
{
	if (n && !r->has_begun) {
		r->has_begun = true;
		if (n >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3)) {
			p += 3;
			n -= 3;
		}
	}
	utf8_add_valid(out, p, n);
}

/* Bytes at the end that begin a character which may still be completed. */
static size_t open_bytes(const char *p, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)p[n - back];
		if ((c & 0xC0) == 0x80)
			continue;
		size_t whole = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
		return whole > back ? back : 0;
	}
	return 0;
}

/* Returns how many of the bytes are left for the next piece. */
static size_t convert(struct recode *r, struct buf *out, const char *p, size_t n)
{
	char chunk[4096];
	char *in = (char *)(uintptr_t)p; /* iconv's prototype lacks the const; it only reads */
	size_t left = n;
	while (left && !out->failed) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(r->cd, &in, &left, &to, &room);
		int why = errno;
		put(r, out, chunk, sizeof(chunk) - room);
		if (rc != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EINVAL && left < TAIL_MAX)
			return left;
		buf_addutf8(out, UTF8_REPLACEMENT);
		r->has_begun = true;
		in++;
		left--;
	}
	return 0;
}

static void add(struct recode *r, struct buf *out, const char *p, size_t n)
{
	size_t rest = 0;
	if (is_utf8(r)) {
		rest = open_bytes(p, n);
		put(r, out, p, n - rest);
	} else {
		rest = convert(r, out, p, n);
	}
	memmove(r->tail, p + n - rest, rest);
	r->n_tail = rest;
}

void recode_add(struct recode *r, struct buf *out, const char *p, size_t n)
{
	while (r->n_tail && n) {
		char joined[2 * TAIL_MAX];
		size_t had = r->n_tail;
		size_t take = n < TAIL_MAX ? n : TAIL_MAX;
		memcpy(joined, r->tail, had);
		memcpy(joined + had, p, take);
		add(r, out, joined, had + take);
		p += take;
		n -= take;
	}
	if (n)
		add(r, out, p, n);
}

void recode_end(struct recode *r, struct buf *out)
{
	if (r->n_tail)
		buf_addutf8(out, UTF8_REPLACEMENT);
	r->n_tail = 0;
	if (is_utf8(r))
		return;
	char chunk[64];
	char *to = chunk;
	size_t room = sizeof(chunk);
	/* A converter that composes accents holds the last letter back. */
	if (iconv(r->cd, NULL, NULL, &to, &room) != (size_t)-1)
		put(r, out, chunk, sizeof(chunk) - room);
}
