/*
 * doctor.c - do the two files belong together, and do the counters tell the truth? Mends what can
 * be made again; it never removes mail.
 */
#include "config.h"

#include "doctor.h"

#include "crmail/base/i18n.h"

#include "ingest_body.h"

static const char SQL_UNSEEN_HEADS[] =
	"SELECT id, subject FROM message WHERE indexed = 0 AND id > ?1 ORDER BY id LIMIT ?2";
static const char SQL_PARTIES[] = "SELECT mp.role, p.addr, p.name FROM message_party mp"
				  " JOIN party p ON p.id = mp.party WHERE mp.message = ?"
				  " ORDER BY mp.role, mp.pos";
static const char SQL_THREADS[] = "SELECT id FROM thread WHERE id > ?1 ORDER BY id LIMIT ?2";
static const char SQL_RECOUNT[] =
	"UPDATE folder SET (total, unread, threads, unread_threads) = (SELECT ifnull(sum(total), "
	"0),"
	" ifnull(sum(unread), 0), count(*), ifnull(sum(unread > 0), 0) FROM thread_list l"
	" WHERE l.folder = folder.id) WHERE (total, unread, threads, unread_threads) IS NOT"
	" (SELECT ifnull(sum(total), 0), ifnull(sum(unread), 0), count(*),"
	" ifnull(sum(unread > 0), 0) FROM thread_list l WHERE l.folder = folder.id)";
static const char SQL_RECOUNT_LISTS[] =
	"INSERT OR REPLACE INTO list_count SELECT * FROM (SELECT folder, count(*) AS n,"
	" sum(unread > 0) AS u FROM thread_list WHERE folder < 0 GROUP BY folder) l"
	" WHERE (l.n, l.u) IS NOT (SELECT threads, unread_threads FROM list_count c"
	" WHERE c.folder = l.folder)";
static const char SQL_EMPTY_LISTS[] = "DELETE FROM list_count WHERE threads <> 0 AND folder NOT IN "
				      "(SELECT folder FROM thread_list)";
static const char SQL_LOST_BODIES[] =
	"SELECT id FROM message m WHERE body IN (1, 2) AND NOT EXISTS (SELECT 1 FROM cache.body b"
	" WHERE b.message = m.id AND b.state > 0) LIMIT ?";
static const char SQL_NO_BODY[] = "UPDATE message SET body = 0 WHERE id = ?";
static const char SQL_ORPHANS[] =
	"SELECT message FROM cache.head h WHERE NOT EXISTS (SELECT 1 FROM message m"
	" WHERE m.id = h.message) LIMIT ?";
static const char SQL_CHECK[] = "SELECT 1 FROM pragma_quick_check(1, ?) WHERE quick_check <> 'ok'";
static const char SQL_WRONG_COUNTERS[] =
	"SELECT EXISTS (SELECT 1 FROM folder f WHERE (total, unread, threads, unread_threads) IS "
	"NOT"
	" (SELECT ifnull(sum(total), 0), ifnull(sum(unread), 0), count(*),"
	" ifnull(sum(unread > 0), 0) FROM thread_list l WHERE l.folder = f.id)) OR EXISTS"
	" (SELECT 1 FROM list_count c WHERE (threads, unread_threads) IS NOT (SELECT count(*),"
	" ifnull(sum(unread > 0), 0) FROM thread_list l WHERE l.folder = c.folder))";
static const char SQL_MESSAGES[] = "SELECT count(*) FROM message";
static const char SQL_THREAD_COUNT[] = "SELECT count(*) FROM thread WHERE count > 0";

enum { BATCH = 200, HEADS_ON_OPEN = 500 };

/* ---- heads that are not in the index --------------------------------------------------------- */

static int read_parties(struct db *d, struct arena *a, int64_t message, struct prepared *p,
	struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	p->parties = arena_array(a, PARTIES_MAX, sizeof *p->parties);
	if (db_query(d, &q, e, SQL_PARTIES, "i", message))
		return -1;
	while ((rc = db_step(d, q, e)) == 1 && p->n_parties < PARTIES_MAX)
		p->parties[p->n_parties++] = (struct prepared_party){
			.role = (enum party_role)sqlite3_column_int(q, 0),
			.addr = db_text(a, q, 1),
			.name = db_text(a, q, 2),
		};
	return rc < 0 ? -1 : 0;
}

/* One batch after *last; *n is how many there were. */
static int index_batch(struct store *s, struct store_reader *r, int64_t *last, size_t *n,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct body_item items[BATCH];
	struct prepared *p = arena_array(&a, BATCH, sizeof *p);
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(reader_db(r), &q, e, SQL_UNSEEN_HEADS, "ii", *last, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		p[*n].subject = db_text(&a, q, 1);
		items[*n] = (struct body_item){
			.message = sqlite3_column_int64(q, 0), .p = &p[*n], .only_head = true};
		*last = items[(*n)++].message;
	}
	for (size_t i = 0; rc == 0 && i < *n; i++) {
		rc = read_parties(reader_db(r), &a, items[i].message, &p[i], e);
		prepare_head(&a, &p[i]);
	}
	return rc || (*n && ingest_store_items(s, items, *n, e)) ? -1 : 0;
}

static int index_missing(struct store *s, struct store_reader *r, size_t max, struct stopper *st,
	struct err *e)
{
	int64_t last = 0;
	size_t n = BATCH;
	for (size_t done = 0; n == BATCH && done < max && !stopper_must_stop(st); done += n)
		if (index_batch(s, r, &last, &n, e))
			return -1;
	return 0;
}

int doctor_on_open(struct store *s, struct err *e)
{
	struct store_reader *r = NULL;
	int rc = store_reader_open(s, &r, e) || index_missing(s, r, HEADS_ON_OPEN, NULL, e);
	store_reader_close(r);
	return rc ? -1 : 0;
}

int doctor_index(struct store *s, struct store_reader *r, struct stopper *st, struct err *e)
{
	return index_missing(s, r, SIZE_MAX, st, e);
}

/* ---- store_doctor ---------------------------------------------------------------------------- */

struct id_batch {
	int64_t v[BATCH];
	size_t n;
	int64_t changed;
};

static int read_batch(struct store_reader *r, const char *sql, struct id_batch *b, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	b->n = 0;
	if (db_query(reader_db(r), &q, e, sql, "i", (int64_t)BATCH))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1)
		b->v[b->n++] = sqlite3_column_int64(q, 0);
	return rc;
}

static int drop_orphans(struct store *s, struct store_reader *r, int64_t *n, struct err *e)
{
	struct id_batch b = {.n = BATCH};
	while (b.n == BATCH) {
		if (read_batch(r, SQL_ORPHANS, &b, e) || body_drop(s, b.v, b.n, e))
			return -1;
		*n += (int64_t)b.n;
	}
	return 0;
}

int doctor_drop_orphans(struct store *s, int64_t *n, struct err *e)
{
	struct store_reader *r;
	int64_t count = 0;
	if (store_reader_open(s, &r, e))
		return -1;
	int rc = drop_orphans(s, r, &count, e);
	store_reader_close(r);
	if (rc == 0 && n)
		*n = count;
	return rc;
}

static int write_no_bodies(struct write *w, void *arg, struct err *e)
{
	const struct id_batch *b = arg;
	for (size_t i = 0; i < b->n; i++)
		if (db_run(w->db, e, SQL_NO_BODY, "i", b->v[i]))
			return -1;
	return 0;
}

static int find_lost_bodies(struct store *s, struct store_reader *r, int64_t *n, struct err *e)
{
	struct id_batch b = {.n = BATCH};
	while (b.n == BATCH) {
		if (read_batch(r, SQL_LOST_BODIES, &b, e) ||
			writer_call(&s->main, 0, write_no_bodies, &b, e))
			return -1;
		*n += (int64_t)b.n;
	}
	return 0;
}

struct recount {
	int64_t last;
	size_t n;
	int64_t wrong;
};

static int write_refresh(struct write *w, void *arg, struct err *e)
{
	struct recount *c = arg;
	struct thread_set all = {NULL, 0, 0};
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_THREADS, "ii", c->last, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		c->last = sqlite3_column_int64(q, 0);
		thread_set_add(w, &all, c->last);
	}
	c->n = all.n;
	int64_t before = sqlite3_total_changes64(w->db->h);
	if (rc || thread_refresh(w, &all, e))
		return -1;
	/* each conversation rewrites its own row; what exceeds that was wrong */
	c->wrong += sqlite3_total_changes64(w->db->h) - before - (int64_t)all.n;
	return 0;
}

static int write_recount(struct write *w, void *arg, struct err *e)
{
	struct recount *c = arg;
	if (db_run(w->db, e, SQL_RECOUNT, ""))
		return -1;
	c->wrong += db_changes(w->db);
	if (db_run(w->db, e, SQL_RECOUNT_LISTS, ""))
		return -1;
	c->wrong += db_changes(w->db);
	if (db_run(w->db, e, SQL_EMPTY_LISTS, ""))
		return -1;
	c->wrong += db_changes(w->db);
	return 0;
}

static int recount(struct store *s, int64_t *wrong, struct err *e)
{
	struct recount c = {.n = BATCH};
	while (c.n == BATCH)
		if (writer_call(&s->main, 0, write_refresh, &c, e))
			return -1;
	if (writer_call(&s->main, 0, write_recount, &c, e))
		return -1;
	*wrong = c.wrong;
	return 0;
}

static int check_files(struct store_reader *r, struct err *e)
{
	return doctor_quick_check(r, "main", e) || doctor_quick_check(r, "cache", e) ? -1 : 0;
}

int doctor_quick_check(struct store_reader *r, const char *schema, struct err *e)
{
	int64_t is_wrong = 0;
	if (db_value(reader_db(r), &is_wrong, e, SQL_CHECK, "t", schema))
		return -1;
	return is_wrong ? err_set(e, ERR_DB, "%s", _("The database file is damaged.")) : 0;
}

int doctor_after_crash(struct store *s, struct store_reader *r, struct store_check *out,
	struct err *e)
{
	int64_t wrong = 0;
	if (db_value(reader_db(r), &wrong, e, SQL_WRONG_COUNTERS, ""))
		return -1;
	if (wrong && recount(s, &out->wrong_counters, e))
		return -1;
	return find_lost_bodies(s, r, &out->missing_bodies, e) ||
			       drop_orphans(s, r, &out->orphans, e)
		       ? -1
		       : 0;
}

static int examine(struct store *s, struct store_reader *r, struct store_check *c, struct err *e)
{
	return check_files(r, e) || recount(s, &c->wrong_counters, e) ||
			       find_lost_bodies(s, r, &c->missing_bodies, e) ||
			       drop_orphans(s, r, &c->orphans, e) || doctor_index(s, r, NULL, e) ||
			       db_value(reader_db(r), &c->messages, e, SQL_MESSAGES, "") ||
			       db_value(reader_db(r), &c->threads, e, SQL_THREAD_COUNT, "")
		       ? -1
		       : 0;
}

int store_doctor(struct store *s, struct store_check *out, struct err *e)
{
	struct store_check c = {0, 0, 0, 0, 0};
	struct store_reader *r;
	if (store_reader_open(s, &r, e))
		return -1;
	int rc = examine(s, r, &c, e);
	store_reader_close(r);
	if (rc == 0)
		*out = c;
	return rc;
}
