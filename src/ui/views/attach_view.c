/*
 * attach_view.c - the attachments of one message: read, open outside, save, save all. One read on
 * the screen is attach_show.c.
 */
#include "config.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/store.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "attach.h"
#include "body.h"
#include "views.h"

#include <stdlib.h>

struct attach_data {
	int64_t message, generation;
	struct body *body; /* NULL = being read */
	struct motion rows;
	enum action held; /* asked for while the list was being read */
};

static enum view_result attach_action(struct view *v, enum action act);

static size_t height_of(const struct view *v)
{
	int h = v->rows >= 4 ? v->rows - 2 : v->rows;

	return h > 0 ? (size_t)h : 1;
}

static int attach_recalc(struct view *v, struct err *e)
{
	(void)e;
	motion_settle(&((struct attach_data *)v->data)->rows, height_of(v));
	return 0;
}

static int attach_open(struct view *v, const void *args, struct err *e)
{
	struct attach_data *d = v->data;
	struct open_job *o;

	(void)e;
	d->message = ((const struct attach_args *)args)->message;
	o = open_job_new(JOB_PREVIEW, 0, d->message, ++d->generation);
	ui_submit(v, &o->job);
	return 0;
}

static void attach_close(struct view *v)
{
	body_free(((struct attach_data *)v->data)->body);
}

void attach_tell_saved(struct ui *ui, const struct save_job *s)
{
	if (s->n_saved == 0)
		return;
	if (!s->open_after)
		ui_info(ui,
			ngettext("Saved %s", "Saved %2$d attachments, the last as %1$s",
				(unsigned long)s->n_saved),
			s->last_path, (int)s->n_saved);
	else if (!ui->terminal.open || !ui->terminal.open(ui->terminal.ctx, s->last_path))
		ui_info(ui, "%s", _("No program could be started to show it."));
}

static void attach_reply(struct view *v, struct job *j)
{
	struct attach_data *d = v->data;

	ui_error(v->ui, &j->err);
	if (j->kind == JOB_KIND_SAVE) {
		attach_tell_saved(v->ui, (struct save_job *)j);
	} else if (((struct open_job *)j)->n_bodies > 0) {
		body_free(d->body);
		d->body = ((struct open_job *)j)->bodies[0];
		((struct open_job *)j)->bodies[0] = NULL;
		((struct open_job *)j)->n_bodies = 0;
		d->rows.n = d->body ? d->body->n_attachments : 0;
	}
	j->free(j);
	view_mark(v, DIRTY_RECALC);
	if (d->body && d->held != ACTION_NONE) {
		enum action held = d->held;

		d->held = ACTION_NONE;
		attach_action(v, held);
	}
}

void attach_save(struct view *v, int64_t message, int index, bool open_after)
{
	struct save_job *s;
	char *dir = NULL;

	if (open_after)
		dir = store_path(v->ui->o.store, "outside");
	s = save_job_new(message, index, dir ? dir : v->ui->o.download_dir, open_after, 0);
	free(dir);
	ui_submit(v, &s->job);
}

static void save(struct view *v, int index, bool open_after)
{
	const struct attach_data *d = v->data;

	if (d->body && d->body->n_attachments > 0)
		attach_save(v, d->message, index, open_after);
}

static void show(struct view *v)
{
	const struct attach_data *d = v->data;
	struct show_args a = {.message = d->message, .index = d->rows.sel};

	if (d->body && d->rows.sel < d->rows.n)
		ui_push(v->ui, &attach_show_view_ops, &a);
}

static bool acts_on_file(enum action act)
{
	return act == ACTION_OPEN || act == ACTION_OUTSIDE || act == ACTION_SAVE ||
	       act == ACTION_SAVE_ALL;
}

static enum view_result attach_action(struct view *v, enum action act)
{
	struct attach_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (!d->body && acts_on_file(act)) { /* typed ahead: done as soon as the list is there */
		d->held = act;
		return VIEW_HANDLED;
	}
	if (motion_move(&d->rows, act, height_of(v)))
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_OPEN:
		show(v);
		return VIEW_HANDLED;
	case ACTION_OUTSIDE:
		save(v, (int)d->rows.sel, true);
		return VIEW_HANDLED;
	case ACTION_SAVE:
		save(v, (int)d->rows.sel, false);
		return VIEW_HANDLED;
	case ACTION_SAVE_ALL:
		save(v, -1, false);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static void paint_row(const struct view *v, const struct draw *d, int row, size_t i)
{
	const struct attach_data *a = v->data;
	const struct message_attachment *m = &a->body->attachments[i];
	CLEANUP(buf_release) struct buf size = BUF_INIT(64);
	int end = d->cols - 1;

	body_add_size(&size, a->body->sizes[i]);
	end = draw_text_right(d, row, end, 10, STYLE_DIM, size.p) - 2;
	if (d->cols >= 60)
		end = draw_text_right(d, row, end, 30, STYLE_DIM, m->part->type) - 2;
	draw_symbol(d, row, 1, STYLE_NORMAL, SYM_ATTACHMENT);
	draw_text(d, row, 4, end - 4, STYLE_NORMAL, m->save_as);
	if (i == a->rows.sel)
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
}

static void attach_paint(const struct view *v, const struct draw *d)
{
	const struct attach_data *a = v->data;
	int first = d->rows >= 4 ? 1 : 0, height = (int)height_of(v);

	if (first) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (a->rows.n == 0)
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_DIM,
			a->body ? _("This message has no attachments. q goes back.")
				: _("Opening…"));
	for (int i = 0; i < height && a->rows.top + (size_t)i < a->rows.n; i++)
		paint_row(v, d, first + i, a->rows.top + (size_t)i);
}

static bool attach_cursor(const struct view *v, int *row, int *col)
{
	const struct attach_data *d = v->data;

	*row = (v->rows >= 4 ? 1 : 0) + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	return true;
}

static void attach_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)v;
	(void)right;
	buf_addf(left, "crmail  %s", _("Attachments"));
}

static void attach_note(const struct view *v, const struct draw *d)
{
	draw_textf(d, 0, 1, d->cols - 2, STYLE_DIM, _("Files are saved to %s"),
		v->ui->o.download_dir);
}

static const enum action hints[] = {ACTION_OPEN, ACTION_OUTSIDE, ACTION_SAVE, ACTION_SAVE_ALL,
	ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

const struct view_ops attach_view_ops = {
	.name = "attachments",
	.where = WHERE_ATTACH,
	.data_size = sizeof(struct attach_data),
	.hints = hints,
	.open = attach_open,
	.close = attach_close,
	.reply = attach_reply,
	.action = attach_action,
	.recalc = attach_recalc,
	.paint = attach_paint,
	.cursor = attach_cursor,
	.title = attach_title,
	.note = attach_note,
};
