/* crm_match.h - the words of `crmail crm` that are about matching. Main thread. */
#ifndef CRMAIL_CLI_CRM_MATCH_H
#define CRMAIL_CLI_CRM_MATCH_H

#include <stdbool.h>

struct cli;

bool cli_crm_is_match(const char *word);
int cli_crm_match(struct cli *c, int argc, char **argv); /* argv[1] is that word */

#endif
