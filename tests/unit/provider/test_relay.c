/* test_relay.c - sending through a relay: what it can carry, what its answers mean, and what its
 * report settles. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/provider/transport.h"
#include "src/provider/relay_letter.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

#define HEAD "From: a@ours.test\r\nTo: b@client.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
#define PLAIN HEAD "\r\nhello\r\n"

/* ---- letters --------------------------------------------------------------------------------- */

static int make(const char *mail, const char *rcpt, struct arena *a, struct relay_letter *out)
{
	struct transport_recipient r[] = {{.addr = rcpt}};
	const struct transport_mail m = {
		.from = "a@ours.test", .rcpts = r, .n_rcpts = 1, .data = mail, .len = strlen(mail)};
	struct err e = ERR_INIT;
	int rc = relay_letter_make(a, &m, out, &e);
	assert_true(!rc || (e.code == ERR_UNSUPPORTED && e.retry == RETRY_NEVER));
	return rc;
}

static void relay_letter__takes__recipients_subject_and_text(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct relay_letter l;
	(void)state;
	assert_int_equal(make(PLAIN, "B@client.test", &a, &l), 0);
	assert_int_equal(l.n_to, 1);
	assert_string_equal(l.subject, "Grüße");
	assert_string_equal(l.text, "hello\n");
	assert_int_equal(
		make(HEAD
			"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\n"
			"plain\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>plain</b>\r\n--x--\r\n",
			"b@client.test", &a, &l),
		0);
	assert_int_equal(strncmp(l.text, "plain", 5), 0);
}

static void relay_letter__refuses__what_is_more_than_that(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct relay_letter l;
	static const char *const bad[] = {
		HEAD "Cc: c@client.test\r\n\r\nx\r\n",
		HEAD "In-Reply-To: <1@client.test>\r\n\r\nx\r\n",
		HEAD "References: <1@client.test>\r\n\r\nx\r\n",
		"From: a@ours.test\r\nTo: b@client.test, c@client.test\r\nSubject: x\r\n\r\nx\r\n",
		HEAD "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nx\r\n--x\r\n"
		     "Content-Type: application/pdf\r\n\r\nx\r\n--x--\r\n",
		HEAD "Content-Type: image/png\r\n\r\nx\r\n",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(make(bad[i], "b@client.test", &a, &l), -1);
	assert_int_equal(make(PLAIN, "hidden@client.test", &a, &l), -1); /* Bcc */
}

static void relay_letter__has_one_key__in_any_order_and_case(void **state)
{
	static const char *const one[] = {"a@x.test", "B@x.test"}, *const two[] = {
									   "b@X.test", "A@x.test"};
	char k[3][65];
	(void)state;
	relay_letter_key(one, 2, "s", k[0]);
	relay_letter_key(two, 2, "s", k[1]);
	relay_letter_key(two, 2, "S", k[2]);
	assert_string_equal(k[0], k[1]);
	assert_string_not_equal(k[0], k[2]);
	relay_letter_key(one, 1, "s", k[2]);
	assert_string_not_equal(k[0], k[2]);
}

/* ---- the service ----------------------------------------------------------------------------- */

struct service {
	const char *report, *letter,
		*later; /* whole answers; "" = hang up. later: of further reports */
	int reports, letters;
	char body[2048];
};

/* One exchange a connection, whose end is that of the answer. */
static void serve(struct fake_conn *c)
{
	struct service *s = c->ctx;
	size_t len = 0;
	if (!fake_read_line(c))
		return;
	bool is_letter = strncmp(c->line, "POST ", 5) == 0;
	while (fake_read_line(c) && c->line[0])
		if (!strncmp(c->line, "Content-Length: ", 16))
			len = strtoul(c->line + 16, NULL, 10);
	for (size_t i = 0; i < len && i < sizeof s->body - 1; i++) {
		if (recv(c->fd, s->body + i, 1, 0) != 1)
			return;
		s->body[i + 1] = '\0';
	}
	s->letters += is_letter;
	s->reports += !is_letter;
	if (is_letter)
		fake_send(c, s->letter);
	else
		fake_send(c, s->reports > 1 && s->later ? s->later : s->report);
}

#define NO_MAIL "{\"recent_emails\":[]}"
#define THE_MAIL                                                                                   \
	"{\"recent_emails\":[7,{},{\"to\":\"b@client.test\",\"subject\":\"Gr\xc3\xbc\xc3\x9f"      \
	"e\"}]}"
#define ANSWER(status, text) "HTTP/1.1 " status " X\r\nConnection: close\r\n\r\n" text

struct fixture {
	struct service service;
	struct fake_server *srv;
	struct clock_src *clock;
	struct transport *t;
	struct transport_recipient rcpt;
	struct transport_mail mail;
	struct transport_outcome out;
	char draft[200];
	int handed;
	struct err e;
};

static int give_key(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	(void)ctx;
	if (refused)
		return err_set(e, ERR_AUTH, "wrong key");
	buf_addstr(out, "key");
	return 0;
}

static int note_draft(void *ctx, const char *id, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	snprintf(f->draft, sizeof f->draft, "%s", id);
	return 0;
}

static int note_handed(void *ctx, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	f->handed++;
	return 0;
}

static void start(struct fixture *f)
{
	char base[64];
	f->srv = fake_server_start(serve, &f->service);
	f->clock = clock_new(NULL);
	f->e = ERR_INIT;
	snprintf(base, sizeof base, "http://127.0.0.1:%d", fake_server_port(f->srv));
	const struct transport_conf c = {.kind = "relay",
		.api = base,
		.user = "anna/7",
		.token = give_key,
		.clock = f->clock,
		.deadline_ms = 10000};
	assert_int_equal(transport_open(&f->t, &c, &f->e), 0);
	f->rcpt = (struct transport_recipient){.addr = "b@client.test"};
	f->mail = (struct transport_mail){.from = "a@ours.test",
		.rcpts = &f->rcpt,
		.n_rcpts = 1,
		.data = PLAIN,
		.len = sizeof PLAIN - 1,
		.handed = note_handed,
		.drafted = note_draft,
		.handed_ctx = f};
}

static int send_once(struct fixture *f)
{
	start(f);
	return transport_send(f->t, &f->mail, &f->out, &f->e);
}

/* What the server's thread counted may be read afterwards. */
static void stop(struct fixture *f)
{
	transport_close(f->t);
	fake_server_stop(f->srv);
	clock_free(f->clock);
}

static void relay__sends_once__after_the_report_was_noted(void **state)
{
	struct fixture f = {.service = {.report = ANSWER("200", NO_MAIL),
				    .letter = ANSWER("200", "{\"status\":\"success\"}")}};
	(void)state;
	assert_int_equal(send_once(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_int_equal(f.rcpt.state, TRANSPORT_RCPT_ACCEPTED);
	assert_int_equal(f.handed, 1);
	assert_non_null(strstr(f.draft, ":0:"));
	assert_true(transport_files_sent(f.t));
	stop(&f);
	assert_int_equal(f.service.letters, 1);
	assert_non_null(strstr(f.service.body, "\"from_email\":\"a@ours.test\""));
}

static void relay__judges__what_is_said_about_the_letter(void **state)
{
	static const struct {
		const char *answer;
		int rc;
		enum transport_verdict verdict;
		enum err_code code;
	} all[] = {
		{ANSWER("200", "{\"error\":\"no\"}"), 0, TRANSPORT_REFUSED, ERR_NONE},
		{ANSWER("422", "{\"error\":{\"message\":\"no\"}}"), 0, TRANSPORT_REFUSED, ERR_NONE},
		{ANSWER("400", "<html>"), 0, TRANSPORT_REFUSED, ERR_NONE},
		{ANSWER("200", "<html>"), 0, TRANSPORT_UNKNOWN, ERR_NONE},
		{ANSWER("200", "{\"status\":\"queued?\"}"), 0, TRANSPORT_UNKNOWN, ERR_NONE},
		{ANSWER("502", "{\"error\":\"no\"}"), 0, TRANSPORT_UNKNOWN, ERR_NONE},
		{"", 0, TRANSPORT_UNKNOWN, ERR_NONE},
		/* an empty error is none */
		{ANSWER("200", "{\"status\":\"success\",\"error\":\"\"}"), 0, TRANSPORT_SENT,
			ERR_NONE},
		{ANSWER("200", "{\"status\":\"success\",\"error\":\"no\"}"), 0, TRANSPORT_UNKNOWN,
			ERR_NONE},
		/* it has the letter, whenever it wants to be asked again */
		{"HTTP/1.1 503 X\r\nRetry-After: 5\r\nConnection: close\r\n\r\n", 0,
			TRANSPORT_UNKNOWN, ERR_NONE},
		{ANSWER("403", "{}"), -1, TRANSPORT_REFUSED, ERR_AUTH},
		{ANSWER("401", "{}"), -1, TRANSPORT_REFUSED, ERR_AUTH},
		{ANSWER("429", "{}"), -1, TRANSPORT_REFUSED, ERR_RATE},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct fixture f = {
			.service = {.report = ANSWER("200", NO_MAIL), .letter = all[i].answer}};
		assert_int_equal(send_once(&f), all[i].rc);
		assert_int_equal(f.e.code, all[i].code);
		if (!all[i].rc)
			assert_int_equal(f.out.verdict, all[i].verdict);
		stop(&f);
		assert_int_equal(f.service.letters, 1);
	}
}

static void relay__sends_nothing__where_the_report_is_refused(void **state)
{
	struct fixture f = {.service = {.report = ANSWER("401", "{}"), .letter = ""}};
	(void)state;
	assert_int_equal(send_once(&f), -1);
	assert_int_equal(f.e.code, ERR_AUTH);
	stop(&f);
	assert_int_equal(f.service.letters + f.handed, 0);
}

static void relay__settles__only_what_the_report_has_more_of(void **state)
{
	static const struct {
		const char *before, *after;
		enum transport_fate fate;
	} all[] = {{ANSWER("200", NO_MAIL), ANSWER("200", THE_MAIL), TRANSPORT_WAS_SENT},
		{ANSWER("200", NO_MAIL), ANSWER("200", NO_MAIL), TRANSPORT_FATE_UNKNOWN},
		{ANSWER("200", THE_MAIL), ANSWER("200", THE_MAIL), TRANSPORT_FATE_UNKNOWN},
		{ANSWER("200", THE_MAIL), ANSWER("200", NO_MAIL), TRANSPORT_FATE_UNKNOWN}};
	struct transport_settled told;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct fixture f = {
			.service = {.report = all[i].before, .letter = "", .later = all[i].after}};
		assert_int_equal(send_once(&f), 0);
		assert_int_equal(transport_settle(f.t, f.draft, "x@ours.test", &told, &f.e), 0);
		assert_int_equal(told.fate, all[i].fate);
		stop(&f);
	}
}

static void relay__asks_nobody__about_a_mark_that_is_none(void **state)
{
	static const char *const bad[] = {"", "r-1",
		"report:", "report:2026-11-20:2026-11-21:1:abc",
		"report:2026-11-2&:2026-11-21:1:"
		"0000000000000000000000000000000000000000000000000000000000000000"};
	struct fixture f = {.service = {.report = "", .letter = ""}};
	struct transport_settled told;
	(void)state;
	start(&f);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(transport_settle(f.t, bad[i], "", &told, &f.e), 0);
		assert_int_equal(told.fate, TRANSPORT_FATE_UNKNOWN);
	}
	stop(&f);
	assert_int_equal(f.service.reports, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relay_letter__takes__recipients_subject_and_text),
		cmocka_unit_test(relay_letter__refuses__what_is_more_than_that),
		cmocka_unit_test(relay_letter__has_one_key__in_any_order_and_case),
		cmocka_unit_test(relay__sends_once__after_the_report_was_noted),
		cmocka_unit_test(relay__judges__what_is_said_about_the_letter),
		cmocka_unit_test(relay__sends_nothing__where_the_report_is_refused),
		cmocka_unit_test(relay__settles__only_what_the_report_has_more_of),
		cmocka_unit_test(relay__asks_nobody__about_a_mark_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
