/*
 * cli.h - the command line: one file per verb, one table (src/cli/verbs.c). A verb prints what
 * formats.md says to out, messages to err, and returns the exit code.
 */
#ifndef CRMAIL_CLI_H
#define CRMAIL_CLI_H

#include <stdint.h>
#include <stdio.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct app;
struct clock_src;
struct event_set;
struct rng;
struct seat;
struct config;
struct secret_store;
struct store;
struct store_reader;
struct tls_trust;

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_FOUND = 3,
	CLI_PARTLY = 4,
	CLI_NEWER = 5
};

struct cli { /* made by main; one per process */
	FILE *out, *err;
	const char *program; /* path of this binary, for the auth helper */
	const char *home;    /* --home DIR; NULL = XDG paths */
	const char *config_dir, *data_dir, *runtime_dir; /* settled by main */
	const char *share_dir; /* .../share/crmail: CRM profiles, demo mailbox */
	const struct clock_src *clock;
	struct rng *rng;
	struct event_set *events;
	struct tls_trust *trust;      /* shared trust store */
	struct secret_store *secrets; /* the file of saved passwords */
	const char *passphrase_fd;    /* descriptor its passphrase is read from; NULL = asked for */
	int64_t crash_at;
	int deadline_ms;
	struct store *store; /* opened by cli_open_store() when a verb needs it */
};

struct cli_verb {
	const char *name;
	int (*run)(struct cli *c, int argc, char **argv); /* argv[0] is the verb */
	const char *usage;                                /* N_(): one line after the verb's name */
	const char *help;                                 /* N_(): one sentence */
};
#define CLI_LOG_NAME "crmail.log" /* in the data folder */

extern const struct cli_verb cli_verbs[]; /* ends with name NULL */

const struct cli_verb *cli_verb_find(const char *name);
int cli_open_store(struct cli *c) NODISCARD; /* prints; returns CLI_OK or the exit code */
/* For a verb that writes nothing: opens the store for reading alone where that will do, and a
 * reader. Prints why not; CLI_OK or the exit code. */
int cli_open_reader(struct cli *c, struct store_reader **out) NODISCARD;
void cli_close_store(struct cli *c);
/* This process's seat at its data folder (sync/seat.h); the store must be open. `kind` is "tui" or
 * "daemon"; NULL = one pass, ERR_CONFLICT when another process hosts. */
int cli_open_seat(struct cli *c, const char *kind, struct seat **out, struct err *e) NODISCARD;
/* New passwords go where the configuration says. cli_open_store() does it, too. */
void cli_place_secrets(struct cli *c, const struct config *conf);
/* Opens where the saved password of that name lies (NULL = a new one): the keyring, which must not
 * be locked, or the file. */
int cli_open_secrets(struct cli *c, const char *entry, struct err *e) NODISCARD;
/* Opens the file of saved passwords, asking for its passphrase when there is a terminal or a
 * descriptor; makes it when there is none. */
int cli_open_file(struct cli *c, struct err *e) NODISCARD;
/* The same where some account's or CRM's password lies in it, or the passphrase is given; else
 * nothing. */
int cli_need_secrets(struct cli *c, struct err *e) NODISCARD;
int cli_fail(struct cli *c, const struct err *e); /* prints the sentence; exit code by err code */
int cli_usage(struct cli *c, const struct cli_verb *v, const char *why); /* prints; CLI_USAGE */

#endif
