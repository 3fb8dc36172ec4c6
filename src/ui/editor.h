/*
 * editor.h - text being written: cursor, selection, undo and redo, word motions, soft wrap. One
 * line (fields) or many (body). The text is valid UTF-8 without control characters but LF.
 * Pure; UI thread.
 */
#ifndef CRMAIL_UI_EDITOR_H
#define CRMAIL_UI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/str.h"

#include "draw.h"
#include "key.h"

#define EDITOR_MAX ((size_t)4 << 20)

struct edit; /* one change, for undo */

struct editor_line { /* one screen line of the text */
	size_t start, len;
	bool is_quote; /* of a paragraph that begins with '>' */
};

struct editor {
	struct buf text;
	unsigned changes;   /* grows with every change of the text */
	size_t cur;         /* byte offset, between clusters */
	size_t anchor;      /* other end of the selection; == cur: none */
	bool is_line;       /* one line only */
	struct edit *edits; /* done ones, then undone ones */
	size_t n_edits, n_done, cap_edits;
	size_t edit_bytes;         /* that the changes hold */
	bool is_typing;            /* the next character joins the last change */
	bool is_deleting;          /* so does the next deletion */
	bool is_full;              /* the last insertion was left out: EDITOR_MAX */
	int goal_col;              /* for up and down; -1 = from the cursor */
	struct editor_line *lines; /* of the last editor_wrap */
	size_t n_lines, cap_lines;
	bool is_wrapped;   /* lines are those of the text */
	int width, height; /* of the last editor_wrap */
	size_t top;        /* first screen line shown, or first cell of a field */
};

void editor_init(struct editor *e, bool is_line);
void editor_release(struct editor *e);
void editor_set(struct editor *e, const char *text); /* nothing to undo afterwards; cursor at 0 */
/* Inserts at the cursor, replacing the selection; foreign text is made harmless. */
void editor_insert(struct editor *e, const char *p, size_t n);
/* One change from byte `at`: `n` bytes give way to the text. */
void editor_replace(struct editor *e, size_t at, size_t n, const char *p, size_t len);
struct span editor_selection(const struct editor *e);
void editor_delete_selection(struct editor *e);
void editor_select_all(struct editor *e);
bool editor_undo(struct editor *e); /* false: nothing to undo */
bool editor_redo(struct editor *e);
/* Characters, motions (with Shift selecting, with Ctrl by word), deleting. False: not for it. */
bool editor_key(struct editor *e, const struct key *k);

/* Breaks the text into screen lines and brings the cursor on screen. */
void editor_wrap(struct editor *e, int width, int height);
void editor_cursor(const struct editor *e, int *row, int *col); /* relative to top */
void editor_paint(const struct editor *e, const struct draw *d);
/* A field: one row of d from col; *cursor_col is where the cursor stands. */
void editor_paint_field(const struct editor *e, const struct draw *d, int row, int col,
	unsigned style);
/* Part of the text at a column, the selected part of it marked; returns the cells used. */
int editor_paint_span(const struct editor *e, const struct draw *d, int row, int col,
	unsigned style, size_t start, size_t len);
int editor_field_cursor(const struct editor *e, int width);
size_t editor_words(const struct editor *e); /* of the writer, not of quotes */

#endif
