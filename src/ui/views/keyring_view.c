/*
 * keyring_view.c - unlocking the desktop's keyring, because the person said so: the desktop asks
 * for the password in a window of its own, and this says so above the hints until it is done. And
 * what is to be typed, if anything, before a secret can be reached.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/entry.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/form.h"
#include "ui/ui_core.h"
#include "order.h"
#include "views.h"

#define BOX_LINES 5 /* rule, title, up to three lines of text */

struct keyring_data {
	struct order order;
	char problem[512];
};

static void ask(struct view *v)
{
	struct keyring_data *d = v->data;
	const struct desk_order o = {.kind = DESK_UNLOCK_KEYRING};

	d->problem[0] = '\0';
	if (!order_give(&d->order, v->ui, &o))
		ui_pop(v->ui);
}

static void keyring_close(struct view *v)
{
	struct keyring_data *d = v->data;

	order_stop(&d->order, v->ui);
}

static void keyring_event(struct view *v, const struct event *ev)
{
	struct keyring_data *d = v->data;
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);
	struct desk_answer a;

	view_mark(v, DIRTY_PAINT);
	if (!order_follow(&d->order, v->ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE) {
		text_add(&b, a.error.msg);
		memcpy(d->problem, b.p, b.len + 1);
		return;
	}
	ui_info(v->ui, "%s", _("The keyring is open."));
	if (ui_top(v->ui) == v)
		ui_pop(v->ui);
}

static enum view_result keyring_key(struct view *v, const struct key *k)
{
	(void)v;
	return key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
}

static enum view_result keyring_action(struct view *v, enum action act)
{
	struct keyring_data *d = v->data;

	view_mark(v, DIRTY_PAINT);
	if (act == ACTION_FORM_BACK) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE)
		return VIEW_IGNORED;
	if (!d->order.number)
		ask(v);
	return VIEW_HANDLED;
}

static void keyring_paint(const struct view *v, const struct draw *d)
{
	const struct keyring_data *k = v->data;
	int top = v->rows > BOX_LINES ? v->rows - BOX_LINES : 0, row = 2;
	struct draw box = draw_part(d, top, 0, BOX_LINES, d->cols);

	draw_fill(&box, 0, 0, box.rows, box.cols, STYLE_NORMAL);
	draw_hrule(&box, 0, 0, box.cols, STYLE_DIM);
	draw_text(&box, 1, 2, box.cols - 3, STYLE_BOLD, _("Keyring of the desktop"));
	if (!k->problem[0]) {
		form_paint_text(&box, row, STYLE_ACCENT,
			_("The desktop asks for its password in a window of its own… Esc stops."));
		return;
	}
	row = form_paint_text(&box, row, STYLE_FAILED | STYLE_BOLD, k->problem);
	form_paint_text(&box, row, STYLE_DIM, _("Enter asks once more."));
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops keyring_view_ops = {
	.name = "keyring",
	.where = WHERE_FORM,
	.is_overlay = true,
	.data_size = sizeof(struct keyring_data),
	.hints = hints,
	.close = keyring_close,
	.event = keyring_event,
	.key = keyring_key,
	.action = keyring_action,
	.paint = keyring_paint,
};

void keyring_unlock(struct ui *ui)
{
	ui_push(ui, &keyring_view_ops, NULL);
	if (ui_top(ui)->ops == &keyring_view_ops)
		ask(ui_top(ui));
}

enum desk_keyring keyring_state(const struct ui *ui)
{
	const struct ui_hooks *h = &ui->o.hooks;

	return h->keyring ? h->keyring(h->desk) : DESK_KEYRING_NONE;
}

static bool is_in_keyring(const struct ui *ui, const char *entry)
{
	const struct ui_hooks *h = &ui->o.hooks;

	if (entry) /* where no keyring runs any more, the next one goes into the file */
		return entry_is_in_keyring(entry) && keyring_state(ui) != DESK_KEYRING_NONE;
	return h->saves_in_keyring && h->saves_in_keyring(h->desk);
}

enum desk_secrets keyring_or_file(const struct ui *ui, const char *entry)
{
	const struct ui_hooks *h = &ui->o.hooks;

	if (is_in_keyring(ui, entry) || !h->secrets)
		return DESK_SECRETS_OPEN;
	return h->secrets(h->desk);
}
