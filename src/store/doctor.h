/* doctor.h - what is checked at every opening. Private to src/store; store_doctor is public. */
#ifndef CRMAIL_STORE_DOCTOR_H
#define CRMAIL_STORE_DOCTOR_H

#include "store_private.h"

/* When cache.db is not the one that crmail.db knows (lost, damaged, swapped), every body counts as
 * not there and every head as not indexed. Before the writers have work. */
int doctor_on_open(struct store *s, struct err *e) NODISCARD;

#endif
