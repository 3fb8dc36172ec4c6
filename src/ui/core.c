/*
 * core.c - the stack of views, dispatch of keys, actions, events and answers, messages to the
 * user. One turn = timers, answers, recalc, paint. No terminal here (loop.c), no drawing of the
 * frame (frame.c), no undo (undo.c).
 */
#include "config.h"

#include "ui_core.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/store.h"
#include "frame.h"
#include "jobs.h"
#include "status.h"
#include "views/views.h"

#define PREFIX_POPUP_MS 400
#define EVENTS_A_DRAIN 64

int64_t ui_now(const struct ui *ui)
{
	return clock_now(ui->o.clock);
}

int64_t ui_now_ms(const struct ui *ui)
{
	return clock_now_ms(ui->o.clock);
}

struct view *ui_top(const struct ui *ui)
{
	return ui->n_stack > 0 ? ui->stack[ui->n_stack - 1] : NULL;
}

struct view *ui_below(const struct view *v)
{
	for (size_t i = 1; i < v->ui->n_stack; i++)
		if (v->ui->stack[i] == v)
			return v->ui->stack[i - 1];
	return NULL;
}

void view_mark(struct view *v, unsigned dirty)
{
	v->dirty |= dirty;
	v->ui->wants_paint = true;
}

int ui_init(struct ui *ui, const struct ui_options *o, bool is_ascii, bool sync_jobs, struct err *e)
{
	*ui = (struct ui){.o = *o, .prefix = {.code = UKEY_NONE}, .next_view_id = 1, .unseen = -1};
	ui->accounts_arena = ARENA_INIT;
	ui->is_newest_first = o->is_newest_first;
	grid_init(&ui->grid, is_ascii);
	keymap_init(&ui->keymap, o->keymap);
	if (store_reader_open(o->store, &ui->reader, e) ||
		jobs_start(&ui->jobs, o->store, o->events, sync_jobs, e)) {
		ui_release(ui);
		return -1;
	}
	status_refresh(ui);
	ui->wants_paint = true;
	return 0;
}

static void view_free(struct view *v)
{
	if (v->ops->close)
		v->ops->close(v);
	free(v->data);
	free(v);
}

void ui_release(struct ui *ui)
{
	jobs_stop(ui->jobs);
	ui->jobs = NULL;
	while (ui->n_stack > 0)
		view_free(ui->stack[--ui->n_stack]);
	if (ui->reader)
		store_reader_close(ui->reader);
	keymap_release(&ui->keymap);
	arena_release(&ui->accounts_arena);
	grid_release(&ui->grid);
	free(ui->clip);
	free(ui->attach_dir);
}

static void size_view(struct view *v)
{
	struct frame_size s = frame_measure(v->ui);

	v->rows = s.body_rows;
	v->cols = s.cols;
	view_mark(v, DIRTY_LAYOUT | DIRTY_RECALC | DIRTY_PAINT);
}

void ui_resize(struct ui *ui, int rows, int cols)
{
	grid_resize(&ui->grid, rows, cols);
	for (size_t i = 0; i < ui->n_stack; i++)
		size_view(ui->stack[i]);
	ui->wants_paint = true;
}

struct view *ui_push(struct ui *ui, const struct view_ops *ops, const void *args)
{
	struct err e = ERR_INIT;
	struct view *v;

	if (ui->n_stack == UI_STACK_MAX) {
		ui_info(ui, "%s", _("Too many screens are open: go back with q first."));
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	v->ops = ops;
	v->ui = ui;
	v->id = ui->next_view_id++;
	v->data = xcalloc(1, ops->data_size ? ops->data_size : 1);
	ui->stack[ui->n_stack++] = v;
	size_view(v);
	if (ops->open && ops->open(v, args, &e)) {
		ui->n_stack--;
		view_free(v);
		ui_error(ui, &e);
		return NULL;
	}
	return v;
}

void ui_pop(struct ui *ui)
{
	struct view *v = ui_top(ui);

	if (!v)
		return;
	if (ui->n_stack == 1) {
		quit_ask(ui);
		return;
	}
	ui->n_stack--;
	view_free(v);
	v = ui_top(ui);
	size_view(v);
	if (v->ops->resume)
		v->ops->resume(v);
}

void ui_pop_to_base(struct ui *ui)
{
	while (ui->n_stack > 1)
		ui_pop(ui);
}

void ui_info(struct ui *ui, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_truncate(&b, UI_MESSAGE_MAX - 1);
	memcpy(ui->message, b.p, b.len + 1);
	ui->message_kind = MESSAGE_INFO;
	ui->is_looking = false;
	ui->wants_paint = true;
}

void ui_error(struct ui *ui, const struct err *e)
{
	if (e->code == ERR_NONE || e->code == ERR_CANCELLED)
		return;
	ui_info(ui, "%s", e->msg);
	ui->message_kind = MESSAGE_ERROR;
}

void ui_kick(struct ui *ui, int64_t account)
{
	ui->kick_at = store_last_ticket(ui->o.store);
	if (ui->o.hooks.kick)
		ui->o.hooks.kick(ui->o.hooks.ctx, account);
}

static void kick_again(struct ui *ui, int64_t committed)
{
	if (!ui->kick_at || committed < ui->kick_at)
		return;
	ui->kick_at = 0;
	if (ui->o.hooks.kick)
		ui->o.hooks.kick(ui->o.hooks.ctx, 0);
}

void ui_copy(struct ui *ui, const char *p, size_t n)
{
	free(ui->clip);
	ui->clip = xstrndup(p, n);
	ui->clip_len = strlen(ui->clip);
	if (ui->terminal.clipboard)
		ui->terminal.clipboard(ui->terminal.ctx, p, n);
}

const struct account_row *ui_account(const struct ui *ui, int64_t id)
{
	for (size_t i = 0; i < ui->n_accounts; i++)
		if (ui->accounts[i].id == id)
			return &ui->accounts[i];
	return NULL;
}

void ui_submit(struct view *v, struct job *j)
{
	j->view = v->id;
	jobs_submit(v->ui->jobs, j);
}

/* q: what Esc does, and at the end of that, out. */
static void close_top(struct ui *ui)
{
	struct view *v = ui_top(ui);

	if (!v->ops->action || v->ops->action(v, ACTION_BACK) == VIEW_IGNORED)
		ui_pop(ui);
}

static void stand_still(struct ui *ui)
{
	if (!ui->terminal.suspend)
		return;
	if (ui->o.hooks.pause)
		ui->o.hooks.pause(ui->o.hooks.ctx, true);
	ui->terminal.suspend(ui->terminal.ctx);
	if (ui->o.hooks.pause)
		ui->o.hooks.pause(ui->o.hooks.ctx, false);
}

/* Actions that mean the same everywhere. */
static enum view_result do_global(struct ui *ui, enum action a)
{
	switch ((int)a) {
	case ACTION_BACK:
		if (ui->n_stack > 1)
			ui_pop(ui);
		return VIEW_HANDLED;
	case ACTION_CLOSE:
		close_top(ui);
		return VIEW_HANDLED;
	case ACTION_QUIT:
		quit_ask(ui);
		return VIEW_HANDLED;
	case ACTION_UNDO:
		ui_undo(ui);
		return VIEW_HANDLED;
	case ACTION_REDRAW:
		if (ui->terminal.redraw)
			ui->terminal.redraw(ui->terminal.ctx);
		return VIEW_HANDLED;
	case ACTION_SUSPEND:
		stand_still(ui);
		return VIEW_HANDLED;
	case ACTION_HINTS:
		ui->is_hints_hidden = !ui->is_hints_hidden;
		ui_resize(ui, ui->grid.rows, ui->grid.cols);
		return VIEW_HANDLED;
	case ACTION_FORGET:
		op_forget_parked(ui->o.store);
		return VIEW_HANDLED;
	case ACTION_SYNC:
		op_retry_parked(ui->o.store);
		if (ui->o.hooks.kick)
			ui->o.hooks.kick(ui->o.hooks.ctx, 0);
		if (ui->o.hooks.sync_now)
			ui->o.hooks.sync_now(ui->o.hooks.ctx, 0);
		ui_info(ui, "%s",
			ui->o.hooks.sync_now ? _("Looking for new mail.")
					     : _("No server is connected in this session."));
		ui->is_looking = ui->o.hooks.sync_now != NULL;
		return VIEW_HANDLED;
	default:
		return go_action(ui, a);
	}
}

enum view_result ui_do(struct ui *ui, enum action a)
{
	struct view *v = ui_top(ui);

	if (v && v->ops->action && v->ops->action(v, a) == VIEW_HANDLED)
		return VIEW_HANDLED;
	return do_global(ui, a);
}

static void unknown_key(struct ui *ui, const struct key *k)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(64);

	if (k->code == UKEY_PASTE || k->code == UKEY_UNKNOWN)
		return;
	if (ui->prefix.code != UKEY_NONE) {
		key_add_name(&name, &ui->prefix);
		buf_addch(&name, ' ');
	}
	key_add_name(&name, k);
	if (ui_top(ui)->ops->where & action_table[ACTION_HELP].where)
		/* TRANSLATORS: the placeholder is the name of a key */
		ui_info(ui, _("%s does nothing here. ? shows the keys."), name.p);
	else
		/* TRANSLATORS: the placeholder is the name of a key */
		ui_info(ui, _("%s does nothing here."), name.p);
}

static void dispatch_key(struct ui *ui, const struct key *k)
{
	struct view *v = ui_top(ui);
	bool had_prefix = ui->prefix.code != UKEY_NONE;
	struct key prefix = ui->prefix;
	enum action a;

	if (had_prefix && k->code == UKEY_ESC) {
		ui->prefix.code = UKEY_NONE;
		return;
	}
	if (!had_prefix && v->ops->key && v->ops->key(v, k) == VIEW_HANDLED)
		return;
	a = keymap_find(&ui->keymap, v->ops->where, had_prefix ? &prefix : NULL, k);
	if (a == ACTION_NONE && !had_prefix && keymap_is_prefix(&ui->keymap, v->ops->where, k)) {
		ui->prefix = *k;
		ui->prefix_at_ms = ui_now_ms(ui) + PREFIX_POPUP_MS;
		ui->is_prefix_shown = false;
		return;
	}
	if (a == ACTION_NONE || ui_do(ui, a) == VIEW_IGNORED)
		unknown_key(ui, k);
	ui->prefix.code = UKEY_NONE;
}

void ui_key(struct ui *ui, const struct key *k)
{
	if (ui->n_stack == 0 || k->code == UKEY_RESIZE)
		return;
	/* A message was on the screen before this key: it was seen. */
	if (!ui->wants_paint)
		ui->message_kind = MESSAGE_NONE;
	dispatch_key(ui, k);
	ui->wants_paint = true;
}

/* What goes wrong is news: it takes the place of a line that only said that something is done. A
 * problem that was there before does so only while the servers are asked about it. */
static void tell_problem(struct ui *ui)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(UI_MESSAGE_MAX - 1);
	bool is_problem = status_problem(ui, &b);
	bool is_news = is_problem && strcmp(b.p, ui->problem) != 0;

	memcpy(ui->problem, b.p, b.len + 1);
	if (ui->message_kind == MESSAGE_INFO && is_problem && (is_news || ui->is_looking))
		ui->message_kind = MESSAGE_NONE;
}

void ui_events(struct ui *ui)
{
	struct event v[EVENTS_A_DRAIN];
	size_t n;

	while ((n = event_drain(ui->o.events, v, ARRAY_SIZE(v))) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct err e = ERR_INIT;

			if (v[i].type == EV_COMMIT && store_ticket_error(ui->o.store, v[i].arg, &e))
				ui_error(ui, &e);
			if (v[i].type == EV_COMMIT)
				kick_again(ui, v[i].arg);
			if (v[i].type == EV_ACCOUNT || v[i].type == EV_FOLDERS ||
				v[i].type == EV_CRM) {
				status_refresh(ui);
				tell_problem(ui);
			}
			for (size_t k = 0; k < ui->n_stack; k++)
				if (ui->stack[k]->ops->event)
					ui->stack[k]->ops->event(ui->stack[k], &v[i]);
		}
		ui->wants_paint = true;
	}
}

static void take_replies(struct ui *ui)
{
	struct job *j;

	while ((j = jobs_take(ui->jobs))) {
		struct view *owner = NULL;

		for (size_t i = 0; i < ui->n_stack; i++)
			if (ui->stack[i]->id == j->view)
				owner = ui->stack[i];
		if (owner && owner->ops->reply)
			owner->ops->reply(owner, j);
		else
			j->free(j);
		ui->wants_paint = true;
	}
}

static void run_timers(struct ui *ui)
{
	int64_t now = ui_now_ms(ui);

	if (ui->prefix.code != UKEY_NONE && !ui->is_prefix_shown && now >= ui->prefix_at_ms)
		ui->is_prefix_shown = ui->wants_paint = true;
	if (ui->undo.until_ms) {
		ui->wants_paint = true;
		if (now >= ui->undo.until_ms) {
			ui->undo.until_ms = 0;
			ui->undo.outbox = 0; /* it is on its way */
		}
	}
	if (ui->status_at_ms && now >= ui->status_at_ms) {
		status_refresh(ui);
		ui->wants_paint = true;
	}
	for (size_t i = 0; i < ui->n_stack; i++) {
		struct view *v = ui->stack[i];

		if (v->wake_at_ms && now >= v->wake_at_ms) {
			v->wake_at_ms = 0;
			if (v->ops->wake)
				v->ops->wake(v);
		}
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

int ui_timeout_ms(const struct ui *ui)
{
	int64_t now = ui_now_ms(ui), due = ui->status_at_ms;

	if (ui->prefix.code != UKEY_NONE && !ui->is_prefix_shown)
		due = sooner(due, ui->prefix_at_ms);
	if (ui->undo.until_ms) /* the countdown changes each second */
		due = sooner(due, ui->undo.until_ms - (ui->undo.until_ms - now - 1) / 1000 * 1000);
	for (size_t i = 0; i < ui->n_stack; i++)
		due = sooner(due, ui->stack[i]->wake_at_ms);
	if (due == 0)
		return -1;
	if (due <= now)
		return 0;
	return due - now > 3600000 ? 3600000 : (int)(due - now);
}

static void recalc_views(struct ui *ui)
{
	for (size_t i = 0; i < ui->n_stack; i++) {
		struct view *v = ui->stack[i];
		struct err e = ERR_INIT;

		if (!(v->dirty & (DIRTY_RECALC | DIRTY_LAYOUT)) || !v->ops->recalc)
			continue;
		if (v->ops->recalc(v, &e))
			ui_error(ui, &e);
		v->dirty &= ~(unsigned)(DIRTY_RECALC | DIRTY_LAYOUT);
	}
}

void ui_turn(struct ui *ui)
{
	run_timers(ui);
	take_replies(ui);
	if (!ui->wants_paint || ui->n_stack == 0)
		return;
	recalc_views(ui);
	take_replies(ui);
	recalc_views(ui);
	status_progress(ui);
	frame_paint(ui);
	ui->wants_paint = false;
	for (size_t i = 0; i < ui->n_stack; i++)
		ui->stack[i]->dirty = 0;
}
