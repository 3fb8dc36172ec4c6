/* prompt.c - matching by folded words, moving, painting. What a row means is the view's. */
#include "config.h"

#include "prompt.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#define PROMPT_ROWS_MAX 14
#define FOLDED_MAX 4096

void prompt_init(struct prompt *p)
{
	*p = (struct prompt){.sel = 0};
	editor_init(&p->input, true);
}

void prompt_release(struct prompt *p)
{
	editor_release(&p->input);
	free(p->match);
	p->match = NULL;
}

static bool matches(const struct buf *words, const char *label)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FOLDED_MAX);
	struct span rest = {words->p, words->len}, word;

	fold_plain(&text, label, strlen(label));
	while (span_next(&rest, ' ', &word)) {
		char w[256];

		if (word.len == 0)
			continue;
		if (word.len >= sizeof(w))
			return false;
		memcpy(w, word.p, word.len);
		w[word.len] = '\0';
		if (!strstr(text.p, w))
			return false;
	}
	return true;
}

void prompt_match(struct prompt *p, const struct prompt_row *rows, size_t n)
{
	CLEANUP(buf_release) struct buf words = BUF_INIT(FOLDED_MAX);

	free(p->match);
	p->match = xcalloc(n + 1, sizeof(*p->match));
	p->n = 0;
	fold_plain(&words, p->input.text.p, p->input.text.len);
	for (size_t i = 0; i < n; i++)
		if (matches(&words, rows[i].label))
			p->match[p->n++] = i;
	if (p->sel >= p->n)
		p->sel = p->n > 0 ? p->n - 1 : 0;
}

void prompt_show_all(struct prompt *p, size_t n)
{
	free(p->match);
	p->match = xcalloc(n + 1, sizeof(*p->match));
	for (p->n = 0; p->n < n; p->n++)
		p->match[p->n] = p->n;
	if (p->sel >= n)
		p->sel = n > 0 ? n - 1 : 0;
}

bool prompt_key(struct prompt *p, const struct key *k)
{
	bool is_next = k->code == UKEY_DOWN || k->code == UKEY_TAB ||
		       (k->code == 'n' && k->mods == KEY_CTRL);
	bool is_prev = k->code == UKEY_UP || (k->code == 'p' && k->mods == KEY_CTRL);

	if (is_next || is_prev) {
		if (is_next && p->sel + 1 < p->n)
			p->sel++;
		if (is_prev && p->sel > 0)
			p->sel--;
		return true;
	}
	if (k->code == UKEY_ENTER || k->code == UKEY_ESC)
		return false;
	if (!editor_key(&p->input, k))
		return false;
	p->sel = 0;
	return true;
}

static int list_rows(const struct prompt *p, int rows)
{
	int n = (int)(p->n < PROMPT_ROWS_MAX ? p->n : PROMPT_ROWS_MAX);

	return n < rows - 2 ? n : (rows > 2 ? rows - 2 : 0);
}

void prompt_paint(const struct prompt *p, const struct draw *d, const char *title,
	const struct prompt_row *rows)
{
	int n = list_rows(p, d->rows), first = d->rows - n - 2, col;
	size_t top = p->sel >= (size_t)n && n > 0 ? p->sel - (size_t)n + 1 : 0;
	struct draw box;

	if (first < 0)
		first = 0;
	box = draw_part(d, first, 0, d->rows - first, d->cols);
	draw_fill(&box, 0, 0, box.rows, box.cols, STYLE_NORMAL);
	draw_hrule(&box, 0, 0, box.cols, STYLE_DIM);
	col = 1 + draw_text(&box, 1, 1, box.cols / 2, STYLE_BOLD | STYLE_ACCENT, title) + 1;
	editor_paint_field(&p->input, &box, 1, col, STYLE_NORMAL);
	for (int i = 0; i < n; i++) {
		const struct prompt_row *r = &rows[p->match[top + (size_t)i]];
		int end = box.cols - 1;

		if (r->detail)
			end = draw_text_right(&box, 2 + i, end, box.cols / 2, STYLE_DIM,
				      r->detail) -
			      1;
		draw_text(&box, 2 + i, 3, end - 3, STYLE_NORMAL, r->label);
		if (top + (size_t)i == p->sel)
			draw_add_style(&box, 2 + i, 0, box.cols, STYLE_SELECTED);
	}
}

void prompt_cursor(const struct prompt *p, int rows, int cols, const char *title, int *row,
	int *col)
{
	int first = rows - list_rows(p, rows) - 2;
	size_t used = 0;
	int start;

	utf8_cut(title, strlen(title), (size_t)(cols / 2 > 0 ? cols / 2 : 1), &used);
	start = 2 + (int)used;
	*row = (first < 0 ? 0 : first) + 1;
	*col = start + editor_field_cursor(&p->input, cols - start);
}
