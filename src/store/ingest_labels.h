/*
 * ingest_labels.h - placements by labels: where a service has one message in several folders at
 * once (Gmail), a page says all of them, and the message is placed in exactly those. Writer thread
 * only.
 */
#ifndef CRMAIL_STORE_INGEST_LABELS_H
#define CRMAIL_STORE_INGEST_LABELS_H

#include "thread_private.h"

/* The messages that lie anywhere in the account under that id, in w->arena: more than one where a
 * label was put here, before the server had it. */
int labels_find(struct write *w, int64_t account, const char *server_id, int64_t **out, size_t *n,
	struct err *e) NODISCARD;
/* Puts the message into the named folders, NULL-ended, and takes what bears its id out of all
 * others. Names that the account does not have are left out. *n_gone counts up. */
int labels_place(struct write *w, int64_t account, int64_t message, const char *server_id,
	const char *const *folders, struct thread_set *touched, int64_t *n_gone,
	struct err *e) NODISCARD;
/* A listing of the whole account begins anew: what does not come again goes at its end. */
int labels_unsee(struct write *w, int64_t account, struct err *e) NODISCARD;
/* No longer in the folder. Where the user wanted it to go from there does not matter any more: if
 * it was moved by somebody else, it comes again where it is now. */
int placement_drop(struct write *w, int64_t folder, const char *server_id, int64_t message,
	struct thread_set *touched, struct err *e) NODISCARD;

#endif
