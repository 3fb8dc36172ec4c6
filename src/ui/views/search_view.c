/*
 * search_view.c - search as you type: the query runs on the reader thread, newest first, contacts
 * and partners that match by name or address in one block on top. Enter goes to the results, Esc
 * back to the place left.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/reminder.h"
#include "crmail/store/saved_search.h"
#include "ui/ui_core.h"
#include "dossier.h"
#include "mailact.h"
#include "remind.h"
#include "rowpaint.h"
#include "search.h"
#include "views.h"

static int search_open(struct view *v, const void *args, struct err *e)
{
	struct search_data *d = v->data;

	(void)e;
	editor_init(&d->input, true);
	d->far.first = SIZE_MAX;
	if (args) { /* a kept search: its answer is what is wanted, not its words */
		editor_set(&d->input, args);
		d->is_in_results = true;
		search_submit(v);
	}
	return 0;
}

static void search_close(struct view *v)
{
	struct search_data *d = v->data;

	search_far_reset(v);
	search_drop_pages(d);
	editor_release(&d->input);
}

static int search_recalc(struct view *v, struct err *e)
{
	struct search_data *d = v->data;
	size_t h = (size_t)search_height(v);

	(void)e;
	motion_settle(&d->rows, h);
	if (d->rows.sel + h * 2 > d->rows.n)
		search_read_more(v);
	return 0;
}

static void search_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

/* The rows are of the moment of the search; the sign of what was done here is of now. */
static void read_reminder(struct view *v)
{
	struct search_data *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct reminder *r = NULL;
	struct err e = ERR_INIT;

	if (reminder_get(v->ui->reader, &a, d->reminded, &r, &e)) {
		ui_error(v->ui, &e);
		return;
	}
	for (size_t i = 0; i < d->rows.n; i++)
		if (d->v[i].thread == d->reminded)
			d->v[i].remind_at = r ? r->due_at : 0;
	view_mark(v, DIRTY_PAINT);
}

static void search_event(struct view *v, const struct event *ev)
{
	const struct search_data *d = v->data;

	search_far_event(v, ev);
	if (d->reminded && (ev->type == EV_MESSAGES || ev->type == EV_COMMIT))
		read_reminder(v);
}

/* Enter, or a key that leads to the hits if there are any: the answer may be on its way. */
static void go_to_results(struct view *v, bool is_enter)
{
	struct search_data *d = v->data;

	d->wants_hits = !is_enter && d->is_answer_old;
	d->is_in_results = is_enter || d->is_answer_old || d->rows.n > 0;
	/* What cannot be understood was passed over while typing: now it is said. */
	if (is_enter && d->rows.n == 0 && span_trim(span_of(d->input.text.p)).len > 0)
		search_submit(v);
}

static enum view_result input_key(struct view *v, const struct key *k)
{
	struct search_data *d = v->data;
	size_t before = d->input.text.len;

	if (k->code == UKEY_ENTER || k->code == UKEY_DOWN || k->code == UKEY_TAB) {
		go_to_results(v, k->code == UKEY_ENTER);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (!editor_key(&d->input, k))
		return VIEW_IGNORED;
	if (d->input.text.len != before || key_is_text(k) || k->code == UKEY_PASTE)
		search_query_changed(v);
	return VIEW_HANDLED;
}

/* Keys that only move the cursor add up while rows are on their way; others wait until it is
 * there. */
static bool waits_for_rows(const struct view *v, const struct key *k)
{
	const struct search_data *d = v->data;
	struct motion none = {.n = 0};

	return d->is_answer_old ||
	       (d->owed > 0 &&
		       (d->ahead.n > 0 ||
			       !motion_move(&none,
				       keymap_find(&v->ui->keymap, v->ops->where, NULL, k), 1)));
}

static enum view_result search_key(struct view *v, const struct key *k)
{
	struct search_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (!d->is_in_results)
		return input_key(v, k);
	if (waits_for_rows(v, k) && ahead_hold(&d->ahead, k))
		return VIEW_HANDLED;
	if ((k->code == '/' && k->mods == 0) || k->code == UKEY_TAB ||
		((k->code == UKEY_UP || k->code == 'k') && k->mods == 0 && d->rows.sel == 0)) {
		d->is_in_results = false;
		return VIEW_HANDLED;
	}
	return VIEW_IGNORED;
}

static const struct thread_row *search_step(struct view *v, int by)
{
	struct search_data *d = v->data;
	size_t before = d->rows.sel;

	motion_move(&d->rows, by < 0 ? ACTION_UP : ACTION_DOWN, 1);
	view_mark(v, DIRTY_RECALC);
	return d->rows.sel == before ? NULL : &d->v[d->rows.sel];
}

static void open_result(struct view *v)
{
	struct search_data *d = v->data;
	struct thread_args a = {.source = {v, search_step}, .list = {.kind = LIST_ALL}};

	if (d->rows.sel >= d->rows.n)
		return;
	a.thread = d->v[d->rows.sel].thread;
	a.message = d->v[d->rows.sel].message;
	ui_push(v->ui, &thread_view_ops, &a);
}

static enum view_result act_on_row(struct view *v, enum action act)
{
	struct search_data *d = v->data;
	struct thread_row *t = d->rows.sel < d->rows.n ? &d->v[d->rows.sel] : NULL;
	struct mailact m = {.action = act,
		.target = {.kind = TARGET_THREADS, .n = 1, .list = {.kind = LIST_ALL}}};
	struct compose_args c = {.kind = COMPOSE_REPLY};

	if (!t)
		return VIEW_IGNORED;
	if (dossier_of_thread(v->ui, act, t))
		return VIEW_HANDLED;
	if (act == ACTION_REMIND) {
		d->reminded = t->thread;
		remind_ask(v->ui, t);
		return VIEW_HANDLED;
	}
	m.target.ids = &t->thread;
	m.is_starred = t->starred;
	if (act == ACTION_REPLY || act == ACTION_REPLY_ALL || act == ACTION_FORWARD ||
		act == ACTION_TEMPLATE) {
		c.message = t->message;
		c.account = t->account;
		c.kind = act == ACTION_REPLY_ALL ? COMPOSE_REPLY_ALL
			 : act == ACTION_FORWARD ? COMPOSE_FORWARD
						 : COMPOSE_REPLY;
		c.has_template = act == ACTION_TEMPLATE;
		compose_open(v->ui, &c);
		return VIEW_HANDLED;
	}
	if (act == ACTION_WHY) {
		const struct why_args why = {.message = t->message, .subject = t->subject};

		ui_push(v->ui, &why_view_ops, &why);
		return VIEW_HANDLED;
	}
	if (act == ACTION_MOVE || act == ACTION_LABEL) {
		if (act == ACTION_MOVE)
			mailact_pick_folder(v->ui, &m.target, t->account);
		else
			mailact_pick_label(v->ui, &m.target, t->account, t->message);
		return VIEW_HANDLED;
	}
	if (mailact_do(v->ui, &m) != MAILACT_DONE)
		return VIEW_IGNORED;
	if (act == ACTION_STAR)
		t->starred = !t->starred;
	else if (act == ACTION_READ)
		t->unread = 0;
	return VIEW_HANDLED;
}

static bool is_kept(struct ui *ui, const char *query)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	const char **v = NULL;
	size_t n = 0;

	if (saved_search_list(ui->reader, &a, &v, &n, &e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i], query) == 0)
			return true;
	return false;
}

static void keep_search(struct view *v)
{
	struct search_data *d = v->data;

	if (span_trim(span_of(d->input.text.p)).len == 0)
		return;
	bool was_kept = is_kept(v->ui, d->input.text.p);

	saved_search_toggle(v->ui->o.store, d->input.text.p);
	ui_info(v->ui, "%s",
		was_kept ? _("The search is no longer in the sidebar.")
			 : _("The search is kept in the sidebar; the same key takes it out."));
}

/* Past the last row that is here the cursor goes on when those that follow have come. */
static bool move_cursor(struct view *v, enum action act)
{
	struct search_data *d = v->data;
	bool may_go_on = !d->is_complete && d->rows.n > 0 && act != ACTION_BOTTOM;
	struct motion m = {.n = may_go_on ? SIZE_MAX : d->rows.n, .sel = d->rows.sel + d->owed};

	if (!motion_move(&m, act, (size_t)search_height(v)))
		return false;
	d->rows.sel = m.sel < d->rows.n || d->rows.n == 0 ? m.sel : d->rows.n - 1;
	d->owed = m.sel - d->rows.sel;
	d->is_stuck = false;
	if (d->owed > 0)
		search_read_more(v);
	return true;
}

static enum view_result search_action(struct view *v, enum action act)
{
	view_mark(v, DIRTY_RECALC);
	if (move_cursor(v, act))
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_KEEP_SEARCH:
		keep_search(v);
		return VIEW_HANDLED;
	case ACTION_OPEN:
		open_result(v);
		return VIEW_HANDLED;
	default:
		return act_on_row(v, act);
	}
}

static bool search_cursor(const struct view *v, int *row, int *col)
{
	const struct search_data *d = v->data;

	*row = 0;
	*col = 3 + editor_field_cursor(&d->input, v->cols - 3);
	if (d->is_in_results && d->rows.n > 0) {
		*row = search_first_row(v) + (int)(d->rows.sel - d->rows.top) * ROW_LINES;
		*col = 1;
	}
	return true;
}

static void search_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct search_data *d = v->data;

	buf_addf(left, "crmail  %s", _("Search"));
	if (!d->has_answer || d->total < 0) {
		buf_addch(right, ' ');
		return;
	}
	buf_addf(right, ngettext("%d message", "%d messages", (unsigned long)d->total),
		(int)d->total);
	if (d->far.n_asked > 0)
		buf_addf(right, " · %s", _("asking the servers"));
	else if (d->far.n_failed > 0)
		buf_addf(right, " · %s", _("not every server answered"));
}

/* Letters are text while the words are typed. */
static const enum action *search_hints(const struct view *v)
{
	static const enum action typing[] = {
		ACTION_NEXT_PANE, ACTION_KEEP_SEARCH, ACTION_BACK, ACTION_NONE};
	static const enum action results[] = {ACTION_OPEN, ACTION_SEARCH, ACTION_KEEP_SEARCH,
		ACTION_REPLY, ACTION_ARCHIVE, ACTION_HELP, ACTION_CLOSE, ACTION_STAR, ACTION_NONE};

	return ((const struct search_data *)v->data)->is_in_results ? results : typing;
}

const struct view_ops search_view_ops = {
	.name = "search",
	.where = WHERE_LIST,
	.data_size = sizeof(struct search_data),
	.hints_now = search_hints,
	.open = search_open,
	.close = search_close,
	.resume = search_resume,
	.reply = search_reply,
	.event = search_event,
	.wake = search_far_wake,
	.key = search_key,
	.action = search_action,
	.recalc = search_recalc,
	.paint = search_paint,
	.cursor = search_cursor,
	.title = search_title,
};
