/*
 * record_change.c - records made and edited by the user: fields checked and completed, the table
 * changed, the write queued or merged into one that waits.
 */
#include "config.h"

#include "record_order.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/activity.h"

enum { KEEP_DONE_S = 86400 }; /* of a CRM without a remote, for undo */

static const char SQL_CRM[] = "SELECT abilities FROM crm WHERE id = ?";
static const char SQL_ADD[] =
	"INSERT INTO record_write (id, crm, kind, row, verb, state, edit, key, created_at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1, ?7, ?8)";
static const char SQL_OLD_VALUES[] =
	"DELETE FROM record_value WHERE write IN (SELECT id FROM record_write WHERE crm = ?1"
	" AND state = 3 AND created_at < ?2)";
static const char SQL_OLD[] = "DELETE FROM record_write WHERE crm = ?1 AND state = 3"
			      " AND created_at < ?2";
static const char SQL_MERGE[] =
	"SELECT id, verb FROM record_write WHERE kind = ? AND row = ? AND state < 3"
	" AND (doubt = 0 OR state = 1 AND verb = 2) AND verb < 3 ORDER BY id DESC LIMIT 1";
static const char SQL_DOUBTED[] =
	"UPDATE record_write SET state = 0, is_stuck = 0, attempts = 0, not_before = 0,"
	" reason = NULL WHERE kind = ? AND row = ? AND verb = 1 AND state = 1 AND doubt <> 0";
static const char SQL_TOUCH[] = "UPDATE record_write SET edit = ?2, is_stuck = 0,"
				" attempts = CASE state WHEN 1 THEN 0 ELSE attempts END,"
				" not_before = CASE state WHEN 1 THEN 0 ELSE not_before END,"
				" reason = CASE state WHEN 1 THEN NULL ELSE reason END,"
				" state = CASE state WHEN 1 THEN 0 ELSE state END WHERE id = ?1";
static const char SQL_VALUE[] = "SELECT base, ours FROM record_value WHERE write = ? AND field = ?";
static const char SQL_PUT_VALUE[] =
	"INSERT INTO record_value (write, field, ref, base, ours, theirs, before, edit)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7)"
	" ON CONFLICT (write, field) DO UPDATE SET ours = ?5, before = ?6, edit = ?7";
static const char SQL_DROP_VALUE[] = "DELETE FROM record_value WHERE write = ? AND field = ?";
static const char SQL_DROP_IF_EMPTY[] =
	"DELETE FROM record_write WHERE id = ?1 AND verb = 2"
	" AND NOT EXISTS (SELECT 1 FROM record_value WHERE write = ?1)";
static const char SQL_PARTNER_NAMED[] =
	"SELECT id FROM partner WHERE crm = ? AND name = ? COLLATE NOCASE ORDER BY id LIMIT 1";
static const char SQL_PARTNER_OF[] = "SELECT partner FROM contact WHERE id = ?";
static const char SQL_SET_ENTRY[] = "UPDATE activity SET state = ?2 WHERE id = ?1";

/* ---- making -----------------------------------------------------------------------------------*/

int record_not_there(struct err *e)
{
	return err_set(e, ERR_NOTFOUND, "%s", _("This record is not there any more."));
}

int record_read_abilities(struct write *w, int64_t crm, int64_t *out, struct err *e)
{
	*out = -1;
	if (db_value(w->db, out, e, SQL_CRM, "i", crm))
		return -1;
	if (*out < 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	return 0;
}

int record_add_write(struct write *w, const struct record_change *c, const char *key, struct err *e)
{
	if (c->is_local && (db_run(w->db, e, SQL_OLD_VALUES, "ii", c->crm, w->now - KEEP_DONE_S) ||
				   db_run(w->db, e, SQL_OLD, "ii", c->crm, w->now - KEEP_DONE_S)))
		return -1;
	return db_run(w->db, e, SQL_ADD, "iiiiiiti", c->write, c->crm, (int64_t)c->kind, c->row,
		(int64_t)c->verb, (int64_t)(c->is_local ? RECORD_DONE : RECORD_WAITING), key,
		w->now);
}

int record_put_value(struct write *w, const struct record_change *c, const struct record_def *f,
	const struct record_field *v, const char *base, const char *before, struct err *e)
{
	return db_run(w->db, e, SQL_PUT_VALUE, "itittti", c->write, v->name,
		(int64_t)record_def_ref(f), base, v->value, before, c->edit);
}

/* "new:NAME" of a partner: the one of that name, else one is made, and told to the CRM first. */
static int resolve_partner(struct write *w, const struct record_change *c, const char *name,
	const char **out, struct err *e)
{
	int64_t id = 0;
	int64_t abilities;
	char key[40];
	if (db_value(w->db, &id, e, SQL_PARTNER_NAMED, "it", c->crm, name) ||
		record_read_abilities(w, c->crm, &abilities, e))
		return -1;
	if (!id) {
		id = store_new_id(w->store);
		record_make_key(w->store, key);
		const struct record_change made = {
			id, id, c->crm, RECORD_CREATED, RECORD_PARTNER, id, c->is_local};
		const struct record_field v = {"name", name};
		const struct record_def *f = record_def_of(RECORD_PARTNER, "name");
		if (abilities && !(abilities & RECORD_CAN_CREATE << RECORD_PARTNER) && !c->is_local)
			return err_set(e, ERR_UNSUPPORTED, "%s",
				_("This CRM takes no new companies from here: choose one that is "
				  "there."));
		if (record_make_row(w, RECORD_PARTNER, c->crm, id, NULL, e) ||
			record_add_write(w, &made, key, e) || record_set(w, f, id, name, e) ||
			record_put_value(w, &made, f, &v, NULL, NULL, e))
			return -1;
	}
	*out = arena_printf(&w->arena, "%lld", (long long)id);
	return 0;
}

/* The definition, and the value as it is stored. */
static int resolve(struct write *w, const struct record_change *c, struct record_field *v,
	const struct record_def **f, struct err *e)
{
	int64_t row;
	int64_t crm = 0;
	*f = record_def_of(c->kind, v->name);
	if (!*f)
		return err_set(e, ERR_USAGE, _("There is no field \"%s\"."), v->name);
	enum record_kind ref = record_def_ref(*f);
	if (!ref || !v->value)
		return 0;
	if (ref == RECORD_PARTNER && str_starts(v->value, "new:"))
		return resolve_partner(w, c, v->value + 4, &v->value, e);
	if (!str_to_i64(v->value, 0, INT64_MAX, &row))
		return err_set(e, ERR_USAGE, _("\"%s\" names no record."), v->value);
	if (!row) {
		v->value = NULL;
		return 0;
	}
	if (record_row_crm(w->db, ref, row, &crm, e))
		return -1;
	return crm == c->crm ? 0 : record_not_there(e);
}

static const struct record_field *field_named(const struct record_order *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->v[i].name, name) && x->v[i].value)
			return &x->v[i];
	return NULL;
}

static void add_field(struct record_order *x, const char *name, const char *value)
{
	x->v[x->n++] = (struct record_field){name, value};
}

/* What nobody has to say: an entry's moment and state, and the company of its contact. */
static int complete(struct write *w, struct record_order *x, struct err *e)
{
	const struct record_field *contact = field_named(x, "contact");
	int64_t row;
	int64_t partner = 0;
	const char *status = "completed";
	if (x->kind == RECORD_CONTACT && !field_named(x, "first_name") &&
		!field_named(x, "last_name") && !field_named(x, "email"))
		return err_set(e, ERR_USAGE, "%s", _("A contact needs a name or an address."));
	if ((x->kind == RECORD_PARTNER || x->kind == RECORD_DEAL) && !field_named(x, "name"))
		return err_set(e, ERR_USAGE, "%s", _("It needs a name."));
	if (x->kind != RECORD_ACTIVITY)
		return 0;
	if (!field_named(x, "kind"))
		return err_set(e, ERR_USAGE, "%s",
			_("It needs a kind: call, meeting, note or task."));
	if (!field_named(x, "at"))
		add_field(x, "at", clock_rfc3339(w->now, arena_array(&x->arena, 32, 1), 32));
	if (field_named(x, "due_date") || !strcmp(field_named(x, "kind")->value, "task"))
		status = "planned";
	if (!field_named(x, "status"))
		add_field(x, "status", status);
	if (!contact || field_named(x, "partner") ||
		!str_to_i64(contact->value, 1, INT64_MAX, &row))
		return 0;
	if (db_value(w->db, &partner, e, SQL_PARTNER_OF, "i", row))
		return -1;
	if (partner)
		add_field(x, "partner", arena_printf(&x->arena, "%lld", (long long)partner));
	return 0;
}

int record_do_create(struct write *w, struct record_order *x, struct err *e)
{
	int64_t abilities;
	if (record_read_abilities(w, x->crm, &abilities, e) || complete(w, x, e))
		return -1;
	const struct record_change c = {x->id, x->id, x->crm, RECORD_CREATED, x->kind, x->row,
		(abilities & RECORD_IS_LOCAL) != 0};
	if (record_make_row(w, x->kind, x->crm, x->row, x->key, e) ||
		record_add_write(w, &c, x->key, e))
		return -1;
	for (size_t i = 0; i < x->n; i++) {
		const struct record_def *f;
		if (resolve(w, &c, &x->v[i], &f, e))
			return -1;
		if (x->v[i].value && (record_set(w, f, x->row, x->v[i].value, e) ||
					     record_put_value(w, &c, f, &x->v[i], NULL, NULL, e)))
			return -1;
	}
	if (c.is_local && x->kind == RECORD_ACTIVITY &&
		db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row, (int64_t)LOG_LOCAL))
		return -1;
	return record_tidy(w, x->kind, x->row, e);
}

int record_drop_value(struct write *w, int64_t write, const char *field, struct err *e)
{
	return db_run(w->db, e, SQL_DROP_VALUE, "it", write, field);
}

int record_drop_if_empty(struct write *w, int64_t write, struct err *e)
{
	return db_run(w->db, e, SQL_DROP_IF_EMPTY, "i", write);
}
/* ---- editing ----------------------------------------------------------------------------------*/

int record_find_open(struct write *w, enum record_kind k, int64_t row, int64_t *id,
	enum record_verb *verb, struct err *e)
{
	sqlite3_stmt *q;
	*id = 0;
	if (db_query(w->db, &q, e, SQL_MERGE, "ii", (int64_t)k, row))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	*id = sqlite3_column_int64(q, 0);
	*verb = (enum record_verb)sqlite3_column_int(q, 1);
	sqlite3_reset(q);
	return 0;
}

int record_retry_doubted(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	return db_run(w->db, e, SQL_DOUBTED, "ii", (int64_t)k, row);
}

/* The write that an edit becomes part of, or a new one under the change's own id: what the CRM may
 * have already is not changed under its feet. */
static int find_write(struct write *w, struct record_change *c, struct err *e)
{
	int64_t waiting = 0;
	if (!c->is_local && record_find_open(w, c->kind, c->row, &waiting, &c->verb, e))
		return -1;
	if (waiting) {
		c->write = waiting;
		return db_run(w->db, e, SQL_TOUCH, "ii", waiting, c->edit);
	}
	c->write = c->edit;
	c->verb = RECORD_EDITED;
	return record_retry_doubted(w, c->kind, c->row, e) || record_add_write(w, c, NULL, e) ? -1
											      : 0;
}

/* Ours of one field, and whether the write is about it at all. */
static int read_value(struct write *w, int64_t write, const char *field, bool *has,
	const char **base, struct err *e)
{
	sqlite3_stmt *q;
	*has = false;
	*base = NULL;
	if (db_query(w->db, &q, e, SQL_VALUE, "it", write, field))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	*has = true;
	*base = db_text(&w->arena, q, 0);
	sqlite3_reset(q);
	return 0;
}

static int change_field(struct write *w, const struct record_change *c, const struct record_def *f,
	const struct record_field *v, const char *shown, struct err *e)
{
	bool has;
	const char *base;
	if (record_set(w, f, c->row, v->value, e) ||
		read_value(w, c->write, v->name, &has, &base, e))
		return -1;
	if (!has)
		base = c->verb == RECORD_CREATED ? NULL : shown;
	if (record_is_same(v->name, base, v->value))
		return record_drop_value(w, c->write, v->name, e);
	return record_put_value(w, c, f, v, base, shown, e);
}

int record_do_edit(struct write *w, struct record_order *x, struct err *e)
{
	struct record_change c = {.edit = x->id, .kind = x->kind, .row = x->row};
	int64_t abilities;
	if (record_row_crm(w->db, x->kind, x->row, &c.crm, e))
		return -1;
	if (!c.crm)
		return record_not_there(e);
	x->crm = c.crm;
	if (record_read_abilities(w, c.crm, &abilities, e))
		return -1;
	c.is_local = (abilities & RECORD_IS_LOCAL) != 0;
	for (size_t i = 0; i < x->n; i++) {
		const struct record_def *f;
		const char *shown;
		if (resolve(w, &c, &x->v[i], &f, e) ||
			record_get(w->db, &w->arena, f, x->row, &shown, e))
			return -1;
		if (record_is_same(x->v[i].name, shown, x->v[i].value))
			continue;
		if ((!c.write && find_write(w, &c, e)) ||
			change_field(w, &c, f, &x->v[i], shown, e))
			return -1;
	}
	if (!c.write)
		return 0;
	return record_drop_if_empty(w, c.write, e) || record_tidy(w, x->kind, x->row, e) ? -1 : 0;
}
