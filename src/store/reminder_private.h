/* reminder_private.h - what the rest of the store tells reminders. Writer thread. */
#ifndef CRMAIL_STORE_REMINDER_PRIVATE_H
#define CRMAIL_STORE_REMINDER_PRIVATE_H

#include "store_private.h"

struct report;

/* A conversation changed: has somebody answered? */
int reminder_look(struct write *w, int64_t thread, struct err *e) NODISCARD;
/* One conversation became part of another. */
int reminder_move(struct write *w, int64_t from, int64_t to, struct err *e) NODISCARD;
/* A notification came to `account`; report NULL = it was none. */
int reminder_take_report(struct write *w, int64_t account, const struct report *report,
	struct err *e) NODISCARD;
/* Notes what has become due. */
int reminder_fall_due(struct write *w, struct err *e) NODISCARD;
int reminder_undo(struct write *w, int64_t group, struct err *e) NODISCARD;

#endif
