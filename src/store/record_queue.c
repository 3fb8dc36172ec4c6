/*
 * record_queue.c - the user's writes as the CRM's worker takes them: what is due, what became of
 * it, and what a pull finds beneath them.
 */
#include "config.h"

#include "notice_private.h"
#include "record_private.h"

#include "crmail/base/i18n.h"

/* Every write names the earlier ones of its own record, and the records it needs; both are looked
 * up by index. A creation is first, whatever its id: ids follow the clock, which may be set
 * back. */
static const char SQL_DUE[] =
	"SELECT w.id, w.row, w.kind, w.verb, w.attempts, w.doubt, w.key, w.journal"
	" FROM record_write w WHERE w.crm = ?1 AND w.state = 0 AND w.not_before <= ?2"
	" AND (w.verb = 1 OR NOT EXISTS (SELECT 1 FROM record_write o WHERE o.kind = w.kind"
	"  AND o.row = w.row AND (o.id < w.id OR o.verb = 1) AND o.state <> 3))"
	" AND NOT EXISTS (SELECT 1 FROM record_value v JOIN record_write c ON c.kind = v.ref"
	"  AND c.row = CAST(v.ours AS INTEGER) AND c.verb = 1 AND c.state <> 3"
	"  WHERE v.write = w.id AND v.ref <> 0)"
	" ORDER BY w.id LIMIT 1";
static const char SQL_BEGIN[] = "UPDATE record_write SET attempts = attempts + 1, doubt = 1,"
				" not_before = 0 WHERE id = ? AND state = 0";
static const char SQL_SAVE[] = "UPDATE record_write SET journal = ?2 WHERE id = ?1";
static const char SQL_ROW[] = "SELECT crm, kind, row, verb FROM record_write WHERE id = ?";
static const char SQL_DROP_VALUES[] = "DELETE FROM record_value WHERE write = ?";
static const char SQL_DROP[] = "DELETE FROM record_write WHERE id = ?";
static const char SQL_LOGGED[] = "UPDATE activity SET state = 2, doubt = 0, reason = NULL,"
				 " journal = NULL WHERE id = ? AND state NOT IN (0, 4)";
static const char SQL_DROP_ENTRY[] = "DELETE FROM activity WHERE id = ? AND message = 0"
				     " AND state = 4";
static const char SQL_GONE[] = "UPDATE activity SET crm_id = NULL, doubt = 0 WHERE id = ?";
static const char SQL_PARK[] = "UPDATE record_write SET state = 1, doubt = ?3 * 2, reason = ?2"
			       " WHERE id = ?1";
static const char SQL_DEFER[] = "UPDATE record_write SET not_before = ?2, doubt = ?3 * 2,"
				" reason = ?4 WHERE id = ?1";
static const char SQL_CONFLICT[] = "UPDATE record_write SET state = 2, doubt = 0, reason = ?2"
				   " WHERE id = ?1";
static const char SQL_THEIRS[] = "UPDATE record_value SET theirs = ?3"
				 " WHERE write = ?1 AND field = ?2";
static const char SQL_THEIR_LINK[] =
	"UPDATE record_value SET theirs = CAST(CASE ref"
	" WHEN 1 THEN (SELECT id FROM contact WHERE crm = ?4 AND crm_id = ?3)"
	" WHEN 2 THEN (SELECT id FROM partner WHERE crm = ?4 AND crm_id = ?3)"
	" WHEN 3 THEN (SELECT id FROM lead WHERE crm = ?4 AND crm_id = ?3)"
	" ELSE (SELECT id FROM deal WHERE crm = ?4 AND crm_id = ?3) END AS TEXT)"
	" WHERE write = ?1 AND field = ?2";
static const char SQL_ABILITIES[] = "UPDATE crm SET abilities = ?2 WHERE id = ?1"
				    " AND abilities <> ?2";
/* Written before it was known that nobody else has to be told. */
static const char SQL_ALL_LOCAL[] = "UPDATE activity SET state = 0, reason = NULL WHERE id IN"
				    " (SELECT row FROM record_write WHERE crm = ? AND kind = 5"
				    "  AND verb = 1 AND state < 3)";
static const char SQL_ALL_DONE[] = "UPDATE record_write SET state = 3, is_stuck = 0, reason = NULL"
				   " WHERE crm = ? AND state < 3";
static const char SQL_OF_KEY[] = "SELECT row FROM record_write WHERE crm = ? AND key = ?"
				 " AND kind = ? AND verb = 1";
static const char SQL_WRITES_OF[] = "SELECT 1 FROM record_write WHERE kind = ? AND row = ?"
				    " AND state <> 3";
static const char SQL_WITHDRAW_AGAIN[] =
	"UPDATE activity SET state = 4 WHERE id = ?1 AND EXISTS (SELECT 1 FROM record_write w"
	" WHERE w.kind = 5 AND w.row = ?1 AND w.verb = 3 AND w.state <> 3)";
static const char SQL_PENDING[] =
	"SELECT v.write, v.field, v.ours FROM record_write w JOIN record_value v ON v.write = w.id"
	" WHERE w.kind = ? AND w.row = ? AND w.state <> 3 ORDER BY w.id, v.field";
static const char SQL_FREE[] = "UPDATE record_write SET state = 0, is_stuck = 0, reason = NULL"
			       " WHERE crm = ? AND state = 1 AND is_stuck = 1";
static const char SQL_STICK[] =
	"UPDATE record_write SET state = 1, is_stuck = 1, reason = ?2"
	" WHERE crm = ?1 AND state = 0 AND doubt <> 1 AND (EXISTS (SELECT 1 FROM record_write o"
	"  WHERE o.kind = record_write.kind AND o.row = record_write.row"
	"  AND o.verb = 1 AND o.state = 1)"
	" OR EXISTS (SELECT 1 FROM record_value v JOIN record_write c ON c.kind = v.ref"
	"  AND c.row = CAST(v.ours AS INTEGER) AND c.verb = 1 AND c.state = 1"
	"  WHERE v.write = record_write.id AND v.ref <> 0))";
static const char SQL_SHOW_ENTRIES[] =
	"UPDATE activity SET (state, reason) = (SELECT CASE w.state WHEN 0 THEN 1 ELSE 3 END,"
	" CASE w.state WHEN 0 THEN NULL ELSE w.reason END"
	" FROM record_write w WHERE w.kind = 5 AND w.row = activity.id AND w.verb = 1)"
	" WHERE id IN (SELECT row FROM record_write WHERE crm = ? AND kind = 5 AND verb = 1"
	" AND state <> 3) AND state <> 4";

/* A contact needs its partner, an entry its contact: no chain is longer. */
enum { LONGEST_CHAIN = 3 };

int record_settle(struct write *w, int64_t crm, struct err *e)
{
	const char *why = _("The CRM did not take the record that this one belongs to.");
	if (db_run(w->db, e, SQL_FREE, "i", crm))
		return -1;
	for (int i = 0; i < LONGEST_CHAIN; i++)
		if (db_run(w->db, e, SQL_STICK, "it", crm, why))
			return -1;
	write_event(w, EV_CONTACTS, 0, 0, crm, 1);
	return db_run(w->db, e, SQL_SHOW_ENTRIES, "i", crm);
}

/* ---- what pulls find --------------------------------------------------------------------------*/

int record_of_key(struct write *w, enum record_kind k, int64_t crm, const char *key, int64_t *row,
	struct err *e)
{
	return db_value(w->db, row, e, SQL_OF_KEY, "iti", crm, key, (int64_t)k);
}

struct pending {
	int64_t write;
	const char *field, *ours;
	const char *theirs;
};

static int read_pending(struct write *w, enum record_kind k, int64_t row, struct pending **out,
	size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	struct pending *v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(w->db, &q, e, SQL_PENDING, "ii", (int64_t)k, row))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		v = arena_grow(&w->arena, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = (struct pending){
			.write = sqlite3_column_int64(q, 0),
			.field = db_text(&w->arena, q, 1),
			.ours = db_text(&w->arena, q, 2),
		};
	}
	*out = v;
	return rc;
}

static int show_pending(struct write *w, enum record_kind k, int64_t row, const struct pending *v,
	size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (record_set(w, record_def_of(k, v[i].field), row, v[i].ours, e))
			return -1;
	return n ? record_tidy(w, k, row, e) : 0;
}

int record_show_again(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	struct pending *v = NULL;
	size_t n = 0;
	return read_pending(w, k, row, &v, &n, e) || show_pending(w, k, row, v, n, e) ? -1 : 0;
}

int record_pulled(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	struct pending *v = NULL;
	size_t n = 0;
	int64_t has = 0;
	if (db_value(w->db, &has, e, SQL_WRITES_OF, "ii", (int64_t)k, row))
		return -1;
	if (!has)
		return 0;
	if (read_pending(w, k, row, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) /* all of them before the first of ours covers one */
		if (record_get(w->db, &w->arena, record_def_of(k, v[i].field), row, &v[i].theirs,
			    e))
			return -1;
	for (size_t i = 0; i < n; i++)
		if (db_run(w->db, e, SQL_THEIRS, "itt", v[i].write, v[i].field, v[i].theirs))
			return -1;
	if (k == RECORD_ACTIVITY && db_run(w->db, e, SQL_WITHDRAW_AGAIN, "i", row))
		return -1;
	return show_pending(w, k, row, v, n, e);
}

/* ---- the worker -------------------------------------------------------------------------------*/

int record_due(struct store_reader *r, struct arena *a, int64_t crm, int64_t now,
	struct record_job **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = NULL;
	if (db_query(d, &q, e, SQL_DUE, "ii", crm, now))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	struct record_job *j = arena_array(a, 1, sizeof(*j));
	*j = (struct record_job){
		.id = sqlite3_column_int64(q, 0),
		.row = sqlite3_column_int64(q, 1),
		.kind = (enum record_kind)sqlite3_column_int(q, 2),
		.verb = (enum record_verb)sqlite3_column_int(q, 3),
		.attempts = (uint32_t)sqlite3_column_int64(q, 4),
		.is_doubtful = sqlite3_column_int(q, 5),
		.key = db_text(a, q, 6),
		.journal = db_text(a, q, 7),
	};
	sqlite3_reset(q);
	*out = j;
	return 0;
}

struct step_args {
	int64_t id, at, flag;
	const char *text;
	const struct record_field *v;
	size_t n;
};

struct write_row {
	int64_t crm, row;
	enum record_kind kind;
	enum record_verb verb;
};

static int read_row(struct write *w, int64_t id, struct write_row *out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_ROW, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc < 0)
		return -1;
	if (!rc)
		return err_set(e, ERR_NOTFOUND, "%s", _("This change was taken back."));
	*out = (struct write_row){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 2),
		(enum record_kind)sqlite3_column_int(q, 1),
		(enum record_verb)sqlite3_column_int(q, 3)};
	sqlite3_reset(q);
	return 0;
}

static int write_begin(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	if (db_run(w->db, e, SQL_BEGIN, "i", a->id))
		return -1;
	if (!db_changes(w->db))
		return err_set(e, ERR_NOTFOUND, "%s", _("This change was taken back."));
	return 0;
}

int record_begin(struct store *s, int64_t id, struct err *e)
{
	struct step_args a = {.id = id};
	return writer_call(&s->main, WRITE_FULL, write_begin, &a, e);
}

static int write_save(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return db_run(w->db, e, SQL_SAVE, "it", a->id, a->text);
}

int record_save(struct store *s, int64_t id, const char *journal, struct err *e)
{
	struct step_args a = {.id = id, .text = journal};
	return writer_call(&s->main, WRITE_FULL, write_save, &a, e);
}

/* The row is not as it was pulled any more: should the CRM be set back to that, it is news. */
static int forget_digest(struct write *w, const struct write_row *x, struct err *e)
{
	static const char *const by_kind[RECORD_KIND_END] = {
		[RECORD_CONTACT] = "UPDATE contact SET digest = NULL WHERE id = ?",
		[RECORD_PARTNER] = "UPDATE partner SET digest = NULL WHERE id = ?",
		[RECORD_DEAL] = "UPDATE deal SET digest = NULL WHERE id = ?",
	};
	return by_kind[x->kind] ? db_run(w->db, e, by_kind[x->kind], "i", x->row) : 0;
}

static int settle_entry(struct write *w, const struct write_row *x, struct err *e)
{
	if (x->verb == RECORD_WITHDRAWN)
		return db_run(w->db, e, SQL_GONE, "i", x->row) ||
				       db_run(w->db, e, SQL_DROP_ENTRY, "i", x->row)
			       ? -1
			       : 0;
	return x->verb == RECORD_CREATED ? db_run(w->db, e, SQL_LOGGED, "i", x->row) : 0;
}

static int write_done(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	struct write_row x;
	if (read_row(w, a->id, &x, e))
		return -1;
	if (x.verb == RECORD_CREATED && a->text &&
		record_adopt(w, x.kind, x.crm, x.row, a->text, e))
		return -1;
	if (db_run(w->db, e, SQL_DROP_VALUES, "i", a->id) ||
		db_run(w->db, e, SQL_DROP, "i", a->id) || forget_digest(w, &x, e) ||
		(x.kind == RECORD_ACTIVITY && settle_entry(w, &x, e)))
		return -1;
	return record_settle(w, x.crm, e);
}

int record_done(struct store *s, int64_t id, const char *crm_id, struct err *e)
{
	struct step_args a = {.id = id, .text = crm_id};
	return writer_call(&s->main, WRITE_FULL, write_done, &a, e);
}

static int write_park(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	struct write_row x;
	return read_row(w, a->id, &x, e) ||
			       db_run(w->db, e, SQL_PARK, "iti", a->id, a->text, a->flag) ||
			       record_settle(w, x.crm, e) ||
			       notice_alert(w, NOTICE_REFUSED, 0, x.crm, a->text, e)
		       ? -1
		       : 0;
}

int record_park(struct store *s, int64_t id, bool is_doubtful, const char *reason, struct err *e)
{
	struct step_args a = {.id = id, .flag = is_doubtful, .text = reason};
	return writer_call(&s->main, WRITE_FULL, write_park, &a, e);
}

static int write_defer(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return db_run(w->db, e, SQL_DEFER, "iiit", a->id, a->at, a->flag, a->text);
}

int record_defer(struct store *s, int64_t id, int64_t not_before, bool is_doubtful,
	const char *reason, struct err *e)
{
	struct step_args a = {.id = id, .at = not_before, .flag = is_doubtful, .text = reason};
	return writer_call(&s->main, 0, write_defer, &a, e);
}

static int write_conflict(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	struct write_row x;
	if (read_row(w, a->id, &x, e) || db_run(w->db, e, SQL_CONFLICT, "it", a->id,
						 _("It was changed in the CRM meanwhile.")))
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		const struct record_def *f = record_def_of(x.kind, a->v[i].name);
		int rc = f && record_def_ref(f) ? db_run(w->db, e, SQL_THEIR_LINK, "itti", a->id,
							  a->v[i].name, a->v[i].value, x.crm)
						: db_run(w->db, e, SQL_THEIRS, "itt", a->id,
							  a->v[i].name, a->v[i].value);
		if (rc)
			return -1;
	}
	return record_settle(w, x.crm, e);
}

int record_conflict(struct store *s, int64_t id, const struct record_field *theirs, size_t n,
	struct err *e)
{
	struct step_args a = {.id = id, .v = theirs, .n = n};
	return writer_call(&s->main, WRITE_FULL, write_conflict, &a, e);
}

static int write_abilities(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	if (db_run(w->db, e, SQL_ABILITIES, "ii", a->id, a->flag))
		return -1;
	if (!(a->flag & RECORD_IS_LOCAL))
		return 0;
	return db_run(w->db, e, SQL_ALL_LOCAL, "i", a->id) ||
			       db_run(w->db, e, SQL_ALL_DONE, "i", a->id)
		       ? -1
		       : 0;
}

int record_set_abilities(struct store *s, int64_t crm, unsigned abilities, struct err *e)
{
	struct step_args a = {.id = crm, .flag = abilities};
	return writer_call(&s->main, 0, write_abilities, &a, e);
}
