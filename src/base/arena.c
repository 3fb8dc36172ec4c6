/* arena.c - blocks of memory freed together. Small blocks first, so that an arena that holds
 * little costs little; a large piece gets a block of its own. */
#include "config.h"

#include "crmail/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"

#define BLOCK_FIRST ((size_t)4 << 10)
#define BLOCK_MOST ((size_t)256 << 10)

struct arena_block {
	struct arena_block *next;
	size_t cap, used; /* bytes of data */
	alignas(max_align_t) unsigned char data[];
};

static void free_chain(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_release(struct arena *a)
{
	free_chain(a->head);
	*a = ARENA_INIT_MAX(a->max);
}

void arena_reset(struct arena *a)
{
	if (a->head) {
		free_chain(a->head->next);
		a->head->next = NULL;
		a->head->used = 0;
	}
	a->used = 0;
	a->failed = false;
}

static struct arena_block *add_block(struct arena *a, size_t need)
{
	size_t cap = a->head ? a->head->cap * 2 : BLOCK_FIRST;

	if (cap > BLOCK_MOST)
		cap = BLOCK_MOST;
	bool own = need > cap / 4 && a->head;
	if (own || cap < need)
		cap = need;
	struct arena_block *b = xmalloc(sizeof(*b) + cap);
	*b = (struct arena_block){.cap = cap};
	if (own) { /* behind the head, whose free space is still good for small things */
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (a->max && (a->failed || size > a->max - a->used)) {
		a->failed = true;
		return NULL;
	}
	BUG_ON(size > SIZE_MAX / 2);
	size_t need = ((size ? size : 1) + align - 1) / align * align;
	struct arena_block *b = a->head;
	if (!b || b->cap - b->used < need)
		b = add_block(a, need);
	void *p = b->data + b->used;
	b->used += need;
	a->used += size;
	return memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	return arena_alloc(a, size && n > SIZE_MAX / size ? SIZE_MAX : n * size);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	if (!s)
		return NULL;
	size_t len = strnlen(s, n);
	char *p = arena_alloc(a, len + 1);
	return p ? memcpy(p, s, len) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	char *p = arena_alloc(a, n < 0 ? SIZE_MAX : (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}

void *arena_grow(struct arena *a, void *array, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap && array)
		return array;
	size_t more = *cap ? *cap * 2 : 8;
	if (more < need)
		more = need;
	void *p = arena_array(a, more, size);
	if (!p)
		return NULL;
	if (array && *cap)
		memcpy(p, array, *cap * size);
	*cap = more;
	return p;
}
