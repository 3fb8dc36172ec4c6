/*
 * log_form.c - a call, meeting, note or task is written down: the kind by one key, then as much as
 * the user likes; what is left alone has sensible values. See form_view.h for what forms share.
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/book.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "form_view.h"
#include "question.h"
#include "views.h"

#define MINUTES_MOST (24 * 60)

enum field {
	L_KIND,
	L_SUBJECT,
	L_TEXT,
	L_WHEN,
	L_DURATION,
	L_DUE,
	L_WITH,
	L_DEAL,
	L_SAVE,
	L_COUNT
};
enum kind { KIND_CALL, KIND_MEETING, KIND_NOTE, KIND_TASK, KIND_COUNT };

static const struct form_choice kinds[KIND_COUNT] = {
	[KIND_CALL] = {N_("call"), "call"},
	[KIND_MEETING] = {N_("meeting"), "meeting"},
	[KIND_NOTE] = {N_("note"), "note"},
	[KIND_TASK] = {N_("task"), "task"},
};
static const struct question_choice kind_keys[KIND_COUNT] = {
	{'c', N_("call"), KIND_CALL},
	{'m', N_("meeting"), KIND_MEETING},
	{'n', N_("note"), KIND_NOTE},
	{'t', N_("task"), KIND_TASK},
};

static const struct form_field fields[L_COUNT] = {
	[L_KIND] = {FORM_CHOICE, N_("Kind"), .choices = kinds, .n_choices = KIND_COUNT,
		.hint = N_("Left and Right choose.")},
	[L_SUBJECT] = {FORM_TEXT, N_("Subject"), .hint = N_("One line, as the timeline shows it.")},
	[L_TEXT] = {FORM_AREA, N_("Notes"), .lines = 5, .hint = N_("Tab goes on.")},
	[L_WHEN] = {FORM_WHEN, N_("When"), .side = MOMENT_BEHIND,
		.hint = N_("As you would say it: now, 9:30, yesterday 15:00, mon 10am, 2026-12-01 "
			   "14:00.")},
	[L_DURATION] = {FORM_TEXT, N_("Duration"), .hint = N_("Minutes, or as 1h30.")},
	[L_DUE] = {FORM_WHEN, N_("Due"), .side = MOMENT_AHEAD,
		.hint = N_("As you would say it: tomorrow, fri, +3d, 2026-12-01. May stay empty.")},
	[L_WITH] = {FORM_CHOICE, N_("With"), .is_foreign = true,
		.hint = N_("Left and Right choose.")},
	[L_DEAL] = {FORM_CHOICE, N_("Deal"), .is_foreign = true,
		.hint = N_("Left and Right choose.")},
	[L_SAVE] = {FORM_BUTTON, N_("Save")},
};

struct log_form {
	struct form_view f; /* first: see form_view.h */
	struct form_context about;
	int64_t crm;
	bool is_choosing; /* the kind, by one key */
};

static void hide_fields(struct log_form *d)
{
	struct form_field *v = d->f.form.v;
	size_t kind = v[L_KIND].choice;

	v[L_WHEN].is_hidden = kind == KIND_TASK;
	v[L_DURATION].is_hidden = kind != KIND_CALL && kind != KIND_MEETING;
	v[L_DUE].is_hidden = kind != KIND_TASK;
	v[L_WITH].is_hidden = v[L_WITH].n_choices == 0;
	v[L_DEAL].is_hidden = v[L_DEAL].n_choices < 2;
}

/* ---- whom it is about ------------------------------------------------------------------------ */

static void add_contact(struct view *v, struct form_choice *out, size_t *n, int64_t id)
{
	struct log_form *d = v->data;
	struct contact_row *c = NULL;
	struct err e = ERR_INIT;

	if (!id || contact_get(v->ui->reader, &d->f.arena, id, &c, &e) || !c || c->crm != d->crm)
		return;
	out[*n] =
		(struct form_choice){.label = form_view_head(&d->f.arena, c->name, c->partner_name),
			.value = arena_printf(&d->f.arena, "%lld", (long long)id)};
	for (size_t i = 0; i < *n; i++)
		if (strcmp(out[i].value, out[*n].value) == 0)
			return;
	++*n;
}

static void add_lead(struct view *v, struct form_choice *out, size_t *n)
{
	struct log_form *d = v->data;
	struct book_row *r = NULL;
	struct err e = ERR_INIT;

	if (d->about.lead &&
		!book_get(v->ui->reader, &d->f.arena, BOOK_LEADS, d->about.lead, &r, &e) && r &&
		r->name)
		out[(*n)++] = (struct form_choice){.label = arena_strdup(&d->f.arena, r->name)};
}

/* The contact it was opened for, the others of the conversation; the partner alone as the last. Of
 * a lead nobody but that. */
static void fill_people(struct view *v)
{
	struct log_form *d = v->data;
	struct form_choice *out = arena_array(&d->f.arena, FORM_OTHERS_MOST + 2, sizeof(*out));
	struct form_field *with = &d->f.form.v[L_WITH];
	struct partner_row *p = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	add_lead(v, out, &n);
	add_contact(v, out, &n, d->about.contact);
	for (size_t i = 0; i < d->about.n_others; i++)
		add_contact(v, out, &n, d->about.others[i]);
	if (d->about.partner &&
		!partner_get(v->ui->reader, &d->f.arena, d->about.partner, &p, &e) && p &&
		p->crm == d->crm)
		out[n++] = (struct form_choice){.label = arena_strdup(&d->f.arena, p->name)};
	with->choices = out;
	with->n_choices = n;
	d->f.head = n > 0 ? out[0].label : NULL;
}

static int64_t chosen_id(const struct log_form *d, enum field field)
{
	const struct form_field *v = &d->f.form.v[field];
	int64_t id = 0;

	if (v->n_choices == 0 || !v->choices[v->choice].value ||
		!str_to_i64(v->choices[v->choice].value, 1, INT64_MAX, &id))
		return 0;
	return id;
}

/* A contact's entry names the contact's partner too, as the CRM's own do. */
static int64_t partner_of(struct view *v, int64_t contact)
{
	struct log_form *d = v->data;
	struct contact_row *c = NULL;
	struct err e = ERR_INIT;

	if (!contact)
		return d->about.partner;
	if (contact_get(v->ui->reader, &d->f.arena, contact, &c, &e))
		ui_error(v->ui, &e);
	return c ? c->partner : 0;
}

static const char *deal_label(struct arena *a, const struct deal_row *deal)
{
	return deal->stage && deal->name ? arena_printf(a, "%s · %s", deal->name, deal->stage)
					 : arena_strdup(a, deal->name ? deal->name : "?");
}

/* Of whoever is chosen; the deal that is asked for, or the single open one, is suggested. */
static void fill_deals(struct view *v)
{
	struct log_form *d = v->data;
	struct arena *a = &d->f.arena;
	struct form_field *field = &d->f.form.v[L_DEAL];
	struct form_choice *out;
	struct deal_row *deals = NULL;
	int64_t contact = chosen_id(d, L_WITH);
	size_t n = 0, n_open = 0;
	struct err e = ERR_INIT;

	if (deals_of(v->ui->reader, a, contact, partner_of(v, contact), &deals, &n, &e))
		ui_error(v->ui, &e);
	out = arena_array(a, n + 1, sizeof(*out));
	out[0] = (struct form_choice){.label = _("none")};
	for (size_t i = 0; i < n; i++) {
		n_open += deals[i].is_open;
		out[i + 1] = (struct form_choice){.label = deal_label(a, &deals[i]),
			.value = arena_printf(a, "%lld", (long long)deals[i].id)};
	}
	field->choices = out;
	field->n_choices = n + 1;
	field->choice = n_open == 1 ? 1 : 0;
	for (size_t i = 0; d->about.deal && i < n; i++)
		if (deals[i].id == d->about.deal)
			field->choice = i + 1;
}

/* ---- what is suggested ----------------------------------------------------------------------- */

/* Typing takes the place of what is suggested. */
static void suggest_subject(struct log_form *d)
{
	static const char *const words[] = {N_("Call with %s"), N_("Meeting with %s")};
	size_t kind = d->f.form.v[L_KIND].choice, with = d->f.form.v[L_WITH].choice;
	struct form_field *v = &d->f.form.v[L_SUBJECT];
	CLEANUP(buf_release) struct buf b = BUF_INIT(1000);
	const char *name =
		d->f.form.v[L_WITH].n_choices > 0 ? d->f.form.v[L_WITH].choices[with].label : NULL;

	if (v->is_touched)
		return;
	if (kind <= KIND_MEETING && name) {
		struct arena *a = &d->f.arena;
		const char *dot = strstr(name, " · ");

		if (dot)
			name = arena_strndup(a, name, (size_t)(dot - name));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		/* TRANSLATORS: the placeholder is a person's name */
		buf_addf(&b, _(words[kind]), name);
#pragma GCC diagnostic pop
	}
	form_set(&d->f.form, L_SUBJECT, b.p);
	editor_select_all(&v->text);
}

static void choose_kind(struct view *v, enum kind kind)
{
	struct log_form *d = v->data;

	d->is_choosing = false;
	d->f.form.v[L_KIND].choice = kind;
	hide_fields(d);
	suggest_subject(d);
	form_focus(&d->f.form, L_SUBJECT);
	view_mark(v, DIRTY_RECALC);
}

static void log_changed(struct view *v, size_t field)
{
	struct log_form *d = v->data;

	if (field == L_WITH)
		fill_deals(v);
	if (field == L_WITH || field == L_KIND)
		suggest_subject(d);
	hide_fields(d);
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* "45", "45 min", "1h", "1h30", "1:30". */
static bool read_minutes(const char *text, int64_t *out)
{
	struct span s = span_trim(span_of(text)), head = s, tail;
	int64_t hours = 0, minutes = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != 'h' && s.p[i] != ':')
			continue;
		head.len = i;
		tail = span_trim((struct span){s.p + i + 1, s.len - i - 1});
		if (!span_to_i64(head, 0, 24, &hours) ||
			(tail.len > 0 && !span_to_i64(tail, 0, 59, &minutes)))
			return false;
		*out = hours * 60 + minutes;
		return *out > 0;
	}
	for (head.len = 0; head.len < s.len && ascii_isdigit(s.p[head.len]); head.len++)
		continue;
	tail = span_trim((struct span){s.p + head.len, s.len - head.len});
	return (tail.len == 0 || span_caseeq(tail, "min") || span_caseeq(tail, "m")) &&
	       span_to_i64(head, 1, MINUTES_MOST, out);
}

struct entry {
	struct moment when, due;
	int64_t minutes; /* 0 = not said */
	bool has_due;
};

/* Of a day alone: now when it is today, else noon, which is that day in most zones. */
static int64_t some_time_of(const struct moment *day, int64_t now)
{
	struct moment today;

	if (moment_parse("now", now, MOMENT_BEHIND, &today) && today.day == day->day &&
		today.month == day->month && today.year == day->year)
		return now;
	return day->at + (int64_t)12 * 3600;
}

static bool check_moments(struct log_form *d, struct entry *out)
{
	struct form *f = &d->f.form;

	out->when = (struct moment){.at = f->now, .has_time = true};
	if (!f->v[L_WHEN].is_hidden && form_value(f, L_WHEN) && !form_moment(f, L_WHEN, &out->when))
		return form_refuse(f, L_WHEN,
			_("Not understood: try \"yesterday 15:00\" or 2026-12-01 14:00."));
	if (!f->v[L_DURATION].is_hidden && form_value(f, L_DURATION) &&
		!read_minutes(form_value(f, L_DURATION), &out->minutes))
		return form_refuse(f, L_DURATION, _("Minutes, as 45 or 1h30."));
	if (!out->when.has_time)
		out->when.at = some_time_of(&out->when, f->now);
	out->has_due = !f->v[L_DUE].is_hidden && form_value(f, L_DUE);
	if (out->has_due && !form_moment(f, L_DUE, &out->due))
		return form_refuse(f, L_DUE, _("Not understood: try \"fri\" or 2026-12-01."));
	return true;
}

static bool check(struct log_form *d, struct entry *out)
{
	struct form *f = &d->f.form;
	bool is_task = f->v[L_KIND].choice == KIND_TASK;

	if (!form_value(f, L_SUBJECT) && (is_task || !form_value(f, L_TEXT)))
		return form_refuse(f, L_SUBJECT,
			is_task ? _("What is to be done?") : _("A subject or notes are needed."));
	return check_moments(d, out);
}

static const char *id_text(struct arena *a, int64_t id)
{
	return id ? arena_printf(a, "%lld", (long long)id) : NULL;
}

static void log_save(struct view *v)
{
	static const char *const said[KIND_COUNT] = {
		N_("Call logged."), N_("Meeting logged."), N_("Note kept."), N_("Task made.")};
	struct log_form *d = v->data;
	struct form *f = &d->f.form;
	struct arena *a = &d->f.arena;
	struct entry in = {.minutes = 0};
	struct record_field out[12];
	size_t n = 0, kind = f->v[L_KIND].choice;
	int64_t contact = chosen_id(d, L_WITH), row;
	char at[32];

	if (!check(d, &in))
		return;
	out[n++] = (struct record_field){"kind", kinds[kind].value};
	out[n++] = (struct record_field){"subject", form_value(f, L_SUBJECT)};
	out[n++] = (struct record_field){"body", form_value(f, L_TEXT)};
	out[n++] = (struct record_field){"at", clock_rfc3339(in.when.at, at, sizeof(at))};
	out[n++] = (struct record_field){
		"status", kind == KIND_TASK || in.when.at > f->now ? "planned" : "completed"};
	if (in.minutes)
		out[n++] = (struct record_field){"duration_min", id_text(a, in.minutes)};
	if (in.has_due)
		out[n++] = (struct record_field){"due_date",
			arena_printf(a, "%04d-%02d-%02d", in.due.year, in.due.month, in.due.day)};
	out[n++] = (struct record_field){"contact", id_text(a, contact)};
	out[n++] = (struct record_field){"partner", id_text(a, partner_of(v, contact))};
	out[n++] = (struct record_field){"deal", id_text(a, chosen_id(d, L_DEAL))};
	if (d->about.lead)
		out[n++] = (struct record_field){"lead", id_text(a, d->about.lead)};
	row = record_create(v->ui->o.store, d->crm, RECORD_ACTIVITY, out, n);
	form_view_done(v, row, _(said[kind]));
}

/* ---- the view -------------------------------------------------------------------------------- */

static int log_open(struct view *v, const void *args, struct err *e)
{
	struct log_form *d = v->data;

	(void)e;
	form_view_init(v, fields, L_COUNT);
	d->about = *(const struct form_context *)args;
	d->crm = d->about.crm;
	d->f.title = N_("Log");
	d->f.save = log_save;
	d->f.changed = log_changed;
	d->is_choosing = true;
	fill_people(v);
	fill_deals(v);
	/* TRANSLATORS: a word that moment.h reads in your language, else leave it in English */
	form_set(&d->f.form, L_WHEN, _("now"));
	hide_fields(d);
	return 0;
}

static enum view_result log_key(struct view *v, const struct key *k)
{
	struct log_form *d = v->data;

	if (!d->is_choosing)
		return form_view_key(v, k);
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (k->mods == 0 && k->code == (uint32_t)kind_keys[i].key)
			choose_kind(v, (enum kind)kind_keys[i].id);
	if (k->code == UKEY_ENTER)
		choose_kind(v, KIND_CALL);
	return k->code == UKEY_ESC || (k->mods & (KEY_CTRL | KEY_ALT)) ? VIEW_IGNORED
								       : VIEW_HANDLED;
}

static enum view_result log_action(struct view *v, enum action act)
{
	const struct log_form *d = v->data;

	if (d->is_choosing && act == ACTION_FORM_SAVE)
		return VIEW_HANDLED;
	return form_view_action(v, act);
}

static void log_paint(const struct view *v, const struct draw *d)
{
	const struct log_form *l = v->data;

	form_view_paint(v, d);
	if (l->is_choosing)
		question_paint(d, _("What happened?"), NULL, kind_keys, KIND_COUNT, _("back"));
}

static bool log_cursor(const struct view *v, int *row, int *col)
{
	return !((const struct log_form *)v->data)->is_choosing && form_view_cursor(v, row, col);
}

static const enum action *log_hints(const struct view *v)
{
	static const enum action choosing[] = {ACTION_FORM_BACK, ACTION_NONE};

	return ((const struct log_form *)v->data)->is_choosing ? choosing : form_view_hints;
}

static const struct view_ops log_form_ops = {
	.name = "log-form",
	.where = WHERE_FORM,
	.data_size = sizeof(struct log_form),
	.hints = form_view_hints,
	.hints_now = log_hints,
	.open = log_open,
	.close = form_view_close,
	.key = log_key,
	.action = log_action,
	.recalc = form_view_recalc,
	.paint = log_paint,
	.cursor = log_cursor,
	.title = form_view_title,
};

/* The CRM of the first of them that has one. */
static int64_t crm_of(struct ui *ui, const struct form_context *c)
{
	const struct account_row *account = ui_account(ui, c->account);
	int64_t crm = c->crm;

	if (!crm && c->contact)
		crm = record_crm(ui->reader, RECORD_CONTACT, c->contact);
	if (!crm && c->partner)
		crm = record_crm(ui->reader, RECORD_PARTNER, c->partner);
	if (!crm && c->deal)
		crm = record_crm(ui->reader, RECORD_DEAL, c->deal);
	if (!crm && c->lead)
		crm = record_crm(ui->reader, RECORD_LEAD, c->lead);
	return !crm && account ? account->crm : crm;
}

/* Of a deal alone: whom the deal is with. */
static void add_people_of_deal(struct ui *ui, struct form_context *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *contact, *partner;

	if (!c->deal || c->contact || c->partner)
		return;
	contact = record_shown(ui->reader, &a, RECORD_DEAL, c->deal, "contact");
	partner = record_shown(ui->reader, &a, RECORD_DEAL, c->deal, "partner");
	if (!contact || !str_to_i64(contact, 1, INT64_MAX, &c->contact))
		c->contact = 0;
	if (!partner || !str_to_i64(partner, 1, INT64_MAX, &c->partner))
		c->partner = 0;
}

void form_log_open(struct ui *ui, const struct form_context *c)
{
	struct form_context about = *c;

	add_people_of_deal(ui, &about);
	about.crm = crm_of(ui, c);
	if (!form_view_may(ui, about.crm, RECORD_ACTIVITY, RECORD_CAN_CREATE))
		return;
	if (about.n_others > FORM_OTHERS_MOST)
		about.n_others = FORM_OTHERS_MOST;
	ui_push(ui, &log_form_ops, &about);
}
