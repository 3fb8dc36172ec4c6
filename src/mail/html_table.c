/* html_table.c - remembering cells and setting them anew. What cells are: html_table.h. */
#include "config.h"

#include "html_table.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#define GAP 2                         /* cells between columns */
#define MAX_HEADING 40                /* cells of a heading that is repeated in records */
#define REWRITE_MAX ((size_t)1 << 20) /* bytes of a table that is set anew */

struct layout {
	struct table_set *t;
	struct flow *f;
	size_t from, to; /* cells */
	size_t start;    /* of the region in the text */
	size_t n_columns;
	unsigned width[TABLE_MAX_COLUMNS];
	bool right[TABLE_MAX_COLUMNS];
	struct buf out;
	size_t run;      /* next run to move */
	size_t run_kept; /* runs moved so far */
};

void table_set_init(struct table_set *t)
{
	*t = (struct table_set){.cells = NULL};
}

void table_set_release(struct table_set *t)
{
	free(t->cells);
	t->cells = NULL;
}

static struct table_level *level(struct table_set *t)
{
	return t->depth && t->depth <= TABLE_MAX_DEPTH ? &t->levels[t->depth - 1] : NULL;
}

static unsigned cell_cells(const struct layout *l, const struct table_cell *c)
{
	return (unsigned)cell_width(l->f->text.p + c->start, c->len);
}

/* Digits with what stands around amounts: such columns are set flush right. */
static bool is_amount(const char *p, size_t n)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < n; i++) {
		digits += ascii_isdigit(p[i]);
		letters += ascii_isalpha(p[i]);
	}
	return digits > 0 && letters <= 3 && letters <= digits && n <= 24;
}

/* Takes the runs that lie in a cell along to where the cell is written now. */
static void move_runs(struct layout *l, const struct table_cell *c, size_t to)
{
	struct flow *f = l->f;

	for (; l->run < f->n_runs && f->runs[l->run].start < c->start + c->len; l->run++) {
		struct render_run r = f->runs[l->run];
		if (r.start < c->start)
			continue;
		r.start = (uint32_t)(to + (r.start - c->start));
		f->runs[l->run_kept++] = r;
	}
}

static void put_cell(struct layout *l, const struct table_cell *c)
{
	move_runs(l, c, l->start + l->out.len);
	buf_add(&l->out, l->f->text.p + c->start, c->len);
}

static void put_blanks(struct layout *l, unsigned n)
{
	while (n-- > 0)
		buf_addch(&l->out, ' ');
}

static void new_line(struct layout *l)
{
	if (!l->out.len)
		return;
	buf_addch(&l->out, '\n');
	flow_add_prefix(l->f, &l->out);
}

static void blank_line(struct layout *l)
{
	new_line(l);
	while (l->out.len && l->out.p[l->out.len - 1] == ' ')
		buf_truncate(&l->out, l->out.len - 1);
}

static size_t row_end(const struct layout *l, size_t i)
{
	const struct table_cell *cells = l->t->cells;
	for (i++; i < l->to && !cells[i].row_start; i++)
		;
	return i;
}

static bool row_is_empty(const struct layout *l, size_t i, size_t end)
{
	for (; i < end; i++) {
		if (l->t->cells[i].len)
			return false;
	}
	return true;
}

static void put_columns_row(struct layout *l, size_t i, size_t end)
{
	unsigned at = 0, begin[TABLE_MAX_COLUMNS + 1] = {0};

	for (size_t k = 0; k < l->n_columns; k++)
		begin[k + 1] = begin[k] + l->width[k] + (l->width[k] ? GAP : 0);
	for (; i < end; i++) {
		const struct table_cell *c = &l->t->cells[i];
		unsigned cells = cell_cells(l, c), want = begin[c->column];
		if (!c->len)
			continue;
		if (l->right[c->column] && c->span == 1 && cells < l->width[c->column])
			want += l->width[c->column] - cells;
		if (at && want < at + GAP)
			want = at + GAP;
		put_blanks(l, want - at);
		put_cell(l, c);
		at = want + cells;
	}
}

static void put_columns(struct layout *l)
{
	/* a blank line before the table, where it does not stand in a list or quote */
	const struct buf *text = &l->f->text;
	if (l->start >= 2 && text->p[l->start - 1] == '\n' && text->p[l->start - 2] != '\n')
		buf_addch(&l->out, '\n');
	bool first = true;
	for (size_t i = l->from; i < l->to;) {
		size_t end = row_end(l, i);
		if (!row_is_empty(l, i, end)) {
			if (!first)
				new_line(l);
			put_columns_row(l, i, end);
			first = false;
		}
		i = end;
	}
	l->f->nl = 2;
}

static void put_records(struct layout *l)
{
	size_t heads = row_end(l, l->from);
	bool first = true;

	for (size_t i = heads; i < l->to;) {
		size_t end = row_end(l, i);
		if (!first && !row_is_empty(l, i, end))
			blank_line(l);
		for (size_t k = i; k < end; k++) {
			const struct table_cell *c = &l->t->cells[k];
			if (!c->len)
				continue;
			new_line(l);
			for (size_t h = l->from; h < heads; h++) {
				const struct table_cell *head = &l->t->cells[h];
				if (head->column != c->column || !head->len)
					continue;
				buf_add(&l->out, l->f->text.p + head->start, head->len);
				buf_addstr(&l->out, ": ");
			}
			put_cell(l, c);
			first = false;
		}
		i = end;
	}
	l->f->nl = 2;
}

/* Prose in a cell: it gets a blank line around it, which short lines of labels do not need. */
static bool is_long(const struct layout *l, const struct table_cell *c)
{
	return cell_cells(l, c) > RENDER_TABLE_CELLS;
}

static void put_rows(struct layout *l)
{
	bool apart = false;

	for (size_t i = l->from; i < l->to;) {
		size_t end = row_end(l, i);
		unsigned width = 0;
		for (size_t k = i; k < end; k++)
			width += cell_cells(l, &l->t->cells[k]) + GAP;
		bool joined = width <= RENDER_ROW_CELLS + GAP, open = false;
		for (size_t k = i; k < end; k++) {
			const struct table_cell *c = &l->t->cells[k];
			if (!c->len)
				continue;
			if (open && joined)
				put_blanks(l, GAP);
			else if (apart && l->out.len)
				blank_line(l);
			if (!(open && joined))
				new_line(l);
			put_cell(l, c);
			open = true;
			apart = is_long(l, c);
		}
		i = end;
	}
	l->f->nl = apart ? 2 : 1;
}

/* The cells are all there is in the region: between them stand line ends and prefixes only. */
static bool is_region_clean(const struct layout *l)
{
	const char *p = l->f->text.p;
	size_t at = l->start;

	for (size_t i = l->from; i < l->to; i++) {
		const struct table_cell *c = &l->t->cells[i];
		if (!c->len)
			continue;
		if (c->start < at || memchr(p + c->start, '\n', c->len))
			return false;
		for (; at < c->start; at++) {
			if (p[at] != '\n' && p[at] != ' ' && p[at] != '>')
				return false;
		}
		at = c->start + c->len;
	}
	return at == l->f->text.len;
}

/* A first row of words above amounts is a heading, also where it is not marked as one. */
static void measure(struct layout *l, size_t rows)
{
	bool body[TABLE_MAX_COLUMNS] = {false};
	size_t head_end = rows >= 3 ? row_end(l, l->from) : l->from;

	for (size_t k = 0; k < TABLE_MAX_COLUMNS; k++)
		l->right[k] = true;
	for (size_t i = l->from; i < l->to; i++) {
		const struct table_cell *c = &l->t->cells[i];
		if (!c->len)
			continue;
		if (c->column + 1u > l->n_columns)
			l->n_columns = c->column + 1u;
		unsigned cells = cell_cells(l, c);
		if (c->span == 1 && cells > l->width[c->column])
			l->width[c->column] = cells;
		if (c->header || i < head_end)
			continue;
		body[c->column] = true;
		if (!is_amount(l->f->text.p + c->start, c->len))
			l->right[c->column] = false;
	}
	for (size_t k = 0; k < TABLE_MAX_COLUMNS; k++)
		l->right[k] = l->right[k] && body[k];
}

/* Rows, and whether the first holds headings only. */
static size_t count_rows(const struct layout *l, bool *headed)
{
	size_t n = 0, i = l->from;
	size_t first_end = i < l->to ? row_end(l, i) : i;

	*headed = first_end - i >= 2;
	for (size_t k = i; k < first_end; k++) {
		const struct table_cell *c = &l->t->cells[k];
		*headed = *headed && c->header && cell_cells(l, c) <= MAX_HEADING;
	}
	for (; i < l->to; i = row_end(l, i))
		n++;
	return n;
}

static void choose_and_put(struct layout *l, bool rows_only)
{
	bool headed;
	unsigned total = 0;
	size_t rows = count_rows(l, &headed);

	measure(l, rows);
	for (size_t k = 0; k < l->n_columns; k++)
		total += l->width[k] + (l->width[k] ? GAP : 0);
	if (rows_only || rows < 2 || l->n_columns < 2)
		put_rows(l);
	else if (total <= RENDER_TABLE_CELLS + GAP)
		put_columns(l);
	else if (headed)
		put_records(l);
	else
		put_rows(l);
}

/* Sets the cells [from, n_cells) anew where they are one-line cells and nothing else. */
static void rewrite(struct table_set *t, struct flow *f, size_t from, bool rows_only)
{
	struct layout l = {.t = t, .f = f, .from = from, .to = t->n_cells};

	size_t first = from;
	while (first < l.to && !t->cells[first].len)
		first++;
	if (first == l.to)
		return;
	l.start = t->cells[first].start;
	if (f->text.len - l.start > REWRITE_MAX || !is_region_clean(&l))
		return;
	buf_init(&l.out, 8 * REWRITE_MAX);
	l.run = f->n_runs;
	while (l.run > 0 && f->runs[l.run - 1].start >= l.start)
		l.run--;
	l.run_kept = l.run;
	choose_and_put(&l, rows_only);
	t->rewritten += f->text.len - l.start + l.out.len;
	if (!l.out.failed && f->text.max - l.start > l.out.len + 512) {
		buf_truncate(&f->text, l.start);
		buf_add(&f->text, l.out.p, l.out.len);
		f->n_runs = l.run_kept;
	}
	if (f->link_first != FLOW_NONE && f->link_first > l.start)
		f->link_first = l.start;
	buf_release(&l.out);
}

static void end_row(struct table_set *t, struct flow *f, struct table_level *v)
{
	if (v->in_cell)
		table_cell_close(t, f);
	if (v->layout) {
		if (!v->broken && v->row_first < t->n_cells)
			rewrite(t, f, v->row_first, true);
		t->n_cells = v->first_cell;
		v->broken = false;
	}
	v->row_first = t->n_cells;
	v->row_cells = 0;
}

void table_open(struct table_set *t, struct flow *f, bool presentation)
{
	struct table_level *outer = level(t);

	if (outer && !outer->layout) {
		t->n_cells = outer->row_first;
		if (!outer->broken)
			rewrite(t, f, outer->first_cell, true);
		t->n_cells = outer->first_cell;
		outer->row_first = t->n_cells;
		outer->layout = true;
	}
	if (outer)
		outer->broken = true;
	flow_break(f, 2);
	if (t->depth++ < TABLE_MAX_DEPTH)
		t->levels[t->depth - 1] = (struct table_level){.first_cell = t->n_cells,
			.row_first = t->n_cells,
			.lists = f->ctx.lists,
			.quote = f->ctx.quote,
			.presentation = presentation,
			.new_row = true};
}

void table_row(struct table_set *t, struct flow *f)
{
	struct table_level *v = level(t);

	flow_break(f, 1);
	if (!v)
		return;
	end_row(t, f, v);
	v->new_row = true;
}

static unsigned next_column(struct table_level *v, unsigned span, unsigned rowspan)
{
	unsigned c = v->row_cells;

	while (c < TABLE_MAX_COLUMNS && v->carry[c]) {
		v->carry[c]--;
		c++;
	}
	for (unsigned k = c; k < c + span && k < TABLE_MAX_COLUMNS; k++)
		v->carry[k] = (uint8_t)(rowspan - 1);
	v->row_cells = c + span;
	return c;
}

void table_cell_open(struct table_set *t, struct flow *f, bool header, unsigned colspan,
	unsigned rowspan)
{
	struct table_level *v = level(t);

	flow_break(f, 1);
	if (!v)
		return;
	if (v->in_cell)
		table_cell_close(t, f);
	unsigned column = next_column(v, colspan, rowspan);
	if (t->n_cells == TABLE_MAX_CELLS || column >= TABLE_MAX_COLUMNS) {
		v->broken = true;
		return;
	}
	if (t->n_cells == t->cap_cells) {
		t->cap_cells = t->cap_cells ? 2 * t->cap_cells : 64;
		t->cells = xreallocarray(t->cells, t->cap_cells, sizeof(*t->cells));
	}
	t->cells[t->n_cells++] = (struct table_cell){.column = (uint16_t)column,
		.span = (uint8_t)colspan,
		.header = header,
		.row_start = v->new_row};
	v->new_row = false;
	v->in_cell = true;
	flow_mark(f);
}

void table_cell_close(struct table_set *t, struct flow *f)
{
	struct table_level *v = level(t);
	bool prose = false;

	if (v && v->in_cell) {
		v->in_cell = false;
		prose = f->first != FLOW_NONE && f->text.len > f->first + 2 * RENDER_TABLE_CELLS;
		if (f->first != FLOW_NONE && t->n_cells > v->first_cell && f->text.len > f->first) {
			struct table_cell *c = &t->cells[t->n_cells - 1];
			c->start = (uint32_t)f->first;
			c->len = (uint32_t)(f->text.len - f->first);
			v->broken =
				v->broken || f->ctx.lists != v->lists || f->ctx.quote != v->quote;
		}
	}
	f->touched = false;
	flow_break(f, prose ? 2 : 1);
}

void table_close(struct table_set *t, struct flow *f)
{
	struct table_level *v = level(t);

	if (!t->depth)
		return;
	if (v) {
		if (v->layout) {
			end_row(t, f, v);
		} else {
			if (v->in_cell)
				table_cell_close(t, f);
			if (!v->broken)
				rewrite(t, f, v->first_cell, v->presentation);
		}
		t->n_cells = v->first_cell;
	}
	t->depth--;
	flow_break(f, 2);
	flow_mark(f);
}
