/*
 * relay_join.h - making an account send through a relay: the relay is let into the mailbox where
 * nobody has done so yet, and the mailbox is known to be the account's own; then, and what is
 * remembered of it. Blocks for as long as the person takes; worker threads and the command line.
 */
#ifndef CRMAIL_SYNC_RELAY_JOIN_H
#define CRMAIL_SYNC_RELAY_JOIN_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct clock_src;
struct net_cancel;
struct oauth_prompt;
struct secret;
struct store;

struct relay_join { /* borrowed for the call */
	const char *url, *user;
	const struct secret *key;
	int64_t account;
	const char *email, *ca; /* of the account; ca NULL = none */
	int port, paste_fd;     /* of the listener (oauth.h); 0 = any, -1 = none */
	/* Called where the person has to let it in. */
	void (*prompt)(void *ctx, const struct oauth_prompt *what);
	void *ctx;
	struct net_cancel *cancel;
	const struct clock_src *clock;
	int deadline_ms;
};
/* ERR_AUTH: the key is wrong, or the mailbox another one. */
int relay_join(const struct relay_join *j, struct err *e) NODISCARD;

/* The settings of it, all at once as far as whoever sends can see; url NULL = no relay any more.
 * key: the entry of the saved key, or else the command that prints it. */
struct relay_settings {
	const char *url, *user, *key, *key_command;
};
int relay_keep(struct store *s, int64_t account, const struct relay_settings *v,
	struct err *e) NODISCARD;

#endif
