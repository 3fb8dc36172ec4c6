/* ingest_labels.c - see ingest_labels.h. */
#include "config.h"

#include "ingest_labels.h"

#include "label.h"
#include "moved.h"

static const char SQL_FIND[] =
	"SELECT DISTINCT p.message FROM folder f CROSS JOIN placement p ON p.folder = f.id"
	" AND p.server_id = ?2 WHERE f.account = ?1 ORDER BY p.message";
static const char SQL_PLACES[] =
	"SELECT p.folder, p.message FROM folder f CROSS JOIN placement p ON p.folder = f.id"
	" AND p.server_id = ?2 WHERE f.account = ?1";
static const char SQL_FOLDER[] = "SELECT id FROM folder WHERE account = ? AND server_name = ?";
static const char SQL_PLACED[] = "SELECT id FROM placement WHERE folder = ? AND server_id = ?";
static const char SQL_SEE[] = "UPDATE placement SET seen_pass = 0 WHERE id = ? AND seen_pass = 1";
/* A row that was made when the user put the label, before the service had it there. */
static const char SQL_COPY[] =
	"SELECT c.id FROM placement p JOIN message c ON c.id = p.message AND c.copy_of <> c.id"
	" JOIN message m ON m.id = ?2 AND m.id <> c.id AND m.copy_of = c.copy_of"
	" AND m.account = c.account WHERE p.id = ?1";
static const char SQL_HAND_OVER[] = "UPDATE placement SET message = ?2 WHERE id = ?1";
static const char SQL_HAS_PLACE[] = "SELECT 1 FROM placement WHERE message = ? LIMIT 1";
/* Moved or labelled here, and not known to be there until now. */
static const char SQL_WAITS[] =
	"SELECT p.id FROM message o JOIN message m ON m.copy_of = o.copy_of"
	" JOIN placement p ON p.message = m.id AND p.folder = ?2 AND p.server_id IS NULL"
	" WHERE o.id = ?1 AND m.account = o.account ORDER BY m.id <> o.id LIMIT 1";
static const char SQL_ADOPT[] = "UPDATE placement SET server_id = ?2, is_remote = 1, seen_pass = 0"
				" WHERE id = ?1";
static const char SQL_PLACE[] = "INSERT INTO placement (folder, message, server_id, is_remote,"
				" is_shown) VALUES (?, ?, ?, 1, 1)";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_UNSEE[] = "UPDATE placement SET seen_pass = 1 WHERE server_id IS NOT NULL"
				" AND folder IN (SELECT id FROM folder WHERE account = ?)";
static const char SQL_UNPLACE[] = "DELETE FROM placement WHERE folder = ? AND server_id = ?";
static const char SQL_DROP_PENDING[] =
	"DELETE FROM placement WHERE message = ?1 AND server_id IS NULL AND folder IN (SELECT"
	" to_folder FROM op WHERE message = ?1 AND kind = 2 AND folder = ?2 AND state = 0)";
static const char SQL_DROP_MOVES[] = "DELETE FROM op WHERE message = ?1 AND kind = 2"
				     " AND folder = ?2 AND state <> 2";

int placement_drop(struct write *w, int64_t folder, const char *server_id, int64_t message,
	struct thread_set *touched, struct err *e)
{
	int64_t thread = 0;
	if (db_value(w->db, &thread, e, SQL_THREAD_OF, "i", message) ||
		db_run(w->db, e, SQL_UNPLACE, "it", folder, server_id) ||
		db_run(w->db, e, SQL_DROP_PENDING, "ii", message, folder) ||
		db_run(w->db, e, SQL_DROP_MOVES, "ii", message, folder) ||
		moved_keep_ops(w, message, touched, e))
		return -1;
	thread_set_add(w, touched, thread);
	return 0;
}

int labels_find(struct write *w, int64_t account, const char *server_id, int64_t **out, size_t *n,
	struct err *e)
{
	int64_t *v = NULL;
	size_t cap = 0;
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(w->db, &q, e, SQL_FIND, "it", account, server_id))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, *n + 1, sizeof *v);
		v[(*n)++] = sqlite3_column_int64(q, 0);
	}
	*out = v;
	return rc;
}

struct place {
	int64_t folder, message;
};

static int read_places(struct write *w, int64_t account, const char *server_id, struct place **out,
	size_t *n, struct err *e)
{
	struct place *v = NULL;
	size_t cap = 0;
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(w->db, &q, e, SQL_PLACES, "it", account, server_id))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, *n + 1, sizeof *v);
		v[(*n)++] = (struct place){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
	}
	*out = v;
	return rc;
}

/* The service has it there as the one message that it is: the copy's row has done its part. */
static int see(struct write *w, int64_t placement, int64_t folder, int64_t message, struct err *e)
{
	int64_t copy = 0, has_place = 0;
	if (db_run(w->db, e, SQL_SEE, "i", placement) ||
		db_value(w->db, &copy, e, SQL_COPY, "ii", placement, message))
		return -1;
	if (!copy)
		return 0;
	if (db_run(w->db, e, SQL_HAND_OVER, "ii", placement, message) ||
		db_value(w->db, &has_place, e, SQL_HAS_PLACE, "i", copy))
		return -1;
	return has_place ? 0 : label_drop_row(w, copy, folder, e);
}

static int put_into(struct write *w, int64_t folder, int64_t message, const char *server_id,
	struct thread_set *touched, struct err *e)
{
	int64_t there = 0, waits = 0, thread = 0;
	if (db_value(w->db, &there, e, SQL_PLACED, "it", folder, server_id))
		return -1;
	if (there)
		return see(w, there, folder, message, e);
	if (db_value(w->db, &waits, e, SQL_WAITS, "ii", message, folder) ||
		db_value(w->db, &thread, e, SQL_THREAD_OF, "i", message))
		return -1;
	thread_set_add(w, touched, thread);
	return waits ? db_run(w->db, e, SQL_ADOPT, "it", waits, server_id)
		     : db_run(w->db, e, SQL_PLACE, "iit", folder, message, server_id);
}

int labels_place(struct write *w, int64_t account, int64_t message, const char *server_id,
	const char *const *folders, struct thread_set *touched, int64_t *n_gone, struct err *e)
{
	int64_t *wanted = NULL;
	struct place *v;
	size_t n_wanted = 0, cap = 0, n;
	for (; folders && *folders; folders++) {
		int64_t folder = 0;
		if (db_value(w->db, &folder, e, SQL_FOLDER, "it", account, *folders))
			return -1;
		if (!folder)
			continue;
		wanted = arena_grow(&w->arena, wanted, &cap, n_wanted + 1, sizeof *wanted);
		wanted[n_wanted++] = folder;
		if (put_into(w, folder, message, server_id, touched, e))
			return -1;
	}
	if (read_places(w, account, server_id, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < n_wanted && wanted[k] != v[i].folder)
			k++;
		if (k < n_wanted)
			continue;
		if (placement_drop(w, v[i].folder, server_id, v[i].message, touched, e))
			return -1;
		(*n_gone)++;
	}
	return 0;
}

int labels_unsee(struct write *w, int64_t account, struct err *e)
{
	return db_run(w->db, e, SQL_UNSEE, "i", account);
}
