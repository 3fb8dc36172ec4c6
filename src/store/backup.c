/* backup.c - the daily copy of crmail.db: made in steps, verified, the older ones thinned out. */
#include "config.h"

#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/care.h"

#include "migrate.h"

static const char FOLDER[] = "backup";
static const char PREFIX[] = "crmail-";
static const char SUFFIX[] = ".db";
static const char SQL_BEGIN[] = "BEGIN; SELECT count(*) FROM sqlite_schema";
static const char SQL_CHECK[] = "SELECT 1 FROM pragma_quick_check(1) WHERE quick_check <> 'ok'";

enum {
	COPIES_KEPT = 3,
	STEP_PAGES = 256,        /* 1 MiB: a few milliseconds */
	SPARE_BYTES = 256 << 20, /* that stay free after a copy */
};

void backup_today(const struct store *s, char day[BACKUP_DAY])
{
	char now[32];
	clock_rfc3339(store_now(s), now, sizeof now);
	memcpy(day, now, BACKUP_DAY - 1);
	day[BACKUP_DAY - 1] = '\0';
}

char *backup_path(const char *dir, const char *day)
{
	return xasprintf("%s/%s/%s%s%s", dir, FOLDER, PREFIX, day, SUFFIX);
}

/* What a person typed names a day and no other file. */
static bool is_day(const char *day)
{
	return strlen(day) == BACKUP_DAY - 1 && strspn(day, "0123456789-") == BACKUP_DAY - 1;
}

bool backup_exists(const char *dir, const char *day)
{
	if (!is_day(day))
		return false;
	CLEANUP(free_str) char *path = backup_path(dir, day);
	return fsx_exists(path);
}

int backup_verify(const char *path, struct stopper *st, struct err *e)
{
	struct db d;
	int64_t is_wrong = 0;
	if (db_open(&d, path, DB_READONLY, NULL, e))
		return -1;
	stopper_watch(st, d.h);
	int rc = db_value(&d, &is_wrong, e, SQL_CHECK, "");
	stopper_watch(st, NULL);
	db_close(&d);
	if (rc == 0 && is_wrong)
		return err_set(e, ERR_DB, "%s", _("The database file is damaged."));
	return rc;
}

/* ---- the list of copies ---------------------------------------------------------------------- */

struct days {
	char v[64][BACKUP_DAY];
	size_t n;
};

static int compare_newest_first(const void *a, const void *b)
{
	return strcmp(b, a);
}

static void read_days(const char *dir, struct days *out)
{
	CLEANUP(free_str) char *folder = fsx_join(dir, FOLDER);
	size_t len = strlen(PREFIX) + BACKUP_DAY - 1 + strlen(SUFFIX);
	out->n = 0;
	DIR *d = opendir(folder);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		const char *name = entry->d_name;
		if (strlen(name) != len || !str_starts(name, PREFIX) ||
			strcmp(name + len - strlen(SUFFIX), SUFFIX) != 0 ||
			out->n == ARRAY_SIZE(out->v))
			continue;
		snprintf(out->v[out->n++], BACKUP_DAY, "%s", name + strlen(PREFIX));
	}
	if (d)
		closedir(d);
	qsort(out->v, out->n, sizeof out->v[0], compare_newest_first);
}

char *care_newest_copy(const char *dir)
{
	struct days days;
	read_days(dir, &days);
	for (size_t i = 0; i < days.n; i++) {
		CLEANUP(free_str) char *path = backup_path(dir, days.v[i]);
		struct err e = ERR_INIT;
		if (backup_verify(path, NULL, &e) == 0)
			return xstrdup(days.v[i]);
	}
	return NULL;
}

static void thin_out(const char *dir, size_t kept)
{
	struct days days;
	read_days(dir, &days);
	for (size_t i = kept; i < days.n; i++) {
		CLEANUP(free_str) char *path = backup_path(dir, days.v[i]);
		IGNORE_RESULT(unlink(path), "it goes the next time");
	}
}

/* ---- making one ------------------------------------------------------------------------------ */

static int check_space(const struct store *s, const char *folder, struct err *e)
{
	CLEANUP(free_str) char *path = store_path(s, "crmail.db");
	struct statvfs fs;
	int64_t need = fsx_size(path) + SPARE_BYTES;
	if (statvfs(folder, &fs))
		return err_sys(e, ERR_IO, errno, _("Cannot look at %s"), folder);
	if ((int64_t)(fs.f_bavail * fs.f_frsize) < need)
		return err_set(e, ERR_TOOBIG, "%s",
			_("The disk is nearly full: no daily copy of the database was made."));
	return 0;
}

/* With a read transaction of its own the source stands still for the copy, whatever is written
 * meanwhile; without it each commit would start the copy anew. */
static int copy_pages(struct db *from, struct db *to, struct stopper *st, struct err *e)
{
	if (db_script(from, SQL_BEGIN, e))
		return -1;
	sqlite3_backup *b = sqlite3_backup_init(to->h, "main", from->h, "main");
	if (!b)
		return db_fail(to, sqlite3_errcode(to->h), e);
	int rc = SQLITE_OK;
	bool is_stopped = false;
	while (rc == SQLITE_OK && !is_stopped) {
		rc = sqlite3_backup_step(b, STEP_PAGES);
		is_stopped = rc == SQLITE_OK && stopper_must_stop(st);
	}
	int end = sqlite3_backup_finish(b);
	if (is_stopped)
		return err_set(e, ERR_CANCELLED, "%s", _("Stopped."));
	return rc == SQLITE_DONE && end == SQLITE_OK ? 0 : db_fail(from, rc, e);
}

/* The copy is one file: no -wal beside it that could be lost. */
static int fill_copy(struct store *s, const char *path, struct stopper *st, struct err *e)
{
	CLEANUP(free_str) char *source = store_path(s, "crmail.db");
	struct db from, to;
	if (db_open(&from, source, DB_READONLY, s->o.vfs, e))
		return -1;
	from.on_damage = s->main.db.on_damage;
	from.damage_ctx = s->main.db.damage_ctx;
	int rc = db_open(&to, path, DB_CREATE, NULL, e);
	if (rc == 0) {
		rc = db_script(&to, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", e) ||
		     copy_pages(&from, &to, st, e) ||
		     db_script(&to, "PRAGMA journal_mode=DELETE", e);
		db_close(&to);
	}
	db_close(&from);
	return rc ? -1 : 0;
}

static int sync_path(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	int sys = errno;
	if (fd >= 0)
		close(fd);
	return rc ? err_sys(e, ERR_IO, sys, _("Cannot write %s"), path) : 0;
}

int backup_sync(const char *folder, struct err *e)
{
	return sync_path(folder, O_RDONLY | O_DIRECTORY, e);
}

static int put_in_place(const char *fresh, const char *path, const char *folder, struct err *e)
{
	if (sync_path(fresh, O_RDONLY, e))
		return -1;
	if (rename(fresh, path))
		return err_sys(e, ERR_IO, errno, _("Cannot write %s"), path);
	return backup_sync(folder, e);
}

int backup_make(struct store *s, struct stopper *st, struct err *e)
{
	char day[BACKUP_DAY];
	backup_today(s, day);
	CLEANUP(free_str) char *folder = store_path(s, FOLDER);
	CLEANUP(free_str) char *path = backup_path(s->dir, day);
	CLEANUP(free_str) char *fresh = fsx_join(folder, "unfinished");
	if (fsx_mkdir_p(folder, e) || check_space(s, folder, e))
		return -1;
	IGNORE_RESULT(unlink(fresh), "there is one only after a crash");
	int64_t start = clock_mono_ms();
	if (fill_copy(s, fresh, st, e) || backup_verify(fresh, st, e) ||
		put_in_place(fresh, path, folder, e)) {
		IGNORE_RESULT(unlink(fresh), "it may not have been made");
		return -1;
	}
	thin_out(s->dir, COPIES_KEPT);
	log_line(LOG_NOTE, "store", "daily copy: %lld bytes in %lld ms", (long long)fsx_size(path),
		(long long)(clock_mono_ms() - start));
	return 0;
}

int backup_renew(struct store *s, struct err *e)
{
	if (backup_make(s, NULL, e))
		return -1;
	thin_out(s->dir, 1);
	for (int version = 1; version < migrate_latest(SCHEMA_MAIN); version++) {
		CLEANUP(free_str) char *path = xasprintf("%s/crmail.db.v%d", s->dir, version);
		IGNORE_RESULT(unlink(path), "there are few of them");
	}
	return 0;
}
