/*
 * hook_event.h - the events `ce.email.synced` that wait to be told to a command or to the CRM's
 * endpoint. Made by match_put() for entries of CRMs that have somebody to tell; worker calls of
 * the CRM worker. Strings in the arena.
 */
#ifndef CRMAIL_STORE_HOOK_EVENT_H
#define CRMAIL_STORE_HOOK_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum hook_sink { HOOK_COMMAND = 1, HOOK_ENDPOINT = 2 }; /* stored: never renumber */

struct hook_event {
	int64_t id;
	const char *key;                     /* of the entry; stands for this mail and target */
	const char *contact_id, *partner_id; /* the CRM's id or "local:N"; NULL = none */
	bool is_out;
	int64_t told_at; /* 0 = this is the first attempt */
	uint32_t attempts;
};
/* The oldest that is due. NULL: nothing is, or the sink waits after a failure: then *not_before
 * says until when (0 = nothing waits). */
int hook_event_due(struct store_reader *r, struct arena *a, int64_t crm, enum hook_sink sink,
	int64_t now, struct hook_event **out, int64_t *not_before, struct err *e) NODISCARD;
/* About to be told, on disk before it is: after a crash it is told again, and no other. */
int hook_event_begin(struct store *s, int64_t id, int64_t now, struct err *e) NODISCARD;
int hook_event_done(struct store *s, int64_t id, struct err *e) NODISCARD;
int hook_event_defer(struct store *s, int64_t id, int64_t not_before, struct err *e) NODISCARD;
int hook_event_give_up(struct store *s, int64_t id, struct err *e) NODISCARD;
/* Those that wait for entries which are logged, and those given up. */
int hook_event_counts(struct store_reader *r, int64_t crm, int64_t *waiting, int64_t *given_up,
	struct err *e) NODISCARD;

#endif
