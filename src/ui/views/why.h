/*
 * why.h - private to the screen "why logged": what it knows of a mail, its rows, and who paints
 * them. UI thread; the job runs on the reader thread.
 */
#ifndef CRMAIL_UI_WHY_H
#define CRMAIL_UI_WHY_H

#include "crmail/base/arena.h"
#include "crmail/store/decide.h"
#include "crmail/store/why.h"

#include "match.h"
#include "ui/draw.h"
#include "ui/jobs.h"
#include "ui/motion.h"
#include "ui/view.h"

#define WHY_SUGGESTIONS_MAX 5
#define WHY_CHOICES_MAX 5000

enum why_kind { WHY_HEADING, WHY_PERSON, WHY_ENTRY, WHY_BY_HAND, WHY_SUGGESTION };
struct why_row {
	enum why_kind kind;
	size_t index;     /* in the list of its kind */
	const char *text; /* WHY_HEADING */
};

/* What is read of a mail: with `wants_choices` also what it can be linked to; with `person`, who
 * that may be. */
struct why_job {
	struct job job;
	struct arena arena;
	int (*explain)(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
		struct err *e);
	int64_t message;
	bool wants_choices;
	struct stranger_row person; /* addr NULL = nobody */
	struct why *why;            /* NULL = no CRM */
	struct suggestion *suggestions;
	size_t n_suggestions;
	struct link_choice *choices;
	size_t n_choices;
	struct candidate_row *candidates;
	size_t n_candidates;
};

struct why_view {
	struct match_asking asking; /* first (match.h) */
	struct why_job *job;        /* what is shown; NULL = not read yet */
	int64_t message, generation;
	char subject[MATCH_NAME_MAX];
	struct why_row *v; /* in the job's arena */
	size_t n;
	struct motion rows;
	int64_t withdraws; /* entry that the question on the screen is about */
};

/* why_job.c; frees with job->free. `addr` NULL = of nobody. */
struct why_job *why_job_new(const struct view *v, int64_t message, bool wants_choices,
	const char *addr, enum stranger_kind kind);
/* Its lines, in its arena; returns how many. */
size_t why_rows(struct why_job *j, struct why_row **out);

void why_paint(const struct view *v, const struct draw *d);

#endif
