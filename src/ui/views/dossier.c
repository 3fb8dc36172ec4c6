/* dossier.c - from any screen to the people and deals behind it. */
#include "config.h"

#include "dossier.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/mail/addr.h"
#include "crmail/store/book.h"
#include "ui/ui_core.h"
#include "people_keys.h"
#include "timeline.h"
#include "views.h"

/* A screen that is open already is gone back to: going round does not pile them up. */
static bool go_back_to(struct ui *ui, struct dossier about)
{
	size_t i = ui->n_stack;

	while (i-- > 0) {
		const struct view *v = ui->stack[i];
		const struct dossier *d;

		if (v->ops != &timeline_view_ops)
			continue;
		d = &timeline_data_of(v)->about;
		if (d->of != about.of || d->id != about.id)
			continue;
		while (ui_top(ui) != v)
			ui_pop(ui);
		return true;
	}
	return false;
}

void dossier_show(struct ui *ui, struct dossier about)
{
	if (about.of != TIMELINE_ME && about.id == 0) {
		ui_info(ui, "%s",
			about.of == TIMELINE_PARTNER ? _("No partner is known here.")
						     : _("No contact is known here."));
		return;
	}
	if (!go_back_to(ui, about))
		ui_push(ui, &timeline_view_ops, &about);
}

/* Who is not a contact may be a lead, or become one. */
static void show_contact(struct ui *ui, const struct thread_row *t)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64);
	int64_t lead = t->contact ? 0 : people_lead_of(ui, t->message);

	if (lead) {
		dossier_show(ui, (struct dossier){TIMELINE_LEAD, lead});
	} else if (t->contact || !t->peer_unknown || !ui->has_crm) {
		dossier_show(ui, (struct dossier){TIMELINE_CONTACT, t->contact});
	} else {
		keymap_add_key(&ui->keymap, ACTION_CONTACT_NEW, false, &key);
		/* TRANSLATORS: the placeholder is a key */
		ui_info(ui, _("No contact is known here: %s makes one."), key.p);
	}
}

bool dossier_of_thread(struct ui *ui, enum action act, const struct thread_row *t)
{
	if (act == ACTION_TO_CONTACT)
		show_contact(ui, t);
	else if (act == ACTION_TO_PARTNER)
		dossier_show(ui, (struct dossier){TIMELINE_PARTNER, t->partner});
	return act == ACTION_TO_CONTACT || act == ACTION_TO_PARTNER;
}

struct related {
	int64_t contact, partner;
};

static int read_related(struct ui *ui, struct arena *a, struct dossier about, struct related *out,
	struct err *e)
{
	struct contact_row *c = NULL;
	struct book_row *d = NULL;

	switch (about.of) {
	case TIMELINE_CONTACT:
		if (contact_get(ui->reader, a, about.id, &c, e))
			return -1;
		*out = (struct related){about.id, c ? c->partner : 0};
		return 0;
	case TIMELINE_PARTNER:
		*out = (struct related){0, about.id};
		return 0;
	case TIMELINE_DEAL:
		if (book_get(ui->reader, a, BOOK_DEALS, about.id, &d, e))
			return -1;
		*out = d ? (struct related){d->contact, d->partner} : (struct related){0, 0};
		return 0;
	case TIMELINE_LEAD:
	case TIMELINE_ME:
		*out = (struct related){0, 0};
		return 0;
	}
	return 0;
}

void dossier_show_related(struct ui *ui, struct dossier about, enum timeline_of which)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct related r = {0, 0};
	struct err e = ERR_INIT;

	if (read_related(ui, &a, about, &r, &e)) {
		ui_error(ui, &e);
		return;
	}
	dossier_show(ui,
		(struct dossier){which, which == TIMELINE_CONTACT ? r.contact : r.partner});
}

/* An account whose mail belongs to that CRM; 0 = whichever is the first. */
static int64_t account_of_crm(const struct ui *ui, int64_t crm)
{
	for (size_t i = 0; i < ui->n_accounts; i++)
		if (ui->accounts[i].crm == crm)
			return ui->accounts[i].id;
	return 0;
}

struct recipient {
	const char *name, *addr; /* NULL = not known */
	int64_t crm;
	bool is_somebody;
};

/* The lead, the contact, or the contact behind a deal. */
static int read_recipient(struct ui *ui, struct arena *a, struct dossier about,
	struct recipient *out, struct err *e)
{
	struct related r = {0, 0};
	struct contact_row *c = NULL;
	struct book_row *lead = NULL;

	*out = (struct recipient){.name = NULL};
	if (about.of == TIMELINE_LEAD) {
		if (book_get(ui->reader, a, BOOK_LEADS, about.id, &lead, e))
			return -1;
		if (lead)
			*out = (struct recipient){lead->name, lead->email, lead->crm, true};
		return 0;
	}
	if (read_related(ui, a, about, &r, e) ||
		(r.contact && contact_get(ui->reader, a, r.contact, &c, e)))
		return -1;
	if (c)
		*out = (struct recipient){
			c->name, c->n_emails > 0 ? c->emails[0] : NULL, c->crm, true};
	return 0;
}

void dossier_write(struct ui *ui, struct dossier about)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf to = BUF_INIT(1000);
	struct compose_args args = {.kind = COMPOSE_NEW};
	struct recipient x;
	struct err e = ERR_INIT;

	if (read_recipient(ui, &a, about, &x, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (!x.addr) {
		ui_info(ui, "%s",
			!x.is_somebody ? _("Choose somebody to write to: no contact is known here.")
			: about.of == TIMELINE_LEAD
				? _("The CRM knows no address of this lead.")
				: _("The CRM knows no address of this contact."));
		return;
	}
	if (x.name && strcmp(x.name, x.addr) != 0)
		addr_write(&to, &(const struct addr){.name = x.name, .addr = x.addr});
	else
		buf_addstr(&to, x.addr);
	args.to = to.p;
	args.account = account_of_crm(ui, x.crm);
	compose_open(ui, &args);
}

bool dossier_form(struct ui *ui, enum action act, struct dossier about)
{
	static const struct form_stranger nobody = {.addr = NULL};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct form_context c = {.deal = about.of == TIMELINE_DEAL ? about.id : 0,
		.lead = about.of == TIMELINE_LEAD ? about.id : 0};
	struct related r = {0, 0};
	struct err e = ERR_INIT;

	if (act != ACTION_LOG && act != ACTION_CONTACT_EDIT && act != ACTION_DEAL_EDIT)
		return false;
	if (read_related(ui, &a, about, &r, &e)) {
		ui_error(ui, &e);
		return true;
	}
	c.contact = r.contact;
	c.partner = r.partner;
	people_key(ui, act, &c, &nobody);
	return true;
}

void dossier_open_web(struct ui *ui, struct dossier about)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(4000);
	struct err e = ERR_INIT;

	if (ui->o.hooks.web &&
		ui->o.hooks.web(ui->o.hooks.web_ctx, (int)about.of, about.id, &url, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (url.len == 0) {
		ui_info(ui, "%s", _("This record has no page in the CRM."));
		return;
	}
	if (ui->terminal.open && ui->terminal.open(ui->terminal.ctx, url.p)) {
		ui_info(ui, "%s", _("Opened in the browser."));
		return;
	}
	ui_copy(ui, url.p, url.len);
	ui_info(ui, "%s", _("No browser could be started; the address of the page is copied."));
}
