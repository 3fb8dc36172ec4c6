/*
 * keyring.h - secrets in the desktop's keyring (the Secret Service, by libsecret) [R4]. For the
 * auth helper alone. Each call runs in a process of its own that loads the library, asks one thing
 * and ends: a service that does not answer, or shows a question to somebody who is not there,
 * cannot be interrupted otherwise, and what the library leaks goes with it. So each has a deadline,
 * after which that process is killed.
 *
 * Every call looks first where the entry lies and whether that is locked, for a new one at the
 * default collection; nothing but UNLOCK lets the desktop ask the person anything. Several
 * collections may hold a copy: the newest open one counts, and is replaced where it lies. Blocking;
 * one thread per process.
 */
#ifndef CRMAIL_NET_KEYRING_H
#define CRMAIL_NET_KEYRING_H

#include <stdbool.h>

#include "crmail/base/attrs.h"

#include "vault.h"

struct secret;

#define KEYRING_MS 5000          /* of a call */
#define KEYRING_PROMPT_MS 60000  /* of a question to the person */
#define KEYRING_VALUE_MAX 65536U /* bytes of a secret */

enum keyring_op {
	KEYRING_PROBE,
	KEYRING_GET,
	KEYRING_PUT,
	KEYRING_ERASE,
	KEYRING_LIST,
	KEYRING_UNLOCK
};

struct keyring_call { /* borrowed */
	enum keyring_op op;
	const char *name;           /* entry.h; NULL with LIST and UNLOCK, and PROBE of a new one */
	const struct secret *value; /* of PUT */
	int deadline_ms;
	int watch_fd; /* whose end of file ends the call, too; -1 = none */
};

/* PROBE: VAULT_OK, VAULT_NO_KEYRING, VAULT_KEYRING_LOCKED or VAULT_KEYRING_SLOW. GET and LIST
 * (the names of all of crmail's, a line each) write *out on VAULT_OK; NULL with the others. LIST is
 * VAULT_KEYRING_LOCKED where one of them is; that there are none it can tell of a locked keyring,
 * too. PUT
 * replaces what has that name; erasing what is not there is fine. UNLOCK: VAULT_KEYRING_SHUT where
 * nobody answered the question, or it cannot be shown. */
enum vault_status keyring_run(const struct keyring_call *c, struct secret *out) NODISCARD;

/* Whether a session bus is there to be asked at all; looks at the environment alone. */
bool keyring_has_bus(void);

/* keyring_call.c: the call itself, in the process that ends with it. */
enum vault_status keyring_do(const struct keyring_call *c, struct secret *out) NODISCARD;

#endif
