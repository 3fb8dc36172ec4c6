/* timeline_text.c - the text of a call, meeting, note or task of a timeline, scrolled. */
#include "config.h"

#include "timeline.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"
#include "ui/ui_core.h"
#include "ui/motion.h"
#include "ui/when.h"
#include "views.h"

#define TEXT_COLS 100

struct text_data {
	int64_t activity;
	struct arena arena;
	struct timeline_text *text; /* NULL = gone */
	struct wrap_line *lines;
	struct motion rows; /* top alone */
	bool is_loaded;
};

static int text_open(struct view *v, const void *args, struct err *e)
{
	struct text_data *d = v->data;

	(void)e;
	d->activity = ((const struct timeline_text_args *)args)->activity;
	d->arena = ARENA_INIT;
	return 0;
}

static void text_close(struct view *v)
{
	arena_release(&((struct text_data *)v->data)->arena);
}

static int head_rows(const struct text_data *d)
{
	return 3 + (d->text && d->text->reason ? 1 : 0);
}

static size_t text_height(const struct view *v)
{
	int n = v->rows - head_rows(v->data) - 1;

	return n > 0 ? (size_t)n : 1;
}

static const char *body_of(const struct text_data *d)
{
	return d->text && d->text->body ? d->text->body : "";
}

static int text_recalc(struct view *v, struct err *e)
{
	struct text_data *d = v->data;
	int width = v->cols - 2 < TEXT_COLS ? v->cols - 2 : TEXT_COLS;

	if (!d->is_loaded || v->dirty & DIRTY_LAYOUT) {
		arena_reset(&d->arena);
		if (timeline_text_get(v->ui->reader, &d->arena, d->activity, &d->text, e))
			return -1;
		d->rows.n = render_wrap(&d->arena, span_of(body_of(d)),
			width > 1 ? (unsigned)width : 1, &d->lines);
		d->is_loaded = true;
	}
	if (d->rows.top + text_height(v) > d->rows.n)
		d->rows.top = d->rows.n > text_height(v) ? d->rows.n - text_height(v) : 0;
	return 0;
}

static void text_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CONTACTS || ev->type == EV_CRM)
		view_mark(v, DIRTY_RECALC | DIRTY_LAYOUT);
}

/* The text has no cursor: what moves one scrolls. */
static enum view_result text_action(struct view *v, enum action act)
{
	struct text_data *d = v->data;
	struct motion m = {.n = d->rows.n, .sel = d->rows.top};
	struct timeline_item *x = d->text ? &d->text->item : NULL;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&m, act, text_height(v))) {
		d->rows.top = m.sel;
		return VIEW_HANDLED;
	}
	if (x && (act == ACTION_TO_CONTACT || act == ACTION_TO_PARTNER)) {
		bool is_contact = act == ACTION_TO_CONTACT;

		dossier_show(v->ui,
			(struct dossier){is_contact ? TIMELINE_CONTACT : TIMELINE_PARTNER,
				is_contact ? x->contact : x->partner});
		return VIEW_HANDLED;
	}
	if (x && act == ACTION_COMPOSE) {
		dossier_write(v->ui, (struct dossier){TIMELINE_CONTACT, x->contact});
		return VIEW_HANDLED;
	}
	return VIEW_IGNORED;
}

static void text_paint(const struct view *v, const struct draw *d)
{
	const struct text_data *t = v->data;
	CLEANUP(buf_release) struct buf line = BUF_INIT(1024);
	int row = 0;

	draw_hrule(d, row++, 0, d->cols, STYLE_DIM);
	if (!t->text) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("This entry is no longer in the CRM."));
		return;
	}
	when_long(&line, t->text->item.key.at, ui_now(v->ui));
	text_add_part(&line, t->text->item.contact_name);
	text_add_part(&line, t->text->item.partner_name);
	text_add_part(&line, t->text->item.is_mine ? _("you") : t->text->item.by);
	draw_text(d, row++, 1, d->cols - 2, STYLE_DIM, line.p);
	if (t->text->reason)
		draw_text(d, row++, 1, d->cols - 2, STYLE_FAILED, t->text->reason);
	row++;
	if (t->rows.n == 0 || !*body_of(t))
		draw_text(d, row, 1, d->cols - 2, STYLE_DIM, _("No text was written down."));
	for (size_t i = t->rows.top; i < t->rows.n && row < d->rows - 1; i++)
		draw_textn(d, row++, 1, d->cols - 2, STYLE_NORMAL, body_of(t) + t->lines[i].start,
			t->lines[i].len);
	draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
}

static void text_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct text_data *d = v->data;

	buf_addch(right, ' ');
	if (!d->text) {
		buf_addstr(left, "crmail");
		return;
	}
	timeline_add_subject(&d->text->item, left);
}

static const enum action hints[] = {ACTION_COMPOSE, ACTION_TO_CONTACT, ACTION_TO_PARTNER,
	ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

const struct view_ops timeline_text_view_ops = {
	.name = "entry",
	.where = WHERE_TIMELINE,
	.data_size = sizeof(struct text_data),
	.hints = hints,
	.open = text_open,
	.close = text_close,
	.event = text_event,
	.action = text_action,
	.recalc = text_recalc,
	.paint = text_paint,
	.title = text_title,
};
