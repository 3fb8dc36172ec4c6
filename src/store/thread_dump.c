/*
 * thread_dump.c - every conversation with the source of each message and of the ancestor it
 * answers (formats.md "threads"). One conversation in memory at a time.
 */
#include "config.h"

#include "crmail/store/message.h"

#include <stdlib.h>
#include <string.h>

#include "ingest_private.h"

static const char SQL_THREADS[] = "SELECT id FROM thread WHERE newest > 0 AND merged_into IS NULL"
				  " ORDER BY newest DESC";
/* The first placement of a message or of an equal copy. */
static const char SQL_MESSAGES[] =
	"SELECT m.id, m.mid, m.mid_hash, m.date, m.refs, a.kind, a.name, f.name, p.server_id"
	" FROM message m JOIN placement p ON p.id = (SELECT min(o.id) FROM message c"
	"  JOIN placement o ON o.message = c.id AND o.is_shown"
	"  WHERE c.thread = m.thread AND c.copy_of = m.id)"
	" JOIN folder f ON f.id = p.folder JOIN account a ON a.id = f.account"
	" WHERE m.thread = ? AND m.copy_of = m.id";

struct node {
	int64_t id, hash, date;
	const char *source, *mid;
	const int64_t *refs;
	size_t n_refs;
	size_t parent; /* index + 1, 0 = none */
};

struct by_hash {
	int64_t hash;
	size_t index;
};

struct dump {
	struct arena arena;
	struct node *v;
	struct by_hash *index;
	size_t n, cap;
};

/* What follows the line end is the import's own, to tell equal names apart. */
static const char *import_source(struct arena *a, const char *server_id)
{
	return arena_strndup(a, server_id, strcspn(server_id, "\n"));
}

static const char *make_source(struct arena *a, sqlite3_stmt *q)
{
	const char *kind = (const char *)sqlite3_column_text(q, 5);
	const char *server_id = db_text(a, q, 8);
	if (!strcmp(kind, "import"))
		return server_id ? import_source(a, server_id) : "";
	return arena_printf(a, "%s/%s;uid=%s", sqlite3_column_text(q, 6), sqlite3_column_text(q, 7),
		server_id ? server_id : "");
}

static int read_nodes(struct db *d, struct dump *u, int64_t thread, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_MESSAGES, "i", thread))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		size_t len = (size_t)sqlite3_column_bytes(q, 4);
		int64_t *refs = arena_alloc(&u->arena, len + 1);
		if (len)
			memcpy(refs, sqlite3_column_blob(q, 4), len);
		u->v = arena_grow(&u->arena, u->v, &u->cap, u->n + 1, sizeof *u->v);
		u->v[u->n++] = (struct node){
			.id = sqlite3_column_int64(q, 0),
			.mid = db_text(&u->arena, q, 1),
			.hash = sqlite3_column_int64(q, 2),
			.date = sqlite3_column_int64(q, 3),
			.refs = refs,
			.n_refs = len / sizeof *refs,
			.source = make_source(&u->arena, q),
		};
	}
	return rc;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	if (x->id >> 20 != y->id >> 20)
		return x->id < y->id ? -1 : 1;
	return strcmp(x->source, y->source);
}

static int compare_hashes(const void *a, const void *b)
{
	const struct by_hash *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The first message (in order) with that id. */
static const struct by_hash *find_hash(const struct dump *u, int64_t hash)
{
	size_t low = 0, high = u->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (u->index[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < u->n && u->index[low].hash == hash ? &u->index[low] : NULL;
}

/* References may run in circles: nobody becomes his own ancestor. */
static bool descends_from(const struct dump *u, size_t at, size_t ancestor)
{
	for (size_t i = at + 1; i; i = u->v[i - 1].parent)
		if (i == ancestor + 1)
			return true;
	return false;
}

static void find_parents(struct dump *u)
{
	u->index = arena_array(&u->arena, u->n + 1, sizeof *u->index);
	for (size_t i = 0; i < u->n; i++)
		u->index[i] = (struct by_hash){u->v[i].hash, i};
	qsort(u->index, u->n, sizeof *u->index, compare_hashes);
	for (size_t i = 0; i < u->n; i++) {
		struct node *x = &u->v[i];
		for (size_t k = 0; k < x->n_refs && !x->parent; k++) {
			const struct by_hash *h = find_hash(u, x->refs[k]);
			if (h && !descends_from(u, h->index, i))
				x->parent = h->index + 1;
		}
	}
}

static int dump_thread(struct db *d, struct dump *u, int64_t thread, thread_dump_fn fn, void *ctx,
	struct err *e)
{
	arena_reset(&u->arena);
	u->v = NULL;
	u->n = u->cap = 0;
	if (read_nodes(d, u, thread, e))
		return -1;
	if (!u->n)
		return 0;
	qsort(u->v, u->n, sizeof *u->v, compare_nodes);
	find_parents(u);
	for (size_t i = 0; i < u->n; i++) {
		const struct node *x = &u->v[i];
		const char *parent = x->parent ? u->v[x->parent - 1].source : NULL;
		if (fn(ctx, thread, x->source, x->mid, parent))
			return err_set(e, ERR_CANCELLED, "%s", "");
	}
	return 0;
}

int thread_dump(struct store_reader *r, thread_dump_fn fn, void *ctx, struct err *e)
{
	struct db *d = reader_db(r);
	struct dump u = {.arena = ARENA_INIT};
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_THREADS, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		if (dump_thread(d, &u, sqlite3_column_int64(q, 0), fn, ctx, e)) {
			sqlite3_reset(q);
			rc = -1;
			break;
		}
	}
	arena_release(&u.arena);
	return rc;
}
