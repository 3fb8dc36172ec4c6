/*
 * today_view.c - the rows of the day and what is done to them: conversations are opened and
 * answered, tasks completed and put off, what is waited for written down.
 */
#include "config.h"

#include "today.h"

#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/store/contact.h"
#include "crmail/store/record.h"
#include "crmail/store/reminder.h"
#include "remind.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "views.h"

#define DAY_S 86400LL
#define NO_ANSWER_DAYS 4
#define MEETING_LASTS_S 7200 /* still shown that long after its beginning */

/* ---- reading --------------------------------------------------------------------------------- */

static int64_t day_end(const struct ui *ui)
{
	struct tm tm;
	time_t now = (time_t)ui_now(ui);

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday++;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static struct today_row *add_row(struct today_data *d, enum today_section s)
{
	struct today_row *r = &d->v[d->rows.n++];

	*r = (struct today_row){.section = s};
	return r;
}

/* Among those that nobody answered already: by its reminder. */
static bool is_reminded(const struct today_data *d, int64_t thread)
{
	for (size_t i = d->n_waiting; i < d->rows.n; i++)
		if (d->v[i].thread->thread == thread)
			return true;
	return false;
}

static int add_threads(struct view *v, const struct today_thread *t, size_t n, enum today_section s,
	struct err *e)
{
	struct today_data *d = v->data;

	for (size_t i = 0; i < n; i++) {
		struct thread_row *shown = NULL;
		struct today_row *r;

		if (s == TODAY_UNANSWERED && is_reminded(d, t[i].thread))
			continue;
		if (thread_get(v->ui->reader, &d->arena, t[i].thread, &shown, e))
			return -1;
		if (!shown)
			continue;
		r = add_row(d, s);
		r->thread = &t[i];
		r->shown = shown;
	}
	return 0;
}

/* The mail that nobody answered. */
static const struct today_thread *thread_of(struct arena *a, const struct thread_row *shown)
{
	struct today_thread *t = arena_alloc(a, sizeof(*t));

	*t = (struct today_thread){.thread = shown->thread,
		.message = shown->message,
		.account = shown->account,
		.at = shown->date,
		.contact = shown->contact,
		.partner = shown->partner};
	return t;
}

/* Whoever the people are: the user asked for it. */
static int add_reminders(struct view *v, struct err *e)
{
	struct today_data *d = v->data;
	struct reminder *due = NULL;
	size_t n = 0;

	if (reminder_list_due(v->ui->reader, &d->arena, ui_now(v->ui), TODAY_MOST, &due, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct thread_row *shown = NULL;
		struct today_row *r;

		if (thread_get_at(v->ui->reader, &d->arena, due[i].thread, due[i].message, &shown,
			    e))
			return -1;
		if (!shown)
			continue;
		r = add_row(d, TODAY_UNANSWERED);
		r->thread = thread_of(&d->arena, shown);
		r->shown = shown;
	}
	return 0;
}

static int read_threads(struct view *v, struct err *e)
{
	struct today_data *d = v->data;
	struct today_threads t;

	if (today_threads(v->ui->reader, &d->arena, ui_now(v->ui),
		    (int64_t)(v->ui->o.no_answer_days ? v->ui->o.no_answer_days : NO_ANSWER_DAYS) *
			    DAY_S,
		    TODAY_MOST, &t, e) ||
		add_threads(v, t.waiting, t.n_waiting, TODAY_WAITING, e))
		return -1;
	d->n_waiting = d->rows.n;
	if (add_reminders(v, e))
		return -1;
	return add_threads(v, t.unanswered, t.n_unanswered, TODAY_UNANSWERED, e);
}

static int read_entries(struct view *v, struct err *e)
{
	struct today_data *d = v->data;
	struct ui *ui = v->ui;
	struct today_entry *tasks = NULL, *meetings = NULL;
	size_t n_tasks = 0, n_meetings = 0;

	if (today_tasks(ui->reader, &d->arena,
		    when_date(ui_now(ui)) + (TODAY_AHEAD_DAYS + 1) * DAY_S, TODAY_MOST, &tasks,
		    &n_tasks, e) ||
		today_meetings(ui->reader, &d->arena, ui_now(ui) - MEETING_LASTS_S, day_end(ui),
			TODAY_MOST, &meetings, &n_meetings, e))
		return -1;
	d->n_tasks = n_tasks;
	for (size_t i = 0; i < n_tasks; i++)
		add_row(d, TODAY_TASKS)->entry = &tasks[i];
	for (size_t i = 0; i < n_meetings; i++)
		add_row(d, TODAY_MEETINGS)->entry = &meetings[i];
	return 0;
}

static bool is_sent(const struct outbox_row *r)
{
	return r->state != OUTBOX_DRAFT && r->state != OUTBOX_CANCELLED;
}

/* The newest few, whatever became of them. */
static int read_sent(struct view *v, struct err *e)
{
	struct today_data *d = v->data;
	struct outbox_row *all = NULL;
	const struct outbox_row *newest[TODAY_SENT];
	size_t n = 0, n_newest = 0;

	if (outbox_list(v->ui->reader, &d->arena, &all, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t at = n_newest;

		if (!is_sent(&all[i]))
			continue;
		while (at > 0 && newest[at - 1]->changed_at < all[i].changed_at)
			at--;
		if (at == TODAY_SENT)
			continue;
		n_newest += n_newest < TODAY_SENT;
		memmove(newest + at + 1, newest + at, (n_newest - at - 1) * sizeof(*newest));
		newest[at] = &all[i];
	}
	for (size_t i = 0; i < n_newest; i++)
		add_row(d, TODAY_LAST_SENT)->sent = newest[i];
	return 0;
}

static int64_t id_of(const struct today_row *r)
{
	return r->thread ? r->thread->thread : r->entry ? r->entry->id : r->sent->id;
}

static void keep_chosen(struct today_data *d)
{
	for (size_t i = 0; i < d->rows.n; i++)
		if (d->chosen && id_of(&d->v[i]) == d->chosen &&
			d->v[i].section == d->chosen_section)
			d->rows.sel = i;
	if (d->rows.sel >= d->rows.n)
		d->rows.sel = d->rows.n > 0 ? d->rows.n - 1 : 0;
}

static void note_chosen(struct today_data *d)
{
	d->chosen = d->rows.n > 0 ? id_of(&d->v[d->rows.sel]) : 0;
	if (d->rows.n > 0)
		d->chosen_section = d->v[d->rows.sel].section;
}

/* Lines, not rows, are what fits; d->rows.top is the first line. */
static void scroll(struct view *v)
{
	struct today_data *d = v->data;
	int line = today_line_of(d, d->rows.sel), height = v->rows - 1;

	if (line < (int)d->rows.top)
		d->rows.top = (size_t)line;
	if (line >= (int)d->rows.top + height)
		d->rows.top = (size_t)(line - height + 1);
	if (d->rows.sel == 0)
		d->rows.top = 0;
}

static int today_recalc(struct view *v, struct err *e)
{
	struct today_data *d = v->data;

	arena_reset(&d->arena);
	d->rows.n = d->n_waiting = d->n_tasks = 0;
	d->v = arena_array(&d->arena, 5 * TODAY_MOST + TODAY_SENT, sizeof(*d->v));
	if (read_threads(v, e) || read_entries(v, e) || read_sent(v, e))
		return -1;
	keep_chosen(d);
	note_chosen(d);
	scroll(v);
	v->wake_at_ms = (ui_now_ms(v->ui) / 60000 + 1) * 60000; /* "in 2 h 10" */
	return 0;
}

/* Read at once: keys typed ahead find the rows. */
static int today_open(struct view *v, const void *args, struct err *e)
{
	(void)args;
	((struct today_data *)v->data)->arena = ARENA_INIT;
	return today_recalc(v, e);
}

static void today_close(struct view *v)
{
	arena_release(&((struct today_data *)v->data)->arena);
}

static void today_wake(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static void today_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_MESSAGES || ev->type == EV_CONTACTS || ev->type == EV_OUTBOX ||
		ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static int64_t contact_of(const struct today_row *r)
{
	return r->thread ? r->thread->contact : r->entry ? r->entry->contact : 0;
}

static void open_row(struct view *v, const struct today_row *r)
{
	struct thread_args a = {.list = {.kind = LIST_ALL}};

	if (r->thread) {
		a.thread = r->thread->thread;
		a.message = r->thread->message;
		ui_push(v->ui, &thread_view_ops, &a);
	} else if (r->sent) {
		ui_do(v->ui, ACTION_GO_OUTBOX);
	} else {
		ui_info(v->ui, "%s", r->entry->subject ? r->entry->subject : _("(no subject)"));
	}
}

/* To the contact of the row; where there is none, to nobody in particular. */
static void write_to(struct view *v, const struct today_row *r)
{
	struct today_data *d = v->data;
	struct contact_row *c = NULL;
	struct err e = ERR_INIT;
	struct compose_args a = {.kind = COMPOSE_NEW};
	int64_t contact = r ? contact_of(r) : 0;

	if (contact && contact_get(v->ui->reader, &d->arena, contact, &c, &e)) {
		ui_error(v->ui, &e);
		return;
	}
	if (c && c->n_emails > 0)
		a.to = c->emails[0];
	if (r && r->thread)
		a.account = r->thread->account;
	compose_open(v->ui, &a);
}

static void answer(struct view *v, const struct today_row *r)
{
	struct compose_args a = {.kind = COMPOSE_REPLY};

	if (!r->thread) {
		write_to(v, r);
		return;
	}
	a.message = r->thread->message;
	a.account = r->thread->account;
	compose_open(v->ui, &a);
}

static void log_about(struct view *v, const struct today_row *r)
{
	struct form_context c = {.contact = contact_of(r)};

	if (r->sent) {
		ui_info(v->ui, "%s", _("There is nobody to write that down about."));
		return;
	}
	c.partner = r->thread ? r->thread->partner : r->entry->partner;
	if (r->thread)
		c.account = r->thread->account;
	if (r->entry) {
		c.crm = r->entry->crm;
		c.deal = r->entry->deal;
	}
	form_log_open(v->ui, &c);
}

static bool has_reminder(const struct today_row *r)
{
	return r->shown && r->shown->remind_at;
}

static bool is_task(struct view *v, const struct today_row *r)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64);

	if (r->section == TODAY_TASKS)
		return true;
	keymap_add_key(&v->ui->keymap, ACTION_REMIND, false, &key);
	if (r->shown)
		/* TRANSLATORS: the placeholder is a key */
		ui_info(v->ui, _("That is for tasks and reminders. %s sets a reminder."), key.p);
	else
		ui_info(v->ui, "%s", _("That is for tasks and reminders."));
	return false;
}

static void complete(struct view *v, const struct today_row *r)
{
	const struct record_field done = {"status", "completed"};

	if (has_reminder(r)) {
		remind_end(v->ui, r->thread->thread);
		return;
	}
	if (!is_task(v, r))
		return;
	ui_set_undo_record(v->ui,
		record_edit(v->ui->o.store, RECORD_ACTIVITY, r->entry->id, &done, 1),
		_("Task done."));
	ui_kick(v->ui, 0);
}

/* From today on, when it was due before. */
static void postpone(struct view *v, const struct today_row *r, int days)
{
	char text[32];
	int64_t from = when_date(ui_now(v->ui));
	struct record_field due = {"due_date", text};

	if (has_reminder(r)) {
		remind_put_off(v->ui, r->shown, days);
		return;
	}
	if (!is_task(v, r))
		return;
	if (r->entry->due_at > from)
		from = r->entry->due_at;
	clock_rfc3339(from + days * DAY_S, text, sizeof(text));
	text[10] = '\0'; /* the day alone */
	ui_set_undo_record(v->ui,
		record_edit(v->ui->o.store, RECORD_ACTIVITY, r->entry->id, &due, 1),
		days == 1 ? _("Put off by a day.") : _("Put off by a week."));
	ui_kick(v->ui, 0);
}

static enum view_result on_row(struct view *v, const struct today_row *r, enum action act)
{
	switch ((int)act) {
	case ACTION_OPEN:
		open_row(v, r);
		return VIEW_HANDLED;
	case ACTION_REPLY:
		answer(v, r);
		return VIEW_HANDLED;
	case ACTION_LOG:
		log_about(v, r);
		return VIEW_HANDLED;
	case ACTION_REMIND:
		if (r->shown)
			remind_ask(v->ui, r->shown);
		return r->shown ? VIEW_HANDLED : VIEW_IGNORED;
	case ACTION_TASK_DONE:
		complete(v, r);
		return VIEW_HANDLED;
	case ACTION_TASK_DAY:
		postpone(v, r, 1);
		return VIEW_HANDLED;
	case ACTION_TASK_WEEK:
		postpone(v, r, 7);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static enum view_result today_action(struct view *v, enum action act)
{
	struct today_data *d = v->data;
	const struct today_row *r = d->rows.sel < d->rows.n ? &d->v[d->rows.sel] : NULL;
	size_t top = d->rows.top;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&d->rows, act, (size_t)(v->rows > 4 ? v->rows / 2 : 1))) {
		d->rows.top = top;
		note_chosen(d);
		scroll(v);
		return VIEW_HANDLED;
	}
	if (act == ACTION_COMPOSE) {
		write_to(v, r);
		return VIEW_HANDLED;
	}
	return r ? on_row(v, r, act) : VIEW_IGNORED;
}

static bool today_cursor(const struct view *v, int *row, int *col)
{
	const struct today_data *d = v->data;

	*row = 1 + today_line_of(d, d->rows.sel) - (int)d->rows.top;
	*col = 0;
	return d->rows.n > 0 && *row > 0 && *row < v->rows;
}

static const enum action hints[] = {ACTION_OPEN, ACTION_REPLY, ACTION_COMPOSE, ACTION_LOG,
	ACTION_GO_INBOX, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
static const enum action task_hints[] = {ACTION_TASK_DONE, ACTION_TASK_DAY, ACTION_TASK_WEEK,
	ACTION_COMPOSE, ACTION_LOG, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
static const enum action reminder_hints[] = {ACTION_OPEN, ACTION_REPLY, ACTION_TASK_DONE,
	ACTION_TASK_DAY, ACTION_TASK_WEEK, ACTION_REMIND, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
static const enum action empty_hints[] = {
	ACTION_COMPOSE, ACTION_GO_INBOX, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

static const enum action *hints_now(const struct view *v)
{
	const struct today_data *d = v->data;

	if (d->rows.n == 0)
		return empty_hints;
	if (has_reminder(&d->v[d->rows.sel]))
		return reminder_hints;
	return d->v[d->rows.sel].section == TODAY_TASKS ? task_hints : hints;
}

const struct view_ops today_view_ops = {
	.name = "today",
	.where = WHERE_TODAY,
	.data_size = sizeof(struct today_data),
	.hints = hints,
	.hints_now = hints_now,
	.open = today_open,
	.close = today_close,
	.resume = today_wake,
	.event = today_event,
	.wake = today_wake,
	.action = today_action,
	.recalc = today_recalc,
	.paint = today_paint,
	.cursor = today_cursor,
	.title = today_title,
};
