/*
 * csv.c - CSV text to rows, one byte after the other, with as much memory as a row takes.
 */
#include "config.h"

#include "csv.h"

#include <string.h>

#include "crmail/base/str.h"

void csv_init(struct csv *c, char separator, csv_row_fn row, void *ctx)
{
	*c = (struct csv){.separator = separator,
		.row = row,
		.ctx = ctx,
		.text = BUF_INIT(PEOPLE_MAX_ROW),
		.line = 1,
		.row_at = 1};
}

void csv_release(struct csv *c)
{
	buf_release(&c->text);
}

static void begin_cell(struct csv *c)
{
	c->is_wide = c->n == PEOPLE_MAX_COLUMNS;
	if (!c->is_wide)
		c->starts[c->n++] = c->text.len;
	c->blanks = 0;
	c->state = CSV_CELL;
}

static void end_cell(struct csv *c)
{
	if (!c->is_wide)
		buf_add(&c->text, "", 1);
}

static void add_char(struct csv *c, char ch)
{
	if (!c->is_wide)
		buf_addch(&c->text, ch);
}

static void begin_row(struct csv *c)
{
	buf_reset(&c->text);
	c->n = 0;
	c->is_wide = false;
	c->lost = CSV_FINE;
	c->state = CSV_ROW;
	c->row_at = c->line;
}

static int give_row(struct csv *c)
{
	const char *cells[PEOPLE_MAX_COLUMNS];
	bool is_lost = c->lost != CSV_FINE;
	for (size_t i = 0; !is_lost && i < c->n; i++)
		cells[i] = c->text.p + c->starts[i];
	const struct csv_row row = {
		.line = c->row_at, .why = c->lost, .cells = cells, .n = is_lost ? 0 : c->n};
	int rc = c->row(c->ctx, &row);
	begin_row(c);
	return rc;
}

static int end_row(struct csv *c)
{
	if (c->state == CSV_ROW) {
		c->row_at = c->line; /* an empty line */
		return 0;
	}
	if (c->state != CSV_LOST)
		end_cell(c);
	return give_row(c);
}

/* The row is too long to be one: it is given up, and the next line begins a new one. */
static void lose_row(struct csv *c)
{
	c->lost = c->state == CSV_QUOTED ? CSV_OPEN_QUOTE : CSV_TOO_LONG;
	buf_reset(&c->text);
	c->state = CSV_LOST;
}

static void take_bare(struct csv *c, char ch)
{
	if (ch == c->separator) {
		end_cell(c);
		begin_cell(c);
		return;
	}
	add_char(c, ch);
	c->state = CSV_BARE;
}

static void take_first(struct csv *c, char ch)
{
	if (ch == ' ' && c->separator != ' ') {
		add_char(c, ch);
		c->blanks++;
		return;
	}
	if (ch != '"') {
		take_bare(c, ch);
		return;
	}
	if (!c->is_wide)
		buf_truncate(&c->text, c->text.len - c->blanks);
	c->state = CSV_QUOTED;
}

/* Anything but a line end outside quotes. */
static void take_char(struct csv *c, char ch)
{
	switch (c->state) {
	case CSV_ROW:
		begin_cell(c);
		take_first(c, ch);
		break;
	case CSV_CELL:
		take_first(c, ch);
		break;
	case CSV_BARE:
		take_bare(c, ch);
		break;
	case CSV_QUOTED:
		if (ch == '"')
			c->state = CSV_CLOSED;
		else
			add_char(c, ch);
		break;
	case CSV_CLOSED:
		if (ch == '"') {
			add_char(c, ch);
			c->state = CSV_QUOTED;
		} else {
			take_bare(c, ch);
		}
		break;
	case CSV_LOST:
		break;
	}
	if (c->text.failed)
		lose_row(c);
}

static int take_line_end(struct csv *c)
{
	c->line++;
	if (c->state != CSV_QUOTED)
		return end_row(c);
	take_char(c, '\n');
	return 0;
}

int csv_add(struct csv *c, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char ch = p[i];
		bool is_second = ch == '\n' && c->was_cr;
		int rc = 0;
		c->was_cr = ch == '\r';
		if (is_second)
			continue;
		if (ch == '\r' || ch == '\n')
			rc = take_line_end(c);
		else
			take_char(c, ch);
		if (rc)
			return rc;
	}
	return 0;
}

int csv_end(struct csv *c)
{
	if (c->state == CSV_QUOTED)
		lose_row(c);
	return end_row(c);
}

/* ---- which separator -------------------------------------------------------------------------*/

#define GUESS_ROWS 20

struct tally {
	size_t rows, first, alike;
};

static int count_row(void *ctx, const struct csv_row *row)
{
	struct tally *t = ctx;
	if (row->why != CSV_FINE)
		return 0;
	if (!t->rows)
		t->first = row->n;
	t->alike += row->n == t->first;
	return ++t->rows == GUESS_ROWS;
}

char csv_guess_separator(const char *p, size_t n)
{
	static const char separators[] = {',', ';', '\t', '|'};
	char best = ',';
	size_t most = 0;
	/* What Excel writes to tell. */
	if (n > 5 && !str_ncasecmp(p, "sep=", 4) && (p[5] == '\r' || p[5] == '\n'))
		return p[4];
	for (size_t i = 0; i < sizeof(separators); i++) {
		struct tally t = {.rows = 0};
		struct csv c;
		csv_init(&c, separators[i], count_row, &t);
		/* The last row may be cut off and does not count. */
		IGNORE_RESULT(csv_add(&c, p, n), "stops when it has seen enough");
		if (!t.rows)
			IGNORE_RESULT(csv_end(&c), "one row without a line end");
		csv_release(&c);
		/* Rows of one length speak loudest, then how many cells they have. */
		size_t says = t.first < 2 ? 0 : t.alike * 1000 / t.rows * 1000 + t.first;
		if (says > most) {
			most = says;
			best = separators[i];
		}
	}
	return best;
}
