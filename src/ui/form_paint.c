/* form_paint.c - the lines of a form's fields: where they stand, and their cells. */
#include "config.h"

#include "form.h"

#include <time.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/render.h"
#include "when.h"

#define MARGIN 2

static int height_of(const struct form_field *v)
{
	return (v->kind == FORM_AREA ? v->lines : 1) + (v->error[0] != '\0');
}

/* A blank line stands before the first button. */
static int line_of(const struct form *f, size_t field)
{
	int line = 0;
	bool has_button = false;

	for (size_t i = 0; i <= field; i++) {
		if (f->v[i].is_hidden)
			continue;
		if (f->v[i].kind == FORM_BUTTON && !has_button && line > 0)
			line++;
		has_button = has_button || f->v[i].kind == FORM_BUTTON;
		line += i < field ? height_of(&f->v[i]) : 0;
	}
	return line;
}

int form_lines(const struct form *f)
{
	return line_of(f, f->n - 1) + height_of(&f->v[f->n - 1]);
}

bool form_shows(const struct form *f, size_t field, int lines)
{
	int row = line_of(f, field) - (int)f->top;

	return !f->v[field].is_hidden && row >= 0 && row < lines;
}

static int field_cols(const struct form_field *v, int cols)
{
	return cols - MARGIN - v->label_cols > 1 ? cols - MARGIN - v->label_cols : 1;
}

void form_scroll(struct form *f, int lines, int cols)
{
	int at = line_of(f, f->cur), end = at + height_of(&f->v[f->cur]);

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].kind == FORM_AREA)
			editor_wrap(&f->v[i].text, field_cols(&f->v[i], cols) - 1, f->v[i].lines);
	if (lines > 0 && end > (int)f->top + lines)
		f->top = (size_t)(end - lines);
	if (at < (int)f->top)
		f->top = (size_t)at;
	if (form_lines(f) <= lines)
		f->top = 0;
}

static size_t secret_cells(const struct form_field *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->secret_len; i++)
		n += ((unsigned char)v->secret[i] & 0xC0) != 0x80;
	return n;
}

static void paint_secret(const struct form_field *v, const struct draw *d, int row)
{
	size_t n = secret_cells(v);

	for (size_t i = 0; i < n && MARGIN + v->label_cols + (int)i < d->cols - 1; i++)
		draw_symbol(d, row, MARGIN + v->label_cols + (int)i, STYLE_NORMAL, SYM_BULLET);
}

static void paint_choice(const struct form_field *v, const struct draw *d, int row, bool has_focus)
{
	const char *label = form_choice_label(v, v->choice);

	if (has_focus)
		draw_textf(d, row, MARGIN + v->label_cols, field_cols(v, d->cols) - 1,
			STYLE_ACCENT | STYLE_BOLD, "< %s >", label);
	else
		draw_text(d, row, MARGIN + v->label_cols, field_cols(v, d->cols) - 1, STYLE_NORMAL,
			label);
}

/* What was typed, and behind it what it means. */
static void paint_when(const struct form *f, size_t i, const struct draw *d, int row)
{
	const struct form_field *v = &f->v[i];
	const struct editor *e = &v->text;
	CLEANUP(buf_release) struct buf b = BUF_INIT(100);
	int col = MARGIN + v->label_cols + (int)cell_width(e->text.p, e->text.len) + 2;
	struct moment m;
	struct tm tm;
	time_t at;

	editor_paint_field(e, d, row, MARGIN + v->label_cols, STYLE_NORMAL);
	if (!form_moment(f, i, &m))
		return;
	at = (time_t)m.at;
	if (!localtime_r(&at, &tm))
		return;
	when_full(&b, &tm, m.has_time);
	draw_text(d, row, col, d->cols - col - 1, STYLE_DIM, b.p);
}

static void paint_area(const struct form_field *v, const struct draw *d, int row)
{
	struct draw part =
		draw_part(d, row, MARGIN + v->label_cols, v->lines, field_cols(v, d->cols) - 1);

	draw_vrule(d, row, MARGIN + v->label_cols - 2, part.rows, STYLE_DIM);
	editor_paint(&v->text, &part);
}

static void paint_value(const struct form *f, size_t i, const struct draw *d, int row)
{
	const struct form_field *v = &f->v[i];

	switch (v->kind) {
	case FORM_TEXT:
		editor_paint_field(&v->text, d, row, MARGIN + v->label_cols, STYLE_NORMAL);
		break;
	case FORM_AREA:
		paint_area(v, d, row);
		break;
	case FORM_WHEN:
		paint_when(f, i, d, row);
		break;
	case FORM_SECRET:
		paint_secret(v, d, row);
		break;
	case FORM_CHOICE:
		paint_choice(v, d, row, i == f->cur);
		break;
	case FORM_BUTTON:
		break;
	}
}

static void paint_field(const struct form *f, size_t i, const struct draw *d, int row)
{
	const struct form_field *v = &f->v[i];
	bool has_focus = i == f->cur;
	unsigned style = has_focus ? STYLE_BOLD : STYLE_DIM;

	if (v->kind == FORM_BUTTON)
		draw_text(d, row, MARGIN, d->cols - MARGIN - 1,
			has_focus ? STYLE_BOLD | STYLE_ACCENT : STYLE_NORMAL, _(v->label));
	else
		draw_text(d, row, MARGIN, v->label_cols - 1, style, _(v->label));
	if (has_focus)
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
	paint_value(f, i, d, row);
	if (v->error[0])
		draw_text(d, row + height_of(v) - 1, MARGIN + v->label_cols,
			field_cols(v, d->cols) - 1, STYLE_FAILED | STYLE_BOLD, v->error);
}

void form_paint(const struct form *f, const struct draw *d)
{
	for (size_t i = 0; i < f->n; i++) {
		int row = line_of(f, i) - (int)f->top;

		if (!f->v[i].is_hidden && row > -height_of(&f->v[i]) && row < d->rows)
			paint_field(f, i, d, row);
	}
}

int form_paint_text(const struct draw *d, int row, unsigned style, const char *text)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct wrap_line *lines = NULL;
	int width = d->cols - 2 * MARGIN;
	size_t n = render_wrap(&a, span_of(text), width > 1 ? (unsigned)width : 1, &lines);

	for (size_t i = 0; i < n && row < d->rows; i++)
		draw_textn(d, row++, MARGIN, width, style, text + lines[i].start, lines[i].len);
	return row;
}

void form_cursor(const struct form *f, int cols, int *row, int *col)
{
	const struct form_field *v = &f->v[f->cur];
	int in_row = 0, in_col = 0;

	*row = line_of(f, f->cur) - (int)f->top;
	*col = MARGIN + (v->kind == FORM_BUTTON ? 0 : v->label_cols);
	if (v->kind == FORM_TEXT || v->kind == FORM_WHEN)
		in_col = editor_field_cursor(&v->text, field_cols(v, cols));
	else if (v->kind == FORM_SECRET)
		in_col = (int)secret_cells(v);
	else if (v->kind == FORM_AREA)
		editor_cursor(&v->text, &in_row, &in_col);
	*row += in_row;
	*col += in_col;
	if (*col >= cols)
		*col = cols > 0 ? cols - 1 : 0;
}
