/* outbox_paint.c - the outbox in cells: a row for each mail, and each recipient of the one
 * selected. */
#include "config.h"

#include "outbox.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/draft.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "ui/when.h"

#define DETAIL_FROM_ROWS 12 /* a lower body has the list alone */
#define TEXT_BYTES 1024

static int detail_rows(int rows)
{
	return rows >= DETAIL_FROM_ROWS ? rows / 3 : 0;
}

int outbox_list_rows(int rows)
{
	int n = rows - detail_rows(rows) - (rows >= 4 ? 2 : 0);

	return n > 0 ? n : 1;
}

static bool is_sent_in_part(const struct outbox_row *r)
{
	for (size_t i = 0; i < r->n_recipients; i++)
		if (r->state == OUTBOX_SENT && (r->recipients[i].state == RCPT_REFUSED ||
						       r->recipients[i].state == RCPT_BOUNCED))
			return true;
	return false;
}

static const char *state_words(const struct outbox_row *r, unsigned *style)
{
	*style = STYLE_DIM;
	switch (r->state) {
	case OUTBOX_DRAFT:
		return _("draft");
	case OUTBOX_HELD:
		*style = STYLE_WAITING;
		return r->not_before == OUTBOX_HELD_FOREVER ? _("on hold") : _("held");
	case OUTBOX_SCHEDULED:
		*style = STYLE_WAITING;
		return _("scheduled");
	case OUTBOX_QUEUED:
		*style = STYLE_WAITING;
		return _("waiting");
	case OUTBOX_CONNECTING:
	case OUTBOX_HANDED:
		*style = STYLE_ACCENT;
		return _("sending");
	case OUTBOX_SENT:
		*style = is_sent_in_part(r) ? STYLE_FAILED : STYLE_KNOWN;
		return is_sent_in_part(r) ? _("sent in part") : _("sent");
	case OUTBOX_REFUSED:
		*style = STYLE_FAILED;
		return _("failed");
	case OUTBOX_UNKNOWN:
		*style = STYLE_FAILED;
		return _("was it sent?");
	case OUTBOX_CANCELLED:
		return _("cancelled");
	}
	return "";
}

static const char *recipient_words(enum recipient_state s, unsigned *style)
{
	*style = STYLE_DIM;
	switch (s) {
	case RCPT_PENDING:
		return _("not yet");
	case RCPT_ACCEPTED:
		*style = STYLE_KNOWN;
		return _("accepted");
	case RCPT_REFUSED:
		*style = STYLE_FAILED;
		return _("refused");
	case RCPT_DELIVERED:
		*style = STYLE_KNOWN;
		return _("delivered");
	case RCPT_BOUNCED:
		*style = STYLE_FAILED;
		return _("bounced");
	}
	return "";
}

struct line {
	const char *state, *to, *subject; /* "" or NULL = none */
	unsigned style;                   /* of the state */
	int64_t at;
};

static void paint_line(const struct view *v, const struct draw *d, int row, const struct line *l)
{
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	int people = d->cols >= 100 ? 32 : (d->cols - 24) / 3, end;

	when_short(&when, l->at, ui_now(v->ui));
	draw_text(d, row, 1, 13, l->style, l->state);
	draw_text(d, row, 15, people, STYLE_NORMAL,
		l->to && *l->to ? l->to : _("no recipient yet"));
	end = draw_text_right(d, row, d->cols - 1, 7, STYLE_DIM, when.p) - 1;
	draw_text(d, row, 16 + people, end - 16 - people, STYLE_NORMAL,
		l->subject && *l->subject ? l->subject : _("(no subject)"));
}

static void paint_row(const struct view *v, const struct draw *d, int row,
	const struct outbox_row *r)
{
	CLEANUP(buf_release) struct buf to = BUF_INIT(TEXT_BYTES);
	struct line l = {.subject = r->subject, .at = r->created_at};

	l.state = state_words(r, &l.style);
	for (size_t i = 0; i < r->n_recipients && i < 3; i++)
		text_add(&to, i ? ", " : ""), text_add(&to, r->recipients[i].addr);
	l.to = to.p;
	paint_line(v, d, row, &l);
}

static void paint_theirs(const struct view *v, const struct draw *d, int row,
	const struct draft_row *r)
{
	const struct line l = {.state = _("at the server"),
		.to = r->to,
		.subject = r->subject,
		.style = STYLE_DIM,
		.at = r->date};

	paint_line(v, d, row, &l);
}

static void add_dot(struct buf *out)
{
	if (out->len > 0)
		buf_addstr(out, " · ");
}

/* When it will be tried, for mail that waits for its time. */
static void add_when(const struct view *v, const struct outbox_row *r, struct buf *out)
{
	bool is_waiting = r->state == OUTBOX_HELD || r->state == OUTBOX_SCHEDULED ||
			  r->state == OUTBOX_QUEUED;

	if (r->account_name)
		text_add(out, r->account_name);
	if (r->attempts > 0) {
		add_dot(out);
		buf_addf(out, ngettext("%d attempt", "%d attempts", (unsigned long)r->attempts),
			(int)r->attempts);
	}
	if (!is_waiting || r->not_before == 0)
		return;
	add_dot(out);
	if (r->not_before == OUTBOX_HELD_FOREVER) {
		buf_addstr(out, _("until you send it"));
		return;
	}
	buf_addstr(out, r->attempts > 0 ? _("next try") : _("goes out"));
	buf_addch(out, ' ');
	when_long(out, r->not_before, ui_now(v->ui));
}

/* The account and the next try, then each recipient with the server's words. */
static void paint_detail(const struct view *v, const struct draw *d, const struct outbox_row *r)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(TEXT_BYTES);
	int people = d->cols >= 100 ? 40 : d->cols / 3;

	add_when(v, r, &line);
	draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, line.p);
	for (size_t i = 0; i < r->n_recipients && (int)i < d->rows - 1; i++) {
		const struct outbox_recipient *to = &r->recipients[i];
		int row = (int)i + 1, left = (int)(r->n_recipients - i);
		unsigned style;
		const char *words = recipient_words(to->state, &style);

		if (row == d->rows - 1 && left > 1) {
			draw_textf(d, row, 1, d->cols - 2, STYLE_DIM,
				ngettext("and %d more recipient", "and %d more recipients",
					(unsigned long)left),
				left);
			return;
		}
		draw_text(d, row, 1, 13, style, words);
		draw_text(d, row, 15, people, STYLE_NORMAL, to->addr);
		if (to->reply)
			draw_text(d, row, 16 + people, d->cols - 17 - people, STYLE_DIM, to->reply);
	}
}

static void paint_empty(const struct outbox_data *o, const struct draw *d)
{
	draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
		o->only_drafts ? _("No drafts.") : _("Nothing waits to be sent."));
	draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
		o->only_drafts ? _("c writes a message; leaving it with Esc keeps it here.")
			       : _("Mail stands here from Send until the server has taken it."));
}

void outbox_paint(const struct view *v, const struct draw *d)
{
	const struct outbox_data *o = v->data;
	int first = d->rows >= 4 ? 1 : 0, list = outbox_list_rows(d->rows);
	int detail = detail_rows(d->rows);

	if (first) {
		draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
		draw_hrule(d, d->rows - 1, 0, d->cols, STYLE_DIM);
	}
	if (o->n + o->n_theirs == 0) {
		paint_empty(o, d);
		return;
	}
	for (int i = 0; i < list && o->rows.top + (size_t)i < o->rows.n; i++) {
		size_t at = o->rows.top + (size_t)i;

		if (at < o->n)
			paint_row(v, d, first + i, o->v[at]);
		else
			paint_theirs(v, d, first + i, &o->theirs[at - o->n]);
		if (at == o->rows.sel)
			draw_add_style(d, first + i, 0, d->cols, STYLE_SELECTED);
	}
	if (detail > 0 && !o->only_drafts && o->rows.sel < o->n) {
		struct draw below = draw_part(d, first + list + 1, 0, detail - 1, d->cols);

		draw_hrule(d, first + list, 0, d->cols, STYLE_DIM);
		paint_detail(v, &below, o->v[o->rows.sel]);
	}
}
