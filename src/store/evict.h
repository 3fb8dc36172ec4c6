/*
 * evict.h - the cache limit: bodies that were not read for longest make room, as long as a server
 * has them. Headers, and the words by which a message is found, stay [R11].
 */
#ifndef CRMAIL_STORE_EVICT_H
#define CRMAIL_STORE_EVICT_H

#include "stopper.h"
#include "store_private.h"

/* What cache.db and files/ take on the disk, free pages left out. */
int evict_used_bytes(struct store *s, struct store_reader *r, int64_t *out,
	struct err *e) NODISCARD;
/* Down to nine tenths of store_options.cache_limit_bytes when that is passed, or as far as it
 * goes. */
int evict_to_limit(struct store *s, struct store_reader *r, struct stopper *st,
	struct err *e) NODISCARD;
/* Files that no body lies in any more: what a crash between the row and the file left. */
void evict_sweep(struct store *s, struct store_reader *r);

#endif
