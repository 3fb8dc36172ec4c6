/* form_page.c - a form as a whole screen. */
#include "config.h"

#include "form_page.h"

enum { HEAD_LINES = 2, TAIL_LINES = 2 };

static int head_lines(const struct form *f, int rows)
{
	return rows >= form_lines(f) + HEAD_LINES + TAIL_LINES ? HEAD_LINES : 0;
}

int form_page_lines(const struct form *f, int rows)
{
	return rows - TAIL_LINES - head_lines(f, rows);
}

void form_page_scroll(struct form *f, int rows, int cols)
{
	form_scroll(f, form_page_lines(f, rows), cols);
}

void form_page_paint(const struct form *f, const struct draw *d, const char *head, unsigned style,
	const char *below)
{
	int first = head_lines(f, d->rows), lines = form_lines(f), end;
	int most = form_page_lines(f, d->rows);
	struct draw part;

	if (lines > most)
		lines = most;
	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	if (first)
		draw_text(d, 0, 2, d->cols - 3, STYLE_DIM, head);
	part = draw_part(d, first, 0, lines, d->cols);
	form_paint(f, &part);
	end = first + lines;
	form_paint_text(d, end + (d->rows > end + TAIL_LINES + 1 ? 1 : 0), style, below);
}

void form_page_cursor(const struct form *f, int rows, int cols, int *row, int *col)
{
	form_cursor(f, cols, row, col);
	*row += head_lines(f, rows);
}
