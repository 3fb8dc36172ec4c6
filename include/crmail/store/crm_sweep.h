/*
 * crm_sweep.h - which rows a CRM does not have any more. All ids of an object are listed page by
 * page and compared: what is missing is marked (gone_at) and stays, what is there again is
 * unmarked. Only the ids of one listing lie in the database meanwhile, none in memory.
 *
 * A listing that would mark more than half of more than 20 rows, or all there are, is doubted: it
 * marks nothing, and is believed when the next one says the same. The caller has seen the empty
 * page that ends the listing; one that was cut is begun anew.
 *
 * An entry of a timeline ("activity") that is missing stands in none any more; that of a mail says
 * so and is not logged again.
 *
 * `object` is "contact", "partner", "lead", "deal" or "activity". Worker calls of the CRM worker,
 * unless said otherwise.
 */
#ifndef CRMAIL_STORE_CRM_SWEEP_H
#define CRMAIL_STORE_CRM_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct store;
struct store_reader;

enum crm_sweep_state {
	CRM_SWEEP_NEW, /* never looked at: what was pulled first is complete; crm_sweep_note() */
	CRM_SWEEP_NOT_DUE, /* looked at less than `every_s` ago */
	CRM_SWEEP_DUE      /* time has come, the last listing was doubted, or the person wants it */
};
int crm_sweep_state(struct store_reader *r, int64_t crm, const char *object, int64_t now,
	int64_t every_s, enum crm_sweep_state *out, struct err *e) NODISCARD;
int crm_sweep_note(struct store *s, int64_t crm, const char *object, int64_t now,
	struct err *e) NODISCARD;

int crm_sweep_begin(struct store *s, int64_t crm, const char *object, struct err *e) NODISCARD;
int crm_sweep_add(struct store *s, int64_t crm, const char *object, const char *const *ids,
	size_t n, struct err *e) NODISCARD;
struct crm_sweep_result {
	int64_t gone, back; /* rows marked and unmarked; doubted: would be marked */
	bool is_doubted;
};
int crm_sweep_end(struct store *s, int64_t crm, const char *object, int64_t now,
	struct crm_sweep_result *out, struct err *e) NODISCARD;

/* The next pass compares everything, however long ago it was. Any thread; waits for the commit. */
int crm_sweep_want(struct store *s, int64_t crm, struct err *e) NODISCARD;

#endif
