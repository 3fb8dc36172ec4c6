/*
 * activity.h (store) - what mail has to do with people, and what is to be logged to the CRM: the
 * match queue, links, and activities as a queue. Worker calls of the CRM worker; reader calls from
 * any thread with its own reader. Strings of results live in the arena.
 */
#ifndef CRMAIL_STORE_ACTIVITY_H
#define CRMAIL_STORE_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/contact.h"

struct arena;
struct store;
struct store_reader;

/* ---- matching ---------------------------------------------------------------------------------*/

/* Stored: never renumber. A deal stands beside the targets, it is none. */
enum link_kind { LINK_CONTACT = 1, LINK_PARTNER = 2, LINK_LEAD = 3, LINK_DEAL = 4 };

/* Messages of the CRM's accounts whose people are to be looked up, oldest first. */
struct match_job {
	int64_t message, account, thread;
	bool is_shown; /* the one of equal copies that timelines list */
	bool is_first; /* of its conversation, by date */
	bool is_out;
	bool is_found;       /* came by a server's search only */
	bool was_not_logged; /* looked at before, for a reason */
	int64_t at;          /* Date */
	const char *snippet;
	const char *folders; /* where it lies: lines of "role:name"; NULL = nowhere */
};
/* One message as it would be looked at, whether it waits or not; NULL = not of that CRM, or not
 * said (a draft). */
int match_job_of(struct store_reader *r, struct arena *a, int64_t message, struct match_job **out,
	int64_t *crm, struct err *e) NODISCARD;
int match_due(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct match_job **out, size_t *n, struct err *e) NODISCARD;

struct found_row {
	int64_t id, partner;
};
/* Rows with that address or exactly that domain; returns how many, at most max. -1 with *e. */
int contacts_of_address(struct store_reader *r, int64_t crm, const char *norm,
	struct found_row *out, size_t max, struct err *e) NODISCARD;
int leads_of_address(struct store_reader *r, int64_t crm, const char *norm, struct found_row *out,
	size_t max, struct err *e) NODISCARD;
int partners_of_domain(struct store_reader *r, int64_t crm, const char *domain,
	struct found_row *out, size_t max, struct err *e) NODISCARD;
/* Where mail of a conversation is logged for its own people's sake, without one message of it. */
struct target_row {
	enum link_kind kind;
	int64_t id, partner;
};
int thread_targets(struct store_reader *r, struct arena *a, int64_t crm, int64_t thread,
	int64_t but_message, struct target_row **out, size_t *n, struct err *e) NODISCARD;
/* Whether the user has written in the conversation. */
int thread_has_own(struct store_reader *r, int64_t thread, bool *out, struct err *e) NODISCARD;
/* The CRM's id, or "local:N"; NULL = no such row. */
const char *target_id(struct store_reader *r, struct arena *a, enum link_kind kind, int64_t id);

enum link_how { LINK_BY_RULE = 0, LINK_BY_HAND = 1, LINK_TAKEN_AWAY = 2 }; /* stored */
struct link_in {
	enum link_kind kind;
	int64_t target;
	enum link_how how;
	bool is_target;
	bool is_inherited; /* a target only because the rest of the conversation has it */
};
enum stranger_kind { /* stored: never renumber */
	STRANGER_UNKNOWN = 0,
	STRANGER_CONTACTS = 1, /* several contacts have the address */
	STRANGER_PARTNERS = 2,
	STRANGER_LEADS = 3
};
struct stranger_in { /* somebody the user has to decide about */
	const char *addr;
	enum stranger_kind kind;
};
struct activity_in { /* one entry to be logged */
	const char *key;
	bool is_local; /* the CRM has no remote: stays here */
	bool is_out;
	int64_t at;
	const char *subject, *body, *message_id;
	int64_t contact, partner, lead, deal;
};
struct match_in {
	int64_t message;
	int64_t at;
	bool is_shown;
	bool is_first; /* of its conversation */
	const struct link_in *links;
	size_t n_links;
	const char *const *parties;
	size_t n_parties;         /* normalised foreign addresses */
	int64_t contact, partner; /* badge */
	bool is_unknown;
	const struct stranger_in *strangers;
	size_t n_strangers;
	const char *reason; /* why nothing is logged; NULL = it is. Words: see log_reason() */
	const struct activity_in *activities;
	size_t n_activities;
};
/* Replaces what was known of these messages; entries that are waiting and no longer wanted are
 * withdrawn, logged ones stay. What a conversation is about has changed: those of its messages
 * that know nobody themselves are due again. One commit. */
int match_put(struct store *s, int64_t crm, const struct match_in *v, size_t n,
	struct err *e) NODISCARD;
/* All mail of the CRM's accounts that was looked at is looked at again, by other rules. `rules` is
 * any text that changes with them; crm_cursor() of "match-rules" gives it back. */
int match_rules_put(struct store *s, int64_t crm, const char *rules, struct err *e) NODISCARD;

/* Words of match_in.reason besides match_why_name(): "off", "found", "before-start",
 * "not-a-reply", "not-in-crm". The translated sentence for the user; valid for ever. */
const char *log_reason(const char *word);

/* ---- the queue --------------------------------------------------------------------------------*/

struct activity_row {
	int64_t id;
	const char *key, *message_id, *subject, *body, *journal;
	bool is_out, is_doubtful;
	int64_t at;
	uint32_t attempts;
	const char *contact_id, *partner_id, *lead_id; /* CRM ids, NULL = none */
	const char *deal_id;                           /* that the mail was put to by hand */
	const char *target;                            /* "contact:ID", for reports */
	const char *reason;                            /* of a parked one */
};
/* Oldest due entry after `after` (at, id; 0 = from the beginning); NULL = none. */
int activity_due(struct store_reader *r, struct arena *a, int64_t crm, int64_t now,
	struct activity_row **out, struct err *e) NODISCARD;
int activity_parked(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct activity_row **out, size_t *n, struct err *e) NODISCARD;
/* Just before the request: attempts + 1, in doubt until its answer is known. ERR_NOTFOUND: taken
 * back meanwhile, or its mail is to be looked at again. */
int activity_begin(struct store *s, int64_t id, struct err *e) NODISCARD;
int activity_save(struct store *s, int64_t id, const char *journal, struct err *e) NODISCARD;
int activity_done(struct store *s, int64_t id, const char *crm_id, struct err *e) NODISCARD;
/* Refused for good: waits for the user. is_doubtful: the CRM may have got it nevertheless. */
int activity_park(struct store *s, int64_t id, bool is_doubtful, const char *reason,
	struct err *e) NODISCARD;
/* Not now: again at not_before. is_doubtful: the CRM may have got it. */
int activity_defer(struct store *s, int64_t id, int64_t not_before, bool is_doubtful,
	struct err *e) NODISCARD;

/* ---- entries of the CRM -----------------------------------------------------------------------*/

struct entry_in {
	const char *crm_id, *type, *subject, *body, *by, *message_id;
	const char *contact_crm_id, *partner_crm_id, *lead_crm_id;
	enum entry_kind kind;
	bool has_direction, is_out;
	int64_t at;
	const char *status, *deal_crm_id; /* NULL = none */
	bool tells_deal;                  /* false: the CRM knows no deal of it; ours stays */
	int64_t duration_min, due_at;     /* 0 = none */
};
/* As the pages of contact.h. One of ours that the CRM shows is thereby logged, whoever wrote it;
 * one that is as it was costs a look. */
int entry_put(struct store *s, struct put_page *p, const struct entry_in *v, size_t n,
	struct err *e) NODISCARD;
/* The CRM's ids of tasks that are not done as far as is known here, those due first. */
int entry_open_tasks(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	const char *const **out, size_t *n, struct err *e) NODISCARD;

#endif
