/*
 * secret.h - passwords and tokens in memory, and asking the auth helper for them [R4].
 *
 * Secrets live in struct secret only: not printable, wiped on release, never in argv, environment,
 * SQL or logs. They are obtained by a child of this same binary (`crmail --auth-helper`,
 * posix_spawn, pipes, deadline): the long-lived process never runs a password command itself, nor
 * reads the encrypted file or the keyring, nor keeps its passphrase or key. Calls block at most
 * their deadline.
 */
#ifndef CRMAIL_SECRET_H
#define CRMAIL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct secret {
	char *p; /* NULL = none; ended by 0 */
	size_t len;
};

#define SECRET_INIT ((struct secret){.p = NULL})
void secret_set(struct secret *s, const char *p, size_t len); /* copies; wipes the old one */
void secret_release(struct secret *s);                        /* wipes and frees */

void secret_wipe(char *p, size_t len); /* overwrites bytes that lie elsewhere, in a buf */

/* Where a secret comes from. Exactly one member is set. */
struct secret_source {
	const char *command; /* run by /bin/sh in the helper; first line of its output */
};

struct secret_helper {       /* how to start the helper; borrowed */
	const char *program; /* path of this binary */
	int deadline_ms;     /* 0 = 30000 */
	int cancel_fd;       /* readable = give up; -1 = none */
};

/* ERR_AUTH when the command fails or prints nothing (its exit status is in the sentence, its
 * output never), ERR_CANCELLED at the deadline or on cancel. */
int secret_ask(const struct secret_helper *h, const struct secret_source *src, struct secret *out,
	struct err *e) NODISCARD;

struct net_cancel;

/* The encrypted file of secrets (vault.h has its layout). The passphrase is given once; from then
 * on a helper holds the key made from it, until secret_store_free() or the end of this process.
 * Locked inside: any thread; no call waits on the network. */
struct secret_store;
enum secret_store_state {
	SECRET_STORE_NONE,   /* there is no file yet: the first passphrase given makes it */
	SECRET_STORE_LOCKED, /* there is one, and no passphrase was given */
	SECRET_STORE_OPEN
};

/* Strings are copied. Starts nothing. */
struct secret_store *secret_store_new(const char *program, const char *path);
void secret_store_free(struct secret_store *s); /* NULL is fine; the helper ends */
enum secret_store_state secret_store_state(struct secret_store *s); /* waits for nobody */
/* ERR_AUTH: wrong passphrase; ERR_PARSE: the file is damaged. Takes about half a second. */
int secret_store_unlock(struct secret_store *s, const struct secret *pass, struct err *e) NODISCARD;
/* ERR_AUTH: locked, or there is no secret of that name. */
int secret_store_get(struct secret_store *s, const char *name, struct secret *out,
	struct err *e) NODISCARD;
int secret_store_put(struct secret_store *s, const char *name, const struct secret *value,
	struct err *e) NODISCARD;
int secret_store_erase(struct secret_store *s, const char *name, struct err *e) NODISCARD;

/* Whether the named secret can be reached: for the file, if it is open. Waits for nobody. */
bool secret_store_is_open(struct secret_store *s, const char *name);

/* ---- The keyring of the desktop (src/net/keyring.h) ---------------------------------------------
 * A name says where its secret lies (crmail/base/entry.h); the calls above take either. What lies
 * in the keyring needs no passphrase; while it is locked, absent or silent they give ERR_IO after 5
 * s at most, and nobody is asked anything. */
enum secret_keyring {
	SECRET_KEYRING_UNKNOWN, /* not asked yet */
	SECRET_KEYRING_NONE,    /* none runs, or it was never set up */
	SECRET_KEYRING_LOCKED,
	SECRET_KEYRING_SLOW, /* it does not answer */
	SECRET_KEYRING_OPEN
};

/* Whether new secrets go there where there is one; they do not until this is called. */
void secret_store_take_keyring(struct secret_store *s, bool takes);
enum secret_keyring secret_store_keyring(struct secret_store
		*s); /* as last seen; waits for nobody */
enum secret_keyring secret_store_ask_keyring(struct secret_store *s);
bool secret_store_saves_in_keyring(struct secret_store *s); /* by that; waits for nobody */
/* Before work with the named secret, NULL = a new one: 0 with what is to be typed first, or says
 * why the keyring that is meant cannot be used. Asks it. */
int secret_store_check(struct secret_store *s, const char *name, bool *needs_passphrase,
	struct err *e) NODISCARD;
/* The desktop asks for its password in a window of its own, for a minute at most. Only when the
 * person said so. */
int secret_store_unlock_keyring(struct secret_store *s, struct net_cancel *cancel,
	struct err *e) NODISCARD;
/* Brings a secret, or a grant, from one name to another. When the copies were read back, `adopt`
 * makes the new name the one that counts, and only then the old ones are forgotten; meanwhile
 * nobody renews the grant. When adopt fails, the old name counts as before. */
int secret_store_move(struct secret_store *s, const char *from, const char *to,
	int (*adopt)(void *ctx, const char *to, struct err *e), void *ctx, struct err *e) NODISCARD;

/* ---- Grants: sign-ins that are kept as tokens (oauth.h) -----------------------------------------
 * Each call is a job in a process of its own beside the helper: it holds up nobody else, and goes
 * to its end, bounded, when this side gives up. No refresh token ever comes to this side. ERR_AUTH
 * also: the store is locked; ERR_CANCELLED by `cancel` (NULL = cannot be) or after 75 s. */
struct buf;

/* request and answer: grant_get() and grant_device() in src/net/grant.h. */
int secret_store_grant(struct secret_store *s, const char *name, const char *request,
	struct net_cancel *cancel, struct buf *out, struct err *e) NODISCARD;
int secret_store_device(struct secret_store *s, const char *request, struct net_cancel *cancel,
	struct buf *out, struct err *e) NODISCARD;
/* An access token that holds for a while, renewed where needed: never twice at once, whichever
 * process asks. refused: one that the server did not take; NULL = none. ERR_AUTH: sign in again. */
int secret_store_token(struct secret_store *s, const char *name, const char *refused,
	struct net_cancel *cancel, struct secret *out, struct err *e) NODISCARD;
/* Takes it back at the provider, unless another saved one might go with it (src/net/grant.h), and
 * forgets it, or the password of that name, whatever the provider says. On an error that
 * secret_store_has_left() knows of, its place could not be reached; else it is the provider's. */
int secret_store_revoke(struct secret_store *s, const char *name, struct net_cancel *cancel,
	struct err *e) NODISCARD;

/* Notes, durably, that the secret may be left behind with nobody to name it: before it is saved for
 * a row that is not written yet, and (goes) before the row that names it goes. The note goes with
 * the secret, or when it has been kept for an hour. Any thread; waits for no helper. */
int secret_store_note(struct secret_store *s, const char *name, bool goes, struct err *e) NODISCARD;
bool secret_store_has_left(struct secret_store *s, const char *name); /* NULL = any */
/* Ends, beside whatever the caller does, what is left behind: of all that is noted, and of all
 * grants that have lain in the open file for an hour, what is not among `kept`, a line for each.
 * Does not wait. */
int secret_store_sweep(struct secret_store *s, const char *kept, struct err *e) NODISCARD;

/* The helper's side: reads requests from fd 0, answers on fd 1, returns the exit status. */
int secret_helper_main(void);

#endif
