/*
 * conflict_view.c - a record that was changed here and in the CRM at the same time: both versions
 * side by side, field by field; the user says whose counts, for all or for each field.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/record.h"
#include "ui/form.h"
#include "ui/ui_core.h"
#include "views.h"

#define HEAD_LINES 4
#define LABEL_COLS 15
#define WRITES_MOST 100 /* looked through for a record's */

struct conflict_data {
	struct arena arena;
	int64_t id;
	struct record_write *w; /* NULL = no longer in conflict */
	struct choice *v;       /* of each field */
	size_t cur, top;
};

struct choice {
	bool is_ours;
	const char *base, *ours, *theirs; /* as shown: records by their names; NULL = empty */
};

static const struct {
	const char *name, *label;
} labels[] = {
	{"first_name", N_("First name")},
	{"last_name", N_("Last name")},
	{"title", N_("Job")},
	{"email", N_("Email")},
	{"other_emails", N_("Other addresses")},
	{"other_phones", N_("Other phones")},
	{"phone", N_("Phone")},
	{"partner", N_("Partner")},
	{"contact", N_("Contact")},
	{"name", N_("Name")},
	{"domain", N_("Domain")},
	{"stage", N_("Stage")},
	{"amount", N_("Amount")},
	{"currency", N_("Currency")},
	{"close_date", N_("Closes")},
	{"next_step", N_("Next step")},
	{"subject", N_("Subject")},
	{"body", N_("Notes")},
	{"status", N_("Status")},
};

static size_t place_of(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(labels) && strcmp(labels[i].name, name) != 0)
		i++;
	return i;
}

static const char *label_of(const char *name)
{
	size_t i = place_of(name);

	return i < ARRAY_SIZE(labels) ? _(labels[i].label) : name;
}

/* As forms have them. */
static int by_place(const void *a, const void *b)
{
	const struct record_value *x = a, *y = b;
	size_t i = place_of(x->name), k = place_of(y->name);

	return i == k ? strcmp(x->name, y->name) : i < k ? -1 : 1;
}

/* Rows of other records by their names. */
static const char *text_of(struct view *v, const struct record_value *f, const char *value)
{
	struct conflict_data *d = v->data;
	const char *name;
	int64_t row;

	if (!value || !f->ref || !str_to_i64(value, 1, INT64_MAX, &row))
		return value;
	name = record_shown(v->ui->reader, &d->arena, f->ref, row,
		f->ref == RECORD_CONTACT ? "last_name" : "name");
	return name ? name : value;
}

static int load(struct view *v, struct err *e)
{
	struct conflict_data *d = v->data;

	if (record_write_get(v->ui->reader, &d->arena, d->id, &d->w, e))
		return -1;
	if (d->w && d->w->state != RECORD_CONFLICT)
		d->w = NULL;
	if (!d->w)
		return 0;
	qsort(d->w->fields, d->w->n_fields, sizeof(*d->w->fields), by_place);
	d->v = arena_array(&d->arena, d->w->n_fields + 1, sizeof(*d->v));
	for (size_t i = 0; i < d->w->n_fields; i++) {
		const struct record_value *f = &d->w->fields[i];

		d->v[i] = (struct choice){.is_ours = true,
			.base = text_of(v, f, f->base),
			.ours = text_of(v, f, f->ours),
			.theirs = text_of(v, f, f->theirs)};
	}
	return 0;
}

static int conflict_open_view(struct view *v, const void *args, struct err *e)
{
	struct conflict_data *d = v->data;

	d->arena = ARENA_INIT;
	d->id = *(const int64_t *)args;
	return load(v, e);
}

static void conflict_close(struct view *v)
{
	arena_release(&((struct conflict_data *)v->data)->arena);
}

/* Whether it was decided elsewhere meanwhile. */
static void conflict_event(struct view *v, const struct event *ev)
{
	struct conflict_data *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct record_write *w = NULL;
	struct err e = ERR_INIT;

	(void)ev;
	if (!d->w || record_write_get(v->ui->reader, &a, d->id, &w, &e))
		return;
	if (w && w->state == RECORD_CONFLICT)
		return;
	d->w = NULL;
	view_mark(v, DIRTY_PAINT);
}

/* ---- deciding -------------------------------------------------------------------------------- */

static size_t count_ours(const struct conflict_data *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->w->n_fields; i++)
		n += d->v[i].is_ours;
	return n;
}

/* Of both some: the CRM's version is taken, and ours of the chosen fields is a new edit of it. */
static void decide(struct view *v)
{
	struct conflict_data *d = v->data;
	struct store *s = v->ui->o.store;
	struct ui *ui = v->ui;
	size_t ours, n = 0;

	if (!d->w) {
		ui_pop(ui);
		return;
	}
	ours = count_ours(d);
	record_resolve(s, d->id, ours == d->w->n_fields);
	if (ours > 0 && ours < d->w->n_fields) {
		struct record_field *out = arena_array(&d->arena, ours, sizeof(*out));

		for (size_t i = 0; i < d->w->n_fields; i++)
			if (d->v[i].is_ours)
				out[n++] = (struct record_field){
					d->w->fields[i].name, d->w->fields[i].ours};
		record_edit(s, d->w->kind, d->w->row, out, n);
	}
	ui_kick(ui, 0);
	ui_info(ui, "%s",
		ours == 0 ? _("The CRM's version is kept.") : _("Decided: it is sent to the CRM."));
	ui_pop(ui);
}

static void take_all(struct conflict_data *d, bool is_ours)
{
	for (size_t i = 0; i < d->w->n_fields; i++)
		d->v[i].is_ours = is_ours;
}

static void move(struct conflict_data *d, int by)
{
	if (by < 0 && d->cur > 0)
		d->cur--;
	if (by > 0 && d->cur + 1 < d->w->n_fields)
		d->cur++;
}

static enum view_result conflict_key(struct view *v, const struct key *k)
{
	struct conflict_data *d = v->data;

	if (!d->w || (k->mods & ~(unsigned)KEY_SHIFT))
		return VIEW_IGNORED;
	view_mark(v, DIRTY_RECALC);
	switch (k->code) {
	case UKEY_UP:
	case 'k':
		move(d, -1);
		return VIEW_HANDLED;
	case UKEY_DOWN:
	case 'j':
		move(d, 1);
		return VIEW_HANDLED;
	case UKEY_TAB:
		move(d, k->mods & KEY_SHIFT ? -1 : 1);
		return VIEW_HANDLED;
	case UKEY_LEFT:
		d->v[d->cur].is_ours = true;
		return VIEW_HANDLED;
	case UKEY_RIGHT:
		d->v[d->cur].is_ours = false;
		return VIEW_HANDLED;
	case ' ':
		d->v[d->cur].is_ours = !d->v[d->cur].is_ours;
		return VIEW_HANDLED;
	case 'o':
		take_all(d, true);
		return VIEW_HANDLED;
	case 't':
		take_all(d, false);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static enum view_result conflict_action(struct view *v, enum action act)
{
	view_mark(v, DIRTY_PAINT);
	switch ((int)act) {
	case ACTION_FORM_BACK:
		ui_pop(v->ui);
		return VIEW_HANDLED;
	case ACTION_FORM_CHOOSE:
	case ACTION_FORM_SAVE:
		decide(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* ---- painting -------------------------------------------------------------------------------- */

static int conflict_recalc(struct view *v, struct err *e)
{
	struct conflict_data *d = v->data;
	size_t fit = v->rows > HEAD_LINES + 4 ? (size_t)(v->rows - HEAD_LINES - 3) / 2 : 1;

	(void)e;
	if (d->cur < d->top)
		d->top = d->cur;
	if (d->cur >= d->top + fit)
		d->top = d->cur - fit + 1;
	return 0;
}

static void paint_side(const struct draw *d, int row, const char *text, bool is_chosen)
{
	unsigned style = is_chosen ? STYLE_BOLD | STYLE_ACCENT : STYLE_DIM;

	if (is_chosen)
		draw_symbol(d, row, 0, style, SYM_CHECK);
	draw_text(d, row, 2, d->cols - 3, style, text ? text : _("(empty)"));
}

static struct draw column(const struct draw *d, int number)
{
	int half = (d->cols - LABEL_COLS - 3) / 2;

	return draw_part(d, 0, LABEL_COLS + 3 + number * half, d->rows, half);
}

/* Two lines a field: both versions, and below them what it was before. */
static void paint_field(const struct conflict_data *c, const struct draw *d, size_t i, int row)
{
	const struct choice *f = &c->v[i];
	struct draw ours = column(d, 0), theirs = column(d, 1);

	if (i == c->cur)
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
	draw_text(d, row, 2, LABEL_COLS, i == c->cur ? STYLE_BOLD : STYLE_DIM,
		label_of(c->w->fields[i].name));
	paint_side(&ours, row, f->ours, f->is_ours);
	paint_side(&theirs, row, f->theirs, !f->is_ours);
	/* TRANSLATORS: the placeholder is the value of a field */
	draw_textf(&ours, row + 1, 2, ours.cols - 3, STYLE_DIM, _("was: %s"),
		f->base ? f->base : _("(empty)"));
}

static void conflict_paint(const struct view *v, const struct draw *d)
{
	const struct conflict_data *c = v->data;
	struct draw ours = column(d, 0), theirs = column(d, 1);
	int row = HEAD_LINES, last = d->rows - 3;

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	if (!c->w) {
		draw_text(d, 1, 2, d->cols - 3, STYLE_DIM, _("Nothing is in conflict here."));
		return;
	}
	draw_text(d, 0, 2, d->cols - 3, STYLE_BOLD | STYLE_KNOWN, c->w->title);
	draw_text(&ours, 2, 2, ours.cols - 3, STYLE_DIM, _("Here"));
	draw_text(&theirs, 2, 2, theirs.cols - 3, STYLE_DIM, _("In the CRM"));
	for (size_t i = c->top; i < c->w->n_fields && row < last; i++, row += 2)
		paint_field(c, d, i, row);
	form_paint_text(d, d->rows - 2, STYLE_DIM,
		_("Left and Right choose for a field; o takes all of here, t all of the CRM. "
		  "Enter sends it."));
}

static bool conflict_cursor(const struct view *v, int *row, int *col)
{
	const struct conflict_data *d = v->data;

	*row = d->w ? HEAD_LINES + 2 * (int)(d->cur - d->top) : 0;
	*col = 0;
	return true;
}

static void conflict_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)v;
	(void)right;
	buf_addf(left, "crmail  %s", _("Changed here and in the CRM"));
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_NONE};

static const struct view_ops conflict_view_ops = {
	.name = "conflict",
	.where = WHERE_FORM,
	.data_size = sizeof(struct conflict_data),
	.hints = hints,
	.open = conflict_open_view,
	.close = conflict_close,
	.event = conflict_event,
	.key = conflict_key,
	.action = conflict_action,
	.recalc = conflict_recalc,
	.paint = conflict_paint,
	.cursor = conflict_cursor,
	.title = conflict_title,
};

void conflict_open(struct ui *ui, int64_t write)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct record_write *w = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (!write && record_writes(ui->reader, &a, 0, 1u << RECORD_CONFLICT, 0, 1, &w, &n, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (n > 0)
		write = w[0].id;
	if (write)
		ui_push(ui, &conflict_view_ops, &write);
	else
		ui_info(ui, "%s", _("No record is in conflict with the CRM."));
}

bool conflict_open_of(struct ui *ui, enum record_kind kind, int64_t row)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct record_write *w = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (record_writes(ui->reader, &a, 0, 1u << RECORD_CONFLICT, 0, WRITES_MOST, &w, &n, &e)) {
		ui_error(ui, &e);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (w[i].kind == kind && w[i].row == row)
			return ui_push(ui, &conflict_view_ops, &w[i].id) != NULL;
	return false;
}
