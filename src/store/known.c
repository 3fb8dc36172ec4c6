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

static const char SQL_OLDEST[] = "SELECT received FROM message WHERE account = ?1"
				 " AND NOT facts & ?2 ORDER BY id LIMIT 1";

int ingest_oldest(struct store_reader *r, int64_t account, int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(&r->db, out, e, SQL_OLDEST, "ii", account, (int64_t)FACT_FOUND);
}

int ingest_known(struct store_reader *r, struct arena *a, int64_t folder, struct ingest_flag **out,
	size_t *n, struct err *e)
{
	struct ingest_flag *v = arena_array(a, 1, sizeof *v);
	size_t cap = 1, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(&r->db, &q, e, SQL_KNOWN_ALL, "i", folder))
		return -1;
	while ((rc = db_step(&r->db, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct ingest_flag){
			db_text(a, q, 0), (uint32_t)sqlite3_column_int64(q, 1)};
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}
