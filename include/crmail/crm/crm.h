/*
 * crm.h - one CRM behind its profile: sign in, ask who we are, pull pages, log one activity.
 *
 * Calls block, on the CRM's worker; one struct crm belongs to one thread. It knows neither the
 * database nor the screen: the caller gives it HTTP, secrets and a clock, and stores what it
 * answers. Everything a CRM answers is bounded and read as hostile.
 *
 * Errors: ERR_AUTH sign in again (scope ACCOUNT); ERR_RATE with after_ms; ERR_NET, ERR_TLS from
 * below; ERR_PROTO with RETRY_LATER for 5xx, answers that make no
 * sense and answers of something that is not the CRM (a portal, a proxy); with scope ERR_ITEM
 * the CRM refused this one request for good: park it with e.msg as the reason.
 */
#ifndef CRMAIL_CRM_H
#define CRMAIL_CRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct buf;
struct clock_src;
struct crm;
struct crm_profile;

/* ---- what the caller provides ---------------------------------------------------------------- */

struct crm_header {
	const char *name, *value;
};
struct crm_request { /* borrowed for the call */
	const char *method;
	const char *url;
	const struct crm_header *headers;
	size_t n_headers;
	const char *body; /* NULL = none; JSON with Content-Type among the headers */
	size_t body_len;
};
struct crm_response {
	int status;             /* 100..599 */
	struct buf *body;       /* the engine's, with a ceiling: a bigger body sets `failed` */
	int64_t retry_after_ms; /* what the server asked for; -1 = not said */
};
struct crm_http {
	/* One request, one answer. -1 only when there is no answer (ERR_NET, ERR_TLS,
	 * ERR_CANCELLED); whether the server saw the request is then unknown. */
	int (*perform)(void *ctx, const struct crm_request *rq, struct crm_response *rs,
		struct err *e);
	void *ctx;
};
#define CRM_SECRET_REFRESH "refresh_token" /* name of the one secret that the CRM gives */
struct crm_secrets {
	/* Fills `out` with the secret of that name. ERR_NOTFOUND: there is none. */
	int (*get)(void *ctx, const char *name, struct buf *out, struct err *e);
	/* Stores it durably before returning; with len 0 forgets it. ERR_UNSUPPORTED: there is no
	 * place for it now; then, and where put is NULL, the next sign-in takes the password. */
	int (*put)(void *ctx, const char *name, const char *value, size_t len, struct err *e);
	void *ctx;
};
struct crm_config {
	const char *key, *value;
};
struct crm_env {
	struct crm_http http;
	struct crm_secrets secrets;
	const struct clock_src *clock;
	/* Waits that long, or until somebody stops us; NULL = the profile's rate is not kept. */
	void (*pause)(void *ctx, int64_t ms);
	void *pause_ctx;
	const struct crm_config *config; /* "url" and the profile's words; copied */
	size_t n_config;
};

/* The profile is borrowed for the engine's life. ERR_USAGE when a required word is missing. */
int crm_open(struct crm **out, const struct crm_profile *p, const struct crm_env *env,
	struct err *e) NODISCARD;
void crm_close(struct crm *c); /* NULL is allowed */

/* ---- who we are ------------------------------------------------------------------------------ */

struct crm_identity {                /* valid until crm_close */
	const char *organization_id; /* NULL = the CRM has no such thing */
	const char *user_id;
	const char *email;
	const char *role;
};
/* Signs in where needed and asks, each time: rights end while a program runs. A CRM that does not
 * show us ourselves is ERR_AUTH: without a valid token some answer an empty list to everything. */
int crm_whoami(struct crm *c, struct crm_identity *out, struct err *e) NODISCARD;

/* ---- the organisation ------------------------------------------------------------------------ */

/* Whether the profile asks for settings, and has an endpoint for events. */
bool crm_has_settings(const struct crm *c);
bool crm_takes_events(const struct crm *c);
/* What the CRM's organisation has set, by the contract's names ("email_sync_history_days", ...),
 * as the CRM writes it; n == 0: it has set nothing. In the arena. */
int crm_read_settings(struct crm *c, struct arena *a, const struct crm_config **out, size_t *n,
	struct err *e) NODISCARD;
struct crm_event {
	const char *type;                    /* "ce.email.synced" */
	const char *key;                     /* email_message_id: the id of the entry */
	const char *contact_id, *partner_id; /* NULL = none */
	bool is_out;
	int64_t at; /* seconds UTC */
};
/* May reach the CRM more than once; the key tells it which ones are the same. */
int crm_tell(struct crm *c, const struct crm_event *x, struct err *e) NODISCARD;

/* ---- pulling --------------------------------------------------------------------------------- */

enum crm_object {
	CRM_USER,
	CRM_PARTNER,
	CRM_CONTACT,
	CRM_LEAD,
	CRM_DEAL,
	CRM_ACTIVITY,
	CRM_OBJECT_COUNT
};
const char *crm_object_name(enum crm_object o); /* "partner", ...; valid for ever */
bool crm_has(const struct crm *c, enum crm_object o);

struct crm_list {
	const char *const *v;
	size_t n;
};
enum crm_direction { CRM_NO_DIRECTION, CRM_IN, CRM_OUT };
struct crm_record {          /* valid UTF-8, in the arena; NULL = not there */
	const char *id;      /* never NULL */
	const char *updated; /* as the CRM writes it; NULL for users, see crm_pull() */
	const char *name, *first_name, *last_name, *title;
	struct crm_list emails, phones, domains;
	const char *partner_id, *contact_id, *lead_id, *deal_id, *owner_id;
	const char *number, *amount, *currency, *stage, *close_date, *next_step;
	const char *kind, *subject, *body, *description, *at, *by, *message_id;
	const char *status, *due_date, *duration_min; /* of an activity */
	enum crm_direction direction;                 /* of a mail's activity */
	bool tells_deal; /* the profile knows where its deal would stand */
};
struct crm_page {
	const struct crm_record *v;
	size_t n;
	size_t n_bad;       /* records without an id: skipped */
	const char *cursor; /* commit together with the page; never NULL */
	bool more;
};
/* One page after `cursor` (NULL = from the beginning). Records of the last seconds come again in
 * the next pass (overlap): storing must be idempotent. Users, whose changes have no time, come all
 * of them in each pass. Call while `more`. */
int crm_pull(struct crm *c, enum crm_object o, const char *cursor, struct arena *a,
	struct crm_page *out, struct err *e) NODISCARD;
/* A cursor, in the arena, that begins with what is of `t` (seconds UTC). */
const char *crm_cursor_at(struct arena *a, int64_t t);
/* Of a CRM that does not tell when a record was changed: those of so many days are to be read again
 * whenever ids are compared; 0 = no need. */
int crm_again_days(const struct crm *c, enum crm_object o);

/* Which records there are at all: a page of ids after `after` (NULL = the first ones), in the
 * CRM's own order. The listing is complete when a page has no id; only then may what it does not
 * name be taken as deleted. */
struct crm_ids {
	const char *const *v; /* in the arena */
	size_t n;             /* 0 = the end */
};
int crm_list_ids(struct crm *c, enum crm_object o, const char *after, struct arena *a,
	struct crm_ids *out, struct err *e) NODISCARD;
/* How often that is to be done, in days; 0 = the profile cannot list ids. */
int crm_reconcile_days(const struct crm *c, enum crm_object o);

/* ---- logging --------------------------------------------------------------------------------- */

struct crm_log_item {
	const char *key; /* activity id (activity_id.h) */
	bool as_message; /* insert the mail; the CRM makes the activity */
	bool is_out;
	int64_t at;
	const char *subject;                           /* NULL = none */
	const char *body;                              /* NULL = none (level headers) */
	const char *message_id;                        /* without brackets; NULL = none */
	const char *contact_id, *partner_id, *lead_id; /* CRM ids, NULL = none */
	const char *deal_id;
};
/* What is known of earlier attempts at a write; zeroes for the first one. */
struct crm_attempt {
	bool is_doubtful;    /* an earlier attempt may have reached the CRM: look first */
	const char *journal; /* text of an earlier attempt; NULL = none */
	/* Called after a step of several: the caller stores the text durably. May be NULL when the
	 * profile has one step. */
	int (*save)(void *ctx, const char *journal, struct err *e);
	void *ctx;
	bool *may_be_there; /* set to what this attempt learned of is_doubtful; NULL = not asked */
};
/* Writes one entry, once: repeated with the same key it finds the first one. *crm_id is in the
 * arena. */
int crm_log(struct crm *c, struct arena *a, const struct crm_log_item *it,
	const struct crm_attempt *st, const char **crm_id, struct err *e) NODISCARD;

/* Who makes the activity of a mail, as far as it can be seen: the CRM's newest mails are looked at,
 * and whether there are activities for them. Insert the mail where it does itself, the activity
 * where it does not; with both every mail would have two. */
enum crm_maker {
	CRM_MAKER_UNKNOWN, /* the profile cannot look, or there is no mail yet */
	CRM_MAKER_CRM,     /* its mails have activities */
	CRM_MAKER_NOBODY   /* it has mails, and none has one */
};
struct crm_maker_found {
	enum crm_maker maker;
	size_t mails, activities; /* looked at, and found for them */
};
int crm_look_for_maker(struct crm *c, struct crm_maker_found *out, struct err *e) NODISCARD;

/* ---- its web pages --------------------------------------------------------------------------- */

/* Appends the http(s) address of a record's page; nothing where the profile or the person's words
 * know none. No network. */
int crm_web_address(const struct crm *c, enum crm_object o, const char *id, struct buf *out,
	struct err *e) NODISCARD;

/* ---- looking at a profile -------------------------------------------------------------------- */

/* Every request the profile would make, with examples as values and secrets hidden; no network.
 * `show` gets a name like "contact list" and the request. */
typedef void (*crm_show_fn)(void *ctx, const char *what, const struct crm_request *rq);
int crm_show_requests(struct crm *c, crm_show_fn show, void *ctx, struct err *e) NODISCARD;

#endif
