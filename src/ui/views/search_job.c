/*
 * search_job.c - a page of results: asked of the reader thread, taken when it is the answer to what
 * was typed last.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/search.h"
#include "ui/ui_core.h"
#include "body.h"
#include "search.h"

#define PAGE 60
#define CONTACTS_MAX 3
#define PARTNERS_MAX 2

struct search_job {
	struct job job;
	char *query;
	int64_t now;
	bool is_typing;
	struct list_key after; /* thread 0: from the newest */
	struct arena arena;
	struct thread_row *v;
	size_t n;
	struct search_people people;
	int64_t total;
};

static int find_people(struct search_job *s, struct store_reader *r)
{
	struct search_people *p = &s->people;

	if (s->after.thread)
		return 0;
	return contact_list(r, &s->arena, s->query, 0, CONTACTS_MAX, &p->contacts, &p->n_contacts,
		       &s->job.err) ||
			       partner_list(r, &s->arena, s->query, PARTNERS_MAX, &p->partners,
				       &p->n_partners, &s->job.err)
		       ? -1
		       : 0;
}

static void run(struct job *j, struct store_reader *r)
{
	struct search_job *s = (struct search_job *)j;
	struct search_query *q = NULL;

	if (search_parse(&s->arena, s->query, s->now, s->is_typing, &q, &j->err) ||
		find_people(s, r))
		return;
	if (search_threads(r, &s->arena, q, s->after.thread ? &s->after : NULL, PAGE, &s->v, &s->n,
		    &j->err))
		return;
}

/* The hits of a common word are counted once they are on screen, and while nothing else is
 * wanted. */
static void run_count(struct job *j, struct store_reader *r)
{
	struct search_job *s = (struct search_job *)j;
	struct search_query *q = NULL;

	if (search_parse(&s->arena, s->query, s->now, s->is_typing, &q, &j->err) ||
		search_total(r, q, &s->total, &j->err))
		return;
}

static void free_job(struct job *j)
{
	struct search_job *s = (struct search_job *)j;

	arena_release(&s->arena);
	free(s->query);
	free(s);
}

static struct search_job *job_new(const struct view *v)
{
	const struct search_data *d = v->data;
	struct search_job *s = xcalloc(1, sizeof(*s));

	s->job.free = free_job;
	s->query = xstrdup(d->input.text.p);
	s->now = ui_now(v->ui);
	s->is_typing = !d->is_in_results;
	s->arena = ARENA_INIT;
	return s;
}

static void submit(struct view *v, const struct list_key *after)
{
	struct search_data *d = v->data;
	struct search_job *s = job_new(v);

	s->job.run = run;
	s->job.channel = JOB_SEARCH;
	s->job.generation = ++d->generation;
	if (after)
		s->after = *after;
	d->is_waiting = true;
	ui_submit(v, &s->job);
}

void search_submit(struct view *v)
{
	struct search_data *d = v->data;

	d->query_generation++;
	d->is_answer_old = true;
	d->owed = 0;
	submit(v, NULL);
}

void search_read_more(struct view *v)
{
	const struct search_data *d = v->data;

	if (d->is_complete || d->is_waiting || d->is_stuck || d->rows.n == 0)
		return;
	const struct list_key after = {d->v[d->rows.n - 1].sort_at, d->v[d->rows.n - 1].thread};

	submit(v, &after);
}

static void submit_count(struct view *v)
{
	struct search_data *d = v->data;
	struct search_job *s = job_new(v);

	s->job.run = run_count;
	s->job.channel = JOB_COUNT;
	s->job.kind = JOB_KIND_COUNT;
	s->job.generation = d->query_generation;
	ui_submit(v, &s->job);
}

/* Whatever else was wanted stopped it: then it is asked again. */
static void take_count(struct view *v, struct job *j)
{
	struct search_data *d = v->data;
	bool is_late = j->generation != d->query_generation;

	if (!is_late && j->err.code == ERR_CANCELLED)
		submit_count(v);
	else if (!is_late && j->err.code == ERR_NONE)
		d->total = ((struct search_job *)j)->total;
	j->free(j);
	view_mark(v, DIRTY_PAINT);
}

void search_drop_pages(struct search_data *d)
{
	while (d->pages) {
		struct search_page *p = d->pages;

		d->pages = p->next;
		arena_release(&p->arena);
		free(p);
	}
	free(d->v);
	d->v = NULL;
	d->people = (struct search_people){.contacts = NULL};
	d->rows = (struct motion){.n = 0};
	d->far.first = SIZE_MAX;
	d->owed = 0;
	d->is_stuck = false;
}

void search_query_changed(struct view *v)
{
	struct search_data *d = v->data;

	search_far_reset(v);
	d->problem[0] = '\0';
	d->is_complete = false;
	if (span_trim(span_of(d->input.text.p)).len > 0) {
		search_submit(v);
		return;
	}
	d->generation++;
	d->query_generation++;
	d->is_waiting = d->has_answer = d->is_answer_old = false;
	ahead_drop(&d->ahead);
	search_drop_pages(d);
}

static void take(struct view *v, struct search_job *s)
{
	struct search_data *d = v->data;
	struct search_page *p;

	if (s->after.thread == 0) {
		search_drop_pages(d);
		d->total = -1;
		d->people = s->people;
		submit_count(v);
	}
	d->is_complete = s->n < PAGE;
	d->v = xreallocarray(d->v, d->rows.n + s->n + 1, sizeof(*d->v));
	if (s->n > 0)
		memcpy(d->v + d->rows.n, s->v, s->n * sizeof(*d->v));
	d->rows.n += s->n;
	p = xcalloc(1, sizeof(*p));
	p->arena = s->arena;
	p->next = d->pages;
	d->pages = p;
	s->arena = ARENA_INIT;
	d->has_answer = true;
}

/* The cursor stood at the end of what was there. */
static void go_on(struct view *v)
{
	struct search_data *d = v->data;
	size_t left = d->rows.n - 1 - d->rows.sel, by = d->owed < left ? d->owed : left;

	d->rows.sel += by;
	d->owed = d->is_complete ? 0 : d->owed - by;
	if (d->owed > 0)
		search_read_more(v);
}

/* What was typed ahead is not for the hits of the query before. */
static void fail(struct view *v, const struct search_job *s)
{
	struct search_data *d = v->data;

	ahead_drop(&d->ahead);
	d->owed = 0;
	d->is_stuck = true;
	if (s->after.thread == 0)
		search_drop_pages(d);
	if (s->job.err.code == ERR_USAGE)
		memcpy(d->problem, s->job.err.msg, sizeof(d->problem) - 1);
	else
		ui_error(v->ui, &s->job.err);
}

void search_reply(struct view *v, struct job *j)
{
	struct search_data *d = v->data;

	if (j->kind == JOB_KIND_FOUND) {
		search_far_take(v, j);
		return;
	}
	if (j->kind == JOB_KIND_COUNT) {
		take_count(v, j);
		return;
	}
	if (j->generation == d->generation) {
		d->is_waiting = d->is_answer_old = false;
		if (j->err.code == ERR_NONE)
			take(v, (struct search_job *)j);
		else
			fail(v, (struct search_job *)j);
		if (d->wants_hits && d->rows.n == 0)
			d->is_in_results = false;
		d->wants_hits = false;
		if (d->owed > 0)
			go_on(v);
		search_far_plan(v);
		view_mark(v, DIRTY_RECALC);
		ahead_do(&d->ahead, v->ui);
	}
	j->free(j);
}
