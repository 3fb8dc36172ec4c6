/* buf.c - growable bytes with a ceiling. Knows nothing of what the bytes mean. */
#include "config.h"

#include "crmail/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#define BUF_FIRST 64

char buf_empty[1];

void buf_init(struct buf *b, size_t max)
{
	*b = BUF_INIT(max);
}

static void wipe(const struct buf *b, char *p, size_t n)
{
	if (b->is_secret)
		explicit_bzero(p, n);
}

void buf_release(struct buf *b)
{
	bool is_secret = b->is_secret;

	if (b->cap) {
		wipe(b, b->p, b->cap);
		free(b->p);
	}
	buf_init(b, b->max);
	b->is_secret = is_secret;
}

void buf_reset(struct buf *b)
{
	b->failed = false;
	buf_truncate(b, 0);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	wipe(b, b->p + len, b->len - len);
	b->len = len;
	b->p[len] = '\0';
}

/* realloc() would leave a copy behind where it moves. */
static char *move(const struct buf *b, size_t cap)
{
	char *p = xcalloc(1, cap + 1);

	memcpy(p, b->p, b->len);
	if (b->cap) {
		wipe(b, b->p, b->cap);
		free(b->p);
	}
	return p;
}

/* Room for n more bytes; the caller has checked the ceiling. Doubling keeps adds linear. */
static void reserve(struct buf *b, size_t n)
{
	size_t need = b->len + n;

	if (need <= b->cap)
		return;
	size_t cap = b->cap ? b->cap : BUF_FIRST;
	while (cap < need)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	b->p = b->is_secret ? move(b, cap) : xreallocarray(b->cap ? b->p : NULL, cap + 1, 1);
	b->p[b->len] = '\0';
	b->cap = cap;
}

void buf_add(struct buf *b, const void *data, size_t n)
{
	if (b->failed || !n)
		return;
	BUG_ON(b->len > b->max);
	if (n > b->max - b->len) {
		b->failed = true;
		return;
	}
	reserve(b, n);
	memcpy(b->p + b->len, data, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	char stack[256];
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(stack, sizeof(stack), fmt, ap);
	if (n < 0) {
		b->failed = true;
	} else if ((size_t)n < sizeof(stack)) {
		buf_add(b, stack, (size_t)n);
	} else if (b->failed || (size_t)n > b->max - b->len) {
		b->failed = true;
	} else {
		reserve(b, (size_t)n);
		vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	wipe(b, stack, sizeof(stack));
}

void buf_addutf8(struct buf *b, uint32_t codepoint)
{
	char bytes[4];

	buf_add(b, bytes, utf8_encode(codepoint, bytes));
}

void buf_rtrim(struct buf *b)
{
	size_t n = b->len;

	while (n && strchr(" \t\r\n", b->p[n - 1]) && b->p[n - 1])
		n--;
	buf_truncate(b, n);
}

char *buf_steal(struct buf *b, size_t *len)
{
	char *p = b->cap ? b->p : xcalloc(1, 1);

	if (len)
		*len = b->len;
	buf_init(b, b->max);
	return p;
}
