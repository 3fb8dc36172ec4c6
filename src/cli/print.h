/* print.h - writing JSON documents, and read handles for one verb. Main thread. */
#ifndef CRMAIL_CLI_PRINT_H
#define CRMAIL_CLI_PRINT_H

#include <cjson/cJSON.h>

#include "crmail/cli/cli.h"

struct store_reader;

/* Prints the document and a line end; takes ownership of `doc`. CLI_OK or CLI_FAILED. */
int cli_print_json(struct cli *c, cJSON *doc);
/* Opens the store and a reader, or prints why not. CLI_OK or the exit code. */
int cli_open_reader(struct cli *c, struct store_reader **out) NODISCARD;

#endif
