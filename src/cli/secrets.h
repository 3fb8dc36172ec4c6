/* secrets.h - where saved passwords lie, in words. Main thread. */
#ifndef CRMAIL_CLI_SECRETS_H
#define CRMAIL_CLI_SECRETS_H

struct cli;

/* One line: where new passwords go, and why. Asks the keyring. */
void secrets_print_place(struct cli *c);

#endif
