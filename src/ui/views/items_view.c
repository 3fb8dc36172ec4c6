/*
 * items_view.c - the list of what waits for the CRM: conflicts and refusals first, each with its
 * reason; tried again, edited, given up, or its mail opened by a key.
 */
#include "config.h"

#include "items.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "question.h"
#include "views.h"

#define ROW_LINES 2
#define STATE_COLS 11
#define KIND_COLS 12

struct items_data {
	struct arena arena;
	struct item *v;
	struct motion rows;
	size_t n_refused, n_conflicts; /* of all */
	int64_t chosen;                /* item_id() under the cursor */
};

/* ---- reading --------------------------------------------------------------------------------- */

static void add_items(struct items_data *d, enum item_state s, const struct crm_entry *entries,
	size_t n_entries, const struct record_write *writes, size_t n_writes)
{
	for (size_t i = 0; i < n_writes; i++) {
		const struct item it = {.write = &writes[i]};

		if (item_state(&it) == s)
			d->v[d->rows.n++] = it;
	}
	for (size_t i = 0; i < n_entries; i++) {
		const struct item it = {.entry = &entries[i]};

		if (item_state(&it) == s)
			d->v[d->rows.n++] = it;
	}
}

static size_t rows_on_screen(const struct view *v)
{
	int n = (v->rows - 1) / ROW_LINES;

	return n > 0 ? (size_t)n : 1;
}

static int items_recalc(struct view *v, struct err *e)
{
	struct items_data *d = v->data;
	struct crm_entry *entries = NULL;
	struct record_write *writes = NULL;
	size_t n_entries = 0, n_writes = 0;

	arena_reset(&d->arena);
	d->rows.n = d->n_refused = d->n_conflicts = 0;
	if (crm_entries(v->ui->reader, &d->arena, ITEMS_MOST, &entries, &n_entries, e) ||
		record_writes(v->ui->reader, &d->arena, 0, 0, 0, ITEMS_MOST, &writes, &n_writes, e))
		return -1;
	d->v = arena_array(&d->arena, n_entries + n_writes + 1, sizeof(*d->v));
	for (int s = ITEM_CONFLICT; s <= ITEM_ON_ITS_WAY; s++) {
		add_items(d, (enum item_state)s, entries, n_entries, writes, n_writes);
		if (s == ITEM_CONFLICT)
			d->n_conflicts = d->rows.n;
		if (s == ITEM_REFUSED)
			d->n_refused = d->rows.n - d->n_conflicts;
	}
	for (size_t i = 0; i < d->rows.n; i++)
		if (item_id(&d->v[i]) == d->chosen)
			d->rows.sel = i;
	motion_settle(&d->rows, rows_on_screen(v));
	d->chosen = d->rows.n > 0 ? item_id(&d->v[d->rows.sel]) : 0;
	return 0;
}

/* Read at once: keys typed ahead find the rows. */
static int items_open(struct view *v, const void *args, struct err *e)
{
	struct items_data *d = v->data;

	(void)args;
	d->arena = ARENA_INIT;
	return items_recalc(v, e);
}

static void items_close(struct view *v)
{
	arena_release(&((struct items_data *)v->data)->arena);
}

static void items_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CRM || ev->type == EV_CONTACTS || ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

static void items_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static void discard_entry(struct ui *ui, int64_t yes, int64_t id)
{
	if (!yes)
		return;
	crm_entry_discard(ui->o.store, id);
	ui_info(ui, "%s", _("Given up: this mail is not logged there."));
}

static void discard_write(struct ui *ui, int64_t yes, int64_t id)
{
	if (!yes)
		return;
	record_discard(ui->o.store, id);
	ui_info(ui, "%s", _("Given up: shown is what the CRM has."));
}

static void ask_discard(struct ui *ui, const struct item *it)
{
	CLEANUP(buf_release) struct buf title = BUF_INIT(400);
	struct question_args a = {.detail = _("There is no way back.")};

	text_add(&title, _("Give up?"));
	text_add(&title, "  ");
	item_add_title(&title, it);
	a.question = title.p;
	a.choices[a.n++] = (struct question_choice){'y',
		it->entry ? _("yes: this mail is not logged there")
			  : _("yes: take what the CRM has"),
		1};
	a.chosen = it->entry ? discard_entry : discard_write;
	a.about = it->entry ? it->entry->id : it->write->id;
	question_ask(ui, &a);
}

static void retry(struct ui *ui, const struct item *it)
{
	if (item_state(it) == ITEM_CONFLICT) {
		ui_info(ui, "%s", _("Both sides changed it: Enter shows them, you decide."));
		return;
	}
	if (item_state(it) == ITEM_ON_ITS_WAY) {
		ui_info(ui, "%s", _("It is on its way."));
		return;
	}
	if (it->entry)
		crm_entry_retry(ui->o.store, it->entry->id);
	else
		record_retry(ui->o.store, it->write->id);
	ui_kick(ui, 0);
	if (ui->o.hooks.sync_now)
		ui->o.hooks.sync_now(ui->o.hooks.ctx, 0);
	ui_info(ui, "%s", _("Tried again."));
}

static void open_mail(struct ui *ui, const struct item *it)
{
	struct thread_args a = {.thread = 0};

	if (!it->entry || !it->entry->thread) {
		ui_info(ui, "%s",
			it->entry ? _("The mail is not here any more.")
				  : _("There is no mail behind this."));
		return;
	}
	a.thread = it->entry->thread;
	a.message = it->entry->message;
	a.list = (struct list_spec){.kind = LIST_ALL};
	ui_push(ui, &thread_view_ops, &a);
}

static void edit(struct ui *ui, const struct item *it)
{
	if (it->entry)
		ui_info(ui, "%s",
			_("What is logged of a mail is set on the accounts screen: g A, then l."));
	else if (item_state(it) == ITEM_CONFLICT)
		conflict_open(ui, it->write->id);
	else if (it->write->verb != RECORD_WITHDRAWN && it->write->kind == RECORD_CONTACT)
		form_contact_edit_open(ui, it->write->row);
	else if (it->write->verb != RECORD_WITHDRAWN && it->write->kind == RECORD_DEAL)
		form_deal_edit_open(ui, it->write->row);
	else
		ui_info(ui, "%s", _("Give it up, and write it anew where it belongs."));
}

bool item_do(struct ui *ui, const struct item *it, int act)
{
	switch (act) {
	case ACTION_ITEM_RETRY:
		retry(ui, it);
		return true;
	case ACTION_ITEM_EDIT:
		edit(ui, it);
		return true;
	case ACTION_ITEM_DISCARD:
		if (item_state(it) == ITEM_ON_ITS_WAY)
			ui_info(ui, "%s", _("It is on its way."));
		else
			ask_discard(ui, it);
		return true;
	case ACTION_ITEM_MAIL:
		open_mail(ui, it);
		return true;
	default:
		return false;
	}
}

static enum view_result items_action(struct view *v, enum action act)
{
	struct items_data *d = v->data;
	const struct item *it = d->rows.sel < d->rows.n ? &d->v[d->rows.sel] : NULL;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&d->rows, act, rows_on_screen(v))) {
		d->chosen = d->rows.n > 0 ? item_id(&d->v[d->rows.sel]) : 0;
		return VIEW_HANDLED;
	}
	if (!it)
		return VIEW_IGNORED;
	if (act == ACTION_OPEN && item_state(it) == ITEM_CONFLICT) {
		conflict_open(v->ui, it->write->id);
		return VIEW_HANDLED;
	}
	if (act == ACTION_OPEN) {
		ui_push(v->ui, &items_show_view_ops, it);
		return VIEW_HANDLED;
	}
	return item_do(v->ui, it, (int)act) ? VIEW_HANDLED : VIEW_IGNORED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static void paint_item(const struct view *v, size_t i, const struct draw *d, int row)
{
	const struct items_data *p = v->data;
	const struct item *it = &p->v[i];
	CLEANUP(buf_release) struct buf kind = BUF_INIT(256);
	CLEANUP(buf_release) struct buf title = BUF_INIT(1024);
	CLEANUP(buf_release) struct buf reason = BUF_INIT(1024);
	CLEANUP(buf_release) struct buf at = BUF_INIT(64);
	enum item_state s = item_state(it);
	int end, col = 2 + STATE_COLS;

	item_add_kind(&kind, it);
	item_add_title(&title, it);
	item_add_reason(v->ui, &reason, it);
	when_short(&at, it->entry ? it->entry->at : it->write->created_at, ui_now(v->ui));
	end = draw_text_right(d, row, d->cols - 1, 8, STYLE_DIM, at.p);
	draw_text(d, row, 2, STATE_COLS - 1, item_state_style(s), item_state_name(s));
	draw_text(d, row, col, KIND_COLS - 1, STYLE_DIM, kind.p);
	draw_text(d, row, col + KIND_COLS, end - col - KIND_COLS - 2, STYLE_NORMAL, title.p);
	draw_text(d, row + 1, col, d->cols - col - 1, STYLE_DIM, reason.p);
	if (i == p->rows.sel) {
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

static void items_paint(const struct view *v, const struct draw *d)
{
	const struct items_data *p = v->data;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (p->rows.n == 0) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("Nothing waits for a CRM."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
			_("What a CRM refuses, and what it has not heard of yet, is shown here."));
		return;
	}
	for (size_t i = p->rows.top; i < p->rows.n && i < p->rows.top + rows_on_screen(v); i++)
		paint_item(v, i, d, 1 + (int)(i - p->rows.top) * ROW_LINES);
}

static bool items_cursor(const struct view *v, int *row, int *col)
{
	const struct items_data *d = v->data;

	*row = 1 + (int)(d->rows.sel - d->rows.top) * ROW_LINES;
	*col = 0;
	return d->rows.n > 0;
}

static void items_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct items_data *d = v->data;
	size_t n_waiting = d->rows.n - d->n_refused - d->n_conflicts;

	buf_addf(left, "crmail  %s", _("What waits for the CRM"));
	if (d->n_conflicts > 0)
		buf_addf(right, ngettext("%zu conflict · ", "%zu conflicts · ", d->n_conflicts),
			d->n_conflicts);
	buf_addf(right, ngettext("%zu refused · ", "%zu refused · ", d->n_refused), d->n_refused);
	buf_addf(right, ngettext("%zu waits", "%zu wait", n_waiting), n_waiting);
}

static const enum action hints[] = {ACTION_OPEN, ACTION_ITEM_RETRY, ACTION_ITEM_EDIT,
	ACTION_ITEM_DISCARD, ACTION_ITEM_MAIL, ACTION_GO_ACCOUNTS, ACTION_HELP, ACTION_CLOSE,
	ACTION_NONE};

const struct view_ops items_view_ops = {
	.name = "crm-items",
	.where = WHERE_ITEMS,
	.data_size = sizeof(struct items_data),
	.hints = hints,
	.open = items_open,
	.close = items_close,
	.resume = items_resume,
	.event = items_event,
	.action = items_action,
	.recalc = items_recalc,
	.paint = items_paint,
	.cursor = items_cursor,
	.title = items_title,
};
