/*
 * outbox.h - private to the outbox view's files: outbox_view.c (rows and keys) and outbox_paint.c
 * (cells). UI thread.
 */
#ifndef CRMAIL_UI_OUTBOX_H
#define CRMAIL_UI_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/arena.h"

#include "ui/motion.h"

struct draft_row;
struct draw;
struct outbox_row;
struct view;

struct outbox_data {
	struct arena arena;
	struct outbox_row *all;
	struct outbox_row **v;    /* those shown, newest first */
	struct draft_row *theirs; /* drafts of the servers that are not ours, in rows after these */
	size_t n_theirs;
	size_t n;           /* of v */
	struct motion rows; /* over v and theirs */
	bool only_drafts;
};

/* outbox_paint.c */
void outbox_paint(const struct view *v, const struct draw *d);
/* Rows of the list in a body of that height; below it stands what is known of the one selected. */
int outbox_list_rows(int rows);

#endif
