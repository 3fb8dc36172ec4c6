/*
 * writer.c - the thread that alone writes one of the files: two lanes of jobs, one transaction per
 * job, checkpoints when idle. What is written is the business of the jobs.
 */
#include "config.h"

#include "store_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

enum {
	IDLE_MS = 200,         /* nothing to do for so long: checkpoint */
	WAL_PAGES_IDLE = 250,  /* not worth a checkpoint below (about 1 MiB) */
	WAL_PAGES_MAX = 16384, /* 64 MiB: checkpoint between jobs even when busy */
};

static bool merge_event(struct write *w, const struct event *add)
{
	for (size_t i = 0; i < w->n_events; i++) {
		struct event *ev = &w->events[i];
		if (ev->type != add->type || ev->account != add->account ||
			ev->folder != add->folder ||
			(event_arg_is_key(ev->type) && ev->arg != add->arg))
			continue;
		ev->count += add->count;
		ev->arg = add->arg > ev->arg ? add->arg : ev->arg;
		return true;
	}
	return false;
}

/* Too many places: what was noted says "everywhere" instead, once for each type. */
static void widen_events(struct write *w)
{
	size_t n = w->n_events;
	w->n_events = 0;
	for (size_t i = 0; i < n; i++) {
		struct event ev = w->events[i];
		ev.account = ev.folder = 0;
		if (event_arg_is_key(ev.type))
			ev.arg = 0;
		if (!merge_event(w, &ev))
			w->events[w->n_events++] = ev;
	}
}

void write_event(struct write *w, enum event_type type, int64_t account, int64_t folder,
	int64_t arg, uint32_t count)
{
	struct event ev = {
		.type = type, .account = account, .folder = folder, .arg = arg, .count = count};
	if (merge_event(w, &ev))
		return;
	if (w->n_events == WRITE_EVENTS)
		widen_events(w);
	w->events[w->n_events++] = ev;
}

static void checkpoint(struct writer *w)
{
	int log = 0, done = 0;
	int rc = sqlite3_wal_checkpoint_v2(w->db.h, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	if (rc == SQLITE_OK && done >= log)
		w->wal_pages = 0;
	else /* a reader holds it: again after as much again */
		w->wal_pages /= 2;
}

static int set_full(struct writer *w, bool full, struct err *e)
{
	if (w->is_full == full)
		return 0;
	if (db_script(&w->db, full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", e))
		return -1;
	w->is_full = full;
	return 0;
}

static int run_in_transaction(struct writer *w, struct write *tx, struct job *j)
{
	if (j->flags & WRITE_BARE)
		return j->fn(tx, j->arg, &j->err);
	if (set_full(w, j->flags & WRITE_FULL, &j->err) ||
		db_script(&w->db, "BEGIN IMMEDIATE", &j->err))
		return -1;
	if (j->fn(tx, j->arg, &j->err) == 0 && store_commit(w->store, &w->db, &j->err) == 0)
		return 0;
	if (!sqlite3_get_autocommit(w->db.h)) {
		struct err ignored = ERR_INIT;
		IGNORE_RESULT(db_script(&w->db, "ROLLBACK", &ignored), "the first error is told");
	}
	return -1;
}

static void note_failed_ticket(struct store *s, const struct job *j)
{
	pthread_mutex_lock(&s->failed_lock);
	s->failed[s->next_failed] = (struct failed_ticket){j->ticket, j->err};
	s->next_failed = (s->next_failed + 1) % FAILED_TICKETS;
	pthread_mutex_unlock(&s->failed_lock);
	log_line(LOG_ERROR, "store", "user write failed: %s", err_code_name(j->err.code));
}

/* A row cannot tell of a disk that takes no rows. What wrote something ends the trouble; a
 * transaction that had nothing to write says nothing about the disk. */
static void note_trouble(struct writer *w, const struct job *j, bool has_written)
{
	bool is_trouble = j->rc && j->err.code == ERR_IO;
	if (!is_trouble && !(j->rc == 0 && has_written))
		return;
	pthread_mutex_lock(&w->store->failed_lock);
	w->trouble = is_trouble ? j->err : ERR_INIT;
	pthread_mutex_unlock(&w->store->failed_lock);
}

bool store_trouble(struct store *s, struct err *out)
{
	pthread_mutex_lock(&s->failed_lock);
	*out = s->main.trouble.code != ERR_NONE ? s->main.trouble : s->cache.trouble;
	pthread_mutex_unlock(&s->failed_lock);
	return out->code != ERR_NONE;
}

static void run_job(struct writer *w, struct write *tx, struct job *j)
{
	int before = sqlite3_total_changes(w->db.h);
	tx->n_events = 0;
	tx->now = store_now(w->store);
	j->rc = run_in_transaction(w, tx, j);
	note_trouble(w, j, sqlite3_total_changes(w->db.h) != before);
	arena_reset(&tx->arena);
	if (j->rc && j->ticket)
		note_failed_ticket(w->store, j);
	struct event_set *events = w->store->o.events;
	if (!events)
		return;
	for (size_t i = 0; j->rc == 0 && i < tx->n_events; i++)
		event_post(events, &tx->events[i]);
	if (j->ticket)
		event_post(events,
			&(struct event){.type = EV_COMMIT, .arg = j->ticket, .count = 1});
}

static struct job *take_job(struct writer *w)
{
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		struct job *j = w->head[lane];
		if (!j)
			continue;
		w->head[lane] = j->next;
		if (!j->next)
			w->tail[lane] = NULL;
		return j;
	}
	return NULL;
}

/* The next job, or NULL to stop. Called with the lock held; while waiting, an idle moment is used
 * for a checkpoint, and without one there is no wake-up. */
static struct job *wait_for_job(struct writer *w)
{
	for (;;) {
		struct job *j = take_job(w);
		if (j || w->must_stop)
			return j;
		if (w->wal_pages < WAL_PAGES_IDLE) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		struct timespec t;
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += IDLE_MS * 1000000L;
		t.tv_sec += t.tv_nsec / 1000000000L;
		t.tv_nsec %= 1000000000L;
		if (pthread_cond_timedwait(&w->work, &w->lock, &t) == ETIMEDOUT) {
			pthread_mutex_unlock(&w->lock);
			checkpoint(w);
			pthread_mutex_lock(&w->lock);
		}
	}
}

static void queue_job(struct writer *w, struct job *j)
{
	enum write_lane lane = j->flags & WRITE_USER ? LANE_USER : LANE_WORK;
	j->next = NULL;
	if (w->tail[lane])
		w->tail[lane]->next = j;
	else
		w->head[lane] = j;
	w->tail[lane] = j;
	pthread_cond_signal(&w->work);
}

static void queue_step(struct write_chain *c)
{
	const struct write_step *s = &c->steps[c->at];
	c->job = (struct job){
		.chain = c, .fn = s->fn, .arg = c->arg, .flags = s->flags, .err = ERR_INIT};
	pthread_mutex_lock(&s->on->lock);
	queue_job(s->on, &c->job);
	pthread_mutex_unlock(&s->on->lock);
}

/* The last step's lock guards the chain's end, wherever that comes. Afterwards the chain is its
 * caller's again. */
static void finish_step(struct write_chain *c)
{
	struct writer *last = c->steps[c->n - 1].on;
	if (c->job.rc == 0 && c->at + 1 < c->n) {
		c->at++;
		queue_step(c);
		return;
	}
	pthread_mutex_lock(&last->lock);
	c->is_done = true;
	pthread_cond_broadcast(&last->done);
	pthread_mutex_unlock(&last->lock);
}

/* Called with the lock held, and again so on return. */
static void finish_job(struct writer *w, struct job *j)
{
	if (j->chain) {
		pthread_mutex_unlock(&w->lock);
		finish_step(j->chain);
		pthread_mutex_lock(&w->lock);
		return;
	}
	if (!j->ticket) { /* the waiting caller owns it */
		j->is_done = true;
		pthread_cond_broadcast(&w->done);
		return;
	}
	if (j->free_arg)
		j->free_arg(j->arg);
	free(j);
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct write tx = {.store = w->store, .db = &w->db, .arena = ARENA_INIT};
	pthread_mutex_lock(&w->lock);
	for (struct job *j; (j = wait_for_job(w));) {
		pthread_mutex_unlock(&w->lock);
		run_job(w, &tx, j);
		if (w->wal_pages > WAL_PAGES_MAX)
			checkpoint(w);
		pthread_mutex_lock(&w->lock);
		finish_job(w, j);
	}
	pthread_mutex_unlock(&w->lock);
	arena_release(&tx.arena);
	return NULL;
}

static int count_wal_pages(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct writer *w = arg;
	(void)h;
	(void)name;
	w->wal_pages = pages;
	return SQLITE_OK;
}

int writer_start(struct writer *w, struct store *s, struct err *e)
{
	w->store = s;
	if (db_script(&w->db,
		    "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=NORMAL;"
		    "PRAGMA secure_delete=ON;" /* what is deleted is not left in free pages */
		    "PRAGMA cache_size=-4096; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY",
		    e))
		return -1;
	sqlite3_wal_hook(w->db.h, count_wal_pages, w);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, &attr);
	pthread_cond_init(&w->done, NULL);
	pthread_condattr_destroy(&attr);
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc)
		return err_sys(e, ERR_IO, rc, "%s", _("Cannot start a thread"));
	w->is_running = true;
	return 0;
}

void writer_stop(struct writer *w)
{
	if (!w->is_running)
		return;
	pthread_mutex_lock(&w->lock);
	w->must_stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	w->is_running = false;
}

bool writer_is_stopping(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	bool is_stopping = w->must_stop;
	pthread_mutex_unlock(&w->lock);
	return is_stopping;
}

int writer_call(struct writer *w, unsigned flags, write_fn fn, void *arg, struct err *e)
{
	BUG_ON(!w->is_running); /* see store_options.only_reads */
	struct job j = {.fn = fn, .arg = arg, .flags = flags, .err = ERR_INIT};
	pthread_mutex_lock(&w->lock);
	queue_job(w, &j);
	while (!j.is_done)
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (j.rc)
		*e = j.err;
	return j.rc;
}

void writer_chain_start(struct write_chain *c)
{
	BUG_ON(!c->n || !c->steps[0].on->is_running);
	c->at = 0;
	c->is_done = false;
	queue_step(c);
}

int writer_chain_wait(struct write_chain *c, struct err *e)
{
	struct writer *last = c->steps[c->n - 1].on;
	pthread_mutex_lock(&last->lock);
	while (!c->is_done)
		pthread_cond_wait(&last->done, &last->lock);
	pthread_mutex_unlock(&last->lock);
	if (c->job.rc)
		*e = c->job.err;
	return c->job.rc;
}

int64_t writer_post(struct writer *w, unsigned flags, write_fn fn, void *arg,
	void (*free_arg)(void *arg))
{
	BUG_ON(!w->is_running);
	struct job *j = xcalloc(1, sizeof *j);
	int64_t ticket = atomic_fetch_add(&w->store->next_ticket, 1) + 1;
	*j = (struct job){.fn = fn,
		.arg = arg,
		.free_arg = free_arg,
		.flags = flags,
		.ticket = ticket,
		.err = ERR_INIT};
	pthread_mutex_lock(&w->lock);
	queue_job(w, j);
	pthread_mutex_unlock(&w->lock);
	return ticket;
}
