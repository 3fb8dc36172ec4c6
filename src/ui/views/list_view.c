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
#include "ui/rows.h"
#include "ui/ui_core.h"
#include "card.h"
#include "mailact.h"
#include "rowpaint.h"
#include "sidebar.h"
#include "views.h"

#define SIDEBAR_MIN_COLS 110
#define PREVIEW_MIN_ROWS 16

enum pane { PANE_LIST, PANE_SIDEBAR };

struct list_data {
	struct list_spec spec;
	char title[256];
	struct rows rows;
	struct sidebar sidebar;
	struct card card;
	int64_t card_thread;
	enum pane pane;
	bool is_loaded, wants_reload;
};

static struct list_data *data_of(const struct view *v)
{
	return v->data;
}

static bool has_sidebar(const struct view *v)
{
	return v->cols >= SIDEBAR_MIN_COLS || data_of(v)->pane == PANE_SIDEBAR;
}

/* Rules above and below take a line each when there is room. */
static int list_lines(const struct view *v)
{
	return v->rows >= 6 ? v->rows - 2 : v->rows;
}

static int list_height(const struct view *v)
{
	int h = list_lines(v) / ROW_LINES;

	return h > 0 ? h : 1;
}

static void set_place(struct list_data *d, const struct list_args *a)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->title) - 1);

	d->spec = a->spec;
	buf_addstr(&b, a->title);
	memcpy(d->title, b.p, b.len + 1);
	d->is_loaded = false;
	d->card_thread = 0;
	rows_unselect_all(&d->rows);
}

static int list_open(struct view *v, const void *args, struct err *e)
{
	struct list_data *d = data_of(v);

	(void)e;
	rows_init(&d->rows);
	sidebar_init(&d->sidebar);
	card_init(&d->card);
	set_place(d, args);
	return 0;
}

static void list_close(struct view *v)
{
	struct list_data *d = data_of(v);

	rows_release(&d->rows);
	sidebar_release(&d->sidebar);
	card_release(&d->card);
}

void list_show(struct ui *ui, const struct list_args *a)
{
	struct view *v;

	ui_pop_to_base(ui);
	v = ui_top(ui);
	set_place(data_of(v), a);
	data_of(v)->pane = PANE_LIST;
	view_mark(v, DIRTY_RECALC);
}

static int recalc_card(struct view *v, struct err *e)
{
	struct list_data *d = data_of(v);
	const struct thread_row *t = rows_current(&d->rows);

	if (!t || t->thread == d->card_thread)
		return 0;
	d->card_thread = t->thread;
	return card_load(&d->card, v->ui->reader, t->contact, t->partner, 0, e);
}

static int list_recalc(struct view *v, struct err *e)
{
	struct list_data *d = data_of(v);
	struct store_reader *r = v->ui->reader;
	int rc = 0;

	if (!d->is_loaded)
		rc = rows_load_newest(&d->rows, r, &d->spec, e);
	else if (d->wants_reload)
		rc = rows_reload(&d->rows, r, &d->spec, e);
	if (!d->is_loaded || d->wants_reload)
		rc = rc || sidebar_load(&d->sidebar, v->ui, e);
	d->is_loaded = true;
	d->wants_reload = false;
	if (rc || rows_fill(&d->rows, r, &d->spec, list_height(v), e))
		return -1;
	rows_scroll_to_sel(&d->rows, list_height(v));
	return recalc_card(v, e);
}

static void list_event(struct view *v, const struct event *ev)
{
	struct list_data *d = data_of(v);

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
	data_of(v)->wants_reload = true;
	view_mark(v, DIRTY_RECALC);
}

static const struct thread_row *list_step(struct view *v, int by)
{
	struct list_data *d = data_of(v);
	size_t before = d->rows.sel;

	rows_move(&d->rows, by);
	view_mark(v, DIRTY_RECALC);
	return d->rows.sel == before ? NULL : rows_current(&d->rows);
}

static void open_thread(struct view *v)
{
	struct list_data *d = data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	struct thread_args a = {.source = {v, list_step}, .list = d->spec};

	if (!t)
		return;
	a.thread = t->thread;
	ui_push(v->ui, &thread_view_ops, &a);
}

static void open_place(struct view *v)
{
	struct list_data *d = data_of(v);
	const struct sidebar_entry *p;
	struct list_args a;

	d->pane = PANE_LIST;
	if (d->sidebar.sel >= d->sidebar.n)
		return;
	p = &d->sidebar.v[d->sidebar.sel];
	if (p->action != ACTION_NONE) {
		ui_do(v->ui, p->action);
		return;
	}
	a = (struct list_args){.spec = p->spec, .title = p->label};
	set_place(d, &a);
}

static void jump_ends(struct view *v, enum action act)
{
	struct list_data *d = data_of(v);
	struct err e = ERR_INIT;
	int rc = act == ACTION_TOP ? rows_load_newest(&d->rows, v->ui->reader, &d->spec, &e)
				   : rows_load_oldest(&d->rows, v->ui->reader, &d->spec, &e);

	if (rc)
		ui_error(v->ui, &e);
}

static enum view_result move_cursor(struct view *v, enum action act)
{
	struct list_data *d = data_of(v);
	int page = list_height(v), half = page > 1 ? page / 2 : 1;
	int by = 0;

	switch ((int)act) {
	case ACTION_DOWN:
		by = 1;
		break;
	case ACTION_UP:
		by = -1;
		break;
	case ACTION_PAGE_DOWN:
		by = page;
		break;
	case ACTION_PAGE_UP:
		by = -page;
		break;
	case ACTION_HALF_DOWN:
		by = half;
		break;
	case ACTION_HALF_UP:
		by = -half;
		break;
	case ACTION_TOP:
	case ACTION_BOTTOM:
		break;
	default:
		return VIEW_IGNORED;
	}
	if (d->pane == PANE_SIDEBAR)
		sidebar_move(&d->sidebar, by < 0 || act == ACTION_TOP ? -1 : 1);
	else if (by != 0)
		rows_move(&d->rows, by);
	else
		jump_ends(v, act);
	return VIEW_HANDLED;
}

static bool want_all(const struct thread_row *t)
{
	(void)t;
	return true;
}

static bool want_read(const struct thread_row *t)
{
	return t->unread == 0;
}

static bool want_unread(const struct thread_row *t)
{
	return t->unread > 0;
}

static enum view_result select_rows(struct view *v, enum action act)
{
	struct rows *r = &data_of(v)->rows;

	switch ((int)act) {
	case ACTION_SELECT:
		rows_toggle(r, r->sel);
		rows_move(r, 1);
		return VIEW_HANDLED;
	case ACTION_RANGE:
		rows_toggle_range(r);
		return VIEW_HANDLED;
	case ACTION_SELECT_ALL:
		rows_select_where(r, want_all);
		return VIEW_HANDLED;
	case ACTION_SELECT_NONE:
		rows_unselect_all(r);
		return VIEW_HANDLED;
	case ACTION_SELECT_READ:
		rows_select_where(r, want_read);
		return VIEW_HANDLED;
	case ACTION_SELECT_UNREAD:
		rows_select_where(r, want_unread);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* Shows flags at once; the commit's event reads them again. */
static void overlay_flags(struct rows *r, enum action act, const int64_t *ids, size_t n,
	bool was_starred)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < n; k++) {
			if (r->v[i].thread != ids[k])
				continue;
			if (act == ACTION_STAR)
				r->v[i].starred = !was_starred;
			else if (act == ACTION_READ)
				r->v[i].unread = 0;
			else if (act == ACTION_UNREAD)
				r->v[i].unread = r->v[i].unread ? r->v[i].unread : 1;
		}
}

static enum view_result act_on_mail(struct view *v, enum action act)
{
	struct list_data *d = data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	struct mailact m = {.action = act, .target = {.kind = TARGET_THREADS, .list = d->spec}};

	if (!t)
		return VIEW_IGNORED;
	m.is_starred = t->starred;
	m.target.ids = rows_targets(&d->rows, &m.target.n);
	if (act == ACTION_MOVE) {
		mailact_pick_folder(v->ui, &m.target, t->account);
		return VIEW_HANDLED;
	}
	if (!mailact_do(v->ui, &m))
		return VIEW_IGNORED;
	if (mailact_leaves_list(act))
		rows_forget(&d->rows, m.target.ids, m.target.n);
	else
		overlay_flags(&d->rows, act, m.target.ids, m.target.n, m.is_starred);
	rows_unselect_all(&d->rows);
	return VIEW_HANDLED;
}

static enum view_result answer(struct view *v, enum action act)
{
	const struct thread_row *t = rows_current(&data_of(v)->rows);
	struct compose_args a = {.kind = COMPOSE_REPLY};

	if (!t)
		return VIEW_IGNORED;
	a.message = t->message;
	a.account = t->account;
	if (act == ACTION_REPLY_ALL)
		a.kind = COMPOSE_REPLY_ALL;
	else if (act == ACTION_FORWARD)
		a.kind = COMPOSE_FORWARD;
	compose_open(v->ui, &a);
	return VIEW_HANDLED;
}

static void narrow(struct view *v)
{
	struct list_data *d = data_of(v);

	d->spec.unread_only = !d->spec.unread_only;
	d->is_loaded = false;
}

static enum view_result list_action(struct view *v, enum action act)
{
	struct list_data *d = data_of(v);

	view_mark(v, DIRTY_RECALC);
	if (move_cursor(v, act) == VIEW_HANDLED || select_rows(v, act) == VIEW_HANDLED)
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_OPEN:
		if (d->pane == PANE_SIDEBAR)
			open_place(v);
		else
			open_thread(v);
		return VIEW_HANDLED;
	case ACTION_NEXT_PANE:
		d->pane = d->pane == PANE_LIST ? PANE_SIDEBAR : PANE_LIST;
		return VIEW_HANDLED;
	case ACTION_NARROW:
		narrow(v);
		return VIEW_HANDLED;
	case ACTION_REPLY:
	case ACTION_REPLY_ALL:
	case ACTION_FORWARD:
		return answer(v, act);
	case ACTION_BACK:
		if (d->pane == PANE_LIST && d->rows.n_selected == 0 && !d->rows.has_range)
			return VIEW_IGNORED;
		d->pane = PANE_LIST;
		rows_unselect_all(&d->rows);
		return VIEW_HANDLED;
	default:
		return act_on_mail(v, act);
	}
}

static void paint_empty(const struct view *v, const struct draw *d)
{
	const struct list_data *l = data_of(v);
	const char *why = _("No mail here."),
		   *what = _("g i goes to the inbox, / searches all mail.");

	if (v->ui->n_accounts == 0) {
		why = _("No account is connected yet.");
		what = _("\"crmail account add\" connects one; \"crmail --demo\" looks around "
			 "first.");
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
	const struct list_data *l = data_of(v);
	struct row_state s = {.now = ui_now(v->ui)};
	int height = d->rows / ROW_LINES > 0 ? d->rows / ROW_LINES : 1;

	if (l->rows.n == 0)
		paint_empty(v, d);
	for (int i = 0; i < height && l->rows.top + (size_t)i < l->rows.n; i++) {
		size_t at = l->rows.top + (size_t)i;

		s.is_current = at == l->rows.sel && l->pane == PANE_LIST;
		s.is_selected = rows_is_selected(&l->rows, at);
		row_paint(d, i * ROW_LINES, &l->rows.v[at], &s);
	}
}

static void list_paint(const struct view *v, const struct draw *d)
{
	const struct list_data *l = data_of(v);
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
	paint_rows(v, &part);
}

static bool list_cursor(const struct view *v, int *row, int *col)
{
	const struct list_data *l = data_of(v);
	int first = v->rows >= 6 ? 1 : 0;

	if (l->pane == PANE_SIDEBAR) {
		int lines = list_lines(v);

		*row = first + ((int)l->sidebar.sel < lines ? (int)l->sidebar.sel : lines - 1);
		*col = 1;
		return true;
	}
	*row = first + (int)(l->rows.sel - l->rows.top) * ROW_LINES;
	*col = (has_sidebar(v) ? SIDEBAR_COLS + 1 : 0) + 1;
	return l->rows.n > 0;
}

static void list_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct list_data *l = data_of(v);
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
	const struct list_data *l = data_of(v);
	const struct thread_row *t = rows_current(&l->rows);
	CLEANUP(buf_release) struct buf b = BUF_INIT(2048);

	if (!t)
		return;
	if (l->card.contact || l->card.partner) {
		card_add_line(&l->card, ui_now(v->ui), &b);
		draw_text(d, 0, 1, d->cols - 2, STYLE_KNOWN, b.p);
		return;
	}
	row_add_people(&b, t);
	if (t->peer_unknown)
		buf_addf(&b, " · %s", _("not in the CRM"));
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
	.action = list_action,
	.recalc = list_recalc,
	.paint = list_paint,
	.cursor = list_cursor,
	.title = list_title,
	.note = list_note,
};
