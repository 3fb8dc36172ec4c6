/* people_keys.c - see people_keys.h. The forms themselves are in their own files. */
#include "config.h"

#include "people_keys.h"

#include <stdlib.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"

static void add_party(struct form_context *c, const struct party *p)
{
	if (!p->contact || p->contact == c->contact)
		return;
	for (size_t i = 0; i < c->n_others; i++)
		if (c->others[i] == p->contact)
			return;
	if (!c->contact)
		c->contact = p->contact;
	else if (c->n_others < FORM_OTHERS_MOST)
		c->others[c->n_others++] = p->contact;
}

void people_of_message(const struct message_row *m, struct form_context *c,
	struct form_stranger *stranger)
{
	const struct party *peer = m->is_own ? (m->n_to > 0 ? &m->to[0] : NULL) : &m->from;

	c->account = m->account;
	*stranger = (struct form_stranger){.account = m->account};
	if (peer && !peer->contact)
		*stranger = (struct form_stranger){m->account, m->id, peer->name, peer->addr};
	if (peer)
		add_party(c, peer);
	add_party(c, &m->from);
	for (size_t i = 0; i < m->n_to; i++)
		add_party(c, &m->to[i]);
	for (size_t i = 0; i < m->n_cc; i++)
		add_party(c, &m->cc[i]);
}

int64_t people_lead_of(struct ui *ui, int64_t message)
{
	struct err e = ERR_INIT;
	int64_t lead = 0;

	if (lead_of_message(ui->reader, message, &lead, &e))
		ui_error(ui, &e);
	return lead;
}

static void deal_chosen(struct ui *ui, int64_t id, void *ctx)
{
	(void)ctx;
	form_deal_edit_open(ui, id);
}

/* One deal at once; of several, those that are open first, one is chosen. */
static void edit_deal(struct ui *ui, const struct form_context *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct picker_args pick = {.title = _("Deal"), .chosen = deal_chosen};
	struct contact_row *who = NULL;
	struct deal_row *v = NULL;
	int64_t partner = c->partner;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (c->deal) {
		form_deal_edit_open(ui, c->deal);
		return;
	}
	if (c->contact && !contact_get(ui->reader, &a, c->contact, &who, &e) && who)
		partner = who->partner;
	if ((c->contact || partner) && deals_of(ui->reader, &a, c->contact, partner, &v, &n, &e))
		ui_error(ui, &e);
	if (n == 0) {
		ui_info(ui, "%s", _("There is no deal with them."));
		return;
	}
	if (n == 1) {
		form_deal_edit_open(ui, v[0].id);
		return;
	}
	pick.n = n;
	pick.items = xcalloc(n, sizeof(*pick.items));
	for (size_t i = 0; i < n; i++)
		pick.items[i] = (struct picker_item){xstrdup(v[i].name ? v[i].name : "?"), v[i].id};
	ui_push(ui, &picker_view_ops, &pick);
}

/* With the name of the key that does what the sentence says. */
static void say_key(struct ui *ui, const char *sentence, enum action act)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64);

	keymap_add_key(&ui->keymap, act, false, &key);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ui_info(ui, sentence, key.p);
#pragma GCC diagnostic pop
}

enum view_result people_key(struct ui *ui, enum action act, const struct form_context *c,
	const struct form_stranger *stranger)
{
	switch ((int)act) {
	case ACTION_LOG:
		if (ui->has_crm && !c->contact && !c->partner && !c->deal && !c->lead)
			/* TRANSLATORS: the placeholder is a key */
			say_key(ui, _("Nobody here is in the CRM: %s makes a contact."),
				ACTION_CONTACT_NEW);
		else
			form_log_open(ui, c);
		return VIEW_HANDLED;
	case ACTION_CONTACT_NEW:
		if (stranger->addr)
			form_contact_new_open(ui, stranger);
		else
			/* TRANSLATORS: the placeholder is a key */
			say_key(ui, _("The CRM knows them already; %s changes the contact."),
				ACTION_CONTACT_EDIT);
		return VIEW_HANDLED;
	case ACTION_CONTACT_EDIT:
		if (c->contact)
			form_contact_edit_open(ui, c->contact);
		else if (!stranger->addr)
			ui_info(ui, "%s", _("There is no contact here."));
		else
			/* TRANSLATORS: the placeholder is a key */
			say_key(ui, _("No contact here; %s makes one of the sender."),
				ACTION_CONTACT_NEW);
		return VIEW_HANDLED;
	case ACTION_DEAL_EDIT:
		edit_deal(ui, c);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}
