/* record.h (private) - the verbs that write into a CRM's records, and their items. Main thread. */
#ifndef CRMAIL_CLI_RECORD_H
#define CRMAIL_CLI_RECORD_H

#include "crmail/cli/cli.h"

#include "crmail/store/book.h"

#include "args.h"

struct record_words {
	struct cli_list rest;
	const char *crm; /* its name; NULL = the only one */
	bool as_json;
};
/* The whole command line of such a verb: words, --crm NAME, --json. */
int record_words_parse(int argc, char **argv, struct record_words *out, struct err *e) NODISCARD;
/* `contact add|edit|log`, from rest.v[0] on. */
int cli_contact_write(struct cli *c, const struct cli_verb *v, const struct record_words *w);
/* `crm items ...`: what waits, is parked or in conflict; `rest` begins with "items". */
int cli_crm_items(struct cli *c, const struct cli_verb *v, const struct cli_list *rest,
	bool as_json);
/* `partner list`, `deal list`: as JSON. record_list.c */
int cli_record_list(struct cli *c, enum book b);

#endif
