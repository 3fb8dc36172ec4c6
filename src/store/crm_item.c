/* crm_item.c - entries of mail that wait for a CRM or were refused: listed, tried again, given
 * up. */
#include "config.h"

#include "crmail/store/crm_item.h"

#include <stdlib.h>

#include "crmail/base/mem.h"
#include "crmail/store/contact.h"

#include "crm_private.h"

#define ENTRY_COLUMNS                                                                              \
	"SELECT x.id, x.crm, x.message, ifnull(m.thread, 0), x.state, x.doubt, x.direction, x.at," \
	" x.not_before, x.attempts, x.subject, x.body, ifnull(ifnull(c.name, p.name), l.name),"    \
	" x.reason FROM crm k CROSS JOIN activity x LEFT JOIN message m ON m.id = x.message"       \
	" LEFT JOIN contact c ON c.id = x.contact LEFT JOIN partner p ON p.id = x.partner"         \
	" LEFT JOIN lead l ON l.id = x.lead"
static const char SQL_PARKED[] =
	ENTRY_COLUMNS " WHERE x.crm = k.id AND x.state = 3 AND x.kind = 0 LIMIT ?";
static const char SQL_WAITING[] = ENTRY_COLUMNS
	" WHERE x.crm = k.id AND x.state = 1 AND x.kind = 0 ORDER BY k.id, x.at, x.id LIMIT ?";
static const char SQL_COUNT_ENTRIES[] =
	"SELECT count(*) FROM crm k CROSS JOIN activity x WHERE x.crm = k.id AND x.state = 1";
static const char SQL_COUNT_PARKED[] =
	"SELECT count(*) FROM crm k CROSS JOIN activity x WHERE x.crm = k.id AND x.state = 3";
static const char SQL_COUNT_WRITES[] =
	"SELECT count(*) FROM crm k CROSS JOIN record_write w WHERE w.crm = k.id AND w.state = ?";
static const char SQL_RETRY[] = "UPDATE activity SET state = 1, attempts = 0, not_before = 0,"
				" reason = NULL"
				" WHERE id = ? AND state IN (1, 3)";
static const char SQL_DISCARD[] = "UPDATE activity SET state = 4, reason = 'discarded'"
				  " WHERE id = ? AND (state = 3 OR state = 1 AND doubt = 0)";
static const char SQL_CRM_OF[] = "SELECT crm FROM activity WHERE id = ?";

struct entries {
	struct crm_entry *v;
	size_t n, cap;
};

static int read_entries(struct store_reader *r, struct arena *a, const char *sql, size_t limit,
	struct entries *out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, sql, "i", (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		out->v = arena_grow(a, out->v, &out->cap, out->n + 1, sizeof(*out->v));
		out->v[out->n++] = (struct crm_entry){
			.id = sqlite3_column_int64(q, 0),
			.crm = sqlite3_column_int64(q, 1),
			.message = sqlite3_column_int64(q, 2),
			.thread = sqlite3_column_int64(q, 3),
			.is_parked = sqlite3_column_int(q, 4) == LOG_PARKED,
			.is_doubtful = sqlite3_column_int(q, 5),
			.is_out = sqlite3_column_int(q, 6) == 2,
			.at = sqlite3_column_int64(q, 7),
			.not_before = sqlite3_column_int64(q, 8),
			.attempts = (uint32_t)sqlite3_column_int64(q, 9),
			.subject = db_text(a, q, 10),
			.body = db_text(a, q, 11),
			.about = db_text(a, q, 12),
			.reason = db_text(a, q, 13),
		};
	}
	return rc;
}

int crm_entries(struct store_reader *r, struct arena *a, size_t limit, struct crm_entry **out,
	size_t *n, struct err *e)
{
	struct entries v = {.n = 0};
	if (read_entries(r, a, SQL_PARKED, limit, &v, e) ||
		read_entries(r, a, SQL_WAITING, limit, &v, e))
		return -1;
	*out = v.v;
	*n = v.n;
	return 0;
}

int crm_item_counts(struct store_reader *r, struct crm_item_counts *out, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t waiting = 0, parked = 0;
	*out = (struct crm_item_counts){.waiting = 0};
	if (db_value(d, &out->waiting, e, SQL_COUNT_ENTRIES, "") ||
		db_value(d, &out->parked, e, SQL_COUNT_PARKED, "") ||
		db_value(d, &waiting, e, SQL_COUNT_WRITES, "i", (int64_t)0) ||
		db_value(d, &parked, e, SQL_COUNT_WRITES, "i", (int64_t)1) ||
		db_value(d, &out->conflicts, e, SQL_COUNT_WRITES, "i", (int64_t)2))
		return -1;
	out->waiting += waiting;
	out->parked += parked;
	return 0;
}

struct entry_args {
	int64_t id;
	const char *sql;
};

static int write_entry(struct write *w, void *arg, struct err *e)
{
	const struct entry_args *a = arg;
	int64_t crm = 0;
	if (db_value(w->db, &crm, e, SQL_CRM_OF, "i", a->id) ||
		db_run(w->db, e, a->sql, "i", a->id))
		return -1;
	write_event(w, EV_CRM, crm, 0, 0, 1);
	write_event(w, EV_CONTACTS, 0, 0, 0, 1);
	return 0;
}

static int64_t post(struct store *s, int64_t id, const char *sql)
{
	struct entry_args *a = xcalloc(1, sizeof(*a));
	*a = (struct entry_args){id, sql};
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_entry, a, free);
}

int64_t crm_entry_retry(struct store *s, int64_t id)
{
	return post(s, id, SQL_RETRY);
}

int64_t crm_entry_discard(struct store *s, int64_t id)
{
	return post(s, id, SQL_DISCARD);
}
