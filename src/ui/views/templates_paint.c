/* templates_paint.c - cells of the template picker: the list, and beside or below it the mail. */
#include "config.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "ui/form.h"
#include "ui/ui_core.h"
#include "templates.h"

#define HEAD_ROWS 2    /* the line of input and a rule */
#define SUBJECT_ROWS 3 /* and what it is for, and a gap */

struct templates_layout templates_layout_of(const struct view *v)
{
	const struct templates_data *d = templates_data_of(v);
	struct templates_layout l = {
		.list_row = HEAD_ROWS, .is_beside = v->cols >= TEMPLATES_BESIDE};
	int rows = v->rows - HEAD_ROWS;

	rows = rows > 0 ? rows : 0;
	if (l.is_beside) {
		l.list_rows = rows;
		l.list_cols = TEMPLATES_LIST_COLS;
		l.preview_row = HEAD_ROWS + SUBJECT_ROWS;
		l.preview_col = TEMPLATES_LIST_COLS + 2;
	} else {
		int most = rows / 3;

		l.list_rows = d->prompt.n < (size_t)most ? (int)d->prompt.n : most;
		l.list_cols = v->cols;
		l.preview_row = HEAD_ROWS + l.list_rows + 1 + SUBJECT_ROWS;
		l.preview_col = 1;
	}
	l.preview_rows = v->rows > l.preview_row ? v->rows - l.preview_row : 0;
	l.preview_cols = v->cols - l.preview_col - 1 < 100 ? v->cols - l.preview_col - 1 : 100;
	return l;
}

static void paint_list(const struct templates_data *c, const struct draw *d)
{
	size_t n = c->prompt.n, sel = c->prompt.sel;
	size_t top = sel >= (size_t)d->rows && d->rows > 0 ? sel - (size_t)d->rows + 1 : 0;

	for (int i = 0; i < d->rows && top + (size_t)i < n; i++) {
		size_t at = c->prompt.match[top + (size_t)i];
		const struct template_file *f = &c->shown->list.v[at];
		int end = d->cols - 1;

		if (!f->t)
			end = draw_text_right(d, i, end, d->cols / 2, STYLE_FAILED, _("broken")) -
			      1;
		draw_text(d, i, 1, end - 1, f->t ? STYLE_NORMAL : STYLE_DIM, c->rows[at].label);
		if (top + (size_t)i == sel)
			draw_add_style(d, i, 0, d->cols, STYLE_SELECTED);
	}
}

/* What the form will ask for stands out. */
static void mark_gaps(const struct editor *e, const struct draw *d)
{
	for (int row = 0; row < d->rows && e->top + (size_t)row < e->n_lines; row++) {
		const struct editor_line *l = &e->lines[e->top + (size_t)row];
		struct span rest = {e->text.p + l->start, l->len};
		const char *open, *close;

		while (rest.len > 0 && (open = memmem(rest.p, rest.len, "{{", 2)) &&
			(close = memmem(open, rest.len - (size_t)(open - rest.p), "}}", 2))) {
			int col = (int)cell_width(e->text.p + l->start,
				(size_t)(open - e->text.p) - l->start);

			draw_textn(d, row, col, d->cols - col, STYLE_WAITING, open,
				(size_t)(close - open) + 2);
			rest.len -= (size_t)(close + 2 - rest.p);
			rest.p = close + 2;
		}
	}
}

static void paint_preview(const struct templates_data *c, const struct draw *d)
{
	const struct template_file *f = templates_current(c);
	struct draw body = draw_part(d, SUBJECT_ROWS, 0, d->rows - SUBJECT_ROWS, d->cols);
	int col;

	if (!f)
		return;
	if (!f->t) {
		draw_text(d, 0, 0, d->cols, STYLE_BOLD, f->path);
		form_paint_text(&body, 0, STYLE_FAILED, f->why);
		return;
	}
	col = draw_text(d, 0, 0, d->cols, STYLE_DIM, _("Subject")) + 2;
	draw_text(d, 0, col, d->cols - col, STYLE_BOLD,
		c->subject.len > 0 && !c->args.keeps_subject ? c->subject.p : _("stays as it is"));
	if (f->t->about)
		draw_text(d, 1, 0, d->cols, STYLE_DIM, f->t->about);
	editor_paint(&c->preview, &body);
	mark_gaps(&c->preview, &body);
}

static void paint_empty(const struct templates_data *c, const struct draw *d, int row)
{
	if (!c->shown)
		draw_text(d, row, 1, d->cols - 2, STYLE_DIM, _("Opening…"));
	else if (c->shown->list.n > 0)
		draw_text(d, row, 1, d->cols - 2, STYLE_DIM, _("No template of that name."));
	else
		form_paint_text(d, row, STYLE_NORMAL,
			_("No templates yet. Alt-I brings ten to begin with. A template is a text "
			  "file in the folder \"templates\" of crmail's data folder."));
}

void templates_paint(const struct view *v, const struct draw *d)
{
	const struct templates_data *c = templates_data_of(v);
	struct templates_layout l = templates_layout_of(v);
	struct draw list = draw_part(d, l.list_row, 0, l.list_rows, l.list_cols);
	struct draw preview = draw_part(d, l.preview_row - SUBJECT_ROWS, l.preview_col,
		l.preview_rows + SUBJECT_ROWS, l.preview_cols);
	int col =
		1 + draw_text(d, 0, 1, d->cols / 2, STYLE_BOLD | STYLE_ACCENT, _("Template:")) + 1;

	editor_paint_field(&c->prompt.input, d, 0, col, STYLE_NORMAL);
	draw_hrule(d, 1, 0, d->cols, STYLE_DIM);
	if (c->prompt.n == 0) {
		paint_empty(c, d, HEAD_ROWS);
		return;
	}
	paint_list(c, &list);
	if (l.is_beside)
		draw_vrule(d, HEAD_ROWS, l.list_cols, d->rows - HEAD_ROWS, STYLE_DIM);
	else
		draw_hrule(d, l.list_row + l.list_rows, 0, d->cols, STYLE_DIM);
	paint_preview(c, &preview);
}

bool templates_cursor(const struct view *v, int *row, int *col)
{
	const struct templates_data *c = templates_data_of(v);
	const char *label = _("Template:");

	*row = 0;
	*col = 2 + (int)cell_width(label, strlen(label));
	*col += editor_field_cursor(&c->prompt.input, v->cols - *col);
	return true;
}
