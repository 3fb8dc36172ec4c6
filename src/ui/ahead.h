/*
 * ahead.h - keys typed before what they are for is there: they are kept, and done when it is. UI
 * thread.
 */
#ifndef CRMAIL_UI_AHEAD_H
#define CRMAIL_UI_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/key.h"

#define AHEAD_MAX 64

struct ui;

struct ahead {
	struct key v[AHEAD_MAX];
	size_t n;
};

/* False: not kept, because it leads back from what is not there yet, or is pasted text. One too
 * many is lost: done at once it would meet what the others were not for. */
bool ahead_hold(struct ahead *a, const struct key *k);
void ahead_drop(struct ahead *a);
/* The first of them may leave the screen that kept them: the rest goes to whatever is on top then.
 * That screen may be gone afterwards. */
void ahead_do(struct ahead *a, struct ui *ui);

#endif
