/*
 * preview.h - the newest message of the conversation under the cursor, beside or below the list:
 * its own words, without marking it read. UI thread.
 */
#ifndef CRMAIL_UI_PREVIEW_H
#define CRMAIL_UI_PREVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/arena.h"

#include "ui/draw.h"
#include "ui/view.h"

struct body;
struct job;

#define PREVIEW_BESIDE_COLS 160 /* from here on at the right, else below */

struct preview {
	bool is_on;
	int64_t message, generation; /* asked for last */
	struct body *body;           /* NULL = being read */
	struct arena arena;          /* of the lines */
	struct wrap_line *lines;
	const char **texts; /* each line's block */
	unsigned *styles;
	size_t n, cap;
	int width;
};

void preview_init(struct preview *p);
void preview_release(struct preview *p);
/* Asks the reader thread for another message; 0 empties. */
void preview_want(struct preview *p, struct view *v, int64_t message);
void preview_take(struct preview *p, struct job *j); /* owns j from here */
void preview_wrap(struct preview *p, int width);
void preview_paint(const struct preview *p, const struct draw *d);

#endif
