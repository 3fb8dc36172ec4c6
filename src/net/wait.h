/*
 * wait.h - the one place where src/net sleeps: a descriptor, a cancel and a deadline.
 * Deadlines are clock_mono_ms() values.
 */
#ifndef CRMAIL_NET_WAIT_H
#define CRMAIL_NET_WAIT_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct net_cancel;

/* 0 when fd is ready for one of `events` (POLLIN, POLLOUT), or in error; -1 with ERR_CANCELLED or
 * ERR_NET ("... did not answer in time"). */
int net_wait(int fd, short events, const struct net_cancel *c, int64_t deadline, const char *host,
	struct err *e) NODISCARD;
int net_check_cancel(const struct net_cancel *c, struct err *e) NODISCARD;
/* Milliseconds left for poll(): 0 when past, never negative. */
int net_ms_left(int64_t deadline);

#endif
