/*
 * search_far.c - the servers' answers to a search: asked of every account once, stored by its
 * worker, read by the reader thread and put behind what is here. Says nothing when a server cannot
 * be asked but that its answer is missing.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/ask.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/search.h"
#include "ui/ui_core.h"
#include "body.h"
#include "search.h"

#define PAUSE_MS 700 /* of typing */
#define QUERY_MIN 3  /* bytes: shorter ones find everything */
#define FOUND_MOST 500

struct far_job {
	struct job job;
	char *query;
	struct arena arena;
	struct thread_row *v;
	size_t n;
};

void search_far_reset(struct view *v)
{
	struct search_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;

	for (size_t i = 0; h->cancel && i < d->far.n_asked; i++)
		h->cancel(h->ctx, d->far.asked[i]);
	d->far = (struct search_far){.first = SIZE_MAX};
	v->wake_at_ms = 0;
}

static bool can_search(const struct account_row *a)
{
	return strcmp(a->kind, "import") != 0 && strcmp(a->kind, "maildir") != 0;
}

void search_far_wake(struct view *v)
{
	struct search_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;

	if (d->far.was_asked || !d->is_complete || d->problem[0])
		return;
	d->far.was_asked = true;
	for (size_t i = 0; i < v->ui->n_accounts && d->far.n_asked < SEARCH_ASKED_MAX; i++) {
		const struct ask what = {.kind = ASK_SEARCH,
			.account = v->ui->accounts[i].id,
			.text = d->input.text.p};
		int64_t number;

		if (!can_search(&v->ui->accounts[i]))
			continue;
		number = h->ask(h->ctx, &what);
		if (number)
			d->far.asked[d->far.n_asked++] = number;
		else
			d->far.n_failed++;
	}
	view_mark(v, DIRTY_PAINT);
}

static void run(struct job *j, struct store_reader *r)
{
	struct far_job *f = (struct far_job *)j;

	if (search_found(r, &f->arena, f->query, FOUND_MOST, &f->v, &f->n, &j->err))
		f->n = 0;
}

static void free_job(struct job *j)
{
	struct far_job *f = (struct far_job *)j;

	arena_release(&f->arena);
	free(f->query);
	free(f);
}

static void read_found(struct view *v)
{
	struct search_data *d = v->data;
	struct far_job *f = xcalloc(1, sizeof(*f));

	f->job = (struct job){.run = run,
		.free = free_job,
		.channel = JOB_FOUND,
		.kind = JOB_KIND_FOUND,
		.generation = d->query_generation};
	f->query = xstrdup(d->input.text.p);
	f->arena = ARENA_INIT;
	ui_submit(v, &f->job);
}

void search_far_plan(struct view *v)
{
	struct search_data *d = v->data;

	if (!d->is_complete)
		return;
	if (d->far.was_asked) { /* the same words once more: what was found follows again */
		read_found(v);
		return;
	}
	if (!v->ui->o.hooks.ask || span_trim(span_of(d->input.text.p)).len < QUERY_MIN)
		return;
	v->wake_at_ms = ui_now_ms(v->ui) + PAUSE_MS;
}

/* Whose number it is; n_asked = nobody's. With number 0 any of them may be answered. */
void search_far_event(struct view *v, const struct event *ev)
{
	struct search_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;
	bool is_any = false;

	if (ev->type != EV_REPLY || !h->answer)
		return;
	for (size_t i = 0; i < d->far.n_asked;) {
		struct err e = ERR_INIT;

		if ((ev->arg && ev->arg != d->far.asked[i]) ||
			!h->answer(h->ctx, d->far.asked[i], &e)) {
			i++;
			continue;
		}
		if (e.code != ERR_NONE && e.code != ERR_UNSUPPORTED)
			d->far.n_failed++;
		d->far.asked[i] = d->far.asked[--d->far.n_asked];
		is_any = true;
	}
	if (is_any)
		read_found(v);
	view_mark(v, DIRTY_PAINT);
}

static bool is_shown(const struct search_data *d, int64_t thread)
{
	for (size_t i = 0; i < d->rows.n; i++)
		if (d->v[i].thread == thread)
			return true;
	return false;
}

void search_far_take(struct view *v, struct job *j)
{
	struct search_data *d = v->data;
	struct far_job *f = (struct far_job *)j;
	struct search_page *p;

	if (j->generation != d->query_generation || j->err.code != ERR_NONE) {
		j->free(j);
		return;
	}
	d->v = xreallocarray(d->v, d->rows.n + f->n + 1, sizeof(*d->v));
	for (size_t i = 0; i < f->n; i++) {
		if (is_shown(d, f->v[i].thread))
			continue;
		if (d->far.first == SIZE_MAX)
			d->far.first = d->rows.n;
		d->v[d->rows.n++] = f->v[i];
	}
	p = xcalloc(1, sizeof(*p));
	p->arena = f->arena;
	p->next = d->pages;
	d->pages = p;
	f->arena = ARENA_INIT;
	j->free(j);
	view_mark(v, DIRTY_RECALC);
}
