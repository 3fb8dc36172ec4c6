/*
 * prompt.h - a line of input over a list of choices, drawn above the hints: palette and pickers.
 * UI thread.
 */
#ifndef CRMAIL_UI_PROMPT_H
#define CRMAIL_UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/editor.h"

struct prompt_row {
	const char *label, *detail; /* detail: right, dim; NULL = none */
};

struct prompt {
	struct editor input;
	size_t sel, top, n; /* n: rows that match */
	size_t *match;      /* their indexes */
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
/* Rows whose label holds every typed word, in order of the list. */
void prompt_match(struct prompt *p, const struct prompt_row *rows, size_t n);
/* All n rows, whatever is typed. */
void prompt_show_all(struct prompt *p, size_t n);
/* Typing and moving; false: not for it (Enter, Esc). */
bool prompt_key(struct prompt *p, const struct key *k);
void prompt_paint(const struct prompt *p, const struct draw *d, const char *title,
	const struct prompt_row *rows);
void prompt_cursor(const struct prompt *p, int rows, int cols, const char *title, int *row,
	int *col);

#endif
