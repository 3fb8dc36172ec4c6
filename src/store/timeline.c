/*
 * timeline.c - the timeline of a contact or partner message by message: mail through its links, and
 * the CRM's entries that are not mail of ours; a partner's has those of its people too. Both are
 * read from an index in the order of the page, at most a page each, and merged: a page of 50,000
 * entries costs what a page of 50 does.
 */
#include "config.h"

#include "crm_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/str.h"

#include "thread_private.h"

static const char SQL_MAIL[] =
	"SELECT l.at, m.id, m.facts, m.subject, m.snippet, m.mid, m.thread,"
	" ifnull(c.crm_id, 'local:' || c.id), ifnull(p.crm_id, 'local:' || p.id)"
	" FROM link l JOIN message m ON m.id = l.message"
	" LEFT JOIN mail_crm b ON b.message = m.id LEFT JOIN contact c ON c.id = b.contact"
	" LEFT JOIN partner p ON p.id = b.partner"
	" WHERE l.kind = ?1 AND l.target = ?2 AND l.how <> 2 AND l.is_shown = 1 AND l.at <= ?3"
	" AND (l.at < ?3 OR l.message > ?4)"
	" AND NOT EXISTS (SELECT 1 FROM hidden_mail h WHERE h.message = l.message) ORDER BY l.at "
	"DESC, l.message LIMIT ?5";
static const char SQL_ENTRIES[] =
	"SELECT x.at, x.id, x.kind, x.direction, x.subject, x.body, x.message_id, x.by, x.crm_id,"
	" ifnull(c.crm_id, 'local:' || c.id), ifnull(p.crm_id, 'local:' || p.id), x.state,"
	" x.reason FROM timeline_entry t JOIN activity x ON x.id = t.activity"
	" LEFT JOIN contact c ON c.id = x.contact LEFT JOIN partner p ON p.id = x.partner"
	" WHERE t.kind = ?1 AND t.target = ?2 AND t.at <= ?3 AND (t.at < ?3 OR t.activity > ?4)"
	" ORDER BY t.at DESC, t.activity LIMIT ?5";
/* Of a mail's entries the one that needs attention most. */
static const char SQL_STATE[] =
	"SELECT state, reason, by, crm_id FROM activity WHERE message = ? AND message <> 0"
	" AND state <> 4 ORDER BY CASE state WHEN 3 THEN 0 WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 3 END,"
	" id LIMIT 1";

/* Ids sort as text within one second: entries of the CRM ("a...") before mail ("m..."). */
#define ID_FORMAT "%c%016lld"

struct position {
	int64_t at, entry, mail; /* the last one seen of each kind at that second */
};

static struct position position_of(const struct timeline_entry *after)
{
	int64_t id = 0;
	if (!after)
		return (struct position){.at = INT64_MAX};
	const char *digits = after->id + 1;
	while (*digits == '0' && digits[1])
		digits++;
	if (!str_to_i64(digits, 0, INT64_MAX, &id))
		id = 0;
	if (after->id[0] == 'm')
		return (struct position){after->at, INT64_MAX, id};
	return (struct position){after->at, id, 0};
}

static int read_mail(struct db *d, struct arena *a, sqlite3_stmt *q, struct timeline_entry *v,
	size_t *n, struct err *e)
{
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v[(*n)++] = (struct timeline_entry){
			.at = sqlite3_column_int64(q, 0),
			.id = arena_printf(a, ID_FORMAT, 'm',
				(long long)sqlite3_column_int64(q, 1)),
			.message = sqlite3_column_int64(q, 1),
			.kind = ENTRY_EMAIL,
			.has_direction = true,
			.is_out = sqlite3_column_int64(q, 2) & FACT_OWN,
			.subject = db_text(a, q, 3),
			.body = db_text(a, q, 4),
			.message_id = db_text(a, q, 5),
			.thread = sqlite3_column_int64(q, 6),
			.contact = db_text(a, q, 7),
			.partner = db_text(a, q, 8),
			.state = LOG_LOCAL,
		};
	}
	return rc;
}

static int read_state(struct db *d, struct arena *a, struct timeline_entry *x, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_STATE, "i", x->message))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	x->state = (enum log_state)sqlite3_column_int(q, 0);
	x->reason = db_text(a, q, 1);
	x->by = db_text(a, q, 2);
	x->crm_id = db_text(a, q, 3);
	sqlite3_reset(q);
	return 0;
}

static int read_entries(struct db *d, struct arena *a, sqlite3_stmt *q, struct timeline_entry *v,
	size_t *n, struct err *e)
{
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		int direction = sqlite3_column_int(q, 3);
		v[(*n)++] = (struct timeline_entry){
			.at = sqlite3_column_int64(q, 0),
			.id = arena_printf(a, ID_FORMAT, 'a',
				(long long)sqlite3_column_int64(q, 1)),
			.kind = (enum entry_kind)sqlite3_column_int(q, 2),
			.has_direction = direction != 0,
			.is_out = direction == 2,
			.subject = db_text(a, q, 4),
			.body = db_text(a, q, 5),
			.message_id = db_text(a, q, 6),
			.by = db_text(a, q, 7),
			.crm_id = db_text(a, q, 8),
			.contact = db_text(a, q, 9),
			.partner = db_text(a, q, 10),
			.state = (enum log_state)sqlite3_column_int(q, 11),
			.reason = db_text(a, q, 12),
		};
	}
	return rc;
}

static int compare(const void *x, const void *y)
{
	const struct timeline_entry *a = x;
	const struct timeline_entry *b = y;
	if (a->at != b->at)
		return a->at > b->at ? -1 : 1;
	return strcmp(a->id, b->id);
}

int timeline_page(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	const struct timeline_entry *after, size_t limit, struct timeline_entry **out, size_t *n,
	struct err *e)
{
	struct db *d = reader_db(r);
	struct position from = position_of(after);
	struct timeline_entry *v = arena_array(a, 2 * limit + 1, sizeof(*v));
	size_t count = 0;
	sqlite3_stmt *q;
	int64_t max = (int64_t)limit;
	int64_t kind = contact ? LINK_CONTACT : LINK_PARTNER;
	int64_t target = contact ? contact : partner;
	if (db_query(d, &q, e, SQL_MAIL, "iiiii", kind, target, from.at, from.mail, max) ||
		read_mail(d, a, q, v, &count, e))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (read_state(d, a, &v[i], e))
			return -1;
	if (db_query(d, &q, e, SQL_ENTRIES, "iiiii", kind, target, from.at, from.entry, max) ||
		read_entries(d, a, q, v, &count, e))
		return -1;
	qsort(v, count, sizeof(*v), compare);
	*out = v;
	*n = count < limit ? count : limit;
	return 0;
}
