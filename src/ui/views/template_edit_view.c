/*
 * template_edit_view.c - the file of a template as text, front matter and all. What is wrong with
 * it is said while it is written; it is saved all the same, as any editor would.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "compose.h"
#include "templates.h"

#define WHY_MOST 300

struct edit_data {
	struct editor text;
	char *path;             /* NULL: it has no file yet */
	unsigned saved_changes; /* what the file has */
	unsigned checked_changes;
	bool is_checked, is_saving, is_leaving;
	int64_t generation;
	char why[WHY_MOST]; /* "" = it can be used */
};

static int edit_open(struct view *v, const void *args, struct err *e)
{
	const struct template_edit_args *a = args;
	struct edit_data *d = v->data;

	(void)e;
	d->path = a->path ? xstrdup(a->path) : NULL;
	editor_init(&d->text, false);
	editor_set(&d->text, a->text);
	d->saved_changes = d->text.changes;
	return 0;
}

static void edit_close(struct view *v)
{
	struct edit_data *d = v->data;

	editor_release(&d->text);
	free(d->path);
}

static bool is_changed(const struct edit_data *d)
{
	return d->text.changes != d->saved_changes;
}

static void save(struct view *v)
{
	struct edit_data *d = v->data;
	struct template_write_job *w;

	if (d->is_saving)
		return;
	w = template_write_job_new(v->ui->o.store, d->path, ++d->generation);
	w->text = xstrndup(d->text.text.p, d->text.text.len);
	w->len = d->text.text.len;
	w->version = (int64_t)d->text.changes; /* what the file will have */
	d->is_saving = true;
	ui_submit(v, &w->job);
}

static void edit_reply(struct view *v, struct job *j)
{
	struct template_write_job *w = (struct template_write_job *)j;
	struct edit_data *d = v->data;
	bool leaves = d->is_leaving;

	d->is_saving = d->is_leaving = false;
	view_mark(v, DIRTY_RECALC);
	if (j->err.code != ERR_NONE) {
		ui_error(v->ui, &j->err);
		j->free(j);
		return;
	}
	d->saved_changes = (unsigned)w->version;
	if (!d->path)
		d->path = xstrdup(w->path);
	/* TRANSLATORS: the placeholder is a file */
	ui_info(v->ui, _("%s is saved."), d->path);
	j->free(j);
	if (leaves && !is_changed(d))
		ui_pop(v->ui);
}

static void leave(struct view *v)
{
	struct edit_data *d = v->data;

	if (!is_changed(d)) {
		ui_pop(v->ui);
		return;
	}
	d->is_leaving = true;
	save(v);
}

static enum view_result edit_key(struct view *v, const struct key *k)
{
	struct edit_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (d->is_leaving)
		return VIEW_HANDLED;
	if (k->mods == KEY_CTRL && k->code < UKEY_NONE && k->code != 'w')
		return VIEW_IGNORED;
	return editor_key(&d->text, k) ? VIEW_HANDLED : VIEW_IGNORED;
}

static enum view_result edit_action(struct view *v, enum action act)
{
	struct edit_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (compose_edit_do(v->ui, &d->text, act))
		return VIEW_HANDLED;
	if (act == ACTION_SAVE_DRAFT)
		save(v);
	else if (act == ACTION_LEAVE)
		leave(v);
	else
		return VIEW_IGNORED;
	return VIEW_HANDLED;
}

static void check(struct edit_data *d)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf why = BUF_INIT(WHY_MOST - 1);
	struct mail_template t;
	struct err e = ERR_INIT;

	if (d->is_checked && d->checked_changes == d->text.changes)
		return;
	if (mail_template_parse(&a, d->text.text.p, d->text.text.len, &t, &e))
		text_add(&why, e.msg);
	memcpy(d->why, why.p, why.len + 1);
	d->is_checked = true;
	d->checked_changes = d->text.changes;
}

static int edit_recalc(struct view *v, struct err *e)
{
	struct edit_data *d = v->data;

	(void)e;
	check(d);
	editor_wrap(&d->text, v->cols - 2, v->rows > 2 ? v->rows - 2 : v->rows);
	return 0;
}

static void edit_paint(const struct view *v, const struct draw *draw)
{
	const struct edit_data *d = v->data;
	bool has_foot = v->rows > 2;
	struct draw text = draw_part(draw, 0, 1, has_foot ? v->rows - 2 : v->rows, v->cols - 2);

	editor_paint(&d->text, &text);
	if (!has_foot)
		return;
	draw_hrule(draw, v->rows - 2, 0, v->cols, STYLE_DIM);
	if (d->why[0])
		draw_text(draw, v->rows - 1, 1, v->cols - 2, STYLE_FAILED, d->why);
	else
		draw_text(draw, v->rows - 1, 1, v->cols - 2, STYLE_DIM,
			_("{{contact.first_name|default:there}}, {{partner.name}}, {{date+3d}}, "
			  "{{if deal.name}}...{{end}}"));
}

static bool edit_cursor(const struct view *v, int *row, int *col)
{
	const struct edit_data *d = v->data;

	editor_cursor(&d->text, row, col);
	*col += 1;
	return true;
}

static void edit_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct edit_data *d = v->data;

	buf_addf(left, "%s  ", _("Template"));
	text_add(left, d->path ? d->path : _("new"));
	buf_addstr(right, is_changed(d) ? _("not saved yet") : "");
}

static const enum action hints[] = {ACTION_LEAVE, ACTION_SAVE_DRAFT, ACTION_EDIT_UNDO,
	ACTION_EDIT_COPY, ACTION_EDIT_PASTE, ACTION_NONE};

const struct view_ops template_edit_view_ops = {
	.name = "template-edit",
	.where = WHERE_COMPOSE,
	.data_size = sizeof(struct edit_data),
	.hints = hints,
	.open = edit_open,
	.close = edit_close,
	.reply = edit_reply,
	.key = edit_key,
	.action = edit_action,
	.recalc = edit_recalc,
	.paint = edit_paint,
	.cursor = edit_cursor,
	.title = edit_title,
};
