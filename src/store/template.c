/* template.c - tables template_use and template_version; see template.h. */
#include "config.h"

#include "crmail/store/template.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "store_private.h"

#define HEX 64
#define MONTH_S (30 * 86400.0)

static const char SQL_USED[] = "INSERT INTO template_use (path, uses, used_at) VALUES (?1, 1, ?2)"
			       " ON CONFLICT (path) DO UPDATE SET uses = uses + 1, used_at = ?2";
static const char SQL_USES[] = "SELECT uses, used_at FROM template_use WHERE path = ?";
static const char SQL_NEWEST[] =
	"SELECT digest FROM template_version WHERE path = ? ORDER BY id DESC LIMIT 1";
static const char SQL_KEEP[] =
	"INSERT INTO template_version (path, at, digest, text) VALUES (?1, ?2, ?3, ?4)";
static const char SQL_FORGET[] =
	"DELETE FROM template_version WHERE path = ?1 AND id <= (SELECT id FROM template_version"
	" WHERE path = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
static const char SQL_LIST[] = "SELECT id, at, length(CAST(text AS BLOB)) FROM template_version"
			       " WHERE path = ? ORDER BY id DESC";
static const char SQL_GET[] =
	"SELECT id, at, text FROM template_version WHERE id = ?1 AND path = ?2";

/* ---- uses -------------------------------------------------------------------------------------*/

static int write_used(struct write *w, void *arg, struct err *e)
{
	return db_run(w->db, e, SQL_USED, "ti", (const char *)arg, w->now);
}

int64_t template_used(struct store *s, const char *path)
{
	return writer_post(&s->main, WRITE_USER, write_used, xstrdup(path), free);
}

static int read_use(struct store_reader *r, struct template_file *f, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(&r->db, &q, e, SQL_USES, "t", f->path))
		return -1;
	int rc = db_step(&r->db, q, e);
	if (rc != 1)
		return rc;
	f->uses = sqlite3_column_int64(q, 0);
	f->used_at = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 0;
}

struct ranked {
	struct template_file file;
	size_t place; /* in the list as it was */
	double rank;
};

/* A month without use halves what uses count. */
static double rank_of(const struct template_file *f, int64_t now)
{
	double age = now > f->used_at ? (double)(now - f->used_at) : 0;
	return f->t && f->uses ? (double)f->uses / (1 + age / MONTH_S) : 0;
}

static int compare_ranked(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

int template_uses_read(struct store_reader *r, struct template_list *list, int64_t now,
	struct err *e)
{
	struct ranked *v = xcalloc(list->n + 1, sizeof(*v));
	int rc = 0;
	for (size_t i = 0; i < list->n && !rc; i++) {
		rc = read_use(r, &list->v[i], e);
		v[i] = (struct ranked){list->v[i], i, rank_of(&list->v[i], now)};
	}
	if (!rc && list->n) {
		qsort(v, list->n, sizeof(*v), compare_ranked);
		for (size_t i = 0; i < list->n; i++)
			list->v[i] = v[i].file;
	}
	free(v);
	return rc;
}

/* ---- versions ---------------------------------------------------------------------------------*/

/* Whether the newest version of the file is that text. */
static int is_newest(struct db *db, const char *path, const char digest[HEX + 1], bool *out,
	struct err *e)
{
	sqlite3_stmt *q;
	*out = false;
	if (db_query(db, &q, e, SQL_NEWEST, "t", path))
		return -1;
	int rc = db_step(db, q, e);
	if (rc != 1)
		return rc;
	const char *kept = (const char *)sqlite3_column_text(q, 0);
	*out = kept && !strcmp(kept, digest);
	sqlite3_reset(q);
	return 0;
}

struct keep_args {
	const char *path, *text;
	char digest[HEX + 1];
};

static int write_keep(struct write *w, void *arg, struct err *e)
{
	const struct keep_args *k = arg;
	bool is_kept;
	if (is_newest(w->db, k->path, k->digest, &is_kept, e))
		return -1;
	if (is_kept)
		return 0;
	return db_run(w->db, e, SQL_KEEP, "titt", k->path, w->now, k->digest, k->text) ||
			       db_run(w->db, e, SQL_FORGET, "ti", k->path,
				       (int64_t)TEMPLATE_VERSIONS_MOST)
		       ? -1
		       : 0;
}

/* What is no text is a broken file, and no version of a template. */
int template_keep(struct store *s, const char *path, const char *text, size_t len, struct err *e)
{
	struct keep_args k = {.path = path, .text = text};
	if (memchr(text, '\0', len))
		return 0;
	sha256_hex(text, len, k.digest);
	return writer_call(&s->main, WRITE_USER, write_keep, &k, e);
}

int template_keep_all(struct store *s, struct store_reader *r, const struct template_list *list,
	struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct template_file *f = &list->v[i];
		char digest[HEX + 1];
		bool is_kept;
		sha256_hex(f->text, f->len, digest);
		if (is_newest(&r->db, f->path, digest, &is_kept, e))
			return -1;
		if (!is_kept && f->len && template_keep(s, f->path, f->text, f->len, e))
			return -1;
	}
	return 0;
}

int template_versions(struct store_reader *r, struct arena *a, const char *path,
	struct template_version **out, size_t *n, struct err *e)
{
	struct template_version *v = arena_array(a, TEMPLATE_VERSIONS_MOST, sizeof(*v));
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (db_query(&r->db, &q, e, SQL_LIST, "t", path))
		return -1;
	while ((rc = db_step(&r->db, q, e)) == 1)
		if (*n < TEMPLATE_VERSIONS_MOST)
			v[(*n)++] = (struct template_version){.id = sqlite3_column_int64(q, 0),
				.at = sqlite3_column_int64(q, 1),
				.len = (size_t)sqlite3_column_int64(q, 2)};
	*out = v;
	return rc;
}

int template_version_get(struct store_reader *r, struct arena *a, const char *path, int64_t id,
	struct template_version *out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(&r->db, &q, e, SQL_GET, "it", id, path))
		return -1;
	int rc = db_step(&r->db, q, e);
	if (rc != 1)
		return rc ? rc
			  : err_set(e, ERR_NOTFOUND, _("\"%s\" has no version %lld."), path,
				    (long long)id);
	*out = (struct template_version){.id = sqlite3_column_int64(q, 0),
		.at = sqlite3_column_int64(q, 1),
		.text = db_text(a, q, 2)};
	out->len = out->text ? strlen(out->text) : 0;
	sqlite3_reset(q);
	return 0;
}

int template_restore(struct store *s, struct store_reader *r, const char *dir, const char *path,
	int64_t id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct template_version v;
	struct template_file now;
	struct err gone = ERR_INIT;
	if (template_version_get(r, &a, path, id, &v, e))
		return -1;
	bool is_there = template_file_read(dir, path, &a, &now, &gone) == 0;
	if (is_there && now.is_unread)
		return err_set(e, ERR_CONFLICT, _("%s cannot be used: %s"), path, now.why);
	if (is_there && now.len && template_keep(s, path, now.text, now.len, e))
		return -1;
	return template_file_write(dir, path, v.text, v.len, e) ||
			       template_keep(s, path, v.text, v.len, e)
		       ? -1
		       : 0;
}
