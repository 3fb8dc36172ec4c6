/*
 * store.c - opening and closing the two files and their writers; commits; paths; ids that the
 * process gives out. Readers are in reader.c, checks in doctor.c.
 */
#include "config.h"

#include "store_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"

#include "correspondent_private.h"
#include "doctor.h"
#include "migrate.h"

static const char MAIN_NAME[] = "crmail.db";
static const char CACHE_NAME[] = "cache.db";

enum { ID_RANDOM = 1024 }; /* ids made in the same millisecond by two processes */

int64_t store_now(const struct store *s)
{
	return clock_now(s->o.clock);
}

int64_t store_new_id(struct store *s)
{
	int64_t fresh =
		clock_now_ms(s->o.clock) * ID_RANDOM + (int64_t)rng_below(s->o.rng, ID_RANDOM);
	int64_t last = atomic_load(&s->next_id);
	int64_t id;
	do {
		id = fresh > last ? fresh : last + 1;
	} while (!atomic_compare_exchange_weak(&s->next_id, &last, id));
	return id;
}

char *store_path(const struct store *s, const char *name)
{
	return fsx_join(s->dir, name);
}

static void crash_point(struct store *s)
{
	int64_t n = atomic_fetch_add(&s->commits, 1) + 1;
	if (s->o.crash_at && n == s->o.crash_at)
		kill(getpid(), SIGKILL);
}

int store_commit(struct store *s, struct db *d, struct err *e)
{
	crash_point(s);
	if (db_script(d, "COMMIT", e))
		return -1;
	crash_point(s);
	return 0;
}

static int open_file(struct store *s, struct db *d, enum schema_db which, const char *path,
	struct err *e)
{
	mode_t mask = umask(077);
	int rc = db_open(d, path, DB_CREATE, s->o.vfs, e);
	umask(mask);
	if (rc)
		return -1;
	if (db_script(d, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL", e) ||
		migrate(d, which, path, &s->o, e)) {
		db_close(d);
		return -1;
	}
	return 0;
}

static void remove_with_suffix(const char *path, const char *suffix)
{
	CLEANUP(free_str) char *name = xasprintf("%s%s", path, suffix);
	IGNORE_RESULT(unlink(name), "what is not there need not go");
}

/* A damaged cache is thrown away: everything in it can be fetched or made again. */
static int open_cache(struct store *s, const char *path, struct err *e)
{
	struct err first = ERR_INIT;
	if (open_file(s, &s->cache.db, SCHEMA_CACHE, path, &first) == 0)
		return 0;
	if (first.code != ERR_DB) {
		*e = first;
		return -1;
	}
	log_line(LOG_WARN, "store", "cache.db is damaged and starts anew");
	remove_with_suffix(path, "");
	remove_with_suffix(path, "-wal");
	remove_with_suffix(path, "-shm");
	return open_file(s, &s->cache.db, SCHEMA_CACHE, path, e);
}

static int open_files(struct store *s, struct err *e)
{
	CLEANUP(free_str) char *main_path = store_path(s, MAIN_NAME);
	CLEANUP(free_str) char *cache_path = store_path(s, CACHE_NAME);
	if (fsx_mkdir_p(s->dir, e) || open_file(s, &s->main.db, SCHEMA_MAIN, main_path, e) ||
		open_cache(s, cache_path, e))
		return -1;
	return writer_start(&s->main, s, e) || writer_start(&s->cache, s, e) ? -1 : 0;
}

int store_open(struct store **out, const struct store_options *o, struct err *e)
{
	struct store *s = xcalloc(1, sizeof *s);
	s->o = *o;
	s->dir = xstrdup(o->dir);
	s->o.dir = s->dir;
	pthread_mutex_init(&s->failed_lock, NULL);
	if (open_files(s, e) || doctor_on_open(s, e)) {
		store_close(s);
		return -1;
	}
	correspondent_resume(s);
	*out = s;
	return 0;
}

/* Queued writes are ours and bounded (a screen's worth of user changes, one batch per worker), so
 * finishing them keeps to the deadline without a timer. */
void store_close(struct store *s)
{
	if (!s)
		return;
	writer_stop(&s->main);
	writer_stop(&s->cache);
	db_close(&s->main.db);
	db_close(&s->cache.db);
	pthread_mutex_destroy(&s->failed_lock);
	free(s->dir);
	free(s);
}

static int write_nothing(struct write *w, void *arg, struct err *e)
{
	(void)w;
	(void)arg;
	(void)e;
	return 0;
}

/* One empty job in each lane: the work lane's runs after everything else. */
int store_flush(struct store *s, struct err *e)
{
	return writer_call(&s->main, WRITE_USER, write_nothing, NULL, e) ||
			       writer_call(&s->main, 0, write_nothing, NULL, e) ||
			       writer_call(&s->cache, 0, write_nothing, NULL, e)
		       ? -1
		       : 0;
}

int store_ticket_error(struct store *s, int64_t ticket, struct err *out)
{
	int found = 0;
	pthread_mutex_lock(&s->failed_lock);
	for (size_t i = 0; i < FAILED_TICKETS && !found; i++) {
		if (s->failed[i].ticket == ticket && ticket) {
			*out = s->failed[i].err;
			found = 1;
		}
	}
	pthread_mutex_unlock(&s->failed_lock);
	return found;
}
