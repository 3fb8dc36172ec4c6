/*
 * care.h - what keeps the data folder whole, done by the host in a thread with read handles of its
 * own: the check after an unclean end, a cache.db that turned out to be damaged made anew, the
 * daily copy of crmail.db [R45], bodies that no server has any more kept, and the cache limit
 * [R11].
 *
 * The screen never waits for any of it. A result stands in table `care`; a sentence for the user is
 * there only when something was mended or needs doing.
 */
#ifndef CRMAIL_STORE_CARE_H
#define CRMAIL_STORE_CARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct care;
struct store;
struct store_options;
struct store_reader;

/* Who fetches mail: told on care's thread when bodies that were here have to be fetched again. */
struct care_hook {
	void *ctx;
	void (*lost)(void *ctx); /* NULL = nobody */
};
/* Starts the thread; what is due runs a moment later, so that the first screen is not disturbed.
 * Main thread. The store must outlive it. */
int care_start(struct care **out, struct store *s, struct care_hook hook, struct err *e) NODISCARD;
/* Interrupts what runs and joins. NULL is fine. Before store_close(). */
void care_stop(struct care *c);
/* Everything that is due, in the caller's thread: `sync --once`, tests. A failure of one kind of
 * care is a row and a line in the log, and not the caller's. */
void care_once(struct store *s);

enum care_state { CARE_FINE, CARE_MENDED, CARE_NEEDS_USER }; /* stored: never renumber */
struct care_row {
	const char *what; /* "check", "copy", "cache" */
	int64_t at;       /* seconds UTC */
	enum care_state state;
	const char *text; /* one sentence; NULL = nothing to say */
};
/* By name; strings in the arena. */
int care_list(struct store_reader *r, struct arena *a, struct care_row **out, size_t *n,
	struct err *e) NODISCARD;
/* Bodies of kept and imported mail that are read from their files again, after a lost cache.db;
 * total 0 = none. Any thread. */
void care_counts(struct store *s, int64_t *done, int64_t *total);
/* The one sentence that the user should read now: what needs doing, else what was mended in the
 * last minutes. NULL = none. In the arena. */
const char *care_notice(struct store_reader *r, struct arena *a);

/* ---- copies of crmail.db --------------------------------------------------------------------- */
/* The day of the newest copy that is whole, "2026-11-21"; NULL = there is none. free(). */
char *care_newest_copy(const char *dir) NODISCARD;
/* Puts the copy of `day` (NULL: the newest that is whole) in the place of crmail.db, which is kept
 * in `damaged/`. The next opening settles it: no mail of the outbox goes out by itself, changes
 * that waited are dropped, everything is listed anew, and what is to be logged is looked for first.
 * *restored gets the day, free(). No store may be open: ERR_CONFLICT. ERR_NOTFOUND: no copy. */
int care_restore(const struct store_options *o, const char *day, char **restored,
	struct err *e) NODISCARD;

#endif
