/*
 * import_job.h - contacts imported from a file beside the screen: a thread of its own, because the
 * reader thread has to stay free for what the user opens meanwhile. It tells of its progress with
 * EV_PROGRESS. All calls: UI thread.
 */
#ifndef CRMAIL_UI_IMPORT_JOB_H
#define CRMAIL_UI_IMPORT_JOB_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/people.h"

struct event_set;
struct import_job;

enum import_kind {
	IMPORT_LOOK, /* what it would do */
	IMPORT_WRITE,
	IMPORT_UNDO
};
struct import_order {
	enum import_kind kind;
	struct store *store;
	struct event_set *events;
	const char *path; /* copied */
	bool (*is_freemail)(const char *domain);
};
struct import_state {
	bool is_done;
	struct err err; /* once it is done */
	int percent;
	struct people_counts counts;
	struct people_undone undone;
	bool is_unused; /* no account uses the CRM that was made for it */
};

int import_job_start(struct import_job **out, const struct import_order *o,
	struct err *e) NODISCARD;
void import_job_look(struct import_job *j, struct import_state *out);
/* What is in the file, in lines: columns, first people, who is skipped. Valid once it is done. */
const char *import_job_text(const struct import_job *j);
void import_job_ask_stop(struct import_job *j); /* returns at once; what is done stays done */
/* Stops and waits, for one batch of people at most. NULL is fine. */
void import_job_end(struct import_job *j);

#endif
