/*
 * welcome_view.c - connecting an account: its form, filled in by welcome_find.c as far as that
 * goes; reading and sending are tested before anything is saved [R1]. Also the first screen while
 * there is none.
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

static const struct form_choice tls_choices[] = {
	{N_("as the port says"), NULL},
	{N_("TLS from the start"), "implicit"},
	{N_("STARTTLS"), "starttls"},
	{N_("none (insecure)"), "insecure-none"},
};
/* The values are names of providers (crmail-config(5)). */
static const struct form_choice how_choices[] = {
	{N_("with a password"), NULL},
	{N_("at Google, in the browser"), "google"},
	{N_("at Microsoft, in the browser"), "microsoft"},
};
static const struct form_choice history_choices[] = {
	{N_("30 days"), "30"},
	{N_("90 days"), "90"},
	{N_("all mail"), "all"},
	{N_("7 days"), "7"},
};

static const struct form_field fields[W_COUNT] = {
	[W_EMAIL] = {FORM_TEXT, N_("Work email"),
		.hint = N_("Your address; the servers are looked for when you leave it.")},
	[W_REAL_NAME] = {FORM_TEXT, N_("Your name"), .hint = N_("As recipients see it.")},
	[W_HOW] = {FORM_CHOICE, N_("Sign in"), .choices = how_choices,
		.n_choices = ARRAY_SIZE(how_choices),
		.hint = N_(
			"Mailboxes at Google and Microsoft are signed in to in the browser. Left "
			"and Right choose.")},
	[W_IMAP] = {FORM_TEXT, N_("Reading (IMAP)"),
		.hint = N_("HOST:PORT of the server your mail is read from.")},
	[W_SMTP] = {FORM_TEXT, N_("Sending (SMTP)"),
		.hint = N_("HOST:PORT of the server your mail is handed to.")},
	[W_TLS] = {FORM_CHOICE, N_("Encryption"), .choices = tls_choices,
		.n_choices = ARRAY_SIZE(tls_choices),
		.hint = N_("993 and 465 mean TLS, 143 and 587 STARTTLS. Left and Right choose.")},
	[W_USER] = {FORM_TEXT, N_("User"), .hint = N_("Most servers want the whole address.")},
	[W_PASSWORD] = {FORM_SECRET, N_("Password"),
		.hint = N_("Kept in an encrypted file of this computer.")},
	[W_COMMAND] = {FORM_TEXT, N_("or its command"),
		.hint = N_("Instead of a password: a command that prints it, "
			   "as \"pass show work\".")},
	[W_PASSPHRASE] = {FORM_SECRET, N_("Passphrase"),
		.hint = N_("Locks the file of saved passwords; asked for once in each session. "
			   "Nobody can recover it.")},
	[W_REPEAT] = {FORM_SECRET, N_("Passphrase again")},
	[W_HISTORY] = {FORM_CHOICE, N_("Mail of"), .choices = history_choices,
		.n_choices = ARRAY_SIZE(history_choices),
		.hint = N_("How far back mail is fetched, the newest first. "
			   "Left and Right choose.")},
	[W_NAME] = {FORM_TEXT, N_("Account's name"), .hint = N_("A word of your choosing.")},
	[W_ADD] = {FORM_BUTTON, N_("Test and add"),
		.hint = N_("Signs in to both servers; no mail is sent, and nothing is saved "
			   "unless both work.")},
	[W_DEMO] = {FORM_BUTTON, N_("Look around with demo data first"),
		.hint = N_("A made-up mailbox in a folder of its own; nothing is connected.")},
};

static const char *add_label(const char *provider) /* N_() */
{
	if (!provider)
		return fields[W_ADD].label;
	return strcmp(provider, "google") == 0 ? N_("Sign in at Google")
					       : N_("Sign in at Microsoft");
}

/* A command needs no file of passwords, and one that is open no passphrase. */
static void hide_fields(struct view *v)
{
	struct welcome_data *d = v->data;
	enum desk_secrets s = keyring_or_file(v->ui, NULL);
	bool has_command = form_value(&d->form, W_COMMAND) != NULL;
	bool by_browser = form_value(&d->form, W_HOW) != NULL;
	static const enum field servers[] = {W_IMAP, W_SMTP, W_TLS, W_USER, W_PASSWORD, W_COMMAND};

	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		d->form.v[servers[i]].is_hidden = by_browser;
	has_command = has_command && !by_browser;

	d->form.v[W_PASSPHRASE].is_hidden = has_command || s == DESK_SECRETS_OPEN;
	d->form.v[W_REPEAT].is_hidden = has_command || s != DESK_SECRETS_NONE;
	d->form.v[W_DEMO].is_hidden = !d->is_first || !v->ui->o.wants_demo;
	d->form.v[W_ADD].label = add_label(form_value(&d->form, W_HOW));
}

static int welcome_open(struct view *v, const void *args, struct err *e)
{
	struct welcome_data *d = v->data;

	(void)e;
	d->is_first = *(const bool *)args;
	d->arena = ARENA_INIT;
	form_init(&d->form, fields, W_COUNT);
	hide_fields(v);
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

/* ---- what is filled in ----------------------------------------------------------------------- */

static bool refuse(struct welcome_data *d, enum field field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
	form_focus(&d->form, field);
	return false;
}

static bool is_host_port(const char *s, int64_t *port)
{
	const char *colon = s ? strrchr(s, ':') : NULL;

	return colon && colon != s && str_to_i64(colon + 1, 1, 65535, port);
}

static bool says_encryption(int64_t port)
{
	return port == 993 || port == 465 || port == 143 || port == 587;
}

static bool check_servers(struct welcome_data *d)
{
	int64_t imap = 0, smtp = 0;

	if (!is_host_port(form_value(&d->form, W_IMAP), &imap))
		return refuse(d, W_IMAP, _("This needs a host and a port: imap.example.com:993"));
	if (!is_host_port(form_value(&d->form, W_SMTP), &smtp))
		return refuse(d, W_SMTP, _("This needs a host and a port: smtp.example.com:465"));
	if (!form_value(&d->form, W_TLS) && (!says_encryption(imap) || !says_encryption(smtp)))
		return refuse(d, W_TLS, _("These ports do not say how to encrypt: choose it."));
	return true;
}

static bool check_passphrase(struct welcome_data *d)
{
	const struct form *f = &d->form;
	const char *pass = form_value(f, W_PASSPHRASE), *again = form_value(f, W_REPEAT);

	if (f->v[W_PASSPHRASE].is_hidden)
		return true;
	if (!pass)
		return refuse(d, W_PASSPHRASE,
			_("The file of saved passwords needs its passphrase."));
	if (f->v[W_REPEAT].is_hidden)
		return true;
	if (strlen(pass) < DESK_PASSPHRASE_LEAST)
		return refuse(d, W_PASSPHRASE, _("Take at least eight characters."));
	if (!again || strcmp(pass, again) != 0)
		return refuse(d, W_REPEAT, _("The two passphrases differ: type it again."));
	return true;
}

static bool check(struct welcome_data *d)
{
	const struct form *f = &d->form;
	const char *email = form_value(f, W_EMAIL), *at = email ? strchr(email, '@') : NULL;

	if (!at || at == email || !at[1])
		return refuse(d, W_EMAIL, _("This needs an address, as you@example.com."));
	if (form_value(f, W_HOW))
		return (form_value(f, W_NAME) ||
			       refuse(d, W_NAME, _("The account needs a name."))) &&
		       check_passphrase(d);
	if (!check_servers(d))
		return false;
	if (!form_value(f, W_USER))
		return refuse(d, W_USER, _("The servers want a user name."));
	if (form_value(f, W_PASSWORD) && form_value(f, W_COMMAND))
		return refuse(d, W_COMMAND, _("Give the password or its command, not both."));
	if (!form_value(f, W_PASSWORD) && !form_value(f, W_COMMAND))
		return refuse(d, W_PASSWORD, _("The servers want a password."));
	if (!form_value(f, W_NAME))
		return refuse(d, W_NAME, _("The account needs a name."));
	return check_passphrase(d);
}

static const struct {
	enum field field;
	enum desk_field desk;
} map[] = {
	{W_EMAIL, DESK_EMAIL},
	{W_REAL_NAME, DESK_REAL_NAME},
	{W_HOW, DESK_OAUTH},
	{W_IMAP, DESK_IMAP},
	{W_SMTP, DESK_SMTP},
	{W_TLS, DESK_TLS},
	{W_USER, DESK_USER},
	{W_PASSWORD, DESK_PASSWORD},
	{W_COMMAND, DESK_COMMAND},
	{W_PASSPHRASE, DESK_PASSPHRASE},
	{W_HISTORY, DESK_HISTORY},
	{W_NAME, DESK_NAME},
};

static void wipe_passphrase(struct welcome_data *d)
{
	form_wipe(&d->form, W_PASSPHRASE);
	form_wipe(&d->form, W_REPEAT);
}

static void sign_in_at(struct view *v, const struct desk_order *o)
{
	struct welcome_data *d = v->data;
	const struct sign_in_args args = {.order = *o, .title = _(add_label(o->v[DESK_OAUTH]))};

	ui_push(v->ui, &sign_in_view_ops, &args);
	wipe_passphrase(d); /* the order has its own, and wipes it when the file is open */
}

static void submit(struct view *v)
{
	struct welcome_data *d = v->data;
	struct desk_order o = {.kind = DESK_ADD};

	d->problem[0] = '\0';
	if (welcome_find_is_awaited(v)) {
		if (!welcome_find_says(d))
			form_focus(&d->form, W_EMAIL); /* where it is said */
		return;
	}
	hide_fields(v);
	if (!check(d))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (!d->form.v[map[i].field].is_hidden)
			o.v[map[i].desk] = form_value(&d->form, map[i].field);
	if (o.v[DESK_OAUTH])
		sign_in_at(v, &o);
	else
		order_give(&d->order, v->ui, &o);
}

/* ---- its end --------------------------------------------------------------------------------- */

static void show_failure(struct view *v, const struct desk_answer *a)
{
	struct welcome_data *d = v->data;

	refuse(d, W_ADD, a->error.msg);
	hide_fields(v); /* the file of passwords may be open by now */
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].desk == a->field)
			form_focus(&d->form, map[i].field);
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
	hide_fields(v);
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
	if (was == W_EMAIL && d->form.cur == W_EMAIL)
		welcome_find_typed(v);
	else if (was == W_EMAIL)
		welcome_find_left(v);
	hide_fields(v);
	return VIEW_HANDLED;
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
	return 0;
}

static void welcome_paint(const struct view *v, const struct draw *d)
{
	const struct welcome_data *w = v->data;
	const char *hint = fields[w->form.cur].hint, *below = hint ? _(hint) : "";
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
