/*
 * sign_in_view.c - signing in at a provider: what to do in the browser, or with a code on another
 * device, while it is waited for; and what went wrong, with the way to try again. What it signs in
 * for is an order that the view beneath, or the accounts screen, has filled in.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "ui/form.h"
#include "ui/ui_core.h"
#include "crm_setup.h"
#include "order.h"
#include "views.h"

enum field { S_PASSPHRASE, S_REPEAT, S_BEGIN, S_PASTE, S_COPY, S_DEVICE, S_BROWSER, S_COUNT };

static const struct form_field fields[S_COUNT] = {
	[S_PASSPHRASE] = {FORM_SECRET, N_("Passphrase"),
		.hint = N_("It locks the file in which sign-ins are saved.")},
	[S_REPEAT] = {FORM_SECRET, N_("Passphrase again")},
	[S_BEGIN] = {FORM_BUTTON, N_("Sign in")},
	[S_PASTE] = {FORM_TEXT, N_("Ended at"),
		.hint = N_("Browser on another machine: paste the address that it ends at, even "
			   "when it shows nothing there, and press Enter.")},
	[S_COPY] = {FORM_BUTTON, N_("Copy again"),
		.hint = N_("Into the clipboard of the terminal.")},
	[S_DEVICE] = {FORM_BUTTON, N_("Use a code on another device"),
		.hint = N_(
			"No browser here: a short code is typed on a phone or another computer.")},
	[S_BROWSER] = {FORM_BUTTON, N_("Use the browser here"),
		.hint = N_("Begins anew, with the browser of this computer.")},
};

struct sign_in_data {
	struct form form;
	struct order order;
	struct desk_order
		what; /* strings: the opener's, which stays beneath; its passphrase once */
	struct desk_answer prompt;
	bool by_device;
	const char *note; /* NULL = none */
	char title[256], problem[512];
};

/* ---- which fields there are ------------------------------------------------------------------ */

static bool is_waiting(const struct sign_in_data *d)
{
	return d->order.number && d->order.step == DESK_BROWSING;
}

/* A command prints what is needed, each time. */
static bool saves_nothing(const struct sign_in_data *d)
{
	return d->what.v[DESK_COMMAND] != NULL;
}

static void hide_fields(struct view *v)
{
	struct sign_in_data *d = v->data;
	struct form_field *f = d->form.v;
	enum desk_secrets s = keyring_or_file(v->ui, NULL);
	bool is_idle = !d->order.number, waits = is_waiting(d);
	bool is_given = (d->what.v[DESK_PASSPHRASE] && !d->problem[0]) || saves_nothing(d);
	bool has_ways = d->what.kind != DESK_RELAY_PUT; /* a relay knows of the browser alone */

	f[S_PASSPHRASE].is_hidden = !is_idle || s == DESK_SECRETS_OPEN || is_given;
	f[S_REPEAT].is_hidden = !is_idle || s != DESK_SECRETS_NONE || is_given;
	f[S_BEGIN].is_hidden = !is_idle;
	f[S_PASTE].is_hidden = !waits || d->by_device;
	f[S_COPY].is_hidden = !waits;
	f[S_DEVICE].is_hidden = !has_ways || (!waits && !is_idle) || d->by_device;
	f[S_BROWSER].is_hidden = !has_ways || (!waits && !is_idle) || !d->by_device;
	form_focus(&d->form, f[d->form.cur].is_hidden ? 0 : d->form.cur);
}

/* ---- the order ------------------------------------------------------------------------------- */

static void refuse(struct sign_in_data *d, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
}

static bool check(struct sign_in_data *d)
{
	const struct form *f = &d->form;
	const char *pass = form_value(f, S_PASSPHRASE), *again = form_value(f, S_REPEAT);

	d->problem[0] = '\0';
	if (!f->v[S_PASSPHRASE].is_hidden && !pass)
		refuse(d, _("Type the passphrase."));
	else if (!f->v[S_REPEAT].is_hidden && strlen(pass) < DESK_PASSPHRASE_LEAST)
		refuse(d, _("Take at least eight characters."));
	else if (!f->v[S_REPEAT].is_hidden && (!again || strcmp(pass, again) != 0))
		refuse(d, _("The two passphrases differ: type it again."));
	return d->problem[0] == '\0';
}

static void begin(struct view *v)
{
	struct sign_in_data *d = v->data;
	struct desk_order o = d->what;

	if (!check(d))
		return;
	if (form_value(&d->form, S_PASSPHRASE))
		o.v[DESK_PASSPHRASE] = form_value(&d->form, S_PASSPHRASE);
	o.v[DESK_DEVICE] = d->by_device ? "yes" : NULL;
	d->prompt = (struct desk_answer){.url = ""};
	order_give(&d->order, v->ui, &o);
	form_wipe(&d->form, S_PASSPHRASE);
	form_wipe(&d->form, S_REPEAT);
	d->what.v[DESK_PASSPHRASE] = NULL; /* the opener wipes it, too */
	form_set(&d->form, S_PASTE, "");
}

static void begin_other(struct view *v, bool by_device)
{
	struct sign_in_data *d = v->data;
	bool was_waiting = d->order.number != 0;

	order_stop(&d->order, v->ui);
	d->by_device = by_device;
	d->problem[0] = '\0';
	hide_fields(v);
	if (was_waiting)
		begin(v);
}

static void copy(struct view *v)
{
	const struct sign_in_data *d = v->data;
	const char *what = d->prompt.code[0] ? d->prompt.code : d->prompt.url;

	if (*what)
		ui_copy(v->ui, what, strlen(what));
}

static void paste(struct view *v)
{
	struct sign_in_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;
	const char *address = form_value(&d->form, S_PASTE);

	if (!address || !strchr(address, '='))
		ui_info(v->ui, "%s", _("This needs the whole address, from http:// to its end."));
	else if (!h->paste || !h->paste(h->desk, d->order.number, address))
		ui_info(v->ui, "%s", _("Nobody waits for it any more."));
}

/* Back to where it was begun; a new account goes on with the question for its CRM. */
static void finish(struct view *v, const struct desk_answer *a)
{
	struct sign_in_data *d = v->data;
	struct ui *ui = v->ui;
	bool is_new = d->what.kind == DESK_ADD, is_relay = d->what.kind == DESK_RELAY_PUT;
	int64_t account = a->account;

	ui_info(ui, "%s",
		is_new     ? _("Reading and sending work. Mail appears as it comes, newest first.")
		: is_relay ? _("Mail of this account goes out through the relay from now on.")
			   : _("Signed in."));
	if (ui_top(ui) != v)
		return;
	ui_pop(ui);
	if (is_new || is_relay)
		ui_pop(ui); /* the form */
	if (is_new)
		crm_setup_start(ui, account);
}

static void sign_in_event(struct view *v, const struct event *ev)
{
	struct sign_in_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;
	struct desk_answer a;

	view_mark(v, DIRTY_RECALC);
	if (order_follow(&d->order, v->ui, ev, &a)) {
		if (a.error.code == ERR_NONE) {
			finish(v, &a);
			return;
		}
		refuse(d, a.error.msg);
	} else if (is_waiting(d) && !d->prompt.url[0] && h->look(h->desk, d->order.number, &a)) {
		d->prompt = a;
		copy(v);
	}
	hide_fields(v);
}

/* ---- opening, keys --------------------------------------------------------------------------- */

static int sign_in_open(struct view *v, const void *args, struct err *e)
{
	struct sign_in_data *d = v->data;
	const struct sign_in_args *a = args;
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->title) - 1);

	(void)e;
	text_add(&b, a->title);
	memcpy(d->title, b.p, b.len + 1);
	d->what = a->order;
	d->note = a->note;
	form_init(&d->form, fields, S_COUNT);
	hide_fields(v);
	if (d->what.v[DESK_PASSPHRASE] || saves_nothing(d) ||
		keyring_or_file(v->ui, NULL) == DESK_SECRETS_OPEN)
		begin(v);
	hide_fields(v);
	return 0;
}

static void sign_in_close(struct view *v)
{
	struct sign_in_data *d = v->data;

	order_stop(&d->order, v->ui);
	form_release(&d->form);
}

static enum view_result sign_in_key(struct view *v, const struct key *k)
{
	struct sign_in_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (form_key(&d->form, k))
		return VIEW_HANDLED;
	return key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
}

/* Stops what is waited for, then leaves. */
static void back(struct view *v)
{
	struct sign_in_data *d = v->data;

	if (!d->order.number) {
		ui_pop(v->ui);
		return;
	}
	order_stop(&d->order, v->ui);
	refuse(d, _("Stopped; nothing was saved."));
	hide_fields(v);
}

static void choose(struct view *v)
{
	struct sign_in_data *d = v->data;

	switch ((enum field)d->form.cur) {
	case S_BEGIN:
		begin(v);
		break;
	case S_PASTE:
		paste(v);
		break;
	case S_COPY:
		copy(v);
		break;
	case S_DEVICE:
		begin_other(v, true);
		break;
	case S_BROWSER:
		begin_other(v, false);
		break;
	case S_PASSPHRASE:
	case S_REPEAT:
	case S_COUNT:
		form_step(&d->form, 1);
		break;
	}
	hide_fields(v);
}

static enum view_result sign_in_action(struct view *v, enum action act)
{
	view_mark(v, DIRTY_RECALC);
	if (act == ACTION_FORM_BACK)
		back(v);
	else if (act == ACTION_FORM_CHOOSE || act == ACTION_FORM_SAVE)
		choose(v);
	else
		return VIEW_IGNORED;
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

/* An address has no blanks to break at: as many cells a line as there are. Returns the row
 * after. */
static int paint_address(const struct draw *d, int row, const char *url)
{
	size_t room = d->cols > 8 ? (size_t)d->cols - 4 : 4, n = strlen(url);
	char line[1024];

	for (size_t at = 0; at < n && row < d->rows; at += room, row++) {
		size_t len = n - at < room ? n - at : room;
		if (len >= sizeof(line))
			break;
		memcpy(line, url + at, len);
		line[len] = '\0';
		draw_text(d, row, 2, d->cols - 3, STYLE_ACCENT, line);
	}
	return row;
}

static int paint_prompt(const struct sign_in_data *s, const struct draw *d, int row)
{
	const struct desk_answer *p = &s->prompt;

	row = form_paint_text(d, row, STYLE_NORMAL,
		p->code[0]     ? _("On any device, open this address:")
		: p->is_opened ? _("Sign in with the browser, then come back. Should none have "
				   "opened, open this address; it is in the clipboard:")
			       : _("Open this address in a browser to sign in; it is in the "
				   "clipboard:"));
	row = paint_address(d, row + 1, p->url) + 1;
	if (!p->code[0])
		return row;
	row = form_paint_text(d, row, STYLE_NORMAL, _("and type this code there:"));
	draw_text(d, row + 1, 4, d->cols - 5, STYLE_ACCENT | STYLE_BOLD, p->code);
	return row + 3;
}

static void sign_in_paint(const struct view *v, const struct draw *d)
{
	const struct sign_in_data *s = v->data;
	const char *hint = fields[s->form.cur].hint;
	bool waits = is_waiting(s);
	int row = 1, lines = form_lines(&s->form);
	struct draw part;

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	if (s->problem[0] && !s->order.number)
		row = form_paint_text(d, row, STYLE_FAILED | STYLE_BOLD, s->problem) + 1;
	else if (s->order.number && waits)
		row = paint_prompt(s, d, row);
	if (s->order.number)
		row = form_paint_text(d, row, STYLE_DIM, order_says(&s->order)) + 1;
	part = draw_part(d, row, 0, lines < d->rows - row ? lines : d->rows - row, d->cols);
	if (row < d->rows && (!s->order.number || waits))
		form_paint(&s->form, &part);
	row += lines + 1;
	if (hint && (!s->order.number || waits) && row < d->rows)
		row = form_paint_text(d, row, STYLE_DIM, _(hint)) + 1;
	if (s->note && waits && !s->by_device && row < d->rows)
		form_paint_text(d, row, STYLE_DIM, s->note);
}

static void sign_in_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct sign_in_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", d->title);
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops sign_in_view_ops = {
	.name = "sign-in",
	.where = WHERE_FORM,
	.data_size = sizeof(struct sign_in_data),
	.hints = hints,
	.open = sign_in_open,
	.close = sign_in_close,
	.event = sign_in_event,
	.key = sign_in_key,
	.action = sign_in_action,
	.paint = sign_in_paint,
	.title = sign_in_title,
};
