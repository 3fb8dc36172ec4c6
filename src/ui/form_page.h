/*
 * form_page.h - a form as a whole screen: a line above it where there is room, and a line below
 * that says what the field is for, what is wrong, or what goes on. Pure; UI thread.
 */
#ifndef CRMAIL_UI_FORM_PAGE_H
#define CRMAIL_UI_FORM_PAGE_H

#include "draw.h"
#include "form.h"

/* Lines of the form that fit. */
int form_page_lines(const struct form *f, int rows);
void form_page_scroll(struct form *f, int rows, int cols);
/* head: the line above; below: a sentence in `style`, "" = none. */
void form_page_paint(const struct form *f, const struct draw *d, const char *head, unsigned style,
	const char *below);
void form_page_cursor(const struct form *f, int rows, int cols, int *row, int *col);

#endif
