/*
 * deal_form.c - what changes about a deal: its stage (one of those that deals of the CRM are in, or
 * typed where there is nothing to choose from), amount, day of closing, next step.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "form_view.h"
#include "views.h"

#define WRITES_MOST 100 /* looked through for the deal's */

enum field { D_STAGE, D_AMOUNT, D_CLOSE, D_NEXT, D_SAVE, D_COUNT };

static const struct form_field fields[D_COUNT] = {
	[D_STAGE] = {FORM_CHOICE, N_("Stage"), .is_foreign = true,
		.hint = N_("Left and Right choose; so does the first letter.")},
	[D_AMOUNT] = {FORM_TEXT, N_("Amount"), .hint = N_("As 12000, 12,000.50 or 12k.")},
	[D_CLOSE] = {FORM_WHEN, N_("Closes"), .side = MOMENT_AHEAD,
		.hint = N_("As you would say it: 30 nov, +2w, 2026-12-01.")},
	[D_NEXT] = {FORM_TEXT, N_("Next step")},
	[D_SAVE] = {FORM_BUTTON, N_("Save")},
};

static const char *const names[D_SAVE] = {
	[D_STAGE] = "stage",
	[D_AMOUNT] = "amount",
	[D_CLOSE] = "close_date",
	[D_NEXT] = "next_step",
};

struct deal_form {
	struct form_view f; /* first: see form_view.h */
	int64_t deal, crm;
};

static const char *shown(struct view *v, const char *field)
{
	struct deal_form *d = v->data;

	return record_shown(v->ui->reader, &d->f.arena, RECORD_DEAL, d->deal, field);
}

/* What the CRM has while a change of the stage waits; NULL = none waits. */
static const char *stage_before(struct view *v)
{
	struct deal_form *d = v->data;
	struct record_write *w = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (record_writes(v->ui->reader, &d->f.arena, d->crm, 0, 0, WRITES_MOST, &w, &n, &e))
		return NULL;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0;
			w[i].kind == RECORD_DEAL && w[i].row == d->deal && k < w[i].n_fields; k++)
			if (strcmp(w[i].fields[k].name, "stage") == 0)
				return w[i].fields[k].base;
	return NULL;
}

static void add_stage(struct form_field *field, struct form_choice *out, const char *stage)
{
	for (size_t i = 0; i < field->n_choices; i++)
		if (stage && out[i].value && strcmp(out[i].value, stage) == 0)
			return;
	if (stage)
		out[field->n_choices++] = (struct form_choice){stage, stage};
}

/* Those of other deals first, then the deal's own where no other deal is in it. */
static void fill_stages(struct view *v)
{
	struct deal_form *d = v->data;
	struct arena *a = &d->f.arena;
	const char **stages = NULL, *now = shown(v, "stage");
	struct form_field *field = &d->f.form.v[D_STAGE];
	struct form_choice *out;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (deal_stages(v->ui->reader, a, d->crm, &stages, &n, &e))
		ui_error(v->ui, &e);
	out = arena_array(a, n + 3, sizeof(*out));
	field->kind = fields[D_STAGE].kind;
	field->hint = fields[D_STAGE].hint;
	field->n_choices = 0;
	if (!now)
		out[field->n_choices++] = (struct form_choice){.label = _("none")};
	for (size_t i = 0; i < n; i++)
		add_stage(field, out, stages[i]);
	add_stage(field, out, now);
	add_stage(field, out, stage_before(v));
	field->choices = out;
	if (!form_choose(&d->f.form, D_STAGE, now))
		field->choice = 0;
	if (field->n_choices > 1)
		return;
	field->kind = FORM_TEXT;
	field->hint = N_("As your CRM calls it.");
	form_set(&d->f.form, D_STAGE, now ? now : "");
}

/* "12,000.50", "12.000,50", "12k": digits and one dot. The last of the two signs parts the cents
 * when at most two digits follow it. */
static const char *plain_amount(struct arena *a, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(60);
	struct span s = span_trim(span_of(text));
	bool is_thousands = s.len > 1 && ascii_lower(s.p[s.len - 1]) == 'k';
	size_t cents = 0, last;

	if (is_thousands)
		s.len--;
	for (last = s.len; last > 0 && s.p[last - 1] != '.' && s.p[last - 1] != ','; last--)
		cents++;
	if (last == 0 || cents > 2 || is_thousands)
		cents = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (ascii_isdigit(s.p[i]))
			buf_addch(&b, s.p[i]);
		else if (i + 1 == last && cents > 0)
			buf_addch(&b, '.');
		else if (i == 0 || !strchr("., '", s.p[i]))
			return NULL;
	}
	if (is_thousands)
		buf_addstr(&b, "000");
	return b.len > 0 && !b.failed ? arena_strndup(a, b.p, b.len) : NULL;
}

static bool check(struct deal_form *d, const char **amount, struct moment *closes)
{
	struct form *f = &d->f.form;

	*amount =
		form_value(f, D_AMOUNT) ? plain_amount(&d->f.arena, form_value(f, D_AMOUNT)) : NULL;
	if (form_value(f, D_AMOUNT) && !*amount)
		return form_refuse(f, D_AMOUNT, _("An amount in digits, as 12000 or 12,000.50."));
	if (form_value(f, D_CLOSE) && !form_moment(f, D_CLOSE, closes))
		return form_refuse(f, D_CLOSE, _("Not understood: try \"30 nov\" or 2026-12-01."));
	return true;
}

static void deal_save(struct view *v)
{
	struct deal_form *d = v->data;
	struct form *f = &d->f.form;
	struct record_field out[D_SAVE];
	struct moment closes;
	const char *amount;
	size_t n = 0;

	if (!check(d, &amount, &closes))
		return;
	for (size_t i = 0; i < D_SAVE; i++) {
		if (!f->v[i].is_touched)
			continue;
		out[n] = (struct record_field){names[i], form_value(f, i)};
		if (i == D_AMOUNT)
			out[n].value = amount;
		else if (i == D_CLOSE && out[n].value)
			out[n].value = arena_printf(&d->f.arena, "%04d-%02d-%02d", closes.year,
				closes.month, closes.day);
		n++;
	}
	if (n > 0)
		form_view_done(v, record_edit(v->ui->o.store, RECORD_DEAL, d->deal, out, n),
			_("Deal changed."));
	else
		ui_pop(v->ui);
}

static void fill(struct view *v)
{
	struct deal_form *d = v->data;

	d->f.head = form_view_head(&d->f.arena, shown(v, "name"), shown(v, "stage"));
	fill_stages(v);
	for (size_t i = D_AMOUNT; i < D_SAVE; i++) {
		const char *text = shown(v, names[i]);

		form_set(&d->f.form, i, text ? text : "");
	}
	form_focus(&d->f.form, d->f.form.cur);
}

/* What came or was taken back meanwhile, as long as nothing was typed. */
static void deal_event(struct view *v, const struct event *ev)
{
	struct deal_form *d = v->data;

	if (ev->type != EV_CONTACTS || form_is_touched(&d->f.form))
		return;
	fill(v);
	view_mark(v, DIRTY_RECALC);
}

static int deal_open(struct view *v, const void *args, struct err *e)
{
	struct deal_form *d = v->data;

	(void)e;
	form_view_init(v, fields, D_COUNT);
	d->deal = *(const int64_t *)args;
	d->crm = record_crm(v->ui->reader, RECORD_DEAL, d->deal);
	d->f.title = N_("Deal");
	d->f.save = deal_save;
	fill(v);
	return 0;
}

static const struct view_ops deal_form_ops = {
	.name = "deal-form",
	.where = WHERE_FORM,
	.data_size = sizeof(struct deal_form),
	.hints = form_view_hints,
	.open = deal_open,
	.close = form_view_close,
	.event = deal_event,
	.key = form_view_key,
	.action = form_view_action,
	.recalc = form_view_recalc,
	.paint = form_view_paint,
	.cursor = form_view_cursor,
	.title = form_view_title,
};

void form_deal_edit_open(struct ui *ui, int64_t deal)
{
	int64_t crm = record_crm(ui->reader, RECORD_DEAL, deal);

	if (conflict_open_of(ui, RECORD_DEAL, deal))
		return;
	if (form_view_may(ui, crm, RECORD_DEAL, RECORD_CAN_EDIT))
		ui_push(ui, &deal_form_ops, &deal);
}
