/*
 * draw.h - the cell grid that views paint into: text by cells, clipping, styles by meaning.
 *
 * A grid is a plain value: rows x cols cells, no terminal. curses (term.c) shows it; golden tests
 * dump it. Every text goes through utf8_sanitise() here, in one place, so that nothing a mail says
 * can reach the terminal as anything but printable text [R19]. UI thread only.
 */
#ifndef CRMAIL_UI_DRAW_H
#define CRMAIL_UI_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"

#include "hyperlink.h"

/* What a text means; theme.c says how that looks. The low byte is the colour's meaning, the other
 * bits are added to it. */
enum style {
	STYLE_NORMAL = 0,
	STYLE_ACCENT = 1,  /* focus, links */
	STYLE_KNOWN = 2,   /* contact known */
	STYLE_WAITING = 3, /* waits for you */
	STYLE_FAILED = 4,
	STYLE_QUOTE = 5,
	STYLE_MEANING = 0xFF, /* mask */
	STYLE_BOLD = 1 << 8,  /* unread or focus */
	STYLE_DIM = 1 << 9,   /* already known */
	STYLE_UNDERLINE = 1 << 10,
	STYLE_SELECTED = 1 << 11, /* the row under the cursor */
	STYLE_MARKED = 1 << 12,   /* selected text in an editor */
};

#define CELL_BYTES 22 /* base character and as many marks as fit whole */
struct cell {
	char text[CELL_BYTES]; /* UTF-8, not ended by 0 */
	uint8_t len;           /* 0: right half of the wide cell before */
	uint8_t width;         /* 1 or 2; 0 with len 0 */
	uint16_t style;        /* enum style */
	uint32_t link;         /* number in the grid's table of links; 0 = leads nowhere */
};

struct grid {
	int rows, cols;
	struct cell *cells;
	bool is_ascii; /* only ASCII may be drawn: symbols use their twins */
	bool has_cursor;
	int cursor_row, cursor_col;
	struct buf scratch;
	struct hyperlinks links;
};

/* A clipped rectangle of a grid; what lies outside is not drawn. */
struct draw {
	struct grid *g;
	int row, col, rows, cols;
};

enum symbol {
	SYM_UNREAD,
	SYM_STAR,
	SYM_ATTACHMENT,
	SYM_SELECTED,
	SYM_FOLDED,
	SYM_UNFOLDED,
	SYM_CURRENT,
	SYM_HRULE,
	SYM_VRULE,
	SYM_TEE_DOWN,
	SYM_TEE_UP,
	SYM_BULLET,
	SYM_SYNC,
	SYM_UP,
	SYM_FOUND,
	SYM_ARROW,
	SYM_CHECK,
	SYM_ELLIPSIS,
	SYM_DOT,
	SYM_WARNING,
	SYM_REMIND,
	SYM_COUNT
};

void grid_init(struct grid *g, bool is_ascii);
void grid_release(struct grid *g);
void grid_resize(struct grid *g, int rows, int cols); /* at least 1 x 1; everything blank */
void grid_clear(struct grid *g);
/* Appends the text of every row, trailing blanks removed, LF after each: golden screens. */
void grid_dump(const struct grid *g, struct buf *out);
/* Text of one row, trailing blanks removed. */
void grid_dump_row(const struct grid *g, int row, struct buf *out);

struct draw draw_whole(struct grid *g);
/* A part of d, clipped to it; sizes may be negative or too large. */
struct draw draw_part(const struct draw *d, int row, int col, int rows, int cols);

/* Puts at most `cells` cells of text (n bytes, foreign or own) at row, col; what does not fit is
 * cut with an ellipsis. Returns the cells used. */
int draw_textn(const struct draw *d, int row, int col, int cells, unsigned style, const char *p,
	size_t n);
int draw_text(const struct draw *d, int row, int col, int cells, unsigned style, const char *s);
/* The same, ending at column `end` (exclusive); returns the first column used. */
int draw_text_right(const struct draw *d, int row, int end, int cells, unsigned style,
	const char *s);
int draw_textf(const struct draw *d, int row, int col, int cells, unsigned style, const char *fmt,
	...) PRINTF_LIKE(6, 7);
int draw_symbol(const struct draw *d, int row, int col, unsigned style, enum symbol s);
const char *symbol_text(const struct grid *g, enum symbol s);
int symbol_width(const struct grid *g, enum symbol s);
/* Appends as much of s as the ceiling lets in: for texts of strangers put together for a line, of
 * which only the beginning can be seen anyway. NULL adds nothing. */
void text_add(struct buf *out, const char *s);
void text_addn(struct buf *out, const char *p, size_t n);
/* The same with " · " before what is not the first; NULL and "" add nothing. */
void text_add_part(struct buf *out, const char *s);
/* Cells that draw_text would use for s. */
int draw_width(const struct draw *d, const char *s);

void draw_fill(const struct draw *d, int row, int col, int rows, int cols, unsigned style);
void draw_hrule(const struct draw *d, int row, int col, int cols, unsigned style);
void draw_vrule(const struct draw *d, int row, int col, int rows, unsigned style);
/* Adds style bits (STYLE_SELECTED ...) to cells already drawn. */
void draw_add_style(const struct draw *d, int row, int col, int cols, unsigned bits);
/* Says that cells already drawn lead to a URL; one that may not be sent changes nothing. */
void draw_link(const struct draw *d, int row, int col, int cols, const char *url);
void draw_cursor(const struct draw *d, int row, int col);

#endif
