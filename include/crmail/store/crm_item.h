/*
 * crm_item.h (store) - entries of mail that wait to be logged to a CRM, or were refused by it, for
 * people to look at and decide about. What the user writes himself is record.h's. Reader calls from
 * any thread with its own reader; user calls (UI thread) return a ticket and never block. Strings
 * of results live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_CRM_ITEM_H
#define CRMAIL_STORE_CRM_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

struct crm_entry {
	int64_t id, crm, message, thread; /* message 0 = not here any more */
	bool is_parked, is_doubtful;      /* in doubt: the CRM may have it already */
	bool is_out;
	int64_t at, not_before;
	uint32_t attempts;
	const char *subject, *body; /* as they would be logged; NULL = none */
	const char *about;          /* the contact's, partner's or lead's name; NULL = nobody */
	const char *reason;         /* why it was refused; NULL = it was not */
};
/* Those of all CRMs: the refused ones first, then those that wait, oldest first; at most `limit` of
 * each. */
int crm_entries(struct store_reader *r, struct arena *a, size_t limit, struct crm_entry **out,
	size_t *n, struct err *e) NODISCARD;
/* What was refused or waits, of all CRMs, records included. */
struct crm_item_counts {
	int64_t waiting, parked, conflicts;
};
int crm_item_counts(struct store_reader *r, struct crm_item_counts *out, struct err *e) NODISCARD;
/* Tried again at once. */
int64_t crm_entry_retry(struct store *s, int64_t id);
/* Not logged; what a later match finds does not bring it back. One in doubt stays. */
int64_t crm_entry_discard(struct store *s, int64_t id);

#endif
