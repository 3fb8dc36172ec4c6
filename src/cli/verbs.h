/* verbs.h - the functions behind the table of verbs.c: arguments as cli.h says. Main thread. */
#ifndef CRMAIL_CLI_VERBS_H
#define CRMAIL_CLI_VERBS_H

#include "crmail/cli/cli.h"

int cli_account(struct cli *c, int argc, char **argv);
int cli_config(struct cli *c, int argc, char **argv);
int cli_contact(struct cli *c, int argc, char **argv);
int cli_crm(struct cli *c, int argc, char **argv);
int cli_deal(struct cli *c, int argc, char **argv);
int cli_discover(struct cli *c, int argc, char **argv);
int cli_doctor(struct cli *c, int argc, char **argv);
int cli_export(struct cli *c, int argc, char **argv);
int cli_import(struct cli *c, int argc, char **argv);
int cli_log(struct cli *c, int argc, char **argv);
int cli_outbox(struct cli *c, int argc, char **argv);
int cli_parse(struct cli *c, int argc, char **argv);
int cli_partner(struct cli *c, int argc, char **argv);
int cli_purge(struct cli *c, int argc, char **argv);
int cli_reply(struct cli *c, int argc, char **argv);
int cli_search(struct cli *c, int argc, char **argv);
int cli_secrets(struct cli *c, int argc, char **argv);
int cli_show(struct cli *c, int argc, char **argv);
int cli_status(struct cli *c, int argc, char **argv);
int cli_sync(struct cli *c, int argc, char **argv);
int cli_task(struct cli *c, int argc, char **argv);
int cli_template(struct cli *c, int argc, char **argv);
int cli_threads(struct cli *c, int argc, char **argv);
int cli_timeline(struct cli *c, int argc, char **argv);

#endif
