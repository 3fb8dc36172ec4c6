/*
 * parked.c - changes that were given up: why, and what the user wants done about them.
 */
#include "config.h"

#include "crmail/store/opqueue.h"

#include "action.h"

static const char SQL_COUNT[] = "SELECT count(*) FROM op WHERE account = ? AND state = 1";
static const char SQL_REASON[] = "SELECT error FROM op WHERE account = ? AND state = 1"
				 " ORDER BY id DESC LIMIT 1";
static const char SQL_ALL[] = "SELECT id, kind, message, folder, to_folder, flags_add, flags_remove"
			      " FROM op WHERE state = 1 ORDER BY id";
static const char SQL_AGAIN[] =
	"UPDATE op SET state = 0, attempts = 0, not_before = 0, error = NULL"
	" WHERE id = ?";
static const char SQL_DROP[] = "DELETE FROM op WHERE id = ?";
static const char SQL_FORGET[] = "DELETE FROM op WHERE state = 1 RETURNING account";

int op_parked(struct store_reader *r, struct arena *a, int64_t account, int64_t *n,
	const char **reason, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*n = 0;
	*reason = NULL;
	if (db_value(d, n, e, SQL_COUNT, "i", account))
		return -1;
	if (!*n)
		return 0;
	if (db_query(d, &q, e, SQL_REASON, "i", account))
		return -1;
	int rc = db_step(d, q, e);
	if (rc == 1) {
		*reason = db_text(a, q, 0);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

struct parked {
	int64_t id, kind, message, folder, to_folder, add, remove;
};

struct parked_list {
	struct parked *v;
	size_t n, cap;
};

static int read_all(struct write *w, struct parked_list *l, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_ALL, ""))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		l->v = arena_grow(&w->arena, l->v, &l->cap, l->n + 1, sizeof *l->v);
		l->v[l->n++] = (struct parked){sqlite3_column_int64(q, 0),
			sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
			sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4),
			sqlite3_column_int64(q, 5), sqlite3_column_int64(q, 6)};
	}
	return rc;
}

/* A parked change of flags or place shows no longer: it is made anew, as the user made it. */
static int again(struct write *w, const struct parked *p, struct thread_set *touched, struct err *e)
{
	if (p->kind != OP_FLAGS && p->kind != OP_MOVE)
		return db_run(w->db, e, SQL_AGAIN, "i", p->id);
	if (db_run(w->db, e, SQL_DROP, "i", p->id))
		return -1;
	return p->kind == OP_FLAGS
		       ? change_flags(w, p->message, (uint32_t)p->add, (uint32_t)p->remove, 0,
				 touched, e)
		       : change_folder(w, p->message, p->folder, p->to_folder, 0, touched, e);
}

static int write_retry(struct write *w, void *arg, struct err *e)
{
	struct thread_set touched = {NULL, 0, 0};
	struct parked_list l = {NULL, 0, 0};
	(void)arg;
	if (read_all(w, &l, e))
		return -1;
	for (size_t i = 0; i < l.n; i++)
		if (again(w, &l.v[i], &touched, e))
			return -1;
	return thread_refresh(w, &touched, e);
}

int64_t op_retry_parked(struct store *s)
{
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_retry, NULL, NULL);
}

static int write_forget(struct write *w, void *arg, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	(void)arg;
	if (db_query(w->db, &q, e, SQL_FORGET, ""))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		write_event(w, EV_ACCOUNT, sqlite3_column_int64(q, 0), 0, 0, 1);
	return rc;
}

int64_t op_forget_parked(struct store *s)
{
	return writer_post(&s->main, WRITE_USER, write_forget, NULL, NULL);
}
