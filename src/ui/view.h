/*
 * view.h - one screen region as a value: data plus a table of functions. UI thread only.
 *
 * Handlers (key, action, event, reply) change state and mark dirty; they never draw, block or
 * touch the network. recalc() may query the store, bounded to the rows on screen; paint() is a
 * function of the view's data and the size it is given, and may not query. NULL slots: nothing to
 * do (key: VIEW_IGNORED).
 */
#ifndef CRMAIL_UI_VIEW_H
#define CRMAIL_UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#include "action.h"
#include "draw.h"
#include "key.h"

struct buf;
struct event;
struct job;
struct ui;
struct view;

enum view_result { VIEW_HANDLED, VIEW_IGNORED };
enum dirty { DIRTY_PAINT = 1, DIRTY_RECALC = 2, DIRTY_LAYOUT = 4 };

struct view_ops {
	const char *name; /* for tests and the help's section */
	unsigned where;   /* enum where: which actions' keys hold here */
	bool is_overlay;  /* painted over the view below */
	size_t data_size;
	const enum action *hints; /* ends with ACTION_NONE */
	/* Where the keys change with what has the focus; NULL = always .hints. */
	const enum action *(*hints_now)(const struct view *v);
	int (*open)(struct view *v, const void *args, struct err *e);
	void (*close)(struct view *v);
	/* The view came back to the top of the stack. */
	void (*resume)(struct view *v);
	void (*event)(struct view *v, const struct event *ev);
	/* An answer of the reader thread; the view owns the job from here. */
	void (*reply)(struct view *v, struct job *j);
	enum view_result (*key)(struct view *v, const struct key *k);
	enum view_result (*action)(struct view *v, enum action act);
	/* A time asked for with view_wake_at() has come. */
	void (*wake)(struct view *v);
	/* Size is v->rows x v->cols. */
	int (*recalc)(struct view *v, struct err *e);
	void (*paint)(const struct view *v, const struct draw *d);
	/* Where the hardware cursor stands (the active row, for screen readers; the text). */
	bool (*cursor)(const struct view *v, int *row, int *col);
	/* The top line: what stands left and right ("" = the frame's status), and the line above
	 * the hints. */
	void (*title)(const struct view *v, struct buf *left, struct buf *right);
	void (*note)(const struct view *v, const struct draw *d);
};

struct view {
	const struct view_ops *ops;
	struct ui *ui;
	int64_t id;         /* unique in the process: addresses answers */
	void *data;         /* data_size bytes, zeroed before open */
	int rows, cols;     /* of the body */
	unsigned dirty;     /* enum dirty */
	int64_t wake_at_ms; /* clock milliseconds; 0 = never */
};

void view_mark(struct view *v, unsigned dirty);

#endif
