/*
 * sent_copy.h - the one copy in Sent of each mail that went out, and what Sent tells of mail whose
 * fate is not known [R15, R26]. Worker thread.
 *
 * Whether the mail service files the copy by itself is known by its capabilities or greeting, by
 * the account's setting "sent_copy", or is found out with the first mail: Sent is looked at for a
 * while, and what was seen is remembered in that setting.
 */
#ifndef CRMAIL_SENT_COPY_H
#define CRMAIL_SENT_COPY_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct outbox_row;
struct session;

/* Files the copy of a mail that was sent, or sees that it is there, or comes back to it later. A
 * copy that is refused stands in the row and holds nothing else up; -1 only when the account as a
 * whole is in trouble. */
int sent_copy_file(struct session *s, const struct outbox_row *row, struct err *e) NODISCARD;
/* A mail that was handed over and not answered: Sent says that it went out, or `why` and the
 * question stand in the row. */
int sent_copy_ask(struct session *s, const struct outbox_row *row, const struct err *why,
	struct err *e) NODISCARD;
/* One thing of what earlier mail left open; *did = false: nothing at present. */
int sent_copy_step(struct session *s, bool *did, struct err *e) NODISCARD;

#endif
