/*
 * helper.h - what the two sides of the auth helper agree on, and starting it. The helper is this
 * same binary, `crmail --auth-helper`, with a socket
 * to it, a pipe back, and nothing in argv or environment.
 *
 * A message is its length (4 bytes, big-endian, at most HELPER_MAX) and as many bytes. A request
 * begins with its op, followed by fields: length (4 bytes), bytes.
 *	HELPER_COMMAND  command         runs it; its output is the answer, unframed, and its exit
 *	                                status the helper's
 *	HELPER_FILE     path            the encrypted file that is meant; before anything below
 *	HELPER_UNLOCK   pass            opens it
 *	HELPER_GET      name            answer: status, value
 *	HELPER_PUT      name, value
 *	HELPER_ERASE    name
 *	HELPER_BRANCH   -               followed by one byte that carries a socket: a copy of the
 *	                                helper serves it, for one long job; no answer
 * of a branch, with the same answers, and also GET, PUT and ERASE of what lies in the keyring:
 *	HELPER_PROBE    name or nothing answer: the keyring's status, for that entry or a new one
 *	HELPER_KEYRING  -               lets the keyring ask the person; given up when nobody waits
 *	HELPER_DROP     name            forgets an entry, or a grant (safe.h)
 * and of a branch, which ends with its job whether anybody waits for it or not (grant.h):
 *	HELPER_GRANT    name, request
 *	HELPER_DEVICE   request
 *	HELPER_TOKEN    name, refused token or nothing
 *	HELPER_REVOKE   name
 *	HELPER_SWEEP    the names that are kept
 *	HELPER_COPY     from, to        an entry, or a grant, under another name
 * Names say whether the file or the keyring is meant (crmail/base/entry.h).
 * An answer is one byte, enum vault_status, then errno (4 bytes), then the value; with VAULT_IO of
 * a branch the value is the error (helper_add_err()). The helper ends with its input.
 */
#ifndef CRMAIL_NET_HELPER_H
#define CRMAIL_NET_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "vault.h"

#define HELPER_MAX ((size_t)128 << 10)
#define HELPER_FIELDS 2
#define HELPER_TURN_S 600 /* a branch waits that long for its turn, */
#define HELPER_JOB_S 90   /* and its job is over after that */

enum helper_op {
	HELPER_COMMAND = 'c',
	HELPER_FILE = 'f',
	HELPER_UNLOCK = 'u',
	HELPER_GET = 'g',
	HELPER_PUT = 'p',
	HELPER_ERASE = 'e',
	HELPER_PROBE = 'k',
	HELPER_KEYRING = 'K',
	HELPER_COPY = 'y',
	HELPER_DROP = 'x',
	HELPER_BRANCH = 'b',
	HELPER_GRANT = 'o',
	HELPER_DEVICE = 'd',
	HELPER_TOKEN = 't',
	HELPER_REVOKE = 'r',
	HELPER_SWEEP = 's'
};

struct helper_field { /* borrowed */
	const char *p;
	size_t len;
};

struct helper_child {
	pid_t pid;
	int to, from; /* our ends: a socket and a pipe */
};

struct buf;
struct net_cancel;
struct secret;
struct secret_store;

int helper_start(const char *program, struct helper_child *c, struct err *e) NODISCARD;
/* Closes the pipes and waits; returns the wait status. */
int helper_end(struct helper_child *c, int sig /* 0 = it ends by itself */);
/* One request in one write; -1 when the helper does not listen. */
int helper_ask(const struct helper_child *c, enum helper_op op, const struct helper_field *f,
	size_t n) NODISCARD;
/* A socket for a branch: the caller's end, which it closes, and the branch's, which goes away by
 * helper_branch(), whatever becomes of that; -1: the helper does not listen any more. */
int helper_branch_socket(int *ours, int *theirs, struct err *e) NODISCARD;
int helper_branch(const struct helper_child *c, int theirs) NODISCARD;
/* The same of a store's helper, for what the entry of that name needs (NULL = the keyring alone).
 * ERR_AUTH: the file is meant, and locked. */
int secret_store_branch(struct secret_store *s, const char *name, int *fd, struct err *e) NODISCARD;

/* secret_store.c, for the others of that name: what an answer says about the keyring, and in
 * words. */
void secret_store_note_keyring(struct secret_store *s, enum vault_status st);
int secret_store_say(const struct secret_store *s, enum vault_status st, int sys, struct err *e);

/* secret_keyring.c: asks a branch for what lies in the keyring, or for its state. */
int secret_store_ask_of_keyring(struct secret_store *s, enum helper_op op,
	const struct helper_field *f, size_t n, struct secret *value, struct err *e) NODISCARD;

/* secret_grant.c: what a branch answers. -1: it broke off, came too late, or `cancel`. */
int helper_read_answer(int fd, struct net_cancel *cancel, enum vault_status *st, int *sys,
	struct secret *value, struct err *e) NODISCARD;

/* An error on its way between the two. */
void helper_add_err(struct secret *out, const struct err *e);
int helper_read_err(const struct secret *in, struct err *e); /* returns -1 */

/* The helper's side of a job (helper_grant.c); the value, or the error. */
struct vault_key;
bool helper_do_grant(const char *path, const struct vault_key *key, enum helper_op op,
	char *const *fields, struct secret *value);

/* helper.c: on the helper's own way back. False: nobody is there. */
bool helper_answer(enum vault_status st, int sys, const struct secret *value);

void helper_put_u32(unsigned char *p, uint32_t v);
uint32_t helper_get_u32(const unsigned char *p);

#endif
