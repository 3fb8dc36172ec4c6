/*
 * helper.h - what the two sides of the auth helper agree on, and starting it. The helper is this
 * same binary, `crmail --auth-helper`, with a pipe each way and nothing in argv or environment.
 *
 * A message is its length (4 bytes, big-endian, at most HELPER_MAX) and as many bytes. A request
 * begins with its op, followed by fields: length (4 bytes), bytes.
 *	HELPER_COMMAND  command         runs it; its output is the answer, unframed, and its exit
 *	                                status the helper's
 *	HELPER_UNLOCK   path, pass      from here on this file is meant
 *	HELPER_GET      name            answer: status, value
 *	HELPER_PUT      name, value
 *	HELPER_ERASE    name
 * An answer is one byte, enum vault_status, then errno (4 bytes), then the value. The helper ends
 * with its input.
 */
#ifndef CRMAIL_NET_HELPER_H
#define CRMAIL_NET_HELPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#define HELPER_MAX ((size_t)128 << 10)
#define HELPER_FIELDS 2

enum helper_op {
	HELPER_COMMAND = 'c',
	HELPER_UNLOCK = 'u',
	HELPER_GET = 'g',
	HELPER_PUT = 'p',
	HELPER_ERASE = 'e'
};

struct helper_field { /* borrowed */
	const char *p;
	size_t len;
};

struct helper_child {
	pid_t pid;
	int to, from; /* our ends of the pipes */
};

int helper_start(const char *program, struct helper_child *c, struct err *e) NODISCARD;
/* Closes the pipes and waits; returns the wait status. */
int helper_end(struct helper_child *c, int sig /* 0 = it ends by itself */);
/* One request in one write; -1 when the helper does not listen. */
int helper_ask(const struct helper_child *c, enum helper_op op, const struct helper_field *f,
	size_t n) NODISCARD;

void helper_put_u32(unsigned char *p, uint32_t v);
uint32_t helper_get_u32(const unsigned char *p);

#endif
