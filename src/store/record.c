/*
 * record.c - what the user writes into records: made, edited, withdrawn, taken back, decided. The
 * record's table and the queue change in one commit that is on disk before it counts.
 */
#include "config.h"

#include "record_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"
#include "crmail/base/str.h"
#include "crmail/store/activity.h"

enum { KEEP_DONE_S = 86400 }; /* of a CRM without a remote, for undo */
enum { MAX_VALUE = 65536 };   /* bytes of one field */
enum { MAX_ADDED = 3 };       /* fields that complete() adds */

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
	"SELECT id, verb FROM record_write WHERE kind = ? AND row = ? AND state < 3 AND doubt = 0"
	" AND verb < 3 ORDER BY id DESC LIMIT 1";
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
static const char SQL_DROP_VALUES[] = "DELETE FROM record_value WHERE write = ?";
static const char SQL_DROP[] = "DELETE FROM record_write WHERE id = ?";
static const char SQL_DROP_IF_EMPTY[] =
	"DELETE FROM record_write WHERE id = ?1 AND verb = 2"
	" AND NOT EXISTS (SELECT 1 FROM record_value WHERE write = ?1)";
static const char SQL_PARTNER_NAMED[] =
	"SELECT id FROM partner WHERE crm = ? AND name = ? COLLATE NOCASE ORDER BY id LIMIT 1";
static const char SQL_PARTNER_OF[] = "SELECT partner FROM contact WHERE id = ?";
static const char SQL_ENTRY[] = "SELECT state, doubt, kind FROM activity WHERE id = ?";
static const char SQL_SET_ENTRY[] = "UPDATE activity SET state = ?2 WHERE id = ?1";
static const char SQL_HAS_WITHDRAWAL[] = "SELECT 1 FROM record_write WHERE kind = 5 AND row = ?"
					 " AND verb = 3 AND state < 3";
static const char SQL_WRITE[] =
	"SELECT crm, kind, row, verb, state, doubt FROM record_write WHERE id = ?";
static const char SQL_CHANGED_BY[] =
	"SELECT w.id, w.crm, w.kind, w.row, w.verb, w.state, w.doubt, v.field, v.base, v.before"
	" FROM record_value v JOIN record_write w ON w.id = v.write WHERE v.edit = ?";
static const char SQL_THEIRS[] = "SELECT field, theirs FROM record_value WHERE write = ?";
static const char SQL_OF_ROW[] = "SELECT id FROM record_write WHERE kind = ? AND row = ?";
static const char SQL_RETRY[] =
	"UPDATE record_write SET state = 0, is_stuck = 0, attempts = 0, not_before = 0,"
	" reason = NULL WHERE id = ?";
static const char SQL_REBASE[] = "UPDATE record_value SET base = theirs WHERE write = ?";
static const char SQL_SAME_NOW[] = "DELETE FROM record_value WHERE write = ? AND ours IS theirs";

/* ---- orders -----------------------------------------------------------------------------------*/

enum order { ORDER_CREATE, ORDER_EDIT, ORDER_WITHDRAW, ORDER_ACT };

struct order_args { /* owns copies of everything */
	struct arena arena;
	enum order order;
	enum record_act act;
	enum record_kind kind;
	int64_t crm, row;
	int64_t id; /* of the change; of the write for ORDER_ACT */
	char key[40];
	struct record_field *v;
	size_t n;
};

/* A random UUID (version 4). */
static void make_key(struct store *s, char out[40])
{
	char hex[33];
	rng_hex(s->o.rng, hex, 32);
	hex[12] = '4';
	hex[16] = "89ab"[rng_below(s->o.rng, 4)];
	IGNORE_RESULT(snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
			      hex + 16, hex + 20),
		"32 digits and 4 dashes fit");
}

/* Trimmed; empty is none. The text of an entry keeps its lines as they are. */
static const char *clean(struct arena *a, const char *name, const char *value)
{
	struct span s = span_of(value);
	if (strcmp(name, "body") != 0)
		s = span_trim(s);
	return s.len ? arena_strndup(a, s.p, s.len < MAX_VALUE ? s.len : MAX_VALUE) : NULL;
}

static struct order_args *new_order(struct store *s, enum order o, enum record_kind k, int64_t row,
	const struct record_field *v, size_t n)
{
	struct order_args *x = xcalloc(1, sizeof(*x));
	x->arena = ARENA_INIT;
	x->order = o;
	x->kind = k;
	x->id = store_new_id(s);
	x->row = o == ORDER_CREATE ? x->id : row;
	make_key(s, x->key);
	x->v = arena_array(&x->arena, n + MAX_ADDED, sizeof(*x->v));
	for (size_t i = 0; i < n; i++)
		x->v[x->n++] = (struct record_field){arena_strdup(&x->arena, v[i].name),
			clean(&x->arena, v[i].name, v[i].value)};
	return x;
}

static void free_order(void *arg)
{
	struct order_args *x = arg;
	arena_release(&x->arena);
	free(x);
}

/* ---- making -----------------------------------------------------------------------------------*/

static int no_record(struct err *e)
{
	return err_set(e, ERR_NOTFOUND, "%s", _("This record is not there any more."));
}

static int read_abilities(struct write *w, int64_t crm, int64_t *out, struct err *e)
{
	*out = -1;
	if (db_value(w->db, out, e, SQL_CRM, "i", crm))
		return -1;
	if (*out < 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	return 0;
}

struct change { /* one user's change while it is being made */
	int64_t write, edit, crm;
	enum record_verb verb;
	enum record_kind kind;
	int64_t row;
	bool is_local;
};

static int add_write(struct write *w, const struct change *c, const char *key, struct err *e)
{
	if (c->is_local && (db_run(w->db, e, SQL_OLD_VALUES, "ii", c->crm, w->now - KEEP_DONE_S) ||
				   db_run(w->db, e, SQL_OLD, "ii", c->crm, w->now - KEEP_DONE_S)))
		return -1;
	return db_run(w->db, e, SQL_ADD, "iiiiiiti", c->write, c->crm, (int64_t)c->kind, c->row,
		(int64_t)c->verb, (int64_t)(c->is_local ? RECORD_DONE : RECORD_WAITING), key,
		w->now);
}

static int put_value(struct write *w, const struct change *c, const struct record_def *f,
	const struct record_field *v, const char *base, const char *before, struct err *e)
{
	return db_run(w->db, e, SQL_PUT_VALUE, "itittti", c->write, v->name,
		(int64_t)record_def_ref(f), base, v->value, before, c->edit);
}

/* "new:NAME" of a partner: the one of that name, else one is made, and told to the CRM first. */
static int resolve_partner(struct write *w, const struct change *c, const char *name,
	const char **out, struct err *e)
{
	int64_t id = 0;
	int64_t abilities;
	char key[40];
	if (db_value(w->db, &id, e, SQL_PARTNER_NAMED, "it", c->crm, name) ||
		read_abilities(w, c->crm, &abilities, e))
		return -1;
	if (!id) {
		id = store_new_id(w->store);
		make_key(w->store, key);
		const struct change made = {
			id, id, c->crm, RECORD_CREATED, RECORD_PARTNER, id, c->is_local};
		const struct record_field v = {"name", name};
		const struct record_def *f = record_def_of(RECORD_PARTNER, "name");
		if (abilities && !(abilities & RECORD_CAN_CREATE << RECORD_PARTNER) && !c->is_local)
			return err_set(e, ERR_UNSUPPORTED, "%s",
				_("This CRM takes no new companies from here: choose one that is "
				  "there."));
		if (record_make_row(w, RECORD_PARTNER, c->crm, id, NULL, e) ||
			add_write(w, &made, key, e) || record_set(w, f, id, name, e) ||
			put_value(w, &made, f, &v, NULL, NULL, e))
			return -1;
	}
	*out = arena_printf(&w->arena, "%lld", (long long)id);
	return 0;
}

/* The definition, and the value as it is stored. */
static int resolve(struct write *w, const struct change *c, struct record_field *v,
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
	return crm == c->crm ? 0 : no_record(e);
}

static const struct record_field *field_named(const struct order_args *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->v[i].name, name) && x->v[i].value)
			return &x->v[i];
	return NULL;
}

static void add_field(struct order_args *x, const char *name, const char *value)
{
	x->v[x->n++] = (struct record_field){name, value};
}

/* What nobody has to say: an entry's moment and state, and the company of its contact. */
static int complete(struct write *w, struct order_args *x, struct err *e)
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

static int do_create(struct write *w, struct order_args *x, struct err *e)
{
	int64_t abilities;
	if (read_abilities(w, x->crm, &abilities, e) || complete(w, x, e))
		return -1;
	const struct change c = {x->id, x->id, x->crm, RECORD_CREATED, x->kind, x->row,
		(abilities & RECORD_IS_LOCAL) != 0};
	if (record_make_row(w, x->kind, x->crm, x->row, x->key, e) || add_write(w, &c, x->key, e))
		return -1;
	for (size_t i = 0; i < x->n; i++) {
		const struct record_def *f;
		if (resolve(w, &c, &x->v[i], &f, e))
			return -1;
		if (x->v[i].value && (record_set(w, f, x->row, x->v[i].value, e) ||
					     put_value(w, &c, f, &x->v[i], NULL, NULL, e)))
			return -1;
	}
	if (c.is_local && x->kind == RECORD_ACTIVITY &&
		db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row, (int64_t)LOG_LOCAL))
		return -1;
	return record_tidy(w, x->kind, x->row, e);
}

/* ---- editing ----------------------------------------------------------------------------------*/

/* The newest write of a record that is not on its way, 0 = none. */
static int merge_target(struct write *w, enum record_kind k, int64_t row, int64_t *id,
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

/* The write that an edit becomes part of, or a new one under the change's own id. */
static int find_write(struct write *w, struct change *c, struct err *e)
{
	int64_t waiting = 0;
	if (!c->is_local && merge_target(w, c->kind, c->row, &waiting, &c->verb, e))
		return -1;
	if (waiting) {
		c->write = waiting;
		return db_run(w->db, e, SQL_TOUCH, "ii", waiting, c->edit);
	}
	c->write = c->edit;
	c->verb = RECORD_EDITED;
	return add_write(w, c, NULL, e);
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

static int change_field(struct write *w, const struct change *c, const struct record_def *f,
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
		return db_run(w->db, e, SQL_DROP_VALUE, "it", c->write, v->name);
	return put_value(w, c, f, v, base, shown, e);
}

static int do_edit(struct write *w, struct order_args *x, struct err *e)
{
	struct change c = {.edit = x->id, .kind = x->kind, .row = x->row};
	int64_t abilities;
	if (record_row_crm(w->db, x->kind, x->row, &c.crm, e))
		return -1;
	if (!c.crm)
		return no_record(e);
	x->crm = c.crm;
	if (read_abilities(w, c.crm, &abilities, e))
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
	return db_run(w->db, e, SQL_DROP_IF_EMPTY, "i", c.write) ||
			       record_tidy(w, x->kind, x->row, e)
		       ? -1
		       : 0;
}

/* ---- giving up, withdrawing -------------------------------------------------------------------*/

static int drop_write(struct write *w, int64_t id, struct err *e)
{
	return db_run(w->db, e, SQL_DROP_VALUES, "i", id) || db_run(w->db, e, SQL_DROP, "i", id)
		       ? -1
		       : 0;
}

/* Every write of the row. */
static int drop_writes(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	int64_t id;
	do {
		id = 0;
		if (db_value(w->db, &id, e, SQL_OF_ROW, "ii", (int64_t)k, row) ||
			(id && drop_write(w, id, e)))
			return -1;
	} while (id);
	return 0;
}

struct write_row {
	int64_t id, crm, row;
	enum record_kind kind;
	enum record_verb verb;
	enum record_state state;
	bool is_doubtful;
};

static struct write_row row_at(sqlite3_stmt *q, int64_t id, int column)
{
	return (struct write_row){
		.id = id,
		.crm = sqlite3_column_int64(q, column),
		.kind = (enum record_kind)sqlite3_column_int(q, column + 1),
		.row = sqlite3_column_int64(q, column + 2),
		.verb = (enum record_verb)sqlite3_column_int(q, column + 3),
		.state = (enum record_state)sqlite3_column_int(q, column + 4),
		.is_doubtful = sqlite3_column_int(q, column + 5),
	};
}

static int read_write(struct write *w, int64_t id, struct write_row *out, struct err *e)
{
	sqlite3_stmt *q;
	*out = (struct write_row){.id = 0};
	if (db_query(w->db, &q, e, SQL_WRITE, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	*out = row_at(q, id, 0);
	sqlite3_reset(q);
	return 0;
}

static int too_late(struct err *e)
{
	return err_set(e, ERR_CONFLICT, "%s", _("This change is on its way already."));
}

struct old_value {
	const char *field, *base, *value;
};

static int put_back(struct write *w, const struct write_row *x, const struct old_value *v, size_t n,
	struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (record_set(w, record_def_of(x->kind, v[i].field), x->row, v[i].value, e))
			return -1;
	return record_tidy(w, x->kind, x->row, e);
}

/* The record as the CRM has it; what was to be made goes. */
static int give_up(struct write *w, const struct write_row *x, struct err *e)
{
	sqlite3_stmt *q;
	struct old_value *v = NULL;
	size_t cap = 0;
	size_t n = 0;
	int rc;
	if (x->verb == RECORD_CREATED)
		return drop_writes(w, x->kind, x->row, e) || record_drop_row(w, x->kind, x->row, e)
			       ? -1
			       : 0;
	if (x->verb == RECORD_WITHDRAWN)
		return db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row,
			       (int64_t)(x->state == RECORD_DONE ? LOG_LOCAL : LOG_LOGGED)) ||
				       drop_write(w, x->id, e)
			       ? -1
			       : 0;
	if (db_query(w->db, &q, e, SQL_THEIRS, "i", x->id))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct old_value){
			db_text(&w->arena, q, 0), NULL, db_text(&w->arena, q, 1)};
	}
	return rc || put_back(w, x, v, n, e) || drop_write(w, x->id, e) ||
			       record_show_again(w, x->kind, x->row, e)
		       ? -1
		       : 0;
}

static int do_withdraw(struct write *w, struct order_args *x, struct err *e)
{
	sqlite3_stmt *q;
	int64_t waiting = 0;
	int64_t abilities;
	int64_t has = 0;
	enum record_verb verb = RECORD_EDITED;
	if (x->kind != RECORD_ACTIVITY)
		return err_set(e, ERR_UNSUPPORTED, "%s", _("Only entries can be taken back."));
	if (record_row_crm(w->db, x->kind, x->row, &x->crm, e))
		return -1;
	if (!x->crm)
		return no_record(e);
	if (read_abilities(w, x->crm, &abilities, e) ||
		merge_target(w, x->kind, x->row, &waiting, &verb, e) ||
		db_value(w->db, &has, e, SQL_HAS_WITHDRAWAL, "i", x->row) ||
		db_query(w->db, &q, e, SQL_ENTRY, "i", x->row) || db_step(w->db, q, e) < 0)
		return -1;
	enum log_state state = (enum log_state)sqlite3_column_int(q, 0);
	bool is_doubtful = sqlite3_column_int(q, 1);
	bool is_mail = sqlite3_column_int(q, 2) == ENTRY_EMAIL;
	sqlite3_reset(q);
	if (has)
		return 0;
	if (waiting && verb == RECORD_CREATED) /* the CRM never heard of it */
		return drop_writes(w, x->kind, x->row, e) || record_drop_row(w, x->kind, x->row, e)
			       ? -1
			       : 0;
	struct write_row edit;
	if (waiting && (read_write(w, waiting, &edit, e) || give_up(w, &edit, e)))
		return -1;
	if (db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row, (int64_t)LOG_NOT))
		return -1;
	if (is_mail && state != LOG_LOGGED && !is_doubtful)
		return 0;
	const struct change c = {x->id, x->id, x->crm, RECORD_WITHDRAWN, x->kind, x->row,
		(abilities & RECORD_IS_LOCAL) != 0};
	return add_write(w, &c, NULL, e);
}

/* ---- deciding ---------------------------------------------------------------------------------*/

/* The fields that a change set go back to what they were before it. */
static int undo_edit(struct write *w, int64_t edit, struct write_row *x, struct err *e)
{
	sqlite3_stmt *q;
	struct old_value *v = NULL;
	size_t cap = 0;
	size_t n = 0;
	int rc;
	if (db_query(w->db, &q, e, SQL_CHANGED_BY, "i", edit))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		*x = row_at(q, sqlite3_column_int64(q, 0), 1);
		v[n++] = (struct old_value){db_text(&w->arena, q, 7), db_text(&w->arena, q, 8),
			db_text(&w->arena, q, 9)};
	}
	if (rc < 0)
		return -1;
	if (!n)
		return err_set(e, ERR_NOTFOUND, "%s", _("There is nothing to undo any more."));
	if (x->is_doubtful)
		return too_late(e);
	const struct change c = {x->id, 0, x->crm, x->verb, x->kind, x->row, false};
	for (size_t i = 0; i < n; i++) {
		const struct record_field back = {v[i].field, v[i].value};
		const struct record_def *f = record_def_of(x->kind, v[i].field);
		rc = record_is_same(v[i].field, v[i].base, v[i].value)
			     ? db_run(w->db, e, SQL_DROP_VALUE, "it", x->id, v[i].field)
			     : put_value(w, &c, f, &back, v[i].base, v[i].value, e);
		if (rc)
			return -1;
	}
	return put_back(w, x, v, n, e) || db_run(w->db, e, SQL_DROP_IF_EMPTY, "i", x->id) ? -1 : 0;
}

static int no_write(struct err *e)
{
	return err_set(e, ERR_NOTFOUND, "%s", _("No change of that number is waiting."));
}

static int do_undo(struct write *w, int64_t id, struct write_row *x, struct err *e)
{
	if (read_write(w, id, x, e))
		return -1;
	if (!x->id || x->verb == RECORD_EDITED)
		return undo_edit(w, id, x, e);
	return x->is_doubtful ? too_late(e) : give_up(w, x, e);
}

static int do_resolve(struct write *w, const struct write_row *x, bool ours, struct err *e)
{
	if (x->state != RECORD_CONFLICT)
		return err_set(e, ERR_CONFLICT, "%s", _("This change is in no conflict."));
	if (!ours)
		return give_up(w, x, e);
	return db_run(w->db, e, SQL_REBASE, "i", x->id) ||
			       db_run(w->db, e, SQL_SAME_NOW, "i", x->id) ||
			       db_run(w->db, e, SQL_RETRY, "i", x->id) ||
			       db_run(w->db, e, SQL_DROP_IF_EMPTY, "i", x->id)
		       ? -1
		       : 0;
}

static int do_act(struct write *w, struct order_args *o, struct err *e)
{
	struct write_row x;
	int rc = -1;
	if (o->act == RECORD_UNDO) {
		rc = do_undo(w, o->id, &x, e);
		o->crm = x.crm;
		return rc;
	}
	if (read_write(w, o->id, &x, e))
		return -1;
	if (!x.id || x.state == RECORD_DONE)
		return no_write(e);
	o->crm = x.crm;
	if (o->act == RECORD_RETRY)
		return x.state == RECORD_CONFLICT ? err_set(e, ERR_CONFLICT, "%s",
							    _("Say first whose version counts."))
						  : db_run(w->db, e, SQL_RETRY, "i", x.id);
	if (o->act == RECORD_DISCARD)
		return x.is_doubtful && x.state == RECORD_WAITING ? too_late(e) : give_up(w, &x, e);
	return do_resolve(w, &x, o->act == RECORD_OURS, e);
}

static int write_order(struct write *w, void *arg, struct err *e)
{
	struct order_args *x = arg;
	int rc;
	switch (x->order) {
	case ORDER_CREATE:
		rc = do_create(w, x, e);
		break;
	case ORDER_EDIT:
		rc = do_edit(w, x, e);
		break;
	case ORDER_WITHDRAW:
		rc = do_withdraw(w, x, e);
		break;
	default:
		rc = do_act(w, x, e);
		break;
	}
	if (rc || record_settle(w, x->crm, e))
		return -1;
	write_event(w, EV_CRM, x->crm, 0, 1, 1);
	return 0;
}

/* ---- the calls --------------------------------------------------------------------------------*/

static int64_t post(struct store *s, struct order_args *x)
{
	int64_t id = x->id;
	writer_post(&s->main, WRITE_USER | WRITE_FULL, write_order, x, free_order);
	return id;
}

static int wait_for(struct store *s, struct order_args *x, struct err *e)
{
	int rc = writer_call(&s->main, WRITE_USER | WRITE_FULL, write_order, x, e);
	free_order(x);
	return rc;
}

static struct order_args *new_act(struct store *s, int64_t id, enum record_act act)
{
	struct order_args *x = new_order(s, ORDER_ACT, RECORD_CONTACT, 0, NULL, 0);
	x->id = id;
	x->act = act;
	return x;
}

static struct order_args *new_creation(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	struct order_args *x = new_order(s, ORDER_CREATE, k, 0, v, n);
	x->crm = crm;
	return x;
}

int64_t record_create(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	return post(s, new_creation(s, crm, k, v, n));
}

int64_t record_edit(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n)
{
	return post(s, new_order(s, ORDER_EDIT, k, row, v, n));
}

int64_t record_withdraw(struct store *s, enum record_kind k, int64_t row)
{
	return post(s, new_order(s, ORDER_WITHDRAW, k, row, NULL, 0));
}

void record_undo(struct store *s, int64_t id)
{
	post(s, new_act(s, id, RECORD_UNDO));
}

void record_retry(struct store *s, int64_t write)
{
	post(s, new_act(s, write, RECORD_RETRY));
}

void record_discard(struct store *s, int64_t write)
{
	post(s, new_act(s, write, RECORD_DISCARD));
}

void record_resolve(struct store *s, int64_t write, bool ours)
{
	post(s, new_act(s, write, ours ? RECORD_OURS : RECORD_THEIRS));
}

int record_create_wait(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n, int64_t *row, struct err *e)
{
	struct order_args *x = new_creation(s, crm, k, v, n);
	*row = x->row;
	return wait_for(s, x, e);
}

int record_edit_wait(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n, struct err *e)
{
	return wait_for(s, new_order(s, ORDER_EDIT, k, row, v, n), e);
}

int record_withdraw_wait(struct store *s, enum record_kind k, int64_t row, struct err *e)
{
	return wait_for(s, new_order(s, ORDER_WITHDRAW, k, row, NULL, 0), e);
}

int record_act_wait(struct store *s, int64_t write, enum record_act act, struct err *e)
{
	return wait_for(s, new_act(s, write, act), e);
}
