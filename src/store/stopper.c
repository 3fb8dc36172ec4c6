/* stopper.c - see stopper.h. */
#include "config.h"

#include "stopper.h"

#include <errno.h>
#include <time.h>

void stopper_init(struct stopper *s)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	*s = (struct stopper){.busy = NULL};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
}

void stopper_release(struct stopper *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

void stopper_stop(struct stopper *s)
{
	pthread_mutex_lock(&s->lock);
	s->must_stop = true;
	if (s->busy)
		sqlite3_interrupt(s->busy);
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

void stopper_rearm(struct stopper *s)
{
	pthread_mutex_lock(&s->lock);
	s->must_stop = false;
	pthread_mutex_unlock(&s->lock);
}

bool stopper_must_stop(struct stopper *s)
{
	if (!s)
		return false;
	pthread_mutex_lock(&s->lock);
	bool must_stop = s->must_stop;
	pthread_mutex_unlock(&s->lock);
	return must_stop;
}

void stopper_watch(struct stopper *s, sqlite3 *h)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->busy = h;
	if (h && s->must_stop)
		sqlite3_interrupt(h);
	pthread_mutex_unlock(&s->lock);
}

void stopper_want(struct stopper *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_wanted = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

bool stopper_sleep(struct stopper *s, int64_t ms)
{
	struct timespec t;
	int rc = 0;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&s->lock);
	while (!s->must_stop && !s->is_wanted && rc != ETIMEDOUT)
		rc = ms ? pthread_cond_timedwait(&s->changed, &s->lock, &t)
			: pthread_cond_wait(&s->changed, &s->lock);
	s->is_wanted = false;
	bool goes_on = !s->must_stop;
	pthread_mutex_unlock(&s->lock);
	return goes_on;
}
