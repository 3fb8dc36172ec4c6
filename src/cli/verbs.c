/*
 * verbs.c - the table of verbs; each is a file of its own in this folder.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"

const struct cli_verb cli_verbs[] = {
	{NULL, NULL, NULL, NULL},
};
