/*
 * worker.c - threads that sleep until they are asked or something is due. What they do stands in
 * account_worker.c and crm_worker.c.
 */
#include "config.h"

#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/net/cancel.h"
#include "crmail/provider/transport.h"

#define YIELD_AFTER_MS 250
#define YIELD_EVERY_MS 5000            /* a new connection each time: not for every key pressed */
#define WORKER_STACK ((size_t)1 << 20) /* nothing of ours recurses on input */

int worker_init(struct worker *w, const struct host_options *o, int64_t id, struct err *e)
{
	*w = (struct worker){.host = o, .id = id};
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake_fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot start background work"));
	pthread_mutex_init(&w->lock, NULL);
	w->cancel = net_cancel_new();
	return 0;
}

int worker_start(struct worker *w, void *(*run)(void *), struct err *e)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORKER_STACK);
	sigfillset(&all); /* SIGWINCH and friends belong to the UI thread */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int rc = pthread_create(&w->thread, &attr, run, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (rc)
		return err_sys(e, ERR_IO, rc, _("Cannot start background work"));
	w->is_running = true;
	return 0;
}

void worker_ask_stop(struct worker *w)
{
	worker_post(w, REQUEST_STOP);
	net_cancel_trigger(w->cancel);
	pthread_mutex_lock(&w->lock);
	if (w->transport)
		transport_cancel(w->transport);
	pthread_mutex_unlock(&w->lock);
}

void worker_set_transport(struct worker *w, struct transport *t)
{
	pthread_mutex_lock(&w->lock);
	w->transport = t;
	pthread_mutex_unlock(&w->lock);
}

void worker_join(struct worker *w)
{
	if (!w->is_running)
		return;
	pthread_join(w->thread, NULL);
	w->is_running = false;
}

void worker_stop(struct worker *w)
{
	if (!w->is_running)
		return;
	worker_ask_stop(w);
	worker_join(w);
}

void worker_release(struct worker *w)
{
	worker_stop(w);
	for (size_t i = 0; i < w->n_asks; i++)
		free(w->asks[i].text);
	w->n_asks = 0;
	if (w->wake_fd > 0)
		close(w->wake_fd);
	w->wake_fd = -1;
	pthread_mutex_destroy(&w->lock);
	net_cancel_free(w->cancel);
	w->cancel = NULL;
}

static void wake(struct worker *w)
{
	uint64_t one = 1;
	ssize_t n = write(w->wake_fd, &one, sizeof one);
	(void)n; /* full means it is awake already */
}

/* A wait on the network that nobody is waiting for ends when somebody waits for something else.
 * With the lock held. */
static void cut_off(struct worker *w)
{
	int64_t now = clock_mono_ms();
	if (!w->yielding_since || now - w->yielding_since < YIELD_AFTER_MS ||
		(w->yielded_at && now - w->yielded_at < YIELD_EVERY_MS))
		return;
	w->yielding_since = 0;
	w->yielded_at = now;
	net_cancel_trigger(w->cancel);
}

void worker_set_yielding(struct worker *w, bool is_yielding)
{
	pthread_mutex_lock(&w->lock);
	w->yielding_since = is_yielding ? clock_mono_ms() : 0;
	pthread_mutex_unlock(&w->lock);
}

void worker_post(struct worker *w, unsigned requests)
{
	pthread_mutex_lock(&w->lock);
	w->requests |= requests;
	cut_off(w);
	pthread_mutex_unlock(&w->lock);
	wake(w);
}

void worker_post_body(struct worker *w, int64_t message)
{
	pthread_mutex_lock(&w->lock);
	if (w->n_bodies == WORKER_BODIES) {
		memmove(w->bodies, w->bodies + 1, (WORKER_BODIES - 1) * sizeof *w->bodies);
		w->n_bodies--;
	}
	w->bodies[w->n_bodies++] = message;
	cut_off(w);
	pthread_mutex_unlock(&w->lock);
	wake(w);
}

bool worker_post_ask(struct worker *w, struct worker_ask ask)
{
	pthread_mutex_lock(&w->lock);
	bool fits = w->n_asks < WORKER_ASKS;
	if (fits)
		w->asks[w->n_asks++] = ask;
	cut_off(w);
	pthread_mutex_unlock(&w->lock);
	if (!fits)
		free(ask.text);
	wake(w);
	return fits;
}

static void drain(struct worker *w)
{
	uint64_t drained;
	ssize_t n = read(w->wake_fd, &drained, sizeof drained);
	(void)n; /* EAGAIN: nobody called */
}

unsigned worker_peek(struct worker *w)
{
	drain(w);
	pthread_mutex_lock(&w->lock);
	unsigned r = w->requests | (w->n_bodies ? REQUEST_BODY : 0);
	for (size_t i = 0; i < w->n_asks; i++)
		r |= w->asks[i].kind == ASK_SEARCH ? REQUEST_SEARCH : REQUEST_ASK;
	pthread_mutex_unlock(&w->lock);
	return r;
}

/* The newest wish first: it is what the user looks at now. */
unsigned worker_take(struct worker *w, int64_t *body)
{
	drain(w);
	pthread_mutex_lock(&w->lock);
	unsigned r = w->requests;
	w->requests &= REQUEST_STOP;
	if (body)
		*body = w->n_bodies ? w->bodies[--w->n_bodies] : 0;
	pthread_mutex_unlock(&w->lock);
	return r;
}

bool worker_should_stop(void *worker)
{
	struct worker *w = worker;
	pthread_mutex_lock(&w->lock);
	bool stop = w->requests & REQUEST_STOP;
	pthread_mutex_unlock(&w->lock);
	return stop;
}

void worker_sleep(struct worker *w, int64_t until_ms)
{
	for (;;) {
		int64_t left = until_ms == INT64_MAX ? -1 : until_ms - clock_mono_ms();
		if (until_ms != INT64_MAX && left <= 0)
			return;
		struct pollfd fd = {.fd = w->wake_fd, .events = POLLIN};
		int n = poll(&fd, 1, left > 3600000 ? 3600000 : (int)left);
		if (n > 0 || (n < 0 && errno != EINTR))
			return;
	}
}

bool worker_take_ask(struct worker *w, struct worker_ask *out)
{
	pthread_mutex_lock(&w->lock);
	bool is_there = w->n_asks > 0;
	if (is_there) {
		*out = w->asks[0];
		w->n_asks--;
		memmove(w->asks, w->asks + 1, w->n_asks * sizeof *w->asks);
	}
	pthread_mutex_unlock(&w->lock);
	return is_there;
}

void worker_tell_brought(struct worker *w)
{
	if (w->hooks)
		w->hooks->brought(w->hooks->ctx);
}

void worker_tell_passed(struct worker *w, const void *report)
{
	if (w->hooks)
		w->hooks->passed(w->hooks->ctx, w, report);
}

void worker_tell_answer(struct worker *w, int64_t number, const struct err *e)
{
	if (w->hooks)
		w->hooks->answered(w->hooks->ctx, number, e);
}

void worker_set_progress(struct worker *w, int64_t done, int64_t total)
{
	pthread_mutex_lock(&w->lock);
	w->done = done;
	w->total = total;
	pthread_mutex_unlock(&w->lock);
}

void worker_get_progress(struct worker *w, int64_t *done, int64_t *total)
{
	pthread_mutex_lock(&w->lock);
	*done = w->done;
	*total = w->total;
	pthread_mutex_unlock(&w->lock);
}
