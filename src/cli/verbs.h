/* verbs.h - the functions behind the table of verbs.c. Main thread. */
#ifndef CRMAIL_CLI_VERBS_H
#define CRMAIL_CLI_VERBS_H

#include "crmail/cli/cli.h"

#endif
