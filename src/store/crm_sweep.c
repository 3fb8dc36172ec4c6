/*
 * crm_sweep.c - the ids that a CRM has, compared with the rows that are here: marked, unmarked, and
 * what mail may be matched anew for it.
 */
#include "config.h"

#include "crmail/store/crm_sweep.h"

#include <string.h>

#include "crm_private.h"
#include "record_private.h"

#define DOUBT_OVER 20 /* of fewer rows any share may be gone, but not all */

static const char SQL_STATE[] =
	"SELECT done_at, is_doubted FROM crm_sweep WHERE crm = ? AND object = ?";
static const char SQL_NOTE[] = "INSERT OR REPLACE INTO crm_sweep VALUES (?, ?, ?, ?)";
static const char SQL_WANT[] = "UPDATE crm_sweep SET done_at = 0 WHERE crm = ?";
static const char SQL_CLEAR[] = "DELETE FROM crm_sweep_seen WHERE crm = ? AND object = ?";
static const char SQL_ADD[] = "INSERT OR IGNORE INTO crm_sweep_seen VALUES (?, ?, ?)";

/* Live rows that a listing does not name, and marked ones that it does. */
#define IS_SEEN(table)                                                                             \
	"EXISTS (SELECT 1 FROM crm_sweep_seen s WHERE s.crm = ?1 AND s.object = '" table           \
	"' AND s.crm_id = " table ".crm_id)"
#define IS_LIVE(table) table ".crm = ?1 AND " table ".crm_id IS NOT NULL AND " table ".gone_at = 0"

/* What mail may be about now, as addresses or domains: of marked rows where somebody else has the
 * same, and of rows that are there again. */
struct sweep_sql {
	const char *object;
	const char *total, *missing, *mark, *unmark;
	const char *shared, *again;
	bool is_domain;
};
#define SWEEP_SQL(table)                                                                           \
	.object = table, .total = "SELECT count(*) FROM " table " WHERE " IS_LIVE(table),          \
	.missing =                                                                                 \
		"SELECT count(*) FROM " table " WHERE " IS_LIVE(table) " AND NOT " IS_SEEN(table), \
	.mark = "UPDATE " table " SET gone_at = ?2, digest = NULL WHERE " IS_LIVE(                 \
		table) " AND NOT " IS_SEEN(table),                                                 \
	.unmark = "UPDATE " table " SET gone_at = 0 WHERE " table ".crm = ?1 AND " table           \
		  ".gone_at <> 0 AND " IS_SEEN(table)
/* Entries that the CRM has shown once. Marked they stand in no timeline, and that of a mail is not
 * posted again. */
#define IS_SHOWN_ENTRY                                                                             \
	"activity.crm = ?1 AND activity.crm_id IS NOT NULL AND activity.type IS NOT NULL"          \
	" AND activity.state = 2 AND activity.doubt = 0 AND NOT " RECORD_HAS_WRITE("5",            \
		"activity.id")
static const struct sweep_sql objects[] = {
	{SWEEP_SQL("contact"),
		.shared =
			"SELECT m.norm FROM contact JOIN contact_email m ON m.contact = contact.id"
			" WHERE contact.crm = ?1 AND contact.gone_at = ?2 AND EXISTS (SELECT 1"
			" FROM contact_email o JOIN contact c ON c.id = o.contact"
			" WHERE o.crm = ?1 AND o.norm = m.norm AND c.gone_at = 0)",
		.again =
			"SELECT m.norm FROM contact JOIN contact_email m ON m.contact = contact.id"
			" WHERE contact.crm = ?1 AND contact.gone_at <> 0 AND " IS_SEEN("contact")},
	{SWEEP_SQL("partner"),
		.shared =
			"SELECT m.domain FROM partner JOIN partner_domain m"
			" ON m.partner = partner.id WHERE partner.crm = ?1 AND partner.gone_at = ?2"
			" AND EXISTS (SELECT 1 FROM partner_domain o JOIN partner p"
			" ON p.id = o.partner WHERE o.crm = ?1 AND o.domain = m.domain"
			" AND p.gone_at = 0)",
		.again = "SELECT m.domain FROM partner JOIN partner_domain m"
			 " ON m.partner = partner.id"
			 " WHERE partner.crm = ?1 AND partner.gone_at <> 0 AND " IS_SEEN("partner"),
		.is_domain = true},
	{SWEEP_SQL("lead"), .again = "SELECT norm FROM lead WHERE crm = ?1 AND gone_at <> 0"
				     " AND norm IS NOT NULL AND " IS_SEEN("lead")},
	{SWEEP_SQL("deal")},
	{.object = "activity",
		.total = "SELECT count(*) FROM activity WHERE " IS_SHOWN_ENTRY,
		.missing = "SELECT count(*) FROM activity WHERE " IS_SHOWN_ENTRY
			   " AND NOT " IS_SEEN("activity"),
		.mark = "UPDATE activity SET state = 4, reason = 'deleted', not_before = ?2"
			" WHERE " IS_SHOWN_ENTRY " AND NOT " IS_SEEN("activity"),
		.unmark = "UPDATE activity SET state = 2, reason = NULL, not_before = 0"
			  " WHERE activity.crm = ?1 AND activity.state = 4"
			  " AND activity.reason = 'deleted' AND " IS_SEEN("activity")},
};

static const struct sweep_sql *sql_of(const char *object)
{
	size_t i = 0;
	while (i < ARRAY_SIZE(objects) && strcmp(objects[i].object, object) != 0)
		i++;
	BUG_ON(i == ARRAY_SIZE(objects));
	return &objects[i];
}

static int read_state(struct db *d, int64_t crm, const char *object, bool *is_there,
	int64_t *done_at, bool *is_doubted, struct err *e)
{
	sqlite3_stmt *q;
	*is_there = false;
	*is_doubted = false;
	if (db_query(d, &q, e, SQL_STATE, "it", crm, object))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	*is_there = true;
	*done_at = sqlite3_column_int64(q, 0);
	*is_doubted = sqlite3_column_int(q, 1) != 0;
	sqlite3_reset(q);
	return 0;
}

int crm_sweep_state(struct store_reader *r, int64_t crm, const char *object, int64_t now,
	int64_t every_s, enum crm_sweep_state *out, struct err *e)
{
	bool is_there;
	bool is_doubted;
	int64_t done_at = 0;
	if (read_state(reader_db(r), crm, object, &is_there, &done_at, &is_doubted, e))
		return -1;
	bool is_due = is_doubted || done_at + every_s <= now || done_at > now;
	*out = !is_there ? CRM_SWEEP_NEW : is_due ? CRM_SWEEP_DUE : CRM_SWEEP_NOT_DUE;
	return 0;
}

struct sweep_args {
	int64_t crm, now;
	const char *object;
	const char *const *ids;
	size_t n;
	struct crm_sweep_result *out;
};

static int write_note(struct write *w, void *arg, struct err *e)
{
	const struct sweep_args *a = arg;
	return db_run(w->db, e, SQL_NOTE, "itii", a->crm, a->object, a->now, (int64_t)0);
}

int crm_sweep_note(struct store *s, int64_t crm, const char *object, int64_t now, struct err *e)
{
	struct sweep_args a = {.crm = crm, .object = object, .now = now};
	return writer_call(&s->main, 0, write_note, &a, e);
}

static int write_clear(struct write *w, void *arg, struct err *e)
{
	const struct sweep_args *a = arg;
	return db_run(w->db, e, SQL_CLEAR, "it", a->crm, a->object);
}

int crm_sweep_begin(struct store *s, int64_t crm, const char *object, struct err *e)
{
	struct sweep_args a = {.crm = crm, .object = object};
	return writer_call(&s->main, 0, write_clear, &a, e);
}

static int write_ids(struct write *w, void *arg, struct err *e)
{
	const struct sweep_args *a = arg;
	for (size_t i = 0; i < a->n; i++)
		if (db_run(w->db, e, SQL_ADD, "itt", a->crm, a->object, a->ids[i]))
			return -1;
	return 0;
}

int crm_sweep_add(struct store *s, int64_t crm, const char *object, const char *const *ids,
	size_t n, struct err *e)
{
	struct sweep_args a = {.crm = crm, .object = object, .ids = ids, .n = n};
	return writer_call(&s->main, 0, write_ids, &a, e);
}

/* All words of the query first: statements do not nest. */
static int match_words(struct write *w, const struct sweep_sql *sql, const char *query,
	const struct sweep_args *a, struct err *e)
{
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	size_t n = 0;
	int rc;
	if (!query)
		return 0;
	if (query == sql->shared ? db_query(w->db, &q, e, query, "ii", a->crm, a->now)
				 : db_query(w->db, &q, e, query, "i", a->crm))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		v[n++] = db_text(&w->arena, q, 0);
	}
	for (size_t i = 0; !rc && i < n; i++)
		rc = sql->is_domain ? match_again_domain(w, a->crm, v[i], e)
				    : match_again_key(w, a->crm, v[i], e);
	return rc;
}

static int mark(struct write *w, const struct sweep_sql *sql, const struct sweep_args *a,
	struct err *e)
{
	if (match_words(w, sql, sql->again, a, e) || db_run(w->db, e, sql->unmark, "i", a->crm))
		return -1;
	a->out->back = db_changes(w->db);
	if (db_run(w->db, e, sql->mark, "ii", a->crm, a->now))
		return -1;
	a->out->gone = db_changes(w->db);
	if (a->out->gone + a->out->back)
		write_event(w, EV_CONTACTS, 0, 0, a->crm, (uint32_t)(a->out->gone + a->out->back));
	return match_words(w, sql, sql->shared, a, e);
}

static int write_end(struct write *w, void *arg, struct err *e)
{
	const struct sweep_args *a = arg;
	const struct sweep_sql *sql = sql_of(a->object);
	int64_t total = 0;
	int64_t missing = 0;
	int64_t done_at = 0;
	bool was_there;
	bool was_doubted;
	*a->out = (struct crm_sweep_result){.gone = 0};
	if (read_state(w->db, a->crm, a->object, &was_there, &done_at, &was_doubted, e) ||
		db_value(w->db, &total, e, sql->total, "i", a->crm) ||
		db_value(w->db, &missing, e, sql->missing, "i", a->crm))
		return -1;
	bool is_odd = missing && (missing == total || (total > DOUBT_OVER && missing > total / 2));
	a->out->is_doubted = is_odd && !was_doubted;
	a->out->gone = missing;
	if (!a->out->is_doubted && mark(w, sql, a, e))
		return -1;
	return db_run(w->db, e, SQL_NOTE, "itii", a->crm, a->object, a->now,
		       (int64_t)a->out->is_doubted) ||
			       write_clear(w, arg, e)
		       ? -1
		       : 0;
}

int crm_sweep_end(struct store *s, int64_t crm, const char *object, int64_t now,
	struct crm_sweep_result *out, struct err *e)
{
	struct sweep_args a = {.crm = crm, .object = object, .now = now, .out = out};
	return writer_call(&s->main, 0, write_end, &a, e);
}

static int write_want(struct write *w, void *arg, struct err *e)
{
	const struct sweep_args *a = arg;
	return db_run(w->db, e, SQL_WANT, "i", a->crm);
}

int crm_sweep_want(struct store *s, int64_t crm, struct err *e)
{
	struct sweep_args a = {.crm = crm};
	return writer_call(&s->main, 0, write_want, &a, e);
}
