/*
 * crm_args.h - what the parts of `crmail crm` share: the command line, and a profile with the words
 * that were given for it. Main thread.
 */
#ifndef CRMAIL_CLI_CRM_ARGS_H
#define CRMAIL_CLI_CRM_ARGS_H

#include "crmail/base/arena.h"
#include "crmail/cli/cli.h"
#include "crmail/store/contact.h"
#include "crmail/sync/desk.h"

#include "args.h"

struct crm_profile;

struct crm_args {
	const char *name, *url, *secret_command, *password_fd, *log, *log_since;
	bool is_json;
	struct cli_list accounts, set, rest;
};

struct adding { /* released by crm_words_release() */
	struct cli *c;
	const struct crm_args *args;
	struct arena arena;
	struct crm_profile *profile;
	struct crm_row row;
	struct setting *settings;
	size_t n;
	char secret[DESK_SECRET_NAME]; /* entry of a saved password; "" = none */
};

/* Reads --set into a->row and a->settings; a->profile is there. */
int crm_words_put(struct adding *a, struct err *e) NODISCARD;
const char *crm_words_find(const struct adding *a, const char *key); /* NULL = not given */
void crm_words_release(struct adding *a);

/* crm_check.c, crm_test.c: the verbs; they print and return the exit code. */
int cli_crm_check(struct cli *c, const struct crm_args *args);
int cli_crm_test(struct cli *c, const struct crm_args *args);
int cli_crm_sweep(struct cli *c, const struct crm_args *args);

#endif
