/*
 * compose_leave.c - leaving the text: the screen closes once what was written is on the disk, and
 * stays with every word when it could not be.
 */
#include "config.h"

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "compose.h"

/* It is all here still: another try sends or saves it, and leaving once more leaves it. */
static void stay(struct view *v, const struct err *why)
{
	struct compose_data *d = compose_data_of(v);

	d->is_closing = d->is_sent = d->is_leaving = d->has_sheet = false;
	d->is_changed = d->was_kept_back = true;
	compose_drop_held(d);
	ui_error(v->ui, why);
	view_mark(v, DIRTY_RECALC);
}

static void close_now(struct view *v, bool is_saved)
{
	struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;
	struct key typed[COMPOSE_HELD_MAX];
	size_t n = compose_take_held(d, typed);

	if (d->is_sent)
		compose_tell_sent(v);
	else if (is_saved)
		ui_info(ui, "%s", _("Draft saved: g d shows the drafts."));
	ui_pop(ui);
	compose_do_keys(ui, typed, n);
}

void compose_close_when_written(struct view *v)
{
	struct compose_data *d = compose_data_of(v);

	if (d->ticket)
		d->is_closing = true;
	else
		close_now(v, false);
}

/* A question above, like that of a terminal that went away, is answered first. */
void compose_event(struct view *v, const struct event *ev)
{
	struct compose_data *d = compose_data_of(v);

	if (!d->is_closing || ev->type != EV_COMMIT || ev->arg < d->ticket)
		return;
	d->is_through = true;
	if (ui_top(v->ui) == v)
		compose_resume(v);
}

void compose_resume(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct err e = ERR_INIT;

	if (!d->is_closing || !d->is_through)
		return;
	d->is_through = false;
	if (store_ticket_error(v->ui->o.store, d->ticket, &e))
		stay(v, &e);
	else
		close_now(v, true);
}

void compose_leave(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	bool is_text_new = d->is_changed;

	if (!d->was_kept_back && compose_has_unsaved(d) && !compose_is_safe(v)) {
		d->was_kept_back = true;
		return;
	}
	if (!is_text_new || d->was_kept_back || compose_is_empty(d)) {
		ui_pop(v->ui); /* closing saves what is to be saved */
		return;
	}
	d->is_leaving = true;
	d->ticket = 0;
	compose_keep(v);
	compose_close_when_written(v);
}
