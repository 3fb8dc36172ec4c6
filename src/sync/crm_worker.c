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
#include "crmail/sync/crm_sync.h"

#include "backoff.h"

#define PULL_EVERY_MS (15 * 60000) /* email_sync_interval_minutes' default */

static struct crm_sync_options options_of(struct worker *w)
{
	return (struct crm_sync_options){
		.store = w->host->store,
		.clock = w->host->clock,
		.program = w->host->program,
		.share_dir = w->host->share_dir,
		.deadline_ms = w->host->deadline_ms,
		.cancel = w->cancel,
		.should_stop = worker_should_stop,
		.stop_ctx = w,
	};
}

/* A CRM that cannot even be opened (settings, profile) says so in its row. */
static int open_crm(struct worker *w, struct crm_sync **out, struct err *e)
{
	const struct crm_sync_options o = options_of(w);
	if (!crm_sync_open(out, &o, w->id, e))
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
	return backoff_s(w->host->rng, failures) * 1000;
}

static void run_passes(struct worker *w, struct crm_sync *s)
{
	uint32_t failures = 0;
	int64_t next_pull = 0; /* ms, monotonic; 0 = now */
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	while (!worker_should_stop(w)) {
		int64_t body = 0;
		struct crm_report report = {.name = NULL};
		if (worker_take(w, &body) & REQUEST_SYNC_NOW)
			next_pull = 0;
		bool is_pull = clock_mono_ms() >= next_pull;
		arena_reset(&a);
		if (is_pull)
			crm_sync_pass(s, &a, &report);
		else
			crm_sync_push(s, &a, &report);
		if (report.error.code) {
			int64_t pause = pause_of(w, &report.error, failures++);
			worker_sleep(w, clock_mono_ms() + pause);
			next_pull = 0;
			continue;
		}
		failures = 0;
		if (is_pull)
			next_pull = clock_mono_ms() + PULL_EVERY_MS;
		worker_sleep(w, next_pull);
	}
}

void *crm_worker_run(void *worker)
{
	struct worker *w = worker;
	struct crm_sync *s = NULL;
	struct err e = ERR_INIT;
	if (open_crm(w, &s, &e))
		log_line(LOG_WARN, "crm", "crm %lld: not opened: %s", (long long)w->id,
			err_code_name(e.code));
	else
		run_passes(w, s);
	crm_sync_close(s);
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
