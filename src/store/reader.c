/*
 * reader.c - read handles: crmail.db read-only with cache.db attached, one per thread. The queries
 * themselves are in the files of their subjects. One that is closed waits for the next that is
 * opened: reading the schema costs more than most of what is then asked.
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

static void end_reader(struct store_reader *r)
{
	db_close(&r->db);
	free(r);
}

int store_reader_open(struct store *s, struct store_reader **out, struct err *e)
{
	struct store_reader *r = atomic_exchange(&s->spare, NULL);
	if (r) {
		*out = r;
		return 0;
	}
	r = xcalloc(1, sizeof *r);
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
		end_reader(r);
		return -1;
	}
	*out = r;
	return 0;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	db_forget_statements(&r->db); /* with them ends the transaction in which they read */
	sqlite3_db_release_memory(r->db.h);
	if (sqlite3_get_autocommit(r->db.h))
		r = atomic_exchange(&r->store->spare, r);
	if (r)
		end_reader(r);
}

void reader_drop_spare(struct store *s)
{
	struct store_reader *r = atomic_exchange(&s->spare, NULL);
	if (r)
		end_reader(r);
}

void store_reader_interrupt(struct store_reader *r)
{
	sqlite3_interrupt(r->db.h);
}

const struct store *store_reader_store(const struct store_reader *r)
{
	return r->store;
}
