/*
 * ipc.h - lines of text between processes of one user, over a Unix socket. It knows framing and
 * limits, not what a line means (sync/seat.h).
 *
 * The socket is 0600 in a 0700 folder of our own, and a peer of another user is turned away
 * (SO_PEERCRED). Still nothing of it is trusted: a line has a ceiling and no control characters,
 * what waits to be sent has one too, and whoever breaks them is disconnected. Nothing blocks:
 * poll(ipc_fd, ipc_events) and then ipc_pump(). A struct ipc belongs to one thread.
 */
#ifndef CRMAIL_IPC_H
#define CRMAIL_IPC_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#define IPC_LINE_MAX ((size_t)1 << 20) /* bytes of a line, for whoever says nothing else */

struct ipc;

/* Listens there, instead of whoever did before: the caller holds the lock that makes it the only
 * one. The folder is made when absent; ERR_CONFLICT when others may enter it. A path of any
 * length works. */
int ipc_listen(const char *path, int *fd, struct err *e) NODISCARD;
/* The next caller; NULL = none is waiting, or it was turned away. */
struct ipc *ipc_accept(int listen_fd, size_t line_max) NODISCARD;
/* *out = NULL when nobody listens there. */
int ipc_connect(const char *path, struct ipc **out, struct err *e) NODISCARD;
void ipc_close(struct ipc *c); /* NULL is fine; what was not sent yet is dropped */

int ipc_fd(const struct ipc *c);
short ipc_events(const struct ipc *c); /* what to poll for */
/* Sends and reads what can be without waiting. -1: the peer has gone or broke the rules; lines
 * that came before are still to be had. */
int ipc_pump(struct ipc *c) NODISCARD;
/* The next whole line without its end; NULL = none. Valid until the next call with c. */
char *ipc_line(struct ipc *c) NODISCARD;
/* Queues one line; `fmt` gives no line end. A line that holds a control character, or more than
 * can be queued, ends the connection. */
void ipc_say(struct ipc *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool ipc_is_drained(const struct ipc *c); /* all that was said has been handed to the system */
bool ipc_is_over(const struct ipc *c);    /* somebody broke the rules: close it, poll no more */
/* Polls and pumps once; for whoever has nothing else to wait for. -1 as ipc_pump; 0 also when the
 * time (ms, -1 = for ever) is over. */
int ipc_wait(struct ipc *c, int timeout_ms) NODISCARD;

#endif
