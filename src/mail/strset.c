/* strset.c - open addressing over FNV-1a. */
#include "config.h"

#include "strset.h"

#include <stdint.h>
#include <string.h>

#include "crmail/base/arena.h"

static const char **find_slot(const char **slots, size_t n_slots, const char *key)
{
	uint64_t h = 14695981039346656037u;
	for (const char *p = key; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	size_t i = (size_t)(h ^ h >> 29) & (n_slots - 1);
	while (slots[i] && strcmp(slots[i], key) != 0)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static bool grow(struct strset *s)
{
	size_t n_slots = s->n_slots ? s->n_slots * 2 : 16;
	const char **slots = arena_array(s->a, n_slots, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < s->n_slots; i++) {
		if (s->slots[i])
			*find_slot(slots, n_slots, s->slots[i]) = s->slots[i];
	}
	s->slots = slots;
	s->n_slots = n_slots;
	return true;
}

bool strset_add(struct strset *s, const char *key)
{
	if (2 * (s->n + 1) > s->n_slots && !grow(s))
		return false;
	const char **slot = find_slot(s->slots, s->n_slots, key);
	if (*slot)
		return false;
	*slot = key;
	s->n++;
	return true;
}
