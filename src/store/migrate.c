/* migrate.c - runs the numbered schema files that a database does not have yet. */
#include "config.h"

#include "migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

static const char SQL_VERSION[] = "PRAGMA user_version";

int migrate_latest(enum schema_db which)
{
	int latest = 0;
	for (const struct schema_file *f = schema_files; f->sql; f++)
		if (f->db == which && f->number > latest)
			latest = f->number;
	return latest;
}

/* SQLite's own backup, so that the copy is whole whatever the WAL holds. */
static int copy_before(struct db *d, const char *path, int version, struct err *e)
{
	char *name = xasprintf("%s.v%d", path, version);
	struct db to;
	int rc = -1;
	IGNORE_RESULT(unlink(name), "an older copy is replaced; absence is fine");
	if (db_open(&to, name, DB_CREATE, NULL, e) == 0) {
		sqlite3_backup *b = sqlite3_backup_init(to.h, "main", d->h, "main");
		int step = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;
		int end = b ? sqlite3_backup_finish(b) : sqlite3_errcode(to.h);
		rc = step == SQLITE_DONE && end == SQLITE_OK ? 0 : db_fail(&to, end, e);
		db_close(&to);
	}
	free(name);
	return rc ? err_wrap(e, "%s", _("Cannot make a copy before the upgrade")) : 0;
}

/* The version is read again inside: another process may have been faster. */
static int run_file(struct db *d, const struct schema_file *f, struct err *e)
{
	int64_t version = 0;
	char pragma[48];
	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA user_version=%d", f->number);
	if (db_script(d, "BEGIN EXCLUSIVE", e))
		return -1;
	if (db_value(d, &version, e, SQL_VERSION, "") ||
		(version < f->number && (db_script(d, f->sql, e) || db_script(d, pragma, e))) ||
		db_script(d, "COMMIT", e)) {
		struct err ignored = ERR_INIT;
		IGNORE_RESULT(db_script(d, "ROLLBACK", &ignored),
			"the first error is the one told");
		return -1;
	}
	return 0;
}

/* A host that runs on the old schema must not have it changed under its feet. The descriptor
 * holds the lock until it is closed. */
static int lock_folder(const char *dir, int *fd, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(dir, "host.lock");
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	close(*fd);
	return err_set(e, ERR_IO, "%s",
		_("The data folder must be upgraded: please close the other crmail first."));
}

static int run_files(struct db *d, enum schema_db which, int64_t version,
	const struct store_options *o, struct err *e)
{
	for (const struct schema_file *f = schema_files; f->sql; f++) {
		if (f->db != which || f->number <= version)
			continue;
		if (version > 0 && o->progress)
			o->progress(o->progress_ctx, f->name, f->number, migrate_latest(which));
		if (run_file(d, f, e))
			return -1;
		log_line(LOG_NOTE, "store", "schema: %s ran", f->name);
	}
	return 0;
}

int migrate(struct db *d, enum schema_db which, const char *path, const struct store_options *o,
	struct err *e)
{
	int64_t version = 0;
	int latest = migrate_latest(which), lock = -1;
	if (db_value(d, &version, e, SQL_VERSION, ""))
		return -1;
	if (version > latest)
		return err_set(e, ERR_CONFLICT, "%s",
			_("This data folder was made by a newer crmail; please upgrade."));
	if (version == latest)
		return 0;
	bool has_data = version > 0 && which == SCHEMA_MAIN;
	if (has_data && lock_folder(o->dir, &lock, e))
		return -1;
	int rc = (has_data && copy_before(d, path, (int)version, e)) ||
		 run_files(d, which, version, o, e);
	if (lock >= 0)
		close(lock);
	return rc ? -1 : 0;
}
