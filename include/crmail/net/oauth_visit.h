/*
 * oauth_visit.h - a browser sent to an address that a service made, which leads the person through
 * a sign-in of the service's own and comes back to this machine with a code for it. Unlike oauth.h
 * nothing of the request is ours but where it ends.
 */
#ifndef CRMAIL_OAUTH_VISIT_H
#define CRMAIL_OAUTH_VISIT_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/net/oauth.h"

struct buf;

struct oauth_visit {       /* borrowed for the call */
	const char *url;   /* to open; its `state` is what the browser has to come back with */
	const char *title; /* of the service, for sentences */
	int paste_fd;      /* -1 = none */
	int wait_ms;       /* for the person; 0 = 10 minutes */
	struct net_cancel *cancel;
	void (*prompt)(void *ctx, const struct oauth_prompt *what); /* on the calling thread */
	void *ctx;
};

/* Waits at the listener, whose page the caller ends (oauth_listener_finish). `code` and `state` are
 * appended to. ERR_PROTO: the address has no state, so that nobody could tell whose answer comes;
 * ERR_AUTH: denied; ERR_CANCELLED; ERR_NET at the deadline. */
int oauth_visit(struct oauth_listener *l, const struct oauth_visit *v, struct buf *code,
	struct buf *state, struct err *e) NODISCARD;

#endif
