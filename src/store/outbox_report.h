/* outbox_report.h - what notifications say of mail in the outbox. Writer thread. */
#ifndef CRMAIL_STORE_OUTBOX_REPORT_H
#define CRMAIL_STORE_OUTBOX_REPORT_H

#include "store_private.h"

struct report;

/* A notification that came to that account: delivered and bounced are said by it alone [R15]. What
 * is about no mail of ours, or about somebody it did not go to, changes nothing. NULL = none. */
int outbox_take_report(struct write *w, int64_t account, const struct report *r,
	struct err *e) NODISCARD;

#endif
