/*
 * account_wait.c - beginning and ending what somebody waits for in an account of a running host.
 */
#include "config.h"

#include "account_wait.h"

#include <stdlib.h>

#include "account_worker.h"
#include "session.h"

bool account_wait_is_on(const struct account_wait *p)
{
	return p->is_pass || p->n_asks > 0;
}

static void begin(struct account_wait *p, struct session *s)
{
	session_hurry(s);
	if (account_wait_is_on(p))
		return;
	p->failures = 0;
	p->send_failures = s->send_failures;
}

/* The counts of a report are those since the pass was asked for. */
static void begin_pass(struct account_wait *p, struct session *s)
{
	begin(p, s);
	if (!p->is_pass)
		s->report = (struct account_report){.folders = s->report.folders};
	p->is_pass = true;
}

/* Settings may have changed, or the password: the connection starts from the rows again. */
static int sign_in(struct session *s, struct worker *w, struct err *e)
{
	session_release(s);
	return session_init(s, w, e) || session_connect(s, e) ? -1 : 0;
}

static int answer_ask(struct account_wait *p, struct session *s, struct worker *w,
	const struct worker_ask *q, struct err *e)
{
	if (q->kind == ASK_SYNC_NOW) {
		begin(p, s);
		p->asks[p->n_asks++] = q->number;
		return 0;
	}
	int rc = q->kind == ASK_SEARCH ? session_search(s, q->text, e) : sign_in(s, w, e);
	worker_tell_answer(w, q->number, e);
	if (rc && q->kind == ASK_SEARCH && e->scope != ERR_ACCOUNT) {
		err_clear(e); /* the one who asked knows */
		return 0;
	}
	return rc;
}

int account_wait_take(struct account_wait *p, struct session *s, struct worker *w,
	unsigned requests, struct err *e)
{
	struct worker_ask q;
	if (requests & REQUEST_PASS)
		begin_pass(p, s);
	while (p->n_asks < WORKER_ASKS && worker_take_ask(w, &q)) {
		int rc = answer_ask(p, s, w, &q, e);
		free(q.text);
		if (rc)
			return -1;
	}
	return 0;
}

void account_wait_give_up(struct account_wait *p, struct session *s, struct worker *w,
	const struct err *e)
{
	for (size_t i = 0; i < p->n_asks; i++)
		worker_tell_answer(w, p->asks[i], e);
	if (p->is_pass) {
		struct account_report report = s->report;
		account_worker_judge(&report, e);
		worker_tell_passed(w, &report);
	}
	*p = (struct account_wait){.is_pass = false};
}

bool account_wait_rest(struct account_wait *p, struct session *s, struct worker *w)
{
	if (!account_wait_is_on(p))
		return true;
	struct err e = session_trouble(s) ? *session_trouble(s) : ERR_INIT; /* the rest went well */
	bool gave_up = s->send_failures - p->send_failures >= SEND_ATTEMPTS;
	if (s->next_due && !gave_up)
		return false;
	if (e.code == ERR_NONE && gave_up)
		e = s->send_error;
	account_wait_give_up(p, s, w, &e);
	return true;
}

bool account_wait_fail(struct account_wait *p, struct session *s, struct worker *w,
	const struct err *e)
{
	if (!account_wait_is_on(p))
		return false;
	if (e->retry != RETRY_NEVER && !e->after_ms && ++p->failures <= PASS_TRIES)
		return true;
	account_wait_give_up(p, s, w, e);
	return false;
}
