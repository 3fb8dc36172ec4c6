/*
 * args.h - a verb's options: "--name VALUE", "--name=VALUE", flags, repeated ones, and the words
 * that are left ("-word" is one: there are no short options, and a search may begin with "-").
 * Everything is borrowed from argv. Main thread.
 */
#ifndef CRMAIL_CLI_ARGS_H
#define CRMAIL_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#define CLI_LIST_MAX 256

struct cli_list { /* in the order given */
	const char *v[CLI_LIST_MAX];
	size_t n;
};

struct cli_arg {               /* exactly one target is set; a row with name NULL ends the table */
	const char *name;      /* "--email" */
	const char **value;    /* last one wins */
	bool *flag;            /* takes no value */
	struct cli_list *list; /* collects */
};

/* argv[0] is the verb. `rest` may be NULL: then a bare word is an error. "--" ends options.
 * ERR_USAGE with one sentence. */
int cli_args_parse(int argc, char **argv, const struct cli_arg *table, struct cli_list *rest,
	struct err *e) NODISCARD;
/* "KEY=VALUE" into the two halves; key is copied to `key` (cut at size). False without "=". */
bool cli_split_setting(const char *text, char *key, size_t size, const char **value) NODISCARD;

#endif
