/* draft.c - see draft.h. */
#include "config.h"

#include "crmail/store/draft.h"

#include "crmail/store/outbox.h"

#include "draft_private.h"
#include "ingest_private.h"
#include "store_private.h"

#define EACH_S 60  /* at most once in so many seconds while a draft is open */
#define DRAFTS "3" /* FOLDER_DRAFTS */

/* A copy that lies where it was put, as the last listing has it. */
#define IS_THERE                                                                                   \
	"EXISTS (SELECT 1 FROM folder f JOIN placement p ON p.folder = f.id"                       \
	" AND p.server_id = d.server_id WHERE f.account = d.account AND f.role = " DRAFTS ")"

static const char SQL_REMOVE[] =
	"SELECT d.outbox, NULL, d.message_id, d.server_id, d.next_id"
	" FROM draft_copy d LEFT JOIN outbox o ON o.id = d.outbox"
	" WHERE d.account = ?1 AND d.retry_at <= ?2"
	" AND (o.id IS NULL OR o.account <> d.account OR o.state IN (6, 9)) LIMIT 1";
/* not_before of a draft: its editor was left. */
static const char SQL_PUT[] =
	"SELECT o.id, o.message_id, d.message_id, d.server_id, d.next_id"
	" FROM outbox o LEFT JOIN draft_copy d ON d.outbox = o.id AND d.account = o.account"
	" WHERE o.account = ?1 AND o.state = 0 AND o.message_id IS NOT d.message_id"
	" AND ifnull(d.retry_at, 0) <= ?2"
	" AND (o.not_before <> 0 OR ifnull(d.synced_at, 0) <= ?3) LIMIT 1";
static const char SQL_MISSED[] =
	"SELECT o.id, o.message_id, d.message_id, d.server_id, d.next_id"
	" FROM draft_copy d JOIN outbox o ON o.id = d.outbox AND o.account = d.account"
	" WHERE d.account = ?1 AND d.retry_at <= ?2 AND o.state = 0"
	" AND o.message_id = d.message_id AND d.is_seen AND NOT " IS_THERE " LIMIT 1";
static const char SQL_NEXT_DUE[] =
	"SELECT ifnull(min(max(d.retry_at, d.synced_at + ?2)), 0)"
	" FROM draft_copy d JOIN outbox o ON o.id = d.outbox WHERE d.account = ?1"
	" AND o.state = 0 AND o.message_id IS NOT d.message_id";
static const char SQL_SEEN[] = "UPDATE draft_copy AS d SET is_seen = 1 WHERE d.account = ?"
			       " AND NOT d.is_seen AND " IS_THERE;
static const char SQL_UNSEEN[] = "SELECT count(*) FROM draft_copy d WHERE d.account = ?"
				 " AND NOT d.is_seen AND " IS_THERE;

static const char SQL_BEGIN[] =
	"INSERT INTO draft_copy (outbox, account, next_id) VALUES (?1, ?2, ?3)"
	" ON CONFLICT DO UPDATE SET next_id = ?3";
static const char SQL_DONE[] =
	"UPDATE draft_copy SET message_id = ?3, server_id = ?4, next_id = NULL, is_seen = 0,"
	" synced_at = ?5, retry_at = 0 WHERE outbox = ?1 AND account = ?2";
static const char SQL_NOTE[] = "UPDATE outbox SET error = ?2 WHERE id = ?1 AND state = 0";
static const char SQL_RETRY[] =
	"INSERT INTO draft_copy (outbox, account, retry_at) VALUES (?1, ?2, ?3)"
	" ON CONFLICT DO UPDATE SET retry_at = ?3";
static const char SQL_DROP[] = "DELETE FROM draft_copy WHERE outbox = ? AND account = ?";
static const char SQL_LOST[] = "UPDATE outbox SET state = 9, changed_at = ?3"
			       " WHERE id = ?1 AND state = 0 AND message_id = ?2";
/* A draft of the server that is edited here: what is saved takes its place there. */
static const char SQL_ADOPT[] =
	"INSERT OR IGNORE INTO draft_copy (outbox, account, message_id, server_id, is_seen)"
	" SELECT ?1, m.account, m.mid, p.server_id, 1 FROM message m"
	" JOIN placement p ON p.message = m.id"
	" JOIN folder f ON f.id = p.folder AND f.role = " DRAFTS " WHERE m.id = ?2 LIMIT 1";

static const char SQL_LIST[] =
	"SELECT m.id, m.account, m.date, m.subject FROM folder f"
	" JOIN placement p ON p.folder = f.id AND p.is_shown JOIN message m ON m.id = p.message"
	" WHERE f.role = " DRAFTS " AND NOT EXISTS (SELECT 1 FROM draft_copy d"
	"  WHERE d.account = m.account AND (d.server_id = p.server_id OR d.next_id = m.mid"
	"   OR (d.server_id IS NULL AND d.message_id = m.mid)))"
	" ORDER BY m.date DESC, m.id DESC LIMIT 1000";
static const char SQL_TO[] =
	"SELECT group_concat(CASE p.name WHEN '' THEN p.addr ELSE p.name END, ', ')"
	" FROM message_party x JOIN party p ON p.id = x.party WHERE x.message = ? AND x.role = ?";
static const char SQL_OF_MESSAGE[] =
	"SELECT d.outbox FROM message m JOIN placement p ON p.message = m.id"
	" JOIN draft_copy d ON d.account = m.account AND (d.server_id = p.server_id"
	"  OR (d.server_id IS NULL AND d.message_id = m.mid))"
	" JOIN outbox o ON o.id = d.outbox AND o.state = 0 WHERE m.id = ? LIMIT 1";

/* ---- jobs ------------------------------------------------------------------------------------ */

static int read_job(struct db *d, struct arena *a, sqlite3_stmt *q, enum draft_todo_kind kind,
	struct draft_todo **out, struct err *e)
{
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	struct draft_todo *j = arena_alloc(a, sizeof *j);
	*j = (struct draft_todo){.kind = kind,
		.outbox = sqlite3_column_int64(q, 0),
		.message_id = db_text(a, q, 1),
		.copy_id = db_text(a, q, 2),
		.server_id = db_text(a, q, 3),
		.next_id = db_text(a, q, 4)};
	sqlite3_reset(q);
	*out = j;
	return 0;
}

static int write_seen(struct write *w, void *arg, struct err *e)
{
	const int64_t *account = arg;
	return db_run(w->db, e, SQL_SEEN, "i", *account);
}

int draft_next(struct store_reader *r, struct arena *a, int64_t account, struct draft_todo **out,
	int64_t *next_due, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t now = store_now(r->store), next = 0, unseen = 0;
	sqlite3_stmt *q;
	*out = NULL;
	*next_due = 0;
	if (db_value(d, &unseen, e, SQL_UNSEEN, "i", account) ||
		(unseen && writer_call(&r->store->main, 0, write_seen, &account, e)))
		return -1;
	if (db_query(d, &q, e, SQL_REMOVE, "ii", account, now) ||
		read_job(d, a, q, DRAFT_REMOVE, out, e))
		return -1;
	if (!*out && (db_query(d, &q, e, SQL_PUT, "iii", account, now, now - EACH_S) ||
			     read_job(d, a, q, DRAFT_PUT, out, e)))
		return -1;
	if (!*out && (db_query(d, &q, e, SQL_MISSED, "ii", account, now) ||
			     read_job(d, a, q, DRAFT_MISSED, out, e)))
		return -1;
	if (!*out && db_value(d, &next, e, SQL_NEXT_DUE, "ii", account, (int64_t)EACH_S))
		return -1;
	*next_due = next;
	return 0;
}

struct job_args {
	int64_t account;
	const struct draft_todo *j;
	const char *server_id, *note;
	int64_t retry_at;
};

static int write_begin(struct write *w, void *arg, struct err *e)
{
	const struct job_args *x = arg;
	return db_run(w->db, e, SQL_BEGIN, "iit", x->j->outbox, x->account, x->j->message_id);
}

int draft_begin(struct store *s, int64_t account, const struct draft_todo *j, struct err *e)
{
	struct job_args x = {.account = account, .j = j};
	return writer_call(&s->main, WRITE_FULL, write_begin, &x, e);
}

static int write_done(struct write *w, void *arg, struct err *e)
{
	const struct job_args *x = arg;
	write_event(w, EV_OUTBOX, x->account, 0, x->j->outbox, 1);
	return db_run(w->db, e, SQL_DONE, "iitti", x->j->outbox, x->account, x->j->message_id,
		       x->server_id, w->now) ||
			       db_run(w->db, e, SQL_NOTE, "it", x->j->outbox, x->note)
		       ? -1
		       : 0;
}

int draft_done(struct store *s, int64_t account, const struct draft_todo *j, const char *server_id,
	const char *note, struct err *e)
{
	struct job_args x = {.account = account, .j = j, .server_id = server_id, .note = note};
	return writer_call(&s->main, WRITE_FULL, write_done, &x, e);
}

static int write_failed(struct write *w, void *arg, struct err *e)
{
	const struct job_args *x = arg;
	write_event(w, EV_OUTBOX, x->account, 0, x->j->outbox, 1);
	return db_run(w->db, e, SQL_RETRY, "iii", x->j->outbox, x->account, x->retry_at) ||
			       db_run(w->db, e, SQL_NOTE, "it", x->j->outbox, x->note)
		       ? -1
		       : 0;
}

int draft_failed(struct store *s, int64_t account, const struct draft_todo *j,
	const struct err *why, int64_t retry_at, struct err *e)
{
	struct job_args x = {.account = account, .j = j, .note = why->msg, .retry_at = retry_at};
	return writer_call(&s->main, WRITE_FULL, write_failed, &x, e);
}

static int write_removed(struct write *w, void *arg, struct err *e)
{
	const int64_t *ids = arg;
	return db_run(w->db, e, SQL_DROP, "ii", ids[0], ids[1]);
}

int draft_removed(struct store *s, int64_t account, int64_t outbox, struct err *e)
{
	int64_t ids[] = {outbox, account};
	return writer_call(&s->main, WRITE_FULL, write_removed, ids, e);
}

static int write_lost(struct write *w, void *arg, struct err *e)
{
	const struct job_args *x = arg;
	write_event(w, EV_OUTBOX, x->account, 0, x->j->outbox, 1);
	return db_run(w->db, e, SQL_LOST, "iti", x->j->outbox, x->j->message_id, w->now) ||
			       db_run(w->db, e, SQL_DROP, "ii", x->j->outbox, x->account)
		       ? -1
		       : 0;
}

int draft_lost(struct store *s, int64_t account, const struct draft_todo *j, struct err *e)
{
	struct job_args x = {.account = account, .j = j};
	return writer_call(&s->main, WRITE_FULL, write_lost, &x, e);
}

int draft_adopt(struct write *w, int64_t outbox, int64_t message, struct err *e)
{
	return message ? db_run(w->db, e, SQL_ADOPT, "ii", outbox, message) : 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int read_to(struct db *d, struct arena *a, struct draft_row *row, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_TO, "ii", row->message, (int64_t)PARTY_TO))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	row->to = db_text(a, q, 0);
	sqlite3_reset(q);
	return 0;
}

int draft_list(struct store_reader *r, struct arena *a, struct draft_row **out, size_t *n,
	struct err *e)
{
	struct db *d = reader_db(r);
	struct draft_row *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_LIST, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct draft_row){.message = sqlite3_column_int64(q, 0),
			.account = sqlite3_column_int64(q, 1),
			.date = sqlite3_column_int64(q, 2),
			.subject = db_text(a, q, 3)};
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_to(d, a, &v[i], e);
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int draft_of_message(struct store_reader *r, int64_t message, int64_t *outbox, struct err *e)
{
	*outbox = 0;
	return db_value(reader_db(r), outbox, e, SQL_OF_MESSAGE, "i", message);
}
