/*
 * grant.h - the helper's side of signing in with tokens: getting them, keeping them in the
 * encrypted file, renewing and revoking them. Blocking; in a process of its own for each job, so
 * that a server that does not answer holds up nobody. Private to src/net.
 *
 * Two entries belong to a grant NAME: "NAME.refresh" holds the refresh token and where it may be
 * sent (nothing else than what was said when it was given), "NAME.access" the access token and its
 * end. A rotated refresh token is on the disk before the access token that came with it is handed
 * on; that it can be written is proved before the old one is spent; and whoever gets, renews or
 * ends a grant holds a lock meanwhile, so that no refresh token is ever used twice, and none is
 * saved after its grant was given up.
 *
 * Some providers (Google) know no single grants, only what a person lets a client do: taking one
 * back ends them all. So one is taken back there only when no other one in the file is of the same
 * client and, as far as that is known, the same person.
 */
#ifndef CRMAIL_NET_GRANT_H
#define CRMAIL_NET_GRANT_H

#include <stdbool.h>

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
	void (*begun)(void);     /* the turn has come: what follows is the job; NULL = no matter */
	bool (*is_wanted)(void); /* whoever asked waits yet; NULL = always */
	/* A new token cannot be saved: whoever asked is to be told why, and waits no more; the job
	 * goes on until it can. NULL = it does not. */
	void (*go_on)(const struct err *why);
};

/*
 * Posts a form to the token endpoint and keeps what comes. `request` is JSON: token, client_id,
 * scope, and where there are any revoke, userinfo, client_secret, ca; form: an object of the
 * further fields (grant_type, code, ...). On 0 `out` is JSON: email, where the provider names one;
 * and said: the error word, instead of an error, where it is one of those a device flow waits with.
 */
int grant_get(const struct grant_place *g, const char *name, const char *request, struct buf *out,
	struct err *e) NODISCARD;
/* Asks for a code to type elsewhere; the answer of the provider, as it is (RFC 8628 3.2). */
int grant_device(const char *request, struct buf *out, struct err *e) NODISCARD;
/* Brings a password or a grant from one name to another and reads the copies back; the old ones
 * stay. Nobody renews the grant from here on until this process ends. */
int grant_copy(const struct grant_place *g, const char *from, const char *to,
	struct err *e) NODISCARD;
/* An access token that holds for a while yet, renewed where needed. refused: a token that the
 * server did not take, NULL = none; that costs a refresh, but one that was got for this reason is
 * not replaced within ten minutes. ERR_AUTH: the person has to sign in again. ERR_NET, ERR_RATE:
 * only when the token that is there does not hold any more. */
int grant_token(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e) NODISCARD;
/* Tells the provider (see above), and forgets both entries, and a password of that name, whatever
 * it answers; with them goes what is noted of them (left.h). Where it cannot be known whether
 * another one would go, too, all stays for another time. */
int grant_revoke(const struct grant_place *g, const char *name, struct err *e) NODISCARD;
/* The same for each that `kept`, a line for each name, does not hold: what has lain in the open
 * file for an hour, of sign-ins that were given up half-way, and what is noted, wherever it lies
 * and can be reached. A copy of what is kept in the other place is forgotten and no more. An error
 * is the last one's. */
int grant_sweep(const struct grant_place *g, const char *kept, struct err *e) NODISCARD;

struct grant_other;
enum grant_told {
	GRANT_TOLD = 0,      /* or there is nothing to tell */
	GRANT_NOT_TOLD = -1, /* the provider did not take it */
	GRANT_NOT_NOW = -2   /* it cannot be known what else would end */
};
/* grant_end.c, for the others of that name. */
enum grant_told grant_tell(const struct grant_place *g, const char *name,
	const struct grant_other *o, const char *refresh, struct err *e) NODISCARD;

#endif
