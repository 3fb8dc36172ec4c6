/* why_paint.c - the screen "why logged" in cells: one sentence, then everybody and everything. */
#include "config.h"

#include "why.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"

#define TEXT_BYTES 1024
#define FIRST_ROW 3

static const char *field_text(const char *field)
{
	if (!strcmp(field, "from"))
		return _("From");
	if (!strcmp(field, "to"))
		return _("To");
	return !strcmp(field, "cc") ? _("Cc") : _("Bcc");
}

struct columns {
	const char *first, *second, *third; /* NULL = nothing */
	unsigned style;                     /* of the second */
};

static void paint_columns(const struct draw *d, int row, const struct columns *c)
{
	int second = 12, third = d->cols / 2 + 2;

	draw_text(d, row, 3, second - 4, STYLE_DIM, c->first ? c->first : "");
	draw_text(d, row, second, third - second - 1, c->style, c->second ? c->second : "");
	draw_text(d, row, third, d->cols - third - 1, STYLE_DIM, c->third ? c->third : "");
}

static void paint_person(const struct draw *d, int row, const struct why_person *p)
{
	CLEANUP(buf_release) struct buf what = BUF_INIT(TEXT_BYTES);
	struct columns c = {.first = field_text(p->field),
		.second = p->addr,
		.style = p->who ? STYLE_KNOWN : STYLE_NORMAL};

	if (p->who) {
		text_add(&what, p->who);
		text_add(&what, ": ");
	}
	why_add_rule(p, &what);
	if (!strcmp(p->rule, "several") || p->is_never)
		c.style = STYLE_WAITING;
	c.third = what.p;
	paint_columns(d, row, &c);
}

static const char *state_text(const struct why_entry *x, unsigned *style)
{
	*style = STYLE_NORMAL;
	switch (x->state) {
	case LOG_LOGGED:
		*style = x->is_wanted ? STYLE_KNOWN : STYLE_WAITING;
		return x->is_wanted ? _("logged") : _("in the CRM; w takes it back");
	case LOG_QUEUED:
		*style = STYLE_WAITING;
		return _("waits for the CRM");
	case LOG_PARKED:
		*style = STYLE_FAILED;
		return x->reason ? x->reason : _("the CRM refused it");
	case LOG_LOCAL:
		*style = STYLE_KNOWN;
		return _("in the timeline");
	case LOG_NOT:
		*style = STYLE_WAITING;
		return x->reason;
	}
	return "";
}

static void paint_entry(const struct draw *d, int row, const struct why_entry *x)
{
	CLEANUP(buf_release) struct buf who = BUF_INIT(TEXT_BYTES);
	struct columns c = {.first = x->target ? match_kind_text(x->kind) : ""};

	text_add(&who, x->who ? x->who : x->target ? _("(gone)") : _("nobody"));
	if (x->deal) {
		text_add(&who, " · ");
		text_add(&who, x->deal);
	}
	c.second = who.p;
	c.third = state_text(x, &c.style);
	paint_columns(d, row, &c);
}

static void paint_by_hand(const struct draw *d, int row, const struct why_link *l)
{
	const struct columns c = {.first = match_kind_text(l->kind),
		.second = l->who ? l->who : _("(gone)"),
		.third = l->is_taken_away ? _("you took the link away") : _("you linked it")};

	paint_columns(d, row, &c);
}

static void paint_suggestion(const struct draw *d, int row, const struct suggestion *s)
{
	const struct columns c = {.first = match_kind_text(s->kind),
		.second = s->name,
		.third = suggest_text(s->why),
		.style = STYLE_ACCENT};

	paint_columns(d, row, &c);
}

static void paint_row(const struct why_view *w, const struct draw *d, int row,
	const struct why_row *r)
{
	switch (r->kind) {
	case WHY_HEADING:
		draw_text(d, row, 1, d->cols - 2, STYLE_BOLD, r->text);
		break;
	case WHY_PERSON:
		paint_person(d, row, &w->job->why->people[r->index]);
		break;
	case WHY_ENTRY:
		paint_entry(d, row, &w->job->why->entries[r->index]);
		break;
	case WHY_BY_HAND:
		paint_by_hand(d, row, &w->job->why->links[r->index]);
		break;
	case WHY_SUGGESTION:
		paint_suggestion(d, row, &w->job->suggestions[r->index]);
		break;
	}
}

static unsigned sum_style(const struct why *w)
{
	for (size_t i = 0; i < w->n_entries; i++)
		if (w->entries[i].state == LOG_PARKED)
			return STYLE_FAILED | STYLE_BOLD;
	return (w->word || w->is_waiting ? STYLE_WAITING : STYLE_KNOWN) | STYLE_BOLD;
}

static void paint_sum(const struct why *w, const struct draw *d)
{
	CLEANUP(buf_release) struct buf sum = BUF_INIT(TEXT_BYTES);

	why_add_sum(w, &sum);
	draw_text(d, 1, 1, d->cols - 2, sum_style(w), sum.p);
	if (w->inherits)
		draw_text(d, 2, 1, d->cols - 2, STYLE_DIM,
			_("It knows nobody itself and follows its conversation."));
	else if (w->is_forced)
		draw_text(d, 2, 1, d->cols - 2, STYLE_DIM,
			_("You said that it is logged, whatever speaks against it."));
}

void why_paint(const struct view *v, const struct draw *d)
{
	const struct why_view *w = v->data;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (!w->job)
		return;
	if (!w->job->why) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("No CRM has to do with this mail."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
			_("Its account is bound to none, or it is a draft."));
		return;
	}
	paint_sum(w->job->why, d);
	for (int i = 0; FIRST_ROW + i < d->rows && w->rows.top + (size_t)i < w->n; i++) {
		size_t at = w->rows.top + (size_t)i;

		paint_row(w, d, FIRST_ROW + i, &w->v[at]);
		if (at == w->rows.sel)
			draw_add_style(d, FIRST_ROW + i, 0, d->cols, STYLE_SELECTED);
	}
}
