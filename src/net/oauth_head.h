/* oauth_head.h - the head of an HTTP request to the listener of a sign-in: is it the redirect?
 * Pure; private to src/net. */
#ifndef CRMAIL_NET_OAUTH_HEAD_H
#define CRMAIL_NET_OAUTH_HEAD_H

#include "crmail/base/str.h"

/* 0 when it is a GET of `path` from this very port: *query is what stands from "?" on, within
 * `head`. Else the status of the error page: 400, 404 or 405. */
int oauth_head_read(struct span head, const char *path, int port, struct span *query);

#endif
