/*
 * decide.h - what the user decides about matching: who a mail has to do with, who an address is,
 * what is never logged, private conversations; and who waits for such a decision. Decisions are
 * rows, kept until they are undone; the CRM worker asks for them and lets them win (crm/match.h).
 *
 * A decision is durable when its commit stands. With it, what of that mail still waits for the CRM
 * is taken back; the worker queues anew what is still wanted. What the CRM has already is not
 * touched here: see record_withdraw().
 */
#ifndef CRMAIL_STORE_DECIDE_H
#define CRMAIL_STORE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/activity.h"

struct arena;
struct store;
struct store_reader;

enum decide_scope { DECIDE_MAIL = 1, DECIDE_THREAD = 2, DECIDE_ADDRESS = 3 }; /* stored */
enum decide_what { /* stored: never renumber */
	DECIDE_LINK = 1,
	DECIDE_UNLINK = 2,
	DECIDE_CHOOSE = 3, /* the address is that contact, partner ("@domain") or lead */
	DECIDE_NEVER = 4,
	DECIDE_ALLOW = 5, /* ends DECIDE_NEVER */
	DECIDE_PRIVATE = 6,
	DECIDE_PUBLIC = 7, /* ends DECIDE_PRIVATE */
	DECIDE_LOG = 8,
	DECIDE_NOT = 9,
	DECIDE_LATER = 10 /* not in the match inbox until the address writes again */
};

struct decision_in {
	enum decide_what what;
	enum decide_scope scope;
	int64_t message; /* DECIDE_ADDRESS: the CRM is that of its account, when crm is 0 */
	int64_t crm;
	enum link_kind kind; /* LINK, UNLINK, CHOOSE */
	int64_t target;
	const char *addr; /* CHOOSE, NEVER, ALLOW, LATER: an address, a domain or "@domain" */
};
/* UI thread: never blocks. The decision's id, for decide_undo(). */
int64_t decide(struct store *s, const struct decision_in *d);
void decide_undo(struct store *s, int64_t id);
/* The same, when the commit stands. ERR_NOTFOUND: there is no such message. */
int decide_wait(struct store *s, const struct decision_in *d, int64_t *id, struct err *e) NODISCARD;
int decide_undo_wait(struct store *s, int64_t id, struct err *e) NODISCARD;

struct decision_row {
	int64_t id;
	enum decide_what what;
	enum decide_scope scope;
	enum link_kind kind;
	int64_t target;
	int64_t partner,
		contact; /* of the target: a contact's partner, a deal's people; 0 = none */
	bool is_there;   /* the target still exists; true without one */
	const char *addr;
};
/* What holds for a message, as far as its conversation and copies go: of contrary decisions the
 * newest alone, oldest first. */
int decisions_of(struct store_reader *r, struct arena *a, int64_t crm, int64_t message,
	struct decision_row **out, size_t *n, struct err *e) NODISCARD;
/* Who the address, or "@domain", is everywhere; NULL = not chosen. */
int decision_of_address(struct store_reader *r, struct arena *a, int64_t crm, const char *addr,
	struct decision_row **out, struct err *e) NODISCARD;
/* Addresses and domains that are never logged. */
int decisions_never(struct store_reader *r, struct arena *a, int64_t crm, const char *const **out,
	size_t *n, struct err *e) NODISCARD;

/* ---- the match inbox --------------------------------------------------------------------------*/

struct stranger_row {
	int64_t crm;
	const char *addr; /* normalised, or "@domain" */
	const char *name; /* as the newest mail has it; "" = none */
	enum stranger_kind kind;
	int64_t count;  /* mails */
	int64_t newest; /* their newest, seconds UTC */
	int64_t message, thread;
	const char *subject;
};
/* Newest first, after `after` (NULL = from the start): whom the user has not decided about. */
int stranger_page(struct store_reader *r, struct arena *a, const struct stranger_row *after,
	size_t limit, struct stranger_row **out, size_t *n, struct err *e) NODISCARD;
/* How many ambiguous ones wait, and how many unknown ones; counts to at most `max`. */
int stranger_count(struct store_reader *r, size_t max, int64_t *ambiguous, int64_t *unknown,
	struct err *e) NODISCARD;

struct candidate_row { /* who it may be */
	enum link_kind kind;
	int64_t id;
	const char *name;
	const char *partner; /* of a contact; NULL = none */
	const char *addr;    /* of a contact; NULL = none */
	bool has_address;    /* that very address is his; else only the name or domain is alike */
};
/* Those that have the address first, then who has the same name, then people of the domain. */
int stranger_candidates(struct store_reader *r, struct arena *a, const struct stranger_row *s,
	size_t limit, struct candidate_row **out, size_t *n, struct err *e) NODISCARD;

/* ---- logging what is older --------------------------------------------------------------------*/

/* Mail of the CRM that is not logged only because it is older, from `since` on: how many mails,
 * each once. */
int backfill_count(struct store_reader *r, int64_t crm, int64_t since, int64_t *mails,
	struct err *e) NODISCARD;
/* Logging starts at `since` (never later than it did), and that mail is matched again. */
int backfill_start(struct store *s, int64_t crm, int64_t since, struct err *e) NODISCARD;

#endif
