/* notice.c - see notice.h and notice_private.h. */
#include "config.h"

#include "notice_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "crm_private.h"
#include "reminder_private.h"
#include "thread_private.h"

enum {
	LOOKED_AT = 200,   /* newest messages, each time */
	FULL_PERCENT = 5,  /* of the disk that is left */
	FAILED_LEAST = 3,  /* passes in an hour, before their share means something */
	FAILED_SHARE = 20, /* one in so many: 5 % */
	DAY_S = 86400,
	HOUR_S = 3600
};

/* Role 1: inbox; flag 1: seen. What comes from a machine, a list or a search of the server is news
 * under the rule "all" alone. */
static const char SQL_MAIL[] =
	"INSERT OR IGNORE INTO notice (kind, at, account, message, thread)"
	" SELECT 1, m.received, m.account, m.id, m.thread"
	" FROM (SELECT id FROM message WHERE listed & 1 AND id > ?1 ORDER BY id DESC LIMIT ?2) "
	"newest"
	" CROSS JOIN message m ON m.id = newest.id CROSS JOIN account a ON a.id = m.account"
	" LEFT JOIN mail_crm k ON k.message = m.id"
	" WHERE m.facts & ?3 = 0 AND m.flags & 1 = 0 AND m.received >= a.added_at"
	" AND EXISTS (SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder AND f.role = 1"
	"  WHERE p.message = m.id AND p.is_shown = 1)"
	" AND (?4 = 'all' OR (m.facts & ?5 = 0 AND CASE ?4 WHEN 'replies' THEN"
	"  EXISTS (SELECT 1 FROM message o WHERE o.thread = m.thread AND o.facts & ?6"
	"   AND o.id < m.id)"
	"  ELSE ifnull(k.contact <> 0 OR k.partner <> 0, 0) END)) ORDER BY m.id";
static const char SQL_READ_MEANWHILE[] =
	"UPDATE notice SET is_seen = 1 WHERE id IN (SELECT n.id FROM (SELECT id, message FROM "
	"notice"
	" WHERE is_seen = 0 AND kind = 1 ORDER BY id DESC LIMIT ?1) n"
	" CROSS JOIN message m ON m.id = n.message"
	" WHERE m.flags & 1)";
static const char SQL_OLD[] = "DELETE FROM notice WHERE id <= (SELECT max(id) FROM notice) - ?1";
static const char SQL_AGAIN[] = "UPDATE notice SET count = count + 1, at = ?4, text = ?5"
				" WHERE is_seen = 0 AND kind = ?1 AND account = ?2 AND crm = ?3";
static const char SQL_ALERT[] =
	"INSERT INTO notice (kind, account, crm, at, text) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char SQL_SINCE[] =
	"SELECT 1 FROM notice WHERE kind = ?1 AND account = ?2 AND at >= ?3 LIMIT 1";
static const char SQL_PASS[] =
	"INSERT INTO pass_hour VALUES (?1, ?2, 1, ?3) ON CONFLICT (account, hour)"
	" DO UPDATE SET done = done + 1, failed = failed + ?3";
static const char SQL_PASSES[] =
	"SELECT done, failed FROM pass_hour WHERE account = ? AND hour = ?";
static const char SQL_OLD_PASSES[] = "DELETE FROM pass_hour WHERE account = ? AND hour < ?";

/* Seen by the eye of the reader, too: mail that was read needs no notice. */
#define PAGE_OF(rows)                                                                              \
	"SELECT n.id, n.at, n.kind, n.is_seen OR (n.kind = 1 AND ifnull(m.flags & 1, 0)),"         \
	" n.count, n.message,"                                                                     \
	" ifnull(m.thread, n.thread), n.account, n.crm, ifnull(a.name, k.name),"                   \
	" CASE WHEN n.message <> 0 THEN ifnull(c.name, (SELECT CASE p.name WHEN '' THEN p.addr"    \
	"  ELSE p.name END FROM message_party mp JOIN party p ON p.id = mp.party"                  \
	"  WHERE mp.message = n.message AND mp.role = m.facts & 1 ORDER BY mp.pos LIMIT 1)) END,"  \
	" CASE WHEN n.message <> 0 THEN m.subject ELSE n.text END FROM (" rows ") n"               \
	" LEFT JOIN message m ON m.id = n.message LEFT JOIN mail_crm b ON b.message = n.message"   \
	" LEFT JOIN contact c ON c.id = b.contact LEFT JOIN account a ON a.id = n.account"         \
	" LEFT JOIN crm k ON k.id = n.crm ORDER BY n.id DESC"
static const char SQL_OLDER[] =
	PAGE_OF("SELECT * FROM notice WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
static const char SQL_NEWER[] = PAGE_OF("SELECT * FROM notice WHERE id > ?1 ORDER BY id LIMIT ?2");
static const char SQL_UNSEEN[] =
	"SELECT count(*) FROM (SELECT 1 FROM notice WHERE is_seen = 0 LIMIT ?1)";
static const char SQL_SEE[] = "UPDATE notice SET is_seen = 1 WHERE id = ?";
static const char SQL_SEE_ALL[] = "UPDATE notice SET is_seen = 1 WHERE is_seen = 0";

/* ---- noting ---------------------------------------------------------------------------------- */

static void tell(struct write *w)
{
	write_event(w, EV_FOLDERS, 0, 0, 0, 1); /* a counter of the screen's first line changed */
}

int notice_alert(struct write *w, enum notice_kind kind, int64_t account, int64_t crm,
	const char *text, struct err *e)
{
	if (db_run(w->db, e, SQL_AGAIN, "iiiit", (int64_t)kind, account, crm, w->now, text))
		return -1;
	tell(w);
	if (db_changes(w->db) > 0)
		return 0;
	return db_run(w->db, e, SQL_ALERT, "iiiit", (int64_t)kind, account, crm, w->now, text);
}

static int was_told(struct write *w, enum notice_kind kind, int64_t account, int64_t since,
	bool *out, struct err *e)
{
	int64_t found = 0;
	if (db_value(w->db, &found, e, SQL_SINCE, "iii", (int64_t)kind, account, since))
		return -1;
	*out = found != 0;
	return 0;
}

static int read_passes(struct write *w, int64_t account, int64_t hour, int64_t *done,
	int64_t *failed, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_PASSES, "ii", account, hour))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc > 0) {
		*done = sqlite3_column_int64(q, 0);
		*failed = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

int notice_count_pass(struct write *w, int64_t account, bool has_failed, struct err *e)
{
	int64_t hour = w->now / HOUR_S, done = 0, failed = 0;
	bool is_told = false;
	if (db_run(w->db, e, SQL_PASS, "iii", account, hour, (int64_t)has_failed) ||
		db_run(w->db, e, SQL_OLD_PASSES, "ii", account, hour) ||
		read_passes(w, account, hour, &done, &failed, e))
		return -1;
	if (!has_failed || failed < FAILED_LEAST || failed * FAILED_SHARE <= done)
		return 0;
	if (was_told(w, NOTICE_FAILING, account, hour * HOUR_S, &is_told, e) || is_told)
		return is_told ? 0 : -1;
	const char *text = arena_printf(&w->arena,
		ngettext("%lld of %lld pass of this hour failed.",
			"%lld of %lld passes of this hour failed.", (unsigned long)done),
		(long long)failed, (long long)done);
	return notice_alert(w, NOTICE_FAILING, account, 0, text, e);
}

static bool is_nearly_full(const struct store *s)
{
	struct statvfs fs;
	if (statvfs(s->dir, &fs) || fs.f_blocks == 0)
		return false;
	return (unsigned long long)fs.f_bavail * 100 / fs.f_blocks < FULL_PERCENT;
}

static int check_disk(struct write *w, struct err *e)
{
	bool is_told = false;
	if (!is_nearly_full(w->store))
		return 0;
	if (was_told(w, NOTICE_DISK, 0, w->now - DAY_S, &is_told, e))
		return -1;
	return is_told ? 0
		       : notice_alert(w, NOTICE_DISK, 0, 0,
				 _("The disk is nearly full: make room, or mail cannot be kept."),
				 e);
}

static int collect_mail(struct write *w, struct err *e)
{
	const char *rule = w->store->o.notice_rule ? w->store->o.notice_rule : "known";
	int64_t since = w->now > NOTICE_FRESH_S ? w->now - NOTICE_FRESH_S : 0;
	if (!strcmp(rule, "none"))
		return 0;
	if (db_run(w->db, e, SQL_MAIL, "iiitii", since << 20, (int64_t)LOOKED_AT,
		    (int64_t)(FACT_OWN | FACT_FOUND), rule, (int64_t)(FACT_AUTO | FACT_LIST),
		    (int64_t)FACT_OWN))
		return -1;
	if (db_changes(w->db) > 0)
		tell(w);
	return 0;
}

static int write_collect(struct write *w, void *arg, struct err *e)
{
	(void)arg;
	if (db_run(w->db, e, SQL_READ_MEANWHILE, "i", (int64_t)LOOKED_AT))
		return -1;
	if (db_changes(w->db) > 0)
		tell(w);
	return collect_mail(w, e) || reminder_fall_due(w, e) || check_disk(w, e) ||
			       db_run(w->db, e, SQL_OLD, "i", (int64_t)NOTICE_KEPT)
		       ? -1
		       : 0;
}

int notice_collect(struct store *s, struct err *e)
{
	return writer_call(&s->main, 0, write_collect, NULL, e);
}

/* ---- reading --------------------------------------------------------------------------------- */

int notice_page(struct store_reader *r, struct arena *a, const int64_t *from, bool back,
	size_t limit, struct notice_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t at = from ? *from : back ? 0 : INT64_MAX;
	struct notice_row *v = NULL;
	sqlite3_stmt *q;
	size_t cap = 0, count = 0;
	int rc;
	if (db_query(d, &q, e, back ? SQL_NEWER : SQL_OLDER, "ii", at, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct notice_row){
			.id = sqlite3_column_int64(q, 0),
			.at = sqlite3_column_int64(q, 1),
			.kind = (enum notice_kind)sqlite3_column_int(q, 2),
			.is_seen = sqlite3_column_int(q, 3),
			.count = sqlite3_column_int64(q, 4),
			.message = sqlite3_column_int64(q, 5),
			.thread = sqlite3_column_int64(q, 6),
			.account = sqlite3_column_int64(q, 7),
			.crm = sqlite3_column_int64(q, 8),
			.name = db_text(a, q, 9),
			.peer = db_text(a, q, 10),
			.text = db_text(a, q, 11),
		};
	}
	*out = v;
	*n = count;
	return rc;
}

int notice_unseen(struct store_reader *r, int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(reader_db(r), out, e, SQL_UNSEEN, "i", (int64_t)NOTICE_UNSEEN_MOST);
}

/* ---- seeing ---------------------------------------------------------------------------------- */

static int write_see(struct write *w, void *arg, struct err *e)
{
	int64_t id = *(const int64_t *)arg;
	tell(w);
	return id ? db_run(w->db, e, SQL_SEE, "i", id) : db_run(w->db, e, SQL_SEE_ALL, "");
}

static int64_t see(struct store *s, int64_t id)
{
	int64_t *arg = xcalloc(1, sizeof(*arg));
	*arg = id;
	return writer_post(&s->main, WRITE_USER, write_see, arg, free);
}

int64_t notice_see(struct store *s, int64_t id)
{
	return see(s, id);
}

int64_t notice_see_all(struct store *s)
{
	return see(s, 0);
}
