/*
 * tree.h - the messages of one conversation below its row of the list, each indented under the one
 * it answers, read by the reader thread. UI thread.
 */
#ifndef CRMAIL_UI_TREE_H
#define CRMAIL_UI_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"

#include "ui/draw.h"
#include "ui/view.h"

struct message_row;
struct open_job;

#define TREE_MAX 500 /* messages shown; of longer conversations the newest */

struct tree_node {
	const struct message_row *m;
	int depth;
};

struct tree {
	int64_t thread; /* expanded; 0 = none */
	int64_t generation;
	struct arena arena;
	struct tree_node *v; /* as drawn: parents before what answers them */
	size_t n;
	size_t sel; /* 0 = the conversation's row, else message sel - 1 */
};

void tree_init(struct tree *t);
void tree_release(struct tree *t);
/* Expands a conversation, or reads it again; 0 collapses. */
void tree_want(struct tree *t, struct view *v, int64_t thread);
void tree_take(struct tree *t, struct open_job *o); /* owns o from here */
/* Puts messages (oldest first) in order below those they answer; loops are cut. *out in the
 * arena, n nodes. */
void tree_order(struct arena *a, const struct message_row *m, size_t n, struct tree_node **out);
const struct message_row *tree_current(const struct tree *t); /* NULL = on the row itself */
/* Draws into the whole of d, so that the message under the cursor is seen. */
void tree_paint(const struct tree *t, const struct draw *d, int64_t now);
/* The line of d that the cursor's message is drawn on. */
int tree_cursor_line(const struct tree *t, int lines);

#endif
