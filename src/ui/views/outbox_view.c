/* outbox_view.c - mail that waits to be sent, failed or was just sent; or only the drafts. */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "views.h"

struct outbox_data {
	struct outbox_args args;
	struct arena arena;
	struct outbox_row *all;
	struct outbox_row **v; /* those shown, newest first */
	size_t n, sel, top;
};

static int outbox_open(struct view *v, const void *args, struct err *e)
{
	struct outbox_data *d = v->data;

	(void)e;
	d->args = *(const struct outbox_args *)args;
	d->arena = ARENA_INIT;
	return 0;
}

static void outbox_close(struct view *v)
{
	arena_release(&((struct outbox_data *)v->data)->arena);
}

static bool is_shown(const struct outbox_data *d, const struct outbox_row *r)
{
	if (d->args.only_drafts)
		return r->state == OUTBOX_DRAFT;
	return r->state != OUTBOX_DRAFT && r->state != OUTBOX_CANCELLED;
}

static int outbox_recalc(struct view *v, struct err *e)
{
	struct outbox_data *d = v->data;
	size_t n = 0, height = v->rows > 2 ? (size_t)v->rows - 2 : 1;

	arena_reset(&d->arena);
	d->all = NULL;
	d->n = 0;
	if (outbox_list(v->ui->reader, &d->arena, &d->all, &n, e))
		return -1;
	d->v = arena_array(&d->arena, n + 1, sizeof(struct outbox_row *));
	for (size_t i = n; i-- > 0;)
		if (is_shown(d, &d->all[i]))
			d->v[d->n++] = &d->all[i];
	if (d->sel >= d->n)
		d->sel = d->n > 0 ? d->n - 1 : 0;
	if (d->sel < d->top)
		d->top = d->sel;
	if (d->sel >= d->top + height)
		d->top = d->sel - height + 1;
	return 0;
}

static void outbox_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_OUTBOX || ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

static void outbox_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static bool can_cancel(const struct outbox_row *r)
{
	return r->state == OUTBOX_HELD || r->state == OUTBOX_SCHEDULED ||
	       r->state == OUTBOX_QUEUED || r->state == OUTBOX_CONNECTING;
}

static enum view_result on_row(struct view *v, enum action act)
{
	struct outbox_data *d = v->data;
	const struct outbox_row *r = d->sel < d->n ? d->v[d->sel] : NULL;

	if (!r)
		return VIEW_IGNORED;
	if (act == ACTION_OPEN && r->state == OUTBOX_DRAFT) {
		compose_open_draft(v->ui, r->id);
	} else if (act == ACTION_CANCEL_SEND && can_cancel(r)) {
		outbox_act(v->ui->o.store, r->id, OUTBOX_TAKE_BACK);
		ui_info(v->ui, "%s", _("Not sent: the mail is a draft again."));
	} else if (act == ACTION_CANCEL_SEND && r->state == OUTBOX_DRAFT) {
		outbox_act(v->ui->o.store, r->id, OUTBOX_DISCARD);
		ui_set_undo(v->ui, 0, r->id, 0, _("Draft thrown away."));
	} else if (act == ACTION_CANCEL_SEND) {
		ui_info(v->ui, "%s", _("This mail can no longer be taken back."));
	} else if (r->error) {
		ui_info(v->ui, "%s", r->error);
	} else {
		ui_info(v->ui, "%s", _("Take it back with # to change it."));
	}
	return VIEW_HANDLED;
}

static enum view_result outbox_action(struct view *v, enum action act)
{
	struct outbox_data *d = v->data;
	size_t page = v->rows > 3 ? (size_t)v->rows - 3 : 1;

	view_mark(v, DIRTY_RECALC);
	switch ((int)act) {
	case ACTION_DOWN:
		d->sel++;
		return VIEW_HANDLED;
	case ACTION_UP:
		d->sel -= d->sel > 0;
		return VIEW_HANDLED;
	case ACTION_PAGE_DOWN:
	case ACTION_HALF_DOWN:
		d->sel += page;
		return VIEW_HANDLED;
	case ACTION_PAGE_UP:
	case ACTION_HALF_UP:
		d->sel = d->sel > page ? d->sel - page : 0;
		return VIEW_HANDLED;
	case ACTION_TOP:
		d->sel = 0;
		return VIEW_HANDLED;
	case ACTION_BOTTOM:
		d->sel = d->n;
		return VIEW_HANDLED;
	case ACTION_OPEN:
	case ACTION_CANCEL_SEND:
		return on_row(v, act);
	default:
		return VIEW_IGNORED;
	}
}

static const char *state_words(const struct outbox_row *r, unsigned *style)
{
	*style = STYLE_DIM;
	switch (r->state) {
	case OUTBOX_DRAFT:
		return _("draft");
	case OUTBOX_HELD:
		*style = STYLE_WAITING;
		return _("held");
	case OUTBOX_SCHEDULED:
		*style = STYLE_WAITING;
		return _("scheduled");
	case OUTBOX_QUEUED:
		*style = STYLE_WAITING;
		return _("waiting");
	case OUTBOX_CONNECTING:
	case OUTBOX_HANDED:
		*style = STYLE_ACCENT;
		return _("sending");
	case OUTBOX_SENT:
		*style = STYLE_KNOWN;
		return _("sent");
	case OUTBOX_REFUSED:
		*style = STYLE_FAILED;
		return _("failed");
	case OUTBOX_UNKNOWN:
		*style = STYLE_FAILED;
		return _("was it sent?");
	case OUTBOX_CANCELLED:
		return _("cancelled");
	}
	return "";
}

static bool is_sent_in_part(const struct outbox_row *r)
{
	for (size_t i = 0; i < r->n_recipients; i++)
		if (r->state == OUTBOX_SENT && r->recipients[i].state == RCPT_REFUSED)
			return true;
	return false;
}

static void paint_row(const struct view *v, const struct draw *d, int row,
	const struct outbox_row *r)
{
	CLEANUP(buf_release) struct buf to = BUF_INIT(1024);
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	int people = d->cols >= 100 ? 32 : (d->cols - 24) / 3, end;
	unsigned style;
	const char *words = state_words(r, &style);

	if (is_sent_in_part(r)) {
		words = _("sent in part");
		style = STYLE_FAILED;
	}
	for (size_t i = 0; i < r->n_recipients && i < 3; i++)
		text_add(&to, i ? ", " : ""), text_add(&to, r->recipients[i].addr);
	if (r->n_recipients == 0)
		buf_addstr(&to, _("no recipient yet"));
	when_short(&when, r->created_at, ui_now(v->ui));
	draw_text(d, row, 1, 13, style, words);
	draw_text(d, row, 15, people, STYLE_NORMAL, to.p);
	end = draw_text_right(d, row, d->cols - 1, 7, STYLE_DIM, when.p) - 1;
	draw_text(d, row, 16 + people, end - 16 - people, STYLE_NORMAL,
		r->subject && *r->subject ? r->subject : _("(no subject)"));
}

static void outbox_paint(const struct view *v, const struct draw *d)
{
	const struct outbox_data *o = v->data;
	int first = d->rows >= 4 ? 1 : 0;

	if (first) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (o->n == 0) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			o->args.only_drafts ? _("No drafts.") : _("Nothing waits to be sent."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
			o->args.only_drafts
				? _("c writes a message; leaving it with Esc keeps it here.")
				: _("Mail stands here from Send until the server has taken it."));
	}
	for (int i = 0; first + i < d->rows - first && o->top + (size_t)i < o->n; i++) {
		paint_row(v, d, first + i, o->v[o->top + (size_t)i]);
		if (o->top + (size_t)i == o->sel)
			draw_add_style(d, first + i, 0, d->cols, STYLE_SELECTED);
	}
}

static bool outbox_cursor(const struct view *v, int *row, int *col)
{
	const struct outbox_data *d = v->data;

	*row = (v->rows >= 4 ? 1 : 0) + (int)(d->sel - d->top);
	*col = 1;
	return d->n > 0;
}

static void outbox_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct outbox_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", d->args.only_drafts ? _("Drafts") : _("Outbox"));
}

static void outbox_note(const struct view *v, const struct draw *d)
{
	const struct outbox_data *o = v->data;

	if (o->sel < o->n && o->v[o->sel]->error)
		draw_text(d, 0, 1, d->cols - 2, STYLE_FAILED, o->v[o->sel]->error);
}

static const enum action hints[] = {ACTION_OPEN, ACTION_CANCEL_SEND, ACTION_COMPOSE,
	ACTION_GO_INBOX, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

const struct view_ops outbox_view_ops = {
	.name = "outbox",
	.where = WHERE_OUTBOX,
	.data_size = sizeof(struct outbox_data),
	.hints = hints,
	.open = outbox_open,
	.close = outbox_close,
	.resume = outbox_resume,
	.event = outbox_event,
	.action = outbox_action,
	.recalc = outbox_recalc,
	.paint = outbox_paint,
	.cursor = outbox_cursor,
	.title = outbox_title,
	.note = outbox_note,
};
