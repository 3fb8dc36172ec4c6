/*
 * grant.h - connecting an account by signing in at its provider: the sign-in (net/oauth.h), and the
 * test of reading and sending with what came of it, as one act that leaves nothing behind when it
 * fails. Blocks for as long as the person takes; worker threads and the command line.
 */
#ifndef CRMAIL_SYNC_GRANT_H
#define CRMAIL_SYNC_GRANT_H

#include "crmail/net/oauth.h"
#include "crmail/sync/desk.h"

struct store;

struct grant_order { /* borrowed for the call */
	const struct oauth_provider *provider;
	bool by_device;     /* a code on another device instead of the browser here */
	int port, paste_fd; /* oauth.h */
	/* Called once, with what the person has to do. */
	void (*prompt)(void *ctx, const struct oauth_prompt *what);
	void *ctx;
	struct account_trial trial; /* without password; its secrets are where the tokens go */
};
/* On 0 `entry` is the new grant's name, for the settings "secret" and the provider's for
 * "oauth". */
int grant_obtain(const struct grant_order *o, char entry[DESK_SECRET_NAME],
	struct err *e) NODISCARD;

/* Notes that the secret may be left behind (secret_store_note()); NULL = there is none. */
void grant_note(struct secret_store *secrets, const char *entry, bool goes);
/* Ends, beside the caller, what sign-ins that were given up half-way have left among the open saved
 * passwords: every grant that no account names; and what is noted as left behind there or in the
 * keyring. For whoever has just opened them. */
void grant_tidy(struct store *store, struct secret_store *secrets);
/* The same where anything is noted; for whoever has just found the keyring open. */
void grant_tidy_left(struct store *store, struct secret_store *secrets);

#endif
