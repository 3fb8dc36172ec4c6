/*
 * crm.c - connected CRMs: their rows, settings and cursors, and what every page of records shares.
 */
#include "config.h"

#include "crm_private.h"
#include "notice_private.h"
#include "record_private.h"

#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

static const char SQL_TAKEN[] = "SELECT 1 FROM crm WHERE name = ?";
static const char SQL_ADD[] = "INSERT INTO crm (name, profile, url, organization_id, log_mode,"
			      " log_level, log_side, log_since, status, added_at)"
			      " VALUES (?1, ?2, ?3, ?4, ifnull(?5, 'known'), ifnull(?6, 'snippet'),"
			      " ifnull(?7, 'activity'), ?8, ifnull(?9, 'offline'), ?10)";
static const char SQL_ADD_SETTING[] = "INSERT OR IGNORE INTO crm_setting VALUES (?, ?, ?)";
static const char SQL_DROP_SETTING[] = "DELETE FROM crm_setting WHERE crm = ? AND key = ?";
static const char SQL_PUT_SETTING[] = "INSERT OR REPLACE INTO crm_setting VALUES (?, ?, ?)";
#define CRM_COLUMNS                                                                                \
	"SELECT id, name, profile, url, organization_id, user_id, log_mode, log_level, log_side,"  \
	" log_since, status, error, last_pull_at FROM crm"
static const char SQL_LIST[] = CRM_COLUMNS " ORDER BY id";
static const char SQL_GET[] = CRM_COLUMNS " WHERE id = ?";
static const char SQL_TOUCH_CONTACT[] =
	"UPDATE contact SET last_touch_at = ?2 WHERE id = ?1 AND last_touch_at < ?2";
static const char SQL_TOUCH_PARTNER[] =
	"UPDATE partner SET last_touch_at = ?2 WHERE id = ?1 AND last_touch_at < ?2";
static const char SQL_SETTING[] = "SELECT value FROM crm_setting WHERE crm = ? AND key = ?";
static const char SQL_SETTINGS[] = "SELECT key, value FROM crm_setting WHERE crm = ? ORDER BY key";
static const char SQL_CURSOR[] = "SELECT cursor FROM crm_cursor WHERE crm = ? AND object = ?";
static const char SQL_PUT_CURSOR[] = "INSERT OR REPLACE INTO crm_cursor VALUES (?, ?, ?)";
/* Paused without an error: by the user, who alone ends it (crm_is_paused). */
#define IS_PAUSED "status = 'paused' AND error IS NULL"
static const char SQL_STATUS[] =
	"UPDATE crm SET status = CASE WHEN " IS_PAUSED " THEN status ELSE ifnull(?2, status) END,"
	" error = CASE WHEN " IS_PAUSED " THEN NULL ELSE ?3 END,"
	" last_pull_at = max(last_pull_at, ?4) WHERE id = ?1";
static const char SQL_IS_SIGNED_IN[] =
	"SELECT 1 FROM crm WHERE id = ? AND status <> 'sign-in' AND NOT (" IS_PAUSED ")";
static const char SQL_IDENTITY[] =
	"UPDATE crm SET organization_id = ?2, user_id = ?3 WHERE id = ?1";
static const char SQL_QUEUED[] =
	"SELECT (SELECT count(*) FROM activity x WHERE x.crm = ?1 AND x.state = 1"
	" AND NOT " RECORD_HAS_WRITE("5",
		"x.id") ") +"
			" (SELECT count(*) FROM record_write w WHERE w.crm = ?1 AND w.state = 0)";
static const char SQL_PARKED[] =
	"SELECT (SELECT count(*) FROM activity x WHERE x.crm = ?1 AND x.state = 3"
	" AND NOT " RECORD_HAS_WRITE("5", "x.id") ") +"
						  " (SELECT count(*) FROM record_write w WHERE "
						  "w.crm = ?1 AND w.state IN (1, 2))";
static const char SQL_AGAIN_KEY[] = "INSERT OR IGNORE INTO match_queue"
				    " SELECT message FROM mail_party WHERE crm = ? AND key = ?";
static const char SQL_AGAIN_RANGE[] =
	"INSERT OR IGNORE INTO match_queue"
	" SELECT message FROM mail_party WHERE crm = ? AND key >= ? AND key < ?";
static const char SQL_AGAIN_LINK[] =
	"INSERT OR IGNORE INTO match_queue"
	" SELECT message FROM link WHERE kind = ?1 AND target = ?2 AND how <> 2 AND is_shown = 1"
	" UNION SELECT c.id FROM link l JOIN message m ON m.id = l.message JOIN message c"
	" ON c.copy_of = m.copy_of AND c.copy_of <> c.id"
	" WHERE l.kind = ?1 AND l.target = ?2 AND l.how <> 2 AND l.is_shown = 1";

struct add_args {
	const struct crm_row *row;
	const struct setting *settings;
	size_t n;
	int64_t id;
};

static int write_add(struct write *w, void *arg, struct err *e)
{
	struct add_args *a = arg;
	const struct crm_row *c = a->row;
	int64_t taken = 0;
	if (db_value(w->db, &taken, e, SQL_TAKEN, "t", c->name))
		return -1;
	if (taken)
		return err_set(e, ERR_CONFLICT, _("There is a CRM named \"%s\" already."), c->name);
	if (db_run(w->db, e, SQL_ADD, "tttttttiti", c->name, c->profile, c->url, c->organization_id,
		    c->log_mode, c->log_level, c->log_side, c->log_since, c->status, w->now))
		return -1;
	a->id = sqlite3_last_insert_rowid(w->db->h);
	for (size_t i = 0; i < a->n; i++)
		if (db_run(w->db, e, SQL_PUT_SETTING, "itt", a->id, a->settings[i].key,
			    a->settings[i].value))
			return -1;
	write_event(w, EV_CRM, a->id, 0, 0, 1);
	return 0;
}

int crm_add(struct store *s, const struct crm_row *c, const struct setting *v, size_t n,
	int64_t *id, struct err *e)
{
	struct add_args a = {.row = c, .settings = v, .n = n};
	if (writer_call(&s->main, WRITE_FULL, write_add, &a, e))
		return -1;
	*id = a.id;
	return 0;
}

static struct crm_row read_row(struct arena *a, sqlite3_stmt *q)
{
	return (struct crm_row){
		.id = sqlite3_column_int64(q, 0),
		.name = db_text(a, q, 1),
		.profile = db_text(a, q, 2),
		.url = db_text(a, q, 3),
		.organization_id = db_text(a, q, 4),
		.user_id = db_text(a, q, 5),
		.log_mode = db_text(a, q, 6),
		.log_level = db_text(a, q, 7),
		.log_side = db_text(a, q, 8),
		.log_since = sqlite3_column_int64(q, 9),
		.status = db_text(a, q, 10),
		.error = db_text(a, q, 11),
		.last_pull_at = sqlite3_column_int64(q, 12),
	};
}

static int read_rows(struct db *d, sqlite3_stmt *q, struct arena *a, struct crm_row **out,
	size_t *n, struct err *e)
{
	struct crm_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = read_row(a, q);
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int crm_list(struct store_reader *r, struct arena *a, struct crm_row **out, size_t *n,
	struct err *e)
{
	sqlite3_stmt *q;
	struct db *d = reader_db(r);
	return db_query(d, &q, e, SQL_LIST, "") ? -1 : read_rows(d, q, a, out, n, e);
}

int crm_get(struct store_reader *r, struct arena *a, int64_t id, struct crm_row **out,
	struct err *e)
{
	sqlite3_stmt *q;
	struct db *d = reader_db(r);
	struct crm_row *v = NULL;
	size_t n = 0;
	if (db_query(d, &q, e, SQL_GET, "i", id) || read_rows(d, q, a, &v, &n, e))
		return -1;
	*out = n ? v : NULL;
	return 0;
}

const char *crm_setting(struct store_reader *r, struct arena *a, int64_t crm, const char *key)
{
	return db_setting(reader_db(r), a, SQL_SETTING, crm, key);
}

const char *crm_cursor(struct store_reader *r, struct arena *a, int64_t crm, const char *object)
{
	return db_setting(reader_db(r), a, SQL_CURSOR, crm, object);
}

int crm_settings(struct store_reader *r, struct arena *a, int64_t crm, struct setting **out,
	size_t *n, struct err *e)
{
	return db_settings(reader_db(r), a, SQL_SETTINGS, crm, out, n, e);
}

struct set_args {
	int64_t crm;
	const char *key, *value;
};

static int write_set(struct write *w, void *arg, struct err *e)
{
	const struct set_args *a = arg;
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	bool is_listener = !strcmp(a->key, "hook") || !strcmp(a->key, "events");
	const char *since = is_listener ? arena_printf(&w->arena, "%s_since", a->key) : NULL;
	if (!a->value)
		return db_run(w->db, e, SQL_DROP_SETTING, "it", a->crm, a->key) ||
				       (since && db_run(w->db, e, SQL_DROP_SETTING, "it", a->crm,
							 since))
			       ? -1
			       : 0;
	if (since && db_run(w->db, e, SQL_ADD_SETTING, "itt", a->crm, since,
			     arena_printf(&w->arena, "%lld", (long long)w->now)))
		return -1;
	return db_run(w->db, e, SQL_PUT_SETTING, "itt", a->crm, a->key, a->value);
}

int crm_set(struct store *s, int64_t crm, const char *key, const char *value, struct err *e)
{
	struct set_args a = {crm, key, value};
	return writer_call(&s->main, WRITE_FULL, write_set, &a, e);
}

struct state_args {
	int64_t crm, at;
	const char *first, *second;
	const char *sql;
};

static int note_sign_in(struct write *w, const struct state_args *a, struct err *e)
{
	int64_t is_news = 0;
	if (!a->first || strcmp(a->first, "sign-in") != 0)
		return 0;
	if (db_value(w->db, &is_news, e, SQL_IS_SIGNED_IN, "i", a->crm))
		return -1;
	return is_news ? notice_alert(w, NOTICE_SIGN_IN, 0, a->crm, a->second, e) : 0;
}

static int write_status(struct write *w, void *arg, struct err *e)
{
	const struct state_args *a = arg;
	if (note_sign_in(w, a, e))
		return -1;
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return db_run(w->db, e, SQL_STATUS, "itti", a->crm, a->first, a->second, a->at);
}

int crm_set_status(struct store *s, int64_t crm, const char *status, const char *error,
	int64_t last_pull_at, struct err *e)
{
	struct state_args a = {.crm = crm, .first = status, .second = error, .at = last_pull_at};
	return writer_call(&s->main, 0, write_status, &a, e);
}

static int write_identity(struct write *w, void *arg, struct err *e)
{
	const struct state_args *a = arg;
	return db_run(w->db, e, SQL_IDENTITY, "itt", a->crm, a->first, a->second);
}

int crm_set_identity(struct store *s, int64_t crm, const char *organization_id, const char *user_id,
	struct err *e)
{
	struct state_args a = {.crm = crm, .first = organization_id, .second = user_id};
	return writer_call(&s->main, 0, write_identity, &a, e);
}

int crm_counts(struct store_reader *r, int64_t crm, int64_t *queued, int64_t *parked, struct err *e)
{
	*queued = *parked = 0;
	struct db *d = reader_db(r);
	return db_value(d, queued, e, SQL_QUEUED, "i", crm) ||
			       db_value(d, parked, e, SQL_PARKED, "i", crm)
		       ? -1
		       : 0;
}

int match_again_key(struct write *w, int64_t crm, const char *norm, struct err *e)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(4096);
	party_key(&key, norm);
	return db_run(w->db, e, SQL_AGAIN_KEY, "it", crm, key.p);
}

int match_again_domain(struct write *w, int64_t crm, const char *domain, struct err *e)
{
	CLEANUP(buf_release) struct buf from = BUF_INIT(4096);
	party_key(&from, domain);
	if (!from.len)
		return 0;
	CLEANUP(buf_release) struct buf to = BUF_INIT(4096);
	buf_add(&to, from.p, from.len - 1);
	buf_addch(&to, '.' + 1);
	return db_run(w->db, e, SQL_AGAIN_RANGE, "itt", crm, from.p, to.p);
}

int match_again_link(struct write *w, enum link_kind kind, int64_t id, struct err *e)
{
	return db_run(w->db, e, SQL_AGAIN_LINK, "ii", (int64_t)kind, id);
}

struct page_args {
	struct put_page *page;
	put_record_fn one;
	const void *records;
	size_t n;
};

static int write_page(struct write *w, void *arg, struct err *e)
{
	const struct page_args *a = arg;
	struct put_page *p = a->page;
	p->n_changed = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->one(w, p, a->records, i, e))
			return -1;
	if (p->n_changed)
		write_event(w, EV_CONTACTS, 0, 0, p->crm, (uint32_t)p->n_changed);
	if (!p->cursor)
		return 0;
	return db_run(w->db, e, SQL_PUT_CURSOR, "itt", p->crm, p->object, p->cursor);
}

int put_page(struct store *s, struct put_page *p, put_record_fn one, const void *records, size_t n,
	struct err *e)
{
	struct page_args a = {p, one, records, n};
	return writer_call(&s->main, 0, write_page, &a, e);
}

void digest_add(struct buf *b, const char *text)
{
	if (text)
		buf_addstr(b, text);
	buf_addch(b, text ? '\x1f' : '\x1e');
}

void digest_end(struct buf *b, char out[65])
{
	sha256_hex(b->p, b->len, out);
}

int row_open(struct write *w, int64_t crm, const char *crm_id, const char *digest,
	const struct row_sql *sql, struct row_found *out, struct err *e)
{
	sqlite3_stmt *q;
	*out = (struct row_found){.is_new = true};
	if (crm_id) {
		if (db_query(w->db, &q, e, sql->find, "it", crm, crm_id))
			return -1;
		int rc = db_step(w->db, q, e);
		if (rc < 0)
			return -1;
		if (rc) {
			const char *had = db_text(&w->arena, q, 1);
			out->id = sqlite3_column_int64(q, 0);
			out->is_new = false;
			out->is_same = had && !strcmp(had, digest);
			sqlite3_reset(q);
			return 0;
		}
	}
	if (crm_id && record_of_key(w, sql->kind, crm, crm_id, &out->id, e))
		return -1;
	if (out->id) { /* made here, and the CRM has it: its answer has not come yet */
		out->is_new = false;
		return record_adopt(w, sql->kind, crm, out->id, crm_id, e);
	}
	if (db_run(w->db, e, sql->add, "it", crm, crm_id))
		return -1;
	out->id = sqlite3_last_insert_rowid(w->db->h);
	return 0;
}

int row_by_id(struct db *d, const char *id, const char *sql_crm_id, const char *sql_row,
	int64_t *out, struct err *e)
{
	*out = 0;
	int64_t row;
	if (db_value(d, out, e, sql_crm_id, "t", id))
		return -1;
	if (*out || !str_starts(id, "local:") || !str_to_i64(id + 6, 1, INT64_MAX, &row))
		return 0;
	return db_value(d, out, e, sql_row, "i", row);
}

int sort_row(struct write *w, const char *sql, int64_t id, const char *name, struct err *e)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(1000);
	fold_plain(&key, name, strlen(name));
	return db_run(w->db, e, sql, "it", id, key.p);
}

int touch_people(struct write *w, int64_t contact, int64_t partner, int64_t at, struct err *e)
{
	if (at > w->now)
		return 0;
	if (contact && db_run(w->db, e, SQL_TOUCH_CONTACT, "ii", contact, at))
		return -1;
	return partner ? db_run(w->db, e, SQL_TOUCH_PARTNER, "ii", partner, at) : 0;
}
