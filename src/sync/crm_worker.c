/*
 * crm_worker.c - when a CRM is pulled and when only what mail brought is logged. What a pass does
 * is crm_sync.h's; failures become the CRM's status there, and a pause here.
 */
#include "config.h"

#include "crm_worker.h"

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/base/log.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/crm_sweep.h"
#include "crmail/store/notice.h"
#include "crmail/sync/crm_sync.h"

#include "backoff.h"

#define AUTH_PAUSE_MS (5 * 60000)
#define PULL_EVERY_MS (15 * 60000)   /* email_sync_interval_minutes' default */
#define COMPARE_EVERY_MS (5 * 60000) /* at most, however often somebody presses the key */

static struct crm_sync_options options_of(struct worker *w)
{
	return (struct crm_sync_options){
		.store = w->host->store,
		.clock = w->host->clock,
		.program = w->host->program,
		.share_dir = w->host->share_dir,
		.deadline_ms = w->host->deadline_ms,
		.cancel = w->cancel,
		.vault = w->host->secrets,
		.should_stop = worker_should_stop,
		.stop_ctx = w,
	};
}

/* A CRM that cannot even be opened (settings, profile) says so in its row. */
static int open_crm(struct worker *w, struct crm_sync **out, struct err *e)
{
	const struct crm_sync_options o = options_of(w);
	/* Before the row is read: what the new rules let in is matched by them alone. */
	if (!crm_look_again(w->host->store, w->id, e) && !crm_sync_open(out, &o, w->id, e))
		return 0;
	struct err ignored = ERR_INIT;
	if (crm_set_status(w->host->store, w->id, "error", e->msg, 0, &ignored))
		log_line(LOG_ERROR, "crm", "crm %lld: status not stored", (long long)w->id);
	return -1;
}

static int64_t pause_of(const struct worker *w, const struct err *e, uint32_t failures)
{
	if (e->after_ms)
		return e->after_ms;
	int64_t wait = backoff_s(w->host->rng, failures) * 1000;
	/* A refused password is not sent again and again: some CRMs lock the address for it. */
	return e->code == ERR_AUTH ? wait + AUTH_PAUSE_MS : wait;
}

/* When the next network pass may begin; a person who asks for one is not kept waiting, a CRM that
 * asks for patience gets it. */
struct plan {
	int64_t next_pull;     /* ms, monotonic; 0 = now */
	int64_t blocked_until; /* ms, monotonic; 0 = not */
	bool is_rate;
	int64_t compared_at; /* ms, monotonic: when a person last asked; 0 = never */
	bool is_pass;        /* somebody waits for a report */
	uint32_t failures;
};

static void note_failure(struct worker *w, struct plan *p, const struct err *e)
{
	p->is_rate = e->code == ERR_RATE;
	p->blocked_until = clock_mono_ms() + pause_of(w, e, p->failures++);
	p->next_pull = 0;
}

static void one_pass(struct worker *w, struct crm_sync *s, struct plan *p, struct arena *a)
{
	struct crm_report report = {.name = NULL};
	struct err e = ERR_INIT;
	bool is_pull = clock_mono_ms() >= p->next_pull;
	arena_reset(a);
	if (is_pull)
		crm_sync_pass(s, a, &report);
	else
		crm_sync_push(s, a, &report);
	if (notice_collect(w->host->store, &e)) /* who is known by now */
		log_line(LOG_WARN, "crm", "crm %lld: news not noted: %s", (long long)w->id,
			err_code_name(e.code));
	if (p->is_pass)
		worker_tell_passed(w, &report);
	p->is_pass = false;
	if (report.error.code) {
		note_failure(w, p, &report.error);
		return;
	}
	p->failures = 0;
	p->blocked_until = 0;
	if (is_pull)
		p->next_pull = clock_mono_ms() + PULL_EVERY_MS;
}

/* The next pull, the end of a pause, or a hook to be tried again. */
static int64_t wake_at(const struct worker *w, const struct crm_sync *s, const struct plan *p)
{
	int64_t until = p->blocked_until ? p->blocked_until : p->next_pull;
	int64_t event = crm_sync_next_event(s);
	if (!event)
		return until;
	int64_t wait = event - clock_now(w->host->clock);
	int64_t then = clock_mono_ms() + (wait > 0 ? wait : 0) * 1000;
	return then < until ? then : until;
}

/* Who asks now wants to see what was deleted and done in the CRM as well, today's comparison or
 * not. */
static void want_comparison(struct worker *w, struct plan *p)
{
	int64_t now = clock_mono_ms();
	struct err e = ERR_INIT;
	if (p->compared_at && now - p->compared_at < COMPARE_EVERY_MS)
		return;
	p->compared_at = now;
	if (crm_sweep_want(w->host->store, w->id, &e))
		log_line(LOG_WARN, "crm", "crm %lld: not compared: %s", (long long)w->id,
			err_code_name(e.code));
}

static void run_passes(struct worker *w, struct crm_sync *s)
{
	struct plan p = {.next_pull = 0};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	while (!worker_should_stop(w) && !crm_sync_is_stale(s)) {
		int64_t body = 0;
		unsigned r = worker_take(w, &body);
		if (r & (REQUEST_SYNC_NOW | REQUEST_PASS)) {
			p.next_pull = 0;
			p.blocked_until = p.is_rate ? p.blocked_until : 0;
		}
		if (r & REQUEST_SYNC_NOW)
			want_comparison(w, &p);
		if (r & REQUEST_PASS) {
			p.is_pass = true;
			p.blocked_until = 0; /* what the CRM says to that stands in the report */
		}
		struct err e = ERR_INIT;
		if (clock_mono_ms() >= p.blocked_until)
			one_pass(w, s, &p, &a);
		else if (crm_sync_match(s, &e))
			log_line(LOG_WARN, "crm", "crm %lld: not matched: %s", (long long)w->id,
				err_code_name(e.code));
		worker_sleep(w, wake_at(w, s, &p));
	}
}

/* Whoever waits for a pass hears why there is none. */
static void refuse_pass(struct worker *w, const struct err *e)
{
	int64_t body = 0;
	if (!(worker_take(w, &body) & REQUEST_PASS))
		return;
	const struct crm_report report = {.result = PASS_FAILED, .error = *e};
	worker_tell_passed(w, &report);
}

void *crm_worker_run(void *worker)
{
	struct worker *w = worker;
	while (!worker_should_stop(w)) {
		struct crm_sync *s = NULL;
		struct err e = ERR_INIT;
		if (open_crm(w, &s, &e)) {
			log_line(LOG_WARN, "crm", "crm %lld: not opened: %s", (long long)w->id,
				err_code_name(e.code));
			refuse_pass(w, &e);
			worker_sleep(w, INT64_MAX);
		} else {
			run_passes(w, s);
		}
		crm_sync_close(s);
	}
	return NULL;
}

void crm_worker_pass(struct worker *w, struct arena *a, struct crm_report *out)
{
	struct crm_sync *s = NULL;
	struct err e = ERR_INIT;
	if (open_crm(w, &s, &e)) {
		out->error = e;
		out->result = PASS_FAILED;
		return;
	}
	crm_sync_pass(s, a, out);
	crm_sync_close(s);
}
