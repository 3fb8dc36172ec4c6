/* print.c - JSON documents to standard output. */
#include "config.h"

#include "print.h"

#include <stdlib.h>

#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"

int cli_print_json(struct cli *c, cJSON *doc)
{
	CLEANUP(free_str) char *text = json_print(doc);
	cJSON_Delete(doc);
	if (fprintf(c->out, "%s\n", text) < 0 || fflush(c->out)) {
		fprintf(c->err, _("crmail: the output could not be written.\n"));
		return CLI_FAILED;
	}
	return CLI_OK;
}
