/* ready.c - see ready.h. */
#include "config.h"

#include "ready.h"

#include "backup.h"
#include "migrate.h"
#include "store_private.h"

static const char SQL_VERSION[] = "PRAGMA main.user_version";
static const char SQL_CACHE_VERSION[] = "PRAGMA cache.user_version";
static const char SQL_CACHE_ID[] = "PRAGMA cache.application_id";
static const char SQL_KNOWN_CACHE[] = "SELECT value FROM meta WHERE key = 'cache_id'";
static const char SQL_NOT_INDEXED[] = "SELECT 1 FROM message WHERE indexed = 0 LIMIT 1";

static bool is_value(struct db *d, const char *sql, int64_t wanted)
{
	struct err ignored = ERR_INIT;
	int64_t v = 0;
	return db_value(d, &v, &ignored, sql, "") == 0 && v == wanted;
}

static bool is_ready(struct db *d)
{
	struct err ignored = ERR_INIT;
	int64_t id = 0, is_restored = 0;
	return is_value(d, SQL_VERSION, migrate_latest(SCHEMA_MAIN)) &&
	       is_value(d, SQL_CACHE_VERSION, migrate_latest(SCHEMA_CACHE)) &&
	       db_value(d, &id, &ignored, SQL_CACHE_ID, "") == 0 && id &&
	       is_value(d, SQL_KNOWN_CACHE, id) && is_value(d, SQL_NOT_INDEXED, 0) &&
	       backup_restored_mark(d, &is_restored, &ignored) == 0 && !is_restored;
}

bool store_is_ready(struct store *s)
{
	struct err ignored = ERR_INIT;
	struct store_reader *r = NULL;
	if (store_reader_open(s, &r, &ignored))
		return false;
	bool ready = is_ready(reader_db(r));
	store_reader_close(r);
	return ready;
}
