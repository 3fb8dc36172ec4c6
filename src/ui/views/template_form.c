/*
 * template_form.c - asks for what a template wants to know and crmail does not: one field each. All
 * of them are filled in before the text goes anywhere.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "form_view.h"
#include "templates.h"

#define LABEL_MOST 200
#define LABEL_COLS_MOST 34

struct template_form {
	struct form_view f; /* first: form_view.c's */
	struct mail_template_gaps gaps;
	void (*answered)(struct ui *ui, const struct mail_template_value *v, size_t n);
};

static bool check(struct template_form *t)
{
	for (size_t i = 0; i < t->gaps.n; i++)
		if (!form_value(&t->f.form, i) ||
			span_trim(span_of(form_value(&t->f.form, i))).len == 0)
			return form_refuse(&t->f.form, i,
				_("This stands in the text: it needs an answer."));
	return true;
}

static void save(struct view *v)
{
	struct template_form *t = v->data;
	struct mail_template_value answers[MAIL_TEMPLATE_GAPS];
	struct mail_template_gaps gaps = t->gaps;
	void (*answered)(struct ui *, const struct mail_template_value *, size_t) = t->answered;
	struct arena a = t->f.arena; /* outlives the form */
	struct ui *ui = v->ui;

	if (!check(t))
		return;
	for (size_t i = 0; i < gaps.n; i++)
		answers[i] = (struct mail_template_value){.name = gaps.v[i].name,
			.text = arena_strdup(&a, form_value(&t->f.form, i))};
	t->f.arena = ARENA_INIT;
	ui_pop(ui);
	answered(ui, answers, gaps.n);
	arena_release(&a);
}

/* Enter in the last field is enough. */
static enum view_result template_form_action(struct view *v, enum action act)
{
	const struct template_form *t = v->data;

	if (act == ACTION_FORM_CHOOSE && t->f.form.cur + 1 == t->gaps.n)
		act = ACTION_FORM_SAVE;
	return form_view_action(v, act);
}

static int template_form_open_view(struct view *v, const void *args, struct err *e)
{
	const struct template_form_args *a = args;
	struct template_form *t = v->data;
	struct form_field fields[MAIL_TEMPLATE_GAPS];
	struct arena labels = ARENA_INIT;
	int cols = 0;

	(void)e;
	t->gaps = *a->gaps;
	t->answered = a->answered;
	for (size_t i = 0; i < t->gaps.n; i++) {
		CLEANUP(buf_release) struct buf label = BUF_INIT(LABEL_MOST);

		mail_template_add_label(a->t, t->gaps.v[i].name, &label);
		fields[i] = (struct form_field){.kind = FORM_TEXT,
			.label = arena_strdup(&labels, label.p),
			.hint = N_("The template asks for this; Enter goes on, Esc goes back.")};
		int wide = draw_width(&(struct draw){.g = &v->ui->grid}, label.p);
		cols = wide > cols ? wide : cols;
		if (wide > LABEL_COLS_MOST) /* of which only the beginning is seen */
			fields[i].hint = fields[i].label;
	}
	form_view_init(v, fields, t->gaps.n);
	t->f.arena = labels;
	form_set_labels(&t->f.form, (cols < LABEL_COLS_MOST ? cols : LABEL_COLS_MOST) + 2);
	t->f.title = N_("Template");
	t->f.head = form_view_head(&t->f.arena, a->name, NULL);
	t->f.save = save;
	return 0;
}

static const struct view_ops template_form_ops = {
	.name = "template-form",
	.where = WHERE_FORM,
	.data_size = sizeof(struct template_form),
	.hints = form_view_hints,
	.open = template_form_open_view,
	.close = form_view_close,
	.key = form_view_key,
	.action = template_form_action,
	.recalc = form_view_recalc,
	.paint = form_view_paint,
	.cursor = form_view_cursor,
	.title = form_view_title,
};

void template_form_open(struct ui *ui, const struct template_form_args *a)
{
	ui_push(ui, &template_form_ops, a);
}
