/*
 * hook_event.c - the queue of events: one for each entry and listener, oldest first, kept for ever
 * so that none is told twice.
 */
#include "config.h"

#include "hook_event_private.h"

#include "crmail/base/arena.h"

/* A listener's time begins when it was set up; mail received before is backfill and is told only
 * where somebody chose that. */
static const char SQL_ADD[] =
	"INSERT OR IGNORE INTO hook_event (crm, activity, sink)"
	" SELECT x.crm, x.id, CASE s.key WHEN 'hook' THEN 1 ELSE 2 END"
	" FROM activity x JOIN crm k ON k.id = x.crm JOIN message m ON m.id = ?3"
	" JOIN crm_setting s ON s.crm = x.crm AND s.key IN ('hook', 'events')"
	" WHERE x.crm = ?1 AND x.key = ?2 AND x.kind = 0 AND s.value NOT IN ('', 'no')"
	" AND (EXISTS (SELECT 1 FROM crm_setting b WHERE b.crm = x.crm"
	"  AND b.key = 'hook_backfill' AND b.value = 'yes')"
	" OR m.received >= ifnull((SELECT CAST(t.value AS INTEGER) FROM crm_setting t"
	"  WHERE t.crm = x.crm AND t.key = s.key || '_since'), k.added_at))";
/* After a failure everybody behind it waits as well, the first times: what is broken then is the
 * listener, not the event. */
static const char SQL_HOLD[] =
	"SELECT max(not_before) FROM hook_event WHERE crm = ? AND sink = ? AND state = 0"
	" AND attempts BETWEEN 1 AND 3 AND not_before > ?";
static const char SQL_NEXT_TIME[] = "SELECT min(not_before) FROM hook_event WHERE crm = ?"
				    " AND sink = ? AND state = 0 AND not_before > ?";
/* 0 local, 2 logged: what is not in the CRM yet is not told */
static const char SQL_DUE[] =
	"SELECT h.id, x.key, x.direction, ifnull(c.crm_id, 'local:' || c.id),"
	" ifnull(p.crm_id, 'local:' || p.id), h.told_at, h.attempts"
	" FROM hook_event h JOIN activity x ON x.id = h.activity"
	" LEFT JOIN contact c ON c.id = x.contact LEFT JOIN partner p ON p.id = x.partner"
	" WHERE h.crm = ? AND h.sink = ? AND h.state = 0 AND h.not_before <= ?"
	" AND x.state IN (0, 2) ORDER BY h.id LIMIT 1";
static const char SQL_BEGIN[] =
	"UPDATE hook_event SET attempts = attempts + 1,"
	" told_at = CASE told_at WHEN 0 THEN ?2 ELSE told_at END WHERE id = ?1";
static const char SQL_DONE[] = "UPDATE hook_event SET state = 1, not_before = 0 WHERE id = ?";
static const char SQL_DEFER[] = "UPDATE hook_event SET not_before = ?2 WHERE id = ?1";
static const char SQL_GIVE_UP[] = "UPDATE hook_event SET state = 2 WHERE id = ?";
static const char SQL_WAITING[] = "SELECT count(*) FROM hook_event h JOIN activity x"
				  " ON x.id = h.activity AND x.state IN (0, 2)"
				  " WHERE h.crm = ? AND h.sink IN (1, 2) AND h.state = 0";
static const char SQL_GIVEN_UP[] = "SELECT count(*) FROM hook_event WHERE crm = ? AND state = 2";

int hook_event_add(struct write *w, int64_t crm, const char *key, int64_t message, struct err *e)
{
	return db_run(w->db, e, SQL_ADD, "iti", crm, key, message);
}

static struct hook_event *read_event(struct arena *a, sqlite3_stmt *q)
{
	struct hook_event *x = arena_alloc(a, sizeof(*x));
	*x = (struct hook_event){
		.id = sqlite3_column_int64(q, 0),
		.key = db_text(a, q, 1),
		.is_out = sqlite3_column_int(q, 2) == 2,
		.contact_id = db_text(a, q, 3),
		.partner_id = db_text(a, q, 4),
		.told_at = sqlite3_column_int64(q, 5),
		.attempts = (uint32_t)sqlite3_column_int64(q, 6),
	};
	sqlite3_reset(q);
	return x;
}

int hook_event_due(struct store_reader *r, struct arena *a, int64_t crm, enum hook_sink sink,
	int64_t now, struct hook_event **out, int64_t *not_before, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int64_t hold = 0;
	*out = NULL;
	*not_before = 0;
	if (db_value(d, &hold, e, SQL_HOLD, "iii", crm, (int64_t)sink, now))
		return -1;
	if (hold) {
		*not_before = hold;
		return 0;
	}
	if (db_query(d, &q, e, SQL_DUE, "iii", crm, (int64_t)sink, now))
		return -1;
	int rc = db_step(d, q, e);
	if (rc > 0)
		*out = read_event(a, q);
	if (rc)
		return rc < 0 ? -1 : 0;
	return db_value(d, not_before, e, SQL_NEXT_TIME, "iii", crm, (int64_t)sink, now);
}

struct step_args {
	const char *sql;
	int64_t id, at;
	bool has_at;
};

static int write_step(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return a->has_at ? db_run(w->db, e, a->sql, "ii", a->id, a->at)
			 : db_run(w->db, e, a->sql, "i", a->id);
}

/* Each of them is on disk before anything else happens. */
static int step(struct store *s, struct step_args a, struct err *e)
{
	return writer_call(&s->main, WRITE_FULL, write_step, &a, e);
}

int hook_event_begin(struct store *s, int64_t id, int64_t now, struct err *e)
{
	return step(s, (struct step_args){SQL_BEGIN, id, now, true}, e);
}

int hook_event_done(struct store *s, int64_t id, struct err *e)
{
	return step(s, (struct step_args){.sql = SQL_DONE, .id = id}, e);
}

int hook_event_defer(struct store *s, int64_t id, int64_t not_before, struct err *e)
{
	return step(s, (struct step_args){SQL_DEFER, id, not_before, true}, e);
}

int hook_event_give_up(struct store *s, int64_t id, struct err *e)
{
	return step(s, (struct step_args){.sql = SQL_GIVE_UP, .id = id}, e);
}

int hook_event_counts(struct store_reader *r, int64_t crm, int64_t *waiting, int64_t *given_up,
	struct err *e)
{
	struct db *d = reader_db(r);
	*waiting = *given_up = 0;
	return db_value(d, waiting, e, SQL_WAITING, "i", crm) ||
			       db_value(d, given_up, e, SQL_GIVEN_UP, "i", crm)
		       ? -1
		       : 0;
}
