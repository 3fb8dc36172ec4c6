/* editor_show.c - soft wrap of the text being written, and its cells. Changes no text. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "editor.h"
#include "editor_private.h"

/* Bytes looked at for one screen line: more belong to clusters nobody can read. */
#define LINE_BYTES_MAX ((size_t)4096)

static void reserve_lines(struct editor *e, size_t n)
{
	if (n <= e->cap_lines)
		return;
	while (e->cap_lines < n)
		e->cap_lines = e->cap_lines ? e->cap_lines * 2 : 64;
	e->lines = xreallocarray(e->lines, e->cap_lines, sizeof(*e->lines));
}

/* Not where a mark stands on the blank. */
static bool is_behind_blank(const char *p, size_t n, size_t at)
{
	return p[at - 1] == ' ' && utf8_cluster(p + at - 1, n - at + 1) == 1;
}

/* Bytes of the next screen line of a paragraph: at most `width` cells, broken after a blank. */
static size_t line_fit(const char *p, size_t n, int width)
{
	size_t fit = utf8_cut(p, n, (size_t)width, NULL);

	if (fit >= n)
		return n;
	for (size_t i = fit; i > 0; i--)
		if (is_behind_blank(p, n, i))
			return i;
	return fit > 0 ? fit : utf8_cluster(p, n);
}

static size_t whole_characters(const char *p, size_t n)
{
	while (n > 0 && ((unsigned char)p[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* The screen line that begins at `at`; of_quote: of the paragraph, if this is not its first. */
static struct editor_line line_at(const struct editor *e, size_t at, bool of_quote)
{
	const char *p = e->text.p + at, *end;
	size_t n = e->text.len - at;
	bool is_first = at == 0 || p[-1] == '\n';

	if (n > LINE_BYTES_MAX)
		n = whole_characters(p, LINE_BYTES_MAX);
	end = n > 0 ? memchr(p, '\n', n) : NULL;
	n = end ? (size_t)(end - p) : n;
	/* One cell stays free for the cursor behind the last character. */
	return (struct editor_line){.start = at,
		.len = line_fit(p, n, e->width > 1 ? e->width - 1 : 1),
		.is_quote = is_first ? n > 0 && *p == '>' : of_quote};
}

/* Where the line behind `l` begins; false: there is none. */
static bool next_start(const struct editor *e, const struct editor_line *l, size_t *at)
{
	*at = l->start + l->len;
	if (*at >= e->text.len)
		return false;
	*at += e->text.p[*at] == '\n';
	return true;
}

void editor_rewrap(struct editor *e)
{
	struct editor_line l = line_at(e, 0, false);
	size_t at;

	if (e->is_wrapped)
		return;
	reserve_lines(e, 1);
	e->lines[0] = l;
	e->n_lines = 1;
	while (next_start(e, &l, &at)) {
		l = line_at(e, at, l.is_quote);
		reserve_lines(e, e->n_lines + 1);
		e->lines[e->n_lines++] = l;
	}
	e->is_wrapped = true;
}

/* The old line that the new one is, moved; n_lines = none. */
static size_t same_line(const struct editor *e, const struct editor_line *l, size_t n, size_t len)
{
	size_t start = l->start - len + n, i = editor_line_of(e, start);

	return e->lines[i].start == start && e->lines[i].is_quote == l->is_quote ? i : e->n_lines;
}

void editor_rewrap_part(struct editor *e, size_t at, size_t n, size_t len)
{
	struct editor_line *fresh = NULL, l;
	size_t first, n_fresh = 0, cap = 0, keep, tail;
	bool has_next = true;

	if (!e->is_wrapped || e->n_lines == 0)
		return;
	/* A shorter word may go up to the line before. */
	first = editor_line_of(e, at);
	first -= first > 0;
	keep = e->n_lines;
	l = line_at(e, e->lines[first].start, e->lines[first].is_quote);
	for (size_t next = 0; has_next;) {
		if (n_fresh == cap) {
			cap = cap ? cap * 2 : 16;
			fresh = xreallocarray(fresh, cap, sizeof(*fresh));
		}
		fresh[n_fresh++] = l;
		has_next = next_start(e, &l, &next);
		if (!has_next)
			break;
		l = line_at(e, next, l.is_quote);
		if (next > at + len && (keep = same_line(e, &l, n, len)) < e->n_lines)
			break;
	}
	tail = e->n_lines - keep;
	reserve_lines(e, first + n_fresh + tail);
	memmove(e->lines + first + n_fresh, e->lines + keep, tail * sizeof(*e->lines));
	memcpy(e->lines + first, fresh, n_fresh * sizeof(*fresh));
	e->n_lines = first + n_fresh + tail;
	for (size_t i = first + n_fresh; i < e->n_lines; i++)
		e->lines[i].start = e->lines[i].start - n + len;
	free(fresh);
}

void editor_wrap(struct editor *e, int width, int height)
{
	size_t line, rows = height > 0 ? (size_t)height : 1;

	width = width > 1 ? width : 1;
	if (width != e->width)
		e->is_wrapped = false;
	e->width = width;
	e->height = height;
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

		if (span_eq(line, "-- ")) /* the signature */
			break;
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
