/*
 * idle.h - waiting for mail: a second connection that idles in INBOX (RFC 2177), or NOOP on the
 * first where the server has no IDLE or allows no second connection. The account's worker thread,
 * in its own sleep: no object is shared.
 */
#ifndef CRMAIL_IMAP_IDLE_H
#define CRMAIL_IMAP_IDLE_H

#include "crmail/provider/provider.h"

struct imap_idle;

void imap_idle_close(struct imap_idle *i); /* NULL is fine */
/* provider_ops.wait. */
int imap_wait(struct provider *p, int wake_fd, int timeout_ms, bool *has_news, struct err *e);

#endif
