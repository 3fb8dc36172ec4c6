/* reminder.c - see reminder.h and reminder_private.h. */
#include "config.h"

#include "reminder_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/mail/report.h"
#include "crmail/store/notice.h"
#include "crmail/store/reminder.h"

#include "hash64.h"
#include "notice_private.h"
#include "thread_private.h"

#define KEEP_ENDED_S (30 * 86400LL)

/* Role 3: drafts; bit 1 of listed: it lies somewhere. */
static const char SQL_NEWEST[] =
	"SELECT m.id, m.account, m.date, m.facts & ?2, (SELECT max(o.id) FROM message o"
	"  WHERE o.thread = ?1 AND o.facts & ?2 = 0) FROM message m WHERE m.thread = ?1"
	" AND m.listed & 1 AND NOT EXISTS (SELECT 1 FROM placement p JOIN folder f"
	"  ON f.id = p.folder AND f.role = 3 WHERE p.message = m.id AND p.is_shown = 1)"
	" ORDER BY m.id DESC LIMIT 1";
static const char SQL_PUT[] = "INSERT INTO reminder (id, account, thread, message, after, made_at,"
			      " due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char SQL_END[] = "UPDATE reminder SET ended_at = ?2, why = ?3, ended_by = ?4"
			      " WHERE thread = ?1 AND ended_at = 0";
/* Of somebody else and of a person, who may write through a list; a copy that turned up later is no
 * news. */
static const char SQL_ANSWERED[] =
	"UPDATE reminder SET ended_at = ?2, why = ?3 WHERE thread = ?1 AND ended_at = 0 AND EXISTS"
	" (SELECT 1 FROM message m WHERE m.thread = ?1 AND m.id > reminder.after"
	"  AND m.copy_of = m.id AND m.facts & ?4 = 0 AND m.facts & ?5 <> ?6)";
static const char SQL_MOVE[] = "UPDATE reminder SET thread = ?2 WHERE thread = ?1";
/* All but the one that is due first. */
static const char SQL_END_LATER[] =
	"UPDATE reminder SET ended_at = ?2, why = ?3 WHERE thread = ?1 AND ended_at = 0"
	" AND id <> (SELECT o.id FROM reminder o WHERE o.thread = ?1 AND o.ended_at = 0"
	"  ORDER BY o.due_at, o.id LIMIT 1)";
/* The mail that bounced is what the reminder hangs on, or was sent after it. */
static const char SQL_BOUNCED[] =
	"SELECT r.thread, r.message, r.account FROM message b CROSS JOIN reminder r"
	" ON r.thread = b.thread AND r.ended_at = 0 WHERE b.mid_hash = ?1 AND b.mid = ?2"
	" AND b.account = ?3 AND b.facts & ?4 AND (b.id >= r.message OR b.copy_of = r.message)"
	" LIMIT 1";
static const char SQL_FORGET_ENDED[] = "DELETE FROM reminder WHERE ended_at <> 0 AND ended_at < ?1";
static const char SQL_TELL[] =
	"INSERT INTO notice (kind, at, account, message, thread) SELECT ?2, ?1, account, message,"
	" thread FROM reminder WHERE ended_at = 0 AND told_at = 0 AND due_at <= ?1"
	" ORDER BY due_at, id";
static const char SQL_TOLD[] = "UPDATE reminder SET told_at = ?1"
			       " WHERE ended_at = 0 AND told_at = 0 AND due_at <= ?1";
static const char SQL_NOTE_BOUNCE[] = "INSERT INTO notice (kind, at, account, message, thread)"
				      " VALUES (?1, ?2, ?3, ?4, ?5)";
/* What was told of a reminder that is over needs nobody. */
static const char SQL_SEEN[] =
	"UPDATE notice SET is_seen = 1 WHERE is_seen = 0 AND kind = ?2 AND message IN"
	" (SELECT message FROM reminder WHERE thread = ?1 AND ended_at <> 0)";
static const char SQL_OF_ACT[] =
	"SELECT thread FROM reminder WHERE id = ?1 UNION ALL"
	" SELECT thread FROM reminder WHERE ended_by = ?1 AND ended_by <> 0"
	" LIMIT 1";
static const char SQL_SEEN_UNMADE[] =
	"UPDATE notice SET is_seen = 1 WHERE is_seen = 0 AND kind = ?2 AND message IN"
	" (SELECT message FROM reminder WHERE id = ?1)";
static const char SQL_UNMAKE[] = "DELETE FROM reminder WHERE id = ?";
static const char SQL_REOPEN[] =
	"UPDATE reminder SET ended_at = 0, why = 0, ended_by = 0 WHERE ended_by = ?1"
	" AND ended_by <> 0 AND NOT EXISTS (SELECT 1 FROM reminder o"
	"  WHERE o.thread = reminder.thread AND o.ended_at = 0)";

#define COLUMNS "SELECT id, thread, message, account, made_at, due_at, told_at FROM reminder"
static const char SQL_GET[] = COLUMNS " WHERE thread = ?1 AND ended_at = 0 ORDER BY due_at LIMIT 1";
static const char SQL_DUE[] =
	COLUMNS " WHERE ended_at = 0 AND due_at <= ?1 ORDER BY due_at LIMIT ?2";
static const char SQL_NEXT[] = "SELECT due_at FROM reminder WHERE ended_at = 0 AND told_at = 0"
			       " AND due_at > 0 ORDER BY due_at LIMIT 1";

/* ---- writer ---------------------------------------------------------------------------------- */

/* Lists show it, and the screen's timer goes by it. */
static void tell(struct write *w, int64_t account, int64_t thread)
{
	write_event(w, EV_MESSAGES, account, 0, thread, 1);
	write_event(w, EV_FOLDERS, 0, 0, 0, 1);
}

static int end_told(struct write *w, int64_t thread, struct err *e)
{
	tell(w, 0, thread);
	return db_run(w->db, e, SQL_SEEN, "ii", thread, (int64_t)NOTICE_REMINDER);
}

static int end_open(struct write *w, int64_t thread, enum reminder_why why, int64_t group,
	struct err *e)
{
	if (db_run(w->db, e, SQL_END, "iiii", thread, w->now, (int64_t)why, group))
		return -1;
	return db_changes(w->db) > 0 ? end_told(w, thread, e) : 0;
}

int reminder_look(struct write *w, int64_t thread, struct err *e)
{
	if (db_run(w->db, e, SQL_ANSWERED, "iiiiii", thread, w->now, (int64_t)REMINDER_ANSWERED,
		    (int64_t)FACT_OWN, (int64_t)(FACT_AUTO | FACT_LIST), (int64_t)FACT_AUTO))
		return -1;
	return db_changes(w->db) > 0 ? end_told(w, thread, e) : 0;
}

int reminder_move(struct write *w, int64_t from, int64_t to, struct err *e)
{
	return db_run(w->db, e, SQL_MOVE, "ii", from, to) ||
			       db_run(w->db, e, SQL_END_LATER, "iii", to, w->now,
				       (int64_t)REMINDER_REPLACED)
		       ? -1
		       : 0;
}

struct bounced {
	int64_t thread, message, account;
};

static int find_bounced(struct write *w, int64_t account, const char *mid, struct bounced *out,
	struct err *e)
{
	sqlite3_stmt *q;
	if (!mid || out->thread)
		return 0;
	if (db_query(w->db, &q, e, SQL_BOUNCED, "itii", hash64(mid, strlen(mid)), mid, account,
		    (int64_t)FACT_OWN))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	*out = (struct bounced){
		sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2)};
	sqlite3_reset(q);
	return 0;
}

static bool has_failed(const struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].action == REPORT_FAILED)
			return true;
	return false;
}

/* The reminder is over, and somebody who has more than one recipient should know of it. */
int reminder_take_report(struct write *w, int64_t account, const struct report *r, struct err *e)
{
	struct bounced b = {.thread = 0};
	if (!r || !has_failed(r))
		return 0;
	if (find_bounced(w, account, r->envelope_id, &b, e) ||
		find_bounced(w, account, r->message_id, &b, e))
		return -1;
	if (!b.thread)
		return 0;
	return end_open(w, b.thread, REMINDER_BOUNCED, 0, e) ||
			       db_run(w->db, e, SQL_NOTE_BOUNCE, "iiiii", (int64_t)NOTICE_BOUNCED,
				       w->now, b.account, b.message, b.thread)
		       ? -1
		       : 0;
}

int reminder_fall_due(struct write *w, struct err *e)
{
	if (db_run(w->db, e, SQL_TELL, "ii", w->now, (int64_t)NOTICE_REMINDER))
		return -1;
	if (db_changes(w->db) == 0)
		return 0;
	tell(w, 0, 0);
	return db_run(w->db, e, SQL_TOLD, "i", w->now);
}

int reminder_undo(struct write *w, int64_t group, struct err *e)
{
	int64_t thread = 0;
	if (db_value(w->db, &thread, e, SQL_OF_ACT, "i", group))
		return -1;
	if (!thread)
		return 0;
	tell(w, 0, thread);
	/* Somebody may have answered since it was ended. */
	return db_run(w->db, e, SQL_SEEN_UNMADE, "ii", group, (int64_t)NOTICE_REMINDER) ||
			       db_run(w->db, e, SQL_UNMAKE, "i", group) ||
			       db_run(w->db, e, SQL_REOPEN, "i", group) ||
			       reminder_look(w, thread, e)
		       ? -1
		       : 0;
}

/* ---- user calls ------------------------------------------------------------------------------ */

struct reminder_args {
	int64_t thread, due_at, group;
};

/* An answer is what comes after the newest mail, and after all that others wrote before. A copy in
 * Sent may be younger than its mail: the answer may have been quicker. */
static int read_newest(struct write *w, int64_t thread, struct reminder *out, int64_t *after,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_NEWEST, "ii", thread, (int64_t)FACT_OWN))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("This conversation is no longer here."));
	out->message = sqlite3_column_int64(q, 0);
	out->account = sqlite3_column_int64(q, 1);
	int64_t received = out->message >> 20, date = sqlite3_column_int64(q, 2);
	*after = sqlite3_column_int64(q, 4);
	int64_t sent = (date > 0 && date < received ? date : received) << 20;
	if (sqlite3_column_int64(q, 3) && sent > *after)
		*after = sent;
	sqlite3_reset(q);
	return 0;
}

static int write_set(struct write *w, void *arg, struct err *e)
{
	const struct reminder_args *a = arg;
	struct reminder r = {.id = a->group};
	int64_t thread = a->thread, after = 0;
	if (thread_resolve(w->db, &thread, e) || read_newest(w, thread, &r, &after, e) ||
		db_run(w->db, e, SQL_FORGET_ENDED, "i", w->now - KEEP_ENDED_S) ||
		end_open(w, thread, REMINDER_REPLACED, a->group, e))
		return -1;
	tell(w, r.account, thread);
	return db_run(w->db, e, SQL_PUT, "iiiiiii", a->group, r.account, thread, r.message, after,
		w->now, a->due_at);
}

static int write_end(struct write *w, void *arg, struct err *e)
{
	const struct reminder_args *a = arg;
	int64_t thread = a->thread;
	return thread_resolve(w->db, &thread, e) || end_open(w, thread, REMINDER_DONE, a->group, e)
		       ? -1
		       : 0;
}

static int64_t post(struct store *s, write_fn fn, int64_t thread, int64_t due_at, int64_t *group)
{
	struct reminder_args *a = xmalloc(sizeof(*a));
	*a = (struct reminder_args){thread, due_at, store_new_id(s)};
	if (group)
		*group = a->group;
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, fn, a, free);
}

int64_t reminder_set(struct store *s, int64_t thread, int64_t due_at, int64_t *group)
{
	return post(s, write_set, thread, due_at, group);
}

int64_t reminder_end(struct store *s, int64_t thread, int64_t *group)
{
	return post(s, write_end, thread, 0, group);
}

static int write_tell(struct write *w, void *arg, struct err *e)
{
	(void)arg;
	return reminder_fall_due(w, e);
}

int64_t reminder_tell(struct store *s)
{
	return writer_post(&s->main, WRITE_USER, write_tell, NULL, NULL);
}

/* ---- reading --------------------------------------------------------------------------------- */

static struct reminder row_of(sqlite3_stmt *q)
{
	return (struct reminder){
		.id = sqlite3_column_int64(q, 0),
		.thread = sqlite3_column_int64(q, 1),
		.message = sqlite3_column_int64(q, 2),
		.account = sqlite3_column_int64(q, 3),
		.made_at = sqlite3_column_int64(q, 4),
		.due_at = sqlite3_column_int64(q, 5),
		.told_at = sqlite3_column_int64(q, 6),
	};
}

int reminder_get(struct store_reader *r, struct arena *a, int64_t thread, struct reminder **out,
	struct err *e)
{
	struct db *d = reader_db(r);
	struct reminder *row = NULL;
	sqlite3_stmt *q;
	if (thread_resolve(d, &thread, e) || db_query(d, &q, e, SQL_GET, "i", thread))
		return -1;
	int rc = db_step(d, q, e);
	if (rc == 1) {
		row = arena_alloc(a, sizeof(*row));
		*row = row_of(q);
		sqlite3_reset(q);
	}
	if (rc < 0)
		return -1;
	*out = row;
	return 0;
}

int reminder_list_due(struct store_reader *r, struct arena *a, int64_t now, size_t max,
	struct reminder **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	struct reminder *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_DUE, "ii", now, (int64_t)max))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = row_of(q);
	}
	*out = v;
	*n = count;
	return rc;
}

int reminder_next(struct store_reader *r, int64_t *due_at, struct err *e)
{
	*due_at = 0;
	return db_value(reader_db(r), due_at, e, SQL_NEXT, "");
}
