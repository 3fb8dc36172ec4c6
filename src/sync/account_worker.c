/*
 * account_worker.c - chooses the next step of an account: what the user waits for, then mail to
 * send, changes to push, new mail, bodies. Failures become a row's status and a pause; this file
 * decides on retrying and is the one that logs.
 */
#include "config.h"

#include "account_worker.h"

#include <stdlib.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/notice.h"
#include "crmail/store/store.h"

#include "account_wait.h"
#include "backoff.h"
#include "session.h"

#define STALL_MS (10 * 60000) /* an account without progress for this long has failed */
#define PASS_WAIT_MS 15000    /* as long as a pass waits for a service that asks to slow down */
#define MAX_REFUSALS 1000     /* a server that refuses everything is left alone as a whole */

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
	return e->code == ERR_RATE ? ACCOUNT_WAITING : ACCOUNT_ERROR;
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
	if (session_drafts_step(s, did, e))
		return -1;
	if (*did)
		return 0;
	if (session_first_bodies_step(s, did, e))
		return -1;
	if (*did)
		return 0;
	if (session_look_step(s, clock_mono_ms(), did, e))
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

/* An account at work: what run_steps() knows from one step to the next. */
struct run {
	struct session *s;
	struct worker *w;
	struct account_wait *waiting;
	struct retry retry;
	int64_t body;      /* the user waits for it; 0 = none */
	uint32_t refusals; /* in a row, of one folder or message each */
	bool has_shown;    /* a status was shown: */
	enum account_status shown;
};

static void show(struct run *r, enum account_status st, const struct err *why)
{
	bool is_news = !r->has_shown || r->shown != st || why;
	if (st == ACCOUNT_SYNCING && (!is_news || session_trouble(r->s)))
		return; /* trouble stands until it is over */
	r->has_shown = true;
	r->shown = st;
	set_status(r->w, st, why);
}

/* A kick or a wish may overtake the user's write that it is about: that one is let through
 * first. */
static int take_requests(struct run *r, struct err *e)
{
	unsigned got = worker_take(r->w, r->body ? NULL : &r->body);
	if (got & REQUEST_SYNC_NOW)
		session_hurry(r->s);
	if (got & REQUEST_LOST)
		session_lost_bodies(r->s);
	bool is_of_a_write = r->body || got & (REQUEST_KICK | REQUEST_PASS);
	if (is_of_a_write && store_flush(r->w->host->store, e))
		return -1;
	return account_wait_take(r->waiting, r->s, r->w, got, e);
}

static int body_step(struct run *r, bool *did, struct err *e)
{
	struct session *s = r->s;
	*did = true;
	if (session_connect(s, e))
		return -1;
	if (!s->folders_known)
		return session_list_folders(s, e);
	int rc = session_fetch_body(s, r->body, e);
	if (!rc || e->code != ERR_NET) /* of a broken line it is not the message's fault */
		r->body = 0;
	return rc;
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

/* Until the retry is due, or somebody acts who may ask for it sooner. */
static void pause_for(struct run *r, const struct err *why)
{
	while (!worker_should_stop(r->w) && clock_mono_ms() < r->retry.until_ms) {
		worker_sleep(r->w, r->retry.until_ms);
		unsigned got = worker_peek(r->w);
		bool is_explicit = got & (REQUEST_SYNC_NOW | REQUEST_PASS | REQUEST_ASK);
		if (got && retry_may_hurry(&r->retry, is_explicit))
			return;
		if (got & (REQUEST_PASS | REQUEST_ASK | REQUEST_SEARCH))
			refuse_requests(r->w, why);
	}
}

/* What was asked for, and the time of the person's day at which it is over: no key shortens it. */
static void add_end_of_wait(const struct run *r, struct err *e)
{
	const struct err why = *e;
	int64_t wait_s = (r->retry.until_ms - clock_mono_ms() + 999) / 1000;
	time_t at = (time_t)(clock_now(r->w->host->clock) + wait_s);
	struct tm tm;
	char words[8] = "";
	localtime_r(&at, &tm);
	strftime(words, sizeof words, "%H:%M", &tm);
	/* TRANSLATORS: a sentence, and a time of day like 18:35 */
	err_set(e, why.code, _("%s Goes on by itself at %s."), why.msg, words);
}

/* A connection that stood and broke is made anew at once; only what fails then is told. */
static void handle_failure(struct run *r, bool was_connected, const struct err *e)
{
	struct worker *w = r->w;
	bool is_broken = was_connected && r->retry.failures == 0 &&
			 (e->code == ERR_NET || e->code == ERR_PROTO);
	log_line(LOG_WARN, "sync", "account %lld: %s (sys %d), failure %u", (long long)w->id,
		err_code_name(e->code), e->sys, r->retry.failures + 1);
	if (e->code == ERR_RATE)
		log_line(LOG_WARN, "sync", "account %lld: asked to wait %u ms", (long long)w->id,
			e->after_ms);
	session_drop(r->s);
	r->refusals = 0;
	retry_note_failure(&r->retry, e, w->host->rng, clock_mono_ms());
	if (is_broken)
		return;
	struct err told = *e;
	if (e->code == ERR_RATE)
		add_end_of_wait(r, &told);
	show(r, status_of(e), &told);
	if (!account_wait_fail(r->waiting, r->s, w, e))
		pause_for(r, e);
}

/* A refusal costs one folder or message, which is left alone by whoever met it. */
static void fail_step(struct run *r, bool was_connected, const struct err *e)
{
	bool was_left_alone = r->s->was_left_alone;
	r->s->was_left_alone = false;
	if (e->code == ERR_CANCELLED || (was_left_alone && e->scope == ERR_ACCOUNT))
		session_drop(r->s); /* the rest goes on, on a new connection */
	else if (e->scope == ERR_ACCOUNT || !was_connected || ++r->refusals > MAX_REFUSALS)
		handle_failure(r, was_connected, e);
	else
		log_line(LOG_WARN, "sync", "account %lld: %s (sys %d), the rest goes on",
			(long long)r->w->id, err_code_name(e->code), e->sys);
}

static void note_news(struct worker *w)
{
	struct err e = ERR_INIT;
	if (notice_collect(w->host->store, &e))
		log_line(LOG_WARN, "sync", "account %lld: news not noted: %s", (long long)w->id,
			err_code_name(e.code));
}

/* Nothing is due: what went wrong and was left alone is told, the rest is in order. Then sleeps
 * until something is due or comes. */
static int rest(struct run *r, struct err *e)
{
	struct session *s = r->s;
	const struct err *trouble = session_trouble(s);
	enum account_status now = !trouble                    ? ACCOUNT_CONNECTED
				  : trouble->code == ERR_AUTH ? ACCOUNT_SIGN_IN
							      : ACCOUNT_ERROR;
	if (!r->has_shown || r->shown != now) {
		log_line(LOG_DEBUG, "sync", "account %lld: nothing is due: %s", (long long)r->w->id,
			trouble ? err_code_name(trouble->code) : "done");
		show(r, now, trouble);
		note_news(r->w);
		worker_tell_brought(r->w);
	}
	account_wait_rest(r->waiting, s, r->w);
	retry_note_success(&r->retry);
	r->refusals = 0;
	int rc = session_wait(s, session_next_wake(s, clock_mono_ms()), e);
	s->next_due = s->asks_at = 0;
	return rc;
}

/* Until the worker is to stop, or the account's settings cannot be read any more. */
static void run_steps(struct session *s, struct worker *w, struct account_wait *waiting)
{
	struct run r = {.s = s, .w = w, .waiting = waiting};
	while (!worker_should_stop(w) && s->ops) {
		struct err e = ERR_INIT;
		bool did = false, was_connected = s->provider && s->folders_known;
		uint64_t before = s->progress;
		int rc = take_requests(&r, &e);
		if (!rc)
			rc = session_wait(s, 0, &e);
		if (!rc)
			rc = r.body ? body_step(&r, &did, &e) : one_step(s, w, &did, &e);
		if (s->progress != before)
			retry_note_success(&r.retry);
		if (!rc && did)
			show(&r, ACCOUNT_SYNCING, NULL);
		else if (!rc)
			rc = rest(&r, &e);
		if (rc)
			fail_step(&r, was_connected, &e);
	}
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

/* Connecting and looking at folders again is no progress: a server that breaks at the same place
 * each time would be asked for ever without a pause. */
static bool is_progress(const struct session *s, uint64_t before, enum err_scope failed)
{
	return s->progress != before || failed == ERR_FOLDER;
}

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

/* A service that asks for a moment gets it; one that asks for more ends the pass. */
static bool wait_as_asked(struct worker *w, uint32_t failures, const struct err *e,
	int64_t *last_progress)
{
	int64_t ms = e->after_ms ? (int64_t)e->after_ms : backoff_s(w->host->rng, failures) * 1000;
	if (ms > PASS_WAIT_MS)
		return false;
	worker_sleep(w, clock_mono_ms() + ms);
	*last_progress += ms;
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
		if (e->code == ERR_RATE && e->scope == ERR_ACCOUNT &&
			!wait_as_asked(w, failures, e, &last_progress))
			return;
		log_line(LOG_WARN, "sync", "account %lld: %s, trying again", (long long)w->id,
			err_code_name(e->code));
		if (e->scope == ERR_ACCOUNT)
			session_drop(s);
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
	if (e.code == ERR_NONE && session_trouble(&s))
		e = *session_trouble(&s); /* the rest went well */
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
