/*
 * crm_logging_view.c - what of the mail goes into a CRM's log: which side writes it, which mail,
 * how much of it, from when on. Nothing is logged before it is confirmed here [R38].
 */
#include "config.h"

#include "crm_logging.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "ui/jobs.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "crm_setup.h"
#include "views.h"

#define LABEL_CELLS 18

static const struct form_choice mode_choices[] = {
	{N_("all mail with people of the CRM"), "known"},
	{N_("only conversations in which you wrote"), "replies"},
	{N_("everything, strangers too"), "everything"},
	{N_("none"), "off"},
};
static const struct form_choice level_choices[] = {
	{N_("subject and first words"), "snippet"},
	{N_("subject only"), "headers"},
	{N_("subject and the whole text"), "full"},
};
static const struct form_choice side_choices[] = {
	{N_("crmail writes the entry"), "activity"},
	{N_("crmail hands the mail in, the CRM makes the entry"), "message"},
	{N_("something else logs my mail already"), "off"},
};
static const struct form_choice range_choices[] = {
	{N_("today on"), "0"},
	{N_("the last 7 days on"), "7"},
	{N_("the last 30 days on"), "30"},
	{N_("the last 90 days on"), "90"},
	{N_("the very first mail on"), "all"},
	{N_("a day that I type"), "day"},
};

static const struct form_field fields[L_COUNT] = {
	[L_SIDE] = {FORM_CHOICE, N_("Who logs"),
		.hint = N_("Two that log would make two entries of each mail.")},
	[L_MODE] = {FORM_CHOICE, N_("Which mail"), .choices = mode_choices,
		.n_choices = ARRAY_SIZE(mode_choices),
		.hint = N_("Never internal mail, newsletters, or what you marked as private.")},
	[L_LEVEL] = {FORM_CHOICE, N_("How much of it"), .choices = level_choices,
		.n_choices = ARRAY_SIZE(level_choices),
		.hint = N_("Your colleagues can read it in the CRM. Left and Right choose.")},
	[L_RANGE] = {FORM_CHOICE, N_("From"),
		.hint = N_("Older mail stays out of the log. Left and Right choose.")},
	[L_DAY] = {FORM_TEXT, N_("Day"), .hint = N_("YYYY-MM-DD")},
	[L_CONFIRM] = {FORM_BUTTON, N_("Log mail like this"),
		.hint = N_("Can be changed here at any time.")},
	[L_LATER] = {FORM_BUTTON, N_("Log nothing for now"),
		.hint = N_("Contacts and matches are shown all the same.")},
};

/* ---- what the fields say --------------------------------------------------------------------- */

static int64_t day_start(const struct ui *ui, int64_t days_ago)
{
	struct tm tm;
	time_t now = (time_t)ui_now(ui);

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= (int)days_ago;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

/* -1 = no such day. */
static int64_t parse_day(const char *text)
{
	static const int64_t least[] = {1970, 1, 1}, most[] = {9999, 12, 31};
	struct span rest = span_of(text), part;
	struct tm tm = {.tm_isdst = -1};
	int64_t n[3];

	for (int i = 0; i < 3; i++)
		if (!span_next(&rest, '-', &part) || !span_to_i64(part, least[i], most[i], &n[i]))
			return -1;
	if (rest.len)
		return -1;
	tm.tm_year = (int)n[0] - 1900;
	tm.tm_mon = (int)n[1] - 1;
	tm.tm_mday = (int)n[2];
	time_t t = mktime(&tm);
	return tm.tm_mday == (int)n[2] ? (int64_t)t : -1;
}

static int64_t since_of(const struct view *v)
{
	const struct logging_data *d = v->data;
	const char *range = form_value(&d->form, L_RANGE);
	int64_t days = 0;

	if (!range) /* as it is */
		return d->row->log_since;
	if (strcmp(range, "all") == 0)
		return 0;
	if (strcmp(range, "day") == 0)
		return parse_day(form_value(&d->form, L_DAY));
	return str_to_i64(range, 0, 1000, &days) ? day_start(v->ui, days) : -1;
}

static bool logs_nothing(const struct logging_data *d)
{
	const char *side = form_value(&d->form, L_SIDE), *mode = form_value(&d->form, L_MODE);

	return (side && strcmp(side, "off") == 0) || strcmp(mode, "off") == 0;
}

static void hide_fields(struct logging_data *d)
{
	const char *range = form_value(&d->form, L_RANGE);
	bool is_off = logs_nothing(d);

	d->form.v[L_LEVEL].is_hidden = d->form.v[L_RANGE].is_hidden = is_off;
	d->form.v[L_DAY].is_hidden = is_off || !range || strcmp(range, "day") != 0;
	d->form.v[L_LATER].is_hidden = d->is_logging;
}

/* ---- counting -------------------------------------------------------------------------------- */

struct count_job {
	struct job job;
	int64_t crm, since, n;
	char mode[16];
};

static void run_count(struct job *job, struct store_reader *r)
{
	struct count_job *j = (struct count_job *)(void *)job;

	IGNORE_RESULT(crm_count_since(r, j->crm, j->mode, j->since, &j->n, &job->err),
		"the answer has the error");
}

static void free_count(struct job *job)
{
	free(job);
}

static void ask_count(struct view *v)
{
	struct logging_data *d = v->data;
	const char *mode = form_value(&d->form, L_MODE);
	struct count_job *j;

	d->count = d->since < 0 || logs_nothing(d) ? -1 : d->count;
	if (d->since < 0 || logs_nothing(d))
		return;
	j = xcalloc(1, sizeof(*j));
	j->job = (struct job){.run = run_count,
		.free = free_count,
		.channel = JOB_COUNT,
		.generation = ++d->generation};
	j->crm = d->crm;
	j->since = d->since;
	memcpy(j->mode, mode, strnlen(mode, sizeof(j->mode) - 1));
	ui_submit(v, &j->job);
}

static void logging_reply(struct view *v, struct job *job)
{
	struct logging_data *d = v->data;
	struct count_job *j = (struct count_job *)(void *)job;

	if (job->generation == d->generation && job->err.code == ERR_NONE)
		d->count = j->n;
	view_mark(v, DIRTY_PAINT);
	free(job);
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_crm(struct view *v, struct err *e)
{
	struct logging_data *d = v->data;
	struct store_reader *r = v->ui->reader;
	struct crm_row *row = NULL;

	arena_reset(&d->arena);
	d->row = NULL;
	d->n_proofs = 0;
	if (crm_get(r, &d->arena, d->crm, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	d->row = row;
	return crm_totals(r, d->crm, &d->totals, e) ||
			       crm_proof(r, &d->arena, d->crm, LOGGING_PROOFS, &d->proofs,
				       &d->n_proofs, e) ||
			       crm_entries_there(r, d->crm, &d->entries, &d->entries_here, e)
		       ? -1
		       : 0;
}

static int logging_recalc(struct view *v, struct err *e)
{
	struct logging_data *d = v->data;

	if (read_crm(v, e))
		return -1;
	d->since = since_of(v);
	ask_count(v);
	form_scroll(&d->form, v->rows - 2 - logging_form_row(v), v->cols);
	return 0;
}

static void choose_value(struct form_field *f, const char *value)
{
	for (size_t i = 0; i < f->n_choices; i++)
		if (f->choices[i].value && strcmp(f->choices[i].value, value) == 0)
			f->choice = i;
}

/* Whoever finds entries of mail in the CRM must say which of the two logs: a wrong guess would make
 * two entries of each mail. */
static void fill_sides(struct logging_data *d, bool logs_messages)
{
	struct form_field *f = &d->form.v[L_SIDE];
	bool must_choose = !d->is_logging && d->entries_here > 0;
	size_t n = 0;

	if (must_choose)
		d->sides[n++] = (struct form_choice){N_("(choose)"), NULL};
	for (size_t i = 0; i < ARRAY_SIZE(side_choices); i++)
		if (logs_messages || strcmp(side_choices[i].value, "message") != 0)
			d->sides[n++] = side_choices[i];
	f->choices = d->sides;
	f->n_choices = n;
	f->is_hidden = !logs_messages && !must_choose;
	if (d->is_logging)
		choose_value(f, d->row->log_side);
}

static void fill_ranges(struct logging_data *d)
{
	struct form_field *f = &d->form.v[L_RANGE];
	size_t n = 0;

	if (d->is_logging)
		d->ranges[n++] = (struct form_choice){N_("the day it began with, as it is"), NULL};
	for (size_t i = 0; i < ARRAY_SIZE(range_choices); i++)
		d->ranges[n++] = range_choices[i];
	f->choices = d->ranges;
	f->n_choices = n;
}

static int read_profile(struct view *v, bool *logs_messages, struct err *e)
{
	struct logging_data *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct ui_hooks *h = &v->ui->o.hooks;
	struct desk_profile *p = NULL;
	size_t n = 0;

	if (!h->profiles)
		return err_set(e, ERR_UNSUPPORTED, "%s",
			_("No CRM can be connected in this session."));
	if (h->profiles(h->desk, d->row->profile, &a, &p, &n, e))
		return -1;
	d->is_remote = p->is_remote;
	*logs_messages = p->logs_messages;
	return 0;
}

static int logging_open(struct view *v, const void *args, struct err *e)
{
	struct logging_data *d = v->data;
	bool logs_messages = false;

	d->crm = *(const int64_t *)args;
	d->arena = ARENA_INIT;
	d->count = -1;
	if (read_crm(v, e) || read_profile(v, &logs_messages, e)) {
		arena_release(&d->arena);
		return -1;
	}
	form_init(&d->form, fields, L_COUNT);
	form_set_labels(&d->form, LABEL_CELLS);
	d->is_logging =
		strcmp(d->row->log_side, "off") != 0 && strcmp(d->row->log_mode, "off") != 0;
	fill_sides(d, logs_messages);
	fill_ranges(d);
	choose_value(&d->form.v[L_MODE], d->is_logging ? d->row->log_mode : "known");
	choose_value(&d->form.v[L_LEVEL], d->row->log_level);
	hide_fields(d);
	d->since = since_of(v);
	form_focus(&d->form, L_SIDE);
	return 0;
}

static void logging_close(struct view *v)
{
	struct logging_data *d = v->data;

	order_stop(&d->order, v->ui);
	form_release(&d->form);
	arena_release(&d->arena);
}

/* ---- confirming ------------------------------------------------------------------------------ */

static void refuse(struct view *v, size_t field, const char *why)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_USAGE, "%s", why);
	ui_error(v->ui, &e);
	form_focus(&((struct logging_data *)v->data)->form, field);
}

static void confirm(struct view *v)
{
	struct logging_data *d = v->data;
	CLEANUP(buf_release) struct buf since = BUF_INIT(32);
	struct desk_order o = {.kind = DESK_CRM_LOG, .crm = d->crm};
	const char *side = form_value(&d->form, L_SIDE);

	if (!side) {
		refuse(v, L_SIDE, _("Something made entries of your mail already: say who logs."));
		return;
	}
	d->since = since_of(v);
	if (d->since < 0) {
		refuse(v, L_DAY, _("This needs a day, as 2026-01-31."));
		return;
	}
	buf_addf(&since, "%lld", (long long)d->since);
	o.v[DESK_LOG_SIDE] = side;
	o.v[DESK_LOG_MODE] = form_value(&d->form, L_MODE);
	o.v[DESK_LOG_LEVEL] = form_value(&d->form, L_LEVEL);
	o.v[DESK_LOG_SINCE] = since.p;
	order_give(&d->order, v->ui, &o);
}

static void leave(struct view *v)
{
	const struct logging_data *d = v->data;

	if (!d->is_logging)
		ui_info(v->ui, "%s", _("Connected; nothing is logged. g A, then l, turns it on."));
	ui_pop(v->ui);
}

static void logging_event(struct view *v, const struct event *ev)
{
	struct logging_data *d = v->data;
	struct desk_answer a;

	if (ev->type == EV_CRM || ev->type == EV_CONTACTS || ev->type == EV_MESSAGES)
		view_mark(v, DIRTY_RECALC);
	if (!order_follow(&d->order, v->ui, ev, &a))
		return;
	view_mark(v, DIRTY_PAINT);
	if (a.error.code != ERR_NONE) {
		refuse(v, L_CONFIRM, a.error.msg);
		return;
	}
	ui_info(v->ui, "%s",
		logs_nothing(d) ? _("Nothing is logged to this CRM any more.")
				: _("Mail is logged like this from now on, by itself."));
	if (ui_top(v->ui) == v)
		ui_pop(v->ui);
}

static enum view_result logging_key(struct view *v, const struct key *k)
{
	struct logging_data *d = v->data;

	if (d->order.number)
		return key_is_text(k) ? VIEW_HANDLED : VIEW_IGNORED;
	if (!form_key(&d->form, k))
		return VIEW_IGNORED;
	hide_fields(d);
	view_mark(v, DIRTY_RECALC);
	return VIEW_HANDLED;
}

static enum view_result logging_action(struct view *v, enum action act)
{
	struct logging_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (act == ACTION_FORM_BACK) {
		leave(v);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	if (d->order.number)
		return VIEW_HANDLED;
	if (act == ACTION_FORM_SAVE || d->form.cur == L_CONFIRM)
		confirm(v);
	else if (d->form.cur == L_LATER)
		leave(v);
	else
		form_step(&d->form, 1);
	return VIEW_HANDLED;
}

static bool logging_cursor(const struct view *v, int *row, int *col)
{
	const struct logging_data *d = v->data;

	form_cursor(&d->form, v->cols, row, col);
	*row += logging_form_row(v);
	return true;
}

static void logging_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct logging_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s", _("What is logged"));
	if (!d->row)
		return;
	text_add(left, " · ");
	text_add(left, d->row->name);
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FIELD_PREV, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops crm_logging_view_ops = {
	.name = "crm-logging",
	.where = WHERE_FORM,
	.data_size = sizeof(struct logging_data),
	.hints = hints,
	.open = logging_open,
	.close = logging_close,
	.event = logging_event,
	.reply = logging_reply,
	.key = logging_key,
	.action = logging_action,
	.recalc = logging_recalc,
	.paint = logging_paint,
	.cursor = logging_cursor,
	.title = logging_title,
};
