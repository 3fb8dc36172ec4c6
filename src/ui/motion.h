/*
 * motion.h - a cursor over rows that are all there, in lists of one screen region: moving it by the
 * actions that every list shares, and scrolling after it. Pure; UI thread.
 */
#ifndef CRMAIL_UI_MOTION_H
#define CRMAIL_UI_MOTION_H

#include <stdbool.h>
#include <stddef.h>

#include "action.h"

struct motion {
	size_t n; /* rows there are */
	size_t sel, top;
};

/* False when the action is no motion. `page`: rows on screen. */
bool motion_move(struct motion *m, enum action act, size_t page);
/* After rows came or went, or the size changed: the cursor is on a row and on the screen. */
void motion_settle(struct motion *m, size_t page);

#endif
