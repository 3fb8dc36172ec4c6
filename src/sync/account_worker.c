/*
 * account_worker.c - chooses the next step of an account: what the user waits for, then mail to
 * send, changes to push, new mail, bodies. Failures become a row's status and a pause; this file
 * decides on retrying and is the one that logs.
 */
#include "config.h"

#include "account_worker.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"

#include "account_wait.h"
#include "backoff.h"
#include "session.h"

#define STALL_MS (10 * 60000) /* an account without progress for this long has failed */

static void post_account(const struct worker *w)
{
	if (!w->host->events)
		return;
	const struct event ev = {.type = EV_ACCOUNT, .account = w->id};
	event_post(w->host->events, &ev);
}

static void set_status(struct worker *w, enum account_status st, const struct err *why)
{
	struct err e = ERR_INIT;
	int64_t at = st == ACCOUNT_CONNECTED ? clock_now(w->host->clock) : 0;
	if (account_set_status(w->host->store, w->id, st, why ? why->msg : NULL, at, &e))
		log_line(LOG_ERROR, "sync", "account %lld: status not stored: %s", (long long)w->id,
			err_code_name(e.code));
	post_account(w);
}

static enum account_status status_of(const struct err *e)
{
	if (e->code == ERR_AUTH)
		return ACCOUNT_SIGN_IN;
	if (e->code == ERR_NET || e->code == ERR_CANCELLED)
		return ACCOUNT_OFFLINE;
	return ACCOUNT_ERROR;
}

/* One step in order of urgency; *did = false means nothing is due now. */
static int one_step(struct session *s, struct worker *w, bool *did, struct err *e)
{
	if (session_connect(s, e))
		return -1;
	if (!s->folders_known) {
		*did = true;
		return session_list_folders(s, e);
	}
	if (session_wanted_step(s, did, e))
		return -1;
	if (*did)
		return 0;
	if (session_send_step(s, did, e))
		return -1;
	if (*did)
		return 0;
	if (session_ops_step(s, did, e))
		return -1;
	if (*did)
		return 0;
	if (session_pull_step(s, clock_mono_ms(), did, e))
		return -1;
	if (*did)
		return 0;
	if (session_bodies_step(s, did, e))
		return -1;
	worker_set_progress(w, s->done, s->total);
	return 0;
}

/* Says what went wrong and how long to leave the account alone; 0 = go on at once. */
static int64_t handle_failure(struct session *s, struct worker *w, uint32_t *failures,
	const struct err *e)
{
	log_line(LOG_WARN, "sync", "account %lld: %s (sys %d), failure %u", (long long)w->id,
		err_code_name(e->code), e->sys, *failures + 1);
	if (e->scope == ERR_FOLDER && *failures < 3) {
		(*failures)++;
		return 0;
	}
	set_status(w, status_of(e), e);
	session_disconnect(s);
	int64_t wait_s =
		e->after_ms ? (e->after_ms + 999) / 1000 : backoff_s(w->host->rng, *failures);
	(*failures)++;
	return wait_s * 1000;
}

/* A kick may overtake the user's write that it is about: that one is let through first. */
static int take_requests(struct session *s, struct worker *w, struct account_wait *waiting,
	int64_t *body, struct err *e)
{
	unsigned r = worker_take(w, body);
	if (r & REQUEST_SYNC_NOW)
		session_pull_all(s);
	if (r & (REQUEST_KICK | REQUEST_PASS) && store_flush(w->host->store, e))
		return -1;
	return account_wait_take(waiting, s, w, r, e);
}

/* Connecting and looking at folders again is no progress: a server that breaks at the same place
 * each time would be asked for ever without a pause. */
static bool is_progress(const struct session *s, uint64_t before, enum err_scope failed)
{
	return s->progress != before || failed == ERR_FOLDER;
}

/* Nothing is due: sleeps until something is. */
static enum err_scope rest(struct session *s, struct worker *w, uint32_t *failures)
{
	struct err e = ERR_INIT;
	int rc = session_wait(s, session_next_wake(s, clock_mono_ms()), &e);
	s->next_due = 0;
	if (!rc)
		return ERR_FOLDER;
	if (!worker_should_stop(w))
		worker_sleep(w, clock_mono_ms() + handle_failure(s, w, failures, &e));
	return e.scope;
}

/* Until the worker is to stop, or the account's settings cannot be read any more. */
static void run_steps(struct session *s, struct worker *w, struct account_wait *waiting)
{
	uint32_t failures = 0;
	enum err_scope failed = ERR_FOLDER;
	bool is_idle = false;
	while (!worker_should_stop(w) && s->ops) {
		int64_t body = 0;
		struct err e = ERR_INIT;
		bool did = false;
		uint64_t before = s->progress;
		int rc = take_requests(s, w, waiting, &body, &e);
		rc = rc ? rc : session_wait(s, 0, &e);
		if (!rc)
			rc = body && s->provider ? session_fetch_body(s, body, &e)
						 : one_step(s, w, &did, &e);
		if (is_progress(s, before, rc ? ERR_ACCOUNT : failed))
			failures = 0;
		if (rc) {
			failed = e.scope;
			int64_t pause = handle_failure(s, w, &failures, &e);
			if (pause && !account_wait_fail(waiting, s, w, &e))
				worker_sleep(w, clock_mono_ms() + pause);
			continue;
		}
		if (did || body) {
			if (is_idle)
				set_status(w, ACCOUNT_SYNCING, NULL);
			is_idle = false;
			continue;
		}
		if (!is_idle) {
			set_status(w, ACCOUNT_CONNECTED, NULL);
			worker_tell_brought(w);
		}
		account_wait_rest(waiting, s, w);
		is_idle = true;
		failures = 0;
		failed = rest(s, w, &failures);
	}
}

/* Whoever asked for something hears why it cannot be done. */
static void refuse_requests(struct worker *w, const struct err *e)
{
	int64_t body = 0;
	struct worker_ask q;
	unsigned r = worker_take(w, &body);
	while (worker_take_ask(w, &q)) {
		worker_tell_answer(w, q.number, e);
		free(q.text);
	}
	if (!(r & REQUEST_PASS))
		return;
	struct account_report report = {.name = NULL};
	account_worker_judge(&report, e);
	worker_tell_passed(w, &report);
}

void *account_worker_run(void *worker)
{
	struct worker *w = worker;
	struct account_wait waiting = {.is_pass = false};
	while (!worker_should_stop(w)) {
		struct session s;
		struct err e = ERR_INIT;
		if (session_init(&s, w, &e) == 0) {
			run_steps(&s, w, &waiting);
		} else {
			set_status(w, ACCOUNT_ERROR, &e);
			account_wait_give_up(&waiting, &s, w, &e);
			refuse_requests(w, &e);
			worker_sleep(w, INT64_MAX);
		}
		session_release(&s);
	}
	return NULL;
}

/* ---- one pass -------------------------------------------------------------------------------- */

/* In a pass folders are pulled once: a folder that was pulled to its end is due again only in the
 * future, so that only undo windows and not_before are left to wait for. */
static bool pass_step(struct session *s, struct worker *w, int64_t *last_progress, struct err *e)
{
	bool did = false;
	if (one_step(s, w, &did, e))
		return false;
	int64_t now = clock_mono_ms();
	if (did) {
		*last_progress = now;
		return true;
	}
	if (!s->next_due) {
		if (session_gave_up_sending(s)) { /* the rest is for later passes */
			*e = s->send_error;
			e->retry = RETRY_NEVER;
		}
		return false;
	}
	int64_t wake = now + (s->next_due * 1000 - clock_now_ms(w->host->clock));
	s->next_due = 0;
	worker_sleep(w, wake);
	*last_progress = clock_mono_ms();
	return true;
}

static void pass_loop(struct session *s, struct worker *w, struct err *e)
{
	uint32_t failures = 0;
	enum err_scope failed = ERR_FOLDER;
	int64_t last_progress = clock_mono_ms();
	for (;;) {
		uint64_t before = s->progress;
		*e = ERR_INIT;
		bool goes_on = pass_step(s, w, &last_progress, e);
		if (is_progress(s, before, goes_on ? failed : ERR_ACCOUNT))
			failures = 0;
		if (goes_on)
			continue;
		if (e->code == ERR_NONE)
			return;
		failed = e->scope;
		if (e->retry == RETRY_NEVER || ++failures > PASS_TRIES ||
			clock_mono_ms() - last_progress > STALL_MS)
			return;
		log_line(LOG_WARN, "sync", "account %lld: %s, trying again", (long long)w->id,
			err_code_name(e->code));
		if (e->scope != ERR_FOLDER)
			session_disconnect(s);
	}
}

void account_worker_judge(struct account_report *r, const struct err *e)
{
	r->error = *e;
	r->result = e->code != ERR_NONE ? PASS_FAILED : r->ops_parked ? PASS_PARKED : PASS_OK;
}

void *account_worker_pass(void *worker)
{
	struct worker *w = worker;
	struct account_report *out = w->report;
	struct session s;
	struct err e = ERR_INIT;
	int64_t start = clock_mono_ms();
	set_status(w, ACCOUNT_SYNCING, NULL);
	if (session_init(&s, w, &e) == 0) {
		s.send_most = SEND_ATTEMPTS;
		pass_loop(&s, w, &e);
	}
	if (e.code == ERR_NONE)
		e = s.folder_error; /* the rest went well; this folder did not */
	const char *name = out->name;
	*out = s.report;
	out->name = name;
	account_worker_judge(out, &e);
	set_status(w, e.code == ERR_NONE ? ACCOUNT_CONNECTED : status_of(&e),
		e.code == ERR_NONE ? NULL : &e);
	log_line(e.code ? LOG_WARN : LOG_NOTE, "sync",
		"account %lld: pass %s: %lld new, %lld changed, %lld gone, %lld ops, %lld parked,"
		" %lld sent, %lld unknown, %lld ms",
		(long long)w->id, e.code ? err_code_name(e.code) : "done", (long long)out->n_new,
		(long long)out->n_changed, (long long)out->n_gone, (long long)out->ops_done,
		(long long)out->ops_parked, (long long)out->sent, (long long)out->unknown,
		(long long)(clock_mono_ms() - start));
	session_release(&s);
	return NULL;
}
