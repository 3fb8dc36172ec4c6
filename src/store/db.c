/*
 * db.c - one SQLite connection: opening, statements by constant, binding, results, errors.
 * It knows no table.
 */
#include "config.h"

#include "db.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/store/account.h"

enum { BUSY_TIMEOUT_MS = 10000 };

/* SQLite's own words (sqlite3_errstr) and never sqlite3_errmsg: that may quote values. */
int db_fail(struct db *d, int rc, struct err *e)
{
	bool is_damage = (rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT;
	if (is_damage && d->on_damage)
		d->on_damage(d->damage_ctx);
	switch (rc & 0xff) {
	case SQLITE_INTERRUPT:
		return err_set(e, ERR_CANCELLED, "%s", _("Stopped."));
	case SQLITE_FULL:
		return err_set(e, ERR_IO, "%s", _("The disk is full: nothing was written."));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, ERR_IO, "%s", _("Another program holds the database locked."));
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return err_set(e, ERR_DB, "%s", _("The database file is damaged."));
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
		return err_set(e, ERR_IO, _("The database file cannot be used: %s."),
			sqlite3_errstr(rc));
	default:
		return err_set(e, ERR_DB, _("The database refused: %s."), sqlite3_errstr(rc));
	}
}

/* SQLite gives its -wal and -shm files the mode of the database. The umask is left alone: it
 * belongs to the whole process. A file that is there is not opened: closing it would drop the locks
 * that another connection of this process holds. */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	else
		IGNORE_RESULT(chmod(path, 0600), "what cannot be opened is said by sqlite3_open");
}

int db_open(struct db *d, const char *path, unsigned flags, const char *vfs, struct err *e)
{
	int mode = SQLITE_OPEN_NOMUTEX |
		   (flags & DB_READONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
		   (flags & DB_CREATE ? SQLITE_OPEN_CREATE : 0);
	memset(d, 0, sizeof *d);
	if (flags & DB_CREATE)
		make_private(path);
	int rc = sqlite3_open_v2(path, &d->h, mode, vfs);
	if (rc != SQLITE_OK) {
		db_fail(d, rc, e);
		db_close(d);
		return -1;
	}
	sqlite3_extended_result_codes(d->h, 1);
	sqlite3_busy_timeout(d->h, BUSY_TIMEOUT_MS);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

void db_forget_statements(struct db *d)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(d->slots[i].stmt);
	memset(d->slots, 0, sizeof d->slots);
}

void db_close(struct db *d)
{
	db_forget_statements(d);
	sqlite3_close(d->h);
	memset(d, 0, sizeof *d);
}

int db_script(struct db *d, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(d->h, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : db_fail(d, rc, e);
}

/* Setting auto_vacuum writes and syncs the file even where it stands. */
int db_make_ours(struct db *d, struct err *e)
{
	static const char SQL_MODE[] = "PRAGMA auto_vacuum";
	enum { INCREMENTAL = 2 };
	int64_t mode = 0;
	if (db_value(d, &mode, e, SQL_MODE, "") ||
		(mode != INCREMENTAL && db_script(d, "PRAGMA auto_vacuum=INCREMENTAL", e)))
		return -1;
	return db_script(d, "PRAGMA journal_mode=WAL", e);
}

static struct db_slot *find_slot(struct db *d, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 2654435761u % DB_STATEMENTS;
	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		struct db_slot *slot = &d->slots[(at + i) % DB_STATEMENTS];
		if (!slot->sql || slot->sql == sql)
			return slot;
	}
	BUG_ON(1);
	return NULL;
}

static int get_statement(struct db *d, const char *sql, sqlite3_stmt **out, struct err *e)
{
	struct db_slot *slot = find_slot(d, sql);
	if (!slot->sql) {
		int rc = sqlite3_prepare_v3(d->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt,
			NULL);
		if (rc != SQLITE_OK)
			return db_fail(d, rc, e);
		slot->sql = sql;
	}
	sqlite3_reset(slot->stmt);
	sqlite3_clear_bindings(slot->stmt);
	*out = slot->stmt;
	return 0;
}

static int bind_values(struct db *d, sqlite3_stmt *s, const char *fmt, va_list ap, struct err *e)
{
	int rc = SQLITE_OK;
	for (int i = 1; *fmt && rc == SQLITE_OK; fmt++, i++) {
		if (*fmt == 'i') {
			rc = sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
		} else if (*fmt == 't') {
			const char *t = va_arg(ap, const char *);
			rc = t ? sqlite3_bind_text(s, i, t, -1, SQLITE_STATIC)
			       : sqlite3_bind_null(s, i);
		} else if (*fmt == 'b') {
			const void *p = va_arg(ap, const void *);
			size_t n = va_arg(ap, size_t);
			rc = p ? sqlite3_bind_blob64(s, i, p, n, SQLITE_STATIC)
			       : sqlite3_bind_null(s, i);
		} else {
			BUG_ON(*fmt != 'z');
			rc = sqlite3_bind_null(s, i);
		}
	}
	return rc == SQLITE_OK ? 0 : db_fail(d, rc, e);
}

static int query_v(struct db *d, sqlite3_stmt **out, struct err *e, const char *sql,
	const char *fmt, va_list ap)
{
	sqlite3_stmt *s = NULL;
	if (get_statement(d, sql, &s, e) || bind_values(d, s, fmt, ap, e))
		return -1;
	*out = s;
	return 0;
}

int db_query(struct db *d, sqlite3_stmt **out, struct err *e, const char *sql, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = query_v(d, out, e, sql, fmt, ap);
	va_end(ap);
	return rc;
}

int db_step(struct db *d, sqlite3_stmt *s, struct err *e)
{
	int rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		return 1;
	sqlite3_reset(s);
	return rc == SQLITE_DONE ? 0 : db_fail(d, rc, e);
}

int db_run(struct db *d, struct err *e, const char *sql, const char *fmt, ...)
{
	sqlite3_stmt *s = NULL;
	va_list ap;
	va_start(ap, fmt);
	int rc = query_v(d, &s, e, sql, fmt, ap);
	va_end(ap);
	if (rc)
		return -1;
	while ((rc = db_step(d, s, e)) == 1)
		continue;
	return rc;
}

int db_value(struct db *d, int64_t *out, struct err *e, const char *sql, const char *fmt, ...)
{
	sqlite3_stmt *s = NULL;
	va_list ap;
	va_start(ap, fmt);
	int rc = query_v(d, &s, e, sql, fmt, ap);
	va_end(ap);
	if (rc)
		return -1;
	rc = db_step(d, s, e);
	if (rc == 1) {
		*out = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	}
	return rc < 0 ? -1 : 0;
}

int64_t db_changes(const struct db *d)
{
	return sqlite3_changes64(d->h);
}

char *db_text(struct arena *a, sqlite3_stmt *s, int column)
{
	const unsigned char *t = sqlite3_column_text(s, column);
	return t ? arena_strndup(a, (const char *)t, (size_t)sqlite3_column_bytes(s, column))
		 : NULL;
}

const char *db_setting(struct db *d, struct arena *a, const char *sql, int64_t id, const char *key)
{
	struct err ignored = ERR_INIT;
	sqlite3_stmt *q;
	if (db_query(d, &q, &ignored, sql, "it", id, key) || db_step(d, q, &ignored) <= 0)
		return NULL;
	const char *text = db_text(a, q, 0);
	sqlite3_reset(q);
	return text;
}

int db_settings(struct db *d, struct arena *a, const char *sql, int64_t id, struct setting **out,
	size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	struct setting *v = NULL;
	size_t cap = 0, count = 0;
	int rc;
	if (db_query(d, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct setting){db_text(a, q, 0), db_text(a, q, 1)};
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int db_text_of(struct db *d, struct arena *a, const char *sql, int64_t id, const char **out,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, sql, "i", id))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	*out = db_text(a, q, 0);
	sqlite3_reset(q);
	return 0;
}
