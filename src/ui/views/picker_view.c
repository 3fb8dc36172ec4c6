/* picker_view.c - choose one of some names, narrowed by typing; then a function of the opener. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "prompt.h"
#include "views.h"

struct picker_data {
	struct prompt prompt;
	struct picker_args args;
	char *title;
	struct prompt_row *rows;
};

static int picker_open(struct view *v, const void *args, struct err *e)
{
	struct picker_data *d = v->data;

	(void)e;
	d->args = *(const struct picker_args *)args;
	d->title = xasprintf("%s%s", d->args.title, strchr(d->args.title, '?') ? "" : ":");
	prompt_init(&d->prompt);
	d->rows = xcalloc(d->args.n + 1, sizeof(*d->rows));
	for (size_t i = 0; i < d->args.n; i++)
		d->rows[i].label = d->args.items[i].label;
	prompt_match(&d->prompt, d->rows, d->args.n);
	return 0;
}

static void picker_close(struct view *v)
{
	struct picker_data *d = v->data;

	prompt_release(&d->prompt);
	for (size_t i = 0; i < d->args.n; i++)
		free(d->args.items[i].label);
	free(d->args.items);
	free(d->args.ctx);
	free(d->rows);
	free(d->title);
}

static enum view_result picker_key(struct view *v, const struct key *k)
{
	struct picker_data *d = v->data;
	struct ui *ui = v->ui;
	struct picker_args a = d->args;
	int64_t id;

	if (prompt_key(&d->prompt, k)) {
		prompt_match(&d->prompt, d->rows, d->args.n);
		view_mark(v, DIRTY_PAINT);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC || (k->code == UKEY_ENTER && d->prompt.n == 0)) {
		ui_pop(ui);
		return VIEW_HANDLED;
	}
	if (k->code != UKEY_ENTER)
		return VIEW_IGNORED;
	id = d->args.items[d->prompt.match[d->prompt.sel]].id;
	d->args.ctx = NULL; /* ours until the choice was told */
	ui_pop(ui);
	a.chosen(ui, id, a.ctx);
	free(a.ctx);
	return VIEW_HANDLED;
}

static void picker_paint(const struct view *v, const struct draw *d)
{
	const struct picker_data *p = v->data;

	prompt_paint(&p->prompt, d, p->title, p->rows);
	if (p->prompt.n == 0)
		draw_text_right(d, d->rows - 1, d->cols - 1, d->cols / 3, STYLE_DIM,
			_("nothing of that name"));
}

static bool picker_cursor(const struct view *v, int *row, int *col)
{
	const struct picker_data *d = v->data;

	prompt_cursor(&d->prompt, v->rows, v->cols, d->title, row, col);
	return true;
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops picker_view_ops = {
	.name = "picker",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct picker_data),
	.hints = hints,
	.open = picker_open,
	.close = picker_close,
	.key = picker_key,
	.paint = picker_paint,
	.cursor = picker_cursor,
};
