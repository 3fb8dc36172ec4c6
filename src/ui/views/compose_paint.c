/* compose_paint.c - the fields, the text, suggestions and the send sheet as cells. */
#include "config.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "body.h"
#include "compose.h"

#define LABEL_COLS 10
#define SHEET_ROWS 4

static const char *field_label(enum field f)
{
	switch (f) {
	case FIELD_FROM:
		return _("From");
	case FIELD_TO:
		return _("To");
	case FIELD_CC:
		return _("Cc");
	case FIELD_BCC:
		return _("Bcc");
	case FIELD_SUBJECT:
		return _("Subject");
	case FIELD_BODY:
	case FIELD_FILES:
	case FIELD_COUNT:
		break;
	}
	return "";
}

static bool is_shown(const struct compose_data *d, enum field f)
{
	return d->has_cc_shown || (f != FIELD_CC && f != FIELD_BCC);
}

static int field_rows(const struct view *v)
{
	const struct compose_data *d = compose_data_of(v);
	int n = d->has_cc_shown ? 5 : 3;

	return v->rows >= n + 4 ? n : 0; /* tiny: only what has the focus */
}

int compose_field_row(const struct view *v, enum field f)
{
	const struct compose_data *d = compose_data_of(v);
	int row = 0;

	if (field_rows(v) == 0)
		return f == d->focus ? 0 : -1;
	for (int i = 0; i < (int)f; i++)
		row += is_shown(d, (enum field)i);
	return is_shown(d, f) ? row : -1;
}

static int body_first(const struct view *v)
{
	int n = field_rows(v);

	return n == 0 ? (compose_data_of(v)->focus >= FIELD_BODY ? 0 : 1) : n + 1;
}

int compose_body_rows(const struct view *v)
{
	const struct compose_data *d = compose_data_of(v);
	int n = v->rows - body_first(v) - compose_files_rows(v) -
		(d->has_sheet || d->offer ? SHEET_ROWS : 0);

	return n > 0 ? n : 0;
}

static void paint_from(const struct view *v, const struct draw *d, int row)
{
	const struct compose_data *c = compose_data_of(v);
	const struct sender *s = compose_sender(c);
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

	if (!s)
		return;
	compose_from_add_label(c, s, &b);
	draw_text(d, row, LABEL_COLS, d->cols - LABEL_COLS - 1,
		c->focus == FIELD_FROM ? STYLE_ACCENT : STYLE_NORMAL, b.p);
}

static void paint_field(const struct view *v, const struct draw *d, enum field f)
{
	const struct compose_data *c = compose_data_of(v);
	int row = compose_field_row(v, f);
	bool has_focus = c->focus == f;

	if (row < 0)
		return;
	draw_text(d, row, 1, LABEL_COLS - 2, has_focus ? STYLE_BOLD | STYLE_ACCENT : STYLE_DIM,
		field_label(f));
	if (f == FIELD_FROM)
		paint_from(v, d, row);
	else if (compose_is_people(f))
		compose_people_paint(v, d, row, LABEL_COLS, f);
	else
		editor_paint_field(&c->fields[f], d, row, LABEL_COLS,
			f == FIELD_SUBJECT ? STYLE_BOLD : STYLE_NORMAL);
}

static void paint_sheet(const struct view *v, const struct draw *d)
{
	const struct compose_data *c = compose_data_of(v);
	int row = d->rows - SHEET_ROWS, col = 2;
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);

	if (row < 0)
		row = 0;
	draw_fill(d, row, 0, d->rows - row, d->cols, STYLE_NORMAL);
	draw_hrule(d, row++, 0, d->cols, STYLE_DIM);
	if (c->offer) {
		compose_files_paint_offer(v, d, row);
		return;
	}
	if (c->problem[0]) {
		draw_text(d, row++, 2, d->cols - 3, STYLE_FAILED | STYLE_BOLD, c->problem);
		draw_text(d, row, 2, d->cols - 3, STYLE_DIM, _("Esc back to the message"));
		return;
	}
	buf_addf(&b,
		ngettext("Send to %d person?", "Send to %d people?",
			(unsigned long)c->n_recipients),
		(int)c->n_recipients);
	col += draw_text(d, row, col, d->cols - col, STYLE_BOLD, b.p) + 3;
	draw_text(d, row++, col, d->cols - col, STYLE_ACCENT, _("Enter now · Esc back"));
	if (c->warning[0]) {
		col = 2 + draw_symbol(d, row, 2, STYLE_WAITING, SYM_WARNING) + 1;
		draw_text(d, row, col, d->cols - col - 1, STYLE_WAITING, c->warning);
	} else if (c->n_files > 0) {
		CLEANUP(buf_release) struct buf size = BUF_INIT(64);

		body_add_size(&size, compose_files_bytes(c));
		buf_reset(&b);
		/* TRANSLATORS: how many, and their size together */
		buf_addf(&b,
			ngettext("%d attachment, %s", "%d attachments, %s",
				(unsigned long)c->n_files),
			(int)c->n_files, size.p);
		draw_text(d, row, 2, d->cols - 3, STYLE_DIM, b.p);
	}
}

void compose_paint(const struct view *v, const struct draw *d)
{
	const struct compose_data *c = compose_data_of(v);
	int first = body_first(v);
	int rows = compose_body_rows(v);
	struct draw body = draw_part(d, first, 1, rows, d->cols - 1);
	struct draw files = draw_part(d, first + rows, 0, compose_files_rows(v), d->cols);

	for (int f = FIELD_FROM; f < FIELD_BODY; f++)
		paint_field(v, d, (enum field)f);
	if (first > 1)
		draw_hrule(d, first - 1, 0, d->cols, STYLE_DIM);
	if (c->is_loading)
		draw_text(&body, 0, 0, body.cols, STYLE_DIM, _("Opening…"));
	else
		editor_paint(&c->fields[FIELD_BODY], &body);
	compose_files_paint(v, &files);
	compose_people_paint_popup(v, d, compose_field_row(v, c->focus) + 1, LABEL_COLS);
	if (c->has_sheet || c->offer)
		paint_sheet(v, d);
}

bool compose_cursor(const struct view *v, int *row, int *col)
{
	const struct compose_data *c = compose_data_of(v);

	if (c->has_sheet || c->offer) {
		*row = v->rows > SHEET_ROWS ? v->rows - SHEET_ROWS + 1 : 0;
		*col = 2;
	} else if (c->focus == FIELD_BODY) {
		editor_cursor(&c->fields[FIELD_BODY], row, col);
		*row += body_first(v);
		*col += 1;
	} else if (c->focus == FIELD_FILES) {
		int rows = compose_files_rows(v), sel = (int)c->file_sel;

		*row = body_first(v) + compose_body_rows(v) + (sel < rows ? sel : rows - 1);
		*col = 1;
	} else {
		*row = compose_field_row(v, c->focus);
		*col = LABEL_COLS;
		if (compose_is_people(c->focus))
			*col += compose_people_cursor(v, c->focus, v->cols - LABEL_COLS);
		else if (c->focus != FIELD_FROM)
			*col += editor_field_cursor(&c->fields[c->focus], v->cols - LABEL_COLS);
	}
	return true;
}
