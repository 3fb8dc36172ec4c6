/* rebuild.c - see rebuild.h. */
#include "config.h"

#include "rebuild.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/store/ingest.h"

#include "keep.h"

enum { BATCH = 20, DIGITS = 16 }; /* of the sha256 that an imported message's id ends with */

static const char SQL_KEPT[] =
	"SELECT k.message FROM kept k CROSS JOIN message m ON m.id = k.message"
	" WHERE m.body = 0 AND k.message > ?1 ORDER BY k.message LIMIT ?2";
/* Only what has no body is looked at, by its index: of a million imported messages that is nothing
 * as a rule, and this is asked at each start. ?3 is an account of imported mail. */
static const char SQL_IMPORTED[] =
	"SELECT c.id, p.server_id FROM message c CROSS JOIN placement p ON p.id ="
	" (SELECT min(id) FROM placement WHERE message = c.id AND server_id IS NOT NULL)"
	" WHERE c.account = ?3 AND c.body = 0 AND c.id > ?1 ORDER BY c.id LIMIT ?2";
/* Mail of another account, ?3, that was imported as well. */
static const char SQL_IMPORTED_COPY[] =
	"SELECT c.id, p.server_id FROM message c CROSS JOIN placement p ON p.id ="
	" (SELECT min(x.id) FROM message m CROSS JOIN account a ON a.id = m.account"
	"  CROSS JOIN placement x ON x.message = m.id AND x.server_id IS NOT NULL"
	"  WHERE m.copy_of = c.id AND m.copy_of <> m.id AND a.kind = 'import')"
	" WHERE c.account = ?3 AND c.body = 0 AND c.id > ?1 ORDER BY c.id LIMIT ?2";
static const char SQL_ACCOUNTS[] = "SELECT id, kind = 'import' FROM account WHERE EXISTS"
				   " (SELECT 1 FROM account WHERE kind = 'import') ORDER BY id";

/* For the progress: of other accounts' mail few were imported, and those are not counted first. */
static const char SQL_COUNT[] =
	"SELECT (SELECT count(*) FROM kept k CROSS JOIN message m ON m.id = k.message"
	"  WHERE m.body = 0) + (SELECT count(*) FROM account a CROSS JOIN message c"
	"  ON c.account = a.id AND c.body = 0 WHERE a.kind = 'import')";

struct rebuild {
	struct store *store;
	struct store_reader *reader;
	char **names; /* of imported/cur, sorted; NULL = not read yet */
	size_t n_names;
	int64_t total, done, lost;
};

struct wanted {
	int64_t message;
	const char *server_id; /* of imported mail */
};

struct list { /* where bodies are looked for */
	const char *sql;
	int64_t account; /* 0 = of all */
};

/* EV_PROGRESS is the screen's own: who hosts turns this into it, for all who look on. */
static void tell_progress(struct store *s, int64_t done, int64_t total)
{
	atomic_store(&s->rebuild_done, done);
	atomic_store(&s->rebuild_total, total);
	if (s->o.events)
		event_post(s->o.events, &(struct event){.type = EV_ACCOUNT, .count = 1});
}

/* ---- the imported Maildir -------------------------------------------------------------------- */

static void read_names(struct rebuild *b)
{
	CLEANUP(free_str) char *dir = store_path(b->store, "imported/cur");
	struct dirent **v = NULL;
	int n = scandir(dir, &v, NULL, alphasort);
	b->names = xcalloc(n > 0 ? (size_t)n : 1, sizeof *b->names);
	for (int i = 0; i < n; i++) {
		b->names[b->n_names++] = xstrdup(v[i]->d_name);
		free(v[i]);
	}
	free(v);
}

static int compare_name(const void *key, const void *at)
{
	return strncmp(key, *(char *const *)at, DIGITS);
}

static int read_imported(struct rebuild *b, struct arena *a, const struct wanted *w, const char **p,
	size_t *n, enum body_state *state, struct err *e)
{
	const char *digits = strrchr(w->server_id, '\n');
	if (!b->names)
		read_names(b);
	char **name =
		digits ? bsearch(digits + 1, b->names, b->n_names, sizeof *b->names, compare_name)
		       : NULL;
	*state = BODY_NONE;
	if (!name)
		return 0;
	CLEANUP(free_str) char *below = xasprintf("imported/cur/%s", *name);
	CLEANUP(free_str) char *path = store_path(b->store, below);
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BODY_MAX);
	if (fsx_read_file(path, &raw, e))
		return -1;
	*p = arena_strndup(a, raw.p, raw.len);
	*n = raw.len;
	*state = BODY_WHOLE;
	return 0;
}

/* ---- batches --------------------------------------------------------------------------------- */

static int read_list(struct rebuild *b, struct arena *a, const struct list *l, int64_t after,
	struct wanted *v, size_t *n, struct err *e)
{
	struct db *d = reader_db(b->reader);
	sqlite3_stmt *q;
	int rc;
	*n = 0;
	if (l->account ? db_query(d, &q, e, l->sql, "iii", after, (int64_t)BATCH, l->account)
		       : db_query(d, &q, e, l->sql, "ii", after, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		v[(*n)++] = (struct wanted){
			.message = sqlite3_column_int64(q, 0),
			.server_id = l->account ? db_text(a, q, 1) : NULL,
		};
	return rc;
}

static int read_body(struct rebuild *b, struct arena *a, const struct wanted *w,
	struct ingest_body *out, struct err *e)
{
	enum body_state state = BODY_NONE;
	struct err unreadable = ERR_INIT;
	const char *p = NULL;
	size_t n = 0;
	int rc = w->server_id ? read_imported(b, a, w, &p, &n, &state, &unreadable)
			      : keep_read(b->reader, a, w->message, &p, &n, &state, &unreadable);
	if (rc && unreadable.code == ERR_CANCELLED) {
		*e = unreadable;
		return -1;
	}
	out->p = NULL;
	if (rc || state == BODY_NONE) {
		b->lost++;
		return 0;
	}
	*out = (struct ingest_body){.message = w->message,
		.p = ingest_prepare(a, p, n, true),
		.partly = state == BODY_PARTLY};
	return 0;
}

static int rebuild_batch(struct rebuild *b, const struct list *l, int64_t *after, size_t *n,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct wanted v[BATCH];
	struct ingest_body bodies[BATCH];
	size_t n_bodies = 0;
	if (read_list(b, &a, l, *after, v, n, e))
		return -1;
	for (size_t i = 0; i < *n; i++) {
		if (read_body(b, &a, &v[i], &bodies[n_bodies], e))
			return -1;
		n_bodies += bodies[n_bodies].p != NULL;
		*after = v[i].message;
	}
	b->done += (int64_t)n_bodies;
	tell_progress(b->store, b->done + b->lost, b->total);
	return n_bodies ? ingest_bodies(b->store, bodies, n_bodies, e) : 0;
}

static int rebuild_list(struct rebuild *b, const struct list *l, struct stopper *st, struct err *e)
{
	int64_t after = 0;
	size_t n = BATCH;
	int rc = 0;
	while (!rc && n == BATCH && !stopper_must_stop(st))
		rc = rebuild_batch(b, l, &after, &n, e);
	return rc;
}

/* What was kept, and then account by account, unless nothing was imported at all. */
static int make_lists(struct rebuild *b, struct arena *a, struct list **out, size_t *n,
	struct err *e)
{
	struct db *d = reader_db(b->reader);
	struct list *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	v = arena_grow(a, v, &cap, 1, sizeof *v);
	v[count++] = (struct list){SQL_KEPT, 0};
	if (db_query(d, &q, e, SQL_ACCOUNTS, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] =
			(struct list){sqlite3_column_int(q, 1) ? SQL_IMPORTED : SQL_IMPORTED_COPY,
				sqlite3_column_int64(q, 0)};
	}
	*out = v;
	*n = count;
	return rc;
}

int rebuild_local(struct store *s, struct store_reader *r, struct stopper *st, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct rebuild b = {.store = s, .reader = r};
	struct list *lists;
	size_t n;
	int rc = make_lists(&b, &a, &lists, &n, e) ||
		 db_value(reader_db(r), &b.total, e, SQL_COUNT, "");
	for (size_t i = 0; !rc && i < n; i++)
		rc = rebuild_list(&b, &lists[i], st, e);
	if (b.done || b.lost)
		log_line(LOG_NOTE, "store", "bodies read from files again: %lld, without one: %lld",
			(long long)b.done, (long long)b.lost);
	if (b.total)
		tell_progress(s, 0, 0);
	for (size_t i = 0; i < b.n_names; i++)
		free(b.names[i]);
	free(b.names);
	return rc ? -1 : 0;
}
