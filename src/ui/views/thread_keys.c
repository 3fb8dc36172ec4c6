/*
 * thread_keys.c - what keys do in a conversation: moving, folding, links, saving, and mail actions
 * on the message in focus.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "dossier.h"
#include "mailact.h"
#include "people_keys.h"
#include "remind.h"
#include "thread.h"

#define LINK_NUMBER_MAX 99999

static struct thread_message *focused(const struct thread_data *d)
{
	return d->cur < d->n ? &d->v[d->cur] : NULL;
}

static void scroll_by(struct view *v, int64_t by)
{
	struct thread_data *d = thread_data_of(v);
	int64_t height = thread_height(v), top = (int64_t)d->top + by,
		last = (int64_t)d->n_lines - height;

	if (top > last)
		top = last;
	d->top = top < 0 ? 0 : (size_t)top;
	/* The focus follows the screen: the first message whose head or text is at the top. */
	if (d->n_lines > 0 && thread_head_line(d, d->cur) >= d->top + (size_t)height)
		d->cur = d->lines[d->top].message;
	else if (d->n_lines > 0 && d->lines[d->top].message > d->cur)
		d->cur = d->lines[d->top].message;
}

static void focus_message(struct view *v, size_t i)
{
	struct thread_data *d = thread_data_of(v);

	d->cur = i;
	d->wants_cur_shown = true;
}

void thread_show_message(struct view *v, size_t i)
{
	struct thread_data *d = thread_data_of(v);

	focus_message(v, i);
	d->v[i].is_folded = false;
	thread_want_body(v, i);
	view_mark(v, DIRTY_LAYOUT | DIRTY_RECALC);
}

static void toggle_fold(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *m = focused(d);

	if (!m)
		return;
	m->is_folded = !m->is_folded;
	if (!m->is_folded)
		thread_want_body(v, d->cur);
	d->wants_cur_shown = true;
	view_mark(v, DIRTY_LAYOUT);
}

static enum view_result move(struct view *v, enum action act)
{
	struct thread_data *d = thread_data_of(v);
	int height = thread_height(v);

	switch ((int)act) {
	case ACTION_DOWN:
		scroll_by(v, 1);
		return VIEW_HANDLED;
	case ACTION_UP:
		scroll_by(v, -1);
		return VIEW_HANDLED;
	case ACTION_PAGE_DOWN:
		scroll_by(v, height > 2 ? height - 1 : height);
		return VIEW_HANDLED;
	case ACTION_PAGE_UP:
		scroll_by(v, -(height > 2 ? height - 1 : height));
		return VIEW_HANDLED;
	case ACTION_HALF_DOWN:
		scroll_by(v, height / 2);
		return VIEW_HANDLED;
	case ACTION_HALF_UP:
		scroll_by(v, -(height / 2));
		return VIEW_HANDLED;
	case ACTION_TOP:
		scroll_by(v, -(int64_t)d->n_lines);
		d->cur = 0;
		return VIEW_HANDLED;
	case ACTION_BOTTOM:
		d->cur = d->n > 0 ? d->n - 1 : 0;
		scroll_by(v, (int64_t)d->n_lines);
		return VIEW_HANDLED;
	case ACTION_MESSAGE_NEXT:
		if (d->cur + 1 < d->n)
			focus_message(v, d->cur + 1);
		return VIEW_HANDLED;
	case ACTION_MESSAGE_PREV:
		if (d->cur > 0)
			focus_message(v, d->cur - 1);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static bool step_thread(struct view *v, int by)
{
	struct thread_data *d = thread_data_of(v);
	const struct thread_row *t = NULL;

	if (d->args.source.step)
		t = d->args.source.step(d->args.source.list, by);
	if (t)
		thread_open(v, t->thread, 0);
	return t != NULL;
}

static void open_link(struct view *v, const struct render_link *l)
{
	struct compose_args a = {.kind = COMPOSE_NEW};

	if (str_casestarts(l->url, "mailto:")) {
		CLEANUP(buf_release) struct buf to = BUF_INIT(1024);

		buf_add(&to, l->url + 7, strcspn(l->url + 7, "?"));
		a.to = to.p;
		compose_open(v->ui, &a);
	} else if (!str_casestarts(l->url, "http://") && !str_casestarts(l->url, "https://")) {
		ui_info(v->ui, "%s", _("Only web and mail links are opened."));
	} else if (!v->ui->terminal.open || !v->ui->terminal.open(v->ui->terminal.ctx, l->url)) {
		ui_info(v->ui, "%s", _("No browser could be started; y copies the link."));
	}
}

static void link_action(struct view *v, bool is_copy)
{
	struct thread_data *d = thread_data_of(v);
	int64_t number = d->number > 0 ? d->number : 1;
	const struct render_link *l = thread_link(d, number);

	d->number = 0;
	if (!l) {
		ui_info(v->ui, "%s", _("There is no such link in this message."));
	} else if (is_copy) {
		ui_copy(v->ui, l->url, strlen(l->url));
		ui_info(v->ui, _("Link %d copied."), (int)number);
	} else {
		open_link(v, l);
	}
}

/* At first the one that is not shown yet, then the source, then what suits best again. */
static enum body_format format_after(const struct thread_message *m)
{
	if (m->format == FORMAT_SOURCE)
		return FORMAT_AUTO;
	if (m->format != FORMAT_AUTO || !body_has_html(m->body))
		return FORMAT_SOURCE;
	return m->body->doc.from_html ? FORMAT_PLAIN : FORMAT_HTML;
}

static void next_format(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *m = focused(d);
	static const char *const names[FORMAT_COUNT] = {N_("Shown as it suits best."),
		N_("Shown as plain text."), N_("Shown from HTML."), N_("Shown as source.")};

	if (!m || !m->body)
		return;
	m->format = format_after(m);
	m->is_folded = false;
	body_free(m->body);
	m->body = NULL;
	thread_want_body(v, d->cur);
	ui_info(v->ui, "%s", _(names[m->format]));
	view_mark(v, DIRTY_LAYOUT);
}

static void save_all(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *m = focused(d);
	struct save_job *s;

	if (!m || !m->body || m->body->n_attachments == 0) {
		ui_info(v->ui, "%s", _("This message has no attachments."));
		return;
	}
	s = save_job_new(m->row->id, -1, v->ui->o.download_dir, false, ++d->generation);
	ui_submit(v, &s->job);
}

/* The text goes to a private file: no script, no remote content, nothing but escaped text. */
static void open_outside(struct view *v)
{
	const struct thread_message *m = focused(thread_data_of(v));
	CLEANUP(buf_release) struct buf html = BUF_INIT((size_t)32 << 20);
	char *dir = NULL, *path = NULL;
	struct err e = ERR_INIT;

	if (!m || !m->body || !v->ui->terminal.open)
		return;
	buf_addstr(&html,
		"<!DOCTYPE html><meta charset=\"utf-8\"><pre style=\"white-space:pre-wrap\">");
	for (size_t i = 0; i < m->body->doc.text.len; i++) {
		char c = m->body->doc.text.p[i];

		if (c == '<' || c == '&')
			buf_addf(&html, "&#%d;", c);
		else
			buf_addch(&html, c);
	}
	dir = store_path(v->ui->o.store, "outside");
	path = fsx_join(dir, "message.html");
	if (fsx_mkdir_p(dir, &e) || fsx_write_file(path, html.p, html.len, false, &e))
		ui_error(v->ui, &e);
	else if (!v->ui->terminal.open(v->ui->terminal.ctx, path))
		ui_info(v->ui, "%s", _("No program could be started to show it."));
	free(path);
	free(dir);
}

static enum view_result act_on_message(struct view *v, enum action act)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *m = focused(d);
	enum mailact_result done;
	struct mailact a = {
		.action = act, .target = {.kind = TARGET_MESSAGES, .n = 1, .list = d->args.list}};

	if (!m)
		return VIEW_IGNORED;
	a.target.ids = &m->row->id;
	a.is_starred = (m->row->flags & MSG_FLAGGED) != 0;
	if (act == ACTION_MOVE) {
		mailact_pick_folder(v->ui, &a.target, m->row->account);
		return VIEW_HANDLED;
	}
	if (act == ACTION_LABEL) {
		mailact_pick_label(v->ui, &a.target, m->row->account, m->row->id);
		return VIEW_HANDLED;
	}
	done = mailact_do(v->ui, &a);
	if (done != MAILACT_DONE)
		return done == MAILACT_NOTHING ? VIEW_HANDLED : VIEW_IGNORED;
	d->wants_reload = true;
	/* The last message went: on to the next conversation, or back. */
	if (mailact_leaves_list(act) && d->n == 1 && !step_thread(v, 1))
		ui_pop(v->ui);
	return VIEW_HANDLED;
}

static enum view_result answer(struct view *v, enum action act)
{
	const struct thread_message *m = focused(thread_data_of(v));
	struct compose_args a = {.kind = COMPOSE_REPLY};

	if (!m)
		return VIEW_IGNORED;
	a.message = m->row->id;
	a.account = m->row->account;
	if (act == ACTION_REPLY_ALL)
		a.kind = COMPOSE_REPLY_ALL;
	else if (act == ACTION_FORWARD)
		a.kind = COMPOSE_FORWARD;
	a.has_template = act == ACTION_TEMPLATE;
	compose_open(v->ui, &a);
	return VIEW_HANDLED;
}

static enum view_result show_more(struct view *v, enum action act)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *m = focused(d);
	struct attach_args a;
	struct why_args why;

	if (!m)
		return VIEW_IGNORED;
	view_mark(v, DIRTY_LAYOUT);
	switch ((int)act) {
	case ACTION_ORDER:
		thread_reverse(v);
		ui_info(v->ui, "%s",
			d->is_newest_first ? _("Newest message first.")
					   : _("Oldest message first."));
		return VIEW_HANDLED;
	case ACTION_QUOTES:
		m->has_quotes_shown = !m->has_quotes_shown;
		return VIEW_HANDLED;
	case ACTION_HEADERS:
		m->has_headers_shown = !m->has_headers_shown;
		return VIEW_HANDLED;
	case ACTION_FORMAT:
		next_format(v);
		return VIEW_HANDLED;
	case ACTION_OUTSIDE:
		open_outside(v);
		return VIEW_HANDLED;
	case ACTION_COPY_LINK:
		link_action(v, true);
		return VIEW_HANDLED;
	case ACTION_SAVE_ALL:
		save_all(v);
		return VIEW_HANDLED;
	case ACTION_ATTACHMENTS:
		a = (struct attach_args){.message = m->row->id};
		ui_push(v->ui, &attach_view_ops, &a);
		return VIEW_HANDLED;
	case ACTION_WHY:
		why = (struct why_args){.message = m->row->id, .subject = m->row->subject};
		ui_push(v->ui, &why_view_ops, &why);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* About the people of the message in focus, else of the conversation. */
static enum view_result act_on_people(struct view *v, enum action act)
{
	const struct thread_data *d = thread_data_of(v);
	const struct thread_message *m = focused(d);
	struct form_stranger stranger = {.message = 0};
	struct form_context c = {.crm = 0};

	if (!m)
		return VIEW_IGNORED;
	people_of_message(m->row, &c, &stranger);
	if (!c.contact && d->row)
		c.contact = d->row->contact;
	if (d->row)
		c.partner = d->row->partner;
	if (!c.contact && !c.partner)
		c.lead = people_lead_of(v->ui, m->row->id);
	return people_key(v->ui, act, &c, &stranger);
}

static bool close_panel(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	bool was_open = d->has_panel_shown || d->number > 0;

	d->has_panel_shown = false;
	d->number = 0;
	return was_open;
}

enum view_result thread_action(struct view *v, enum action act)
{
	struct thread_data *d = thread_data_of(v);

	view_mark(v, DIRTY_RECALC);
	if (thread_panel_action(v, act) == VIEW_HANDLED)
		return VIEW_HANDLED;
	if (move(v, act) == VIEW_HANDLED || show_more(v, act) == VIEW_HANDLED)
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_OPEN:
		if (d->number > 0)
			link_action(v, false);
		else
			toggle_fold(v);
		return VIEW_HANDLED;
	case ACTION_THREAD_NEXT:
	case ACTION_THREAD_PREV:
		if (!step_thread(v, act == ACTION_THREAD_NEXT ? 1 : -1))
			ui_info(v->ui, "%s", _("No more conversations in this direction."));
		return VIEW_HANDLED;
	case ACTION_NEXT_PANE:
		if (d->has_panel_shown) /* without a timeline it never had the keyboard */
			d->has_panel_shown = false;
		else if (!thread_panel_focus(v) && v->cols >= PANEL_MIN_COLS)
			ui_info(v->ui, "%s", _("Nothing has happened with them yet."));
		return VIEW_HANDLED;
	case ACTION_REPLY:
	case ACTION_REPLY_ALL:
	case ACTION_FORWARD:
	case ACTION_TEMPLATE:
		return answer(v, act);
	case ACTION_TO_CONTACT:
	case ACTION_TO_PARTNER:
		if (d->row)
			dossier_of_thread(v->ui, act, d->row);
		return VIEW_HANDLED;
	case ACTION_REMIND:
		if (d->row)
			remind_ask(v->ui, d->row);
		return VIEW_HANDLED;
	case ACTION_BACK:
		return close_panel(v) ? VIEW_HANDLED : VIEW_IGNORED;
	default:
		return act_on_people(v, act) == VIEW_HANDLED ? VIEW_HANDLED
							     : act_on_message(v, act);
	}
}

/* Keys wait for the messages. Digits gather the number of a link. */
enum view_result thread_key(struct view *v, const struct key *k)
{
	struct thread_data *d = thread_data_of(v);

	if (!d->is_loaded && !d->is_gone && ahead_hold(&d->ahead, k))
		return VIEW_HANDLED;
	if (k->mods == 0 && k->code >= '0' && k->code <= '9' && (d->number > 0 || k->code != '0')) {
		if (d->number * 10 <= LINK_NUMBER_MAX)
			d->number = d->number * 10 + (int64_t)(k->code - '0');
		view_mark(v, DIRTY_PAINT);
		return VIEW_HANDLED;
	}
	return VIEW_IGNORED;
}
