/*
 * found.c - table found: what servers found for a query; and the conversations of it.
 */
#include "config.h"

#include "crmail/store/search.h"

#include "found.h"
#include "thread_row.h"

enum { KEEP_S = 86400 };

static const char SQL_OLD[] = "DELETE FROM found WHERE at < ?";
static const char SQL_PUT[] = "INSERT OR REPLACE INTO found (query, message, at)"
			      " SELECT ?1, copy_of, ?3 FROM message WHERE id = ?2";
static const char SQL_THREADS[] =
	"SELECT m.thread, max(m.id) FROM found f CROSS JOIN message m ON m.id = f.message"
	" WHERE f.query = ? GROUP BY m.thread ORDER BY 2 DESC LIMIT ?";

int found_put(struct write *w, const char *query, const int64_t *messages, size_t n, struct err *e)
{
	if (db_run(w->db, e, SQL_OLD, "i", w->now - KEEP_S))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (messages[i] && db_run(w->db, e, SQL_PUT, "tii", query, messages[i], w->now))
			return -1;
	return 0;
}

struct hit {
	int64_t thread, message;
};

/* Rows first, then what belongs to each: statements do not nest. */
int search_found(struct store_reader *r, struct arena *a, const char *query, size_t limit,
	struct thread_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	struct hit *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_THREADS, "ti", query, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct hit){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
	}
	if (rc)
		return -1;
	*out = arena_array(a, count + 1, sizeof **out);
	*n = count;
	for (size_t i = 0; i < count; i++)
		if (thread_row_read(r, a, v[i].thread, v[i].message, &(*out)[i], e))
			return -1;
	return 0;
}
