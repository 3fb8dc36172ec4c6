/*
 * opqueue.c - table op as workers see it: what is due, what became of it.
 */
#include "config.h"

#include "crmail/store/opqueue.h"

#include <string.h>

#include "action.h"
#include "flags.h"
#include "label.h"

static const char SQL_DUE[] =
	"SELECT o.id, o.kind, o.account, o.message, f.server_name, p.server_id, t.server_name,"
	" m.mid, o.flags_add, o.flags_remove, o.attempts, o.not_before, f.cursor"
	" FROM op o LEFT JOIN message m ON m.id = o.message"
	" LEFT JOIN placement p ON p.id = (SELECT min(id) FROM placement WHERE message = o.message"
	"  AND server_id IS NOT NULL AND (o.folder IS NULL OR folder = o.folder))"
	" LEFT JOIN folder f ON f.id = p.folder LEFT JOIN folder t ON t.id = o.to_folder"
	" WHERE o.account = ?1 AND o.state = 0 AND o.not_before <= ?2"
	" AND (o.message IS NULL OR p.id IS NOT NULL)"
	" AND NOT EXISTS (SELECT 1 FROM op d WHERE d.id = o.depends_on AND d.state = 0)"
	" ORDER BY o.id LIMIT ?3";
static const char SQL_NEXT[] = "SELECT min(not_before) FROM op WHERE account = ?1 AND state = 0"
			       " AND not_before > ?2";
static const char SQL_OP[] = "SELECT kind, account, message, folder, to_folder, flags_add,"
			     " flags_remove, state FROM op WHERE id = ?";
static const char SQL_DROP[] = "DELETE FROM op WHERE id = ?";
static const char SQL_REMOTE[] = "SELECT remote_flags FROM message WHERE id = ?";
static const char SQL_LEAVE[] = "DELETE FROM placement WHERE folder = ?1 AND message = ?2"
				" AND (is_remote = 1 OR is_shown = 0)";
static const char SQL_TAKEN[] = "SELECT 1 FROM placement WHERE folder = ?1 AND server_id = ?2";
static const char SQL_DROP_PENDING[] = "DELETE FROM placement WHERE folder = ?1 AND message = ?2"
				       " AND server_id IS NULL";
static const char SQL_ARRIVE[] = "UPDATE placement SET server_id = ?3, is_remote = 1"
				 " WHERE folder = ?1 AND message = ?2 AND server_id IS NULL";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_TWIN[] = "SELECT id FROM folder WHERE account = ? AND server_name = ?"
			       " AND id <> ?";
static const char SQL_THREADS_IN[] = "SELECT DISTINCT m.thread FROM placement p"
				     " JOIN message m ON m.id = p.message WHERE p.folder = ?";
static const char SQL_NAME_FOLDER[] = "UPDATE folder SET server_name = ?2 WHERE id = ?1";
static const char SQL_PLACES_OVER[] = "UPDATE OR IGNORE placement SET folder = ?2"
				      " WHERE folder = ?1";
static const char SQL_OPS_OVER[] = "UPDATE op SET to_folder = ?2 WHERE to_folder = ?1";
static const char SQL_OPS_FROM_OVER[] = "UPDATE op SET folder = ?2 WHERE folder = ?1";
static const char SQL_FORGET_SOURCE[] = "UPDATE placement SET server_id = NULL, is_remote = 0"
					" WHERE folder = ?1 AND message = ?2 AND is_shown = 1";
static const char SQL_PUT_HIDDEN[] =
	"INSERT OR IGNORE INTO placement (folder, message, server_id, is_remote, is_shown)"
	" VALUES (?1, ?2, ?3, 1, 0)";
static const char SQL_MOVE_BACK[] =
	"INSERT INTO op (kind, account, message, folder, to_folder, created_at)"
	" VALUES (2, ?1, ?2, ?3, ?4, ?5)";
static const char SQL_FLAGS_BACK[] =
	"INSERT INTO op (kind, account, message, flags_add, flags_remove, created_at)"
	" VALUES (1, ?1, ?2, ?3, ?4, ?5)";
static const char SQL_LATER[] = "UPDATE op SET attempts = attempts + 1, not_before = ?2,"
				" error = ?3 WHERE id = ?1";
static const char SQL_PARK[] = "UPDATE op SET attempts = attempts + 1, state = 1, error = ?2"
			       " WHERE id = ?1";
static const char SQL_COUNTS[] = "SELECT ifnull(sum(state = 0), 0), ifnull(sum(state = 1), 0)"
				 " FROM op WHERE account = ?1 OR ?1 = 0";

int op_due(struct store_reader *r, struct arena *a, int64_t account, size_t max, struct op **out,
	size_t *n, int64_t *next_due, struct err *e)
{
	struct db *d = reader_db(r);
	struct op *v = arena_array(a, max + 1, sizeof *v);
	int64_t now = store_now(r->store), next = 0;
	size_t count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_DUE, "iii", account, now, (int64_t)max))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		v[count++] = (struct op){
			.id = sqlite3_column_int64(q, 0),
			.kind = (enum op_kind)sqlite3_column_int(q, 1),
			.account = sqlite3_column_int64(q, 2),
			.message = sqlite3_column_int64(q, 3),
			.folder = db_text(a, q, 4),
			.server_id = db_text(a, q, 5),
			.to_folder = db_text(a, q, 6),
			.message_id = db_text(a, q, 7),
			.flags_add = (uint32_t)sqlite3_column_int64(q, 8),
			.flags_remove = (uint32_t)sqlite3_column_int64(q, 9),
			.attempts = (uint32_t)sqlite3_column_int64(q, 10),
			.not_before = sqlite3_column_int64(q, 11),
			.cursor = db_text(a, q, 12),
		};
	if (rc || db_value(d, &next, e, SQL_NEXT, "ii", account, now))
		return -1;
	*out = v;
	*n = count;
	*next_due = next;
	return 0;
}

struct op_row {
	int64_t id, kind, account, message, folder, to_folder, add, remove, state;
};

static int read_op(struct write *w, int64_t id, struct op_row *o, bool *is_there, struct err *e)
{
	sqlite3_stmt *q;
	*is_there = false;
	if (db_query(w->db, &q, e, SQL_OP, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	*o = (struct op_row){id, sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
		sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4),
		sqlite3_column_int64(q, 5), sqlite3_column_int64(q, 6), sqlite3_column_int64(q, 7)};
	sqlite3_reset(q);
	*is_there = true;
	return 0;
}

static int done_flags(struct write *w, const struct op_row *o, struct thread_set *touched,
	struct err *e)
{
	int64_t remote = 0;
	if (db_value(w->db, &remote, e, SQL_REMOTE, "i", o->message))
		return -1;
	/* only what the op changed: the rest was another client's */
	int64_t put_back = o->remove & remote, take_back = o->add & ~remote;
	remote = (remote | o->add) & ~o->remove;
	if (o->state == OP_WITHDRAWN && (put_back || take_back) &&
		db_run(w->db, e, SQL_FLAGS_BACK, "iiiii", o->account, o->message, put_back,
			take_back, w->now))
		return -1;
	return flags_set_remote(w, o->message, (uint32_t)remote, touched, NULL, e);
}

/* The server has it in the new folder now. Without its id there, the next listing of that folder
 * tells it: the message is known again by its content. */
static int arrive(struct write *w, const struct op_row *o, const char *new_id, struct err *e)
{
	int64_t taken = 0;
	if (!new_id)
		return 0;
	if (db_value(w->db, &taken, e, SQL_TAKEN, "it", o->to_folder, new_id))
		return -1;
	if (taken) /* a listing was faster */
		return db_run(w->db, e, SQL_DROP_PENDING, "ii", o->to_folder, o->message);
	return db_run(w->db, e, SQL_ARRIVE, "iit", o->to_folder, o->message, new_id);
}

/* Undone while it was on its way: back again. */
static int move_back(struct write *w, const struct op_row *o, const char *new_id, struct err *e)
{
	return db_run(w->db, e, SQL_FORGET_SOURCE, "ii", o->folder, o->message) ||
			       db_run(w->db, e, SQL_PUT_HIDDEN, "iit", o->to_folder, o->message,
				       new_id) ||
			       db_run(w->db, e, SQL_MOVE_BACK, "iiiii", o->account, o->message,
				       o->to_folder, o->folder, w->now)
		       ? -1
		       : 0;
}

static int done_move(struct write *w, const struct op_row *o, const char *new_id,
	struct thread_set *touched, struct err *e)
{
	int64_t thread = 0;
	if (db_value(w->db, &thread, e, SQL_THREAD_OF, "i", o->message))
		return -1;
	thread_set_add(w, touched, thread);
	if (o->state == OP_WITHDRAWN)
		return move_back(w, o, new_id, e);
	return db_run(w->db, e, SQL_LEAVE, "ii", o->folder, o->message) || arrive(w, o, new_id, e)
		       ? -1
		       : 0;
}

/* Where folders have ids of the server's, the one made here gets its own now. If a listing was
 * faster, what waits for ours is the listed one's, and ours goes with the next listing. */
static int done_folder(struct write *w, const struct op_row *o, const char *new_id,
	struct thread_set *touched, struct err *e)
{
	sqlite3_stmt *q;
	int64_t twin = 0;
	int rc;
	if (!new_id)
		return 0;
	if (db_value(w->db, &twin, e, SQL_TWIN, "iti", o->account, new_id, o->to_folder))
		return -1;
	if (!twin)
		return db_run(w->db, e, SQL_NAME_FOLDER, "it", o->to_folder, new_id);
	if (db_query(w->db, &q, e, SQL_THREADS_IN, "i", o->to_folder))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		thread_set_add(w, touched, sqlite3_column_int64(q, 0));
	return rc || db_run(w->db, e, SQL_PLACES_OVER, "ii", o->to_folder, twin) ||
			       db_run(w->db, e, SQL_OPS_OVER, "ii", o->to_folder, twin) ||
			       db_run(w->db, e, SQL_OPS_FROM_OVER, "ii", o->to_folder, twin)
		       ? -1
		       : 0;
}

static struct label_op label_of(const struct op_row *o)
{
	return (struct label_op){o->account, o->message, o->folder, o->to_folder};
}

struct done_args {
	int64_t op;
	const char *new_id;
};

static int write_done(struct write *w, void *arg, struct err *e)
{
	const struct done_args *a = arg;
	struct thread_set touched = {NULL, 0, 0};
	struct op_row o;
	bool is_there;
	if (read_op(w, a->op, &o, &is_there, e))
		return -1;
	if (!is_there)
		return 0;
	if (db_run(w->db, e, SQL_DROP, "i", o.id))
		return -1;
	const struct label_op label = label_of(&o);
	int rc = 0;
	if (o.kind == OP_FLAGS)
		rc = done_flags(w, &o, &touched, e);
	else if (o.kind == OP_MOVE)
		rc = done_move(w, &o, a->new_id, &touched, e);
	else if (o.kind == OP_COPY)
		rc = label_copied(w, &label, a->new_id, &touched, e);
	else if (o.kind == OP_EXPUNGE)
		rc = label_expunged(w, &label, o.state == OP_WITHDRAWN, &touched, e);
	else if (o.kind == OP_FOLDER_CREATE)
		rc = done_folder(w, &o, a->new_id, &touched, e);
	write_event(w, EV_ACCOUNT, o.account, 0, 0, 1);
	return rc ? rc : thread_refresh(w, &touched, e);
}

int op_done(struct store *s, int64_t op, const char *new_server_id, struct err *e)
{
	struct done_args a = {op, new_server_id};
	return writer_call(&s->main, WRITE_FULL, write_done, &a, e);
}

struct failed_args {
	int64_t op, not_before;
	const struct err *why;
	int park;
};

/* A parked op shows no longer: the row is as the server has it, with the reason beside it. */
static int park_op(struct write *w, const struct op_row *o, const char *why, struct err *e)
{
	struct thread_set touched = {NULL, 0, 0};
	if (db_run(w->db, e, SQL_PARK, "it", o->id, why))
		return -1;
	if (o->kind == OP_FLAGS && flags_recompute(w, o->message, &touched, e))
		return -1;
	if (o->kind == OP_MOVE &&
		change_undo_move(w, o->message, o->folder, o->to_folder, &touched, e))
		return -1;
	const struct label_op label = label_of(o);
	if (o->kind == OP_COPY && label_copy_refused(w, &label, &touched, e))
		return -1;
	if (o->kind == OP_EXPUNGE && label_expunge_refused(w, &label, &touched, e))
		return -1;
	return thread_refresh(w, &touched, e);
}

static int write_failed(struct write *w, void *arg, struct err *e)
{
	const struct failed_args *a = arg;
	struct op_row o;
	bool is_there;
	if (read_op(w, a->op, &o, &is_there, e))
		return -1;
	if (!is_there)
		return 0;
	write_event(w, EV_ACCOUNT, o.account, 0, 0, 1);
	if (o.state == OP_WITHDRAWN)
		return db_run(w->db, e, SQL_DROP, "i", o.id);
	if (a->park)
		return park_op(w, &o, a->why->msg, e);
	return db_run(w->db, e, SQL_LATER, "iit", o.id, a->not_before, a->why->msg);
}

int op_failed(struct store *s, int64_t op, const struct err *why, int64_t not_before, int park,
	struct err *e)
{
	struct failed_args a = {op, not_before, why, park};
	return writer_call(&s->main, WRITE_FULL, write_failed, &a, e);
}

int op_counts(struct store_reader *r, int64_t account, int64_t *queued, int64_t *parked,
	struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_COUNTS, "i", account))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	*queued = sqlite3_column_int64(q, 0);
	*parked = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 0;
}
