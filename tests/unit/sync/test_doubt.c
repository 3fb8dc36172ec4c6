/*
 * test_doubt.c - mail whose answer got lost, at a service that keeps a draft of it: what the
 * service says settles it, but not too early, and whatever it says, or does not, holds nothing else
 * up. The store and the Maildir are real; the service is a transport of the test's.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/provider/transport.h"
#include "crmail/store/account.h"
#include "crmail/store/outbox.h"
#include "crmail/sync/host.h"
#include "src/sync/session.h"
#include "src/sync/worker.h"

#define EARLY 59 /* s after the handing over: the service may still be at it */
#define LATE 61
#define LONG 4000 /* s: more than any pause between two attempts */

struct service { /* what the next send and the next question are answered */
	struct transport base;
	enum transport_verdict verdict;
	struct transport_settled told;
	enum err_code cannot; /* be asked; ERR_NONE = it can */
	bool files_sent;
	int sends, asks;
	char draft[20]; /* that the last send was to go on with; "" = none */
};

static struct service *of(struct transport *t)
{
	return (struct service *)t;
}

static int service_send(struct transport *t, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct service *s = of(t);
	s->sends++;
	snprintf(s->draft, sizeof s->draft, "%s", m->draft ? m->draft : "");
	if ((!m->draft && m->drafted(m->handed_ctx, "d-1", e)) || m->handed(m->handed_ctx, e))
		return -1;
	out->verdict = s->verdict;
	if (s->verdict == TRANSPORT_SENT)
		for (size_t i = 0; i < m->n_rcpts; i++)
			m->rcpts[i].state = TRANSPORT_RCPT_ACCEPTED;
	return 0;
}

static int service_settle(struct transport *t, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e)
{
	struct service *s = of(t);
	(void)message_id;
	s->asks++;
	assert_string_equal(draft, "d-1");
	if (s->cannot)
		return err_set(e, s->cannot, "relay.test is away.");
	*out = s->told;
	return 0;
}

static bool service_files_sent(const struct transport *t)
{
	return ((const struct service *)t)->files_sent;
}

static void service_close(struct transport *t)
{
	(void)t;
}

static const struct transport_ops service_ops = {.kind = "smtp",
	.close = service_close,
	.send = service_send,
	.settle = service_settle,
	.files_sent = service_files_sent};

struct world {
	struct fixture *f;
	struct service service;
	struct host_options options;
	struct worker worker;
	struct session session;
	char *mail;
	int64_t account, id; /* of the mail in the outbox */
};

static int64_t queue_mail(struct world *w, const char *message_id)
{
	struct fixture *f = w->f;
	int64_t id = 0;
	static const char raw[] = "From: me@own.test\r\nTo: b@partner.test\r\n"
				  "Message-ID: <out@own.test>\r\nSubject: out\r\n\r\nBody.\r\n";
	static const char *const to[] = {"b@partner.test"};
	const struct outbox_new o = {.account = w->account,
		.message_id = message_id,
		.subject = "out",
		.from = "me@own.test",
		.recipients = to,
		.n_recipients = 1,
		.raw = raw,
		.raw_len = sizeof raw - 1,
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &id, &f->err));
	return id;
}

static void world_up(struct world *w, struct fixture *f, enum transport_verdict verdict)
{
	*w = (struct world){.f = f, .service = {.base = {.ops = &service_ops}, .verdict = verdict}};
	w->mail = xasprintf("%s/mail", f->dir);
	CLEANUP(free_str) char *cur = xasprintf("%s/cur", w->mail);
	assert_ok(f, fsx_mkdir_p(cur, &f->err));
	w->options = (struct host_options){
		.store = f->store, .clock = f->clock, .rng = f->rng, .data_dir = f->dir};
	const struct setting settings[] = {
		{"maildir", w->mail}, {"smtp", "127.0.0.1:9"}, {"history", "all"}};
	const struct account_row row = {
		.name = "own", .kind = "maildir", .email = "me@own.test", .added_at = FIXTURE_NOW};
	assert_ok(f,
		account_add(f->store, &row, settings, ARRAY_SIZE(settings), &w->account, &f->err));
	w->id = queue_mail(w, "out@own.test");
	assert_ok(f, worker_init(&w->worker, &w->options, w->account, &f->err));
	assert_ok(f, session_init(&w->session, &w->worker, &f->err));
	assert_ok(f, session_connect(&w->session, &f->err));
	assert_ok(f, session_list_folders(&w->session, &f->err));
}

static void world_down(struct world *w)
{
	session_release(&w->session);
	worker_release(&w->worker);
	free(w->mail);
}

/* One step of sending; whether there was anything to do. */
static bool step(struct world *w)
{
	bool did = false;
	if (!w->session.transport) /* not opened yet, or closed */
		w->service.base.cancel = net_cancel_new();
	w->session.transport = &w->service.base;
	assert_ok(w->f, session_send_step(&w->session, &did, &w->f->err));
	return did;
}

static const struct outbox_row *row_of(struct world *w, int64_t id)
{
	struct fixture *f = w->f;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	assert_ok(f, outbox_list(f->reader, &f->arena, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return &rows[i];
	fail_msg("the mail is gone");
	return NULL;
}

static void check_state(struct world *w, enum outbox_state state)
{
	assert_string_equal(outbox_state_name(row_of(w, w->id)->state), outbox_state_name(state));
}

static void wait_s(struct world *w, int64_t s)
{
	fixture_set_clock(w->f, FIXTURE_NOW + s);
}

static size_t count_copies(const struct world *w)
{
	CLEANUP(free_str) char *dir = xasprintf("%s/.Sent/cur", w->mail);
	size_t n = 0;
	DIR *d = opendir(dir);
	for (const struct dirent *ent; d && (ent = readdir(d));)
		n += ent->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* A service lists a draft that it is just about to send. */
static void doubt__is_no_proof_yet__still_a_draft(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.told.fate = TRANSPORT_STILL_DRAFT;
	assert_true(step(&w));
	check_state(&w, OUTBOX_HANDED);
	assert_non_null(row_of(&w, w.id)->error);
	assert_false(step(&w)); /* not asked without a pause either */
	wait_s(&w, EARLY);
	assert_true(step(&w));
	check_state(&w, OUTBOX_HANDED);
	w.service.told.fate = TRANSPORT_WAS_SENT;
	wait_s(&w, EARLY + 5);
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	assert_int_equal(w.service.sends, 1);
	world_down(&w);
}

static void doubt__sends_the_same_draft__it_still_is_one_later(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.told.fate = TRANSPORT_STILL_DRAFT;
	assert_true(step(&w));
	wait_s(&w, LATE);
	assert_true(step(&w));
	check_state(&w, OUTBOX_QUEUED);
	assert_non_null(row_of(&w, w.id)->error);
	wait_s(&w, LATE + LONG);
	w.service.verdict = TRANSPORT_SENT;
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	assert_string_equal(w.service.draft, "d-1");
	assert_int_equal(w.service.sends, 2);
	world_down(&w);
}

/* The rest of the account has its turn between two tries, and another mail goes before the one that
 * failed. */
static void doubt__backs_off__a_service_that_never_sends(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.told.fate = TRANSPORT_STILL_DRAFT;
	assert_true(step(&w));
	int64_t other = queue_mail(&w, "other@own.test");
	wait_s(&w, LATE);
	assert_true(step(&w));
	check_state(&w, OUTBOX_QUEUED);
	assert_int_equal(w.session.send_failures, 1);
	assert_false(step(&w)); /* neither the one nor the other */
	assert_int_equal(w.service.sends, 1);
	assert_true(w.session.next_due > FIXTURE_NOW + LATE);
	fixture_set_clock(w.f, w.session.next_due);
	w.service.verdict = TRANSPORT_SENT;
	assert_true(step(&w));
	assert_int_equal(row_of(&w, other)->state, OUTBOX_SENT);
	check_state(&w, OUTBOX_QUEUED);
	world_down(&w);
}

/* -1 of a step would end the account's connection, and with it its reading. */
static void doubt__holds_nothing_up__the_service_is_away(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.cannot = ERR_NET;
	assert_true(step(&w));
	check_state(&w, OUTBOX_HANDED);
	wait_s(&w, LATE);
	assert_true(step(&w));
	check_state(&w, OUTBOX_UNKNOWN);
	assert_non_null(strstr(row_of(&w, w.id)->error, "relay.test is away."));
	assert_false(step(&w));
	w.service.cannot = ERR_NONE;
	w.service.told = (struct transport_settled){
		.fate = TRANSPORT_WAS_SENT, .message_id = "theirs@service.test"};
	wait_s(&w, LATE + 40);
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	assert_string_equal(row_of(&w, w.id)->far_message_id, "theirs@service.test");
	assert_int_equal(w.service.sends, 1);
	world_down(&w);
}

/* A relay counts by recipient and subject: what it counts may be the other mail. */
static void doubt__is_the_users__another_mail_may_be_counted(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.cannot = ERR_NET;
	assert_true(step(&w));
	check_state(&w, OUTBOX_HANDED);
	int64_t other = queue_mail(&w, "other@own.test");
	w.service.files_sent = true; /* no copy of ours in Sent answers it */
	w.service.verdict = TRANSPORT_SENT;
	assert_true(step(&w));
	assert_int_equal(row_of(&w, other)->state, OUTBOX_SENT);
	w.service.cannot = ERR_NONE;
	w.service.told = (struct transport_settled){.fate = TRANSPORT_WAS_SENT, .is_count = true};
	wait_s(&w, LATE);
	assert_true(step(&w));
	check_state(&w, OUTBOX_UNKNOWN);
	/* An id means one mail alone. */
	w.service.told.is_count = false;
	wait_s(&w, LATE + LONG);
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	world_down(&w);
}

/* Several in doubt, and each question lasts until its time is over: reading has its turn. */
static void doubt__asks_once_in_a_while__the_service_is_away(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	int64_t other = queue_mail(&w, "other@own.test");
	w.service.cannot = ERR_NET;
	assert_true(step(&w));
	assert_true(step(&w));
	assert_int_equal(row_of(&w, other)->state, OUTBOX_HANDED);
	int asks = w.service.asks;
	wait_s(&w, 10); /* both are due */
	assert_false(step(&w));
	assert_int_equal(w.service.asks, asks);
	wait_s(&w, LATE);
	assert_true(step(&w));
	assert_false(step(&w));
	assert_int_equal(w.service.asks, asks + 1);
	world_down(&w);
}

/* Refused credentials, asked with again and again, would lock the account. */
static void doubt__is_the_users_at_once__when_we_are_not_let_in(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.cannot = ERR_AUTH;
	assert_true(step(&w));
	check_state(&w, OUTBOX_UNKNOWN);
	wait_s(&w, 20);
	assert_false(step(&w));
	assert_int_equal(w.service.asks, 1);
	world_down(&w);
}

static void doubt__is_the_users__what_sent_it_is_gone(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_UNKNOWN);
	w.service.cannot = ERR_NET;
	assert_true(step(&w));
	check_state(&w, OUTBOX_HANDED);
	int asks = w.service.asks;
	assert_ok(w.f, account_set(w.f->store, w.account, "smtp", NULL, &w.f->err));
	assert_ok(w.f, account_set(w.f->store, w.account, "sendmail", "/bin/true", &w.f->err));
	wait_s(&w, 10);
	assert_true(step(&w));
	check_state(&w, OUTBOX_UNKNOWN);
	assert_non_null(strstr(row_of(&w, w.id)->error, "not set up any more"));
	wait_s(&w, LONG);
	assert_false(step(&w));
	assert_int_equal(w.service.asks, asks);
	assert_ok(w.f, outbox_act_wait(w.f->store, w.id, OUTBOX_WAS_NOT_SENT, &w.f->err));
	w.service.verdict = TRANSPORT_SENT;
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	assert_string_equal(w.service.draft, "");
	world_down(&w);
}

/* An account's earlier way left its mark: it means nothing to the one that it has now. */
static void doubt__gives_no_mark_away__to_another_way(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_SENT);
	assert_ok(w.f, outbox_set_far_draft(w.f->store, w.id, "report:1", "relay x y", &w.f->err));
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	assert_string_equal(w.service.draft, "");
	world_down(&w);
}

/* Who files the copy is known of the mail, not of the connection that stands. */
static void copy__is_the_services__after_a_reconnect(void **state)
{
	struct world w;
	world_up(&w, *state, TRANSPORT_SENT);
	w.service.files_sent = true;
	assert_true(step(&w));
	check_state(&w, OUTBOX_SENT);
	session_close_transport(&w.session);
	w.service.files_sent = false;
	wait_s(&w, LONG);
	w.session.copy_at_ms = 0;
	assert_true(step(&w));
	assert_int_equal(count_copies(&w), 0);
	assert_false(row_of(&w, w.id)->is_filed);
	world_down(&w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(doubt__is_no_proof_yet__still_a_draft),
		TEST(doubt__sends_the_same_draft__it_still_is_one_later),
		TEST(doubt__backs_off__a_service_that_never_sends),
		TEST(doubt__holds_nothing_up__the_service_is_away),
		TEST(doubt__is_the_users__another_mail_may_be_counted),
		TEST(doubt__asks_once_in_a_while__the_service_is_away),
		TEST(doubt__is_the_users_at_once__when_we_are_not_let_in),
		TEST(doubt__is_the_users__what_sent_it_is_gone),
		TEST(doubt__gives_no_mark_away__to_another_way),
		TEST(copy__is_the_services__after_a_reconnect),
	};
	return cmocka_run_group_tests_name("doubt", tests, NULL, NULL);
}
