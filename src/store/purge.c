/* purge.c - see purge.h. */
#include "config.h"

#include "crmail/store/purge.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"

#include "audit_private.h"
#include "backup.h"
#include "correspondent_private.h"
#include "ingest_body.h"
#include "keep.h"
#include "purge_private.h"

enum { KEY_BYTES = 32, EQUAL_BYTES = 32, HASH_SIZE = 65, ID_DIGITS = 16 };

static const char SQL_KEY[] = "SELECT value FROM meta WHERE key = 'purge_key'";
static const char SQL_PUT_KEY[] = "INSERT INTO meta VALUES ('purge_key', ?)";
static const char SQL_ANY[] = "SELECT EXISTS (SELECT 1 FROM tombstone)";
static const char SQL_HAS[] = "SELECT 1 FROM tombstone WHERE hash = ?";
static const char SQL_PUT[] = "INSERT OR REPLACE INTO tombstone VALUES (?, ?)";
static const char SQL_FIRST[] = "SELECT copy_of, equal_key FROM message WHERE id = ?";
static const char SQL_COPIES[] = "SELECT id, thread FROM message WHERE id = ?1 UNION ALL"
				 " SELECT id, thread FROM message WHERE copy_of = ?1"
				 " AND copy_of <> id";
static const char SQL_ON_SERVERS[] =
	"SELECT count(*) FROM placement p JOIN folder f ON f.id = p.folder"
	" JOIN account a ON a.id = f.account WHERE p.message = ? AND p.is_remote"
	" AND a.kind <> 'import'";
static const char SQL_IN_CRMS[] = "SELECT count(*) FROM activity WHERE message = ? AND state = 2";
static const char SQL_IMPORTED[] =
	"SELECT p.server_id FROM placement p JOIN folder f ON f.id = p.folder"
	" JOIN account a ON a.id = f.account WHERE p.message = ? AND a.kind = 'import'";
/* Of one message, in this order; what a CRM has stays an entry of its timeline. */
static const char *const SQL_ROWS[] = {
	"DELETE FROM activity WHERE message = ? AND state <> 2",
	"UPDATE activity SET body = NULL, subject = NULL WHERE message = ?",
	"UPDATE outbox SET subject = '', draft_json = NULL WHERE sent_message = ?",
	"DELETE FROM message_party WHERE message = ?",
	"DELETE FROM body_request WHERE message = ?",
	"DELETE FROM found WHERE message = ?",
	"DELETE FROM change WHERE message = ?",
	"DELETE FROM op WHERE message = ?",
	"UPDATE decision SET mail = (SELECT o.equal_key FROM message m JOIN message o"
	" ON o.thread = m.thread AND o.copy_of <> m.copy_of AND o.equal_key IS NOT NULL"
	" WHERE m.id = ?1 LIMIT 1) WHERE scope = 2"
	" AND mail = (SELECT equal_key FROM message WHERE id = ?1)",
	"DELETE FROM decision WHERE scope < 3 AND (mail IS NULL OR"
	" mail = (SELECT equal_key FROM message WHERE id = ?1))",
	"DELETE FROM placement WHERE message = ?",
	"DELETE FROM message WHERE id = ?",
};

/* ---- tombstones ------------------------------------------------------------------------------ */

/* *is_there false: nothing was purged yet. */
static int read_key(struct write *w, char key[KEY_BYTES], bool *is_there, struct err *e)
{
	sqlite3_stmt *q;
	*is_there = false;
	if (db_query(w->db, &q, e, SQL_KEY, ""))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc == 1) {
		*is_there = sqlite3_column_bytes(q, 0) == KEY_BYTES;
		if (*is_there)
			memcpy(key, sqlite3_column_blob(q, 0), KEY_BYTES);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

/* Both parts have one length each, so that the hash of their sequence is a keyed one. */
static void hash_with(const char *key, const char *equal_key, char out[HASH_SIZE])
{
	char text[KEY_BYTES + EQUAL_BYTES];
	memcpy(text, key, KEY_BYTES);
	memcpy(text + KEY_BYTES, equal_key, EQUAL_BYTES);
	sha256_hex(text, sizeof text, out);
}

int purge_has(struct write *w, const char *equal_key, bool *out, struct err *e)
{
	char key[KEY_BYTES], hash[HASH_SIZE];
	bool is_there = false;
	int64_t found = 0;
	*out = false;
	if (db_value(w->db, &found, e, SQL_ANY, ""))
		return -1;
	if (!found)
		return 0;
	found = 0;
	if (read_key(w, key, &is_there, e))
		return -1;
	if (!is_there)
		return 0;
	hash_with(key, equal_key, hash);
	if (db_value(w->db, &found, e, SQL_HAS, "t", hash))
		return -1;
	*out = found != 0;
	return 0;
}

static int put_tombstone(struct write *w, const char *equal_key, struct err *e)
{
	char key[KEY_BYTES], hash[HASH_SIZE];
	bool is_there = false;
	if (read_key(w, key, &is_there, e))
		return -1;
	for (size_t i = 0; !is_there && i < sizeof key; i += sizeof(uint64_t)) {
		uint64_t more = rng_u64(w->store->o.rng);
		memcpy(key + i, &more, sizeof more);
	}
	if (!is_there && db_run(w->db, e, SQL_PUT_KEY, "b", key, (size_t)KEY_BYTES))
		return -1;
	hash_with(key, equal_key, hash);
	return db_run(w->db, e, SQL_PUT, "ti", hash, w->now);
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct copies {
	int64_t *id, *thread;
	size_t n, cap, cap_threads;
};

static int read_copies(struct write *w, int64_t first, struct copies *c, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*c = (struct copies){.n = 0};
	if (db_query(w->db, &q, e, SQL_COPIES, "i", first))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		c->id = arena_grow(&w->arena, c->id, &c->cap, c->n + 1, sizeof *c->id);
		c->thread = arena_grow(&w->arena, c->thread, &c->cap_threads, c->n + 1,
			sizeof *c->thread);
		c->id[c->n] = sqlite3_column_int64(q, 0);
		c->thread[c->n++] = sqlite3_column_int64(q, 1);
	}
	return rc;
}

static int drop_rows(struct write *w, const struct copies *c, struct thread_set *touched,
	struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		thread_set_add(w, touched, c->thread[i]);
		if (correspondent_purge(w, c->id[i], e))
			return -1;
		for (size_t k = 0; k < ARRAY_SIZE(SQL_ROWS); k++)
			if (db_run(w->db, e, SQL_ROWS[k], "i", c->id[i]))
				return -1;
	}
	return 0;
}

int purge_rows(struct write *w, int64_t first, struct thread_set *touched, struct err *e)
{
	struct copies c;
	return read_copies(w, first, &c, e) || drop_rows(w, &c, touched, e) ? -1 : 0;
}

/* ---- one message ----------------------------------------------------------------------------- */

struct purge_args {
	int64_t id, first;
	bool is_dry;
	struct purge_report report;
	struct arena arena;  /* of the names of files */
	const char **digits; /* beginnings of the names of imported files */
	size_t n_digits, cap;
	const char *kept; /* sha256 of the kept body; NULL = none */
};

static int add_up(struct write *w, int64_t id, struct purge_args *a, struct err *e)
{
	int64_t servers = 0, crms = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_value(w->db, &servers, e, SQL_ON_SERVERS, "i", id) ||
		db_value(w->db, &crms, e, SQL_IN_CRMS, "i", id) ||
		db_query(w->db, &q, e, SQL_IMPORTED, "i", id))
		return -1;
	a->report.messages++;
	a->report.on_servers += servers;
	a->report.in_crms += crms;
	while ((rc = db_step(w->db, q, e)) == 1) {
		const char *server_id = db_text(&a->arena, q, 0);
		const char *digits = server_id ? strrchr(server_id, '\n') : NULL;
		if (!digits || strlen(digits + 1) != ID_DIGITS)
			continue;
		a->digits = arena_grow(&a->arena, a->digits, &a->cap, a->n_digits + 1,
			sizeof *a->digits);
		a->digits[a->n_digits++] = digits + 1;
	}
	return rc;
}

static int find_first(struct write *w, struct purge_args *a, const char **equal_key, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_FIRST, "i", a->id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("There is no such message."));
	a->first = sqlite3_column_int64(q, 0);
	bool has_key = sqlite3_column_bytes(q, 1) == EQUAL_BYTES;
	*equal_key = has_key ? memcpy(arena_alloc(&w->arena, EQUAL_BYTES), /* no text: any bytes */
				       sqlite3_column_blob(q, 1), EQUAL_BYTES)
			     : NULL;
	sqlite3_reset(q);
	if (has_key)
		return 0;
	return err_set(e, ERR_CONFLICT, "%s",
		_("This message has no Message-ID and was never fetched: please open it once, so "
		  "that it can be known again."));
}

static int write_purge(struct write *w, void *arg, struct err *e)
{
	struct purge_args *a = arg;
	const char *equal_key;
	struct copies c;
	struct thread_set touched = {NULL, 0, 0};
	if (find_first(w, a, &equal_key, e) || read_copies(w, a->first, &c, e) ||
		keep_file_of(w->db, &a->arena, a->first, &a->kept, e))
		return -1;
	for (size_t i = 0; i < c.n; i++)
		if (add_up(w, c.id[i], a, e))
			return -1;
	if (a->is_dry)
		return 0;
	const struct audit_row row = {
		.kind = AUDIT_PURGE, .is_ok = true, .ref = a->first, .n = a->report.messages};
	return put_tombstone(w, equal_key, e) || drop_rows(w, &c, &touched, e) ||
			       audit_add(w, &row, e) || thread_refresh(w, &touched, e)
		       ? -1
		       : 0;
}

static void remove_imported(const struct store *s, const struct purge_args *a)
{
	CLEANUP(free_str) char *dir = store_path(s, "imported/cur");
	DIR *d = a->n_digits ? opendir(dir) : NULL;
	for (struct dirent *entry; d && (entry = readdir(d));)
		for (size_t i = 0; i < a->n_digits; i++) {
			if (strncmp(entry->d_name, a->digits[i], ID_DIGITS) != 0)
				continue;
			CLEANUP(free_str) char *path = fsx_join(dir, entry->d_name);
			IGNORE_RESULT(unlink(path), "it may be gone already");
		}
	if (d)
		closedir(d);
}

int message_purge(struct store *s, int64_t id, bool is_dry, struct purge_report *out, struct err *e)
{
	struct purge_args a = {.id = id, .is_dry = is_dry, .arena = ARENA_INIT};
	int rc = writer_call(&s->main, WRITE_USER | WRITE_FULL, write_purge, &a, e);
	if (rc == 0 && !is_dry) {
		remove_imported(s, &a);
		if (a.kept)
			keep_remove_file(s, a.kept);
		rc = body_drop(s, &a.first, 1, e) || body_optimize(s, e) || backup_renew(s, e);
	}
	if (rc == 0)
		*out = a.report;
	arena_release(&a.arena);
	return rc;
}
