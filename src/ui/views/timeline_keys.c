/* timeline_keys.c - what keys do in a timeline: open in place, write, hide, go to the people. */
#include "config.h"

#include "timeline.h"

#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "views.h"

static const struct timeline_item *current(const struct view *v)
{
	return window_current(&timeline_data_of(v)->rows);
}

/* The next conversation in that direction; entries that are none are passed over. */
static const struct thread_row *step(struct view *v, int by)
{
	struct timeline_data *d = timeline_data_of(v);
	struct err e = ERR_INIT;

	for (;;) {
		size_t before = d->rows.sel;
		const struct timeline_item *x;

		window_move(&d->rows, by < 0 ? ACTION_UP : ACTION_DOWN, 1, &e);
		if (d->rows.sel == before || window_fill(&d->rows, timeline_height(v), &e)) {
			ui_error(v->ui, &e);
			return NULL;
		}
		x = current(v);
		if (x && x->thread) {
			d->stepped =
				(struct thread_row){.thread = x->thread, .message = x->message};
			return &d->stepped;
		}
	}
}

static void open_entry(struct view *v, const struct timeline_item *x)
{
	struct thread_args t = {.source = {v, step}, .list = {.kind = LIST_ALL}};
	struct timeline_text_args text = {.activity = x->activity};

	if (x->thread) {
		t.thread = x->thread;
		t.message = x->message;
		ui_push(v->ui, &thread_view_ops, &t);
	} else {
		ui_push(v->ui, &timeline_text_view_ops, &text);
	}
}

static void hide(struct view *v, const struct timeline_item *x)
{
	struct timeline_data *d = timeline_data_of(v);

	if (!x->thread) {
		ui_info(v->ui, "%s", _("Only mail can be hidden from timelines."));
	} else if (d->filter.is_hidden) {
		timeline_unhide(v->ui->o.store, x->thread);
		d->hidden = 0;
		ui_info(v->ui, "%s", _("Shown in timelines again."));
	} else {
		timeline_hide(v->ui->o.store, x->thread, &d->hidden);
		ui_info(v->ui, "%s",
			_("Hidden from timelines; its folders keep it. z shows it again."));
	}
	d->wants_reload = true;
}

static enum view_result undo(struct view *v)
{
	struct timeline_data *d = timeline_data_of(v);

	if (!d->hidden)
		return VIEW_IGNORED;
	timeline_hide_undo(v->ui->o.store, d->hidden);
	d->hidden = 0;
	d->wants_reload = true;
	ui_info(v->ui, "%s", _("Shown in timelines again."));
	return VIEW_HANDLED;
}

/* The screen's contact, else that of the entry under the cursor. */
static struct dossier contact_about(const struct view *v)
{
	const struct timeline_item *x = current(v);
	struct dossier about = timeline_data_of(v)->about;

	if ((about.of == TIMELINE_PARTNER || about.of == TIMELINE_ME) && x && x->contact)
		about = (struct dossier){TIMELINE_CONTACT, x->contact};
	return about;
}

/* Of the screen; where that is nobody's, of the entry under the cursor. */
static struct dossier form_about(const struct view *v)
{
	struct dossier about = timeline_data_of(v)->about;

	return about.of == TIMELINE_ME ? contact_about(v) : about;
}

static void to_related(struct view *v, enum timeline_of which)
{
	const struct timeline_data *d = timeline_data_of(v);
	const struct timeline_item *x = current(v);
	struct dossier about = d->about;

	if (about.of == which)
		return;
	if (x && (about.of == TIMELINE_ME || about.of == TIMELINE_PARTNER))
		dossier_show(v->ui, (struct dossier){which,
					    which == TIMELINE_CONTACT ? x->contact : x->partner});
	else
		dossier_show_related(v->ui, about, which);
}

static enum view_result on_entry(struct view *v, enum action act)
{
	const struct timeline_item *x = current(v);

	if (!x)
		return VIEW_IGNORED;
	if (act == ACTION_OPEN)
		open_entry(v, x);
	else
		hide(v, x);
	return VIEW_HANDLED;
}

enum view_result timeline_action(struct view *v, enum action act)
{
	struct timeline_data *d = timeline_data_of(v);
	struct err e = ERR_INIT;

	view_mark(v, DIRTY_RECALC);
	if (window_move(&d->rows, act, timeline_height(v), &e)) {
		ui_error(v->ui, &e);
		return VIEW_HANDLED;
	}
	switch ((int)act) {
	case ACTION_OPEN:
	case ACTION_HIDE:
		return on_entry(v, act);
	case ACTION_UNDO:
		return undo(v);
	case ACTION_COMPOSE:
		dossier_write(v->ui, contact_about(v));
		return VIEW_HANDLED;
	case ACTION_FILTER:
		ui_push(v->ui, &timeline_filter_view_ops, NULL);
		return VIEW_HANDLED;
	case ACTION_OPEN_WEB:
		dossier_open_web(v->ui, d->about);
		return VIEW_HANDLED;
	case ACTION_TO_CONTACT:
		to_related(v, TIMELINE_CONTACT);
		return VIEW_HANDLED;
	case ACTION_TO_PARTNER:
		to_related(v, TIMELINE_PARTNER);
		return VIEW_HANDLED;
	default:
		return dossier_form(v->ui, act, form_about(v)) ? VIEW_HANDLED : VIEW_IGNORED;
	}
}
