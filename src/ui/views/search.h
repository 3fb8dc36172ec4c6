/*
 * search.h - private to the search screen's files: search_view.c (keys, titles), search_job.c (what
 * the reader thread is asked and what it answered), search_paint.c (cells). UI thread.
 */
#ifndef CRMAIL_UI_SEARCH_H
#define CRMAIL_UI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/contact.h"
#include "crmail/store/message.h"

#include "ui/editor.h"
#include "ui/jobs.h"
#include "ui/motion.h"
#include "ui/view.h"

struct search_page { /* answers stay in the arena they came in */
	struct arena arena;
	struct search_page *next;
};

struct search_people { /* the block on top; in the arena of the first page */
	struct contact_row *contacts;
	size_t n_contacts;
	struct partner_row *partners;
	size_t n_partners;
};

struct search_data {
	struct editor input;
	int64_t generation;
	struct search_page *pages;
	struct thread_row *v;
	struct motion rows; /* over v */
	struct search_people people;
	int64_t total;
	bool is_in_results, is_waiting, is_complete, has_answer;
	char problem[256]; /* of the query; "" = none */
};

/* search_job.c */
void search_submit(struct view *v, const struct list_key *after); /* NULL: from the newest */
void search_query_changed(struct view *v);
void search_drop_pages(struct search_data *d);
void search_reply(struct view *v, struct job *j);

/* search_paint.c */
int search_first_row(const struct view *v); /* of the results */
int search_height(const struct view *v);    /* results on screen */
void search_paint(const struct view *v, const struct draw *d);

#endif
