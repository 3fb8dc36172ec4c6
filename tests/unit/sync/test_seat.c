/*
 * test_seat.c - two seats at one data folder: who hosts, what the other learns, questions and their
 * answers, and the words on the line between them. Each seat has a store and events of its own, as
 * two processes have.
 */
#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/ask.h"
#include "crmail/base/fsx.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/sync/host.h"
#include "crmail/sync/seat.h"
#include "src/sync/seat_private.h"
#include "tests/unit/store/fixture.h"

enum { WAIT_MS = 30000 };

/* What another process would be. */
struct other {
	struct fixture *f;
	struct event_set *events;
	struct store *store;
	struct seat *seat;
};

static void other_up(struct other *o, struct fixture *f)
{
	*o = (struct other){.f = f, .events = event_set_new()};
	struct store_options options = fixture_options(f);
	options.events = o->events;
	assert_ok(f, store_open(&o->store, &options, &f->err));
}

static struct seat_options seat_options_of(const struct other *o, char **runtime)
{
	*runtime = fsx_join(o->f->dir, "run");
	return (struct seat_options){
		.host = {.store = o->store,
			.clock = o->f->clock,
			.rng = o->f->rng,
			.events = o->events,
			.data_dir = o->f->dir,
			.kind = "tui"},
		.runtime_dir = *runtime,
	};
}

static void sit_down(struct other *o, const struct seat_options *options)
{
	assert_ok(o->f, seat_open(&o->seat, options, &o->f->err));
}

static void other_down(struct other *o)
{
	seat_close(o->seat);
	store_close(o->store);
	event_set_free(o->events);
}

/* The next event of that type and account (0 = whichever); those before it are dropped. */
static struct event wait_event(struct other *o, enum event_type type, int64_t account)
{
	for (;;) {
		struct pollfd p = {.fd = event_set_fd(o->events), .events = POLLIN};
		struct event ev;
		if (poll(&p, 1, WAIT_MS) != 1)
			fail_msg("no event of type %d", type);
		while (event_drain(o->events, &ev, 1))
			if (ev.type == type && (!account || ev.account == account))
				return ev;
	}
}

/* The last of what a guest hears when it has joined. */
static void wait_joined(struct other *o)
{
	wait_event(o, EV_CRM, 0);
}

static struct err wait_answer(struct other *o, int64_t number)
{
	struct err e = ERR_INIT;
	assert_true(number > 0);
	while (!seat_answer(o->seat, number, &e))
		wait_event(o, EV_REPLY, 0);
	assert_false(seat_answer(o->seat, number, &e)); /* once */
	return e;
}

static int64_t add_account(struct other *o, const char *name)
{
	struct fixture *f = o->f;
	CLEANUP(free_str) char *maildir = fsx_join(f->dir, name);
	CLEANUP(free_str) char *cur = fsx_join(maildir, "cur");
	CLEANUP(free_str) char *new = fsx_join(maildir, "new");
	const struct setting settings[] = {{"maildir", maildir}, {"history", "all"}};
	const struct account_row row = {
		.name = name, .kind = "maildir", .email = "me@own.test", .added_at = FIXTURE_NOW};
	int64_t id = 0;
	assert_ok(f, fsx_mkdir_p(cur, &f->err) || fsx_mkdir_p(new, &f->err));
	assert_ok(f, account_add(o->store, &row, settings, ARRAY_SIZE(settings), &id, &f->err));
	return id;
}

struct pair {
	struct other a, b; /* a hosts */
	char *runtime[2];
};

static int pair_up(void **state)
{
	struct pair *p = xcalloc(1, sizeof *p);
	void *fixture = NULL;
	assert_int_equal(fixture_up(&fixture), 0);
	other_up(&p->a, fixture);
	other_up(&p->b, fixture);
	const struct seat_options first = seat_options_of(&p->a, &p->runtime[0]);
	const struct seat_options second = seat_options_of(&p->b, &p->runtime[1]);
	sit_down(&p->a, &first);
	sit_down(&p->b, &second);
	wait_joined(&p->b);
	*state = p;
	return 0;
}

static int pair_down(void **state)
{
	struct pair *p = *state;
	void *fixture = p->a.f;
	other_down(&p->b);
	other_down(&p->a);
	free(p->runtime[0]);
	free(p->runtime[1]);
	free(p);
	return fixture_down(&fixture);
}

static void seat__hears_what_the_other_wrote(void **state)
{
	struct pair *p = *state;
	int64_t of_guest = add_account(&p->b, "guest");
	wait_event(&p->a, EV_ACCOUNT, of_guest);
	int64_t of_host = add_account(&p->a, "host");
	wait_event(&p->b, EV_ACCOUNT, of_host);
}

/* An account that a guest adds gets a worker at the host, and what that does the guest hears. */
static void seat__workers_come_with_the_rows(void **state)
{
	struct pair *p = *state;
	int64_t id = add_account(&p->b, "late");
	seat_kick(p->b.seat, id);
	wait_event(&p->b, EV_FOLDERS, id);
}

static void seat__takes_over(void **state)
{
	struct pair *p = *state;
	const char *kind;
	int64_t pid;
	seat_close(p->a.seat);
	p->a.seat = NULL;
	wait_joined(&p->b); /* it may have missed something meanwhile */
	assert_true(host_running(p->b.f->dir, &pid, &kind));
	int64_t id = add_account(&p->b, "heir");
	const struct err e = wait_answer(&p->b,
		seat_ask(p->b.seat, &(struct ask){.kind = ASK_SYNC_NOW, .account = id}));
	assert_int_equal(e.code, ERR_NONE);
}

/* A process that is suspended lets another one host, and stands beside it afterwards. */
static void seat__makes_way_while_it_stands_still(void **state)
{
	struct pair *p = *state;
	struct ask q = {.kind = ASK_SYNC_NOW, .account = add_account(&p->a, "work")};
	wait_event(&p->b, EV_FOLDERS, q.account);
	seat_pause(p->a.seat);
	wait_joined(&p->b);
	assert_int_equal(wait_answer(&p->b, seat_ask(p->b.seat, &q)).code, ERR_NONE);
	seat_resume(p->a.seat);
	wait_event(&p->b, EV_ACCOUNT, add_account(&p->a, "later"));
	assert_int_equal(wait_answer(&p->a, seat_ask(p->a.seat, &q)).code, ERR_NONE);
}

static void seat__answers_at_the_host_and_beside_it(void **state)
{
	struct pair *p = *state;
	int64_t id = add_account(&p->a, "work");
	struct other *both[] = {&p->a, &p->b};
	wait_event(&p->b, EV_FOLDERS, id); /* the worker is there */
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		struct ask q = {.kind = ASK_SYNC_NOW, .account = id};
		assert_int_equal(wait_answer(both[i], seat_ask(both[i]->seat, &q)).code, ERR_NONE);
		q.kind = ASK_SIGN_IN;
		assert_int_equal(wait_answer(both[i], seat_ask(both[i]->seat, &q)).code, ERR_NONE);
		q.account = id + 1000;
		const struct err gone = wait_answer(both[i], seat_ask(both[i]->seat, &q));
		assert_int_equal(gone.code, ERR_NOTFOUND);
		assert_string_equal(gone.msg, "The account is gone.");
	}
}

static void seat__forgets_what_was_cancelled(void **state)
{
	struct pair *p = *state;
	struct seat *s = p->b.seat;
	struct err e = ERR_INIT;
	int64_t numbers[SEAT_ASKS];
	const struct ask q = {.kind = ASK_SIGN_IN, .account = 4711};
	for (size_t i = 0; i < SEAT_ASKS; i++)
		assert_true((numbers[i] = seat_ask(s, &q)) > 0);
	assert_true(seat_ask(s, &q) == 0); /* too many have no answer, or one not taken */
	for (size_t i = 0; i < SEAT_ASKS; i++)
		seat_cancel(s, numbers[i]);
	assert_false(seat_answer(s, numbers[0], &e));
	assert_int_equal(wait_answer(&p->b, seat_ask(s, &q)).code, ERR_NOTFOUND);
	assert_false(seat_answer(s, numbers[0], &e)); /* also after a later one was answered */
}

static void seat__makes_a_pass_for_others(void **state)
{
	struct pair *p = *state;
	struct fixture *f = p->a.f;
	CLEANUP(free_str) char *report = NULL;
	cJSON *doc = NULL;
	int64_t code = -1;
	int64_t id = add_account(&p->a, "work");
	wait_event(&p->b, EV_FOLDERS, id);
	assert_ok(f, seat_borrow_pass(f->dir, &report, &f->err));
	assert_non_null(report);
	assert_ok(f, json_parse(report, strlen(report), &doc, &f->err));
	assert_string_equal(json_str(doc, "/accounts/0/name"), "work");
	assert_string_equal(json_str(doc, "/accounts/0/result"), "ok");
	assert_true(json_i64(doc, "/exit", &code));
	assert_int_equal(code, 0);
	cJSON_Delete(doc);
}

static void seat__of_nobody_gives_no_pass(void **state)
{
	struct fixture *f = *state;
	char *report = NULL;
	assert_ok(f, seat_borrow_pass(f->dir, &report, &f->err));
	assert_null(report);
}

static void seat__hears_of_commands(void **state)
{
	struct pair *p = *state;
	struct event_set *events = event_set_new();
	event_post(events, &(struct event){.type = EV_OUTBOX, .account = 77, .count = 1});
	seat_tell(p->a.f->dir, events);
	wait_event(&p->a, EV_OUTBOX, 77);
	wait_event(&p->b, EV_OUTBOX, 77);
	event_set_free(events);
}

/* ---- the words on the line ------------------------------------------------------------------- */

static void line__gives_words_and_numbers(void **state)
{
	(void)state;
	char text[] = "kick 12 -3", *rest = text;
	int64_t v[2];
	assert_string_equal(line_word(&rest), "kick");
	assert_true(line_numbers(rest, v, 2));
	assert_int_equal(v[0], 12);
	assert_int_equal(v[1], -3);
	static const char *const bad[] = {
		"", "1", "1 x", "1  2", "1 2 3", "1 99999999999999999999"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free_str) char *copy = xstrdup(bad[i]);
		assert_false(line_numbers(copy, v, 2));
	}
	assert_true(line_numbers(NULL, NULL, 0));
}

static void line__reads_events(void **state)
{
	(void)state;
	struct event ev;
	char good[] = "messages 1 -2 3 4";
	assert_true(line_read_event(good, &ev));
	assert_int_equal(ev.type, EV_MESSAGES);
	assert_int_equal(ev.folder, -2);
	assert_int_equal(ev.count, 4);
	static const char *const bad[] = {"", "messages", "messages 1 2 3", "messages 1 2 3 -1",
		"messages 1 2 3 4294967296", "commit 0 0 1 1", "reply 0 0 1 1", "Messages 1 2 3 4"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free_str) char *copy = xstrdup(bad[i]);
		if (line_read_event(copy, &ev))
			fail_msg("read: %s", bad[i]);
	}
}

static void line__reads_answers(void **state)
{
	(void)state;
	int64_t number;
	struct err e;
	char good[] = "7 auth The password was refused.", fine[] = "8 none ", bare[] = "9 none";
	assert_true(line_read_answer(good, &number, &e));
	assert_int_equal(number, 7);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg, "The password was refused.");
	assert_true(line_read_answer(fine, &number, &e));
	assert_int_equal(e.code, ERR_NONE);
	assert_true(line_read_answer(bare, &number, &e));
	static const char *const bad[] = {"", "0 none", "x none", "7", "7 nothing x"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free_str) char *copy = xstrdup(bad[i]);
		if (line_read_answer(copy, &number, &e))
			fail_msg("read: %s", bad[i]);
	}
}

int main(void)
{
#define PAIR_TEST(name) cmocka_unit_test_setup_teardown(name, pair_up, pair_down)
	const struct CMUnitTest tests[] = {
		PAIR_TEST(seat__hears_what_the_other_wrote),
		PAIR_TEST(seat__workers_come_with_the_rows),
		PAIR_TEST(seat__takes_over),
		PAIR_TEST(seat__makes_way_while_it_stands_still),
		PAIR_TEST(seat__answers_at_the_host_and_beside_it),
		PAIR_TEST(seat__forgets_what_was_cancelled),
		PAIR_TEST(seat__makes_a_pass_for_others),
		cmocka_unit_test_setup_teardown(seat__of_nobody_gives_no_pass, fixture_up,
			fixture_down),
		PAIR_TEST(seat__hears_of_commands),
		cmocka_unit_test(line__gives_words_and_numbers),
		cmocka_unit_test(line__reads_events),
		cmocka_unit_test(line__reads_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
