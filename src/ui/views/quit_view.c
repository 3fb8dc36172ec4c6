/*
 * quit_view.c - leaving while mail waits to be sent: send it now, keep it, or take it back [R26].
 * Sending now waits on the screen, and says what is in the way.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "question.h"
#include "views.h"

#define LINE_MAX_BYTES 400

struct quit_data {
	struct arena arena;
	struct outbox_row *rows;
	size_t n;
	size_t n_waiting;    /* would be sent by itself */
	const char *problem; /* why one of them is not; NULL = none */
	bool is_sending;
	size_t n_failed, n_failed_before; /* refused or in doubt: now, and before we sent */
};

/* Mail that somebody put on hold or planned for later waits for that and not for us. */
static bool is_waiting(const struct outbox_row *r)
{
	switch (r->state) {
	case OUTBOX_HELD:
	case OUTBOX_QUEUED:
		return r->not_before != OUTBOX_HELD_FOREVER;
	case OUTBOX_CONNECTING:
	case OUTBOX_HANDED:
		return true;
	case OUTBOX_DRAFT:
	case OUTBOX_SCHEDULED:
	case OUTBOX_SENT:
	case OUTBOX_REFUSED:
	case OUTBOX_UNKNOWN:
	case OUTBOX_CANCELLED:
		return false;
	}
	return false;
}

static int read_outbox(struct view *v, struct err *e)
{
	struct quit_data *d = v->data;

	arena_reset(&d->arena);
	d->n_waiting = d->n_failed = 0;
	d->problem = NULL;
	if (outbox_list(v->ui->reader, &d->arena, &d->rows, &d->n, e))
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		d->n_failed +=
			d->rows[i].state == OUTBOX_REFUSED || d->rows[i].state == OUTBOX_UNKNOWN;
		if (!is_waiting(&d->rows[i]))
			continue;
		d->n_waiting++;
		if (d->rows[i].error)
			d->problem = d->rows[i].error;
	}
	return 0;
}

static int quit_open(struct view *v, const void *args, struct err *e)
{
	struct quit_data *d = v->data;

	(void)args;
	d->arena = ARENA_INIT;
	return read_outbox(v, e);
}

static void quit_close(struct view *v)
{
	arena_release(&((struct quit_data *)v->data)->arena);
}

static int quit_recalc(struct view *v, struct err *e)
{
	struct quit_data *d = v->data;

	if (read_outbox(v, e))
		return -1;
	if (!d->is_sending || d->n_waiting > 0)
		return 0;
	if (d->n_failed > d->n_failed_before)
		v->wake_at_ms = ui_now_ms(v->ui); /* this is no place to leave the screen from */
	else
		v->ui->is_quitting = true;
	return 0;
}

/* Something went wrong with what was to be sent before leaving: the user has to know. */
static void quit_wake(struct view *v)
{
	struct ui *ui = v->ui;

	ui_pop(ui);
	ui_do(ui, ACTION_GO_OUTBOX);
	ui_info(ui, "%s", _("Not everything was sent. Enter says what can be done, Q leaves."));
}

static void quit_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_OUTBOX || ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

static void act_on_all(struct view *v, enum outbox_act act)
{
	struct quit_data *d = v->data;

	for (size_t i = 0; i < d->n; i++) {
		bool is_on_its_way =
			d->rows[i].state == OUTBOX_HANDED ||
			(d->rows[i].state == OUTBOX_CONNECTING && act == OUTBOX_SEND_NOW);

		if (is_waiting(&d->rows[i]) && !is_on_its_way)
			outbox_act(v->ui->o.store, d->rows[i].id, act);
	}
	ui_kick(v->ui, 0);
}

static enum view_result quit_key(struct view *v, const struct key *k)
{
	struct quit_data *d = v->data;
	struct ui *ui = v->ui;

	if (k->code == UKEY_ESC) {
		ui_pop(ui);
	} else if (k->mods == 0 && k->code == 's') {
		d->is_sending = true;
		d->n_failed_before = d->n_failed;
		act_on_all(v, OUTBOX_SEND_NOW);
		view_mark(v, DIRTY_RECALC);
	} else if (k->mods == 0 && k->code == 'k') {
		ui->is_quitting = true;
	} else if (k->mods == 0 && k->code == 'd') {
		act_on_all(v, OUTBOX_TAKE_BACK);
		ui->is_quitting = true;
	}
	return VIEW_HANDLED;
}

static void quit_paint(const struct view *v, const struct draw *d)
{
	const struct quit_data *q = v->data;
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	const struct question_choice choices[] = {
		{'s', q->is_sending ? _("try again now") : _("send now, then leave"), 0},
		{'k', _("keep: it is sent when crmail runs again"), 0},
		{'d', _("do not send: it becomes a draft again"), 0},
	};
	size_t first = q->is_sending && !q->problem ? 1 : 0;

	if (q->is_sending)
		buf_addf(&line,
			ngettext("Sending %d mail, then leaving.",
				"Sending %d mails, then leaving.", (unsigned long)q->n_waiting),
			(int)q->n_waiting);
	else
		buf_addf(&line,
			ngettext("%d mail has not been sent yet.",
				"%d mails have not been sent yet.", (unsigned long)q->n_waiting),
			(int)q->n_waiting);
	question_paint(d, line.p, q->problem, choices + first, ARRAY_SIZE(choices) - first,
		_("stay"));
}

static const enum action hints[] = {ACTION_NONE};

static const struct view_ops quit_view_ops = {
	.name = "quit",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct quit_data),
	.hints = hints,
	.open = quit_open,
	.close = quit_close,
	.event = quit_event,
	.key = quit_key,
	.wake = quit_wake,
	.recalc = quit_recalc,
	.paint = quit_paint,
};

void quit_ask(struct ui *ui)
{
	const struct ui_hooks *h = &ui->o.hooks;
	struct view *v;

	if (!h->kick || (h->is_shared && h->is_shared(h->ctx))) { /* others go on sending */
		ui->is_quitting = true;
		return;
	}
	v = ui_push(ui, &quit_view_ops, NULL);
	if (!v || ((struct quit_data *)v->data)->n_waiting == 0)
		ui->is_quitting = true;
}
