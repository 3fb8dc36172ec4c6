/*
 * thread_panel.c - the CRM panel of a conversation with the keyboard: its timeline is walked and
 * opened in place.
 */
#include "config.h"

#include "crmail/base/str.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "thread.h"
#include "timeline.h"

#define PANEL_PAGE 10

/* Ids of the command line's timelines: a letter, and the row in digits. */
static int64_t row_of(const struct timeline_entry *x)
{
	const char *digits = x->id + 1;
	int64_t id = 0;

	while (*digits == '0' && digits[1])
		digits++;
	return str_to_i64(digits, 0, INT64_MAX, &id) ? id : 0;
}

static void open_entry(struct view *v, const struct timeline_entry *x)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_args t = {
		.thread = x->thread, .message = x->message, .list = {.kind = LIST_ALL}};
	struct timeline_text_args text = {.activity = row_of(x)};

	if (!x->message) {
		ui_push(v->ui, &timeline_text_view_ops, &text);
		return;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].row->id != x->message)
			continue;
		d->has_panel_focus = d->has_panel_shown = false;
		thread_show_message(v, i);
		return;
	}
	ui_push(v->ui, &thread_view_ops, &t);
}

bool thread_panel_focus(struct view *v)
{
	struct thread_data *d = thread_data_of(v);

	d->has_panel_shown = v->cols < PANEL_MIN_COLS;
	d->has_panel_focus = d->card.n_entries > 0;
	d->panel_sel = 0;
	return d->has_panel_focus;
}

enum view_result thread_panel_action(struct view *v, enum action act)
{
	struct thread_data *d = thread_data_of(v);
	struct motion m = {.n = d->card.n_entries, .sel = d->panel_sel};

	if (!d->has_panel_focus)
		return VIEW_IGNORED;
	if (motion_move(&m, act, PANEL_PAGE)) {
		d->panel_sel = m.sel;
		return VIEW_HANDLED;
	}
	switch ((int)act) {
	case ACTION_OPEN:
		if (d->panel_sel < d->card.n_entries)
			open_entry(v, &d->card.entries[d->panel_sel]);
		return VIEW_HANDLED;
	case ACTION_NEXT_PANE:
	case ACTION_BACK:
		d->has_panel_focus = d->has_panel_shown = false;
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}
