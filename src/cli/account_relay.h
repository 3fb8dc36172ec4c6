/* account_relay.h - `crmail account relay`: sending through a relay. */
#ifndef CRMAIL_CLI_ACCOUNT_RELAY_H
#define CRMAIL_CLI_ACCOUNT_RELAY_H

#include <stdbool.h>

struct cli;

struct account_relay { /* borrowed for the call; NULL = not given */
	const char *name, *url, *user, *key_command, *key_fd, *port;
	bool is_off; /* mail goes out as before */
};
int account_relay(struct cli *c, const struct account_relay *r); /* exit code */
/* Erases a saved key; says so where that fails. NULL = there is none. */
void account_relay_forget(struct cli *c, const char *entry);

#endif
