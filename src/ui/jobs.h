/*
 * jobs.h - the reader thread: search, opening and rendering mail. One job runs at a time; a newer
 * job of the same channel replaces the waiting one and interrupts the running one, so that only
 * the newest answer counts. Late answers are dropped.
 *
 * jobs_submit(), jobs_take(): UI thread. run(): the reader thread, with its own store_reader.
 */
#ifndef CRMAIL_UI_JOBS_H
#define CRMAIL_UI_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct event_set;
struct store;
struct store_reader;

enum job_channel {
	JOB_COMPLETE, /* while an address or a file name is typed */
	JOB_SEARCH,
	JOB_OPEN,
	JOB_KEEP, /* each is done, in order: nothing replaces or interrupts it */
	JOB_RELOAD,
	JOB_PREVIEW,
	JOB_FOUND, /* what servers found, beside the next page of what is here */
	JOB_COUNT, /* whatever else is wanted interrupts it */
	JOB_CHANNEL_COUNT
};

struct job {
	void (*run)(struct job *j, struct store_reader *r); /* sets err on failure */
	void (*free)(struct job *j);
	enum job_channel channel;
	int kind;           /* the view's own meaning */
	int64_t view;       /* whose answer: struct view id */
	int64_t generation; /* the view's own count */
	struct err err;     /* code ERR_NONE = done */
	struct job *next;
};

struct reader_thread;

/* sync: no thread; jobs run in jobs_take(). */
int jobs_start(struct reader_thread **out, struct store *s, struct event_set *events, bool sync,
	struct err *e) NODISCARD;
void jobs_stop(struct reader_thread *t);                  /* interrupts, joins */
void jobs_submit(struct reader_thread *t, struct job *j); /* takes ownership */
struct job *jobs_take(struct reader_thread *t);           /* a finished one; NULL = none */

#endif
