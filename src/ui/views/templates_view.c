/*
 * templates_view.c - choose a template for the mail that is written: narrowed by typing, the one
 * under the cursor shown as it would stand in the mail.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "question.h"
#include "templates.h"
#include "views.h"

/* `lang`: with crmail's own templates of that language; NULL = as it is. */
static void ask(struct view *v, const struct templates_args *a, const char *lang)
{
	struct templates_data *d = templates_data_of(v);
	struct store *s = v->ui->o.store;
	CLEANUP(free_str) char *dir = store_path(s, "templates");
	struct templates_job *j = templates_job_new(s, dir, a, ++d->generation);

	j->now = ui_now(v->ui);
	if (lang) {
		j->starters = xstrdup(v->ui->o.starters);
		snprintf(j->lang, sizeof(j->lang), "%s", lang);
	}
	ui_submit(v, &j->job);
}

static int templates_open_view(struct view *v, const void *args, struct err *e)
{
	struct templates_data *d = templates_data_of(v);

	(void)e;
	d->args = *(const struct templates_args *)args;
	d->arena = ARENA_INIT;
	d->subject = BUF_INIT(MAIL_TEMPLATE_FILLED);
	d->text = BUF_INIT(MAIL_TEMPLATE_FILLED);
	prompt_init(&d->prompt);
	editor_init(&d->preview, false);
	ask(v, &d->args, NULL);
	return 0;
}

static void drop_shown(struct templates_data *d)
{
	if (d->shown)
		d->shown->job.free(&d->shown->job);
	d->shown = NULL;
	d->filled = NULL;
	free(d->rows);
	d->rows = NULL;
	arena_reset(&d->arena);
}

static void templates_close(struct view *v)
{
	struct templates_data *d = templates_data_of(v);

	drop_shown(d);
	arena_release(&d->arena);
	buf_release(&d->subject);
	buf_release(&d->text);
	editor_release(&d->preview);
	prompt_release(&d->prompt);
}

const struct template_file *templates_current(const struct templates_data *d)
{
	if (!d->shown || d->prompt.n == 0)
		return NULL;
	return &d->shown->list.v[d->prompt.match[d->prompt.sel]];
}

/* ---- filling ---- */

static int zone_min(int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

/* A subject is one line, whatever was typed into the form. */
static void one_line(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->p[i] < 0x20)
			b->p[i] = ' ';
	buf_rtrim(b);
}

static int fill(struct view *v, const struct mail_template *t,
	const struct mail_template_values *values, struct err *e)
{
	struct templates_data *d = templates_data_of(v);

	buf_reset(&d->subject);
	buf_reset(&d->text);
	d->gaps.n = 0;
	if (t->subject && mail_template_fill(t->subject, values, &d->subject, &d->gaps, e))
		return -1;
	one_line(&d->subject);
	return mail_template_fill(t->body, values, &d->text, &d->gaps, e);
}

bool templates_fill(struct view *v, const struct mail_template_value *answers, size_t n)
{
	struct templates_data *d = templates_data_of(v);
	const struct template_file *f = templates_current(d);
	struct mail_template_values values;
	struct mail_template_value *all;
	struct err e = ERR_INIT;
	int rc;

	if (!f || !f->t)
		return false;
	values = d->shown->values;
	all = xcalloc(values.n + n + 1, sizeof(*all));
	if (n > 0)
		memcpy(all, answers, n * sizeof(*all));
	if (values.n > 0)
		memcpy(all + n, values.v, values.n * sizeof(*all));
	values.v = all;
	values.n += n;
	values.now = ui_now(v->ui);
	values.utc_offset_min = zone_min(values.now);
	values.lang = f->t->lang;
	rc = fill(v, f->t, &values, &e);
	if (rc)
		ui_error(v->ui, &e);
	free(all);
	return rc == 0;
}

/* The preview is of the one under the cursor. */
static void show_current(struct view *v)
{
	struct templates_data *d = templates_data_of(v);
	const struct template_file *f = templates_current(d);

	if (f == d->filled)
		return;
	d->filled = f;
	editor_set(&d->preview, "");
	if (f && f->t && templates_fill(v, NULL, 0))
		editor_set(&d->preview, d->text.p);
}

static const char *label_of(struct arena *a, const struct template_file *f)
{
	return *f->folder ? arena_printf(a, "%s/%s", f->folder, f->name) : f->name;
}

/* The cursor stays on the template it is on. */
static void show(struct view *v, struct templates_job *j)
{
	struct templates_data *d = templates_data_of(v);
	const struct template_file *f = templates_current(d);
	CLEANUP(free_str) char *kept = f ? xstrdup(f->path) : NULL;

	drop_shown(d);
	d->shown = j;
	d->rows = xcalloc(j->list.n + 1, sizeof(*d->rows));
	for (size_t i = 0; i < j->list.n; i++)
		d->rows[i] = (struct prompt_row){label_of(&d->arena, &j->list.v[i]), NULL};
	prompt_match(&d->prompt, d->rows, j->list.n);
	for (size_t i = 0; kept && i < d->prompt.n; i++)
		if (strcmp(j->list.v[d->prompt.match[i]].path, kept) == 0)
			d->prompt.sel = i;
	show_current(v);
	if (j->list.is_cut)
		ui_info(v->ui, _("Only %d templates are shown."), TEMPLATES_MOST);
}

static void tell_installed(struct view *v, const struct templates_job *j)
{
	size_t n = j->installed.n_new;

	if (j->starters && j->job.err.code == ERR_NONE)
		ui_info(v->ui,
			ngettext("%zu template installed.", "%zu templates installed.",
				(unsigned long)n),
			n);
}

static void templates_reply(struct view *v, struct job *j)
{
	struct templates_data *d = templates_data_of(v);

	if (j->generation == d->generation && j->err.code != ERR_NONE)
		ui_error(v->ui, &j->err);
	/* What was read before is worth more than nothing; and what a form above asks about stays:
	 * the list is read again when the form is gone. */
	if (j->generation != d->generation || (j->err.code != ERR_NONE && d->shown) ||
		(d->shown && ui_top(v->ui) != v)) {
		j->free(j);
		return;
	}
	tell_installed(v, (struct templates_job *)j);
	show(v, (struct templates_job *)j);
	view_mark(v, DIRTY_RECALC);
}

/* ---- choosing ---- */

static void done(struct ui *ui, struct view *v)
{
	struct templates_data *d = templates_data_of(v);
	void (*chosen)(struct ui *, const struct template_chosen *) = d->args.chosen;
	const struct template_file *f = templates_current(d);
	CLEANUP(free_str) char *subject = buf_steal(&d->subject, NULL);
	CLEANUP(free_str) char *text = buf_steal(&d->text, NULL);
	const struct template_chosen t = {subject, text};

	template_used(ui->o.store, f->path);
	ui_pop(ui);
	chosen(ui, &t);
}

static void answered(struct ui *ui, const struct mail_template_value *answers, size_t n)
{
	struct view *v = ui_top(ui);

	if (templates_fill(v, answers, n))
		done(ui, v);
}

static void tell_why_not(struct view *v, const struct template_file *f)
{
	/* TRANSLATORS: a file, and what is wrong with it */
	ui_info(v->ui, _("%s cannot be used: %s"), f->path, f->why);
}

static void choose(struct view *v)
{
	struct templates_data *d = templates_data_of(v);
	const struct template_file *f = templates_current(d);
	struct template_form_args a = {.answered = answered};

	if (!f)
		return;
	if (!f->t) {
		tell_why_not(v, f);
		return;
	}
	if (!templates_fill(v, NULL, 0))
		return;
	if (d->gaps.n == 0) {
		done(v->ui, v);
		return;
	}
	a.t = f->t;
	a.name = f->name;
	a.gaps = &d->gaps;
	template_form_open(v->ui, &a);
}

/* ---- those that crmail brings ---- */

static const struct {
	char key;
	const char *name, *lang;
} starters[] = {{'e', "English", "en"}, {'d', "Deutsch", "de"}, {'v', "Tiếng Việt", "vi"}};

static void ask_again(struct view *v, const char *lang)
{
	struct templates_data *d = templates_data_of(v);
	struct templates_args a = d->args;

	if (!d->shown)
		return;
	a.who = d->shown->who;
	a.text = d->shown->text;
	ask(v, &a, lang);
}

static void install(struct ui *ui, int64_t id, int64_t about)
{
	(void)about;
	ask_again(ui_top(ui), starters[id].lang);
}

static void ask_install(struct view *v)
{
	struct question_args q = {.question = _("Ten templates to begin with: in which language?"),
		.detail = _("They become files of yours; one that is there stays as it is."),
		.chosen = install};

	if (!v->ui->o.starters || !templates_data_of(v)->shown)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(starters); i++)
		q.choices[q.n++] =
			(struct question_choice){starters[i].key, starters[i].name, (int64_t)i};
	question_ask(v->ui, &q);
}

/* ---- the files ---- */

/* With what was written already. */
static void begin_new(struct view *v)
{
	struct templates_data *d = templates_data_of(v);
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_TEMPLATE_BYTES * 2);
	struct template_edit_args a = {.path = NULL};

	if (!d->shown)
		return;
	buf_addf(&text, "---\nname: %s\nabout: \nsubject: \n---\n\n", _("New template"));
	text_add(&text, d->shown->text ? d->shown->text : "");
	a.text = text.p;
	ui_push(v->ui, &template_edit_view_ops, &a);
}

static enum view_result templates_action(struct view *v, enum action act)
{
	const struct template_file *f = templates_current(templates_data_of(v));
	const struct template_edit_args edit = {f ? f->path : NULL, f ? f->text : NULL};
	const struct template_versions_args versions = {edit.path, edit.text};

	switch ((int)act) {
	case ACTION_TEMPLATE_INSTALL:
		ask_install(v);
		return VIEW_HANDLED;
	case ACTION_TEMPLATE_NEW:
		begin_new(v);
		return VIEW_HANDLED;
	case ACTION_TEMPLATE_EDIT:
		if (f && f->is_unread)
			tell_why_not(v, f);
		else if (f)
			ui_push(v->ui, &template_edit_view_ops, &edit);
		return VIEW_HANDLED;
	case ACTION_TEMPLATE_VERSIONS:
		if (f && f->is_unread)
			tell_why_not(v, f);
		else if (f)
			ui_push(v->ui, &template_versions_view_ops, &versions);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* The file may be another by now. */
static void templates_resume(struct view *v)
{
	ask_again(v, NULL);
}

static enum view_result templates_key(struct view *v, const struct key *k)
{
	struct templates_data *d = templates_data_of(v);

	view_mark(v, DIRTY_RECALC);
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ENTER) {
		choose(v);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_PGDN || k->code == UKEY_PGUP)
		return editor_key(&d->preview, k) ? VIEW_HANDLED : VIEW_IGNORED;
	if (!prompt_key(&d->prompt, k))
		return VIEW_IGNORED;
	if (d->shown)
		prompt_match(&d->prompt, d->rows, d->shown->list.n);
	show_current(v);
	return VIEW_HANDLED;
}

static int templates_recalc(struct view *v, struct err *e)
{
	struct templates_data *d = templates_data_of(v);
	struct templates_layout l = templates_layout_of(v);

	(void)e;
	editor_wrap(&d->preview, l.preview_cols, l.preview_rows);
	return 0;
}

static void templates_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct templates_data *d = templates_data_of(v);

	buf_addstr(left, _("Templates"));
	if (d->shown)
		buf_addf(right,
			ngettext("%d template", "%d templates", (unsigned long)d->shown->list.n),
			(int)d->shown->list.n);
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_TEMPLATE_EDIT,
	ACTION_TEMPLATE_NEW, ACTION_TEMPLATE_VERSIONS, ACTION_TEMPLATE_INSTALL, ACTION_NONE};

static const struct view_ops templates_view_ops = {
	.name = "templates",
	.where = WHERE_TEMPLATES,
	.data_size = sizeof(struct templates_data),
	.hints = hints,
	.open = templates_open_view,
	.close = templates_close,
	.reply = templates_reply,
	.key = templates_key,
	.action = templates_action,
	.resume = templates_resume,
	.recalc = templates_recalc,
	.paint = templates_paint,
	.cursor = templates_cursor,
	.title = templates_title,
};

void templates_open(struct ui *ui, const struct templates_args *a)
{
	ui_push(ui, &templates_view_ops, a);
}
