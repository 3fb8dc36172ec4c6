/*
 * items_show.c - one thing that waits for the CRM, whole: an entry as it would be logged, or every
 * field of a record with what it was, what you want, and what the CRM has.
 */
#include "config.h"

#include "items.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "views.h"

#define NAME_COLS 14
#define TEXT_MAX ((size_t)256 << 10)

/* ---- words ----------------------------------------------------------------------------------- */

enum item_state item_state(const struct item *it)
{
	if (it->entry)
		return it->entry->is_parked ? ITEM_REFUSED : ITEM_WAITS;
	switch (it->write->state) {
	case RECORD_CONFLICT:
		return ITEM_CONFLICT;
	case RECORD_PARKED:
		return ITEM_REFUSED;
	case RECORD_SENDING:
		return ITEM_ON_ITS_WAY;
	case RECORD_WAITING:
	case RECORD_DONE:
		break;
	}
	return ITEM_WAITS;
}

const char *item_state_name(enum item_state s)
{
	static const char *const names[] = {
		N_("conflict"), N_("refused"), N_("waits"), N_("on its way")};

	return _(names[s]);
}

unsigned item_state_style(enum item_state s)
{
	return s == ITEM_CONFLICT || s == ITEM_REFUSED ? STYLE_FAILED | STYLE_BOLD : STYLE_WAITING;
}

int64_t item_id(const struct item *it)
{
	return it->entry ? it->entry->id * 2 : it->write->id * 2 + 1;
}

static const char *field_of(const struct record_write *w, const char *name)
{
	for (size_t i = 0; i < w->n_fields; i++)
		if (strcmp(w->fields[i].name, name) == 0)
			return w->fields[i].ours;
	return NULL;
}

static const char *kind_words(const struct record_write *w)
{
	static const struct {
		const char *word, *says;
	} entries[] = {{"call", N_("call")}, {"meeting", N_("meeting")}, {"note", N_("note")},
		{"task", N_("task")}};
	const char *kind = field_of(w, "kind");

	switch ((int)w->kind) {
	case RECORD_CONTACT:
		return _("contact");
	case RECORD_PARTNER:
		return _("partner");
	case RECORD_LEAD:
		return _("lead");
	case RECORD_DEAL:
		return _("deal");
	default:
		break;
	}
	for (size_t i = 0; kind && i < ARRAY_SIZE(entries); i++)
		if (strcmp(entries[i].word, kind) == 0)
			return _(entries[i].says);
	return _("entry");
}

void item_add_kind(struct buf *b, const struct item *it)
{
	if (it->entry) {
		text_add(b, _("mail"));
		return;
	}
	text_add(b, kind_words(it->write));
	if (it->write->verb == RECORD_CREATED)
		text_add(b, _(", new"));
	if (it->write->verb == RECORD_WITHDRAWN)
		text_add(b, _(", goes"));
}

void item_add_title(struct buf *b, const struct item *it)
{
	if (it->write) {
		text_add(b, it->write->title);
		return;
	}
	text_add(b,
		it->entry->subject && *it->entry->subject ? it->entry->subject : _("(no subject)"));
	if (it->entry->about) {
		text_add(b, " · ");
		text_add(b, it->entry->about);
	}
}

static void add_next_try(const struct ui *ui, struct buf *b, uint32_t attempts, int64_t not_before)
{
	if (not_before > ui_now(ui)) {
		text_add(b, _("next try "));
		when_long(b, not_before, ui_now(ui));
	} else {
		text_add(b, _("as soon as the CRM answers"));
	}
	if (attempts > 0)
		buf_addf(b, ngettext(" · %u attempt", " · %u attempts", (unsigned long)attempts),
			attempts);
}

void item_add_reason(const struct ui *ui, struct buf *b, const struct item *it)
{
	const char *reason = it->entry ? it->entry->reason : it->write->reason;

	if (item_state(it) == ITEM_CONFLICT) {
		text_add(b, _("It was changed in the CRM meanwhile: say whose counts."));
		return;
	}
	if (reason) {
		text_add(b, reason);
		return;
	}
	if (it->entry)
		add_next_try(ui, b, it->entry->attempts, it->entry->not_before);
	else
		add_next_try(ui, b, it->write->attempts, it->write->not_before);
}

/* ---- one, whole ------------------------------------------------------------------------------ */

struct line {
	unsigned style;
	const char *name; /* NULL = the text goes on */
	struct span text;
};

struct show_data {
	struct arena arena;
	struct item it; /* read again by each recalc; both NULL = it is gone */
	int64_t entry, write;
	struct line *v;
	size_t n, cap, top;
};

static void add_line(struct show_data *d, unsigned style, const char *name, struct span text)
{
	d->v = arena_grow(&d->arena, d->v, &d->cap, d->n + 1, sizeof(*d->v));
	d->v[d->n++] = (struct line){style, name, text};
}

/* Broken into lines of the width there is. */
static void add_text(struct view *v, unsigned style, const char *name, const char *text)
{
	struct show_data *d = v->data;
	struct wrap_line *lines = NULL;
	int width = v->cols - NAME_COLS - 4;
	size_t n;

	if (!text || !*text)
		return;
	n = render_wrap(&d->arena, (struct span){text, strnlen(text, TEXT_MAX)},
		width > 10 ? (unsigned)width : 10, &lines);
	for (size_t i = 0; i < n; i++)
		add_line(d, style, i == 0 ? name : NULL,
			(struct span){text + lines[i].start, lines[i].len});
}

static void add_entry(struct view *v)
{
	struct show_data *d = v->data;
	const struct crm_entry *x = d->it.entry;

	add_text(v, STYLE_NORMAL, _("entry"), x->is_out ? _("sent mail") : _("received mail"));
	add_text(v, STYLE_NORMAL, _("about"), x->about ? x->about : _("nobody in particular"));
	add_text(v, STYLE_NORMAL, _("subject"), x->subject);
	add_text(v, STYLE_NORMAL, _("text"), x->body ? x->body : _("(none)"));
	if (x->is_doubtful)
		add_text(v, STYLE_WAITING, _("in doubt"),
			_("The CRM may have it already; it is looked for before it is sent "
			  "again."));
}

static const char *or_empty(const char *text)
{
	return text ? text : _("(empty)");
}

static void add_write(struct view *v)
{
	struct show_data *d = v->data;
	const struct record_write *w = d->it.write;

	for (size_t i = 0; i < w->n_fields; i++) {
		const struct record_value *f = &w->fields[i];
		bool differs = !record_is_same(f->name, f->theirs, f->base);

		add_text(v, STYLE_BOLD, f->name, or_empty(f->ours));
		if (w->verb != RECORD_CREATED)
			add_text(v, STYLE_DIM, _("  was"), or_empty(f->base));
		if (w->verb != RECORD_CREATED && differs)
			add_text(v, STYLE_WAITING, _("  in the CRM"), or_empty(f->theirs));
	}
}

static void fill(struct view *v)
{
	struct show_data *d = v->data;
	CLEANUP(buf_release) struct buf reason = BUF_INIT(2048);
	CLEANUP(buf_release) struct buf kind = BUF_INIT(256);
	enum item_state s = item_state(&d->it);

	d->v = NULL;
	d->n = d->cap = 0;
	item_add_kind(&kind, &d->it);
	item_add_reason(v->ui, &reason, &d->it);
	add_text(v, STYLE_NORMAL, _("what"), arena_strdup(&d->arena, kind.p));
	add_text(v, item_state_style(s), item_state_name(s), arena_strdup(&d->arena, reason.p));
	add_line(d, STYLE_NORMAL, NULL, SPAN_LIT(""));
	if (d->it.entry)
		add_entry(v);
	else
		add_write(v);
}

static int find(struct view *v, struct err *e)
{
	struct show_data *d = v->data;
	struct crm_entry *entries = NULL;
	struct record_write *write = NULL;
	size_t n = 0;

	d->it = (struct item){.entry = NULL};
	if (d->write) {
		if (record_write_get(v->ui->reader, &d->arena, d->write, &write, e))
			return -1;
		d->it.write = write;
		return 0;
	}
	if (crm_entries(v->ui->reader, &d->arena, ITEMS_MOST, &entries, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (entries[i].id == d->entry)
			d->it.entry = &entries[i];
	return 0;
}

static int show_recalc(struct view *v, struct err *e)
{
	struct show_data *d = v->data;

	arena_reset(&d->arena);
	d->n = 0;
	if (find(v, e))
		return -1;
	if (d->it.entry || d->it.write)
		fill(v);
	if (d->top >= d->n)
		d->top = d->n > 0 ? d->n - 1 : 0;
	return 0;
}

static int show_open(struct view *v, const void *args, struct err *e)
{
	struct show_data *d = v->data;
	const struct item *it = args;

	d->arena = ARENA_INIT;
	d->entry = it->entry ? it->entry->id : 0;
	d->write = it->write ? it->write->id : 0;
	return show_recalc(v, e);
}

static void show_close(struct view *v)
{
	arena_release(&((struct show_data *)v->data)->arena);
}

static void show_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CRM || ev->type == EV_CONTACTS || ev->type == EV_COMMIT)
		view_mark(v, DIRTY_RECALC);
}

static void show_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static enum view_result show_action(struct view *v, enum action act)
{
	struct show_data *d = v->data;
	struct motion rows = {.n = d->n, .sel = d->top};

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&rows, act, (size_t)(v->rows > 1 ? v->rows - 1 : 1))) {
		d->top = rows.sel;
		return VIEW_HANDLED;
	}
	if (!d->it.entry && !d->it.write)
		return VIEW_IGNORED;
	return item_do(v->ui, &d->it, (int)act) ? VIEW_HANDLED : VIEW_IGNORED;
}

static void show_paint(const struct view *v, const struct draw *d)
{
	const struct show_data *p = v->data;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (p->n == 0)
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("It is done: nothing of it waits any more."));
	for (size_t i = p->top; i < p->n && (int)(i - p->top) + 1 < d->rows; i++) {
		const struct line *l = &p->v[i];
		int row = 1 + (int)(i - p->top);

		if (l->name)
			draw_text(d, row, 2, NAME_COLS - 1, STYLE_DIM, l->name);
		draw_textn(d, row, 2 + NAME_COLS, d->cols - NAME_COLS - 3, l->style, l->text.p,
			l->text.len);
	}
}

static void show_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct show_data *d = v->data;

	(void)right;
	buf_addstr(left, "crmail  ");
	if (d->it.entry || d->it.write)
		item_add_title(left, &d->it);
	else
		text_add(left, _("What waits for the CRM"));
}

static const enum action hints[] = {ACTION_ITEM_RETRY, ACTION_ITEM_EDIT, ACTION_ITEM_DISCARD,
	ACTION_ITEM_MAIL, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

const struct view_ops items_show_view_ops = {
	.name = "crm-item",
	.where = WHERE_ITEMS,
	.data_size = sizeof(struct show_data),
	.hints = hints,
	.open = show_open,
	.close = show_close,
	.resume = show_resume,
	.event = show_event,
	.action = show_action,
	.recalc = show_recalc,
	.paint = show_paint,
	.title = show_title,
};
