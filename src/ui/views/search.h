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

#include "crmail/base/event.h"
#include "ui/ahead.h"
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

/* What the servers find: asked when the local answer has ended and typing has paused, follows in
 * the same list [R20]. */
#define SEARCH_ASKED_MAX 16 /* accounts */
struct search_far {
	int64_t asked[SEARCH_ASKED_MAX]; /* numbers of questions not answered yet */
	size_t n_asked;
	size_t n_failed; /* accounts that could not be asked or did not answer */
	size_t first;    /* of data.v: from here on they are the servers'; SIZE_MAX = none yet */
	bool was_asked;
};

struct search_data {
	struct editor input;
	int64_t generation;       /* of the page that is waited for */
	int64_t query_generation; /* of what is counted and asked of servers */
	struct search_page *pages;
	struct thread_row *v;
	struct motion rows; /* over v */
	struct search_people people;
	int64_t total; /* -1 = not counted yet */
	struct search_far far;
	bool is_in_results, is_waiting, is_complete, has_answer;
	bool is_answer_old; /* what is shown answers an earlier query; the new answer comes */
	bool wants_hits;    /* to the results, before that answer was there: if it has any */
	bool is_stuck;      /* a page could not be read: the next key tries again */
	int64_t reminded;   /* conversation whose reminder was asked about; 0 = none */
	size_t owed;        /* rows that the cursor goes on when the next page is there */
	struct ahead ahead; /* pressed in the results meanwhile: it is for the rows to come */
	char problem[256];  /* of the query; "" = none */
};

/* search_job.c */
void search_submit(struct view *v);    /* from the newest */
void search_read_more(struct view *v); /* the next page, where there may be one */
void search_query_changed(struct view *v);
void search_drop_pages(struct search_data *d);
void search_reply(struct view *v, struct job *j);

/* search_far.c */
void search_far_reset(struct view *v); /* the query changed, or the screen closes */
void search_far_wake(struct view *v);  /* asks when it is time to */
void search_far_plan(struct view *v);  /* after the local answer: when to ask */
void search_far_event(struct view *v, const struct event *ev);
void search_far_take(struct view *v, struct job *j);

/* search_paint.c */
int search_first_row(const struct view *v); /* of the results */
int search_height(const struct view *v);    /* results on screen */
void search_paint(const struct view *v, const struct draw *d);

#endif
