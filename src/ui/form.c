/* form.c - fields of a form: typing and moving. What is asked and why is the views'. */
#include "config.h"

#include "form.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

#define LABEL_COLS 17

void form_init(struct form *f, const struct form_field *fields, size_t n)
{
	*f = (struct form){.v = xcalloc(n, sizeof(*f->v)), .n = n};
	for (size_t i = 0; i < n; i++) {
		f->v[i] = fields[i];
		editor_init(&f->v[i].text, fields[i].kind != FORM_AREA);
		f->v[i].label_cols = LABEL_COLS;
	}
}

void form_set_labels(struct form *f, int cols)
{
	for (size_t i = 0; i < f->n; i++)
		f->v[i].label_cols = cols;
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
	case FORM_AREA:
	case FORM_WHEN:
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

bool form_choose(struct form *f, size_t field, const char *value)
{
	struct form_field *v = &f->v[field];

	for (size_t i = 0; i < v->n_choices; i++) {
		const char *c = v->choices[i].value;

		if (c == value || (c && value && strcmp(c, value) == 0)) {
			v->choice = i;
			return true;
		}
	}
	return false;
}

bool form_moment(const struct form *f, size_t field, struct moment *out)
{
	return moment_parse(form_value(f, field), f->now, f->v[field].side, out);
}

bool form_refuse(struct form *f, size_t field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FORM_ERROR_MAX - 1);

	text_add(&b, why);
	memcpy(f->v[field].error, b.p, b.len + 1);
	form_focus(f, field);
	return false;
}

bool form_is_touched(const struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].is_touched)
			return true;
	return false;
}

/* Typing takes the place of a moment that was only suggested. */
static void select_suggestion(struct form *f)
{
	struct form_field *v = &f->v[f->cur];

	if (v->kind == FORM_WHEN && !v->is_touched)
		editor_select_all(&v->text);
}

void form_focus(struct form *f, size_t field)
{
	f->cur = field < f->n ? field : 0;
	if (f->v[f->cur].is_hidden)
		form_step(f, 1);
	else
		select_suggestion(f);
}

/* Round the ends; a form has at least one field that is shown. */
void form_step(struct form *f, int by)
{
	size_t step = by < 0 ? f->n - 1 : 1;

	for (size_t i = 0; i < f->n; i++) {
		f->cur = (f->cur + step) % f->n;
		if (!f->v[f->cur].is_hidden) {
			select_suggestion(f);
			return;
		}
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

const char *form_choice_label(const struct form_field *v, size_t i)
{
	return v->is_foreign ? v->choices[i].label : _(v->choices[i].label);
}

/* The next choice whose label begins with that letter. */
static void choose_by_letter(struct form_field *v, uint32_t code)
{
	CLEANUP(buf_release) struct buf want = BUF_INIT(64);
	char c[4];

	fold_plain(&want, c, utf8_encode(code, c));
	for (size_t k = 1; want.len > 0 && k <= v->n_choices; k++) {
		size_t i = (v->choice + k) % v->n_choices;
		CLEANUP(buf_release) struct buf label = BUF_INIT(BUF_UNLIMITED);

		fold_plain(&label, form_choice_label(v, i), strlen(form_choice_label(v, i)));
		if (str_starts(label.p, want.p)) {
			v->choice = i;
			return;
		}
	}
}

static bool choice_key(struct form_field *v, const struct key *k)
{
	bool is_next = k->code == UKEY_RIGHT || k->code == ' ';

	if (is_next || k->code == UKEY_LEFT)
		v->choice = (v->choice + (is_next ? 1 : v->n_choices - 1)) % v->n_choices;
	else if (key_is_text(k))
		choose_by_letter(v, k->code);
	else
		return false;
	return true;
}

/* A motion that changes nothing but the cursor is no typing. */
static bool editor_used(struct form_field *v, const struct key *k)
{
	unsigned before = v->text.changes;
	bool used = true;

	if (k->mods == KEY_CTRL && k->code == 'a') {
		editor_select_all(&v->text);
	} else if (k->mods == KEY_CTRL && k->code == 'u') {
		editor_select_all(&v->text);
		editor_delete_selection(&v->text);
	} else {
		used = editor_key(&v->text, k);
	}
	v->is_touched = v->is_touched || v->text.changes != before;
	if (v->text.changes != before)
		v->error[0] = '\0';
	return used;
}

static bool field_key(struct form_field *v, const struct key *k)
{
	size_t choice = v->choice;
	bool used = false;

	switch (v->kind) {
	case FORM_TEXT:
	case FORM_AREA:
	case FORM_WHEN:
		return editor_used(v, k);
	case FORM_SECRET:
		used = secret_key(v, k);
		v->is_touched = v->is_touched || used;
		break;
	case FORM_CHOICE:
		used = choice_key(v, k);
		v->is_touched = v->is_touched || v->choice != choice;
		break;
	case FORM_BUTTON:
		used = key_is_text(k) && k->code != ' ';
		break;
	}
	if (used)
		v->error[0] = '\0';
	return used;
}

/* Up and Down stay within a text of several lines as long as it goes on in that direction. */
static bool is_within_area(struct form *f, const struct key *k)
{
	struct form_field *v = &f->v[f->cur];
	size_t before = v->text.cur;

	if (v->kind != FORM_AREA)
		return false;
	if (k->code == UKEY_ENTER) {
		editor_insert(&v->text, "\n", 1);
		v->is_touched = true;
		return true;
	}
	if (k->code != UKEY_UP && k->code != UKEY_DOWN)
		return false;
	editor_used(v, k);
	return v->text.cur != before;
}

bool form_key(struct form *f, const struct key *k)
{
	if (is_within_area(f, k))
		return true;
	if (k->code == UKEY_DOWN || (k->code == UKEY_TAB && !(k->mods & KEY_SHIFT)))
		form_step(f, 1);
	else if (k->code == UKEY_UP || k->code == UKEY_TAB)
		form_step(f, -1);
	else
		return field_key(&f->v[f->cur], k);
	return true;
}
