/*
 * reader.c - read handles: crmail.db read-only with cache.db attached, one per thread. The queries
 * themselves are in the files of their subjects.
 */
#include "config.h"

#include "store_private.h"

#include <stdlib.h>

#include "crmail/base/mem.h"

struct db *reader_db(struct store_reader *r)
{
	return &r->db;
}

static int attach_cache(struct store_reader *r, struct err *e)
{
	static const char SQL_ATTACH[] = "ATTACH ? AS cache";
	CLEANUP(free_str) char *path = store_path(r->store, "cache.db");
	return db_run(&r->db, e, SQL_ATTACH, "t", path);
}

int store_reader_open(struct store *s, struct store_reader **out, struct err *e)
{
	struct store_reader *r = xcalloc(1, sizeof *r);
	CLEANUP(free_str) char *path = store_path(s, "crmail.db");
	r->store = s;
	if (db_open(&r->db, path, DB_READONLY, s->o.vfs, e)) {
		free(r);
		return -1;
	}
	store_watch_reader(s, &r->db);
	if (db_script(&r->db,
		    "PRAGMA cache_size=-2048; PRAGMA mmap_size=0;"
		    "PRAGMA temp_store=MEMORY",
		    e) ||
		attach_cache(r, e) || db_script(&r->db, "PRAGMA cache.cache_size=-2048", e)) {
		store_reader_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	db_close(&r->db);
	free(r);
}

void store_reader_interrupt(struct store_reader *r)
{
	sqlite3_interrupt(r->db.h);
}

const struct store *store_reader_store(const struct store_reader *r)
{
	return r->store;
}
