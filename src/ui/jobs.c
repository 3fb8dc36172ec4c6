/* jobs.c - the reader thread's queue: one waiting job a channel, a list of finished ones. */
#include "config.h"

#include "jobs.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"

struct reader_thread {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct store *store;
	_Atomic(struct store_reader *) reader; /* NULL until the first job */
	struct event_set *events;
	struct job *waiting[JOB_CHANNEL_COUNT];
	struct job *running;          /* under lock; owned by the thread */
	struct job *done, **done_end; /* oldest first */
	bool is_stopping, is_sync;
};

static struct job *next_waiting(struct reader_thread *t)
{
	for (int c = 0; c < JOB_CHANNEL_COUNT; c++) {
		struct job *j = t->waiting[c];

		if (j) {
			t->waiting[c] = c == JOB_KEEP ? j->next : NULL;
			return j;
		}
	}
	return NULL;
}

static void finish(struct reader_thread *t, struct job *j)
{
	j->next = NULL;
	*t->done_end = j;
	t->done_end = &j->next;
}

/* Reading the schema takes longer than painting what is on the screen: it waits for the first
 * job. */
static void run_job(struct reader_thread *t, struct job *j)
{
	struct store_reader *r = t->reader;

	if (!r && store_reader_open(t->store, &r, &j->err))
		return;
	t->reader = r;
	j->run(j, r);
}

static void *reader_main(void *arg)
{
	struct reader_thread *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->is_stopping) {
		struct job *j = next_waiting(t);

		if (!j) {
			pthread_cond_wait(&t->wake, &t->lock);
			continue;
		}
		t->running = j;
		pthread_mutex_unlock(&t->lock);
		run_job(t, j);
		pthread_mutex_lock(&t->lock);
		t->running = NULL;
		finish(t, j);
		event_post(t->events,
			&(struct event){.type = EV_REPLY, .arg = j->generation, .count = 1});
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* Signals belong to the UI thread: the new thread is born with all of them blocked. */
static int start_thread(struct reader_thread *t)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&t->thread, NULL, reader_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int jobs_start(struct reader_thread **out, struct store *s, struct event_set *events, bool sync,
	struct err *e)
{
	struct reader_thread *t = xcalloc(1, sizeof(*t));
	int rc;

	t->is_sync = sync;
	t->store = s;
	t->events = events;
	t->done_end = &t->done;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	rc = sync ? 0 : start_thread(t);
	if (rc != 0) {
		pthread_cond_destroy(&t->wake);
		pthread_mutex_destroy(&t->lock);
		free(t);
		return err_sys(e, ERR_IO, rc, "%s", _("Cannot start the reader thread"));
	}
	*out = t;
	return 0;
}

/* At the end of the queue, or in the place of the one that waits; returns that one. */
static struct job *put_waiting(struct reader_thread *t, struct job *j)
{
	struct job **at = &t->waiting[j->channel], *old = NULL;

	if (j->channel == JOB_KEEP)
		while (*at)
			at = &(*at)->next;
	else
		old = *at;
	j->next = NULL;
	*at = j;
	return old;
}

static bool gives_way(const struct job *running, const struct job *j)
{
	return running->channel == JOB_COUNT ||
	       (running->channel == j->channel && j->channel != JOB_KEEP);
}

/* A job that opens the reader is not long in doing so: it is not interrupted. */
static void interrupt(struct reader_thread *t)
{
	struct store_reader *r = t->reader;

	if (r)
		store_reader_interrupt(r);
}

void jobs_submit(struct reader_thread *t, struct job *j)
{
	struct job *old;

	pthread_mutex_lock(&t->lock);
	old = put_waiting(t, j);
	if (t->running && gives_way(t->running, j))
		interrupt(t);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	if (old)
		old->free(old);
}

struct job *jobs_take(struct reader_thread *t)
{
	struct job *j;

	pthread_mutex_lock(&t->lock);
	if (t->is_sync && (j = next_waiting(t))) {
		run_job(t, j);
		finish(t, j);
	}
	j = t->done;
	if (j) {
		t->done = j->next;
		if (!t->done)
			t->done_end = &t->done;
	}
	pthread_mutex_unlock(&t->lock);
	return j;
}

void jobs_stop(struct reader_thread *t)
{
	struct job *j;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->is_stopping = true;
	if (t->running)
		interrupt(t);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	if (!t->is_sync)
		pthread_join(t->thread, NULL);
	while ((j = next_waiting(t)))
		j->free(j);
	while ((j = t->done)) {
		t->done = j->next;
		j->free(j);
	}
	store_reader_close(t->reader);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
