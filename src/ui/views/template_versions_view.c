/*
 * template_versions_view.c - what a template was: the texts that are kept, and for the one under
 * the cursor what has changed from it to the file of now.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/mail/line_diff.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "templates.h"

#define LIST_COLS 24
#define DIFF_MOST ((size_t)1 << 20)

enum { JOB_READ, JOB_RESTORE }; /* struct job kind */

struct versions_job {
	struct job job;
	struct arena arena;
	char *path;
	struct template_version *v; /* with their texts */
	size_t n;
};

struct versions_data {
	char *path, *now; /* the file */
	struct versions_job *shown;
	size_t sel, top;
	int64_t generation;
	bool is_restoring;
	size_t differ; /* lines */
	struct editor diff;
};

/* ---- reading ---- */

static void run(struct job *j, struct store_reader *r)
{
	struct versions_job *t = (struct versions_job *)j;

	if (template_versions(r, &t->arena, t->path, &t->v, &t->n, &j->err))
		return;
	for (size_t i = 0; i < t->n; i++)
		if (template_version_get(r, &t->arena, t->path, t->v[i].id, &t->v[i], &j->err))
			return;
}

static void free_job(struct job *j)
{
	struct versions_job *t = (struct versions_job *)j;

	arena_release(&t->arena);
	free(t->path);
	free(t);
}

static int versions_open(struct view *v, const void *args, struct err *e)
{
	const struct template_versions_args *a = args;
	struct versions_data *d = v->data;
	struct versions_job *t = xcalloc(1, sizeof(*t));

	(void)e;
	d->path = xstrdup(a->path);
	d->now = xstrdup(a->text);
	editor_init(&d->diff, false);
	t->job = (struct job){.run = run,
		.free = free_job,
		.channel = JOB_KEEP,
		.kind = JOB_READ,
		.generation = ++d->generation};
	t->arena = ARENA_INIT;
	t->path = xstrdup(a->path);
	ui_submit(v, &t->job);
	return 0;
}

static void versions_close(struct view *v)
{
	struct versions_data *d = v->data;

	if (d->shown)
		d->shown->job.free(&d->shown->job);
	editor_release(&d->diff);
	free(d->path);
	free(d->now);
}

static void show_diff(struct versions_data *d)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(DIFF_MOST);

	if (!d->shown || d->shown->n == 0)
		return;
	d->differ = line_diff(d->shown->v[d->sel].text, d->now, &out);
	editor_set(&d->diff, out.p);
}

static void versions_reply(struct view *v, struct job *j)
{
	struct versions_data *d = v->data;
	struct ui *ui = v->ui;

	view_mark(v, DIRTY_RECALC);
	if (j->err.code != ERR_NONE)
		ui_error(ui, &j->err);
	if (j->kind == JOB_READ && j->err.code == ERR_NONE) {
		d->shown = (struct versions_job *)j;
		d->sel = d->shown->n > 1; /* the newest is mostly the file as it is */
		show_diff(d);
		return;
	}
	if (j->kind == JOB_RESTORE)
		d->is_restoring = false;
	if (j->kind == JOB_RESTORE && j->err.code == ERR_NONE) {
		ui_info(ui, _("%s is as it was; the text before is a version, too."), d->path);
		ui_pop(ui);
	}
	j->free(j);
}

/* ---- keys ---- */

static void restore(struct view *v)
{
	struct versions_data *d = v->data;
	struct template_write_job *w;

	if (!d->shown || d->shown->n == 0 || d->is_restoring)
		return;
	w = template_write_job_new(v->ui->o.store, d->path, ++d->generation);
	w->job.kind = JOB_RESTORE;
	w->version = d->shown->v[d->sel].id;
	d->is_restoring = true;
	ui_submit(v, &w->job);
}

static enum view_result versions_action(struct view *v, enum action act)
{
	if (act != ACTION_TEMPLATE_RESTORE)
		return VIEW_IGNORED;
	restore(v);
	return VIEW_HANDLED;
}

static bool move(struct versions_data *d, const struct key *k)
{
	size_t n = d->shown ? d->shown->n : 0;

	if (k->code == UKEY_DOWN && d->sel + 1 < n)
		d->sel++;
	else if (k->code == UKEY_UP && d->sel > 0)
		d->sel--;
	else
		return k->code == UKEY_DOWN || k->code == UKEY_UP;
	show_diff(d);
	return true;
}

static enum view_result versions_key(struct view *v, const struct key *k)
{
	struct versions_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (move(d, k))
		return VIEW_HANDLED;
	if (k->code == UKEY_PGDN || k->code == UKEY_PGUP)
		return editor_key(&d->diff, k) ? VIEW_HANDLED : VIEW_IGNORED;
	return VIEW_IGNORED;
}

/* ---- painting ---- */

/* The list, and the diff beside it, or below it where that leaves too little. */
static void parts(const struct view *v, const struct draw *whole, struct draw *list,
	struct draw *diff)
{
	const struct versions_data *d = v->data;
	int n = d->shown ? (int)d->shown->n : 0, rows = v->rows / 3;

	if (v->cols >= TEMPLATES_BESIDE) {
		*list = draw_part(whole, 0, 0, v->rows, LIST_COLS);
		*diff = draw_part(whole, 0, LIST_COLS + 2, v->rows, v->cols - LIST_COLS - 3);
		return;
	}
	rows = n < rows ? n : rows;
	*list = draw_part(whole, 0, 0, rows, v->cols);
	*diff = draw_part(whole, rows + 1, 1, v->rows - rows - 1, v->cols - 2);
}

static int versions_recalc(struct view *v, struct err *e)
{
	struct versions_data *d = v->data;
	struct draw whole = {.g = &v->ui->grid, .rows = v->rows, .cols = v->cols}, list, diff;

	(void)e;
	parts(v, &whole, &list, &diff);
	if (d->sel < d->top)
		d->top = d->sel;
	if (list.rows > 0 && d->sel >= d->top + (size_t)list.rows)
		d->top = d->sel - (size_t)list.rows + 1;
	editor_wrap(&d->diff, diff.cols, diff.rows > 1 ? diff.rows - 1 : diff.rows);
	return 0;
}

static void paint_list(const struct view *v, const struct draw *list)
{
	const struct versions_data *d = v->data;

	for (int i = 0; i < list->rows && d->top + (size_t)i < d->shown->n; i++) {
		size_t at = d->top + (size_t)i;
		CLEANUP(buf_release) struct buf when = BUF_INIT(100);

		when_long(&when, d->shown->v[at].at, ui_now(v->ui));
		draw_text(list, i, 1, list->cols - 2, STYLE_NORMAL, when.p);
		if (at == d->sel)
			draw_add_style(list, i, 0, list->cols, STYLE_SELECTED);
	}
}

/* Lines of the file alone stand out, and those that it has no more. */
static void paint_diff(const struct editor *e, const struct draw *d)
{
	editor_paint(e, d);
	for (int row = 0; row < d->rows && e->top + (size_t)row < e->n_lines; row++) {
		const struct editor_line *l = &e->lines[e->top + (size_t)row];
		size_t start = l->start;

		while (start > 0 && e->text.p[start - 1] != '\n')
			start--;
		if (e->text.p[start] == '+' || e->text.p[start] == '-')
			draw_textn(d, row, 0, d->cols,
				e->text.p[start] == '+' ? STYLE_KNOWN : STYLE_FAILED,
				e->text.p + l->start, l->len);
	}
}

static void versions_paint(const struct view *v, const struct draw *whole)
{
	const struct versions_data *d = v->data;
	struct draw list, diff, lines;

	if (!d->shown || d->shown->n == 0) {
		draw_text(whole, 0, 1, v->cols - 2, STYLE_DIM,
			d->shown ? _("No earlier text is kept.") : _("Opening…"));
		return;
	}
	parts(v, whole, &list, &diff);
	lines = draw_part(&diff, 1, 0, diff.rows - 1, diff.cols);
	paint_list(v, &list);
	if (v->cols >= TEMPLATES_BESIDE)
		draw_vrule(whole, 0, LIST_COLS, v->rows, STYLE_DIM);
	else
		draw_hrule(whole, list.rows, 0, v->cols, STYLE_DIM);
	draw_text(&diff, 0, 0, diff.cols, STYLE_DIM,
		d->differ ? _("- what it was then, + what it is now")
			  : _("This is the text of now."));
	paint_diff(&d->diff, &lines);
}

static bool versions_cursor(const struct view *v, int *row, int *col)
{
	const struct versions_data *d = v->data;

	(void)v;
	*row = (int)(d->sel - d->top);
	*col = 0;
	return true;
}

static void versions_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct versions_data *d = v->data;
	size_t n = d->shown ? d->shown->n : 0;

	buf_addf(left, "%s  ", _("Versions"));
	text_add(left, d->path);
	buf_addf(right, ngettext("%zu version", "%zu versions", (unsigned long)n), n);
}

static const enum action hints[] = {ACTION_TEMPLATE_RESTORE, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops template_versions_view_ops = {
	.name = "template-versions",
	.where = WHERE_VERSIONS,
	.data_size = sizeof(struct versions_data),
	.hints = hints,
	.open = versions_open,
	.close = versions_close,
	.reply = versions_reply,
	.key = versions_key,
	.action = versions_action,
	.recalc = versions_recalc,
	.paint = versions_paint,
	.cursor = versions_cursor,
	.title = versions_title,
};
