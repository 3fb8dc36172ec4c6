/* found.h - notes what a server's search found, in the transaction that stores it. Writer
 * thread. */
#ifndef CRMAIL_STORE_FOUND_H
#define CRMAIL_STORE_FOUND_H

#include "store_private.h"

int found_put(struct write *w, const char *query, const int64_t *messages, size_t n,
	struct err *e) NODISCARD;

#endif
