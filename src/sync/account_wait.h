/*
 * account_wait.h - who waits until an account has nothing left to do: a pass that somebody asked
 * the host for, and the screen's "sync now". Worker thread.
 */
#ifndef CRMAIL_ACCOUNT_WAIT_H
#define CRMAIL_ACCOUNT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "worker.h"

struct session;

struct account_wait {
	bool is_pass;
	int64_t asks[WORKER_ASKS];
	size_t n_asks;
	uint32_t failures;      /* in a row, since somebody waits */
	uint32_t send_failures; /* the session's count when the waiting began */
};

bool account_wait_is_on(const struct account_wait *p);
/* Takes what was asked of the worker; `requests` are the ones just taken. -1: signing in again
 * failed, which has been answered. */
int account_wait_take(struct account_wait *p, struct session *s, struct worker *w,
	unsigned requests, struct err *e) NODISCARD;
/* The account is at rest but for what has a date: true when nobody need wait any longer. */
bool account_wait_rest(struct account_wait *p, struct session *s, struct worker *w);
/* A step failed: true = it may be tried again at once, because somebody waits. */
bool account_wait_fail(struct account_wait *p, struct session *s, struct worker *w,
	const struct err *e);

/* Nobody waits any longer: *e is how it ended. */
void account_wait_give_up(struct account_wait *p, struct session *s, struct worker *w,
	const struct err *e);

#endif
