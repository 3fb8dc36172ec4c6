/*
 * secret.h - passwords and tokens in memory, and asking the auth helper for them [R4].
 *
 * Secrets live in struct secret only: not printable, wiped on release, never in argv, environment,
 * SQL or logs. They are obtained by a short-lived child of this same binary (`crmail
 * --auth-helper`, posix_spawn, pipes, deadline): the long-lived process never runs a password
 * command itself. Worker threads; secret_ask() blocks at most its deadline.
 */
#ifndef CRMAIL_SECRET_H
#define CRMAIL_SECRET_H

#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct secret {
	char *p; /* NULL = none; ended by 0 */
	size_t len;
};

#define SECRET_INIT ((struct secret){.p = NULL})
void secret_set(struct secret *s, const char *p, size_t len); /* copies; wipes the old one */
void secret_release(struct secret *s);                        /* wipes and frees */

void secret_wipe(char *p, size_t len); /* overwrites bytes that lie elsewhere, in a buf */

/* Where a secret comes from. Exactly one member is set. */
struct secret_source {
	const char *command; /* run by /bin/sh in the helper; first line of its output */
};

struct secret_helper {       /* how to start the helper; borrowed */
	const char *program; /* path of this binary */
	int deadline_ms;     /* 0 = 30000 */
	int cancel_fd;       /* readable = give up; -1 = none */
};

/* ERR_AUTH when the command fails or prints nothing (its exit status is in the sentence, its
 * output never), ERR_CANCELLED at the deadline or on cancel. */
int secret_ask(const struct secret_helper *h, const struct secret_source *src, struct secret *out,
	struct err *e) NODISCARD;

/* The helper's side: reads one request from fd 0, answers on fd 1, returns the exit status. */
int secret_helper_main(void);

#endif
