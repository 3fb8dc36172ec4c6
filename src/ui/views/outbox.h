/*
 * outbox.h - private to the outbox view's files: outbox_view.c (rows and keys) and outbox_paint.c
 * (cells). UI thread.
 */
#ifndef CRMAIL_UI_OUTBOX_H
#define CRMAIL_UI_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/arena.h"

struct draw;
struct outbox_row;
struct view;

struct outbox_data {
	struct arena arena;
	struct outbox_row *all;
	struct outbox_row **v; /* those shown, newest first */
	size_t n, sel, top;
	bool only_drafts;
};

/* outbox_paint.c */
void outbox_paint(const struct view *v, const struct draw *d);
/* Rows of the list in a body of that height; below it stands what is known of the one selected. */
int outbox_list_rows(int rows);

#endif
