/*
 * record_remake.c - an entry that the CRM has no more although the user wants it: written once
 * more.
 */
#include "config.h"

#include "record_order.h"

#include "crmail/base/i18n.h"

static const char SQL_ENTRY[] =
	"SELECT w.crm, w.kind, w.row, x.message FROM record_write w LEFT JOIN activity x"
	" ON x.id = w.row AND w.kind = 5 WHERE w.id = ?";
/* A mail's entry has its id from the mail: the queue of the log looks for it, then posts it. */
static const char SQL_LOG_AGAIN[] =
	"UPDATE activity SET state = 1, doubt = 1, crm_id = NULL, attempts = 0, not_before = 0,"
	" reason = NULL, journal = NULL WHERE id = ?";
static const char SQL_NEW_KEY[] = "UPDATE activity SET state = 1, crm_id = NULL, key = ?2"
				  " WHERE id = ?1";
static const char SQL_CREATE[] =
	"UPDATE record_write SET verb = 1, key = ?2, doubt = 0, attempts = 0, not_before = 0"
	" WHERE id = ?1";
static const char SQL_DROP[] = "DELETE FROM record_write WHERE id = ?";

static int create_again(struct write *w, const struct record_change *c, struct err *e)
{
	char key[40];
	const char *name;
	record_make_key(w->store, key);
	if (db_run(w->db, e, SQL_NEW_KEY, "it", c->row, key) ||
		db_run(w->db, e, SQL_CREATE, "it", c->write, key))
		return -1;
	for (size_t i = 0; (name = record_def_name(c->kind, i)); i++) {
		const struct record_def *f = record_def_of(c->kind, name);
		struct record_field v = {name, NULL};
		if (record_get(w->db, &w->arena, f, c->row, &v.value, e) ||
			(v.value && record_put_value(w, c, f, &v, NULL, NULL, e)))
			return -1;
	}
	return 0;
}

static int write_remake(struct write *w, void *arg, struct err *e)
{
	sqlite3_stmt *q;
	struct record_change c = {.write = *(const int64_t *)arg, .verb = RECORD_CREATED};
	if (db_query(w->db, &q, e, SQL_ENTRY, "i", c.write) || db_step(w->db, q, e) < 0)
		return -1;
	c.edit = c.write;
	c.crm = sqlite3_column_int64(q, 0);
	c.kind = (enum record_kind)sqlite3_column_int(q, 1);
	c.row = sqlite3_column_int64(q, 2);
	bool is_mail = sqlite3_column_int64(q, 3) != 0;
	sqlite3_reset(q);
	if (c.kind != RECORD_ACTIVITY)
		return err_set(e, ERR_UNSUPPORTED, "%s",
			_("This record is not in the CRM any more."));
	if (is_mail ? db_run(w->db, e, SQL_LOG_AGAIN, "i", c.row) ||
				db_run(w->db, e, SQL_DROP, "i", c.write)
		    : create_again(w, &c, e))
		return -1;
	write_event(w, EV_CRM, c.crm, 0, 1, 1);
	return record_settle(w, c.crm, e);
}

int record_remake(struct store *s, int64_t id, struct err *e)
{
	return writer_call(&s->main, WRITE_FULL, write_remake, &id, e);
}
