/* sweep.h - content-addressed files that no row names any more. Worker thread. */
#ifndef CRMAIL_STORE_SWEEP_H
#define CRMAIL_STORE_SWEEP_H

#include "store_private.h"

/* Removes the files two levels below `root` (of the data folder) that are older than age_s seconds
 * and for whose name, up to its ending, sql_is_used gives no row. */
void sweep_files(struct store *s, struct store_reader *r, const char *root, const char *sql_is_used,
	int64_t age_s);

#endif
