/*
 * seat_test.c - ASK_TEST: settings are tried on a thread of their own, in the process that asked.
 */
#include "config.h"

#include "seat_private.h"

#include <signal.h>
#include <stdlib.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"

#define TEST_STACK ((size_t)1 << 20) /* as a worker's: the same libraries run here */

struct seat_test {
	struct seat *seat;
	pthread_t thread;
	struct net_cancel *cancel;
	int64_t number;
	char *text;
};

static void *run_test(void *test)
{
	struct seat_test *t = test;
	struct err e = ERR_INIT;
	IGNORE_RESULT(t->seat->o.test(t->text, t->cancel, &e), "the answer says it");
	if (!net_cancel_is_set(t->cancel))
		seat_keep_answer(t->seat, t->number, &e);
	return NULL;
}

static int start_thread(struct seat_test *t)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, TEST_STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int rc = pthread_create(&t->thread, &attr, run_test, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

static void free_test(struct seat_test *t)
{
	net_cancel_free(t->cancel);
	free(t->text);
	free(t);
}

void seat_test_stop(struct seat *s)
{
	if (!s->test)
		return;
	net_cancel_trigger(s->test->cancel);
	pthread_join(s->test->thread, NULL);
	free_test(s->test);
	s->test = NULL;
}

void seat_test_start(struct seat *s, const struct seat_ask *a)
{
	struct err e = ERR_INIT;
	seat_test_stop(s);
	struct seat_test *t = xcalloc(1, sizeof *t);
	*t = (struct seat_test){.seat = s,
		.cancel = net_cancel_new(),
		.number = a->number,
		.text = xstrdup(a->what.text ? a->what.text : "")};
	int rc = start_thread(t);
	if (rc == 0) {
		s->test = t;
		return;
	}
	err_sys(&e, ERR_IO, rc, "%s", _("Cannot start a thread"));
	seat_keep_answer(s, a->number, &e);
	free_test(t);
}
