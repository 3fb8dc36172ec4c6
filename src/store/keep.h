/*
 * keep.h - bodies that cannot be fetched again: moved to `kept/` once the last copy of a message is
 * gone from every folder, and found there when cache.db has none.
 */
#ifndef CRMAIL_STORE_KEEP_H
#define CRMAIL_STORE_KEEP_H

#include "ingest_body.h"

/* Looks at what lost its last placement and keeps its body. What was thrown away (it was last in
 * Trash, Junk or Drafts) and nothing in the CRM refers to is not kept. Worker thread. */
int keep_settle(struct store *s, struct store_reader *r, struct stopper *st,
	struct err *e) NODISCARD;
/* The kept body of a first copy; *state BODY_NONE: there is none. In the arena. */
int keep_read(struct store_reader *r, struct arena *a, int64_t first, const char **p, size_t *n,
	enum body_state *state, struct err *e) NODISCARD;
/* The name of its file, for who removes it after the row is gone; NULL = none. In the arena. */
int keep_file_of(struct db *d, struct arena *a, int64_t first, const char **sha256,
	struct err *e) NODISCARD;
void keep_remove_file(const struct store *s, const char *sha256);
/* Files of kept/ that no row names any more go, when they are older than a month: a restored copy
 * of crmail.db knows fewer than there are. */
void keep_sweep(struct store *s, struct store_reader *r);

#endif
