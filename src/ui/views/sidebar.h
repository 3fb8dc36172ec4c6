/*
 * sidebar.h - places to go: the unified lists, then the folders of each account, with unread
 * counts. Painted at the left of the list; also the source of the folder picker. UI thread.
 */
#ifndef CRMAIL_UI_SIDEBAR_H
#define CRMAIL_UI_SIDEBAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/message.h"

#include "search_counts.h"
#include "ui/action.h"
#include "ui/draw.h"

struct ui;

#define SIDEBAR_COLS 22

struct sidebar_entry {
	const char *label;
	const char *name;   /* of a folder: its whole path; NULL = the label says all */
	int depth;          /* 1: folder of the account above; more: within other folders */
	bool is_heading;    /* an account's name, or a blank line: cannot be chosen */
	const char *query;  /* a kept search: opens it; NULL = none */
	enum action action; /* goes there; ACTION_NONE: shows `spec` */
	struct list_spec spec;
	int64_t count; /* unread, or waiting; 0 = not shown */
};

struct sidebar {
	struct arena arena;
	struct sidebar_entry *v;
	size_t n, cap;
	struct search_counts counts;
	size_t sel; /* with the focus */
	size_t top; /* first row on screen: sidebar_scroll() */
};

void sidebar_init(struct sidebar *s);
void sidebar_release(struct sidebar *s);
/* Counts of kept searches come later, as a job of the view: sidebar_take_counts(). */
int sidebar_load(struct sidebar *s, struct view *v, struct err *e) NODISCARD;
void sidebar_take_counts(struct sidebar *s, struct view *v, struct job *j);
/* So many places down or up, as far as there are any. */
void sidebar_move(struct sidebar *s, int by);
/* The row with the focus, or else the current place, is on a screen of so many rows. */
void sidebar_scroll(struct sidebar *s, int rows, size_t current, bool has_focus);
/* The entry of a list; n when it is none of them. */
size_t sidebar_find(const struct sidebar *s, const struct list_spec *spec);
void sidebar_paint(const struct sidebar *s, const struct draw *d, size_t current, bool has_focus);

#endif
