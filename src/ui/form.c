/* form.c - fields of a form: typing, moving, painting. What is asked and why is the views'. */
#include "config.h"

#include "form.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/render.h"

#define LABEL_COLS 17
#define MARGIN 2

void form_init(struct form *f, const struct form_field *fields, size_t n)
{
	*f = (struct form){.v = xcalloc(n, sizeof(*f->v)), .n = n};
	for (size_t i = 0; i < n; i++) {
		f->v[i] = fields[i];
		editor_init(&f->v[i].text, true);
	}
}

void form_wipe(struct form *f, size_t field)
{
	explicit_bzero(f->v[field].secret, FORM_SECRET_MAX);
	f->v[field].secret_len = 0;
}

void form_release(struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		form_wipe(f, i);
		editor_release(&f->v[i].text);
	}
	free(f->v);
	*f = (struct form){.v = NULL};
}

void form_set(struct form *f, size_t field, const char *text)
{
	struct editor *e = &f->v[field].text;

	editor_set(e, text);
	e->cur = e->anchor = e->text.len;
}

const char *form_value(const struct form *f, size_t field)
{
	const struct form_field *v = &f->v[field];

	switch (v->kind) {
	case FORM_TEXT:
		return v->text.text.len > 0 ? v->text.text.p : NULL;
	case FORM_SECRET:
		return v->secret_len > 0 ? v->secret : NULL;
	case FORM_CHOICE:
		return v->choices[v->choice].value;
	case FORM_BUTTON:
		break;
	}
	return NULL;
}

void form_focus(struct form *f, size_t field)
{
	f->cur = field < f->n ? field : 0;
	if (f->v[f->cur].is_hidden)
		form_step(f, 1);
}

/* Round the ends; a form has at least one field that is shown. */
void form_step(struct form *f, int by)
{
	size_t step = by < 0 ? f->n - 1 : 1;

	for (size_t i = 0; i < f->n; i++) {
		f->cur = (f->cur + step) % f->n;
		if (!f->v[f->cur].is_hidden)
			return;
	}
}

static void add_secret(struct form_field *v, const char *p, size_t n)
{
	if (v->secret_len + n >= FORM_SECRET_MAX)
		return;
	memcpy(v->secret + v->secret_len, p, n);
	v->secret_len += n;
	v->secret[v->secret_len] = '\0';
}

/* Passwords come by paste as well; the line end that came with them is none of theirs. */
static void paste_secret(struct form_field *v, const struct key *k)
{
	size_t n = 0;

	while (n < k->paste_len && (unsigned char)k->paste[n] >= ' ')
		n++;
	add_secret(v, k->paste, n);
}

static bool secret_key(struct form_field *v, const struct key *k)
{
	char c[4];

	if (key_is_text(k)) {
		add_secret(v, c, utf8_encode(k->code, c));
		explicit_bzero(c, sizeof(c));
		return true;
	}
	if (k->code == UKEY_PASTE) {
		paste_secret(v, k);
		return true;
	}
	if (k->code == UKEY_BACKSPACE) {
		while (v->secret_len > 0 &&
			((unsigned char)v->secret[--v->secret_len] & 0xC0) == 0x80)
			continue;
		v->secret[v->secret_len] = '\0';
		return true;
	}
	if (k->code == 'u' && k->mods == KEY_CTRL) {
		explicit_bzero(v->secret, FORM_SECRET_MAX);
		v->secret_len = 0;
		return true;
	}
	return false;
}

static bool choice_key(struct form_field *v, const struct key *k)
{
	bool is_next = k->code == UKEY_RIGHT || k->code == ' ';

	if (!is_next && k->code != UKEY_LEFT)
		return key_is_text(k);
	v->choice = (v->choice + (is_next ? 1 : v->n_choices - 1)) % v->n_choices;
	return true;
}

static bool field_key(struct form_field *v, const struct key *k)
{
	bool used = false;

	switch (v->kind) {
	case FORM_TEXT:
		used = editor_key(&v->text, k);
		break;
	case FORM_SECRET:
		used = secret_key(v, k);
		break;
	case FORM_CHOICE:
		used = choice_key(v, k);
		break;
	case FORM_BUTTON:
		used = key_is_text(k) && k->code != ' ';
		break;
	}
	if (used)
		v->is_touched = true;
	return used;
}

bool form_key(struct form *f, const struct key *k)
{
	if (k->code == UKEY_DOWN || (k->code == UKEY_TAB && !(k->mods & KEY_SHIFT)))
		form_step(f, 1);
	else if (k->code == UKEY_UP || k->code == UKEY_TAB)
		form_step(f, -1);
	else
		return field_key(&f->v[f->cur], k);
	return true;
}

/* ---- painting -------------------------------------------------------------------------------- */

/* A blank line stands before the first button. */
static int line_of(const struct form *f, size_t field)
{
	int line = 0;
	bool has_button = false;

	for (size_t i = 0; i <= field; i++) {
		if (f->v[i].is_hidden)
			continue;
		if (f->v[i].kind == FORM_BUTTON && !has_button && line > 0)
			line++;
		has_button = has_button || f->v[i].kind == FORM_BUTTON;
		line += i < field;
	}
	return line;
}

int form_lines(const struct form *f)
{
	return line_of(f, f->n - 1) + 1;
}

void form_scroll(struct form *f, int lines)
{
	int at = line_of(f, f->cur);

	if (at < (int)f->top)
		f->top = (size_t)at;
	if (lines > 0 && at >= (int)f->top + lines)
		f->top = (size_t)(at - lines + 1);
	if (form_lines(f) <= lines)
		f->top = 0;
}

static size_t secret_cells(const struct form_field *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->secret_len; i++)
		n += ((unsigned char)v->secret[i] & 0xC0) != 0x80;
	return n;
}

static void paint_secret(const struct form_field *v, const struct draw *d, int row)
{
	size_t n = secret_cells(v);

	for (size_t i = 0; i < n && MARGIN + LABEL_COLS + (int)i < d->cols - 1; i++)
		draw_symbol(d, row, MARGIN + LABEL_COLS + (int)i, STYLE_NORMAL, SYM_BULLET);
}

static void paint_choice(const struct form_field *v, const struct draw *d, int row, bool has_focus)
{
	const char *label = _(v->choices[v->choice].label);

	if (has_focus)
		draw_textf(d, row, MARGIN + LABEL_COLS, d->cols - MARGIN - LABEL_COLS - 1,
			STYLE_ACCENT | STYLE_BOLD, "< %s >", label);
	else
		draw_text(d, row, MARGIN + LABEL_COLS, d->cols - MARGIN - LABEL_COLS - 1,
			STYLE_NORMAL, label);
}

static void paint_field(const struct form *f, size_t i, const struct draw *d, int row)
{
	const struct form_field *v = &f->v[i];
	bool has_focus = i == f->cur;
	unsigned style = has_focus ? STYLE_BOLD : STYLE_DIM;

	if (v->kind == FORM_BUTTON) {
		draw_text(d, row, MARGIN, d->cols - MARGIN - 1,
			has_focus ? STYLE_BOLD | STYLE_ACCENT : STYLE_NORMAL, _(v->label));
		if (has_focus)
			draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		return;
	}
	draw_text(d, row, MARGIN, LABEL_COLS - 1, style, _(v->label));
	if (has_focus)
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
	if (v->kind == FORM_TEXT)
		editor_paint_field(&v->text, d, row, MARGIN + LABEL_COLS, STYLE_NORMAL);
	else if (v->kind == FORM_SECRET)
		paint_secret(v, d, row);
	else
		paint_choice(v, d, row, has_focus);
}

void form_paint(const struct form *f, const struct draw *d)
{
	for (size_t i = 0; i < f->n; i++) {
		int row = line_of(f, i) - (int)f->top;

		if (!f->v[i].is_hidden && row >= 0 && row < d->rows)
			paint_field(f, i, d, row);
	}
}

int form_paint_text(const struct draw *d, int row, unsigned style, const char *text)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct wrap_line *lines = NULL;
	int width = d->cols - 2 * MARGIN;
	size_t n = render_wrap(&a, span_of(text), width > 1 ? (unsigned)width : 1, &lines);

	for (size_t i = 0; i < n && row < d->rows; i++)
		draw_textn(d, row++, MARGIN, width, style, text + lines[i].start, lines[i].len);
	return row;
}

void form_cursor(const struct form *f, int cols, int *row, int *col)
{
	const struct form_field *v = &f->v[f->cur];

	*row = line_of(f, f->cur) - (int)f->top;
	*col = MARGIN + (v->kind == FORM_BUTTON ? 0 : LABEL_COLS);
	if (v->kind == FORM_TEXT)
		*col += editor_field_cursor(&v->text, cols - LABEL_COLS - MARGIN);
	else if (v->kind == FORM_SECRET)
		*col += (int)secret_cells(v);
	if (*col >= cols)
		*col = cols > 0 ? cols - 1 : 0;
}
