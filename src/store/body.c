/*
 * body.c - cache.db: compressed bodies (big ones as files named by their hash), folded heads and
 * the full-text index. Everything here can be made again. Which messages have a body is noted in
 * crmail.db by ingest_body.c, after this commit.
 */
#include "config.h"

#include "ingest_body.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

enum { HEAD_COLUMNS = 5 };
enum { ZSTD_LEVEL = 1 }; /* 3 takes half as long again and saves 1.5 % */

static const char SQL_PUT_BODY[] = "INSERT OR REPLACE INTO body (message, state, size, file, data)"
				   " VALUES (?, ?, ?, ?, ?)";
static const char SQL_HEAD[] = "SELECT subject, sender, rcpt, cc, files FROM head"
			       " WHERE message = ?";
static const char SQL_PUT_HEAD[] = "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char SQL_TRI_PUT[] = "INSERT INTO tri (rowid, subject, sender, rcpt, cc, files)"
				  " VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_TRI_DROP[] = "INSERT INTO tri (tri, rowid, subject, sender, rcpt, cc, files)"
				   " VALUES ('delete', ?, ?, ?, ?, ?, ?)";
static const char SQL_HEAD_PUT[] = "INSERT INTO fts_head (rowid, subject, sender, rcpt, cc, files)"
				   " VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_HEAD_DROP[] = "INSERT INTO fts_head (fts_head, rowid, subject, sender, rcpt,"
				    " cc, files) VALUES ('delete', ?, ?, ?, ?, ?, ?)";
static const char SQL_TEXT[] = "SELECT data FROM text WHERE message = ?";
static const char SQL_PUT_TEXT[] = "INSERT OR REPLACE INTO text VALUES (?, ?, ?)";
static const char SQL_BODY[] = "SELECT file, data FROM body WHERE message = ? AND state > 0";
static const char SQL_NO_HEAD[] = "DELETE FROM head WHERE message = ?";
static const char SQL_NO_TEXT[] = "DELETE FROM text WHERE message = ?";
static const char SQL_NO_BODY[] = "DELETE FROM body WHERE message = ?";
static const char SQL_FILE_OF[] = "SELECT file FROM body WHERE message = ?";
static const char SQL_FILE_USED[] = "SELECT 1 FROM body WHERE file = ? LIMIT 1";
static const char SQL_OPTIMIZE[] = "INSERT INTO fts (fts) VALUES ('optimize');"
				   "INSERT INTO fts_head (fts_head) VALUES ('optimize');"
				   "INSERT INTO tri (tri) VALUES ('optimize')";
static const char SQL_NOT_OPENED[] = "DELETE FROM opened WHERE message = ?";
static const char SQL_FTS_PUT[] = "INSERT INTO fts (rowid, body) VALUES (?, ?)";
static const char SQL_FTS_DROP[] = "INSERT INTO fts (fts, rowid, body) VALUES ('delete', ?, ?)";

const void *body_compress(struct arena *a, const char *p, size_t n, size_t *out_len)
{
	size_t bound = ZSTD_compressBound(n);
	void *room = xmalloc(
		bound); /* the arena keeps what it gives: it is asked for no more than needed */
	size_t len = ZSTD_compress(room, bound, p, n, ZSTD_LEVEL);
	BUG_ON(ZSTD_isError(len)); /* with room for the bound it cannot fail */
	void *out = memcpy(arena_alloc(a, len), room, len);
	free(room);
	*out_len = len;
	return out;
}

int body_expand(struct arena *a, const void *p, size_t n, size_t max, const char **out,
	size_t *out_len, struct err *e)
{
	unsigned long long size = ZSTD_getFrameContentSize(p, n);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > max)
		return err_set(e, ERR_DB, "%s", _("A stored message is damaged."));
	char *to = arena_alloc(a, (size_t)size + 1);
	size_t len = ZSTD_decompress(to, (size_t)size, p, n);
	if (ZSTD_isError(len))
		return err_set(e, ERR_DB, "%s", _("A stored message is damaged."));
	*out = to;
	*out_len = len;
	return 0;
}

char *body_file_path(const struct store *s, const char *sha256)
{
	CLEANUP(free_str) char *name = xasprintf("files/%.2s/%s.zst", sha256, sha256);
	return store_path(s, name);
}

int body_read_file(const struct store *s, struct arena *a, const char *sha256, const char **p,
	size_t *n, struct err *e)
{
	CLEANUP(free_str) char *path = body_file_path(s, sha256);
	CLEANUP(buf_release) struct buf b = BUF_INIT(BODY_MAX);
	if (fsx_read_file(path, &b, e))
		return -1;
	return body_expand(a, b.p, b.len, BODY_MAX, p, n, e);
}

/* Words are found in the same text, with each CJK character apart. */
static void split_columns(struct arena *a, const char *const in[], const char *out[])
{
	for (size_t i = 0; i < HEAD_COLUMNS; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
		fold_text(&b, in[i], strlen(in[i]));
		out[i] = arena_strndup(a, b.p, b.len);
	}
}

static int change_head(struct write *w, const char *tri, const char *words, int64_t message,
	const char *const c[], struct err *e)
{
	const char *s[HEAD_COLUMNS];
	split_columns(&w->arena, c, s);
	return db_run(w->db, e, tri, "ittttt", message, c[0], c[1], c[2], c[3], c[4]) ||
			       db_run(w->db, e, words, "ittttt", message, s[0], s[1], s[2], s[3],
				       s[4])
		       ? -1
		       : 0;
}

/* *is_there false: no head of that message. */
static int read_head(struct write *w, int64_t message, const char *head[], bool *is_there,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_HEAD, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	*is_there = rc == 1;
	for (int i = 0; rc == 1 && i < HEAD_COLUMNS; i++)
		head[i] = db_text(&w->arena, q, i);
	sqlite3_reset(q);
	return rc < 0 ? -1 : 0;
}

static int put_head(struct write *w, int64_t message, const struct prepared *p, struct err *e)
{
	const char *old[HEAD_COLUMNS];
	bool is_there, is_same = true;
	if (read_head(w, message, old, &is_there, e))
		return -1;
	for (int i = 0; is_there && i < HEAD_COLUMNS; i++)
		is_same = is_same && !strcmp(old[i], p->head[i]);
	if (is_there && is_same)
		return 0;
	if (is_there && change_head(w, SQL_TRI_DROP, SQL_HEAD_DROP, message, old, e))
		return -1;
	return db_run(w->db, e, SQL_PUT_HEAD, "iittttt", message, (int64_t)FOLD_VERSION, p->head[0],
		       p->head[1], p->head[2], p->head[3], p->head[4]) ||
			       change_head(w, SQL_TRI_PUT, SQL_HEAD_PUT, message, p->head, e)
		       ? -1
		       : 0;
}

/* The row before can only be taken out with the very text that was put in. */
static int drop_text(struct write *w, int64_t message, struct err *e)
{
	const char *old = NULL;
	size_t len = 0;
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_TEXT, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	rc = body_expand(&w->arena, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0),
		TEXT_MAX, &old, &len, e);
	sqlite3_reset(q);
	return rc || db_run(w->db, e, SQL_FTS_DROP, "it", message, old) ? -1 : 0;
}

static int put_body(struct write *w, const struct body_item *it, struct err *e)
{
	const struct prepared *p = it->p;
	int64_t state = !p->is_whole ? BODY_NONE : it->partly ? BODY_PARTLY : BODY_WHOLE;
	if (it->only_head)
		return 0;
	return db_run(w->db, e, SQL_PUT_BODY, "iiitb", it->message, state, (int64_t)p->raw_len,
		p->file, p->file ? NULL : p->raw.p, p->raw.len);
}

static int put_text(struct write *w, const struct body_item *it, struct err *e)
{
	const struct prepared *p = it->p;
	if (it->only_head || !p->text)
		return 0;
	return drop_text(w, it->message, e) ||
			       db_run(w->db, e, SQL_FTS_PUT, "it", it->message, p->text) ||
			       db_run(w->db, e, SQL_PUT_TEXT, "iib", it->message,
				       (int64_t)FOLD_VERSION, p->text_z.p, p->text_z.len)
		       ? -1
		       : 0;
}

/* Bodies before the first word goes to an index: a statement that may have to be rolled back alone,
 * as SQL_PUT_BODY may, makes FTS5 write out all the words that it still holds in memory. So a batch
 * becomes one piece of each index, not as many as it has messages. */
int body_put(struct write *w, const struct body_item *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (put_body(w, &v[i], e))
			return -1;
	for (size_t i = 0; i < n; i++)
		if (put_head(w, v[i].message, v[i].p, e) || put_text(w, &v[i], e))
			return -1;
	return 0;
}

int body_write_file(const struct store *s, const struct prepared *p, struct err *e)
{
	if (!p->file)
		return 0;
	CLEANUP(free_str) char *path = body_file_path(s, p->file);
	CLEANUP(free_str) char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	return fsx_mkdir_p(dir, e) || fsx_write_file(path, p->raw.p, p->raw.len, true, e) ? -1 : 0;
}

struct drop_list;
typedef int (*drop_fn)(struct write *w, int64_t message, struct drop_list *l, struct err *e);

struct drop_list {
	const int64_t *v;
	size_t n;
	drop_fn one; /* what is done with each */
	struct arena *a;
	const char **files; /* that no body lies in any more */
	size_t n_files;
};

static int drop_body(struct write *w, int64_t message, struct drop_list *l, struct err *e)
{
	const char *file = NULL;
	int64_t is_used = 0;
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_FILE_OF, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc == 1)
		file = db_text(l->a, q, 0);
	sqlite3_reset(q);
	if (rc < 0 || db_run(w->db, e, SQL_NO_BODY, "i", message) ||
		(file && db_value(w->db, &is_used, e, SQL_FILE_USED, "t", file)))
		return -1;
	if (file && !is_used)
		l->files[l->n_files++] = file;
	return 0;
}

/* Reads a body into the job's arena; *raw NULL: it has none. */
static int read_body(struct write *w, int64_t message, const char **raw, size_t *n,
	const char **file, struct err *e)
{
	sqlite3_stmt *q;
	*raw = *file = NULL;
	if (db_query(w->db, &q, e, SQL_BODY, "i", message))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	*file = db_text(&w->arena, q, 0);
	rc = *file ? body_read_file(w->store, &w->arena, *file, raw, n, e)
		   : body_expand(&w->arena, sqlite3_column_blob(q, 1),
			     (size_t)sqlite3_column_bytes(q, 1), BODY_MAX, raw, n, e);
	sqlite3_reset(q);
	return rc;
}

static size_t headers_len(const char *raw, size_t n)
{
	const char *lf = memmem(raw, n, "\n\n", 2), *crlf = memmem(raw, n, "\r\n\r\n", 4);
	const char *end = !lf ? crlf : !crlf || lf < crlf ? lf : crlf;
	return end ? (size_t)(end - raw) + 2 : n;
}

/* The headers stay, and so do the words it is found by. A body that cannot be read is dropped. */
static int shrink_one(struct write *w, int64_t message, struct drop_list *l, struct err *e)
{
	const char *raw, *file;
	struct err unreadable = ERR_INIT;
	size_t n = 0, len;
	if (read_body(w, message, &raw, &n, &file, &unreadable))
		return drop_body(w, message, l, e);
	if (!raw)
		return 0;
	if (drop_body(w, message, l, e))
		return -1;
	n = headers_len(raw, n);
	const void *packed = body_compress(&w->arena, raw, n, &len);
	return db_run(w->db, e, SQL_PUT_BODY, "iiitb", message, (int64_t)BODY_NONE, (int64_t)n,
		NULL, packed, len);
}

static int drop_one(struct write *w, int64_t message, struct drop_list *l, struct err *e)
{
	const char *head[HEAD_COLUMNS];
	bool is_there;
	if (read_head(w, message, head, &is_there, e) ||
		(is_there && change_head(w, SQL_TRI_DROP, SQL_HEAD_DROP, message, head, e)) ||
		drop_text(w, message, e))
		return -1;
	return db_run(w->db, e, SQL_NO_HEAD, "i", message) ||
			       db_run(w->db, e, SQL_NO_TEXT, "i", message) ||
			       db_run(w->db, e, SQL_NOT_OPENED, "i", message) ||
			       drop_body(w, message, l, e)
		       ? -1
		       : 0;
}

static int write_drops(struct write *w, void *arg, struct err *e)
{
	struct drop_list *l = arg;
	for (size_t i = 0; i < l->n; i++)
		if (l->one(w, l->v[i], l, e))
			return -1;
	return 0;
}

static int for_each(struct store *s, const int64_t *ids, size_t n, drop_fn one, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct drop_list l = {.v = ids, .n = n, .a = &a, .one = one};
	l.files = arena_array(&a, n + 1, sizeof *l.files);
	if (n && writer_call(&s->cache, 0, write_drops, &l, e))
		return -1;
	for (size_t i = 0; i < l.n_files; i++) {
		CLEANUP(free_str) char *path = body_file_path(s, l.files[i]);
		IGNORE_RESULT(unlink(path), "what is not there need not go");
	}
	return 0;
}

int body_drop(struct store *s, const int64_t *ids, size_t n, struct err *e)
{
	return for_each(s, ids, n, drop_one, e);
}

int body_shrink(struct store *s, const int64_t *ids, size_t n, struct err *e)
{
	return for_each(s, ids, n, shrink_one, e);
}

static int write_optimize(struct write *w, void *arg, struct err *e)
{
	(void)arg;
	return db_script(w->db, SQL_OPTIMIZE, e);
}

int body_optimize(struct store *s, struct err *e)
{
	return writer_call(&s->cache, 0, write_optimize, NULL, e);
}
