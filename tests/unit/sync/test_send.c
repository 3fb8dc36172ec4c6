/*
 * test_send.c - one mail from the outbox to a mail server that says no, not now, or nothing: each
 * recipient gets it once, and what nobody can know is asked, not repeated. The store and the
 * Maildir are real; the server is a thread of the test.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/outbox.h"
#include "crmail/sync/host.h"
#include "src/sync/account_worker.h"
#include "src/sync/session.h"
#include "src/sync/worker.h"
#include "tests/unit/net/fake_server.h"

#define LATER 3600 /* s: more than any pause between two attempts */

/* What the server does with the first mail; later ones are taken. */
enum mood {
	MOOD_TAKES,
	MOOD_DEFERS_ONE,          /* 451 for c@partner.test */
	MOOD_DEFERS_ALL,          /* 450 for everybody */
	MOOD_DEFERS_EVER,         /* the same, and for every later mail */
	MOOD_DEFERS_THEN_REFUSES, /* the same, and 550 for later mails */
	MOOD_DEFERS_MAIL,         /* 452 after the final dot */
	MOOD_REFUSES_ONE,         /* 550 for c@partner.test */
	MOOD_REFUSES_MAIL,        /* 554 after the final dot */
	MOOD_LOSES_BEFORE,        /* ends when the mail is about to come */
	MOOD_LOSES_AFTER,         /* ends after the final dot */
	MOOD_TAKEN_BACK,          /* the user takes the mail back while it is on its way */
};

struct server {
	enum mood mood;
	pthread_mutex_t lock; /* guards log */
	struct store *store;
	int64_t mail;   /* of the outbox */
	struct buf log; /* one line for each mail that came: its accepted recipients, its end */
};

static const char *answer_to_rcpt(const struct server *s, bool is_first, const char *line)
{
	bool is_c = strstr(line, "<c@partner.test>") != NULL;
	if (s->mood == MOOD_DEFERS_EVER)
		return "450 4.2.0 Not now\r\n";
	bool is_later = s->mood == MOOD_DEFERS_ONE || s->mood == MOOD_DEFERS_THEN_REFUSES;
	if (is_first && (s->mood == MOOD_DEFERS_ALL || (is_later && is_c)))
		return "451 4.7.1 Not now\r\n";
	bool is_refused = s->mood == MOOD_REFUSES_ONE || s->mood == MOOD_DEFERS_THEN_REFUSES;
	return is_refused && is_c ? "550 5.1.1 No such user\r\n" : "250 ok\r\n";
}

static void note(struct server *s, const char *line)
{
	pthread_mutex_lock(&s->lock);
	buf_addf(&s->log, "%s\n", line);
	pthread_mutex_unlock(&s->lock);
}

/* The mail itself; false ends the connection. */
static bool take_mail(struct fake_conn *c, struct server *s, bool is_first, const char *rcpts)
{
	if (s->mood == MOOD_TAKEN_BACK) /* the writer takes user calls from any thread */
		outbox_act(s->store, s->mail, OUTBOX_TAKE_BACK);
	if (is_first && s->mood == MOOD_LOSES_BEFORE) {
		note(s, "cut");
		return false;
	}
	fake_send(c, "354 go\r\n");
	do {
		if (!fake_read_line(c))
			return false;
	} while (strcmp(c->line, ".") != 0);
	note(s, rcpts);
	if (is_first && s->mood == MOOD_LOSES_AFTER)
		return false;
	if (is_first && s->mood == MOOD_DEFERS_MAIL)
		return fake_send(c, "452 4.3.1 Disk full\r\n");
	if (is_first && s->mood == MOOD_REFUSES_MAIL)
		return fake_send(c, "554 5.7.1 No\r\n");
	return fake_send(c, "250 ok\r\n");
}

static void serve(struct fake_conn *c)
{
	struct server *s = c->ctx;
	char rcpts[200] = "";

	fake_send(c, "220 mx.test\r\n");
	for (int mails = c->number; fake_read_line(c);) {
		bool is_first = mails == 0;
		const char *answer = "250 ok\r\n";
		if (str_starts(c->line, "MAIL")) {
			rcpts[0] = '\0';
		} else if (str_starts(c->line, "RCPT")) {
			answer = answer_to_rcpt(s, is_first, c->line);
			size_t n = strlen(rcpts);
			if (answer[0] == '2')
				snprintf(rcpts + n, sizeof(rcpts) - n, "%c", c->line[9]);
		} else if (str_starts(c->line, "DATA")) {
			mails++;
			if (!take_mail(c, s, is_first, rcpts))
				return;
			continue;
		} else if (str_starts(c->line, "QUIT")) {
			return;
		}
		if (!fake_send(c, answer))
			return;
	}
}

struct world {
	struct fixture *f;
	struct server server;
	struct fake_server *listener;
	struct host_options options;
	struct worker worker;
	struct session session;
	char *mail;
	int64_t id; /* of the mail in the outbox */
};

static int64_t add_account(struct world *w)
{
	struct fixture *f = w->f;
	int64_t id = 0;
	CLEANUP(free_str) char *smtp = xasprintf("127.0.0.1:%d", fake_server_port(w->listener));
	const struct setting settings[] = {
		{"maildir", w->mail}, {"smtp", smtp}, {"tls", "insecure-none"}, {"history", "all"}};
	const struct account_row row = {
		.name = "own", .kind = "maildir", .email = "me@own.test", .added_at = FIXTURE_NOW};
	assert_ok(f, account_add(f->store, &row, settings, ARRAY_SIZE(settings), &id, &f->err));
	return id;
}

static void queue_mail(struct world *w, int64_t account)
{
	struct fixture *f = w->f;
	static const char raw[] = "From: me@own.test\r\nTo: b@partner.test, c@partner.test\r\n"
				  "Message-ID: <out@own.test>\r\nSubject: out\r\n\r\nBody.\r\n";
	static const char *const to[] = {"b@partner.test", "c@partner.test"};
	const struct outbox_new o = {.account = account,
		.message_id = "out@own.test",
		.subject = "out",
		.from = "me@own.test",
		.recipients = to,
		.n_recipients = 2,
		.raw = raw,
		.raw_len = sizeof raw - 1,
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &w->id, &f->err));
}

static void open_session(struct world *w, int64_t account)
{
	struct fixture *f = w->f;
	assert_ok(f, worker_init(&w->worker, &w->options, account, &f->err));
	assert_ok(f, session_init(&w->session, &w->worker, &f->err));
	assert_ok(f, session_connect(&w->session, &f->err));
	assert_ok(f, session_list_folders(&w->session, &f->err));
}

static void world_up(struct world *w, struct fixture *f, enum mood mood)
{
	*w = (struct world){.f = f, .server = {.mood = mood, .log = BUF_INIT(1000)}};
	pthread_mutex_init(&w->server.lock, NULL);
	w->mail = xasprintf("%s/mail", f->dir);
	CLEANUP(free_str) char *cur = xasprintf("%s/cur", w->mail);
	assert_ok(f, fsx_mkdir_p(cur, &f->err));
	w->listener = fake_server_start(serve, &w->server);
	w->options = (struct host_options){
		.store = f->store, .clock = f->clock, .rng = f->rng, .data_dir = f->dir};
	int64_t account = add_account(w);
	queue_mail(w, account);
	w->server.store = f->store;
	w->server.mail = w->id;
	open_session(w, account);
}

static void world_down(struct world *w)
{
	session_release(&w->session);
	worker_release(&w->worker);
	fake_server_stop(w->listener);
	buf_release(&w->server.log);
	free(w->mail);
}

/* One step of sending; whether there was anything to do. */
static bool step(struct world *w)
{
	bool did = false;
	assert_ok(w->f, session_send_step(&w->session, &did, &w->f->err));
	return did;
}

static void check_row(struct world *w, enum outbox_state state, enum recipient_state b,
	enum recipient_state c)
{
	struct fixture *f = w->f;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	assert_ok(f, outbox_list(f->reader, &f->arena, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(outbox_state_name(rows[0].state), outbox_state_name(state));
	assert_int_equal(rows[0].recipients[0].state, b);
	assert_int_equal(rows[0].recipients[1].state, c);
}

static void check_copies(const struct world *w, size_t want)
{
	CLEANUP(free_str) char *dir = xasprintf("%s/.Sent/cur", w->mail);
	size_t n = 0;
	DIR *d = opendir(dir);
	for (const struct dirent *ent; d && (ent = readdir(d));)
		n += ent->d_name[0] != '.';
	if (d)
		closedir(d);
	assert_int_equal(n, want);
}

static void put_in_sent(const struct world *w)
{
	static const char copy[] = "Message-ID: <out@own.test>\nSubject: out\n\nBody.\n";
	struct fixture *f = w->f;
	CLEANUP(free_str) char *dir = xasprintf("%s/.Sent/cur", w->mail);
	CLEANUP(free_str) char *new = xasprintf("%s/.Sent/new", w->mail);
	CLEANUP(free_str) char *file = xasprintf("%s/1.copy:2,S", dir);
	assert_ok(f, fsx_mkdir_p(dir, &f->err));
	assert_ok(f, fsx_mkdir_p(new, &f->err));
	assert_ok(f, fsx_write_file(file, copy, sizeof copy - 1, false, &f->err));
}

/* Nothing is due at once; an hour later there is. */
static void wait_an_hour(struct world *w)
{
	assert_false(step(w));
	fixture_set_clock(w->f, FIXTURE_NOW + LATER);
	assert_true(step(w));
}

static void check_log(struct world *w, const char *want)
{
	pthread_mutex_lock(&w->server.lock);
	assert_string_equal(w->server.log.p, want);
	pthread_mutex_unlock(&w->server.lock);
}

static void send__goes_to_everybody_once(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_TAKES);
	assert_true(step(&w));
	assert_false(step(&w));
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_copies(&w, 1);
	check_log(&w, "bc\n");
	world_down(&w);
}

static void send__asks_again_only_for_those_deferred(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_DEFERS_ONE);
	assert_true(step(&w));
	check_row(&w, OUTBOX_QUEUED, RCPT_ACCEPTED, RCPT_PENDING);
	check_copies(&w, 0);
	wait_an_hour(&w);
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_copies(&w, 1);
	check_log(&w, "b\nc\n");
	world_down(&w);
}

static void send__asks_again__when_nobody_was_taken(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_DEFERS_ALL);
	assert_true(step(&w));
	check_row(&w, OUTBOX_QUEUED, RCPT_PENDING, RCPT_PENDING);
	wait_an_hour(&w);
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_log(&w, "bc\n");
	world_down(&w);
}

static void send__asks_again__when_deferred_after_the_dot(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_DEFERS_MAIL);
	assert_true(step(&w));
	check_row(&w, OUTBOX_QUEUED, RCPT_PENDING, RCPT_PENDING);
	wait_an_hour(&w);
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_copies(&w, 1);
	check_log(&w, "bc\nbc\n");
	world_down(&w);
}

static void send__asks_again__when_lost_before_the_dot(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_LOSES_BEFORE);
	assert_true(step(&w));
	check_row(&w, OUTBOX_QUEUED, RCPT_PENDING, RCPT_PENDING);
	wait_an_hour(&w);
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_log(&w, "cut\nbc\n");
	world_down(&w);
}

static void send__never_repeats__when_lost_after_the_dot(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_LOSES_AFTER);
	assert_true(step(&w));
	check_row(&w, OUTBOX_UNKNOWN, RCPT_PENDING, RCPT_PENDING);
	assert_false(step(&w));
	fixture_set_clock(w.f, FIXTURE_NOW + LATER);
	assert_false(step(&w));
	check_copies(&w, 0);
	check_log(&w, "bc\n");
	/* The user says it was not: then it goes to all of them. */
	assert_ok(w.f, outbox_act_wait(w.f->store, w.id, OUTBOX_WAS_NOT_SENT, &w.f->err));
	assert_true(step(&w));
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	check_log(&w, "bc\nbc\n");
	world_down(&w);
}

static void send__tells_who_was_refused(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_REFUSES_ONE);
	assert_true(step(&w));
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_REFUSED);
	assert_false(step(&w));
	check_copies(&w, 1);
	check_log(&w, "b\n");
	world_down(&w);
}

/* The first try got it to one of them; the no to the other does not undo that. */
static void send__is_sent_in_part__when_the_rest_is_refused_later(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_DEFERS_THEN_REFUSES);
	assert_true(step(&w));
	check_row(&w, OUTBOX_QUEUED, RCPT_ACCEPTED, RCPT_PENDING);
	wait_an_hour(&w);
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_REFUSED);
	assert_false(step(&w));
	check_copies(&w, 1);
	check_log(&w, "b\n");
	world_down(&w);
}

/* The user's undo comes while the server is being talked to: nothing is wrong with the account. */
static void send__ends_quietly__when_taken_back_before_the_dot(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_TAKEN_BACK);
	assert_true(step(&w));
	check_row(&w, OUTBOX_DRAFT, RCPT_PENDING, RCPT_PENDING);
	assert_false(step(&w));
	check_copies(&w, 0);
	check_log(&w, "");
	world_down(&w);
}

static void send__is_asked_about__then_filed_when_it_was(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_LOSES_AFTER);
	assert_true(step(&w));
	check_row(&w, OUTBOX_UNKNOWN, RCPT_PENDING, RCPT_PENDING);
	assert_ok(w.f, outbox_act_wait(w.f->store, w.id, OUTBOX_WAS_SENT, &w.f->err));
	assert_true(step(&w));
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	assert_false(step(&w));
	check_copies(&w, 1);
	check_log(&w, "bc\n");
	world_down(&w);
}

/* The folder cannot be written: the mail stands as sent, with the reason, and new mail goes on. */
static void send__goes_on__when_the_copy_is_refused(void **state)
{
	struct world w;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	world_up(&w, *state, MOOD_TAKES);
	struct fixture *f = w.f;
	CLEANUP(free_str) char *sent = xasprintf("%s/.Sent", w.mail);
	assert_ok(f, fsx_write_file(sent, "", 0, false, &f->err)); /* no folder can be there */
	assert_true(step(&w));
	assert_false(step(&w));
	check_row(&w, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_ACCEPTED);
	assert_ok(f, outbox_list(f->reader, &f->arena, &rows, &n, &f->err));
	assert_non_null(rows[0].error);
	assert_false(rows[0].is_filed);
	assert_int_equal(unlink(sent), 0);
	wait_an_hour(&w);
	check_copies(&w, 1);
	assert_false(step(&w));
	check_log(&w, "bc\n");
	world_down(&w);
}

/* A service that files the copy itself is not given a second one. */
static void send__waits_for_the_copy__when_the_server_files_it(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_TAKES);
	struct fixture *f = w.f;
	w.session.sent_copy = "server";
	assert_true(step(&w));
	check_copies(&w, 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT is_filed FROM outbox"), 0);
	put_in_sent(&w);
	fixture_set_clock(f, FIXTURE_NOW + LATER);
	w.session.copy_at_ms = 0; /* a second has passed */
	assert_true(step(&w));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT is_filed FROM outbox"), 1);
	check_copies(&w, 1);
	world_down(&w);
}

/* Else two mails sent together would take turns, and neither would ever be waited for long
 * enough. */
static void send__watches_for_one_copy_at_a_time(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_TAKES);
	int64_t first = w.id, account = w.session.account;
	w.session.sent_copy = "server";
	assert_true(step(&w));
	assert_int_equal(w.session.watched, first);
	int64_t until = w.session.watch_until_ms;
	queue_mail(&w, account);
	assert_true(step(&w)); /* the second is sent meanwhile */
	w.session.copy_at_ms = 0;
	assert_true(step(&w)); /* looks for the first again */
	assert_int_equal(w.session.watched, first);
	assert_int_equal(w.session.watch_until_ms, until);
	w.session.copy_at_ms = 0;
	w.session.watch_until_ms = 1; /* it is over */
	assert_true(step(&w));
	assert_int_equal(w.session.watched, 0);
	w.session.copy_at_ms = 0;
	assert_true(step(&w));
	assert_int_equal(w.session.watched, w.id);
	check_copies(&w, 0);
	world_down(&w);
}

static void send__is_refused__when_the_mail_is(void **state)
{
	struct world w;
	world_up(&w, *state, MOOD_REFUSES_MAIL);
	assert_true(step(&w));
	check_row(&w, OUTBOX_REFUSED, RCPT_REFUSED, RCPT_REFUSED);
	fixture_set_clock(w.f, FIXTURE_NOW + LATER);
	assert_false(step(&w));
	check_copies(&w, 0);
	check_log(&w, "bc\n");
	world_down(&w);
}

static void *run_pass(void *arg)
{
	struct world *w = arg;
	struct account_report *report = calloc(1, sizeof *report);
	w->worker.report = report;
	account_worker_pass(&w->worker);
	event_post(w->f->events, &(struct event){.type = EV_REPLY});
	return report;
}

/* Moves the clock on whenever the outbox changed, until the pass says that it has ended. */
static void let_time_pass(struct world *w)
{
	struct pollfd p = {.fd = event_set_fd(w->f->events), .events = POLLIN};
	for (int hours = 1; hours < 1000 && poll(&p, 1, 60000) == 1; hours++) {
		struct event ev[32];
		for (size_t i = 0, n = event_drain(w->f->events, ev, ARRAY_SIZE(ev)); i < n; i++)
			if (ev[i].type == EV_REPLY)
				return;
		fixture_set_clock(w->f, FIXTURE_NOW + hours * (int64_t)LATER);
		worker_post(&w->worker, REQUEST_KICK);
	}
	fail_msg("the pass does not end");
}

static void pass__ends__when_a_server_never_takes_the_mail(void **state)
{
	struct world w;
	pthread_t thread;
	void *result = NULL;
	world_up(&w, *state, MOOD_DEFERS_EVER);
	assert_int_equal(pthread_create(&thread, NULL, run_pass, &w), 0);
	let_time_pass(&w);
	pthread_join(thread, &result);
	struct account_report *report = result;
	assert_int_equal(report->result, PASS_FAILED);
	assert_int_equal(report->error.code, ERR_RATE);
	assert_int_equal(fixture_sql(w.f, "crmail.db", "SELECT attempts FROM outbox"), 3);
	check_row(&w, OUTBOX_QUEUED, RCPT_PENDING, RCPT_PENDING);
	free(report);
	world_down(&w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(send__goes_to_everybody_once),
		TEST(send__asks_again_only_for_those_deferred),
		TEST(send__asks_again__when_nobody_was_taken),
		TEST(send__asks_again__when_deferred_after_the_dot),
		TEST(send__asks_again__when_lost_before_the_dot),
		TEST(send__never_repeats__when_lost_after_the_dot),
		TEST(send__tells_who_was_refused),
		TEST(send__is_sent_in_part__when_the_rest_is_refused_later),
		TEST(send__ends_quietly__when_taken_back_before_the_dot),
		TEST(send__is_asked_about__then_filed_when_it_was),
		TEST(send__goes_on__when_the_copy_is_refused),
		TEST(send__waits_for_the_copy__when_the_server_files_it),
		TEST(send__watches_for_one_copy_at_a_time),
		TEST(send__is_refused__when_the_mail_is),
		TEST(pass__ends__when_a_server_never_takes_the_mail),
	};
	return cmocka_run_group_tests_name("send", tests, NULL, NULL);
}
