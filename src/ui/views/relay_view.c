/*
 * relay_view.c - the relay that an account sends through [R10]: its address, who one is there and
 * its key, or going back to sending without. Letting it into the mailbox is sign_in_view.c's.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/mail/render.h"
#include "crmail/store/account.h"
#include "ui/form_page.h"
#include "ui/ui_core.h"
#include "order.h"
#include "views.h"

enum field { R_URL, R_USER, R_KEY, R_COMMAND, R_PUT, R_OFF, R_COUNT };

static const struct form_field fields[R_COUNT] = {
	[R_URL] = {FORM_TEXT, N_("Address"),
		.hint = N_("Where the relay answers, as https://relay.example.")},
	[R_USER] = {FORM_TEXT, N_("User"), .hint = N_("Who you are there.")},
	[R_KEY] = {FORM_SECRET, N_("Key"),
		.hint = N_("Its API key; kept in the keyring, or in the file of saved passwords.")},
	[R_COMMAND] = {FORM_TEXT, N_("or its command"),
		.hint = N_("Instead of a key: a command that prints it, as \"pass show relay\".")},
	[R_PUT] = {FORM_BUTTON, N_("Send through it"),
		.hint = N_("Where it may not send from the mailbox yet, the browser is opened; "
			   "nothing is saved unless that mailbox is the account's.")},
	[R_OFF] = {FORM_BUTTON, N_("Send without it again"),
		.hint = N_("Forgets the relay and its key here; what it was let into is ended "
			   "there.")},
};

struct relay_data {
	struct form form;
	struct order order; /* R_OFF */
	int64_t account;
	char name[128], problem[512];
};

static void set_setting(struct view *v, enum field field, const char *key)
{
	struct relay_data *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *value = account_setting(v->ui->reader, &a, d->account, key);

	if (value)
		form_set(&d->form, field, value);
}

static int relay_open_view(struct view *v, const void *args, struct err *e)
{
	struct relay_data *d = v->data;
	const struct account_row *row;
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->name) - 1);

	(void)e;
	d->account = *(const int64_t *)args;
	row = ui_account(v->ui, d->account);
	text_add(&b, row ? row->name : "");
	memcpy(d->name, b.p, b.len + 1);
	form_init(&d->form, fields, R_COUNT);
	set_setting(v, R_URL, "relay");
	set_setting(v, R_USER, "relay_user");
	set_setting(v, R_COMMAND, "relay_key_command");
	d->form.v[R_OFF].is_hidden = !form_value(&d->form, R_URL);
	return 0;
}

static void relay_close_view(struct view *v)
{
	struct relay_data *d = v->data;

	order_stop(&d->order, v->ui);
	form_release(&d->form);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static bool refuse(struct relay_data *d, enum field field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
	form_focus(&d->form, field);
	return false;
}

static bool check(struct relay_data *d)
{
	const struct form *f = &d->form;

	d->problem[0] = '\0';
	if (!form_value(f, R_URL))
		return refuse(d, R_URL, _("The relay needs its address."));
	if (!form_value(f, R_USER))
		return refuse(d, R_USER, _("The relay wants to know who you are there."));
	if (form_value(f, R_KEY) && form_value(f, R_COMMAND))
		return refuse(d, R_COMMAND, _("Give the key or its command, not both."));
	if (!form_value(f, R_KEY) && !form_value(f, R_COMMAND))
		return refuse(d, R_KEY, _("The relay wants its key."));
	return true;
}

static void put(struct view *v)
{
	struct relay_data *d = v->data;
	const struct form *f = &d->form;
	const struct sign_in_args args = {
		.order = {.kind = DESK_RELAY_PUT,
			.account = d->account,
			.v = {[DESK_URL] = form_value(f, R_URL),
				[DESK_USER] = form_value(f, R_USER),
				[DESK_PASSWORD] = form_value(f, R_KEY),
				[DESK_COMMAND] = form_value(f, R_COMMAND)}},
		.title = _("Letting the relay in")};

	if (check(d))
		ui_push(v->ui, &sign_in_view_ops, &args);
}

static void relay_event(struct view *v, const struct event *ev)
{
	struct relay_data *d = v->data;
	struct desk_answer a;

	view_mark(v, DIRTY_RECALC);
	if (!order_follow(&d->order, v->ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE) {
		refuse(d, R_OFF, a.error.msg);
		return;
	}
	ui_info(v->ui, "%s",
		a.left == DESK_LEFT_KEY
			? _("Without the relay again; its saved key stays: it is locked.")
			: _("Mail of this account goes out without the relay again."));
	if (ui_top(v->ui) == v)
		ui_pop(v->ui);
}

static enum view_result relay_key(struct view *v, const struct key *k)
{
	struct relay_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	return form_key(&d->form, k) || key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
}

static void choose(struct view *v, bool saves)
{
	struct relay_data *d = v->data;
	const struct desk_order off = {.kind = DESK_RELAY_OFF, .account = d->account};

	if (saves || d->form.cur == R_PUT)
		put(v);
	else if (d->form.cur == R_OFF)
		order_give(&d->order, v->ui, &off);
	else
		form_step(&d->form, 1);
}

static enum view_result relay_action(struct view *v, enum action act)
{
	const struct relay_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (act == ACTION_FORM_BACK)
		ui_pop(v->ui);
	else if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	else if (!d->order.number)
		choose(v, act == ACTION_FORM_SAVE);
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static int relay_recalc(struct view *v, struct err *e)
{
	struct relay_data *d = v->data;

	(void)e;
	form_page_scroll(&d->form, v->rows, v->cols);
	return 0;
}

static void relay_paint(const struct view *v, const struct draw *d)
{
	const struct relay_data *r = v->data;
	const char *hint = r->form.v[r->form.cur].hint;

	form_page_paint(&r->form, d,
		_("A service that sends from the mailbox: no attachments, no Cc, no replies."),
		r->problem[0] ? STYLE_FAILED | STYLE_BOLD : STYLE_DIM,
		r->problem[0] ? r->problem
		: hint        ? _(hint)
			      : "");
}

static bool relay_cursor(const struct view *v, int *row, int *col)
{
	const struct relay_data *d = v->data;

	form_page_cursor(&d->form, v->rows, v->cols, row, col);
	return true;
}

static void relay_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct relay_data *d = v->data;

	(void)right;
	/* TRANSLATORS: the placeholder is the name of an account */
	buf_addstr(left, "crmail  ");
	buf_addf(left, _("Relay of %s"), d->name);
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops relay_view_ops = {
	.name = "relay",
	.where = WHERE_FORM,
	.data_size = sizeof(struct relay_data),
	.hints = hints,
	.open = relay_open_view,
	.close = relay_close_view,
	.event = relay_event,
	.key = relay_key,
	.action = relay_action,
	.recalc = relay_recalc,
	.paint = relay_paint,
	.cursor = relay_cursor,
	.title = relay_title,
};
