/* timeline_filter.c - the form that asks what a timeline shows: kind, days, people, account,
 * user. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "timeline.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "ui/form.h"
#include "ui/ui_core.h"

#define USERS_MAX 200
#define DAY 86400

enum {
	FIELD_KIND,
	FIELD_FROM,
	FIELD_TO,
	FIELD_WITH,
	FIELD_ACCOUNT,
	FIELD_USER,
	FIELD_APPLY,
	FIELD_CLEAR,
	FIELD_COUNT
};

struct filter_data {
	struct form form;
	struct arena arena;
	struct user_row *users;
	struct form_choice *accounts, *by;
	size_t n_accounts, n_by;
};

static const struct form_choice kinds[] = {{N_("everything"), "0"}, {N_("emails"), "1"},
	{N_("calls"), "2"}, {N_("meetings"), "4"}, {N_("calls and meetings"), "6"},
	{N_("notes"), "8"}, {N_("tasks"), "16"}, {N_("opens and clicks"), "32"},
	{N_("hidden mail"), "hidden"}};

static int load_choices(struct view *v, struct err *e)
{
	struct filter_data *d = v->data;
	size_t n = 0;

	if (user_list(v->ui->reader, &d->arena, 0, USERS_MAX, &d->users, &n, e))
		return -1;
	d->by = arena_array(&d->arena, n + 1, sizeof(*d->by));
	d->by[d->n_by++] = (struct form_choice){N_("anybody"), NULL};
	for (size_t i = 0; i < n; i++)
		d->by[d->n_by++] = (struct form_choice){
			d->users[i].is_me ? N_("you") : d->users[i].name, d->users[i].crm_id};
	d->accounts = arena_array(&d->arena, v->ui->n_accounts + 1, sizeof(*d->accounts));
	d->accounts[d->n_accounts++] = (struct form_choice){N_("every account"), NULL};
	for (size_t i = 0; i < v->ui->n_accounts; i++)
		d->accounts[d->n_accounts++] =
			(struct form_choice){arena_strdup(&d->arena, v->ui->accounts[i].name),
				arena_printf(&d->arena, "%lld", (long long)v->ui->accounts[i].id)};
	return 0;
}

static void choose(struct form *f, size_t field, const char *value)
{
	const struct form_field *x = &f->v[field];

	for (size_t i = 0; value && i < x->n_choices; i++)
		if (x->choices[i].value && strcmp(x->choices[i].value, value) == 0)
			f->v[field].choice = i;
}

static void set_day(struct form *f, size_t field, int64_t at)
{
	char text[32];
	time_t t = (time_t)at;
	struct tm tm;

	if (at && localtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		form_set(f, field, text);
}

/* What is shown now. */
static void fill(struct view *v, const struct timeline_data *t)
{
	struct filter_data *d = v->data;
	char text[32];

	snprintf(text, sizeof(text), "%u", t->filter.kinds);
	choose(&d->form, FIELD_KIND, t->filter.is_hidden ? "hidden" : text);
	set_day(&d->form, FIELD_FROM, t->filter.from);
	set_day(&d->form, FIELD_TO, t->filter.to ? t->filter.to - 1 : 0);
	if (t->with)
		form_set(&d->form, FIELD_WITH, t->with);
	snprintf(text, sizeof(text), "%lld", (long long)t->filter.account);
	choose(&d->form, FIELD_ACCOUNT, text);
	choose(&d->form, FIELD_USER, t->filter.user);
}

static int filter_open(struct view *v, const void *args, struct err *e)
{
	struct filter_data *d = v->data;

	(void)args;
	d->arena = ARENA_INIT;
	if (load_choices(v, e)) {
		arena_release(&d->arena);
		return -1;
	}
	const struct form_field fields[FIELD_COUNT] = {
		[FIELD_KIND] = {.kind = FORM_CHOICE,
			.label = N_("Show"),
			.choices = kinds,
			.n_choices = ARRAY_SIZE(kinds),
			.hint = N_("Left and Right choose.")},
		[FIELD_FROM] = {.kind = FORM_TEXT,
			.label = N_("Since"),
			.hint = N_("A day, 2026-11-20, or how many days ago: 30d, 8w.")},
		[FIELD_TO] = {.kind = FORM_TEXT,
			.label = N_("Until"),
			.hint = N_("A day, 2026-11-20, or how many days ago: 30d, 8w.")},
		[FIELD_WITH] = {.kind = FORM_TEXT,
			.label = N_("With"),
			.hint = N_("A part of a name or address of somebody who takes part.")},
		[FIELD_ACCOUNT] = {.kind = FORM_CHOICE,
			.label = N_("Account"),
			.choices = d->accounts,
			.n_choices = d->n_accounts,
			.hint = N_("Only mail of that account.")},
		[FIELD_USER] = {.kind = FORM_CHOICE,
			.label = N_("By"),
			.choices = d->by,
			.n_choices = d->n_by,
			.hint = N_("Who wrote it down in the CRM.")},
		[FIELD_APPLY] = {.kind = FORM_BUTTON, .label = N_("Show that")},
		[FIELD_CLEAR] = {.kind = FORM_BUTTON, .label = N_("Show everything again")},
	};
	form_init(&d->form, fields, FIELD_COUNT);
	fill(v, timeline_data_of(ui_below(v)));
	return 0;
}

static void filter_close(struct view *v)
{
	struct filter_data *d = v->data;

	form_release(&d->form);
	arena_release(&d->arena);
}

/* The beginning of a day in local time, some days later. False: not understood. */
static bool read_day(const char *text, int64_t now, int later, int64_t *out)
{
	struct tm tm;
	time_t t = (time_t)now;
	int64_t n;
	size_t len;

	*out = 0;
	if (!text)
		return true;
	len = strlen(text);
	if (!localtime_r(&t, &tm))
		return false;
	if (len > 1 && (text[len - 1] == 'd' || text[len - 1] == 'w')) {
		char digits[8] = "";

		if (len - 1 >= sizeof(digits))
			return false;
		memcpy(digits, text, len - 1);
		if (!str_to_i64(digits, 0, 99999, &n))
			return false;
		tm.tm_mday -= (int)n * (text[len - 1] == 'w' ? 7 : 1);
	} else {
		const char *end;

		memset(&tm, 0, sizeof(tm));
		end = strptime(text, "%Y-%m-%d", &tm);
		if (!end || *end)
			return false;
	}
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += later;
	tm.tm_isdst = -1;
	*out = (int64_t)mktime(&tm);
	return *out > 0;
}

static bool read_days(struct view *v, struct timeline_filter *f)
{
	struct filter_data *d = v->data;
	int64_t now = ui_now(v->ui);
	size_t wrong = FIELD_COUNT;

	if (!read_day(form_value(&d->form, FIELD_FROM), now, 0, &f->from))
		wrong = FIELD_FROM;
	else if (!read_day(form_value(&d->form, FIELD_TO), now, 1, &f->to))
		wrong = FIELD_TO;
	if (wrong == FIELD_COUNT)
		return true;
	form_focus(&d->form, wrong);
	ui_info(v->ui, "%s", _("This is no day: 2026-11-20, or 30d for thirty days ago."));
	return false;
}

static void apply(struct view *v)
{
	struct filter_data *d = v->data;
	struct timeline_filter f = {.kinds = 0};
	struct timeline_people people;
	const char *with = form_value(&d->form, FIELD_WITH),
		   *account = form_value(&d->form, FIELD_ACCOUNT),
		   *kind = form_value(&d->form, FIELD_KIND), *by_name = NULL;
	int64_t bits = 0;
	struct err e = ERR_INIT;

	if (!read_days(v, &f))
		return;
	f.is_hidden = strcmp(kind, "hidden") == 0;
	if (!f.is_hidden && str_to_i64(kind, 0, 63, &bits))
		f.kinds = (unsigned)bits;
	if (account && !str_to_i64(account, 0, INT64_MAX, &f.account))
		f.account = 0;
	f.user = form_value(&d->form, FIELD_USER);
	for (size_t i = 1; f.user && i < d->n_by; i++)
		if (strcmp(d->by[i].value, f.user) == 0) {
			by_name = d->users[i - 1].name;
			f.user_is_me = d->users[i - 1].is_me;
		}
	if (with) {
		if (timeline_find_people(v->ui->reader, &d->arena, with, &people, &e)) {
			ui_error(v->ui, &e);
			return;
		}
		f.people = &people;
	}
	timeline_set_filter(ui_below(v), &f, with, by_name);
	ui_pop(v->ui);
}

static enum view_result filter_key(struct view *v, const struct key *k)
{
	struct filter_data *d = v->data;

	if (!form_key(&d->form, k))
		return VIEW_IGNORED;
	view_mark(v, DIRTY_RECALC);
	return VIEW_HANDLED;
}

static enum view_result filter_action(struct view *v, enum action act)
{
	struct filter_data *d = v->data;
	const struct timeline_filter none = {.kinds = 0};

	if (act == ACTION_FORM_BACK) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (act != ACTION_FORM_CHOOSE && act != ACTION_FORM_SAVE)
		return VIEW_IGNORED;
	if (act == ACTION_FORM_CHOOSE && d->form.cur == FIELD_CLEAR) {
		timeline_set_filter(ui_below(v), &none, NULL, NULL);
		ui_pop(v->ui);
	} else {
		apply(v);
	}
	return VIEW_HANDLED;
}

static int filter_recalc(struct view *v, struct err *e)
{
	struct filter_data *d = v->data;

	(void)e;
	form_scroll(&d->form, v->rows - 2, v->cols);
	return 0;
}

static void filter_paint(const struct view *v, const struct draw *d)
{
	const struct filter_data *x = v->data;
	struct draw body = draw_part(d, 1, 0, d->rows - 2, d->cols);

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	form_paint(&x->form, &body);
}

static bool filter_cursor(const struct view *v, int *row, int *col)
{
	const struct filter_data *d = v->data;

	form_cursor(&d->form, v->cols, row, col);
	*row += 1;
	return true;
}

static void filter_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)v;
	buf_addf(left, "crmail  %s", _("What to show"));
	buf_addch(right, ' ');
}

static void filter_note(const struct view *v, const struct draw *d)
{
	const struct filter_data *x = v->data;
	const char *hint = x->form.v[x->form.cur].hint;

	if (hint)
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, _(hint));
}

static const enum action hints[] = {
	ACTION_FORM_CHOOSE, ACTION_FIELD_NEXT, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops timeline_filter_view_ops = {
	.name = "filter",
	.where = WHERE_FORM,
	.data_size = sizeof(struct filter_data),
	.hints = hints,
	.open = filter_open,
	.close = filter_close,
	.key = filter_key,
	.action = filter_action,
	.recalc = filter_recalc,
	.paint = filter_paint,
	.cursor = filter_cursor,
	.title = filter_title,
	.note = filter_note,
};
