/*
 * store_private.h - what the files of src/store share: the store, its writers, a reader.
 *
 * Writing: a function `int fn(struct write *w, void *arg, struct err *e)` runs on the writer
 * thread of one file, inside a transaction of its own; -1 rolls back. Everything it needs is in
 * `arg`; it touches nothing else of the store.
 */
#ifndef CRMAIL_STORE_PRIVATE_H
#define CRMAIL_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "crmail/base/arena.h"
#include "crmail/base/event.h"
#include "crmail/store/store.h"

#include "db.h"
#include "presence.h"
#include "stopper.h"

enum write_lane { LANE_USER, LANE_WORK, LANE_COUNT };
enum write_flags {
	WRITE_USER = 1 << 0, /* somebody waits: before all work */
	WRITE_FULL = 1 << 1, /* synchronous=FULL: on disk before it counts as done */
	WRITE_BARE = 1 << 2, /* not in a transaction: what cannot run in one */
};
enum { WRITE_EVENTS = 32 };

struct write {
	struct store *store;
	struct db *db;
	struct arena arena; /* reset after each job */
	int64_t now;        /* clock at the job's start */
	struct event events[WRITE_EVENTS];
	size_t n_events;
};
typedef int (*write_fn)(struct write *w, void *arg, struct err *e);

struct write_chain;
struct job {
	struct job *next;
	struct write_chain *chain; /* it is part of; NULL = of none */
	write_fn fn;
	void *arg;
	void (*free_arg)(void *arg); /* user calls; NULL = nothing to free */
	unsigned flags;
	int64_t ticket; /* 0 = a caller waits */
	bool is_done;
	int rc;
	struct err err;
};

struct writer {
	struct store *store;
	struct db db;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work, done;
	struct job *head[LANE_COUNT], *tail[LANE_COUNT];
	bool is_running, must_stop;
	int64_t wal_pages;  /* writer thread only: since the last checkpoint */
	bool is_full;       /* writer thread only: synchronous as it stands */
	struct err trouble; /* why nothing can be written; guarded by the store's failed_lock */
};

/* Jobs one after the other, each on the writer of either file: the next is queued when the one
 * before has committed, and one that fails is the last. The caller owns the struct, fills in steps,
 * n and arg, and may do something else until it waits. */
enum { CHAIN_STEPS = 3 };
struct write_chain {
	struct write_step {
		struct writer *on;
		unsigned flags;
		write_fn fn;
	} steps[CHAIN_STEPS];
	size_t n;
	void *arg; /* of every step */
	size_t at;
	struct job job;
	bool is_done; /* guarded by the lock of the last step's writer */
};

enum { FAILED_TICKETS = 16 };
struct failed_ticket {
	int64_t ticket;
	struct err err;
};

enum damage { DAMAGE_MAIN = 1 << 0, DAMAGE_CACHE = 1 << 1, DAMAGE_SOMEWHERE = 1 << 2 };

struct store {
	struct store_options o;
	char *dir, *notice_rule;
	struct writer main, cache;
	atomic_int_fast64_t next_ticket, next_id, commits;
	pthread_mutex_t failed_lock; /* guards failed[] */
	struct failed_ticket failed[FAILED_TICKETS];
	size_t next_failed;
	struct presence presence;
	struct stopper care_stopper; /* of the thread that care.c runs */
	atomic_uint damage;          /* enum damage, found and not yet seen to */
	unsigned n_renewals;         /* of cache.db; care's thread only */
	atomic_int_fast64_t rebuild_done, rebuild_total; /* bodies read from files; 0 = none */
	struct store_reader
		*_Atomic spare;      /* a reader that was closed, for whoever opens the next */
	atomic_bool is_main_damaged; /* until the process ends: only the user can help */
};

struct store_reader {
	struct store *store;
	struct db db; /* crmail.db, cache.db attached as "cache" */
};

/* ---- writer.c ---- */
int writer_start(struct writer *w, struct store *s, struct err *e) NODISCARD;
void writer_stop(struct writer *w); /* after what is queued */
/* Runs fn in a transaction and waits for its commit. */
int writer_call(struct writer *w, unsigned flags, write_fn fn, void *arg, struct err *e) NODISCARD;
/* Every chain that was started has to be waited for, before anything of it is freed and before the
 * store is closed. */
void writer_chain_start(struct write_chain *c);
int writer_chain_wait(struct write_chain *c, struct err *e) NODISCARD;
/* Queues and returns the ticket; arg is taken over and freed with free_arg after the commit. */
int64_t writer_post(struct writer *w, unsigned flags, write_fn fn, void *arg,
	void (*free_arg)(void *arg));
/* Queued jobs are still done, but none should beget another. */
bool writer_is_stopping(struct writer *w);
/* Adds an event that is posted when the commit stands. */
void write_event(struct write *w, enum event_type type, int64_t account, int64_t folder,
	int64_t arg, uint32_t count);

/* ---- store.c ---- */
/* COMMIT with a crash point before and after it. */
int store_commit(struct store *s, struct db *d, struct err *e) NODISCARD;
int64_t store_now(const struct store *s);
/* Ids of rows that the caller must know before the commit: ascending, unlikely to meet those of
 * another process. */
int64_t store_new_id(struct store *s);
struct db *reader_db(struct store_reader *r);
void reader_drop_spare(struct store *s);
/* The connection tells the store when a file turns out to be damaged. */
void store_watch_reader(struct store *s, struct db *d);

#endif
