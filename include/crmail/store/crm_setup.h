/*
 * crm_setup.h (store) - connecting a CRM and changing how: which accounts belong to it, what is
 * logged, pausing, removing; and what the set-up screen shows as proof before anything is logged.
 * Writers are the desk (blocking calls); readers any thread with its own reader. Strings of results
 * live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_CRM_SETUP_H
#define CRMAIL_STORE_CRM_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/account.h"

struct arena;
struct crm_row;
struct store;
struct store_reader;

/* Its setting "secret", if that is `from` yet. ERR_CONFLICT: it is another one by now. */
int crm_move_secret(struct store *s, int64_t crm, const char *from, const char *to,
	struct err *e) NODISCARD;
/* Name, url and settings of a CRM become these; a setting with value NULL is dropped, one that is
 * not named stays. NULL name or url = as it is. ERR_CONFLICT: name taken. */
int crm_change(struct store *s, int64_t crm, const struct crm_row *c, const struct setting *v,
	size_t n, struct err *e) NODISCARD;
/* Exactly these accounts belong to the CRM from now on. Of one that leaves go its links and what
 * waits to be logged; what was logged stays in the CRM. */
int crm_bind_accounts(struct store *s, int64_t crm, const int64_t *accounts, size_t n,
	struct err *e) NODISCARD;
/* log_side, log_mode, log_level and log_since of `c`; NULL words stay. */
int crm_set_logging(struct store *s, int64_t crm, const struct crm_row *c, struct err *e) NODISCARD;
/* After crm_set_logging(): what waits to be logged, and what was not logged for reasons that it
 * changed, is matched again. The CRM's worker calls it before it reads the row. */
int crm_look_again(struct store *s, int64_t crm, struct err *e) NODISCARD;
/* By the user, until it is called again; crm_set_status() changes nothing of it meanwhile. */
int crm_pause(struct store *s, int64_t crm, bool is_paused, struct err *e) NODISCARD;
/* One that pauses because the CRM asked for patience has an error that says so. */
bool crm_is_paused(const struct crm_row *c);
/* Everything that was pulled from it, every link, and what waits for it; mail stays. */
int crm_remove(struct store *s, int64_t crm, struct err *e) NODISCARD;

#define CRM_TOTALS_MAX 20000
#define CRM_TO_MATCH_MAX 1000
struct crm_totals { /* of one CRM, for the screen: counted up to the limits above */
	int64_t contacts, partners;
	int64_t to_match; /* mails whose people were not looked up yet */
};
int crm_totals(struct store_reader *r, int64_t crm, struct crm_totals *out,
	struct err *e) NODISCARD;

struct proof_row { /* a mail, and whom it was found to be about */
	int64_t message, at;
	bool is_out;
	const char *peer; /* name or address of the sender; of own mail, of the first recipient */
	const char *subject, *snippet; /* snippet NULL = none */
	const char *contact, *partner; /* names; NULL = none of that kind */
};
/* The newest mails of the CRM's accounts that are about somebody it knows, newest first; looks at
 * the newest PROOF_LOOKED_AT mails. */
#define PROOF_LOOKED_AT 20000
int crm_proof(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct proof_row **out, size_t *n, struct err *e) NODISCARD;
/* Mails since then that the mode would log. For the reader thread: it walks all of them. */
int crm_count_since(struct store_reader *r, int64_t crm, const char *mode, int64_t since,
	int64_t *out, struct err *e) NODISCARD;
/* Email entries that the CRM showed, among the first ones pulled, and how many of them are about
 * mail that is here: something else logs already. */
int crm_entries_there(struct store_reader *r, int64_t crm, int64_t *entries, int64_t *ours,
	struct err *e) NODISCARD;

#endif
