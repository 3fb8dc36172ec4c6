/*
 * record_decide.c - what becomes of a change that waits: taken back, given up, tried again, decided
 * in a conflict; and entries withdrawn from the CRM.
 */
#include "config.h"

#include "record_order.h"

#include "crmail/base/i18n.h"
#include "crmail/store/activity.h"

static const char SQL_DROP_VALUES[] = "DELETE FROM record_value WHERE write = ?";
static const char SQL_DROP[] = "DELETE FROM record_write WHERE id = ?";
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
/* The next edit of a field was made upon ours, which the CRM never got: it stands upon what that
 * one stood upon; in a conflict the user has seen what the CRM has. */
static const char SQL_PASS_ON[] =
	"UPDATE record_value SET (base, theirs) = (SELECT CASE w.state WHEN 2 THEN o.theirs"
	"  ELSE o.base END, o.theirs FROM record_value o JOIN record_write w ON w.id = o.write"
	"  WHERE o.write = ?1 AND o.field = record_value.field)"
	" WHERE field IN (SELECT field FROM record_value WHERE write = ?1)"
	" AND write = (SELECT min(w.id) FROM record_write w JOIN record_value v ON v.write = w.id"
	"  AND v.field = record_value.field WHERE w.kind = ?2 AND w.row = ?3 AND w.id > ?1"
	"  AND w.state <> 3) AND write IN (SELECT id FROM record_write WHERE kind = ?2 AND row = "
	"?3)";
/* Undone when the CRM may have taken it away already: an edit of nothing, to see whether it did. */
static const char SQL_LOOK[] =
	"UPDATE record_write SET verb = 2, state = 0, is_stuck = 0, doubt = 2, attempts = 0,"
	" not_before = 0, reason = NULL, journal = NULL WHERE id = ?";
static const char SQL_OF_ROW[] = "SELECT id FROM record_write WHERE kind = ? AND row = ?";
static const char SQL_RETRY[] =
	"UPDATE record_write SET state = 0, is_stuck = 0, attempts = 0, not_before = 0,"
	" reason = NULL WHERE id = ?";
static const char SQL_REBASE[] = "UPDATE record_value SET base = theirs WHERE write = ?";
static const char SQL_SAME_NOW[] = "DELETE FROM record_value WHERE write = ? AND ours IS theirs";

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
	bool is_on_its_way, is_doubtful;
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
		.is_on_its_way = sqlite3_column_int(q, column + 5) == 1,
		.is_doubtful = sqlite3_column_int(q, column + 5) != 0,
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

static int give_up_withdrawal(struct write *w, const struct write_row *x, struct err *e)
{
	enum log_state state = x->state == RECORD_DONE ? LOG_LOCAL : LOG_LOGGED;
	if (db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row, (int64_t)state))
		return -1;
	return x->is_doubtful ? db_run(w->db, e, SQL_LOOK, "i", x->id) : drop_write(w, x->id, e);
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
		return give_up_withdrawal(w, x, e);
	if (db_query(w->db, &q, e, SQL_THEIRS, "i", x->id))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct old_value){
			db_text(&w->arena, q, 0), NULL, db_text(&w->arena, q, 1)};
	}
	return rc || put_back(w, x, v, n, e) ||
			       db_run(w->db, e, SQL_PASS_ON, "iii", x->id, (int64_t)x->kind,
				       x->row) ||
			       drop_write(w, x->id, e) || record_show_again(w, x->kind, x->row, e)
		       ? -1
		       : 0;
}

int record_do_withdraw(struct write *w, struct record_order *x, struct err *e)
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
		return record_not_there(e);
	if (record_read_abilities(w, x->crm, &abilities, e) ||
		record_find_open(w, x->kind, x->row, &waiting, &verb, e) ||
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
	if ((waiting && (read_write(w, waiting, &edit, e) || give_up(w, &edit, e))) ||
		record_retry_doubted(w, x->kind, x->row, e))
		return -1;
	if (db_run(w->db, e, SQL_SET_ENTRY, "ii", x->row, (int64_t)LOG_NOT))
		return -1;
	if (is_mail && state != LOG_LOGGED && !is_doubtful)
		return 0;
	const struct record_change c = {x->id, x->id, x->crm, RECORD_WITHDRAWN, x->kind, x->row,
		(abilities & RECORD_IS_LOCAL) != 0};
	return record_add_write(w, &c, NULL, e);
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
	if (x->is_on_its_way)
		return too_late(e);
	const struct record_change c = {x->id, 0, x->crm, x->verb, x->kind, x->row, false};
	for (size_t i = 0; i < n; i++) {
		const struct record_field back = {v[i].field, v[i].value};
		const struct record_def *f = record_def_of(x->kind, v[i].field);
		rc = record_is_same(v[i].field, v[i].base, v[i].value)
			     ? record_drop_value(w, x->id, v[i].field, e)
			     : record_put_value(w, &c, f, &back, v[i].base, v[i].value, e);
		if (rc)
			return -1;
	}
	return put_back(w, x, v, n, e) || record_drop_if_empty(w, x->id, e) ||
			       record_show_again(w, x->kind, x->row, e)
		       ? -1
		       : 0;
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
	return x->is_on_its_way ? too_late(e) : give_up(w, x, e);
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
			       record_drop_if_empty(w, x->id, e)
		       ? -1
		       : 0;
}

int record_do_act(struct write *w, struct record_order *o, struct err *e)
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
		return x.is_on_its_way && x.state == RECORD_WAITING ? too_late(e)
								    : give_up(w, &x, e);
	return do_resolve(w, &x, o->act == RECORD_OURS, e);
}
