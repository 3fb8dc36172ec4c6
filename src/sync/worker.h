/*
 * worker.h - a thread with a wake-up, and the requests that others leave for it. The lock inside
 * guards only the requests. worker_start/stop: main thread; worker_post: any thread.
 */
#ifndef CRMAIL_WORKER_H
#define CRMAIL_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/ask.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/sync/host.h"

#define WORKER_BODIES 32 /* bodies a user can wait for at once; older wishes fall out */
#define WORKER_ASKS 16   /* questions that can wait for their turn */

struct net_cancel;
struct transport;
struct worker;

enum worker_request {
	REQUEST_KICK = 1 << 0,
	REQUEST_SYNC_NOW = 1 << 1,
	REQUEST_STOP = 1 << 2,
	REQUEST_PASS = 1 << 3, /* everything once, and a report of it */
	REQUEST_LOST = 1 << 7, /* bodies that were here have to be fetched again */
	/* Only in what worker_peek() says: */
	REQUEST_ASK = 1 << 4,
	REQUEST_SEARCH = 1 << 5, /* of the questions, those */
	REQUEST_BODY = 1 << 6,
};

struct worker_ask {
	int64_t number;
	enum ask_kind kind;
	char *text; /* free with free(); NULL = none */
};

/* What a worker tells its host; called on the worker's thread, without its lock. */
struct worker_hooks {
	void *ctx;
	void (*brought)(void *ctx); /* mail or contacts came that others may have work with */
	/* The pass is over; `report` is a struct account_report or crm_report, for the call. */
	void (*passed)(void *ctx, struct worker *w, const void *report);
	void (*answered)(void *ctx, int64_t number, const struct err *e);
};

struct worker {
	pthread_t thread;
	bool is_running;
	const struct host_options *host;
	int64_t id;                /* account or CRM row */
	struct net_cancel *cancel; /* stops what waits on the network */
	int wake_fd;               /* eventfd: readable = requests are waiting */
	pthread_mutex_t lock;      /* guards the members below */
	unsigned requests;         /* enum worker_request */
	int64_t bodies[WORKER_BODIES];
	size_t n_bodies;
	struct transport *transport; /* what worker_stop() cancels; NULL = none */
	int64_t done, total;         /* progress, for the job line */
	struct worker_ask asks[WORKER_ASKS];
	size_t n_asks;
	const struct worker_hooks *hooks; /* set before the start; NULL = nobody to tell */
	char *name;                       /* the row's, for reports; guarded by the host's lock */
	bool owes_pass;                   /* a pass waits for its report; guarded likewise */
	struct cJSON *passed;             /* that report, once it is there; guarded likewise */
	int64_t yielding_since; /* ms, monotonic: what runs now gives way to a request; 0 = not */
	int64_t yielded_at;     /* ms, monotonic: when it last did */
	void *report;           /* of the pass this thread runs; NULL = it runs for ever */
};

int worker_init(struct worker *w, const struct host_options *o, int64_t id,
	struct err *e) NODISCARD;
int worker_start(struct worker *w, void *(*run)(void *), struct err *e) NODISCARD;
void worker_ask_stop(struct worker *w); /* returns at once */
void worker_stop(struct worker *w);     /* asks and joins */
void worker_join(struct worker *w);     /* waits until it ends by itself */
void worker_release(struct worker *w);
void worker_post(struct worker *w, unsigned requests);
void worker_post_body(struct worker *w, int64_t message);
bool worker_post_ask(struct worker *w,
	struct worker_ask ask); /* takes the text; false: too many wait */

/* The worker's own side. */
/* Clears all but REQUEST_STOP. body NULL leaves the wishes for bodies where they are. */
unsigned worker_take(struct worker *w, int64_t *body);
/* What is waiting, left where it is; the next worker_sleep() is woken by what comes after. */
unsigned worker_peek(struct worker *w);
bool worker_should_stop(void *worker);
/* While set, a step runs that may be cut off: a request that finds it running for longer than a
 * quarter of a second triggers the worker's net_cancel, every 5 seconds at most. */
void worker_set_yielding(struct worker *w, bool is_yielding);
void worker_sleep(struct worker *w, int64_t until_ms); /* monotonic; ends early on a request */
bool worker_take_ask(struct worker *w, struct worker_ask *out); /* its text is the caller's now */
void worker_tell_brought(struct worker *w);
void worker_tell_passed(struct worker *w, const void *report);
void worker_tell_answer(struct worker *w, int64_t number, const struct err *e);
void worker_set_transport(struct worker *w, struct transport *t);
void worker_set_progress(struct worker *w, int64_t done, int64_t total);
void worker_get_progress(struct worker *w, int64_t *done, int64_t *total);

#endif
