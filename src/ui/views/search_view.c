/*
 * search_view.c - search as you type: the query runs on the reader thread, newest first, contacts
 * that match by name or address in one block on top. Enter goes to the results, Esc back to the
 * place left.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "crmail/store/saved_search.h"
#include "crmail/store/search.h"
#include "ui/editor.h"
#include "ui/jobs.h"
#include "ui/ui_core.h"
#include "mailact.h"
#include "rowpaint.h"
#include "views.h"

#define PAGE 60
#define CONTACTS_MAX 3

struct search_job {
	struct job job;
	char *query;
	int64_t now;
	bool is_typing;
	struct list_key after; /* thread 0: from the newest */
	struct arena arena;
	struct thread_row *v;
	size_t n;
	struct contact_row *contacts;
	size_t n_contacts;
	int64_t total;
};

struct page { /* answers stay in the arena they came in */
	struct arena arena;
	struct page *next;
};

struct search_data {
	struct editor input;
	int64_t generation;
	struct page *pages;
	struct thread_row *v;
	size_t n, sel, top;
	struct contact_row *contacts;
	size_t n_contacts;
	int64_t total;
	bool is_in_results, is_waiting, is_complete, has_answer;
	char problem[256]; /* of the query; "" = none */
};

static void run(struct job *j, struct store_reader *r)
{
	struct search_job *s = (struct search_job *)j;
	struct search_query *q = NULL;

	if (search_parse(&s->arena, s->query, s->now, s->is_typing, &q, &j->err))
		return;
	if (s->after.thread == 0 && contact_list(r, &s->arena, s->query, 0, CONTACTS_MAX,
					    &s->contacts, &s->n_contacts, &j->err))
		return;
	if (search_threads(r, &s->arena, q, s->after.thread ? &s->after : NULL, PAGE, &s->v, &s->n,
		    &j->err))
		return;
	if (s->after.thread == 0 && search_total(r, q, &s->total, &j->err))
		return;
}

static void free_job(struct job *j)
{
	struct search_job *s = (struct search_job *)j;

	arena_release(&s->arena);
	free(s->query);
	free(s);
}

static void submit(struct view *v, const struct list_key *after)
{
	struct search_data *d = v->data;
	struct search_job *s = xcalloc(1, sizeof(*s));

	s->job = (struct job){
		.run = run, .free = free_job, .channel = JOB_SEARCH, .generation = ++d->generation};
	s->query = xstrdup(d->input.text.p);
	s->now = ui_now(v->ui);
	s->is_typing = !d->is_in_results;
	s->arena = ARENA_INIT;
	if (after)
		s->after = *after;
	d->is_waiting = true;
	ui_submit(v, &s->job);
}

static void drop_pages(struct search_data *d)
{
	while (d->pages) {
		struct page *p = d->pages;

		d->pages = p->next;
		arena_release(&p->arena);
		free(p);
	}
	free(d->v);
	d->v = NULL;
	d->contacts = NULL;
	d->n = d->sel = d->top = d->n_contacts = 0;
}

static int search_open(struct view *v, const void *args, struct err *e)
{
	struct search_data *d = v->data;

	(void)e;
	editor_init(&d->input, true);
	if (args) { /* a kept search: its answer is what is wanted, not its words */
		editor_set(&d->input, args);
		d->is_in_results = true;
		submit(v, NULL);
	}
	return 0;
}

static void search_close(struct view *v)
{
	struct search_data *d = v->data;

	drop_pages(d);
	editor_release(&d->input);
}

static void query_changed(struct view *v)
{
	struct search_data *d = v->data;

	d->problem[0] = '\0';
	d->is_complete = false;
	if (span_trim(span_of(d->input.text.p)).len > 0) {
		submit(v, NULL);
		return;
	}
	d->generation++;
	d->is_waiting = d->has_answer = false;
	drop_pages(d);
}

static void take(struct search_data *d, struct search_job *s)
{
	struct page *p;

	if (s->after.thread == 0) {
		drop_pages(d);
		d->total = s->total;
		d->contacts = s->contacts;
		d->n_contacts = s->n_contacts;
	}
	d->is_complete = s->n < PAGE;
	d->v = xreallocarray(d->v, d->n + s->n + 1, sizeof(*d->v));
	if (s->n > 0)
		memcpy(d->v + d->n, s->v, s->n * sizeof(*d->v));
	d->n += s->n;
	p = xcalloc(1, sizeof(*p));
	p->arena = s->arena;
	p->next = d->pages;
	d->pages = p;
	s->arena = ARENA_INIT;
	d->has_answer = true;
}

static void search_reply(struct view *v, struct job *j)
{
	struct search_data *d = v->data;

	if (j->generation == d->generation) {
		d->is_waiting = false;
		if (j->err.code == ERR_NONE)
			take(d, (struct search_job *)j);
		else if (j->err.code == ERR_USAGE)
			memcpy(d->problem, j->err.msg, sizeof(d->problem) - 1);
		else
			ui_error(v->ui, &j->err);
		view_mark(v, DIRTY_RECALC);
	}
	j->free(j);
}

static int first_row(const struct view *v)
{
	const struct search_data *d = v->data;
	int n = 2 + (int)d->n_contacts + (d->n_contacts > 0);

	return v->rows >= 14 ? n : 2;
}

static int height(const struct view *v)
{
	int h = (v->rows - 1 - first_row(v)) / ROW_LINES;

	return h > 0 ? h : 1;
}

static int search_recalc(struct view *v, struct err *e)
{
	struct search_data *d = v->data;
	size_t h = (size_t)height(v);

	(void)e;
	if (d->sel >= d->n)
		d->sel = d->n > 0 ? d->n - 1 : 0;
	if (d->sel < d->top)
		d->top = d->sel;
	if (d->sel >= d->top + h)
		d->top = d->sel - h + 1;
	if (!d->is_complete && !d->is_waiting && d->n > 0 && d->sel + h * 2 > d->n) {
		struct list_key after = {d->v[d->n - 1].sort_at, d->v[d->n - 1].thread};

		submit(v, &after);
	}
	return 0;
}

static void search_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static enum view_result input_key(struct view *v, const struct key *k)
{
	struct search_data *d = v->data;
	size_t before = d->input.text.len;

	if (k->code == UKEY_ENTER || k->code == UKEY_DOWN || k->code == UKEY_TAB) {
		d->is_in_results = d->n > 0 || k->code == UKEY_ENTER;
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (!editor_key(&d->input, k))
		return VIEW_IGNORED;
	if (d->input.text.len != before || key_is_text(k) || k->code == UKEY_PASTE)
		query_changed(v);
	return VIEW_HANDLED;
}

static enum view_result search_key(struct view *v, const struct key *k)
{
	struct search_data *d = v->data;

	view_mark(v, DIRTY_RECALC);
	if (!d->is_in_results)
		return input_key(v, k);
	if ((k->code == '/' && k->mods == 0) || k->code == UKEY_TAB ||
		((k->code == UKEY_UP || k->code == 'k') && k->mods == 0 && d->sel == 0)) {
		d->is_in_results = false;
		return VIEW_HANDLED;
	}
	return VIEW_IGNORED;
}

static const struct thread_row *search_step(struct view *v, int by)
{
	struct search_data *d = v->data;
	size_t before = d->sel;

	if (by < 0 ? d->sel > 0 : d->sel + 1 < d->n)
		d->sel += by < 0 ? (size_t)-1 : 1;
	view_mark(v, DIRTY_RECALC);
	return d->sel == before ? NULL : &d->v[d->sel];
}

static void open_result(struct view *v)
{
	struct search_data *d = v->data;
	struct thread_args a = {.source = {v, search_step}, .list = {.kind = LIST_ALL}};

	if (d->sel >= d->n)
		return;
	a.thread = d->v[d->sel].thread;
	a.message = d->v[d->sel].message;
	ui_push(v->ui, &thread_view_ops, &a);
}

static enum view_result act_on_row(struct view *v, enum action act)
{
	struct search_data *d = v->data;
	struct thread_row *t = d->sel < d->n ? &d->v[d->sel] : NULL;
	struct mailact m = {.action = act,
		.target = {.kind = TARGET_THREADS, .n = 1, .list = {.kind = LIST_ALL}}};
	struct compose_args c = {.kind = COMPOSE_REPLY};

	if (!t)
		return VIEW_IGNORED;
	m.target.ids = &t->thread;
	m.is_starred = t->starred;
	if (act == ACTION_REPLY || act == ACTION_REPLY_ALL || act == ACTION_FORWARD) {
		c.message = t->message;
		c.account = t->account;
		c.kind = act == ACTION_REPLY
				 ? COMPOSE_REPLY
				 : (act == ACTION_FORWARD ? COMPOSE_FORWARD : COMPOSE_REPLY_ALL);
		compose_open(v->ui, &c);
		return VIEW_HANDLED;
	}
	if (act == ACTION_MOVE || act == ACTION_LABEL) {
		if (act == ACTION_MOVE)
			mailact_pick_folder(v->ui, &m.target, t->account);
		else
			mailact_pick_label(v->ui, &m.target, t->account, t->message);
		return VIEW_HANDLED;
	}
	if (!mailact_do(v->ui, &m))
		return VIEW_IGNORED;
	if (act == ACTION_STAR)
		t->starred = !t->starred;
	else if (act == ACTION_READ)
		t->unread = 0;
	return VIEW_HANDLED;
}

static bool is_kept(struct ui *ui, const char *query)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	const char **v = NULL;
	size_t n = 0;

	if (saved_search_list(ui->reader, &a, &v, &n, &e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i], query) == 0)
			return true;
	return false;
}

static void keep_search(struct view *v)
{
	struct search_data *d = v->data;

	if (span_trim(span_of(d->input.text.p)).len == 0)
		return;
	bool was_kept = is_kept(v->ui, d->input.text.p);

	saved_search_toggle(v->ui->o.store, d->input.text.p);
	ui_info(v->ui, "%s",
		was_kept ? _("The search is no longer in the sidebar.")
			 : _("The search is kept in the sidebar; the same key takes it out."));
}

static enum view_result search_action(struct view *v, enum action act)
{
	struct search_data *d = v->data;
	size_t page = (size_t)height(v);

	view_mark(v, DIRTY_RECALC);
	switch ((int)act) {
	case ACTION_KEEP_SEARCH:
		keep_search(v);
		return VIEW_HANDLED;
	case ACTION_OPEN:
		open_result(v);
		return VIEW_HANDLED;
	case ACTION_DOWN:
		d->sel++;
		return VIEW_HANDLED;
	case ACTION_UP:
		d->sel -= d->sel > 0;
		return VIEW_HANDLED;
	case ACTION_PAGE_DOWN:
	case ACTION_HALF_DOWN:
		d->sel += page;
		return VIEW_HANDLED;
	case ACTION_PAGE_UP:
	case ACTION_HALF_UP:
		d->sel = d->sel > page ? d->sel - page : 0;
		return VIEW_HANDLED;
	case ACTION_TOP:
		d->sel = 0;
		return VIEW_HANDLED;
	case ACTION_BOTTOM:
		d->sel = d->n;
		return VIEW_HANDLED;
	default:
		return act_on_row(v, act);
	}
}

static void paint_contacts(const struct view *v, const struct draw *d)
{
	const struct search_data *s = v->data;

	if (first_row(v) == 2)
		return;
	for (size_t i = 0; i < s->n_contacts; i++) {
		const struct contact_row *c = &s->contacts[i];
		int row = 2 + (int)i, col = 3;

		col += draw_text(d, row, col, d->cols - col - 1, STYLE_KNOWN | STYLE_BOLD,
			       c->name) +
		       2;
		if (c->partner_name)
			col += draw_text(d, row, col, d->cols - col - 1, STYLE_NORMAL,
				       c->partner_name) +
			       2;
		if (c->n_emails > 0)
			draw_text(d, row, col, d->cols - col - 1, STYLE_DIM, c->emails[0]);
	}
	if (s->n_contacts > 0)
		draw_hrule(d, 2 + (int)s->n_contacts, 3, d->cols - 6, STYLE_DIM);
}

static void paint_hint(const struct view *v, const struct draw *d)
{
	const struct search_data *s = v->data;
	int row = d->rows / 3 > 2 ? d->rows / 3 : 2;

	if (s->problem[0]) {
		draw_text(d, row, 3, d->cols - 4, STYLE_FAILED, s->problem);
	} else if (s->input.text.len == 0) {
		draw_text(d, row, 3, d->cols - 4, STYLE_DIM,
			_("Words, \"phrases\", -without, this OR that"));
		draw_text(d, row + 1, 3, d->cols - 4, STYLE_DIM,
			"from: to: cc: subject: contact: partner: in: account: filename:");
		draw_text(d, row + 2, 3, d->cols - 4, STYLE_DIM,
			"has:attachment is:unread is:starred before:2026-01-31 after:7d");
	} else if (s->n == 0 && s->has_answer && !s->is_waiting) {
		draw_text(d, row, 3, d->cols - 4, STYLE_BOLD, _("Nothing found."));
		draw_text(d, row + 1, 3, d->cols - 4, STYLE_DIM,
			_("Fewer words find more; \"Esc\" goes back to where you were."));
	}
}

static void search_paint(const struct view *v, const struct draw *d)
{
	const struct search_data *s = v->data;
	struct row_state state = {.now = ui_now(v->ui)};
	int first = first_row(v), h = height(v);
	struct draw part = draw_part(d, first, 0, d->rows - first - 1, d->cols);

	draw_text(d, 0, 1, 2, STYLE_ACCENT | STYLE_BOLD, "/");
	editor_paint_field(&s->input, d, 0, 3, STYLE_BOLD);
	draw_hrule(d, 1, 0, d->cols, STYLE_DIM);
	draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	paint_contacts(v, d);
	paint_hint(v, d);
	for (int i = 0; i < h && s->top + (size_t)i < s->n && !s->problem[0]; i++) {
		state.is_current = s->is_in_results && s->top + (size_t)i == s->sel;
		row_paint(&part, i * ROW_LINES, &s->v[s->top + (size_t)i], &state);
	}
}

static bool search_cursor(const struct view *v, int *row, int *col)
{
	const struct search_data *d = v->data;

	*row = 0;
	*col = 3 + editor_field_cursor(&d->input, v->cols - 3);
	if (d->is_in_results && d->n > 0) {
		*row = first_row(v) + (int)(d->sel - d->top) * ROW_LINES;
		*col = 1;
	}
	return true;
}

static void search_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct search_data *d = v->data;

	buf_addf(left, "crmail  %s", _("Search"));
	if (d->has_answer && d->total >= 0)
		buf_addf(right, ngettext("%d message", "%d messages", (unsigned long)d->total),
			(int)d->total);
	else
		buf_addch(right, ' ');
}

static const enum action hints[] = {ACTION_OPEN, ACTION_SEARCH, ACTION_REPLY, ACTION_ARCHIVE,
	ACTION_STAR, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};

const struct view_ops search_view_ops = {
	.name = "search",
	.where = WHERE_LIST,
	.data_size = sizeof(struct search_data),
	.hints = hints,
	.open = search_open,
	.close = search_close,
	.resume = search_resume,
	.reply = search_reply,
	.key = search_key,
	.action = search_action,
	.recalc = search_recalc,
	.paint = search_paint,
	.cursor = search_cursor,
	.title = search_title,
};
