/* notice_private.h - alerts, noted in the commit that brings them about. Writer thread. */
#ifndef CRMAIL_STORE_NOTICE_PRIVATE_H
#define CRMAIL_STORE_NOTICE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/store/notice.h"

struct write;

/* One that nobody saw yet is counted up. account or crm 0 = not about one; text NULL = none. */
int notice_alert(struct write *w, enum notice_kind kind, int64_t account, int64_t crm,
	const char *text, struct err *e) NODISCARD;
/* A pass of an account ended; too many that failed within an hour are an alert. */
int notice_count_pass(struct write *w, int64_t account, bool has_failed, struct err *e) NODISCARD;

#endif
