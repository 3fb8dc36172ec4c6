/*
 * reminder.h (store) - "remind me if nobody answers" [R27]. A reminder hangs on a conversation and
 * on its newest mail of that moment, drafts apart. It ends in the very commit that brings an answer
 * of somebody else into the conversation, or the news that the mail could not be delivered; mail of
 * machines (out of office) is no answer. A conversation has one that has not ended, the newest;
 * setting another takes its place. Nothing here needs a server.
 *
 * Reader calls from any thread with its own reader; user calls give tickets, and their group is
 * taken back with action_undo().
 */
#ifndef CRMAIL_STORE_REMINDER_H
#define CRMAIL_STORE_REMINDER_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum reminder_why { /* stored: never renumber */
	REMINDER_ANSWERED = 1,
	REMINDER_BOUNCED = 2,
	REMINDER_DONE = 3,    /* by the user */
	REMINDER_REPLACED = 4 /* by another one */
};

struct reminder {
	int64_t id, thread, message, account;
	int64_t made_at, due_at; /* seconds UTC */
	int64_t told_at;         /* when it was found due and noted; 0 = it waits */
};

/* Waits or is due; *out NULL = the conversation has none. In the arena. */
int reminder_get(struct store_reader *r, struct arena *a, int64_t thread, struct reminder **out,
	struct err *e) NODISCARD;
/* Those whose moment has come by `now`, the longest due first; at most `max`. */
int reminder_list_due(struct store_reader *r, struct arena *a, int64_t now, size_t max,
	struct reminder **out, size_t *n, struct err *e) NODISCARD;
/* When the next one that was not told yet is due; 0 = none waits. */
int reminder_next(struct store_reader *r, int64_t *due_at, struct err *e) NODISCARD;

/* User calls: tickets; *group names the act for undo. The ticket fails with ERR_NOTFOUND when the
 * conversation is not here any more. */
int64_t reminder_set(struct store *s, int64_t thread, int64_t due_at, int64_t *group);
int64_t reminder_end(struct store *s, int64_t thread, int64_t *group);
/* Notes those that have become due since, each once, whichever process asks. */
int64_t reminder_tell(struct store *s);

#endif
