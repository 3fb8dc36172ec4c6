/*
 * vault.h - the encrypted file of secrets [R4]: names with values, under a key made from a
 * passphrase. Only the auth helper reads and writes it; the long-lived process never sees the key.
 *
 * Layout, numbers big-endian: magic (8), version (4), scrypt log2 N, r, p (4 each), salt (16),
 * nonce (12), check (32: HMAC-SHA256 of all before by half of the derived bytes), sum (32: SHA-256
 * of all before), then AES-256-GCM of the entries by the other half, with all before as additional
 * data, and its tag (16). So a damaged header, a wrong passphrase and a damaged body are told
 * apart. An entry is the length of its name, the name, the length of its value, the value.
 *
 * Every change reads the file again under a lock beside it and replaces the file at once, durably,
 * with a new nonce: several processes may change it. Blocking; one thread at a time per process.
 */
#ifndef CRMAIL_NET_VAULT_H
#define CRMAIL_NET_VAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"

struct secret;

enum vault_status { /* also what the helper answers; numbers are its protocol */
	VAULT_OK,
	VAULT_NO_FILE,
	VAULT_WRONG_PASSPHRASE,
	VAULT_DAMAGED,
	VAULT_NEWER,  /* written by a newer crmail */
	VAULT_LOCKED, /* no passphrase was given yet, or the file was made anew with another one */
	VAULT_NOT_FOUND,
	VAULT_TOO_BIG,
	VAULT_IO, /* errno says why */
	/* of keyring.h, which shares them */
	VAULT_NO_KEYRING, /* none runs, or it has no default collection */
	VAULT_KEYRING_LOCKED,
	VAULT_KEYRING_SLOW, /* no answer by the deadline */
	VAULT_KEYRING_SHUT, /* it was not unlocked when the person was asked */
	VAULT_KEYRING_FAILED,
	VAULT_STATUS_COUNT
};

#define VAULT_SALT 16
#define VAULT_HALF 32

struct vault_key { /* wiped by its owner */
	bool is_set;
	unsigned char seal[VAULT_HALF], check[VAULT_HALF];
	unsigned char salt[VAULT_SALT];
	unsigned log_n, r, p;
};

/* The cost of a passphrase for files made from now on: 128 MiB and about half a second. */
#define VAULT_LOG_N 17

/* Derives the key; makes the file with that cost when there is none. */
enum vault_status vault_unlock(const char *path, const char *pass, size_t len, unsigned log_n,
	struct vault_key *out) NODISCARD;
enum vault_status vault_get(const char *path, const struct vault_key *k, const char *name,
	struct secret *out) NODISCARD;
/* value NULL erases; erasing what is not there is fine. */
enum vault_status vault_put(const char *path, const struct vault_key *k, const char *name,
	const struct secret *value) NODISCARD;
/* Every entry's name: not ended by 0, borrowed for the call. */
enum vault_status vault_list(const char *path, const struct vault_key *k,
	void (*visit)(void *ctx, const char *name, size_t len), void *ctx) NODISCARD;

#endif
