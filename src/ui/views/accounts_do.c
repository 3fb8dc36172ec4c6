/* accounts_do.c - what keys do to the account or CRM under the cursor. */
#include "config.h"

#include "accounts.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "views.h"

static const char *left_words(enum desk_left left)
{
	switch (left) {
	case DESK_LEFT_NOTHING:
		break;
	case DESK_LEFT_UNTIL_UNLOCKED:
		return _("Removed; still signed in at the provider until unlocked, or ended there "
			 "at apps.");
	case DESK_LEFT_PASSWORD:
		return _("Removed. Its saved password is forgotten when that is unlocked next.");
	case DESK_LEFT_AT_PROVIDER:
		return _("Removed. Still signed in at the provider: end that there, at connected "
			 "apps.");
	case DESK_LEFT_KEY:
		return _("Removed. The saved key of its relay stays: it is locked.");
	}
	return NULL;
}

static const char *done_words(enum desk_kind kind)
{
	switch ((int)kind) {
	case DESK_PAUSE:
		return _("Paused: nothing is fetched or sent until p is pressed again.");
	case DESK_RESUME:
		return _("Going on.");
	case DESK_DETACH:
		return _("The account is removed; its mail stays to be read.");
	case DESK_REMOVE:
		return _("The account and its mail are removed from this computer.");
	default:
		return crms_done_words(kind);
	}
}

const char *accounts_done_words(const struct accounts_data *d, const struct desk_answer *a)
{
	const char *left = left_words(a->left);

	return left ? left : done_words(d->kind);
}

static void give(struct view *v, enum desk_kind kind, int64_t account)
{
	struct accounts_data *d = v->data;
	const struct desk_order o = {.kind = kind, .account = account};

	d->kind = kind;
	order_give(&d->order, v->ui, &o);
}

static void give_crm(struct view *v, enum desk_kind kind, int64_t crm)
{
	struct accounts_data *d = v->data;
	const struct desk_order o = {.kind = kind, .crm = crm};

	d->kind = kind;
	order_give(&d->order, v->ui, &o);
}

struct removal {
	int64_t account;
};

static void removal_chosen(struct ui *ui, int64_t kind, void *ctx)
{
	const struct removal *r = ctx;
	struct view *v = ui_top(ui);

	if (kind == DESK_UNLOCK)
		secret_ask_passphrase(ui);
	else if (kind && v->ops == &accounts_view_ops)
		give(v, (enum desk_kind)kind, r->account);
}

static void add_item(struct picker_args *p, int64_t id, const char *label)
{
	p->items[p->n++] = (struct picker_item){xstrdup(label), id};
}

/* Keeping comes first, so that Enter alone loses nothing; what would be lost is said with it. */
static void add_choices(struct picker_args *p, const struct account_row *a, const struct counts *c)
{
	CLEANUP(buf_release) struct buf keep = BUF_INIT(256);

	text_add(&keep, _("keep the account"));
	if (c->ops > 0)
		buf_addf(&keep,
			ngettext(" (%lld change has not reached the server)",
				" (%lld changes have not reached the server)",
				(unsigned long)c->ops),
			(long long)c->ops);
	p->items = xcalloc(4, sizeof(*p->items));
	add_item(p, 0, keep.p);
	if (c->is_grant && c->is_locked)
		add_item(p, DESK_UNLOCK,
			_("open the saved passwords first: then its sign-in is taken back, too"));
	if (strcmp(a->kind, "import") != 0)
		add_item(p, DESK_DETACH, _("remove it; its mail stays here to be read"));
	add_item(p, DESK_REMOVE,
		strcmp(a->kind, "import") != 0
			? _("remove it with its mail here; the server keeps its own")
			: _("remove it with its mail"));
}

static void ask_removal(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	const struct counts *c = &d->counts[d->sel];
	CLEANUP(buf_release) struct buf title = BUF_INIT(512);
	struct picker_args p = {.chosen = removal_chosen};
	struct removal *r;

	if (c->unsent > 0) {
		ui_info(v->ui,
			ngettext("%lld mail or draft was not sent: send it or throw it away first "
				 "(g o, g d).",
				"%lld mails and drafts were not sent: send them or throw them away "
				"first (g o, g d).",
				(unsigned long)c->unsent),
			(long long)c->unsent);
		return;
	}
	text_add(&title, _("Remove"));
	text_add(&title, " ");
	text_add(&title, a->name);
	r = xcalloc(1, sizeof(*r));
	r->account = a->id;
	p.title = title.p;
	p.ctx = r;
	add_choices(&p, a, c);
	ui_push(v->ui, &picker_view_ops, &p);
}

static void sign_in_at_provider(struct view *v, const struct account_row *a)
{
	CLEANUP(buf_release) struct buf title = BUF_INIT(256);
	struct sign_in_args args = {.order = {.kind = DESK_SIGN_IN, .account = a->id}};

	text_add(&title, _("Sign in again: "));
	text_add(&title, a->name);
	args.title = title.p;
	ui_push(v->ui, &sign_in_view_ops, &args);
}

static void sign_in(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	CLEANUP(buf_release) struct buf title = BUF_INIT(256);
	struct secret_args args = {.account = a->id};

	if (d->counts[d->sel].is_grant) {
		sign_in_at_provider(v, a);
		return;
	}
	if (strcmp(a->kind, "imap") != 0) {
		ui_info(v->ui, "%s", _("This account has no password."));
		return;
	}
	text_add(&title, _("New password for "));
	text_add(&title, a->name);
	args.title = title.p;
	ui_push(v->ui, &secret_view_ops, &args);
}

static void sync_one(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	struct ui *ui = v->ui;

	if (strcmp(a->kind, "import") == 0) {
		ui_info(ui, "%s", _("This account has no server."));
		return;
	}
	if (a->status == ACCOUNT_PAUSED) {
		ui_info(ui, "%s", _("The account is paused: p lets it go on."));
		return;
	}
	if (ui->o.hooks.sync_now)
		ui->o.hooks.sync_now(ui->o.hooks.ctx, a->id);
	ui_info(ui, "%s",
		ui->o.hooks.sync_now ? _("Looking for new mail.")
				     : _("No server is connected in this session."));
}

static void open_relay(struct view *v, const struct account_row *a)
{
	if (strcmp(a->kind, "import") == 0)
		ui_info(v->ui, "%s", _("This account has no server."));
	else
		ui_push(v->ui, &relay_view_ops, &a->id);
}

enum view_result accounts_do(struct view *v, enum action act)
{
	struct accounts_data *d = v->data;
	const struct account_row *a = d->sel < d->n ? &d->v[d->sel] : NULL;

	if (accounts_crm(d))
		return crms_action(v, accounts_crm(d), act, give_crm);
	if (!a)
		return VIEW_IGNORED;
	switch ((int)act) {
	case ACTION_CRM_EDIT:
	case ACTION_CRM_LOGGING:
		ui_info(v->ui, "%s", _("That is for CRMs: C connects one."));
		return VIEW_HANDLED;
	case ACTION_SYNC:
		sync_one(v);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_PAUSE:
		give(v, a->status == ACCOUNT_PAUSED ? DESK_RESUME : DESK_PAUSE, a->id);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_SIGN_IN:
		sign_in(v);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_RELAY:
		open_relay(v, a);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_REMOVE:
		ask_removal(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* The password of what is under the cursor. */
static bool is_in_keyring(const struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct crm_line *crm = accounts_crm(d);

	return crm ? crm->in_keyring : d->sel < d->n && d->counts[d->sel].in_keyring;
}

void accounts_unlock(struct view *v)
{
	const struct ui_hooks *h = &v->ui->o.hooks;

	if (is_in_keyring(v))
		keyring_unlock(v->ui);
	else if (h->secrets && h->secrets(h->desk) != DESK_SECRETS_NONE)
		secret_ask_passphrase(
			v->ui); /* open here, they may be locked where mail is fetched */
	else
		ui_info(v->ui, "%s", _("No password is saved."));
}
