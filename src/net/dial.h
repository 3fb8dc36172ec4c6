/* dial.h - from a host name and a port to a connected socket. Private to src/net. */
#ifndef CRMAIL_NET_DIAL_H
#define CRMAIL_NET_DIAL_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct addrinfo;
struct net_cancel;

/* Looks the host up in a thread of its own (getaddrinfo cannot be cancelled; when we leave early
 * it finishes alone) and tries every address, each with its share of the time left. *fd is
 * non-blocking and close-on-exec. ERR_NET or ERR_CANCELLED. */
int net_dial(const char *host, int port, const struct net_cancel *c, int64_t deadline, int *fd,
	struct err *e) NODISCARD;

/* To one address, of the socket type that it names. The descriptor, as above, or -1. `host` is for
 * the sentence. */
int net_connect(const struct addrinfo *a, const char *host, const struct net_cancel *c,
	int64_t deadline, struct err *e) NODISCARD;

#endif
