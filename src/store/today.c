/* today.c - see today.h. */
#include "config.h"

#include "crmail/store/today.h"

#include "crm_private.h"
#include "thread_private.h"

/* Ids of messages ascend with the time they were received: one walk along the newest finds both
 * kinds of conversations. What comes after a mail settles it where it lies in the open: an answer
 * that is not sent is none. Role 1: inbox. */
static const char SQL_THREADS[] =
	"SELECT m.thread, m.id, m.account, m.date, k.contact, k.partner, m.facts,"
	" EXISTS (SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder AND f.role = 1"
	"  WHERE p.message = m.id AND p.is_shown = 1)"
	" FROM (SELECT id FROM message WHERE listed & 1 AND id > ?1 ORDER BY id DESC LIMIT ?2) "
	"newest"
	" CROSS JOIN mail_crm k ON k.message = newest.id"
	" CROSS JOIN message m ON m.id = newest.id"
	" WHERE (k.contact <> 0 OR k.partner <> 0) AND m.facts & ?3 = 0"
	" AND NOT EXISTS (SELECT 1 FROM message o WHERE o.thread = m.thread AND o.id > m.id"
	"  AND o.copy_of > m.id AND " LIES_IN_THE_OPEN("o.id") ")";
#define ENTRY_COLUMNS                                                                              \
	"SELECT x.id, x.crm, x.contact, x.partner, x.deal, x.at, x.due_at, x.duration_min,"        \
	" x.subject, ifnull(c.name, p.name) FROM activity x JOIN crm k ON k.id = x.crm"            \
	" LEFT JOIN contact c ON c.id = x.contact LEFT JOIN partner p ON p.id = x.partner"
/* A colleague's are his; what says nobody's is ours. */
#define IS_MINE "x.state <> 4 AND (x.by IS NULL OR k.user_id IS NULL OR x.by = k.user_id)"
static const char SQL_TASKS[] =
	ENTRY_COLUMNS " WHERE x.kind = 4 AND x.due_at <> 0 AND ifnull(x.status, '') <> 'completed'"
		      " AND x.due_at < ?1 AND " IS_MINE " ORDER BY x.due_at, x.id LIMIT ?2";
static const char SQL_MEETINGS[] =
	ENTRY_COLUMNS " WHERE x.kind = 2 AND x.at >= ?1 AND x.at < ?2 AND " IS_MINE
		      " ORDER BY x.at, x.id LIMIT ?3";

static void keep(struct today_thread *v, size_t *n, size_t max, sqlite3_stmt *q)
{
	if (*n == max)
		return;
	v[(*n)++] = (struct today_thread){
		.thread = sqlite3_column_int64(q, 0),
		.message = sqlite3_column_int64(q, 1),
		.account = sqlite3_column_int64(q, 2),
		.at = sqlite3_column_int64(q, 3),
		.contact = sqlite3_column_int64(q, 4),
		.partner = sqlite3_column_int64(q, 5),
	};
}

int today_threads(struct store_reader *r, struct arena *a, int64_t now, int64_t no_answer_s,
	size_t max, struct today_threads *out, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t oldest = now > TODAY_LOOKS_BACK ? now - TODAY_LOOKS_BACK : 0;
	sqlite3_stmt *q;
	int rc;
	*out = (struct today_threads){.waiting = arena_array(a, max + 1, sizeof(*out->waiting)),
		.unanswered = arena_array(a, max + 1, sizeof(*out->unanswered))};
	if (db_query(d, &q, e, SQL_THREADS, "iii", oldest << 20, (int64_t)TODAY_LOOKED_AT,
		    (int64_t)(FACT_AUTO | FACT_LIST)))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		bool is_own = sqlite3_column_int64(q, 6) & FACT_OWN;
		bool is_in_inbox = sqlite3_column_int(q, 7);
		if (is_own && sqlite3_column_int64(q, 3) < now - no_answer_s)
			keep(out->unanswered, &out->n_unanswered, max, q);
		else if (!is_own && is_in_inbox)
			keep(out->waiting, &out->n_waiting, max, q);
	}
	return rc;
}

static int read_entries(struct db *d, sqlite3_stmt *q, struct arena *a, struct today_entry **out,
	size_t *n, struct err *e)
{
	struct today_entry *v = NULL;
	size_t cap = 0, count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct today_entry){
			.id = sqlite3_column_int64(q, 0),
			.crm = sqlite3_column_int64(q, 1),
			.contact = sqlite3_column_int64(q, 2),
			.partner = sqlite3_column_int64(q, 3),
			.deal = sqlite3_column_int64(q, 4),
			.at = sqlite3_column_int64(q, 5),
			.due_at = sqlite3_column_int64(q, 6),
			.duration_min = sqlite3_column_int64(q, 7),
			.subject = db_text(a, q, 8),
			.about = db_text(a, q, 9),
		};
	}
	*out = v;
	*n = count;
	return rc;
}

int today_tasks(struct store_reader *r, struct arena *a, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	struct db *d = reader_db(r);
	if (db_query(d, &q, e, SQL_TASKS, "ii", until, (int64_t)max))
		return -1;
	return read_entries(d, q, a, out, n, e);
}

int today_meetings(struct store_reader *r, struct arena *a, int64_t from, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	struct db *d = reader_db(r);
	if (db_query(d, &q, e, SQL_MEETINGS, "iii", from, until, (int64_t)max))
		return -1;
	return read_entries(d, q, a, out, n, e);
}
