/*
 * ingest_body.c - which bodies are missing, and what becomes of those that come: cache.db through
 * body.c, then snippet, files and state in crmail.db.
 */
#include "config.h"

#include "ingest_body.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#include "outbox_report.h"
#include "purge_private.h"
#include "reminder_private.h"

enum { BATCH_MAX = 100 };

/* Down the folder from where the caller left off, and no further than the account's oldest one:
 * a whole backfill looks at each message once, and news at no more than the news. */
static const char SQL_MISSING[] =
	"SELECT m.id, p.server_id, m.size, p.folder FROM placement p"
	" CROSS JOIN message m ON m.id = p.message WHERE p.folder = ?1 AND p.message < ?2"
	" AND p.message >= (SELECT min(o.id) FROM message o WHERE o.body = 0"
	"  AND o.account = (SELECT account FROM folder WHERE id = ?1))"
	" AND m.body = 0 AND p.server_id IS NOT NULL ORDER BY p.message DESC LIMIT ?3";
static const char SQL_MISSING_FOLDERS[] =
	"SELECT DISTINCT p.folder FROM message m CROSS JOIN placement p ON p.message = m.id"
	" WHERE m.account = ? AND m.body = 0 AND p.server_id IS NOT NULL";
/* Equal copies whose first one cannot be fetched any more. */
static const char SQL_MISSING_COPIES[] =
	"SELECT m.id, p.server_id, m.size, p.folder FROM message c"
	" CROSS JOIN message m ON m.copy_of = c.id AND m.copy_of <> m.id"
	" CROSS JOIN placement p ON p.message = m.id"
	" WHERE c.body = 0 AND m.account = ?1 AND p.server_id IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM placement o WHERE o.message = c.id"
	"  AND o.server_id IS NOT NULL) ORDER BY p.folder LIMIT ?2";
static const char SQL_MISSING_COUNT[] =
	"SELECT count(*) FROM message m WHERE m.account = ?1 AND m.body = 0 AND EXISTS (SELECT 1"
	" FROM placement p CROSS JOIN folder f ON f.id = p.folder WHERE p.message = m.id"
	" AND p.server_id IS NOT NULL AND f.is_synced)";
static const char SQL_REQUESTED[] =
	"SELECT r.message, p.folder, f.server_name, p.server_id FROM body_request r"
	" CROSS JOIN message m ON m.id = r.message CROSS JOIN placement p ON p.message = m.id"
	" CROSS JOIN folder f ON f.id = p.folder"
	" WHERE m.account = ? AND p.server_id IS NOT NULL ORDER BY r.at DESC LIMIT 100";
static const char SQL_FIRST[] = "SELECT copy_of, body, account, thread FROM message WHERE id = ?";
static const char SQL_STORED[] =
	"UPDATE message SET body = ?2, indexed = 1, parked = NULL, snippet = ?3, files = ?4"
	" WHERE id = ?1";
static const char SQL_TOLD[] = "UPDATE message SET facts = facts | ?2 WHERE id = ?1"
			       " AND facts & ?3 = 0";
static const char SQL_INDEXED[] = "UPDATE message SET indexed = 1 WHERE id = ?";
static const char SQL_ANSWERED[] = "DELETE FROM body_request WHERE message IN"
				   " (SELECT ?1 UNION ALL SELECT id FROM message"
				   "  WHERE copy_of = ?1 AND copy_of <> id) RETURNING message";
static const char SQL_PARK[] = "UPDATE message SET body = 3, parked = ?2 WHERE id ="
			       " (SELECT copy_of FROM message WHERE id = ?1) AND body <> 2";
static const char SQL_NO_KEY[] = "SELECT 1 FROM message WHERE id = ? AND equal_key IS NULL";
static const char SQL_EQUAL_FIRST[] = "SELECT copy_of FROM message WHERE equal_key = ? LIMIT 1";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_BECOME_COPY[] = "UPDATE message SET copy_of = ?2, listed = 0, body = 4,"
				      " indexed = 1, base_hash = NULL WHERE id = ?1";
static const char SQL_PUT_KEY[] = "UPDATE message SET equal_key = ?2 WHERE id = ?1";

static int read_wants(struct store_reader *r, struct arena *a, sqlite3_stmt *q,
	struct ingest_want *v, size_t *n, struct err *e)
{
	int rc;
	while ((rc = db_step(reader_db(r), q, e)) == 1)
		v[(*n)++] = (struct ingest_want){
			.message = sqlite3_column_int64(q, 0),
			.server_id = db_text(a, q, 1),
			.size = (uint64_t)sqlite3_column_int64(q, 2),
			.folder = sqlite3_column_int64(q, 3),
		};
	return rc;
}

int ingest_missing_bodies(struct store_reader *r, struct arena *a, int64_t folder, int64_t below,
	size_t max, struct ingest_want **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	*n = 0;
	*out = arena_array(a, max + 1, sizeof **out);
	return db_query(reader_db(r), &q, e, SQL_MISSING, "iii", folder, below, (int64_t)max) ||
			       read_wants(r, a, q, *out, n, e)
		       ? -1
		       : 0;
}

int ingest_missing_copies(struct store_reader *r, struct arena *a, int64_t account, size_t max,
	struct ingest_want **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	*n = 0;
	*out = arena_array(a, max + 1, sizeof **out);
	return db_query(reader_db(r), &q, e, SQL_MISSING_COPIES, "ii", account, (int64_t)max) ||
			       read_wants(r, a, q, *out, n, e)
		       ? -1
		       : 0;
}

int ingest_missing_folders(struct store_reader *r, struct arena *a, int64_t account, int64_t **out,
	size_t *n, struct err *e)
{
	int64_t *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_MISSING_FOLDERS, "i", account))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = sqlite3_column_int64(q, 0);
	}
	*out = v;
	*n = count;
	return rc;
}

int ingest_missing_count(struct store_reader *r, int64_t account, int64_t *n, struct err *e)
{
	return db_value(reader_db(r), n, e, SQL_MISSING_COUNT, "i", account);
}

int ingest_requested_bodies(struct store_reader *r, struct arena *a, int64_t account,
	struct ingest_request **out, size_t *n, struct err *e)
{
	struct ingest_request *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_REQUESTED, "i", account))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct ingest_request){
			.message = sqlite3_column_int64(q, 0),
			.folder = sqlite3_column_int64(q, 1),
			.folder_name = db_text(a, q, 2),
			.server_id = db_text(a, q, 3),
		};
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

struct first_copy {
	int64_t id, body, account, thread;
};

static int read_first(struct db *d, int64_t message, struct first_copy *f, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_FIRST, "i", message))
		return -1;
	int rc = db_step(d, q, e);
	*f = (struct first_copy){0, 0, 0, 0};
	if (rc == 1) {
		*f = (struct first_copy){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
			sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3)};
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

struct ingest_writing {
	struct store *store;
	struct arena arena;
	const struct ingest_body *bodies; /* in the arena; whose first copies are to be found */
	size_t n_bodies;
	struct body_item *v; /* in the arena */
	size_t n;
	int64_t *gone; /* messages without a row: what cache.db has of them goes again */
	size_t n_gone;
	bool is_any_purged; /* of them: then nothing of it may be left in the index either */
	struct write_chain chain;
};

static int tell_waiting(struct write *w, const struct first_copy *f, uint32_t count, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_ANSWERED, "i", f->id))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		write_event(w, EV_BODY, f->account, 0, sqlite3_column_int64(q, 0), count);
	return rc;
}

/* Now that the whole body is known, a message without Message-ID can be compared: it becomes a copy
 * of an equal one. */
static int put_key(struct write *w, const struct first_copy *f, const struct prepared *p,
	struct thread_set *touched, struct err *e)
{
	int64_t has_none = 0, first = 0, other = 0, thread;
	if (p->equal_key && db_value(w->db, &has_none, e, SQL_NO_KEY, "i", f->id))
		return -1;
	if (!has_none)
		return 0;
	if (db_value(w->db, &first, e, SQL_EQUAL_FIRST, "b", p->equal_key, (size_t)32) ||
		db_run(w->db, e, SQL_PUT_KEY, "ib", f->id, p->equal_key, (size_t)32))
		return -1;
	if (!first)
		return 0;
	if (db_value(w->db, &other, e, SQL_THREAD_OF, "i", first) ||
		db_run(w->db, e, SQL_BECOME_COPY, "ii", f->id, first))
		return -1;
	return thread_union(w, f->thread, other, &thread, touched, e);
}

/* Removed while it was written; by a purge, perhaps, which has dropped what was there before. */
static int drop_gone(struct write *w, const struct body_item *it, struct ingest_writing *g,
	struct err *e)
{
	bool is_purged = false;
	if (it->p->equal_key && purge_has(w, it->p->equal_key, &is_purged, e))
		return -1;
	g->is_any_purged = g->is_any_purged || is_purged;
	g->gone[g->n_gone++] = it->message;
	return 0;
}

/* Without a Message-ID it is only now known what it is. */
static int drop_purged(struct write *w, const struct body_item *it, const struct first_copy *f,
	struct ingest_writing *g, struct thread_set *touched, bool *is_purged, struct err *e)
{
	*is_purged = false;
	if (!it->p->equal_key)
		return 0;
	if (purge_has(w, it->p->equal_key, is_purged, e))
		return -1;
	if (!*is_purged)
		return 0;
	g->is_any_purged = true;
	g->gone[g->n_gone++] = f->id;
	return purge_rows(w, f->id, touched, e);
}

/* Once: a body that is fetched again, after the cache was lost, brings no news; the rest of one
 * that was cut off may. */
static int take_report(struct write *w, const struct body_item *it, const struct first_copy *f,
	struct err *e)
{
	if (!it->p->report)
		return 0;
	if (db_run(w->db, e, SQL_TOLD, "iii", f->id, (int64_t)(it->partly ? 0 : FACT_TOLD),
		    (int64_t)FACT_TOLD))
		return -1;
	if (db_changes(w->db) == 0)
		return 0;
	return outbox_take_report(w, f->account, it->p->report, e) ||
			       reminder_take_report(w, f->account, it->p->report, e)
		       ? -1
		       : 0;
}

static int mark_item(struct write *w, const struct body_item *it, struct ingest_writing *g,
	struct thread_set *touched, struct err *e)
{
	struct first_copy f;
	bool is_purged;
	if (read_first(w->db, it->message, &f, e))
		return -1;
	if (!f.id)
		return drop_gone(w, it, g, e);
	if (!it->p->is_whole)
		return db_run(w->db, e, SQL_INDEXED, "i", it->message);
	thread_set_add(w, touched, f.thread);
	if (drop_purged(w, it, &f, g, touched, &is_purged, e) || is_purged)
		return is_purged ? 0 : -1;
	return db_run(w->db, e, SQL_STORED, "iiti", f.id,
		       (int64_t)(it->partly ? BODY_PARTLY : BODY_WHOLE), it->p->snippet,
		       (int64_t)it->p->n_files) ||
			       (!it->partly && put_key(w, &f, it->p, touched, e)) ||
			       tell_waiting(w, &f, 1, e) || take_report(w, it, &f, e)
		       ? -1
		       : 0;
}

/* ---- on the writers' threads, one after the other ------------------------------------------- */

static int find_firsts(struct write *w, void *arg, struct err *e)
{
	struct ingest_writing *g = arg;
	for (size_t i = 0; i < g->n_bodies; i++) {
		const struct ingest_body *b = &g->bodies[i];
		struct first_copy f;
		if (read_first(w->db, b->message, &f, e))
			return -1;
		if (f.id && f.body != BODY_WHOLE)
			g->v[g->n++] =
				(struct body_item){.message = f.id, .p = b->p, .partly = b->partly};
	}
	return 0;
}

static int write_items(struct write *w, void *arg, struct err *e)
{
	const struct ingest_writing *g = arg;
	return body_put(w, g->v, g->n, e);
}

static int write_marks(struct write *w, void *arg, struct err *e)
{
	struct ingest_writing *g = arg;
	struct thread_set touched = {NULL, 0, 0};
	for (size_t i = 0; i < g->n; i++)
		if (mark_item(w, &g->v[i], g, &touched, e))
			return -1;
	return thread_refresh(w, &touched, e);
}

/* ---- from outside ---------------------------------------------------------------------------- */

static struct ingest_writing *writing_new(struct store *s, size_t n)
{
	struct ingest_writing *g = xcalloc(1, sizeof *g);
	g->store = s;
	g->arena = ARENA_INIT;
	g->v = arena_array(&g->arena, n + 1, sizeof *g->v);
	g->gone = arena_array(&g->arena, n + 1, sizeof *g->gone);
	return g;
}

static void writing_free(struct ingest_writing *g)
{
	arena_release(&g->arena);
	free(g);
}

/* Bodies are on disk before crmail.db says that they are there: a lost one would not be missed. */
static void start(struct ingest_writing *g)
{
	struct write_chain *c = &g->chain;
	c->arg = g;
	if (g->bodies) /* looks only: no transaction */
		c->steps[c->n++] = (struct write_step){&g->store->main, WRITE_BARE, find_firsts};
	c->steps[c->n++] = (struct write_step){&g->store->cache, WRITE_FULL, write_items};
	c->steps[c->n++] = (struct write_step){&g->store->main, 0, write_marks};
	writer_chain_start(c);
}

int ingest_start_items(struct store *s, const struct body_item *v, size_t n,
	struct ingest_writing **out, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (body_write_file(s, v[i].p, e))
			return -1;
	struct ingest_writing *g = writing_new(s, n);
	if (n)
		memcpy(g->v, v, n * sizeof *v);
	g->n = n;
	start(g);
	*out = g;
	return 0;
}

int ingest_start_bodies(struct store *s, const struct ingest_body *v, size_t n,
	struct ingest_writing **out, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (body_write_file(s, v[i].p, e))
			return -1;
	struct ingest_writing *g = writing_new(s, n);
	struct ingest_body *bodies = arena_array(&g->arena, n + 1, sizeof *bodies);
	if (n)
		memcpy(bodies, v, n * sizeof *v);
	g->bodies = bodies;
	g->n_bodies = n;
	start(g);
	*out = g;
	return 0;
}

int ingest_finish(struct ingest_writing *g, struct err *e)
{
	int rc = writer_chain_wait(&g->chain, e);
	if (!rc && g->n_gone)
		rc = body_drop(g->store, g->gone, g->n_gone, e);
	if (!rc && g->is_any_purged)
		rc = body_optimize(g->store, e);
	writing_free(g);
	return rc;
}

int ingest_store_items(struct store *s, const struct body_item *v, size_t n, struct err *e)
{
	struct ingest_writing *g = NULL;
	return ingest_start_items(s, v, n, &g, e) || ingest_finish(g, e) ? -1 : 0;
}

int ingest_bodies(struct store *s, const struct ingest_body *v, size_t n, struct err *e)
{
	while (n) {
		struct ingest_writing *g = NULL;
		size_t batch = n < BATCH_MAX ? n : BATCH_MAX;
		if (ingest_start_bodies(s, v, batch, &g, e) || ingest_finish(g, e))
			return -1;
		v += batch;
		n -= batch;
	}
	return 0;
}

struct park_args {
	int64_t message;
	const char *reason;
};

static int write_park(struct write *w, void *arg, struct err *e)
{
	const struct park_args *a = arg;
	struct first_copy f;
	if (read_first(w->db, a->message, &f, e))
		return -1;
	if (!f.id)
		return 0;
	return db_run(w->db, e, SQL_PARK, "it", a->message, a->reason) || tell_waiting(w, &f, 0, e)
		       ? -1
		       : 0;
}

int ingest_park(struct store *s, int64_t message, const char *reason, struct err *e)
{
	struct park_args a = {message, reason};
	return writer_call(&s->main, 0, write_park, &a, e);
}
