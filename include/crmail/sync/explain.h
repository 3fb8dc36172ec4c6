/*
 * explain.h - why a mail is or is not logged: the matcher asked again, with nothing written. Any
 * thread, with a reader of its own; main wires it to the screen.
 */
#ifndef CRMAIL_SYNC_EXPLAIN_H
#define CRMAIL_SYNC_EXPLAIN_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/why.h"

struct arena;
struct store_reader;

/* *out NULL: no CRM has to do with the message (its account is bound to none, or it is a draft). */
int crm_explain(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
	struct err *e) NODISCARD;

#endif
