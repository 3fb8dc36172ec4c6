/* demo.h - what crmail --demo opens. Main thread, before any worker runs. */
#ifndef CRMAIL_DEMO_H
#define CRMAIL_DEMO_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct cli;

/* On the first start of a data folder: writes the demo's Maildir into it, its dates counted back
 * from now, and sets up the account over it, whose mail goes nowhere. Does nothing where an account
 * is. Needs cli->store. */
int demo_prepare(struct cli *c, struct err *e) NODISCARD;

/* demo_crm.c: the demo's local CRM, bound to its account. */
int demo_prepare_crm(struct cli *c, int64_t account, struct err *e) NODISCARD;

#endif
