/*
 * event.h - from workers to the screen: a coalescing set keyed by (type, account, folder), of
 * fixed size, with an eventfd: never full, never blocks. Events carry ids and counts; the reader
 * re-reads the store. Failures live in rows; the event only points there.
 *
 * event_post(), event_deliver(): any thread. event_drain(): the one consumer of a set. Who else
 * must learn what this process did (other processes, through the seat) has a set of its own as
 * the first one's tap.
 */
#ifndef CRMAIL_EVENT_H
#define CRMAIL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

enum event_type {
	EV_NONE,
	EV_MESSAGES, /* messages, threads or flags changed in (account, folder); count = how many */
	EV_FOLDERS,  /* the list or the counters of folders changed */
	EV_ACCOUNT,  /* state, error or progress of the account changed */
	EV_OUTBOX,   /* an outbox row changed state */
	EV_CONTACTS, /* contacts, partners, deals, links or activities changed */
	EV_CRM,      /* state or error of the CRM `account` (a crm id) changed; arg 1: work waits */
	EV_BODY,     /* the body of message `arg` was stored (or failed: count = 0) */
	EV_COMMIT,   /* user writes up to ticket `arg` are committed (largest wins) */
	EV_PROGRESS, /* job line changed */
	EV_REPLY,    /* the answer to reader-thread or worker request `arg` is ready */
	EV_TYPE_COUNT
};

/* `arg` of EV_BODY and EV_REPLY names a thing and belongs to the key: two of those never merge. */
struct event {
	enum event_type type;
	int64_t account; /* row id, 0 = all */
	int64_t folder;  /* row id, 0 = all */
	int64_t arg;     /* meaning by type; the largest of coalesced events */
	uint32_t count;  /* summed over coalesced events */
};

/* Such a type: coalescing two of them would lose one. */
bool event_arg_is_key(enum event_type type);

struct event_set;

struct event_set *event_set_new(void);
void event_set_free(struct event_set *s);
int event_set_fd(const struct event_set *s); /* readable when something is there; poll it */
/* To the set and to its tap. */
void event_post(struct event_set *s, const struct event *ev);
/* To the set alone: what another process did is no news of ours. */
void event_deliver(struct event_set *s, const struct event *ev);
/* From now on `tap` gets what is posted to `s`, but for EV_COMMIT, EV_PROGRESS and EV_REPLY, which
 * concern this process alone. NULL = no tap. Borrowed until the next call or event_set_free(s). */
void event_set_tap(struct event_set *s, struct event_set *tap);
/* Moves at most `max` events into `out`, clears the fd when nothing is left; returns the count.
 * When the fixed table overflowed, events were merged to (type, 0, 0): "any of these changed", and
 * of EV_BODY and EV_REPLY with arg 0. */
size_t event_drain(struct event_set *s, struct event *out, size_t max);

#endif
