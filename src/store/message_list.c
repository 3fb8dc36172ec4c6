/*
 * message_list.c - pages of conversations: one folder, a role over accounts, or a list over
 * accounts. Rows come from thread_list by keyset; what a row shows is looked up for the rows of
 * the page alone.
 */
#include "config.h"

#include "crmail/store/message.h"

#include <stdlib.h>
#include <string.h>

#include "list_folders.h"
#include "thread_row.h"

enum { ROUNDS_MAX = 50 }; /* of refilling a page whose rows were shown higher up already */

#define LIST_PAGE(where, order)                                                                    \
	"SELECT thread, sort_at, message, unread FROM thread_list WHERE folder = ?1" where         \
	" ORDER BY sort_at " order ", thread " order " LIMIT ?4"
static const char *const SQL_PAGE[2][2] = {
	{
		LIST_PAGE(" AND (sort_at, thread) < (?2, ?3)", "DESC"),
		LIST_PAGE(" AND (sort_at, thread) > (?2, ?3)", "ASC"),
	},
	{
		LIST_PAGE(" AND unread > 0 AND (sort_at, thread) < (?2, ?3)", "DESC"),
		LIST_PAGE(" AND unread > 0 AND (sort_at, thread) > (?2, ?3)", "ASC"),
	},
};
static const char SQL_ELSEWHERE[] = "SELECT folder, sort_at, unread FROM thread_list"
				    " WHERE thread = ?";
static const char SQL_COUNT_FOLDER[] = "SELECT threads, unread_threads FROM folder WHERE id = ?";
static const char SQL_COUNT_LIST[] = "SELECT threads, unread_threads FROM list_count"
				     " WHERE folder = ?";

struct entry {
	struct list_key key;
	int64_t folder, message, unread;
};

struct page_read {
	struct store_reader *r;
	struct arena *a;
	const struct list_spec *spec;
	struct folder_set set;
	bool newer;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->key.sort_at != y->key.sort_at)
		return x->key.sort_at < y->key.sort_at ? 1 : -1;
	if (x->key.thread != y->key.thread)
		return x->key.thread < y->key.thread ? 1 : -1;
	return x->folder < y->folder ? -1 : x->folder > y->folder;
}

static int read_folder(const struct page_read *p, int64_t folder, const struct list_key *from,
	size_t limit, struct entry *v, size_t *n, struct err *e)
{
	struct db *d = reader_db(p->r);
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_PAGE[p->spec->unread_only][p->newer], "iiii", folder,
		    from->sort_at, from->thread, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		v[(*n)++] = (struct entry){
			.key = {sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 0)},
			.folder = folder,
			.message = sqlite3_column_int64(q, 2),
			.unread = sqlite3_column_int64(q, 3),
		};
	return rc;
}

/* A conversation that lies in several folders of the list is shown once, where it is newest. */
static int is_shown_higher(const struct page_read *p, const struct entry *it, bool *out,
	struct err *e)
{
	struct db *d = reader_db(p->r);
	sqlite3_stmt *q;
	int rc;
	*out = false;
	if (p->set.n < 2)
		return 0;
	if (db_query(d, &q, e, SQL_ELSEWHERE, "i", it->key.thread))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		struct entry other = {.key = {sqlite3_column_int64(q, 1), it->key.thread},
			.folder = sqlite3_column_int64(q, 0)};
		if (p->spec->unread_only && !sqlite3_column_int64(q, 2))
			continue;
		if (folder_set_has(&p->set, other.folder) && compare_entries(&other, it) < 0)
			*out = true;
	}
	return rc;
}

/* The next `limit` rows over all folders, nearest to *from first. */
static int read_round(const struct page_read *p, const struct list_key *from, size_t limit,
	struct entry **out, size_t *n, struct err *e)
{
	struct entry *v = arena_array(p->a, p->set.n * limit + 1, sizeof *v);
	size_t count = 0;
	for (size_t i = 0; i < p->set.n; i++)
		if (read_folder(p, p->set.v[i], from, limit, v, &count, e))
			return -1;
	qsort(v, count, sizeof *v, compare_entries);
	for (size_t i = 0; p->newer && i < count / 2; i++) {
		struct entry swap = v[i];
		v[i] = v[count - 1 - i];
		v[count - 1 - i] = swap;
	}
	*out = v;
	*n = count < limit ? count : limit;
	return 0;
}

static int read_entries(const struct page_read *p, struct list_key from, size_t limit,
	struct entry *out, size_t *n, struct err *e)
{
	*n = 0;
	for (int round = 0; round < ROUNDS_MAX && *n < limit; round++) {
		struct entry *v;
		size_t count;
		if (read_round(p, &from, limit, &v, &count, e))
			return -1;
		for (size_t i = 0; i < count && *n < limit; i++) {
			bool is_higher;
			if (is_shown_higher(p, &v[i], &is_higher, e))
				return -1;
			if (!is_higher)
				out[(*n)++] = v[i];
			from = v[i].key;
		}
		if (count < limit)
			break;
	}
	return 0;
}

int thread_list_page(struct store_reader *r, struct arena *a, const struct list_spec *spec,
	const struct list_key *from, bool newer, size_t limit, struct thread_row **out, size_t *n,
	struct err *e)
{
	struct page_read p = {.r = r, .a = a, .spec = spec, .newer = newer};
	struct list_key end = newer ? (struct list_key){INT64_MIN, INT64_MIN}
				    : (struct list_key){INT64_MAX, INT64_MAX};
	struct entry *v = arena_array(a, limit + 1, sizeof *v);
	struct thread_row *rows = arena_array(a, limit + 1, sizeof *rows);
	size_t count;
	if (folder_set_read(reader_db(r), a, spec, &p.set, e) ||
		read_entries(&p, from ? *from : end, limit, v, &count, e))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct entry *it = &v[newer ? count - 1 - i : i];
		if (thread_row_read(r, a, it->key.thread, it->message, &rows[i], e))
			return -1;
		rows[i].sort_at = it->key.sort_at;
		rows[i].unread = (uint32_t)it->unread;
	}
	*out = rows;
	*n = count;
	return 0;
}

static int count_one(struct db *d, int64_t folder, int64_t *threads, int64_t *unread, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, folder < 0 ? SQL_COUNT_LIST : SQL_COUNT_FOLDER, "i", folder))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	*threads += sqlite3_column_int64(q, 0);
	*unread += sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 0;
}

int thread_list_count(struct store_reader *r, const struct list_spec *spec, int64_t *threads,
	int64_t *unread, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_set set;
	int64_t all = 0, new = 0;
	if (folder_set_read(reader_db(r), &a, spec, &set, e))
		return -1;
	for (size_t i = 0; i < set.n; i++)
		if (count_one(reader_db(r), set.v[i], &all, &new, e))
			return -1;
	*threads = all;
	*unread = new;
	return 0;
}
