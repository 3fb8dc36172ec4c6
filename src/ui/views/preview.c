/* preview.c - asks for the body, wraps its own words, paints them. */
#include "config.h"

#include "preview.h"

#include <string.h>

#include "body.h"
#include "crmail/base/i18n.h"
#include "ui/ui_core.h"

void preview_init(struct preview *p)
{
	*p = (struct preview){.arena = ARENA_INIT};
}

void preview_release(struct preview *p)
{
	body_free(p->body);
	arena_release(&p->arena);
}

static void forget_lines(struct preview *p)
{
	arena_reset(&p->arena);
	p->lines = NULL;
	p->texts = NULL;
	p->styles = NULL;
	p->n = p->cap = 0;
	p->width = 0;
}

void preview_want(struct preview *p, struct view *v, int64_t message)
{
	if (message == p->message)
		return;
	p->message = message;
	body_free(p->body);
	p->body = NULL;
	forget_lines(p);
	if (message)
		ui_submit(v, &open_job_new(JOB_PREVIEW, 0, message, ++p->generation)->job);
}

void preview_take(struct preview *p, struct job *j)
{
	struct open_job *o = (struct open_job *)j;

	if (j->generation == p->generation && o->n_bodies > 0) {
		body_free(p->body);
		p->body = o->bodies[0];
		o->n_bodies = 0;
		forget_lines(p);
	}
	j->free(j);
}

static void add_block(struct preview *p, const struct render_block *b, int width)
{
	struct wrap_line *w = NULL;
	size_t n = render_wrap(&p->arena, b->text, (unsigned)width, &w);
	size_t cap = p->cap;

	p->lines = arena_grow(&p->arena, p->lines, &cap, p->n + n, sizeof(*p->lines));
	cap = p->cap;
	p->texts = arena_grow(&p->arena, p->texts, &cap, p->n + n, sizeof(*p->texts));
	cap = p->cap;
	p->styles = arena_grow(&p->arena, p->styles, &cap, p->n + n, sizeof(*p->styles));
	p->cap = cap;
	for (size_t i = 0; i < n; i++) {
		p->lines[p->n] = w[i];
		p->texts[p->n] = b->text.p;
		p->styles[p->n++] = b->kind == BLOCK_SIGNATURE ? STYLE_DIM : STYLE_NORMAL;
	}
}

void preview_wrap(struct preview *p, int width)
{
	if (!p->body || width == p->width || width < 1)
		return;
	forget_lines(p);
	p->width = width;
	for (size_t i = 0; i < p->body->doc.n_blocks; i++) {
		const struct render_block *b = &p->body->doc.blocks[i];

		if (b->kind != BLOCK_QUOTE && b->kind != BLOCK_ATTRIBUTION)
			add_block(p, b, width);
	}
}

void preview_paint(const struct preview *p, const struct draw *d)
{
	if (!p->body) {
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM, p->message ? _("Opening…") : "");
		return;
	}
	if (p->body->state == BODY_NONE)
		draw_text(d, 0, 1, d->cols - 2, STYLE_DIM,
			_("The text of this message is not here yet; opening it fetches it."));
	for (size_t i = 0; i < p->n && (int)i < d->rows; i++) {
		const struct wrap_line *l = &p->lines[i];
		int col = 1 + l->indent, row = (int)i;

		for (int q = 0; q < l->quote; q++)
			col += draw_text(d, row, col, 2, STYLE_DIM, "> ");
		draw_textn(d, row, col, d->cols - col - 1, p->styles[i], p->texts[i] + l->start,
			l->len);
	}
}
