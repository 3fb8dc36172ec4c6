/* discovered.h - what discovery finds for an address, for verbs. Main thread; blocks for
 * seconds. */
#ifndef CRMAIL_CLI_DISCOVERED_H
#define CRMAIL_CLI_DISCOVERED_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/offer.h"
#include "crmail/cli/cli.h"

/* The way to be taken, after saying on c->err what was found; ERR_NOTFOUND with words when nothing
 * was. is_sure: the person has agreed, or types the password after having read where it goes; else
 * ERR_USAGE for servers that a stranger named. */
int discovered_choose(struct cli *c, const char *email, bool is_sure, struct offer *out,
	struct err *e) NODISCARD;

#endif
