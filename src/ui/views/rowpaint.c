/*
 * rowpaint.c - columns of a conversation: state, people, partner and deal, subject, time; below it
 * the snippet and marks. Width is given away in the order partner, snippet, people.
 */
#include "config.h"

#include "rowpaint.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/message.h"
#include "ui/when.h"

#define TIME_CELLS 6
#define STATE_COL 1
#define PEOPLE_COL 3
#define PARTNER_MIN_COLS 86
#define NAMES_MAX 1024

struct columns {
	int people, partner, subject; /* widths; 0 = not shown */
	int partner_col, subject_col, time_end;
};

static struct columns measure(int cols)
{
	struct columns c = {.time_end = cols - 1};
	int rest = cols - PEOPLE_COL - TIME_CELLS - 2;

	c.people = cols >= 100 ? 28 : (cols >= 70 ? 25 : rest * 2 / 5);
	if (cols >= PARTNER_MIN_COLS)
		c.partner = cols >= 120 ? 26 : 18;
	c.partner_col = PEOPLE_COL + c.people + 1;
	c.subject_col = c.partner_col + (c.partner ? c.partner + 1 : 0);
	c.subject = c.time_end - TIME_CELLS - 1 - c.subject_col;
	return c;
}

static size_t count_addresses(const char *people)
{
	size_t n = 0;

	for (const char *p = people; p && *p; p++)
		n += *p == '@';
	return n;
}

void row_add_people(struct buf *out, const struct thread_row *t)
{
	struct span rest = span_of(t->people), name;
	bool is_first = true;
	/* Names before addresses: the one who sent no name is the contact. */
	bool has_name = t->contact_name && count_addresses(t->people) == 1;

	if (rest.len && rest.p[0] == '\002') {
		/* TRANSLATORS: before the recipients of own mail that nobody answered yet */
		buf_addstr(out, _("To: "));
		rest = (struct span){rest.p + 1, rest.len - 1};
	}
	while (span_next(&rest, ',', &name)) {
		name = span_trim(name);
		if (!is_first)
			buf_addstr(out, ", ");
		is_first = false;
		if (span_eq(name, "\001"))
			/* TRANSLATORS: the user himself among the names of a conversation */
			buf_addstr(out, _("you"));
		else if (has_name && memchr(name.p, '@', name.len))
			text_add(out, t->contact_name);
		else
			text_addn(out, name.p, name.len);
	}
	if (out->len == 0)
		buf_addstr(out, _("nobody"));
}

static void paint_people(const struct draw *d, int row, const struct columns *c,
	const struct thread_row *t, unsigned weight)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
	CLEANUP(buf_release) struct buf count = BUF_INIT(32);
	int w, cells = c->people;

	if (t->count > 1)
		buf_addf(&count, " (%u)", t->count);
	row_add_people(&names, t);
	if (cells > (int)count.len)
		cells -= (int)count.len;
	w = draw_text(d, row, PEOPLE_COL, cells, weight, names.p);
	draw_text(d, row, PEOPLE_COL + w, (int)count.len, STYLE_DIM, count.p);
}

static void paint_partner(const struct draw *d, int row, const struct columns *c,
	const struct thread_row *t)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(NAMES_MAX);

	if (c->partner == 0)
		return;
	if (t->peer_unknown && !t->partner_name) {
		draw_text(d, row, c->partner_col, c->partner, STYLE_WAITING, _("? unknown"));
		return;
	}
	if (t->partner_name)
		text_add(&b, t->partner_name);
	else if (t->contact_name)
		text_add(&b, t->contact_name);
	if (t->deal)
		buf_addf(&b, " · %s", t->deal);
	draw_text(d, row, c->partner_col, c->partner, STYLE_KNOWN, b.p);
}

static void paint_state(const struct draw *d, int row, const struct thread_row *t,
	const struct row_state *s)
{
	if (s->is_selected)
		draw_symbol(d, row, STATE_COL, STYLE_ACCENT | STYLE_BOLD, SYM_SELECTED);
	else if (s->is_found)
		draw_symbol(d, row, STATE_COL, STYLE_DIM, SYM_FOUND);
	else if (t->unread > 0)
		draw_symbol(d, row, STATE_COL, STYLE_ACCENT | STYLE_BOLD, SYM_UNREAD);
	else if (t->peer_unknown)
		draw_text(d, row, STATE_COL, 1, STYLE_WAITING, "?");
}

static void paint_second(const struct draw *d, int row, const struct columns *c,
	const struct thread_row *t, int64_t now)
{
	int end = c->time_end;

	if (t->remind_at) {
		end -= symbol_width(d->g, SYM_REMIND);
		draw_symbol(d, row, end,
			t->remind_at <= now ? STYLE_WAITING | STYLE_BOLD : STYLE_NORMAL,
			SYM_REMIND);
		end -= 1;
	}

	if (t->has_attachment) {
		end -= symbol_width(d->g, SYM_ATTACHMENT);
		draw_symbol(d, row, end, STYLE_NORMAL, SYM_ATTACHMENT);
		end -= 1;
	}
	if (t->starred) {
		end -= symbol_width(d->g, SYM_STAR);
		draw_symbol(d, row, end, STYLE_WAITING | STYLE_BOLD, SYM_STAR);
		end -= 1;
	}
	draw_text(d, row, PEOPLE_COL + 2, end - PEOPLE_COL - 3, STYLE_DIM, t->snippet);
}

void row_paint(const struct draw *d, int row, const struct thread_row *t, const struct row_state *s)
{
	struct columns c = measure(d->cols);
	unsigned weight = t->unread > 0 ? STYLE_BOLD : STYLE_NORMAL;
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	const char *subject = t->subject && *t->subject ? t->subject : _("(no subject)");

	when_short(&when, t->date ? t->date : t->sort_at, s->now);
	paint_state(d, row, t, s);
	paint_people(d, row, &c, t, weight);
	paint_partner(d, row, &c, t);
	if (t->is_draft)
		weight |= STYLE_WAITING;
	draw_text(d, row, c.subject_col, c.subject, weight, subject);
	draw_text_right(d, row, c.time_end, TIME_CELLS + 1, weight | STYLE_DIM, when.p);
	paint_second(d, row + 1, &c, t, s->now);
	for (int line = 0; s->is_current && line < ROW_LINES; line++)
		draw_add_style(d, row + line, 0, d->cols, STYLE_SELECTED);
}
