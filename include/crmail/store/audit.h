/*
 * audit.h - who did what when, in table `audit`: sends, sign-ins and failed attempts, exports,
 * purges [R44]. Ids, counts and error codes; no address, no subject. Sends note themselves in the
 * commit that changes the outbox.
 */
#ifndef CRMAIL_STORE_AUDIT_H
#define CRMAIL_STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum audit_kind {          /* stored as these numbers: never renumber */
	AUDIT_SEND = 1,    /* ref: outbox row */
	AUDIT_SIGN_IN = 2, /* of an account or a CRM */
	AUDIT_EXPORT = 3,
	AUDIT_PURGE = 4,   /* ref: what it was about */
	AUDIT_ACCOUNT = 5, /* an account came or went */
	AUDIT_RESTORE = 6, /* crmail.db went back to a copy */
};
const char *audit_kind_name(enum audit_kind k); /* "send", ...; "?" for a newer one */

struct audit_row {
	int64_t id, at; /* seconds UTC */
	enum audit_kind kind;
	bool is_ok;
	int64_t account, crm, ref, n; /* 0 = none */
	const char *reason;           /* outbox state or name of an error code; NULL = none */
};
/* A row of one of the kinds that no commit of the store's own notes. Worker call. */
int audit_note(struct store *s, const struct audit_row *x, struct err *e) NODISCARD;
/* What came of signing in to an account or a CRM; why NULL or code 0 = done. Attempts that failed
 * are all noted; of those that went well the first of a day, and the first after a failure. */
int audit_sign_in(struct store *s, int64_t account, int64_t crm, const struct err *why,
	struct err *e) NODISCARD;
/* Since that time, of one account (0 = of all and everything else), oldest first. */
int audit_list(struct store_reader *r, struct arena *a, int64_t since, int64_t account,
	struct audit_row **out, size_t *n, struct err *e) NODISCARD;

#endif
