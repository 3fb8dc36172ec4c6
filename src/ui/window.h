/*
 * window.h - a window of rows over a list of any length: pages by keyset in both directions, a
 * cursor that stays on its row when the list changes. Holds at most some hundred rows, whatever the
 * list's length. What a row is, is the owner's: a struct of fixed size, copied. UI thread.
 *
 * (rows.h is the older one of the conversations of mail folders, with selection.)
 */
#ifndef CRMAIL_UI_WINDOW_H
#define CRMAIL_UI_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "action.h"

struct window_page {
	const void *v; /* rows in the order of the list; strings in the arena */
	size_t n;
	const void *reached; /* how far was looked, in the arena */
	bool is_end;         /* nothing beyond */
};

struct window_source {
	size_t row_size;
	void *ctx;
	/* At most `limit` rows after the position `from` (back: before it); NULL = from that end. A
	 * page that is short is not the end unless it says so. */
	int (*read)(void *ctx, struct arena *a, const void *from, bool back, size_t limit,
		struct window_page *out, struct err *e);
	const void *(*position)(const void *row); /* where a row stands: part of the row */
	int64_t (*id)(const void *row);
};

struct window {
	struct window_source source;
	struct arena arena;
	char *v;
	size_t n, cap;
	bool at_first, at_last;   /* nothing more in that direction */
	const void *first, *last; /* how far was looked; NULL = to the outermost row */
	size_t sel, top;          /* row under the cursor; first row on screen */
	bool is_looking;          /* rows may follow: window_fill() again soon */
};

void window_init(struct window *w, const struct window_source *source);
void window_release(struct window *w);
/* From the beginning or the end; the cursor on the outermost row. */
int window_load(struct window *w, bool from_end, struct err *e) NODISCARD;
/* Reads again what is on screen; the cursor stays on its row, or on its place. */
int window_reload(struct window *w, struct err *e) NODISCARD;
/* Reads a page where rows are missing so that `height` rows from top, and some beyond, are
 * there. */
int window_fill(struct window *w, int height, struct err *e) NODISCARD;
/* False when the action is no motion. To the ends of the list it loads. `height`: rows on
 * screen. */
bool window_move(struct window *w, enum action act, int height, struct err *e);
void window_scroll(struct window *w, int height); /* the cursor's row is on the screen */
const void *window_row(const struct window *w, size_t i);
const void *window_current(const struct window *w); /* NULL = empty */

#endif
