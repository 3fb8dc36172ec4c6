/* print.h - writing JSON documents. Main thread. */
#ifndef CRMAIL_CLI_PRINT_H
#define CRMAIL_CLI_PRINT_H

#include <cjson/cJSON.h>

#include "crmail/cli/cli.h"

/* Prints the document and a line end; takes ownership of `doc`. CLI_OK or CLI_FAILED. */
int cli_print_json(struct cli *c, cJSON *doc);

#endif
