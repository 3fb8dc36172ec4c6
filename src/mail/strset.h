/* strset.h - a set of strings: hashed, in an arena. Private to src/mail. One thread. */
#ifndef CRMAIL_MAIL_STRSET_H
#define CRMAIL_MAIL_STRSET_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct strset {
	struct arena *a; /* holds the table; the strings are the caller's and must stay */
	const char **slots;
	size_t n, n_slots; /* n_slots: 0 or a power of two, at least twice n */
};

#define STRSET_INIT(arena) ((struct strset){.a = (arena)})

/* True when the string was not in the set and now is. False too when the arena is full. */
bool strset_add(struct strset *s, const char *key);

#endif
