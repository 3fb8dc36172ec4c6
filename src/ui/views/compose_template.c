/*
 * compose_template.c - a template in the mail that is written: what the picker is told, and what it
 * gives back. The subject is taken where there is none, the text stands at the cursor.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "compose.h"
#include "templates.h"

static bool has_subject(const struct compose_data *d)
{
	return span_trim(span_of(d->fields[FIELD_SUBJECT].text.p)).len > 0;
}

static void chosen(struct ui *ui, const struct template_chosen *t)
{
	struct view *v = ui_top(ui);
	struct compose_data *d = compose_data_of(v);
	struct editor *subject = &d->fields[FIELD_SUBJECT], *body = &d->fields[FIELD_BODY];

	if (*t->subject && !has_subject(d))
		editor_replace(subject, 0, subject->text.len, t->subject, strlen(t->subject));
	editor_insert(body, t->text, strlen(t->text));
	d->focus = FIELD_BODY;
	compose_edited(v);
	view_mark(v, DIRTY_RECALC);
}

/* Without what the mail began with: signature and quotation. */
static const char *own_words(struct arena *a, const struct compose_data *d)
{
	const struct buf *text = &d->fields[FIELD_BODY].text;
	const char *start = d->draft.text ? d->draft.text : "";
	size_t n;

	start += strspn(start, "\n");
	n = strlen(start);
	if (n > text->len || memcmp(text->p + text->len - n, start, n) != 0)
		n = 0;
	return arena_strndup(a, text->p, text->len - n);
}

void compose_template(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	const struct sender *from = compose_sender(d);
	const struct account_row *account = from ? ui_account(v->ui, from->account) : NULL;
	struct templates_args a = {.chosen = chosen};
	struct arena arena = ARENA_INIT;
	struct addr_list to;

	addr_parse(&arena, d->fields[FIELD_TO].text.p, d->fields[FIELD_TO].text.len, &to);
	a.text = own_words(&arena, d);
	a.who.message = d->draft.reply_to;
	a.crm = account ? account->crm : 0;
	a.keeps_subject = has_subject(d);
	if (from) {
		a.who.account = from->account;
		a.who.me_name = from->who.name;
		a.who.me_addr = from->who.addr;
	}
	if (to.n > 0) {
		a.who.name = to.v[0].name;
		a.who.addr = to.v[0].addr;
	}
	templates_open(v->ui, &a);
	arena_release(&arena);
}

static bool find_gap(const struct compose_data *d, enum field *f, struct span *gap, size_t *line)
{
	static const enum field fields[] = {FIELD_SUBJECT, FIELD_BODY};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		*f = fields[i];
		if (mail_template_find_gap(d->fields[*f].text.p, gap, line))
			return true;
	}
	return false;
}

void compose_check_gaps(struct compose_data *d)
{
	enum field f;
	struct span gap;
	size_t line;
	CLEANUP(buf_release) struct buf shown = BUF_INIT(60);
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);
	struct arena a = ARENA_INIT;

	if (!find_gap(d, &f, &gap, &line))
		return;
	text_addn(&shown, gap.p, gap.len);
	d->problem_field = f;
	text_add(&b,
		f == FIELD_SUBJECT
			/* TRANSLATORS: the placeholder is a variable as {{offer}} */
			? arena_printf(&a, _("In the subject %s is not filled in."), shown.p)
			: arena_printf(&a, _("Line %zu: %s is not filled in."), line, shown.p));
	memcpy(d->problem, b.p, b.len + 1);
	arena_release(&a);
}

void compose_go_to_gap(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	enum field f;
	struct span gap;
	size_t line;

	if (!find_gap(d, &f, &gap, &line) || f != d->problem_field)
		return;
	d->fields[f].anchor = (size_t)(gap.p - d->fields[f].text.p);
	d->fields[f].cur = d->fields[f].anchor + gap.len;
}
