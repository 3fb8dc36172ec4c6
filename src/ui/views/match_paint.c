/* match_paint.c - the match inbox in cells: the addresses, and who the selected one may be. */
#include "config.h"

#include "match_inbox.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "ui/when.h"

#define TEXT_BYTES 1024
#define DETAIL_ROWS (MATCH_CANDIDATES_MAX + 2) /* heading, candidates, rule */

static int detail_rows(int rows)
{
	int n = rows / 2;

	return n < 3 ? 0 : n < DETAIL_ROWS ? n : DETAIL_ROWS;
}

int match_list_rows(int rows)
{
	int n = rows - detail_rows(rows) - 1;

	return n > 0 ? n : 1;
}

static const char *kind_text(const struct stranger_row *s, unsigned *style)
{
	*style = STYLE_WAITING;
	switch (s->kind) {
	case STRANGER_CONTACTS:
		return _("several contacts");
	case STRANGER_PARTNERS:
		return _("several partners");
	case STRANGER_LEADS:
		return _("several leads");
	case STRANGER_UNKNOWN:
		break;
	}
	*style = STYLE_DIM;
	return _("unknown");
}

static void paint_row(const struct view *v, const struct draw *d, int row,
	const struct stranger_row *s)
{
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	CLEANUP(buf_release) struct buf who = BUF_INIT(TEXT_BYTES);
	int people = d->cols >= 100 ? 44 : d->cols / 2 - 14, col = 19, end;
	unsigned style;
	const char *kind = kind_text(s, &style);

	text_add(&who, s->name);
	if (s->name[0])
		text_add(&who, "  ");
	text_add(&who, s->addr);
	draw_text(d, row, 1, 17, style, kind);
	draw_text(d, row, col, people, STYLE_BOLD, who.p);
	col += people + 1;
	draw_textf(d, row, col, 5, STYLE_DIM, "%lld", (long long)s->count);
	col += 6;
	when_short(&when, s->newest, ui_now(v->ui));
	end = draw_text_right(d, row, d->cols - 1, 7, STYLE_DIM, when.p) - 1;
	draw_text(d, row, col, end - col, STYLE_NORMAL,
		s->subject && *s->subject ? s->subject : _("(no subject)"));
}

static void paint_candidates(const struct match_inbox *m, const struct draw *d)
{
	int col = 1 + draw_text(d, 0, 1, d->cols - 2, STYLE_BOLD, m->at) + 2;

	draw_text(d, 0, col, d->cols - col - 1, STYLE_DIM,
		m->n_candidates ? _("may be (type the number):")
				: _("is nobody we know; n makes a new contact"));
	for (size_t i = 0; i < m->n_candidates && (int)i + 1 < d->rows; i++) {
		const struct candidate_row *c = &m->candidates[i];
		CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_BYTES);
		int row = (int)i + 1, half = d->cols / 2 - 5;

		match_add_candidate(c, &b);
		draw_textf(d, row, 3, 2, STYLE_BOLD, "%zu", i + 1);
		draw_text(d, row, 6, half, STYLE_KNOWN, b.p);
		draw_text(d, row, 7 + half, d->cols - 8 - half, STYLE_DIM,
			c->has_address ? _("has this address")
			: c->addr      ? c->addr
				       : "");
	}
}

static void paint_empty(const struct view *v, const struct draw *d)
{
	bool has_crm = v->ui->has_crm;

	draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
		has_crm ? _("Nobody waits for a decision.") : _("No CRM is connected."));
	draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
		has_crm ? _("Unknown people, and addresses that several have, stand here.")
			: _("With one, people whom it does not know stand here."));
}

void match_paint(const struct view *v, const struct draw *d)
{
	const struct match_inbox *m = v->data;
	int list = match_list_rows(d->rows), detail = detail_rows(d->rows);

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (m->n == 0) {
		paint_empty(v, d);
		return;
	}
	for (int i = 0; i < list && m->rows.top + (size_t)i < m->n; i++) {
		size_t at = m->rows.top + (size_t)i;

		paint_row(v, d, 1 + i, &m->v[at]);
		if (at == m->rows.sel)
			draw_add_style(d, 1 + i, 0, d->cols, STYLE_SELECTED);
	}
	if (detail > 0) {
		struct draw below = draw_part(d, d->rows - detail + 1, 0, detail - 1, d->cols);

		draw_hrule(d, d->rows - detail, 0, d->cols, STYLE_DIM);
		paint_candidates(m, &below);
	}
}
