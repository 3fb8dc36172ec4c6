/*
 * push.c - from table op to the provider: one change at a time, oldest first.
 */
#include "config.h"

#include "session.h"

#include "crmail/base/clock.h"
#include "crmail/base/log.h"
#include "crmail/store/opqueue.h"

#include "backoff.h"

#define OP_MAX_ATTEMPTS 8
#define OP_TRIES 5 /* broken connections in a row before a change is to blame */

static int give_up(const struct op *op, const struct err *why)
{
	return why->retry == RETRY_NEVER || op->attempts + 1 >= OP_MAX_ATTEMPTS;
}

/* The connection is gone, or asks for quiet: nothing is wrong with the op, the account backs off as
 * a whole. */
static bool is_connection(const struct err *e)
{
	return e->code == ERR_NET || e->code == ERR_TLS || e->code == ERR_AUTH ||
	       e->code == ERR_CANCELLED || (e->code == ERR_RATE && e->scope == ERR_ACCOUNT);
}

/* Unless it is this op that breaks the line each time: then it waits, and others go first. */
static bool is_to_blame(struct session *s, const struct op *op, const struct err *why)
{
	if (why->code != ERR_NET)
		return false;
	if (s->suspect_op != op->id)
		s->suspect_op_tries = 0;
	s->suspect_op = op->id;
	return ++s->suspect_op_tries >= OP_TRIES;
}

/* The server does not have it where the store believes: the folder is looked at before the next
 * try, which by then knows the message's new place, or is not wanted any more. */
static bool is_misplaced(struct session *s, const struct op *op, const struct err *why)
{
	if (!op->folder || (why->code != ERR_NOTFOUND && why->code != ERR_CONFLICT) ||
		op->attempts + 1 >= OP_MAX_ATTEMPTS)
		return false;
	session_pull_named(s, op->folder);
	return true;
}

/* What became of one change; why->code ERR_NONE: it was made. */
static int note_result(struct session *s, const struct op *op, const char *new_id,
	const struct err *why, struct err *e)
{
	if (why->code == ERR_NONE) {
		s->report.ops_done++;
		log_line(LOG_NOTE, "sync", "account %lld: op %lld kind %d done",
			(long long)s->account, (long long)op->id, (int)op->kind);
		if (op->kind == OP_FOLDER_CREATE)
			s->folders_known = false; /* the new one has to be pulled too */
		if (op_done(s->host->store, op->id, new_id, e))
			return -1; /* it will be done again: no progress */
		s->progress++;
		return 0;
	}
	if (is_connection(why) && !is_to_blame(s, op, why)) {
		*e = *why;
		return -1;
	}
	bool misplaced = is_misplaced(s, op, why);
	int park = !misplaced && give_up(op, why);
	log_line(LOG_WARN, "sync", "account %lld: op %lld kind %d: %s, attempt %u%s",
		(long long)s->account, (long long)op->id, (int)op->kind, err_code_name(why->code),
		op->attempts + 1, park ? ", parked" : "");
	s->report.ops_parked += park;
	int64_t next =
		clock_now(s->host->clock) + (misplaced ? 1 : backoff_s(s->host->rng, op->attempts));
	if (why->scope == ERR_ACCOUNT)
		session_drop(s); /* what the server says next may belong to this op */
	if (op_failed(s->host->store, op->id, why, next, park, e))
		return -1;
	s->progress++; /* it is due later, or never */
	return 0;
}

static int apply_one(struct session *s, const struct op *op, struct arena *a, struct err *e)
{
	const char *new_id = NULL;
	struct err why = ERR_INIT;
	IGNORE_RESULT(s->ops->apply(s->provider, op, a, &new_id, &why), "why tells");
	return note_result(s, op, new_id, &why, e);
}

/* The first of them that may go together: flags and moves, each of another message. */
static size_t count_alike(const struct op *ops, size_t n)
{
	size_t count = 0;
	for (; count < n; count++) {
		const struct op *op = &ops[count];
		if ((op->kind != OP_FLAGS && op->kind != OP_MOVE) || !op->server_id)
			break;
		for (size_t i = 0; i < count; i++)
			if (ops[i].message == op->message)
				return count;
	}
	return count;
}

/* What the account is to hear of several failures: the first, or who asks for the longest pause. */
static bool is_graver(const struct err *e, const struct err *than)
{
	return than->code == ERR_NONE || e->after_ms > than->after_ms;
}

/* Of all of them what became is noted, also where the account has to pause for one. */
static int note_results(struct session *s, const struct op *ops, const struct prov_applied *out,
	size_t n, struct err *e)
{
	struct err worst = ERR_INIT;
	for (size_t i = 0; i < n; i++) {
		struct err failed = ERR_INIT;
		BUG_ON(!out[i].is_done && out[i].error.code == ERR_NONE);
		if (note_result(s, &ops[i], out[i].new_id, &out[i].error, &failed) &&
			is_graver(&failed, &worst))
			worst = failed;
	}
	if (worst.code == ERR_NONE)
		return 0;
	*e = worst;
	return -1;
}

/* Several that are refused as a whole may be so for one of them: the first goes by itself then, and
 * what becomes of it is its own; the next step has the others. Unless the account is to pause. */
static int apply_many(struct session *s, const struct op *ops, size_t n, struct arena *a,
	struct err *e)
{
	struct prov_applied *out = arena_array(a, n, sizeof *out);
	struct err why = ERR_INIT;
	if (s->ops->apply_many(s->provider, ops, n, a, out, &why) == 0)
		return note_results(s, ops, out, n, e);
	if (is_connection(&why) && !is_to_blame(s, &ops[0], &why)) {
		*e = why;
		return -1;
	}
	log_line(LOG_WARN, "sync", "account %lld: %zu changes refused as a whole: %s (sys %d)",
		(long long)s->account, n, err_code_name(why.code), why.sys);
	return apply_one(s, &ops[0], a, e);
}

static size_t most_at_once(const struct provider_ops *ops)
{
	if (!ops->apply_many)
		return 1;
	return ops->apply_most ? ops->apply_most : PROV_APPLY_MOST;
}

int session_ops_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct op *ops = NULL;
	size_t n = 0;
	int64_t next = 0;
	if (op_due(s->reader, &a, s->account, most_at_once(s->ops), &ops, &n, &next, e))
		return -1;
	session_note_due(s, next);
	*did = n > 0;
	size_t alike = s->ops->apply_many ? count_alike(ops, n) : 0;
	if (alike > 1)
		return apply_many(s, ops, alike, &a, e);
	return n ? apply_one(s, &ops[0], &a, e) : 0;
}
