/* correspondent_private.h - counting people as mail and contacts come in. Writer thread. */
#ifndef CRMAIL_STORE_CORRESPONDENT_PRIVATE_H
#define CRMAIL_STORE_CORRESPONDENT_PRIVATE_H

#include "crmail/store/correspondent.h"

#include "ingest_private.h"

/* A new message, not a copy of one that is there; what a program or a list sent counts nobody. */
int correspondent_count(struct write *w, int64_t message, const struct prepared *p, bool is_own,
	struct err *e) NODISCARD;
/* Somebody of a CRM; addr NULL or no address: nothing to do. */
int correspondent_know(struct write *w, const char *name, const char *addr,
	struct err *e) NODISCARD;
/* Before a message is purged for good: whom nothing else names goes with it, also from party. */
int correspondent_purge(struct write *w, int64_t message, struct err *e) NODISCARD;
/* Forgets everybody and counts anew from what is left: an account went. In the same commit. */
int correspondent_forget(struct write *w, struct err *e) NODISCARD;
/* Goes on with what an upgrade or correspondent_forget() left to count, in the background. */
void correspondent_resume(struct store *s);

#endif
