/* editor_show.c - soft wrap of the text being written, and its cells. Changes no text. */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "editor.h"
#include "editor_private.h"

static void add_line(struct editor *e, size_t start, size_t len, bool is_quote)
{
	if (e->n_lines == e->cap_lines) {
		e->cap_lines = e->cap_lines ? e->cap_lines * 2 : 64;
		e->lines = xreallocarray(e->lines, e->cap_lines, sizeof(*e->lines));
	}
	e->lines[e->n_lines++] = (struct editor_line){start, len, is_quote};
}

/* Bytes of the next screen line of a paragraph: at most `width` cells, broken after a blank. */
static size_t line_fit(const char *p, size_t n, int width)
{
	size_t fit = utf8_cut(p, n, (size_t)width, NULL);

	if (fit >= n)
		return n;
	for (size_t i = fit; i > 0; i--)
		if (p[i - 1] == ' ')
			return i;
	return fit > 0 ? fit : utf8_cluster(p, n);
}

static void wrap_paragraph(struct editor *e, size_t start, size_t n, int width)
{
	bool is_quote = n > 0 && e->text.p[start] == '>';
	size_t at = 0;

	do {
		size_t len = line_fit(e->text.p + start + at, n - at, width);

		add_line(e, start + at, len, is_quote);
		at += len;
	} while (at < n);
}

void editor_rewrap(struct editor *e)
{
	size_t start = 0;

	if (e->is_wrapped)
		return;
	e->n_lines = 0;
	while (start <= e->text.len) {
		size_t n = 0;

		while (start + n < e->text.len && e->text.p[start + n] != '\n')
			n++;
		/* One cell stays free for the cursor behind the last character. */
		wrap_paragraph(e, start, n, e->width > 1 ? e->width - 1 : 1);
		start += n + 1;
	}
	e->is_wrapped = true;
}

void editor_wrap(struct editor *e, int width, int height)
{
	size_t line, rows = height > 0 ? (size_t)height : 1;

	width = width > 1 ? width : 1;
	if (width != e->width)
		e->is_wrapped = false;
	e->width = width;
	editor_rewrap(e);
	line = editor_line_of(e, e->cur);
	if (line < e->top)
		e->top = line;
	if (line >= e->top + rows)
		e->top = line - rows + 1;
	if (e->top > 0 && e->top + rows > e->n_lines)
		e->top = e->n_lines > rows ? e->n_lines - rows : 0;
}

size_t editor_line_of(const struct editor *e, size_t at)
{
	size_t lo = 0, hi = e->n_lines;

	while (lo + 1 < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (e->lines[mid].start <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

int editor_col_of(const struct editor *e, size_t at)
{
	size_t line = editor_line_of(e, at);

	if (e->n_lines == 0 || at < e->lines[line].start)
		return 0;
	return (int)cell_width(e->text.p + e->lines[line].start, at - e->lines[line].start);
}

size_t editor_offset_at(const struct editor *e, size_t line, int col)
{
	const struct editor_line *l = &e->lines[line];
	size_t n = utf8_cut(e->text.p + l->start, l->len, (size_t)col, NULL);

	/* The end of a wrapped line is the start of the next: stay before its blank. */
	if (n == l->len && n > 0 && line + 1 < e->n_lines &&
		e->lines[line + 1].start == l->start + l->len)
		n -= utf8_cluster_back(e->text.p + l->start, n);
	return l->start + n;
}

void editor_cursor(const struct editor *e, int *row, int *col)
{
	*row = (int)(editor_line_of(e, e->cur) - e->top);
	*col = editor_col_of(e, e->cur);
}

int editor_paint_span(const struct editor *e, const struct draw *d, int row, int col,
	unsigned style, size_t start, size_t len)
{
	struct span sel = editor_selection(e);
	size_t from = (size_t)(sel.p - e->text.p), to = from + sel.len, at = start;
	int first = col;

	while (at < start + len) {
		size_t end = start + len;
		unsigned s = style;

		if (at < from && end > from)
			end = from;
		if (at >= from && at < to) {
			s |= STYLE_MARKED;
			end = end < to ? end : to;
		}
		col += draw_textn(d, row, col, d->cols - col, s, e->text.p + at, end - at);
		at = end;
	}
	return col - first;
}

void editor_paint(const struct editor *e, const struct draw *d)
{
	for (int row = 0; row < d->rows && e->top + (size_t)row < e->n_lines; row++) {
		const struct editor_line *l = &e->lines[e->top + (size_t)row];

		editor_paint_span(e, d, row, 0, l->is_quote ? STYLE_QUOTE : STYLE_NORMAL, l->start,
			l->len);
	}
}

/* First byte shown of a field so that the cursor is within `width` cells. */
static size_t field_start(const struct editor *e, int width)
{
	size_t start = 0, before = cell_width(e->text.p, e->cur);

	while (start < e->cur && before >= (size_t)(width > 0 ? width : 1)) {
		size_t n = utf8_cluster(e->text.p + start, e->cur - start);

		before -= (size_t)cell_width_cluster(e->text.p + start, n);
		start += n;
	}
	return start;
}

int editor_field_cursor(const struct editor *e, int width)
{
	size_t start = field_start(e, width);

	return (int)cell_width(e->text.p + start, e->cur - start);
}

void editor_paint_field(const struct editor *e, const struct draw *d, int row, int col,
	unsigned style)
{
	size_t start = field_start(e, d->cols - col);

	editor_paint_span(e, d, row, col, style, start, e->text.len - start);
}

size_t editor_words(const struct editor *e)
{
	struct span rest = {e->text.p, e->text.len}, line;
	size_t n = 0;

	while (span_next(&rest, '\n', &line)) {
		bool in_word = false;

		if (line.len > 0 && line.p[0] == '>')
			continue;
		for (size_t i = 0; i < line.len; i++) {
			bool is_blank = ascii_isspace(line.p[i]);

			n += !is_blank && !in_word;
			in_word = !is_blank;
		}
	}
	return n;
}
