/*
 * people_undo.c - the last import taken back: what it made goes, what it changed becomes what it
 * was. What somebody edited or used since stays as it is, and is counted.
 */
#include "config.h"

#include "people_private.h"

#include <string.h>

#include "crmail/base/i18n.h"

#define BATCH 500

static const char SQL_LAST[] = "SELECT run FROM people_change ORDER BY run DESC LIMIT 1";
static const char SQL_CRM[] = "SELECT crm FROM people_import WHERE id = ?";
static const char SQL_NEXT[] = "SELECT kind, row, before, after FROM people_change WHERE run = ?"
			       " ORDER BY kind, row LIMIT ?";
static const char SQL_TAKE[] = "DELETE FROM people_change WHERE run = ? AND kind = ? AND row = ?";
static const char SQL_END[] = "DELETE FROM people_import WHERE id = ?";
/* How far the accounts' address books were read: the next import reads everyone. */
static const char SQL_FORGET_BOOKS[] = "DELETE FROM account_setting WHERE key = 'contacts_at'";
static const char SQL_THERE[] = "SELECT 1 FROM contact WHERE id = ?";
/* Linked by hand, chosen for an address, in a deal, or with an entry that the import did not
 * make. */
static const char SQL_IS_USED[] =
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM link WHERE kind = 1 AND target = ?1 AND how = 1)"
	" OR EXISTS (SELECT 1 FROM decision WHERE kind = 1 AND target = ?1 AND what IN (1, 3))"
	" OR EXISTS (SELECT 1 FROM deal WHERE contact = ?1)"
	" OR EXISTS (SELECT 1 FROM activity WHERE contact = ?1 AND message = 0 AND contact <> 0)";
static const char SQL_NO_LOGGED[] =
	"DELETE FROM activity WHERE contact = ?1 AND state = 0"
	" AND message IN (SELECT message FROM link WHERE kind = 1 AND target = ?1)"
	" AND message <> 0";
static const char *const SQL_REMOVE[] = {
	"DELETE FROM link WHERE kind = 1 AND target = ? AND how <> 1",
	"DELETE FROM decision WHERE kind = 1 AND target = ?",
	"DELETE FROM contact_email WHERE contact = ?",
	"DELETE FROM contact_phone WHERE contact = ?",
	"DELETE FROM contact WHERE id = ?",
};
static const char SQL_NO_NOTE[] = "DELETE FROM activity WHERE id = ?";
static const char SQL_PARTNER_IS_USED[] =
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM contact WHERE partner = ?1 AND partner <> 0)"
	" OR EXISTS (SELECT 1 FROM link WHERE kind = 2 AND target = ?1 AND how = 1)"
	" OR EXISTS (SELECT 1 FROM decision WHERE kind = 2 AND target = ?1 AND what IN (1, 3))"
	" OR EXISTS (SELECT 1 FROM deal WHERE partner = ?1)"
	" OR EXISTS (SELECT 1 FROM activity WHERE partner = ?1 AND message = 0 AND partner <> 0)";
static const char *const SQL_REMOVE_PARTNER[] = {
	"DELETE FROM link WHERE kind = 2 AND target = ? AND how <> 1",
	"DELETE FROM decision WHERE kind = 2 AND target = ?",
	"DELETE FROM partner_domain WHERE partner = ?",
	"DELETE FROM partner WHERE id = ?",
};
static const char SQL_DOMAINS[] = "SELECT domain FROM partner_domain WHERE partner = ?";
static const char SQL_NO_DOMAIN[] = "DELETE FROM partner_domain WHERE partner = ? AND domain = ?";

struct undo {
	struct write *w;
	int64_t run, crm;
	struct people_undone *out;
};
struct undo_row {
	enum people_kind_of_row kind;
	int64_t row;
	const char *before, *after;
};

static int match_addresses(struct undo *u, const struct people_list *emails, struct err *e)
{
	for (size_t i = 0; i < emails->n; i++) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		party_norm(&norm, emails->v[i]);
		if (norm.len && match_again_key(u->w, u->crm, norm.p, e))
			return -1;
	}
	return 0;
}

static int run_all(struct undo *u, const char *const *sql, size_t n, int64_t id, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (db_run(u->w->db, e, sql[i], "i", id))
			return -1;
	return 0;
}

static int undo_contact(struct undo *u, const struct undo_row *r, struct err *e)
{
	struct people_state now;
	struct people_state before;
	char sum[65];
	int64_t is_there = 0;
	int64_t is_used = 0;
	struct db *d = u->w->db;
	if (db_value(d, &is_there, e, SQL_THERE, "i", r->row) || !is_there)
		return is_there ? -1 : 0;
	if (people_state_read(d, &u->w->arena, r->row, &now, e) ||
		(!r->before && db_value(d, &is_used, e, SQL_IS_USED, "i", r->row)))
		return -1;
	people_state_sum(&now, sum);
	if (is_used || !r->after || strcmp(sum, r->after) != 0) {
		u->out->kept++;
		return 0;
	}
	if (match_addresses(u, &now.emails, e))
		return -1;
	if (r->before) {
		u->out->restored++;
		return people_state_parse(&u->w->arena, r->before, &before, e) ||
				       people_state_write(u->w, u->crm, r->row, &before, e)
			       ? -1
			       : 0;
	}
	u->out->removed++;
	return match_again_link(u->w, LINK_CONTACT, r->row, e) ||
			       db_run(d, e, SQL_NO_LOGGED, "i", r->row) ||
			       run_all(u, SQL_REMOVE, ARRAY_SIZE(SQL_REMOVE), r->row, e)
		       ? -1
		       : 0;
}

static int match_domains(struct undo *u, int64_t partner, struct err *e)
{
	const char *v[PEOPLE_MAX_VALUES];
	sqlite3_stmt *q;
	size_t n = 0;
	int rc;
	if (db_query(u->w->db, &q, e, SQL_DOMAINS, "i", partner))
		return -1;
	while ((rc = db_step(u->w->db, q, e)) > 0)
		if (n < ARRAY_SIZE(v))
			v[n++] = db_text(&u->w->arena, q, 0);
	for (size_t i = 0; !rc && i < n; i++)
		rc = match_again_domain(u->w, u->crm, v[i], e);
	return rc;
}

static int undo_partner(struct undo *u, const struct undo_row *r, struct err *e)
{
	int64_t is_used = 0;
	struct db *d = u->w->db;
	if (match_domains(u, r->row, e) || match_again_link(u->w, LINK_PARTNER, r->row, e))
		return -1;
	if (r->before)
		return db_run(d, e, SQL_NO_DOMAIN, "it", r->row, r->before);
	if (db_value(d, &is_used, e, SQL_PARTNER_IS_USED, "i", r->row))
		return -1;
	if (is_used)
		return 0;
	return run_all(u, SQL_REMOVE_PARTNER, ARRAY_SIZE(SQL_REMOVE_PARTNER), r->row, e);
}

static int undo_row(struct undo *u, const struct undo_row *r, struct err *e)
{
	int rc = 0;
	switch (r->kind) {
	case PEOPLE_ROW_CONTACT:
		rc = undo_contact(u, r, e);
		break;
	case PEOPLE_ROW_PARTNER:
		rc = undo_partner(u, r, e);
		break;
	case PEOPLE_ROW_NOTE:
		rc = db_run(u->w->db, e, SQL_NO_NOTE, "i", r->row);
		break;
	}
	return rc ? -1 : db_run(u->w->db, e, SQL_TAKE, "iii", u->run, (int64_t)r->kind, r->row);
}

struct undo_args {
	struct people_undone *out;
	bool is_done, is_first;
};

static int read_rows(struct undo *u, struct undo_row *v, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(u->w->db, &q, e, SQL_NEXT, "ii", u->run, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(u->w->db, q, e)) > 0)
		v[(*n)++] = (struct undo_row){(enum people_kind_of_row)sqlite3_column_int(q, 0),
			sqlite3_column_int64(q, 1), db_text(&u->w->arena, q, 2),
			db_text(&u->w->arena, q, 3)};
	return rc;
}

static int write_undo(struct write *w, void *arg, struct err *e)
{
	struct undo_args *a = arg;
	struct undo u = {.w = w, .out = a->out};
	struct undo_row *v = arena_array(&w->arena, BATCH, sizeof(*v));
	size_t n = 0;
	if (db_value(w->db, &u.run, e, SQL_LAST, "") ||
		db_value(w->db, &u.crm, e, SQL_CRM, "i", u.run) || read_rows(&u, v, &n, e))
		return -1;
	if (!n && a->is_first)
		return err_set(e, ERR_NOTFOUND, _("There is no import to take back."));
	if (db_run(w->db, e, SQL_FORGET_BOOKS, ""))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (undo_row(&u, &v[i], e))
			return -1;
	a->is_done = n < BATCH;
	write_event(w, EV_CONTACTS, 0, 0, u.crm, (uint32_t)n);
	return a->is_done ? db_run(w->db, e, SQL_END, "i", u.run) : 0;
}

int people_undo(struct store *s, struct people_undone *out, struct err *e)
{
	struct undo_args a = {.out = out, .is_first = true};
	*out = (struct people_undone){0};
	while (!a.is_done) {
		struct people_undone before = *out;
		if (writer_call(&s->main, 0, write_undo, &a, e)) {
			*out = before;
			return -1;
		}
		a.is_first = false;
	}
	return 0;
}
