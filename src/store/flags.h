/* flags.h - shown flags = the server's with waiting ops on top. Writer thread only. */
#ifndef CRMAIL_STORE_FLAGS_H
#define CRMAIL_STORE_FLAGS_H

#include "thread_private.h"

/* The server says `remote`. *has_changed (may be NULL): what is shown differs now. */
int flags_set_remote(struct write *w, int64_t message, uint32_t remote, struct thread_set *touched,
	bool *has_changed, struct err *e) NODISCARD;
/* After ops of the message came, went or were parked. */
int flags_recompute(struct write *w, int64_t message, struct thread_set *touched,
	struct err *e) NODISCARD;

#endif
