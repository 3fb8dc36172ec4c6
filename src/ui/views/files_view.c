/*
 * files_view.c - choose a file: the entries of one folder, narrowed by typing. Enter goes into a
 * folder or takes the file, Backspace with nothing typed goes up, "~" and "/" jump, "." shows what
 * is hidden.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "body.h"
#include "files.h"
#include "prompt.h"

struct files_data {
	struct prompt prompt;
	struct files_args args;
	char *dir, *title;
	int64_t generation;
	struct folder_job *shown; /* NULL = no answer yet */
	struct prompt_row *rows;
	size_t *index; /* of the entry of each row */
	size_t n_rows;
	struct arena arena; /* of the rows */
	bool has_chosen;    /* Enter came before the answer */
};

static void drop_shown(struct files_data *d)
{
	if (d->shown)
		d->shown->job.free(&d->shown->job);
	d->shown = NULL;
	free(d->rows);
	free(d->index);
	d->rows = NULL;
	d->index = NULL;
	d->n_rows = d->prompt.n = 0;
	arena_reset(&d->arena);
}

static void go(struct view *v, char *dir)
{
	struct files_data *d = v->data;
	CLEANUP(buf_release) struct buf title = BUF_INIT(8192);

	files_add_short(&title, dir);
	if (strcmp(dir, "/") != 0)
		buf_addch(&title, '/');
	drop_shown(d);
	free(d->dir);
	free(d->title);
	d->dir = dir;
	d->title = xstrdup(title.p);
	editor_set(&d->prompt.input, "");
	d->prompt.sel = 0;
	d->has_chosen = false;
	ui_submit(v, &folder_job_new(dir, ++d->generation)->job);
}

static int files_open(struct view *v, const void *args, struct err *e)
{
	struct files_data *d = v->data;

	(void)e;
	d->args = *(const struct files_args *)args;
	d->arena = ARENA_INIT;
	prompt_init(&d->prompt);
	go(v, xstrdup(d->args.dir));
	return 0;
}

static void files_close(struct view *v)
{
	struct files_data *d = v->data;

	drop_shown(d);
	arena_release(&d->arena);
	prompt_release(&d->prompt);
	free(d->dir);
	free(d->title);
}

static const char *detail(struct files_data *d, const struct folder_entry *f, int64_t now)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(200);

	if (!f->is_dir) {
		body_add_size(&b, (size_t)f->size);
		buf_addstr(&b, "  ");
	}
	when_short(&b, f->changed_at, now);
	return arena_strndup(&d->arena, b.p, b.len);
}

/* Hidden entries are rows only while something typed begins with a dot. */
static void make_rows(struct view *v)
{
	struct files_data *d = v->data;
	const struct folder_job *j = d->shown;
	bool has_hidden = d->prompt.input.text.p[0] == '.';

	free(d->rows);
	free(d->index);
	arena_reset(&d->arena);
	d->rows = xcalloc(j->n + 1, sizeof(*d->rows));
	d->index = xcalloc(j->n + 1, sizeof(*d->index));
	d->n_rows = 0;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].name[0] == '.' && !has_hidden)
			continue;
		d->index[d->n_rows] = i;
		d->rows[d->n_rows++] =
			(struct prompt_row){j->v[i].label, detail(d, &j->v[i], ui_now(v->ui))};
	}
	prompt_match(&d->prompt, d->rows, d->n_rows);
}

static void choose(struct view *v)
{
	struct files_data *d = v->data;
	const struct folder_entry *f = &d->shown->v[d->index[d->prompt.match[d->prompt.sel]]];
	struct files_args a = d->args;
	struct ui *ui = v->ui;
	char *path = fsx_join(d->dir, f->name);

	if (f->is_dir) {
		go(v, path);
		return;
	}
	free(ui->attach_dir);
	ui->attach_dir = xstrdup(d->dir);
	ui_pop(ui);
	a.chosen(ui, path);
	free(path);
}

static void go_up(struct view *v)
{
	struct files_data *d = v->data;
	char *slash = strrchr(d->dir, '/');

	if (slash)
		go(v, slash == d->dir ? xstrdup("/") : xstrndup(d->dir, (size_t)(slash - d->dir)));
}

static void files_reply(struct view *v, struct job *j)
{
	struct files_data *d = v->data;

	view_mark(v, DIRTY_PAINT);
	if (j->generation != d->generation) {
		j->free(j);
		return;
	}
	if (j->err.code != ERR_NONE)
		ui_error(v->ui, &j->err);
	drop_shown(d);
	d->shown = (struct folder_job *)j;
	make_rows(v);
	if (d->has_chosen && d->prompt.n > 0)
		choose(v);
	else
		d->has_chosen = false;
}

/* A path that was typed or pasted leads there at once. */
static bool jump(struct view *v)
{
	struct files_data *d = v->data;
	const char *text = d->prompt.input.text.p;

	if (strcmp(text, "/") == 0)
		go(v, xstrdup("/"));
	else if (strcmp(text, "~") == 0)
		go(v, files_home());
	else
		return false;
	return true;
}

static enum view_result paste(struct view *v, const struct key *k)
{
	struct files_data *d = v->data;
	void (*chosen)(struct ui *, const char *) = d->args.chosen;
	struct ui *ui = v->ui;
	char *paths[1];

	if (files_parse(k->paste, k->paste_len, paths, 1) != 1)
		return VIEW_IGNORED;
	ui_pop(ui);
	chosen(ui, paths[0]);
	free(paths[0]);
	return VIEW_HANDLED;
}

static enum view_result files_key(struct view *v, const struct key *k)
{
	struct files_data *d = v->data;
	bool is_empty = d->prompt.input.text.len == 0;

	view_mark(v, DIRTY_PAINT);
	if (k->code == UKEY_PASTE && paste(v, k) == VIEW_HANDLED)
		return VIEW_HANDLED;
	if ((k->code == UKEY_BACKSPACE || k->code == UKEY_LEFT) && is_empty) {
		go_up(v);
		return VIEW_HANDLED;
	}
	if (prompt_key(&d->prompt, k)) {
		if (!jump(v) && d->shown)
			make_rows(v);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (k->code != UKEY_ENTER)
		return VIEW_IGNORED;
	if (!d->shown)
		d->has_chosen = true;
	else if (d->prompt.n > 0)
		choose(v);
	return VIEW_HANDLED;
}

static const char *what_to_do(const struct files_data *f)
{
	if (f->shown && f->prompt.n == 0 && f->prompt.input.text.len > 0)
		return _("Nothing of that name here.");
	if (f->shown && f->n_rows == 0)
		return _("This folder is empty. Backspace goes up.");
	if (f->args.hint)
		return _(f->args.hint);
	return _("Enter opens or attaches · Backspace goes up · ~ home · . hidden");
}

static void files_paint(const struct view *v, const struct draw *d)
{
	const struct files_data *f = v->data;
	const char *hint = what_to_do(f);
	int row, col;

	prompt_paint(&f->prompt, d, f->title, f->rows);
	prompt_cursor(&f->prompt, d->rows, d->cols, f->title, &row, &col);
	if (col + 4 + draw_width(d, hint) < d->cols)
		draw_text_right(d, row, d->cols - 1, d->cols, STYLE_DIM, hint);
}

static bool files_cursor(const struct view *v, int *row, int *col)
{
	const struct files_data *d = v->data;

	prompt_cursor(&d->prompt, v->rows, v->cols, d->title, row, col);
	return true;
}

static const enum action hints[] = {ACTION_NONE};

const struct view_ops files_view_ops = {
	.name = "files",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct files_data),
	.hints = hints,
	.open = files_open,
	.close = files_close,
	.reply = files_reply,
	.key = files_key,
	.paint = files_paint,
	.cursor = files_cursor,
};
