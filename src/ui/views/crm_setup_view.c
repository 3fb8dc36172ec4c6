/*
 * crm_setup_view.c - the form of a CRM: what its profile asks for, the password, and whose mail
 * belongs to it. Signing in and reading are tested before anything is saved [R35].
 */
#include "config.h"

#include "crm_setup.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "ui/form_page.h"
#include "ui/status.h"
#include "ui/ui_core.h"
#include "order.h"
#include "views.h"

#define LABEL_CELLS 26

enum field { /* then one for each word of the profile, and one for each account */
	C_NAME,
	C_URL,
	C_CLEAR,
	C_PASSWORD,
	C_COMMAND,
	C_PASSPHRASE,
	C_REPEAT,
	C_CA,
	C_CONNECT,
	C_FIXED
};

static const struct form_choice clear_choices[] = {
	{N_("no"), NULL},
	{N_("yes, insecure: everybody on the way can read it"), "yes"},
};
static const struct form_choice account_choices[] = {{N_("no"), NULL}, {N_("yes"), "yes"}};

static const struct form_field fixed[C_FIXED] = {
	[C_NAME] = {FORM_TEXT, N_("Name here"), .hint = N_("A word of your choosing.")},
	[C_URL] = {FORM_TEXT, N_("Address of the CRM"), .hint = N_("As https://crm.example.com.")},
	[C_CLEAR] = {FORM_CHOICE, N_("Without encryption"), .choices = clear_choices,
		.n_choices = ARRAY_SIZE(clear_choices),
		.hint = N_("This address begins with http://. Left and Right choose.")},
	[C_PASSWORD] = {FORM_SECRET, N_("Password"),
		.hint = N_("Kept in an encrypted file of this computer.")},
	[C_COMMAND] = {FORM_TEXT, N_("or its command"),
		.hint = N_("Instead of a password: a command that prints it, "
			   "as \"pass show crm\".")},
	[C_PASSPHRASE] = {FORM_SECRET, N_("Passphrase"),
		.hint = N_("Locks the file of saved passwords; asked for once in each session. "
			   "Nobody can recover it.")},
	[C_REPEAT] = {FORM_SECRET, N_("Passphrase again")},
	[C_CA] = {FORM_TEXT, N_("Private CA (file)"),
		.hint = N_("Only where the CRM's certificate is signed by an authority of your "
			   "own: its certificate as a PEM file.")},
	[C_CONNECT] = {FORM_BUTTON, N_("Test and connect"),
		.hint = N_("Signs in and reads one page; nothing is written, and nothing is "
			   "saved unless both work. Nothing is logged yet.")},
};

struct setup_data {
	struct form form;
	struct order order;
	struct arena arena; /* for the life of the form */
	struct desk_profile *profile;
	int64_t crm;
	bool is_bound_before; /* some password is known */
	const char *secret;   /* entry of a saved one; NULL = none */
	size_t first_account; /* field; the words are before it, from C_FIXED on */
	int64_t *accounts;    /* of those fields */
	size_t n_accounts;
	size_t *order_of; /* fields as they are shown */
	char problem[512];
};

/* ---- fields ---------------------------------------------------------------------------------- */

/* The form shows its fields in the order of its array; `place` says where each stands. */
static size_t at(const struct setup_data *d, size_t field)
{
	return d->order_of[field];
}

static const char *value(const struct setup_data *d, size_t field)
{
	return form_value(&d->form, at(d, field));
}

static size_t n_words(const struct setup_data *d)
{
	return d->first_account - C_FIXED;
}

static const struct desk_profile_key *word(const struct setup_data *d, size_t i)
{
	for (size_t k = 0; k < d->profile->n_keys; k++)
		if (!d->profile->keys[k].is_secret && i-- == 0)
			return &d->profile->keys[k];
	return NULL;
}

static size_t count_words(const struct desk_profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_keys; i++)
		n += !p->keys[i].is_secret;
	return n < DESK_WORDS_MAX ? n : DESK_WORDS_MAX;
}

/* Name, address, words, password ..., accounts, button. */
static void place_fields(struct setup_data *d, size_t n)
{
	size_t at_row = 0;

	d->order_of = arena_array(&d->arena, n, sizeof(*d->order_of));
	for (size_t i = C_NAME; i <= C_CLEAR; i++)
		d->order_of[i] = at_row++;
	for (size_t i = C_FIXED; i < d->first_account; i++)
		d->order_of[i] = at_row++;
	for (size_t i = C_PASSWORD; i < C_CONNECT; i++)
		d->order_of[i] = at_row++;
	for (size_t i = d->first_account; i < n; i++)
		d->order_of[i] = at_row++;
	d->order_of[C_CONNECT] = at_row;
}

static void make_form(struct view *v)
{
	struct setup_data *d = v->data;
	const struct ui *ui = v->ui;
	size_t n;
	struct form_field *f;

	d->first_account = C_FIXED + count_words(d->profile);
	d->accounts = arena_array(&d->arena, ui->n_accounts + 1, sizeof(*d->accounts));
	for (size_t i = 0; i < ui->n_accounts; i++)
		d->accounts[d->n_accounts++] = ui->accounts[i].id;
	n = d->first_account + d->n_accounts;
	place_fields(d, n);
	f = arena_array(&d->arena, n, sizeof(*f));
	for (size_t i = 0; i < C_FIXED; i++)
		f[at(d, i)] = fixed[i];
	for (size_t i = 0; i < n_words(d); i++) {
		const struct desk_profile_key *k = word(d, i);
		const char *words = k->label ? k->label : k->name;

		/* "Organisation, where ...": what it is beside the field, the rest below it. */
		f[at(d, C_FIXED + i)] = (struct form_field){FORM_TEXT,
			arena_strndup(&d->arena, words, strcspn(words, ",")), .hint = words};
	}
	for (size_t i = 0; i < d->n_accounts; i++)
		f[at(d, d->first_account + i)] = (struct form_field){FORM_CHOICE,
			arena_printf(&d->arena, _("Mail of %s"), ui->accounts[i].name),
			.choices = account_choices, .n_choices = ARRAY_SIZE(account_choices),
			.hint = N_("Whether the mail of this account belongs to this CRM. "
				   "Left and Right choose.")};
	form_init(&d->form, f, n);
	form_set_labels(&d->form, LABEL_CELLS);
}

static void hide(struct setup_data *d, size_t field, bool is_hidden)
{
	d->form.v[at(d, field)].is_hidden = is_hidden;
}

static void hide_fields(struct view *v)
{
	struct setup_data *d = v->data;
	enum desk_secrets s = keyring_or_file(v->ui, d->secret);
	bool has_secret = d->profile->secret != NULL;
	bool is_typed =
		has_secret && !value(d, C_COMMAND) && (!d->is_bound_before || value(d, C_PASSWORD));

	hide(d, C_URL, !d->profile->is_remote);
	hide(d, C_CA, !d->profile->is_remote);
	hide(d, C_CLEAR, !d->profile->is_remote || !status_is_clear(value(d, C_URL)));
	hide(d, C_PASSWORD, !has_secret);
	hide(d, C_COMMAND, !has_secret);
	hide(d, C_PASSPHRASE, !is_typed || s == DESK_SECRETS_OPEN);
	hide(d, C_REPEAT, !is_typed || s != DESK_SECRETS_NONE);
}

/* ---- opening --------------------------------------------------------------------------------- */

static void choose(struct setup_data *d, size_t field, bool is_yes)
{
	d->form.v[at(d, field)].choice = is_yes;
}

static void fill_accounts(struct view *v, const struct crm_setup_args *args)
{
	struct setup_data *d = v->data;

	for (size_t i = 0; i < d->n_accounts; i++) {
		const struct account_row *a = ui_account(v->ui, d->accounts[i]);
		bool is_new = args->account ? args->account == a->id : !args->crm && !a->crm;

		choose(d, d->first_account + i, is_new || (args->crm && a->crm == args->crm));
	}
}

static void set_text(struct setup_data *d, size_t field, const char *text)
{
	if (text)
		form_set(&d->form, at(d, field), text);
}

static int fill_known(struct view *v, struct err *e)
{
	struct setup_data *d = v->data;
	struct store_reader *r = v->ui->reader;
	struct arena *a = &d->arena;
	struct crm_row *row = NULL;

	if (crm_get(r, a, d->crm, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	set_text(d, C_NAME, row->name);
	set_text(d, C_URL, row->url);
	for (size_t i = 0; i < n_words(d); i++)
		set_text(d, C_FIXED + i, crm_setting(r, a, d->crm, word(d, i)->name));
	set_text(d, C_COMMAND, crm_setting(r, a, d->crm, "secret_command"));
	set_text(d, C_CA, crm_setting(r, a, d->crm, "ca"));
	choose(d, C_CLEAR, crm_setting(r, a, d->crm, "insecure-http") != NULL);
	d->secret = crm_setting(r, a, d->crm, "secret");
	d->is_bound_before = value(d, C_COMMAND) || d->secret;
	return 0;
}

static int read_profile(struct view *v, const char *name, struct err *e)
{
	struct setup_data *d = v->data;
	const struct ui_hooks *h = &v->ui->o.hooks;
	size_t n = 0;

	if (!h->profiles)
		return err_set(e, ERR_UNSUPPORTED, "%s",
			_("No CRM can be connected in this session."));
	return h->profiles(h->desk, name, &d->arena, &d->profile, &n, e);
}

static int setup_open(struct view *v, const void *args, struct err *e)
{
	struct setup_data *d = v->data;
	const struct crm_setup_args *a = args;

	d->arena = ARENA_INIT;
	d->crm = a->crm;
	if (read_profile(v, a->profile, e)) {
		arena_release(&d->arena);
		return -1;
	}
	make_form(v);
	fill_accounts(v, a);
	if (d->crm && fill_known(v, e)) {
		form_release(&d->form);
		arena_release(&d->arena);
		return -1;
	}
	if (!d->crm)
		set_text(d, C_NAME, d->profile->name);
	hide_fields(v);
	form_focus(&d->form, at(d, d->profile->is_remote ? C_URL : C_NAME));
	return 0;
}

static void setup_close(struct view *v)
{
	struct setup_data *d = v->data;

	order_stop(&d->order, v->ui);
	form_release(&d->form);
	arena_release(&d->arena);
}

/* ---- what is filled in ----------------------------------------------------------------------- */

static bool refuse(struct setup_data *d, size_t field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
	form_focus(&d->form, at(d, field));
	return false;
}

static bool check_secret(struct setup_data *d)
{
	const char *pass = value(d, C_PASSPHRASE), *again = value(d, C_REPEAT);

	if (value(d, C_PASSWORD) && value(d, C_COMMAND))
		return refuse(d, C_COMMAND, _("Give the password or its command, not both."));
	if (d->profile->secret && !d->is_bound_before && !value(d, C_PASSWORD) &&
		!value(d, C_COMMAND))
		return refuse(d, C_PASSWORD, _("The CRM wants a password."));
	if (d->form.v[at(d, C_PASSPHRASE)].is_hidden)
		return true;
	if (!pass)
		return refuse(d, C_PASSPHRASE,
			_("The file of saved passwords needs its passphrase."));
	if (d->form.v[at(d, C_REPEAT)].is_hidden)
		return true;
	if (strlen(pass) < DESK_PASSPHRASE_LEAST)
		return refuse(d, C_PASSPHRASE, _("Take at least eight characters."));
	if (!again || strcmp(pass, again) != 0)
		return refuse(d, C_REPEAT, _("The two passphrases differ: type it again."));
	return true;
}

static bool check(struct setup_data *d)
{
	const char *url = value(d, C_URL);

	if (!value(d, C_NAME))
		return refuse(d, C_NAME, _("The CRM needs a name."));
	if (!d->profile->is_remote)
		return true;
	if (!url || (!str_casestarts(url, "https://") && !str_casestarts(url, "http://")))
		return refuse(d, C_URL, _("This needs an address that begins with https://."));
	if (status_is_clear(url) && !value(d, C_CLEAR))
		return refuse(d, C_CLEAR,
			_("http:// is not encrypted: take https://, or say here that it may be "
			  "used all the same."));
	for (size_t i = 0; i < n_words(d); i++)
		if (word(d, i)->is_required && !value(d, C_FIXED + i))
			return refuse(d, C_FIXED + i, _("The CRM needs this."));
	return check_secret(d);
}

static void add_words(struct setup_data *d, struct desk_order *o)
{
	for (size_t i = 0; i < n_words(d); i++) {
		const char *text = value(d, C_FIXED + i);

		o->words[o->n_words++] = (struct desk_word){word(d, i)->name, text ? text : ""};
	}
}

static void submit(struct view *v)
{
	static const struct {
		enum field field;
		enum desk_field desk;
	} map[] = {{C_NAME, DESK_NAME}, {C_URL, DESK_URL}, {C_CLEAR, DESK_CLEAR},
		{C_PASSWORD, DESK_PASSWORD}, {C_COMMAND, DESK_COMMAND},
		{C_PASSPHRASE, DESK_PASSPHRASE}, {C_CA, DESK_CA}};
	struct setup_data *d = v->data;
	CLEANUP(buf_release) struct buf ids = BUF_INIT(4096);
	struct desk_order o = {.kind = DESK_CRM_PUT, .crm = d->crm};

	d->problem[0] = '\0';
	hide_fields(v);
	if (!check(d))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (!d->form.v[at(d, map[i].field)].is_hidden)
			o.v[map[i].desk] = value(d, map[i].field);
	o.v[DESK_PROFILE] = d->profile->name;
	add_words(d, &o);
	for (size_t i = 0; i < d->n_accounts; i++)
		if (value(d, d->first_account + i))
			buf_addf(&ids, "%s%lld", ids.len ? " " : "", (long long)d->accounts[i]);
	o.v[DESK_ACCOUNTS] = ids.p;
	order_give(&d->order, v->ui, &o);
}

/* ---- its end --------------------------------------------------------------------------------- */

static void show_failure(struct view *v, const struct desk_answer *a)
{
	static const struct {
		enum desk_field desk;
		enum field field;
	} map[] = {{DESK_URL, C_URL}, {DESK_PASSWORD, C_PASSWORD}, {DESK_COMMAND, C_COMMAND},
		{DESK_PASSPHRASE, C_PASSPHRASE}, {DESK_NAME, C_NAME}};
	struct setup_data *d = v->data;
	enum field field = C_CONNECT;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].desk == a->field)
			field = map[i].field;
	hide_fields(v); /* the file of passwords may be open by now */
	if (field == C_PASSWORD && value(d, C_COMMAND))
		field = C_COMMAND;
	refuse(d, field, a->error.msg);
	if (field == C_PASSWORD || field == C_PASSPHRASE)
		form_wipe(&d->form, at(d, field));
}

/* The keyring may have been found only after the form was drawn. */
static void look_at_keyring(struct view *v)
{
	struct setup_data *d = v->data;

	hide_fields(v);
	if (d->form.v[d->form.cur].is_hidden)
		form_step(&d->form, 1);
}

static void setup_event(struct view *v, const struct event *ev)
{
	struct setup_data *d = v->data;
	struct ui *ui = v->ui;
	struct desk_answer a;

	view_mark(v, DIRTY_RECALC);
	if (!order_follow(&d->order, ui, ev, &a)) {
		look_at_keyring(v);
		return;
	}
	if (a.error.code != ERR_NONE) {
		show_failure(v, &a);
		return;
	}
	if (ui_top(ui) != v)
		return;
	ui_info(ui, "%s",
		d->profile->is_remote ? _("Connected: signing in and reading work.")
				      : _("Contacts are kept on this computer."));
	ui_pop(ui); /* d is gone */
	if (a.crm)
		crm_logging_open(ui, a.crm);
}

static enum view_result setup_key(struct view *v, const struct key *k)
{
	struct setup_data *d = v->data;

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
	hide_fields(v);
	return VIEW_HANDLED;
}

static enum view_result setup_action(struct view *v, enum action act)
{
	struct setup_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (act == ACTION_FORM_BACK) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	if (d->order.number)
		return VIEW_HANDLED;
	if (act == ACTION_FORM_SAVE || d->form.cur == at(d, C_CONNECT))
		submit(v);
	else
		form_step(&d->form, 1);
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static int setup_recalc(struct view *v, struct err *e)
{
	struct setup_data *d = v->data;

	(void)e;
	form_page_scroll(&d->form, v->rows, v->cols);
	return 0;
}

static const char *hint_now(const struct setup_data *d)
{
	if (d->is_bound_before && d->form.cur == at(d, C_PASSWORD))
		return _("Left empty, the one that is saved stays.");
	return d->form.v[d->form.cur].hint ? _(d->form.v[d->form.cur].hint) : "";
}

static void setup_paint(const struct view *v, const struct draw *d)
{
	const struct setup_data *s = v->data;

	if (s->order.number)
		form_page_paint(&s->form, d, s->profile->title, STYLE_ACCENT,
			order_says(&s->order));
	else if (s->problem[0])
		form_page_paint(&s->form, d, s->profile->title, STYLE_FAILED | STYLE_BOLD,
			s->problem);
	else
		form_page_paint(&s->form, d, s->profile->title, STYLE_DIM, hint_now(s));
}

static bool setup_cursor(const struct view *v, int *row, int *col)
{
	const struct setup_data *d = v->data;

	form_page_cursor(&d->form, v->rows, v->cols, row, col);
	return true;
}

static void setup_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct setup_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", d->crm ? _("Settings of the CRM") : _("Connect a CRM"));
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops crm_setup_view_ops = {
	.name = "crm-setup",
	.where = WHERE_FORM,
	.data_size = sizeof(struct setup_data),
	.hints = hints,
	.open = setup_open,
	.close = setup_close,
	.event = setup_event,
	.key = setup_key,
	.action = setup_action,
	.recalc = setup_recalc,
	.paint = setup_paint,
	.cursor = setup_cursor,
	.title = setup_title,
};
