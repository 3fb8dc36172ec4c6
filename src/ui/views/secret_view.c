/*
 * secret_view.c - asks for a password or passphrase above the hints: signing in again, and opening
 * the saved passwords. What was typed goes straight to whoever does the work, and is wiped.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/entry.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/contact.h"
#include "crmail/store/store.h"
#include "ui/form.h"
#include "ui/ui_core.h"
#include "order.h"
#include "views.h"

#define BOX_LINES 7 /* rule, title, at most three fields, two lines of text */

enum field { S_PASSWORD, S_PASSPHRASE, S_REPEAT, S_COUNT };

static const struct form_field fields[S_COUNT] = {
	[S_PASSWORD] = {FORM_SECRET, N_("Password")},
	[S_PASSPHRASE] = {FORM_SECRET, N_("Passphrase"),
		.hint = N_("It locks the file of saved passwords.")},
	[S_REPEAT] = {FORM_SECRET, N_("Passphrase again")},
};

struct secret_data {
	struct form form;
	struct order order;
	int64_t account, crm;
	char title[256], problem[512];
};

static bool asks_password(const struct secret_data *d)
{
	return d->account || d->crm;
}

/* NULL = nothing is saved yet. */
static const char *entry_of(const struct view *v, struct arena *a)
{
	const struct secret_data *d = v->data;

	return d->account ? account_setting(v->ui->reader, a, d->account, "secret")
			  : crm_setting(v->ui->reader, a, d->crm, "secret");
}

static void hide_fields(struct view *v)
{
	struct secret_data *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct ui_hooks *h = &v->ui->o.hooks;
	enum desk_secrets s = asks_password(d) ? keyring_or_file(v->ui, entry_of(v, &a))
			      : h->secrets     ? h->secrets(h->desk)
					       : DESK_SECRETS_OPEN;

	d->form.v[S_PASSWORD].is_hidden = !asks_password(d);
	d->form.v[S_PASSPHRASE].is_hidden = asks_password(d) && s == DESK_SECRETS_OPEN;
	d->form.v[S_REPEAT].is_hidden = s != DESK_SECRETS_NONE;
}

static int secret_open(struct view *v, const void *args, struct err *e)
{
	struct secret_data *d = v->data;
	const struct secret_args *a = args;
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->title) - 1);

	(void)e;
	d->account = a->account;
	d->crm = a->crm;
	text_add(&b, a->title);
	memcpy(d->title, b.p, b.len + 1);
	form_init(&d->form, fields, S_COUNT);
	hide_fields(v);
	form_focus(&d->form, 0);
	return 0;
}

static void secret_close(struct view *v)
{
	struct secret_data *d = v->data;

	order_stop(&d->order, v->ui);
	form_release(&d->form);
}

static void refuse(struct secret_data *d, size_t field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
	form_focus(&d->form, field);
}

static bool check(struct secret_data *d)
{
	const struct form *f = &d->form;
	const char *pass = form_value(f, S_PASSPHRASE), *again = form_value(f, S_REPEAT);

	d->problem[0] = '\0';
	if (!f->v[S_PASSWORD].is_hidden && !form_value(f, S_PASSWORD))
		refuse(d, S_PASSWORD, _("Type the password."));
	else if (!f->v[S_PASSPHRASE].is_hidden && !pass)
		refuse(d, S_PASSPHRASE, _("Type the passphrase."));
	else if (!f->v[S_REPEAT].is_hidden && strlen(pass) < DESK_PASSPHRASE_LEAST)
		refuse(d, S_PASSPHRASE, _("Take at least eight characters."));
	else if (!f->v[S_REPEAT].is_hidden && (!again || strcmp(pass, again) != 0))
		refuse(d, S_REPEAT, _("The two passphrases differ: type it again."));
	return d->problem[0] == '\0';
}

static void submit(struct view *v)
{
	struct secret_data *d = v->data;
	struct desk_order o = {.kind = d->account ? DESK_SIGN_IN
				       : d->crm   ? DESK_CRM_SIGN_IN
						  : DESK_UNLOCK,
		.account = d->account,
		.crm = d->crm};

	if (!check(d))
		return;
	o.v[DESK_PASSWORD] = form_value(&d->form, S_PASSWORD);
	o.v[DESK_PASSPHRASE] = form_value(&d->form, S_PASSPHRASE);
	if (!order_give(&d->order, v->ui, &o))
		return;
	for (size_t i = 0; i < S_COUNT; i++)
		form_wipe(&d->form, i);
}

static void secret_event(struct view *v, const struct event *ev)
{
	struct secret_data *d = v->data;
	struct ui *ui = v->ui;
	struct desk_answer a;

	view_mark(v, DIRTY_PAINT);
	if (!order_follow(&d->order, ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE) {
		hide_fields(v);
		refuse(d, a.field == DESK_PASSPHRASE ? S_PASSPHRASE : S_PASSWORD, a.error.msg);
		return;
	}
	ui_info(ui, "%s", asks_password(d) ? _("Signed in.") : _("The saved passwords are open."));
	if (ui_top(ui) == v)
		ui_pop(ui);
}

static bool is_last(const struct form *f)
{
	for (size_t i = f->cur + 1; i < f->n; i++)
		if (!f->v[i].is_hidden)
			return false;
	return true;
}

static enum view_result secret_key(struct view *v, const struct key *k)
{
	struct secret_data *d = v->data;

	view_mark(v, DIRTY_PAINT);
	if (!d->order.number && form_key(&d->form, k))
		return VIEW_HANDLED;
	return d->order.number && key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
}

static enum view_result secret_action(struct view *v, enum action act)
{
	struct secret_data *d = v->data;

	view_mark(v, DIRTY_PAINT);
	if (act == ACTION_FORM_BACK) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	if (d->order.number)
		return VIEW_HANDLED;
	if (act == ACTION_FORM_SAVE || is_last(&d->form))
		submit(v);
	else
		form_step(&d->form, 1);
	return VIEW_HANDLED;
}

static int box_row(const struct view *v)
{
	return v->rows > BOX_LINES ? v->rows - BOX_LINES : 0;
}

static void secret_paint(const struct view *v, const struct draw *d)
{
	const struct secret_data *s = v->data;
	struct draw box = draw_part(d, box_row(v), 0, BOX_LINES, d->cols), part;
	int lines = form_lines(&s->form);

	draw_fill(&box, 0, 0, box.rows, box.cols, STYLE_NORMAL);
	draw_hrule(&box, 0, 0, box.cols, STYLE_DIM);
	draw_text(&box, 1, 2, box.cols - 3, STYLE_BOLD, s->title);
	part = draw_part(&box, 2, 0, lines, box.cols);
	form_paint(&s->form, &part);
	if (s->order.number)
		form_paint_text(&box, 2 + lines, STYLE_ACCENT, order_says(&s->order));
	else if (s->problem[0])
		form_paint_text(&box, 2 + lines, STYLE_FAILED | STYLE_BOLD, s->problem);
	else if (fields[s->form.cur].hint)
		form_paint_text(&box, 2 + lines, STYLE_DIM, _(fields[s->form.cur].hint));
}

static bool secret_cursor(const struct view *v, int *row, int *col)
{
	const struct secret_data *d = v->data;

	form_cursor(&d->form, v->cols, row, col);
	*row += box_row(v) + 2;
	return true;
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops secret_view_ops = {
	.name = "secret",
	.where = WHERE_FORM,
	.is_overlay = true,
	.data_size = sizeof(struct secret_data),
	.hints = hints,
	.open = secret_open,
	.close = secret_close,
	.event = secret_event,
	.key = secret_key,
	.action = secret_action,
	.paint = secret_paint,
	.cursor = secret_cursor,
};

void secret_ask_passphrase(struct ui *ui)
{
	struct secret_args a = {.title = _("Passphrase of the saved passwords")};

	ui_push(ui, &secret_view_ops, &a);
}

static bool is_in_file(const char *entry)
{
	return entry && !entry_is_in_keyring(entry);
}

static bool is_wanted_by_crm(struct ui *ui, struct arena *a)
{
	struct crm_row *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (crm_list(ui->reader, a, &v, &n, &e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_in_file(crm_setting(ui->reader, a, v[i].id, "secret")))
			return true;
	return false;
}

bool secret_is_wanted(struct ui *ui)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct ui_hooks *h = &ui->o.hooks;

	if (!h->secrets || h->secrets(h->desk) != DESK_SECRETS_LOCKED)
		return false;
	for (size_t i = 0; i < ui->n_accounts; i++) {
		int64_t id = ui->accounts[i].id;

		if (is_in_file(account_setting(ui->reader, &a, id, "secret")) ||
			is_in_file(account_setting(ui->reader, &a, id, "relay_secret")))
			return true;
	}
	return is_wanted_by_crm(ui, &a);
}
