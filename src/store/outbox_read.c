/* outbox_read.c - the outbox as screen, command line and the sending worker read it. */
#include "config.h"

#include "crmail/store/outbox.h"

#include <string.h>

#include "hash64.h"
#include "store_private.h"

#define OUTBOX_COLUMNS                                                                             \
	"SELECT o.id, o.account, a.name, o.state, o.message_id, o.subject, o.sender, "             \
	"o.not_before,"                                                                            \
	" o.created_at, o.attempts, o.error, o.reply_to, o.is_filed, o.changed_at,"                \
	" o.far_draft, o.far_message_id, o.sent_by, o.files_sent"                                  \
	" FROM outbox o JOIN account a ON a.id = o.account"
static const char SQL_LIST[] = OUTBOX_COLUMNS " ORDER BY o.created_at DESC, o.id DESC";
/* Oldest first. `handed` is not due: what became of it must be found out first. */
static const char SQL_DUE[] =
	OUTBOX_COLUMNS " WHERE o.account = ?1 AND o.state IN (1, 2, 3, 4) AND o.not_before <= ?2"
		       " ORDER BY o.created_at, o.id LIMIT 1";
static const char SQL_NEXT[] = "SELECT min(not_before) FROM outbox WHERE account = ?1"
			       " AND state IN (1, 2, 3, 4) AND not_before > ?2"
			       " AND not_before < 253402300799"; /* OUTBOX_HELD_FOREVER */
static const char SQL_UNSETTLED[] =
	OUTBOX_COLUMNS " WHERE o.account = ?1 AND (o.state IN (5, 8) OR (o.state = 6"
		       " AND NOT o.is_filed)) ORDER BY o.created_at, o.id";
static const char SQL_IN_SENT[] =
	"SELECT count(*) FROM message m JOIN placement p ON p.message = m.id"
	" JOIN folder f ON f.id = p.folder AND f.role = 2"
	" WHERE m.account = ?1 AND m.mid_hash = ?2 AND m.mid = ?3";
static const char SQL_ALIKE[] =
	"SELECT count(*) FROM outbox WHERE account = ?1 AND id <> ?2 AND sent_by = ?3"
	" AND subject IS ?4 AND state IN (5, 6, 8) AND changed_at >= ?5 - 86400";
static const char SQL_FAR_THREAD[] = "SELECT p.id FROM message m JOIN provider_thread p ON "
				     "p.account = ?1 AND p.thread = m.thread"
				     " WHERE m.id = ?2 AND m.account = ?1 LIMIT 1";
static const char SQL_RECIPIENTS[] = "SELECT addr, state, reply FROM outbox_recipient"
				     " WHERE outbox = ? ORDER BY pos";
static const char SQL_RAW[] = "SELECT raw FROM outbox WHERE id = ? AND raw IS NOT NULL";
static const char SQL_DRAFT[] = "SELECT draft_json FROM outbox WHERE id = ? AND state = 0";

static void fill_row(struct arena *a, sqlite3_stmt *q, struct outbox_row *r)
{
	*r = (struct outbox_row){
		.id = sqlite3_column_int64(q, 0),
		.account = sqlite3_column_int64(q, 1),
		.account_name = db_text(a, q, 2),
		.state = (enum outbox_state)sqlite3_column_int(q, 3),
		.message_id = db_text(a, q, 4),
		.subject = db_text(a, q, 5),
		.from = db_text(a, q, 6),
		.not_before = sqlite3_column_int64(q, 7),
		.created_at = sqlite3_column_int64(q, 8),
		.attempts = (uint32_t)sqlite3_column_int64(q, 9),
		.error = db_text(a, q, 10),
		.reply_to = sqlite3_column_int64(q, 11),
		.is_filed = sqlite3_column_int(q, 12) != 0,
		.changed_at = sqlite3_column_int64(q, 13),
		.far_draft = db_text(a, q, 14),
		.far_message_id = db_text(a, q, 15),
		.sent_by = db_text(a, q, 16),
		.files_sent = sqlite3_column_int(q, 17) != 0,
	};
}

static int read_recipients(struct db *d, struct arena *a, struct outbox_row *r, struct err *e)
{
	size_t cap = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_RECIPIENTS, "i", r->id))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		r->recipients = arena_grow(a, r->recipients, &cap, r->n_recipients + 1,
			sizeof *r->recipients);
		r->recipients[r->n_recipients++] = (struct outbox_recipient){db_text(a, q, 0),
			(enum recipient_state)sqlite3_column_int(q, 1), db_text(a, q, 2)};
	}
	return rc;
}

static int read_rows(struct db *d, struct arena *a, sqlite3_stmt *q, struct outbox_row **out,
	size_t *n, struct err *e)
{
	struct outbox_row *v = NULL;
	size_t cap = 0, count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		fill_row(a, q, &v[count++]);
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = read_recipients(d, a, &v[i], e);
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int outbox_list(struct store_reader *r, struct arena *a, struct outbox_row **out, size_t *n,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_LIST, ""))
		return -1;
	return read_rows(reader_db(r), a, q, out, n, e);
}

int outbox_due(struct store_reader *r, struct arena *a, int64_t account, struct outbox_row **out,
	int64_t *next_due, struct err *e)
{
	struct db *d = reader_db(r);
	struct outbox_row *v;
	size_t n;
	int64_t now = store_now(r->store), next = 0;
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_DUE, "ii", account, now) || read_rows(d, a, q, &v, &n, e) ||
		db_value(d, &next, e, SQL_NEXT, "ii", account, now))
		return -1;
	*out = n ? v : NULL;
	*next_due = next;
	return 0;
}

int outbox_unsettled(struct store_reader *r, struct arena *a, int64_t account,
	struct outbox_row **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_UNSETTLED, "i", account))
		return -1;
	return read_rows(reader_db(r), a, q, out, n, e);
}

int outbox_is_in_sent(struct store_reader *r, const struct outbox_row *row, bool *out,
	struct err *e)
{
	int64_t count = 0;
	const char *id = row->far_message_id ? row->far_message_id : row->message_id;
	if (db_value(reader_db(r), &count, e, SQL_IN_SENT, "iit", row->account,
		    hash64(id, strlen(id)), id))
		return -1;
	*out = count > 0;
	return 0;
}

int outbox_has_alike(struct store_reader *r, const struct outbox_row *row, bool *out, struct err *e)
{
	int64_t count = 0;
	if (db_value(reader_db(r), &count, e, SQL_ALIKE, "iitti", row->account, row->id,
		    row->sent_by, row->subject, row->changed_at))
		return -1;
	*out = count > 0;
	return 0;
}

int outbox_raw(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_RAW, "i", id))
		return -1;
	int rc = db_step(reader_db(r), q, e);
	if (rc < 0)
		return -1;
	*p = NULL;
	*n = 0;
	if (rc == 1) {
		const char *raw = sqlite3_column_blob(q, 0);
		*n = (size_t)sqlite3_column_bytes(q, 0);
		*p = arena_strndup(a, raw ? raw : "", *n);
		sqlite3_reset(q);
	}
	return 0;
}

const char *outbox_draft_json(struct store_reader *r, struct arena *a, int64_t id)
{
	struct err e = ERR_INIT;
	const char *json = NULL;
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, &e, SQL_DRAFT, "i", id) == 0 &&
		db_step(reader_db(r), q, &e) == 1) {
		json = db_text(a, q, 0);
		sqlite3_reset(q);
	}
	return json;
}

int outbox_far_thread(struct store_reader *r, struct arena *a, const struct outbox_row *row,
	const char **out, struct err *e)
{
	sqlite3_stmt *q;
	*out = NULL;
	if (!row->reply_to)
		return 0;
	if (db_query(reader_db(r), &q, e, SQL_FAR_THREAD, "ii", row->account, row->reply_to))
		return -1;
	int rc = db_step(reader_db(r), q, e);
	if (rc != 1)
		return rc;
	*out = db_text(a, q, 0);
	sqlite3_reset(q);
	return 0;
}
