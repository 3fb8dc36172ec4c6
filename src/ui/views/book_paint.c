/* book_paint.c - the lists of contacts, partners, deals and leads in cells: columns by the width
 * there is. */
#include "config.h"

#include "book.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "card.h"

#define CELL_MAX 512
#define COLUMNS_MAX 8

static const char *const order_names[] = {[BOOK_BY_NAME] = N_("by name"),
	[BOOK_BY_TOUCH] = N_("by last touch"),
	[BOOK_BY_COMPANY] = N_("by company"),
	[BOOK_BY_STAGE] = N_("by stage"),
	[BOOK_BY_AMOUNT] = N_("by amount"),
	[BOOK_BY_CLOSE] = N_("by close date"),
	[BOOK_BY_NEXT] = N_("by next step")};

const char *book_order_name(enum book_order o)
{
	return _(order_names[o]);
}

struct cell_text {
	struct buf *text;
	unsigned style;
	int64_t now;
};

static void add_name(const struct book_row *r, struct cell_text *c)
{
	text_add(c->text, r->name && *r->name ? r->name : _("(no name)"));
}

static void add_company(const struct book_row *r, struct cell_text *c)
{
	text_add(c->text, r->partner_name);
}

static void add_title(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	text_add(c->text, r->title);
}

static void add_email(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	text_add(c->text, r->email);
}

static void add_phone(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	text_add(c->text, r->phone);
}

static void add_touch(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	when_short(c->text, r->last_touch_at, c->now);
}

static void add_domain(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	text_add(c->text, r->domain);
}

static void add_people(const struct book_row *r, struct cell_text *c)
{
	c->style = STYLE_DIM;
	if (r->n_people > 0)
		buf_addf(c->text, ngettext("%d person", "%d people", (unsigned long)r->n_people),
			(int)r->n_people);
}

static void add_with(const struct book_row *r, struct cell_text *c)
{
	text_add(c->text, r->partner_name ? r->partner_name : r->contact_name);
}

static void add_stage(const struct book_row *r, struct cell_text *c)
{
	text_add(c->text, r->stage);
}

static void add_amount(const struct book_row *r, struct cell_text *c)
{
	if (!r->amount)
		return;
	card_add_amount(r->amount, c->text);
	if (r->currency)
		text_add(c->text, " "), text_add(c->text, r->currency);
}

/* A day that has passed while the deal is open waits for somebody. */
static void add_close(const struct book_row *r, struct cell_text *c)
{
	c->style = r->is_open && r->close_at && r->close_at + 86400 < c->now ? STYLE_WAITING
									     : STYLE_DIM;
	when_day(c->text, r->close_at, c->now);
}

static void add_next(const struct book_row *r, struct cell_text *c)
{
	text_add(c->text, r->next_step);
}

struct column {
	const char *head;
	int cells;     /* 0: what is left */
	int from_cols; /* narrower screens do without it */
	bool is_right;
	void (*add)(const struct book_row *r, struct cell_text *c);
};
static const struct column contact_columns[] = {{N_("Name"), 24, 0, false, add_name},
	{N_("Company"), 20, 60, false, add_company}, {N_("Title"), 22, 110, false, add_title},
	{N_("Address"), 0, 0, false, add_email}, {N_("Phone"), 20, 140, false, add_phone},
	{N_("Touch"), 6, 0, true, add_touch}};
static const struct column partner_columns[] = {{N_("Name"), 32, 0, false, add_name},
	{N_("Domain"), 0, 0, false, add_domain}, {N_("People"), 11, 60, true, add_people},
	{N_("Touch"), 6, 0, true, add_touch}};
static const struct column deal_columns[] = {{N_("Deal"), 22, 0, false, add_name},
	{N_("With"), 20, 100, false, add_with}, {N_("Stage"), 12, 60, false, add_stage},
	{N_("Amount"), 14, 28, true, add_amount}, {N_("Close"), 6, 40, true, add_close},
	{N_("Next step"), 0, 0, false, add_next}};
static const struct column lead_columns[] = {{N_("Name"), 32, 0, false, add_name},
	{N_("Address"), 0, 0, false, add_email}, {N_("Touch"), 6, 0, true, add_touch}};
static const struct {
	const struct column *v;
	size_t n;
} columns_of[] = {[BOOK_CONTACTS] = {contact_columns, ARRAY_SIZE(contact_columns)},
	[BOOK_PARTNERS] = {partner_columns, ARRAY_SIZE(partner_columns)},
	[BOOK_DEALS] = {deal_columns, ARRAY_SIZE(deal_columns)},
	[BOOK_LEADS] = {lead_columns, ARRAY_SIZE(lead_columns)}};

struct place { /* of a column on this screen */
	const struct column *column;
	int col, cells;
};

#define NAME_CELLS_MIN 8

/* Wide screens give every column more; the one without a width of its own gets what is left. */
static size_t lay_out(enum book b, int cols, struct place *out)
{
	int left = cols - 1, share = cols >= 140 ? 3 : 2;
	size_t n = 0, rest = 0;

	for (size_t i = 0; i < columns_of[b].n && n < COLUMNS_MAX; i++) {
		const struct column *c = &columns_of[b].v[i];
		int cells = c->is_right ? c->cells : c->cells * share / 2;

		if (cols < c->from_cols)
			continue;
		if (cells == 0)
			rest = n;
		left -= cells + 2;
		out[n++] = (struct place){.column = c, .cells = cells};
	}
	out[rest].cells = left > 0 ? left + 1 : 0;
	if (left < 0) /* a name may be cut, a figure not */
		out[0].cells =
			out[0].cells + left > NAME_CELLS_MIN ? out[0].cells + left : NAME_CELLS_MIN;
	for (size_t i = 0, col = 1; i < n; i++) {
		out[i].col = (int)col;
		col += (size_t)out[i].cells + 2;
	}
	return n;
}

static void paint_head(const struct book_data *b, const struct draw *d, int row)
{
	struct place at[COLUMNS_MAX];
	size_t n = lay_out(b->book, d->cols, at);

	for (size_t i = 0; i < n; i++) {
		const char *head = _(at[i].column->head);

		if (at[i].column->is_right)
			draw_text_right(d, row, at[i].col + at[i].cells, at[i].cells, STYLE_DIM,
				head);
		else
			draw_text(d, row, at[i].col, at[i].cells, STYLE_DIM, head);
	}
}

static void paint_row(const struct view *v, const struct draw *d, int row, const struct book_row *r)
{
	const struct book_data *b = book_data_of(v);
	struct place at[COLUMNS_MAX];
	size_t n = lay_out(b->book, d->cols, at);

	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(CELL_MAX);
		struct cell_text c = {&text, STYLE_NORMAL, ui_now(v->ui)};

		at[i].column->add(r, &c);
		if (b->book == BOOK_DEALS && !r->is_open)
			c.style = STYLE_DIM;
		if (at[i].column->is_right)
			draw_text_right(d, row, at[i].col + at[i].cells, at[i].cells, c.style,
				text.p);
		else
			draw_text(d, row, at[i].col, at[i].cells, c.style, text.p);
	}
}

/* Low screens do without the heads. */
static int head_rows(const struct view *v)
{
	return v->rows >= 8 ? 1 : 0;
}

int book_first_row(const struct view *v)
{
	return (v->rows >= 4 ? 1 : 0) + head_rows(v);
}

int book_height(const struct view *v)
{
	int n = v->rows - book_first_row(v) - (v->rows >= 4 ? 1 : 0);

	return n > 0 ? n : 1;
}

static void add_how(const struct ui *ui, struct buf *out)
{
	CLEANUP(buf_release) struct buf go = BUF_INIT(64);
	CLEANUP(buf_release) struct buf add = BUF_INIT(64);

	keymap_add_key(&ui->keymap, ACTION_GO_ACCOUNTS, false, &go);
	keymap_add_key(&ui->keymap, ACTION_CRM_ADD, false, &add);
	/* TRANSLATORS: the placeholders are keys: that of the accounts, that of connecting */
	buf_addf(out, _("%s, then %s, connects a CRM, or contacts kept on this computer."), go.p,
		add.p);
}

/* Contacts kept on this computer: no server will send any. */
static void add_how_here(const struct view *v, struct buf *out)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64);
	CLEANUP(buf_release) struct buf add = BUF_INIT(64);
	enum book b = book_data_of(v)->book;

	if (b == BOOK_DEALS || b == BOOK_LEADS) {
		keymap_add_key(&v->ui->keymap, ACTION_GO_ACCOUNTS, false, &key);
		keymap_add_key(&v->ui->keymap, ACTION_CRM_ADD, false, &add);
		/* TRANSLATORS: the placeholders are keys: that of the accounts, that of
		 * connecting */
		buf_addf(out, _("They come from a CRM with a server: %s, then %s, connects one."),
			key.p, add.p);
		return;
	}
	keymap_add_key(&v->ui->keymap, b == BOOK_CONTACTS ? ACTION_CONTACT_NEW : ACTION_GO_CONTACTS,
		false, &key);
	if (b == BOOK_CONTACTS)
		/* TRANSLATORS: the placeholder is a key; import-contacts is typed as it is */
		buf_addf(out, _("%s makes one, :import-contacts takes them from CSV or vCards."),
			key.p);
	else
		/* TRANSLATORS: the placeholder is a key; import-contacts is typed as it is */
		buf_addf(out,
			_("They come with the companies of contacts: %s, or :import-contacts."),
			key.p);
}

static void paint_empty(const struct view *v, const struct draw *d)
{
	static const char *const none[] = {[BOOK_CONTACTS] = N_("No contacts yet."),
		[BOOK_PARTNERS] = N_("No partners yet."),
		[BOOK_DEALS] = N_("No deals yet."),
		[BOOK_LEADS] = N_("No leads yet.")};
	const struct book_data *b = book_data_of(v);
	const char *what = _(none[b->book]), *todo;
	CLEANUP(buf_release) struct buf how = BUF_INIT(256);

	if (b->rows.is_looking)
		return;
	if (book_has_words(b)) {
		what = _("Nothing here has these words.");
		todo = _("Esc shows all again.");
	} else if (v->ui->has_crm && !v->ui->has_crm_server) {
		add_how_here(v, &how);
		todo = how.p;
	} else if (v->ui->has_crm) {
		todo = _("They come with the next look at the CRM; Ctrl-R asks it now.");
	} else {
		add_how(v->ui, &how);
		todo = how.p;
	}
	draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD, what);
	draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM, todo);
}

static void paint_input(const struct book_data *b, const struct draw *d)
{
	draw_text(d, 0, 1, 1, b->is_typing ? STYLE_ACCENT | STYLE_BOLD : STYLE_DIM, "/");
	editor_paint_field(&b->input, d, 0, 3, STYLE_NORMAL);
}

void book_paint(const struct view *v, const struct draw *d)
{
	const struct book_data *b = book_data_of(v);
	int first = book_first_row(v), height = book_height(v);

	if (b->is_typing || book_has_words(b))
		paint_input(b, d);
	else if (d->rows >= 4)
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (d->rows >= 4)
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	if (b->rows.n == 0) {
		paint_empty(v, d);
		return;
	}
	if (head_rows(v))
		paint_head(b, d, first - 1);
	for (int i = 0; i < height && b->rows.top + (size_t)i < b->rows.n; i++) {
		size_t at = b->rows.top + (size_t)i;

		paint_row(v, d, first + i, window_row(&b->rows, at));
		if (at == b->rows.sel)
			draw_add_style(d, first + i, 0, d->cols, STYLE_SELECTED);
	}
}
