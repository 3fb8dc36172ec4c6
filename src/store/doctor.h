/* doctor.h - what is checked at every opening. Private to src/store; store_doctor is public. */
#ifndef CRMAIL_STORE_DOCTOR_H
#define CRMAIL_STORE_DOCTOR_H

#include "store_private.h"

/* When cache.db is not the one that crmail.db knows (lost, damaged, swapped), every body counts as
 * not there and every head as not indexed. Before the writers have work. */
int doctor_on_open(struct store *s, struct err *e) NODISCARD;
/* What cache.db holds of messages that are no longer there goes; *n (may be NULL) gets how many. */
int doctor_drop_orphans(struct store *s, int64_t *n, struct err *e) NODISCARD;

#endif
