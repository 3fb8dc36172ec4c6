/*
 * store.h - the two SQLite files, their writer threads, and read handles.
 *
 * `crmail.db` is the truth; `cache.db` (compressed bodies, extracted text, full-text index) can be
 * rebuilt. No transaction spans both. One writer thread per file with two lanes, user first;
 * everyone else reads through a struct store_reader of their own thread. See doc/schema.md.
 *
 * Two ways of writing, both typed functions of the other headers in this folder (no SQL outside
 * src/store):
 *   - worker calls block until the commit (that is the back-pressure) and return 0 or -1;
 *   - user calls (UI thread) only queue: they return a ticket at once and never block; when the
 *     commit is done EV_COMMIT{arg = ticket} is posted, and EV_MESSAGES, EV_OUTBOX ... for what
 *     changed. A failed user write posts EV_COMMIT too; store_ticket_error() tells.
 *
 * Durability: WAL; synchronous=FULL for outbox, op and token commits, NORMAL elsewhere.
 * Every commit passes store_commit(), which counts crash points for tests.
 */
#ifndef CRMAIL_STORE_H
#define CRMAIL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct clock_src;
struct event_set;
struct rng;
struct store;        /* any thread unless said otherwise */
struct store_reader; /* belongs to one thread */

struct store_options {
	const char *dir;               /* data folder; made 0700 when absent */
	const struct clock_src *clock; /* borrowed for the store's life, like the next two */
	struct event_set *events;      /* may be NULL (CLI): no events are posted */
	struct rng *rng;
	/* The caller makes readers and writes nothing: no writer is started, and no file is touched
	 * unless something must be made, upgraded or made up for first. */
	bool only_reads;
	int64_t cache_limit_bytes; /* of cache.db and files/; 0 = none */
	const char *notice_rule;   /* new mail that is noted (notice.h); NULL = "known"; copied */
	int64_t crash_at;          /* test hook: SIGKILL at the n-th crash point; 0 = never */
	const char *vfs;           /* test hook: SQLite VFS that injects faults; NULL = none */
	void (*progress)(void *ctx, const char *what, int64_t done, int64_t total); /* upgrade */
	void *progress_ctx;
};

/* Opens or makes both files, migrates (needs the data folder's lock alone), starts the writers.
 * ERR_CONFLICT with one sentence when the folder is of a newer version (exit code 5). */
int store_open(struct store **out, const struct store_options *o, struct err *e) NODISCARD;
/* Finishes queued writes, stops the writers, closes. NULL is fine. Readers must be closed. */
void store_close(struct store *s);

int store_reader_open(struct store *s, struct store_reader **out, struct err *e) NODISCARD;
void store_reader_close(struct store_reader *r);
/* The one call on a reader that may come from another thread: its running query ends with
 * ERR_CANCELLED. */
void store_reader_interrupt(struct store_reader *r);
const struct store *store_reader_store(const struct store_reader *r);

/* Waits until everything queued before is committed. For the CLI, tests and quitting. */
int store_flush(struct store *s, struct err *e) NODISCARD;
/* Whether the last thing to be written could not be (a full disk), and why. Any thread. */
bool store_trouble(struct store *s, struct err *out);
/* 1 and *out when that user write failed (the last 16 failures are kept), else 0. */
int store_ticket_error(struct store *s, int64_t ticket, struct err *out);
/* Of the newest user write; 0 = there was none. */
int64_t store_last_ticket(struct store *s);

/* Data folder's files. Caller frees with free(). */
char *store_path(const struct store *s, const char *name) NODISCARD;

/* Recounts every counter and compares the two files; counts of what was mended. */
struct store_check {
	int64_t messages, threads, wrong_counters, missing_bodies, orphans;
};
int store_doctor(struct store *s, struct store_check *out, struct err *e) NODISCARD;

#endif
