/* host_private.h - what host.c (lock, workers) and host_pass.c (passes) share. */
#ifndef CRMAIL_HOST_PRIVATE_H
#define CRMAIL_HOST_PRIVATE_H

#include <pthread.h>

#include <cjson/cJSON.h>

#include "crmail/sync/host.h"

#include "worker.h"

struct worker_list {
	struct worker **v;
	size_t n;
};

/* A pass that was asked of a running host: first the accounts, then the CRMs, which log what the
 * accounts brought. Passes are numbered; whoever asks while one runs waits for the one after it. */
struct host_pass {
	int64_t wanted, running, done; /* numbers: the last asked for, the one under way (0 = none),
					  the last that ended */
	bool is_logging;               /* the accounts are through */
	cJSON *report;                 /* of the one under way */
	char *text;                    /* of the one that ended, until it is taken */
};

struct host_answer {
	int64_t number;
	struct err err;
};

struct host {
	struct host_options options;
	struct worker_hooks hooks;
	int lock_fd;
	struct care *care; /* of the data folder; NULL in a pass */
	bool is_running;
	pthread_mutex_t lock; /* guards what follows; never held while a worker is waited for */
	struct worker_list accounts, crms;
	struct host_pass pass;
	struct host_answer *answers; /* not taken yet, oldest first */
	size_t n_answers;
};

/* ---- host_pass.c; all but host_pass_passed() with the lock held ---- */
void host_pass_passed(void *host, struct worker *w, const void *report); /* a worker's hook */
/* A worker was taken from the lists: nothing waits for it any more. */
void host_pass_advance(struct host *h);
void host_pass_release(struct host *h);

#endif
