/*
 * hook.h - a command of the user's that is told something on its standard input. Private to
 * src/sync; worker thread.
 */
#ifndef CRMAIL_SRC_SYNC_HOOK_H
#define CRMAIL_SRC_SYNC_HOOK_H

#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct net_cancel;

struct hook_run {
	const char *command; /* split into words without a shell; nothing is put into it */
	const char *text;    /* what it gets */
	size_t len;
	int deadline_ms;           /* for all of it, from start to end */
	struct net_cancel *cancel; /* NULL = none */
};
/* Runs it to its end, its output thrown away, in a process group of its own that is ended with it.
 * 0 when it exits with 0. ERR_UNSUPPORTED: it cannot be run; ERR_IO: it failed (`sys`: its exit
 * status); ERR_NET: too late; ERR_CANCELLED. */
int hook_run(const struct hook_run *h, struct err *e) NODISCARD;

#endif
