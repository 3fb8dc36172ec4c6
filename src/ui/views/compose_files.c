/*
 * compose_files.c - the attachments of a message being written: taken over when they are attached,
 * so that what happens to the file afterwards does not matter; listed below the text; kept beside
 * the draft.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/outbox_file.h"
#include "ui/ui_core.h"
#include "body.h"
#include "compose.h"

#define FILE_ROWS_MAX 4
#define NAME_SHOWN_MAX 60

static void release(struct compose_file *f)
{
	free(f->name);
	free(f->type);
	free(f->data);
	*f = (struct compose_file){.id = 0};
}

static void drop_offer(struct compose_data *d)
{
	if (d->offer)
		d->offer->job.free(&d->offer->job);
	free(d->pasted);
	d->offer = NULL;
	d->pasted = NULL;
}

void compose_files_release(struct compose_data *d)
{
	for (size_t i = 0; i < d->n_files; i++)
		release(&d->files[i]);
	release(&d->gone);
	drop_offer(d);
}

size_t compose_files_bytes(const struct compose_data *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_files; i++)
		n += d->files[i].len;
	return n;
}

void compose_files_take(struct compose_data *d)
{
	for (size_t i = 0; i < d->draft.n_attachments && d->n_files < FILES_MAX; i++) {
		const struct compose_attachment *a = &d->draft.attachments[i];
		struct compose_file *f = &d->files[d->n_files++];

		*f = (struct compose_file){
			.id = d->draft.attachment_ids ? d->draft.attachment_ids[i] : 0,
			.name = xstrdup(a->filename),
			.type = xstrdup(a->type ? a->type : compose_type_of(a->filename)),
			.data = xmalloc(a->len + 1),
			.len = a->len};
		memcpy(f->data, a->data, a->len);
	}
}

void compose_files_store(struct view *v)
{
	struct compose_data *d = compose_data_of(v);

	for (size_t i = 0; i < d->n_files && d->outbox; i++) {
		struct compose_file *f = &d->files[i];
		const struct outbox_file o = {
			.name = f->name, .type = f->type, .data = f->data, .len = f->len};

		if (!f->id)
			outbox_file_add(v->ui->o.store, d->outbox, &o, &f->id);
	}
}

/* ---- attaching ---- */

static void submit(struct view *v, enum files_kind kind, char *const paths[], size_t n)
{
	struct compose_data *d = compose_data_of(v);
	size_t used = compose_files_bytes(d);

	d->is_holding = true;
	d->is_reading = kind == FILES_READ;
	ui_submit(v,
		&files_job_new(kind, paths, n, used < FILES_BYTES_MAX ? FILES_BYTES_MAX - used : 0,
			++d->files_generation)
			 ->job);
}

void compose_files_attach(struct view *v, const char *path)
{
	char *copy = xstrdup(path);

	submit(v, FILES_READ, &copy, 1);
}

static void add(struct compose_data *d, struct file_found *f)
{
	char *name = fsx_safe_name(f->name, "attachment");

	d->files[d->n_files++] = (struct compose_file){.name = name,
		.type = xstrdup(compose_type_of(name)),
		.data = f->data,
		.len = f->len};
	f->data = NULL;
}

static void add_read(struct view *v, struct files_job *j)
{
	struct compose_data *d = compose_data_of(v);
	size_t before = d->n_files;

	for (size_t i = 0; i < j->n_found && d->n_files < FILES_MAX; i++)
		add(d, &j->v[i]);
	if (d->n_files > before)
		compose_edited(v);
	if (j->job.err.code != ERR_NONE)
		ui_error(v->ui, &j->job.err);
	else if (d->n_files - before < j->n_found)
		ui_info(v->ui, _("One mail holds %d attachments at most."), FILES_MAX);
	else if (compose_files_bytes(d) > FILES_BYTES_WARN)
		ui_info(v->ui, "%s",
			_("With this the mail is larger than 25 MB: many servers refuse that."));
}

static void paste_text(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	char *text = d->pasted;

	d->pasted = NULL;
	drop_offer(d);
	if (text)
		editor_insert(&d->fields[d->focus], text, strlen(text));
	compose_edited(v);
	free(text);
}

void compose_files_reply(struct view *v, struct job *job)
{
	struct compose_data *d = compose_data_of(v);
	struct files_job *j = (struct files_job *)job;

	if (job->generation != d->files_generation) {
		job->free(job);
		return;
	}
	d->is_holding = d->is_reading = false;
	if (job->kind == FILES_LOOK && j->n_found == j->n) {
		d->offer = j;
		return;
	}
	if (job->kind == FILES_LOOK)
		paste_text(v);
	else
		add_read(v, j);
	job->free(job);
}

bool compose_files_paste(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);
	char *paths[FILES_MAX];
	size_t n;

	if (k->code != UKEY_PASTE || (d->focus != FIELD_BODY && d->focus != FIELD_SUBJECT))
		return false;
	n = files_parse(k->paste, k->paste_len, paths, FILES_MAX);
	if (n == 0)
		return false;
	drop_offer(d);
	d->pasted = xstrndup(k->paste, k->paste_len);
	submit(v, FILES_LOOK, paths, n);
	return true;
}

bool compose_files_offer_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);
	bool is_alt_a = k->code == 'a' && k->mods == KEY_ALT;
	char *paths[FILES_MAX];
	size_t n;

	if (!d->offer)
		return false;
	if (k->code != UKEY_ENTER && !is_alt_a) {
		paste_text(v);
		return k->code == UKEY_ESC; /* any other key is meant for the text */
	}
	n = d->offer->n;
	for (size_t i = 0; i < n; i++)
		paths[i] = xstrdup(d->offer->v[i].path);
	drop_offer(d);
	submit(v, FILES_READ, paths, n);
	return true;
}

/* ---- the list ---- */

static void remove_selected(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct compose_file *f = &d->files[d->file_sel];

	if (f->id)
		outbox_file_drop(v->ui->o.store, f->id);
	release(&d->gone);
	d->gone = *f;
	d->gone.id = 0;
	d->gone_at = d->file_sel;
	memmove(f, f + 1, (d->n_files - d->file_sel - 1) * sizeof(*f));
	d->n_files--;
	if (d->file_sel >= d->n_files)
		d->file_sel = d->n_files > 0 ? d->n_files - 1 : 0;
	/* TRANSLATORS: the placeholder is a file name */
	ui_info(v->ui, _("%s is no longer attached. Ctrl-Z attaches it again."), d->gone.name);
	compose_edited(v);
}

bool compose_files_undo(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	size_t at = d->gone_at;

	if (!d->gone.name || d->n_files == FILES_MAX)
		return false;
	memmove(&d->files[at + 1], &d->files[at], (d->n_files - at) * sizeof(*d->files));
	d->files[at] = d->gone;
	d->gone = (struct compose_file){.id = 0};
	d->n_files++;
	d->file_sel = at;
	compose_edited(v);
	return true;
}

bool compose_files_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);

	if (d->focus != FIELD_FILES)
		return false;
	if (k->code == UKEY_DOWN && d->file_sel + 1 < d->n_files)
		d->file_sel++;
	else if (k->code == UKEY_UP && d->file_sel > 0)
		d->file_sel--;
	else if ((k->code == UKEY_DELETE || k->code == UKEY_BACKSPACE) && d->n_files > 0)
		remove_selected(v);
	else
		return k->code == UKEY_ENTER || k->code == UKEY_DOWN;
	return true;
}

/* ---- cells ---- */

int compose_files_rows(const struct view *v)
{
	const struct compose_data *d = compose_data_of(v);
	int max = v->rows < 12 ? 1 : FILE_ROWS_MAX;

	return d->n_files < (size_t)max ? (int)d->n_files : max;
}

static void paint_file(const struct view *v, const struct draw *d, int row, size_t i)
{
	const struct compose_data *c = compose_data_of(v);
	const struct compose_file *f = &c->files[i];
	CLEANUP(buf_release) struct buf size = BUF_INIT(64);
	int col = 1;

	body_add_size(&size, f->len);
	col += draw_symbol(d, row, col, STYLE_DIM, SYM_ATTACHMENT) + 1;
	col += draw_text(d, row, col, NAME_SHOWN_MAX, STYLE_NORMAL, f->name) + 2;
	col += draw_text(d, row, col, d->cols - col, STYLE_DIM, size.p) + 3;
	if (c->focus == FIELD_FILES && i == c->file_sel) {
		draw_text(d, row, col, d->cols - col, STYLE_DIM, _("Del removes"));
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

void compose_files_paint(const struct view *v, const struct draw *d)
{
	const struct compose_data *c = compose_data_of(v);
	size_t rows = (size_t)compose_files_rows(v), top = 0;

	if (rows == 0)
		return;
	if (c->focus == FIELD_FILES && c->file_sel >= rows)
		top = c->file_sel - rows + 1;
	for (size_t i = 0; i < rows; i++)
		paint_file(v, d, (int)i, top + i);
	if (c->n_files > rows && c->focus != FIELD_FILES)
		draw_textf(d, (int)rows - 1, d->cols / 2, d->cols - d->cols / 2, STYLE_DIM,
			ngettext("and %d more", "and %d more", (unsigned long)(c->n_files - rows)),
			(int)(c->n_files - rows));
}

void compose_files_paint_offer(const struct view *v, const struct draw *d, int row)
{
	const struct compose_data *c = compose_data_of(v);
	const struct files_job *o = c->offer;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	CLEANUP(buf_release) struct buf size = BUF_INIT(64);
	size_t bytes = 0;
	int col = 2;

	for (size_t i = 0; i < o->n; i++)
		bytes += o->v[i].len;
	body_add_size(&size, bytes);
	if (o->n == 1)
		/* TRANSLATORS: a file's name and its size */
		buf_addf(&b, _("Attach %s, %s?"), o->v[0].name, size.p);
	else
		/* TRANSLATORS: how many, and their size together */
		buf_addf(&b,
			ngettext("Attach %d file, %s?", "Attach %d files, %s?",
				(unsigned long)o->n),
			(int)o->n, size.p);
	col += draw_text(d, row, col, d->cols - col, STYLE_BOLD, b.p) + 3;
	draw_text(d, row, col, d->cols - col, STYLE_ACCENT,
		_("Enter attaches · Esc pastes the text"));
}
