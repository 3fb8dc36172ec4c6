/* test_report.c - delivery status notifications as servers write them, and as attackers do. */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/message.h"
#include "crmail/mail/report.h"
#include "tests/unit/unit.h"

#define HEAD                                                                                       \
	"From: MAILER-DAEMON@mx.example\r\nTo: me@own.example\r\nSubject: Undelivered\r\n"         \
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"              \
	"MIME-Version: 1.0\r\n\r\n--b\r\n\r\nSorry.\r\n"
#define STATUS "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
#define RETURNED                                                                                   \
	"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"                                     \
	"From: me@own.example\r\nMessage-ID: <m1@own.example>\r\n\r\n--b--\r\n"

static bool parse(struct arena *a, const char *text, struct report *out)
{
	struct message m;
	message_parse(a, text, strlen(text), &m);
	return report_parse(a, &m, out);
}

/* As Postfix writes it. */
static void report__tells_of_each_recipient(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct report r;
	(void)state;
	assert_true(parse(&a,
		HEAD STATUS "Reporting-MTA: dns; mx.example\r\n"
			    "Original-Envelope-Id: m1@own.example\r\n"
			    "Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n"
			    "Final-Recipient: rfc822; denis@x.example\r\n"
			    "Original-Recipient: rfc822;d+2Bnews@x.example\r\n"
			    "Action: failed\r\nStatus: 5.1.1\r\n"
			    "Remote-MTA: dns; mail.x.example\r\n"
			    "Diagnostic-Code: smtp; 550 5.1.1 No\r\n such user\r\n\r\n"
			    "Final-Recipient: rfc822; laura@y.example\r\n"
			    "Action: Delivered\r\nStatus: 2.0.0\r\n" RETURNED,
		&r));
	assert_string_equal(r.message_id, "m1@own.example");
	assert_string_equal(r.envelope_id, "m1@own.example");
	assert_int_equal(r.n, 2);
	assert_string_equal(r.v[0].addr, "d+news@x.example");
	assert_int_equal(r.v[0].action, REPORT_FAILED);
	assert_string_equal(r.v[0].why, "550 5.1.1 No such user");
	assert_string_equal(r.v[1].addr, "laura@y.example");
	assert_int_equal(r.v[1].action, REPORT_DELIVERED);
	assert_string_equal(r.v[1].why, "2.0.0");
}

/* Exchange returns the whole mail, and encodes the machine's part. */
static void report__reads__encoded_and_with_the_mail_inside(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct report r;
	(void)state;
	assert_true(parse(&a,
		HEAD "--b\r\nContent-Type: message/delivery-status\r\n"
		     "Content-Transfer-Encoding: base64\r\n\r\n"
		     "UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5l\r\n"
		     "eGFtcGxlCkFjdGlvbjogZGVsYXllZAo=\r\n"
		     "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m2@own.example>\r\n"
		     "Subject: Offer\r\n\r\nHello.\r\n--b--\r\n",
		&r));
	assert_string_equal(r.message_id, "m2@own.example");
	assert_int_equal(r.n, 1);
	assert_string_equal(r.v[0].addr, "a@b.example");
	assert_int_equal(r.v[0].action, REPORT_DELAYED);
	assert_null(r.v[0].why);
}

static void report__is_none__for_other_mail(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct report r;
	(void)state;
	assert_false(parse(&a, "Subject: Offer\r\n\r\nAction: failed\r\n", &r));
	assert_false(parse(&a, HEAD RETURNED, &r));
	assert_false(parse(&a, HEAD STATUS "Action: failed\r\n" RETURNED, &r)); /* who? */
	assert_false(parse(&a,
		HEAD STATUS "Final-Recipient: rfc822; a@b.example\r\nAction: eaten\r\n" RETURNED,
		&r));
	/* A report that somebody forwards speaks of nobody's mail. */
	assert_false(parse(&a,
		"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
		"Content-Type: message/rfc822\r\n\r\n" HEAD STATUS
		"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n" RETURNED "--o--\r\n",
		&r));
}

static void report__is_bounded__past_its_limits(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct report r;
	(void)state;
	buf_addstr(&b, HEAD STATUS);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "Final-Recipient: rfc822; %d@b.example\nAction: failed\n\n", i);
	buf_addstr(&b, RETURNED);
	assert_true(parse(&a, b.p, &r));
	assert_int_equal(r.n, REPORT_MAX_RECIPIENTS);
	buf_reset(&b);
	buf_addstr(&b, HEAD STATUS);
	for (int i = 0; i < 300000; i++)
		buf_addstr(&b, i % 2 ? "x\n" : "\n");
	buf_addstr(&b, "Final-Recipient: rfc822; \r\nAction: failed\r\n" RETURNED);
	assert_false(parse(&a, b.p, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report__tells_of_each_recipient),
		cmocka_unit_test(report__reads__encoded_and_with_the_mail_inside),
		cmocka_unit_test(report__is_none__for_other_mail),
		cmocka_unit_test(report__is_bounded__past_its_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
