/*
 * list_keys.c - what keys do in the list: moving, selecting, opening, and mail actions on the
 * selected conversations.
 */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/i18n.h"

#include "dossier.h"
#include "list.h"
#include "mailact.h"
#include "people_keys.h"
#include "remind.h"
#include "ui/ui_core.h"

/* Several keys may come between two paints, and more from the conversation on top: the rows that
 * one leads to are read before it. False: it stays where it was. */
static bool move_by(struct view *v, int64_t by)
{
	struct list_data *d = list_data_of(v);
	struct err e = ERR_INIT;
	size_t before;

	if (list_load(v, &e) || rows_fill(&d->rows, v->ui->reader, &d->spec, list_height(v), &e))
		ui_error(v->ui, &e);
	before = d->rows.sel;
	rows_move(&d->rows, by);
	return d->rows.sel != before;
}

static const struct thread_row *list_step(struct view *v, int by)
{
	struct list_data *d = list_data_of(v);

	d->tree.sel = 0;
	view_mark(v, DIRTY_RECALC);
	return move_by(v, by) ? rows_current(&d->rows) : NULL;
}

static bool shows_drafts(const struct view *v)
{
	const struct list_spec *spec = &list_data_of(v)->spec;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;
	struct folder_row *f = NULL;
	struct err e = ERR_INIT;

	if (spec->kind != LIST_FOLDER)
		return spec->kind == LIST_ROLE && spec->role == FOLDER_DRAFTS;
	return folder_get(v->ui->reader, &arena, spec->folder, &f, &e) == 0 && f &&
	       f->role == FOLDER_DRAFTS;
}

static void open_thread(struct view *v)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	struct thread_args a = {.source = {v, list_step}, .list = d->spec};

	if (!t)
		return;
	if (!tree_current(&d->tree) && shows_drafts(v)) {
		compose_open_message(v->ui, t->message, t->account);
		return;
	}
	a.thread = t->thread;
	if (tree_current(&d->tree))
		a.message = tree_current(&d->tree)->id;
	ui_push(v->ui, &thread_view_ops, &a);
}

/* Of the newest message, or the one under the cursor in the tree. */
static void show_why(struct view *v)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	const struct message_row *m = tree_current(&d->tree);
	const struct why_args a = {.message = m   ? m->id
					      : t ? t->message
						  : 0,
		.subject = t ? t->subject : NULL};

	if (a.message)
		ui_push(v->ui, &why_view_ops, &a);
}

static void open_place(struct view *v)
{
	struct list_data *d = list_data_of(v);
	const struct sidebar_entry *p;
	struct list_args a;

	d->pane = PANE_LIST;
	if (d->sidebar.sel >= d->sidebar.n)
		return;
	p = &d->sidebar.v[d->sidebar.sel];
	if (p->query) {
		ui_push(v->ui, &search_view_ops, p->query);
		return;
	}
	if (p->action != ACTION_NONE) {
		ui_do(v->ui, p->action);
		return;
	}
	a = (struct list_args){.spec = p->spec, .title = p->name ? p->name : p->label};
	list_set_place(d, &a);
}

static void jump_ends(struct view *v, enum action act)
{
	struct list_data *d = list_data_of(v);
	struct err e = ERR_INIT;
	int rc = act == ACTION_TOP ? rows_load_newest(&d->rows, v->ui->reader, &d->spec, &e)
				   : rows_load_oldest(&d->rows, v->ui->reader, &d->spec, &e);

	d->tree.sel = 0;
	if (rc)
		ui_error(v->ui, &e);
}

static bool is_on_tree(const struct list_data *d)
{
	const struct thread_row *t = rows_current(&d->rows);

	return t && t->thread == d->tree.thread;
}

/* One line at a time the cursor goes through the messages of an expanded conversation. */
static void move_rows(struct view *v, int by)
{
	struct list_data *d = list_data_of(v);

	if (by == 1 && is_on_tree(d) && d->tree.sel < d->tree.n) {
		d->tree.sel++;
		return;
	}
	if (by == -1 && d->tree.sel > 0) {
		d->tree.sel--;
		return;
	}
	if (move_by(v, by))
		d->tree.sel = by == -1 && is_on_tree(d) ? d->tree.n : 0;
	else if (by < -1) /* from the tree of the first row a page up to the row itself */
		d->tree.sel = 0;
}

static void expand(struct view *v)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);

	if (t)
		tree_want(&d->tree, v, is_on_tree(d) ? 0 : t->thread);
}

/* In the sidebar: a page is what it shows, not what stands beside it. */
static void move_in_sidebar(struct view *v, enum action act, int by)
{
	struct list_data *d = list_data_of(v);
	int all = (int)d->sidebar.n, page = v->rows > 3 ? v->rows - 3 : 1;

	if (act == ACTION_TOP || act == ACTION_BOTTOM)
		by = act == ACTION_TOP ? -all : all;
	else if (act == ACTION_PAGE_UP || act == ACTION_PAGE_DOWN)
		by = by < 0 ? -page : page;
	else if (act == ACTION_HALF_UP || act == ACTION_HALF_DOWN)
		by = by < 0 ? -(page + 1) / 2 : (page + 1) / 2;
	sidebar_move(&d->sidebar, by);
}

static enum view_result move_cursor(struct view *v, enum action act)
{
	struct list_data *d = list_data_of(v);
	int page = list_height(v), half = page > 1 ? page / 2 : 1;
	int by = 0;

	switch ((int)act) {
	case ACTION_DOWN:
		by = 1;
		break;
	case ACTION_UP:
		by = -1;
		break;
	case ACTION_PAGE_DOWN:
		by = page;
		break;
	case ACTION_PAGE_UP:
		by = -page;
		break;
	case ACTION_HALF_DOWN:
		by = half;
		break;
	case ACTION_HALF_UP:
		by = -half;
		break;
	case ACTION_TOP:
	case ACTION_BOTTOM:
		break;
	default:
		return VIEW_IGNORED;
	}
	if (d->pane == PANE_SIDEBAR)
		move_in_sidebar(v, act, by);
	else if (by != 0)
		move_rows(v, by);
	else
		jump_ends(v, act);
	return VIEW_HANDLED;
}

static bool want_all(const struct thread_row *t)
{
	(void)t;
	return true;
}

static bool want_read(const struct thread_row *t)
{
	return t->unread == 0;
}

static bool want_unread(const struct thread_row *t)
{
	return t->unread > 0;
}

static enum view_result select_rows(struct view *v, enum action act)
{
	struct rows *r = &list_data_of(v)->rows;

	switch ((int)act) {
	case ACTION_SELECT:
		rows_toggle(r, r->sel);
		list_data_of(v)->tree.sel = 0;
		move_by(v, 1);
		return VIEW_HANDLED;
	case ACTION_RANGE:
		rows_toggle_range(r);
		return VIEW_HANDLED;
	case ACTION_SELECT_ALL:
		rows_select_where(r, want_all);
		return VIEW_HANDLED;
	case ACTION_SELECT_NONE:
		rows_unselect_all(r);
		return VIEW_HANDLED;
	case ACTION_SELECT_READ:
		rows_select_where(r, want_read);
		return VIEW_HANDLED;
	case ACTION_SELECT_UNREAD:
		rows_select_where(r, want_unread);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* Shows flags at once; the commit's event reads them again. */
static void overlay_flags(struct rows *r, enum action act, const int64_t *ids, size_t n,
	bool was_starred)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < n; k++) {
			if (r->v[i].thread != ids[k])
				continue;
			if (act == ACTION_STAR)
				r->v[i].starred = !was_starred;
			else if (act == ACTION_READ)
				r->v[i].unread = 0;
			else if (act == ACTION_UNREAD)
				r->v[i].unread = r->v[i].unread ? r->v[i].unread : 1;
		}
}

/* What is selected may lie beyond the rows that are here. */
static void remind_of(struct view *v, const int64_t *threads, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct thread_row *t = NULL;
	struct err e = ERR_INIT;

	if (n > 1)
		ui_info(v->ui, "%s", _("A reminder is of one conversation: unselect the rows."));
	else if (thread_get(v->ui->reader, &a, threads[0], &t, &e))
		ui_error(v->ui, &e);
	else if (t)
		remind_ask(v->ui, t);
}

static enum view_result act_on_mail(struct view *v, enum action act)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	struct mailact m = {.action = act, .target = {.kind = TARGET_THREADS, .list = d->spec}};
	enum mailact_result done;

	if (!t)
		return VIEW_IGNORED;
	if (dossier_of_thread(v->ui, act, t))
		return VIEW_HANDLED;
	m.is_starred = t->starred;
	m.target.ids = rows_targets(&d->rows, &m.target.n);
	if (act == ACTION_REMIND) {
		remind_of(v, m.target.ids, m.target.n);
		return VIEW_HANDLED;
	}
	if (act == ACTION_MOVE) {
		mailact_pick_folder(v->ui, &m.target, t->account);
		return VIEW_HANDLED;
	}
	if (act == ACTION_LABEL) {
		mailact_pick_label(v->ui, &m.target, t->account, t->message);
		return VIEW_HANDLED;
	}
	done = mailact_do(v->ui, &m);
	if (done != MAILACT_DONE)
		return done == MAILACT_NOTHING ? VIEW_HANDLED : VIEW_IGNORED;
	if (mailact_leaves_list(act))
		rows_forget(&d->rows, m.target.ids, m.target.n);
	else
		overlay_flags(&d->rows, act, m.target.ids, m.target.n, m.is_starred);
	rows_unselect_all(&d->rows);
	return VIEW_HANDLED;
}

static enum view_result answer(struct view *v, enum action act)
{
	const struct thread_row *t = rows_current(&list_data_of(v)->rows);
	struct compose_args a = {.kind = COMPOSE_REPLY};

	if (!t)
		return VIEW_IGNORED;
	a.message = tree_current(&list_data_of(v)->tree) ? tree_current(&list_data_of(v)->tree)->id
							 : t->message;
	a.account = t->account;
	if (act == ACTION_REPLY_ALL)
		a.kind = COMPOSE_REPLY_ALL;
	else if (act == ACTION_FORWARD)
		a.kind = COMPOSE_FORWARD;
	a.has_template = act == ACTION_TEMPLATE;
	compose_open(v->ui, &a);
	return VIEW_HANDLED;
}

static void narrow(struct view *v)
{
	struct list_data *d = list_data_of(v);

	d->spec.unread_only = !d->spec.unread_only;
	d->is_loaded = false;
}

/* About the people of the newest mail of the conversation, or of the one the cursor is on. */
static enum view_result act_on_people(struct view *v, enum action act)
{
	struct list_data *d = list_data_of(v);
	const struct thread_row *t = rows_current(&d->rows);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct form_stranger stranger = {.message = 0};
	struct form_context c = {.crm = 0};
	struct message_row *m = NULL;
	struct err e = ERR_INIT;

	if (!t || (act != ACTION_LOG && act != ACTION_CONTACT_NEW && act != ACTION_CONTACT_EDIT &&
			  act != ACTION_DEAL_EDIT))
		return VIEW_IGNORED;
	c.account = t->account;
	if (message_get(v->ui->reader, &a,
		    tree_current(&d->tree) ? tree_current(&d->tree)->id : t->message, &m, &e))
		ui_error(v->ui, &e);
	if (m)
		people_of_message(m, &c, &stranger);
	if (!c.contact)
		c.contact = t->contact;
	c.partner = t->partner;
	if (m && !c.contact && !c.partner)
		c.lead = people_lead_of(v->ui, m->id);
	return people_key(v->ui, act, &c, &stranger);
}

enum view_result list_action(struct view *v, enum action act)
{
	struct list_data *d = list_data_of(v);
	struct err e = ERR_INIT;

	view_mark(v, DIRTY_RECALC);
	if (list_load(v, &e)) { /* what is shown is of another place */
		ui_error(v->ui, &e);
		return VIEW_HANDLED;
	}
	if (move_cursor(v, act) == VIEW_HANDLED || select_rows(v, act) == VIEW_HANDLED)
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_OPEN:
		if (d->pane == PANE_SIDEBAR)
			open_place(v);
		else
			open_thread(v);
		return VIEW_HANDLED;
	case ACTION_NEXT_PANE:
		d->pane = d->pane == PANE_LIST ? PANE_SIDEBAR : PANE_LIST;
		return VIEW_HANDLED;
	case ACTION_PREVIEW:
		d->preview.is_on = !d->preview.is_on;
		return VIEW_HANDLED;
	case ACTION_EXPAND:
		if (d->pane == PANE_LIST)
			expand(v);
		return VIEW_HANDLED;
	case ACTION_NARROW:
		narrow(v);
		return VIEW_HANDLED;
	case ACTION_WHY:
		show_why(v);
		return VIEW_HANDLED;
	case ACTION_REPLY:
	case ACTION_REPLY_ALL:
	case ACTION_FORWARD:
	case ACTION_TEMPLATE:
		return answer(v, act);
	case ACTION_BACK:
		if (d->pane == PANE_LIST && d->rows.n_selected == 0 && !d->rows.has_range) {
			if (!d->tree.thread)
				return VIEW_IGNORED;
			tree_want(&d->tree, v, 0);
		}
		d->pane = PANE_LIST;
		rows_unselect_all(&d->rows);
		return VIEW_HANDLED;
	default:
		/* With the focus in the sidebar no key changes the mail beside it. */
		if (d->pane != PANE_LIST)
			return VIEW_IGNORED;
		return act_on_people(v, act) == VIEW_HANDLED ? VIEW_HANDLED : act_on_mail(v, act);
	}
}
