/* help_view.c - the keys of the screen below, its own first, then all others, from the table of
 * actions. */
#include "config.h"

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "views.h"

#define KEY_COLS 18
#define SPECIAL_MAX 5 /* kinds of screen: what more of them have is known by now */
#define SCREENS_MAX 32

struct help_line {
	enum action action; /* ACTION_NONE: a heading, or a blank with NULL */
	const char *heading;
};

struct help_row { /* of the screen: a line, or a further piece of its sentence */
	const struct help_line *line;
	size_t start, len; /* of the sentence; start 0: the keys stand before it */
};

struct help_data {
	struct help_line lines[ACTION_COUNT * 2 + 8];
	int n_lines;
	struct arena arena; /* of rows */
	struct help_row *rows;
	int n, top, cols; /* rows of that width */
};

static const struct {
	unsigned where;
	const char *title;
} sections[] = {
	{WHERE_LIST, N_("Lists")},
	{WHERE_THREAD, N_("Conversation")},
	{WHERE_OUTBOX, N_("Outbox and drafts")},
	{WHERE_ATTACH, N_("Attachments")},
	{WHERE_COMPOSE, N_("Writing")},
	{WHERE_RECORDS, N_("Contacts, partners, deals")},
	{WHERE_TIMELINE, N_("Timelines")},
	{WHERE_TODAY, N_("Today")},
	{WHERE_MATCH, N_("Who is this?")},
	{WHERE_WHY, N_("Why logged")},
	{WHERE_ITEMS, N_("What waits for the CRM")},
	{WHERE_NOTICES, N_("Notifications")},
	{WHERE_ACCOUNTS, N_("Accounts")},
	{WHERE_LOG, N_("Log")},
	{WHERE_TEMPLATES | WHERE_VERSIONS, N_("Templates")},
	{WHERE_FORM, N_("Forms")},
};

static void add(struct help_data *d, enum action a, const char *heading)
{
	d->lines[d->n_lines++] = (struct help_line){a, heading};
}

static int count_screens(enum action a)
{
	int n = 0;

	for (unsigned left = action_table[a].where; left; left &= left - 1)
		n++;
	return n;
}

/* Actions of `where` that no more than `most` kinds of screen have; no title: below the last
 * one. */
static void add_section(struct help_data *d, unsigned where, int most, const char *title,
	bool *seen)
{
	bool has_title = !title;

	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		if (seen[a] || !(action_table[a].where & where) || count_screens(a) > most)
			continue;
		if (!has_title && d->n_lines > 0)
			add(d, ACTION_NONE, NULL);
		if (!has_title)
			add(d, ACTION_NONE, title);
		has_title = seen[a] = true;
		add(d, (enum action)a, NULL);
	}
}

static int help_open(struct view *v, const void *args, struct err *e)
{
	struct help_data *d = v->data;
	const struct view *below = ui_below(v);
	bool seen[ACTION_COUNT] = {false};

	d->arena = ARENA_INIT;
	(void)args;
	(void)e;
	if (below) { /* what the screen is for before what nearly every screen can do */
		add_section(d, below->ops->where, SPECIAL_MAX, _("This screen"), seen);
		add_section(d, below->ops->where, SCREENS_MAX,
			d->n_lines > 0 ? NULL : _("This screen"), seen);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		add_section(d, sections[i].where, SCREENS_MAX, _(sections[i].title), seen);
	return 0;
}

static void help_close(struct view *v)
{
	arena_release(&((struct help_data *)v->data)->arena);
}

static int key_cols(int cols)
{
	return cols < 24 ? cols / 2 : KEY_COLS;
}

/* Sentences that are too long for the width go on in the next row. */
static void lay_out(struct help_data *d, int cols)
{
	int width = cols - key_cols(cols) - 5;
	size_t cap = 0;

	arena_reset(&d->arena);
	d->rows = NULL;
	d->n = 0;
	d->cols = cols;
	for (int i = 0; i < d->n_lines; i++) {
		const struct help_line *l = &d->lines[i];
		const char *text = l->action == ACTION_NONE ? "" : _(action_table[l->action].help);
		struct wrap_line *w = NULL;
		size_t n =
			render_wrap(&d->arena, span_of(text), width > 1 ? (unsigned)width : 1, &w);

		d->rows = arena_grow(&d->arena, d->rows, &cap, (size_t)d->n + n + 1,
			sizeof(*d->rows));
		d->rows[d->n++] = (struct help_row){l, 0, n > 0 ? w[0].len : 0};
		for (size_t k = 1; k < n; k++)
			d->rows[d->n++] = (struct help_row){l, w[k].start, w[k].len};
	}
}

/* The first row that is shown moves as a cursor does elsewhere. */
static struct motion top_of(const struct view *v)
{
	const struct help_data *d = v->data;
	int last = d->n - (v->rows > 2 ? v->rows - 2 : 1);

	return (struct motion){.n = last > 0 ? (size_t)last + 1 : 1, .sel = (size_t)d->top};
}

static enum view_result help_action(struct view *v, enum action act)
{
	struct help_data *d = v->data;
	struct motion top = top_of(v);

	if (act == ACTION_HELP) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (!motion_move(&top, act, v->rows > 3 ? (size_t)v->rows - 3 : 1))
		return VIEW_IGNORED;
	d->top = (int)top.sel;
	view_mark(v, DIRTY_PAINT);
	return VIEW_HANDLED;
}

static int help_recalc(struct view *v, struct err *e)
{
	struct help_data *d = v->data;
	struct motion top;

	(void)e;
	if (d->cols != v->cols)
		lay_out(d, v->cols);
	top = top_of(v);
	d->top = top.sel < top.n ? (int)top.sel : (int)top.n - 1;
	view_mark(v, DIRTY_PAINT);
	return 0;
}

static void paint_row(const struct view *v, const struct draw *d, int row, const struct help_row *r)
{
	CLEANUP(buf_release) struct buf keys = BUF_INIT(256);
	const struct help_line *l = r->line;
	int cols = key_cols(d->cols);

	if (l->action == ACTION_NONE) {
		draw_text(d, row, 1, d->cols - 2, STYLE_BOLD | STYLE_ACCENT, l->heading);
		return;
	}
	keymap_add_key(&v->ui->keymap, l->action, true, &keys);
	if (r->start == 0)
		draw_text(d, row, 3, cols, STYLE_BOLD,
			keys.len ? keys.p : action_table[l->action].name);
	draw_textn(d, row, 4 + cols, d->cols - cols - 5, STYLE_NORMAL,
		_(action_table[l->action].help) + r->start, r->len);
}

static void help_paint(const struct view *v, const struct draw *d)
{
	const struct help_data *h = v->data;

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	for (int i = 0; i + 2 < d->rows && h->top + i < h->n; i++)
		paint_row(v, d, 1 + i, &h->rows[h->top + i]);
}

static bool help_cursor(const struct view *v, int *row, int *col)
{
	*row = v->rows > 1 ? 1 : 0;
	*col = 1;
	return true;
}

static void help_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)v;
	(void)right;
	buf_addf(left, "crmail  %s", _("Keys"));
}

static const enum action hints[] = {
	ACTION_DOWN, ACTION_UP, ACTION_PAGE_DOWN, ACTION_CLOSE, ACTION_NONE};

const struct view_ops help_view_ops = {
	.name = "help",
	.where = WHERE_HELP,
	.data_size = sizeof(struct help_data),
	.hints = hints,
	.open = help_open,
	.close = help_close,
	.action = help_action,
	.recalc = help_recalc,
	.paint = help_paint,
	.cursor = help_cursor,
	.title = help_title,
};
