/* thread_paint.c - the lines of a conversation as cells, and the panel beside them. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "remind.h"
#include "thread.h"

#define TEXT_COL 3
#define DATE_CELLS 8
#define SENDER_CELLS 20

static int paint_marks(const struct draw *d, int row, const struct message_row *m)
{
	int end = d->cols - 1;

	if (m->n_attachments > 0) {
		char count[16];

		snprintf(count, sizeof(count), "%u", m->n_attachments);
		end = draw_text_right(d, row, end, 6, STYLE_DIM, count);
		end -= symbol_width(d->g, SYM_ATTACHMENT);
		draw_symbol(d, row, end, STYLE_NORMAL, SYM_ATTACHMENT);
		end -= 1;
	}
	if (m->flags & MSG_FLAGGED) {
		end -= symbol_width(d->g, SYM_STAR);
		draw_symbol(d, row, end, STYLE_WAITING | STYLE_BOLD, SYM_STAR);
		end -= 1;
	}
	return end - 1;
}

static void paint_head(const struct view *v, const struct draw *d, int row, size_t i)
{
	const struct thread_data *t = thread_data_of(v);
	const struct thread_message *m = &t->v[i];
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	CLEANUP(buf_release) struct buf who = BUF_INIT(4096);
	unsigned weight = m->was_unread || !m->is_folded ? STYLE_BOLD : STYLE_NORMAL;
	int end = paint_marks(d, row, m->row), col;

	draw_symbol(d, row, 1, i == t->cur ? STYLE_ACCENT | STYLE_BOLD : STYLE_DIM,
		m->is_folded ? SYM_FOLDED : SYM_UNFOLDED);
	if (i == t->cur)
		weight |= STYLE_ACCENT;
	thread_add_sender(v, m->row, &who);
	if (m->is_folded) {
		when_short(&when, m->row->date, ui_now(v->ui));
		draw_text(d, row, TEXT_COL, DATE_CELLS, STYLE_DIM, when.p);
		col = TEXT_COL + DATE_CELLS;
		draw_text(d, row, col, SENDER_CELLS, weight, who.p);
		col += SENDER_CELLS + 1;
		draw_text(d, row, col, end - col, STYLE_DIM, m->row->snippet);
		return;
	}
	when_long(&when, m->row->date, ui_now(v->ui));
	if (m->row->n_to > 0) {
		buf_addf(&who, " %s ", symbol_text(d->g, SYM_ARROW));
		thread_add_parties(v, m->row, m->row->to, m->row->n_to, &who);
	}
	if (m->row->n_cc > 0) {
		buf_addf(&who, ", %s ", _("cc"));
		thread_add_parties(v, m->row, m->row->cc, m->row->n_cc, &who);
	}
	col = TEXT_COL + draw_text(d, row, TEXT_COL, end - TEXT_COL, STYLE_DIM, when.p) + 2;
	draw_text(d, row, col, end - col, weight, who.p);
	if (m->was_unread)
		draw_symbol(d, row, 0, STYLE_ACCENT | STYLE_BOLD, SYM_UNREAD);
}

static unsigned run_style(unsigned run)
{
	unsigned s = 0;

	if (run & (RUN_BOLD | RUN_HEADING))
		s |= STYLE_BOLD;
	if (run & RUN_ITALIC)
		s |= STYLE_UNDERLINE;
	if (run & RUN_LINK)
		s |= STYLE_ACCENT;
	return s;
}

/* Draws the line's text in stretches of one style each. */
static void paint_runs(const struct draw *d, int row, int col, const struct thread_line *l,
	const struct render_doc *doc)
{
	size_t at = 0, line = (size_t)(l->p - doc->text.p), i = 0, hi = doc->n_runs;

	while (i < hi) { /* first run that ends after the line's start */
		size_t mid = i + (hi - i) / 2;

		if ((size_t)doc->runs[mid].start + doc->runs[mid].len <= line)
			i = mid + 1;
		else
			hi = mid;
	}
	while (at < l->len) {
		size_t to = l->len;
		unsigned style = l->style, link = 0;

		if (i < doc->n_runs && doc->runs[i].start < line + l->len) {
			size_t start = doc->runs[i].start > line ? doc->runs[i].start - line : 0;
			size_t end = (size_t)doc->runs[i].start + doc->runs[i].len - line;

			if (start > at) {
				to = start;
			} else {
				to = end < l->len ? end : l->len;
				style |= run_style(doc->runs[i].style);
				link = doc->runs[i].link;
				i++;
			}
		}
		if (to > at) {
			int w = draw_textn(d, row, col, d->cols - col, style, l->p + at, to - at);

			/* A text that names another place than it leads to is not to be clicked. */
			if (link > 0 && link <= doc->n_links && !doc->links[link - 1].mismatch)
				draw_link(d, row, col, w, doc->links[link - 1].url);
			col += w;
		}
		at = to > at ? to : at;
	}
}

static void paint_text(const struct thread_data *t, const struct draw *d, int row,
	const struct thread_line *l)
{
	const struct body *b = t->v[l->message].body;
	int col = TEXT_COL;

	for (int q = 0; q < l->quote; q++)
		col += draw_text(d, row, col, 2, STYLE_DIM, "> ");
	col += l->indent;
	if (b && l->p >= b->doc.text.p && l->p + l->len <= b->doc.text.p + b->doc.text.len)
		paint_runs(d, row, col, l, &b->doc);
	else
		draw_textn(d, row, col, d->cols - col, l->style, l->p, l->len);
}

static void paint_attachment(const struct draw *d, int row, const struct body *b, size_t i)
{
	CLEANUP(buf_release) struct buf size = BUF_INIT(64);
	int col = TEXT_COL;

	col += draw_symbol(d, row, col, STYLE_NORMAL, SYM_ATTACHMENT) + 1;
	col += draw_text(d, row, col, d->cols - col - 12, STYLE_NORMAL, b->attachments[i].save_as) +
	       2;
	body_add_size(&size, b->sizes[i]);
	draw_text(d, row, col, d->cols - col, STYLE_DIM, size.p);
}

static void paint_remote(const struct draw *d, int row, const struct render_doc *doc)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	uint32_t images = doc->remote_images - doc->trackers;

	if (images > 0)
		buf_addf(&b,
			ngettext("%u remote image not loaded", "%u remote images not loaded",
				images),
			images);
	if (doc->trackers > 0)
		buf_addf(&b,
			ngettext("%s%u tracker not loaded", "%s%u trackers not loaded",
				doc->trackers),
			images > 0 ? ", " : "", doc->trackers);
	if (doc->remote_host)
		buf_addf(&b, " (%s)", doc->remote_host);
	draw_text(d, row, TEXT_COL, d->cols - TEXT_COL, STYLE_DIM, b.p);
}

static void paint_link(const struct draw *d, int row, const struct render_link *l, size_t number)
{
	int col = TEXT_COL;

	col += draw_textf(d, row, col, 8, STYLE_ACCENT, "[%zu]", number) + 1;
	if (l->mismatch)
		col += draw_text(d, row, col, d->cols - col, STYLE_FAILED | STYLE_BOLD,
			       _("leads elsewhere:")) +
		       1;
	col += draw_text(d, row, col, d->cols - col - 1, STYLE_DIM | STYLE_UNDERLINE, l->url);
	draw_link(d, row, TEXT_COL, col - TEXT_COL, l->url);
}

static void paint_line(const struct view *v, const struct draw *d, int row,
	const struct thread_line *l)
{
	const struct thread_data *t = thread_data_of(v);
	const struct body *b = t->v[l->message].body;

	switch (l->kind) {
	case LINE_BLANK:
	case LINE_FIELD:
		return;
	case LINE_HEAD:
		paint_head(v, d, row, l->message);
		return;
	case LINE_TEXT:
		paint_text(t, d, row, l);
		return;
	case LINE_QUOTES:
		draw_textf(d, row, TEXT_COL, d->cols - TEXT_COL, STYLE_DIM,
			/* TRANSLATORS: stands for folded quoted text */
			ngettext("── %d quoted line ──", "── %d quoted lines ──",
				(unsigned long)l->count),
			l->count);
		return;
	case LINE_ATTACHMENT:
		paint_attachment(d, row, b, l->index);
		return;
	case LINE_REMOTE:
		paint_remote(d, row, &b->doc);
		return;
	case LINE_LINK:
		paint_link(d, row, &b->doc.links[l->index], l->index + 1);
		return;
	case LINE_NOTE:
		draw_textn(d, row, TEXT_COL, d->cols - TEXT_COL, l->style, l->p, l->len);
		return;
	}
}

/* "4 messages · Laura Palmer, you, cc Denis" */
static void paint_people(const struct view *v, const struct draw *d)
{
	const struct thread_row *t = thread_data_of(v)->row;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf remind = BUF_INIT(256);
	int end = d->cols - 1;

	if (t && t->remind_at) {
		buf_addf(&remind, "%s ", symbol_text(d->g, SYM_REMIND));
		remind_add_words(&remind, t->remind_at, ui_now(v->ui));
		end = draw_text_right(d, 0, end, d->cols / 2,
			      t->remind_at <= ui_now(v->ui) ? STYLE_WAITING : STYLE_DIM, remind.p) -
		      1;
	}
	thread_add_people(v, end - 1, &b);
	draw_text(d, 0, 1, end - 1, STYLE_DIM, b.p);
}

static void paint_panel(const struct view *v, const struct draw *d)
{
	const struct thread_data *t = thread_data_of(v);
	bool is_beside = v->cols >= PANEL_MIN_COLS;
	int col = is_beside ? v->cols - PANEL_COLS : 0;
	struct draw part = draw_part(d, 0, col + 1, d->rows - 1, v->cols - col - 2);

	if (is_beside)
		draw_vrule(d, 0, col - 1, d->rows - 1, STYLE_DIM);
	else
		draw_fill(d, 0, 0, d->rows - 1, d->cols, STYLE_NORMAL);
	card_paint(&t->card, &part, ui_now(v->ui), v->ui->has_crm,
		t->has_panel_focus ? t->panel_sel : CARD_NO_ENTRY);
}

void thread_paint(const struct view *v, const struct draw *d)
{
	const struct thread_data *t = thread_data_of(v);
	bool has_frame = d->rows >= 5;
	int height = thread_height(v);
	struct draw text = draw_part(d, has_frame ? 1 : 0, 0, height, thread_text_cols(v));
	struct draw people = draw_part(d, 0, 0, 1, thread_text_cols(v));

	if (!t->is_loaded) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_DIM,
			t->is_gone ? _("This conversation is no longer here. q goes back.")
				   : _("Opening…"));
		return;
	}
	if (has_frame) {
		paint_people(v, &people);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	for (int i = 0; i < height && t->top + (size_t)i < t->n_lines; i++)
		paint_line(v, &text, i, &t->lines[t->top + (size_t)i]);
	if (thread_has_panel(v))
		paint_panel(v, d);
	if (has_frame && v->cols >= PANEL_MIN_COLS)
		draw_symbol(d, d->rows - 1, v->cols - PANEL_COLS - 1, STYLE_DIM, SYM_TEE_UP);
}
