/*
 * account.c - connected mailboxes, their settings and own addresses. Folders are in folder.c.
 */
#include "config.h"

#include "crmail/store/account.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"

#include "account_private.h"
#include "audit_private.h"
#include "correspondent_private.h"
#include "crm_private.h"
#include "doctor.h"
#include "notice_private.h"
#include "store_private.h"

static const char SQL_ADD[] = "INSERT INTO account (name, kind, email, real_name, crm, status,"
			      " added_at) VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7)";
static const char SQL_TAKEN[] = "SELECT 1 FROM account WHERE name = ?";
static const char SQL_PUT_SETTING[] = "INSERT OR REPLACE INTO account_setting VALUES (?, ?, ?)";
/* 5: paused, which only the user ends. */
static const char SQL_STATUS[] =
	"UPDATE account SET status = CASE status WHEN 5 THEN 5 ELSE ?2 END, error = ?3,"
	" last_sync_at = max(last_sync_at, ?4) WHERE id = ?1";
static const char SQL_PAUSE[] = "UPDATE account SET status = ?2, error = NULL WHERE id = ?1";
/* 6: sent, 9: cancelled. */
static const char SQL_UNSENT[] = "SELECT count(*) FROM outbox WHERE account = ?"
				 " AND state NOT IN (6, 9)";

#define ACCOUNT_COLUMNS                                                                            \
	"SELECT id, name, kind, email, real_name, ifnull(crm, 0), status, error,"                  \
	" last_sync_at, added_at FROM account"
static const char SQL_LIST[] = ACCOUNT_COLUMNS " ORDER BY id";
static const char SQL_FIND[] = ACCOUNT_COLUMNS " WHERE name = ?";
static const char SQL_SETTING[] = "SELECT value FROM account_setting WHERE account = ? AND key = ?";
static const char SQL_SETTINGS[] =
	"SELECT key, value FROM account_setting WHERE account = ? ORDER BY key";
static const char SQL_OWN[] =
	"SELECT email FROM account WHERE id = ?1 UNION ALL"
	" SELECT value FROM account_setting WHERE account = ?1 AND key = 'own_addresses'";
static const char SQL_OWN_ALL[] = "SELECT email FROM account UNION ALL"
				  " SELECT value FROM account_setting WHERE key = 'own_addresses'";

/* What goes with an account, in this order. Bodies go from cache.db afterwards. */
static const char *const SQL_REMOVE[] = {
	"DELETE FROM message_party WHERE message IN (SELECT id FROM message WHERE account = ?)",
	"DELETE FROM body_request WHERE message IN (SELECT id FROM message WHERE account = ?)",
	"DELETE FROM change WHERE message IN (SELECT id FROM message WHERE account = ?)",
	"DELETE FROM op WHERE account = ?",
	"DELETE FROM outbox_recipient WHERE outbox IN (SELECT id FROM outbox WHERE account = ?)",
	"DELETE FROM draft_copy WHERE account = ?",
	"DELETE FROM outbox WHERE account = ?",
	"DELETE FROM provider_thread WHERE account = ?",
	"DELETE FROM message WHERE account = ?",
	"DELETE FROM list_count WHERE folder BETWEEN -(?1 * 4 + 3) AND -(?1 * 4)",
	"DELETE FROM folder WHERE account = ?",
	"DELETE FROM notice WHERE account = ?",
	"DELETE FROM pass_hour WHERE account = ?",
	"DELETE FROM account_setting WHERE account = ?",
	"DELETE FROM account WHERE id = ?",
};

/* What only an account with a server needs. */
static const char *const SQL_DETACH[] = {
	"DELETE FROM body_request WHERE message IN (SELECT id FROM message WHERE account = ?)",
	"DELETE FROM op WHERE account = ?",
	"DELETE FROM account_setting WHERE account = ? AND key <> 'own_addresses'",
	/* The label is free for an account that is connected again. */
	"UPDATE account AS a SET kind = 'import', status = 0, error = NULL, name = name ||"
	" CASE WHEN EXISTS (SELECT 1 FROM account AS b WHERE b.name = a.name || ' (kept)')"
	" THEN ' (kept ' || id || ')' ELSE ' (kept)' END WHERE id = ?",
};

struct add_args {
	const struct account_row *row;
	const struct setting *settings;
	size_t n;
	int64_t id;
};

static int write_add(struct write *w, void *arg, struct err *e)
{
	struct add_args *a = arg;
	const struct account_row *r = a->row;
	int64_t taken = 0;
	if (db_value(w->db, &taken, e, SQL_TAKEN, "t", r->name))
		return -1;
	if (taken)
		return err_set(e, ERR_CONFLICT, _("There is an account named \"%s\" already."),
			r->name);
	if (db_run(w->db, e, SQL_ADD, "ttttiii", r->name, r->kind, r->email ? r->email : "",
		    r->real_name, r->crm, (int64_t)r->status, r->added_at ? r->added_at : w->now))
		return -1;
	a->id = sqlite3_last_insert_rowid(w->db->h);
	for (size_t i = 0; i < a->n; i++)
		if (db_run(w->db, e, SQL_PUT_SETTING, "itt", a->id, a->settings[i].key,
			    a->settings[i].value))
			return -1;
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	const struct audit_row row = {
		.kind = AUDIT_ACCOUNT, .is_ok = true, .account = a->id, .reason = "added"};
	return audit_add(w, &row, e);
}

int account_add(struct store *s, const struct account_row *a, const struct setting *v, size_t n,
	int64_t *id, struct err *e)
{
	struct add_args args = {a, v, n, 0};
	if (writer_call(&s->main, WRITE_USER | WRITE_FULL, write_add, &args, e))
		return -1;
	*id = args.id;
	return 0;
}

struct setting_args {
	int64_t id;
	const char *key, *value;
};

static int write_setting(struct write *w, void *arg, struct err *e)
{
	static const char SQL_DROP[] = "DELETE FROM account_setting WHERE account = ? AND key = ?";
	const struct setting_args *a = arg;
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	if (!a->value)
		return db_run(w->db, e, SQL_DROP, "it", a->id, a->key);
	return db_run(w->db, e, SQL_PUT_SETTING, "itt", a->id, a->key, a->value);
}

int account_set(struct store *s, int64_t id, const char *key, const char *value, struct err *e)
{
	struct setting_args a = {id, key, value};
	return writer_call(&s->main, WRITE_FULL, write_setting, &a, e);
}

struct move_args {
	int64_t id;
	const char *from, *to;
};

static int write_move(struct write *w, void *arg, struct err *e)
{
	static const char SQL_MOVE[] = "UPDATE account_setting SET value = ?3"
				       " WHERE account = ?1 AND key = 'secret' AND value = ?2";
	const struct move_args *a = arg;
	if (db_run(w->db, e, SQL_MOVE, "itt", a->id, a->from, a->to))
		return -1;
	if (!sqlite3_changes(w->db->h))
		return err_set(e, ERR_CONFLICT,
			_("Its sign-in is another one by now, and stays where it is."));
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	return 0;
}

int account_move_secret(struct store *s, int64_t id, const char *from, const char *to,
	struct err *e)
{
	struct move_args a = {id, from, to};
	return writer_call(&s->main, WRITE_FULL, write_move, &a, e);
}

struct status_args {
	int64_t id;
	enum account_status status;
	const char *error;
	int64_t sync_at;
};

static const char SQL_STATUS_NOW[] = "SELECT status FROM account WHERE id = ?";

/* A sign-in that became necessary is news, and so is a server that keeps failing. */
static int note_status(struct write *w, const struct status_args *a, struct err *e)
{
	int64_t had = a->status;
	bool has_failed = a->status == ACCOUNT_ERROR || a->status == ACCOUNT_WAITING ||
			  (a->status == ACCOUNT_OFFLINE && a->error);
	if (db_value(w->db, &had, e, SQL_STATUS_NOW, "i", a->id))
		return -1;
	if (had == ACCOUNT_PAUSED)
		return 0;
	if (a->status == ACCOUNT_SIGN_IN && had != ACCOUNT_SIGN_IN)
		return notice_alert(w, NOTICE_SIGN_IN, a->id, 0, a->error, e);
	if (!has_failed && (a->status != ACCOUNT_CONNECTED || !a->sync_at))
		return 0;
	return notice_count_pass(w, a->id, has_failed, e);
}

static int write_status(struct write *w, void *arg, struct err *e)
{
	const struct status_args *a = arg;
	if (note_status(w, a, e))
		return -1;
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	return db_run(w->db, e, SQL_STATUS, "iiti", a->id, (int64_t)a->status, a->error,
		a->sync_at);
}

int account_set_status(struct store *s, int64_t id, enum account_status st, const char *error,
	int64_t last_sync_at, struct err *e)
{
	struct status_args a = {id, st, error, last_sync_at};
	return writer_call(&s->main, 0, write_status, &a, e);
}

struct bind_args {
	int64_t id, crm;
};

static int write_bind(struct write *w, void *arg, struct err *e)
{
	const struct bind_args *a = arg;
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	return account_join_crm(w, a->id, a->crm, e);
}

int account_bind_crm(struct store *s, int64_t id, int64_t crm, struct err *e)
{
	struct bind_args a = {id, crm};
	return writer_call(&s->main, WRITE_FULL, write_bind, &a, e);
}

struct pause_args {
	int64_t id;
	bool is_paused;
};

static int write_pause(struct write *w, void *arg, struct err *e)
{
	const struct pause_args *a = arg;
	enum account_status st = a->is_paused ? ACCOUNT_PAUSED : ACCOUNT_OFFLINE;
	write_event(w, EV_ACCOUNT, a->id, 0, 0, 1);
	return db_run(w->db, e, SQL_PAUSE, "ii", a->id, (int64_t)st);
}

int account_pause(struct store *s, int64_t id, bool is_paused, struct err *e)
{
	struct pause_args a = {id, is_paused};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_pause, &a, e);
}

/* Mail that was written and not sent is nowhere else. */
static int refuse_unsent(struct write *w, int64_t id, struct err *e)
{
	int64_t n = 0;
	if (db_value(w->db, &n, e, SQL_UNSENT, "i", id))
		return -1;
	if (!n)
		return 0;
	return err_set(e, ERR_CONFLICT,
		ngettext("%lld mail or draft of this account was not sent: send it or throw it "
			 "away in the outbox first.",
			"%lld mails and drafts of this account were not sent: send them or throw "
			"them away in the outbox first.",
			(unsigned long)n),
		(long long)n);
}

static int run_each(struct write *w, const char *const *sql, size_t n, int64_t id, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (db_run(w->db, e, sql[i], "i", id))
			return -1;
	return 0;
}

static int tell_gone(struct write *w, int64_t id, const char *how, struct err *e)
{
	const struct audit_row row = {
		.kind = AUDIT_ACCOUNT, .is_ok = true, .account = id, .reason = how};
	write_event(w, EV_ACCOUNT, 0, 0, 0, 1);
	write_event(w, EV_FOLDERS, 0, 0, 0, 1);
	write_event(w, EV_MESSAGES, 0, 0, 0, 1);
	return audit_add(w, &row, e);
}

static int write_detach(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	if (refuse_unsent(w, *id, e) || run_each(w, SQL_DETACH, ARRAY_SIZE(SQL_DETACH), *id, e))
		return -1;
	return tell_gone(w, *id, "removed, mail kept", e);
}

int account_detach(struct store *s, int64_t id, struct err *e)
{
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_detach, &id, e);
}

static int write_remove(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	if (refuse_unsent(w, *id, e) || account_drop_placements(w, *id, e) ||
		run_each(w, SQL_REMOVE, ARRAY_SIZE(SQL_REMOVE), *id, e) ||
		correspondent_forget(w, e))
		return -1;
	return tell_gone(w, *id, "removed", e);
}

int account_remove(struct store *s, int64_t id, struct err *e)
{
	if (writer_call(&s->main, WRITE_USER | WRITE_FULL, write_remove, &id, e))
		return -1;
	return doctor_drop_orphans(s, NULL, e);
}

static void read_account(struct arena *a, sqlite3_stmt *q, struct account_row *r)
{
	*r = (struct account_row){
		.id = sqlite3_column_int64(q, 0),
		.name = db_text(a, q, 1),
		.kind = db_text(a, q, 2),
		.email = db_text(a, q, 3),
		.real_name = db_text(a, q, 4),
		.crm = sqlite3_column_int64(q, 5),
		.status = (enum account_status)sqlite3_column_int(q, 6),
		.error = db_text(a, q, 7),
		.last_sync_at = sqlite3_column_int64(q, 8),
		.added_at = sqlite3_column_int64(q, 9),
	};
}

int account_list(struct store_reader *r, struct arena *a, struct account_row **out, size_t *n,
	struct err *e)
{
	struct account_row *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_LIST, ""))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		read_account(a, q, &v[count++]);
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int account_find(struct store_reader *r, struct arena *a, const char *name,
	struct account_row **out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_FIND, "t", name))
		return -1;
	int rc = db_step(reader_db(r), q, e);
	if (rc < 0)
		return -1;
	struct account_row *row = NULL;
	if (rc == 1) {
		row = arena_alloc(a, sizeof *row);
		read_account(a, q, row);
		sqlite3_reset(q);
	}
	*out = row;
	return 0;
}

const char *account_setting(struct store_reader *r, struct arena *a, int64_t id, const char *key)
{
	return db_setting(reader_db(r), a, SQL_SETTING, id, key);
}

int account_settings(struct store_reader *r, struct arena *a, int64_t id, struct setting **out,
	size_t *n, struct err *e)
{
	return db_settings(reader_db(r), a, SQL_SETTINGS, id, out, n, e);
}

/* own_addresses holds addresses with blanks or commas between them. */
static void add_own(struct arena *a, const char *text, struct own_addresses *own)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ", \t;");
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1024);
		CLEANUP(buf_release) struct buf one = BUF_INIT(1024);
		buf_add(&one, p, n);
		addr_normalise(&norm, one.p, true);
		if (memchr(one.p, '@', one.len) && norm.len) {
			own->v = arena_grow(a, own->v, &own->cap, own->n + 2, sizeof *own->v);
			own->v[own->n++] = arena_strndup(a, norm.p, norm.len);
			own->v[own->n] = NULL;
		}
		p += n;
		p += strspn(p, ", \t;");
	}
}

int account_own_read(struct db *d, struct arena *a, int64_t account, struct own_addresses *own,
	struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*own = (struct own_addresses){NULL, 0, 0};
	if (account ? db_query(d, &q, e, SQL_OWN, "i", account)
		    : db_query(d, &q, e, SQL_OWN_ALL, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		add_own(a, (const char *)sqlite3_column_text(q, 0), own);
	if (!own->v)
		own->v = arena_array(a, 1, sizeof *own->v);
	return rc;
}

bool account_own_has(const struct own_addresses *own, const char *norm)
{
	for (size_t i = 0; i < own->n; i++)
		if (!strcmp(own->v[i], norm))
			return true;
	return false;
}

int account_own_addresses(struct store_reader *r, struct arena *a, int64_t id,
	const char *const **out, size_t *n, struct err *e)
{
	struct own_addresses own;
	if (account_own_read(reader_db(r), a, id, &own, e))
		return -1;
	*out = (const char *const *)own.v;
	*n = own.n;
	return 0;
}
