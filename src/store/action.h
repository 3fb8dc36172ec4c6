/*
 * action.h - one change to one message or placement, with its op; used by action.c (what the user
 * does), opqueue.c (what came of it) and outbox.c. Writer thread only.
 */
#ifndef CRMAIL_STORE_ACTION_H
#define CRMAIL_STORE_ACTION_H

#include "crmail/base/op.h"

#include "thread_private.h"

/* op.state */
enum op_state { OP_WAITS = 0, OP_PARKED = 1, OP_WITHDRAWN = 2 };

/* Shows the flags at once and queues the op; grp 0 = not to be undone. */
int change_flags(struct write *w, int64_t message, uint32_t add, uint32_t remove, int64_t grp,
	struct thread_set *touched, struct err *e) NODISCARD;
/* Takes the user's own change back; what another client did to the same flags meanwhile stays. */
int change_undo_flags(struct write *w, int64_t message, uint32_t added, uint32_t removed,
	struct thread_set *touched, struct err *e) NODISCARD;
/* Moves the message's placement in `from`; nothing when it does not lie there. */
int change_folder(struct write *w, int64_t message, int64_t from, int64_t to, int64_t grp,
	struct thread_set *touched, struct err *e) NODISCARD;

/* An op that is not wanted any more: dropped, or noted as withdrawn while it may be on its way. */
int change_cancel(struct write *w, int64_t op, struct err *e) NODISCARD;
/* A move that will not be: shown in `from` again. Its op is the caller's affair. */
int change_undo_move(struct write *w, int64_t message, int64_t from, int64_t to,
	struct thread_set *touched, struct err *e) NODISCARD;

#endif
