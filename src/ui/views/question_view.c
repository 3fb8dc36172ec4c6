/* question_view.c - see question.h. What an answer does is the opener's. */
#include "config.h"

#include "question.h"

#include <stdlib.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "views.h"

struct question_data {
	struct question_args args;
	char *question, *detail;
};

void question_paint(const struct draw *d, const char *question, const char *detail,
	const struct question_choice *v, size_t n, const char *esc)
{
	int rows = (int)n + 3 + (detail != NULL), first = d->rows - rows, row = 1;
	struct draw box;

	if (first < 0)
		first = 0;
	box = draw_part(d, first, 0, d->rows - first, d->cols);
	draw_fill(&box, 0, 0, box.rows, box.cols, STYLE_NORMAL);
	draw_hrule(&box, 0, 0, box.cols, STYLE_DIM);
	draw_text(&box, row++, 1, box.cols - 2, STYLE_BOLD | STYLE_ACCENT, question);
	if (detail)
		draw_text(&box, row++, 1, box.cols - 2, STYLE_DIM, detail);
	for (size_t i = 0; i < n; i++, row++) {
		draw_textn(&box, row, 3, 1, STYLE_BOLD, &v[i].key, 1);
		draw_text(&box, row, 7, box.cols - 8, STYLE_NORMAL, v[i].label);
	}
	draw_text(&box, row, 3, 3, STYLE_BOLD, "Esc");
	draw_text(&box, row, 7, box.cols - 8, STYLE_DIM, esc);
}

static int question_open(struct view *v, const void *args, struct err *e)
{
	struct question_data *d = v->data;
	const struct question_args *a = args;

	(void)e;
	d->args = *a;
	d->question = xstrdup(a->question);
	d->detail = a->detail ? xstrdup(a->detail) : NULL;
	return 0;
}

static void question_close(struct view *v)
{
	struct question_data *d = v->data;

	free(d->question);
	free(d->detail);
}

static enum view_result question_key(struct view *v, const struct key *k)
{
	struct question_data *d = v->data;
	const struct question_args a = d->args;
	struct ui *ui = v->ui;

	if (k->code == UKEY_ESC) {
		ui_pop(ui);
		return VIEW_HANDLED;
	}
	for (size_t i = 0; i < a.n; i++) {
		if (k->mods != 0 || k->code != (uint32_t)a.choices[i].key)
			continue;
		ui_pop(ui);
		a.chosen(ui, a.choices[i].id, a.about);
		return VIEW_HANDLED;
	}
	return VIEW_HANDLED; /* the keys that count are on the screen */
}

static void question_draw(const struct view *v, const struct draw *d)
{
	const struct question_data *q = v->data;

	question_paint(d, q->question, q->detail, q->args.choices, q->args.n, _("later"));
}

static const enum action hints[] = {ACTION_NONE};

static const struct view_ops question_view_ops = {
	.name = "question",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct question_data),
	.hints = hints,
	.open = question_open,
	.close = question_close,
	.key = question_key,
	.paint = question_draw,
};

void question_ask(struct ui *ui, const struct question_args *a)
{
	ui_push(ui, &question_view_ops, a);
}
