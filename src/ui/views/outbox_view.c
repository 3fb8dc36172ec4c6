/*
 * outbox_view.c - mail that waits to be sent, failed or was just sent; or only the drafts: which
 * rows there are and what the user does to them. Painted by outbox_paint.c.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/draft.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "outbox.h"
#include "question.h"
#include "views.h"

#define QUESTION_BYTES 400

static void outbox_close(struct view *v)
{
	arena_release(&((struct outbox_data *)v->data)->arena);
}

static bool is_shown(const struct outbox_data *d, const struct outbox_row *r)
{
	if (d->only_drafts)
		return r->state == OUTBOX_DRAFT;
	return r->state != OUTBOX_DRAFT && r->state != OUTBOX_CANCELLED;
}

static int outbox_recalc(struct view *v, struct err *e)
{
	struct outbox_data *d = v->data;
	size_t n = 0;

	arena_reset(&d->arena);
	d->all = NULL;
	d->n = d->n_theirs = 0;
	if (outbox_list(v->ui->reader, &d->arena, &d->all, &n, e))
		return -1;
	d->v = arena_array(&d->arena, n + 1, sizeof(struct outbox_row *));
	for (size_t i = 0; i < n; i++)
		if (is_shown(d, &d->all[i]))
			d->v[d->n++] = &d->all[i];
	if (d->only_drafts && draft_list(v->ui->reader, &d->arena, &d->theirs, &d->n_theirs, e))
		return -1;
	d->rows.n = d->n + d->n_theirs;
	motion_settle(&d->rows, (size_t)outbox_list_rows(v->rows));
	return 0;
}

/* Read at once: keys typed ahead find the rows. */
static int outbox_open(struct view *v, const void *args, struct err *e)
{
	struct outbox_data *d = v->data;

	(void)args;
	d->only_drafts = v->ops == &drafts_view_ops;
	d->arena = ARENA_INIT;
	return outbox_recalc(v, e);
}

static void outbox_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_OUTBOX || ev->type == EV_COMMIT || ev->type == EV_MESSAGES)
		view_mark(v, DIRTY_RECALC);
}

static void outbox_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

/* What is decided here is no longer what `z` takes back. */
static void act_on(struct ui *ui, int64_t id, enum outbox_act act)
{
	outbox_act(ui->o.store, id, act);
	ui_kick(ui, 0);
	if (ui->undo.outbox == id)
		ui->undo = (struct ui_undo){.group = 0};
}

static void chosen(struct ui *ui, int64_t act, int64_t id)
{
	act_on(ui, id, (enum outbox_act)act);
	if (act == OUTBOX_TAKE_BACK)
		compose_open_draft(ui, id);
}

/* What may be done with a mail in that state, for the keys of the question; 0 = nothing. */
static size_t choices_of(const struct outbox_row *r, struct question_choice *v)
{
	const struct question_choice edit = {
		'e', _("take it back and edit it as a draft"), OUTBOX_TAKE_BACK};
	size_t n = 0;

	switch (r->state) {
	case OUTBOX_HELD:
	case OUTBOX_SCHEDULED:
	case OUTBOX_QUEUED:
		v[n++] = (struct question_choice){'s', _("send it now"), OUTBOX_SEND_NOW};
		if (r->not_before != OUTBOX_HELD_FOREVER)
			v[n++] = (struct question_choice){
				'h', _("hold it until you say so"), OUTBOX_HOLD};
		v[n++] = edit;
		return n;
	case OUTBOX_REFUSED:
		v[n++] = (struct question_choice){'s', _("send it again"), OUTBOX_SEND_NOW};
		v[n++] = edit;
		return n;
	case OUTBOX_UNKNOWN:
		v[n++] = (struct question_choice){
			'y', _("yes, it was: file the copy in Sent"), OUTBOX_WAS_SENT};
		v[n++] = (struct question_choice){
			'n', _("no, it was not: send it once more"), OUTBOX_WAS_NOT_SENT};
		return n;
	case OUTBOX_CONNECTING:
	case OUTBOX_HANDED:
	case OUTBOX_DRAFT:
	case OUTBOX_SENT:
	case OUTBOX_CANCELLED:
		return 0;
	}
	return 0;
}

static void ask_about(struct ui *ui, const struct outbox_row *r)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(QUESTION_BYTES);
	struct question_args a = {.detail = r->error, .chosen = chosen, .about = r->id};
	const char *subject = r->subject && *r->subject ? r->subject : _("(no subject)");

	a.n = choices_of(r, a.choices);
	if (a.n == 0) {
		ui_info(ui, "%s",
			r->error                  ? r->error
			: r->state == OUTBOX_SENT ? _("It has been sent.")
						  : _("It is on its way."));
		return;
	}
	/* TRANSLATORS: the placeholder is the subject of a mail */
	text_add(&line, r->state == OUTBOX_UNKNOWN ? _("Was it sent?") : _("What now?"));
	text_add(&line, "  ");
	text_add(&line, subject);
	a.question = line.p;
	question_ask(ui, &a);
}

static void cancel(struct ui *ui, const struct outbox_row *r)
{
	switch (r->state) {
	case OUTBOX_HELD:
	case OUTBOX_SCHEDULED:
	case OUTBOX_QUEUED:
	case OUTBOX_CONNECTING:
		act_on(ui, r->id, OUTBOX_TAKE_BACK);
		ui_info(ui, "%s", _("Not sent: the mail is a draft again."));
		return;
	case OUTBOX_DRAFT:
	case OUTBOX_REFUSED:
	case OUTBOX_UNKNOWN:
		act_on(ui, r->id, OUTBOX_DISCARD);
		ui_set_undo(ui, 0, r->id, 0,
			r->state == OUTBOX_DRAFT ? _("Draft thrown away.")
						 : _("Mail thrown away."));
		return;
	case OUTBOX_HANDED:
	case OUTBOX_SENT:
	case OUTBOX_CANCELLED:
		ui_info(ui, "%s", _("This mail can no longer be taken back."));
		return;
	}
}

static bool can_be_sent(const struct outbox_row *r)
{
	return r->state == OUTBOX_HELD || r->state == OUTBOX_SCHEDULED ||
	       r->state == OUTBOX_QUEUED || r->state == OUTBOX_REFUSED;
}

/* A draft that lies at the server alone. */
static enum view_result on_theirs(struct view *v, const struct draft_row *r, enum action act)
{
	const struct target t = {.kind = TARGET_MESSAGES, .ids = &r->message, .n = 1};
	int64_t group = 0;

	if (act == ACTION_OPEN) {
		compose_open_message(v->ui, r->message, r->account);
	} else if (act == ACTION_CANCEL_SEND) {
		action_move_role(v->ui->o.store, &t, FOLDER_TRASH, &group);
		ui_kick(v->ui, r->account);
		ui_set_undo(v->ui, group, 0, 0, _("Draft thrown away."));
	} else {
		ui_info(v->ui, "%s", _("There is nothing to send here."));
	}
	return VIEW_HANDLED;
}

static enum view_result on_row(struct view *v, enum action act)
{
	struct outbox_data *d = v->data;
	const struct outbox_row *r = d->rows.sel < d->n ? d->v[d->rows.sel] : NULL;

	if (!r && d->rows.sel - d->n < d->n_theirs)
		return on_theirs(v, &d->theirs[d->rows.sel - d->n], act);
	if (!r)
		return VIEW_IGNORED;
	switch ((int)act) {
	case ACTION_CANCEL_SEND:
		cancel(v->ui, r);
		break;
	case ACTION_SEND_NOW:
		if (r->state == OUTBOX_UNKNOWN)
			ask_about(v->ui, r);
		else if (can_be_sent(r))
			act_on(v->ui, r->id, OUTBOX_SEND_NOW);
		else
			ui_info(v->ui, "%s", _("There is nothing to send here."));
		break;
	case ACTION_HOLD:
		if (can_be_sent(r) && r->state != OUTBOX_REFUSED)
			act_on(v->ui, r->id, OUTBOX_HOLD);
		else
			ui_info(v->ui, "%s", _("Only mail that waits can be put on hold."));
		break;
	default:
		if (r->state == OUTBOX_DRAFT)
			compose_open_draft(v->ui, r->id);
		else
			ask_about(v->ui, r);
	}
	return VIEW_HANDLED;
}

static enum view_result outbox_action(struct view *v, enum action act)
{
	struct outbox_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&d->rows, act, (size_t)outbox_list_rows(v->rows)))
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_OPEN:
	case ACTION_CANCEL_SEND:
	case ACTION_SEND_NOW:
	case ACTION_HOLD:
		return on_row(v, act);
	default:
		return VIEW_IGNORED;
	}
}

static bool outbox_cursor(const struct view *v, int *row, int *col)
{
	const struct outbox_data *d = v->data;

	*row = (v->rows >= 4 ? 1 : 0) + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	return d->n + d->n_theirs > 0;
}

static void outbox_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct outbox_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", d->only_drafts ? _("Drafts") : _("Outbox"));
}

static void outbox_note(const struct view *v, const struct draw *d)
{
	const struct outbox_data *o = v->data;

	if (ui_top(v->ui) == v && o->rows.sel < o->n &&
		o->v[o->rows.sel]->error) /* a question says it too */
		draw_text(d, 0, 1, d->cols - 2, STYLE_FAILED, o->v[o->rows.sel]->error);
}

static const enum action hints[] = {ACTION_OPEN, ACTION_SEND_NOW, ACTION_HOLD, ACTION_CANCEL_SEND,
	ACTION_COMPOSE, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
static const enum action settled_hints[] = {
	ACTION_OPEN, ACTION_COMPOSE, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
static const enum action drafts_hints[] = {ACTION_OPEN, ACTION_CANCEL_SEND, ACTION_COMPOSE,
	ACTION_GO_INBOX, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

/* Only what can be done to the selected mail. */
static const enum action *outbox_hints(const struct view *v)
{
	const struct outbox_data *o = v->data;
	const struct outbox_row *r = o->rows.sel < o->n ? o->v[o->rows.sel] : NULL;

	return r && (r->state == OUTBOX_HANDED || r->state == OUTBOX_SENT ||
			    r->state == OUTBOX_CANCELLED)
		       ? settled_hints
		       : hints;
}

static const enum action *drafts_view_hints(const struct view *v)
{
	(void)v;
	return drafts_hints;
}

#define OUTBOX_VIEW(view_name, view_hints)                                                         \
	{                                                                                          \
		.name = view_name, .where = WHERE_OUTBOX, .data_size = sizeof(struct outbox_data), \
		.hints_now = view_hints, .open = outbox_open, .close = outbox_close,               \
		.resume = outbox_resume, .event = outbox_event, .action = outbox_action,           \
		.recalc = outbox_recalc, .paint = outbox_paint, .cursor = outbox_cursor,           \
		.title = outbox_title, .note = outbox_note,                                        \
	}

const struct view_ops outbox_view_ops = OUTBOX_VIEW("outbox", outbox_hints);
const struct view_ops drafts_view_ops = OUTBOX_VIEW("drafts", drafts_view_hints);
