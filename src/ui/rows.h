/*
 * rows.h - a window of conversations over a list of any length: pages by keyset in both
 * directions, a cursor that stays on its conversation when the list changes, selection. Holds at
 * most ROWS_MAX rows, whatever the list's length. UI thread.
 */
#ifndef CRMAIL_UI_ROWS_H
#define CRMAIL_UI_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/message.h"

struct store_reader;

#define ROWS_MAX 600

struct rows {
	struct arena arena;
	struct thread_row *v; /* newest first */
	size_t n, cap;
	bool at_newest, at_oldest; /* nothing more in that direction */
	size_t sel, top;           /* row under the cursor; first row on screen */
	int64_t *selected;         /* threads marked with x */
	size_t n_selected;
	bool has_range; /* V: from range_thread to the cursor */
	int64_t range_thread;
};

void rows_init(struct rows *r);
void rows_release(struct rows *r);
/* Newest page, cursor on the first row; selection is dropped. */
int rows_load_newest(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e) NODISCARD;
int rows_load_oldest(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e) NODISCARD;
/* Reads the rows on screen again; the cursor stays on its conversation, or on its place. */
int rows_reload(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e) NODISCARD;
/* Reads what is needed so that `height` rows from top, and some beyond, are there. */
int rows_fill(struct rows *r, struct store_reader *s, const struct list_spec *spec, int height,
	struct err *e) NODISCARD;

void rows_move(struct rows *r, int64_t by);
void rows_scroll_to_sel(struct rows *r, int height);         /* sets top */
const struct thread_row *rows_current(const struct rows *r); /* NULL = empty */
bool rows_is_selected(const struct rows *r, size_t i);
void rows_toggle(struct rows *r, size_t i);
void rows_select_where(struct rows *r, bool (*want)(const struct thread_row *t));
void rows_unselect_all(struct rows *r);
void rows_toggle_range(struct rows *r);
/* The conversations an action is for: the selected ones, else the one under the cursor. In the
 * arena; *n 0 = none. */
const int64_t *rows_targets(struct rows *r, size_t *n);
/* After the targets left the list: the cursor goes to the nearest row that stays. */
void rows_forget(struct rows *r, const int64_t *threads, size_t n);

#endif
