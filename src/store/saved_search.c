/* saved_search.c - table saved_search. */
#include "config.h"

#include "crmail/store/saved_search.h"

#include <stdlib.h>

#include "crmail/base/arena.h"
#include "crmail/base/mem.h"

#include "store_private.h"

static const char SQL_FORGET[] = "DELETE FROM saved_search WHERE query = ?";
static const char SQL_KEEP[] = "INSERT INTO saved_search (query, created_at) VALUES (?, ?)";
static const char SQL_LIST[] = "SELECT query FROM saved_search ORDER BY id";

static int write_toggle(struct write *w, void *arg, struct err *e)
{
	const char *query = arg;
	if (db_run(w->db, e, SQL_FORGET, "t", query))
		return -1;
	if (db_changes(w->db))
		return 0;
	return db_run(w->db, e, SQL_KEEP, "ti", query, w->now);
}

int64_t saved_search_toggle(struct store *s, const char *query)
{
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_toggle, xstrdup(query), free);
}

int saved_search_list(struct store_reader *r, struct arena *a, const char ***out, size_t *n,
	struct err *e)
{
	const char **v = arena_array(a, 1, sizeof *v);
	size_t cap = 1, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(&r->db, &q, e, SQL_LIST, ""))
		return -1;
	while ((rc = db_step(&r->db, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = db_text(a, q, 0);
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}
