/*
 * sent_copy.h - the one copy in Sent of each mail that went out [R15]. Worker thread.
 *
 * Whether the mail service files the copy by itself is known by its capabilities, by what the
 * mail was sent by (struct outbox_row's files_sent), by the account's setting "sent_copy", or is
 * found out with the first mail: Sent is looked at for a while, and what was seen is remembered in
 * that setting.
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
/* Whether it is there by now, under the name that the service gave it. */
int sent_copy_look(struct session *s, const struct outbox_row *row, bool *is_there,
	struct err *e) NODISCARD;
/* One thing of what earlier mail left open, a doubt (doubt.h) or a copy; *did = false: nothing at
 * present. */
int sent_copy_step(struct session *s, bool *did, struct err *e) NODISCARD;

#endif
