/*
 * label.c - copies of messages in further folders, and their ops. A copy that waits for the server
 * is a row with a placement without server id, which the next listing of the folder adopts.
 */
#include "config.h"

#include "label.h"

#include "action.h"
#include "ingest_body.h"
#include "ingest_private.h"

enum { EXPUNGE_DELAY_S = 5 }; /* undo is free until then */

static const char SQL_IS_THERE[] =
	"SELECT 1 FROM message o JOIN message m ON m.thread = o.thread AND m.copy_of = o.copy_of"
	" JOIN placement p ON p.message = m.id AND p.folder = ?2 AND p.is_shown WHERE o.id = ?1";
static const char SQL_SAME_ACCOUNT[] = "SELECT m.account FROM message m JOIN folder f"
				       " ON f.account = m.account WHERE m.id = ?1 AND f.id = ?2";
static const char SQL_RECEIVED[] = "SELECT received FROM message WHERE id = ?";
static const char SQL_COPY_ROW[] =
	"INSERT INTO message (id, account, thread, copy_of, equal_key, mid, mid_hash, refs,"
	" base_hash, joined, received, date, date_offset, size, flags, remote_flags, facts, files,"
	" body, indexed, subject, snippet) SELECT ?2, account, thread, copy_of, equal_key, mid,"
	" mid_hash, refs, NULL, NULL, received, date, date_offset, size, flags, flags, facts,"
	" files, ?3, 1, subject, snippet FROM message WHERE id = ?1";
static const char SQL_COPY_PARTIES[] = "INSERT INTO message_party SELECT ?2, role, pos, party"
				       " FROM message_party WHERE message = ?1";
static const char SQL_PLACE[] = "INSERT INTO placement (folder, message, server_id, is_remote,"
				" is_shown) VALUES (?, ?, NULL, 0, 1)";
static const char SQL_OP_COPY[] =
	"INSERT INTO op (kind, account, message, folder, to_folder, grp, depends_on, created_at)"
	" VALUES (3, ?1, ?2, ?3, ?4, ?5, (SELECT max(id) FROM op WHERE state = 0"
	" AND ((kind = 6 AND to_folder = ?4) OR (kind = 2 AND message = ?2))), ?6)";
static const char SQL_OP_EXPUNGE[] =
	"INSERT INTO op (kind, account, message, folder, grp, depends_on, not_before, created_at)"
	" VALUES (4, ?1, ?2, ?3, ?4, (SELECT max(id) FROM op WHERE state = 0 AND kind = 3"
	" AND to_folder = ?3 AND message IN (SELECT id FROM message WHERE copy_of ="
	" (SELECT copy_of FROM message WHERE id = ?2))), ?5, ?6)";
static const char SQL_NOTE[] = "INSERT INTO change (grp, kind, message, folder, at)"
			       " VALUES (?, ?, ?, ?, ?)";
static const char SQL_IN_FOLDER[] =
	"SELECT m.id, m.thread, m.account FROM message o JOIN message m ON m.thread = o.thread"
	" AND m.copy_of = o.copy_of JOIN placement p ON p.message = m.id AND p.is_shown"
	" WHERE o.id = ?1 AND p.folder = ?2";
static const char SQL_ELSEWHERE[] =
	"SELECT 1 FROM message o JOIN message m ON m.thread = o.thread AND m.copy_of = o.copy_of"
	" JOIN placement p ON p.message = m.id AND p.is_shown WHERE o.id = ?1 AND p.folder <> ?2"
	" LIMIT 1";
static const char SQL_HIDE[] = "UPDATE placement SET is_shown = 0 WHERE folder = ?1"
			       " AND message = ?2";
static const char SQL_SHOW[] = "UPDATE placement SET is_shown = 1 WHERE folder = ?1"
			       " AND message = ?2";
static const char SQL_HAS_PLACE[] = "SELECT 1 FROM placement WHERE folder = ?1 AND message = ?2";
static const char SQL_WAITING_EXPUNGE[] = "SELECT id FROM op WHERE kind = 4 AND message = ?1"
					  " AND folder = ?2 AND state = 0 ORDER BY id DESC LIMIT 1";
static const char SQL_SOURCE[] =
	"SELECT m.id, p.folder, m.account, o.thread FROM message o JOIN message m"
	" ON m.copy_of = o.copy_of AND m.account = o.account JOIN placement p ON p.message = m.id"
	" WHERE o.id = ?1 AND p.folder <> ?2 AND p.server_id IS NOT NULL ORDER BY p.id LIMIT 1";
static const char SQL_PENDING_ROW[] =
	"SELECT p.message FROM message o JOIN message m ON m.copy_of = o.copy_of"
	" JOIN placement p ON p.message = m.id WHERE o.id = ?1 AND p.folder = ?2"
	" AND p.server_id IS NULL LIMIT 1";
static const char SQL_TAKEN[] = "SELECT 1 FROM placement WHERE folder = ?1 AND server_id = ?2";
static const char SQL_ARRIVE[] = "UPDATE placement SET server_id = ?3, is_remote = 1"
				 " WHERE folder = ?1 AND message = ?2 AND server_id IS NULL";
static const char SQL_FORGET_ID[] = "UPDATE placement SET server_id = NULL, is_remote = 0,"
				    " is_shown = 1 WHERE folder = ?1 AND message = ?2";
static const char SQL_DROP_PLACE[] = "DELETE FROM placement WHERE folder = ?1 AND message = ?2";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_DROP_PARTIES[] = "DELETE FROM message_party WHERE message = ?";
static const char SQL_DROP_OPS[] = "DELETE FROM op WHERE message = ?";
static const char SQL_DROP_ROW[] = "DELETE FROM message WHERE id = ?";

static int touch(struct write *w, struct thread_set *touched, int64_t message, struct err *e)
{
	int64_t thread = 0;
	if (db_value(w->db, &thread, e, SQL_THREAD_OF, "i", message))
		return -1;
	thread_set_add(w, touched, thread);
	return 0;
}

static int note(struct write *w, int64_t grp, enum op_kind kind, int64_t message, int64_t folder,
	struct err *e)
{
	return grp ? db_run(w->db, e, SQL_NOTE, "iiiii", grp, (int64_t)kind, message, folder,
			     w->now)
		   : 0;
}

static int copy_row(struct write *w, int64_t message, int64_t account, int64_t to, int64_t *copy,
	struct err *e)
{
	int64_t received = 0;
	if (db_value(w->db, &received, e, SQL_RECEIVED, "i", message) ||
		ingest_new_message_id(w, account, received, copy, e))
		return -1;
	return db_run(w->db, e, SQL_COPY_ROW, "iii", message, *copy, (int64_t)BODY_OF_COPY) ||
			       db_run(w->db, e, SQL_COPY_PARTIES, "ii", message, *copy) ||
			       db_run(w->db, e, SQL_PLACE, "ii", to, *copy)
		       ? -1
		       : 0;
}

int label_put(struct write *w, int64_t message, int64_t from, int64_t to, int64_t grp,
	struct thread_set *touched, struct err *e)
{
	int64_t is_there = 0, account = 0, copy = 0;
	if (db_value(w->db, &is_there, e, SQL_IS_THERE, "ii", message, to) ||
		db_value(w->db, &account, e, SQL_SAME_ACCOUNT, "ii", message, to))
		return -1;
	if (is_there || !account)
		return 0;
	if (copy_row(w, message, account, to, &copy, e) ||
		db_run(w->db, e, SQL_OP_COPY, "iiiiii", account, message, from, to, grp, w->now))
		return -1;
	return note(w, grp, OP_COPY, copy, to, e) || touch(w, touched, message, e) ? -1 : 0;
}

struct in_folder {
	int64_t message, thread, account;
};

static int read_in_folder(struct write *w, int64_t message, int64_t folder, struct in_folder **out,
	size_t *n, struct err *e)
{
	struct in_folder *v = NULL;
	size_t cap = 0;
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(w->db, &q, e, SQL_IN_FOLDER, "ii", message, folder))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, *n + 1, sizeof *v);
		v[(*n)++] = (struct in_folder){sqlite3_column_int64(q, 0),
			sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2)};
	}
	*out = v;
	return rc;
}

int label_take(struct write *w, int64_t message, int64_t folder, int64_t grp,
	struct thread_set *touched, struct err *e)
{
	int64_t elsewhere = 0;
	struct in_folder *v;
	size_t n;
	if (db_value(w->db, &elsewhere, e, SQL_ELSEWHERE, "ii", message, folder) ||
		read_in_folder(w, message, folder, &v, &n, e))
		return -1;
	for (size_t i = 0; elsewhere && i < n; i++) {
		if (db_run(w->db, e, SQL_HIDE, "ii", folder, v[i].message) ||
			db_run(w->db, e, SQL_OP_EXPUNGE, "iiiiii", v[i].account, v[i].message,
				folder, grp, w->now + EXPUNGE_DELAY_S, w->now) ||
			note(w, grp, OP_EXPUNGE, v[i].message, folder, e))
			return -1;
		thread_set_add(w, touched, v[i].thread);
	}
	return 0;
}

/* The server no longer has it in the folder: it is copied there again from where it still lies. */
static int copy_again(struct write *w, int64_t message, int64_t folder, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_SOURCE, "ii", message, folder))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	int64_t source = sqlite3_column_int64(q, 0), from = sqlite3_column_int64(q, 1),
		account = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	return db_run(w->db, e, SQL_OP_COPY, "iiiiii", account, source, from, folder, (int64_t)0,
		w->now);
}

int label_restore(struct write *w, int64_t message, int64_t folder, struct thread_set *touched,
	struct err *e)
{
	int64_t op = 0, has_place = 0;
	if (db_value(w->db, &op, e, SQL_WAITING_EXPUNGE, "ii", message, folder) ||
		db_value(w->db, &has_place, e, SQL_HAS_PLACE, "ii", folder, message))
		return -1;
	if (op && change_cancel(w, op, e))
		return -1;
	if (has_place ? db_run(w->db, e, SQL_SHOW, "ii", folder, message)
		      : db_run(w->db, e, SQL_PLACE, "ii", folder, message) ||
				copy_again(w, message, folder, e))
		return -1;
	return touch(w, touched, message, e);
}

int label_drop_row(struct write *w, int64_t message, int64_t folder, struct err *e)
{
	return db_run(w->db, e, SQL_DROP_PLACE, "ii", folder, message) ||
			       db_run(w->db, e, SQL_DROP_OPS, "i", message) ||
			       db_run(w->db, e, SQL_DROP_PARTIES, "i", message) ||
			       db_run(w->db, e, SQL_DROP_ROW, "i", message)
		       ? -1
		       : 0;
}

int label_copied(struct write *w, const struct label_op *o, const char *new_id,
	struct thread_set *touched, struct err *e)
{
	int64_t row = 0, taken = 0;
	if (!new_id)
		return 0;
	if (db_value(w->db, &row, e, SQL_PENDING_ROW, "ii", o->message, o->to_folder) ||
		db_value(w->db, &taken, e, SQL_TAKEN, "it", o->to_folder, new_id) ||
		touch(w, touched, o->message, e))
		return -1;
	if (!row)
		return 0;
	return taken ? label_drop_row(w, row, o->to_folder, e)
		     : db_run(w->db, e, SQL_ARRIVE, "iit", o->to_folder, row, new_id);
}

int label_copy_refused(struct write *w, const struct label_op *o, struct thread_set *touched,
	struct err *e)
{
	int64_t row = 0;
	if (db_value(w->db, &row, e, SQL_PENDING_ROW, "ii", o->message, o->to_folder) ||
		touch(w, touched, o->message, e))
		return -1;
	return row ? label_drop_row(w, row, o->to_folder, e) : 0;
}

int label_expunged(struct write *w, const struct label_op *o, bool is_withdrawn,
	struct thread_set *touched, struct err *e)
{
	if (touch(w, touched, o->message, e))
		return -1;
	if (is_withdrawn)
		return db_run(w->db, e, SQL_FORGET_ID, "ii", o->folder, o->message) ||
				       copy_again(w, o->message, o->folder, e)
			       ? -1
			       : 0;
	return db_run(w->db, e, SQL_DROP_PLACE, "ii", o->folder, o->message);
}

int label_expunge_refused(struct write *w, const struct label_op *o, struct thread_set *touched,
	struct err *e)
{
	return db_run(w->db, e, SQL_SHOW, "ii", o->folder, o->message) ||
			       touch(w, touched, o->message, e)
		       ? -1
		       : 0;
}
