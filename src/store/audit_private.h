/* audit_private.h - a row of the audit in the commit of what it is about. Writer thread only. */
#ifndef CRMAIL_STORE_AUDIT_PRIVATE_H
#define CRMAIL_STORE_AUDIT_PRIVATE_H

#include "crmail/store/audit.h"

#include "store_private.h"

/* id and at are given here. */
int audit_add(struct write *w, const struct audit_row *x, struct err *e) NODISCARD;

#endif
