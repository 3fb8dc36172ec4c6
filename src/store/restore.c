/*
 * restore.c - a copy takes the place of a damaged crmail.db, and what must not be believed of it
 * any more is dropped before anything else runs [R45].
 */
#include "config.h"

#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/op.h"
#include "crmail/store/care.h"

#include "action.h"
#include "audit_private.h"
#include "flags.h"
#include "presence.h"

/* The copy knows from the first that it is one; cache.db is newer than it and is not its own. */
static const char SQL_MARK[] = "INSERT OR REPLACE INTO meta VALUES ('restored', 1);"
			       "DELETE FROM meta WHERE key = 'cache_id'";
static const char SQL_IS_RESTORED[] = "SELECT value FROM meta WHERE key = 'restored'";
static const char SQL_OPS[] = "SELECT id, kind, message, ifnull(folder, 0), ifnull(to_folder, 0),"
			      " state FROM op ORDER BY id DESC LIMIT ?";
static const char SQL_DROP_OP[] = "DELETE FROM op WHERE id = ?";

/* What a copy cannot know: what was sent, listed or logged since. Unsent mail counts as unknown:
 * only the user, or the copy in Sent, can tell. No service is asked either (not_before): that a
 * draft of ours still lies there says nothing when another may have gone out since. */
static const char SQL_SETTLE[] =
	"UPDATE outbox SET state = 8, not_before = 0 WHERE state BETWEEN 1 AND 5 OR state = 8;"
	"UPDATE folder SET cursor = NULL WHERE account IN"
	" (SELECT id FROM account WHERE kind <> 'import');"
	"UPDATE placement SET server_id = NULL, is_remote = 0, is_shown = 1, seen_pass = 1"
	" WHERE folder IN (SELECT f.id FROM folder f JOIN account a ON a.id = f.account"
	"  WHERE a.kind <> 'import');"
	"DELETE FROM body_request; DELETE FROM change; DELETE FROM crm_cursor;"
	"UPDATE crm SET last_pull_at = 0;"
	"UPDATE activity SET doubt = 1 WHERE state = 1;"
	"UPDATE record_write SET doubt = 2 WHERE state = 0;"
	"UPDATE account SET status = 0, error = NULL;"
	"DELETE FROM meta WHERE key = 'restored'";

/* Older mail that was logged since the copy was made is queued again, and looked for first. */
static const char SQL_DOUBT[] = "INSERT OR REPLACE INTO meta VALUES ('doubt_before', ?)";

/* ---- after the copy was put in place --------------------------------------------------------- */

enum { OPS_AT_ONCE = 500 };

struct waiting_op {
	int64_t id, kind, message, folder, to_folder, state;
};

static int drop_op(struct write *w, const struct waiting_op *o, struct thread_set *touched,
	struct err *e)
{
	if (db_run(w->db, e, SQL_DROP_OP, "i", o->id))
		return -1;
	if (o->state != OP_WAITS || !o->message)
		return 0;
	if (o->kind == OP_FLAGS)
		return flags_recompute(w, o->message, touched, e);
	if (o->kind == OP_MOVE)
		return change_undo_move(w, o->message, o->folder, o->to_folder, touched, e);
	return 0;
}

/* The newest first: each is undone on what it was done to. */
static int drop_ops(struct write *w, struct thread_set *touched, struct err *e)
{
	size_t n;
	do {
		struct waiting_op *v = arena_array(&w->arena, OPS_AT_ONCE, sizeof *v);
		sqlite3_stmt *q;
		int rc;
		n = 0;
		if (db_query(w->db, &q, e, SQL_OPS, "i", (int64_t)OPS_AT_ONCE))
			return -1;
		while ((rc = db_step(w->db, q, e)) == 1)
			v[n++] = (struct waiting_op){sqlite3_column_int64(q, 0),
				sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
				sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4),
				sqlite3_column_int64(q, 5)};
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = drop_op(w, &v[i], touched, e);
		if (rc)
			return -1;
	} while (n == OPS_AT_ONCE);
	return 0;
}

static int write_settle(struct write *w, void *arg, struct err *e)
{
	struct thread_set touched = {NULL, 0, 0};
	(void)arg;
	log_line(LOG_NOTE, "store", "crmail.db is a copy: its queues are settled");
	const struct audit_row row = {.kind = AUDIT_RESTORE, .is_ok = true};
	return drop_ops(w, &touched, e) || db_script(w->db, SQL_SETTLE, e) ||
			       db_run(w->db, e, SQL_DOUBT, "i", w->now) || audit_add(w, &row, e) ||
			       thread_refresh(w, &touched, e)
		       ? -1
		       : 0;
}

int backup_restored_mark(struct db *d, int64_t *out, struct err *e)
{
	return db_value(d, out, e, SQL_IS_RESTORED, "");
}

static int read_mark(struct write *w, void *arg, struct err *e)
{
	return backup_restored_mark(w->db, arg, e);
}

int backup_settle_restored(struct store *s, struct err *e)
{
	int64_t is_restored = 0;
	if (writer_call(&s->main, WRITE_BARE, read_mark, &is_restored, e))
		return -1;
	if (!is_restored)
		return 0;
	return writer_call(&s->main, WRITE_FULL, write_settle, NULL, e);
}

/* ---- putting it in place --------------------------------------------------------------------- */

static int lock_folder(const char *dir, int *fd, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(dir, "host.lock");
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0 && !presence_is_open(dir))
		return 0;
	close(*fd);
	*fd = -1;
	return err_set(e, ERR_CONFLICT, "%s",
		_("The data folder is in use: please close the other crmail first."));
}

static int copy_file(const char *from, const char *to, struct err *e)
{
	struct db in, out;
	if (db_open(&in, from, DB_READONLY, NULL, e))
		return -1;
	int rc = db_open(&out, to, DB_CREATE, NULL, e);
	if (rc == 0) {
		sqlite3_backup *b = sqlite3_backup_init(out.h, "main", in.h, "main");
		int step = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;
		int end = b ? sqlite3_backup_finish(b) : sqlite3_errcode(out.h);
		rc = step == SQLITE_DONE && end == SQLITE_OK ? db_script(&out, SQL_MARK, e)
							     : db_fail(&out, end, e);
		db_close(&out);
	}
	db_close(&in);
	return rc;
}

/* Linked, not moved: at no moment there is no crmail.db. Its -wal goes, for SQLite would take it
 * for that of the copy. */
static int put_aside(const char *dir, const char *path, const char *suffix, struct err *e)
{
	CLEANUP(free_str) char *folder = fsx_join(dir, "damaged");
	CLEANUP(free_str) char *aside = xasprintf("%s/crmail-%s.db", folder, suffix);
	CLEANUP(free_str) char *wal = xasprintf("%s-wal", path);
	CLEANUP(free_str) char *shm = xasprintf("%s-shm", path);
	CLEANUP(free_str) char *aside_wal = xasprintf("%s-wal", aside);
	if (fsx_mkdir_p(folder, e))
		return -1;
	if (link(path, aside) && errno != ENOENT && errno != EEXIST)
		return err_sys(e, ERR_IO, errno, _("Cannot write %s"), aside);
	if (rename(wal, aside_wal) && errno != ENOENT)
		return err_sys(e, ERR_IO, errno, _("Cannot write %s"), aside_wal);
	IGNORE_RESULT(unlink(shm), "SQLite makes it anew");
	return 0;
}

static int replace(const struct store_options *o, const char *day, struct err *e)
{
	CLEANUP(free_str) char *copy = backup_path(o->dir, day);
	CLEANUP(free_str) char *path = fsx_join(o->dir, "crmail.db");
	CLEANUP(free_str) char *fresh = fsx_join(o->dir, "crmail.db.restoring");
	char suffix[32];
	snprintf(suffix, sizeof suffix, "%lld", (long long)clock_now(o->clock));
	IGNORE_RESULT(unlink(fresh), "there is one only after a crash");
	if (backup_verify(copy, NULL, e) || copy_file(copy, fresh, e) ||
		backup_verify(fresh, NULL, e) || put_aside(o->dir, path, suffix, e))
		return -1;
	if (rename(fresh, path))
		return err_sys(e, ERR_IO, errno, _("Cannot write %s"), path);
	return backup_sync(o->dir, e);
}

int care_restore(const struct store_options *o, const char *day, char **restored, struct err *e)
{
	int lock = -1;
	if (lock_folder(o->dir, &lock, e))
		return -1;
	char *chosen = day ? xstrdup(day) : care_newest_copy(o->dir);
	int rc = 0;
	if (!chosen || !backup_exists(o->dir, chosen))
		rc = err_set(e, ERR_NOTFOUND, "%s", _("There is no such copy of the database."));
	else
		rc = replace(o, chosen, e);
	close(lock);
	if (rc) {
		free(chosen);
		return -1;
	}
	*restored = chosen;
	return 0;
}
