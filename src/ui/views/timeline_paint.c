/*
 * timeline_paint.c - a card and the entries of a timeline in cells. When it gets tight, the card
 * goes first, then the beginning of the text, then who took part; the subject and the day stay.
 */
#include "config.h"

#include "timeline.h"

#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "rowpaint.h"

#define LINE_MAX 1024
#define CARD_FROM_ROWS 10 /* lower screens have the entries alone */
#define CARD_DEALS 2
#define WIDE_COLS 100
#define DAY 86400
#define TEXT_FROM_CELLS 16 /* fewer are of no use to anybody */

/* ---- card ------------------------------------------------------------------------------------ */

static void add_money(struct buf *out, const char *amount, const char *currency)
{
	if (!amount)
		return;
	if (out->len)
		buf_addstr(out, " · ");
	card_add_amount(amount, out);
	if (currency)
		text_add(out, " "), text_add(out, currency);
}

static void add_close_day(struct buf *out, int64_t at, int64_t now)
{
	if (!at)
		return;
	if (out->len)
		buf_addstr(out, " · ");
	when_day(out, at, now);
}

static void add_contact(const struct contact_row *c, int64_t now, struct buf *out)
{
	for (size_t i = 0; i < c->n_phones && i < 2; i++)
		text_add_part(out, c->phones[i]);
	if (c->n_emails > 0)
		text_add_part(out, c->emails[0]);
	if (c->last_touch_at) {
		text_add_part(out, _("last touch"));
		buf_addch(out, ' ');
		when_ago(out, c->last_touch_at, now);
	}
	for (size_t i = 1; i < c->n_emails && i < 4; i++)
		text_add_part(out, c->emails[i]);
}

static int paint_deal(const struct draw *d, int row, const struct deal_row *x, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LINE_MAX);
	int col = 1 + draw_text(d, row, 1, d->cols / 4, STYLE_DIM, _("Deal")) + 1;

	col += draw_text(d, row, col, d->cols / 2, STYLE_BOLD, x->name ? x->name : x->number) + 2;
	add_money(&b, x->amount, x->currency);
	text_add_part(&b, x->stage);
	add_close_day(&b, x->close_at, now);
	if (x->next_step)
		text_add_part(&b, x->next_step);
	draw_text(d, row, col, d->cols - col - 1, STYLE_NORMAL, b.p);
	return 1;
}

static int paint_deals(const struct draw *d, int row, const struct card *c, int64_t now)
{
	int from = row;

	for (size_t i = 0; i < c->n_deals && i < CARD_DEALS && c->deals[i].is_open; i++)
		row += paint_deal(d, row, &c->deals[i], now);
	return row - from;
}

static int paint_people_card(const struct timeline_data *t, const struct draw *d, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LINE_MAX);
	int row = 0;

	if (t->about.of == TIMELINE_CONTACT && t->card.contact)
		add_contact(t->card.contact, now, &b);
	for (size_t i = 0; t->about.of == TIMELINE_PARTNER && t->card.partner &&
			   i < t->card.partner->n_domains;
		i++)
		text_add_part(&b, t->card.partner->domains[i]);
	if (b.len)
		draw_text(d, row++, 1, d->cols - 2, STYLE_NORMAL, b.p);
	return row + paint_deals(d, row, &t->card, now);
}

static int paint_deal_card(const struct book_row *r, const struct draw *d, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LINE_MAX);
	int row = 0;

	if (!r)
		return 0;
	add_money(&b, r->amount, r->currency);
	text_add_part(&b, r->stage);
	if (r->close_at) {
		text_add_part(&b, r->is_open ? _("closes") : _("closed"));
		buf_addch(&b, ' ');
		when_day(&b, r->close_at, now);
	}
	if (b.len)
		draw_text(d, row++, 1, d->cols - 2, STYLE_NORMAL, b.p);
	if (r->next_step && *r->next_step) {
		int col = 1 + draw_text(d, row, 1, d->cols / 3, STYLE_DIM, _("Next")) + 1;

		draw_text(d, row++, col, d->cols - col - 1, STYLE_WAITING, r->next_step);
	}
	return row;
}

static int paint_lead_card(const struct book_row *r, const struct draw *d, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LINE_MAX);

	if (!r)
		return 0;
	text_add_part(&b, r->email);
	if (r->last_touch_at) {
		text_add_part(&b, _("last touch"));
		buf_addch(&b, ' ');
		when_ago(&b, r->last_touch_at, now);
	}
	if (b.len)
		draw_text(d, 0, 1, d->cols - 2, STYLE_NORMAL, b.p);
	return b.len > 0;
}

/* Paints it into d, or only counts its lines when that has none. */
static int paint_card(const struct view *v, const struct draw *d)
{
	const struct timeline_data *t = timeline_data_of(v);

	if (v->rows < CARD_FROM_ROWS || t->is_gone)
		return 0;
	if (t->about.of == TIMELINE_DEAL)
		return paint_deal_card(t->record, d, ui_now(v->ui));
	if (t->about.of == TIMELINE_LEAD)
		return paint_lead_card(t->record, d, ui_now(v->ui));
	return paint_people_card(t, d, ui_now(v->ui));
}

static int card_rows(const struct view *v)
{
	struct draw none = {.g = &v->ui->grid};

	return paint_card(v, &none);
}

int timeline_first_row(const struct view *v)
{
	int card = card_rows(v);

	return (v->rows >= 4 ? 1 : 0) + card + (card ? 1 : 0);
}

int timeline_height(const struct view *v)
{
	int n = v->rows - timeline_first_row(v) - (v->rows >= 4 ? 1 : 0);

	return n > 0 ? n : 1;
}

/* ---- entries --------------------------------------------------------------------------------- */

static const char *kind_name(enum entry_kind k)
{
	switch (k) {
	case ENTRY_EMAIL:
		return _("Email");
	case ENTRY_CALL:
		return _("Call");
	case ENTRY_MEETING:
		return _("Meeting");
	case ENTRY_NOTE:
		return _("Note");
	case ENTRY_TASK:
		return _("Task");
	case ENTRY_TRACKING:
		return _("Opened");
	}
	return "";
}

struct columns {
	int day, time, kind, who, subject, text, right; /* widths; 0 = not shown */
};

static struct columns measure(const struct timeline_data *t, int cols)
{
	bool is_wide = cols >= WIDE_COLS;
	struct columns c = {
		.day = is_wide ? 11 : 6, .time = is_wide ? 5 : 0, .kind = is_wide ? 6 : 2};
	int left;

	c.right = is_wide ? 14 : 10;
	if (t->about.of != TIMELINE_CONTACT)
		c.who = cols >= 160 ? 30 : (is_wide ? 22 : 16);
	left = cols - 2 - c.day - 1 - c.kind - 1 - c.right - 1 - (c.time ? c.time + 1 : 0) -
	       (c.who ? c.who + 1 : 0);
	c.subject = left;
	if (left >= 3 * TEXT_FROM_CELLS) {
		c.subject = left * 3 / 5;
		c.text = left - c.subject - 2;
	}
	return c;
}

static void add_day(struct buf *out, const struct columns *c, int64_t at, int64_t now)
{
	if (c->time && when_is_today(at, now))
		buf_addstr(out, _("Today"));
	else if (c->time)
		when_day(out, at, now);
	else
		when_short(out, at, now);
}

static const char *direction_word(const struct timeline_item *x)
{
	if (x->kind != ENTRY_EMAIL || !x->has_direction)
		return "";
	/* TRANSLATORS: which way a mail went: three cells at most */
	return x->is_out ? _("out") : _("in");
}

/* A task that is done is no longer an empty box. */
static const char *symbol_of(const struct draw *d, const struct timeline_item *x)
{
	if (x->kind == ENTRY_TASK && !x->is_open)
		return d->g->is_ascii ? "v" : "☑";
	return card_kind_symbol(d, x->kind);
}

static void paint_kind(const struct draw *d, int row, int col, const struct columns *c,
	const struct timeline_item *x)
{
	int used = draw_text(d, row, col, 2, x->is_out ? STYLE_DIM : STYLE_NORMAL, symbol_of(d, x));

	if (c->kind > 3)
		draw_text(d, row, col + used + 1, c->kind - used - 1, STYLE_DIM, direction_word(x));
}

static void add_who(const struct timeline_item *x, struct buf *out)
{
	const struct thread_row t = {.people = x->people, .contact_name = x->contact_name};

	if (x->people && *x->people)
		row_add_people(out, &t);
	else if (x->contact_name)
		text_add(out, x->contact_name);
	else
		text_add(out, x->partner_name);
}

void timeline_add_subject(const struct timeline_item *x, struct buf *out)
{
	const char *subject = x->subject && *x->subject ? x->subject : NULL;

	if (x->kind == ENTRY_EMAIL) {
		text_add(out, subject ? subject : _("(no subject)"));
		return;
	}
	text_add(out, kind_name(x->kind));
	if (x->duration_min > 0)
		/* TRANSLATORS: after "Call" or "Meeting": how long it took */
		buf_addf(out, ngettext(", %d min", ", %d min", (unsigned long)x->duration_min),
			(int)x->duration_min);
	if (subject)
		text_add(out, ": "), text_add(out, subject);
}

/* When what is planned is to be done. */
static void add_due(const struct timeline_item *x, int64_t now, struct buf *out)
{
	if (!x->is_open || !x->due_at)
		return;
	/* TRANSLATORS: before the day on which a task is to be done */
	buf_addf(out, "%s ", _("due"));
	when_day(out, x->due_at, now);
}

static void add_right(const struct timeline_item *x, struct buf *out)
{
	if (x->thread && x->count > 1)
		buf_addf(out, "(%u)", x->count);
	else if (x->by && x->is_mine)
		buf_addstr(out, _("you"));
	else if (x->by)
		text_add(out, x->by);
}

static void paint_entry(const struct view *v, const struct draw *d, int row,
	const struct timeline_item *x)
{
	CLEANUP(buf_release) struct buf day = BUF_INIT(64);
	CLEANUP(buf_release) struct buf time = BUF_INIT(64);
	CLEANUP(buf_release) struct buf who = BUF_INIT(LINE_MAX);
	CLEANUP(buf_release) struct buf subject = BUF_INIT(LINE_MAX);
	CLEANUP(buf_release) struct buf right = BUF_INIT(LINE_MAX);
	struct columns c = measure(timeline_data_of(v), d->cols);
	int64_t now = ui_now(v->ui);
	int col = 1;

	add_day(&day, &c, x->key.at, now);
	draw_text(d, row, col, c.day, STYLE_DIM, day.p);
	col += c.day + 1;
	if (c.time) {
		if (x->key.at % DAY) /* a day alone has no time */
			when_time(&time, x->key.at);
		draw_text(d, row, col, c.time, STYLE_DIM, time.p);
		col += c.time + 1;
	}
	paint_kind(d, row, col, &c, x);
	col += c.kind + 1;
	if (c.who) {
		add_who(x, &who);
		draw_text(d, row, col, c.who, STYLE_NORMAL, who.p);
		col += c.who + 1;
	}
	timeline_add_subject(x, &subject);
	draw_text(d, row, col, c.subject, x->is_parked ? STYLE_FAILED : STYLE_NORMAL, subject.p);
	col += c.subject + 2;
	if (c.text)
		draw_text(d, row, col, c.text, STYLE_DIM, x->text ? x->text : "");
	add_due(x, now, &right);
	if (right.len) {
		draw_text_right(d, row, d->cols - 1, c.right,
			x->due_at + DAY <= now ? STYLE_WAITING : STYLE_NORMAL, right.p);
		return;
	}
	add_right(x, &right);
	draw_text_right(d, row, d->cols - 1, c.right, STYLE_DIM, right.p);
}

/* ---- filter, empty --------------------------------------------------------------------------- */

static void add_kinds(unsigned kinds, struct buf *out)
{
	static const char *const names[] = {[ENTRY_EMAIL] = N_("emails"),
		[ENTRY_CALL] = N_("calls"),
		[ENTRY_MEETING] = N_("meetings"),
		[ENTRY_NOTE] = N_("notes"),
		[ENTRY_TASK] = N_("tasks"),
		[ENTRY_TRACKING] = N_("opens and clicks")};
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(kinds & 1u << i))
			continue;
		buf_addf(out, "%s%s", is_first ? "" : ", ", _(names[i]));
		is_first = false;
	}
}

void timeline_add_filter(const struct view *v, struct buf *out)
{
	const struct timeline_data *d = timeline_data_of(v);
	const struct timeline_filter *f = &d->filter;
	const struct account_row *a = f->account ? ui_account(v->ui, f->account) : NULL;
	int64_t now = ui_now(v->ui);

	if (!timeline_is_filtered(d)) {
		/* TRANSLATORS: no filter: every entry of a timeline is shown */
		buf_addstr(out, _("all"));
		return;
	}
	if (f->is_hidden)
		buf_addstr(out, _("hidden mail"));
	else
		add_kinds(f->kinds, out);
	if (d->with) {
		text_add_part(out, _("with"));
		buf_addch(out, ' ');
		text_add(out, d->with);
	}
	if (f->from) {
		text_add_part(out, _("since"));
		buf_addch(out, ' ');
		when_day(out, f->from, now);
	}
	if (f->to) {
		text_add_part(out, _("until"));
		buf_addch(out, ' ');
		when_day(out, f->to - 1, now);
	}
	if (a)
		text_add_part(out, a->name);
	if (f->user) {
		text_add_part(out, _("by"));
		buf_addch(out, ' ');
		text_add(out, f->user_is_me ? _("you") : d->user_name);
	}
}

static void paint_empty(const struct view *v, const struct draw *d, int first)
{
	const struct timeline_data *t = timeline_data_of(v);
	int row = first + (d->rows - first) / 3;
	const char *what = _("Nothing has happened yet."), *todo = _("c writes the first message.");

	if (t->rows.is_looking)
		return;
	if (t->is_gone) {
		what = _("This record is no longer in the CRM.");
		todo = _("q goes back.");
	} else if (timeline_is_filtered(t)) {
		what = _("Nothing of that kind.");
		todo = _("f changes what is shown.");
	} else if (t->about.of == TIMELINE_ME) {
		todo = _("Your mail and what you do in the CRM stand here.");
	}
	draw_text(d, row, 3, d->cols - 4, STYLE_BOLD, what);
	draw_text(d, row + 1, 3, d->cols - 4, STYLE_DIM, todo);
}

void timeline_paint(const struct view *v, const struct draw *d)
{
	const struct timeline_data *t = timeline_data_of(v);
	int top = d->rows >= 4 ? 1 : 0, first = timeline_first_row(v), height = timeline_height(v);
	struct draw card = draw_part(d, top, 0, first - top, d->cols);

	if (top) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (first > top) {
		paint_card(v, &card);
		draw_hrule(d, first - 1, 0, d->cols, STYLE_DIM);
	}
	if (t->rows.n == 0) {
		paint_empty(v, d, first);
		return;
	}
	for (int i = 0; i < height && t->rows.top + (size_t)i < t->rows.n; i++) {
		size_t at = t->rows.top + (size_t)i;

		paint_entry(v, d, first + i, window_row(&t->rows, at));
		if (at == t->rows.sel)
			draw_add_style(d, first + i, 0, d->cols, STYLE_SELECTED);
	}
}
