/* search_counts.c - a job of the reader thread that counts, and its last answer. */
#include "config.h"

#include "search_counts.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/store/search.h"
#include "ui/jobs.h"
#include "ui/ui_core.h"
#include "body.h"

struct count_job {
	struct job job;
	struct arena arena;
	struct search_count *v;
	size_t n;
	int64_t now;
};

void search_counts_init(struct search_counts *c)
{
	*c = (struct search_counts){.arena = ARENA_INIT};
}

void search_counts_release(struct search_counts *c)
{
	arena_release(&c->arena);
}

int64_t search_counts_of(const struct search_counts *c, const char *query)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].query, query) == 0)
			return c->v[i].unread;
	return 0;
}

/* A query that is wrong counts nothing; the search screen says why. */
static void run(struct job *j, struct store_reader *r)
{
	struct count_job *c = (struct count_job *)j;

	for (size_t i = 0; i < c->n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct search_query *q = NULL;

		if (search_parse(&a, c->v[i].query, c->now, 0, &q, &e))
			continue;
		if (search_unread(r, &a, q, SEARCH_COUNT_MOST, &c->v[i].unread, &j->err))
			return;
	}
}

static void free_job(struct job *j)
{
	struct count_job *c = (struct count_job *)j;

	arena_release(&c->arena);
	free(c);
}

void search_counts_want(struct search_counts *c, struct view *v, const char *const *queries,
	size_t n)
{
	struct count_job *j;

	c->generation++;
	if (n == 0)
		return;
	j = xcalloc(1, sizeof(*j));
	j->job = (struct job){.run = run,
		.free = free_job,
		.channel = JOB_COUNT,
		.kind = JOB_KIND_COUNT,
		.generation = c->generation};
	j->arena = ARENA_INIT;
	j->now = ui_now(v->ui);
	j->n = n;
	j->v = arena_array(&j->arena, n, sizeof(*j->v));
	for (size_t i = 0; i < n; i++)
		j->v[i] = (struct search_count){.query = arena_strdup(&j->arena, queries[i])};
	ui_submit(v, &j->job);
}

bool search_counts_take(struct search_counts *c, struct job *j)
{
	struct count_job *k = (struct count_job *)j;
	bool is_done = j->err.code == ERR_NONE, is_late = j->generation != c->generation;

	if (is_done && !is_late) {
		arena_release(&c->arena);
		c->arena = k->arena;
		c->v = k->v;
		c->n = k->n;
		k->arena = ARENA_INIT;
	}
	is_done = is_done || is_late || j->err.code != ERR_CANCELLED;
	j->free(j);
	return is_done;
}
