/*
 * doctor.c - do the two files belong together, and do the counters tell the truth? Mends what can
 * be made again; it never removes mail.
 */
#include "config.h"

#include "doctor.h"

#include "crmail/base/log.h"
#include "crmail/base/rng.h"

static const char SQL_CACHE_ID[] = "PRAGMA application_id";
static const char SQL_KNOWN_CACHE[] = "SELECT value FROM meta WHERE key = 'cache_id'";
static const char SQL_KNOW_CACHE[] = "INSERT OR REPLACE INTO meta VALUES ('cache_id', ?)";
static const char SQL_NO_BODIES[] = "UPDATE message SET body = 0 WHERE body IN (1, 2)";
static const char SQL_NOT_INDEXED[] = "UPDATE message SET indexed = 0 WHERE indexed <> 0";

static int give_cache_id(struct write *w, void *arg, struct err *e)
{
	int64_t *id = arg;
	char pragma[48];
	*id = (int64_t)rng_below(w->store->o.rng, 0x7ffffffe) + 1;
	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA application_id=%lld", (long long)*id);
	return db_script(w->db, pragma, e);
}

static int forget_cache(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	return db_run(w->db, e, SQL_NO_BODIES, "") || db_run(w->db, e, SQL_NOT_INDEXED, "") ||
			       db_run(w->db, e, SQL_KNOW_CACHE, "i", *id)
		       ? -1
		       : 0;
}

struct cache_ids {
	int64_t of_cache, known;
};

static int read_cache_id(struct write *w, void *arg, struct err *e)
{
	struct cache_ids *ids = arg;
	return db_value(w->db, &ids->of_cache, e, SQL_CACHE_ID, "");
}

static int read_known_id(struct write *w, void *arg, struct err *e)
{
	struct cache_ids *ids = arg;
	return db_value(w->db, &ids->known, e, SQL_KNOWN_CACHE, "");
}

int doctor_on_open(struct store *s, struct err *e)
{
	struct cache_ids ids = {0, 0};
	if (writer_call(&s->cache, 0, read_cache_id, &ids, e) ||
		writer_call(&s->main, 0, read_known_id, &ids, e))
		return -1;
	if (ids.of_cache && ids.of_cache == ids.known)
		return 0;
	log_line(LOG_NOTE, "store", "cache.db is new: bodies are fetched again");
	return writer_call(&s->cache, 0, give_cache_id, &ids.of_cache, e) ||
			       writer_call(&s->main, 0, forget_cache, &ids.of_cache, e)
		       ? -1
		       : 0;
}
