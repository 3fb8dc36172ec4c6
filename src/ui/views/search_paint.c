/* search_paint.c - the field, people and partners on top, the results below. */
#include "config.h"

#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "rowpaint.h"
#include "search.h"

#define FIELD_ROWS 2       /* the field and the rule below it */
#define PEOPLE_MIN_ROWS 14 /* on lower screens mail matters more */

static int people_rows(const struct view *v)
{
	const struct search_people *p = &((const struct search_data *)v->data)->people;

	return v->rows >= PEOPLE_MIN_ROWS ? (int)(p->n_contacts + p->n_partners) : 0;
}

int search_first_row(const struct view *v)
{
	int n = people_rows(v);

	return FIELD_ROWS + n + (n > 0);
}

int search_height(const struct view *v)
{
	int h = (v->rows - 1 - search_first_row(v)) / ROW_LINES;

	return h > 0 ? h : 1;
}

static void paint_person(const struct draw *d, int row, const char *name, const char *where,
	const char *addr)
{
	int col = 3;

	col += draw_text(d, row, col, d->cols - col - 1, STYLE_KNOWN | STYLE_BOLD, name) + 2;
	if (where)
		col += draw_text(d, row, col, d->cols - col - 1, STYLE_NORMAL, where) + 2;
	draw_text(d, row, col, d->cols - col - 1, STYLE_DIM, addr);
}

static void paint_people(const struct view *v, const struct draw *d)
{
	const struct search_people *p = &((const struct search_data *)v->data)->people;
	int row = FIELD_ROWS;

	if (people_rows(v) == 0)
		return;
	for (size_t i = 0; i < p->n_contacts; i++)
		paint_person(d, row++, p->contacts[i].name, p->contacts[i].partner_name,
			p->contacts[i].n_emails > 0 ? p->contacts[i].emails[0] : NULL);
	for (size_t i = 0; i < p->n_partners; i++)
		paint_person(d, row++, p->partners[i].name, _("partner"),
			p->partners[i].n_domains > 0 ? p->partners[i].domains[0] : NULL);
	draw_hrule(d, row, 3, d->cols - 6, STYLE_DIM);
}

static void paint_hint(const struct view *v, const struct draw *d)
{
	const struct search_data *s = v->data;
	int row = d->rows / 3 > 2 ? d->rows / 3 : 2;

	if (s->problem[0]) {
		draw_text(d, row, 3, d->cols - 4, STYLE_FAILED, s->problem);
	} else if (s->input.text.len == 0) {
		draw_text(d, row, 3, d->cols - 4, STYLE_DIM,
			_("Words, \"phrases\", -without, this OR that"));
		draw_text(d, row + 1, 3, d->cols - 4, STYLE_DIM,
			"from: to: cc: subject: contact: partner: deal: in: label: account:");
		draw_text(d, row + 2, 3, d->cols - 4, STYLE_DIM,
			"filename: has:attachment is:unread is:starred before:2026-01-31 after:7d");
	} else if (s->rows.n == 0 && s->has_answer && !s->is_waiting && s->far.n_asked == 0) {
		draw_text(d, row, 3, d->cols - 4, STYLE_BOLD, _("Nothing found."));
		draw_text(d, row + 1, 3, d->cols - 4, STYLE_DIM,
			_("Fewer words find more; \"Esc\" goes back to where you were."));
	}
}

void search_paint(const struct view *v, const struct draw *d)
{
	const struct search_data *s = v->data;
	struct row_state state = {.now = ui_now(v->ui)};
	int first = search_first_row(v), h = search_height(v);
	struct draw part = draw_part(d, first, 0, d->rows - first - 1, d->cols);

	draw_text(d, 0, 1, 2, STYLE_ACCENT | STYLE_BOLD, "/");
	editor_paint_field(&s->input, d, 0, 3, STYLE_BOLD);
	draw_hrule(d, 1, 0, d->cols, STYLE_DIM);
	draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	paint_people(v, d);
	paint_hint(v, d);
	for (int i = 0; i < h && s->rows.top + (size_t)i < s->rows.n && !s->problem[0]; i++) {
		state.is_found = s->rows.top + (size_t)i >= s->far.first;
		state.is_current = s->is_in_results && s->rows.top + (size_t)i == s->rows.sel;
		row_paint(&part, i * ROW_LINES, &s->v[s->rows.top + (size_t)i], &state);
	}
}
