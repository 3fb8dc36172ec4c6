/* order.c - what views do with orders about accounts; the work itself is beyond the hooks. */
#include "config.h"

#include "order.h"

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"

bool order_give(struct order *o, struct ui *ui, const struct desk_order *what)
{
	const struct ui_hooks *h = &ui->o.hooks;

	*o = (struct order){.number = h->order ? h->order(h->desk, what) : 0};
	if (!o->number)
		ui_info(ui, "%s",
			h->order ? _("Too much is being done to accounts: wait a moment.")
				 : _("Accounts cannot be changed in this session."));
	return o->number != 0;
}

bool order_follow(struct order *o, struct ui *ui, const struct event *ev, struct desk_answer *out)
{
	const struct ui_hooks *h = &ui->o.hooks;

	if (!o->number || (ev->type != EV_REPLY && ev->type != EV_PROGRESS))
		return false;
	if (!h->look(h->desk, o->number, out)) { /* others pushed it out: it happened */
		o->number = 0;
		*out = (struct desk_answer){.step = DESK_DONE, .field = DESK_NO_FIELD};
		return true;
	}
	o->step = out->step;
	if (out->step != DESK_DONE)
		return false;
	o->number = 0;
	return true;
}

void order_stop(struct order *o, struct ui *ui)
{
	if (o->number)
		ui->o.hooks.withdraw(ui->o.hooks.desk, o->number);
	o->number = 0;
}

const char *order_says(const struct order *o)
{
	switch (o->step) {
	case DESK_WAITING:
		return _("Waiting for other work on accounts… Esc stops.");
	case DESK_READING:
		return _("Testing reading: connecting and signing in… Esc stops.");
	case DESK_SENDING:
		return _("Reading works. Testing sending… Esc stops.");
	case DESK_JOINING:
		return _("Asking the relay… Esc stops.");
	case DESK_BROWSING:
		return _("Waiting for you to sign in… Esc stops.");
	case DESK_SIGNING_IN:
		return _("Signing in to the CRM… Esc stops.");
	case DESK_PULLING:
		return _("Signed in. Reading a page of its contacts… Esc stops.");
	case DESK_SAVING:
	case DESK_DONE:
		break;
	}
	return _("One moment…"); /* files of this computer, a passphrase */
}
