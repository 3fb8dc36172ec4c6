/* argv.h - a configured command as a list of arguments, without a shell. Any thread. */
#ifndef CRMAIL_ARGV_H
#define CRMAIL_ARGV_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"

struct argv {
	char **v; /* NULL-ended */
	size_t n;
};

/* Splits at blanks outside quotes: '...' keeps everything, "..." and the bare text know \ before a
 * character. Nothing is expanded. False when a quote is left open or there is no word. */
bool argv_split(const char *command, struct argv *out) NODISCARD;
void argv_add(struct argv *a, const char *word); /* copies */
void argv_release(struct argv *a);

#endif
