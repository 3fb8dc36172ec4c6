/* cache_file.c - see cache_file.h. */
#include "config.h"

#include "cache_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"

#include "migrate.h"

static const char CACHE_NAME[] = "cache.db";

static const char SQL_CACHE_ID[] = "PRAGMA application_id";
static const char SQL_KNOWN_CACHE[] = "SELECT value FROM meta WHERE key = 'cache_id'";
static const char SQL_KNOW_CACHE[] = "INSERT OR REPLACE INTO meta VALUES ('cache_id', ?)";
static const char SQL_NO_BODIES[] = "UPDATE message SET body = 0 WHERE body IN (1, 2)";
static const char SQL_NOT_INDEXED[] = "UPDATE message SET indexed = 0 WHERE copy_of = id";

static int prepare_file(struct store *s, struct db *d, const char *path, struct err *e)
{
	return db_make_ours(d, e) || migrate(d, SCHEMA_CACHE, path, &s->o, e) ? -1 : 0;
}

static int open_as_it_is(struct store *s, const char *path, struct err *e)
{
	if (db_open(&s->cache.db, path, DB_CREATE, s->o.vfs, e))
		return -1;
	if (prepare_file(s, &s->cache.db, path, e) == 0)
		return 0;
	db_close(&s->cache.db);
	return -1;
}

/* SQLite's own way to empty a file whatever it holds, in one transaction: other connections, also
 * those of other processes, see a new schema and no moment in between. Reading the schema first
 * keeps it in WAL mode. */
static int empty_file(struct db *d, struct err *e)
{
	db_forget_statements(d);
	sqlite3_table_column_metadata(d->h, "main", "body", NULL, NULL, NULL, NULL, NULL, NULL);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
	int rc = db_script(d, "VACUUM", e);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
	return rc;
}

static void remove_with_suffix(const char *path, const char *suffix)
{
	CLEANUP(free_str) char *name = xasprintf("%s%s", path, suffix);
	IGNORE_RESULT(unlink(name), "what is not there need not go");
}

static int open_emptied(struct store *s, const char *path, struct err *e)
{
	struct err first = ERR_INIT;
	if (db_open(&s->cache.db, path, DB_CREATE, s->o.vfs, e))
		return -1;
	if (empty_file(&s->cache.db, &first) == 0 &&
		prepare_file(s, &s->cache.db, path, &first) == 0)
		return 0;
	db_close(&s->cache.db);
	remove_with_suffix(path, "");
	remove_with_suffix(path, "-wal");
	remove_with_suffix(path, "-shm");
	return open_as_it_is(s, path, e);
}

int cache_file_open(struct store *s, struct err *e)
{
	CLEANUP(free_str) char *path = store_path(s, CACHE_NAME);
	struct err first = ERR_INIT;
	if (open_as_it_is(s, path, &first) == 0)
		return 0;
	if (first.code != ERR_DB) {
		*e = first;
		return -1;
	}
	log_line(LOG_WARN, "store", "cache.db is damaged and starts anew");
	return open_emptied(s, path, e);
}

/* ---- which cache.db it is -------------------------------------------------------------------- */

static int give_id(struct db *d, struct store *s, int64_t *id, struct err *e)
{
	char pragma[48];
	*id = (int64_t)rng_below(s->o.rng, 0x7ffffffe) + 1;
	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA application_id=%lld", (long long)*id);
	return db_script(d, pragma, e);
}

static int write_id(struct write *w, void *arg, struct err *e)
{
	return give_id(w->db, w->store, arg, e);
}

static int forget_cache(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	write_event(w, EV_MESSAGES, 0, 0, 0, 1);
	return db_run(w->db, e, SQL_NO_BODIES, "") || db_run(w->db, e, SQL_NOT_INDEXED, "") ||
			       db_run(w->db, e, SQL_KNOW_CACHE, "i", *id)
		       ? -1
		       : 0;
}

static int read_cache_id(struct write *w, void *arg, struct err *e)
{
	return db_value(w->db, arg, e, SQL_CACHE_ID, "");
}

static int read_known_id(struct write *w, void *arg, struct err *e)
{
	return db_value(w->db, arg, e, SQL_KNOWN_CACHE, "");
}

static int renew(struct write *w, void *arg, struct err *e)
{
	CLEANUP(free_str) char *path = store_path(w->store, CACHE_NAME);
	return empty_file(w->db, e) || prepare_file(w->store, w->db, path, e) ||
			       give_id(w->db, w->store, arg, e)
		       ? -1
		       : 0;
}

int cache_file_renew(struct store *s, struct err *e)
{
	int64_t id = 0;
	return writer_call(&s->cache, WRITE_BARE, renew, &id, e) ||
			       writer_call(&s->main, 0, forget_cache, &id, e)
		       ? -1
		       : 0;
}

int cache_file_match(struct store *s, struct err *e)
{
	int64_t id = 0, known = 0;
	if (writer_call(&s->cache, 0, read_cache_id, &id, e) ||
		writer_call(&s->main, 0, read_known_id, &known, e))
		return -1;
	if (id && id == known)
		return 0;
	log_line(LOG_NOTE, "store", "cache.db is %s: bodies are fetched again",
		id ? "of another crmail.db" : "new");
	if (id)
		return cache_file_renew(s, e);
	return writer_call(&s->cache, 0, write_id, &id, e) ||
			       writer_call(&s->main, 0, forget_cache, &id, e)
		       ? -1
		       : 0;
}
