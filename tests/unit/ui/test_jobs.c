/* test_jobs.c - the reader thread: the newest of a channel wins, kept ones all come, in order. */
#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "fake_store.h"
#include "tests/unit/unit.h"
#include "ui/jobs.h"

#define WAIT_MS 10000

struct test_job {
	struct job job;
	int gate; /* read end: run() waits for one byte; -1 = does not wait */
	int *freed;
};

static void run(struct job *j, struct store_reader *r)
{
	const struct test_job *t = (struct test_job *)j;
	char byte;
	(void)r;

	if (t->gate >= 0)
		assert_int_equal(read(t->gate, &byte, 1), 1);
}

static void free_job(struct job *j)
{
	struct test_job *t = (struct test_job *)j;

	++*t->freed;
	free(t);
}

static struct job *job(enum job_channel channel, int64_t generation, int gate, int *freed)
{
	struct test_job *t = calloc(1, sizeof(*t));

	t->job = (struct job){
		.run = run, .free = free_job, .channel = channel, .generation = generation};
	t->gate = gate;
	t->freed = freed;
	return &t->job;
}

/* The next answer's generation. */
static int64_t answer(struct reader_thread *t, struct event_set *events)
{
	struct pollfd p = {.fd = event_set_fd(events), .events = POLLIN};
	struct event ev[8];

	for (;;) {
		struct job *j = jobs_take(t);

		if (j) {
			int64_t generation = j->generation;

			j->free(j);
			return generation;
		}
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		event_drain(events, ev, 8);
	}
}

static void jobs__the_newest_of_a_channel_wins(void **state)
{
	struct store store = {.n_mail = 0};
	struct event_set *events = event_set_new();
	struct reader_thread *t = NULL;
	struct err e = ERR_INIT;
	int gate[2], freed = 0;
	(void)state;

	assert_int_equal(pipe(gate), 0);
	assert_int_equal(jobs_start(&t, &store, events, false, &e), 0);
	jobs_submit(t, job(JOB_OPEN, 1, gate[0], &freed)); /* runs, or waits to */
	jobs_submit(t, job(JOB_SEARCH, 2, -1, &freed));
	jobs_submit(t, job(JOB_SEARCH, 3, -1, &freed));
	jobs_submit(t, job(JOB_SEARCH, 4, -1, &freed));
	assert_int_equal(write(gate[1], "x", 1), 1);
	int64_t last = 0;
	while (last != 4) {
		int64_t now = answer(t, events);

		if (now != 1)
			assert_true(now > last);
		last = now == 1 ? last : now;
	}
	jobs_stop(t);
	assert_int_equal(freed, 4); /* answered or replaced, none lost */
	event_set_free(events);
	close(gate[0]);
	close(gate[1]);
}

static void jobs__kept_ones_all_come_in_order(void **state)
{
	struct store store = {.n_mail = 0};
	struct event_set *events = event_set_new();
	struct reader_thread *t = NULL;
	struct err e = ERR_INIT;
	int freed = 0;
	(void)state;

	assert_int_equal(jobs_start(&t, &store, events, false, &e), 0);
	for (int64_t i = 1; i <= 20; i++)
		jobs_submit(t, job(JOB_KEEP, i, -1, &freed));
	for (int64_t i = 1; i <= 20; i++)
		assert_int_equal(answer(t, events), i);
	jobs_stop(t);
	assert_int_equal(freed, 20);
	event_set_free(events);
}

static void jobs__what_cannot_be_read__is_said_and_tried_again(void **state)
{
	struct store store = {.is_unreadable = true};
	struct event_set *events = event_set_new();
	struct reader_thread *t = NULL;
	struct err e = ERR_INIT;
	int freed = 0;
	(void)state;

	assert_int_equal(jobs_start(&t, &store, events, true, &e), 0);
	for (int round = 0; round < 2; round++) {
		struct job *j;

		store.is_unreadable = round == 0;
		jobs_submit(t, job(JOB_OPEN, round, -1, &freed));
		j = jobs_take(t);
		assert_non_null(j);
		assert_int_equal(j->err.code, round == 0 ? ERR_DB : ERR_NONE);
		j->free(j);
	}
	jobs_stop(t);
	assert_int_equal(freed, 2);
	event_set_free(events);
}

static void jobs_stop__frees_what_nobody_took(void **state)
{
	struct store store = {.n_mail = 0};
	struct event_set *events = event_set_new();
	struct reader_thread *t = NULL;
	struct err e = ERR_INIT;
	int freed = 0;
	(void)state;

	assert_int_equal(jobs_start(&t, &store, events, false, &e), 0);
	for (int c = 0; c < JOB_CHANNEL_COUNT; c++)
		jobs_submit(t, job((enum job_channel)c, c, -1, &freed));
	jobs_stop(t);
	assert_int_equal(freed, JOB_CHANNEL_COUNT);
	event_set_free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs__the_newest_of_a_channel_wins),
		cmocka_unit_test(jobs__kept_ones_all_come_in_order),
		cmocka_unit_test(jobs__what_cannot_be_read__is_said_and_tried_again),
		cmocka_unit_test(jobs_stop__frees_what_nobody_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
