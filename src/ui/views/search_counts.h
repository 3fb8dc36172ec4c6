/*
 * search_counts.h - how many unread conversations each kept search finds, counted by the reader
 * thread after everything a user waits for. UI thread.
 */
#ifndef CRMAIL_UI_SEARCH_COUNTS_H
#define CRMAIL_UI_SEARCH_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"

#include "ui/view.h"

struct job;

#define SEARCH_COUNT_MOST 1000 /* counted no further: shown as "999+" */

struct search_count {
	const char *query;
	int64_t unread;
};

struct search_counts { /* of the last answer; they stay until the next */
	struct arena arena;
	struct search_count *v;
	size_t n;
	int64_t generation;
};

void search_counts_init(struct search_counts *c);
void search_counts_release(struct search_counts *c);
int64_t search_counts_of(const struct search_counts *c, const char *query); /* 0 = none, unknown */
/* Asks for all kept searches; the answer is a job of kind JOB_KIND_COUNT for the view. */
void search_counts_want(struct search_counts *c, struct view *v, const char *const *queries,
	size_t n);
/* Takes the answer and frees the job. False: it was interrupted for something more urgent. */
bool search_counts_take(struct search_counts *c, struct job *j);

#endif
