/*
 * thread_view.c - a conversation: opening it through the reader thread, keeping it fresh, its
 * titles. Keys are thread_keys.c's, lines thread_layout.c's, cells thread_paint.c's.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "thread.h"

#define PANEL_ENTRIES 30
#define HEADS_ABOVE_PART 3 /* of the screen, for the heads before a long message */

static void free_messages(struct thread_data *d)
{
	for (size_t i = 0; i < d->n; i++)
		body_free(d->v[i].body);
	d->v = NULL;
	d->n = 0;
	d->lines = NULL;
	d->n_lines = d->cap_lines = 0;
	arena_reset(&d->arena);
}

static void submit(struct view *v, enum job_channel channel, int64_t thread, int64_t want,
	enum render_prefer prefer)
{
	struct thread_data *d = thread_data_of(v);
	struct open_job *o = open_job_new(channel, thread, want, ++d->generation);

	o->only_rows = channel == JOB_RELOAD;
	o->prefer = prefer;
	ui_submit(v, &o->job);
}

void thread_open(struct view *v, int64_t thread, int64_t message)
{
	struct thread_data *d = thread_data_of(v);

	free_messages(d);
	d->thread = thread;
	d->args.message = message;
	d->is_loaded = d->is_gone = false;
	d->top = d->cur = 0;
	d->number = 0;
	ahead_drop(&d->ahead);
	d->row = NULL;
	submit(v, JOB_OPEN, thread, message, RENDER_AUTO);
	view_mark(v, DIRTY_PAINT);
}

static int open_view(struct view *v, const void *args, struct err *e)
{
	struct thread_data *d = thread_data_of(v);

	(void)e;
	d->args = *(const struct thread_args *)args;
	d->arena = ARENA_INIT;
	d->layout_arena = ARENA_INIT;
	d->is_newest_first = v->ui->is_newest_first;
	card_init(&d->card);
	thread_open(v, d->args.thread, d->args.message);
	return 0;
}

static void close_view(struct view *v)
{
	struct thread_data *d = thread_data_of(v);

	free_messages(d);
	arena_release(&d->arena);
	arena_release(&d->layout_arena);
	card_release(&d->card);
}

static const enum render_prefer prefers[FORMAT_COUNT] = {
	RENDER_AUTO, RENDER_PLAIN, RENDER_HTML, RENDER_AUTO};

void thread_want_body(struct view *v, size_t i)
{
	struct thread_data *d = thread_data_of(v);

	if (d->v[i].body)
		return;
	submit(v, JOB_KEEP, 0, d->v[i].row->id, prefers[d->v[i].format]);
}

/* What is not here yet is asked for once, and comes with EV_BODY. */
static void ask_server(struct view *v, struct thread_message *m)
{
	if (m->is_asked || (m->body->state != BODY_NONE && m->body->state != BODY_PARTLY))
		return;
	m->is_asked = true;
	message_want_body(v->ui->o.store, m->row->id);
	if (v->ui->o.hooks.want_body)
		v->ui->o.hooks.want_body(v->ui->o.hooks.ctx, m->row->id);
}

static void give_bodies(struct view *v, struct open_job *o)
{
	struct thread_data *d = thread_data_of(v);

	for (size_t k = 0; k < o->n_bodies; k++)
		for (size_t i = 0; i < d->n; i++) {
			struct body *b = o->bodies[k];

			if (!b || d->v[i].row->id != b->message)
				continue;
			body_free(d->v[i].body);
			d->v[i].body = b;
			o->bodies[k] = NULL;
			message_opened(v->ui->o.store, d->v[i].row->id);
			ask_server(v, &d->v[i]);
		}
}

static size_t newest_of(const struct thread_data *d)
{
	return d->is_newest_first || d->n == 0 ? 0 : d->n - 1;
}

/* Read messages fold; the wanted, the unread and the newest stay open. */
static void first_state(struct thread_data *d)
{
	size_t unread = d->n, newest = newest_of(d);

	for (size_t i = 0; i < d->n; i++) {
		struct thread_message *m = &d->v[i];

		m->was_unread = !(m->row->flags & MSG_SEEN) && !m->row->is_own;
		m->is_folded = !m->was_unread && i != newest && m->row->id != d->args.message;
		if (m->was_unread && unread == d->n)
			unread = i;
		if (m->row->id == d->args.message)
			d->cur = i;
	}
	if (!d->args.message)
		d->cur = unread < d->n && !d->is_newest_first ? unread : newest;
}

void thread_reverse(struct view *v)
{
	struct thread_data *d = thread_data_of(v);

	d->is_newest_first = v->ui->is_newest_first = !d->is_newest_first;
	for (size_t i = 0; i < d->n / 2; i++) {
		struct thread_message m = d->v[i];

		d->v[i] = d->v[d->n - 1 - i];
		d->v[d->n - 1 - i] = m;
	}
	if (d->n > 0)
		d->cur = d->n - 1 - d->cur;
	d->wants_cur_shown = true;
	view_mark(v, DIRTY_LAYOUT | DIRTY_RECALC);
}

static void mark_seen(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	struct target t = {.kind = TARGET_MESSAGES, .list = d->args.list};
	int64_t *ids = arena_array(&d->arena, d->n + 1, sizeof(*ids));

	for (size_t i = 0; i < d->n; i++)
		if (!(d->v[i].row->flags & MSG_SEEN) && !d->v[i].is_folded)
			ids[t.n++] = d->v[i].row->id;
	t.ids = ids;
	if (t.n == 0)
		return;
	action_flags(v->ui->o.store, &t, MSG_SEEN, 0, NULL);
	ui_kick(v->ui, 0);
}

/* Messages that came while the conversation was open. */
static void open_new(struct view *v)
{
	struct thread_data *d = thread_data_of(v);

	for (size_t i = 0; d->is_loaded && i < d->n; i++) {
		struct thread_message *m = &d->v[i];

		if (m->is_known)
			continue;
		m->was_unread = !(m->row->flags & MSG_SEEN) && !m->row->is_own;
		m->is_folded = !m->was_unread;
		if (!m->is_folded)
			thread_want_body(v, i);
	}
	for (size_t i = 0; i < d->n; i++)
		d->v[i].is_known = true;
}

static int compare_old(const void *a, const void *b)
{
	int64_t x = (*(struct thread_message *const *)a)->row->id;
	int64_t y = (*(struct thread_message *const *)b)->row->id;

	return x < y ? -1 : x > y;
}

/* Where they are by id: of thousands each is found without looking through the rest. */
static struct thread_message **sort_old(struct arena *a, struct thread_message *v, size_t n)
{
	struct thread_message **sorted = arena_array(a, n + 1, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = &v[i];
	if (n > 0)
		qsort(sorted, n, sizeof(struct thread_message *), compare_old);
	return sorted;
}

static struct thread_message *find_old(struct thread_message **sorted, size_t n,
	const struct message_row *row)
{
	const struct thread_message wanted = {.row = row}, *key = &wanted;
	struct thread_message **at =
		n > 0 ? bsearch(&key, sorted, n, sizeof(struct thread_message *), compare_old)
		      : NULL;

	return at ? *at : NULL;
}

/* New rows; what was open stays open, by message. */
static void take_rows(struct view *v, struct open_job *o)
{
	struct thread_data *d = thread_data_of(v);
	struct thread_message *old = d->v, **sorted;
	size_t n_old = d->n;
	int64_t focus = d->cur < d->n ? d->v[d->cur].row->id : 0;
	struct arena old_arena = d->arena;

	d->arena = o->arena;
	o->arena = ARENA_INIT;
	d->row = o->row;
	d->n = o->n_messages;
	d->v = arena_array(&d->arena, d->n + 1, sizeof(*d->v));
	for (size_t i = 0; i < d->n; i++)
		d->v[i].row = &o->messages[d->is_newest_first ? d->n - 1 - i : i];
	if (!d->is_loaded)
		first_state(d);
	sorted = sort_old(&old_arena, old, n_old);
	for (size_t i = 0; i < d->n; i++) {
		const struct message_row *row = d->v[i].row;
		struct thread_message *was = find_old(sorted, n_old, row);

		if (was) {
			d->v[i] = *was;
			d->v[i].row = row;
			was->body = NULL;
		}
		if (row->id == focus)
			d->cur = i;
	}
	for (size_t k = 0; k < n_old; k++)
		body_free(old[k].body);
	if (d->cur >= d->n)
		d->cur = d->n > 0 ? d->n - 1 : 0;
	open_new(v);
	arena_release(&old_arena);
}

static void reply(struct view *v, struct job *j)
{
	struct thread_data *d = thread_data_of(v);
	struct open_job *o = (struct open_job *)j;

	view_mark(v, DIRTY_RECALC | DIRTY_LAYOUT);
	if (j->kind == JOB_KIND_SAVE) {
		struct save_job *s = (struct save_job *)j;

		ui_error(v->ui, &j->err);
		if (s->n_saved > 0)
			ui_info(v->ui,
				ngettext("Saved %s", "Saved %2$d attachments, the last as %1$s",
					(unsigned long)s->n_saved),
				s->last_path, (int)s->n_saved);
		j->free(j);
		return;
	}
	if (j->err.code != ERR_NONE) {
		if (!d->is_loaded) /* there is nothing that the keys could be for */
			ahead_drop(&d->ahead);
		ui_error(v->ui, &j->err);
		j->free(j);
		return;
	}
	if (o->thread == d->thread) {
		bool is_first = !d->is_loaded;

		take_rows(v, o);
		give_bodies(v, o);
		d->is_gone = d->n == 0;
		d->is_loaded = d->n > 0;
		d->wants_cur_shown = is_first;
		d->card.contact_id = d->card.partner_id = -1;
		if (is_first && d->is_loaded) {
			mark_seen(v);
			ahead_do(&d->ahead, v->ui);
		}
	} else if (o->thread == 0) {
		give_bodies(v, o);
	}
	j->free(j);
}

/* One change alone names its conversation. */
static bool may_concern(const struct thread_data *d, const struct event *ev)
{
	return ev->count != 1 || !ev->arg || !d->row || ev->arg == d->row->thread ||
	       ev->arg == d->thread;
}

/* Of so many that none is named (arg 0), those that were asked for. */
static void bodies_came(struct view *v, int64_t message)
{
	struct thread_data *d = thread_data_of(v);

	for (size_t i = 0; i < d->n; i++) {
		const struct thread_message *m = &d->v[i];

		if (!m->is_folded && (message ? m->row->id == message : m->is_asked))
			submit(v, JOB_KEEP, 0, m->row->id, prefers[m->format]);
	}
}

static void event(struct view *v, const struct event *ev)
{
	struct thread_data *d = thread_data_of(v);

	if (ev->type == EV_BODY) {
		bodies_came(v, ev->arg);
	} else if (ev->type == EV_CONTACTS || (ev->type == EV_MESSAGES && may_concern(d, ev))) {
		d->wants_reload = true;
		d->card.contact_id = -1;
		view_mark(v, DIRTY_RECALC);
	}
}

static int load_card(struct view *v, struct err *e)
{
	struct thread_data *d = thread_data_of(v);

	if (!d->row ||
		(d->card.contact_id == d->row->contact && d->card.partner_id == d->row->partner))
		return 0;
	if (!d->row->contact && !d->row->partner
			? card_load_lead(&d->card, v->ui->reader, d->row->message, e)
			: card_load(&d->card, v->ui->reader, d->row->contact, d->row->partner,
				  PANEL_ENTRIES, e))
		return -1;
	d->card.contact_id = d->row->contact;
	d->card.partner_id = d->row->partner;
	return 0;
}

/* Folded messages right above a line: what was said before stays in sight. */
static size_t heads_above(const struct thread_data *d, size_t line, size_t most)
{
	size_t n = 0;

	while (n < most && n < line && d->lines[line - n - 1].kind == LINE_HEAD)
		n++;
	return n;
}

static void scroll(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	size_t height = (size_t)thread_height(v), head = thread_head_line(d, d->cur);
	size_t end = head;

	while (end + 1 < d->n_lines && d->lines[end + 1].message == d->cur)
		end++;
	if (end > head && d->lines[end].kind == LINE_BLANK)
		end--;
	/* The whole message when it fits, else its beginning below some of the heads before it. */
	if (d->wants_cur_shown && (head < d->top || end >= d->top + height))
		d->top = end - head >= height
				 ? head - heads_above(d, head, height / HEADS_ABOVE_PART)
				 : (end >= height ? end - height + 1 : 0);
	d->wants_cur_shown = false;
	if (d->n_lines <= height)
		d->top = 0;
	else if (d->top + height > d->n_lines)
		d->top = d->n_lines - height;
}

/* Of many unread messages only the first came with their bodies: the others' are read when one gets
 * there. */
static void want_shown(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	size_t end = d->top + (size_t)thread_height(v);

	for (size_t i = d->top; i < end && i < d->n_lines; i++) {
		struct thread_message *m = &d->v[d->lines[i].message];

		if (m->is_folded || m->body || m->is_wanted)
			continue;
		m->is_wanted = true;
		thread_want_body(v, d->lines[i].message);
	}
}

static int recalc(struct view *v, struct err *e)
{
	struct thread_data *d = thread_data_of(v);

	if (d->wants_reload && d->is_loaded)
		submit(v, JOB_RELOAD, d->thread, 0, RENDER_AUTO);
	d->wants_reload = false;
	if (!d->is_loaded)
		return 0;
	if (v->dirty & DIRTY_LAYOUT)
		thread_layout(v);
	scroll(v);
	want_shown(v);
	return load_card(v, e);
}

static bool cursor(const struct view *v, int *row, int *col)
{
	const struct thread_data *d = thread_data_of(v);
	size_t head = thread_head_line(d, d->cur);
	int first = v->rows >= 5 ? 1 : 0;

	*col = 1;
	*row = first;
	if (head >= d->top && head < d->top + (size_t)thread_height(v))
		*row = first + (int)(head - d->top);
	return true;
}

static const char *subject_of(const struct thread_data *d)
{
	const char *s = d->row ? d->row->subject : NULL;

	return s && *s ? s : _("(no subject)");
}

/* How the message in focus stands with the CRM; of a folded one not read yet, the last read. */
static const char *log_word_of(const struct thread_data *d)
{
	if (d->cur < d->n && d->v[d->cur].body)
		return d->v[d->cur].body->log_word;
	for (size_t k = 0; k < d->n; k++) {
		const struct thread_message *m = &d->v[d->is_newest_first ? k : d->n - 1 - k];

		if (m->body)
			return m->body->log_word;
	}
	return NULL;
}

static void title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct thread_data *d = thread_data_of(v);
	const char *word = log_word_of(d);

	if (!d->is_loaded) {
		buf_addstr(left, "crmail");
		return;
	}
	text_add(left, subject_of(d));
	if (d->row && d->row->partner_name)
		text_add(right, d->row->partner_name);
	if (d->row && d->row->deal)
		buf_addf(right, "%s%s", right->len ? " · " : "", d->row->deal);
	if (word && d->row && (d->row->contact || d->row->partner))
		buf_addf(right, "%s%s", right->len ? " · " : "", _(word));
	if (right->len == 0)
		buf_addch(right, ' '); /* not the accounts' status: the conversation's place */
}

const struct render_link *thread_link(const struct thread_data *d, int64_t number)
{
	const struct body *b = d->cur < d->n ? d->v[d->cur].body : NULL;

	if (!b || number < 1 || (uint64_t)number > b->doc.n_links)
		return NULL;
	return &b->doc.links[number - 1];
}

static void note(const struct view *v, const struct draw *d)
{
	const struct thread_data *t = thread_data_of(v);
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);

	if (t->number > 0) {
		const struct render_link *l = thread_link(t, t->number);

		buf_addf(&b, "%lld ", (long long)t->number);
		if (l)
			buf_addf(&b, _("Enter opens %s"), l->url);
		else
			buf_addstr(&b, _("there is no link with this number"));
		draw_text(d, 0, 1, d->cols - 2, STYLE_ACCENT, b.p);
		return;
	}
	if (v->cols >= PANEL_MIN_COLS || t->cur >= t->n)
		return;
	if (!card_is_empty(&t->card)) {
		card_add_line(&t->card, ui_now(v->ui), &b);
		draw_text(d, 0, 1, d->cols - 2, STYLE_KNOWN, b.p);
	} else if (t->v[t->cur].row->from.addr) {
		buf_addstr(&b, t->v[t->cur].row->from.addr);
		if (v->ui->has_crm)
			buf_addf(&b, " · %s", _("not in the CRM"));
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, b.p);
	}
}

static const enum action hints[] = {ACTION_REPLY, ACTION_REPLY_ALL, ACTION_ARCHIVE,
	ACTION_MESSAGE_NEXT, ACTION_THREAD_NEXT, ACTION_HELP, ACTION_QUOTES, ACTION_ATTACHMENTS,
	ACTION_SAVE_ALL, ACTION_NEXT_PANE, ACTION_NONE};

const struct view_ops thread_view_ops = {
	.name = "thread",
	.where = WHERE_THREAD,
	.data_size = sizeof(struct thread_data),
	.hints = hints,
	.open = open_view,
	.close = close_view,
	.event = event,
	.reply = reply,
	.key = thread_key,
	.action = thread_action,
	.recalc = recalc,
	.paint = thread_paint,
	.cursor = cursor,
	.title = title,
	.note = note,
};
