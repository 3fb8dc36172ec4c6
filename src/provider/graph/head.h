/*
 * head.h - the header block of a message, from what Microsoft Graph says of it in JSON. Pure; any
 * thread.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_HEAD_H
#define CRMAIL_PROVIDER_GRAPH_HEAD_H

#include <stddef.h>

#include "crmail/base/json.h"

struct arena;

/*
 * The fields of internetMessageHeaders as they are, which is how the message came; and from the
 * message's properties those that stand in a list of mail and are missing there, as all of them are
 * from drafts and from what was sent. A value never ends its line. In the arena, NUL behind it.
 */
const char *head_write(struct arena *a, const cJSON *message, size_t *len);

#endif
