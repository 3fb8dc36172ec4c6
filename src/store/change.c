/*
 * change.c - one change of a message: shown at once, queued for the server, noted for undo. An op
 * that undoes one still waiting cancels it out instead.
 */
#include "config.h"

#include "action.h"

#include "flags.h"

enum { TRASH_DELAY_S = 5 }; /* a destructive op waits: undo is then free */

static const char SQL_FACTS[] = "SELECT flags, account FROM message WHERE id = ?";
static const char SQL_OP_FLAGS[] =
	"INSERT INTO op (kind, account, message, flags_add, flags_remove, grp, not_before,"
	" created_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, 0, ?6)";
static const char SQL_OP_MOVE[] =
	"INSERT INTO op (kind, account, message, folder, to_folder, grp, depends_on, not_before,"
	" created_at) VALUES (2, ?1, ?2, ?3, ?4, ?5, (SELECT max(id) FROM op WHERE state = 0"
	" AND ((kind = 6 AND to_folder = ?4) OR (kind = 2 AND message = ?2))), ?6, ?7)";
static const char SQL_INVERSE_FLAGS[] =
	"SELECT id FROM op WHERE message = ?1 AND kind = 1 AND state = 0 AND flags_add = ?3"
	" AND flags_remove = ?2 ORDER BY id DESC LIMIT 1";
static const char SQL_INVERSE_MOVE[] =
	"SELECT id FROM op WHERE message = ?1 AND kind = 2 AND state = 0 AND folder = ?3"
	" AND to_folder = ?2 AND id = (SELECT max(id) FROM op WHERE message = ?1 AND kind = 2"
	" AND state = 0)";
/* What is not due cannot be on its way; the rest may be, and opqueue.c learns what became of it. */
static const char SQL_WITHDRAW[] = "UPDATE op SET state = 2 WHERE id = ?1 AND not_before <= ?2";
static const char SQL_DROP_OP[] = "DELETE FROM op WHERE id = ?1 AND state = 0";
static const char SQL_NOTE[] =
	"INSERT INTO change (grp, kind, message, flags_add, flags_remove, folder, to_folder, at)"
	" VALUES (?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?)";
static const char SQL_PLACEMENT[] = "SELECT id FROM placement WHERE folder = ?1 AND message = ?2"
				    " AND is_shown = ?3 ORDER BY id LIMIT 1";
static const char SQL_SHOW[] = "UPDATE placement SET is_shown = ?2 WHERE id = ?1";
static const char SQL_DROP_PENDING[] =
	"DELETE FROM placement WHERE id = ?1 AND is_remote = 0 AND server_id IS NULL";
static const char SQL_PLACE[] = "INSERT INTO placement (folder, message, server_id, is_remote,"
				" is_shown) VALUES (?, ?, NULL, 0, 1)";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_ACCOUNT_OF[] = "SELECT account FROM message WHERE id = ?";
static const char SQL_ROLE[] = "SELECT role FROM folder WHERE id = ?";

int change_cancel(struct write *w, int64_t op, struct err *e)
{
	return db_run(w->db, e, SQL_WITHDRAW, "ii", op, w->now) ||
			       db_run(w->db, e, SQL_DROP_OP, "i", op)
		       ? -1
		       : 0;
}

static int note_change(struct write *w, int64_t grp, enum op_kind kind, int64_t message,
	int64_t add, int64_t remove, int64_t from, int64_t to, struct err *e)
{
	if (!grp)
		return 0;
	return db_run(w->db, e, SQL_NOTE, "iiiiiiii", grp, (int64_t)kind, message, add, remove,
		from, to, w->now);
}

static int read_flags(struct write *w, int64_t message, int64_t *flags, int64_t *account,
	struct err *e)
{
	sqlite3_stmt *q;
	*flags = *account = 0;
	if (db_query(w->db, &q, e, SQL_FACTS, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	*flags = sqlite3_column_int64(q, 0);
	*account = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 0;
}

/* Towards the flags that the user wants, from those that are shown. An op that only did the
 * opposite is cancelled out; *was_cancelled says so. */
static int step_flags(struct write *w, int64_t message, int64_t add, int64_t remove, int64_t grp,
	bool *was_cancelled, struct thread_set *touched, struct err *e)
{
	int64_t inverse = 0, flags, account;
	*was_cancelled = false;
	if (read_flags(w, message, &flags, &account, e))
		return -1;
	int64_t put = add & ~flags, take = remove & flags;
	if (!account || (!put && !take))
		return 0;
	if (db_value(w->db, &inverse, e, SQL_INVERSE_FLAGS, "iii", message, put, take))
		return -1;
	*was_cancelled = inverse != 0;
	if (inverse ? change_cancel(w, inverse, e)
		    : db_run(w->db, e, SQL_OP_FLAGS, "iiiiii", account, message, put, take, grp,
			      w->now))
		return -1;
	return note_change(w, grp, OP_FLAGS, message, put, take, 0, 0, e) ||
			       flags_recompute(w, message, touched, e)
		       ? -1
		       : 0;
}

/* A cancelled op shows what the server has, which another client may have changed meanwhile to the
 * very thing that the user does not want: then there is one step more. */
int change_flags(struct write *w, int64_t message, uint32_t add, uint32_t remove, int64_t grp,
	struct thread_set *touched, struct err *e)
{
	bool again;
	if (step_flags(w, message, add, remove, grp, &again, touched, e))
		return -1;
	return again ? step_flags(w, message, add, remove, grp, &again, touched, e) : 0;
}

int change_undo_flags(struct write *w, int64_t message, uint32_t added, uint32_t removed,
	struct thread_set *touched, struct err *e)
{
	bool ignored;
	return step_flags(w, message, removed, added, 0, &ignored, touched, e);
}

static int find_placement(struct write *w, int64_t folder, int64_t message, bool is_shown,
	int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(w->db, out, e, SQL_PLACEMENT, "iii", folder, message, (int64_t)is_shown);
}

/* What only stood for a move that will not be leaves no trace. */
static int hide(struct write *w, int64_t placement, bool was_cancelled, struct err *e)
{
	if (db_run(w->db, e, SQL_SHOW, "ii", placement, (int64_t)0))
		return -1;
	return was_cancelled ? db_run(w->db, e, SQL_DROP_PENDING, "i", placement) : 0;
}

static int show_in(struct write *w, int64_t folder, int64_t message, struct err *e)
{
	int64_t hidden;
	if (find_placement(w, folder, message, false, &hidden, e))
		return -1;
	return hidden ? db_run(w->db, e, SQL_SHOW, "ii", hidden, (int64_t)1)
		      : db_run(w->db, e, SQL_PLACE, "ii", folder, message);
}

static int queue_move(struct write *w, int64_t message, int64_t from, int64_t to, int64_t grp,
	struct err *e)
{
	int64_t role = 0, account = 0;
	if (db_value(w->db, &role, e, SQL_ROLE, "i", to) ||
		db_value(w->db, &account, e, SQL_ACCOUNT_OF, "i", message))
		return -1;
	int64_t not_before = role == FOLDER_TRASH ? w->now + TRASH_DELAY_S : 0;
	return db_run(w->db, e, SQL_OP_MOVE, "iiiiiii", account, message, from, to, grp, not_before,
		w->now);
}

int change_folder(struct write *w, int64_t message, int64_t from, int64_t to, int64_t grp,
	struct thread_set *touched, struct err *e)
{
	int64_t here, inverse = 0, thread = 0;
	if (from == to || find_placement(w, from, message, true, &here, e))
		return from == to ? 0 : -1;
	if (!here)
		return 0;
	if (db_value(w->db, &inverse, e, SQL_INVERSE_MOVE, "iii", message, from, to) ||
		db_value(w->db, &thread, e, SQL_THREAD_OF, "i", message))
		return -1;
	if (inverse ? change_cancel(w, inverse, e) : queue_move(w, message, from, to, grp, e))
		return -1;
	if (hide(w, here, inverse != 0, e) || show_in(w, to, message, e) ||
		note_change(w, grp, OP_MOVE, message, 0, 0, from, to, e))
		return -1;
	thread_set_add(w, touched, thread);
	return 0;
}

int change_undo_move(struct write *w, int64_t message, int64_t from, int64_t to,
	struct thread_set *touched, struct err *e)
{
	int64_t there, thread = 0;
	if (find_placement(w, to, message, true, &there, e) ||
		db_value(w->db, &thread, e, SQL_THREAD_OF, "i", message))
		return -1;
	if (!there)
		return 0;
	thread_set_add(w, touched, thread);
	return hide(w, there, true, e) || show_in(w, from, message, e) ? -1 : 0;
}
