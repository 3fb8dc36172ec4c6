/*
 * people_private.h - a contact as an import sees it: read, merged, compared, written, and put into
 * words so that it can be what it was again. Private to src/store.
 */
#ifndef CRMAIL_STORE_PEOPLE_PRIVATE_H
#define CRMAIL_STORE_PEOPLE_PRIVATE_H

#include "crmail/store/people.h"

#include "crm_private.h"

/* Stored; in the order of undoing: what points to others first. */
enum people_kind_of_row { PEOPLE_ROW_NOTE = 1, PEOPLE_ROW_CONTACT = 2, PEOPLE_ROW_PARTNER = 3 };

struct people_state {
	const char *name, *first_name, *last_name, *title, *owner;
	int64_t partner; /* 0 = none; negative: one that is not there yet */
	struct people_list emails, phones;
};
/* ERR_NOTFOUND when there is no such contact. */
int people_state_read(struct db *d, struct arena *a, int64_t contact, struct people_state *out,
	struct err *e) NODISCARD;
void people_state_sum(const struct people_state *s, char out[65]);
/* The row must be there. Mail of old and new addresses is matched again. */
int people_state_write(struct write *w, int64_t crm, int64_t contact, const struct people_state *s,
	struct err *e) NODISCARD;
char *people_state_text(const struct people_state *s); /* JSON; caller frees with free() */
int people_state_parse(struct arena *a, const char *text, struct people_state *out,
	struct err *e) NODISCARD;

/* What the run has met so far: words to rows; rows that are only planned are negative. */
struct people_seen {
	struct people_seen_slot {
		uint64_t hash; /* 0 = free */
		int64_t row;
	} * v;
	size_t cap, n;
};
int64_t people_seen_get(const struct people_seen *s, char kind, const char *word); /* 0 = new */
void people_seen_put(struct people_seen *s, char kind, const char *word, int64_t row);
void people_seen_release(struct people_seen *s);

struct people_run {
	int64_t crm, id; /* id: row of people_import, 0 = none yet */
	bool (*is_freemail)(const char *domain);
	struct people_seen seen;
	int64_t n_planned;
};
struct people_plan {
	enum people_outcome outcome;
	const char *why; /* of a skipped one */
	int64_t contact; /* 0 = to be made */
	struct people_state before, after;
	const char *company, *domain; /* of the partner; NULL = none */
	bool is_new_partner, is_new_domain, is_new_note;
};
/* What is to be done with a person. Reads alone; strings in the arena or the person's. */
int people_plan(struct people_run *run, struct db *d, struct arena *a, const struct person *p,
	struct people_plan *out, struct err *e) NODISCARD;
/* What the run has to remember when the plan is not carried out. */
void people_plan_note(struct people_run *run, const struct person *p, struct people_plan *plan);
/* Carries it out and writes down how to undo it. Writer thread. */
int people_plan_apply(struct people_run *run, struct write *w, const struct person *p,
	struct people_plan *plan, struct err *e) NODISCARD;

#endif
