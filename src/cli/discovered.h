/* discovered.h - what discovery finds for an address, for verbs. Main thread; blocks for
 * seconds. */
#ifndef CRMAIL_CLI_DISCOVERED_H
#define CRMAIL_CLI_DISCOVERED_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/offer.h"
#include "crmail/cli/cli.h"

struct discovered_wish {
	const char *email;
	bool is_sure;    /* the person has agreed, or types the password after having read where it
			  * goes */
	bool has_client; /* a client id is given for whatever provider it is */
};
/* The way to be taken, after saying on c->err what was found; ERR_NOTFOUND with words when nothing
 * was, ERR_USAGE for servers that a stranger named and nobody is sure of. */
int discovered_choose(struct cli *c, const struct discovered_wish *w, struct offer *out,
	struct err *e) NODISCARD;

#endif
