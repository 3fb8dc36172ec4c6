/* ask_secret.h - passwords and passphrases for verbs. Main thread; asking blocks. */
#ifndef CRMAIL_CLI_ASK_SECRET_H
#define CRMAIL_CLI_ASK_SECRET_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct secret;

bool cli_can_ask(void); /* there is a person at a terminal */
/* One line from descriptor `fd` (a number as typed), or typed unseen when fd is NULL. */
int cli_ask_secret(const char *fd, const char *question, struct secret *out,
	struct err *e) NODISCARD;

#endif
