/*
 * match.c - what mail has to do with people: the queue of messages to look at, and what was found.
 * Who matches whom is decided elsewhere (the CRM worker); this file keeps it.
 */
#include "config.h"

#include "crm_private.h"

#include <string.h>

#include "hook_event_private.h"
#include "thread_private.h"

/* What was not said: it lies in Drafts; or it is marked as a draft, wherever it is but in Sent; or
 * it is our own, was looked at nowhere before its last folder lost it, and the outbox knows nothing
 * of it being sent. So the versions of a draft that were replaced or thrown away are nobody's
 * mail. */
#define IS_IN(role)                                                                                \
	"EXISTS (SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder AND f.role = " role    \
	" WHERE p.message = m.id)"
#define NEVER_SAID                                                                                 \
	"m.facts & 9 = 1 AND NOT EXISTS (SELECT 1 FROM placement p WHERE p.message = m.id)"        \
	" AND NOT EXISTS (SELECT 1 FROM mail_crm k WHERE k.message = m.id)"                        \
	" AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.state = 6"                                \
	"  AND (s.message_id = m.mid OR s.far_message_id = m.mid))"
#define MARKED "m.flags & 8 AND NOT " IS_IN("2")
#define IS_DRAFT "(" IS_IN("3") " OR (" MARKED ") OR (" NEVER_SAID "))"

#define JOB                                                                                        \
	"SELECT m.id, m.account, m.thread, m.date, m.facts, m.snippet,"                            \
	" m.copy_of = m.id OR NOT EXISTS (SELECT 1 FROM message o JOIN account x"                  \
	"  ON x.id = o.account WHERE o.id = m.copy_of AND x.crm = a.crm),"                         \
	" NOT EXISTS (SELECT 1 FROM message o WHERE o.thread = m.thread"                           \
	"  AND (o.date, o.id) < (m.date, m.id) AND o.copy_of <> m.copy_of),"                       \
	" b.reason IS NOT NULL, (SELECT group_concat(f.role || ':' || f.name, char(10))"           \
	"  FROM placement p JOIN folder f ON f.id = p.folder WHERE p.message = m.id"               \
	"  AND p.is_shown), a.crm"
/* Nobody is in a mail whose head is not there yet: it is not looked at before. */
static const char SQL_DUE[] =
	JOB " FROM match_queue q CROSS JOIN message m ON m.id = q.message"
	    " JOIN account a ON a.id = m.account LEFT JOIN mail_crm b ON b.message = m.id"
	    " WHERE a.crm = ? AND (SELECT f.indexed FROM message f WHERE f.id = m.copy_of)"
	    " AND NOT " IS_DRAFT " ORDER BY q.message LIMIT ?";
static const char SQL_JOB_OF[] = JOB " FROM message m JOIN account a ON a.id = m.account"
				     " LEFT JOIN mail_crm b ON b.message = m.id WHERE m.id = ?"
				     " AND a.crm <> 0 AND NOT " IS_DRAFT;
static const char SQL_THREAD_TARGETS[] =
	"SELECT DISTINCT l.kind, l.target, ifnull(c.partner, 0)"
	" FROM message m JOIN mail_crm k ON k.message = m.id AND k.crm = ?3"
	" JOIN link l ON l.message = m.id LEFT JOIN contact c"
	" ON l.kind = 1 AND c.id = l.target WHERE m.thread = ?1 AND m.id <> ?2"
	" AND ifnull(c.gone_at, 0) = 0"
	" AND l.is_target = 1 AND l.how <> 2 ORDER BY 1, 2 LIMIT 64";
static const char SQL_HAS_OWN[] =
	"SELECT 1 FROM message m WHERE m.thread = ?1 AND m.facts & ?2 AND NOT " IS_DRAFT " LIMIT 1";
static const char SQL_CONTACT_ID[] =
	"SELECT ifnull(crm_id, 'local:' || id) FROM contact WHERE id = ?";
static const char SQL_PARTNER_ID[] =
	"SELECT ifnull(crm_id, 'local:' || id) FROM partner WHERE id = ?";
static const char SQL_LEAD_ID[] = "SELECT ifnull(crm_id, 'local:' || id) FROM lead WHERE id = ?";
static const char SQL_DEAL_ID[] = "SELECT ifnull(crm_id, 'local:' || id) FROM deal WHERE id = ?";

static const char SQL_TAKE[] = "DELETE FROM match_queue WHERE message = ?";
static const char SQL_NO_PARTIES[] = "DELETE FROM mail_party WHERE message = ?";
static const char SQL_ADD_PARTY[] = "INSERT OR IGNORE INTO mail_party VALUES (?, ?, ?)";
static const char SQL_NO_LINKS[] = "DELETE FROM link WHERE message = ?"
				   /* what the CRM has no more keeps the mail it had */
				   " AND NOT (kind = 1 AND EXISTS (SELECT 1 FROM contact c"
				   " WHERE c.id = target AND c.gone_at <> 0))"
				   " AND NOT (kind = 2 AND EXISTS (SELECT 1 FROM partner p"
				   " WHERE p.id = target AND p.gone_at <> 0))"
				   " AND NOT (kind = 3 AND EXISTS (SELECT 1 FROM lead d"
				   " WHERE d.id = target AND d.gone_at <> 0))";
static const char SQL_ADD_LINK[] =
	"INSERT OR IGNORE INTO link"
	" (message, kind, target, at, how, is_target, is_shown) VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char SQL_BADGE[] = "INSERT OR REPLACE INTO mail_crm VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_OWN_TARGETS[] =
	"SELECT kind, target FROM link WHERE message = ? AND is_target = 1 AND how <> 2";
static const char SQL_THREAD_HAS[] =
	"SELECT 1 FROM message m JOIN message o ON o.thread = m.thread"
	" JOIN link l ON l.message = o.id AND l.kind = ?2 AND l.target = ?3 AND l.is_target = 1"
	" AND l.how <> 2 WHERE m.id = ?1 LIMIT 1";
/* Replies that know nobody are about what the conversation is about now. */
static const char SQL_AGAIN_THREAD[] =
	"INSERT OR IGNORE INTO match_queue SELECT o.id"
	" FROM message m JOIN message o ON o.thread = m.thread JOIN mail_crm c ON c.message = o.id"
	" WHERE m.id = ?1 AND o.id <> ?1 AND " KNOWS_NOBODY("o", "c");
/* What came before it makes a reply of what seemed to begin the conversation. */
static const char SQL_AGAIN_SECOND[] =
	"INSERT OR IGNORE INTO match_queue SELECT o.id"
	" FROM message m JOIN message o ON o.thread = m.thread AND (o.date, o.id) > (m.date, m.id)"
	" JOIN mail_crm c ON c.message = o.id WHERE m.id = ?1 AND c.reason = 'unknown'"
	" ORDER BY o.date, o.id LIMIT 1";
/* The user has written: what came before is part of a conversation now. */
static const char SQL_AGAIN_ANSWERED[] =
	"INSERT OR IGNORE INTO match_queue SELECT o.id"
	" FROM message m JOIN message o ON o.thread = m.thread JOIN mail_crm c ON c.message = o.id"
	" WHERE m.id = ?1 AND m.facts & 1 AND c.reason = 'not-a-reply'";
static const char SQL_NO_STRANGERS[] = "DELETE FROM stranger_mail WHERE message = ?";
static const char SQL_ADD_STRANGER[] = "INSERT OR IGNORE INTO stranger_mail"
				       " (message, addr, crm, kind, at) VALUES (?, ?, ?, ?, ?)";
static const char SQL_PUT_RULES[] = "INSERT OR REPLACE INTO crm_cursor VALUES (?, ?, ?)";
static const char SQL_AGAIN_ALL[] =
	"INSERT OR IGNORE INTO match_queue SELECT m.id FROM account a JOIN message m"
	" ON m.account = a.id JOIN mail_crm k ON k.message = m.id WHERE a.crm = ?";
static const char SQL_WITHDRAW_ALL[] =
	"UPDATE activity SET state = 4"
	" WHERE message = ? AND message <> 0 AND state IN (0, 1) AND doubt = 0";
/* What the user gave up stays so. In a restored data folder older mail may have been logged after
 * the copy was made: in doubt. */
static const char SQL_ADD_ACTIVITY[] =
	"INSERT INTO activity (id, crm, key, message, message_id, kind,"
	" direction, at, subject, body, contact, partner, lead, deal, state, doubt)"
	" VALUES (" PULLED_ID(
		"activity") ", ?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?14, ?12,"
			    "  ?6 < ifnull((SELECT value FROM meta WHERE key = 'doubt_before'), 0))"
			    " ON CONFLICT (crm, key) DO UPDATE SET state = CASE WHEN state = 4"
			    " AND ifnull(reason, '') NOT IN ('discarded', 'deleted') THEN ?12 ELSE "
			    "state END,"
			    " message = CASE WHEN message = 0 OR ?13 THEN ?3 ELSE message END,"
			    " contact = ?9, partner = ?10, lead = ?11, deal = ?14";
static const char SQL_IS_ABOUT[] = "UPDATE activity SET message = ?1 WHERE crm = ?2"
				   " AND message_id = (SELECT mid FROM message WHERE id = ?1)"
				   " AND message = 0 AND kind = 0";
static const char SQL_MESSAGE_THERE[] = "SELECT 1 FROM message WHERE id = ?";

static struct match_job read_job(struct arena *a, sqlite3_stmt *q)
{
	return (struct match_job){
		.message = sqlite3_column_int64(q, 0),
		.account = sqlite3_column_int64(q, 1),
		.thread = sqlite3_column_int64(q, 2),
		.at = sqlite3_column_int64(q, 3),
		.is_out = sqlite3_column_int64(q, 4) & FACT_OWN,
		.is_found = sqlite3_column_int64(q, 4) & FACT_FOUND,
		.snippet = db_text(a, q, 5),
		.is_shown = sqlite3_column_int(q, 6),
		.is_first = sqlite3_column_int(q, 7),
		.was_not_logged = sqlite3_column_int(q, 8),
		.folders = db_text(a, q, 9),
	};
}

int match_due(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct match_job **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct match_job *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_DUE, "ii", crm, (int64_t)max))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = read_job(a, q);
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int match_job_of(struct store_reader *r, struct arena *a, int64_t message, struct match_job **out,
	int64_t *crm, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = NULL;
	if (db_query(d, &q, e, SQL_JOB_OF, "i", message))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	*out = arena_alloc(a, sizeof(**out));
	**out = read_job(a, q);
	*crm = sqlite3_column_int64(q, 10);
	sqlite3_reset(q);
	return 0;
}

int thread_targets(struct store_reader *r, struct arena *a, int64_t crm, int64_t thread,
	int64_t but_message, struct target_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct target_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_THREAD_TARGETS, "iii", thread, but_message, crm))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct target_row){(enum link_kind)sqlite3_column_int(q, 0),
			sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2)};
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int thread_has_own(struct store_reader *r, int64_t thread, bool *out, struct err *e)
{
	int64_t found = 0;
	if (db_value(reader_db(r), &found, e, SQL_HAS_OWN, "ii", thread, (int64_t)FACT_OWN))
		return -1;
	*out = found != 0;
	return 0;
}

const char *target_id(struct store_reader *r, struct arena *a, enum link_kind kind, int64_t id)
{
	static const char *const by_kind[] = {[LINK_CONTACT] = SQL_CONTACT_ID,
		[LINK_PARTNER] = SQL_PARTNER_ID,
		[LINK_LEAD] = SQL_LEAD_ID,
		[LINK_DEAL] = SQL_DEAL_ID};
	struct db *d = reader_db(r);
	struct err ignored = ERR_INIT;
	sqlite3_stmt *q;
	if (db_query(d, &q, &ignored, by_kind[kind], "i", id) || db_step(d, q, &ignored) <= 0)
		return NULL;
	const char *text = db_text(a, q, 0);
	sqlite3_reset(q);
	return text;
}

struct put_args {
	int64_t crm;
	const struct match_in *v;
	size_t n;
};

static int put_parties(struct write *w, int64_t crm, const struct match_in *m, struct err *e)
{
	if (db_run(w->db, e, SQL_NO_PARTIES, "i", m->message))
		return -1;
	for (size_t i = 0; i < m->n_parties; i++) {
		CLEANUP(buf_release) struct buf key = BUF_INIT(4096);
		party_key(&key, m->parties[i]);
		if (db_run(w->db, e, SQL_ADD_PARTY, "iti", crm, key.p, m->message))
			return -1;
	}
	return 0;
}

struct targets {
	struct target_row *v;
	size_t n, cap;
};

static int own_targets(struct write *w, int64_t message, struct targets *out, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_OWN_TARGETS, "i", message))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		out->v = arena_grow(&w->arena, out->v, &out->cap, out->n + 1, sizeof(*out->v));
		out->v[out->n++] = (struct target_row){
			(enum link_kind)sqlite3_column_int(q, 0), sqlite3_column_int64(q, 1), 0};
	}
	return rc;
}

/* Sets *changed when the conversation is not about this one. */
static int miss_target(struct write *w, int64_t message, enum link_kind kind, int64_t target,
	bool *changed, struct err *e)
{
	int64_t has = 0;
	if (db_value(w->db, &has, e, SQL_THREAD_HAS, "iii", message, (int64_t)kind, target))
		return -1;
	*changed = *changed || !has;
	return 0;
}

static int add_links(struct write *w, const struct match_in *m, struct err *e)
{
	for (size_t i = 0; i < m->n_links; i++) {
		const struct link_in *l = &m->links[i];
		if (db_run(w->db, e, SQL_ADD_LINK, "iiiiiii", m->message, (int64_t)l->kind,
			    l->target, m->at, (int64_t)l->how,
			    (int64_t)(l->is_target ? 1 + l->is_inherited : 0),
			    (int64_t)m->is_shown))
			return -1;
		if (l->how != LINK_TAKEN_AWAY &&
			touch_people(w, l->kind == LINK_CONTACT ? l->target : 0,
				l->kind == LINK_PARTNER ? l->target : 0, m->at, e))
			return -1;
	}
	return 0;
}

static int put_strangers(struct write *w, int64_t crm, const struct match_in *m, struct err *e)
{
	if (db_run(w->db, e, SQL_NO_STRANGERS, "i", m->message))
		return -1;
	for (size_t i = 0; m->is_shown && i < m->n_strangers; i++)
		if (db_run(w->db, e, SQL_ADD_STRANGER, "itiii", m->message, m->strangers[i].addr,
			    crm, (int64_t)m->strangers[i].kind, m->at))
			return -1;
	return 0;
}

static int put_links(struct write *w, const struct match_in *m, struct err *e)
{
	struct targets had = {.v = NULL};
	bool changed = false;
	if (own_targets(w, m->message, &had, e))
		return -1;
	for (size_t i = 0; i < m->n_links; i++) {
		const struct link_in *l = &m->links[i];
		if (l->is_target && !l->is_inherited &&
			miss_target(w, m->message, l->kind, l->target, &changed, e))
			return -1;
	}
	if (db_run(w->db, e, SQL_NO_LINKS, "i", m->message) || add_links(w, m, e))
		return -1;
	for (size_t i = 0; i < had.n; i++)
		if (miss_target(w, m->message, had.v[i].kind, had.v[i].id, &changed, e))
			return -1;
	if ((changed && db_run(w->db, e, SQL_AGAIN_THREAD, "i", m->message)) ||
		db_run(w->db, e, SQL_AGAIN_ANSWERED, "i", m->message))
		return -1;
	return m->is_first ? db_run(w->db, e, SQL_AGAIN_SECOND, "i", m->message) : 0;
}

/* Entries that wait are taken back first; those still wanted come to life again. */
static int put_activities(struct write *w, int64_t crm, const struct match_in *m, struct err *e)
{
	if (db_run(w->db, e, SQL_WITHDRAW_ALL, "i", m->message))
		return -1;
	for (size_t i = 0; i < m->n_activities; i++) {
		const struct activity_in *x = &m->activities[i];
		if (db_run(w->db, e, SQL_ADD_ACTIVITY, "ititiittiiiiii", crm, x->key, m->message,
			    x->message_id, (int64_t)(x->is_out ? 2 : 1), x->at, x->subject, x->body,
			    x->contact, x->partner, x->lead,
			    (int64_t)(x->is_local ? LOG_LOCAL : LOG_QUEUED), (int64_t)m->is_shown,
			    x->deal) ||
			hook_event_add(w, crm, x->key, m->message, e))
			return -1;
	}
	return 0;
}

static int put_one(struct write *w, int64_t crm, const struct match_in *m, struct err *e)
{
	int64_t there = 0;
	if (db_run(w->db, e, SQL_TAKE, "i", m->message) ||
		db_value(w->db, &there, e, SQL_MESSAGE_THERE, "i", m->message))
		return -1;
	if (!there)
		return 0;
	if (m->is_shown && db_run(w->db, e, SQL_IS_ABOUT, "ii", m->message, crm))
		return -1;
	return put_parties(w, crm, m, e) || put_links(w, m, e) || put_strangers(w, crm, m, e) ||
			       db_run(w->db, e, SQL_BADGE, "iiiiit", m->message, crm, m->contact,
				       m->partner, (int64_t)m->is_unknown, m->reason) ||
			       put_activities(w, crm, m, e)
		       ? -1
		       : 0;
}

static int write_matches(struct write *w, void *arg, struct err *e)
{
	const struct put_args *a = arg;
	for (size_t i = 0; i < a->n; i++)
		if (put_one(w, a->crm, &a->v[i], e))
			return -1;
	if (a->n)
		write_event(w, EV_CONTACTS, 0, 0, a->crm, (uint32_t)a->n);
	return 0;
}

int match_put(struct store *s, int64_t crm, const struct match_in *v, size_t n, struct err *e)
{
	struct put_args a = {.crm = crm, .v = v, .n = n};
	return writer_call(&s->main, 0, write_matches, &a, e);
}

struct rules_args {
	int64_t crm;
	const char *rules;
};

static const char RULES[] = "match-rules";

static int write_rules(struct write *w, void *arg, struct err *e)
{
	const struct rules_args *a = arg;
	return db_run(w->db, e, SQL_AGAIN_ALL, "i", a->crm) ||
			       db_run(w->db, e, SQL_PUT_RULES, "itt", a->crm, RULES, a->rules)
		       ? -1
		       : 0;
}

int match_rules_put(struct store *s, int64_t crm, const char *rules, struct err *e)
{
	struct rules_args a = {crm, rules};
	return writer_call(&s->main, 0, write_rules, &a, e);
}
