/* evict.c - see evict.h. */
#include "config.h"

#include "evict.h"

#include <stdlib.h>

#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

#include "ingest_body.h"
#include "sweep.h"

enum {
	CANDIDATES = 2000,  /* looked for at once */
	BATCH = 20,         /* evicted in one transaction */
	SWEEP_AGE_S = 3600, /* a younger file may be about to get its row */
};

static const char SQL_PAGES[] = "PRAGMA cache.page_count";
static const char SQL_FREE[] = "PRAGMA cache.freelist_count";
static const char SQL_PAGE_SIZE[] = "PRAGMA cache.page_size";
static const char SQL_FILES[] = "SELECT DISTINCT file FROM cache.body WHERE file IS NOT NULL";
/* Those a server or a Maildir has, the longest unread first; what somebody waits for stays.
 * Imported mail is on no server. */
static const char SQL_CANDIDATES[] =
	"SELECT m.id FROM cache.body b CROSS JOIN message m ON m.id = b.message"
	" LEFT JOIN cache.opened o ON o.message = m.id WHERE b.state > 0"
	" AND (EXISTS (SELECT 1 FROM placement p CROSS JOIN account a ON a.id = m.account"
	"   WHERE p.message = m.id AND p.is_remote AND p.server_id IS NOT NULL"
	"   AND a.kind <> 'import')"
	"  OR EXISTS (SELECT 1 FROM message c CROSS JOIN placement p ON p.message = c.id"
	"   CROSS JOIN account a ON a.id = c.account WHERE c.copy_of = m.id AND c.copy_of <> c.id"
	"   AND p.is_remote AND p.server_id IS NOT NULL AND a.kind <> 'import'))"
	" AND NOT EXISTS (SELECT 1 FROM body_request r WHERE r.message = m.id)"
	" ORDER BY max(ifnull(o.at, 0), m.received), m.id LIMIT ?";
static const char SQL_EVICTED[] = "UPDATE message SET body = 5 WHERE id = ? AND body IN (1, 2)";
static const char SQL_IS_USED[] = "SELECT 1 FROM cache.body WHERE file = ? LIMIT 1";
/* as many pages as a batch frees, given back to the disk */
static const char SQL_VACUUM[] = "PRAGMA incremental_vacuum(512)";

static int add_files(struct store *s, struct store_reader *r, int64_t *bytes, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_FILES, ""))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		CLEANUP(free_str)
		char *path = body_file_path(s, (const char *)sqlite3_column_text(q, 0));
		int64_t size = fsx_size(path);
		*bytes += size > 0 ? size : 0;
	}
	return rc;
}

int evict_used_bytes(struct store *s, struct store_reader *r, int64_t *out, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t pages = 0, unused = 0, size = 0;
	if (db_value(d, &pages, e, SQL_PAGES, "") || db_value(d, &unused, e, SQL_FREE, "") ||
		db_value(d, &size, e, SQL_PAGE_SIZE, ""))
		return -1;
	int64_t bytes = (pages - unused) * size;
	if (add_files(s, r, &bytes, e))
		return -1;
	*out = bytes;
	return 0;
}

struct id_batch {
	int64_t v[CANDIDATES];
	size_t n;
};

static int read_candidates(struct store_reader *r, struct id_batch *b, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	b->n = 0;
	if (db_query(reader_db(r), &q, e, SQL_CANDIDATES, "i", (int64_t)CANDIDATES))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1)
		b->v[b->n++] = sqlite3_column_int64(q, 0);
	return rc;
}

struct part {
	const int64_t *v;
	size_t n;
};

/* Its own mark, not "no body": what was evicted is fetched when somebody opens it, and not by the
 * next backfill. */
static int mark_evicted(struct write *w, void *arg, struct err *e)
{
	const struct part *p = arg;
	for (size_t i = 0; i < p->n; i++)
		if (db_run(w->db, e, SQL_EVICTED, "i", p->v[i]))
			return -1;
	return 0;
}

static int give_back(struct write *w, void *arg, struct err *e)
{
	(void)arg;
	return db_run(w->db, e, SQL_VACUUM, "");
}

static int evict(struct store *s, const int64_t *v, size_t n, struct err *e)
{
	struct part p = {v, n};
	return writer_call(&s->main, 0, mark_evicted, &p, e) || body_shrink(s, v, n, e) ||
			       writer_call(&s->cache, WRITE_BARE, give_back, NULL, e)
		       ? -1
		       : 0;
}

/* One list of candidates, until the goal is reached or the list is at its end. */
static int evict_list(struct store *s, struct store_reader *r, struct stopper *st,
	const struct id_batch *b, int64_t goal, int64_t *used, struct err *e)
{
	for (size_t at = 0; at<b->n && * used> goal && !stopper_must_stop(st); at += BATCH) {
		size_t n = b->n - at < BATCH ? b->n - at : BATCH;
		if (evict(s, b->v + at, n, e) || evict_used_bytes(s, r, used, e))
			return -1;
	}
	return 0;
}

int evict_to_limit(struct store *s, struct store_reader *r, struct stopper *st, struct err *e)
{
	int64_t limit = s->o.cache_limit_bytes, used = 0;
	if (!limit || evict_used_bytes(s, r, &used, e))
		return limit ? -1 : 0;
	int64_t before = used, goal = used > limit ? limit / 10 * 9 : used;
	struct id_batch *b = xcalloc(1, sizeof *b);
	int rc = 0;
	do {
		if (used > goal)
			rc = read_candidates(r, b, e) || evict_list(s, r, st, b, goal, &used, e);
	} while (!rc && used > goal && b->n == CANDIDATES && !stopper_must_stop(st));
	free(b);
	if (used < before)
		log_line(LOG_NOTE, "store", "cache limit: %lld bytes, were %lld", (long long)used,
			(long long)before);
	return rc ? -1 : 0;
}

void evict_sweep(struct store *s, struct store_reader *r)
{
	sweep_files(s, r, "files", SQL_IS_USED, SWEEP_AGE_S);
}
