/* folder.c - the folders of accounts: listing, finding, making them equal to the server's. */
#include "config.h"

#include "crmail/store/account.h"

#include <stdlib.h>
#include <string.h>

#include "account_private.h"
#include "store_private.h"
#include "thread_private.h"

#define FOLDER_COLUMNS                                                                             \
	"SELECT id, account, name, server_name, role, total, unread, unread_threads, is_synced,"   \
	" cursor, threads FROM folder"
static const char SQL_LIST[] = FOLDER_COLUMNS " WHERE account = ?1 OR ?1 = 0"
					      " ORDER BY account, role = 0, role, name, id";
static const char SQL_GET[] = FOLDER_COLUMNS " WHERE id = ?";
static const char SQL_BY_ROLE[] = FOLDER_COLUMNS " WHERE role = ?2 AND account = ?1"
						 " ORDER BY id LIMIT 1";
/* What is there as it is is not tried: an insert that comes to nothing still counts the ids up. */
static const char SQL_PUT[] =
	"INSERT INTO folder (account, name, server_name, role) SELECT ?1, ?2, ?3, ?4"
	" WHERE NOT EXISTS (SELECT 1 FROM folder WHERE account = ?1 AND server_name = ?3 AND name "
	"= ?2"
	" AND role = ?4)"
	" ON CONFLICT (account, server_name) DO UPDATE SET name = ?2, role = ?4"
	" WHERE name <> ?2 OR role <> ?4";
/* But those that wait to be made at the server (OP_FOLDER_CREATE = 6): no listing has them yet. */
static const char SQL_IDS[] =
	"SELECT id, server_name FROM folder WHERE account = ?1"
	" AND NOT EXISTS (SELECT 1 FROM op WHERE op.account = ?1 AND op.kind = 6"
	"  AND op.to_folder = folder.id)";
static const char SQL_DROP[] = "DELETE FROM folder WHERE id = ?";
static const char SQL_DROP_OPS[] = "DELETE FROM op WHERE folder = ?1 OR to_folder = ?1";
static const char SQL_TOUCHED[] = "SELECT DISTINCT m.thread FROM placement p"
				  " JOIN message m ON m.id = p.message WHERE p.folder = ?";
static const char SQL_EMPTY[] = "DELETE FROM placement WHERE folder = ?";
static const char SQL_FREE_COPIES[] =
	"UPDATE message SET copy_of = (SELECT min(n.id) FROM message n"
	"  WHERE n.equal_key = message.equal_key AND n.account <> ?1), body = 0, indexed = 0,"
	" facts = facts | (SELECT f.facts & ?2 FROM message f WHERE f.id = message.copy_of)"
	" WHERE copy_of <> id AND account <> ?1"
	" AND copy_of IN (SELECT id FROM message WHERE account = ?1)";

int folder_drop_placements(struct write *w, int64_t folder, struct err *e)
{
	struct thread_set touched = {NULL, 0, 0};
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_TOUCHED, "i", folder))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		thread_set_add(w, &touched, sqlite3_column_int64(q, 0));
	if (rc || db_run(w->db, e, SQL_EMPTY, "i", folder))
		return -1;
	return thread_refresh(w, &touched, e);
}

struct folder_ids {
	int64_t *id;
	const char **server_name;
	size_t n, cap, cap_names;
};

static int read_ids(struct write *w, int64_t account, struct folder_ids *ids, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*ids = (struct folder_ids){.n = 0};
	if (db_query(w->db, &q, e, SQL_IDS, "i", account))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		ids->id = arena_grow(&w->arena, ids->id, &ids->cap, ids->n + 1, sizeof *ids->id);
		ids->server_name = arena_grow(&w->arena, ids->server_name, &ids->cap_names,
			ids->n + 1, sizeof *ids->server_name);
		ids->id[ids->n] = sqlite3_column_int64(q, 0);
		ids->server_name[ids->n++] = db_text(&w->arena, q, 1);
	}
	return rc;
}

/* Copies of its messages that other accounts have stand for themselves from now on. */
int account_drop_placements(struct write *w, int64_t account, struct err *e)
{
	struct folder_ids ids;
	if (db_run(w->db, e, SQL_FREE_COPIES, "ii", account, (int64_t)FACT_TOLD) ||
		read_ids(w, account, &ids, e))
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		if (folder_drop_placements(w, ids.id[i], e))
			return -1;
	return 0;
}

struct list_args {
	int64_t account;
	const struct folder_in *v;
	size_t n;
	bool is_whole; /* what is not among them is gone */
};

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char **sorted_names(struct arena *arena, const struct list_args *a)
{
	const char **v = arena_array(arena, a->n + 1, sizeof *v);
	for (size_t i = 0; i < a->n; i++)
		v[i] = a->v[i].server_name;
	qsort(v, a->n, sizeof *v, by_text);
	return v;
}

static int drop_vanished(struct write *w, const struct list_args *a, int64_t *changed,
	struct err *e)
{
	struct folder_ids ids;
	if (read_ids(w, a->account, &ids, e))
		return -1;
	const char **listed = sorted_names(&w->arena, a);
	for (size_t i = 0; i < ids.n; i++) {
		if (bsearch(&ids.server_name[i], listed, a->n, sizeof *listed, by_text))
			continue;
		++*changed;
		if (folder_drop_placements(w, ids.id[i], e) ||
			db_run(w->db, e, SQL_DROP_OPS, "i", ids.id[i]) ||
			db_run(w->db, e, SQL_DROP, "i", ids.id[i]))
			return -1;
	}
	return 0;
}

static int write_list(struct write *w, void *arg, struct err *e)
{
	const struct list_args *a = arg;
	int64_t changed = 0;
	for (size_t i = 0; i < a->n; i++) {
		if (db_run(w->db, e, SQL_PUT, "itti", a->account, a->v[i].name, a->v[i].server_name,
			    (int64_t)a->v[i].role))
			return -1;
		changed += db_changes(w->db);
	}
	if (a->is_whole && drop_vanished(w, a, &changed, e))
		return -1;
	if (changed)
		write_event(w, EV_FOLDERS, a->account, 0, 0, 1);
	return 0;
}

int folder_put_list(struct store *s, int64_t account, const struct folder_in *v, size_t n,
	struct err *e)
{
	struct list_args a = {account, v, n, true};
	return writer_call(&s->main, 0, write_list, &a, e);
}

int folder_add_list(struct store *s, int64_t account, const struct folder_in *v, size_t n,
	struct err *e)
{
	struct list_args a = {account, v, n, false};
	return writer_call(&s->main, 0, write_list, &a, e);
}

static void read_folder(struct arena *a, sqlite3_stmt *q, struct folder_row *r)
{
	*r = (struct folder_row){
		.id = sqlite3_column_int64(q, 0),
		.account = sqlite3_column_int64(q, 1),
		.name = db_text(a, q, 2),
		.server_name = db_text(a, q, 3),
		.role = (enum folder_role)sqlite3_column_int(q, 4),
		.total = sqlite3_column_int64(q, 5),
		.unread = sqlite3_column_int64(q, 6),
		.unread_threads = sqlite3_column_int64(q, 7),
		.is_synced = sqlite3_column_int(q, 8) != 0,
		.cursor = db_text(a, q, 9),
		.threads = sqlite3_column_int64(q, 10),
	};
}

int folder_list(struct store_reader *r, struct arena *a, int64_t account, struct folder_row **out,
	size_t *n, struct err *e)
{
	struct folder_row *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_LIST, "i", account))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		read_folder(a, q, &v[count++]);
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

static int read_one(struct store_reader *r, struct arena *a, sqlite3_stmt *q,
	struct folder_row **out, struct err *e)
{
	int rc = db_step(reader_db(r), q, e);
	if (rc < 0)
		return -1;
	struct folder_row *row = NULL;
	if (rc == 1) {
		row = arena_alloc(a, sizeof *row);
		read_folder(a, q, row);
		sqlite3_reset(q);
	}
	*out = row;
	return 0;
}

int folder_by_role(struct store_reader *r, struct arena *a, int64_t account, enum folder_role role,
	struct folder_row **out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_BY_ROLE, "ii", account, (int64_t)role))
		return -1;
	return read_one(r, a, q, out, e);
}

int folder_get(struct store_reader *r, struct arena *a, int64_t id, struct folder_row **out,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_GET, "i", id))
		return -1;
	return read_one(r, a, q, out, e);
}
