/*
 * remind_view.c - asks when to be reminded of a conversation that nobody answers: some choices, or
 * as it is typed. A day without a time means its morning.
 */
#include "config.h"

#include "remind.h"

#include <time.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/moment.h"
#include "crmail/base/str.h"
#include "crmail/store/message.h"
#include "crmail/store/reminder.h"
#include "prompt.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "views.h"

#define MORNING_HOUR 9
#define DAYS_MOST 3650
#define CHOICES 5
#define USUAL 1 /* of the choices */

static const struct {
	int days;
	const char *label;
} choices[CHOICES] = {{1, N_("tomorrow")}, {3, N_("in 3 days")}, {7, N_("in a week")},
	{14, N_("in two weeks")}, {30, N_("in 30 days")}};

struct remind_data {
	struct prompt prompt;
	struct arena arena;
	int64_t thread, due_at; /* due_at: of the one that is there; 0 = none */
	struct prompt_row rows[CHOICES + 1];
	int64_t at[CHOICES + 1]; /* what each means; 0 = the end of the reminder */
	const char *trouble;     /* with what is typed; NULL = none */
};

/* ---- words and days -------------------------------------------------------------------------- */

/* Of the local day that comes so many days after the one of `t`. */
static int64_t morning_after(int64_t t, int64_t days)
{
	struct tm tm;
	time_t at = (time_t)t;

	localtime_r(&at, &tm);
	tm.tm_mday += (int)days;
	tm.tm_hour = MORNING_HOUR;
	tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static int64_t days_until(int64_t t, int64_t now)
{
	return (when_date(t) - when_date(now)) / 86400;
}

void remind_add_words(struct buf *b, int64_t due_at, int64_t now)
{
	int64_t days = days_until(due_at, now);

	if (days < -1)
		buf_addf(b,
			ngettext("reminder was %lld day ago", "reminder was %lld days ago",
				(unsigned long)-days),
			(long long)-days);
	else if (days == -1)
		buf_addstr(b, _("reminder was yesterday"));
	else if (days == 0)
		buf_addstr(b, due_at <= now ? _("reminder was today") : _("reminder later today"));
	else if (days == 1)
		buf_addstr(b, _("reminder tomorrow"));
	else
		buf_addf(b,
			ngettext("reminder in %lld day", "reminder in %lld days",
				(unsigned long)days),
			(long long)days);
}

/* ---- what is written ------------------------------------------------------------------------- */

static void set(struct ui *ui, int64_t thread, int64_t due_at)
{
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);
	int64_t group = 0;

	reminder_set(ui->o.store, thread, due_at, &group);
	when_long(&when, due_at, ui_now(ui));
	/* TRANSLATORS: the placeholder is a day and a time */
	buf_addf(&b, _("Reminder, if nobody answers: %s."), when.p);
	ui_set_undo(ui, group, 0, 0, b.p);
}

void remind_end(struct ui *ui, int64_t thread)
{
	int64_t group = 0;

	reminder_end(ui->o.store, thread, &group);
	ui_set_undo(ui, group, 0, 0, _("Reminder ended."));
}

void remind_put_off(struct ui *ui, const struct thread_row *t, int days)
{
	int64_t now = ui_now(ui);

	set(ui, t->thread, morning_after(t->remind_at > now ? t->remind_at : now, days));
}

/* ---- the rows -------------------------------------------------------------------------------- */

/* "5", "fri 14:00", "2026-12-01", "3 days", "2w". */
static bool read_typed(const struct remind_data *d, int64_t now, int64_t *at)
{
	const char *text = d->prompt.input.text.p;
	CLEANUP(buf_release) struct buf other = BUF_INIT(256);
	struct moment m;
	int64_t days;

	if (str_to_i64(text, 1, DAYS_MOST, &days)) {
		*at = morning_after(now, days);
		return true;
	}
	if (!moment_parse(text, now, MOMENT_AHEAD, &m)) {
		buf_addf(&other, "in %s", text);
		if (!moment_parse(other.p, now, MOMENT_AHEAD, &m)) {
			buf_truncate(&other, 0);
			buf_addf(&other, "+%s", text);
			if (!moment_parse(other.p, now, MOMENT_AHEAD, &m))
				return false;
		}
	}
	*at = m.has_time ? m.at : morning_after(m.at, 0);
	return true;
}

static const char *when_text(struct remind_data *d, int64_t at, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);

	when_long(&b, at, now);
	return arena_strdup(&d->arena, b.p);
}

/* The one row that stands for what is typed. */
static void show_typed(struct remind_data *d, int64_t at, int64_t now)
{
	int64_t days = days_until(at, now);

	d->at[0] = at;
	d->rows[0] = (struct prompt_row){.label = when_text(d, at, now)};
	if (days > 0)
		d->rows[0].detail = arena_printf(&d->arena,
			ngettext("in %lld day", "in %lld days", (unsigned long)days),
			(long long)days);
	prompt_show_all(&d->prompt, 1);
}

static void show_choices(struct remind_data *d, int64_t now)
{
	size_t n = 0;

	for (; n < CHOICES; n++) {
		d->at[n] = morning_after(now, choices[n].days);
		d->rows[n] = (struct prompt_row){
			.label = _(choices[n].label), .detail = when_text(d, d->at[n], now)};
	}
	if (d->due_at) {
		d->at[n] = 0;
		d->rows[n++] = (struct prompt_row){
			.label = _("no reminder any more"), .detail = when_text(d, d->due_at, now)};
	}
	prompt_match(&d->prompt, d->rows, n);
	if (d->prompt.n == 0)
		d->trouble = _("not understood; as 5, fri, 2 weeks, 2026-12-01 14:00");
}

static void fill(struct view *v)
{
	struct remind_data *d = v->data;
	int64_t now = ui_now(v->ui), at = 0;

	arena_reset(&d->arena);
	d->trouble = NULL;
	if (d->prompt.input.text.len == 0 || !read_typed(d, now, &at)) {
		show_choices(d, now);
	} else if (at > now) {
		show_typed(d, at, now);
	} else {
		prompt_show_all(&d->prompt, 0);
		d->trouble = _("that has passed already");
	}
	view_mark(v, DIRTY_PAINT);
}

/* ---- the view -------------------------------------------------------------------------------- */

static int remind_open(struct view *v, const void *args, struct err *e)
{
	struct remind_data *d = v->data;
	const struct thread_row *t = args;

	(void)e;
	d->arena = ARENA_INIT;
	d->thread = t->thread;
	d->due_at = t->remind_at;
	prompt_init(&d->prompt);
	fill(v);
	d->prompt.sel = USUAL;
	return 0;
}

static void remind_close(struct view *v)
{
	struct remind_data *d = v->data;

	prompt_release(&d->prompt);
	arena_release(&d->arena);
}

static void choose(struct view *v)
{
	struct remind_data *d = v->data;
	struct ui *ui = v->ui;
	int64_t thread = d->thread, at = d->at[d->prompt.match[d->prompt.sel]];

	ui_pop(ui);
	if (at)
		set(ui, thread, at);
	else
		remind_end(ui, thread);
}

static enum view_result remind_key(struct view *v, const struct key *k)
{
	struct remind_data *d = v->data;

	if (prompt_key(&d->prompt, k)) {
		size_t sel = d->prompt.sel;

		fill(v);
		d->prompt.sel = sel < d->prompt.n ? sel : 0;
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (k->code != UKEY_ENTER)
		return VIEW_IGNORED;
	if (d->prompt.n > 0) /* else the line says what is wrong */
		choose(v);
	return VIEW_HANDLED;
}

static void remind_paint(const struct view *v, const struct draw *d)
{
	const struct remind_data *r = v->data;
	const char *note = r->trouble;

	prompt_paint(&r->prompt, d, _("Remind me if nobody answers:"), r->rows);
	if (!note && r->prompt.input.text.len == 0)
		note = _("or type: 5, fri, 2 weeks, 2026-12-01");
	if (note)
		draw_text_right(d, d->rows - 1 - (int)r->prompt.n, d->cols - 1, d->cols / 2,
			r->trouble ? STYLE_FAILED : STYLE_DIM, note);
}

static bool remind_cursor(const struct view *v, int *row, int *col)
{
	const struct remind_data *d = v->data;

	prompt_cursor(&d->prompt, v->rows, v->cols, _("Remind me if nobody answers:"), row, col);
	return true;
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_NONE};

static const struct view_ops remind_view_ops = {
	.name = "remind",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct remind_data),
	.hints = hints,
	.open = remind_open,
	.close = remind_close,
	.key = remind_key,
	.paint = remind_paint,
	.cursor = remind_cursor,
};

void remind_ask(struct ui *ui, const struct thread_row *t)
{
	if (t->is_draft && t->count < 2)
		ui_info(ui, "%s", _("Nobody can answer a draft: send it first."));
	else
		ui_push(ui, &remind_view_ops, t);
}
