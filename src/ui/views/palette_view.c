/* palette_view.c - every command by its name: those of the screen below, with their keys. */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"
#include "prompt.h"
#include "views.h"

struct palette_data {
	struct prompt prompt;
	struct arena arena;
	struct prompt_row rows[ACTION_COUNT];
	enum action actions[ACTION_COUNT];
	size_t n;
};

static int palette_open(struct view *v, const void *args, struct err *e)
{
	struct palette_data *d = v->data;
	const struct view *below = ui_below(v);

	(void)args;
	(void)e;
	prompt_init(&d->prompt);
	d->arena = ARENA_INIT;
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		CLEANUP(buf_release) struct buf key = BUF_INIT(256);
		const struct action_info *info = &action_table[a];

		if (!below || !(info->where & below->ops->where) || a == ACTION_PALETTE)
			continue;
		keymap_add_key(&v->ui->keymap, (enum action)a, true, &key);
		d->rows[d->n].label = arena_printf(&d->arena, "%s: %s", info->name, _(info->help));
		d->rows[d->n].detail = arena_strdup(&d->arena, key.p);
		d->actions[d->n++] = (enum action)a;
	}
	prompt_match(&d->prompt, d->rows, d->n);
	return 0;
}

static void palette_close(struct view *v)
{
	struct palette_data *d = v->data;

	prompt_release(&d->prompt);
	arena_release(&d->arena);
}

static enum view_result palette_key(struct view *v, const struct key *k)
{
	struct palette_data *d = v->data;
	struct ui *ui = v->ui;
	enum action chosen = ACTION_NONE;

	if (prompt_key(&d->prompt, k)) {
		prompt_match(&d->prompt, d->rows, d->n);
		view_mark(v, DIRTY_PAINT);
		return VIEW_HANDLED;
	}
	if (k->code != UKEY_ENTER && k->code != UKEY_ESC)
		return VIEW_IGNORED;
	if (k->code == UKEY_ENTER && d->prompt.n > 0)
		chosen = d->actions[d->prompt.match[d->prompt.sel]];
	ui_pop(ui);
	if (chosen != ACTION_NONE && ui_do(ui, chosen) == VIEW_IGNORED)
		ui_info(ui, "%s", _("There is nothing to do that with."));
	return VIEW_HANDLED;
}

static void palette_paint(const struct view *v, const struct draw *d)
{
	const struct palette_data *p = v->data;

	prompt_paint(&p->prompt, d, ":", p->rows);
}

static bool palette_cursor(const struct view *v, int *row, int *col)
{
	const struct palette_data *d = v->data;

	prompt_cursor(&d->prompt, v->rows, v->cols, ":", row, col);
	return true;
}

static const enum action hints[] = {ACTION_FORM_CHOOSE, ACTION_FORM_BACK, ACTION_NONE};

const struct view_ops palette_view_ops = {
	.name = "palette",
	.where = WHERE_PROMPT,
	.is_overlay = true,
	.data_size = sizeof(struct palette_data),
	.hints = hints,
	.open = palette_open,
	.close = palette_close,
	.key = palette_key,
	.paint = palette_paint,
	.cursor = palette_cursor,
};
