/*
 * form.h - fields to fill in, one below the other: lines of text, texts of several lines, moments
 * in words (moment.h), secrets that are never shown, choices, and buttons. Tab, Up and Down go
 * between them (in a text of several lines, Up and Down at its ends); what Enter and Esc do is the
 * owner's. What is wrong with a field stands below it.
 *
 * A secret is typed into fixed memory that is wiped with the form: no undo, no copies of ours.
 * Pure; UI thread.
 */
#ifndef CRMAIL_UI_FORM_H
#define CRMAIL_UI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/moment.h"

#include "draw.h"
#include "editor.h"
#include "key.h"

#define FORM_SECRET_MAX 512

#define FORM_ERROR_MAX 200

enum form_kind { FORM_TEXT, FORM_SECRET, FORM_CHOICE, FORM_BUTTON, FORM_AREA, FORM_WHEN };

struct form_choice {
	const char *label; /* N_(); of a field that is_foreign: any text */
	const char *value; /* NULL = nothing given */
};

struct form_field { /* kind to side: given; the rest is the form's own */
	enum form_kind kind;
	const char *label; /* N_() */
	const char *hint;  /* N_(): one line, shown while the field has the focus; NULL = none */
	const struct form_choice *choices;
	size_t n_choices;
	bool is_foreign;       /* labels of choices are texts of strangers */
	int lines;             /* of a FORM_AREA */
	enum moment_side side; /* of a FORM_WHEN */
	int label_cols;        /* of the label, the gap after it included */
	size_t choice;
	bool is_hidden;  /* neither shown nor reached */
	bool is_touched; /* the user changed it */
	struct editor text;
	char secret[FORM_SECRET_MAX];
	size_t secret_len;
	char error[FORM_ERROR_MAX]; /* "" = none; goes when the field changes */
};

struct form {
	struct form_field *v;
	size_t n, cur, top;
	int64_t now; /* the owner's: what moments in words are counted from */
};

/* Copies the fields' descriptions. */
void form_init(struct form *f, const struct form_field *fields, size_t n);
void form_release(struct form *f);              /* wipes */
void form_set_labels(struct form *f, int cols); /* room for labels longer than the usual ones */
void form_set(struct form *f, size_t field, const char *text);
/* What stands in a field: NULL for nothing. Valid until the field changes. */
const char *form_value(const struct form *f, size_t field);
void form_wipe(struct form *f, size_t field); /* empties a secret */
/* The choice with that value (NULL: of nothing given); false: there is none. */
bool form_choose(struct form *f, size_t field, const char *value);
/* A choice as it is shown. */
const char *form_choice_label(const struct form_field *v, size_t i);
/* The moment in a FORM_WHEN; false: it is empty or not understood. */
bool form_moment(const struct form *f, size_t field, struct moment *out);
/* Says what is wrong with a field and goes there; false, for callers that check one by one. */
bool form_refuse(struct form *f, size_t field, const char *why);
bool form_is_touched(const struct form *f);
/* Goes to the field, or the next one that is not hidden. */
void form_focus(struct form *f, size_t field);
void form_step(struct form *f, int by);
/* Typing and moving; Ctrl-A selects what stands in a field, Ctrl-U empties it. False: not for it
 * (Enter, Esc, and whatever types nothing). */
bool form_key(struct form *f, const struct key *k);
/* Lines that painting all fields takes. */
int form_lines(const struct form *f);
/* Whether the field's first line is among those that are painted into `lines`. */
bool form_shows(const struct form *f, size_t field, int lines);
/* Breaks texts into lines for that width and keeps the field in focus within `lines`. */
void form_scroll(struct form *f, int lines, int cols);
void form_paint(const struct form *f, const struct draw *d);
/* A sentence below the fields, broken into lines; returns the row after it. */
int form_paint_text(const struct draw *d, int row, unsigned style, const char *text);
void form_cursor(const struct form *f, int cols, int *row, int *col);

#endif
