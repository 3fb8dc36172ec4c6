/*
 * arena.h - memory of one screen, one page or one parse: many small things, freed together.
 *
 * Everything allocated from an arena is *valid until arena_reset or arena_release*. An arena may
 * have a ceiling for what a peer chooses; past it arena_* return NULL and `failed` is set. Without
 * a ceiling they never return NULL. Any thread; one arena belongs to one thread.
 */
#ifndef CRMAIL_ARENA_H
#define CRMAIL_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out */
	size_t max;  /* ceiling for used; 0 = none */
	bool failed;
};

#define ARENA_INIT ((struct arena){.head = NULL})
#define ARENA_INIT_MAX(n) ((struct arena){.head = NULL, .max = (n)})

void arena_release(struct arena *a);
void arena_reset(struct arena *a); /* everything is gone, one block is kept for reuse */
void *arena_alloc(struct arena *a, size_t size) NODISCARD; /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t n, size_t size) NODISCARD; /* overflow-checked */
char *arena_strdup(struct arena *a, const char *s) NODISCARD;        /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n) NODISCARD;
char *arena_printf(struct arena *a, const char *fmt, ...) NODISCARD PRINTF_LIKE(2, 3);
/* Grows an array made in the arena to hold at least `need` elements: returns the (maybe moved)
 * array and updates *cap; old bytes stay in the arena. */
void *arena_grow(struct arena *a, void *array, size_t *cap, size_t need, size_t size) NODISCARD;

#endif
