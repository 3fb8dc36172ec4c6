/* purge_private.h - tombstones, asked when mail comes in. Writer thread only. */
#ifndef CRMAIL_STORE_PURGE_PRIVATE_H
#define CRMAIL_STORE_PURGE_PRIVATE_H

#include "thread_private.h"

/* Whether a message with this equal_key (32 bytes) was purged. */
int purge_has(struct write *w, const char *equal_key, bool *out, struct err *e) NODISCARD;
/* All rows of a first copy and its equal copies go. Its body in cache.db is the caller's affair. */
int purge_rows(struct write *w, int64_t first, struct thread_set *touched, struct err *e) NODISCARD;

#endif
