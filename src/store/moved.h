/*
 * moved.h - a message that another client moved: it is the same message where it comes again, and
 * what the user wanted of it is still wanted. Writer thread only.
 */
#ifndef CRMAIL_STORE_MOVED_H
#define CRMAIL_STORE_MOVED_H

#include "thread_private.h"

/* The account's message of that content and moment that lies nowhere any more; *message 0 =
 * none. */
int moved_find(struct write *w, int64_t account, const char *equal_key, int64_t received,
	int64_t *message, struct err *e) NODISCARD;
/* The message lost a placement. Where that was its last, its waiting flag changes go to an equal
 * message that came meanwhile, else they wait for it; every other change is dropped. */
int moved_keep_ops(struct write *w, int64_t message, struct thread_set *touched,
	struct err *e) NODISCARD;

#endif
