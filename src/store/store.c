/*
 * store.c - opening and closing the two files and their writers; commits; paths; ids that the
 * process gives out. Readers are in reader.c, checks in doctor.c.
 */
#include "config.h"

#include "store_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"
#include "crmail/store/care.h"

#include "backup.h"
#include "cache_file.h"
#include "correspondent_private.h"
#include "doctor.h"
#include "migrate.h"
#include "ready.h"

static const char MAIN_NAME[] = "crmail.db";

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

/* ---- damage that a connection comes upon ----------------------------------------------------- */

static void note_damage(struct store *s, unsigned where)
{
	unsigned before = atomic_fetch_or(&s->damage, where);
	if (before & where)
		return;
	log_line(LOG_ERROR, "store", "a database file is damaged (%u)", where);
	presence_note_unclean(s->dir); /* for a host that starts after this process has ended */
	stopper_want(&s->care_stopper);
}

static void main_is_damaged(void *store)
{
	note_damage(store, DAMAGE_MAIN);
}

static void cache_is_damaged(void *store)
{
	note_damage(store, DAMAGE_CACHE);
}

static void some_file_is_damaged(void *store)
{
	note_damage(store, DAMAGE_SOMEWHERE);
}

void store_watch_reader(struct store *s, struct db *d)
{
	d->on_damage = some_file_is_damaged;
	d->damage_ctx = s;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Which copy there is and how to go back to it: the one thing a person wants to know now. */
static int fail_damaged(const struct store *s, struct err *e)
{
	CLEANUP(free_str) char *day = care_newest_copy(s->dir);
	if (!day)
		return err_set(e, ERR_DB, "%s",
			_("The database crmail.db is damaged, and there is no copy of it."));
	return err_set(e, ERR_DB,
		/* TRANSLATORS: the first %s is a date like 2026-11-21. */
		_("The database crmail.db is damaged. \"crmail doctor --restore\" goes back to the "
		  "copy of %s; what came since is fetched again."),
		day);
}

/* Copies without a crmail.db: somebody lost it, and an empty one would hide that. */
static int check_not_lost(const struct store *s, const char *path, struct err *e)
{
	if (fsx_exists(path))
		return 0;
	CLEANUP(free_str) char *day = care_newest_copy(s->dir);
	if (!day)
		return 0;
	return err_set(e, ERR_DB,
		/* TRANSLATORS: the %s is a date like 2026-11-21. */
		_("The database crmail.db is gone. \"crmail doctor --restore\" goes back to the "
		  "copy "
		  "of %s; to start anew, remove the folder \"backup\"."),
		day);
}

static int open_main(struct store *s, struct err *e)
{
	CLEANUP(free_str) char *path = store_path(s, MAIN_NAME);
	if (check_not_lost(s, path, e) || db_open(&s->main.db, path, DB_CREATE, s->o.vfs, e))
		return -1;
	s->main.db.on_damage = main_is_damaged;
	s->main.db.damage_ctx = s;
	if (db_make_ours(&s->main.db, e) || migrate(&s->main.db, SCHEMA_MAIN, path, &s->o, e)) {
		db_close(&s->main.db);
		return atomic_load(&s->damage) ? fail_damaged(s, e) : -1;
	}
	return 0;
}

static int open_files(struct store *s, struct err *e)
{
	if (fsx_mkdir_p(s->dir, e))
		return -1;
	presence_begin(&s->presence, s->dir);
	if (open_main(s, e) || cache_file_open(s, e))
		return -1;
	s->cache.db.on_damage = cache_is_damaged;
	s->cache.db.damage_ctx = s;
	return writer_start(&s->main, s, e) || writer_start(&s->cache, s, e) ? -1 : 0;
}

int store_open(struct store **out, const struct store_options *o, struct err *e)
{
	struct store *s = xcalloc(1, sizeof *s);
	/* Counting what SQLite has allocated, which nobody asks for, is one lock for all threads.
	 * Possible before SQLite was used first; later it stays as it is. */
	IGNORE_RESULT(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0), "see above");
	s->o = *o;
	s->dir = xstrdup(o->dir);
	s->o.dir = s->dir;
	s->notice_rule = o->notice_rule ? xstrdup(o->notice_rule) : NULL;
	s->o.notice_rule = s->notice_rule;
	pthread_mutex_init(&s->failed_lock, NULL);
	stopper_init(&s->care_stopper);
	s->presence = PRESENCE_INIT;
	if (o->only_reads && store_is_ready(s)) {
		*out = s;
		return 0;
	}
	if (open_files(s, e) || backup_settle_restored(s, e) || cache_file_match(s, e) ||
		doctor_on_open(s, e)) {
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
	reader_drop_spare(s);
	db_close(&s->main.db);
	db_close(&s->cache.db);
	presence_end(&s->presence);
	stopper_release(&s->care_stopper);
	pthread_mutex_destroy(&s->failed_lock);
	free(s->notice_rule);
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
	if (!s->main.is_running) /* opened to read: nothing was queued */
		return 0;
	return writer_call(&s->main, WRITE_USER, write_nothing, NULL, e) ||
			       writer_call(&s->main, 0, write_nothing, NULL, e) ||
			       writer_call(&s->cache, 0, write_nothing, NULL, e)
		       ? -1
		       : 0;
}

int64_t store_last_ticket(struct store *s)
{
	return atomic_load(&s->next_ticket);
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
