/*
 * match_view.c - the match inbox: addresses that nobody, or more than one, in the CRM is known by,
 * newest first, and who each may be. Painted by match_paint.c.
 */
#include "config.h"

#include "match_inbox.h"

#include <string.h>

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "views.h"

static int match_view_open(struct view *v, const void *args, struct err *e)
{
	struct match_inbox *d = v->data;

	(void)args;
	(void)e;
	d->arena = ARENA_INIT;
	return 0;
}

static void match_view_close(struct view *v)
{
	arena_release(&((struct match_inbox *)v->data)->arena);
}

static void match_view_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CONTACTS || ev->type == EV_CRM || ev->type == EV_MESSAGES)
		view_mark(v, DIRTY_RECALC);
}

static void match_view_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static const struct stranger_row *current(const struct match_inbox *d)
{
	return d->rows.sel < d->n ? &d->v[d->rows.sel] : NULL;
}

/* The cursor stays on its address; a decided one goes, and the next takes its place. */
static void keep_cursor(struct match_inbox *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].addr, d->at))
			d->rows.sel = i;
}

static int match_view_recalc(struct view *v, struct err *e)
{
	struct match_inbox *d = v->data;
	struct store_reader *r = v->ui->reader;
	const struct stranger_row *s;

	arena_reset(&d->arena);
	d->v = NULL;
	d->n = d->n_candidates = 0;
	if (stranger_page(r, &d->arena, NULL, MATCH_ROWS_MAX, &d->v, &d->n, e) ||
		stranger_count(r, MATCH_COUNT_MAX, &d->ambiguous, &d->unknown, e))
		return -1;
	d->rows.n = d->n;
	if (!d->is_moved)
		keep_cursor(d);
	d->is_moved = false;
	motion_settle(&d->rows, (size_t)match_list_rows(v->rows));
	s = current(d);
	match_set_addr(&d->asking, s ? s->addr : "");
	memcpy(d->at, d->asking.addr, sizeof(d->at));
	if (!s)
		return 0;
	d->asking.crm = s->crm;
	d->asking.message = s->message;
	return stranger_candidates(r, &d->arena, s, MATCH_CANDIDATES_MAX, &d->candidates,
		&d->n_candidates, e);
}

static void choose(struct view *v, size_t i)
{
	struct match_inbox *d = v->data;

	if (!current(d))
		return;
	if (i < d->n_candidates)
		match_ask_who(v->ui, &d->asking, &d->candidates[i]);
	else
		ui_info(v->ui, "%s",
			d->n_candidates ? _("There is nobody with that number.")
					: _("Nobody comes into question: n makes a new contact."));
}

static void new_contact(struct view *v, const struct stranger_row *s)
{
	struct form_stranger who = {.message = s->message, .name = s->name, .addr = s->addr};

	if (s->kind != STRANGER_UNKNOWN) {
		ui_info(v->ui, "%s", _("The CRM knows this address; choose who it is."));
		return;
	}
	for (size_t i = 0; i < v->ui->n_accounts && !who.account; i++)
		if (v->ui->accounts[i].crm == s->crm)
			who.account = v->ui->accounts[i].id;
	form_contact_new_open(v->ui, &who);
}

static void put_off(struct view *v, const struct stranger_row *s)
{
	const struct decision_in d = {
		.what = DECIDE_LATER, .scope = DECIDE_ADDRESS, .crm = s->crm, .addr = s->addr};

	match_say(v->ui, &d, _("Skipped until the next mail."));
}

static enum view_result on_row(struct view *v, enum action act)
{
	struct match_inbox *d = v->data;
	const struct stranger_row *s = current(d);
	struct thread_args mail = {.source = {NULL, NULL}};
	struct why_args why = {0};

	if (!s)
		return VIEW_IGNORED;
	switch ((int)act) {
	case ACTION_OPEN:
		choose(v, 0);
		break;
	case ACTION_MATCH_NEW:
		new_contact(v, s);
		break;
	case ACTION_MATCH_NEVER:
		match_ask_never(v->ui, &d->asking, false);
		break;
	case ACTION_MATCH_LATER:
		put_off(v, s);
		break;
	case ACTION_MATCH_MAIL:
		mail.thread = s->thread;
		mail.message = s->message;
		ui_push(v->ui, &thread_view_ops, &mail);
		break;
	case ACTION_WHY:
		why = (struct why_args){.message = s->message, .subject = s->subject};
		ui_push(v->ui, &why_view_ops, &why);
		break;
	default:
		return VIEW_IGNORED;
	}
	return VIEW_HANDLED;
}

static enum view_result match_view_action(struct view *v, enum action act)
{
	struct match_inbox *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&d->rows, act, (size_t)match_list_rows(v->rows))) {
		d->is_moved = true;
		return VIEW_HANDLED;
	}
	return on_row(v, act);
}

static enum view_result match_view_key(struct view *v, const struct key *k)
{
	if (k->mods != 0 || k->code < '1' || k->code > '9')
		return VIEW_IGNORED;
	choose(v, k->code - '1');
	return VIEW_HANDLED;
}

static bool match_view_cursor(const struct view *v, int *row, int *col)
{
	const struct match_inbox *d = v->data;

	*row = 1 + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	return d->n > 0;
}

static void match_view_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct match_inbox *d = v->data;

	buf_addf(left, "crmail  %s", _("Who is this?"));
	if (d->ambiguous)
		buf_addf(right,
			ngettext("%lld shared address", "%lld shared addresses",
				(unsigned long)d->ambiguous),
			(long long)d->ambiguous);
	if (d->unknown)
		buf_addf(right, "%s%lld %s", right->len ? " · " : "", (long long)d->unknown,
			/* TRANSLATORS: after a number: people whom the CRM does not know. */
			ngettext("unknown", "unknown", (unsigned long)d->unknown));
}

static const enum action hints[] = {ACTION_OPEN, ACTION_MATCH_NEW, ACTION_MATCH_NEVER,
	ACTION_MATCH_LATER, ACTION_MATCH_MAIL, ACTION_WHY, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

static const enum action hints_empty[] = {ACTION_GO_INBOX, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

static const enum action *match_hints(const struct view *v)
{
	return ((const struct match_inbox *)v->data)->n ? hints : hints_empty;
}

const struct view_ops match_view_ops = {
	.name = "match inbox",
	.where = WHERE_MATCH,
	.data_size = sizeof(struct match_inbox),
	.hints = hints,
	.hints_now = match_hints,
	.open = match_view_open,
	.close = match_view_close,
	.resume = match_view_resume,
	.event = match_view_event,
	.key = match_view_key,
	.action = match_view_action,
	.recalc = match_view_recalc,
	.paint = match_paint,
	.cursor = match_view_cursor,
	.title = match_view_title,
};
