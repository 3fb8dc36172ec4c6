/*
 * timeline.h - private to the timeline's files: timeline_view.c (state, loading, titles),
 * timeline_keys.c (what keys do), timeline_paint.c (cells), timeline_filter.c (the form that asks
 * what to show), timeline_text.c (an entry's text). UI thread.
 */
#ifndef CRMAIL_UI_TIMELINE_H
#define CRMAIL_UI_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/book.h"
#include "crmail/store/message.h"
#include "crmail/store/timeline.h"

#include "ui/view.h"
#include "ui/window.h"
#include "card.h"
#include "dossier.h"

#define TIMELINE_WORDS_MAX 128

struct timeline_data {
	struct dossier about;
	struct card card; /* of a contact or partner */
	struct arena head_arena;
	struct book_row *record;   /* of a deal or lead; NULL = gone */
	struct window rows;        /* of struct timeline_item */
	struct arena filter_arena; /* of the texts that the filter points to */
	struct timeline_filter filter;
	const char *with;      /* what filter.people was made of; NULL = everybody */
	const char *user_name; /* of filter.user */
	bool is_loaded, wants_reload, is_gone;
	enum action hints[12];     /* ends with ACTION_NONE */
	int64_t hidden;            /* what z shows again; 0 = nothing */
	struct thread_row stepped; /* for a conversation opened from here */
};

static inline struct timeline_data *timeline_data_of(const struct view *v)
{
	return v->data;
}

/* timeline_view.c */
void timeline_set_filter(struct view *v, const struct timeline_filter *f, const char *with,
	const char *user_name);
bool timeline_is_filtered(const struct timeline_data *d);
/* timeline_keys.c */
enum view_result timeline_action(struct view *v, enum action act);
/* timeline_paint.c */
int timeline_first_row(const struct view *v); /* of the entries */
int timeline_height(const struct view *v);    /* entries on screen */
void timeline_paint(const struct view *v, const struct draw *d);
/* The subject of mail; of others what it was: "Call, 12 min: prices" */
void timeline_add_subject(const struct timeline_item *x, struct buf *out);
/* "emails · with Björn · since 12 Oct", "all" */
void timeline_add_filter(const struct view *v, struct buf *out);

/* timeline_text.c: args. */
struct timeline_text_args {
	int64_t activity;
};
extern const struct view_ops timeline_text_view_ops, timeline_filter_view_ops;

#endif
