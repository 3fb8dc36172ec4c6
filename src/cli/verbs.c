/*
 * verbs.c - the table of verbs; each is a file of its own in this folder.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"

const struct cli_verb cli_verbs[] = {
	{"parse", cli_parse, N_("FILE..."), N_("What crmail reads in message files, as JSON.")},
	{"reply", cli_reply, N_("FILE --print [--all] [--from ADDR]"),
		N_("The reply crmail would begin, as a message.")},
	{"show", cli_show, N_("FILE [--width N] [--plain]"), N_("A message file as text.")},
	{NULL, NULL, NULL, NULL},
};
