/*
 * list_view.c - the base screen: sidebar, conversations of one place, contact of the row under the
 * cursor. What can be done to mail is mailact.c, the window over the list rows.c, the preview
 * preview.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "body.h"
#include "list.h"
#include "rowpaint.h"

#define SIDEBAR_MIN_COLS 110
#define SIDEBAR_MANY 200     /* rows, from which they are not read at every change, */
#define SIDEBAR_EVERY_MS 500 /* but so often */
#define PREVIEW_MIN_LINES 12
#define PREVIEW_TEXT_COLS 100

static bool has_sidebar(const struct view *v)
{
	return v->cols >= SIDEBAR_MIN_COLS || list_data_of(v)->pane == PANE_SIDEBAR;
}

/* Rules above and below take a line each when there is room. */
static int list_lines(const struct view *v)
{
	return v->rows >= 6 ? v->rows - 2 : v->rows;
}

static bool is_preview_below(const struct view *v)
{
	return list_data_of(v)->preview.is_on && v->cols < PREVIEW_BESIDE_COLS &&
	       list_lines(v) >= PREVIEW_MIN_LINES;
}

static bool is_preview_beside(const struct view *v)
{
	return list_data_of(v)->preview.is_on && v->cols >= PREVIEW_BESIDE_COLS;
}

/* Of the list without its preview. */
static int region_lines(const struct view *v)
{
	int lines = list_lines(v);
	int h = (is_preview_below(v) ? lines / 2 : lines) / ROW_LINES;

	return (h > 0 ? h : 1) * ROW_LINES;
}

/* The tree takes half of the list at most. */
static int tree_lines(const struct view *v)
{
	const struct tree *t = &list_data_of(v)->tree;
	int most = region_lines(v) / 2;

	return t->n < (size_t)most ? (int)t->n : most;
}

int list_height(const struct view *v)
{
	int h = (region_lines(v) - tree_lines(v)) / ROW_LINES;

	return h > 0 ? h : 1;
}

void list_set_place(struct list_data *d, const struct list_args *a)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->title) - 1);

	d->spec = a->spec;
	buf_addstr(&b, a->title);
	memcpy(d->title, b.p, b.len + 1);
	d->is_loaded = false;
	d->card_thread = 0;
	tree_want(&d->tree, NULL, 0);
	rows_unselect_all(&d->rows);
}

int list_load(struct view *v, struct err *e)
{
	struct list_data *d = list_data_of(v);

	if (d->is_loaded)
		return 0;
	d->wants_sidebar = true;
	if (rows_load_newest(&d->rows, v->ui->reader, &d->spec, e))
		return -1;
	d->is_loaded = true;
	d->wants_reload = false;
	return 0;
}

static int list_open(struct view *v, const void *args, struct err *e)
{
	struct list_data *d = list_data_of(v);

	(void)e;
	rows_init(&d->rows);
	sidebar_init(&d->sidebar);
	card_init(&d->card);
	preview_init(&d->preview);
	tree_init(&d->tree);
	list_set_place(d, args);
	return 0;
}

static void list_close(struct view *v)
{
	struct list_data *d = list_data_of(v);

	rows_release(&d->rows);
	sidebar_release(&d->sidebar);
	card_release(&d->card);
	preview_release(&d->preview);
	tree_release(&d->tree);
}

void list_show(struct ui *ui, const struct list_args *a)
{
	struct view *v;

	ui_pop_to_base(ui);
	v = ui_top(ui);
	list_set_place(list_data_of(v), a);
	list_data_of(v)->pane = PANE_LIST;
	view_mark(v, DIRTY_RECALC);
}

static int recalc_card(struct view *v, struct err *e)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);

	if (!t || t->thread == d->card_thread)
		return 0;
	d->card_thread = t->thread;
	if (!t->contact && !t->partner)
		return card_load_lead(&d->card, v->ui->reader, t->message, e);
	return card_load(&d->card, v->ui->reader, t->contact, t->partner, 0, e);
}

static int main_cols(const struct view *v)
{
	return v->cols - (has_sidebar(v) ? SIDEBAR_COLS + 1 : 0);
}

static void recalc_preview(struct view *v)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	int cols = main_cols(v);

	preview_want(&d->preview, v, d->preview.is_on && t ? t->message : 0);
	if (is_preview_beside(v))
		cols = cols - cols / 2 - 1;
	cols -= 2;
	preview_wrap(&d->preview, cols < PREVIEW_TEXT_COLS ? cols : PREVIEW_TEXT_COLS);
}

static void list_reply(struct view *v, struct job *j)
{
	struct list_data *d = list_data_of(v);

	if (j->kind == JOB_KIND_COUNT)
		sidebar_take_counts(&d->sidebar, v, j);
	else if (((struct open_job *)j)->thread)
		tree_take(&d->tree, (struct open_job *)j);
	else
		preview_take(&d->preview, j);
	view_mark(v, DIRTY_RECALC);
}

/* The tree goes with its row, and is read again with it. */
static void recalc_tree(struct view *v, bool is_reload)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	bool is_there = false;

	if (!t || t->thread != d->tree.thread)
		d->tree.sel = 0;
	for (size_t i = 0; d->tree.thread && i < d->rows.n && !is_there; i++)
		is_there = d->rows.v[i].thread == d->tree.thread;
	if (d->tree.thread && (is_reload || !is_there))
		tree_want(&d->tree, v, is_there ? d->tree.thread : 0);
}

/* Thousands of folders are not read again for each page that a sync brings, but now and then. */
static int recalc_sidebar(struct view *v, struct err *e)
{
	struct list_data *d = list_data_of(v);
	int64_t now = ui_now_ms(v->ui), due = d->sidebar_at_ms + SIDEBAR_EVERY_MS;

	if (d->sidebar.n > SIDEBAR_MANY && now >= d->sidebar_at_ms && now < due) {
		v->wake_at_ms = due;
		return 0;
	}
	d->wants_sidebar = false;
	d->sidebar_at_ms = now;
	return sidebar_load(&d->sidebar, v, e);
}

static void list_wake(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static int list_recalc(struct view *v, struct err *e)
{
	struct list_data *d = list_data_of(v);
	struct store_reader *r = v->ui->reader;
	bool is_reload = d->wants_reload;
	int rc = 0;

	if (!d->is_loaded)
		rc = list_load(v, e);
	else if (d->wants_reload)
		rc = rows_reload(&d->rows, r, &d->spec, e);
	d->wants_sidebar |= d->wants_reload;
	if (rc)
		return -1;
	d->wants_reload = false;
	if (d->wants_sidebar)
		rc = recalc_sidebar(v, e);
	sidebar_scroll(&d->sidebar, list_lines(v), sidebar_find(&d->sidebar, &d->spec),
		d->pane == PANE_SIDEBAR);
	if (rc || rows_fill(&d->rows, r, &d->spec, list_height(v), e))
		return -1;
	recalc_tree(v, is_reload);
	rows_scroll_to_sel(&d->rows, list_height(v));
	recalc_preview(v);
	return recalc_card(v, e);
}

static void list_event(struct view *v, const struct event *ev)
{
	struct list_data *d = list_data_of(v);

	switch (ev->type) {
	case EV_MESSAGES:
	case EV_FOLDERS:
	case EV_OUTBOX:
	case EV_CONTACTS:
	case EV_COMMIT:
		d->wants_reload = true;
		d->card_thread = 0;
		view_mark(v, DIRTY_RECALC);
		return;
	case EV_NONE:
	case EV_ACCOUNT:
	case EV_CRM:
	case EV_BODY:
	case EV_PROGRESS:
	case EV_REPLY:
	case EV_TYPE_COUNT:
		return;
	}
}

static void list_resume(struct view *v)
{
	list_data_of(v)->wants_reload = true;
	view_mark(v, DIRTY_RECALC);
}

static bool is_never_synced(const struct ui *ui)
{
	for (size_t i = 0; i < ui->n_accounts; i++)
		if (ui->accounts[i].last_sync_at || strcmp(ui->accounts[i].kind, "import") == 0)
			return false;
	return ui->n_accounts > 0;
}

static void paint_empty(const struct view *v, const struct draw *d)
{
	const struct list_data *l = list_data_of(v);
	const char *why = _("No mail here."),
		   *what = _("g i goes to the inbox, / searches all mail.");

	if (v->ui->n_accounts == 0) {
		why = _("No account is connected yet.");
		what = _("\"crmail account add\" connects one; \"crmail --demo\" looks around "
			 "first.");
	} else if (is_never_synced(v->ui)) {
		why = _("Nothing has been fetched yet.");
		what = _("Mail appears here as it comes, the newest first.");
	} else if (l->spec.unread_only) {
		why = _("No unread mail here.");
		what = _("\\ shows all mail again.");
	} else if (l->spec.kind == LIST_ROLE && l->spec.role == FOLDER_INBOX) {
		why = _("The inbox is empty.");
		what = _("New mail appears here by itself; Ctrl-R asks the servers now.");
	}
	draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD, why);
	draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM, what);
}

static void paint_rows(const struct view *v, const struct draw *d)
{
	const struct list_data *l = list_data_of(v);
	struct row_state s = {.now = ui_now(v->ui)};
	int line = 0;

	if (l->rows.n == 0)
		paint_empty(v, d);
	/* Half a row at the end is not shown, but on a screen of one line. */
	for (size_t at = l->rows.top; at < l->rows.n && (line == 0 || line + ROW_LINES <= d->rows);
		at++) {
		const struct thread_row *t = &l->rows.v[at];

		s.is_current = at == l->rows.sel && l->pane == PANE_LIST && l->tree.sel == 0;
		s.is_selected = rows_is_selected(&l->rows, at);
		row_paint(d, line, t, &s);
		line += ROW_LINES;
		if (t->thread == l->tree.thread) {
			struct draw part = draw_part(d, line, 0, tree_lines(v), d->cols);

			tree_paint(&l->tree, &part, s.now);
			line += tree_lines(v);
		}
	}
}

/* The conversations, and the preview beside or below them. */
static void paint_main(const struct view *v, const struct draw *d)
{
	const struct list_data *l = list_data_of(v);
	struct draw rows = *d, preview;

	if (is_preview_beside(v)) {
		rows = draw_part(d, 0, 0, d->rows, d->cols / 2);
		preview = draw_part(d, 0, d->cols / 2 + 1, d->rows, d->cols - d->cols / 2 - 1);
		draw_vrule(d, 0, d->cols / 2, d->rows, STYLE_DIM);
		preview_paint(&l->preview, &preview);
	} else if (is_preview_below(v)) {
		int height = region_lines(v);

		rows = draw_part(d, 0, 0, height, d->cols);
		preview = draw_part(d, height + 1, 0, d->rows - height - 1, d->cols);
		draw_hrule(d, height, 0, d->cols, STYLE_DIM);
		preview_paint(&l->preview, &preview);
	}
	paint_rows(v, &rows);
}

static void list_paint(const struct view *v, const struct draw *d)
{
	const struct list_data *l = list_data_of(v);
	bool has_rules = d->rows >= 6;
	int first = has_rules ? 1 : 0, lines = has_rules ? d->rows - 2 : d->rows, col = 0;
	struct draw part;

	if (has_rules) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (has_sidebar(v)) {
		col = SIDEBAR_COLS + 1;
		part = draw_part(d, first, 0, lines, SIDEBAR_COLS);
		sidebar_paint(&l->sidebar, &part, sidebar_find(&l->sidebar, &l->spec),
			l->pane == PANE_SIDEBAR);
		draw_vrule(d, first, SIDEBAR_COLS, lines, STYLE_DIM);
		if (has_rules) {
			draw_symbol(d, 0, SIDEBAR_COLS, STYLE_DIM, SYM_TEE_DOWN);
			draw_symbol(d, d->rows - 1, SIDEBAR_COLS, STYLE_DIM, SYM_TEE_UP);
		}
	}
	part = draw_part(d, first, col, lines, d->cols - col);
	paint_main(v, &part);
}

/* Of the lines of the list. */
static int cursor_line(const struct view *v)
{
	const struct list_data *l = list_data_of(v);
	int line = (int)(l->rows.sel - l->rows.top) * ROW_LINES;

	if (l->tree.sel > 0)
		return line + ROW_LINES + tree_cursor_line(&l->tree, tree_lines(v));
	for (size_t i = l->rows.top; i < l->rows.sel && i < l->rows.n; i++)
		if (l->rows.v[i].thread == l->tree.thread)
			line += tree_lines(v);
	return line;
}

static bool list_cursor(const struct view *v, int *row, int *col)
{
	const struct list_data *l = list_data_of(v);
	int first = v->rows >= 6 ? 1 : 0;

	if (l->pane == PANE_SIDEBAR) {
		*row = first + (int)(l->sidebar.sel - l->sidebar.top);
		*col = 1;
		return true;
	}
	*row = first + cursor_line(v);
	if (*row >= v->rows)
		*row = v->rows - 1;
	*col = (has_sidebar(v) ? SIDEBAR_COLS + 1 : 0) + 1;
	return l->rows.n > 0;
}

static void list_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct list_data *l = list_data_of(v);
	const struct account_row *a = ui_account(v->ui, l->spec.account);

	(void)right;
	buf_addf(left, "crmail  %s", l->title);
	if (v->ui->n_accounts > 1)
		buf_addf(left, " · %s", a ? a->name : _("all accounts"));
	if (l->spec.unread_only)
		buf_addf(left, " · %s", _("unread only"));
	if (l->rows.n_selected > 0)
		buf_addf(left,
			ngettext(" · %d selected", " · %d selected",
				(unsigned long)l->rows.n_selected),
			(int)l->rows.n_selected);
}

static void list_note(const struct view *v, const struct draw *d)
{
	const struct list_data *l = list_data_of(v);
	const struct thread_row *t = rows_current(&l->rows);
	CLEANUP(buf_release) struct buf b = BUF_INIT(2048);

	if (!t)
		return;
	if (!card_is_empty(&l->card)) {
		card_add_line(&l->card, ui_now(v->ui), &b);
		draw_text(d, 0, 1, d->cols - 2, STYLE_KNOWN, b.p);
		return;
	}
	row_add_people(&b, t);
	if (t->peer_unknown) {
		CLEANUP(buf_release) struct buf key = BUF_INIT(64);

		keymap_add_key(&v->ui->keymap, ACTION_CONTACT_NEW, false, &key);
		text_add(&b, " · ");
		/* TRANSLATORS: the placeholder is a key */
		buf_addf(&b, _("not in the CRM: %s makes a contact"), key.p);
	}
	draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, b.p);
}

static const enum action list_hints[] = {ACTION_COMPOSE, ACTION_REPLY, ACTION_ARCHIVE, ACTION_STAR,
	ACTION_SEARCH, ACTION_PALETTE, ACTION_HELP, ACTION_TRASH, ACTION_SELECT, ACTION_NEXT_PANE,
	ACTION_NONE};

const struct view_ops list_view_ops = {
	.name = "list",
	.where = WHERE_LIST,
	.data_size = sizeof(struct list_data),
	.hints = list_hints,
	.open = list_open,
	.close = list_close,
	.resume = list_resume,
	.event = list_event,
	.wake = list_wake,
	.reply = list_reply,
	.action = list_action,
	.recalc = list_recalc,
	.paint = list_paint,
	.cursor = list_cursor,
	.title = list_title,
	.note = list_note,
};
