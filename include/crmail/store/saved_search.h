/*
 * saved_search.h - searches the user keeps; each is an entry of the sidebar [R20]. The query is
 * also its name.
 */
#ifndef CRMAIL_STORE_SAVED_SEARCH_H
#define CRMAIL_STORE_SAVED_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

/* Keeps the query, or forgets it when it was kept. User call: ticket. */
int64_t saved_search_toggle(struct store *s, const char *query);
/* Oldest first; strings in the arena. */
int saved_search_list(struct store_reader *r, struct arena *a, const char ***out, size_t *n,
	struct err *e) NODISCARD;

#endif
