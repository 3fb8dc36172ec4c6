/*
 * cancel.h - how one thread tells another, which waits on the network, to stop.
 *
 * Whoever owns a connection makes one before connecting and hands it to everything that may wait:
 * stream, http. net_cancel_trigger() may come from any thread, at any time between new and free;
 * the waiting call returns -1 with ERR_CANCELLED within one poll, and so does every later one
 * until net_cancel_reset(), which only the owner calls.
 */
#ifndef CRMAIL_CANCEL_H
#define CRMAIL_CANCEL_H

#include <stdbool.h>

#include "crmail/base/attrs.h"

struct err;
struct net_cancel;

struct net_cancel *net_cancel_new(void);
/* The same where the process may have run out of descriptors: NULL and ERR_IO. */
struct net_cancel *net_cancel_try(struct err *e) NODISCARD;
void net_cancel_free(struct net_cancel *c); /* NULL is fine */
void net_cancel_trigger(struct net_cancel *c);
void net_cancel_reset(struct net_cancel *c);
bool net_cancel_is_set(const struct net_cancel *c); /* NULL is never set */
int net_cancel_fd(const struct net_cancel *c);      /* readable while set; -1 for NULL */

#endif
