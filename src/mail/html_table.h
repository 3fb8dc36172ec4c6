/*
 * html_table.h - tables in mail. Nearly all of them are layout: their cells become lines. Rows of
 * short cells are set side by side, and tables of plain cells are laid out in columns.
 *
 * Cells are written to the flow line by line as they come; where the innermost open table turns
 * out to hold nothing but one-line cells, its lines are written anew at its end:
 *   columns   two or more rows and columns that fit RENDER_TABLE_CELLS
 *   records   too wide, but with a row of headings: "Heading: value" lines
 *   rows      everything else: a row that is short goes on one line, a longer one stays lines
 * A table that holds a table is layout: its finished rows are treated as "rows" once, so that all
 * text is rewritten at most twice, whatever the nesting. role=presentation allows "rows" only.
 * Private to src/mail. Pure; one thread at a time.
 */
#ifndef CRMAIL_HTML_TABLE_H
#define CRMAIL_HTML_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "html_flow.h"

#define RENDER_TABLE_CELLS 78 /* widest table set in columns */
#define RENDER_ROW_CELLS 60   /* widest row set side by side without columns */
#define TABLE_MAX_DEPTH 64    /* tables inside deeper ones are lines only */
#define TABLE_MAX_CELLS 4096  /* of open tables together; tables with more are lines only */
#define TABLE_MAX_COLUMNS 32

struct table_cell {
	uint32_t start, len; /* in the flow's text; len 0 = empty */
	uint16_t column;
	uint8_t span;
	bool header, row_start;
};

struct table_level {
	size_t first_cell;                /* of this table in table_set.cells */
	unsigned row_cells;               /* cells begun in the current row */
	size_t row_first;                 /* first cell of the current row */
	uint8_t carry[TABLE_MAX_COLUMNS]; /* rows that a cell above still reaches into */
	uint8_t lists, quote;
	bool presentation, layout;
	bool broken; /* the current row, or all while not layout: not one-line cells */
	bool in_cell;
	bool new_row;
};

struct table_set {
	struct table_cell *cells;
	size_t n_cells, cap_cells;
	struct table_level levels[TABLE_MAX_DEPTH];
	size_t depth;       /* open tables, also those past TABLE_MAX_DEPTH */
	uint64_t rewritten; /* bytes moved, for the tests of linearity */
};

void table_set_init(struct table_set *t);
void table_set_release(struct table_set *t);

void table_open(struct table_set *t, struct flow *f, bool presentation);
void table_row(struct table_set *t, struct flow *f);
void table_cell_open(struct table_set *t, struct flow *f, bool header, unsigned colspan,
	unsigned rowspan);
void table_cell_close(struct table_set *t, struct flow *f);
void table_close(struct table_set *t, struct flow *f);

#endif
