/* card.c - reading and painting of a contact's card. Knows no CRM, only the store's rows. */
#include "config.h"

#include "card.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/book.h"
#include "crmail/store/record.h"
#include "ui/when.h"

void card_init(struct card *c)
{
	*c = (struct card){.arena = ARENA_INIT};
}

void card_release(struct card *c)
{
	arena_release(&c->arena);
}

static void card_empty(struct card *c)
{
	struct arena a = c->arena;

	arena_reset(&a);
	*c = (struct card){.arena = a};
}

#define WRITES_MOST 100 /* looked through for those that concern the card */

static bool concerns(const struct card *c, const struct record_write *w)
{
	if (w->kind == RECORD_CONTACT)
		return c->contact && w->row == c->contact->id;
	for (size_t i = 0; w->kind == RECORD_DEAL && i < c->n_deals; i++)
		if (c->deals[i].id == w->row)
			return true;
	return false;
}

static int load_writes(struct card *c, struct store_reader *r, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct record_write *w = NULL;
	size_t n = 0;

	if (record_writes(r, &a,
		    c->contact   ? c->contact->crm
		    : c->partner ? c->partner->crm
				 : 0,
		    0, 0, WRITES_MOST, &w, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!concerns(c, &w[i]))
			continue;
		c->is_waiting = c->is_waiting || w[i].state == RECORD_WAITING ||
				w[i].state == RECORD_SENDING;
		c->is_in_conflict = c->is_in_conflict || w[i].state == RECORD_CONFLICT;
	}
	return 0;
}

int card_load(struct card *c, struct store_reader *r, int64_t contact, int64_t partner,
	size_t entries, struct err *e)
{
	card_empty(c);
	if (!contact && !partner)
		return 0;
	if (contact && contact_get(r, &c->arena, contact, &c->contact, e))
		return -1;
	if (c->contact && c->contact->partner)
		partner = c->contact->partner;
	if (partner && partner_get(r, &c->arena, partner, &c->partner, e))
		return -1;
	if (deals_of(r, &c->arena, contact, partner, &c->deals, &c->n_deals, e))
		return -1;
	if (entries > 0 && timeline_page(r, &c->arena, contact, contact ? 0 : partner, NULL,
				   entries, &c->entries, &c->n_entries, e))
		return -1;
	if (entries > 0 && load_writes(c, r, e))
		return -1;
	c->contact_id = contact;
	c->partner_id = partner;
	return 0;
}

int card_load_lead(struct card *c, struct store_reader *r, int64_t message, struct err *e)
{
	int64_t lead;

	card_empty(c);
	if (lead_of_message(r, message, &lead, e))
		return -1;
	return lead ? book_get(r, &c->arena, BOOK_LEADS, lead, &c->lead, e) : 0;
}

bool card_is_empty(const struct card *c)
{
	return !c->contact && !c->partner && !c->lead;
}

static const char *partner_name(const struct card *c)
{
	if (c->contact && c->contact->partner_name)
		return c->contact->partner_name;
	return c->partner ? c->partner->name : NULL;
}

void card_add_amount(const char *amount, struct buf *out)
{
	size_t digits = strspn(amount, "0123456789");

	if (amount[digits] != '\0' && amount[digits] != '.')
		digits = 0;
	for (size_t i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			buf_addch(out, ',');
		buf_addch(out, amount[i]);
	}
	text_add(out, amount + digits);
}

static void add_deal(const struct deal_row *d, struct buf *out)
{
	if (d->amount)
		card_add_amount(d->amount, out);
	if (d->amount && d->currency)
		buf_addf(out, " %s", d->currency);
	if (d->amount && d->stage)
		buf_addstr(out, " · ");
	if (d->stage)
		buf_addstr(out, d->stage);
}

static void add_separator(struct buf *out)
{
	if (out->len > 0)
		buf_addstr(out, " · ");
}

void card_add_line(const struct card *c, int64_t now, struct buf *out)
{
	const char *partner = partner_name(c);

	if (c->lead) {
		text_add(out, c->lead->name);
		add_separator(out);
		text_add(out, _("Lead"));
	}
	if (c->contact && c->contact->name)
		text_add(out, c->contact->name);
	if (c->contact && c->contact->title) {
		add_separator(out);
		text_add(out, c->contact->title);
		if (partner)
			text_add(out, ", "), text_add(out, partner);
	} else if (partner) {
		add_separator(out);
		text_add(out, partner);
	}
	if (c->n_deals > 0 && c->deals[0].is_open && c->deals[0].name) {
		add_separator(out);
		/* TRANSLATORS: the placeholder is the name of a deal */
		buf_addf(out, _("deal \"%s\" "), c->deals[0].name);
		add_deal(&c->deals[0], out);
	}
	if (c->contact && c->contact->last_touch_at) {
		add_separator(out);
		buf_addstr(out, _("last touch"));
		buf_addch(out, ' ');
		when_ago(out, c->contact->last_touch_at, now);
	}
}

static int paint_contact(const struct card *c, const struct draw *d)
{
	const char *partner = partner_name(c);
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	int row = 0;

	draw_text(d, row++, 0, d->cols, STYLE_BOLD | STYLE_KNOWN,
		c->contact ? c->contact->name : partner);
	if (!c->contact)
		return row;
	if (c->contact->title)
		text_add(&b, c->contact->title);
	if (partner)
		text_add(&b, b.len ? ", " : ""), text_add(&b, partner);
	if (b.len)
		draw_text(d, row++, 0, d->cols, STYLE_NORMAL, b.p);
	if (c->contact->n_phones > 0)
		draw_text(d, row++, 0, d->cols, STYLE_NORMAL, c->contact->phones[0]);
	if (c->contact->n_emails > 0)
		draw_text(d, row++, 0, d->cols, STYLE_DIM, c->contact->emails[0]);
	return row;
}

static void paint_lead(const struct card *c, const struct draw *d)
{
	draw_text(d, 0, 0, d->cols, STYLE_BOLD | STYLE_KNOWN, c->lead->name);
	draw_text(d, 1, 0, d->cols, STYLE_NORMAL, _("Lead"));
	if (c->lead->email)
		draw_text(d, 2, 0, d->cols, STYLE_DIM, c->lead->email);
}

static int paint_writes(const struct card *c, const struct draw *d, int row)
{
	if (c->is_in_conflict)
		draw_text(d, row++, 0, d->cols, STYLE_FAILED,
			_("Conflict: gx shows both versions"));
	else if (c->is_waiting)
		draw_textf(d, row++, 0, d->cols, STYLE_WAITING, "%s %s", symbol_text(d->g, SYM_UP),
			_("waits for the CRM"));
	return row;
}

static int paint_deals(const struct card *c, const struct draw *d, int row)
{
	for (size_t i = 0; i < c->n_deals && c->deals[i].is_open && row < d->rows; i++) {
		const struct deal_row *deal = &c->deals[i];
		CLEANUP(buf_release) struct buf b = BUF_INIT(512);
		int col = 0;

		if (i == 0)
			row++;
		col += draw_text(d, row, 0, d->cols, STYLE_DIM, _("Deal")) + 1;
		draw_text(d, row++, col, d->cols - col, STYLE_BOLD,
			deal->name ? deal->name : deal->number);
		add_deal(deal, &b);
		if (deal->close_at) {
			add_separator(&b);
			when_short(&b, deal->close_at, deal->close_at - 86400 * 30);
		}
		if (b.len)
			draw_text(d, row++, 2, d->cols - 2, STYLE_NORMAL, b.p);
		if (deal->next_step)
			draw_textf(d, row++, 2, d->cols - 2, STYLE_WAITING, "%s", deal->next_step);
	}
	return row;
}

const char *card_kind_symbol(const struct draw *d, enum entry_kind k)
{
	static const char *const utf8[] = {"✉", "☎", "◷", "✎", "☐", "◉"};
	static const char *const ascii[] = {"m", "c", "@", "n", "t", "o"};

	return d->g->is_ascii ? ascii[k] : utf8[k];
}

static const char *kind_name(const struct timeline_entry *t)
{
	switch (t->kind) {
	case ENTRY_EMAIL:
		return t->is_out ? _("Sent email") : _("Received email");
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

static void paint_timeline(const struct card *c, const struct draw *d, int row, int64_t now,
	size_t sel)
{
	if (c->n_entries == 0 || row + 2 >= d->rows)
		return;
	row++;
	draw_text(d, row++, 0, d->cols, STYLE_DIM, _("Timeline"));
	size_t fit = (size_t)(d->rows - row);
	size_t top = sel != CARD_NO_ENTRY && sel >= fit ? sel - fit + 1 : 0;

	for (size_t i = top; i < c->n_entries && row < d->rows; i++) {
		const struct timeline_entry *t = &c->entries[i];
		CLEANUP(buf_release) struct buf b = BUF_INIT(64);
		const char *text = t->subject && *t->subject ? t->subject : t->body;

		when_short(&b, t->at, now);
		draw_text(d, row, 0, 6, STYLE_DIM, b.p);
		if (t->state == LOG_QUEUED || t->state == LOG_PARKED)
			draw_symbol(d, row, 6,
				t->state == LOG_QUEUED ? STYLE_WAITING : STYLE_FAILED,
				t->state == LOG_QUEUED ? SYM_UP : SYM_WARNING);
		draw_text(d, row, 7, 2, STYLE_NORMAL, card_kind_symbol(d, t->kind));
		draw_text(d, row, 9, d->cols - 9, STYLE_NORMAL,
			text && *text ? text : kind_name(t));
		if (i == sel)
			draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
		row++;
	}
}

void card_paint(const struct card *c, const struct draw *d, int64_t now, bool has_crm, size_t sel)
{
	int row;

	if (c->lead) {
		paint_lead(c, d);
		return;
	}
	if (card_is_empty(c)) {
		draw_text(d, 0, 0, d->cols, has_crm ? STYLE_WAITING : STYLE_DIM,
			has_crm ? _("Not in the CRM") : _("No CRM is connected"));
		draw_text(d, 2, 0, d->cols, STYLE_DIM,
			has_crm ? _("No contact has this address.")
				: _("\"crmail crm add\" connects one."));
		return;
	}
	row = paint_contact(c, d);
	row = paint_writes(c, d, row);
	row = paint_deals(c, d, row);
	paint_timeline(c, d, row, now, sel);
}
