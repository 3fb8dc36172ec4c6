/* test_imap_sign_in.c - signing in to IMAP with a token: by what the server offers, and once more
 * when a token has ended. */
#include "config.h"

#include <string.h>

#include "imap_script.h"

#define CAPS(mechs)                                                                                \
	{                                                                                          \
		"CAPABILITY", "* CAPABILITY IMAP4rev1 " mechs "\r\n%T OK done\r\n"                 \
	}
#define BEARER_1 "bixhPWE9MkNiPTNEYywBaG9zdD1tYWlsLnRlc3QBcG9ydD05OTMBYXV0aD1CZWFyZXIgVDEBAQ=="
#define BEARER_2 "bixhPWE9MkNiPTNEYywBaG9zdD1tYWlsLnRlc3QBcG9ydD05OTMBYXV0aD1CZWFyZXIgVDIBAQ=="
#define X_1 "dXNlcj1hLGI9YwFhdXRoPUJlYXJlciBUMQEB"
#define X_2 "dXNlcj1hLGI9YwFhdXRoPUJlYXJlciBUMgEB"
#define NO "%T NO [AUTHENTICATIONFAILED] no\r\n"
#define BAD_TOKEN "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"

struct asked {
	int n;
	bool is_over; /* no second token is to be had */
};

static int give(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	struct asked *a = ctx;
	a->n++;
	if (a->n == 1) {
		assert_null(refused);
	} else {
		assert_string_equal(refused, "T1");
		if (a->is_over)
			return err_set(e, ERR_AUTH, "sign in again");
	}
	buf_addf(out, "T%d", a->n);
	return 0;
}

static int sign_in(const struct imap_step *steps, size_t n, struct asked *a, struct err *e)
{
	struct imap_script sc;
	*e = ERR_INIT;
	return imap_script_sign_in(&sc, steps, n, give, a, e);
}

static void imap_sign_in__prefers_the_standard__at_once(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR"),
		{"AUTHENTICATE OAUTHBEARER " BEARER_1, "%T OK in\r\n"}, CAPS("IDLE")};
	struct asked a = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), 0);
	assert_int_equal(a.n, 1);
}

static void imap_sign_in__takes_xoauth2__in_two_steps(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=PLAIN AUTH=XOAUTH2"),
		{"AUTHENTICATE XOAUTH2", "+ \r\n"}, {X_1, "%T OK in\r\n"}, CAPS("IDLE")};
	struct asked a = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), 0);
}

static void imap_sign_in__asks_once_more__refused_token(void **state)
{
	static const struct imap_step x[] = {CAPS("AUTH=XOAUTH2 SASL-IR"),
		{"AUTHENTICATE XOAUTH2 " X_1, BAD_TOKEN}, {"", NO},
		{"AUTHENTICATE XOAUTH2 " X_2, "%T OK in\r\n"}, CAPS("IDLE")};
	static const struct imap_step bearer[] = {CAPS("AUTH=OAUTHBEARER"),
		{"AUTHENTICATE OAUTHBEARER", "+\r\n"}, {BEARER_1, BAD_TOKEN}, {"AQ==", NO},
		{"AUTHENTICATE OAUTHBEARER", "+ \r\n"}, {BEARER_2, "%T OK in\r\n"}, CAPS("IDLE")};
	struct asked a = {0}, b = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(x, ARRAY_SIZE(x), &a, &e), 0);
	assert_int_equal(sign_in(bearer, ARRAY_SIZE(bearer), &b, &e), 0);
	assert_int_equal(a.n + b.n, 4);
}

static void imap_sign_in__gives_up__second_refusal(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=XOAUTH2 SASL-IR"),
		{"AUTHENTICATE XOAUTH2 " X_1, NO}, {"AUTHENTICATE XOAUTH2 " X_2, NO}};
	struct asked a = {0}, over = {.is_over = true};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg, "mail.test did not accept the sign-in: sign in again.");
	assert_int_equal(sign_in(steps, 2, &over, &e), -1);
	assert_string_equal(e.msg, "sign in again");
}

static void imap_sign_in__keeps_the_token__server_cannot_look(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=XOAUTH2 SASL-IR"),
		{"AUTHENTICATE XOAUTH2 " X_1, "%T NO [UNAVAILABLE] later\r\n"}};
	struct asked a = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), -1);
	assert_int_not_equal(e.code, ERR_AUTH);
	assert_int_equal(a.n, 1);
}

static void imap_sign_in__says_so__nothing_offered(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=PLAIN")};
	struct asked a = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_int_equal(a.n, 0);
}

static void imap_sign_in__ends__server_that_asks_for_ever(void **state)
{
	static const struct imap_step steps[] = {CAPS("AUTH=XOAUTH2 SASL-IR"),
		{"AUTHENTICATE XOAUTH2 " X_1, "+ \r\n"}, {"", "+ \r\n"}, {"", "+ \r\n"}};
	struct asked a = {0};
	struct err e;
	(void)state;
	assert_int_equal(sign_in(steps, ARRAY_SIZE(steps), &a, &e), -1);
	assert_int_equal(e.code, ERR_PROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_sign_in__prefers_the_standard__at_once),
		cmocka_unit_test(imap_sign_in__takes_xoauth2__in_two_steps),
		cmocka_unit_test(imap_sign_in__asks_once_more__refused_token),
		cmocka_unit_test(imap_sign_in__gives_up__second_refusal),
		cmocka_unit_test(imap_sign_in__keeps_the_token__server_cannot_look),
		cmocka_unit_test(imap_sign_in__says_so__nothing_offered),
		cmocka_unit_test(imap_sign_in__ends__server_that_asks_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
