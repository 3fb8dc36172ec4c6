/*
 * rebuild.h - what a lost cache.db held and no server has: bodies of kept and of imported mail are
 * read from their files again. What servers have comes with the next passes.
 */
#ifndef CRMAIL_STORE_REBUILD_H
#define CRMAIL_STORE_REBUILD_H

#include "stopper.h"
#include "store_private.h"

/* Worker thread. A file that is not there leaves its message without a body, and is asked for again
 * the next time. */
int rebuild_local(struct store *s, struct store_reader *r, struct stopper *st,
	struct err *e) NODISCARD;

#endif
