/* merge.c - see merge.h. */
#include "config.h"

#include "merge.h"

#include "crmail/base/log.h"

enum { NOTHING_DONE = 1, ROUNDS_MAX = 100000 };

/* A batch is 250 pages: some 10 ms, for which the user's own writes may have to wait. */
static const struct {
	const char *is_set, *set, *merge;
} INDEXES[] = {
	{"SELECT v = 2 FROM fts_config WHERE k = 'usermerge'",
		"INSERT INTO fts (fts, rank) VALUES ('usermerge', 2)",
		"INSERT INTO fts (fts, rank) VALUES ('merge', 250)"},
	{"SELECT v = 2 FROM fts_head_config WHERE k = 'usermerge'",
		"INSERT INTO fts_head (fts_head, rank) VALUES ('usermerge', 2)",
		"INSERT INTO fts_head (fts_head, rank) VALUES ('merge', 250)"},
	{"SELECT v = 2 FROM tri_config WHERE k = 'usermerge'",
		"INSERT INTO tri (tri, rank) VALUES ('usermerge', 2)",
		"INSERT INTO tri (tri, rank) VALUES ('merge', 250)"},
};

struct round {
	size_t index;
	bool is_over;
};

/* FTS5 says through the count of changes whether there was anything to join. */
static int write_round(struct write *w, void *arg, struct err *e)
{
	struct round *r = arg;
	int64_t is_set = 0, before = sqlite3_total_changes64(w->db->h);
	if (db_value(w->db, &is_set, e, INDEXES[r->index].is_set, "") ||
		(!is_set && db_run(w->db, e, INDEXES[r->index].set, "")) ||
		db_run(w->db, e, INDEXES[r->index].merge, ""))
		return -1;
	r->is_over = sqlite3_total_changes64(w->db->h) - before <= NOTHING_DONE;
	return 0;
}

int merge_index(struct store *s, struct stopper *st, struct err *e)
{
	int n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(INDEXES); i++) {
		struct round r = {.index = i};
		while (!r.is_over && n < ROUNDS_MAX && !stopper_must_stop(st)) {
			if (writer_call(&s->cache, 0, write_round, &r, e))
				return -1;
			n++;
		}
	}
	log_line(LOG_DEBUG, "store", "index: %d rounds of joining", n);
	return 0;
}
