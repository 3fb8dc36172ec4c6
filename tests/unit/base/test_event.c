/* test_event.c - events are merged, never lost, and the descriptor tells the truth. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "crmail/base/event.h"
#include "tests/unit/unit.h"

static bool is_readable(const struct event_set *s)
{
	struct pollfd p = {.fd = event_set_fd(s), .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static void post(struct event_set *s, enum event_type type, int64_t account, int64_t folder,
	int64_t arg, uint32_t count)
{
	event_post(s, &(struct event){type, account, folder, arg, count});
}

static void event__comes_out_as_it_went_in(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[4];
	assert_false(is_readable(s));
	assert_int_equal(event_drain(s, out, 4), 0);
	post(s, EV_OUTBOX, 1, 0, 5, 1);
	post(s, EV_MESSAGES, 1, 2, 6, 3);
	assert_true(is_readable(s));
	assert_int_equal(event_drain(s, out, 4), 2);
	assert_int_equal(out[0].type, EV_OUTBOX);
	assert_int_equal(out[1].folder, 2);
	assert_int_equal(out[1].count, 3);
	assert_false(is_readable(s));
	event_set_free(s);
}

static void event__merges_by_type_account_folder(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[8];
	post(s, EV_MESSAGES, 1, 1, 9, 2);
	post(s, EV_MESSAGES, 1, 1, 4, 3);
	post(s, EV_MESSAGES, 1, 2, 1, 1);
	post(s, EV_MESSAGES, 2, 1, 1, 1);
	post(s, EV_FOLDERS, 1, 1, 1, UINT32_MAX);
	post(s, EV_FOLDERS, 1, 1, 1, 5);
	assert_int_equal(event_drain(s, out, 8), 4);
	assert_int_equal(out[0].count, 5);
	assert_int_equal(out[0].arg, 9);
	assert_int_equal(out[3].count, UINT32_MAX);
	event_set_free(s);
}

/* For these the argument names a thing: two bodies are two events. */
static void event__keeps_bodies_and_replies_apart(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[8];
	post(s, EV_BODY, 1, 0, 10, 1);
	post(s, EV_BODY, 1, 0, 11, 1);
	post(s, EV_BODY, 1, 0, 10, 1);
	post(s, EV_REPLY, 0, 0, 7, 0);
	post(s, EV_REPLY, 0, 0, 8, 0);
	assert_int_equal(event_drain(s, out, 8), 4);
	assert_int_equal(out[0].arg, 10);
	assert_int_equal(out[1].arg, 11);
	event_set_free(s);
}

static void event__merges_a_type_when_full__and_loses_nothing(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[400];
	for (int i = 1; i <= 5000; i++)
		post(s, EV_MESSAGES, i, 1, i, 1);
	for (int i = 1; i <= 5000; i++)
		post(s, EV_BODY, 1, 1, i, 1);
	post(s, EV_OUTBOX, 3, 0, 0, 1);
	uint64_t messages = 0, bodies = 0;
	bool any_message = false, any_body = false, outbox = false;
	size_t n = event_drain(s, out, 400);
	for (size_t i = 0; i < n; i++) {
		messages += out[i].type == EV_MESSAGES ? out[i].count : 0;
		bodies += out[i].type == EV_BODY ? out[i].count : 0;
		outbox = outbox || out[i].type == EV_OUTBOX;
		if (out[i].type == EV_MESSAGES && !out[i].account && !out[i].folder) {
			any_message = true;
			assert_int_equal(out[i].arg, 5000);
		}
		if (out[i].type == EV_BODY && !out[i].account) {
			any_body = true;
			assert_int_equal(out[i].arg, 0); /* any body */
		}
	}
	assert_true(any_message && any_body && outbox);
	assert_int_equal(messages, 5000);
	assert_int_equal(bodies, 5000);
	assert_false(is_readable(s));
	/* Afterwards events are told apart again. */
	post(s, EV_MESSAGES, 4, 1, 1, 1);
	post(s, EV_MESSAGES, 5, 1, 1, 1);
	assert_int_equal(event_drain(s, out, 400), 2);
	event_set_free(s);
}

static void event__stays_readable__until_all_is_drained(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[4];
	for (int i = 1; i <= 10; i++)
		post(s, EV_ACCOUNT, i, 0, 0, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(event_drain(s, out, 4), 4);
		assert_int_equal(out[0].account, 1 + i * 4);
		assert_true(is_readable(s));
	}
	assert_int_equal(event_drain(s, out, 4), 2);
	assert_false(is_readable(s));
	event_set_free(s);
}

/* What one process did is told to the others; what they did, and tickets, are not told back. */
static void event__reaches_the_tap__when_it_is_news(void **state)
{
	(void)state;
	struct event_set *s = event_set_new(), *tap = event_set_new();
	const struct event theirs = {EV_OUTBOX, 1, 0, 0, 1};
	struct event out[8];
	event_set_tap(s, tap);
	post(s, EV_MESSAGES, 1, 2, 3, 4);
	post(s, EV_COMMIT, 0, 0, 9, 1);
	post(s, EV_REPLY, 0, 0, 9, 1);
	post(s, EV_PROGRESS, 0, 0, 0, 1);
	event_deliver(s, &theirs);
	assert_int_equal(event_drain(s, out, 8), 5);
	assert_int_equal(event_drain(tap, out, 8), 1);
	assert_int_equal(out[0].type, EV_MESSAGES);
	assert_int_equal(out[0].folder, 2);
	assert_int_equal(out[0].count, 4);
	event_set_tap(s, NULL);
	post(s, EV_MESSAGES, 1, 2, 3, 4);
	assert_int_equal(event_drain(tap, out, 8), 0);
	event_set_free(s);
	event_set_free(tap);
}

#define THREADS 4
#define EACH 20000

static void *post_many(void *arg)
{
	for (int i = 0; i < EACH; i++)
		post(arg, EV_MESSAGES, i % 50, i % 20, i, 1);
	return NULL;
}

static void event__loses_nothing__from_many_threads(void **state)
{
	(void)state;
	struct event_set *s = event_set_new();
	struct event out[16];
	pthread_t t[THREADS];
	uint64_t seen = 0;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, post_many, s), 0);
	while (seen < (uint64_t)THREADS * EACH) {
		struct pollfd p = {.fd = event_set_fd(s), .events = POLLIN};
		assert_int_equal(poll(&p, 1, 60000), 1);
		for (size_t i = 0, n = event_drain(s, out, 16); i < n; i++)
			seen += out[i].count;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_true(seen == (uint64_t)THREADS * EACH);
	assert_int_equal(event_drain(s, out, 16), 0);
	event_set_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event__comes_out_as_it_went_in),
		cmocka_unit_test(event__merges_by_type_account_folder),
		cmocka_unit_test(event__keeps_bodies_and_replies_apart),
		cmocka_unit_test(event__merges_a_type_when_full__and_loses_nothing),
		cmocka_unit_test(event__stays_readable__until_all_is_drained),
		cmocka_unit_test(event__reaches_the_tap__when_it_is_news),
		cmocka_unit_test(event__loses_nothing__from_many_threads),
	};
	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
