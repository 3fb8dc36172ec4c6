/* draft_private.h - what the outbox needs of drafts. Writer thread. */
#ifndef CRMAIL_STORE_DRAFT_PRIVATE_H
#define CRMAIL_STORE_DRAFT_PRIVATE_H

#include "store_private.h"

/* The message of the server's Drafts that this row goes on with; 0 = none. */
int draft_adopt(struct write *w, int64_t outbox, int64_t message, struct err *e) NODISCARD;

#endif
