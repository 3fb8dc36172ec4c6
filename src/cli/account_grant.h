/* account_grant.h - signing in at a provider from the command line, for `crmail account`. */
#ifndef CRMAIL_CLI_ACCOUNT_GRANT_H
#define CRMAIL_CLI_ACCOUNT_GRANT_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/sync/desk.h"

struct cli;
struct oauth_prompt;
struct oauth_provider;

struct account_asking {
	struct cli *c;
	bool can_paste; /* an address may be pasted to standard input */
};
/* Opens the browser, prints and copies the address or the code; `ctx` is a struct
 * account_asking. */
void account_grant_prompt(void *ctx, const struct oauth_prompt *p);

struct account_grant { /* borrowed for the call */
	const struct oauth_provider *provider;
	bool by_device;
	const char *port;           /* of the redirect; NULL = any */
	struct account_trial trial; /* names and servers; the rest is filled in */
};
/* Opens the saved passwords, asks the person to sign in, and tries the servers. */
int account_grant_obtain(struct cli *c, const struct account_grant *g, char entry[DESK_SECRET_NAME],
	struct err *e) NODISCARD;
/* `crmail account sign-in NAME`: exit code. has_contacts: for the address book, too, from now
 * on. */
int account_grant_again(struct cli *c, const char *name, bool by_device, const char *port,
	bool has_contacts);

#endif
