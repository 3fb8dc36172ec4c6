/*
 * crm_logging_paint.c - the matched mails that stand as proof, the choices, and exactly what would
 * be logged of the first mail.
 */
#include "config.h"

#include "crm_logging.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "ui/when.h"

#define WHEN_COLS 7
#define PROOF_ROW 2
#define EXAMPLE_LINES 5
#define FORM_ROW (PROOF_ROW + 1 + LOGGING_PROOFS + 1)
#define VALUE_COL 13

/* A small screen gives up blank lines above the form, never the proof. */
int logging_form_row(const struct view *v)
{
	return v->rows >= FORM_ROW + 4 ? FORM_ROW : v->rows / 2;
}

static const char *or_more(int64_t n, int64_t most)
{
	return n >= most ? "+" : "";
}

static void add_totals(const struct logging_data *l, struct buf *b)
{
	const struct crm_totals *t = &l->totals;

	/* TRANSLATORS: the second placeholder is "+" where there are more */
	buf_addf(b, ngettext("%lld%s contact", "%lld%s contacts", (unsigned long)t->contacts),
		(long long)t->contacts, or_more(t->contacts, CRM_TOTALS_MAX));
	buf_addstr(b, ", ");
	buf_addf(b, ngettext("%lld%s partner", "%lld%s partners", (unsigned long)t->partners),
		(long long)t->partners, or_more(t->partners, CRM_TOTALS_MAX));
	if (t->to_match > 0)
		buf_addf(b,
			ngettext(" · %lld%s mail still to be looked at",
				" · %lld%s mails still to be looked at",
				(unsigned long)t->to_match),
			(long long)t->to_match, or_more(t->to_match, CRM_TO_MATCH_MAX));
}

static void paint_head(const struct view *v, const struct draw *d)
{
	const struct logging_data *l = v->data;
	CLEANUP(buf_release) struct buf b = BUF_INIT(2048);

	if (l->row->error) {
		draw_text(d, 0, 2, d->cols - 3, STYLE_FAILED, l->row->error);
		return;
	}
	if (l->is_remote && !l->row->last_pull_at)
		text_add(&b, _("Reading contacts and partners… "));
	add_totals(l, &b);
	draw_text(d, 0, 2, d->cols - 3, STYLE_DIM, b.p);
}

static void paint_proof(const struct view *v, const struct proof_row *p, const struct draw *d,
	int row)
{
	CLEANUP(buf_release) struct buf at = BUF_INIT(64);
	CLEANUP(buf_release) struct buf whom = BUF_INIT(1024);
	int peer_cols = d->cols / 5, end;

	when_short(&at, p->at, ui_now(v->ui));
	text_add(&whom, p->contact ? p->contact : "");
	if (p->contact && p->partner)
		text_add(&whom, ", ");
	text_add(&whom, p->partner ? p->partner : "");
	draw_text(d, row, 2, WHEN_COLS - 1, STYLE_DIM, at.p);
	draw_text(d, row, 2 + WHEN_COLS, peer_cols - 1, STYLE_NORMAL, p->peer ? p->peer : "");
	end = draw_text_right(d, row, d->cols - 1, d->cols / 3, STYLE_KNOWN, whom.p);
	draw_symbol(d, row, end - 2, STYLE_DIM, SYM_ARROW);
	draw_text(d, row, 2 + WHEN_COLS + peer_cols, end - 5 - WHEN_COLS - peer_cols, STYLE_NORMAL,
		p->subject && *p->subject ? p->subject : _("(no subject)"));
}

static const char *why_no_proof(const struct logging_data *l)
{
	if (l->is_remote && !l->row->last_pull_at)
		return _("They appear here as soon as contacts and mail are read.");
	if (l->totals.to_match > 0)
		return _("Looking who is in your mail…");
	if (l->totals.contacts + l->totals.partners == 0)
		return _("The CRM has no contacts yet: nothing can be matched.");
	return _("None of your newest mail is from or to a contact of this CRM.");
}

static void paint_proofs(const struct view *v, const struct draw *d)
{
	const struct logging_data *l = v->data;

	draw_text(d, PROOF_ROW, 2, d->cols - 3, STYLE_BOLD,
		l->is_logging ? _("Your newest mail with people of this CRM:")
			      : _("Your newest mail with people of this CRM; nothing is logged "
				  "yet:"));
	for (size_t i = 0; i < l->n_proofs; i++)
		paint_proof(v, &l->proofs[i], d, PROOF_ROW + 1 + (int)i);
	if (l->n_proofs == 0)
		draw_text(d, PROOF_ROW + 1, 2, d->cols - 3, STYLE_WAITING, why_no_proof(l));
}

/* Beside the range: how many mails are in it. */
static void paint_count(const struct logging_data *l, const struct draw *d, int row)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);

	for (size_t i = 0; i < L_RANGE; i++)
		row += !l->form.v[i].is_hidden;
	row -= (int)l->form.top;
	if (l->count < 0 || row < 0)
		return;
	buf_addf(&b, ngettext("%lld mail so far", "%lld mails so far", (unsigned long)l->count),
		(long long)l->count);
	draw_text_right(d, row, d->cols - 1, d->cols / 2, STYLE_WAITING, b.p);
}

/* ---- the example ----------------------------------------------------------------------------- */

static void paint_pair(const struct draw *d, int row, const char *name, const char *text)
{
	draw_text(d, row, 4, VALUE_COL - 1, STYLE_DIM, name);
	draw_text(d, row, 4 + VALUE_COL, d->cols - VALUE_COL - 5, STYLE_NORMAL, text);
}

static const char *body_words(const struct logging_data *l, const struct proof_row *p)
{
	const char *level = form_value(&l->form, L_LEVEL);

	if (strcmp(level, "headers") == 0)
		return _("(none)");
	if (strcmp(level, "full") == 0)
		return _("(the whole text of the mail)");
	return p->snippet && *p->snippet ? p->snippet : _("(its first words)");
}

static void paint_example(const struct view *v, const struct draw *d, int row)
{
	const struct logging_data *l = v->data;
	const struct proof_row *p = l->proofs;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	char at[32];

	if (l->n_proofs == 0 || row + EXAMPLE_LINES > d->rows - 1)
		return;
	draw_text(d, row++, 2, d->cols - 3, STYLE_BOLD,
		_("What would be logged of the first one, and no more than this:"));
	buf_addf(&b, "email · %s · completed · %s", p->is_out ? "Sent email" : "Received email",
		clock_rfc3339(p->at, at, sizeof(at)));
	paint_pair(d, row++, _("entry"), b.p);
	paint_pair(d, row++, _("subject"), p->subject ? p->subject : "");
	paint_pair(d, row++, _("text"), body_words(l, p));
	buf_reset(&b);
	text_add(&b, p->contact ? p->contact : "");
	if (p->contact && p->partner)
		text_add(&b, " · ");
	text_add(&b, p->partner ? p->partner : "");
	paint_pair(d, row, _("about"), b.p);
}

/* ---- the last line --------------------------------------------------------------------------- */

static void add_entries(const struct logging_data *l, struct buf *b)
{
	buf_addf(b,
		ngettext("%lld email entry is there already, ",
			"%lld email entries are there already, ", (unsigned long)l->entries),
		(long long)l->entries);
	buf_addf(b,
		ngettext("%lld about mail that is here.", "%lld about mail that is here.",
			(unsigned long)l->entries_here),
		(long long)l->entries_here);
}

static void paint_hint(const struct view *v, const struct draw *d)
{
	const struct logging_data *l = v->data;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

	if (l->order.number) {
		draw_text(d, d->rows - 1, 2, d->cols - 3, STYLE_ACCENT, order_says(&l->order));
		return;
	}
	if (l->form.cur == L_SIDE && l->entries > 0)
		add_entries(l, &b);
	else
		text_add(&b, _(l->form.v[l->form.cur].hint));
	draw_text(d, d->rows - 1, 2, d->cols - 3, STYLE_DIM, b.p);
}

void logging_paint(const struct view *v, const struct draw *d)
{
	const struct logging_data *l = v->data;
	int first = logging_form_row(v), lines = form_lines(&l->form), room = d->rows - 2 - first;
	struct draw part;

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	if (!l->row)
		return;
	if (lines > room)
		lines = room;
	paint_head(v, d);
	part = draw_part(d, 0, 0, first, d->cols);
	paint_proofs(v, &part);
	part = draw_part(d, first, 0, lines, d->cols);
	form_paint(&l->form, &part);
	paint_count(l, &part, 0);
	paint_example(v, d, first + lines + 1);
	paint_hint(v, d);
}
