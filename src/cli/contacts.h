/* contacts.h - what several verbs do with contacts in files. Main thread. */
#ifndef CRMAIL_CLI_CONTACTS_H
#define CRMAIL_CLI_CONTACTS_H

#include "crmail/cli/cli.h"

/* `import contacts ...` and `contact import ...`: argv[0] is the last of the two words; usage
 * errors name the verb. */
int cli_import_contacts(struct cli *c, const struct cli_verb *v, int argc, char **argv);

#endif
