/* print.c - JSON documents to standard output; a reader for a verb. */
#include "config.h"

#include "print.h"

#include <stdlib.h>

#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"

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

int cli_open_reader(struct cli *c, struct store_reader **out)
{
	struct err e = ERR_INIT;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	return store_reader_open(c->store, out, &e) ? cli_fail(c, &e) : CLI_OK;
}
