/*
 * csv.h - rows of a CSV text, which comes in pieces. Private to src/mail.
 *
 * RFC 4180; beyond it, as Python's csv module reads: quotes begin a quoted cell only where the cell
 * begins (blanks before them are dropped), text behind a closing quote belongs to the cell, CR, LF
 * and CRLF all end a row, line ends inside quotes are part of the cell (as LF). Empty lines give no
 * row. A quote that is never closed costs the row it stands in and what it swallowed, at most
 * PEOPLE_MAX_ROW bytes, and is told.
 */
#ifndef CRMAIL_MAIL_CSV_H
#define CRMAIL_MAIL_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/mail/people.h"

enum csv_why { CSV_FINE, CSV_OPEN_QUOTE, CSV_TOO_LONG };
struct csv_row { /* borrowed for the call; cells are valid when why is CSV_FINE */
	int64_t line;
	enum csv_why why;
	const char *const *cells;
	size_t n; /* at most PEOPLE_MAX_COLUMNS: what stands further right is left out */
};
/* Not 0 stops. */
typedef int (*csv_row_fn)(void *ctx, const struct csv_row *row);

struct csv {
	char separator;
	csv_row_fn row;
	void *ctx;
	struct buf text; /* cells of the row, each ended by NUL */
	size_t starts[PEOPLE_MAX_COLUMNS];
	size_t n;       /* cells begun */
	int64_t line;   /* of the next byte, from 1 */
	int64_t row_at; /* line the row began at */
	enum { CSV_ROW, CSV_CELL, CSV_BARE, CSV_QUOTED, CSV_CLOSED, CSV_LOST } state;
	size_t blanks; /* of the cell so far, while it holds nothing else */
	bool was_cr;
	bool is_wide; /* past PEOPLE_MAX_COLUMNS */
	enum csv_why lost;
};
void csv_init(struct csv *c, char separator, csv_row_fn row, void *ctx);
void csv_release(struct csv *c);
int csv_add(struct csv *c, const char *p, size_t n) NODISCARD; /* what `row` gave */
int csv_end(struct csv *c) NODISCARD;

/* The separator that this beginning of a text speaks for. */
char csv_guess_separator(const char *p, size_t n);

/* csv_columns.c: what the titles of the first row mean, by a table of what programs write in
 * English, German, French and Vietnamese. True when one of them is known. */
bool csv_columns_find(const char *const *titles, size_t n, struct people_column *out);
/* What the person said; ERR_USAGE when there is no such column. */
int csv_columns_map(const struct people_column *map, size_t n_map, struct people_column *columns,
	size_t n, struct err *e) NODISCARD;
/* The first row is a person already: addresses and a name are told by their looks. */
bool csv_columns_guess(const char *const *cells, size_t n, struct people_column *out);

#endif
