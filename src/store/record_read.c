/*
 * record_read.c - the user's writes as screens, the CLI and the CRM's worker read them.
 */
#include "config.h"

#include "record_private.h"

#include <string.h>

#include "crmail/base/i18n.h"

#include "crm_private.h"

#define WRITE_COLUMNS                                                                              \
	"SELECT w.id, w.crm, w.row, w.kind, w.verb, CASE WHEN w.state = 0 AND w.doubt = 1 THEN 4"  \
	" ELSE w.state END, w.attempts, w.created_at, w.not_before,"                               \
	" w.reason FROM record_write w"
#define IN_STATES " ((?1 >> w.state) & 1) = 1"
static const char SQL_ALL[] = WRITE_COLUMNS " WHERE" IN_STATES " AND w.id > ?2"
					    " ORDER BY w.id LIMIT ?3";
static const char SQL_OF_CRM[] = WRITE_COLUMNS " WHERE" IN_STATES " AND +w.crm = ?4 AND w.id > ?2"
					       " ORDER BY w.id LIMIT ?3";
static const char SQL_ONE[] = WRITE_COLUMNS " WHERE w.id = ?1 AND w.state <> 3";
static const char SQL_VALUES[] = "SELECT field, ref, base, ours, theirs FROM record_value"
				 " WHERE write = ? ORDER BY field";
static const char SQL_ABILITIES[] = "SELECT abilities FROM crm WHERE id = ?";
static const char SQL_CONTACT_ID[] = "SELECT crm_id FROM contact WHERE id = ?";
static const char SQL_PARTNER_ID[] = "SELECT crm_id FROM partner WHERE id = ?";
static const char SQL_LEAD_ID[] = "SELECT crm_id FROM lead WHERE id = ?";
static const char SQL_DEAL_ID[] = "SELECT crm_id FROM deal WHERE id = ?";
static const char SQL_ACTIVITY_ID[] = "SELECT ifnull(crm_id, CASE WHEN doubt THEN key END)"
				      " FROM activity WHERE id = ?";
static const char SQL_LEAD_BY_ID[] = "SELECT x.id FROM crm k CROSS JOIN lead x ON x.crm = k.id"
				     " AND x.crm_id = ? ORDER BY k.id LIMIT 1";
static const char SQL_LEAD_BY_ROW[] = "SELECT id FROM lead WHERE id = ?";
static const char SQL_DEAL_BY_ID[] = "SELECT x.id FROM crm k CROSS JOIN deal x ON x.crm = k.id"
				     " AND x.crm_id = ? ORDER BY k.id LIMIT 1";
static const char SQL_DEAL_BY_ROW[] = "SELECT id FROM deal WHERE id = ?";
static const char SQL_ACTIVITY_BY_ID[] =
	"SELECT x.id FROM crm k CROSS JOIN activity x ON x.crm = k.id AND x.key = ?1"
	" UNION ALL SELECT id FROM activity WHERE crm_id = ?1 LIMIT 1";
static const char SQL_ACTIVITY_BY_ROW[] = "SELECT id FROM activity WHERE id = ?";

const char *record_kind_name(enum record_kind k)
{
	static const char *const names[] = {
		"record", "contact", "partner", "lead", "deal", "activity"};
	return names[k];
}

const char *record_verb_name(enum record_verb v)
{
	static const char *const names[] = {"write", "create", "edit", "withdraw"};
	return names[v];
}

const char *record_state_name(enum record_state s)
{
	static const char *const names[] = {"waiting", "parked", "conflict", "done", "sending"};
	return names[s];
}

unsigned record_abilities(struct store_reader *r, int64_t crm)
{
	struct err ignored = ERR_INIT;
	int64_t bits = 0;
	if (db_value(reader_db(r), &bits, &ignored, SQL_ABILITIES, "i", crm))
		return 0;
	return (unsigned)bits;
}

const char *record_crm_id(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row)
{
	static const char *const by_kind[RECORD_KIND_END] = {
		[RECORD_CONTACT] = SQL_CONTACT_ID,
		[RECORD_PARTNER] = SQL_PARTNER_ID,
		[RECORD_LEAD] = SQL_LEAD_ID,
		[RECORD_DEAL] = SQL_DEAL_ID,
		[RECORD_ACTIVITY] = SQL_ACTIVITY_ID,
	};
	struct err ignored = ERR_INIT;
	sqlite3_stmt *q;
	struct db *d = reader_db(r);
	if (db_query(d, &q, &ignored, by_kind[k], "i", row) || db_step(d, q, &ignored) <= 0)
		return NULL;
	const char *id = db_text(a, q, 0);
	sqlite3_reset(q);
	return id;
}

int record_by_crm_id(struct store_reader *r, enum record_kind k, const char *id, int64_t *out,
	struct err *e)
{
	switch (k) {
	case RECORD_CONTACT:
		return contact_by_crm_id(r, id, out, e);
	case RECORD_PARTNER:
		return partner_by_crm_id(r, id, out, e);
	case RECORD_LEAD:
		return row_by_id(reader_db(r), id, SQL_LEAD_BY_ID, SQL_LEAD_BY_ROW, out, e);
	case RECORD_DEAL:
		return row_by_id(reader_db(r), id, SQL_DEAL_BY_ID, SQL_DEAL_BY_ROW, out, e);
	default:
		return row_by_id(reader_db(r), id, SQL_ACTIVITY_BY_ID, SQL_ACTIVITY_BY_ROW, out, e);
	}
}

int64_t record_crm(struct store_reader *r, enum record_kind k, int64_t row)
{
	struct err ignored = ERR_INIT;
	int64_t crm = 0;
	return record_row_crm(reader_db(r), k, row, &crm, &ignored) ? 0 : crm;
}

const char *record_shown(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row,
	const char *field)
{
	struct err ignored = ERR_INIT;
	const struct record_def *f = record_def_of(k, field);
	const char *text = NULL;
	return f && !record_get(reader_db(r), a, f, row, &text, &ignored) ? text : NULL;
}

static int read_values(struct db *d, struct arena *a, struct record_write *w, struct err *e)
{
	sqlite3_stmt *q;
	size_t cap = 0;
	int rc;
	if (db_query(d, &q, e, SQL_VALUES, "i", w->id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		w->fields = arena_grow(a, w->fields, &cap, w->n_fields + 1, sizeof(*w->fields));
		w->fields[w->n_fields++] = (struct record_value){
			.name = db_text(a, q, 0),
			.ref = (enum record_kind)sqlite3_column_int(q, 1),
			.base = db_text(a, q, 2),
			.ours = db_text(a, q, 3),
			.theirs = db_text(a, q, 4),
		};
	}
	return rc;
}

/* All rows of a query, then what belongs to each: statements do not nest. */
static int read_writes(struct store_reader *r, sqlite3_stmt *q, struct arena *a,
	struct record_write **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	struct record_write *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct record_write){
			.id = sqlite3_column_int64(q, 0),
			.crm = sqlite3_column_int64(q, 1),
			.row = sqlite3_column_int64(q, 2),
			.kind = (enum record_kind)sqlite3_column_int(q, 3),
			.verb = (enum record_verb)sqlite3_column_int(q, 4),
			.state = (enum record_state)sqlite3_column_int(q, 5),
			.attempts = (uint32_t)sqlite3_column_int64(q, 6),
			.created_at = sqlite3_column_int64(q, 7),
			.not_before = sqlite3_column_int64(q, 8),
			.reason = db_text(a, q, 9),
		};
	}
	for (size_t i = 0; !rc && i < count; i++) {
		const char *title = record_row_title(d, a, v[i].kind, v[i].row);
		v[i].title = title ? title : "";
		v[i].crm_id = record_crm_id(r, a, v[i].kind, v[i].row);
		rc = read_values(d, a, &v[i], e);
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int record_writes(struct store_reader *r, struct arena *a, int64_t crm, unsigned states,
	int64_t after, size_t limit, struct record_write **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int64_t bits = states ? states : 7;
	if (bits & 1 << RECORD_SENDING)
		bits |= 1;
	int rc = crm ? db_query(d, &q, e, SQL_OF_CRM, "iiii", bits, after, (int64_t)limit, crm)
		     : db_query(d, &q, e, SQL_ALL, "iii", bits, after, (int64_t)limit);
	return rc ? -1 : read_writes(r, q, a, out, n, e);
}

int record_write_get(struct store_reader *r, struct arena *a, int64_t id, struct record_write **out,
	struct err *e)
{
	sqlite3_stmt *q;
	struct record_write *v = NULL;
	size_t n = 0;
	if (db_query(reader_db(r), &q, e, SQL_ONE, "i", id) || read_writes(r, q, a, &v, &n, e))
		return -1;
	*out = n ? v : NULL;
	return 0;
}
