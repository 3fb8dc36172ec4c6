/* flags.c - the one place that computes message.flags from message.remote_flags and table op. */
#include "config.h"

#include "flags.h"

#include "crmail/base/op.h"

static const char SQL_NOW[] = "SELECT remote_flags, flags, thread FROM message WHERE id = ?";
static const char SQL_WAITING[] = "SELECT flags_add, flags_remove FROM op WHERE message = ?"
				  " AND kind = 1 AND state = 0 ORDER BY id";
static const char SQL_PUT[] = "UPDATE message SET remote_flags = ?2, flags = ?3 WHERE id = ?1";

struct message_flags {
	int64_t remote, shown, thread;
};

static int read_now(struct write *w, int64_t message, struct message_flags *f, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_NOW, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	*f = (struct message_flags){0, 0, 0};
	if (rc == 1) {
		*f = (struct message_flags){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
			sqlite3_column_int64(q, 2)};
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

static int put_ops_on_top(struct write *w, int64_t message, int64_t *flags, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_WAITING, "i", message))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		*flags = (*flags | sqlite3_column_int64(q, 0)) & ~sqlite3_column_int64(q, 1);
	return rc;
}

static int put_flags(struct write *w, int64_t message, const struct message_flags *now,
	int64_t remote, struct thread_set *touched, bool *has_changed, struct err *e)
{
	int64_t shown = remote;
	if (put_ops_on_top(w, message, &shown, e))
		return -1;
	if (has_changed)
		*has_changed = shown != now->shown;
	if (remote == now->remote && shown == now->shown)
		return 0;
	if (shown != now->shown)
		thread_set_add(w, touched, now->thread);
	return db_run(w->db, e, SQL_PUT, "iii", message, remote, shown);
}

int flags_set_remote(struct write *w, int64_t message, uint32_t remote, struct thread_set *touched,
	bool *has_changed, struct err *e)
{
	struct message_flags now;
	if (read_now(w, message, &now, e))
		return -1;
	if (!now.thread)
		return 0;
	return put_flags(w, message, &now, remote, touched, has_changed, e);
}

int flags_recompute(struct write *w, int64_t message, struct thread_set *touched, struct err *e)
{
	struct message_flags now;
	if (read_now(w, message, &now, e))
		return -1;
	if (!now.thread)
		return 0;
	return put_flags(w, message, &now, now.remote, touched, NULL, e);
}
