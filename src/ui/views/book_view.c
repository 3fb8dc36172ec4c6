/*
 * book_view.c - the lists of contacts, partners, deals and leads: search as you type, orders, and
 * what keys do to the row under the cursor. Pages come from the store's book.h through a window.
 */
#include "config.h"

#include "book.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "ui/ui_core.h"
#include "dossier.h"
#include "views.h"

static int read_rows(void *ctx, struct arena *a, const void *from, bool back, size_t limit,
	struct window_page *out, struct err *e)
{
	struct view *v = ctx;
	struct book_data *d = book_data_of(v);
	const struct book_spec spec = {
		.book = d->book, .order = d->order, .words = d->input.text.p};
	struct book_page page;
	struct book_key *reached = arena_alloc(a, sizeof(*reached));

	if (book_read(v->ui->reader, a, &spec, from, back, limit, &page, e))
		return -1;
	*reached = page.reached;
	reached->t = arena_strdup(a, page.reached.t); /* it may be that of `from` */
	*out = (struct window_page){
		.v = page.v, .n = page.n, .reached = reached, .is_end = page.is_end};
	return 0;
}

static const void *row_position(const void *row)
{
	return &((const struct book_row *)row)->key;
}

static int64_t row_id(const void *row)
{
	return ((const struct book_row *)row)->id;
}

/* The order that each list begins with. */
static const enum book_order first_order[] = {[BOOK_CONTACTS] = BOOK_BY_NAME,
	[BOOK_PARTNERS] = BOOK_BY_NAME,
	[BOOK_DEALS] = BOOK_BY_CLOSE,
	[BOOK_LEADS] = BOOK_BY_NAME};

static void book_close(struct view *v)
{
	struct book_data *d = book_data_of(v);

	window_release(&d->rows);
	editor_release(&d->input);
}

bool book_has_words(const struct book_data *d)
{
	return span_trim(span_of(d->input.text.p)).len > 0;
}

static int book_recalc(struct view *v, struct err *e)
{
	struct book_data *d = book_data_of(v);
	int rc = 0;

	if (!d->is_loaded || d->wants_reload)
		rc = book_count(v->ui->reader, d->book, &d->total, e);
	if (!rc && !d->is_loaded)
		rc = window_load(&d->rows, false, e);
	else if (!rc && d->wants_reload)
		rc = window_reload(&d->rows, e);
	d->is_loaded = true;
	d->wants_reload = false;
	if (rc || window_fill(&d->rows, book_height(v), e))
		return -1;
	window_scroll(&d->rows, book_height(v));
	if (d->rows.is_looking) /* rare words: on with it between two keys */
		v->wake_at_ms = ui_now_ms(v->ui);
	return 0;
}

/* Read at once: keys typed ahead find the rows. */
static int book_open(struct view *v, const void *args, struct err *e)
{
	struct book_data *d = book_data_of(v);
	const struct window_source source = {.row_size = sizeof(struct book_row),
		.ctx = v,
		.read = read_rows,
		.position = row_position,
		.id = row_id};

	d->book = *(const enum book *)args;
	d->order = first_order[d->book];
	editor_init(&d->input, true);
	window_init(&d->rows, &source);
	return book_recalc(v, e);
}

static void book_wake(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static void book_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CONTACTS || ev->type == EV_CRM) {
		book_data_of(v)->wants_reload = true;
		view_mark(v, DIRTY_RECALC);
	}
}

static void book_resume(struct view *v)
{
	book_data_of(v)->wants_reload = true;
	view_mark(v, DIRTY_RECALC);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Other words, another order: read at once, for keys typed ahead. */
static void begin_anew(struct view *v)
{
	struct err e = ERR_INIT;

	book_data_of(v)->is_loaded = false;
	if (book_recalc(v, &e))
		ui_error(v->ui, &e);
	view_mark(v, DIRTY_PAINT);
}

/* The row under the cursor; who asks for it before it was found waits until it is. */
static const struct book_row *row_now(struct view *v)
{
	struct book_data *d = book_data_of(v);
	struct err e = ERR_INIT;

	while (d->rows.n == 0 && d->rows.is_looking)
		if (window_fill(&d->rows, book_height(v), &e)) {
			ui_error(v->ui, &e);
			return NULL;
		}
	return window_current(&d->rows);
}

static enum view_result input_key(struct view *v, const struct key *k)
{
	struct book_data *d = book_data_of(v);
	unsigned before = d->input.changes;

	if (k->code == UKEY_ENTER || k->code == UKEY_DOWN || k->code == UKEY_TAB) {
		d->is_typing = false;
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		d->is_typing = false;
		editor_set(&d->input, "");
		begin_anew(v);
		return VIEW_HANDLED;
	}
	if (!editor_key(&d->input, k))
		return VIEW_IGNORED;
	if (d->input.changes != before)
		begin_anew(v);
	return VIEW_HANDLED;
}

static enum view_result book_key(struct view *v, const struct key *k)
{
	struct book_data *d = book_data_of(v);

	if (!d->is_typing)
		return VIEW_IGNORED;
	view_mark(v, DIRTY_RECALC);
	return input_key(v, k);
}

static void next_order(struct view *v)
{
	struct book_data *d = book_data_of(v);

	do
		d->order = (enum book_order)((d->order + 1) % BOOK_ORDER_COUNT);
	while (!book_has_order(d->book, d->order));
	begin_anew(v);
	ui_info(v->ui, "%s", book_order_name(d->order));
}

static enum timeline_of timeline_of(enum book b)
{
	static const enum timeline_of of[] = {[BOOK_CONTACTS] = TIMELINE_CONTACT,
		[BOOK_PARTNERS] = TIMELINE_PARTNER,
		[BOOK_DEALS] = TIMELINE_DEAL,
		[BOOK_LEADS] = TIMELINE_LEAD};

	return of[b];
}

static bool is_of_row(enum action act)
{
	return act == ACTION_OPEN || act == ACTION_COMPOSE || act == ACTION_TO_CONTACT ||
	       act == ACTION_TO_PARTNER || act == ACTION_LOG || act == ACTION_CONTACT_EDIT ||
	       act == ACTION_DEAL_EDIT;
}

static enum view_result on_row(struct view *v, enum action act)
{
	struct book_data *d = book_data_of(v);
	const struct book_row *r = row_now(v);
	const struct dossier about = {r ? timeline_of(d->book) : TIMELINE_ME, r ? r->id : 0};

	if (act == ACTION_CONTACT_NEW) {
		form_contact_new_open(v->ui, &(const struct form_stranger){.account = 0});
		return VIEW_HANDLED;
	}
	if (!is_of_row(act))
		return VIEW_IGNORED; /* going elsewhere holds on an empty list too */
	if (!r) {
		ui_info(v->ui, "%s", _("There is nothing in this list."));
		return VIEW_HANDLED;
	}
	switch ((int)act) {
	case ACTION_OPEN:
		dossier_show(v->ui, about);
		return VIEW_HANDLED;
	case ACTION_COMPOSE:
		dossier_write(v->ui, about);
		return VIEW_HANDLED;
	case ACTION_TO_CONTACT:
	case ACTION_TO_PARTNER:
		dossier_show_related(v->ui, about,
			act == ACTION_TO_CONTACT ? TIMELINE_CONTACT : TIMELINE_PARTNER);
		return VIEW_HANDLED;
	default:
		return dossier_form(v->ui, act, about) ? VIEW_HANDLED : VIEW_IGNORED;
	}
}

static enum view_result leave_words(struct view *v)
{
	struct book_data *d = book_data_of(v);

	if (!book_has_words(d))
		return VIEW_IGNORED;
	editor_set(&d->input, "");
	begin_anew(v);
	return VIEW_HANDLED;
}

static enum view_result book_action(struct view *v, enum action act)
{
	struct book_data *d = book_data_of(v);
	struct err e = ERR_INIT;

	view_mark(v, DIRTY_RECALC);
	if (window_move(&d->rows, act, book_height(v), &e)) {
		ui_error(v->ui, &e);
		return VIEW_HANDLED;
	}
	switch ((int)act) {
	case ACTION_SEARCH:
		d->is_typing = true;
		return VIEW_HANDLED;
	case ACTION_SORT:
		next_order(v);
		return VIEW_HANDLED;
	case ACTION_BACK:
		return leave_words(v);
	default:
		return on_row(v, act);
	}
}

/* ---- frame ----------------------------------------------------------------------------------- */

static bool book_cursor(const struct view *v, int *row, int *col)
{
	const struct book_data *d = book_data_of(v);

	*row = book_first_row(v) + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	if (d->is_typing) {
		*row = 0;
		*col = 3 + editor_field_cursor(&d->input, v->cols - 3);
	}
	return d->is_typing || d->rows.n > 0;
}

static void book_title(const struct view *v, struct buf *left, struct buf *right)
{
	static const char *const names[] = {[BOOK_CONTACTS] = N_("Contacts"),
		[BOOK_PARTNERS] = N_("Partners"),
		[BOOK_DEALS] = N_("Deals"),
		[BOOK_LEADS] = N_("Leads")};
	const struct book_data *d = book_data_of(v);

	buf_addf(left, "crmail  %s", _(names[d->book]));
	if (d->total > 0)
		buf_addf(right, "%lld · ", (long long)d->total);
	buf_addstr(right, book_order_name(d->order));
}

static const enum action *book_hints(const struct view *v)
{
	static const enum action typing[] = {ACTION_NONE};
	static const enum action people[] = {ACTION_OPEN, ACTION_SEARCH, ACTION_SORT,
		ACTION_COMPOSE, ACTION_TO_PARTNER, ACTION_CONTACT_NEW, ACTION_HELP, ACTION_CLOSE,
		ACTION_NONE};
	static const enum action leads[] = {ACTION_OPEN, ACTION_SEARCH, ACTION_COMPOSE, ACTION_LOG,
		ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
	static const enum action others[] = {
		ACTION_OPEN, ACTION_SEARCH, ACTION_SORT, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
	const struct book_data *d = book_data_of(v);

	if (d->is_typing)
		return typing;
	return d->book == BOOK_CONTACTS ? people : d->book == BOOK_LEADS ? leads : others;
}

static void book_note(const struct view *v, const struct draw *d)
{
	const struct book_data *b = book_data_of(v);

	if (b->is_typing)
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM,
			_("Enter goes to the list, Esc shows all again."));
	else if (b->rows.is_looking)
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, _("Looking on …"));
}

const struct view_ops book_view_ops = {
	.name = "records",
	.where = WHERE_RECORDS,
	.data_size = sizeof(struct book_data),
	.hints_now = book_hints,
	.open = book_open,
	.close = book_close,
	.resume = book_resume,
	.event = book_event,
	.key = book_key,
	.action = book_action,
	.wake = book_wake,
	.recalc = book_recalc,
	.paint = book_paint,
	.cursor = book_cursor,
	.title = book_title,
	.note = book_note,
};
