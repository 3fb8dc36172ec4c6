/*
 * timeline_view.c - the screen of a contact, partner or deal, and what the user did: a card, and
 * below it the timeline from the store's timeline.h through a window. Keys are timeline_keys.c's,
 * cells timeline_paint.c's.
 */
#include "config.h"

#include "timeline.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "views.h"

static int read_rows(void *ctx, struct arena *a, const void *from, bool back, size_t limit,
	struct window_page *out, struct err *e)
{
	struct view *v = ctx;
	struct timeline_data *d = timeline_data_of(v);
	const struct timeline_spec spec = {
		.of = d->about.of, .target = d->about.id, .filter = d->filter};
	struct timeline_items page;
	struct timeline_key *reached = arena_alloc(a, sizeof(*reached));

	if (timeline_read(v->ui->reader, a, &spec, from, back, limit, &page, e))
		return -1;
	*reached = page.reached;
	*out = (struct window_page){
		.v = page.v, .n = page.n, .reached = reached, .is_end = page.is_end};
	return 0;
}

static const void *row_position(const void *row)
{
	return &((const struct timeline_item *)row)->key;
}

static int64_t row_id(const void *row)
{
	return ((const struct timeline_item *)row)->key.id;
}

static void timeline_close(struct view *v)
{
	struct timeline_data *d = timeline_data_of(v);

	window_release(&d->rows);
	card_release(&d->card);
	arena_release(&d->head_arena);
	arena_release(&d->filter_arena);
}

bool timeline_is_filtered(const struct timeline_data *d)
{
	const struct timeline_filter *f = &d->filter;

	return f->kinds || f->from || f->to || f->account || f->user || f->people || f->is_hidden;
}

static int load_head(struct view *v, struct err *e)
{
	struct timeline_data *d = timeline_data_of(v);
	bool is_contact = d->about.of == TIMELINE_CONTACT,
	     is_partner = d->about.of == TIMELINE_PARTNER;

	if (is_contact || is_partner) {
		if (card_load(&d->card, v->ui->reader, is_contact ? d->about.id : 0,
			    is_partner ? d->about.id : 0, 0, e))
			return -1;
		d->is_gone = is_contact ? !d->card.contact : !d->card.partner;
	} else if (d->about.of != TIMELINE_ME) {
		enum book b = d->about.of == TIMELINE_LEAD ? BOOK_LEADS : BOOK_DEALS;

		arena_reset(&d->head_arena);
		if (book_get(v->ui->reader, &d->head_arena, b, d->about.id, &d->record, e))
			return -1;
		d->is_gone = !d->record;
	}
	return 0;
}

static int timeline_recalc(struct view *v, struct err *e)
{
	struct timeline_data *d = timeline_data_of(v);
	int rc = 0;

	if (!d->is_loaded || d->wants_reload)
		rc = load_head(v, e);
	if (!rc && !d->is_loaded)
		rc = window_load(&d->rows, false, e);
	else if (!rc && d->wants_reload)
		rc = window_reload(&d->rows, e);
	d->is_loaded = true;
	d->wants_reload = false;
	if (rc || window_fill(&d->rows, timeline_height(v), e))
		return -1;
	window_scroll(&d->rows, timeline_height(v));
	if (d->rows.is_looking) /* a filter that lets little through: on with it between two keys */
		v->wake_at_ms = ui_now_ms(v->ui);
	return 0;
}

void timeline_set_filter(struct view *v, const struct timeline_filter *f, const char *with,
	const char *user_name)
{
	struct timeline_data *d = timeline_data_of(v);
	struct arena old = d->filter_arena;
	struct err e = ERR_INIT;

	d->filter_arena = ARENA_INIT;
	d->filter = *f;
	d->with = with ? arena_strdup(&d->filter_arena, with) : NULL;
	d->user_name = user_name ? arena_strdup(&d->filter_arena, user_name) : NULL;
	if (f->user)
		d->filter.user = arena_strdup(&d->filter_arena, f->user);
	if (f->people) {
		struct timeline_people *p = arena_alloc(&d->filter_arena, sizeof(*p));

		p->parties = arena_strdup(&d->filter_arena, f->people->parties);
		p->contacts = arena_strdup(&d->filter_arena, f->people->contacts);
		d->filter.people = p;
	}
	arena_release(&old);
	d->is_loaded = false;
	if (timeline_recalc(v, &e))
		ui_error(v->ui, &e);
	view_mark(v, DIRTY_PAINT);
}

/* What does nothing here is not offered. */
static void set_hints(struct view *v)
{
	static const enum action person[] = {ACTION_OPEN, ACTION_COMPOSE, ACTION_LOG, ACTION_FILTER,
		ACTION_OPEN_WEB, ACTION_TO_PARTNER, ACTION_HIDE, ACTION_HELP, ACTION_CLOSE,
		ACTION_NONE};
	static const enum action partner[] = {ACTION_OPEN, ACTION_COMPOSE, ACTION_LOG,
		ACTION_FILTER, ACTION_OPEN_WEB, ACTION_TO_CONTACT, ACTION_HIDE, ACTION_HELP,
		ACTION_CLOSE, ACTION_NONE};
	static const enum action deal[] = {ACTION_OPEN, ACTION_COMPOSE, ACTION_LOG, ACTION_FILTER,
		ACTION_DEAL_EDIT, ACTION_OPEN_WEB, ACTION_TO_CONTACT, ACTION_TO_PARTNER,
		ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
	static const enum action lead[] = {ACTION_OPEN, ACTION_COMPOSE, ACTION_LOG, ACTION_FILTER,
		ACTION_OPEN_WEB, ACTION_HIDE, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
	static const enum action me[] = {ACTION_OPEN, ACTION_FILTER, ACTION_TO_CONTACT,
		ACTION_TO_PARTNER, ACTION_HIDE, ACTION_HELP, ACTION_CLOSE, ACTION_NONE};
	static const enum action *const by_kind[] = {[TIMELINE_CONTACT] = person,
		[TIMELINE_PARTNER] = partner,
		[TIMELINE_LEAD] = lead,
		[TIMELINE_DEAL] = deal,
		[TIMELINE_ME] = me};
	struct timeline_data *d = timeline_data_of(v);
	struct store_reader *r = v->ui->reader;
	bool has_web =
		d->about.of != TIMELINE_ME &&
		!(record_abilities(r, record_crm(r, (enum record_kind)d->about.of, d->about.id)) &
			RECORD_IS_LOCAL);
	size_t n = 0;

	for (const enum action *a = by_kind[d->about.of]; *a != ACTION_NONE; a++)
		if (*a != ACTION_OPEN_WEB || has_web)
			d->hints[n++] = *a;
	d->hints[n] = ACTION_NONE;
}

/* Read at once: keys typed ahead find the rows. */
static int timeline_open(struct view *v, const void *args, struct err *e)
{
	struct timeline_data *d = timeline_data_of(v);
	const struct window_source source = {.row_size = sizeof(struct timeline_item),
		.ctx = v,
		.read = read_rows,
		.position = row_position,
		.id = row_id};

	d->about = *(const struct dossier *)args;
	d->head_arena = ARENA_INIT;
	d->filter_arena = ARENA_INIT;
	card_init(&d->card);
	window_init(&d->rows, &source);
	set_hints(v);
	return timeline_recalc(v, e);
}

static void timeline_wake(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static void timeline_event(struct view *v, const struct event *ev)
{
	if (ev->type == EV_CONTACTS || ev->type == EV_MESSAGES || ev->type == EV_CRM) {
		timeline_data_of(v)->wants_reload = true;
		view_mark(v, DIRTY_RECALC);
	}
}

static void timeline_resume(struct view *v)
{
	timeline_data_of(v)->wants_reload = true;
	view_mark(v, DIRTY_RECALC);
}

static bool timeline_cursor(const struct view *v, int *row, int *col)
{
	const struct timeline_data *d = timeline_data_of(v);

	*row = timeline_first_row(v) + (int)(d->rows.sel - d->rows.top);
	*col = 1;
	return d->rows.n > 0;
}

static void add_separated(struct buf *out, const char *between, const char *text)
{
	if (text && *text) {
		buf_addstr(out, between);
		text_add(out, text);
	}
}

static void timeline_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct timeline_data *d = timeline_data_of(v);

	switch (d->about.of) {
	case TIMELINE_CONTACT:
		if (!d->card.contact)
			break;
		text_add(left, d->card.contact->name);
		add_separated(left, "  ", d->card.contact->title);
		add_separated(left, d->card.contact->title ? " · " : "  ",
			d->card.contact->partner_name);
		break;
	case TIMELINE_PARTNER:
		if (d->card.partner)
			text_add(left, d->card.partner->name);
		break;
	case TIMELINE_DEAL:
		if (!d->record)
			break;
		text_add(left, d->record->name);
		add_separated(left, "  ", d->record->contact_name);
		add_separated(left, d->record->contact_name ? " · " : "  ",
			d->record->partner_name);
		break;
	case TIMELINE_ME:
		buf_addf(left, "crmail  %s", _("What I did"));
		break;
	case TIMELINE_LEAD:
		if (d->record)
			text_add(left, d->record->name);
		add_separated(left, "  ", d->record ? _("Lead") : NULL);
		break;
	}
	if (left->len == 0)
		buf_addstr(left, "crmail");
	timeline_add_filter(v, right);
}

static void timeline_note(const struct view *v, const struct draw *d)
{
	if (timeline_data_of(v)->rows.is_looking)
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, _("Looking on …"));
}

static const enum action *timeline_hints(const struct view *v)
{
	return timeline_data_of(v)->hints;
}

const struct view_ops timeline_view_ops = {
	.name = "timeline",
	.where = WHERE_TIMELINE,
	.data_size = sizeof(struct timeline_data),
	.hints_now = timeline_hints,
	.open = timeline_open,
	.close = timeline_close,
	.resume = timeline_resume,
	.event = timeline_event,
	.action = timeline_action,
	.wake = timeline_wake,
	.recalc = timeline_recalc,
	.paint = timeline_paint,
	.cursor = timeline_cursor,
	.title = timeline_title,
	.note = timeline_note,
};
