/* keep.c - see keep.h. */
#include "config.h"

#include "keep.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/op.h"

#include "sweep.h"

enum { BATCH = 50, SWEEP_AGE_S = 30 * 86400 };

/* One row for each that waits: its first copy, whether any copy still lies somewhere, whether the
 * CRM has to do with it. */
static const char SQL_QUEUE[] =
	"SELECT q.message, q.role, ifnull(m.copy_of, 0),"
	" EXISTS (SELECT 1 FROM placement p WHERE p.message = m.copy_of)"
	"  OR EXISTS (SELECT 1 FROM message c CROSS JOIN placement p ON p.message = c.id"
	"   WHERE c.copy_of = m.copy_of AND c.copy_of <> c.id),"
	" EXISTS (SELECT 1 FROM link l WHERE l.message = q.message),"
	" EXISTS (SELECT 1 FROM kept k WHERE k.message = m.copy_of)"
	" FROM keep_queue q LEFT JOIN message m ON m.id = q.message LIMIT ?";
static const char SQL_DONE[] = "DELETE FROM keep_queue WHERE message = ?";
static const char SQL_PUT[] = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)";
static const char SQL_GET[] = "SELECT file, state FROM kept WHERE message = ?";
static const char SQL_IS_USED[] = "SELECT 1 FROM kept WHERE file = ? LIMIT 1";

struct keep_item {
	int64_t message, role, first;
	bool is_placed, is_linked, is_kept;
	const char *file; /* NULL = nothing to keep */
	int64_t size;
	enum body_state state;
};

static char *kept_path(const struct store *s, const char *sha256)
{
	CLEANUP(free_str) char *name = xasprintf("kept/%.2s/%s.zst", sha256, sha256);
	return store_path(s, name);
}

static bool is_wanted(const struct keep_item *k)
{
	bool was_thrown_away =
		k->role == FOLDER_TRASH || k->role == FOLDER_JUNK || k->role == FOLDER_DRAFTS;
	return k->first && !k->is_placed && !k->is_kept && (k->is_linked || !was_thrown_away);
}

static int write_file(struct store *s, struct arena *a, struct keep_item *k, const char *p,
	size_t n, struct err *e)
{
	char hex[65];
	size_t len;
	sha256_hex(p, n, hex);
	CLEANUP(free_str) char *path = kept_path(s, hex);
	CLEANUP(free_str) char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	const void *packed = body_compress(a, p, n, &len);
	k->file = arena_strdup(a, hex);
	k->size = (int64_t)n;
	return fsx_mkdir_p(dir, e) || fsx_write_file(path, packed, len, true, e) ? -1 : 0;
}

/* A body that was never fetched, or is damaged, cannot be kept: its headers stay. */
static int keep_one(struct store *s, struct store_reader *r, struct arena *a, struct keep_item *k,
	struct err *e)
{
	const char *p;
	size_t n;
	if (!is_wanted(k))
		return 0;
	if (message_raw(r, a, k->first, &p, &n, &k->state, e)) {
		if (e->code == ERR_CANCELLED)
			return -1;
		log_line(LOG_WARN, "store", "message %lld: body not kept: %s", (long long)k->first,
			err_code_name(e->code));
		err_clear(e);
		return 0;
	}
	return k->state == BODY_NONE ? 0 : write_file(s, a, k, p, n, e);
}

static int read_queue(struct store_reader *r, struct keep_item *v, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(reader_db(r), &q, e, SQL_QUEUE, "i", (int64_t)BATCH))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1)
		v[(*n)++] = (struct keep_item){
			.message = sqlite3_column_int64(q, 0),
			.role = sqlite3_column_int64(q, 1),
			.first = sqlite3_column_int64(q, 2),
			.is_placed = sqlite3_column_int(q, 3) != 0,
			.is_linked = sqlite3_column_int(q, 4) != 0,
			.is_kept = sqlite3_column_int(q, 5) != 0,
		};
	return rc;
}

struct keep_batch {
	const struct keep_item *v;
	size_t n;
};

static int write_kept(struct write *w, void *arg, struct err *e)
{
	const struct keep_batch *b = arg;
	for (size_t i = 0; i < b->n; i++) {
		const struct keep_item *k = &b->v[i];
		if (k->file && db_run(w->db, e, SQL_PUT, "itii", k->first, k->file, k->size,
				       (int64_t)k->state))
			return -1;
		if (db_run(w->db, e, SQL_DONE, "i", k->message))
			return -1;
	}
	return 0;
}

/* The files are on disk before the rows say so. */
int keep_settle(struct store *s, struct store_reader *r, struct stopper *st, struct err *e)
{
	size_t n = BATCH;
	while (n == BATCH && !stopper_must_stop(st)) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct keep_item v[BATCH];
		if (read_queue(r, v, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++)
			if (keep_one(s, r, &a, &v[i], e))
				return -1;
		struct keep_batch b = {v, n};
		if (n && writer_call(&s->main, WRITE_FULL, write_kept, &b, e))
			return -1;
	}
	return 0;
}

int keep_read(struct store_reader *r, struct arena *a, int64_t first, const char **p, size_t *n,
	enum body_state *state, struct err *e)
{
	sqlite3_stmt *q;
	*state = BODY_NONE;
	if (db_query(reader_db(r), &q, e, SQL_GET, "i", first))
		return -1;
	int rc = db_step(reader_db(r), q, e);
	if (rc != 1)
		return rc;
	CLEANUP(free_str) char *path = kept_path(r->store, (const char *)sqlite3_column_text(q, 0));
	enum body_state s = (enum body_state)sqlite3_column_int(q, 1);
	sqlite3_reset(q);
	CLEANUP(buf_release) struct buf b = BUF_INIT(BODY_MAX);
	if (fsx_read_file(path, &b, e) || body_expand(a, b.p, b.len, BODY_MAX, p, n, e))
		return -1;
	*state = s;
	return 0;
}

/* Another message with the same bytes would be an equal copy, and have no file of its own. */
void keep_remove_file(const struct store *s, const char *sha256)
{
	CLEANUP(free_str) char *path = kept_path(s, sha256);
	IGNORE_RESULT(unlink(path), "it may be gone already");
}

int keep_file_of(struct db *d, struct arena *a, int64_t first, const char **sha256, struct err *e)
{
	*sha256 = NULL;
	return db_text_of(d, a, SQL_GET, first, sha256, e);
}

void keep_sweep(struct store *s, struct store_reader *r)
{
	sweep_files(s, r, "kept", SQL_IS_USED, SWEEP_AGE_S);
}
