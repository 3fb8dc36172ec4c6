/*
 * doubt.h - mail that was handed over, and whose answer never came [R26]: what became of it is
 * asked of the service that keeps a draft or a report, and looked for in Sent; else it is the
 * user's to say. Worker thread.
 *
 * A service may go on sending a draft for a while after the line was lost: within a minute only
 * "sent" is its last word. Then "still a draft" means that it goes out with a later try. Whatever
 * cannot tell, or cannot be asked, leaves the question with the user, and is asked further for a
 * day; it holds nothing else of the account up.
 */
#ifndef CRMAIL_DOUBT_H
#define CRMAIL_DOUBT_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct outbox_row;
struct session;

/* A mail in state handed or unknown. `why` and the question stand in the row if nothing tells. */
int doubt_ask(struct session *s, const struct outbox_row *row, const struct err *why,
	struct err *e) NODISCARD;
/* The same when its time has come; *did = false: nothing at present. */
int doubt_step(struct session *s, const struct outbox_row *row, bool *did, struct err *e) NODISCARD;

#endif
