/*
 * opqueue.h - table `op` as workers see it: take what is due, say how it went. Worker calls.
 * op + inverse that are both still queued cancel out; depends_on is honoured; a destructive op
 * waits for not_before.
 */
#ifndef CRMAIL_STORE_OPQUEUE_H
#define CRMAIL_STORE_OPQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/op.h"

struct arena;
struct store;
struct store_reader;

/* Due ops of the account, oldest first, resolved to server ids now; ops whose message has no
 * server id yet are left out. *next_due gets the time of the earliest not yet due (0 = none). */
int op_due(struct store_reader *r, struct arena *a, int64_t account, size_t max, struct op **out,
	size_t *n, int64_t *next_due, struct err *e) NODISCARD;
/* Done at the server: the remote state is advanced and the row goes, in one FULL commit.
 * new_server_id: COPYUID/APPENDUID answer, NULL when unknown. */
int op_done(struct store *s, int64_t op, const char *new_server_id, struct err *e) NODISCARD;
/* Failed: attempts + 1, not_before moves by backoff; `park` gives up with the reason. */
int op_failed(struct store *s, int64_t op, const struct err *why, int64_t not_before, int park,
	struct err *e) NODISCARD;
/* After every folder of the account was looked at: flag changes of messages that lie nowhere any
 * more go, for nobody can make them. */
int op_drop_lost(struct store *s, int64_t account, struct err *e) NODISCARD;
/* How many changes of the account were given up, and why the last of them (NULL = none). */
int op_parked(struct store_reader *r, struct arena *a, int64_t account, int64_t *n,
	const char **reason, struct err *e) NODISCARD;
/* User calls: tickets. What was given up in any account is made again, or forgotten. */
int64_t op_retry_parked(struct store *s);
int64_t op_forget_parked(struct store *s);
int op_counts(struct store_reader *r, int64_t account, int64_t *queued, int64_t *parked,
	struct err *e) NODISCARD;

#endif
