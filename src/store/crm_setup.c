/*
 * crm_setup.c - a CRM is changed, paused, removed; its accounts and what is logged; the mails that
 * are shown as proof before anything is. Adding one is crm.c's.
 */
#include "config.h"

#include "crmail/store/crm_setup.h"

#include <string.h>

#include "crmail/base/i18n.h"

#include "crm_private.h"
#include "thread_private.h"

static const char SQL_TAKEN[] = "SELECT 1 FROM crm WHERE name = ?2 AND id <> ?1";
static const char SQL_CHANGE[] =
	"UPDATE crm SET name = ifnull(?2, name), url = ifnull(?3, url) WHERE id = ?1";
static const char SQL_PUT_SETTING[] = "INSERT OR REPLACE INTO crm_setting VALUES (?, ?, ?)";
static const char SQL_DROP_SETTING[] = "DELETE FROM crm_setting WHERE crm = ? AND key = ?";
static const char SQL_WANTED[] = "SELECT 1 FROM crm_setting WHERE crm = ? AND key = ?";
static const char LOOK_AGAIN[] = "look-again"; /* what is logged was changed */
static const char SQL_THERE[] = "SELECT 1 FROM crm WHERE id = ?";
static const char SQL_ACCOUNTS[] = "SELECT id FROM account WHERE crm = ?";
static const char SQL_IS_ELSEWHERE[] = "SELECT 1 FROM account WHERE id = ?1"
				       " AND crm <> 0 AND crm <> ?2 AND ?2 <> 0";
static const char SQL_BIND[] = "UPDATE account SET crm = nullif(?2, 0) WHERE id = ?1"
			       " AND crm IS NOT ?2";
static const char SQL_LOGGING[] =
	"UPDATE crm SET log_side = ifnull(?2, log_side), log_mode = ifnull(?3, log_mode),"
	" log_level = ifnull(?4, log_level), log_since = ?5 WHERE id = ?1";
/* What waits is made anew under the new rules, unless it may have reached the CRM. */
#define WAITS_UNTOUCHED "state = 1 AND doubt = 0 AND journal IS NULL AND message <> 0"
static const char SQL_AGAIN_NOT_LOGGED[] =
	"INSERT OR IGNORE INTO match_queue SELECT message FROM mail_crm WHERE crm = ?"
	" AND reason IN ('off', 'before-start', 'not-a-reply', 'unknown')";
static const char SQL_AGAIN_WAITING[] =
	"INSERT OR IGNORE INTO match_queue SELECT message FROM activity"
	" WHERE crm = ? AND " WAITS_UNTOUCHED;
static const char SQL_DROP_WAITING[] = "DELETE FROM activity WHERE crm = ? AND " WAITS_UNTOUCHED;
static const char SQL_PAUSE[] = "UPDATE crm SET status = ?2, error = NULL WHERE id = ?1";

/* An account leaves: nothing of the CRM is to be seen at its mail. */
static const char *const SQL_UNBIND[] = {
	"DELETE FROM match_queue WHERE message IN (SELECT id FROM message WHERE account = ?1)",
	"DELETE FROM mail_party WHERE message IN (SELECT id FROM message WHERE account = ?1)",
	"DELETE FROM link WHERE message IN (SELECT id FROM message WHERE account = ?1)",
	"DELETE FROM mail_crm WHERE message IN (SELECT id FROM message WHERE account = ?1)",
	"DELETE FROM activity WHERE state IN (1, 3) AND doubt = 0 AND message <> 0"
	" AND message IN (SELECT id FROM message WHERE account = ?1)",
	"UPDATE activity SET message = 0 WHERE message <> 0"
	" AND message IN (SELECT id FROM message WHERE account = ?1)",
	"UPDATE account SET crm = NULL WHERE id = ?1",
};
static const char *const SQL_REMOVE[] = {
	"DELETE FROM record_value WHERE write IN (SELECT id FROM record_write WHERE crm = ?)",
	"DELETE FROM record_write WHERE crm = ?",
	"DELETE FROM crm_user WHERE crm = ?",
	"DELETE FROM notice WHERE crm = ?",
	"DELETE FROM decision WHERE crm = ?",
	"DELETE FROM stranger_mail WHERE crm = ?",
	"DELETE FROM stranger WHERE crm = ?",
	"DELETE FROM crm_sweep_seen WHERE crm = ?",
	"DELETE FROM crm_sweep WHERE crm = ?",
	"DELETE FROM activity WHERE crm = ?",
	"DELETE FROM deal WHERE crm = ?",
	"DELETE FROM lead WHERE crm = ?",
	"DELETE FROM contact_phone WHERE contact IN (SELECT id FROM contact WHERE crm = ?)",
	"DELETE FROM contact_email WHERE contact IN (SELECT id FROM contact WHERE crm = ?)",
	"DELETE FROM contact WHERE crm = ?",
	"DELETE FROM partner_domain WHERE crm = ?",
	"DELETE FROM partner WHERE crm = ?",
	"DELETE FROM crm_cursor WHERE crm = ?",
	"DELETE FROM crm_setting WHERE crm = ?",
	/* "CRM CURSOR": the next CRM may have the number of this one */
	"DELETE FROM account_setting WHERE key = 'contacts_at' AND value LIKE ? || ' %'",
	"DELETE FROM crm WHERE id = ?",
};

static const char SQL_COUNT_CONTACTS[] =
	"SELECT count(*) FROM (SELECT 1 FROM contact WHERE crm = ? LIMIT ?)";
static const char SQL_COUNT_PARTNERS[] =
	"SELECT count(*) FROM (SELECT 1 FROM partner WHERE crm = ? LIMIT ?)";
static const char SQL_COUNT_TO_MATCH[] =
	"SELECT count(*) FROM (SELECT 1 FROM match_queue q CROSS JOIN message m ON m.id = q.message"
	" JOIN account a ON a.id = m.account WHERE a.crm = ? LIMIT ?)";
static const char SQL_PROOF[] =
	"SELECT m.id, m.date, m.facts, m.subject, m.snippet,"
	" (SELECT CASE p.name WHEN '' THEN p.addr ELSE p.name END FROM message_party mp"
	"  JOIN party p ON p.id = mp.party WHERE mp.message = m.id AND mp.role ="
	"  CASE WHEN m.facts & ?3 THEN 1 ELSE 0 END ORDER BY mp.pos LIMIT 1),"
	" c.name, r.name FROM (SELECT * FROM mail_crm ORDER BY message DESC LIMIT ?4) k"
	" CROSS JOIN message m ON m.id = k.message LEFT JOIN contact c ON c.id = k.contact"
	" LEFT JOIN partner r ON r.id = CASE k.partner WHEN 0 THEN c.partner ELSE k.partner END"
	" WHERE k.crm = ?1 AND (k.contact <> 0 OR k.partner <> 0) AND m.copy_of = m.id"
	" AND (k.reason IS NULL OR k.reason IN ('off', 'before-start')) LIMIT ?2";
/* Ids of messages ascend with the time they were received; what is older than its Date by more
 * than two days is not counted. */
static const char SQL_COUNT_SINCE[] =
	"SELECT count(*) FROM mail_crm k CROSS JOIN message m ON m.id = k.message"
	" WHERE k.message >= max(?2 - 172800, 0) << 20 AND k.crm = ?1 AND m.date >= ?2"
	" AND m.copy_of = m.id AND (k.reason IS NULL OR k.reason IN ('off', 'before-start')"
	"  OR (?3 = 'everything' AND k.reason = 'unknown'))"
	" AND (?3 <> 'replies' OR EXISTS (SELECT 1 FROM message o WHERE o.thread = m.thread"
	"  AND o.facts & ?4))";
static const char SQL_ENTRIES[] =
	"SELECT count(*) FROM (SELECT 1 FROM activity WHERE crm = ? AND kind = 0 AND state = 2"
	" LIMIT 5000)";
static const char SQL_ENTRIES_OURS[] =
	"SELECT count(*) FROM (SELECT 1 FROM activity WHERE crm = ? AND kind = 0 AND state = 2"
	" AND message <> 0 LIMIT 5000)";

/* ---- changing -------------------------------------------------------------------------------- */

struct change_args {
	int64_t crm;
	const struct crm_row *row;
	const struct setting *v;
	size_t n;
};

static int write_change(struct write *w, void *arg, struct err *e)
{
	const struct change_args *a = arg;
	int64_t taken = 0;
	if (db_value(w->db, &taken, e, SQL_TAKEN, "it", a->crm, a->row->name))
		return -1;
	if (taken)
		return err_set(e, ERR_CONFLICT, _("There is a CRM named \"%s\" already."),
			a->row->name);
	if (db_run(w->db, e, SQL_CHANGE, "itt", a->crm, a->row->name, a->row->url))
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		const struct setting *s = &a->v[i];
		if (s->value ? db_run(w->db, e, SQL_PUT_SETTING, "itt", a->crm, s->key, s->value)
			     : db_run(w->db, e, SQL_DROP_SETTING, "it", a->crm, s->key))
			return -1;
	}
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return 0;
}

int crm_change(struct store *s, int64_t crm, const struct crm_row *c, const struct setting *v,
	size_t n, struct err *e)
{
	struct change_args a = {.crm = crm, .row = c, .v = v, .n = n};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_change, &a, e);
}

struct move_args {
	int64_t crm;
	const char *from, *to;
};

static int write_move(struct write *w, void *arg, struct err *e)
{
	static const char SQL_MOVE[] = "UPDATE crm_setting SET value = ?3"
				       " WHERE crm = ?1 AND key = 'secret' AND value = ?2";
	const struct move_args *a = arg;
	if (db_run(w->db, e, SQL_MOVE, "itt", a->crm, a->from, a->to))
		return -1;
	if (!sqlite3_changes(w->db->h))
		return err_set(e, ERR_CONFLICT,
			_("Its sign-in is another one by now, and stays where it is."));
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return 0;
}

int crm_move_secret(struct store *s, int64_t crm, const char *from, const char *to, struct err *e)
{
	struct move_args a = {crm, from, to};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_move, &a, e);
}

static int run_each(struct write *w, const char *const *sql, size_t n, int64_t id, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (db_run(w->db, e, sql[i], "i", id))
			return -1;
	return 0;
}

static int read_accounts(struct write *w, int64_t crm, int64_t **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	size_t cap = 0;
	int rc;
	*out = NULL;
	*n = 0;
	if (db_query(w->db, &q, e, SQL_ACCOUNTS, "i", crm))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		*out = arena_grow(&w->arena, *out, &cap, *n + 1, sizeof(**out));
		(*out)[(*n)++] = sqlite3_column_int64(q, 0);
	}
	return rc;
}

struct bind_args {
	int64_t crm;
	const int64_t *accounts;
	size_t n;
};

static bool is_among(const struct bind_args *a, int64_t account)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->accounts[i] == account)
			return true;
	return false;
}

static int unbind(struct write *w, int64_t account, struct err *e)
{
	return run_each(w, SQL_UNBIND, ARRAY_SIZE(SQL_UNBIND), account, e);
}

/* One that was another CRM's leaves that one first: nothing of its mail goes there any more. */
int account_join_crm(struct write *w, int64_t account, int64_t crm, struct err *e)
{
	int64_t is_elsewhere = 0;
	return db_value(w->db, &is_elsewhere, e, SQL_IS_ELSEWHERE, "ii", account, crm) ||
			       (is_elsewhere && unbind(w, account, e)) ||
			       db_run(w->db, e, SQL_BIND, "ii", account, crm)
		       ? -1
		       : 0;
}

static int write_bind(struct write *w, void *arg, struct err *e)
{
	const struct bind_args *a = arg;
	int64_t there = 0, *had = NULL;
	size_t n = 0;
	if (db_value(w->db, &there, e, SQL_THERE, "i", a->crm) ||
		read_accounts(w, a->crm, &had, &n, e))
		return -1;
	if (!there)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	for (size_t i = 0; i < n; i++)
		if (!is_among(a, had[i]) && unbind(w, had[i], e))
			return -1;
	for (size_t i = 0; i < a->n; i++)
		if (account_join_crm(w, a->accounts[i], a->crm, e))
			return -1;
	write_event(w, EV_ACCOUNT, 0, 0, 0, 1);
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	write_event(w, EV_CONTACTS, 0, 0, a->crm, 1);
	return 0;
}

int crm_bind_accounts(struct store *s, int64_t crm, const int64_t *accounts, size_t n,
	struct err *e)
{
	struct bind_args a = {.crm = crm, .accounts = accounts, .n = n};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_bind, &a, e);
}

/* A worker that is matching right now still does so under the rules that it was opened with: it
 * looks at everything again when it opens the CRM anew, see crm_look_again(). */
static int write_logging(struct write *w, void *arg, struct err *e)
{
	const struct change_args *a = arg;
	const struct crm_row *c = a->row;
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return db_run(w->db, e, SQL_LOGGING, "ittti", a->crm, c->log_side, c->log_mode,
		       c->log_level, c->log_since) ||
			       db_run(w->db, e, SQL_PUT_SETTING, "itt", a->crm, LOOK_AGAIN, "yes")
		       ? -1
		       : 0;
}

int crm_set_logging(struct store *s, int64_t crm, const struct crm_row *c, struct err *e)
{
	struct change_args a = {.crm = crm, .row = c};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_logging, &a, e);
}

static int write_look_again(struct write *w, void *arg, struct err *e)
{
	int64_t crm = *(const int64_t *)arg, wanted = 0;
	if (db_value(w->db, &wanted, e, SQL_WANTED, "it", crm, LOOK_AGAIN))
		return -1;
	if (!wanted)
		return 0;
	return db_run(w->db, e, SQL_AGAIN_NOT_LOGGED, "i", crm) ||
			       db_run(w->db, e, SQL_AGAIN_WAITING, "i", crm) ||
			       db_run(w->db, e, SQL_DROP_WAITING, "i", crm) ||
			       db_run(w->db, e, SQL_DROP_SETTING, "it", crm, LOOK_AGAIN)
		       ? -1
		       : 0;
}

int crm_look_again(struct store *s, int64_t crm, struct err *e)
{
	return writer_call(&s->main, 0, write_look_again, &crm, e);
}

struct pause_args {
	int64_t crm;
	bool is_paused;
};

static int write_pause(struct write *w, void *arg, struct err *e)
{
	const struct pause_args *a = arg;
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return db_run(w->db, e, SQL_PAUSE, "it", a->crm, a->is_paused ? "paused" : "offline");
}

int crm_pause(struct store *s, int64_t crm, bool is_paused, struct err *e)
{
	struct pause_args a = {crm, is_paused};
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_pause, &a, e);
}

bool crm_is_paused(const struct crm_row *c)
{
	return c->status && !strcmp(c->status, "paused") && !c->error;
}

static int write_remove(struct write *w, void *arg, struct err *e)
{
	int64_t crm = *(const int64_t *)arg, *accounts = NULL;
	size_t n = 0;
	if (read_accounts(w, crm, &accounts, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (unbind(w, accounts[i], e))
			return -1;
	write_event(w, EV_ACCOUNT, 0, 0, 0, 1);
	write_event(w, EV_CRM, 0, 0, 0, 1);
	write_event(w, EV_CONTACTS, 0, 0, crm, 1);
	write_event(w, EV_MESSAGES, 0, 0, 0, 1);
	return run_each(w, SQL_REMOVE, ARRAY_SIZE(SQL_REMOVE), crm, e);
}

int crm_remove(struct store *s, int64_t crm, struct err *e)
{
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_remove, &crm, e);
}

/* ---- reading --------------------------------------------------------------------------------- */

int crm_totals(struct store_reader *r, int64_t crm, struct crm_totals *out, struct err *e)
{
	struct db *d = reader_db(r);
	const int64_t most = CRM_TOTALS_MAX;
	*out = (struct crm_totals){.contacts = 0};
	return db_value(d, &out->contacts, e, SQL_COUNT_CONTACTS, "ii", crm, most) ||
			       db_value(d, &out->partners, e, SQL_COUNT_PARTNERS, "ii", crm,
				       most) ||
			       db_value(d, &out->to_match, e, SQL_COUNT_TO_MATCH, "ii", crm,
				       (int64_t)CRM_TO_MATCH_MAX)
		       ? -1
		       : 0;
}

int crm_proof(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct proof_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	struct proof_row *v = arena_array(a, max + 1, sizeof(*v));
	sqlite3_stmt *q;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_PROOF, "iiii", crm, (int64_t)max, (int64_t)FACT_OWN,
		    (int64_t)PROOF_LOOKED_AT))
		return -1;
	while ((rc = db_step(d, q, e)) > 0 && count < max)
		v[count++] = (struct proof_row){
			.message = sqlite3_column_int64(q, 0),
			.at = sqlite3_column_int64(q, 1),
			.is_out = sqlite3_column_int64(q, 2) & FACT_OWN,
			.subject = db_text(a, q, 3),
			.snippet = db_text(a, q, 4),
			.peer = db_text(a, q, 5),
			.contact = db_text(a, q, 6),
			.partner = db_text(a, q, 7),
		};
	if (rc > 0)
		sqlite3_reset(q);
	*out = v;
	*n = count;
	return rc < 0 ? -1 : 0;
}

int crm_count_since(struct store_reader *r, int64_t crm, const char *mode, int64_t since,
	int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(reader_db(r), out, e, SQL_COUNT_SINCE, "iiti", crm, since, mode,
		(int64_t)FACT_OWN);
}

int crm_entries_there(struct store_reader *r, int64_t crm, int64_t *entries, int64_t *ours,
	struct err *e)
{
	struct db *d = reader_db(r);
	*entries = *ours = 0;
	return db_value(d, entries, e, SQL_ENTRIES, "i", crm) ||
			       db_value(d, ours, e, SQL_ENTRIES_OURS, "i", crm)
		       ? -1
		       : 0;
}
