/*
 * today.h (store) - what the day brings [R40]: conversations that wait for an answer, tasks and
 * meetings. Every query is bounded by an index and a number, whatever the size of the mailbox.
 * Reader calls from any thread with its own reader. Strings of results live in the arena,
 * unsanitised.
 */
#ifndef CRMAIL_STORE_TODAY_H
#define CRMAIL_STORE_TODAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/contact.h"

struct arena;
struct store_reader;

#define TODAY_LOOKED_AT 2000            /* newest messages that are looked at */
#define TODAY_LOOKS_BACK (60 * 86400LL) /* seconds: what is older waits no more */

struct today_thread {
	int64_t thread, message, account; /* message: the newest */
	int64_t at;                       /* its Date */
	int64_t contact, partner;         /* of the peer; 0 = none */
};
struct today_threads {
	/* The newest mail is from a known contact or partner, lies in an inbox, and has no
	 * answer. */
	struct today_thread *waiting;
	size_t n_waiting;
	/* The newest mail is ours to one of them, and older than `no_answer_s`. */
	struct today_thread *unanswered;
	size_t n_unanswered;
};
/* Newest first; at most `max` of each. Automated mail and lists are never among them. */
int today_threads(struct store_reader *r, struct arena *a, int64_t now, int64_t no_answer_s,
	size_t max, struct today_threads *out, struct err *e) NODISCARD;

struct today_entry { /* a task or a meeting */
	int64_t id, crm, contact, partner, deal;
	int64_t at, due_at;          /* due_at: of a task, the day's start UTC */
	int64_t duration_min;        /* 0 = not known */
	const char *subject, *about; /* about: the contact's or partner's name; NULL = nobody */
};
/* Open tasks of the user due before `until`, the longest due first. */
int today_tasks(struct store_reader *r, struct arena *a, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e) NODISCARD;
/* Meetings of the user that begin from `from` to before `until`, the next one first. */
int today_meetings(struct store_reader *r, struct arena *a, int64_t from, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e) NODISCARD;

#endif
