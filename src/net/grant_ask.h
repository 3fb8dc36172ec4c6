/*
 * grant_ask.h - exchanges with a provider's endpoints for tokens (RFC 6749, 7009, 8628). Blocking,
 * in a branch of the helper; private to src/net, for grant.c.
 */
#ifndef CRMAIL_NET_GRANT_ASK_H
#define CRMAIL_NET_GRANT_ASK_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/json.h"

struct buf;
struct http_request;

#define GRANT_ANSWER_MAX ((size_t)256 << 10)
#define GRANT_FORM_MAX ((size_t)64 << 10)
#define GRANT_REQUEST_MS 30000

/* What is known of the other side; borrowed from the JSON it was read from. */
struct grant_other {
	const char *token, *revoke, *userinfo, *client_id, *client_secret, *scope, *ca;
	const char *who; /* whose mailbox, where the provider said; NULL = unknown */
};

struct grant_answer {
	int status;
	cJSON *json; /* NULL where it is none */
	int64_t retry_after_ms;
	char host[256];
};

struct grant_other grant_read_other(const cJSON *j);
void grant_answer_release(struct grant_answer *a); /* for CLEANUP */

/* ERR_NET and the like when no answer came; whatever status it has is 0. */
int grant_exchange(const struct grant_other *o, const struct http_request *rq,
	struct grant_answer *out, struct err *e) NODISCARD;
/* Fields begin with "&" (form.h), which a form does not. */
int grant_post(const struct grant_other *o, const char *url, const struct buf *form,
	struct grant_answer *out, struct err *e) NODISCARD;
/* client_id, and the secret where there is one. */
void grant_add_client(struct buf *form, const struct grant_other *o);
/* The word of RFC 6749 5.2; "" = the answer is no such error. */
const char *grant_error_word(const struct grant_answer *a);
/* A status alone, without a word of the protocol, may be anybody's between here and there: it says
 * nothing about the sign-in. */
int grant_explain(const struct grant_answer *a, struct err *e); /* returns -1 */

#endif
