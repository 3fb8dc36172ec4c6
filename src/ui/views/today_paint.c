/* today_paint.c - the sections of the day, one below the other. */
#include "config.h"

#include "today.h"

#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "remind.h"
#include "rowpaint.h"
#include "ui/ui_core.h"
#include "ui/when.h"

#define N_SECTIONS 5
#define LABEL_COLS 17
#define DAY_S 86400LL

static const char *const labels[N_SECTIONS] = {
	N_("Waiting for you"), N_("No answer yet"), N_("Tasks"), N_("Meetings"), N_("Last sent")};
static const char *const nothing[N_SECTIONS] = {N_("nobody waits for an answer of yours"),
	N_("you wait for nobody's answer"), N_("nothing is due in the next seven days"),
	N_("no more today"), N_("nothing yet")};

static size_t rows_of(const struct today_data *d, enum today_section s)
{
	size_t n = 0;

	for (size_t i = 0; i < d->rows.n; i++)
		n += d->v[i].section == s;
	return n;
}

/* An empty section takes a line, too; a blank one stands between two. */
static int first_line(const struct today_data *d, enum today_section s)
{
	int line = 0;

	for (int i = 0; i < (int)s; i++) {
		size_t n = rows_of(d, (enum today_section)i);

		line += (n > 0 ? (int)n : 1) + 1;
	}
	return line;
}

int today_line_of(const struct today_data *d, size_t row)
{
	size_t before = 0;

	if (row >= d->rows.n)
		return 0;
	for (size_t i = 0; i < row; i++)
		before += d->v[i].section == d->v[row].section;
	return first_line(d, d->v[row].section) + (int)before;
}

/* ---- one row --------------------------------------------------------------------------------- */

static void add_peer(struct buf *b, const struct thread_row *t)
{
	if (t->contact_name || t->partner_name)
		text_add(b, t->contact_name ? t->contact_name : t->partner_name);
	else
		row_add_people(b, t);
}

static void paint_thread(const struct view *v, const struct today_row *r, const struct draw *d,
	int row)
{
	CLEANUP(buf_release) struct buf peer = BUF_INIT(512);
	CLEANUP(buf_release) struct buf end = BUF_INIT(256);
	int name_cols = d->cols / 5, right;
	bool is_reminded = r->section == TODAY_UNANSWERED && r->shown->remind_at;
	bool is_due = is_reminded && r->shown->remind_at <= ui_now(v->ui);

	add_peer(&peer, r->shown);
	if (r->section == TODAY_WAITING) {
		text_add(&end, _("since "));
		when_short(&end, r->thread->at, ui_now(v->ui));
	} else {
		int64_t days = (ui_now(v->ui) - r->thread->at) / DAY_S;

		buf_addf(&end, ngettext("%lld day", "%lld days", (unsigned long)days),
			(long long)days);
	}
	if (is_reminded) {
		text_add(&end, " · ");
		remind_add_words(&end, r->shown->remind_at, ui_now(v->ui));
	}
	if (r->shown->deal) {
		text_add(&end, " · ");
		text_add(&end, r->shown->deal);
	}
	right = draw_text_right(d, row, d->cols - 1, is_reminded ? d->cols * 3 / 5 : d->cols / 3,
		r->section == TODAY_WAITING || is_due ? STYLE_WAITING : STYLE_DIM, end.p);
	draw_text(d, row, 0, name_cols - 1, STYLE_KNOWN, peer.p);
	draw_text(d, row, name_cols, right - name_cols - 2,
		r->shown->unread > 0 ? STYLE_BOLD : STYLE_NORMAL,
		r->shown->subject && *r->shown->subject ? r->shown->subject : _("(no subject)"));
}

static void add_due(struct buf *b, const struct ui *ui, int64_t due_at)
{
	int64_t days = (due_at - when_date(ui_now(ui))) / DAY_S;

	if (days < 0)
		buf_addf(b, ngettext("%lld day overdue", "%lld days overdue", (unsigned long)-days),
			(long long)-days);
	else if (days == 0)
		text_add(b, _("due today"));
	else if (days == 1)
		text_add(b, _("tomorrow"));
	else
		buf_addf(b, ngettext("in %lld day", "in %lld days", (unsigned long)days),
			(long long)days);
}

static void add_in(struct buf *b, int64_t seconds)
{
	int64_t minutes = seconds / 60;

	if (seconds < 0)
		text_add(b, _("has begun"));
	else if (minutes < 60)
		buf_addf(b, _("in %lld min"), (long long)minutes);
	else
		buf_addf(b, _("in %lld h %02lld"), (long long)(minutes / 60),
			(long long)(minutes % 60));
}

static void paint_entry(const struct view *v, const struct today_row *r, const struct draw *d,
	int row)
{
	const struct today_entry *x = r->entry;
	CLEANUP(buf_release) struct buf end = BUF_INIT(256);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);
	unsigned style = STYLE_DIM;
	int right;

	if (r->section == TODAY_TASKS) {
		add_due(&end, v->ui, x->due_at);
		style = x->due_at < when_date(ui_now(v->ui))    ? STYLE_FAILED
			: x->due_at == when_date(ui_now(v->ui)) ? STYLE_WAITING
								: STYLE_DIM;
	} else {
		when_short(&text, x->at, ui_now(v->ui));
		text_add(&text, "  ");
		add_in(&end, x->at - ui_now(v->ui));
	}
	text_add(&text, x->subject && *x->subject ? x->subject : _("(no subject)"));
	if (x->about) {
		text_add(&text, " · ");
		text_add(&text, x->about);
	}
	right = draw_text_right(d, row, d->cols - 1, d->cols / 3, style, end.p);
	draw_text(d, row, 0, right - 2, STYLE_NORMAL, text.p);
}

static const char *state_words(const struct outbox_row *r, unsigned *style)
{
	*style = STYLE_WAITING;
	switch (r->state) {
	case OUTBOX_SENT:
		*style = STYLE_KNOWN;
		for (size_t i = 0; i < r->n_recipients; i++)
			if (r->recipients[i].state == RCPT_REFUSED ||
				r->recipients[i].state == RCPT_BOUNCED)
				*style = STYLE_FAILED;
		return *style == STYLE_FAILED ? _("sent in part") : _("sent");
	case OUTBOX_REFUSED:
		*style = STYLE_FAILED;
		return _("failed");
	case OUTBOX_UNKNOWN:
		*style = STYLE_FAILED;
		return _("was it sent?");
	case OUTBOX_SCHEDULED:
		return _("scheduled");
	case OUTBOX_HELD:
		return _("on hold");
	case OUTBOX_QUEUED:
		return _("waits");
	case OUTBOX_CONNECTING:
	case OUTBOX_HANDED:
		return _("sending");
	case OUTBOX_DRAFT:
	case OUTBOX_CANCELLED:
		break;
	}
	return "";
}

static void paint_sent(const struct view *v, const struct today_row *r, const struct draw *d,
	int row)
{
	const struct outbox_row *x = r->sent;
	CLEANUP(buf_release) struct buf end = BUF_INIT(256);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);
	unsigned style;
	int right;

	text_add(&end, state_words(x, &style));
	text_add(&end, " · ");
	when_short(&end, x->changed_at, ui_now(v->ui));
	text_add(&text, x->subject && *x->subject ? x->subject : _("(no subject)"));
	if (x->n_recipients > 0) {
		buf_addf(&text, " %s ", symbol_text(&v->ui->grid, SYM_ARROW));
		text_add(&text, x->recipients[0].addr);
		if (x->n_recipients > 1)
			buf_addf(&text, " +%zu", x->n_recipients - 1);
	}
	right = draw_text_right(d, row, d->cols - 1, d->cols / 3, style, end.p);
	draw_text(d, row, 0, right - 2, STYLE_NORMAL, text.p);
}

static void paint_row(const struct view *v, const struct today_row *r, const struct draw *d,
	int row)
{
	if (r->thread)
		paint_thread(v, r, d, row);
	else if (r->entry)
		paint_entry(v, r, d, row);
	else
		paint_sent(v, r, d, row);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void paint_labels(const struct view *v, const struct draw *d)
{
	const struct today_data *t = v->data;

	for (int s = 0; s < N_SECTIONS; s++) {
		int row = first_line(t, (enum today_section)s) - (int)t->rows.top;

		if (row < 0 || row >= d->rows)
			continue;
		draw_text(d, row, 2, LABEL_COLS - 1, STYLE_BOLD, _(labels[s]));
		if (rows_of(t, (enum today_section)s) == 0)
			draw_text(d, row, 2 + LABEL_COLS, d->cols - LABEL_COLS - 3, STYLE_DIM,
				_(nothing[s]));
	}
}

void today_paint(const struct view *v, const struct draw *d)
{
	const struct today_data *t = v->data;
	struct draw part = draw_part(d, 1, 0, d->rows - 1, d->cols);
	struct draw text = draw_part(&part, 0, 2 + LABEL_COLS, part.rows, d->cols - LABEL_COLS - 2);
	int last = first_line(t, TODAY_LAST_SENT) + 3 - (int)t->rows.top;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	paint_labels(v, &part);
	for (size_t i = 0; i < t->rows.n; i++) {
		int row = today_line_of(t, i) - (int)t->rows.top;

		if (row < 0 || row >= part.rows)
			continue;
		paint_row(v, &t->v[i], &text, row);
		if (i != t->rows.sel)
			continue;
		draw_symbol(&part, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(&part, row, 0, part.cols, STYLE_SELECTED);
	}
	if (!v->ui->has_crm && t->rows.n == 0)
		draw_text(&part, last, 2, part.cols - 3, STYLE_DIM,
			_("Who is a customer is known from a CRM: g A, then C, connects one."));
}

void today_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct today_data *d = v->data;
	char day[64] = "";
	struct tm tm;
	time_t now = (time_t)ui_now(v->ui);

	localtime_r(&now, &tm);
	strftime(day, sizeof(day), "%A %e %B", &tm);
	buf_addf(left, "crmail  %s, %s", _("Today"), day);
	if (d->n_waiting > 0)
		buf_addf(right, ngettext("%zu waits for you", "%zu wait for you", d->n_waiting),
			d->n_waiting);
	if (d->n_waiting > 0 && d->n_tasks > 0)
		buf_addstr(right, " · ");
	if (d->n_tasks > 0)
		buf_addf(right, ngettext("%zu task", "%zu tasks", d->n_tasks), d->n_tasks);
}
