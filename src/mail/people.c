/*
 * people.c - the reader of people: bytes through the charset into rows or cards, and rows through
 * the columns into people.
 */
#include "config.h"

#include "crmail/mail/people.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#include "csv.h"
#include "recode.h"
#include "vcard.h"

#define SAMPLE_BYTES ((size_t)32 << 10) /* of text that the separator is told from */
#define PIECE_BYTES ((size_t)16 << 10)  /* of the file that are converted at once */

struct people_reader {
	struct people_options options;
	struct people_handler handler;
	struct recode *recode;
	struct buf text; /* converted and not read yet */
	bool is_begun;   /* of CSV: the separator is known, rows are read */
	struct csv csv;
	struct vcard vcard;
	struct person_maker maker;
	struct arena keep; /* titles */
	struct people_column *columns;
	size_t n_columns;
	struct err *e; /* of the call that runs */
};

static bool is_csv(const struct people_reader *r)
{
	return r->options.format.kind == PEOPLE_CSV;
}

int people_reader_open(struct people_reader **out, const struct people_options *o,
	const struct people_handler *h, struct err *e)
{
	struct recode *recode = recode_new(o->format.charset);
	if (!recode)
		return err_set(e, ERR_USAGE, _("There is no charset \"%s\"."), o->format.charset);
	struct people_reader *r = xcalloc(1, sizeof(*r));
	r->options = *o;
	r->handler = *h;
	r->recode = recode;
	r->text = BUF_INIT(BUF_UNLIMITED);
	r->maker = PERSON_MAKER_INIT;
	r->keep = ARENA_INIT;
	vcard_init(&r->vcard, &r->handler);
	*out = r;
	return 0;
}

void people_reader_close(struct people_reader *r)
{
	if (!r)
		return;
	recode_free(r->recode);
	buf_release(&r->text);
	if (r->is_begun)
		csv_release(&r->csv);
	vcard_release(&r->vcard);
	person_release(&r->maker);
	arena_release(&r->keep);
	free(r);
}

/* ---- rows ------------------------------------------------------------------------------------*/

static int take_row(struct people_reader *r, const struct csv_row *row)
{
	size_t n = row->n < r->n_columns ? row->n : r->n_columns;
	person_begin(&r->maker, row->line);
	for (size_t i = 0; i < n; i++)
		if (r->columns[i].field != PEOPLE_NONE && *row->cells[i])
			person_add(&r->maker, r->columns[i].field, row->cells[i], false);
	return r->handler.person(r->handler.ctx, person_end(&r->maker), r->e);
}

static bool names_somebody(const struct people_reader *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		switch (r->columns[i].field) {
		case PEOPLE_NAME:
		case PEOPLE_FIRST:
		case PEOPLE_LAST:
		case PEOPLE_EMAIL:
		case PEOPLE_PHONE:
			return true;
		case PEOPLE_NONE:
		case PEOPLE_MIDDLE:
		case PEOPLE_COMPANY:
		case PEOPLE_DOMAIN:
		case PEOPLE_TITLE:
		case PEOPLE_NOTE:
		case PEOPLE_OWNER:
		case PEOPLE_FIELD_COUNT:
			break;
		}
	return false;
}

static int no_columns(struct err *e)
{
	return err_set(e, ERR_USAGE,
		_("None of the columns is known to be a name, an address or a phone number: say it "
		  "with --map COLUMN=FIELD."));
}

/* The first row has the titles, or is a person like the others. */
static int take_first_row(struct people_reader *r, const struct csv_row *row)
{
	r->columns = arena_array(&r->keep, row->n + 1, sizeof(*r->columns));
	r->n_columns = row->n;
	bool is_person = false;
	if (!csv_columns_find(row->cells, row->n, r->columns))
		is_person = csv_columns_guess(row->cells, row->n, r->columns);
	for (size_t i = 0; i < row->n; i++)
		r->columns[i].title = arena_strdup(&r->keep, is_person ? "" : row->cells[i]);
	if (csv_columns_map(r->options.map, r->options.n_map, r->columns, row->n, r->e))
		return -1;
	if (!names_somebody(r))
		return no_columns(r->e);
	if (r->handler.columns)
		r->handler.columns(r->handler.ctx, r->columns, r->n_columns);
	return is_person ? take_row(r, row) : 0;
}

static bool is_separator_line(const struct csv_row *row)
{
	return row->line == 1 && row->n && str_casestarts(row->cells[0], "sep=");
}

static bool is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i][0])
			return false;
	return true;
}

static int on_row(void *ctx, const struct csv_row *row)
{
	struct people_reader *r = ctx;
	if (row->why != CSV_FINE) {
		if (r->handler.passed)
			r->handler.passed(r->handler.ctx, row->line,
				row->why == CSV_OPEN_QUOTE
					? _("A quotation mark that opens here is never closed.")
					: _("This row is too long to be one."));
		return 0;
	}
	if (is_separator_line(row) || is_blank(row))
		return 0;
	return r->columns ? take_row(r, row) : take_first_row(r, row);
}

static int read_rows(struct people_reader *r, bool is_end, struct err *e)
{
	if (!r->is_begun) {
		if (r->text.len < SAMPLE_BYTES && !is_end)
			return 0;
		char separator = r->options.separator;
		if (!separator)
			separator = csv_guess_separator(r->text.p, r->text.len);
		csv_init(&r->csv, separator, on_row, r);
		r->is_begun = true;
	}
	r->e = e;
	int rc = csv_add(&r->csv, r->text.p, r->text.len);
	buf_reset(&r->text);
	return rc ? -1 : 0;
}

static int read_text(struct people_reader *r, bool is_end, struct err *e)
{
	if (is_csv(r))
		return read_rows(r, is_end, e);
	int rc = vcard_add(&r->vcard, r->text.p, r->text.len, e);
	buf_reset(&r->text);
	return rc;
}

int people_reader_add(struct people_reader *r, const char *bytes, size_t n, struct err *e)
{
	while (n) {
		size_t piece = n < PIECE_BYTES ? n : PIECE_BYTES;
		recode_add(r->recode, &r->text, bytes, piece);
		if (read_text(r, false, e))
			return -1;
		bytes += piece;
		n -= piece;
	}
	return 0;
}

int people_reader_end(struct people_reader *r, struct err *e)
{
	recode_end(r->recode, &r->text);
	if (read_text(r, true, e))
		return -1;
	if (!is_csv(r))
		return vcard_end(&r->vcard, e);
	if (csv_end(&r->csv))
		return -1;
	return r->columns ? 0 : no_columns(e);
}
