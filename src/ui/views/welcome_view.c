/*
 * welcome_view.c - connecting an account: an address, and one button for what is found for it
 * (welcome_find.c), or the whole form (welcome_form.c); reading and sending are tested before
 * anything is saved [R1]. Also the first screen while there is none.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "ui/form_page.h"
#include "ui/ui_core.h"
#include "crm_setup.h"
#include "views.h"
#include "welcome.h"

static int welcome_open(struct view *v, const void *args, struct err *e)
{
	struct welcome_data *d = v->data;

	(void)e;
	d->is_first = *(const bool *)args;
	d->arena = ARENA_INIT;
	welcome_form_init(&d->form);
	welcome_form_hide(v);
	return 0;
}

static void welcome_close(struct view *v)
{
	struct welcome_data *d = v->data;

	order_stop(&d->order, v->ui);
	order_stop(&d->find, v->ui);
	form_release(&d->form);
	arena_release(&d->arena);
}

/* ---- ordering -------------------------------------------------------------------------------- */

static void wipe_passphrase(struct welcome_data *d)
{
	form_wipe(&d->form, W_PASSPHRASE);
	form_wipe(&d->form, W_REPEAT);
}

static void sign_in_at(struct view *v, const struct desk_order *o)
{
	struct welcome_data *d = v->data;
	const struct sign_in_args args = {.order = *o,
		.title = _(welcome_form_title(&d->form)),
		.note = welcome_form_note(&d->form)};

	ui_push(v->ui, &sign_in_view_ops, &args);
	wipe_passphrase(d); /* the order has its own, and wipes it when the file is open */
}

static void submit(struct view *v)
{
	struct welcome_data *d = v->data;
	struct desk_order o;

	d->problem[0] = '\0';
	if (welcome_find_is_awaited(v)) {
		if (!welcome_find_says(d))
			form_focus(&d->form, W_EMAIL); /* where it is said */
		return;
	}
	welcome_form_hide(v);
	if (!welcome_form_check(d))
		return;
	welcome_form_order(&d->form, &o);
	if (o.v[DESK_OAUTH])
		sign_in_at(v, &o);
	else
		order_give(&d->order, v->ui, &o);
}

/* ---- its end --------------------------------------------------------------------------------- */

static void show_failure(struct view *v, const struct desk_answer *a)
{
	struct welcome_data *d = v->data;

	welcome_form_refuse(d, W_ADD, a->error.msg);
	welcome_form_hide(v); /* the file of passwords may be open by now */
	welcome_form_go(&d->form, a->field);
	if (a->field == DESK_PASSWORD)
		form_wipe(&d->form, W_PASSWORD);
	if (a->field == DESK_PASSPHRASE || d->form.v[W_PASSPHRASE].is_hidden)
		wipe_passphrase(d);
}

static void welcome_event(struct view *v, const struct event *ev)
{
	struct welcome_data *d = v->data;
	struct ui *ui = v->ui;
	struct desk_answer a;

	view_mark(v, DIRTY_PAINT);
	welcome_find_event(v, ev);
	welcome_form_hide(v);
	form_focus(&d->form, d->form.cur); /* it may be one of those */
	if (!order_follow(&d->order, ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE) {
		show_failure(v, &a);
		return;
	}
	ui_info(ui, "%s", _("Reading and sending work. Mail appears as it comes, newest first."));
	if (ui_top(ui) != v)
		return;
	ui_pop(ui);
	crm_setup_start(ui, a.account);
}

static enum view_result welcome_key(struct view *v, const struct key *k)
{
	struct welcome_data *d = v->data;
	size_t was = d->form.cur;

	view_mark(v, DIRTY_RECALC);
	if (d->order.number) { /* what is being tested stays as it is */
		if (k->code == UKEY_ESC) {
			order_stop(&d->order, v->ui);
			ui_info(v->ui, "%s", _("Stopped; nothing was saved."));
		}
		return k->code == UKEY_ESC || key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
	}
	if (!form_key(&d->form, k))
		return VIEW_IGNORED;
	if (was > W_REAL_NAME && d->form.v[was].is_touched && welcome_is_whole(d))
		d->wants_all = true; /* what was typed there does not vanish */
	if (was == W_EMAIL && d->form.cur == W_EMAIL)
		welcome_find_typed(v);
	else if (was == W_EMAIL)
		welcome_find_left(v);
	welcome_form_hide(v);
	return VIEW_HANDLED;
}

/* On to where the servers are; what is being looked for goes into them, too. */
static void show_all(struct view *v)
{
	struct welcome_data *d = v->data;

	d->wants_all = true;
	welcome_find_left(v);
	if (d->lacks_client && d->takes_password)
		form_choose(&d->form, W_HOW, NULL); /* what goes without the client */
	welcome_form_hide(v);
	form_focus(&d->form, W_HOW);
}

/* There are contacts to look at, though no mail. */
static bool goes_on(const struct view *v)
{
	const struct welcome_data *d = v->data;

	return d->is_first && v->ui->n_accounts == 0 && v->ui->has_crm;
}

static void leave(struct view *v)
{
	const struct welcome_data *d = v->data;
	struct ui *ui = v->ui;

	if (goes_on(v)) {
		ui_pop(ui);
		go_action(ui, ACTION_GO_CONTACTS);
	} else if (d->is_first && ui->n_accounts == 0) {
		quit_ask(ui);
	} else {
		ui_pop(ui);
	}
}

static enum view_result welcome_action(struct view *v, enum action act)
{
	struct welcome_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (act == ACTION_FORM_BACK) {
		leave(v);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	if (d->order.number)
		return VIEW_HANDLED;
	if (act == ACTION_FORM_SAVE) {
		submit(v);
	} else if (d->form.cur == W_DEMO) {
		*v->ui->o.wants_demo = true;
		v->ui->is_quitting = true;
	} else if (d->form.cur == W_ADD) {
		submit(v);
	} else if (d->form.cur == W_MORE) {
		show_all(v);
	} else {
		if (d->form.cur == W_EMAIL)
			welcome_find_left(v);
		form_step(&d->form, 1);
	}
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static int welcome_recalc(struct view *v, struct err *e)
{
	struct welcome_data *d = v->data;

	(void)e;
	form_page_scroll(&d->form, v->rows, v->cols);
	if (ui_top(v->ui) == v) /* it is painted next */
		welcome_form_saw(d, form_page_lines(&d->form, v->rows));
	return 0;
}

static void welcome_paint(const struct view *v, const struct draw *d)
{
	const struct welcome_data *w = v->data;
	const char *hint = w->form.v[w->form.cur].hint, *below = hint ? _(hint) : "";
	unsigned style = STYLE_DIM;

	if (w->order.number) {
		style = STYLE_ACCENT;
		below = order_says(&w->order);
	} else if (w->problem[0]) {
		style = STYLE_FAILED | STYLE_BOLD;
		below = w->problem;
	} else if (welcome_find_says(w)) {
		style = STYLE_ACCENT;
		below = welcome_find_says(w);
	}
	form_page_paint(&w->form, d,
		goes_on(v) ? _("Mail beside your CRM. Esc goes to your contacts without it.")
			   : _("Your mail and your CRM, in the terminal."),
		style, below);
}

static bool welcome_cursor(const struct view *v, int *row, int *col)
{
	const struct welcome_data *d = v->data;

	form_page_cursor(&d->form, v->rows, v->cols, row, col);
	return true;
}

static void welcome_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct welcome_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", d->is_first ? _("Welcome") : _("Connect an account"));
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops welcome_view_ops = {
	.name = "welcome",
	.where = WHERE_FORM,
	.data_size = sizeof(struct welcome_data),
	.hints = hints,
	.open = welcome_open,
	.close = welcome_close,
	.event = welcome_event,
	.key = welcome_key,
	.action = welcome_action,
	.recalc = welcome_recalc,
	.paint = welcome_paint,
	.cursor = welcome_cursor,
	.title = welcome_title,
};

void welcome_start(struct ui *ui)
{
	const bool is_first = true;

	if (ui->n_accounts == 0 && ui->o.hooks.order && !ui->o.is_demo)
		ui_push(ui, &welcome_view_ops, &is_first);
}
