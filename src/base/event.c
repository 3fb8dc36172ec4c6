/* event.c - the coalescing set of events: a fixed table in order of first arrival, a lock, and an
 * eventfd that is readable while the table is not empty. */
#include "config.h"

#include "crmail/base/event.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"

#define SPECIFIC_MOST 256 /* keyed events; beyond them each type has one place for "anything" */

struct event_set {
	pthread_mutex_t lock;
	int fd;
	struct event_set *tap; /* NULL = none */
	size_t n;
	bool is_merged[EV_TYPE_COUNT]; /* overflowed: the type has its (type, 0, 0) event */
	struct event events[SPECIFIC_MOST + EV_TYPE_COUNT];
};

struct event_set *event_set_new(void)
{
	struct event_set *s = xcalloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	BUG_ON(s->fd < 0);
	return s;
}

void event_set_free(struct event_set *s)
{
	if (!s)
		return;
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int event_set_fd(const struct event_set *s)
{
	return s->fd;
}

bool event_arg_is_key(enum event_type type)
{
	return type == EV_BODY || type == EV_REPLY;
}

static bool same_key(const struct event *a, const struct event *b)
{
	return a->type == b->type && a->account == b->account && a->folder == b->folder &&
	       (!event_arg_is_key(a->type) || a->arg == b->arg);
}

static struct event *find(struct event_set *s, const struct event *ev)
{
	for (size_t i = 0; i < s->n; i++) {
		if (same_key(&s->events[i], ev))
			return &s->events[i];
	}
	return NULL;
}

static void merge_into(struct event *to, const struct event *ev)
{
	if (ev->arg > to->arg && !event_arg_is_key(to->type))
		to->arg = ev->arg;
	to->count = ev->count > UINT32_MAX - to->count ? UINT32_MAX : to->count + ev->count;
}

/* All of one type become one event that says "anything of this type". */
static void merge_type(struct event_set *s, enum event_type type)
{
	struct event all = {.type = type};
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->events[i].type == type)
			merge_into(&all, &s->events[i]);
		else
			s->events[kept++] = s->events[i];
	}
	s->events[kept++] = all;
	s->n = kept;
	s->is_merged[type] = true;
}

static void signal_fd(struct event_set *s)
{
	const uint64_t one = 1;

	/* Only EAGAIN is possible, and then the fd is readable already. */
	IGNORE_RESULT(write(s->fd, &one, sizeof(one)) < 0, "see above");
}

/* Called with the lock held. */
static void put(struct event_set *s, const struct event *ev)
{
	struct event key = *ev;
	bool was_empty = !s->n;
	if (!s->is_merged[ev->type] && s->n >= SPECIFIC_MOST && !find(s, ev))
		merge_type(s, ev->type);
	if (s->is_merged[ev->type])
		key = (struct event){.type = ev->type};
	struct event *there = find(s, &key);
	if (there)
		merge_into(there, ev);
	else
		s->events[s->n++] = *ev;
	if (was_empty)
		signal_fd(s);
}

void event_deliver(struct event_set *s, const struct event *ev)
{
	BUG_ON(ev->type <= EV_NONE || ev->type >= EV_TYPE_COUNT);
	pthread_mutex_lock(&s->lock);
	put(s, ev);
	pthread_mutex_unlock(&s->lock);
}

static bool is_own_business(enum event_type type)
{
	return type == EV_COMMIT || type == EV_PROGRESS || type == EV_REPLY;
}

/* The tap is filled under this set's lock, so that it cannot be taken away meanwhile; a tap has no
 * tap, so that the order of the locks is always the same. */
void event_post(struct event_set *s, const struct event *ev)
{
	BUG_ON(ev->type <= EV_NONE || ev->type >= EV_TYPE_COUNT);
	pthread_mutex_lock(&s->lock);
	put(s, ev);
	if (s->tap && !is_own_business(ev->type))
		event_deliver(s->tap, ev);
	pthread_mutex_unlock(&s->lock);
}

void event_set_tap(struct event_set *s, struct event_set *tap)
{
	pthread_mutex_lock(&s->lock);
	s->tap = tap;
	pthread_mutex_unlock(&s->lock);
}

size_t event_drain(struct event_set *s, struct event *out, size_t max)
{
	uint64_t ignored;

	pthread_mutex_lock(&s->lock);
	size_t n = s->n < max ? s->n : max;
	memcpy(out, s->events, n * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		if (!out[i].account && !out[i].folder)
			s->is_merged[out[i].type] = false;
	}
	s->n -= n;
	memmove(s->events, s->events + n, s->n * sizeof(*out));
	if (!s->n)
		IGNORE_RESULT(read(s->fd, &ignored, sizeof(ignored)) < 0, "empty is as good");
	pthread_mutex_unlock(&s->lock);
	return n;
}
