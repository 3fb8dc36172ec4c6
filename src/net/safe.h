/*
 * safe.h - a secret by its name, wherever that says it lies (entry.h): in the keyring, or in the
 * encrypted file. For the auth helper alone; blocking, at most KEYRING_MS for the keyring.
 */
#ifndef CRMAIL_NET_SAFE_H
#define CRMAIL_NET_SAFE_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "vault.h"

/* Of a file whose key is not set: VAULT_LOCKED. */
enum vault_status safe_get(const char *path, const struct vault_key *k, const char *name,
	struct secret *out) NODISCARD;
enum vault_status safe_put(const char *path, const struct vault_key *k, const char *name,
	const struct secret *value) NODISCARD; /* value NULL erases */

/* Forgets NAME and, of a grant, NAME.refresh and NAME.access. */
enum vault_status safe_drop(const char *path, const struct vault_key *k,
	const char *name) NODISCARD;
/* Whether the keyring that the entry lies in, or would go into, is open. */
enum vault_status safe_probe_keyring(const char *name) NODISCARD;
/* The names of all of crmail's in the keyring, whichever data folder they belong to, a line
 * each. */
enum vault_status safe_list_keyring(struct secret *out) NODISCARD;

/* Whether the status is of the keyring, which *e then says in words. */
bool safe_is_keyring(enum vault_status st, struct err *e);

#endif
