/* test_sendmail.c - sending through a command: what it is given, and what its end means. The
 * commands are small shell scripts in a folder of the test. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/provider/transport.h"
#include "tests/unit/unit.h"

struct fixture {
	char dir[64];
	char *script; /* path of the command */
	struct transport *t;
	struct transport_recipient rcpts[2];
	struct transport_mail mail;
	struct transport_outcome out;
	int handed;
	struct err e;
};

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

/* `body` is the script's text; it runs in the folder of the test. */
static void start(struct fixture *f, const char *body, const char *args, int deadline_ms)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGPIPE, &ignore, NULL); /* as main() does */
	f->e = ERR_INIT;
	snprintf(f->dir, sizeof(f->dir), "%s", "/tmp/crmail-test-sendmail.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->script = fsx_join(f->dir, "a command");
	char *text = xasprintf("#!/bin/sh\ncd '%s'\n%s\n", f->dir, body);
	assert_int_equal(fsx_write_file(f->script, text, strlen(text), false, &f->e), 0);
	assert_int_equal(chmod(f->script, 0700), 0);
	free(text);
	char *command = xasprintf("'%s' %s", f->script, args);
	struct transport_conf c = {.kind = "sendmail",
		.command = command,
		.deadline_ms = deadline_ms ? deadline_ms : 10000};
	assert_int_equal(transport_open(&f->t, &c, &f->e), 0);
	free(command);
	f->rcpts[0].addr = "b@example.test";
	f->rcpts[1].addr = "-c@example.test";
	f->mail = (struct transport_mail){.from = "a@example.test",
		.rcpts = f->rcpts,
		.n_rcpts = 1,
		.data = "Subject: x\r\n\r\n.\r\nhello\r\n",
		.len = 24,
		.handed = count_handed,
		.handed_ctx = &f->handed};
}

static int send_mail(struct fixture *f)
{
	return transport_send(f->t, &f->mail, &f->out, &f->e);
}

static void assert_file(const struct fixture *f, const char *name, const char *want)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(10000);
	char *path = fsx_join(f->dir, name);
	assert_int_equal(fsx_read_file(path, &b, &e), 0);
	assert_string_equal(b.p, want);
	unlink(path);
	free(path);
	buf_release(&b);
}

static void stop(struct fixture *f)
{
	transport_close(f->t);
	unlink(f->script);
	free(f->script);
	assert_int_equal(rmdir(f->dir), 0);
}

static void sendmail__gives_arguments_and_mail(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "printf '%s\\n' \"$@\" >args; cat >mail", "-a \"two words\" '' x\\ y '$HOME'", 0);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_int_equal(f.rcpts[0].state, TRANSPORT_RCPT_ACCEPTED);
	assert_int_equal(f.handed, 1);
	assert_file(&f, "args",
		"-a\ntwo words\n\nx y\n$HOME\n-i\n-f\na@example.test\n--\n"
		"b@example.test\n");
	assert_file(&f, "mail", "Subject: x\n\n.\nhello\n");
	stop(&f);
}

static void sendmail__understands_exit_statuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		int rc;
		enum transport_verdict verdict; /* rc 0 */
		enum err_code code;             /* rc -1 */
		enum err_retry retry;
	} rows[] = {
		{64, -1, 0, ERR_UNSUPPORTED, RETRY_NEVER},
		{65, 0, TRANSPORT_REFUSED, 0, 0},
		{67, 0, TRANSPORT_REFUSED, 0, 0},
		{68, -1, 0, ERR_NET, RETRY_LATER},
		{69, 0, TRANSPORT_REFUSED, 0, 0},
		{74, -1, 0, ERR_RATE, RETRY_LATER},
		{75, -1, 0, ERR_RATE, RETRY_LATER},
		{77, -1, 0, ERR_AUTH, RETRY_NEVER},
		{78, -1, 0, ERR_UNSUPPORTED, RETRY_NEVER},
		{127, -1, 0, ERR_UNSUPPORTED, RETRY_NEVER},
		{1, 0, TRANSPORT_UNKNOWN, 0, 0},
		{200, 0, TRANSPORT_UNKNOWN, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f = {.handed = 0};
		char body[100];
		snprintf(body, sizeof(body), "cat >/dev/null; echo so >&2; exit %d",
			rows[i].status);
		start(&f, body, "", 0);
		assert_int_equal(send_mail(&f), rows[i].rc);
		if (rows[i].rc) {
			assert_int_equal(f.e.code, rows[i].code);
			assert_int_equal(f.e.retry, rows[i].retry);
		} else {
			assert_int_equal(f.out.verdict, rows[i].verdict);
			assert_string_equal(f.out.reply, "so");
		}
		stop(&f);
	}
}

static void sendmail__keeps_the_complaint__as_one_harmless_line(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "cat >/dev/null; printf 'no such\\nuser\\033]0;x\\007' >&2; exit 67", "", 0);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_REFUSED);
	assert_string_equal(f.out.reply, "no such user\xEF\xBF\xBD]0;x\xEF\xBF\xBD");
	assert_string_equal(f.rcpts[0].reply, f.out.reply);
	stop(&f);
}

static void sendmail__is_not_sent__when_the_command_does_not_read(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "exec 0<&-; exit 0", "", 0);
	size_t n = (size_t)4 << 20; /* more than a pipe holds */
	char *big = xmalloc(n);
	memset(big, 'x', n);
	f.mail.data = big;
	f.mail.len = n;
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_UNSUPPORTED);
	free(big);
	stop(&f);
}

static void sendmail__takes_any_amount_of_complaints(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f,
		"i=0; while [ $i -lt 3000 ]; do echo 'this is a line of forty characters, or so' "
		">&2; i=$((i+1)); done; cat >/dev/null; exit 0",
		"", 0);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_true(strlen(f.out.reply) < sizeof(f.out.reply));
	stop(&f);
}

static void sendmail__is_unknown__when_killed_after_the_end_of_input(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "cat >/dev/null; kill -9 $$", "", 0);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_UNKNOWN);
	assert_int_equal(f.handed, 1);
	stop(&f);
}

static void sendmail__is_unknown__when_it_never_ends(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "cat >/dev/null; while :; do read x </dev/zero; done", "", 20);
	/* The start of a shell may take longer than 20 ms on a loaded machine: then the mail was
	 * not even taken, which is an error of its own. */
	int rc = send_mail(&f);
	if (rc) {
		assert_int_equal(f.e.code, ERR_NET);
	} else {
		assert_int_equal(f.out.verdict, TRANSPORT_UNKNOWN);
		assert_non_null(strstr(f.out.reply, "did not end in time"));
	}
	stop(&f);
}

static void sendmail__is_not_started__unless_handed_over_is_recorded(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "echo started >sent", "", 0); /* its input would end if we died now */
	f.mail.handed = refuse_handed;
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_DB);
	char *path = fsx_join(f.dir, "sent");
	assert_false(fsx_exists(path));
	free(path);
	stop(&f);
}

static void sendmail__is_cancelled(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "cat >mail", "", 0);
	transport_cancel(f.t);
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_CANCELLED);
	transport_resume(f.t);
	assert_int_equal(send_mail(&f), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_file(&f, "mail", "Subject: x\n\n.\nhello\n");
	stop(&f);
}

static void sendmail__refuses_addresses_that_would_be_options(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "cat >/dev/null", "", 0);
	f.mail.n_rcpts = 2;
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_USAGE);
	f.mail.n_rcpts = 1;
	f.mail.from = "-X/tmp/log";
	assert_int_equal(send_mail(&f), -1);
	assert_int_equal(f.e.code, ERR_USAGE);
	stop(&f);
}

static void sendmail__tests_that_the_command_exists(void **state)
{
	(void)state;
	struct fixture f = {.handed = 0};
	start(&f, "exit 75", "", 0);
	assert_int_equal(transport_test(f.t, "a@example.test", &f.e), 0);
	assert_int_equal(chmod(f.script, 0), 0);
	if (geteuid() != 0 || access(f.script, X_OK))
		assert_int_equal(transport_test(f.t, "a@example.test", &f.e), -1);
	stop(&f);

	struct transport_conf c = {.kind = "sendmail", .command = "sh -c true"};
	struct transport *t = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(transport_open(&t, &c, &e), 0);
	assert_int_equal(transport_test(t, "a@example.test", &e), 0);
	transport_close(t);
	c.command = "/nonexistent/sendmail -t";
	assert_int_equal(transport_open(&t, &c, &e), 0);
	assert_int_equal(transport_test(t, "a@example.test", &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	struct transport_recipient to = {.addr = "b@example.test"};
	struct transport_mail m = {
		.from = "a@example.test", .rcpts = &to, .n_rcpts = 1, .data = "x", .len = 1};
	struct transport_outcome out;
	assert_int_equal(transport_send(t, &m, &out, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	transport_close(t);
}

static void sendmail__refuses_commands_it_cannot_split(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "  ", "'open", "a \"b", "'' x"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct transport_conf c = {.kind = "sendmail", .command = bad[i]};
		struct transport *t = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(transport_open(&t, &c, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sendmail__gives_arguments_and_mail),
		cmocka_unit_test(sendmail__understands_exit_statuses),
		cmocka_unit_test(sendmail__keeps_the_complaint__as_one_harmless_line),
		cmocka_unit_test(sendmail__is_not_sent__when_the_command_does_not_read),
		cmocka_unit_test(sendmail__takes_any_amount_of_complaints),
		cmocka_unit_test(sendmail__is_unknown__when_killed_after_the_end_of_input),
		cmocka_unit_test(sendmail__is_unknown__when_it_never_ends),
		cmocka_unit_test(sendmail__is_not_started__unless_handed_over_is_recorded),
		cmocka_unit_test(sendmail__is_cancelled),
		cmocka_unit_test(sendmail__refuses_addresses_that_would_be_options),
		cmocka_unit_test(sendmail__tests_that_the_command_exists),
		cmocka_unit_test(sendmail__refuses_commands_it_cannot_split),
	};
	return cmocka_run_group_tests_name("sendmail", tests, NULL, NULL);
}
