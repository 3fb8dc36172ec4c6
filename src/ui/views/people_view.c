/* people_view.c - choose one of the people, narrowed by typing; the store does the narrowing. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "people.h"
#include "prompt.h"

#define PEOPLE_SHOWN 200

struct people_data {
	struct prompt prompt;
	struct people_args args;
	int64_t generation;
	struct people_job *shown; /* NULL = no answer yet */
	struct prompt_row *rows;
	struct arena arena; /* of the rows */
	bool has_chosen;    /* Enter came before the answer: the first of it is meant */
};

static void ask(struct view *v)
{
	struct people_data *d = v->data;
	const struct correspondent_query q = {
		d->args.account, d->prompt.input.text.p, ui_now(v->ui), PEOPLE_SHOWN};

	ui_submit(v, &people_job_new(&q, NULL, 0, ++d->generation)->job);
}

static int people_open(struct view *v, const void *args, struct err *e)
{
	struct people_data *d = v->data;

	(void)e;
	d->args = *(const struct people_args *)args;
	d->arena = ARENA_INIT;
	prompt_init(&d->prompt);
	ask(v);
	return 0;
}

static void drop_shown(struct people_data *d)
{
	if (d->shown)
		d->shown->job.free(&d->shown->job);
	d->shown = NULL;
	free(d->rows);
	d->rows = NULL;
	d->prompt.n = 0;
	arena_reset(&d->arena);
}

static void people_close(struct view *v)
{
	struct people_data *d = v->data;

	drop_shown(d);
	arena_release(&d->arena);
	prompt_release(&d->prompt);
}

/* All rows are shown: what the store found has matched already. */
static void show(struct people_data *d, struct people_job *p)
{
	drop_shown(d);
	d->shown = p;
	d->rows = xcalloc(p->n_found + 1, sizeof(*d->rows));
	free(d->prompt.match);
	d->prompt.match = xcalloc(p->n_found + 1, sizeof(*d->prompt.match));
	for (size_t i = 0; i < p->n_found; i++) {
		const struct correspondent_row *f = &p->found[i];

		d->rows[i].label =
			*f->name ? arena_printf(&d->arena, "%s  %s", f->name, f->addr) : f->addr;
		d->rows[i].detail = f->partner_name ? f->partner_name
				    : f->contact    ? _("contact")
						    : NULL;
		d->prompt.match[i] = i;
	}
	d->prompt.n = p->n_found;
	if (d->prompt.sel >= d->prompt.n)
		d->prompt.sel = 0;
}

static void choose(struct view *v)
{
	struct people_data *d = v->data;
	struct people_args a = d->args;
	struct ui *ui = v->ui;
	const struct correspondent_row *f = &d->shown->found[d->prompt.sel];
	char *name = xstrdup(f->name), *addr = xstrdup(f->addr);
	const struct addr who = {*name ? name : NULL, addr};

	ui_pop(ui);
	a.chosen(ui, &who);
	free(name);
	free(addr);
}

static void people_reply(struct view *v, struct job *j)
{
	struct people_data *d = v->data;

	if (j->generation != d->generation || j->err.code != ERR_NONE) {
		j->free(j);
		return;
	}
	show(d, (struct people_job *)j);
	view_mark(v, DIRTY_PAINT);
	if (d->has_chosen && d->prompt.n > 0)
		choose(v);
}

static enum view_result people_key(struct view *v, const struct key *k)
{
	struct people_data *d = v->data;
	size_t len = d->prompt.input.text.len;

	view_mark(v, DIRTY_PAINT);
	if (prompt_key(&d->prompt, k)) {
		if (d->prompt.input.text.len != len || key_is_text(k))
			ask(v);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (k->code != UKEY_ENTER)
		return VIEW_IGNORED;
	if (!d->shown || d->shown->job.generation != d->generation)
		d->has_chosen = true;
	else if (d->prompt.n > 0)
		choose(v);
	return VIEW_HANDLED;
}

static void people_paint(const struct view *v, const struct draw *d)
{
	const struct people_data *p = v->data;

	prompt_paint(&p->prompt, d, _("Write to:"), p->rows);
	if (p->shown && p->prompt.n == 0)
		draw_text(d, d->rows - 1, d->cols / 2, d->cols / 2, STYLE_DIM,
			_("Nobody of that name."));
}

static bool people_cursor(const struct view *v, int *row, int *col)
{
	const struct people_data *d = v->data;

	prompt_cursor(&d->prompt, v->rows, v->cols, _("Write to:"), row, col);
	return true;
}

static const enum action hints[] = {ACTION_NONE};

const struct view_ops people_view_ops = {
	.name = "people",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct people_data),
	.hints = hints,
	.open = people_open,
	.close = people_close,
	.reply = people_reply,
	.key = people_key,
	.paint = people_paint,
	.cursor = people_cursor,
};
