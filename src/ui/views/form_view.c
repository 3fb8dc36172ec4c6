/* form_view.c - see form_view.h. What is asked and written is each form's own. */
#include "config.h"

#include "form_view.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"

#define HEAD_LINES 2
#define FOOT_LINES 3

static struct form_view *form_view_of(const struct view *v)
{
	return v->data;
}

void form_view_init(struct view *v, const struct form_field *fields, size_t n)
{
	struct form_view *f = form_view_of(v);

	f->arena = ARENA_INIT;
	form_init(&f->form, fields, n);
	f->form.now = ui_now(v->ui);
}

void form_view_close(struct view *v)
{
	struct form_view *f = form_view_of(v);

	form_release(&f->form);
	arena_release(&f->arena);
}

void form_view_say(struct form_view *f, const char *note)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FORM_NOTE_MAX - 1);

	text_add(&b, note);
	memcpy(f->note, b.p, b.len + 1);
}

void form_view_done(struct view *v, int64_t write, const char *text)
{
	struct ui *ui = v->ui;

	ui_kick(ui, 0);
	ui_pop(ui);
	ui_set_undo_record(ui, write, text);
}

bool form_view_may(struct ui *ui, int64_t crm, enum record_kind kind, unsigned ability)
{
	if (!crm) {
		ui_info(ui, "%s", _("No CRM is connected; \"crmail crm add\" connects one."));
		return false;
	}
	if (record_abilities(ui->reader, crm) & ability << kind)
		return true;
	switch (kind) {
	case RECORD_ACTIVITY:
		ui_info(ui, "%s", _("This CRM takes no calls, notes or tasks from crmail."));
		break;
	case RECORD_DEAL:
		ui_info(ui, "%s", _("This CRM does not let crmail change deals."));
		break;
	case RECORD_CONTACT:
	case RECORD_PARTNER:
	case RECORD_LEAD:
	case RECORD_KIND_END:
		ui_info(ui, "%s",
			ability == RECORD_CAN_CREATE
				? _("This CRM takes no new contacts from crmail.")
				: _("This CRM does not let crmail change contacts."));
		break;
	}
	return false;
}

const char *form_view_head(struct arena *a, const char *name, const char *more)
{
	if (!name || !more)
		return name ? arena_strdup(a, name) : arena_strdup(a, more);
	return arena_printf(a, "%s · %s", name, more);
}

enum view_result form_view_key(struct view *v, const struct key *k)
{
	struct form_view *f = form_view_of(v);
	size_t was = f->form.cur;

	if (!form_key(&f->form, k))
		return VIEW_IGNORED;
	f->is_leaving = false;
	f->form.now = ui_now(v->ui);
	if (f->changed)
		f->changed(v, was);
	view_mark(v, DIRTY_RECALC);
	return VIEW_HANDLED;
}

/* Asks once when something was typed. */
static void leave(struct view *v)
{
	struct form_view *f = form_view_of(v);

	if (!form_is_touched(&f->form) || f->is_leaving) {
		ui_pop(v->ui);
		return;
	}
	f->is_leaving = true;
	ui_info(v->ui, "%s", _("Not saved yet: Alt-S saves, Esc once more throws it away."));
}

static void step(struct view *v, int by)
{
	struct form_view *f = form_view_of(v);
	size_t was = f->form.cur;

	form_step(&f->form, by);
	if (f->changed)
		f->changed(v, was);
}

/* What was wrong the last time may be right by now. */
static void save(struct view *v)
{
	struct form_view *f = form_view_of(v);

	for (size_t i = 0; i < f->form.n; i++)
		f->form.v[i].error[0] = '\0';
	f->form.now = ui_now(v->ui);
	f->save(v);
}

enum view_result form_view_action(struct view *v, enum action act)
{
	struct form_view *f = form_view_of(v);

	view_mark(v, DIRTY_RECALC);
	switch ((int)act) {
	case ACTION_FORM_BACK:
		leave(v);
		return VIEW_HANDLED;
	case ACTION_FORM_SAVE:
		save(v);
		return VIEW_HANDLED;
	case ACTION_FORM_CHOOSE:
		if (f->form.v[f->form.cur].kind == FORM_BUTTON)
			save(v);
		else
			step(v, 1);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* ---- painting -------------------------------------------------------------------------------- */

static int head_lines(const struct view *v)
{
	return form_view_of(v)->head && v->rows > HEAD_LINES + FOOT_LINES + 4 ? HEAD_LINES : 0;
}

static int field_lines(const struct view *v)
{
	int lines = v->rows - head_lines(v) - FOOT_LINES;

	return lines > 1 ? lines : v->rows;
}

int form_view_recalc(struct view *v, struct err *e)
{
	(void)e;
	form_scroll(&form_view_of(v)->form, field_lines(v), v->cols);
	return 0;
}

void form_view_paint(const struct view *v, const struct draw *d)
{
	const struct form_view *f = form_view_of(v);
	int first = head_lines(v), lines = form_lines(&f->form), row;
	const char *hint = f->form.v[f->form.cur].hint;
	struct draw part;

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	if (first)
		draw_text(d, 0, 2, d->cols - 3, STYLE_BOLD | STYLE_KNOWN, f->head);
	if (lines > field_lines(v))
		lines = field_lines(v);
	part = draw_part(d, first, 0, lines, d->cols);
	form_paint(&f->form, &part);
	row = first + lines + (d->rows > first + lines + FOOT_LINES ? 1 : 0);
	if (f->note[0])
		row = form_paint_text(d, row, STYLE_WAITING, f->note);
	if (hint)
		form_paint_text(d, row, STYLE_DIM, _(hint));
}

bool form_view_cursor(const struct view *v, int *row, int *col)
{
	form_cursor(&form_view_of(v)->form, v->cols, row, col);
	*row += head_lines(v);
	return true;
}

void form_view_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)right;
	buf_addf(left, "crmail  %s", _(form_view_of(v)->title));
}

const enum action form_view_hints[] = {
	ACTION_FORM_SAVE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};
