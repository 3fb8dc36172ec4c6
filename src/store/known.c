/*
 * known.c - what the store has of a folder, for services that cannot tell what changed.
 */
#include "config.h"

#include "crmail/store/ingest.h"

#include "crmail/base/arena.h"

#include "thread_private.h"

static const char SQL_KNOWN_ALL[] =
	"SELECT p.server_id, m.remote_flags FROM placement p JOIN message m ON m.id = p.message "
	"WHERE p.folder = ?1 AND p.is_remote AND p.server_id IS NOT NULL";
static const char SQL_KNOWN_ONE[] =
	"SELECT p.server_id, m.remote_flags FROM placement p JOIN message m ON m.id = p.message "
	"WHERE p.folder = ?1 AND p.is_remote AND p.server_id = ?2";

static const char SQL_KNOWN_ANYWHERE[] =
	"SELECT p.server_id, m.remote_flags FROM folder f CROSS JOIN placement p"
	" ON p.folder = f.id AND p.server_id = ?2 JOIN message m ON m.id = p.message"
	" WHERE f.account = ?1 LIMIT 1";

static const char SQL_UNSEEN[] =
	"SELECT DISTINCT p.server_id FROM folder f JOIN placement p ON p.folder = f.id"
	" WHERE f.account = ?1 AND p.seen_pass = 1 AND p.server_id > ?2 ORDER BY 1 LIMIT ?3";

static const char SQL_OLDEST[] = "SELECT received FROM message WHERE account = ?1"
				 " AND NOT facts & ?2 ORDER BY id LIMIT 1";

int ingest_oldest(struct store_reader *r, int64_t account, int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(&r->db, out, e, SQL_OLDEST, "ii", account, (int64_t)FACT_FOUND);
}

struct flag_list {
	struct ingest_flag *v; /* in the arena */
	size_t n, cap;
};

static int read_flags(struct db *d, struct arena *a, sqlite3_stmt *q, struct flag_list *l,
	struct err *e)
{
	int rc;
	while ((rc = db_step(d, q, e)) == 1) {
		l->v = arena_grow(a, l->v, &l->cap, l->n + 1, sizeof *l->v);
		l->v[l->n++] = (struct ingest_flag){.server_id = db_text(a, q, 0),
			.flags = (uint32_t)sqlite3_column_int64(q, 1)};
	}
	return rc;
}

int ingest_known(struct store_reader *r, struct arena *a, int64_t folder, const char *const *ids,
	size_t n_ids, struct ingest_flag **out, size_t *n, struct err *e)
{
	struct flag_list l = {.v = arena_array(a, 1, sizeof *l.v), .cap = 1};
	sqlite3_stmt *q;
	for (size_t i = 0; ids && i < n_ids; i++)
		if (db_query(&r->db, &q, e, SQL_KNOWN_ONE, "it", folder, ids[i]) ||
			read_flags(&r->db, a, q, &l, e))
			return -1;
	if (!ids && (db_query(&r->db, &q, e, SQL_KNOWN_ALL, "i", folder) ||
			    read_flags(&r->db, a, q, &l, e)))
		return -1;
	*out = l.v;
	*n = l.n;
	return 0;
}

int ingest_known_of_account(struct store_reader *r, struct arena *a, int64_t account,
	const char *const *ids, size_t n_ids, struct ingest_flag **out, size_t *n, struct err *e)
{
	struct flag_list l = {.v = arena_array(a, 1, sizeof *l.v), .cap = 1};
	sqlite3_stmt *q;
	for (size_t i = 0; i < n_ids; i++)
		if (db_query(&r->db, &q, e, SQL_KNOWN_ANYWHERE, "it", account, ids[i]) ||
			read_flags(&r->db, a, q, &l, e))
			return -1;
	*out = l.v;
	*n = l.n;
	return 0;
}

int ingest_unseen_of_account(struct store_reader *r, struct arena *a, int64_t account,
	const char *after, size_t limit, const char *const **out, size_t *n, struct err *e)
{
	const char **v = arena_array(a, limit + 1, sizeof *v);
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(&r->db, &q, e, SQL_UNSEEN, "iti", account, after ? after : "", (int64_t)limit))
		return -1;
	while ((rc = db_step(&r->db, q, e)) == 1)
		v[(*n)++] = db_text(a, q, 0);
	*out = v;
	return rc;
}
