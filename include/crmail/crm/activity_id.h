/*
 * activity_id.h - the id of a mail's entry in the CRM, the same on every colleague's machine
 * (formats.md "Activity id"). Pure; any thread.
 */
#ifndef CRMAIL_CRM_ACTIVITY_ID_H
#define CRMAIL_CRM_ACTIVITY_ID_H

#include <stddef.h>

#include "crmail/base/str.h"

struct buf;

/* Appends what stands for the mail: the Message-ID without brackets as written, or "sha256:" and
 * the digest over the raw, unfolded From, Date and Subject joined by LF when it has none. */
void activity_mail_id(struct buf *out, struct span message_id, struct span from, struct span date,
	struct span subject);

/* kind: "contact", "partner" or "lead"; organization NULL counts as "". */
void activity_id(char out[37], const char *organization, const char *mail_id, const char *kind,
	const char *crm_id);

#endif
