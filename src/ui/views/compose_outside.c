/*
 * compose_outside.c - the text written in the user's own editor. It works on a file in the data
 * folder, so that what the editor saved outlives us, the session and the machine's next start: the
 * draft takes it when it is opened again.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "compose.h"

static char *file_path(const struct store *s, int64_t outbox)
{
	CLEANUP(free_str) char *name = xasprintf("edit/draft-%lld.txt", (long long)outbox);

	return store_path(s, name);
}

static int write_out(struct view *v, const char *path, struct err *e)
{
	const struct buf *text = &compose_data_of(v)->fields[FIELD_BODY].text;
	CLEANUP(free_str) char *dir = store_path(v->ui->o.store, "edit");
	CLEANUP(buf_release) struct buf b = BUF_INIT(EDITOR_MAX + 1);

	buf_add(&b, text->p, text->len);
	if (b.len > 0 && b.p[b.len - 1] != '\n')
		buf_addch(&b, '\n');
	return fsx_mkdir_p(dir, e) || fsx_write_file(path, b.p, b.len, true, e) ? -1 : 0;
}

/* Editors end the last line; that the text did not is no change. */
static void put_text(struct editor *e, const struct buf *b)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(EDITOR_MAX * 4);
	size_t n;

	utf8_sanitise(&clean, b->p, b->len, SANITISE_KEEP_ZW);
	n = clean.len;
	if (n > 0 && clean.p[n - 1] == '\n' &&
		(e->text.len == 0 || e->text.p[e->text.len - 1] != '\n'))
		n--;
	if (n == e->text.len && memcmp(clean.p, e->text.p, n) == 0)
		return;
	editor_replace(e, 0, e->text.len, clean.p, n);
	e->cur = e->anchor = 0;
}

/* False: it stays in the file. */
static bool take(struct view *v, const char *path, struct err *e)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *body = &d->fields[FIELD_BODY];
	CLEANUP(buf_release) struct buf b = BUF_INIT(EDITOR_MAX + 1);
	unsigned changes = body->changes;

	if (fsx_read_file(path, &b, e))
		return false;
	put_text(body, &b);
	if (body->is_full) {
		body->is_full = false;
		err_set(e, ERR_TOOBIG, "%s", _("The text is longer than 4 MB."));
		return false;
	}
	if (body->changes != changes)
		compose_edited(v);
	IGNORE_RESULT(unlink(path), "what stays is taken once more, which changes nothing");
	return true;
}

void compose_outside_resume(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	CLEANUP(free_str) char *path = file_path(v->ui->o.store, d->outbox);
	unsigned changes = d->fields[FIELD_BODY].changes;
	struct err e = ERR_INIT;

	if (!fsx_exists(path))
		return;
	if (!take(v, path, &e))
		ui_error(v->ui, &e);
	else if (d->fields[FIELD_BODY].changes != changes)
		ui_info(v->ui, "%s",
			_("This is what your editor saved last. Ctrl-Z brings the draft's own text "
			  "back."));
}

void compose_outside(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;
	CLEANUP(free_str) char *path = NULL;
	struct err e = ERR_INIT, last = ERR_INIT;

	if (!ui->terminal.edit)
		return;
	compose_keep(v); /* the file belongs to a draft */
	path = file_path(ui->o.store, d->outbox);
	if (write_out(v, path, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (ui->terminal.edit(ui->terminal.ctx, path, &e) == 0 || e.code == ERR_CANCELLED)
		take(v, path, &last);
	else
		IGNORE_RESULT(unlink(path), "the text is here as it was");
	if (last.code != ERR_NONE)
		ui_error(ui, &last);
	else if (e.code == ERR_CANCELLED) /* which ui_error() keeps to itself */
		ui_info(ui, "%s", e.msg);
	else if (e.code != ERR_NONE)
		ui_error(ui, &e);
	view_mark(v, DIRTY_RECALC);
}
