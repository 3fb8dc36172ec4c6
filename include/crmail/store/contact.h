/*
 * contact.h (store) - CRMs, contacts, partners, deals, links and activities as rows. Writers are
 * the CRM worker (blocking calls) and the user (tickets). Strings of results live in the arena,
 * unsanitised.
 */
#ifndef CRMAIL_STORE_CONTACT_H
#define CRMAIL_STORE_CONTACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/account.h"

struct arena;
struct store;
struct store_reader;

struct crm_row {
	int64_t id;
	const char *name, *profile, *url;
	const char *organization_id; /* ORG of formats.md "Activity id"; NULL until known */
	const char *user_id;         /* who we are in the CRM; NULL until known */
	const char *log_mode;        /* "known" (default), "replies", "everything", "off" */
	const char *log_level;       /* "snippet" (default), "headers", "full" */
	const char *log_side;        /* "activity" (default), "message", "off" */
	int64_t log_since;           /* seconds UTC: nothing older is logged; 0 = all */
	const char *status, *error;  /* status word of formats.md; error NULL = none */
	int64_t last_pull_at;
};
/* NULL words of `c` get the defaults above. ERR_CONFLICT: name taken. Worker calls block until
 * the commit, as everywhere. */
int crm_add(struct store *s, const struct crm_row *c, const struct setting *v, size_t n,
	int64_t *id, struct err *e) NODISCARD;
int crm_list(struct store_reader *r, struct arena *a, struct crm_row **out, size_t *n,
	struct err *e) NODISCARD;
int crm_get(struct store_reader *r, struct arena *a, int64_t id, struct crm_row **out,
	struct err *e) NODISCARD; /* NULL when absent */
const char *crm_setting(struct store_reader *r, struct arena *a, int64_t crm, const char *key);
int crm_settings(struct store_reader *r, struct arena *a, int64_t crm, struct setting **out,
	size_t *n, struct err *e) NODISCARD; /* by key */
/* value NULL = drop it. A listener (`hook`, `events`) that is new is told nothing from before. */
int crm_set(struct store *s, int64_t crm, const char *key, const char *value,
	struct err *e) NODISCARD;
/* status NULL = as it is; error NULL = none; last_pull_at 0 = as it is. Of a CRM that the user
 * paused (crm_setup.h) status and error stay. */
int crm_set_status(struct store *s, int64_t crm, const char *status, const char *error,
	int64_t last_pull_at, struct err *e) NODISCARD;
int crm_set_identity(struct store *s, int64_t crm, const char *organization_id, const char *user_id,
	struct err *e) NODISCARD;
/* The profile engine's position in the pull of an object ("contact", ...); NULL = beginning. */
const char *crm_cursor(struct store_reader *r, struct arena *a, int64_t crm, const char *object);
/* What waits for the CRM and what it refused. */
int crm_counts(struct store_reader *r, int64_t crm, int64_t *queued, int64_t *parked,
	struct err *e) NODISCARD;

/* ---- a page of the CRM's records: worker calls ------------------------------------------------
 * Rows are found again by crm_id; unchanged ones cost a look. The cursor is committed with the
 * page (NULL = leave it). What a new or changed row may have to do with is put into the match
 * queue. Strings are the caller's; a record may come any number of times. */
struct contact_in {
	const char *crm_id; /* NULL: a contact of this machine alone, always added */
	const char *name;   /* NULL: made of the two parts, else of the first address */
	const char *first_name, *last_name, *title;
	const char *const *emails;
	size_t n_emails;
	const char *const *phones;
	size_t n_phones;
	const char *partner_crm_id, *lead_crm_id, *owner_id;
	int64_t updated_at;
};
struct partner_in {
	const char *crm_id, *name;
	const char *const *domains;
	size_t n_domains; /* also as URLs: the host counts */
	int64_t updated_at;
};
struct lead_in {
	const char *crm_id, *name, *addr;
	int64_t updated_at;
};
struct deal_in {
	const char *crm_id, *name, *number, *amount, *currency, *stage, *next_step;
	const char *partner_crm_id, *contact_crm_id, *owner_id;
	int64_t close_at, updated_at;
};
struct user_in { /* somebody who works with the CRM: names for who did what */
	const char *crm_id, *name, *email;
};
struct put_page {
	int64_t crm;
	const char *object; /* for the cursor */
	const char *cursor;
	int64_t n_changed; /* out: rows that are new or differ */
};
int user_put(struct store *s, struct put_page *p, const struct user_in *v, size_t n,
	struct err *e) NODISCARD;
int contact_put(struct store *s, struct put_page *p, const struct contact_in *v, size_t n,
	struct err *e) NODISCARD;
int partner_put(struct store *s, struct put_page *p, const struct partner_in *v, size_t n,
	struct err *e) NODISCARD;
int lead_put(struct store *s, struct put_page *p, const struct lead_in *v, size_t n,
	struct err *e) NODISCARD;
int deal_put(struct store *s, struct put_page *p, const struct deal_in *v, size_t n,
	struct err *e) NODISCARD;

/* ---- reading ----------------------------------------------------------------------------------*/
struct contact_row {
	int64_t id, crm;
	const char *crm_id; /* NULL until the CRM has it */
	const char *name, *first_name, *last_name, *title;
	const char *const *emails;
	size_t n_emails;
	const char *const *phones;
	size_t n_phones;
	int64_t partner;            /* 0 = none */
	const char *partner_crm_id; /* "local:N" before the CRM has it; NULL = none */
	const char *partner_name;
	int64_t updated_at;
	int64_t last_touch_at; /* newest mail or activity; 0 = none */
	int64_t gone_at;       /* not in the CRM any more since; 0 = it is */
};
struct user_row {
	const char *crm_id, *name, *email;
	bool is_me;
};
struct partner_row {
	int64_t id, crm;
	const char *crm_id, *name;
	const char *const *domains;
	size_t n_domains;
	int64_t gone_at; /* not in the CRM any more since; 0 = it is */
};
struct deal_row {
	int64_t id, crm;
	const char *crm_id, *name, *number, *amount, *currency, *stage, *next_step;
	int64_t close_at, partner, contact;
	bool is_open;
};

/* The CRM's users by name, at most `limit`; crm 0 = of all. */
int user_list(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct user_row **out, size_t *n, struct err *e) NODISCARD;
int contact_get(struct store_reader *r, struct arena *a, int64_t id, struct contact_row **out,
	struct err *e) NODISCARD;
/* The contact of an address within the CRM bound to `account`; NULL = unknown. */
int contact_by_address(struct store_reader *r, struct arena *a, int64_t account, const char *addr,
	struct contact_row **out, struct err *e) NODISCARD;
/* By row id, after `after_id`; filter NULL = all, else a part of the name or an address. */
int contact_list(struct store_reader *r, struct arena *a, const char *filter, int64_t after_id,
	size_t limit, struct contact_row **out, size_t *n, struct err *e) NODISCARD;
/* "local:N", or the CRM's id: the row of that name, 0 = none. */
int contact_by_crm_id(struct store_reader *r, const char *id, int64_t *out,
	struct err *e) NODISCARD;
int partner_by_crm_id(struct store_reader *r, const char *id, int64_t *out,
	struct err *e) NODISCARD;
int partner_get(struct store_reader *r, struct arena *a, int64_t id, struct partner_row **out,
	struct err *e) NODISCARD;
/* By name; filter: a part of the name or of a domain. */
int partner_list(struct store_reader *r, struct arena *a, const char *filter, size_t limit,
	struct partner_row **out, size_t *n, struct err *e) NODISCARD;
int deals_of(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	struct deal_row **out, size_t *n, struct err *e) NODISCARD; /* open ones first */

/* The lead that a mail has to do with; 0 = none. */
int lead_of_message(struct store_reader *r, int64_t message, int64_t *out, struct err *e) NODISCARD;

/* The stages that deals of the CRM are in (thousands are looked at), the most frequent first. */
int deal_stages(struct store_reader *r, struct arena *a, int64_t crm, const char ***out, size_t *n,
	struct err *e) NODISCARD;

enum entry_kind { ENTRY_EMAIL, ENTRY_CALL, ENTRY_MEETING, ENTRY_NOTE, ENTRY_TASK, ENTRY_TRACKING };
enum log_state { LOG_LOCAL, LOG_QUEUED, LOG_LOGGED, LOG_PARKED, LOG_NOT };
struct timeline_entry {
	const char *id; /* sorts as text */
	enum entry_kind kind;
	int64_t at;
	bool has_direction, is_out;
	const char *subject, *body;
	const char *message_id;
	int64_t message, thread;       /* 0 = none */
	const char *contact, *partner; /* CRM ids or "local:N" */
	const char *by, *crm_id;
	enum log_state state;
	const char *reason;
};
/* Newest first, ties by id; a mail and its own activity are one entry. Exactly one of contact,
 * partner is not 0. */
int timeline_page(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	const struct timeline_entry *after, size_t limit, struct timeline_entry **out, size_t *n,
	struct err *e) NODISCARD;
/* How a mail stands with the CRM, for the line "logged" and "why not". */
int log_state_of(struct store_reader *r, struct arena *a, int64_t message, enum log_state *out,
	const char **reason, struct err *e) NODISCARD;

#endif
