/* doctor.h - what is checked at every opening. Private to src/store; store_doctor is public. */
#ifndef CRMAIL_STORE_DOCTOR_H
#define CRMAIL_STORE_DOCTOR_H

#include "store_private.h"

/* What a crash between the commits of the two files left is made up for: heads that are not in the
 * index, as many as do not delay the start. */
int doctor_on_open(struct store *s, struct err *e) NODISCARD;
/* All of them: after a lost cache.db. Worker thread. */
int doctor_index(struct store *s, struct store_reader *r, struct stopper *st,
	struct err *e) NODISCARD;
/* SQLite's own look at one file, "main" or "cache": ERR_DB when it is damaged. */
int doctor_quick_check(struct store_reader *r, const char *schema, struct err *e) NODISCARD;
/* What a kill may have left in files that are whole; adds to *out what was mended. Conversations
 * are recounted only when a counter is wrong: that rewrites each of them. */
int doctor_after_crash(struct store *s, struct store_reader *r, struct store_check *out,
	struct err *e) NODISCARD;
/* What cache.db holds of messages that are no longer there goes; *n (may be NULL) gets how many. */
int doctor_drop_orphans(struct store *s, int64_t *n, struct err *e) NODISCARD;

#endif
