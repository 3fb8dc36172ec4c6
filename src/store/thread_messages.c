/*
 * thread_messages.c - the messages of a conversation, each equal copy once, oldest first.
 *
 * A conversation may have ten thousand messages that lie far apart in the files: each is read once,
 * in the order of its id, people who write again and again are looked up once, and which message
 * answers which is found among those that were read.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "message_read.h"
#include "thread_private.h"

enum { PARTIES_FIRST = 64 };

static const char SQL_THREAD[] =
	"SELECT " MESSAGE_COLUMNS ", m.id, m.copy_of, p.id IS NOT NULL,"
	" f.role IS 1, m.mid_hash FROM message m" MESSAGE_JOINS " WHERE m.thread = ? ORDER BY m.id";
static const char SQL_PARTIES[] = "SELECT role, party FROM message_party WHERE message = ?"
				  " AND role <= 3 ORDER BY role, pos";

struct member { /* a row of the conversation */
	int64_t id, first, date, crm;
	int64_t mid_hash;
	bool is_placed, is_inbox, is_seen;
	size_t n_refs;
	const int64_t *refs;
	struct message_row *row;
};

struct known { /* a party whose name and contact were looked up */
	int64_t party, crm;
	struct party p;
};

struct thread_read {
	struct store_reader *r;
	struct arena *a;       /* of the rows */
	struct arena *scratch; /* of what finds and orders them */
	struct member *v;
	size_t n, cap;
	struct known *known; /* open addressing; party 0 = free */
	size_t n_known, cap_known;
};

/* ---- people ---------------------------------------------------------------------------------- */

static struct known *find_slot(struct known *v, size_t cap, int64_t party, int64_t crm)
{
	size_t at = (size_t)((uint64_t)(party ^ crm << 40) * 0x9e3779b97f4a7c15u >> 32) & (cap - 1);
	while (v[at].party && (v[at].party != party || v[at].crm != crm))
		at = (at + 1) & (cap - 1);
	return &v[at];
}

static void make_room(struct thread_read *t)
{
	if (t->n_known * 2 < t->cap_known)
		return;
	size_t cap = t->cap_known ? t->cap_known * 2 : PARTIES_FIRST;
	struct known *v = arena_array(t->scratch, cap, sizeof *v);
	for (size_t i = 0; i < t->cap_known; i++)
		if (t->known[i].party)
			*find_slot(v, cap, t->known[i].party, t->known[i].crm) = t->known[i];
	t->known = v;
	t->cap_known = cap;
}

/* The name and address of a party, shared by all rows that have it. */
static int look_up(struct thread_read *t, int64_t party, int64_t crm, struct party *out,
	struct err *e)
{
	make_room(t);
	struct known *k = find_slot(t->known, t->cap_known, party, crm);
	if (!k->party) {
		if (message_party_read(t->r, t->a, party, crm, &k->p, e))
			return -1;
		k->party = party;
		k->crm = crm;
		t->n_known++;
	}
	*out = k->p;
	return 0;
}

static int read_parties(struct thread_read *t, const struct member *m, struct err *e)
{
	struct message_people people = {.row = m->row};
	struct db *d = reader_db(t->r);
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_PARTIES, "i", m->id))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		struct party p;
		if (look_up(t, sqlite3_column_int64(q, 1), m->crm, &p, e))
			return -1;
		message_people_add(t->a, &people, (enum party_role)sqlite3_column_int(q, 0), &p);
	}
	return rc;
}

/* ---- the rows -------------------------------------------------------------------------------- */

static void add_member(struct thread_read *t, sqlite3_stmt *q)
{
	t->v = arena_grow(t->scratch, t->v, &t->cap, t->n + 1, sizeof *t->v);
	struct member *m = &t->v[t->n++];
	*m = (struct member){
		.id = sqlite3_column_int64(q, MESSAGE_COLUMN_COUNT),
		.first = sqlite3_column_int64(q, MESSAGE_COLUMN_COUNT + 1),
		.is_placed = sqlite3_column_int(q, MESSAGE_COLUMN_COUNT + 2) != 0,
		.is_inbox = sqlite3_column_int(q, MESSAGE_COLUMN_COUNT + 3) != 0,
		.mid_hash = sqlite3_column_int64(q, MESSAGE_COLUMN_COUNT + 4),
		.row = arena_alloc(t->scratch, sizeof *m->row),
	};
	*m->row = (struct message_row){.id = m->id};
	m->crm = message_fill(t->a, q, m->row);
	m->refs = message_refs(t->scratch, q, &m->n_refs);
	m->date = m->row->date;
	m->is_seen = m->row->flags & MSG_SEEN;
}

static int read_members(struct thread_read *t, int64_t thread, struct err *e)
{
	struct db *d = reader_db(t->r);
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_THREAD, "i", thread))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		add_member(t, q);
	return rc;
}

static int compare(int64_t x, int64_t y)
{
	return x < y ? -1 : x > y;
}

/* The copies of one after another: those that lie in a folder first, the inbox before others,
 * unread before read. */
static int compare_copies(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	if (x->first != y->first)
		return compare(x->first, y->first);
	if (x->is_placed != y->is_placed)
		return x->is_placed ? -1 : 1;
	if (x->is_inbox != y->is_inbox)
		return x->is_inbox ? -1 : 1;
	if (x->is_seen != y->is_seen)
		return x->is_seen ? 1 : -1;
	return compare(x->id, y->id);
}

static int compare_dates(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	return x->date != y->date ? compare(x->date, y->date) : compare(x->id, y->id);
}

static int compare_hashes(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	return x->mid_hash != y->mid_hash ? compare(x->mid_hash, y->mid_hash)
					  : compare(x->id, y->id);
}

/* One of equal copies each. What lies in no folder any more was deleted elsewhere; it is shown only
 * when nothing else of the conversation is left. */
static struct member **choose(struct thread_read *t, size_t *n)
{
	struct member **v = arena_array(t->scratch, t->n + 1, sizeof *v);
	bool has_placed = false;
	size_t count = 0;
	for (size_t i = 0; i < t->n; i++)
		has_placed = has_placed || t->v[i].is_placed;
	for (size_t i = 0; i < t->n; i++)
		if ((!i || t->v[i].first != t->v[i - 1].first) &&
			(t->v[i].is_placed || !has_placed))
			v[count++] = &t->v[i];
	*n = count;
	return v;
}

/* ---- which answers which --------------------------------------------------------------------- */

/* The members with that Message-ID begin at the result, ordered by id. */
static size_t find_hash(struct member *const *by_hash, size_t n, int64_t hash)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_hash[middle]->mid_hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* First copy of the nearest message it names. */
static int64_t find_parent(struct member *const *by_hash, size_t n, const struct member *m)
{
	for (size_t i = 0; i < m->n_refs; i++)
		for (size_t at = find_hash(by_hash, n, m->refs[i]);
			at < n && by_hash[at]->mid_hash == m->refs[i]; at++)
			if (by_hash[at]->first != m->id)
				return by_hash[at]->first;
	return 0;
}

/* Parents are first copies; what is shown may be another one. `shown` is ordered by first copy. */
static int64_t shown_copy(struct member *const *shown, size_t n, int64_t first)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (shown[middle]->first < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && shown[low]->first == first ? shown[low]->id : 0;
}

static void set_parents(struct thread_read *t, struct member *const *shown, size_t n)
{
	struct member **by_hash = arena_array(t->scratch, t->n + 1, sizeof *by_hash);
	size_t count = 0;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].mid_hash)
			by_hash[count++] = &t->v[i];
	if (count)
		qsort(by_hash, count, sizeof(struct member *), compare_hashes);
	for (size_t i = 0; i < n; i++) {
		int64_t first = find_parent(by_hash, count, shown[i]);
		shown[i]->row->parent = first ? shown_copy(shown, n, first) : 0;
	}
}

int thread_messages(struct store_reader *r, struct arena *a, int64_t thread,
	struct message_row **out, size_t *n, struct err *e)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct thread_read t = {.r = r, .a = a, .scratch = &scratch};
	size_t count;
	if (thread_resolve(reader_db(r), &thread, e) || read_members(&t, thread, e))
		return -1;
	if (t.n)
		qsort(t.v, t.n, sizeof *t.v, compare_copies);
	struct member **shown = choose(&t, &count);
	set_parents(&t, shown, count);
	struct message_row *rows = arena_array(a, count + 1, sizeof *rows);
	for (size_t i = 0; i < count; i++)
		if (read_parties(&t, shown[i], e))
			return -1;
	if (count)
		qsort(shown, count, sizeof(struct member *), compare_dates);
	for (size_t i = 0; i < count; i++)
		rows[i] = *shown[i]->row;
	*out = rows;
	*n = count;
	return 0;
}
