/*
 * correspondent.h - the people that mail was exchanged with and those a CRM knows, for completing
 * addresses while one is typed [R23]. Counted as mail comes in; nothing here is written by hand.
 */
#ifndef CRMAIL_STORE_CORRESPONDENT_H
#define CRMAIL_STORE_CORRESPONDENT_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store_reader;

struct correspondent_row {
	const char *name; /* the contact's, else as in the newest mail; "" = none */
	const char *addr;
	int64_t contact;          /* of the account's CRM; 0 = not known there */
	const char *partner_name; /* NULL = none */
	int64_t last_at;          /* newest mail, seconds UTC; 0 = no mail yet */
};

struct correspondent_query {
	int64_t account;  /* whose CRM knows contacts */
	const char *text; /* words, each the beginning of one in name or address; "" = everybody */
	int64_t now;      /* seconds UTC */
	size_t limit;
};
/* The best first: often and lately written to, then heard from, then contacts without mail. Own
 * addresses are left out. Matches folded (case, accents). One bounded query by an index; strings in
 * the arena, unsanitised. */
int correspondent_find(struct store_reader *r, struct arena *a, const struct correspondent_query *q,
	struct correspondent_row **out, size_t *n, struct err *e) NODISCARD;

#endif
