/*
 * thread_join.c - which messages are one conversation: references (also to ids never seen),
 * the provider's own ids, and the subject rule of formats.md. Conversations only ever grow
 * together; the one with more messages keeps its id, the other points to it.
 */
#include "config.h"

#include "thread_private.h"

#include <stdlib.h>
#include <string.h>

#include "hash64.h"
#include "reminder_private.h"

enum {
	WINDOW_S = 90 * 86400, /* how far back a subject reaches */
	CANDIDATES_MAX = 400, /* of one subject looked at: keeps a flood of equal subjects linear */
	WAITING_MAX = 100,
	PEOPLE_MAX = 200, /* of one message compared */
};

#define TARGETS(thread)                                                                            \
	"SELECT l.kind, l.target FROM message t JOIN link l ON l.message = t.id"                   \
	" AND l.is_target = 1 AND l.how <> 2 WHERE t.thread = " thread

static const char SQL_MERGED[] = "SELECT merged_into FROM thread WHERE id = ?"
				 " AND merged_into IS NOT NULL";
static const char SQL_NEW[] = "INSERT INTO thread DEFAULT VALUES";
static const char SQL_COUNT[] = "SELECT count(*) FROM (SELECT 1 FROM message WHERE thread = ?"
				" LIMIT 1000)";
static const char SQL_MOVE[] = "UPDATE message SET thread = ?2 WHERE thread = ?1";
/* Mail of ?2 that knows nobody is about what ?1 is about, too. */
static const char SQL_MATCH_AGAIN[] =
	"INSERT OR IGNORE INTO match_queue SELECT m.id FROM message m"
	" JOIN mail_crm c ON c.message = m.id WHERE m.thread = ?2 AND " KNOWS_NOBODY("m",
		"c") " AND EXISTS (" TARGETS("?1") " EXCEPT " TARGETS("?2") ")";
static const char SQL_POINT[] = "UPDATE thread SET merged_into = ?2, count = 0, unread = 0"
				" WHERE id = ?1";
static const char SQL_FLATTEN[] = "UPDATE thread SET merged_into = ?2 WHERE merged_into = ?1";
static const char SQL_REF[] = "SELECT thread FROM ref WHERE hash = ?";
static const char SQL_PUT_REF[] = "INSERT OR REPLACE INTO ref VALUES (?, ?)";
static const char SQL_OCCUPIED[] = "SELECT 1 FROM message WHERE mid_hash = ? LIMIT 1";
static const char SQL_PROVIDER[] = "SELECT thread FROM provider_thread WHERE account = ?"
				   " AND id = ?";
static const char SQL_PUT_PROVIDER[] = "INSERT OR REPLACE INTO provider_thread VALUES (?, ?, ?)";
static const char SQL_SUBJECT_OF[] = "SELECT base_hash, received, joined, thread FROM message"
				     " WHERE id = ?";
static const char SQL_CANDIDATES[] = "SELECT id, thread FROM message WHERE base_hash = ?1"
				     " AND id < ?2 AND id >= ?3 ORDER BY id DESC LIMIT ?4";
static const char SQL_WAITING[] = "SELECT id FROM message WHERE base_hash = ?1 AND joined = 0"
				  " AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4";
static const char SQL_PEOPLE[] = "SELECT p.norm FROM message_party mp JOIN party p"
				 " ON p.id = mp.party WHERE mp.message = ?1 AND mp.role <= 2"
				 " LIMIT ?2";
static const char SQL_JOINED[] = "UPDATE message SET joined = ?2 WHERE id = ?1";

void thread_set_add(struct write *w, struct thread_set *t, int64_t thread)
{
	if (t->n && t->v[t->n - 1] == thread)
		return;
	t->v = arena_grow(&w->arena, t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->v[t->n++] = thread;
}

int thread_resolve(struct db *d, int64_t *thread, struct err *e)
{
	int64_t at = *thread, next = at;
	do {
		at = next;
		if (db_value(d, &next, e, SQL_MERGED, "i", at))
			return -1;
	} while (next != at);
	*thread = at;
	return 0;
}

int thread_new(struct write *w, int64_t *thread, struct err *e)
{
	if (db_run(w->db, e, SQL_NEW, ""))
		return -1;
	*thread = sqlite3_last_insert_rowid(w->db->h);
	return 0;
}

int thread_union(struct write *w, int64_t a, int64_t b, int64_t *into, struct thread_set *touched,
	struct err *e)
{
	int64_t na = 0, nb = 0;
	if (thread_resolve(w->db, &a, e) || thread_resolve(w->db, &b, e))
		return -1;
	if (a == b) {
		*into = a;
		return 0;
	}
	if (db_value(w->db, &na, e, SQL_COUNT, "i", a) ||
		db_value(w->db, &nb, e, SQL_COUNT, "i", b))
		return -1;
	bool keep_a = na > nb || (na == nb && a < b);
	int64_t to = keep_a ? a : b, from = keep_a ? b : a;
	thread_set_add(w, touched, from);
	thread_set_add(w, touched, to);
	*into = to;
	return db_run(w->db, e, SQL_MATCH_AGAIN, "ii", from, to) ||
			       db_run(w->db, e, SQL_MATCH_AGAIN, "ii", to, from) ||
			       db_run(w->db, e, SQL_MOVE, "ii", from, to) ||
			       reminder_move(w, from, to, e) ||
			       db_run(w->db, e, SQL_FLATTEN, "ii", from, to) ||
			       db_run(w->db, e, SQL_POINT, "ii", from, to)
		       ? -1
		       : 0;
}

/* *thread 0 = none yet. */
static int add_thread(struct write *w, int64_t *thread, int64_t found, struct thread_set *touched,
	struct err *e)
{
	if (!found)
		return 0;
	if (*thread)
		return thread_union(w, *thread, found, thread, touched, e);
	*thread = found;
	return thread_resolve(w->db, thread, e);
}

/* An id that another message bears already says nothing of this one: equal copies came in through
 * equal_thread, and mail that repeats a Message-ID must not swallow one another. */
static int own_id_counts(struct write *w, const struct join_facts *f, bool *out, struct err *e)
{
	int64_t occupied = 0;
	if (f->mid_hash && db_value(w->db, &occupied, e, SQL_OCCUPIED, "i", f->mid_hash))
		return -1;
	*out = f->mid_hash && !occupied;
	return 0;
}

static int put_ref(struct write *w, int64_t hash, int64_t thread, struct err *e)
{
	int64_t known = 0;
	if (db_value(w->db, &known, e, SQL_REF, "i", hash))
		return -1;
	return known ? 0 : db_run(w->db, e, SQL_PUT_REF, "ii", hash, thread);
}

static int join_ref(struct write *w, int64_t hash, int64_t *thread, struct thread_set *touched,
	struct err *e)
{
	int64_t found = 0;
	if (db_value(w->db, &found, e, SQL_REF, "i", hash))
		return -1;
	return add_thread(w, thread, found, touched, e);
}

int thread_join_refs(struct write *w, const struct join_facts *f, int64_t *out,
	struct thread_set *touched, struct err *e)
{
	int64_t thread = 0, found = 0;
	bool own_id = false;
	if (own_id_counts(w, f, &own_id, e) || add_thread(w, &thread, f->equal_thread, touched, e))
		return -1;
	if (f->provider_thread &&
		(db_value(w->db, &found, e, SQL_PROVIDER, "it", f->account, f->provider_thread) ||
			add_thread(w, &thread, found, touched, e)))
		return -1;
	if (own_id && join_ref(w, f->mid_hash, &thread, touched, e))
		return -1;
	for (size_t i = 0; i < f->n_refs; i++)
		if (join_ref(w, f->refs[i], &thread, touched, e))
			return -1;
	if (!thread && thread_new(w, &thread, e))
		return -1;
	if (own_id && put_ref(w, f->mid_hash, thread, e))
		return -1;
	for (size_t i = 0; i < f->n_refs; i++)
		if (put_ref(w, f->refs[i], thread, e))
			return -1;
	if (f->provider_thread &&
		db_run(w->db, e, SQL_PUT_PROVIDER, "iti", f->account, f->provider_thread, thread))
		return -1;
	thread_set_add(w, touched, thread);
	*out = thread;
	return 0;
}

/* ---- the subject rule ------------------------------------------------------------------------ */

struct people { /* hashes of normalised addresses, ascending */
	int64_t v[PEOPLE_MAX];
	size_t n;
};

static int compare_hashes(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* Without the own addresses, unless they are all there is. */
static int read_people(struct write *w, int64_t message, const struct own_addresses *own,
	struct people *out, struct err *e)
{
	struct people ours = {.n = 0};
	sqlite3_stmt *q;
	int rc;
	out->n = 0;
	if (db_query(w->db, &q, e, SQL_PEOPLE, "ii", message, (int64_t)PEOPLE_MAX))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		const char *norm = (const char *)sqlite3_column_text(q, 0);
		struct people *to = account_own_has(own, norm) ? &ours : out;
		to->v[to->n++] = hash64(norm, strlen(norm));
	}
	if (!out->n)
		*out = ours;
	qsort(out->v, out->n, sizeof out->v[0], compare_hashes);
	return rc;
}

static bool share_people(const struct people *a, const struct people *b)
{
	for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
		if (a->v[i] == b->v[j])
			return true;
		if (a->v[i] < b->v[j])
			i++;
		else
			j++;
	}
	return false;
}

struct subject_facts {
	int64_t id, base, received, joined, thread;
	bool has_base, is_joiner;
};

static int read_subject(struct write *w, int64_t id, struct subject_facts *out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_SUBJECT_OF, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	*out = (struct subject_facts){.id = id};
	if (rc != 1)
		return rc;
	*out = (struct subject_facts){
		.id = id,
		.has_base = sqlite3_column_type(q, 0) != SQLITE_NULL,
		.base = sqlite3_column_int64(q, 0),
		.received = sqlite3_column_int64(q, 1),
		.is_joiner = sqlite3_column_type(q, 2) != SQLITE_NULL,
		.joined = sqlite3_column_int64(q, 2),
		.thread = sqlite3_column_int64(q, 3),
	};
	sqlite3_reset(q);
	return 0;
}

struct candidate {
	int64_t id, thread;
};

static int read_candidates(struct write *w, const struct subject_facts *s, struct candidate *v,
	size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	int64_t oldest = s->received > WINDOW_S ? (s->received - WINDOW_S) << 20 : 0;
	if (db_query(w->db, &q, e, SQL_CANDIDATES, "iiii", s->base, s->id, oldest,
		    (int64_t)CANDIDATES_MAX))
		return -1;
	for (*n = 0; (rc = db_step(w->db, q, e)) == 1; (*n)++)
		v[*n] = (struct candidate){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
	return rc;
}

/* Joins one reply or forward without usable references to the newest message before it. */
static int join_back(struct write *w, const struct subject_facts *s,
	const struct own_addresses *own, struct thread_set *touched, struct err *e)
{
	struct candidate v[CANDIDATES_MAX];
	struct people mine, theirs;
	size_t n = 0;
	int64_t thread = s->thread;
	if (read_candidates(w, s, v, &n, e) || read_people(w, s->id, own, &mine, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (read_people(w, v[i].id, own, &theirs, e))
			return -1;
		if (share_people(&mine, &theirs))
			return thread_union(w, thread, v[i].thread, &thread, touched, e) ||
					       db_run(w->db, e, SQL_JOINED, "ii", s->id, v[i].id)
				       ? -1
				       : 0;
	}
	return 0;
}

int thread_join_subject(struct write *w, int64_t message, const struct own_addresses *own,
	struct thread_set *touched, struct err *e)
{
	struct subject_facts s, later;
	int64_t waiting[WAITING_MAX];
	size_t n = 0;
	sqlite3_stmt *q;
	int rc;
	if (read_subject(w, message, &s, e))
		return -1;
	if (!s.has_base)
		return 0;
	if (s.is_joiner && !s.joined && join_back(w, &s, own, touched, e))
		return -1;
	if (db_query(w->db, &q, e, SQL_WAITING, "iiii", s.base, s.id,
		    (s.received + WINDOW_S + 1) << 20, (int64_t)WAITING_MAX))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		waiting[n++] = sqlite3_column_int64(q, 0);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (read_subject(w, waiting[i], &later, e) || join_back(w, &later, own, touched, e))
			return -1;
	return rc;
}
