/*
 * moved.c - a message that left one folder and comes again in another: its row, and the flag
 * changes that wait for it, survive whichever of the two folders is looked at first.
 */
#include "config.h"

#include "moved.h"

#include "crmail/store/opqueue.h"

#include "flags.h"

/* The moment is part of it: a mail delivered a second time is another message. */
static const char SQL_UNPLACED[] =
	"SELECT m.id FROM message m WHERE m.equal_key = ?1 AND m.account = ?2"
	" AND m.received BETWEEN ?3 - 1 AND ?3 + 1"
	" AND NOT EXISTS (SELECT 1 FROM placement WHERE message = m.id) LIMIT 1";
static const char SQL_IS_PLACED[] = "SELECT 1 FROM placement WHERE message = ? LIMIT 1";
static const char SQL_CAME_AGAIN[] =
	"SELECT o.id FROM message m CROSS JOIN message o ON o.equal_key = m.equal_key"
	" WHERE m.id = ?1 AND o.account = m.account AND o.id <> m.id"
	" AND o.received BETWEEN m.received - 1 AND m.received + 1"
	" AND EXISTS (SELECT 1 FROM placement WHERE message = o.id) ORDER BY o.id DESC LIMIT 1";
static const char SQL_DROP_OTHERS[] = "DELETE FROM op WHERE message = ?1 AND kind <> 1"
				      " AND state <> 2";
static const char SQL_HAND_OVER[] = "UPDATE op SET message = ?2 WHERE message = ?1 AND kind = 1"
				    " AND state <> 2";
static const char SQL_DROP_LOST[] =
	"DELETE FROM op WHERE account = ?1 AND kind = 1 AND state <> 2"
	" AND NOT EXISTS (SELECT 1 FROM placement p WHERE p.message = op.message)"
	" RETURNING message";

int moved_find(struct write *w, int64_t account, const char *equal_key, int64_t received,
	int64_t *message, struct err *e)
{
	*message = 0;
	return equal_key ? db_value(w->db, message, e, SQL_UNPLACED, "bii", equal_key, (size_t)32,
				   account, received)
			 : 0;
}

int moved_keep_ops(struct write *w, int64_t message, struct thread_set *touched, struct err *e)
{
	int64_t is_placed = 0, again = 0;
	if (db_value(w->db, &is_placed, e, SQL_IS_PLACED, "i", message))
		return -1;
	if (is_placed)
		return 0;
	if (db_run(w->db, e, SQL_DROP_OTHERS, "i", message) ||
		db_value(w->db, &again, e, SQL_CAME_AGAIN, "i", message))
		return -1;
	if (!again)
		return 0;
	return db_run(w->db, e, SQL_HAND_OVER, "ii", message, again) ||
			       flags_recompute(w, message, touched, e) ||
			       flags_recompute(w, again, touched, e)
		       ? -1
		       : 0;
}

struct lost {
	int64_t *v;
	size_t n, cap;
};

static int write_drop_lost(struct write *w, void *arg, struct err *e)
{
	const int64_t *account = arg;
	struct thread_set touched = {NULL, 0, 0};
	struct lost lost = {NULL, 0, 0};
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_DROP_LOST, "i", *account))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		lost.v = arena_grow(&w->arena, lost.v, &lost.cap, lost.n + 1, sizeof *lost.v);
		lost.v[lost.n++] = sqlite3_column_int64(q, 0);
	}
	for (size_t i = 0; rc == 0 && i < lost.n; i++)
		rc = flags_recompute(w, lost.v[i], &touched, e);
	if (lost.n)
		write_event(w, EV_ACCOUNT, *account, 0, 0, 1);
	return rc ? rc : thread_refresh(w, &touched, e);
}

int op_drop_lost(struct store *s, int64_t account, struct err *e)
{
	return writer_call(&s->main, 0, write_drop_lost, &account, e);
}
