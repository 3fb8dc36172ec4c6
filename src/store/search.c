/* search.c - pages of hits: as messages, as conversations, and how many there are. */
#include "config.h"

#include "crmail/store/search.h"

#include "message_read.h"
#include "search_private.h"
#include "thread_row.h"

static const char SQL_PEER[] =
	"SELECT ifnull(c.crm_id, 'local:' || c.id), ifnull(p.crm_id, 'local:' || p.id)"
	" FROM mail_crm k LEFT JOIN contact c ON c.id = k.contact"
	" LEFT JOIN partner p ON p.id = k.partner WHERE k.message = ?";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";

static int read_hit(struct store_reader *r, struct arena *a, int64_t id, struct search_hit *h,
	struct err *e)
{
	struct db *d = reader_db(r);
	bool is_there;
	sqlite3_stmt *q;
	h->contact_id = h->partner_id = NULL;
	if (message_read(r, a, id, &h->m, &is_there, e) || db_query(d, &q, e, SQL_PEER, "i", id))
		return -1;
	int rc = db_step(d, q, e);
	if (rc == 1) {
		h->contact_id = db_text(a, q, 0);
		h->partner_id = db_text(a, q, 1);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

/* The hits from max on, one after the other, counted. */
static int count_on(struct search_walk *w, int64_t max, int64_t *count, struct err *e)
{
	int64_t id;
	do {
		if (search_walk_next(w, max, &id, e))
			return -1;
		*count += id != 0;
		max = id - 1;
	} while (id);
	return 0;
}

int search_messages(struct store_reader *r, struct arena *a, const struct search_query *q,
	int64_t before_id, size_t limit, struct search_hit **out, size_t *n, int64_t *total,
	struct err *e)
{
	CLEANUP(search_walk_close) struct search_walk *w = NULL;
	struct search_hit *v = NULL;
	size_t cap = 0, count = 0;
	int64_t max = before_id ? before_id - 1 : INT64_MAX, all = 0;
	if (search_walk_open(r, a, q, &w, e))
		return -1;
	while (!limit || count < limit) {
		int64_t id;
		if (search_walk_next(w, max, &id, e))
			return -1;
		if (!id)
			break;
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		if (read_hit(r, a, id, &v[count++], e))
			return -1;
		max = id - 1;
	}
	if (total && count_on(w, max, &all, e))
		return -1;
	if (total)
		*total = (int64_t)count + all;
	*out = v;
	*n = count;
	return 0;
}

int search_total(struct store_reader *r, const struct search_query *q, int64_t *total,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(search_walk_close) struct search_walk *w = NULL;
	*total = 0;
	return search_walk_open(r, &a, q, &w, e) || count_on(w, INT64_MAX, total, e) ? -1 : 0;
}

struct seen_threads { /* open addressing; 0 = free */
	struct arena *a;
	int64_t *v;
	size_t n, cap;
};

static bool insert_thread(struct seen_threads *s, int64_t thread)
{
	size_t at = (size_t)((uint64_t)thread * 0x9e3779b97f4a7c15u) & (s->cap - 1);
	for (; s->v[at]; at = (at + 1) & (s->cap - 1))
		if (s->v[at] == thread)
			return false;
	s->v[at] = thread;
	s->n++;
	return true;
}

/* False when it was there. */
static bool note_thread(struct seen_threads *s, int64_t thread)
{
	if (s->n * 2 >= s->cap) {
		struct seen_threads more = {.a = s->a, .cap = s->cap ? s->cap * 2 : 256};
		more.v = arena_array(s->a, more.cap, sizeof *more.v);
		for (size_t i = 0; i < s->cap; i++)
			if (s->v[i])
				insert_thread(&more, s->v[i]);
		*s = more;
	}
	return insert_thread(s, thread);
}

/* A conversation stands where its newest hit is. A later page walks again from the top, because
 * only that tells which conversations were shown already. */
int search_threads(struct store_reader *r, struct arena *a, const struct search_query *q,
	const struct list_key *after, size_t limit, struct thread_row **out, size_t *n,
	struct err *e)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	CLEANUP(search_walk_close) struct search_walk *w = NULL;
	struct seen_threads seen = {.a = &scratch};
	struct thread_row *rows = arena_array(a, limit + 1, sizeof *rows);
	bool is_past = !after;
	int64_t max = INT64_MAX, id;
	size_t count = 0;
	if (search_walk_open(r, &scratch, q, &w, e))
		return -1;
	for (; count < limit; max = id - 1) {
		int64_t thread = 0;
		if (search_walk_next(w, max, &id, e))
			return -1;
		if (!id)
			break;
		if (db_value(reader_db(r), &thread, e, SQL_THREAD_OF, "i", id))
			return -1;
		if (!note_thread(&seen, thread))
			continue;
		if (!is_past && thread == after->thread) {
			is_past = true;
			continue;
		}
		is_past = is_past || id >> 20 < after->sort_at;
		if (is_past && thread_row_read(r, a, thread, id, &rows[count++], e))
			return -1;
	}
	*out = rows;
	*n = count;
	return 0;
}

/* Every group asks for unread, too: few messages are, so that this walks few. */
static struct search_query *only_unread(struct arena *a, const struct search_query *q)
{
	struct search_query *u = arena_alloc(a, sizeof *u);
	struct search_group **at = &u->groups;
	for (const struct search_group *g = q->groups; g; g = g->next) {
		struct search_term *t = arena_alloc(a, sizeof *t);
		*t = (struct search_term){.kind = TERM_UNREAD, .next = g->terms};
		*at = arena_alloc(a, sizeof **at);
		**at = (struct search_group){.terms = t};
		at = &(*at)->next;
	}
	*at = NULL;
	return u;
}

int search_unread(struct store_reader *r, struct arena *a, const struct search_query *q,
	size_t most, int64_t *count, struct err *e)
{
	CLEANUP(search_walk_close) struct search_walk *w = NULL;
	struct seen_threads seen = {.a = a};
	int64_t id = INT64_MAX;
	*count = 0;
	if (search_walk_open(r, a, only_unread(a, q), &w, e))
		return -1;
	while (seen.n < most) {
		int64_t thread = 0;
		if (search_walk_next(w, id == INT64_MAX ? id : id - 1, &id, e))
			return -1;
		if (!id)
			break;
		if (db_value(reader_db(r), &thread, e, SQL_THREAD_OF, "i", id))
			return -1;
		note_thread(&seen, thread);
	}
	*count = (int64_t)seen.n;
	return 0;
}
