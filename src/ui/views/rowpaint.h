/* rowpaint.h - a conversation as two lines of a list; used by the list and the search. */
#ifndef CRMAIL_UI_ROWPAINT_H
#define CRMAIL_UI_ROWPAINT_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/draw.h"

struct thread_row;

#define ROW_LINES 2

struct row_state {
	bool is_found; /* by a server's search */
	bool is_current, is_selected;
	int64_t now;
};
/* Fills lines row and row + 1 of d over its whole width. */
void row_paint(const struct draw *d, int row, const struct thread_row *t,
	const struct row_state *s);
/* People with "you" for own addresses. */
void row_add_people(struct buf *out, const struct thread_row *t);

#endif
