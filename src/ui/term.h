/*
 * term.h - the terminal through curses: shows a grid, reads keys. The only file of the program
 * that includes curses. One per process; UI thread only.
 */
#ifndef CRMAIL_UI_TERM_H
#define CRMAIL_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "draw.h"
#include "key.h"

struct term;

/* `hyperlinks`: "auto", "on" or "off", see hyperlink.h. */
int term_open(struct term **out, const char *hyperlinks, struct err *e) NODISCARD;
void term_close(struct term *t); /* gives the terminal back as it was */
bool term_is_ascii(const struct term *t);
void term_size(const struct term *t, int *rows, int *cols);
/* Shows what changed since the last call. Aborts on a byte that must not reach a terminal: the
 * sanitiser guarantees that there is none. */
void term_show(struct term *t, const struct grid *g);
bool term_read(struct term *t, struct key *k); /* false: nothing waits */
void term_resize(struct term *t);              /* asks the terminal its size; draws everything */
void term_redraw(struct term *t);              /* the next term_show draws everything */
void term_suspend(struct term *t);             /* stops the process; returns when it goes on */
void term_leave(struct term *t);               /* the terminal is another program's until ... */
void term_return(struct term *t);
/* The bell, or a text of ours that the terminal shows by itself (OSC 9). */
void term_ring(struct term *t, const char *text);
bool term_clipboard(struct term *t, const char *p, size_t n);

#endif
