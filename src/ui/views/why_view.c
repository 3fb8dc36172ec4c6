/*
 * why_view.c - why a mail is or is not logged to the CRM, and changing it there: links, private
 * conversations, this one mail, who an address is. Read by why_job.c, painted by why_paint.c.
 */
#include "config.h"

#include "why.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/record.h"
#include "question.h"
#include "ui/ui_core.h"
#include "views.h"

enum want { WANT_ROWS, WANT_CHOICES, WANT_PERSON };

static void submit(struct view *v, enum want want, const char *addr, enum stranger_kind kind)
{
	struct why_view *d = v->data;
	struct why_job *j = why_job_new(v, d->message, want == WANT_CHOICES, addr, kind);

	j->job.kind = want;
	j->job.generation = ++d->generation;
	ui_submit(v, &j->job);
}

static int why_open(struct view *v, const void *args, struct err *e)
{
	struct why_view *d = v->data;
	const struct why_args *a = args;
	CLEANUP(buf_release) struct buf subject = BUF_INIT(sizeof(d->subject) - 1);

	(void)e;
	d->message = a->message;
	text_add(&subject, a->subject && *a->subject ? a->subject : _("(no subject)"));
	memcpy(d->subject, subject.p, subject.len + 1);
	submit(v, WANT_ROWS, NULL, STRANGER_UNKNOWN);
	return 0;
}

static void why_close(struct view *v)
{
	struct why_view *d = v->data;

	if (d->job)
		d->job->job.free(&d->job->job);
}

static void why_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CONTACTS || ev->type == EV_CRM)
		submit(v, WANT_ROWS, NULL, STRANGER_UNKNOWN);
}

/* ---- what was read --------------------------------------------------------------------------- */

static void choice_made(struct ui *ui, int64_t i, void *ctx)
{
	struct view *v = ui_top(ui);
	const struct why_view *d = v->data;
	const struct link_choice *c = (const struct link_choice *)ctx + i;
	const struct decision_in in = {.what = DECIDE_LINK,
		.scope = DECIDE_THREAD,
		.message = d->message,
		.kind = c->kind,
		.target = c->id};

	match_say(ui, &in, _("The conversation is linked."));
}

static void pick_choice(struct view *v, const struct why_job *j)
{
	struct picker_args a = {.title = _("Link to"), .chosen = choice_made, .n = j->n_choices};
	struct link_choice *all;

	if (j->n_choices == 0) {
		ui_info(v->ui, "%s", _("The CRM has nobody to link to yet."));
		return;
	}
	a.items = xcalloc(a.n, sizeof(*a.items));
	all = xcalloc(a.n, sizeof(*all));
	for (size_t i = 0; i < a.n; i++) {
		const struct link_choice *c = &j->choices[i];

		all[i] = (struct link_choice){.kind = c->kind, .id = c->id};
		a.items[i].id = (int64_t)i;
		a.items[i].label =
			xasprintf("%s%s%s · %s", c->name ? c->name : "", c->detail ? " · " : "",
				c->detail ? c->detail : "", match_kind_text(c->kind));
	}
	a.ctx = all;
	ui_push(v->ui, &picker_view_ops, &a);
}

static void candidate_made(struct ui *ui, int64_t i, void *ctx)
{
	struct why_view *d = ui_top(ui)->data;
	const struct candidate_row *c = (const struct candidate_row *)ctx + i;
	const struct candidate_row who = {.kind = c->kind, .id = c->id, .name = d->asking.name};

	match_ask_who(ui, &d->asking, &who);
}

static void pick_candidate(struct view *v, const struct why_job *j)
{
	struct picker_args a = {
		.title = _("Who is it"), .chosen = candidate_made, .n = j->n_candidates};
	struct candidate_row *all;

	if (j->n_candidates == 0) {
		ui_info(v->ui, "%s",
			_("Nobody in the CRM comes into question; l links to whom you like."));
		return;
	}
	a.items = xcalloc(a.n, sizeof(*a.items));
	all = xcalloc(a.n, sizeof(*all));
	for (size_t i = 0; i < a.n; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(1000);

		match_add_candidate(&j->candidates[i], &b);
		all[i] = (struct candidate_row){
			.kind = j->candidates[i].kind, .id = j->candidates[i].id};
		a.items[i] = (struct picker_item){xstrdup(b.p), (int64_t)i};
	}
	a.ctx = all;
	ui_push(v->ui, &picker_view_ops, &a);
}

static void show(struct view *v, struct why_job *j)
{
	struct why_view *d = v->data;
	bool is_first = !d->job;

	if (d->job)
		d->job->job.free(&d->job->job);
	d->job = j;
	d->n = why_rows(j, &d->v);
	d->rows.n = d->n;
	if (is_first)
		d->rows.sel = 1; /* the first person, not the heading */
	if (j->why)
		d->asking.crm = j->why->crm;
	d->asking.message = d->message;
	view_mark(v, DIRTY_RECALC);
}

static void why_reply(struct view *v, struct job *job)
{
	struct why_view *d = v->data;
	struct why_job *j = (struct why_job *)job;
	bool is_top = ui_top(v->ui) == v;
	int kind = job->kind;

	if (job->err.code != ERR_NONE)
		ui_error(v->ui, &job->err);
	if (job->generation != d->generation || job->err.code != ERR_NONE) {
		job->free(job);
		return;
	}
	show(v, j);
	if (kind == WANT_CHOICES && is_top)
		pick_choice(v, j);
	else if (kind == WANT_PERSON && is_top)
		pick_candidate(v, j);
}

static int why_recalc(struct view *v, struct err *e)
{
	struct why_view *d = v->data;

	(void)e;
	motion_settle(&d->rows, v->rows > 3 ? (size_t)v->rows - 3 : 1);
	return 0;
}

/* ---- what is selected ------------------------------------------------------------------------ */

static const struct why_row *current(const struct why_view *d)
{
	return d->rows.sel < d->n ? &d->v[d->rows.sel] : NULL;
}

static const struct why_person *current_person(const struct why_view *d)
{
	const struct why_row *r = current(d);

	return r && r->kind == WHY_PERSON ? &d->job->why->people[r->index] : NULL;
}

static const struct why_entry *current_entry(const struct why_view *d)
{
	const struct why_row *r = current(d);

	return r && r->kind == WHY_ENTRY ? &d->job->why->entries[r->index] : NULL;
}

/* What the selected row is linked to; false: nothing. */
static bool current_target(const struct why_view *d, enum link_kind *kind, int64_t *target)
{
	const struct why_row *r = current(d);
	const struct why_person *p = current_person(d);
	const struct why_entry *x = current_entry(d);

	*kind = p ? p->kind : x ? x->kind : (enum link_kind)0;
	*target = p ? p->target : x ? x->target : 0;
	if (r && r->kind == WHY_BY_HAND) {
		*kind = d->job->why->links[r->index].kind;
		*target = d->job->why->links[r->index].target;
	}
	return *target != 0;
}

/* ---- decisions ------------------------------------------------------------------------------- */

enum withdraw_answer { ANSWER_KEEP, ANSWER_ONE, ANSWER_ALL };

/* Entries that the CRM has and that would not be logged any more. */
static void withdraw(struct ui *ui, int64_t answer, int64_t about)
{
	const struct why_view *d = ui_top(ui)->data;
	const struct why *w = d->job ? d->job->why : NULL;

	(void)about;
	if (answer == ANSWER_ONE)
		record_withdraw(ui->o.store, RECORD_ACTIVITY, d->withdraws);
	for (size_t i = 0; answer == ANSWER_ALL && w && i < w->n_entries; i++)
		if (w->entries[i].state == LOG_LOGGED)
			record_withdraw(ui->o.store, RECORD_ACTIVITY, w->entries[i].id);
	if (answer != ANSWER_KEEP)
		ui_kick(ui, 0);
}

static void ask_withdraw(struct ui *ui, enum withdraw_answer yes)
{
	const struct question_args q = {
		.question = _("It stands in the CRM already. Take it back there too?"),
		.choices = {{'y', _("yes, withdraw it from the CRM"), yes},
			{'n', _("no, leave it there"), ANSWER_KEEP}},
		.n = 2,
		.chosen = withdraw};

	question_ask(ui, &q);
}

static const struct why_entry *logged_entry(const struct why *w, enum link_kind kind,
	int64_t target)
{
	for (size_t i = 0; i < w->n_entries; i++) {
		const struct why_entry *x = &w->entries[i];

		if (x->state == LOG_LOGGED && (!kind || (x->kind == kind && x->target == target)))
			return x;
	}
	return NULL;
}

static void unlink_row(struct view *v)
{
	struct why_view *d = v->data;
	struct decision_in in = {
		.what = DECIDE_UNLINK, .scope = DECIDE_THREAD, .message = d->message};
	const struct why_entry *x;

	if (!current_target(d, &in.kind, &in.target)) {
		ui_info(v->ui, "%s", _("Nothing is linked through this row."));
		return;
	}
	match_say(v->ui, &in, _("Unlinked from the conversation."));
	x = logged_entry(d->job->why, in.kind, in.target);
	if (x) {
		d->withdraws = x->id;
		ask_withdraw(v->ui, ANSWER_ONE);
	}
}

static void say_about_mail(struct view *v, enum decide_what what, const char *text)
{
	struct why_view *d = v->data;
	bool is_thread = what == DECIDE_PRIVATE || what == DECIDE_PUBLIC;
	const struct decision_in in = {.what = what,
		.scope = is_thread ? DECIDE_THREAD : DECIDE_MAIL,
		.message = d->message};

	match_say(v->ui, &in, text);
	if ((what == DECIDE_PRIVATE || what == DECIDE_NOT) &&
		logged_entry(d->job->why, (enum link_kind)0, 0))
		ask_withdraw(v->ui, ANSWER_ALL);
}

static void link_suggestion(struct view *v, size_t i)
{
	struct why_view *d = v->data;
	const struct suggestion *s = &d->job->suggestions[i];
	const struct decision_in in = {.what = DECIDE_LINK,
		.scope = DECIDE_THREAD,
		.message = d->message,
		.kind = s->kind,
		.target = s->id};

	match_say(v->ui, &in, _("The conversation is linked."));
}

/* Somebody whom the CRM may know. */
static bool is_nameable(const struct why_person *p)
{
	return p && strcmp(p->rule, "own") != 0 && strcmp(p->rule, "internal") != 0;
}

static void choose_row(struct view *v)
{
	struct why_view *d = v->data;
	const struct why_row *r = current(d);
	const struct why_person *p = current_person(d);

	if (r && r->kind == WHY_SUGGESTION)
		link_suggestion(v, r->index);
	else if (is_nameable(p)) {
		bool is_domain = p->several == STRANGER_PARTNERS && p->domain;
		CLEANUP(buf_release) struct buf addr = BUF_INIT(MATCH_ADDR_MAX - 1);

		buf_addf(&addr, "%s%s", is_domain ? "@" : "", is_domain ? p->domain : p->addr);
		match_set_addr(&d->asking, addr.p);
		submit(v, WANT_PERSON, addr.p, p->several);
	}
}

static void never(struct view *v)
{
	struct why_view *d = v->data;
	const struct why_person *p = current_person(d);

	if (!p) {
		ui_info(v->ui, "%s", _("Select one of the people first."));
		return;
	}
	match_set_addr(&d->asking, p->addr);
	match_ask_never(v->ui, &d->asking, p->is_never);
}

static void withdraw_row(struct view *v)
{
	struct why_view *d = v->data;
	const struct why_entry *x = current_entry(d);

	if (!x || x->state != LOG_LOGGED) {
		ui_info(v->ui, "%s", _("Select an entry that the CRM has."));
		return;
	}
	if (x->is_wanted) { /* else it would be logged once more */
		ui_info(v->ui, "%s",
			_("It would be logged again: unlink it (u), or do not log the mail (d)."));
		return;
	}
	d->withdraws = x->id;
	ask_withdraw(v->ui, ANSWER_ONE);
}

static enum view_result decide_row(struct view *v, enum action act)
{
	struct why_view *d = v->data;
	const struct why *w = d->job->why;

	switch ((int)act) {
	case ACTION_WHY_CHOOSE:
		choose_row(v);
		return VIEW_HANDLED;
	case ACTION_WHY_LINK:
		submit(v, WANT_CHOICES, NULL, STRANGER_UNKNOWN);
		return VIEW_HANDLED;
	case ACTION_WHY_UNLINK:
		unlink_row(v);
		return VIEW_HANDLED;
	case ACTION_WHY_PRIVATE:
		say_about_mail(v, w->is_private ? DECIDE_PUBLIC : DECIDE_PRIVATE,
			w->is_private ? _("No longer private.")
				      : _("The conversation is private."));
		return VIEW_HANDLED;
	case ACTION_WHY_LOG:
		say_about_mail(v, DECIDE_LOG, _("This mail is logged."));
		return VIEW_HANDLED;
	case ACTION_WHY_NOT:
		say_about_mail(v, DECIDE_NOT, _("This mail is not logged."));
		return VIEW_HANDLED;
	case ACTION_MATCH_NEVER:
		never(v);
		return VIEW_HANDLED;
	case ACTION_WHY_WITHDRAW:
		withdraw_row(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* Headings are passed over. */
static void skip_heading(struct why_view *d, size_t before)
{
	const struct why_row *r = current(d);

	if (!r || r->kind != WHY_HEADING)
		return;
	if (d->rows.sel < before && d->rows.sel > 0)
		d->rows.sel--;
	else
		d->rows.sel++;
}

static enum view_result why_action(struct view *v, enum action act)
{
	struct why_view *d = v->data;
	size_t before = d->rows.sel;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&d->rows, act, v->rows > 3 ? (size_t)v->rows - 3 : 1)) {
		skip_heading(d, before);
		return VIEW_HANDLED;
	}
	return d->job && d->job->why ? decide_row(v, act) : VIEW_IGNORED;
}

static bool why_cursor(const struct view *v, int *row, int *col)
{
	const struct why_view *d = v->data;

	*row = 3 + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	return d->n > 0;
}

static void why_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct why_view *d = v->data;

	buf_addf(left, "crmail  %s  ", _("Why logged"));
	text_add(left, d->subject);
	if (d->job && d->job->why)
		text_add(right, d->job->why->crm_name);
}

static const enum action *why_hints(const struct view *v)
{
	static const enum action row[] = {ACTION_WHY_CHOOSE, ACTION_WHY_LINK, ACTION_WHY_UNLINK,
		ACTION_WHY_PRIVATE, ACTION_WHY_LOG, ACTION_WHY_NOT, ACTION_CLOSE, ACTION_HELP,
		ACTION_WHY_WITHDRAW, ACTION_MATCH_NEVER, ACTION_NONE};
	static const enum action other[] = {ACTION_WHY_LINK, ACTION_WHY_UNLINK, ACTION_WHY_PRIVATE,
		ACTION_WHY_LOG, ACTION_WHY_NOT, ACTION_MATCH_NEVER, ACTION_CLOSE, ACTION_HELP,
		ACTION_WHY_WITHDRAW, ACTION_NONE};
	const struct why_row *r = current(v->data);

	return (r && r->kind == WHY_SUGGESTION) || is_nameable(current_person(v->data)) ? row
											: other;
}

const struct view_ops why_view_ops = {
	.name = "why logged",
	.where = WHERE_WHY,
	.data_size = sizeof(struct why_view),
	.hints_now = why_hints,
	.open = why_open,
	.close = why_close,
	.event = why_event,
	.reply = why_reply,
	.action = why_action,
	.recalc = why_recalc,
	.paint = why_paint,
	.cursor = why_cursor,
	.title = why_title,
};
