/*
 * cli.c - what all verbs share: finding a verb, saying what failed, usage lines.
 */
#include "config.h"

#include "crmail/cli/cli.h"

#include <string.h>

#include "crmail/base/i18n.h"

const struct cli_verb *cli_verb_find(const char *name)
{
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

int cli_fail(struct cli *c, const struct err *e)
{
	fprintf(c->err, "crmail: %s\n", e->msg);
	if (e->code == ERR_USAGE)
		return CLI_USAGE;
	if (e->code == ERR_NOTFOUND)
		return CLI_NOT_FOUND;
	return CLI_FAILED;
}

int cli_usage(struct cli *c, const struct cli_verb *v, const char *why)
{
	if (why)
		fprintf(c->err, "crmail: %s\n", why);
	fprintf(c->err, _("Usage: crmail %s %s\n"), v->name, _(v->usage));
	return CLI_USAGE;
}
