/* test_smtp.c - the SMTP client against transcripts: what the server says, what the client must
 * say, and what becomes of the mail when either ends early. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/rng.h"
#include "crmail/net/tls.h"
#include "crmail/provider/transport.h"
#include "tests/unit/net/fake_pki.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

/*
 * A transcript is an array of lines ended by NULL:
 *	"S: text"  the server says it
 *	"C: text"  the client must say exactly that
 *	"DATA"     the server reads up to the final dot and keeps what came
 *	"TLS"      the handshake happens
 *	"CANCEL"   the transport is cancelled from the server's thread
 *	"WAIT"     until the client closes
 * At its end the server closes.
 */
struct script {
	const char *const *lines[3]; /* one transcript for each connection */
	SSL_CTX *tls;
	bool is_implicit;
	struct transport *transport;
	bool has_failed;
	struct buf data;
	pthread_mutex_t cancelling; /* cancel() must have returned when the transport is closed */
};

static bool read_data(struct fake_conn *c, struct script *s)
{
	while (fake_read_line(c)) {
		if (!strcmp(c->line, "."))
			return true;
		buf_addf(&s->data, "%s\n", c->line);
	}
	return false;
}

static bool run_line(struct fake_conn *c, struct script *s, const char *line)
{
	if (!strncmp(line, "S: ", 3))
		return fake_sendf(c, "%s\r\n", line + 3);
	if (!strcmp(line, "DATA"))
		return read_data(c, s);
	if (!strcmp(line, "TLS"))
		return fake_start_tls(c, s->tls);
	if (!strcmp(line, "CANCEL")) {
		pthread_mutex_lock(&s->cancelling);
		transport_cancel(s->transport);
		pthread_mutex_unlock(&s->cancelling);
		return true;
	}
	if (fake_read_line(c) && !strcmp(c->line, line + 3))
		return true;
	if (!strcmp(line, "WAIT")) {
		fake_wait_end(c);
		return false;
	}
	fprintf(stderr, "expected: %s\ngot:      %s\n", line + 3, c->line);
	s->has_failed = true;
	return false;
}

static void serve(struct fake_conn *c)
{
	struct script *s = c->ctx;

	if (c->number >= 3 || !s->lines[c->number]) {
		s->has_failed = true;
		return;
	}
	if (s->is_implicit && !fake_start_tls(c, s->tls))
		return;
	for (const char *const *line = s->lines[c->number]; *line; line++) {
		if (!run_line(c, s, *line))
			return;
	}
}

static struct fake_ca *ca;
static struct fake_leaf *leaf;
static SSL_CTX *server_ctx;
static struct tls_trust *trust;

static int set_up(void **state)
{
	(void)state;
	ca = fake_ca_new();
	leaf = fake_leaf_new(ca, "DNS:localhost", -3600, 3600);
	server_ctx = fake_leaf_ctx(leaf);
	trust = tls_trust_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tls_trust_free(trust);
	SSL_CTX_free(server_ctx);
	fake_leaf_free(leaf);
	fake_ca_free(ca);
	return 0;
}

static int give_password(void *ctx, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_addstr(out, "secret");
	return 0;
}

static int count_handed(void *ctx, struct err *e)
{
	(void)e;
	++*(int *)ctx;
	return 0;
}

static int refuse_handed(void *ctx, struct err *e)
{
	(void)ctx;
	return err_set(e, ERR_DB, "%s", "the disk is full");
}

#define RCPTS 3
struct fixture {
	struct script script;
	struct fake_server *srv;
	struct transport *t;
	struct transport_recipient rcpts[RCPTS];
	struct transport_mail mail;
	struct transport_outcome out;
	int handed, tokens; /* tokens given */
	bool with_token;
	struct err e;
};

/* "T1", and "T2" for who says that it was refused. */
static int give_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	assert_true(f->tokens++ ? refused && !strcmp(refused, "T1") : !refused);
	buf_addf(out, "T%d", f->tokens);
	return 0;
}

static void start(struct fixture *f, enum tls_mode tls, const char *user)
{
	f->e = ERR_INIT;
	f->script.tls = server_ctx;
	f->script.is_implicit = tls == TLS_IMPLICIT;
	f->script.data = BUF_INIT(1 << 20);
	pthread_mutex_init(&f->script.cancelling, NULL);
	f->srv = fake_server_start(serve, &f->script);
	struct transport_conf c = {.kind = "smtp",
		.host = "localhost",
		.port = fake_server_port(f->srv),
		.tls = tls,
		.ca_file = ca->file,
		.user = user,
		.password = give_password,
		.token = f->with_token ? give_token : NULL,
		.password_ctx = f,
		.deadline_ms = 10000,
		.trust = trust};
	assert_int_equal(transport_open(&f->t, &c, &f->e), 0);
	f->script.transport = f->t;
	static const char *const addrs[RCPTS] = {
		"b@example.test", "c@example.test", "d@example.test"};
	for (size_t i = 0; i < RCPTS; i++)
		f->rcpts[i].addr = addrs[i];
	f->mail = (struct transport_mail){.from = "a@example.test",
		.rcpts = f->rcpts,
		.n_rcpts = 1,
		.data = "Subject: x\r\n\r\nhello\r\n",
		.len = 21,
		.handed = count_handed,
		.handed_ctx = &f->handed};
}

static int send_mail(struct fixture *f)
{
	return transport_send(f->t, &f->mail, &f->out, &f->e);
}

static void stop(struct fixture *f)
{
	pthread_mutex_lock(&f->script.cancelling);
	pthread_mutex_unlock(&f->script.cancelling);
	transport_close(f->t);
	fake_server_stop(f->srv);
	pthread_mutex_destroy(&f->script.cancelling);
	buf_release(&f->script.data);
	assert_false(f->script.has_failed);
}

#define HELLO "S: 220 mx.test ESMTP", "C: EHLO [127.0.0.1]"

static void smtp__sends_plainly(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 2.1.5 ok", "C: DATA",
		"S: 354 go", "DATA", "S: 250 2.0.0 queued as 1", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_string_equal(f.out.reply, "250 2.0.0 queued as 1");
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_ACCEPTED);
	assert_string_equal(f.rcpts[0].reply, "250 2.1.5 ok");
	assert_int_equal(f.handed, 1);
	assert_string_equal(f.script.data.p, "Subject: x\n\nhello\n");
	stop(&f);
}

static void smtp__uses_what_the_server_offers(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250-PIPELINING",
		"S: 250-SIZE 1000", "S: 250-AUTH PLAIN LOGIN", "S: 250-8BITMIME", "S: 250-SMTPUTF8",
		"S: 250 DSN", "C: AUTH PLAIN AG1lAHNlY3JldA==", "S: 235 ok",
		"C: MAIL FROM:<a@example.test> SIZE=23 BODY=8BITMIME RET=HDRS "
		"ENVID=i+2B1@example.test",
		"C: RCPT TO:<b@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@example.test",
		"C: RCPT TO:<c@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c@example.test",
		"C: RCPT TO:<d@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;d@example.test",
		"S: 250 ok", "S: 250 ok", "S: 251 ok", "S: 250 ok", "C: DATA", "S: 354 go", "DATA",
		"S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_IMPLICIT, "me");
	f.mail.n_rcpts = 3;
	f.mail.envelope_id = "i+1@example.test";
	f.mail.data = "Subject: x\r\n\r\nh\xC3\xA9llo!\r\n";
	f.mail.len = 23;
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	stop(&f);
}

static void smtp__secures_before_anything_else(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250-AUTH LOGIN",
		"S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "TLS", "C: EHLO [127.0.0.1]",
		"S: 250-mx.test", "S: 250 AUTH LOGIN", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6",
		"C: bWU=", "S: 334 UGFzc3dvcmQ6", "C: c2VjcmV0", "S: 235 2.7.0 ok",
		"C: MAIL FROM:<me@example.test>", "S: 250 ok", "C: RCPT TO:<me@example.test>",
		"S: 250 ok", "C: RSET", "S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_STARTTLS, "me");
	assert_int_equal(transport_test(f.t, "me@example.test", &f.e), 0);
	assert_false(transport_files_sent(f.t));
	stop(&f);
}

#define X_1 "dXNlcj1tZQFhdXRoPUJlYXJlciBUMQEB"
#define X_2 "dXNlcj1tZQFhdXRoPUJlYXJlciBUMgEB"
#define PROBE                                                                                      \
	"C: MAIL FROM:<me@example.test>", "S: 250 ok", "C: RCPT TO:<me@example.test>",             \
		"S: 250 ok", "C: RSET", "S: 250 ok", "C: QUIT"

static void smtp__signs_in_with_a_token(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH LOGIN XOAUTH2",
		"C: AUTH XOAUTH2 " X_1, "S: 235 ok", PROBE, NULL};
	struct fixture f = {.script.lines = {t}, .with_token = true};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(transport_test(f.t, "me@example.test", &f.e), 0);
	stop(&f);
}

static void smtp__asks_for_another_token_once(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH XOAUTH2",
		"C: AUTH XOAUTH2 " X_1, "S: 334 eyJzdGF0dXMiOiI0MDEifQ==", "C: ", "S: 535 5.7.8 no",
		"C: AUTH XOAUTH2 " X_2, "S: 235 ok", PROBE, NULL};
	struct fixture f = {.script.lines = {t}, .with_token = true};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(transport_test(f.t, "me@example.test", &f.e), 0);
	stop(&f);
}

static void smtp__gives_up_after_two_tokens(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH XOAUTH2",
		"C: AUTH XOAUTH2 " X_1, "S: 535 5.7.8 no", "C: AUTH XOAUTH2 " X_2,
		"S: 535 5.7.8 no", NULL};
	struct fixture f = {.script.lines = {t}, .with_token = true};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(transport_test(f.t, "me@example.test", &f.e), -1);
	assert_int_equal(f.e.code, ERR_AUTH);
	stop(&f);
}

static void smtp__says_that_it_takes_no_tokens(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH PLAIN LOGIN", NULL};
	struct fixture f = {.script.lines = {t}, .with_token = true};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(transport_test(f.t, "me@example.test", &f.e), -1);
	assert_int_equal(f.e.code, ERR_UNSUPPORTED);
	assert_int_equal(f.tokens, 0);
	stop(&f);
}

static void smtp__refuses_a_server_without_starttls(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH PLAIN", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_STARTTLS, "me");
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_TLS);
	assert_int_equal(f.e.retry, RETRY_NEVER);
	assert_non_null(strstr(f.e.msg, "STARTTLS"));
	assert_int_equal(f.handed, 0);
	stop(&f);
}

/* Capabilities said before encryption are forgotten: here AUTH is gone afterwards. */
static void smtp__forgets_what_was_said_in_the_clear(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250-AUTH PLAIN",
		"S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "TLS", "C: EHLO [127.0.0.1]",
		"S: 250 mx.test", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_STARTTLS, "me");
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_AUTH);
	stop(&f);
}

static void smtp__says_auth__when_the_password_is_wrong(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH PLAIN",
		"C: AUTH PLAIN AG1lAHNlY3JldA==", "S: 535 5.7.8 me@example.test is wrong", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_AUTH);
	assert_int_equal(f.e.retry, RETRY_NEVER);
	assert_null(strstr(f.e.msg, "me@example"));
	stop(&f);
}

static void smtp__tries_later__when_signing_in_fails_for_now(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 AUTH PLAIN",
		"C: AUTH PLAIN AG1lAHNlY3JldA==", "S: 454 4.7.0 Temporary failure", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_IMPLICIT, "me");
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_RATE);
	assert_int_equal(f.e.retry, RETRY_LATER);
	stop(&f);
}

static void smtp__tells_each_recipients_fate(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok",
		"C: RCPT TO:<c@example.test>", "S: 550-5.1.1 No such", "S: 550 5.1.1 \x1b[31muser",
		"C: RCPT TO:<d@example.test>", "S: 451 4.7.1 Greylisted", "C: DATA", "S: 354 go",
		"DATA", "S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.mail.n_rcpts = 3;
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_ACCEPTED);
	assert_int_equal(f.rcpts[1].state, TRANSPORT_RCPT_REFUSED);
	assert_string_equal(f.rcpts[1].reply, "550 5.1.1 No such 5.1.1 \xEF\xBF\xBD[31muser");
	assert_int_equal(f.rcpts[2].state, TRANSPORT_RCPT_DEFERRED);
	stop(&f);
}

static void smtp__is_refused__when_every_recipient_is(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 PIPELINING",
		"C: MAIL FROM:<a@example.test>", "C: RCPT TO:<b@example.test>",
		"C: RCPT TO:<c@example.test>", "S: 250 ok", "S: 550 no", "S: 553 no", "C: RSET",
		"S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.mail.n_rcpts = 2;
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_REFUSED);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_REFUSED);
	assert_int_equal(f.rcpts[1].state, TRANSPORT_RCPT_REFUSED);
	assert_string_equal(f.out.reply, "550 no");
	assert_int_equal(f.handed, 0);
	stop(&f);
}

static void smtp__tries_later__when_recipients_are_deferred(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 450 4.2.0 busy", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_RATE);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_DEFERRED);
	assert_int_equal(f.handed, 0);
	stop(&f);
}

static void smtp__is_refused__when_the_sender_is(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 PIPELINING",
		"C: MAIL FROM:<a@example.test>", "C: RCPT TO:<b@example.test>",
		"S: 553 5.7.1 not yours", "S: 503 5.5.1 MAIL first", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_REFUSED);
	assert_string_equal(f.out.reply, "553 5.7.1 not yours");
	assert_string_equal(f.rcpts[0].reply, "553 5.7.1 not yours");
	stop(&f);
}

static void smtp__is_refused__when_the_mail_is(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"DATA", "S: 554 5.7.1 Looks like spam", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_REFUSED);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_REFUSED);
	assert_int_equal(f.handed, 1);
	stop(&f);
}

static void smtp__tries_later__when_the_mail_is_deferred_after_the_dot(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"DATA", "S: 452 4.3.1 Disk full", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_RATE);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_DEFERRED);
	stop(&f);
}

static void smtp__is_not_sent__when_lost_before_the_dot(void **state)
{
	(void)state;
	static const char *const cuts[][12] = {
		{HELLO, NULL},
		{HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>", NULL},
		{HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>", "S: 250 ok",
			"C: RCPT TO:<b@example.test>", NULL},
		{HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>", "S: 250 ok",
			"C: RCPT TO:<b@example.test>", "S: 421 4.3.2 Shutting down", NULL},
		{HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>", "S: 250 ok",
			"C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		struct fixture f = {.script.lines = {cuts[i]}};
		start(&f, TLS_INSECURE_NONE, NULL);
		assert_int_equal(send_mail(&f), -1);
		assert_int_equal(f.e.code, ERR_NET);
		assert_int_equal(f.e.retry, RETRY_LATER);
		assert_int_equal(f.handed, 0);
		assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_PENDING);
		stop(&f);
	}
}

static void smtp__is_unknown__when_lost_after_the_dot(void **state)
{
	(void)state;
	static const char *const lost[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"DATA", NULL};
	static const char *const garbage[] = {HELLO, "S: 250 mx.test",
		"C: MAIL FROM:<a@example.test>", "S: 250 ok", "C: RCPT TO:<b@example.test>",
		"S: 250 ok", "C: DATA", "S: 354 go", "DATA", "S: what?", NULL};
	static const char *const cancelled[] = {HELLO, "S: 250 mx.test",
		"C: MAIL FROM:<a@example.test>", "S: 250 ok", "C: RCPT TO:<b@example.test>",
		"S: 250 ok", "C: DATA", "S: 354 go", "DATA", "CANCEL", "WAIT", NULL};
	const char *const *const all[] = {lost, garbage, cancelled};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct fixture f = {.script.lines = {all[i]}};
		start(&f, TLS_INSECURE_NONE, NULL);
		assert_int_equal(send_mail(&f), 0);
		assert_int_equal(f.out.verdict, TRANSPORT_UNKNOWN);
		assert_int_equal(f.handed, 1);
		assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_PENDING);
		assert_true(f.out.reply[0] != '\0');
		stop(&f);
	}
}

static void smtp__hands_nothing_over__to_a_server_that_gave_up(void **state)
{
	(void)state;
	static const struct {
		const char *answer; /* the second line is there before the mail is */
		int rc;
		enum transport_rcpt rcpt;
	} rows[] = {{"S: 354 go\r\n552 5.3.4 Too big", 0, TRANSPORT_RCPT_REFUSED},
		{"S: 354 go\r\n451 4.3.0 Broken", -1, TRANSPORT_RCPT_DEFERRED},
		{"S: 354 go\r\nwhat?", -1, TRANSPORT_RCPT_PENDING}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
			"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA",
			rows[i].answer, "WAIT", NULL};
		struct fixture f = {.script.lines = {t}};
		start(&f, TLS_INSECURE_NONE, NULL);
		assert_int_equal(send_mail(&f), rows[i].rc);
		if (!rows[i].rc)
			assert_int_equal(f.out.verdict, TRANSPORT_REFUSED);
		assert_int_equal(f.rcpts[0].state, rows[i].rcpt);
		assert_int_equal(f.handed, 0);
		stop(&f);
	}
}

/* A mail larger than what sockets hold: the loss is noticed while it is written. */
static void smtp__is_not_sent__when_lost_inside_a_large_mail(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"C: Subject: x", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	struct buf big = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&big, "Subject: x\r\n\r\n");
	while (big.len < (size_t)32 << 20)
		buf_addstr(&big, "a line of the mail that fills the buffers of both ends\r\n");
	f.mail.data = big.p;
	f.mail.len = big.len;
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_NET);
	assert_int_equal(f.handed, 0);
	buf_release(&big);
	stop(&f);
}

static void smtp__is_cancelled__before_the_dot(void **state)
{
	(void)state;
	static const char *const t[] = {
		HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>", "CANCEL", "WAIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_CANCELLED);
	assert_int_equal(f.handed, 0);
	stop(&f);
}

/* The server sees data without its dot and then the end: it has to throw the mail away. */
static void smtp__writes_no_dot__unless_handed_over_is_recorded(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"C: Subject: x", "C: ", "C: hello", "DATA", "S: 250 must not come", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.mail.handed = refuse_handed;
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_DB);
	fake_server_stop(f.srv);
	assert_string_equal(f.script.data.p, "");
	assert_false(f.script.has_failed);
	transport_close(f.t);
	buf_release(&f.script.data);
}

static void smtp__doubles_dots_and_mends_line_ends(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"C: Subject: x", "C: ", "C: ..", "C: ...a", "C: ..", "C: x", "C: ..", "C: end",
		"C: .", "S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.mail.data = "Subject: x\n\r\n.\r\n..a\n.\nx\r.\rend";
	f.mail.len = strlen(f.mail.data);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	stop(&f);
}

static void smtp__stops_before_sending__what_the_server_cannot_take(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250 SIZE 20", NULL};
	static const struct {
		const char *from, *data;
		enum err_code code;
	} rows[] = {
		{"gr\xC3\xB6\xC3\x9F\x65@example.test", "Subject: x\r\n\r\n", ERR_UNSUPPORTED},
		{"a@example.test", "Subject: \xC3\xA9\r\n\r\n", ERR_UNSUPPORTED},
		{"a@example.test", "Subject: x\r\n\r\n\xE9\r\n", ERR_UNSUPPORTED},
		{"a@example.test", "Subject: x\r\n\r\nhello\r\n", ERR_TOOBIG},
		{"a@example.test>\r\nRCPT TO:<evil@example.test", "Subject: x\r\n\r\n", ERR_USAGE},
		{"a@example.test> SIZE=1", "Subject: x\r\n\r\n", ERR_USAGE},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f = {.script.lines = {t}};
		start(&f, TLS_INSECURE_NONE, NULL);
		f.mail.from = rows[i].from;
		f.mail.data = rows[i].data;
		f.mail.len = strlen(rows[i].data);
		assert_int_equal(send_mail(&f), -1);
		assert_int_equal(f.e.code, rows[i].code);
		assert_int_equal(f.e.retry, RETRY_NEVER);
		assert_int_equal(f.handed, 0);
		stop(&f);
	}
}

static void smtp__asks_for_utf8__where_needed(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250-mx.test", "S: 250-8BITMIME",
		"S: 250 SMTPUTF8", "C: MAIL FROM:<a@example.test> SMTPUTF8", "S: 250 ok",
		"C: RCPT TO:<gr\xC3\xBC\xC3\x9F\x65@example.test>", "S: 250 ok", "C: DATA",
		"S: 354 go", "DATA", "S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.rcpts[0].addr = "gr\xC3\xBC\xC3\x9F\x65@example.test";
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	stop(&f);
}

static void smtp__refuses_addresses_that_would_be_commands(void **state)
{
	(void)state;
	static const char *const t[] = {HELLO, "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<c@example.test>", "S: 250 ok", "C: DATA", "S: 354 go",
		"DATA", "S: 250 ok", "C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	f.mail.n_rcpts = 2;
	f.rcpts[0].addr = "b@example.test>\r\nDATA";
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_REFUSED);
	assert_int_equal(f.rcpts[1].state, TRANSPORT_RCPT_ACCEPTED);
	stop(&f);
}

#define ONE_MAIL                                                                                   \
	"C: MAIL FROM:<a@example.test>", "S: 250 ok", "C: RCPT TO:<b@example.test>", "S: 250 ok",  \
		"C: DATA", "S: 354 go", "DATA", "S: 250 ok"

static void smtp__keeps_the_connection__and_makes_a_new_one_when_it_is_gone(void **state)
{
	(void)state;
	static const char *const first[] = {
		HELLO, "S: 250 mx.test", ONE_MAIL, "C: RSET", "S: 250 ok", ONE_MAIL, NULL};
	static const char *const second[] = {HELLO, "S: 250 mx.test", ONE_MAIL, "C: QUIT", NULL};
	struct fixture f = {.script.lines = {first, second}};
	start(&f, TLS_INSECURE_NONE, NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send_mail(&f), 0);
		assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	}
	assert_int_equal(f.handed, 3);
	stop(&f);
}

static void smtp__knows_who_files_sent_mail(void **state)
{
	(void)state;
	static const char *const t[] = {"S: 220 smtp.test ESMTP x1-2002 - gsmtp",
		"C: EHLO [127.0.0.1]", "S: 250 mx.test", "C: MAIL FROM:<a@example.test>",
		"S: 250 ok", "C: RCPT TO:<a@example.test>", "S: 250 ok", "C: RSET", "S: 250 ok",
		"C: QUIT", NULL};
	struct fixture f = {.script.lines = {t}};
	start(&f, TLS_INSECURE_NONE, NULL);
	assert_int_equal(transport_test(f.t, "a@example.test", &f.e), 0);
	assert_true(transport_files_sent(f.t));
	stop(&f);
}

static void smtp__says_proto__when_it_is_no_mail_server(void **state)
{
	(void)state;
	static const char *const bad[][4] = {{"S: * OK IMAP ready", NULL}, {"S: 22", NULL},
		{"S: 220x", NULL}, {"S: 220-a", "S: 250 b", NULL}, {"S: 999 a", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fixture f = {.script.lines = {bad[i]}};
		start(&f, TLS_INSECURE_NONE, NULL);
		assert_int_equal(send_mail(&f), -1);
		assert_int_equal(f.e.code, ERR_PROTO);
		stop(&f);
	}
}

/* 250 recipients go in batches; every answer finds its recipient. */
static void serve_many(struct fake_conn *c)
{
	int n = 0;
	fake_send(c, "220 x\r\n");
	if (!fake_expect(c, "EHLO", "250-x\r\n250 PIPELINING\r\n") ||
		!fake_expect(c, "MAIL", "250 ok\r\n"))
		return;
	while (fake_read_line(c) && !strncmp(c->line, "RCPT", 4)) {
		n++;
		fake_sendf(c, n % 2 ? "250 ok%d\r\n" : "550 5.1.1 no%d\r\n", n);
	}
	fake_send(c, "354 go\r\n");
	while (fake_read_line(c) && strcmp(c->line, "."))
		;
	fake_send(c, "250 done\r\n");
	fake_wait_end(c);
}

static void smtp__asks_for_many_recipients_in_batches(void **state)
{
	(void)state;
	enum { MANY = 250 };
	static struct transport_recipient rcpts[MANY];
	struct fake_server *srv = fake_server_start(serve_many, NULL);
	struct transport_conf c = {.kind = "smtp",
		.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.tls = TLS_INSECURE_NONE,
		.deadline_ms = 10000};
	struct transport *t = NULL;
	struct err e = ERR_INIT;
	struct transport_outcome out;
	assert_int_equal(transport_open(&t, &c, &e), 0);
	for (int i = 0; i < MANY; i++)
		rcpts[i].addr = "b@example.test";
	struct transport_mail m = {.from = "a@example.test",
		.rcpts = rcpts,
		.n_rcpts = MANY,
		.data = "S: x\r\n\r\n",
		.len = 8};
	assert_int_equal(transport_send(t, &m, &out, &e), 0);
	assert_int_equal(out.verdict, TRANSPORT_SENT);
	for (int i = 0; i < MANY; i++) {
		char want[40];
		snprintf(want, sizeof(want), i % 2 ? "550 5.1.1 no%d" : "250 ok%d", i + 1);
		assert_string_equal(rcpts[i].reply, want);
		assert_int_equal(rcpts[i].state,
			i % 2 ? TRANSPORT_RCPT_REFUSED : TRANSPORT_RCPT_ACCEPTED);
	}
	transport_close(t);
	fake_server_stop(srv);
}

/* Pieces of replies in any order, cut anywhere. */
static void serve_garbage(struct fake_conn *c)
{
	static const char *const pieces[] = {"220 ", "250-", "250 ", "334 ", "354 ", "421 ",
		"550 5.1.1 ", "5.1.1.1.1.1.1.1.1", "STARTTLS", "SIZE 99999999999999999999",
		"AUTH PLAIN", "\r\n", "\n", "\r", "\xFF\xFE", "-", " ", "PIPELINING", "250", "25",
		"\x1b[2J"};
	struct rng *r = c->ctx;
	struct buf b = BUF_INIT(20000);
	for (uint64_t n = rng_below(r, 60); n; n--)
		buf_addstr(&b, pieces[rng_below(r, ARRAY_SIZE(pieces))]);
	if (rng_below(r, 10) == 0) { /* a line without end */
		while (b.len < 10000)
			buf_addch(&b, '2');
	}
	if (rng_below(r, 10) == 0) { /* a reply without end */
		while (b.len < 10000)
			buf_addstr(&b, "250-x\r\n");
	}
	fake_send_bytes(c, b.p, b.len);
	buf_release(&b);
}

static void smtp__sends_nothing__to_a_server_that_talks_nonsense(void **state)
{
	(void)state;
	struct rng *r = rng_new(17);
	struct fake_server *srv = fake_server_start(serve_garbage, r);
	struct transport_conf c = {.kind = "smtp",
		.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.tls = TLS_INSECURE_NONE,
		.deadline_ms = 10000};
	for (int i = 0; i < 500; i++) {
		struct transport_recipient to = {.addr = "b@example.test"};
		struct transport_mail m = {.from = "a@example.test",
			.rcpts = &to,
			.n_rcpts = 1,
			.data = "S: x\r\n\r\n",
			.len = 8};
		struct transport_outcome out;
		struct transport *t = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(transport_open(&t, &c, &e), 0);
		/* It ended before it can have seen a dot. */
		if (!transport_send(t, &m, &out, &e))
			assert_int_not_equal(out.verdict, TRANSPORT_SENT);
		else
			assert_int_not_equal(e.code, ERR_NONE);
		assert_int_not_equal(to.state, TRANSPORT_RCPT_ACCEPTED);
		transport_close(t);
	}
	fake_server_stop(srv);
	rng_free(r);
}

static void transport__says_usage__when_misconfigured(void **state)
{
	(void)state;
	static const struct transport_conf bad[] = {
		{.kind = "pigeon"},
		{.kind = "smtp", .port = 25},
		{.kind = "smtp", .host = "mx.test"},
		{.kind = "smtp", .host = "mx.test", .port = 70000},
		{.kind = "smtp", .host = "mx.test", .port = 25, .user = "me"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct transport *t = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(transport_open(&t, &bad[i], &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_null(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smtp__sends_plainly),
		cmocka_unit_test(smtp__uses_what_the_server_offers),
		cmocka_unit_test(smtp__secures_before_anything_else),
		cmocka_unit_test(smtp__signs_in_with_a_token),
		cmocka_unit_test(smtp__asks_for_another_token_once),
		cmocka_unit_test(smtp__gives_up_after_two_tokens),
		cmocka_unit_test(smtp__says_that_it_takes_no_tokens),
		cmocka_unit_test(smtp__refuses_a_server_without_starttls),
		cmocka_unit_test(smtp__forgets_what_was_said_in_the_clear),
		cmocka_unit_test(smtp__says_auth__when_the_password_is_wrong),
		cmocka_unit_test(smtp__tries_later__when_signing_in_fails_for_now),
		cmocka_unit_test(smtp__tells_each_recipients_fate),
		cmocka_unit_test(smtp__is_refused__when_every_recipient_is),
		cmocka_unit_test(smtp__tries_later__when_recipients_are_deferred),
		cmocka_unit_test(smtp__is_refused__when_the_sender_is),
		cmocka_unit_test(smtp__is_refused__when_the_mail_is),
		cmocka_unit_test(smtp__tries_later__when_the_mail_is_deferred_after_the_dot),
		cmocka_unit_test(smtp__is_not_sent__when_lost_before_the_dot),
		cmocka_unit_test(smtp__is_unknown__when_lost_after_the_dot),
		cmocka_unit_test(smtp__hands_nothing_over__to_a_server_that_gave_up),
		cmocka_unit_test(smtp__is_not_sent__when_lost_inside_a_large_mail),
		cmocka_unit_test(smtp__is_cancelled__before_the_dot),
		cmocka_unit_test(smtp__writes_no_dot__unless_handed_over_is_recorded),
		cmocka_unit_test(smtp__doubles_dots_and_mends_line_ends),
		cmocka_unit_test(smtp__stops_before_sending__what_the_server_cannot_take),
		cmocka_unit_test(smtp__asks_for_utf8__where_needed),
		cmocka_unit_test(smtp__refuses_addresses_that_would_be_commands),
		cmocka_unit_test(smtp__keeps_the_connection__and_makes_a_new_one_when_it_is_gone),
		cmocka_unit_test(smtp__knows_who_files_sent_mail),
		cmocka_unit_test(smtp__says_proto__when_it_is_no_mail_server),
		cmocka_unit_test(smtp__asks_for_many_recipients_in_batches),
		cmocka_unit_test(smtp__sends_nothing__to_a_server_that_talks_nonsense),
		cmocka_unit_test(transport__says_usage__when_misconfigured),
	};
	return cmocka_run_group_tests_name("smtp", tests, set_up, tear_down);
}
