/*
 * grant.h - the helper's side of signing in with tokens: getting them, keeping them in the encrypted
 * file, renewing and revoking them. Blocking; in a process of its own for each job, so that a server
 * that does not answer holds up nobody. Private to src/net.
 *
 * Two entries belong to a grant NAME: "NAME.refresh" holds the refresh token and where it may be
 * sent (nothing else than what was said when it was given), "NAME.access" the access token and its
 * end. A rotated refresh token is on the disk before the access token that came with it is handed
 * on; and whoever renews holds a lock meanwhile, so that no refresh token is ever used twice.
 */
#ifndef CRMAIL_NET_GRANT_H
#define CRMAIL_NET_GRANT_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct buf;
struct clock_src;
struct secret;
struct vault_key;

struct grant_place {      /* borrowed */
	const char *path; /* of the encrypted file */
	const struct vault_key *key;
	const struct clock_src *clock;
};

/*
 * Posts a form to the token endpoint and keeps what comes. `request` is JSON: token, client_id,
 * scope, and where there are any revoke, userinfo, client_secret, ca; form: an object of the further
 * fields (grant_type, code, ...). On 0 `out` is JSON: email, where the provider names one; and said:
 * the error word, instead of an error, where it is one of those a device flow waits with.
 */
int grant_get(const struct grant_place *g, const char *name, const char *request, struct buf *out,
	struct err *e) NODISCARD;
/* Asks for a code to type elsewhere; the answer of the provider, as it is (RFC 8628 3.2). */
int grant_device(const char *request, struct buf *out, struct err *e) NODISCARD;
/* An access token that holds for a while yet, renewed where needed. refused: a token that the server
 * did not take, NULL = none. ERR_AUTH: the person has to sign in again. */
int grant_token(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e) NODISCARD;
/* Tells the provider, and forgets both entries in any case. */
int grant_revoke(const struct grant_place *g, const char *name, struct err *e) NODISCARD;

#endif
