/* hook_event_private.h - events made together with the entries they are about. Writer thread. */
#ifndef CRMAIL_STORE_HOOK_EVENT_PRIVATE_H
#define CRMAIL_STORE_HOOK_EVENT_PRIVATE_H

#include "crmail/store/hook_event.h"

#include "store_private.h"

/* For the entry of that key about a message: one for each listener the CRM has, unless there is
 * one already or the mail is older than the listener. */
int hook_event_add(struct write *w, int64_t crm, const char *key, int64_t message,
	struct err *e) NODISCARD;

#endif
