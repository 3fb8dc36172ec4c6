/* frame.c - top line, rules are the views'; note or message line, hint bar, prefix popup. */
#include "config.h"

#include "frame.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "status.h"
#include "ui_core.h"

#define TITLE_MAX 2048

/* Tiny windows give up the hints first, then the note line, then the title. */
struct frame_size frame_measure(const struct ui *ui)
{
	struct frame_size s = {.cols = ui->grid.cols, .body_rows = ui->grid.rows};

	if (ui->grid.rows >= 3) {
		s.body_row = 1;
		s.body_rows--;
	}
	if (ui->grid.rows >= 5)
		s.body_rows--;
	if (ui->grid.rows >= 7 && !ui->is_hints_hidden)
		s.body_rows--;
	return s;
}

static const struct view *titled_view(const struct ui *ui)
{
	for (size_t i = ui->n_stack; i-- > 0;)
		if (!ui->stack[i]->ops->is_overlay)
			return ui->stack[i];
	return NULL;
}

static void paint_title(struct ui *ui, const struct draw *d)
{
	CLEANUP(buf_release) struct buf left = BUF_INIT(TITLE_MAX);
	CLEANUP(buf_release) struct buf right = BUF_INIT(TITLE_MAX);
	const struct view *v = titled_view(ui);
	int end = d->cols - 1, wanted, w;

	if (v && v->ops->title)
		v->ops->title(v, &left, &right);
	if (right.len == 0)
		status_add_line(ui, &right);
	/* The place is what must be readable; the status has what is left, at least a third. */
	wanted = draw_width(d, left.p) + 3;
	w = end - wanted < d->cols / 3 ? d->cols / 3 : end - wanted;
	if (d->cols >= 50)
		end = draw_text_right(d, 0, end, w, STYLE_DIM, right.p) - 2;
	draw_text(d, 0, 1, end - 1, STYLE_BOLD, left.p);
}

/* "Archived. z undo 4s" at the right of the hints, where the key holds: not while something is
 * typed. Returns the first column used. */
static int paint_undo(const struct ui *ui, const struct draw *d)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);
	int64_t left_ms = ui->undo.until_ms - ui_now_ms(ui);

	if (!ui->undo.group && !ui->undo.outbox && !ui->undo.record && !ui->undo.decision)
		return d->cols - 1;
	if (!(ui_top(ui)->ops->where & action_table[ACTION_UNDO].where))
		return d->cols - 1;
	buf_addf(&b, "%s ", ui->undo.text);
	keymap_add_key(&ui->keymap, ACTION_UNDO, false, &b);
	buf_addf(&b, " %s", _("undo"));
	if (ui->undo.until_ms && left_ms > 0)
		buf_addf(&b, " %ds", (int)((left_ms + 999) / 1000));
	return draw_text_right(d, 0, d->cols - 1, d->cols - 2, STYLE_ACCENT, b.p) - 2;
}

static void paint_note(struct ui *ui, const struct draw *d)
{
	const struct view *v = titled_view(ui);
	CLEANUP(buf_release) struct buf problem = BUF_INIT(TITLE_MAX);

	if (ui->message_kind != MESSAGE_NONE) {
		unsigned style = ui->message_kind == MESSAGE_ERROR ? STYLE_FAILED | STYLE_BOLD
								   : STYLE_NORMAL;

		draw_text(d, 0, 1, d->cols - 2, style, ui->message);
	} else if (status_problem(ui, &problem)) {
		draw_text(d, 0, 1, d->cols - 2, STYLE_FAILED, problem.p);
	} else if (ui->progress[0]) {
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, ui->progress);
	} else if (v && v->ops->note) {
		v->ops->note(v, d);
	}
}

static int hint_width(const struct ui *ui, const struct draw *d, enum action a)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64);

	keymap_add_key(&ui->keymap, a, false, &key);
	return (int)key.len + 1 + draw_width(d, _(action_table[a].label));
}

static void paint_hints(const struct ui *ui, const struct draw *d, int end)
{
	const struct view *v = ui_top(ui);
	const enum action *first = v->ops->hints_now ? v->ops->hints_now(v) : v->ops->hints;
	int col = 1;

	for (const enum action *a = first; a && *a != ACTION_NONE; a++) {
		CLEANUP(buf_release) struct buf key = BUF_INIT(64);

		if (col + hint_width(ui, d, *a) > end)
			break;
		keymap_add_key(&ui->keymap, *a, false, &key);
		col += draw_text(d, 0, col, end - col, STYLE_BOLD, key.p) + 1;
		col += draw_text(d, 0, col, end - col, STYLE_DIM, _(action_table[*a].label)) + 2;
	}
}

/* After a prefix key: what may follow. */
static void paint_prefix(struct ui *ui, const struct draw *d)
{
	const struct view *v = ui_top(ui);
	int n = 0, row = 0, width = 34;
	struct draw box;

	for (size_t i = 0; i < ui->keymap.n; i++)
		if (ui->keymap.v[i].second.code != UKEY_NONE &&
			ui->keymap.v[i].where & v->ops->where &&
			key_equal(&ui->keymap.v[i].first, &ui->prefix))
			n++;
	if (width > d->cols)
		width = d->cols;
	n = n > d->rows - 3 ? d->rows - 3 : n;
	box = draw_part(d, d->rows - n - 3, 0, n + 1, width);
	draw_fill(&box, 0, 0, box.rows, box.cols, STYLE_NORMAL);
	draw_vrule(&box, 0, box.cols - 1, box.rows, STYLE_DIM);
	draw_hrule(&box, row++, 0, box.cols, STYLE_DIM);
	for (size_t i = 0; i < ui->keymap.n && row < box.rows; i++) {
		const struct binding *b = &ui->keymap.v[i];
		CLEANUP(buf_release) struct buf key = BUF_INIT(64);

		if (b->second.code == UKEY_NONE || !(b->where & v->ops->where) ||
			!key_equal(&b->first, &ui->prefix))
			continue;
		key_add_name(&key, &b->first);
		buf_addch(&key, ' ');
		key_add_name(&key, &b->second);
		draw_text(&box, row, 1, 6, STYLE_BOLD, key.p);
		draw_text(&box, row++, 6, box.cols - 7, STYLE_NORMAL,
			_(action_table[b->action].label));
	}
}

static void paint_views(struct ui *ui, const struct draw *body)
{
	size_t first = ui->n_stack - 1;
	const struct view *top = ui_top(ui);
	int row, col;

	while (first > 0 && ui->stack[first]->ops->is_overlay)
		first--;
	for (size_t i = first; i < ui->n_stack; i++)
		if (ui->stack[i]->ops->paint)
			ui->stack[i]->ops->paint(ui->stack[i], body);
	if (top->ops->cursor && top->ops->cursor(top, &row, &col))
		draw_cursor(body, row, col);
}

void frame_paint(struct ui *ui)
{
	struct frame_size s = frame_measure(ui);
	struct draw whole = draw_whole(&ui->grid);
	struct draw title = draw_part(&whole, 0, 0, s.body_row, s.cols);
	struct draw body = draw_part(&whole, s.body_row, 0, s.body_rows, s.cols);
	struct draw note = draw_part(&whole, s.body_row + s.body_rows, 0, 1, s.cols);
	struct draw hints = draw_part(&whole, s.body_row + s.body_rows + 1, 0, 1, s.cols);

	grid_clear(&ui->grid);
	if (title.rows > 0)
		paint_title(ui, &title);
	paint_views(ui, &body);
	if (note.rows > 0)
		paint_note(ui, &note);
	if (hints.rows > 0)
		paint_hints(ui, &hints, paint_undo(ui, &hints));
	if (ui->prefix.code != UKEY_NONE && ui->is_prefix_shown)
		paint_prefix(ui, &whole);
}
