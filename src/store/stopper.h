/*
 * stopper.h - ending long reads from another thread: who runs them says which connection is busy,
 * who wants the end interrupts it. A NULL stopper never stops. Any thread.
 */
#ifndef CRMAIL_STORE_STOPPER_H
#define CRMAIL_STORE_STOPPER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

struct stopper {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool must_stop;
	bool is_wanted; /* somebody has work for the thread */
	sqlite3 *busy;  /* NULL = none */
};

void stopper_init(struct stopper *s);
void stopper_release(struct stopper *s);
void stopper_stop(struct stopper *s);
void stopper_rearm(struct stopper *s); /* after the thread was joined: it may be started again */
bool stopper_must_stop(struct stopper *s);
/* h is interrupted when the end is wanted; NULL = nothing is busy any more. Call before h is
 * closed. */
void stopper_watch(struct stopper *s, sqlite3 *h);
void stopper_want(struct stopper *s);
/* Sleeps until something is wanted, the end is, or the time is over (0 = for ever). True: go on. */
bool stopper_sleep(struct stopper *s, int64_t ms);

#endif
