/*
 * engine.h (private) - one connected CRM inside: what is signed in, and the one way a request of
 * the profile becomes an answer.
 */
#ifndef CRMAIL_SRC_CRM_ENGINE_H
#define CRMAIL_SRC_CRM_ENGINE_H

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/crm/crm.h"

#include "profile.h"
#include "template.h"

#define CRM_MAX_ANSWER JSON_MAX_BYTES
#define CRM_MAX_REQUEST ((size_t)4 << 20)
#define CRM_MAX_TOKEN ((size_t)16 << 10)

struct crm {
	const struct crm_profile *profile;
	struct crm_env env;
	struct arena kept;        /* config, identity */
	const struct var *config; /* "config.url", ... */
	size_t n_config;
	struct buf token;    /* access token; wiped */
	int64_t token_until; /* seconds UTC, 0 = not known */
	struct buf jwt_sub;  /* of the token; "" = none */
	struct crm_identity identity;
	const char *wanted_organization; /* from the settings; NULL = whatever the CRM says */
	bool hide_secrets;               /* crm_show_requests */
	int64_t next_request_ms;         /* monotonic; not before, by the profile's rate */
};

/* Renders a request of the profile. What it holds is wiped by built_release(). */
struct built {
	struct crm_request rq;
	struct buf url, body;
	struct arena arena;
	struct buf header_text;
	struct crm_header headers[16];
};
int request_build(const struct crm *c, const cJSON *request, const cJSON *auth_header,
	const struct var_scope *scope, struct built *out, struct err *e) NODISCARD;
void built_release(struct built *b);
void wipe_buf(struct buf *b); /* zeroes, then releases */

/* Signs in when no valid token is there. auth.c */
int auth_ensure(struct crm *c, struct err *e) NODISCARD;
void auth_forget(struct crm *c);

/* One request with sign-in, one more try after a 401, errors mapped. *json gets the answer (NULL
 * for an empty one); caller frees. call.c */
int crm_call(struct crm *c, const cJSON *request, const struct var_scope *scope, cJSON **json,
	struct err *e) NODISCARD;
/* Sends as it is, without sign-in: for the sign-in itself. *status is set on 0. */
int crm_send(struct crm *c, const struct built *b, struct buf *body, int *status,
	int64_t *retry_after_ms, struct err *e) NODISCARD;
/* Whether the body is something that no API says: then another than the CRM has answered. */
bool crm_is_page(const struct buf *body);
/* Turns an answer that is not 2xx into *e. */
int crm_refusal(const struct crm *c, int status, int64_t retry_after_ms, const struct buf *body,
	struct err *e);

/* What every request may use: config, token, identity. `space` has room for SCOPE_COMMON. */
#define SCOPE_COMMON 4
struct var_scope scope_common(const struct crm *c, struct var *space, struct var_scope *config);

/* record.c */
bool record_read(const struct profile_object *po, const cJSON *j, struct arena *a,
	struct crm_record *out);
const char *record_text(struct arena *a, const cJSON *value); /* scalar as text; NULL = none */

/* steps.c: one write. Set c, what, a, attempt; run_add() its values; run_perform(). */
#define RUN_MAX_ITEM 16
#define RUN_MAX_CAPTURED 16
struct run {
	struct crm *c;
	const struct profile_steps *what;
	struct arena *a;
	const struct crm_attempt *attempt;
	struct var v[RUN_MAX_ITEM + RUN_MAX_CAPTURED];
	size_t n;
	size_t n_item; /* v[n_item...n) are captured */
	size_t step;   /* next step */
	const char *crm_id;
};
void run_add(struct run *r, const char *name, const char *text); /* NULL = absent; borrowed */
/* *crm_id NULL: everything was sent, and the CRM does not show what was written. */
int run_perform(struct run *r, const char **crm_id, struct err *e) NODISCARD;
int run_not_shown(struct err *e);

/* jwt.c: the "sub" of a token, unverified, appended to out; nothing when it is no JWT. */
void jwt_subject(const char *token, size_t len, struct buf *out);

#endif
