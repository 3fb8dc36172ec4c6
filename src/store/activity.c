/*
 * activity.c - entries to be logged to the CRM, as a queue; the CRM's own entries as they come;
 * how a mail stands. Timelines are in timeline.c.
 */
#include "config.h"

#include "crm_private.h"

#include <string.h>

#include "crmail/base/i18n.h"

#include "hash64.h"
#include "notice_private.h"
#include "record_private.h"

#define QUEUE_COLUMNS                                                                              \
	"SELECT x.id, x.key, x.message_id, x.subject, x.body, x.journal,"                          \
	" x.direction, x.doubt, x.at, x.attempts, c.crm_id, p.crm_id, l.crm_id, x.reason, "        \
	"e.crm_id"                                                                                 \
	" FROM activity x LEFT JOIN contact c ON c.id = x.contact"                                 \
	" LEFT JOIN partner p ON p.id = x.partner LEFT JOIN lead l ON l.id = x.lead"               \
	" LEFT JOIN deal e ON e.id = x.deal"
/* Not before the CRM has its people, for their ids are part of its own; not while the mail is to be
 * looked at again. */
static const char SQL_NEXT[] = QUEUE_COLUMNS
	" WHERE x.crm = ?1 AND x.state = 1"
	" AND x.not_before <= ?2 AND NOT " RECORD_HAS_WRITE("5",
		"x.id") " AND NOT (x.contact <> 0 AND c.id IS NOT NULL AND c.crm_id IS NULL)"
			" AND NOT (x.partner <> 0 AND p.id IS NOT NULL AND p.crm_id IS NULL)"
			" AND NOT EXISTS (SELECT 1 FROM match_queue m WHERE m.message = x.message)"
			" ORDER BY x.at, x.id LIMIT 1";
static const char SQL_PARKED[] =
	QUEUE_COLUMNS " WHERE x.crm = ?1 AND x.state = 3 AND NOT " RECORD_HAS_WRITE("5",
		"x.id") " ORDER BY x.id LIMIT ?2";
static const char SQL_BEGIN[] =
	"UPDATE activity SET attempts = attempts + 1, doubt = 1 WHERE id = ? AND state = 1"
	" AND NOT EXISTS (SELECT 1 FROM match_queue m WHERE m.message = activity.message)";
static const char SQL_SAVE[] = "UPDATE activity SET journal = ?2 WHERE id = ?1";
static const char SQL_DONE[] = "UPDATE activity SET"
			       " state = CASE state WHEN 4 THEN 4 ELSE 2 END, doubt = 0,"
			       " crm_id = ?2, reason = NULL, journal = NULL WHERE id = ?1";
static const char SQL_PARK[] =
	"UPDATE activity SET state = 3, doubt = ?3, reason = ?2 WHERE id = ?1";
static const char SQL_CRM[] = "SELECT crm FROM activity WHERE id = ?";
static const char SQL_DEFER[] = "UPDATE activity SET not_before = ?2, doubt = ?3 WHERE id = ?1";
static const char SQL_MESSAGE[] = "SELECT message FROM activity WHERE id = ?";
/* An entry that is shown through its mail has the mail's words; of a mail that was purged here the
 * CRM's entry is left, without a word of it. */
#define KEEPS_ITS_TEXT "(message <> 0 OR kind = 0 AND subject IS NULL AND body IS NULL)"
static const char SQL_PUT_ENTRY[] =
	"INSERT INTO activity (id, crm, key, crm_id, message_id, kind,"
	" direction, type, at, subject, body, contact_crm_id, partner_crm_id, lead_crm_id, by,"
	" duration_min, due_at, status, deal_crm_id, contact, partner, lead, deal, state)"
	" VALUES (" PULLED_ID(
		"activity") ", ?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
			    " ?12, ?13, ?14, ?15, ?16, ?17,"
			    " ifnull((SELECT id FROM contact WHERE crm = ?1 AND crm_id = ?10), 0),"
			    " ifnull((SELECT id FROM partner WHERE crm = ?1 AND crm_id = ?11), 0),"
			    " ifnull((SELECT id FROM lead WHERE crm = ?1 AND crm_id = ?12), 0),"
			    " ifnull((SELECT id FROM deal WHERE crm = ?1 AND crm_id = ?17), 0), 2)"
			    " ON CONFLICT (crm, key) DO UPDATE SET crm_id = ?2, state = 2, doubt = "
			    "0, reason = NULL, type = ?6,"
			    " by = ?13, contact_crm_id = ?10, partner_crm_id = ?11, lead_crm_id = "
			    "?12,"
			    " duration_min = ?14, due_at = ?15, status = ?16,"
			    " deal_crm_id = iif(?18, ?17, deal_crm_id),"
			    " deal = iif(?18 AND message = 0, excluded.deal, deal),"
			    " at = CASE message WHEN 0 THEN ?7 ELSE at END,"
			    " subject = CASE WHEN " KEEPS_ITS_TEXT " THEN subject ELSE ?8 END,"
			    " body = CASE WHEN " KEEPS_ITS_TEXT " THEN body ELSE ?9 END,"
			    " contact = CASE message WHEN 0 THEN excluded.contact ELSE contact END,"
			    " partner = CASE message WHEN 0 THEN excluded.partner ELSE partner END"
			    /* What is as it was is left alone: timelines hang on each row. */
			    " WHERE (crm_id, state, doubt, reason, type, by, contact_crm_id,"
			    " partner_crm_id, lead_crm_id, duration_min, due_at, status,"
			    " deal_crm_id) IS NOT (?2, 2, 0, NULL, ?6, ?13, ?10, ?11, ?12, ?14,"
			    " ?15, ?16, iif(?18, ?17, deal_crm_id))"
			    " OR message = 0 AND (at, contact, partner, deal) IS NOT (?7,"
			    " excluded.contact, excluded.partner, iif(?18, excluded.deal, deal))"
			    " OR NOT " KEEPS_ITS_TEXT " AND (subject, body) IS NOT (?8, ?9)";
static const char SQL_OPEN_TASKS[] =
	"SELECT crm_id FROM activity WHERE crm = ? AND kind = 4 AND state = 2"
	" AND crm_id IS NOT NULL AND ifnull(status, '') <> 'completed'"
	" ORDER BY due_at, id LIMIT ?";
static const char SQL_WRITTEN[] =
	"SELECT x.id FROM activity x WHERE x.crm = ? AND x.key = ? AND " RECORD_HAS_WRITE("5",
		"x.id");
/* An entry about a mail that is here is shown as that mail, whoever wrote it. */
static const char SQL_IS_ABOUT[] =
	"UPDATE activity SET message = ifnull((SELECT m.id FROM message m JOIN account a"
	" ON a.id = m.account WHERE m.mid_hash = ?3 AND m.mid = ?4 AND a.crm = ?1"
	" ORDER BY m.copy_of <> m.id, m.id LIMIT 1), 0)"
	" WHERE crm = ?1 AND key = ?2 AND message = 0 AND kind = 0";
static const char SQL_PEOPLE_OF[] =
	"SELECT x.contact, x.partner, ifnull(c.partner, 0) FROM activity x"
	" LEFT JOIN contact c ON c.id = x.contact WHERE x.crm = ? AND x.key = ?";
static const char SQL_STATE_OF[] =
	"SELECT state, reason FROM activity WHERE message = ? AND message <> 0"
	" AND state <> 4 ORDER BY CASE state WHEN 3 THEN 0 WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 3 END"
	" LIMIT 1";
static const char SQL_WHY_NOT[] =
	"SELECT ifnull(k.reason, (SELECT x.reason FROM activity x WHERE x.message = k.message"
	" AND x.message <> 0 AND x.state = 4 AND x.reason = 'deleted'))"
	" FROM mail_crm k WHERE k.message = ?";

static const char *target_of(struct arena *a, const struct activity_row *x)
{
	if (x->contact_id)
		return arena_printf(a, "contact:%s", x->contact_id);
	if (x->partner_id)
		return arena_printf(a, "partner:%s", x->partner_id);
	return x->lead_id ? arena_printf(a, "lead:%s", x->lead_id) : "none";
}

static int read_queue(struct db *d, sqlite3_stmt *q, struct arena *a, struct activity_row **out,
	size_t *n, struct err *e)
{
	struct activity_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count] = (struct activity_row){
			.id = sqlite3_column_int64(q, 0),
			.key = db_text(a, q, 1),
			.message_id = db_text(a, q, 2),
			.subject = db_text(a, q, 3),
			.body = db_text(a, q, 4),
			.journal = db_text(a, q, 5),
			.is_out = sqlite3_column_int(q, 6) == 2,
			.is_doubtful = sqlite3_column_int(q, 7),
			.at = sqlite3_column_int64(q, 8),
			.attempts = (uint32_t)sqlite3_column_int64(q, 9),
			.contact_id = db_text(a, q, 10),
			.partner_id = db_text(a, q, 11),
			.lead_id = db_text(a, q, 12),
			.reason = db_text(a, q, 13),
			.deal_id = db_text(a, q, 14),
		};
		v[count].target = target_of(a, &v[count]);
		count++;
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int activity_due(struct store_reader *r, struct arena *a, int64_t crm, int64_t now,
	struct activity_row **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct activity_row *v = NULL;
	size_t n = 0;
	if (db_query(d, &q, e, SQL_NEXT, "ii", crm, now) || read_queue(d, q, a, &v, &n, e))
		return -1;
	*out = n ? v : NULL;
	return 0;
}

int activity_parked(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct activity_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_PARKED, "ii", crm, (int64_t)max))
		return -1;
	return read_queue(d, q, a, out, n, e);
}

struct step_args {
	int64_t id, at, flag;
	const char *text;
};

static int tell(struct write *w, int64_t id, struct err *e)
{
	int64_t message = 0;
	if (db_value(w->db, &message, e, SQL_MESSAGE, "i", id))
		return -1;
	write_event(w, EV_CONTACTS, 0, 0, message, 1);
	return 0;
}

static int write_begin(struct write *w, void *arg, struct err *e)
{
	if (db_run(w->db, e, SQL_BEGIN, "i", ((const struct step_args *)arg)->id))
		return -1;
	if (!db_changes(w->db))
		return err_set(e, ERR_NOTFOUND, "%s", _("This entry was taken back."));
	return 0;
}

int activity_begin(struct store *s, int64_t id, struct err *e)
{
	struct step_args a = {.id = id};
	return writer_call(&s->main, WRITE_FULL, write_begin, &a, e);
}

static int write_save(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return db_run(w->db, e, SQL_SAVE, "it", a->id, a->text);
}

int activity_save(struct store *s, int64_t id, const char *journal, struct err *e)
{
	struct step_args a = {.id = id, .text = journal};
	return writer_call(&s->main, WRITE_FULL, write_save, &a, e);
}

static int write_done(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return db_run(w->db, e, SQL_DONE, "it", a->id, a->text) || tell(w, a->id, e) ? -1 : 0;
}

int activity_done(struct store *s, int64_t id, const char *crm_id, struct err *e)
{
	struct step_args a = {.id = id, .text = crm_id};
	return writer_call(&s->main, 0, write_done, &a, e);
}

static int write_park(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	int64_t crm = 0;
	return db_run(w->db, e, SQL_PARK, "iti", a->id, a->text, a->flag) || tell(w, a->id, e) ||
			       db_value(w->db, &crm, e, SQL_CRM, "i", a->id) ||
			       notice_alert(w, NOTICE_REFUSED, 0, crm, a->text, e)
		       ? -1
		       : 0;
}

int activity_park(struct store *s, int64_t id, bool is_doubtful, const char *reason, struct err *e)
{
	struct step_args a = {.id = id, .flag = is_doubtful, .text = reason};
	return writer_call(&s->main, WRITE_FULL, write_park, &a, e);
}

static int write_defer(struct write *w, void *arg, struct err *e)
{
	const struct step_args *a = arg;
	return db_run(w->db, e, SQL_DEFER, "iii", a->id, a->at, a->flag);
}

int activity_defer(struct store *s, int64_t id, int64_t not_before, bool is_doubtful, struct err *e)
{
	struct step_args a = {.id = id, .at = not_before, .flag = is_doubtful};
	return writer_call(&s->main, 0, write_defer, &a, e);
}

/* What was done touches people; what is to be done, and what a machine noticed, does not. */
static int touch_by_entry(struct write *w, int64_t crm, const struct entry_in *x, struct err *e)
{
	sqlite3_stmt *q;
	if (x->kind == ENTRY_TASK || x->kind == ENTRY_TRACKING)
		return 0;
	if (db_query(w->db, &q, e, SQL_PEOPLE_OF, "it", crm, x->crm_id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	int64_t contact = sqlite3_column_int64(q, 0);
	int64_t partner = sqlite3_column_int64(q, 1);
	int64_t theirs = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	return touch_people(w, contact, partner ? partner : theirs, x->at, e);
}

static int put_entry(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct entry_in *x = (const struct entry_in *)records + i;
	int64_t direction = !x->has_direction ? 0 : x->is_out ? 2 : 1;
	int64_t written = 0;
	if (db_run(w->db, e, SQL_PUT_ENTRY,
		    "ittiititttttt"
		    "iitti",
		    page->crm, x->crm_id, x->message_id, (int64_t)x->kind, direction, x->type,
		    x->at, x->subject, x->body, x->contact_crm_id, x->partner_crm_id,
		    x->lead_crm_id, x->by, x->duration_min, x->due_at, x->status, x->deal_crm_id,
		    (int64_t)x->tells_deal))
		return -1;
	bool has_changed = db_changes(w->db) != 0;
	if (db_value(w->db, &written, e, SQL_WRITTEN, "it", page->crm, x->crm_id) ||
		(written && record_pulled(w, RECORD_ACTIVITY, written, e)))
		return -1;
	if (!has_changed)
		return 0;
	if (x->message_id && x->kind == ENTRY_EMAIL &&
		db_run(w->db, e, SQL_IS_ABOUT, "itit", page->crm, x->crm_id,
			hash64(x->message_id, strlen(x->message_id)), x->message_id))
		return -1;
	page->n_changed++;
	return touch_by_entry(w, page->crm, x, e);
}

int entry_put(struct store *s, struct put_page *p, const struct entry_in *v, size_t n,
	struct err *e)
{
	return put_page(s, p, put_entry, v, n, e);
}

int entry_open_tasks(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	const char *const **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(d, &q, e, SQL_OPEN_TASKS, "ii", crm, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = db_text(a, q, 0);
	}
	*out = v;
	return rc;
}

int log_state_of(struct store_reader *r, struct arena *a, int64_t message, enum log_state *out,
	const char **reason, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*reason = NULL;
	*out = LOG_LOCAL;
	if (db_query(d, &q, e, SQL_STATE_OF, "i", message))
		return -1;
	int rc = db_step(d, q, e);
	if (rc > 0) {
		*out = (enum log_state)sqlite3_column_int(q, 0);
		*reason = db_text(a, q, 1);
		sqlite3_reset(q);
	}
	if (rc)
		return rc < 0 ? -1 : 0;
	if (db_query(d, &q, e, SQL_WHY_NOT, "i", message) || (rc = db_step(d, q, e)) < 0)
		return -1;
	if (!rc)
		return 0;
	const char *word = db_text(a, q, 0);
	sqlite3_reset(q);
	if (word) {
		*out = LOG_NOT;
		*reason = log_reason(word);
	}
	return 0;
}
