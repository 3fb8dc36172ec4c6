/*
 * attach_show.c - one attachment read on the screen, or what it is and how to get at it. What it
 * says is attach_text.c's.
 */
#include "config.h"

#include <stdlib.h>

#include "attach.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/mail/render.h"
#include "ui/ui_core.h"
#include "views.h"

#define TEXT_MAX_COLS 100 /* longer lines are hard to read */
#define TEXT_COL 1

struct show_data {
	struct show_args args;
	struct show_job *job; /* the answer; NULL = being read */
	struct arena wrap_arena;
	struct wrap_line *lines;
	size_t n, top;
	int width; /* that the lines are wrapped for; 0 = not yet */
};

static void show_run(struct job *j, struct store_reader *r)
{
	struct show_job *s = (struct show_job *)j;
	struct body *b = NULL;

	if (body_load(&b, r, s->message, RENDER_AUTO, &j->err))
		return;
	if (b->state != BODY_WHOLE || s->index >= b->n_attachments) {
		err_set(&j->err, ERR_NOTFOUND, "%s",
			_("The message is not wholly here yet: its attachments come with it."));
	} else {
		const struct message_attachment *m = &b->attachments[s->index];

		s->name = arena_strdup(&s->arena, m->save_as);
		s->type = arena_strdup(&s->arena, m->part->type);
		s->size = b->sizes[s->index];
		attach_text_make(&s->arena, m, s->now, &s->text);
	}
	body_free(b);
}

static void show_free(struct job *j)
{
	struct show_job *s = (struct show_job *)j;

	arena_release(&s->arena);
	free(s);
}

struct show_job *show_job_new(int64_t message, size_t index, int64_t now)
{
	struct show_job *s = xcalloc(1, sizeof(*s));

	s->job = (struct job){
		.run = show_run, .free = show_free, .channel = JOB_PREVIEW, .kind = JOB_KIND_SHOW};
	s->message = message;
	s->index = index;
	s->now = now;
	s->arena = ARENA_INIT;
	return s;
}

static int show_open(struct view *v, const void *args, struct err *e)
{
	struct show_data *d = v->data;

	(void)e;
	d->args = *(const struct show_args *)args;
	d->wrap_arena = ARENA_INIT;
	ui_submit(v, &show_job_new(d->args.message, d->args.index, ui_now(v->ui))->job);
	return 0;
}

static void show_close(struct view *v)
{
	struct show_data *d = v->data;

	if (d->job)
		d->job->job.free(&d->job->job);
	arena_release(&d->wrap_arena);
}

static void show_reply(struct view *v, struct job *j)
{
	struct show_data *d = v->data;

	ui_error(v->ui, &j->err);
	if (j->kind == JOB_KIND_SHOW && j->err.code == ERR_NONE && !d->job) {
		d->job = (struct show_job *)j;
		view_mark(v, DIRTY_RECALC);
		return;
	}
	if (j->kind == JOB_KIND_SAVE)
		attach_tell_saved(v->ui, (struct save_job *)j);
	j->free(j);
	view_mark(v, DIRTY_PAINT);
}

/* Rules above and below take a line each, the line that says what it is one more. */
static int text_height(const struct view *v)
{
	return v->rows >= 6 ? v->rows - 3 : v->rows;
}

static void scroll_to(struct view *v, int64_t top)
{
	struct show_data *d = v->data;
	int64_t last = (int64_t)d->n - text_height(v);

	if (top > last)
		top = last;
	d->top = top < 0 ? 0 : (size_t)top;
	view_mark(v, DIRTY_PAINT);
}

static enum view_result show_action(struct view *v, enum action act)
{
	struct show_data *d = v->data;
	int64_t page = text_height(v) > 2 ? text_height(v) - 1 : 1, top = (int64_t)d->top;

	switch ((int)act) {
	case ACTION_DOWN:
		scroll_to(v, top + 1);
		return VIEW_HANDLED;
	case ACTION_UP:
		scroll_to(v, top - 1);
		return VIEW_HANDLED;
	case ACTION_PAGE_DOWN:
		scroll_to(v, top + page);
		return VIEW_HANDLED;
	case ACTION_PAGE_UP:
		scroll_to(v, top - page);
		return VIEW_HANDLED;
	case ACTION_HALF_DOWN:
		scroll_to(v, top + (page + 1) / 2);
		return VIEW_HANDLED;
	case ACTION_HALF_UP:
		scroll_to(v, top - (page + 1) / 2);
		return VIEW_HANDLED;
	case ACTION_TOP:
		scroll_to(v, 0);
		return VIEW_HANDLED;
	case ACTION_BOTTOM:
		scroll_to(v, (int64_t)d->n);
		return VIEW_HANDLED;
	case ACTION_OUTSIDE:
		attach_save(v, d->args.message, (int)d->args.index, true);
		return VIEW_HANDLED;
	case ACTION_SAVE:
		attach_save(v, d->args.message, (int)d->args.index, false);
		return VIEW_HANDLED;
	case ACTION_SAVE_ALL:
		attach_save(v, d->args.message, -1, false);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static int show_recalc(struct view *v, struct err *e)
{
	struct show_data *d = v->data;
	int width = v->cols - 2 * TEXT_COL;

	(void)e;
	width = width < 1 ? 1 : (width > TEXT_MAX_COLS ? TEXT_MAX_COLS : width);
	if (d->job && width != d->width) {
		arena_reset(&d->wrap_arena);
		d->lines = NULL;
		d->n = render_wrap(&d->wrap_arena, d->job->text.text, (unsigned)width, &d->lines);
		d->width = width;
	}
	scroll_to(v, (int64_t)d->top);
	return 0;
}

/* "application/pdf  49 bytes" */
static void paint_kind(const struct draw *d, int row, const struct show_job *s)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

	text_add(&b, s->type);
	buf_addstr(&b, "  ");
	body_add_size(&b, s->size);
	if (s->text.is_cut)
		buf_addf(&b, " · %s", _("only the beginning is shown"));
	draw_text(d, row, TEXT_COL, d->cols - 2 * TEXT_COL, STYLE_DIM, b.p);
}

static void paint_no_text(const struct view *v, const struct draw *d, int row)
{
	CLEANUP(buf_release) struct buf outside = BUF_INIT(64);
	CLEANUP(buf_release) struct buf save = BUF_INIT(64);

	keymap_add_key(&v->ui->keymap, ACTION_OUTSIDE, false, &outside);
	keymap_add_key(&v->ui->keymap, ACTION_SAVE, false, &save);
	draw_text(d, row, TEXT_COL, d->cols - 2 * TEXT_COL, STYLE_BOLD,
		_("This kind of file is not shown here."));
	draw_textf(d, row + 1, TEXT_COL, d->cols - 2 * TEXT_COL, STYLE_DIM,
		/* TRANSLATORS: two keys */
		_("%s opens it in the program of the desktop, %s saves it."), outside.p, save.p);
}

static void paint_line(const struct draw *d, int row, const char *text, const struct wrap_line *l)
{
	unsigned style = l->quote > 0 ? STYLE_QUOTE | STYLE_DIM : STYLE_NORMAL;
	int col = TEXT_COL;

	for (int q = 0; q < l->quote; q++)
		col += draw_text(d, row, col, 2, STYLE_DIM, "> ");
	col += l->indent;
	draw_textn(d, row, col, d->cols - col, style, text + l->start, l->len);
}

static void show_paint(const struct view *v, const struct draw *d)
{
	const struct show_data *s = v->data;
	bool has_rules = d->rows >= 6;
	int row = has_rules ? 2 : 0, height = text_height(v);

	if (has_rules) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (!s->job) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_DIM, _("Opening…"));
		return;
	}
	if (has_rules)
		paint_kind(d, 1, s->job);
	if (!s->job->text.is_shown)
		paint_no_text(v, d, has_rules ? row + 1 : row);
	for (int i = 0; i < height && s->top + (size_t)i < s->n; i++)
		paint_line(d, row + i, s->job->text.text.p, &s->lines[s->top + (size_t)i]);
}

static bool show_cursor(const struct view *v, int *row, int *col)
{
	*row = v->rows >= 6 ? 2 : 0;
	*col = TEXT_COL < v->cols ? TEXT_COL : 0;
	return true;
}

static void show_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct show_data *d = v->data;

	(void)right;
	buf_addstr(left, "crmail  ");
	if (d->job)
		text_add(left, d->job->name);
	else
		buf_addstr(left, _("Attachments"));
}

static const enum action hints[] = {
	ACTION_OUTSIDE, ACTION_SAVE, ACTION_PAGE_DOWN, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

const struct view_ops attach_show_view_ops = {
	.name = "attachment",
	.where = WHERE_ATTACH,
	.data_size = sizeof(struct show_data),
	.hints = hints,
	.open = show_open,
	.close = show_close,
	.reply = show_reply,
	.action = show_action,
	.recalc = show_recalc,
	.paint = show_paint,
	.cursor = show_cursor,
	.title = show_title,
};
