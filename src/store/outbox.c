/*
 * outbox.c - mail waiting to be sent: writing and the changes of state. Reading is in
 * outbox_read.c. Every commit is FULL: what is written here decides whether a mail goes out twice.
 */
#include "config.h"

#include "crmail/store/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

#include "action.h"
#include "audit_private.h"
#include "draft_private.h"
#include "hash64.h"

/* A row that left these states is on its way or done and is never overwritten. */
static const char SQL_PUT[] =
	"INSERT INTO outbox (id, account, state, message_id, subject, sender, not_before,"
	" created_at, changed_at, reply_to, draft_json, raw)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11)"
	" ON CONFLICT (id) DO UPDATE SET far_draft = iif(account = ?2, far_draft, NULL),"
	" sent_by = iif(account = ?2, sent_by, NULL), account = ?2, state = ?3, message_id = ?4, "
	"subject = ?5,"
	" sender = ?6, not_before = ?7, changed_at = ?8, reply_to = ?9, draft_json = ?10,"
	" raw = ?11, error = NULL WHERE state IN (0, 1, 2, 9)";
static const char SQL_DROP_RECIPIENTS[] = "DELETE FROM outbox_recipient WHERE outbox = ?";
static const char SQL_PUT_RECIPIENT[] = "INSERT INTO outbox_recipient (outbox, pos, addr)"
					" VALUES (?, ?, ?)";
static const char SQL_STATE[] = "SELECT state, account, reply_to, not_before FROM outbox"
				" WHERE id = ?";
static const char SQL_SET_STATE[] =
	"UPDATE outbox SET state = ?2, not_before = ?3, error = ?4, changed_at = ?5,"
	" attempts = attempts + ?6, far_message_id = ifnull(?7, far_message_id) WHERE id = ?1";
static const char SQL_SET_WAY[] =
	"UPDATE outbox SET far_draft = CASE WHEN sent_by = ?2 THEN far_draft END, sent_by = ?2,"
	" files_sent = ?3 WHERE id = ?1";
static const char SQL_SET_RECIPIENT[] = "UPDATE outbox_recipient SET state = ?3, reply = ?4"
					" WHERE outbox = ?1 AND addr = ?2";
static const char SQL_FILED[] =
	"UPDATE outbox SET is_filed = 1, raw = NULL, draft_json = NULL, error = NULL,"
	" sent_message ="
	" ifnull((SELECT m.id FROM message m JOIN placement p ON p.message = m.id"
	"  JOIN folder f ON f.id = p.folder AND f.role = 2"
	"  WHERE m.mid = ?3 AND m.mid_hash = ?2 AND m.account = outbox.account LIMIT 1), 0)"
	" WHERE id = ?1 AND state IN (6, 7, 8)";
static const char SQL_COPY_LATER[] =
	"UPDATE outbox SET not_before = ?2, error = ?3, changed_at = ?4"
	" WHERE id = ?1 AND state = 6 AND NOT is_filed";
static const char SQL_ASK_LATER[] = "UPDATE outbox SET not_before = ?2, error = ifnull(?3, error)"
				    " WHERE id = ?1 AND state IN (5, 8)";
static const char SQL_HAS_ACCEPTED[] = "SELECT count(*) FROM outbox_recipient"
				       " WHERE outbox = ? AND state IN (1, 3)";
static const char SQL_TURN_PENDING[] = "UPDATE outbox_recipient SET state = ?2, reply = ?3"
				       " WHERE outbox = ?1 AND state = 0";
static const char SQL_TURN_SILENT[] = "UPDATE outbox_recipient SET state = ?2"
				      " WHERE outbox = ?1 AND state = 0 AND reply IS NULL";
static const char SQL_TURN_REFUSED[] = "UPDATE outbox_recipient SET state = 0, reply = NULL"
				       " WHERE outbox = ? AND state = 2";
static const char SQL_MESSAGE_ID[] = "SELECT ifnull(far_message_id, message_id) FROM outbox"
				     " WHERE id = ?";
/* What a try that failed has left among the service's drafts, under the mail's name of that time: a
 * row of draft_copy without a mail of ours, which goes from there once it is due (draft.h). */
static const char SQL_FAR_DRAFT_STAYS[] =
	"INSERT INTO draft_copy (outbox, account, message_id, retry_at)"
	" SELECT -id, account, message_id, 1 << 62 FROM outbox"
	" WHERE id = ? AND far_draft IS NOT NULL AND message_id IS NOT NULL"
	" ON CONFLICT DO UPDATE SET message_id = excluded.message_id";
static const char SQL_FAR_DRAFT_GOES[] =
	"INSERT INTO draft_copy (outbox, account, message_id)"
	" SELECT -id, account, message_id FROM outbox"
	" WHERE id = ? AND far_draft IS NOT NULL AND message_id IS NOT NULL"
	" ON CONFLICT DO UPDATE SET retry_at = 0";
static const char SQL_FAR_DRAFT_WENT[] = "UPDATE draft_copy SET retry_at = 0 WHERE outbox = -?";
static const char SQL_FAR_DRAFT[] = "UPDATE outbox SET far_draft = ?2, sent_by = ?3 WHERE id = ?1";
static const char SQL_NO_FAR_DRAFT[] = "UPDATE outbox SET far_draft = NULL WHERE id = ?";

/* From which states a state may be reached (outbox.h). */
static const unsigned ALLOWED_FROM[] = {
	[OUTBOX_DRAFT] = 1u << OUTBOX_HELD | 1u << OUTBOX_SCHEDULED | 1u << OUTBOX_QUEUED |
			 1u << OUTBOX_CONNECTING | 1u << OUTBOX_REFUSED | 1u << OUTBOX_CANCELLED,
	/* never from a draft: its bytes name the blind copies */
	[OUTBOX_HELD] = 1u << OUTBOX_SCHEDULED | 1u << OUTBOX_QUEUED,
	[OUTBOX_SCHEDULED] = 1u << OUTBOX_HELD | 1u << OUTBOX_QUEUED,
	/* by a try that gives up: what the user did with the mail meanwhile stands */
	[OUTBOX_QUEUED] = 1u << OUTBOX_CONNECTING | 1u << OUTBOX_HANDED | 1u << OUTBOX_UNKNOWN,
	[OUTBOX_CONNECTING] = 1u << OUTBOX_HELD | 1u << OUTBOX_SCHEDULED | 1u << OUTBOX_QUEUED |
			      1u << OUTBOX_CONNECTING,
	[OUTBOX_HANDED] = 1u << OUTBOX_CONNECTING,
	/* from connecting only when an earlier try got it to somebody (may_leave) */
	[OUTBOX_SENT] = 1u << OUTBOX_HANDED | 1u << OUTBOX_UNKNOWN | 1u << OUTBOX_CONNECTING,
	[OUTBOX_REFUSED] = 1u << OUTBOX_CONNECTING | 1u << OUTBOX_HANDED,
	[OUTBOX_UNKNOWN] = 1u << OUTBOX_HANDED,
	[OUTBOX_CANCELLED] = 1u << OUTBOX_DRAFT | 1u << OUTBOX_HELD | 1u << OUTBOX_SCHEDULED |
			     1u << OUTBOX_QUEUED | 1u << OUTBOX_REFUSED | 1u << OUTBOX_UNKNOWN,
};

const char *outbox_state_name(enum outbox_state s)
{
	static const char *const names[] = {"draft", "held", "scheduled", "queued", "connecting",
		"handed", "sent", "refused", "unknown", "cancelled"};
	return names[s];
}

/* ---- put ------------------------------------------------------------------------------------- */

struct put_args { /* owns copies of everything */
	struct arena arena;
	struct outbox_new o;
};

static struct put_args *copy_new(struct store *s, const struct outbox_new *o)
{
	struct put_args *p = xcalloc(1, sizeof *p);
	p->arena = ARENA_INIT;
	p->o = *o;
	p->o.id = o->id ? o->id : store_new_id(s);
	p->o.message_id = arena_strdup(&p->arena, o->message_id);
	p->o.subject = arena_strdup(&p->arena, o->subject ? o->subject : "");
	p->o.from = arena_strdup(&p->arena, o->from);
	p->o.draft_json = arena_strdup(&p->arena, o->draft_json);
	p->o.raw = o->raw ? arena_strndup(&p->arena, o->raw, o->raw_len) : NULL;
	const char **to = arena_array(&p->arena, o->n_recipients + 1, sizeof *to);
	for (size_t i = 0; i < o->n_recipients; i++)
		to[i] = arena_strdup(&p->arena, o->recipients[i]);
	p->o.recipients = to;
	return p;
}

static void free_put(void *arg)
{
	struct put_args *p = arg;
	arena_release(&p->arena);
	free(p);
}

static int write_put(struct write *w, void *arg, struct err *e)
{
	const struct outbox_new *o = &((const struct put_args *)arg)->o;
	if (db_run(w->db, e, SQL_PUT, "iiitttiiitb", o->id, o->account, (int64_t)o->state,
		    o->message_id, o->subject, o->from, o->not_before, w->now, o->reply_to,
		    o->draft_json, o->raw, o->raw_len))
		return -1;
	if (!db_changes(w->db))
		return err_set(e, ERR_CONFLICT, "%s", _("This mail is being sent already."));
	if (db_run(w->db, e, SQL_DROP_RECIPIENTS, "i", o->id) ||
		draft_adopt(w, o->id, o->adopts, e))
		return -1;
	for (size_t i = 0; i < o->n_recipients; i++)
		if (db_run(w->db, e, SQL_PUT_RECIPIENT, "iit", o->id, (int64_t)i, o->recipients[i]))
			return -1;
	write_event(w, EV_OUTBOX, o->account, 0, o->id, 1);
	return 0;
}

int64_t outbox_put(struct store *s, const struct outbox_new *o, int64_t *id)
{
	struct put_args *p = copy_new(s, o);
	*id = p->o.id;
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_put, p, free_put);
}

int outbox_put_wait(struct store *s, const struct outbox_new *o, int64_t *id, struct err *e)
{
	struct put_args *p = copy_new(s, o);
	int rc = writer_call(&s->main, WRITE_USER | WRITE_FULL, write_put, p, e);
	if (rc == 0)
		*id = p->o.id;
	free_put(p);
	return rc;
}

/* ---- states ---------------------------------------------------------------------------------- */

struct state_args {
	int64_t id;
	enum outbox_state to;
	unsigned from; /* bits of the states it may leave; 0 = as ALLOWED_FROM says */
	const struct outbox_recipient *recipients;
	size_t n;
	const char *why; /* NULL = no error */
	int64_t not_before;
	const char *far_message_id; /* NULL = stays */
	const char *sent_by;        /* NULL = stays, as does: */
	bool files_sent;
};

struct now_row {
	int64_t state, account, reply_to, not_before;
};

static int read_state(struct write *w, int64_t id, struct now_row *out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_STATE, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("There is no such mail in the outbox."));
	*out = (struct now_row){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
		sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3)};
	sqlite3_reset(q);
	return 0;
}

/* The message that was answered shows it, here and at its server. */
static int mark_answered(struct write *w, int64_t message, struct err *e)
{
	struct thread_set touched = {NULL, 0, 0};
	if (!message)
		return 0;
	return change_flags(w, message, MSG_ANSWERED, 0, 0, &touched, e) ||
			       thread_refresh(w, &touched, e)
		       ? -1
		       : 0;
}

/* What the new state says about those nothing else is known of. A reply of the server's is
 * something that is known. */
static int turn_recipients(struct write *w, const struct state_args *a, int64_t from,
	enum outbox_state to, struct err *e)
{
	bool was_on_its_way = from == OUTBOX_HANDED || from == OUTBOX_UNKNOWN;
	if (to != a->to) /* the rest was taken back */
		return db_run(w->db, e, SQL_TURN_PENDING, "iit", a->id, (int64_t)RCPT_REFUSED,
			_("Taken back before the server took it."));
	if (to == OUTBOX_SENT && was_on_its_way && !a->n)
		return db_run(w->db, e, SQL_TURN_SILENT, "ii", a->id, (int64_t)RCPT_ACCEPTED);
	if (to == OUTBOX_QUEUED && from == OUTBOX_REFUSED)
		return db_run(w->db, e, SQL_TURN_REFUSED, "i", a->id);
	return 0;
}

static int may_leave(struct write *w, const struct state_args *a, const struct now_row *now,
	enum outbox_state *to, struct err *e)
{
	int64_t accepted = 0, from = now->state;
	bool may = (a->from ? a->from : ALLOWED_FROM[a->to]) & 1u << from;
	if (db_value(w->db, &accepted, e, SQL_HAS_ACCEPTED, "i", a->id))
		return -1;
	*to = a->to;
	/* Taking back a mail that some have got already leaves it sent, in part. */
	if (accepted && (a->to == OUTBOX_DRAFT || a->to == OUTBOX_CANCELLED))
		*to = OUTBOX_SENT;
	/* From handed back to queued only with the server's answer about each recipient in hand. */
	if (a->to == OUTBOX_QUEUED && !a->from && (from == OUTBOX_HANDED || from == OUTBOX_UNKNOWN))
		may = a->n > 0;
	if (from == OUTBOX_CONNECTING && a->to == OUTBOX_SENT)
		may = accepted > 0;
	/* Held or written anew since it was found due. */
	if (a->to == OUTBOX_CONNECTING)
		may = may && now->not_before <= w->now;
	return may ? 0
		   : err_set(e, ERR_CONFLICT, "%s",
			     _("The mail in the outbox is in another state by now."));
}

/* What became of it is in the audit; the steps on the way are in the log. */
static int note_step(struct write *w, const struct state_args *a, int64_t account, int64_t from,
	enum outbox_state to, struct err *e)
{
	log_line(LOG_NOTE, "send", "account %lld: mail %lld: %s", (long long)account,
		(long long)a->id, outbox_state_name(to));
	if (from == (int64_t)to ||
		(to != OUTBOX_SENT && to != OUTBOX_REFUSED && to != OUTBOX_UNKNOWN))
		return 0;
	const struct audit_row row = {.kind = AUDIT_SEND,
		.is_ok = to == OUTBOX_SENT,
		.account = account,
		.ref = a->id,
		.reason = outbox_state_name(to)};
	return audit_add(w, &row, e);
}

/* A mail that is written anew goes on with the service's draft, one that is thrown away takes it
 * along; the user has said what became of it, or it went with the refusal. */
static int note_far_draft(struct write *w, const struct state_args *a, int64_t from,
	enum outbox_state to, struct err *e)
{
	bool is_over = to == OUTBOX_REFUSED || to == OUTBOX_CANCELLED ||
		       (to == OUTBOX_QUEUED && from == OUTBOX_UNKNOWN && a->from);
	const char *sql = to == OUTBOX_DRAFT       ? SQL_FAR_DRAFT_STAYS
			  : to == OUTBOX_CANCELLED ? SQL_FAR_DRAFT_GOES
			  : to == OUTBOX_SENT      ? SQL_FAR_DRAFT_WENT
						   : NULL;
	if (sql && db_run(w->db, e, sql, "i", a->id))
		return -1;
	return is_over ? db_run(w->db, e, SQL_NO_FAR_DRAFT, "i", a->id) : 0;
}

static int write_state(struct write *w, void *arg, struct err *e)
{
	const struct state_args *a = arg;
	struct now_row now = {0, 0, 0, 0};
	enum outbox_state to = a->to;
	if (read_state(w, a->id, &now, e) || may_leave(w, a, &now, &to, e))
		return -1;
	int64_t attempt = a->to == OUTBOX_CONNECTING;
	if (db_run(w->db, e, SQL_SET_STATE, "iiitiit", a->id, (int64_t)to, a->not_before, a->why,
		    w->now, attempt, a->far_message_id) ||
		(a->sent_by && db_run(w->db, e, SQL_SET_WAY, "iti", a->id, a->sent_by,
				       (int64_t)a->files_sent)))
		return -1;
	for (size_t i = 0; i < a->n; i++)
		if (db_run(w->db, e, SQL_SET_RECIPIENT, "itit", a->id, a->recipients[i].addr,
			    (int64_t)a->recipients[i].state, a->recipients[i].reply))
			return -1;
	if (note_far_draft(w, a, now.state, to, e))
		return -1;
	if (turn_recipients(w, a, now.state, to, e))
		return -1;
	write_event(w, EV_OUTBOX, now.account, 0, a->id, 1);
	if (note_step(w, a, now.account, now.state, to, e))
		return -1;
	return to == OUTBOX_SENT ? mark_answered(w, now.reply_to, e) : 0;
}

int outbox_set_state(struct store *s, int64_t id, enum outbox_state to,
	const struct outbox_recipient *recipients, size_t n, const struct err *why,
	int64_t not_before, struct err *e)
{
	struct state_args a = {.id = id,
		.to = to,
		.recipients = recipients,
		.n = recipients ? n : 0,
		.why = why && why->code ? why->msg : NULL,
		.not_before = not_before};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_state, &a, e);
}

int outbox_set_handed(struct store *s, int64_t id, const struct outbox_recipient *recipients,
	size_t n, const char *by, bool files_sent, struct err *e)
{
	struct state_args a = {.id = id,
		.to = OUTBOX_HANDED,
		.recipients = recipients,
		.n = recipients ? n : 0,
		.sent_by = by,
		.files_sent = files_sent};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_state, &a, e);
}

int outbox_set_sent(struct store *s, int64_t id, const struct outbox_recipient *recipients,
	size_t n, const char *message_id, struct err *e)
{
	struct state_args a = {.id = id,
		.to = OUTBOX_SENT,
		.recipients = recipients,
		.n = recipients ? n : 0,
		.far_message_id = message_id && *message_id ? message_id : NULL};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_state, &a, e);
}

/* ---- what the user says ---------------------------------------------------------------------- */

#define WAITING (1u << OUTBOX_HELD | 1u << OUTBOX_SCHEDULED | 1u << OUTBOX_QUEUED)

static const struct {
	enum outbox_state to;
	unsigned from; /* 0 = as ALLOWED_FROM says */
	int64_t not_before;
} ACTS[] = {
	[OUTBOX_TAKE_BACK] = {OUTBOX_DRAFT, 0, 0},
	[OUTBOX_DISCARD] = {OUTBOX_CANCELLED, 0, 0},
	[OUTBOX_HOLD] = {OUTBOX_HELD, WAITING, OUTBOX_HELD_FOREVER},
	[OUTBOX_SEND_NOW] = {OUTBOX_QUEUED, WAITING | 1u << OUTBOX_REFUSED, 0},
	[OUTBOX_WAS_SENT] = {OUTBOX_SENT, 1u << OUTBOX_UNKNOWN, 0},
	[OUTBOX_WAS_NOT_SENT] = {OUTBOX_QUEUED, 1u << OUTBOX_UNKNOWN, 0},
};

static struct state_args args_of(int64_t id, enum outbox_act act)
{
	return (struct state_args){.id = id,
		.to = ACTS[act].to,
		.from = ACTS[act].from,
		.not_before = ACTS[act].not_before};
}

int64_t outbox_act(struct store *s, int64_t id, enum outbox_act act)
{
	struct state_args *a = xmalloc(sizeof *a);
	*a = args_of(id, act);
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_state, a, free);
}

int outbox_act_wait(struct store *s, int64_t id, enum outbox_act act, struct err *e)
{
	struct state_args a = args_of(id, act);
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_state, &a, e);
}

/* ---- later ------------------------------------------------------------------------ */

static int write_filed(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_MESSAGE_ID, "i", *id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	const char *mid = db_text(&w->arena, q, 0);
	sqlite3_reset(q);
	write_event(w, EV_OUTBOX, 0, 0, *id, 1);
	return db_run(w->db, e, SQL_FILED, "iit", *id, hash64(mid, strlen(mid)), mid);
}

int outbox_filed(struct store *s, int64_t id, struct err *e)
{
	return writer_call(&s->main, WRITE_FULL, write_filed, &id, e);
}

struct later_args {
	int64_t id, not_before;
	const char *why;
};

static int write_later(struct write *w, void *arg, struct err *e)
{
	const struct later_args *a = arg;
	write_event(w, EV_OUTBOX, 0, 0, a->id, 1);
	return db_run(w->db, e, SQL_COPY_LATER, "iiti", a->id, a->not_before, a->why, w->now);
}

int outbox_copy_later(struct store *s, int64_t id, int64_t not_before, const struct err *why,
	struct err *e)
{
	struct later_args a = {id, not_before, why && why->code ? why->msg : NULL};
	return writer_call(&s->main, WRITE_FULL, write_later, &a, e);
}

static int write_ask_later(struct write *w, void *arg, struct err *e)
{
	const struct later_args *a = arg;
	write_event(w, EV_OUTBOX, 0, 0, a->id, 1);
	return db_run(w->db, e, SQL_ASK_LATER, "iit", a->id, a->not_before, a->why);
}

int outbox_ask_later(struct store *s, int64_t id, int64_t not_before, const struct err *why,
	struct err *e)
{
	struct later_args a = {id, not_before, why && why->code ? why->msg : NULL};
	return writer_call(&s->main, WRITE_FULL, write_ask_later, &a, e);
}

/* ---- at the service -------------------------------------------------------------------------- */

struct far_args {
	int64_t id;
	const char *draft, *by;
};

static int write_far_draft(struct write *w, void *arg, struct err *e)
{
	const struct far_args *a = arg;
	return db_run(w->db, e, SQL_FAR_DRAFT, "itt", a->id, a->draft, a->by);
}

int outbox_set_far_draft(struct store *s, int64_t id, const char *draft, const char *by,
	struct err *e)
{
	struct far_args a = {id, draft, by};
	return writer_call(&s->main, WRITE_FULL, write_far_draft, &a, e);
}
