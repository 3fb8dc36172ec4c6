/* outbox_file.c - table outbox_file. Its rows go with their mail: see outbox.c. */
#include "config.h"

#include "crmail/store/outbox_file.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/mem.h"

#include "store_private.h"

static const char SQL_ADD[] = "INSERT OR REPLACE INTO outbox_file VALUES (?, ?, ?, ?, ?)";
static const char SQL_DROP[] = "DELETE FROM outbox_file WHERE id = ?";
static const char SQL_LIST[] = "SELECT id, name, type, data FROM outbox_file WHERE outbox = ?"
			       " ORDER BY id";

struct file_args {
	int64_t id, outbox;
	char *name, *type;
	void *data;
	size_t len;
};

static void free_file(void *arg)
{
	struct file_args *f = arg;
	free(f->name);
	free(f->type);
	free(f->data);
	free(f);
}

static int write_add(struct write *w, void *arg, struct err *e)
{
	const struct file_args *f = arg;
	return db_run(w->db, e, SQL_ADD, "iittb", f->id, f->outbox, f->name, f->type, f->data,
		f->len);
}

static int write_drop(struct write *w, void *arg, struct err *e)
{
	return db_run(w->db, e, SQL_DROP, "i", ((const struct file_args *)arg)->id);
}

int64_t outbox_file_add(struct store *s, int64_t outbox, const struct outbox_file *f, int64_t *id)
{
	struct file_args *a = xcalloc(1, sizeof *a);
	*a = (struct file_args){.id = store_new_id(s),
		.outbox = outbox,
		.name = xstrdup(f->name),
		.type = xstrdup(f->type),
		.data = xmalloc(f->len + 1),
		.len = f->len};
	if (f->len)
		memcpy(a->data, f->data, f->len);
	*id = a->id;
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_add, a, free_file);
}

int64_t outbox_file_drop(struct store *s, int64_t id)
{
	struct file_args *a = xcalloc(1, sizeof *a);
	a->id = id;
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_drop, a, free_file);
}

int outbox_files(struct store_reader *r, struct arena *a, int64_t outbox, struct outbox_file **out,
	size_t *n, struct err *e)
{
	struct outbox_file *v = arena_array(a, 1, sizeof *v);
	size_t cap = 1, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(&r->db, &q, e, SQL_LIST, "i", outbox))
		return -1;
	while ((rc = db_step(&r->db, q, e)) == 1) {
		size_t len = (size_t)sqlite3_column_bytes(q, 3);
		char *data = arena_alloc(a, len + 1);
		if (len)
			memcpy(data, sqlite3_column_blob(q, 3), len);
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct outbox_file){
			sqlite3_column_int64(q, 0), db_text(a, q, 1), db_text(a, q, 2), data, len};
	}
	if (rc)
		return -1;
	*out = v;
	*n = count;
	return 0;
}
