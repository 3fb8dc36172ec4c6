/*
 * notices_view.c - the feed of what happened [R34]: new mail and alerts, newest first; Enter leads
 * to the thing.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/notice.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "ui/window.h"
#include "views.h"

#define KIND_COLS 10
#define WHEN_COLS 8

struct notices_data {
	struct window rows; /* of struct notice_row */
	int64_t unseen;
};

/* ---- reading --------------------------------------------------------------------------------- */

static int rows_on_screen(const struct view *v)
{
	return v->rows > 2 ? v->rows - 1 : 1;
}

static int read_page(void *ctx, struct arena *a, const void *from, bool back, size_t limit,
	struct window_page *out, struct err *e)
{
	struct view *v = ctx;
	struct notice_row *rows = NULL;
	int64_t *reached = NULL;
	size_t n = 0;

	if (notice_page(v->ui->reader, a, from, back, limit, &rows, &n, e))
		return -1;
	if (n > 0 || from) {
		reached = arena_alloc(a, sizeof(*reached));
		*reached = n > 0 ? rows[back ? 0 : n - 1].id : *(const int64_t *)from;
	}
	*out = (struct window_page){.v = rows, .n = n, .reached = reached, .is_end = n < limit};
	return 0;
}

static const void *position_of(const void *row)
{
	return &((const struct notice_row *)row)->id;
}

static int64_t id_of(const void *row)
{
	return ((const struct notice_row *)row)->id;
}

static int notices_recalc(struct view *v, struct err *e)
{
	struct notices_data *d = v->data;

	if (window_reload(&d->rows, e) || window_fill(&d->rows, rows_on_screen(v), e) ||
		notice_unseen(v->ui->reader, &d->unseen, e))
		return -1;
	window_scroll(&d->rows, rows_on_screen(v));
	return 0;
}

/* Read at once: keys typed ahead find the rows. */
static int notices_open(struct view *v, const void *args, struct err *e)
{
	struct notices_data *d = v->data;
	const struct window_source source = {.row_size = sizeof(struct notice_row),
		.ctx = v,
		.read = read_page,
		.position = position_of,
		.id = id_of};

	(void)args;
	window_init(&d->rows, &source);
	return notices_recalc(v, e);
}

static void notices_close(struct view *v)
{
	window_release(&((struct notices_data *)v->data)->rows);
}

static void notices_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_FOLDERS || ev->type == EV_MESSAGES || ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

static void notices_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

/* ---- what is done ---------------------------------------------------------------------------- */

/* About a mail, which may be gone; its words are its people and subject. */
static bool is_of_mail(const struct notice_row *n)
{
	return n->kind == NOTICE_MAIL || n->kind == NOTICE_REMINDER || n->kind == NOTICE_BOUNCED;
}

/* To the thing, or to where it is mended. */
static void open_notice(struct view *v, const struct notice_row *n)
{
	struct ui *ui = v->ui;
	struct thread_args a = {
		.thread = n->thread, .message = n->message, .list = {.kind = LIST_ALL}};

	notice_see(ui->o.store, n->id);
	switch (n->kind) {
	case NOTICE_MAIL:
	case NOTICE_REMINDER:
	case NOTICE_BOUNCED:
		if (n->text || n->peer)
			ui_push(ui, &thread_view_ops, &a);
		else
			ui_info(ui, "%s", _("The mail is not here any more."));
		break;
	case NOTICE_REFUSED:
		ui_do(ui, ACTION_GO_ITEMS);
		break;
	case NOTICE_SIGN_IN:
	case NOTICE_FAILING:
		ui_do(ui, ACTION_GO_ACCOUNTS);
		break;
	case NOTICE_DISK:
		ui_info(ui, "%s", n->text ? n->text : "");
		break;
	}
}

static enum view_result notices_action(struct view *v, enum action act)
{
	struct notices_data *d = v->data;
	const struct notice_row *n = window_current(&d->rows);
	struct err e = ERR_INIT;

	view_mark(v, DIRTY_RECALC);
	if (window_move(&d->rows, act, rows_on_screen(v), &e)) {
		/* Keys typed ahead find the rows that come next. */
		window_scroll(&d->rows, rows_on_screen(v));
		if (e.code != ERR_NONE || window_fill(&d->rows, rows_on_screen(v), &e))
			ui_error(v->ui, &e);
		return VIEW_HANDLED;
	}
	if (act == ACTION_NOTICE_ALL) {
		notice_see_all(v->ui->o.store);
		ui_info(v->ui, "%s", _("All marked as seen."));
		return VIEW_HANDLED;
	}
	if (!n)
		return VIEW_IGNORED;
	if (act == ACTION_OPEN) {
		open_notice(v, n);
		return VIEW_HANDLED;
	}
	if (act != ACTION_NOTICE_SEEN)
		return VIEW_IGNORED;
	notice_see(v->ui->o.store, n->id);
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static const char *kind_words(enum notice_kind k)
{
	switch (k) {
	case NOTICE_MAIL:
		return _("mail");
	case NOTICE_SIGN_IN:
		return _("sign in");
	case NOTICE_REFUSED:
		return _("refused");
	case NOTICE_FAILING:
		return _("failing");
	case NOTICE_DISK:
		return _("disk");
	case NOTICE_REMINDER:
		return _("no answer");
	case NOTICE_BOUNCED:
		return _("bounced");
	}
	return "";
}

static void add_words(struct buf *b, const struct notice_row *n)
{
	if (is_of_mail(n) && !n->peer && !n->text) {
		text_add(b, _("a mail that is not here any more"));
		return;
	}
	text_add(b, is_of_mail(n) ? n->peer : n->name);
	if (b->len > 0)
		text_add(b, "  ");
	if (n->count > 1)
		buf_addf(b, "(%lld) ", (long long)n->count);
	if (n->text)
		text_add(b, n->text);
	else if (n->kind == NOTICE_SIGN_IN)
		text_add(b, _("A new sign-in is needed."));
	else if (is_of_mail(n))
		text_add(b, _("(no subject)"));
}

static void paint_notice(const struct view *v, size_t i, const struct draw *d, int row)
{
	const struct notices_data *p = v->data;
	const struct notice_row *n = window_row(&p->rows, i);
	CLEANUP(buf_release) struct buf text = BUF_INIT(2048);
	CLEANUP(buf_release) struct buf at = BUF_INIT(64);
	unsigned weight = n->is_seen ? STYLE_DIM : STYLE_BOLD;
	bool is_alert = n->kind != NOTICE_MAIL && n->kind != NOTICE_REMINDER;

	when_short(&at, n->at, ui_now(v->ui));
	add_words(&text, n);
	if (!n->is_seen)
		draw_symbol(d, row, 2, is_alert ? STYLE_FAILED : STYLE_ACCENT, SYM_UNREAD);
	draw_text(d, row, 4, WHEN_COLS - 1, STYLE_DIM, at.p);
	draw_text(d, row, 4 + WHEN_COLS, KIND_COLS - 1, is_alert ? STYLE_FAILED : STYLE_DIM,
		kind_words(n->kind));
	draw_text(d, row, 4 + WHEN_COLS + KIND_COLS, d->cols - WHEN_COLS - KIND_COLS - 5, weight,
		text.p);
	if (i == p->rows.sel) {
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

static void notices_paint(const struct view *v, const struct draw *d)
{
	const struct notices_data *p = v->data;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (p->rows.n == 0) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD, _("Nothing happened yet."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
			_("Mail from people of your CRM, reminders, and what needs you stand "
			  "here."));
		return;
	}
	for (size_t i = p->rows.top; i < p->rows.n && i < p->rows.top + (size_t)rows_on_screen(v);
		i++)
		paint_notice(v, i, d, 1 + (int)(i - p->rows.top));
}

static bool notices_cursor(const struct view *v, int *row, int *col)
{
	const struct notices_data *d = v->data;

	*row = 1 + (int)(d->rows.sel - d->rows.top);
	*col = 0;
	return d->rows.n > 0;
}

static void notices_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct notices_data *d = v->data;

	buf_addf(left, "crmail  %s", _("Notifications"));
	if (d->unseen >= NOTICE_UNSEEN_MOST)
		buf_addf(right, _("%d+ new"), NOTICE_UNSEEN_MOST);
	else if (d->unseen > 0)
		buf_addf(right, ngettext("%lld new", "%lld new", (unsigned long)d->unseen),
			(long long)d->unseen);
}

static const enum action hints[] = {ACTION_OPEN, ACTION_NOTICE_SEEN, ACTION_NOTICE_ALL,
	ACTION_GO_INBOX, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

const struct view_ops notices_view_ops = {
	.name = "notices",
	.where = WHERE_NOTICES,
	.data_size = sizeof(struct notices_data),
	.hints = hints,
	.open = notices_open,
	.close = notices_close,
	.resume = notices_resume,
	.event = notices_event,
	.action = notices_action,
	.recalc = notices_recalc,
	.paint = notices_paint,
	.cursor = notices_cursor,
	.title = notices_title,
};
